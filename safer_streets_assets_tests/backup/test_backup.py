"""A backup restores what was there and never brings back what was erased since."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from safer_streets_assets.backup.errors import BackupError, RestoreError
from safer_streets_assets.backup.making import make_backup
from safer_streets_assets.backup.position import exported
from safer_streets_assets.backup.restoring import Restored, restore_backup
from safer_streets_assets.cli import app
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import enforce
from safer_streets_assets.retention.enforcement.rotating import rotate
from safer_streets_assets.retention.errors import BrokenChainError
from safer_streets_assets.retention.holdings.asked import (
    AskedErasure,
    ErasureSubject,
    keep_subject,
    new_erasure_id,
    record_asked,
    subject_of,
    waiting_erasures,
)
from safer_streets_assets.retention.holdings.bundles import bundle_key, place_of_bundle
from safer_streets_assets.retention.holdings.key_states import key_states
from safer_streets_assets.retention.holdings.register import read_register
from safer_streets_assets.retention.records.certificates import (
    Certificate,
    ensure_pending,
    write_certificates,
)
from safer_streets_assets.retention.records.chain import (
    Head,
    links,
    noted_head,
    refuse_tampered_certificates,
    verify_chain,
)
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.lock import AnotherRunError, run_lock
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.registers import ensure_registers, evaluation_closed
from safer_streets_assets.stores.sealed import seal
from safer_streets_assets_tests.privacy.traces import canary_crn, found_in, word
from safer_streets_assets_tests.retention.builders import (
    CRNS,
    PLANTED,
    decided,
    folder_at,
    land,
    ledger_states,
    planted_in,
    publish,
    restricted_rows,
)
from safer_streets_assets_tests.retention.builders import (
    certificate_rows as all_certificates,
)
from safer_streets_assets_tests.retention.killing import moments, run_until

MADE, DECIDED = datetime(2020, 2, 20, 12), datetime(2020, 2, 10, 12)
SINCE, DUE = datetime(2020, 3, 11, 3), date(2020, 3, 11)
EACH = 31
"""Every so many changes a kill, for the time it takes (`killing.moments`)."""
LATER, ALL_DUE = datetime(2021, 2, 28, 3), date(2021, 2, 28)


@dataclass(frozen=True)
class Kept:
    """A data folder in use, its backup, and the keys that went elsewhere."""

    live: DataFolder
    data: Path
    keys: Path
    restored: DataFolder
    policy: Policy

    def certificates(self) -> Path:
        place = self.data.with_name("certificates.json")
        place.write_bytes(exported(self.live))
        return place

    def last(self) -> str:
        with open_stores(self.live, read=["registers"]) as connection:
            found = links(connection)
        return str(found[-1].facts["certificate_id"])[:12] if found else "none"

    def last_hash(self) -> str:
        with open_stores(self.live, read=["registers"]) as connection:
            return noted_head(connection).hash

    def restore(self, certificates: Path | None = None, last: str | None = None) -> Restored | None:
        return restore_backup(
            self.restored,
            self.policy,
            self.data,
            LATER,
            keys_from=self.keys,
            certificates=certificates or self.certificates(),
            last=last or self.last(),
        )


@pytest.fixture
def kept(folder: DataFolder, tmp_path: Path, policy: Policy) -> Kept:
    decided(folder, DECIDED)
    data, keys = tmp_path / "backup", tmp_path / "elsewhere" / "keys"
    make_backup(folder, policy, data, keys, MADE)
    return Kept(folder, data, keys, folder_at(tmp_path / "new" / "data"), policy)


def rewritten(certificates: Path) -> Path:
    """The file without its oldest certificate, in a whole new chain."""
    read = json.loads(certificates.read_bytes())
    end = Head()
    for number, one in enumerate(read["certificates"][1:], start=1):
        own = json.dumps([number, end.hash, *one["facts"].values()])
        one |= {"number": number, "previous_hash": end.hash}
        end = Head(number, hashlib.sha256(own.encode()).hexdigest())
        one["hash"] = end.hash
    place = certificates.with_name("rewritten.json")
    own_chain = {"certificates": read["certificates"][1:], "position": asdict(end)}
    place.write_text(json.dumps(read | own_chain))
    return place


def renamed(certificates: Path) -> Path:
    """The file with the same values under other names: the chain is over the values."""
    place = certificates.with_name("renamed.json")
    place.write_text(certificates.read_text().replace('"holding"', '"what_is_held"'))
    return place


def everything_in(root: Path) -> bytes:
    return b"".join(
        os.fsencode(path.name) + (path.read_bytes() if path.is_file() else b"")
        for path in sorted(root.rglob("*"))
    )


@pytest.mark.thorough
def test_what_was_there_is_there_again(kept: Kept) -> None:
    before = restricted_rows(kept.live), ledger_states(kept.live)
    done = kept.restore()
    assert done is not None
    assert done.erased_again == 0
    preflight(kept.restored)
    assert (restricted_rows(kept.restored), ledger_states(kept.restored)) == before
    assert all(line.is_good for line in key_states(kept.restored))
    released = kept.restored.releases / "r1" / "funnel.csv"
    assert released.read_bytes() == (kept.live.releases / "r1" / "funnel.csv").read_bytes()
    modes = [released, kept.restored.releases, kept.restored.restricted, kept.restored.keys]
    live = [kept.live.root / path.relative_to(kept.restored.root) for path in modes]
    assert [p.stat().st_mode for p in modes] == [p.stat().st_mode for p in live]
    assert sorted(path.name for path in kept.restored.root.parent.iterdir()) == ["data"]


def test_a_backup_has_no_key_and_nothing_that_waits_and_nothing_in_the_open(
    folder: DataFolder, tmp_path: Path, policy: Policy
) -> None:
    land(folder, "nps_court_outcomes", f"{word('waits')}.csv", canary_crn(1))
    (folder.restricted / "spill").mkdir(exist_ok=True)
    (folder.restricted / "spill" / "s.tmp").write_text(word("spilled"))
    made = make_backup(folder, policy, tmp_path / "b", None, MADE)
    assert (made.waiting, made.keys) == (1, 0)
    content = everything_in(tmp_path / "b")
    assert not found_in(content)
    for needle in (b"Quillfeather", b"Grimbleby", b"Q736251"):
        assert needle not in content
    for path in folder.keys.glob("*.key"):
        assert path.read_bytes() not in content
    modes = {p.stat().st_mode & 0o077 for p in [tmp_path / "b", *(tmp_path / "b").rglob("*")]}
    assert modes == {0}


@pytest.mark.parametrize(
    ("data", "keys"),
    [("data/b", None), ("b", "b"), ("b", "b/keys"), ("b/data", "b"), ("b", "data/keys/copy")],
)
def test_data_and_keys_never_go_to_the_same_place(
    folder: DataFolder, tmp_path: Path, policy: Policy, data: str, keys: str | None
) -> None:
    place = tmp_path / keys if keys else None
    with pytest.raises(BackupError):
        make_backup(folder, policy, tmp_path / data, place, MADE)
    assert not (tmp_path / "b").exists()


@pytest.mark.thorough
def test_an_erased_drop_is_not_resurrected(kept: Kept) -> None:
    written = enforce(kept.live, kept.policy, DUE, SINCE)
    assert written
    done = kept.restore()
    assert done is not None
    assert done.erased_again == len(written)
    assert restricted_rows(kept.restored)["quarantined_drops"] == []
    assert not list(kept.restored.quarantine.iterdir())
    assert not list(kept.restored.keys.glob("drop-*"))
    assert not planted_in(kept.restored, ("Grimbleby letter", "Ottoline unreadable"))
    assert set(all_certificates(kept.live)) < set(all_certificates(kept.restored))
    prints = {Keys(place).fingerprint("restricted") for place in (kept.restored.keys, kept.keys)}
    assert len(prints) == 2, "the restored store was rebuilt under a new key"
    preflight(kept.restored)


def test_an_erasure_that_waits_in_a_backup_waits_anew_in_what_is_restored(
    folder: DataFolder, policy: Policy, tmp_path: Path
) -> None:
    """It may have been taken back since: nothing of that is in the backup."""
    erasure_id = new_erasure_id()
    keep_subject(folder, erasure_id, ErasureSubject("person", CRNS[0]))
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        asked = AskedErasure(erasure_id, "person", 1, 1, "x", "somebody", MADE, MADE.date())
        record_asked(connection, policy, asked)
    data, keys = tmp_path / "backup", tmp_path / "elsewhere" / "keys"
    make_backup(folder, policy, data, keys, MADE)
    kept = Kept(folder, data, keys, folder_at(tmp_path / "new" / "data"), policy)
    kept.restore()
    with open_stores(kept.restored, read=["registers"]) as connection:
        (waits,) = waiting_erasures(connection)
    assert waits.due_on == LATER.date() + timedelta(days=policy.dpia.retention.notice_days)
    assert subject_of(kept.restored, erasure_id) == ErasureSubject("person", CRNS[0])


@pytest.mark.thorough
def test_answers_to_requests_stay_out_of_a_backup_and_do_not_stand_in_its_way(
    folder: DataFolder, tmp_path: Path, policy: Policy
) -> None:
    decided(folder, DECIDED)
    place = place_of_bundle(folder, "dr-0123")
    place.mkdir(parents=True)
    key = Keys(folder.keys).create(bundle_key(place.name))
    seal(io.BytesIO(b"PK Quillfeather"), place / "subject_access.xlsx.sealed", key)
    data, keys = tmp_path / "backup", tmp_path / "elsewhere"
    make_backup(folder, policy, data, keys, MADE)
    assert not [path for path in [*data.rglob("*"), *keys.iterdir()] if "dr-0123" in path.name]
    line = next(x for x in read_register(folder, policy, DUE) if x.holding.startswith("bundles/"))
    assert line.clock.due_on is not None
    enforce(folder, policy, line.clock.due_on, LATER)
    kept = Kept(folder, data, keys, folder_at(tmp_path / "new" / "data"), policy)
    assert kept.restore() is not None


@pytest.mark.thorough
def test_a_closed_evaluation_stays_closed_and_empty(kept: Kept) -> None:
    publish(kept.live, "Final report", "2020-02-28", datetime(2020, 3, 1))
    enforce(kept.live, kept.policy, ALL_DUE, LATER)
    kept.restore()
    assert not kept.restored.database("restricted").exists()
    assert not kept.restored.database("research").exists()
    assert not list(kept.restored.keys.glob("*.key"))
    assert not planted_in(kept.restored)
    with open_stores(kept.restored, read=["registers"]) as connection:
        assert evaluation_closed(connection)


@pytest.mark.thorough
def test_the_registers_that_were_in_use_are_proof_of_their_own(kept: Kept) -> None:
    enforce(kept.live, kept.policy, DUE, SINCE)
    done = restore_backup(
        kept.restored,
        kept.policy,
        kept.data,
        LATER,
        keys_from=kept.keys,
        certificates=kept.live.database("registers"),
    )
    assert done is not None
    assert done.erased_again == 2


@pytest.mark.thorough
def test_the_chain_goes_on_in_what_is_restored(kept: Kept) -> None:
    enforce(kept.live, kept.policy, DUE, SINCE)
    with open_stores(kept.live, read=["registers"]) as connection:
        before = links(connection)
    kept.restore(last=kept.last_hash()[:12])
    with open_stores(kept.restored, read=["registers"]) as connection:
        after, chain = links(connection), verify_chain(connection)
    assert chain.broken_at is None
    assert after[: len(before)] == before
    assert len(after) == len(before) + 2, "what is erased again has certificates of its own"


def test_a_chain_that_is_whole_stays_so_when_nothing_has_to_be_erased_again(kept: Kept) -> None:
    with open_stores(kept.live, write=["registers"]) as connection:
        ensure_pending(connection)
        facts = ("4567" * 16, "landing/waiting", "landing", "files", "landing", DUE, SINCE)
        write_certificates(
            kept.live, connection, [Certificate(*facts, 0, 0, None, "how", "proof", "rest")]
        )
    done = kept.restore()
    assert done is not None
    assert done.erased_again == 0
    with open_stores(kept.restored, read=["registers"]) as connection:
        assert verify_chain(connection).broken_at is None
        assert noted_head(connection) == Head(1, kept.last_hash())


@pytest.mark.parametrize(
    "tampering",
    [
        "DELETE FROM registers.deletion_certificates WHERE number = 2",
        "DELETE FROM registers.deletion_certificates; DELETE FROM registers.certificate_chain",
    ],
)
@pytest.mark.thorough
def test_registers_whose_chain_is_broken_prove_nothing(
    kept: Kept, tmp_path: Path, tampering: str
) -> None:
    enforce(kept.live, kept.policy, DUE, SINCE)
    with open_stores(kept.live, write=["registers"]) as connection:
        connection.execute(tampering)
    with pytest.raises(RestoreError, match="damaged or not whole"):
        kept.restore(kept.live.database("registers"))
    with pytest.raises(BrokenChainError, match="chain of deletion certificates is broken"):
        make_backup(kept.live, kept.policy, tmp_path / "b2", None, LATER)
    with pytest.raises(BrokenChainError, match="chain of deletion certificates is broken"):
        exported(kept.live)
    assert not kept.restored.root.exists()
    assert not (tmp_path / "b2").exists()


@pytest.mark.thorough
def test_the_folder_of_the_registers_put_back_from_a_backup_has_a_whole_chain(
    kept: Kept, tmp_path: Path
) -> None:
    enforce(kept.live, kept.policy, DUE, SINCE)
    make_backup(kept.live, kept.policy, tmp_path / "b2", None, LATER)
    publish(kept.live, "Final report", "2020-02-28", datetime(2020, 3, 1))
    enforce(kept.live, kept.policy, ALL_DUE, LATER)
    own = tmp_path / "b2" / "data" / "registers"
    shutil.copyfile(own / "registers.duckdb", kept.live.database("registers"))
    with pytest.raises(BrokenChainError, match="broken at number 3"):
        refuse_tampered_certificates(kept.live)
    shutil.copytree(own, kept.live.registers, dirs_exist_ok=True)
    refuse_tampered_certificates(kept.live)


@pytest.mark.thorough
def test_without_proof_of_what_was_erased_nothing_is_restored(kept: Kept) -> None:
    early = kept.certificates().rename(kept.data.with_name("early.json"))
    enforce(kept.live, kept.policy, DUE, SINCE)
    newest = kept.certificates()
    shortened = json.loads(newest.read_bytes())
    shortened["certificates"].pop(0)
    tampered = newest.with_name("tampered.json")
    tampered.write_text(json.dumps(shortened))
    backups_own = kept.data / "data" / "registers" / "registers.duckdb"
    for certificates, last, sentence in (
        (early, kept.last(), "is not the one that --last names"),
        (tampered, kept.last(), "damaged or not whole"),
        (rewritten(newest), kept.last_hash(), "is not the one that --last names"),
        (renamed(newest), kept.last(), "cannot be read"),
        (newest, "none", "is not the one that --last names"),
        (newest, "ab", "is not the one that --last names"),
        (backups_own, None, "do not know what was erased since"),
        (newest.with_name("nowhere"), None, "cannot be read"),
    ):
        with pytest.raises(RestoreError, match=sentence):
            kept.restore(certificates, last)
    for certificates, sentence in ((newest, "not proven"), (None, "Give the newest")):
        with pytest.raises(RestoreError, match=sentence):
            restore_backup(
                kept.restored, kept.policy, kept.data, LATER, keys_from=kept.keys,
                certificates=certificates,
            )  # fmt: skip
    assert not kept.restored.root.exists()


@pytest.mark.thorough
def test_a_backup_with_certificates_that_the_newest_lack_is_refused(
    kept: Kept, tmp_path: Path
) -> None:
    early = kept.certificates().rename(tmp_path / "early.json")
    enforce(kept.live, kept.policy, DUE, SINCE)
    make_backup(kept.live, kept.policy, tmp_path / "b2", tmp_path / "k2", LATER)
    with pytest.raises(RestoreError, match="lack some that the backup has"):
        restore_backup(
            kept.restored, kept.policy, tmp_path / "b2", LATER, keys_from=tmp_path / "k2",
            certificates=early, last="none",
        )  # fmt: skip


@pytest.mark.thorough
def test_an_older_backup_is_refused_once_a_person_was_erased(kept: Kept) -> None:
    enforce(kept.live, kept.policy, DUE, SINCE)
    with open_stores(kept.live, write=["registers"]) as connection:
        ensure_pending(connection)
        of_person = ("0123" * 16, "person/0123", "all", "one person", "on request", DUE, SINCE)
        write_certificates(
            kept.live, connection, [Certificate(*of_person, 1, 1, 1, "how", "proof", "rest")]
        )
    with pytest.raises(RestoreError, match="no certificate says whose"):
        kept.restore()
    assert not kept.restored.root.exists()


@pytest.mark.parametrize("harm", ["changed", "missing", "added", "no manifest", "later", "link"])
def test_a_damaged_backup_is_refused(kept: Kept, harm: str) -> None:
    victim = kept.data / "data" / "research" / "research.duckdb"
    manifest = kept.data / "manifest.json"
    match harm:
        case "changed":
            content = bytearray(victim.read_bytes())
            content[len(content) // 2] ^= 1
            victim.write_bytes(content)
        case "missing":
            victim.unlink()
        case "added":
            (victim.parent / "more").write_text("x")
        case "no manifest":
            manifest.unlink()
        case "later":
            manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
        case "link":
            moved = victim.rename(kept.data.with_name("moved"))
            victim.symlink_to(moved)
    with pytest.raises(BackupError):
        kept.restore()
    assert not kept.restored.root.exists()


@pytest.mark.thorough
def test_keys_that_are_not_the_backups_are_told_from_missing_ones(kept: Kept) -> None:
    rotate(kept.live, kept.policy, SINCE)
    arguments = {"certificates": kept.certificates(), "last": "none"}
    with pytest.raises(RestoreError, match=r"^The key restricted is not the one of this backup"):
        restore_backup(
            DataFolder(kept.restored.root, kept.live.keys), kept.policy, kept.data, LATER,
            **arguments,  # type: ignore[arg-type]
        )  # fmt: skip
    with pytest.raises(RestoreError, match=r"^The key restricted of this backup is missing"):
        restore_backup(kept.restored, kept.policy, kept.data, LATER, **arguments)  # type: ignore[arg-type]


def test_nothing_is_restored_over_data(kept: Kept) -> None:
    before = everything_in(kept.live.root)
    with pytest.raises(RestoreError, match="not empty"):
        restore_backup(
            kept.live, kept.policy, kept.data, LATER, keys_from=kept.keys,
            certificates=kept.certificates(), last="none",
        )  # fmt: skip
    assert everything_in(kept.live.root) == before


def test_sqlite_history_is_copied_while_it_is_written(
    folder: DataFolder, tmp_path: Path, policy: Policy
) -> None:
    writer = sqlite3.connect(folder.dagster / "live.db")
    writer.execute("PRAGMA journal_mode = wal")
    writer.execute("CREATE TABLE t (n)")
    writer.execute("INSERT INTO t VALUES (7)")
    writer.commit()
    make_backup(folder, policy, tmp_path / "b", None, MADE)
    writer.close()
    with sqlite3.connect(tmp_path / "b" / "data" / "dagster" / "live.db") as copy:
        assert copy.execute("SELECT n FROM t").fetchall() == [(7,)]
    copy.close()


@pytest.mark.thorough
def test_a_backup_that_is_killed_is_not_there_and_the_data_is_as_it_was(
    in_use: Path, tmp_path: Path, policy: Policy
) -> None:
    for change in moments(EACH):
        folder = folder_at(tmp_path / f"{change}" / "data")
        shutil.copytree(in_use, folder.root)
        data, keys = folder.root.with_name("b"), folder.root.with_name("k")
        finished = run_until(
            lambda f=folder, d=data, k=keys: make_backup(f, policy, d, k, MADE),  # type: ignore[misc]
            change,
        )
        if finished:
            assert (data / "manifest.json").exists()
            return
        assert not data.exists()
        preflight(folder)


@pytest.mark.parametrize(("apart", "each"), [(False, EACH + 2), (True, EACH)])
@pytest.mark.thorough
def test_a_restore_that_is_killed_leaves_no_usable_half(
    kept: Kept, tmp_path: Path, apart: bool, each: int
) -> None:
    enforce(kept.live, kept.policy, DUE, SINCE)
    certificates, last = kept.certificates(), kept.last()
    expected: list[str] | None = None
    for change in (10_000, *moments(each)):
        base = tmp_path / f"{change}"
        base.mkdir()
        folder = DataFolder(base / "data", base / ("keys" if apart else "data/keys"))

        def step(folder: DataFolder = folder) -> object:
            return restore_backup(
                folder, kept.policy, kept.data, LATER, keys_from=kept.keys,
                certificates=certificates, last=last,
            )  # fmt: skip

        finished = run_until(step, change)
        if expected is None:
            assert finished
            expected = sorted(str(p.relative_to(base)) for p in base.rglob("*"))
            continue
        if finished:
            return
        assert not folder.root.exists() or restricted_rows(folder)["quarantined_drops"] == []
        if not folder.root.exists():
            step()
        assert sorted(str(p.relative_to(base)) for p in base.rglob("*")) == expected
        assert restricted_rows(folder)["quarantined_drops"] == []
        shutil.rmtree(base)


def test_no_sentence_tells_a_name_or_a_key(kept: Kept) -> None:
    (kept.keys / "restricted.key").write_text("0" * 64)
    with pytest.raises(SaferStreetsError) as caught:
        kept.restore()
    assert "0000" not in str(caught.value)


@pytest.mark.thorough
def test_the_commands_make_a_backup_and_restore_it_without_naming_anybody(
    kept: Kept, tmp_path: Path
) -> None:
    runner, data = CliRunner(), ["--data", str(kept.live.root)]
    new = ["--data", str(tmp_path / "by-command" / "data")]
    (tmp_path / "by-command").mkdir()
    place, keys, out = (str(tmp_path / name) for name in ("b2", "k2", "out.json"))
    done = [runner.invoke(app, ["backup", "make", place, "--with-keys-to", keys, *data])]
    enforce(kept.live, kept.policy, DUE, SINCE)
    done.append(runner.invoke(app, ["backup", "certificates", "--out", out, *data]))
    restoring = ["backup", "restore", place, "--keys", keys, "--certificates", out, *new]
    refused = runner.invoke(app, restoring)
    assert refused.exit_code == 1
    assert not list((tmp_path / "by-command").iterdir()), "a refused restore leaves nothing"
    done.append(runner.invoke(app, [*restoring, "--last", kept.last()]))
    assert [found.exit_code for found in done] == [0, 0, 0], [found.output for found in done]
    shown = "".join(found.output for found in [*done, refused]) + Path(out).read_text()
    assert not [needle for needle in PLANTED if needle in shown]
    assert not [k for k in kept.keys.iterdir() if k.read_text() in shown]
    restored = folder_at(tmp_path / "by-command" / "data")
    assert restricted_rows(restored)["quarantined_drops"] == []
    assert [path.name for path in (tmp_path / "by-command").iterdir()] == ["data"]


def test_a_refused_restore_leaves_no_lock_and_no_folder_beside_the_data_folder(
    kept: Kept, tmp_path: Path
) -> None:
    new = tmp_path / "not" / "there" / "data"
    for place in (kept.data, tmp_path / "no backup"):
        refused = CliRunner().invoke(app, ["backup", "restore", str(place), "--data", str(new)])
        assert refused.exit_code == 1
        assert not (tmp_path / "not").exists()
    lock = new.with_name(".data.restore.lock")
    with run_lock(lock, what="safer-streets backup restore"):
        refused = CliRunner().invoke(app, ["backup", "restore", str(kept.data), "--data", str(new)])
        assert isinstance(refused.exception, AnotherRunError)
        assert lock.exists(), "it is the other's"
