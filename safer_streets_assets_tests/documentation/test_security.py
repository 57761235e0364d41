"""The threat model names tests that there are; the bill of materials names every package."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from safer_streets_assets_tests.e2e.commands import REPOSITORY

PAGE = REPOSITORY / "docs" / "security.md"
TESTS = REPOSITORY / "safer_streets_assets_tests"
NAMED = re.findall(r"`([\w/]+\.py)(?:::(test_\w+))?`", PAGE.read_text(encoding="utf-8"))


def test_every_line_of_the_threat_model_names_a_test() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    threats = [line for line in lines if not line.startswith(("| ---", "| threat"))]
    assert len(threats) > 10
    assert all(".py" in line.split(" | ")[-1] for line in threats)


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_test_that_the_threat_model_names_is_there(file: str, test: str) -> None:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert any(name.startswith("test_") for name in tests)
    assert not test or test in tests


@pytest.mark.thorough
def test_every_package_of_the_lock_is_in_the_bill_of_materials_with_its_hashes(
    tmp_path: Path,
) -> None:
    lock, bill = REPOSITORY / "requirements.lock", tmp_path / "bill.json"
    program = Path(sys.executable).parent / "cyclonedx-py"
    subprocess.run(
        [program, "requirements", "--output-reproducible", "--of", "JSON", "-o", bill, lock],
        check=True,
    )
    found = {
        (one["name"].lower(), one["version"]): {
            own["content"] for place in one["externalReferences"] for own in place["hashes"]
        }
        for one in json.loads(bill.read_text(encoding="utf-8"))["components"]
    }
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    pinned = re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)(.*)$", text, re.MULTILINE)
    assert len(pinned) > 50
    for name, version, rest in pinned:
        assert found[name.lower(), version] == set(re.findall(r"sha256:([0-9a-f]{64})", rest)), name
