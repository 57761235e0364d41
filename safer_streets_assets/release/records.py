"""The descriptions of a release that machines read: release.json and datapackage.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.charts.chart import Chart
from safer_streets_assets.release.charts.files import FOLDER, MEDIA_TYPES, forms
from safer_streets_assets.release.checksums import file_sha256
from safer_streets_assets.release.columns import Column
from safer_streets_assets.release.content import PrintedTable
from safer_streets_assets.release.csv_files import CSVW_TYPES, described
from safer_streets_assets.release.database import Identity

PACKAGE_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """A mapping as indented JSON in UTF-8 with a last line end."""
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def release_record(
    policy: Policy,
    identity: Identity,
    tables: Sequence[PrintedTable],
    structure: Mapping[str, Any],
) -> dict[str, Any]:
    """What release.json says: identity, hashes, threshold, tables, drops, structure."""
    return {
        "id": identity.release_id,
        "number": identity.number,
        "made_at": f"{identity.made_at.isoformat()}Z",
        "code_version": identity.code_version,
        "policy_hash": identity.policy_hash,
        "content_hash": identity.content_hash,
        "previous": identity.previous,
        "threshold": policy.dpia.thresholds.minimum_count,
        "drop_ids": list(identity.drop_ids),
        "tables": [
            {
                "name": table.name,
                "rows": len(table.rows),
                "cells": table.summary.cells,
                "suppressed_primary": table.summary.suppressed_primary,
                "suppressed_secondary": table.summary.suppressed_secondary,
                "verdict": table.summary.verdict,
                "notes": table.notes,
            }
            for table in tables
        ],
        "structure": structure,
    }


def data_package(
    policy: Policy,
    identity: Identity,
    tables: Sequence[PrintedTable],
    charts: Sequence[Chart],
    folder: Path,
) -> dict[str, Any]:
    """A Data Package descriptor (https://datapackage.org) of the files in a release folder."""
    evaluation = policy.dpia.evaluation
    return {
        "$schema": PACKAGE_PROFILE,
        "name": identity.release_id,
        "id": identity.release_id,
        "title": f"{evaluation.name}: published tables",
        "version": f"{identity.number}.0.0",
        "created": f"{identity.made_at.isoformat()}Z",
        "contributors": [
            {
                "title": f"{evaluation.data_controller}, {evaluation.unit}",
                "roles": ["creator"],
            }
        ],
        "resources": [
            *(_csv_resource(table, folder) for table in tables),
            *(_parquet_resource(table, folder) for table in tables),
            *(_chart_resource(chart, form, folder) for chart in charts for form in forms(chart)),
        ],
    }


def _csv_resource(table: PrintedTable, folder: Path) -> dict[str, Any]:
    return {
        **_file(table, folder, "csv", "text/csv"),
        "name": table.name,
        "type": "table",
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\r\n", "header": True},
        "schema": {
            "fields": [_field(column) for column in table.columns],
            "primaryKey": table.dimensions,
            "missingValues": [""],
        },
    }


def _parquet_resource(table: PrintedTable, folder: Path) -> dict[str, Any]:
    kind = "application/vnd.apache.parquet"
    return {**_file(table, folder, "parquet", kind), "name": f"{table.name}-parquet"}


def _chart_resource(chart: Chart, form: str, folder: Path) -> dict[str, Any]:
    path = f"{FOLDER}/{chart.name}.{form}"
    return {
        "path": path,
        "title": chart.title,
        "description": chart.alt,
        "format": form,
        "mediatype": MEDIA_TYPES[form],
        **_bytes_of(folder / path),
        "name": f"{chart.name}-chart-{form}".replace("_", "-"),
    }


def _bytes_of(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "hash": f"sha256:{file_sha256(path)}"}


def _file(table: PrintedTable, folder: Path, form: str, kind: str) -> dict[str, Any]:
    path = f"{form}/{table.name}.{form}"
    return {
        "path": path,
        "title": table.spec.title,
        "description": f"{table.spec.population}. {table.notes}".strip(),
        "format": form,
        "mediatype": kind,
        **_bytes_of(folder / path),
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": CSVW_TYPES[column.type],
        "description": described(column),
    }
    if column.role == "dimension":
        field["constraints"] = {"required": True}
    return field
