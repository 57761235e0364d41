"""Names and places: any file name, any folder, and what is no file at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safer_streets_assets.intake.landing import look_at_landing
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import MPS, NPS, data_folder
from safer_streets_assets_tests.intake.any_file.cases import Case, Group
from safer_streets_assets_tests.intake.any_file.outcome import (
    Outcome,
    assert_ends_as_it_should,
    assert_nothing_is_seen_outside,
    assert_seen_in_the_store_alone,
    save,
    taken,
)
from safer_streets_assets_tests.privacy.traces import word

GROUP = Group()
NAME = word("filename").encode()

for _title, _name in {
    "a newline": b"\n" + NAME + b"\r\n.csv",
    "quotation marks": b"\"'`" + NAME + b"'; DROP TABLE x; --.csv",
    "bytes that are no UTF-8": NAME + b"\xff\xfe\x80.csv",
    "255 bytes": NAME.ljust(255, b"x"),
    "a right-to-left override": NAME + "\u202evsc.exe".encode(),
    "a leading dash": b"-rf " + NAME,
    "a percent sign and braces": NAME + b"%s%n{0}${HOME}.csv",
    "an emoji": NAME + "🗡.csv".encode(),
    "blanks at its ends": b" " + NAME + b" ",
    "a person in it": NAME + b" Darnell FENWICK A100001.csv",
}.items():
    GROUP.add(f"a name with {_title}", lambda p: p.csv(), file_name=_name)
    GROUP.add(
        f"quarantined under a name with {_title}",
        lambda p: p.csv()[: p.csv().index(b"\r\n")] + b"\r\n" + b" \r\n" * (p.number + 1),
        "F-EMPTY",
        file_name=_name + b"2" if len(_name) < 255 else b"2" + _name[1:],
    )
for _title, _folder, _code in (
    ("in a folder of a folder", f"{NPS}/2020/{word('folder')}", None),
    ("in a source that is not agreed", MPS, "D-NOT-AGREED"),
    ("in a folder that nobody knows", "misc", "D-UNKNOWN-SOURCE"),
    ("in a folder named after a person", f"RE {word('folder')}", "D-UNKNOWN-SOURCE"),
    ("in the folder of a source in capitals", NPS.upper(), "D-UNKNOWN-SOURCE"),
    ("loose in the landing folder", ".", "D-UNKNOWN-SOURCE"),
):
    GROUP.add(_title, lambda p: p.csv(), _code, folder=_folder)

UNFINISHED = (
    "~$x.xlsx",
    "x.part",
    "x.TMP",
    "x.crdownload",
    ".x.csv",
    ".~lock.x.ods#",
    "x.filepart",
)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    root = tmp_path_factory.mktemp("places")
    folder = data_folder(root / "data")
    drops = {
        case.title: save(folder, case.place, case.name, case.make(case.people))
        for case in GROUP.cases
    }
    no_files(folder, root)
    return taken(folder, drops, root)


def no_files(folder: DataFolder, root: Path) -> None:
    """What is left where it lies: unfinished copies, links, a pipe, folders without a file."""
    outside = root / "outside.csv"
    outside.write_text(f"CRN\r\n{word('linked')}\r\n")
    base = folder.landing / NPS
    for name in UNFINISHED:
        (base / f"{name}").write_text(word("unfinished"))
    (base / "link.csv").symlink_to(outside)
    (base / "broken link.csv").symlink_to(root / "nothing")
    (folder.landing / "linked folder").symlink_to(root)
    os.mkfifo(base / "pipe.csv")
    (base / f"empty {word('folder')}").mkdir()
    (base / "folder.csv").mkdir()


@pytest.mark.parametrize("case", GROUP.cases, ids=str)
def test_it_ends_as_it_should(case: Case, outcome: Outcome) -> None:
    assert_ends_as_it_should(case, outcome)


@pytest.mark.parametrize("case", GROUP.cases, ids=str)
def test_it_is_seen_in_the_restricted_store_alone(case: Case, outcome: Outcome) -> None:
    assert_seen_in_the_store_alone(case, outcome)


def test_nothing_of_any_of_them_is_seen_outside(outcome: Outcome) -> None:
    assert_nothing_is_seen_outside(outcome)
    assert not {"linked", "unfinished"} & outcome.inside


def test_what_is_no_file_stays_and_is_counted(outcome: Outcome) -> None:
    no_file = {f"{NPS}/link.csv", f"{NPS}/broken link.csv", f"{NPS}/pipe.csv", "linked folder"}
    assert outcome.left == no_file | {f"{NPS}/{name}" for name in UNFINISHED}
    assert look_at_landing(outcome.folder).not_files == len(no_file)
    base = outcome.folder.landing / NPS
    assert (base / "folder.csv").is_dir()
    assert (base / "link.csv").resolve().exists(), "what a link points to is not touched"


def test_nothing_else_is_on_the_ledger(outcome: Outcome) -> None:
    assert set(outcome.ledger) == set(outcome.drops.values())
