"""An answer in the data folder is sealed, known to the register, and erased by its key."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safer_streets_assets.retention import enforce
from safer_streets_assets.retention.enforcement.rotating import rotate
from safer_streets_assets.retention.erasure import on_request
from safer_streets_assets.retention.erasure.on_request import erase_on_request, finish_on_request
from safer_streets_assets.retention.erasure.planning import plan_person
from safer_streets_assets.retention.holdings import bundles
from safer_streets_assets.retention.holdings.key_states import FITS, key_states
from safer_streets_assets.retention.holdings.register import read_register
from safer_streets_assets.retention.holdings.strays import UNDECLARED, Stray, find_strays
from safer_streets_assets.rights import bundle
from safer_streets_assets.stores import DataFolder, KeyMissingError, Keys
from safer_streets_assets.stores.sealed import unseal
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.privacy.traces import found_in, traces, word
from safer_streets_assets_tests.rights.conftest import SOMEBODY, THEIRS, Command, Said

POLICY = shipped_policy()


def files_unexplained(folder: DataFolder) -> list[Stray]:
    """The files that no holding explains: a table of the folder is one that no stage declares."""
    return [one for one in find_strays(folder, POLICY) if one.kind != UNDECLARED]


def answered(command: Command, folder: DataFolder, crn: str = THEIRS) -> str:
    """The id of a request whose answer lies sealed in the data folder."""
    before = set(bundles.bundle_keys(folder))
    said = command(folder, "subject-access", "--received", "2024-01-31", given=f"{crn}\n")
    assert said.code == 0, said.text
    assert found_in(said.text.encode()) == set()
    (key,) = bundles.bundle_keys(folder) - before
    return key.removeprefix("bundle-")


def opened(command: Command, folder: DataFolder, request: str, out: Path) -> Said:
    return command(folder, "subject-access", "--open", request, "--out", out)


def line_of(folder: DataFolder, on: datetime | None = None) -> object:
    today = (on or datetime.now(UTC)).date()
    (line,) = [
        one for one in read_register(folder, POLICY, today) if one.holding.startswith("bundles/")
    ]
    return line


def test_nothing_of_an_answer_in_the_data_folder_can_be_read_without_its_key(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    request = answered(command, filled)
    (place,) = filled.bundles.iterdir()
    sealed = {f"{name}{bundles.SEALED}" for name in (bundle.WORKBOOK, bundle.JSON_FILE)}
    assert {path.name for path in place.iterdir()} == {*sealed, bundles.MARKER}
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o600}
    assert traces(filled.root) == {}
    said = opened(command, filled, request, tmp_path / "out")
    assert said.code == 0, said.text
    assert found_in(said.text.encode()) == set()
    assert "erase it as soon as it is sent" in said.text
    (written,) = (tmp_path / "out").iterdir()
    answer = json.loads((written / bundle.JSON_FILE).read_bytes())
    assert (answer["request"], answer["crn"]) == (request, THEIRS)
    assert {"person", "aside"} <= traces(written)[str(written / bundle.WORKBOOK)]
    assert traces(filled.root) == {}
    Keys(filled.keys).destroy(bundles.bundle_key(place.name))
    assert opened(command, filled, request, tmp_path / "again").code == 1
    assert not (tmp_path / "again").exists()


def test_the_person_at_the_terminal_is_told_how_to_open_it(
    filled: DataFolder, command: Command
) -> None:
    said = command(filled, "subject-access", given=f"{THEIRS}\n")
    (key,) = bundles.bundle_keys(filled)
    assert f"--open {key.removeprefix('bundle-')} --out DIR" in said.text
    assert Keys(filled.keys).read(key) not in said.text


@pytest.mark.parametrize("words", [("--open", THEIRS), ("--open", "dr-none", "--out", "here")])
def test_what_was_never_sealed_is_not_opened_and_not_repeated(
    filled: DataFolder,
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    said = command(filled, "subject-access", *words)
    assert said.code == 1
    assert found_in(said.text.encode()) == set()
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("at", ["seal", "write_whole"])
def test_an_answer_that_cannot_be_sealed_whole_leaves_neither_file_nor_key(
    filled: DataFolder, command: Command, at: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, f"{word('full')} {THEIRS}")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bundle, at, full)
        said = command(filled, "subject-access", given=THEIRS)
    assert said.code == 1
    assert "make room" in said.text
    assert found_in(said.text.encode()) == set()
    assert list(filled.bundles.iterdir()) == []
    assert bundles.bundle_keys(filled) == set()
    assert traces(filled.root) == {}


@pytest.mark.thorough
def test_an_answer_killed_before_its_key_was_written_is_made_anew(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    request = answered(command, filled)
    Keys(filled.keys).destroy(f"bundle-{request}")
    assert command(filled, "subject-access", "--request", request, given=THEIRS).code == 0
    assert opened(command, filled, request, tmp_path / "out").code == 0


def test_an_answer_that_is_there_is_never_replaced(filled: DataFolder, command: Command) -> None:
    request = answered(command, filled)
    before = {path: path.read_bytes() for path in filled.bundles.rglob("*.sealed")}
    said = command(filled, "subject-access", "--request", request, given=THEIRS)
    assert said.code == 1
    assert {path: path.read_bytes() for path in filled.bundles.rglob("*.sealed")} == before


@pytest.mark.thorough
def test_a_bundle_is_one_holding_until_its_key_and_files_are_erased(
    filled: DataFolder, command: Command
) -> None:
    request = answered(command, filled)
    line = line_of(filled)
    assert (line.files, line.clock.rule) == (4, "bundles")  # type: ignore[attr-defined]
    assert files_unexplained(filled) == []
    due = line.clock.due_on  # type: ignore[attr-defined]
    old = Keys(filled.keys).read(f"bundle-{request}")
    sealed = next(filled.bundles.rglob("*.json.sealed"))
    kept = sealed.rename(sealed.with_name("kept"))
    kept.rename(filled.root.with_name("kept"))
    written = enforce(filled, POLICY, due, datetime.now(UTC).replace(tzinfo=None))
    (certificate,) = [one for one in written if one.store == "bundles"]
    assert certificate.verification.startswith("verified: its keys and files are gone")
    assert list(filled.bundles.iterdir()) == []
    assert bundles.bundle_keys(filled) == set()
    assert not any(old in path.read_text() for path in filled.keys.glob("*.key"))
    with pytest.raises(KeyMissingError):
        unseal(filled.root.with_name("kept"), Keys(filled.keys).read(f"bundle-{request}"))


@pytest.mark.thorough
def test_a_key_whose_bundle_somebody_removed_is_known_and_erased(
    filled: DataFolder, command: Command
) -> None:
    answered(command, filled)
    held = line_of(filled)
    (place,) = filled.bundles.iterdir()
    for path in place.iterdir():
        path.unlink()
    place.rmdir()
    line = line_of(filled)
    assert line.holding == held.holding  # type: ignore[attr-defined]
    assert (line.files, line.clock.due_on is None) == (1, False)  # type: ignore[attr-defined]
    assert files_unexplained(filled) == []
    enforce(filled, POLICY, line.clock.due_on, datetime(2030, 1, 1))  # type: ignore[attr-defined]
    assert bundles.bundle_keys(filled) == set()


@pytest.mark.thorough
def test_a_rotation_seals_it_under_a_new_key_and_does_not_put_off_its_day(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    request = answered(command, filled)
    marker = next(filled.bundles.rglob(bundles.MARKER))
    earlier = datetime.now(UTC) - timedelta(days=9)
    marker.write_text(json.dumps({"request": request, "written_at": earlier.isoformat()}))
    before, due = Keys(filled.keys).read(f"bundle-{request}"), line_of(filled)
    done = rotate(filled, POLICY, datetime.now(UTC).replace(tzinfo=None), part="bundles")
    assert done == {"bundles": 2}
    assert Keys(filled.keys).read(f"bundle-{request}") != before
    assert line_of(filled).clock == due.clock  # type: ignore[attr-defined]
    assert due.clock.triggered_on <= (earlier + timedelta(days=1)).date()  # type: ignore[attr-defined]
    assert [k.state for k in key_states(filled) if k.name == f"bundle-{request}"] == [FITS]
    assert opened(command, filled, request, tmp_path / "out").code == 0


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.thorough
def test_a_bundle_of_whoever_is_erased_goes_with_them_and_others_stay(
    filled: DataFolder, command: Command
) -> None:
    answered(command, filled)
    others = answered(command, filled, SOMEBODY)
    damaged = bundles.place_of_bundle(filled, "dr-damaged")
    damaged.mkdir()
    (damaged / f"x{bundles.SEALED}").write_bytes(b"damaged")
    Keys(filled.keys).create(bundles.bundle_key(damaged.name))
    now = datetime(2021, 2, 1, 12)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(on_request, "_erase_rows", interrupted)
        with pytest.raises(KeyboardInterrupt):
            erase_on_request(filled, POLICY, plan_person(filled, POLICY, THEIRS), now, now.date())
    assert len(finish_on_request(filled, POLICY, now)) == 1
    left = [path.name for path in filled.bundles.iterdir()]
    assert left == [f"{bundles.FOLDER}{others}"]
    assert bundles.bundle_keys(filled) == {f"bundle-{others}"}
