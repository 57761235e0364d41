"""make audit: which advisories apply to what is pinned, and when nothing can be judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from safer_streets_assets_tests.e2e.commands import REPOSITORY
from scripts import audit

NO_RANGE: dict[str, Any] = {}


def ranged(*events: dict[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    return {"ranges": [{"type": kind, "events": list(events)}]}


def advisory(affected: dict[str, Any], *, name: str = "kettle", **more: Any) -> dict[str, Any]:
    package = {"name": name, "ecosystem": "PyPI"}
    return {
        "id": "PYSEC-2026-1",
        "aliases": ["GHSA-aaaa-bbbb-cccc", "CVE-2026-1"],
        "modified": "2026-03-02T10:00:00Z",
        "affected": [{"package": package, **affected}],
        **more,
    }


def folder_of(place: Path, *records: dict[str, Any]) -> Path:
    for number, record in enumerate(records):
        file = place / "advisories" / "vulns" / f"{number}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(record), encoding="utf-8")
    return place / "advisories"


def lock_of(place: Path, *pins: str) -> Path:
    lock = place / "some.lock"
    hashed = [f"{pin} \\\n    --hash=sha256:{'0' * 64}\n" for pin in pins]
    lock.write_text("# made by a tool\n" + "".join(hashed), encoding="utf-8")
    return lock


def applies(version: str, affected: dict[str, Any], **more: Any) -> bool:
    found = audit.findings([advisory(affected, **more)], {"kettle": {version}})
    return [(one.version, one.unclear) for one in found] == [(version, "")]


FIXED = ranged({"introduced": "1.2"}, {"fixed": "1.10"})
LAST = ranged({"introduced": "0"}, {"last_affected": "2.0"})
TWICE = ranged({"introduced": "3"}, {"fixed": "3.4"}, {"introduced": "0"}, {"fixed": "2.9"})


@pytest.mark.parametrize(
    ("version", "affected", "expected"),
    [
        ("1.1.9", FIXED, False),
        ("1.2", FIXED, True),
        ("1.2.0", FIXED, True),
        ("1.9", FIXED, True),
        ("1.10", FIXED, False),
        ("1.10rc1", FIXED, True),
        ("1.2rc1", FIXED, False),
        ("1.10.post1", FIXED, False),
        ("0.dev0", LAST, True),
        ("2.0", LAST, True),
        ("2.0+ours", LAST, True),
        ("2.0.1", LAST, False),
        ("1.0", TWICE, True),
        ("2.9", TWICE, False),
        ("3.1", TWICE, True),
        ("3.4", TWICE, False),
        ("99", ranged({"introduced": "0"}), True),
        ("1!0.1", FIXED, False),
    ],
)
def test_what_lies_in_a_range_applies(
    version: str, affected: dict[str, Any], expected: bool
) -> None:
    assert applies(version, affected) is expected


def test_a_version_in_the_list_applies_however_it_is_written() -> None:
    assert applies("1.0", {"versions": ["0.9", "1.0.0"]})
    assert not applies("1.1", {"versions": ["0.9", "1.0.0", "2004-of-old"]})
    assert applies("1.0", {"versions": ["1.0"], **ranged({"introduced": "3"})})


def test_a_range_of_commits_says_nothing_of_a_version() -> None:
    commits = ranged({"introduced": "0"}, {"fixed": "deadbeef"}, kind="GIT")
    assert not applies("1.0", {"versions": ["0.9"], **commits})


@pytest.mark.parametrize(
    "affected", [ranged({"introduced": "0"}, {"last_affected": "2.6-NA"}), NO_RANGE]
)
def test_what_cannot_be_compared_is_shown_to_be_looked_at(affected: dict[str, Any]) -> None:
    [found] = audit.findings([advisory(affected)], {"kettle": {"1.0"}})
    assert "look at it yourself" in str(found)


def test_names_are_compared_as_the_index_does(tmp_path: Path) -> None:
    place = folder_of(tmp_path, advisory(FIXED, name="Tea_Pot.Kettle"))
    pinned = audit.pins([lock_of(tmp_path, "tea-pot-kettle[steam]==1.3 ; os_name == 'nt'")])
    found = audit.findings(audit.advisories(place).records, pinned)
    assert [(one.package, one.version) for one in found] == [("tea-pot-kettle", "1.3")]


def test_each_version_of_a_package_that_is_pinned_twice_is_looked_at(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, "kettle==2 ; python_version > '3.11'", "kettle==1.3")
    found = audit.findings([advisory(FIXED)], audit.pins([lock]))
    assert [one.version for one in found] == ["1.3"]


def test_what_applies_is_printed_with_its_fix_and_where_the_data_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slip = advisory(FIXED, name="other", modified="2999-01-01T00:00:00Z")
    place = folder_of(tmp_path, advisory(FIXED), slip)
    lock = lock_of(tmp_path, "kettle==1.3", "cup==1")
    assert audit.main(["--advisories", str(place), str(lock)]) == 1
    said = capsys.readouterr().out
    assert "kettle 1.3: PYSEC-2026-1 (CVE-2026-1, GHSA-aaaa-bbbb-cccc); fixed in 1.10" in said
    assert "apply to the 2 pinned packages: 1. Looked at: 2 advisories, on 1 of them." in said
    assert "The data ends on 2026-03-02" in said


def test_a_withdrawn_advisory_and_one_on_another_language_do_not_apply(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = advisory(FIXED)
    other["affected"][0]["package"]["ecosystem"] = "npm"
    withdrawn = advisory(FIXED, withdrawn="2026-04-01T00:00:00Z")
    place = folder_of(tmp_path, other, withdrawn, advisory(FIXED, name="saucer"))
    assert audit.main(["--advisories", str(place), str(lock_of(tmp_path, "kettle==1.3"))]) == 0
    assert "Looked at: 1 advisories, on 0 of them." in capsys.readouterr().out


def test_a_git_directory_is_read_as_its_last_commit_with_and_without_a_work_tree(
    tmp_path: Path,
) -> None:
    place, bare = folder_of(tmp_path, advisory(FIXED)), tmp_path / "bare.git"
    (place / "vulns" / "same.json").write_text(json.dumps(advisory(LAST)), encoding="utf-8")
    named = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    for asked in (["init", "-q"], ["add", "."], [*named, "commit", "-q", "-m", "as it was"]):
        subprocess.run(["git", "-C", place, *asked], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", place, bare], check=True)
    (place / "vulns" / "0.yaml").unlink()
    for of in (place, bare):
        known = audit.advisories(of)
        assert len(known.records) == 2
        assert known.ends.isoformat() == "2026-03-02"


def nothing(place: Path) -> Path:
    return place / "nowhere"


def empty(place: Path) -> Path:
    return folder_of(place, {"settings": "of a tool"})


def only_withdrawn(place: Path) -> Path:
    return folder_of(place, advisory(FIXED, withdrawn="2026-04-01T00:00:00Z"))


def without_a_date(place: Path) -> Path:
    return folder_of(place, advisory(FIXED, modified="some day"))


def torn(place: Path) -> Path:
    made = folder_of(place, advisory(FIXED))
    (made / "torn.json").write_text('{"id": "PYSEC-', encoding="utf-8")
    return made


def without_a_name(place: Path) -> Path:
    return folder_of(place, {"id": "A", "affected": [{"package": {"ecosystem": "PyPI"}}]})


def git_without_a_commit(place: Path) -> Path:
    subprocess.run(["git", "init", "-q", place / "new"], check=True)
    return place / "new"


@pytest.mark.parametrize(
    "made",
    [nothing, empty, only_withdrawn, without_a_date, without_a_name, torn, git_without_a_commit],
)
def test_without_an_advisory_nothing_is_judged(
    made: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = lock_of(tmp_path, "kettle==1.3")
    assert audit.main(["--advisories", str(made(tmp_path)), str(lock)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("pins", [(), ("kettle",), ("kettle==1.3", "cup @ file:///cup.whl")])
def test_a_lock_that_does_not_pin_everything_is_not_judged(
    pins: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = folder_of(tmp_path, advisory(FIXED))
    assert audit.main(["--advisories", str(place), str(lock_of(tmp_path, *pins))]) == 2
    assert "run make lock" in capsys.readouterr().err


def test_the_locks_of_the_project_are_read_whole() -> None:
    locks = [REPOSITORY / "requirements.lock", REPOSITORY / "requirements-dev.lock"]
    pinned = audit.pins(locks)
    text = "".join(lock.read_text(encoding="utf-8") for lock in locks)
    named = {
        line.partition("==")[0].partition("[")[0] for line in text.splitlines() if line[0] != " "
    }
    assert {"duckdb", "dagster", "ruff"} <= pinned.keys()
    assert pinned.keys() == named


def test_the_program_asks_for_the_advisories_when_make_names_none(tmp_path: Path) -> None:
    program = [sys.executable, REPOSITORY / "scripts" / "audit.py", "--advisories", ""]
    done = subprocess.run(
        [*program, lock_of(tmp_path, "kettle==1.3")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Say where the advisories lie: make audit ADVISORIES=PATH.\n"
