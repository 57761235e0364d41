"""Certificates in their chain, and erasures that are begun or left open, in registers alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.errors import BrokenChainError, ClockError, RetentionError
from safer_streets_assets.retention.records.certificates import (
    NOT_REACHED,
    Certificate,
    PendingErasure,
    Signature,
    begin,
    certificate_id,
    certificates,
    ensure_pending,
    pending,
    signature,
    write_certificates,
)
from safer_streets_assets.retention.records.chain import (
    FIRST,
    Chain,
    Head,
    append_links,
    broken_in_words,
    goes_on_from,
    links,
    look_at_chain,
    noted_head,
    refuse_broken_chain,
    verify_chain,
    verify_links,
)
from safer_streets_assets.retention.records.machine_clock import (
    clock_jumped,
    confirm_clock,
    last_seen,
    watch_clock,
)
from safer_streets_assets.retention.records.open_erasures import (
    COPY_OF_A_KEY,
    OpenErasure,
    find_open,
    leave_open,
    open_erasures,
)
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.chain_note import read_chain_note, write_chain_note
from safer_streets_assets.stores.registers import ensure_registers

NOW = datetime(2021, 3, 1, 12)
SIGNED = Signature("Information Asset Owner", "safer-streets, run by root")
Registers = duckdb.DuckDBPyConnection


@pytest.fixture
def registers() -> Iterator[Registers]:
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS registers")
        ensure_registers(connection)
        yield connection


@pytest.fixture
def beside(tmp_path: Path) -> DataFolder:
    """A data folder in which there is nothing but room for the note of the chain."""
    folder = DataFolder(tmp_path, tmp_path / "keys")
    folder.registers.mkdir(parents=True)
    return folder


def begun(digit: int, holding: str = "research/store") -> PendingErasure:
    due_on = date(2021, 2, 1) + timedelta(days=digit)
    return PendingErasure(
        f"{digit}" * 64,
        holding,
        "research",
        "rows",
        "conclusion",
        due_on,
        NOW,
        digit,
        10,
        None,
        ["f"],
        None,
    )


def certificate(digit: int, **changed: object) -> Certificate:
    at = NOW + timedelta(minutes=digit)
    written = begun(digit).certify(at, "keys, then files", "read back", SIGNED)
    return replace(written, **changed)  # type: ignore[arg-type]


def left_open(digit: int, *places: str) -> OpenErasure:
    return OpenErasure(begun(digit), "keys, then files", "backups", places, NOW)


def test_a_certificate_says_what_was_begun_and_how_it_ended() -> None:
    found, erasure = certificate(3), begun(3)
    for fact in ("certificate_id", "holding", "store", "what", "rule", "due_on", "files", "bytes"):
        assert getattr(found, fact) == getattr(erasure, fact)
    assert (found.erased_at, found.method) == (NOW + timedelta(minutes=3), "keys, then files")
    assert (found.verification, found.not_reached) == ("read back", NOT_REACHED)
    assert (found.role, found.verified_by) == (SIGNED.role, SIGNED.verified_by)


def test_every_certificate_is_signed_for_the_role_of_the_policy(policy: Policy) -> None:
    signed = signature(policy)
    assert signed.role == policy.dpia.retention.answers_for_erasing
    assert signed.verified_by.startswith("safer-streets ")


def test_what_is_begun_twice_has_one_id_and_what_came_back_another(
    registers: Registers, beside: DataFolder
) -> None:
    def own(holding: str = "research/store", rule: str = "conclusion", day: int = 2) -> str:
        return certificate_id(registers, holding, rule, date(2021, 2, day))

    first = own()
    assert own() == first
    assert len({first, own("restricted/store"), own(rule="quarantine"), own(day=3)}) == 4
    write_certificates(beside, registers, [certificate(1)])
    second = own()
    assert second != first
    leave_open(registers, [left_open(1)])
    assert own() not in (first, second)
    other = {own("restricted/store"), own(rule="quarantine"), own(day=3)}
    assert len(other) == 3


def test_what_is_begun_is_pending_until_it_is_certified(
    registers: Registers, beside: DataFolder
) -> None:
    assert pending(registers) == []
    ensure_pending(registers)
    begin(registers, [begun(2, "b"), begun(1, "a")])
    assert pending(registers) == [begun(1, "a"), begun(2, "b")]
    write_certificates(beside, registers, [certificate(1)])
    assert pending(registers) == [begun(2, "b")]
    assert certificates(registers)["certificate_id"].tolist() == ["1" * 64]


def test_a_certificate_is_written_once_and_stays_as_it_was(
    registers: Registers, beside: DataFolder
) -> None:
    write_certificates(beside, registers, [certificate(1)])
    write_certificates(beside, registers, [certificate(1, files=99), certificate(2)])
    assert certificates(registers)["files"].tolist() == [1, 2]
    assert verify_chain(registers).broken_at is None


def test_an_erasure_left_open_is_pending_no_more_and_open_until_it_is_certified(
    registers: Registers, beside: DataFolder
) -> None:
    assert open_erasures(registers) == []
    ensure_pending(registers)
    begin(registers, [begun(1), begun(2)])
    leave_open(registers, [left_open(1, "restricted.people, name")])
    assert pending(registers) == [begun(2)]
    leave_open(registers, [left_open(1, "the landing folder")])
    assert open_erasures(registers) == [left_open(1, "the landing folder")]
    write_certificates(beside, registers, [certificate(1)])
    assert open_erasures(registers) == []


def test_an_open_erasure_is_found_by_its_first_digits(registers: Registers) -> None:
    listed = [left_open(1), left_open(2)]
    assert find_open(listed, "2" * 12) is listed[1]
    for unknown in ("3" * 12, "2"):
        with pytest.raises(RetentionError):
            find_open(listed, unknown)


def test_an_open_erasure_says_where_to_look_and_what_to_do() -> None:
    said = left_open(1, "restricted.people, name", "the landing folder").sentence
    assert "stands in restricted.people, name; the landing folder. Look there;" in said
    assert f"safer-streets erasures settle {'1' * 12}" in said
    assert "begun 2021-03-01" in said
    key = left_open(1, COPY_OF_A_KEY).sentence
    assert "Take the copy of a destroyed key out" in key
    assert "settle" not in key


def test_an_erasure_that_was_open_is_certified_with_what_it_said_then() -> None:
    found = left_open(1).certify(NOW, "settled", SIGNED)
    assert (found.method, found.not_reached) == ("keys, then files", "backups")
    assert (found.verification, found.certificate_id) == ("settled", "1" * 64)
    assert found.erased_at == NOW


def test_the_chain_grows_in_the_order_of_time_and_is_noted_at_each_end(
    registers: Registers, beside: DataFolder
) -> None:
    assert verify_chain(registers) == Chain(0, FIRST, None)
    assert read_chain_note(beside.registers) is None
    write_certificates(beside, registers, [certificate(2), certificate(1)])
    write_certificates(beside, registers, [certificate(3)])
    found = links(registers)
    assert [link.number for link in found] == [1, 2, 3]
    assert [link.facts["files"] for link in found] == [1, 2, 3]
    assert [link.previous_hash for link in found] == [FIRST, found[0].hash, found[1].hash]
    last = found[-1].hash
    assert noted_head(registers) == Head(3, last or "")
    assert read_chain_note(beside.registers) == (3, last)
    assert look_at_chain(beside, registers) == Chain(3, last or "", None)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE registers.deletion_certificates SET row_count = 9 WHERE number = 1", 1),
        ("UPDATE registers.deletion_certificates SET role = NULL WHERE number = 2", 2),
        ("UPDATE registers.deletion_certificates SET hash = NULL WHERE number = 2", 2),
        ("UPDATE registers.deletion_certificates SET previous_hash = 'x' WHERE number = 2", 2),
        ("UPDATE registers.deletion_certificates SET number = 4 WHERE number = 3", 3),
        ("DELETE FROM registers.deletion_certificates WHERE number = 1", 1),
        ("DELETE FROM registers.deletion_certificates WHERE number = 3", 3),
        ("UPDATE registers.certificate_chain SET certificates = 2", 4),
        ("UPDATE registers.certificate_chain SET hash = 'x'", 4),
        ("DELETE FROM registers.certificate_chain", 4),
        ("DELETE FROM registers.deletion_certificates; DELETE FROM registers.certificate_chain", 1),
    ],
)
def test_a_chain_is_broken_where_something_was_changed_or_taken_out_and_its_note_stays(
    registers: Registers, beside: DataFolder, tampering: str, broken_at: int
) -> None:
    write_certificates(beside, registers, [certificate(n) for n in (1, 2, 3)])
    refuse_broken_chain(beside, registers)
    note = read_chain_note(beside.registers)
    registers.execute(tampering)
    assert look_at_chain(beside, registers).broken_at == broken_at
    with pytest.raises(BrokenChainError, match=f"broken at number {broken_at}:"):
        refuse_broken_chain(beside, registers)
    if "certificate_chain" not in tampering:
        write_certificates(beside, registers, [])
        assert read_chain_note(beside.registers) == note


def test_a_note_that_is_ahead_of_the_chain_or_of_another_one_breaks_it(
    registers: Registers, beside: DataFolder
) -> None:
    write_certificates(beside, registers, [certificate(1), certificate(2)])
    first, second = (link.hash or "" for link in links(registers))
    for note, broken_at in (
        ((1, first), None),
        ((2, second), None),
        ((0, FIRST), None),
        ((1, second), 2),
        ((2, first), 3),
        ((3, second), 3),
        ((0, second), 1),
    ):
        write_chain_note(beside.registers, *note)
        assert look_at_chain(beside, registers).broken_at == broken_at


def test_history_that_was_searched_after_a_certificate_that_is_gone_breaks_the_chain(
    registers: Registers, beside: DataFolder
) -> None:
    write_certificates(beside, registers, [certificate(1)])
    for known, broken_at in (("1" * 64, None), ("2" * 64, 2)):
        registers.execute("INSERT INTO registers.forgotten VALUES (?, ?)", [known, NOW])
        assert look_at_chain(beside, registers).broken_at == broken_at


def test_a_longer_chain_is_appended_whole(beside: DataFolder, registers: Registers) -> None:
    write_certificates(beside, registers, [certificate(n) for n in (1, 2, 3)])
    whole, end = links(registers), noted_head(registers)
    registers.execute("DELETE FROM registers.deletion_certificates WHERE number > 1")
    registers.execute(
        "UPDATE registers.certificate_chain SET certificates = 1, hash = ?", [whole[0].hash]
    )
    append_links(registers, whole[1:])
    assert (links(registers), noted_head(registers)) == (whole, end)
    assert verify_chain(registers).broken_at is None


def test_a_chain_goes_on_from_where_one_of_its_beginnings_ended(
    registers: Registers, beside: DataFolder
) -> None:
    write_certificates(beside, registers, [certificate(1), certificate(2)])
    whole = links(registers)
    first, second = (link.hash or "" for link in whole)
    for head, goes_on in (
        (Head(), True),
        (Head(0, first), False),
        (Head(1, first), True),
        (Head(2, second), True),
        (Head(1, second), False),
        (Head(3, second), False),
    ):
        assert goes_on_from(whole, head) is goes_on
    assert verify_links(whole, Head(2, second)).broken_at is None
    assert broken_in_words(Chain(2, second, None)) is None


@pytest.mark.parametrize(
    ("moved", "jumped"),
    [
        (timedelta(days=-1), True),
        (timedelta(days=-1, seconds=1), False),
        (timedelta(days=365), False),
        (timedelta(days=365, seconds=1), True),
    ],
)
def test_a_clock_has_jumped_by_a_day_back_or_more_than_a_year_on(
    registers: Registers, policy: Policy, moved: timedelta, jumped: bool
) -> None:
    assert last_seen(registers) is None
    watch_clock(registers, policy, NOW)
    there = NOW + moved
    assert (clock_jumped(registers, policy, there) is not None) is jumped
    if not jumped:
        watch_clock(registers, policy, there)
        assert last_seen(registers) == max(NOW, there)
        return
    with pytest.raises(ClockError):
        watch_clock(registers, policy, there)
    assert last_seen(registers) == NOW
    with pytest.raises(ClockError):
        confirm_clock(registers, policy, there.date() + timedelta(days=1), there)
    confirm_clock(registers, policy, there.date(), there)
    assert last_seen(registers) == there
