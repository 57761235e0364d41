"""Quotes go with the person, the drop, the source and the field of their text, and stay on record
by their id alone; what a release printed does not keep an erasure from being certified."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from safer_streets_assets.cohort.pseudonyms import make_pseudonyms
from safer_streets_assets.intake.name_decisions import question_key
from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.deciding import approve, propose
from safer_streets_assets.quotes.printing import printable_quotes
from safer_streets_assets.quotes.quotable import quotable_texts
from safer_streets_assets.quotes.records import ensure_quotes, quotes_gone, quotes_held
from safer_streets_assets.retention.enforcement.agreement import begin_run
from safer_streets_assets.retention.erasure.on_request import erase_on_request
from safer_streets_assets.retention.erasure.planning import plan_drop, plan_person
from safer_streets_assets.retention.records.certificates import Certificate
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets.stores.who import SystemUser
from safer_streets_assets_tests.builders import CHECKIN
from safer_streets_assets_tests.changed_policies import (
    Change,
    changed_policy,
    not_agreed,
    without_field,
)
from safer_streets_assets_tests.quotes.quoting import with_quotes
from safer_streets_assets_tests.retention.builders import (
    CRNS,
    checkin_csv,
    land,
    take_everything_in,
)

NOW, TODAY = datetime(2020, 6, 1, 12), date(2020, 6, 1)
ADA, BEN = SystemUser(1001, "ada"), SystemUser(1002, "ben")
SAID = [f"Person {word} said this of the sessions" for word in ("one", "two", "three")]


@pytest.fixture
def quoted(folder: DataFolder, policy: Policy) -> DataFolder:
    """A folder in use, in which each of three people is quoted to the last word."""
    head, *lines = checkin_csv().splitlines()
    texts = [
        ",".join([*line.split(",")[:-1], said]) for line, said in zip(lines, SAID, strict=True)
    ]
    land(folder, CHECKIN, "more.csv", "\n".join([head, *texts, ""]))
    take_everything_in(folder, policy)
    take_everything_in(folder, policy)
    with open_stores(folder, write=["restricted", "registers"]) as connection:
        make_pseudonyms(connection, folder, policy)
        ensure_quotes(connection)
        connection.execute(read_sql("texts", "masked_words"))
        key = question_key(connection)
        texts_now = quotable_texts(connection, policy, key)
        for text in texts_now.by_id.values():
            quote = propose(connection, policy, text, None, "asked_in_writing", ADA, key, NOW)
            approve(connection, policy, quote, texts_now, BEN, key, NOW)
    release = folder.releases / "r1" / "quotes.csv"
    release.write_text("\n".join(["words", *SAID, ""]))
    return folder


def printed(folder: DataFolder, policy: Policy) -> list[str]:
    few = with_quotes(policy, least_answers=1)
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        return sorted(one.words for one in printable_quotes(connection, few))


def on_record(folder: DataFolder) -> tuple[int, int]:
    """How many quotes are held, and how many are on the registers alone."""
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        return len(quotes_held(connection)), len(quotes_gone(connection))


def test_the_quotes_of_an_erased_person_go_and_the_erasure_is_certified(
    quoted: DataFolder, policy: Policy
) -> None:
    assert printed(quoted, policy) == sorted(SAID)
    plan = plan_person(quoted, policy, CRNS[0])
    assert plan.rows["quotes"] == 1
    certificate = erase_on_request(quoted, policy, plan, NOW, TODAY)
    assert isinstance(certificate, Certificate)
    assert "releases that were published" in certificate.not_reached
    assert "; 1 texts that stand in quotes that were approved" in certificate.verification
    assert len(printed(quoted, policy)) == 2
    assert on_record(quoted) == (2, 1)


@pytest.mark.thorough
def test_the_quotes_of_an_erased_drop_go(quoted: DataFolder, policy: Policy) -> None:
    with open_stores(quoted, read=["restricted"]) as connection:
        [drop] = {one.drop_id for one in quotes_held(connection)}
    erase_on_request(quoted, policy, plan_drop(quoted, policy, drop), NOW, TODAY)
    assert printed(quoted, policy) == []
    assert on_record(quoted) == (0, 3)


@pytest.mark.thorough
@pytest.mark.parametrize("change", [without_field(CHECKIN, "comments"), not_agreed(CHECKIN)])
def test_the_quotes_of_what_is_no_longer_agreed_go(
    quoted: DataFolder, policy: Policy, change: Change, tmp_path: Path
) -> None:
    begin_run(quoted, changed_policy(tmp_path / "policy", change), NOW)
    assert on_record(quoted) == (0, 3)
