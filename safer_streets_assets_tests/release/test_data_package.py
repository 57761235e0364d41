"""datapackage.json against the rules of Data Package version 1, and against the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.release.csv_files import read_csv
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import content, publish

FIELD = {
    "type": "object",
    "required": ["name", "type"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "type": {"enum": ["string", "integer", "number", "boolean"]},
        "description": {"type": "string"},
        "constraints": {"type": "object", "properties": {"required": {"type": "boolean"}}},
    },
}
RESOURCE = {
    "type": "object",
    "required": ["name", "path", "profile", "format", "mediatype", "bytes", "hash"],
    "properties": {
        "name": {"type": "string", "pattern": "^([-a-z0-9._/])+$"},
        "path": {"type": "string", "pattern": r"^(?=^[^./~])(^((?!\.{2}).)*$).*$"},
        "profile": {"enum": ["tabular-data-resource", "data-resource"]},
        "mediatype": {"type": "string", "pattern": "^(.+)/(.+)$"},
        "encoding": {"type": "string"},
        "bytes": {"type": "integer"},
        "hash": {"type": "string", "pattern": "^([^:]+:[a-fA-F0-9]+|[a-fA-F0-9]{32}|)$"},
        "schema": {
            "type": "object",
            "required": ["fields"],
            "properties": {
                "fields": {"type": "array", "minItems": 1, "items": FIELD},
                "primaryKey": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                "missingValues": {"type": "array", "items": {"type": "string"}},
            },
        },
        "dialect": {
            "type": "object",
            "properties": {
                "delimiter": {"type": "string"},
                "lineTerminator": {"type": "string"},
                "quoteChar": {"type": "string", "minLength": 1, "maxLength": 1},
                "header": {"type": "boolean"},
            },
        },
    },
    "allOf": [
        {
            "if": {"properties": {"profile": {"const": "tabular-data-resource"}}},
            "then": {"required": ["schema"]},
        }
    ],
}
PACKAGE = {
    "type": "object",
    "required": ["profile", "name", "title", "licenses", "resources"],
    "properties": {
        "profile": {"const": "data-package"},
        "name": {"type": "string", "pattern": "^([-a-z0-9._/])+$"},
        "id": {"type": "string", "minLength": 1},
        "created": {"type": "string", "format": "date-time"},
        "licenses": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "anyOf": [{"required": ["name"]}, {"required": ["path"]}],
                "properties": {
                    "name": {"type": "string", "pattern": "^([-a-zA-Z0-9._])+$"},
                    "path": {"type": "string", "pattern": "^https://"},
                    "title": {"type": "string"},
                },
            },
        },
        "contributors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["title"],
                "properties": {
                    "role": {
                        "enum": ["publisher", "author", "contributor", "maintainer", "wrangler"]
                    }
                },
            },
        },
        "resources": {"type": "array", "minItems": 1, "items": RESOURCE},
    },
}
"""The rules of https://specs.frictionlessdata.io/schemas/data-package.json that concern what is
written, and no looser ones."""
TYPES = {"VARCHAR": "string", "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean"}


@pytest.fixture(scope="module", params=[False, True], ids=["real", "invented"])
def released(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = content(builders.tables(gate_open=True), invented=request.param)
    return publish(builders.data_folder(tmp_path_factory.mktemp("package")), given).path


@pytest.fixture(scope="module")
def package(released: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((released / "datapackage.json").read_text())
    return found


def test_the_descriptor_keeps_the_rules_of_version_1(package: dict[str, Any]) -> None:
    import jsonschema  # its own imports take a second, which every test process would wait

    checker = jsonschema.Draft202012Validator(PACKAGE)
    assert [error.message for error in checker.iter_errors(package)] == []
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names)


def test_the_licence_is_the_open_government_licence(package: dict[str, Any]) -> None:
    (licence,) = package["licenses"]
    assert licence["name"] == "OGL-UK-3.0"
    assert licence["title"] == "Open Government Licence v3.0"


def test_every_csv_and_parquet_has_the_fields_that_its_schema_states_in_their_order(
    released: Path, package: dict[str, Any]
) -> None:
    kinds = {"csv": 0, "parquet": 0}
    for resource in package["resources"]:
        if resource["format"] not in kinds:
            continue
        kinds[resource["format"]] += 1
        fields = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        assert set(resource["schema"]["primaryKey"]) <= set(fields)
        path = released / resource["path"]
        if resource["format"] == "csv":
            assert list(fields) == read_csv(path.read_bytes())[0]
            continue
        with duckdb.connect() as connection:
            columns = connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
        assert fields == {name: TYPES[kind] for name, kind, *_ in columns}
    assert kinds["csv"] == kinds["parquet"] == len(builders.tables())


def test_values_of_a_csv_are_of_the_types_and_constraints_stated(
    released: Path, package: dict[str, Any]
) -> None:
    reads = {"string": str, "integer": int, "number": float, "boolean": {"true": 1, "false": 0}.get}
    for resource in package["resources"]:
        if resource["format"] != "csv":
            continue
        header, rows = read_csv((released / resource["path"]).read_bytes())
        for field in resource["schema"]["fields"]:
            values = [row[header.index(field["name"])] for row in rows]
            if field.get("constraints", {}).get("required"):
                assert "" not in values
            assert all(reads[field["type"]](value) is not None for value in values if value)
