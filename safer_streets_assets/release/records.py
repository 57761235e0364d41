"""The descriptions of a release that machines read: release.json and datapackage.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.briefing import names as briefing
from safer_streets_assets.release.charts.chart import Chart
from safer_streets_assets.release.charts.files import FOLDER, MEDIA_TYPES, forms
from safer_streets_assets.release.checksums import QUOTES, file_sha256
from safer_streets_assets.release.columns import Column
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.csv_files import CSVW_TYPES, csv_columns, described
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.invented import COLUMN as INVENTED_COLUMN
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.licence import LICENCE
from safer_streets_assets.release.quotes import COLUMNS
from safer_streets_assets.release.report import REPORT
from safer_streets_assets.release.workbook.names import WorkbookNames

CSV_DIALECT = {"lineTerminator": "\r\n", "delimiter": ",", "quoteChar": '"', "header": True}


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """A mapping as indented JSON in UTF-8 with a last line end."""
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def release_record(
    policy: Policy,
    identity: Identity,
    tables: Sequence[ReleaseTable],
    structure: Mapping[str, Any],
) -> dict[str, Any]:
    """What release.json says: identity, hashes, threshold, tables, drops, structure.

    `previous` is the release that was made before, so that one that is missing is seen. Where that
    is not the one that readers had, `follows` is that one, and `never_readable` are those of which
    no reader has the files.
    """
    return {
        "id": identity.release_id,
        "number": identity.number,
        "made_at": f"{identity.made_at.isoformat()}Z",
        "code_version": identity.code_version,
        "policy_hash": identity.policy_hash,
        "content_hash": identity.content_hash,
        "previous": identity.made_after,
        **before_readers(identity),
        "threshold": policy.dpia.thresholds.minimum_count,
        "invented": identity.invented,
        "drop_ids": list(identity.drop_ids),
        "tables": [
            {
                "name": table.name,
                "rows": len(table.rows),
                "cells": table.cells,
                "suppressed": table.suppressed,
                "verdict": table.verdict,
                "notes": table.notes,
            }
            for table in tables
        ],
        "structure": structure,
    }


def before_readers(identity: Identity) -> dict[str, Any]:
    """What release.json says where the release made before is not the one that readers had."""
    if identity.previous == identity.made_after:
        return {}
    return {"follows": identity.previous, "never_readable": list(identity.never_readable)}


def about_tables(policy: Policy) -> str:
    """What a release is, in a sentence."""
    name = policy.dpia.evaluation.name
    return f"Tables of the evaluation of {name}, protected so that nobody is identified."


def data_package(
    policy: Policy,
    identity: Identity,
    tables: Sequence[ReleaseTable],
    charts: Sequence[Chart],
    folder: Path,
    quotes: int,
) -> dict[str, Any]:
    """A Data Package descriptor (version 1, https://specs.frictionlessdata.io/data-package/) of the
    files in a release folder."""
    evaluation, workbook = policy.dpia.evaluation, WorkbookNames.of(policy)
    maker = f"{evaluation.data_controller}, {evaluation.unit}"
    about = about_tables(policy)
    return {
        "profile": "data-package",
        "name": identity.release_id,
        "id": identity.release_id,
        "title": f"{evaluation.name}: published tables",
        "description": f"{INVENTED} {about}" if identity.invented else about,
        "version": f"{identity.number}.0.0",
        "created": f"{identity.made_at.isoformat()}Z",
        "licenses": [LICENCE],
        "contributors": [{"title": maker, "role": "author"}],
        "resources": [
            *(_csv_resource(table, folder) for table in tables),
            *(_parquet_resource(table, folder) for table in tables),
            *(_chart_resource(chart, form, folder) for chart in charts for form in forms(chart)),
            *_documents(workbook.titles, workbook.media_types, folder),
            *_documents(briefing.TITLES, briefing.MEDIA_TYPES, folder),
            *([_quotes_resource(identity, folder)] if quotes else []),
            _report_resource(policy, folder),
        ],
    }


def _csv_resource(table: ReleaseTable, folder: Path) -> dict[str, Any]:
    return {
        **_file(table, folder, "csv", "text/csv"),
        "name": table.name,
        "profile": "tabular-data-resource",
        "type": "table",
        "encoding": "utf-8",
        "dialect": CSV_DIALECT,
        "schema": _schema(table, csv_columns(table)),
    }


def _parquet_resource(table: ReleaseTable, folder: Path) -> dict[str, Any]:
    kind = "application/vnd.apache.parquet"
    columns = [*table.columns, INVENTED_COLUMN] if table.invented else list(table.columns)
    return {
        **_file(table, folder, "parquet", kind),
        "name": f"{table.name}-parquet",
        "profile": "data-resource",  # that of tabular resources is for CSV alone
        "type": "table",
        "schema": _schema(table, columns),
    }


def _chart_resource(chart: Chart, form: str, folder: Path) -> dict[str, Any]:
    path = f"{FOLDER}/{chart.name}.{form}"
    return {
        "path": path,
        "title": chart.title,
        "description": chart.words,
        "format": form,
        "mediatype": MEDIA_TYPES[form],
        **_bytes_of(folder / path),
        "name": f"{chart.name}-chart-{form}".replace("_", "-"),
        "profile": "data-resource",
    }


def _documents(
    titles: Mapping[str, str], media_types: Mapping[str, str], folder: Path
) -> Iterator[dict[str, Any]]:
    """The files of the workbook, or of the briefing, by their names."""
    for name, title in titles.items():
        stem, form = name.split(".")
        yield {
            "path": name,
            "title": title,
            "format": form,
            "mediatype": media_types[name],
            **_bytes_of(folder / name),
            "name": f"{stem}-{form}".replace("_", "-"),
            "profile": "data-resource",
        }


def _quotes_resource(identity: Identity, folder: Path) -> dict[str, Any]:
    fields = [
        {"name": n, "type": "string", "description": says, "constraints": {"required": True}}
        for n, says in COLUMNS.items()
    ]
    return {
        "path": QUOTES,
        "title": "Quotes",
        "description": "What people wrote in their own words, with their consent",
        "format": "csv",
        "mediatype": "text/csv",
        **_bytes_of(folder / QUOTES),
        "name": "quotes",
        "profile": "tabular-data-resource",
        "type": "table",
        "encoding": "utf-8",
        "dialect": CSV_DIALECT,
        "schema": {
            "fields": [*fields, *([_field(INVENTED_COLUMN)] if identity.invented else [])],
            "missingValues": [""],
        },
    }


def _report_resource(policy: Policy, folder: Path) -> dict[str, Any]:
    return {
        "path": REPORT,
        "title": f"{policy.dpia.evaluation.name}: report",
        "description": "The printed tables in sentences, pictures and tables, as one page",
        "format": "html",
        "mediatype": MEDIA_TYPES["html"],
        **_bytes_of(folder / REPORT),
        "name": "report",
        "profile": "data-resource",
    }


def _bytes_of(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "hash": f"sha256:{file_sha256(path)}"}


def _file(table: ReleaseTable, folder: Path, form: str, kind: str) -> dict[str, Any]:
    path = f"{form}/{table.name}.{form}"
    return {
        "path": path,
        "title": table.spec.title,
        "description": f"{table.population}. {table.notes}".strip(),
        "format": form,
        "mediatype": kind,
        **_bytes_of(folder / path),
    }


def _schema(table: ReleaseTable, columns: Sequence[Column]) -> dict[str, Any]:
    return {
        "fields": [_field(column) for column in columns],
        "primaryKey": table.dimensions,
        "missingValues": [""],
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": CSVW_TYPES[column.type],
        "description": described(column),
    }
    if column.role in ("dimension", "label", "remark"):
        field["constraints"] = {"required": True}
    return field
