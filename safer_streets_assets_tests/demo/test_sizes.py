"""Small, odd and protected demos."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msoffcrypto
import pytest

from safer_streets_assets.demo.drops import DemoDropsError, write_demo_drops
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets_tests.demo import recount

SOURCES = set(recount.IDENTITY)


@pytest.mark.parametrize("months", [1, 2, 36])
def test_one_person_is_enough_for_a_file_from_every_source(tmp_path: Path, months: int) -> None:
    manifest = write_demo_drops(tmp_path, people=1, months=months, faults=False)
    assert {path.name for path in tmp_path.iterdir()} == SOURCES
    assert all(truth.loaded for truth in manifest.sources.values())
    assert manifest.funnel["started"] == 1


def test_one_month_still_sends_the_survey_in_every_format(tmp_path: Path) -> None:
    write_demo_drops(tmp_path, people=30, months=1)
    exports = (tmp_path / "ors_attendee_survey").iterdir()
    assert sorted(path.suffix for path in exports) == [".csv", ".sav", ".xlsx"]


def test_any_day_stands_for_its_month(tmp_path: Path) -> None:
    middle = write_demo_drops(tmp_path / "a", people=3, months=2, first_month=date(2020, 2, 29))
    first = write_demo_drops(tmp_path / "b", people=3, months=2, first_month=date(2020, 2, 1))
    assert middle == first


def test_before_the_roll_out_nobody_is_eligible(tmp_path: Path) -> None:
    manifest = write_demo_drops(tmp_path, people=40, months=3, first_month=date(2018, 1, 1))
    assert manifest.funnel["sentenced"] > 0
    assert manifest.funnel["eligible"] == 0


@pytest.mark.parametrize(
    "wrong", [{"people": 0}, {"people": 100_001}, {"months": 0}, {"months": 37}]
)
def test_numbers_out_of_range_are_refused_before_anything_is_written(
    tmp_path: Path, wrong: dict[str, int]
) -> None:
    with pytest.raises(DemoDropsError, match="Ask for between 1 and 100,000 people") as caught:
        write_demo_drops(tmp_path / "out", **wrong)  # type: ignore[arg-type]
    assert isinstance(caught.value, SaferStreetsError)
    assert not (tmp_path / "out").exists()


def test_only_a_passwords_file_makes_a_protected_workbook_and_it_opens(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords.txt"
    plain = write_demo_drops(tmp_path / "a", people=20, months=4)
    sealed = write_demo_drops(tmp_path / "b", people=20, months=4, passwords_file=passwords)
    assert plain.passwords == {}
    ((path, password),) = sealed.passwords.items()
    assert passwords.read_text().splitlines() == [password]
    assert plain.sources == sealed.sources
    with (tmp_path / "b" / path).open("rb") as file, (tmp_path / "opened").open("wb") as opened:
        office = msoffcrypto.OfficeFile(file)
        assert office.is_encrypted()
        office.load_key(password=password)
        office.decrypt(opened)
    assert (tmp_path / "opened").read_bytes() == (tmp_path / "a" / path).read_bytes()
    stamps = [(tmp_path / folder / path).stat().st_mtime for folder in "ab"]
    assert stamps[0] == stamps[1]


def test_no_unfinished_file_is_left_behind(tmp_path: Path) -> None:
    write_demo_drops(tmp_path, people=2, months=2)
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]
