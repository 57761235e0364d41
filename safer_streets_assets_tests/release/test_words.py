"""The words of a release: what is measured is a change, and no text calls it an impact."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from zipfile import ZipFile

import pytest

from safer_streets_assets.documentation.reference import tables_page
from safer_streets_assets.release import Published
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content, publish

GATES_OF_CHANGE = ("impact", "reoffending")
"""The gates of what might be taken for an impact."""
IDEAS = ("not an impact", "no comparison group")
OF_CHANGE = ("regression to the mean", "attrition")
ASSUMPTIONS = {
    "attitude_change": (*OF_CHANGE, "mean of the changes is about normal", "symmetrically"),
    "reliable_change": (*OF_CHANGE, "same error", "alpha"),
    "attitude_movement": ("regression to the mean", "error of measurement"),
    "reliable_change_threshold": ("before rounding",),
    "attitude_reliability": ("lower bound of reliability",),
    "attitude_attrition": (
        *OF_CHANGE,
        "both means are about normal",
        "expected counts of at least 5",
    ),
    "reoffending": ("followed for less do not differ", "did not complete are not in it"),
}
GATE = re.compile(
    r"""(?<=[`"',:])impact(?=[`"',:])|\| impact (?=\|)|^impact(?=,)|impact(?= = Attitude change)""",
    flags=re.MULTILINE,
)
"""The gate's own name, where it stands as a value."""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A release of every table of the policy: with rows where there are builders, else empty."""
    frames = {
        name: builders.table(
            name, [], {column: [] for column in (*spec.counts, *spec.constants, *spec.statistics)}
        )
        for name, spec in POLICY.tables.tables.items()
    }
    folder = builders.data_folder(tmp_path_factory.mktemp("words"))
    return publish(folder, content(frames | builders.tables(gate_open=True)))


def cells_of(path: Path) -> dict[str, str]:
    """What each XML file in a workbook, a document or slides says, one text a line."""
    with ZipFile(path) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist() if name.endswith(".xml")}
    return {
        f"{name} of {path.name}": "\n".join(ET.fromstring(content).itertext())
        for name, content in members.items()
    }


def texts(released: Published) -> dict[str, str]:
    """What each text file of the release, its workbooks, documents and slides, its database and the
    page of the tables say; what a picture says is in its SVG."""
    found = {"tables.md": tables_page(POLICY)}
    for path in sorted(released.path.rglob("*")):
        if path.suffix in (".xlsx", ".ods", ".docx", ".odt", ".pptx"):
            found |= cells_of(path)
        elif path.is_file() and path.suffix not in (".duckdb", ".parquet", ".png"):
            found[path.name] = path.read_text(encoding="utf-8")
    rows = builders.database_contents(Path(released.path) / "published.duckdb")
    found |= {f"{name} of the database": repr(said) for name, said in rows.items()}
    return found


def test_no_text_calls_a_change_an_impact(released: Published) -> None:
    said = texts(released)
    assert any("not an impact" in text for text in said.values())
    for name, text in said.items():
        rest = re.sub(r"not an\s+impact", "", GATE.sub("", text), flags=re.IGNORECASE)
        found = re.search(r".{0,40}impact.{0,40}", rest, flags=re.IGNORECASE)
        assert found is None, (name, found)


@pytest.mark.parametrize(
    "table", [n for n, t in POLICY.tables.tables.items() if t.gate in GATES_OF_CHANGE]
)
def test_every_table_of_change_says_what_it_is_not_and_what_it_assumes(table: str) -> None:
    notes = POLICY.tables.tables[table].notes.lower()
    for words in (*IDEAS, *ASSUMPTIONS[table]):
        assert words in notes, words
