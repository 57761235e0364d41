"""The registers: what is added, what waits and for how long, and what may not be written."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from safer_streets_assets.accountability import assets, breaches, contacts, requests, reviews
from safer_streets_assets.accountability.clocks import utc_of
from safer_streets_assets.accountability.errors import RegisterError
from safer_streets_assets.accountability.export import OVER, WAITS, what_waits
from safer_streets_assets.accountability.export import rows_of as rows_of_register
from safer_streets_assets.accountability.tables import (
    ASSESSMENTS,
    BREACHES,
    Entry,
    ensure_accountability,
)
from safer_streets_assets.accountability.wording import refuse_identifying
from safer_streets_assets.retention.errors import DecisionError
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.layout import bring_up_to_date
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.builders import (
    NPS,
    fetch,
    folder,
    load_rows,
    memory,
    rows_of,
    shipped_policy,
)

__all__ = ["folder", "memory"]

LONDON = "Europe/London"
POLICY = shipped_policy()
DPO = "Data Protection Officer"


@pytest.fixture
def desk(memory: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Stores in memory with the accountability registers."""
    ensure_registers(memory)
    ensure_accountability(memory)
    return memory


def entry(local: str) -> Entry:
    """An entry made at a time in London."""
    return Entry("somebody", utc_of(local, LONDON))


def load_held(connection: duckdb.DuckDBPyConnection) -> None:
    """Loads people whose surnames are words, words of this product's comments, and neither."""
    names = ["BAKER, Tom", "FENWICK, Darnell", "TAYLOR, Ann", "Aisha Sutton", "Grace Obi"]
    names += ["OKORO, Ada", "FROM, Nils"]
    rows = [{"Offender Name": name, "CRN": f"A10000{at}"} for at, name in enumerate(names)]
    load_rows(connection, NPS, rows_of(NPS, *rows))


def waiting(connection: duckdb.DuckDBPyConnection, check: str, local: str) -> list[tuple[str, str]]:
    """What a check shows at a time in London, without the id, and the state."""
    lines = what_waits(connection, POLICY, utc_of(local, LONDON))[check]
    return [(what.partition(", ")[2] or what, state) for _, what, state in lines]


def shown(connection: duckdb.DuckDBPyConnection, local: str) -> list[tuple[str, str]]:
    """The clocks that run at a time in London: how much is left, and the state."""
    return [
        (what.rpartition(": ")[2], state)
        for what, state in waiting(connection, "breach_clocks", local)
    ]


def test_both_clocks_of_a_breach_count_down_and_run_out(desk: duckdb.DuckDBPyConnection) -> None:
    at = utc_of("2026-03-27 12:00", LONDON)
    breach = breaches.add_breach(
        desk, POLICY, at, "A letter went astray", "low", entry("2026-03-27 13:00")
    )
    # Summer time begins on the 29th: 72 hours end an hour later by the clock on the wall.
    assert shown(desk, "2026-03-27 13:00") == [("23 hours left", WAITS), ("71 hours left", WAITS)]
    assert shown(desk, "2026-03-28 12:00") == [("0 minutes left", WAITS), ("48 hours left", WAITS)]
    assert shown(desk, "2026-03-30 13:00") == [
        ("over by 48 hours", OVER),
        ("0 minutes left", WAITS),
    ]
    assert shown(desk, "2026-03-30 13:01")[1] == ("over by 1 minute", OVER)
    at_last = entry("2026-03-30 14:00")
    breaches.report_breach(desk, breach, "controllers", at + timedelta(hours=1), at_last)
    breaches.decide_not_to_report(desk, breach, "ico", "No risk to people", at_last)
    assert shown(desk, "2026-03-30 15:00") == []
    breaches.escalate_breach(desk, POLICY, breach, DPO, at, at_last)
    breaches.close_breach(desk, breach, "Check addresses", at_last)
    ((lessons, closed),) = fetch(desk, "SELECT lessons, closed_at FROM registers.breaches")
    assert (lessons, closed) == ("Check addresses", at_last.at)


def stopped_breach(desk: duckdb.DuckDBPyConnection, severity: str | None, made: Entry) -> str:
    """A breach of which everybody has heard; without a severity as an earlier version made it."""
    breach = breaches.add_breach(desk, POLICY, made.at, "A letter", severity or "low", made)
    if severity is None:
        desk.execute("UPDATE registers.breaches SET severity = NULL")
    for clock in POLICY.dpia.accountability.breach_clocks:
        breaches.report_breach(desk, breach, clock.name, made.at, made)
    return breach


def test_a_breach_is_closed_with_its_severity_its_escalation_and_its_lessons(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    made, later = entry("2026-03-27 12:00"), entry("2026-03-27 18:00")
    breach = stopped_breach(desk, None, made)
    with pytest.raises(RegisterError, match="How severe"):
        breaches.close_breach(desk, breach, "Check addresses", later)
    breaches.assess_breach(desk, POLICY, breach, "medium", made)
    with pytest.raises(RegisterError, match="To whom this breach was escalated"):
        breaches.close_breach(desk, breach, "Check addresses", later)
    for role in (DPO, "senior information RISK owner"):
        breaches.escalate_breach(desk, POLICY, breach, role, made.at, later)
    with pytest.raises(RegisterError, match="what was learnt"):
        breaches.close_breach(desk, breach, "  ", later)
    breaches.close_breach(desk, breach, "Check addresses", later)
    assert fetch(desk, "SELECT severity, assessed_at, lessons FROM registers.breaches") == [
        ("medium", made.at, "Check addresses")
    ]
    told = "SELECT escalated_to, escalated_at, recorded_at FROM registers.breach_escalations"
    assert fetch(desk, f"{told} ORDER BY 1") == [
        (DPO, made.at, later.at),
        ("Senior Information Risk Owner", made.at, later.at),
    ]
    with pytest.raises(RegisterError, match="closed already"):
        breaches.assess_breach(desk, POLICY, breach, "high", later)
    with pytest.raises(RegisterError, match="closed already"):
        breaches.escalate_breach(desk, POLICY, breach, DPO, made.at, later)


def test_severities_roles_and_times_that_cannot_be_are_refused_and_not_repeated(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    made = entry("2026-03-27 12:00")
    breach = breaches.add_breach(desk, POLICY, made.at, "A letter", "low", made)
    with pytest.raises(RegisterError, match="one of low, medium, high") as refused:
        breaches.add_breach(desk, POLICY, made.at, "A letter", "FENWICK", made)
    assert "FENWICK" not in str(refused.value)
    with pytest.raises(RegisterError, match="one of low, medium, high"):
        breaches.assess_breach(desk, POLICY, breach, "", made)
    with pytest.raises(DecisionError, match="a role, not a name") as unknown:
        breaches.escalate_breach(desk, POLICY, breach, "FENWICK", made.at, made)
    assert "FENWICK" not in str(unknown.value)
    for wrong in (made.at - timedelta(seconds=1), made.at + timedelta(seconds=1)):
        with pytest.raises(RegisterError, match="before the breach"):
            breaches.escalate_breach(desk, POLICY, breach, DPO, wrong, made)
    assert fetch(desk, "SELECT count(*) FROM registers.breach_escalations") == [(0,)]
    assert fetch(desk, "SELECT count(*) FROM registers.breaches") == [(1,)]


def test_registers_of_an_earlier_version_get_what_a_breach_records_now(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    ensure_registers(memory)
    memory.execute(
        "CREATE TABLE registers.breaches (breach_id VARCHAR PRIMARY KEY, detected_at TIMESTAMP "
        "NOT NULL, what VARCHAR NOT NULL, lessons VARCHAR, closed_at TIMESTAMP, recorded_by "
        "VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL)"
    )
    memory.execute(
        "INSERT INTO registers.breaches VALUES ('br-0000000001', TIMESTAMP '2025-01-01', "
        "'A letter', NULL, NULL, 'somebody', TIMESTAMP '2025-01-01')"
    )
    bring_up_to_date(memory, "registers")
    for _ in range(2):
        ensure_accountability(memory)
    made = entry("2026-03-27 12:00")
    assert fetch(memory, "SELECT severity FROM registers.breaches") == [(None,)]
    breaches.assess_breach(memory, POLICY, "br-0000000001", "high", made)
    breaches.escalate_breach(memory, POLICY, "br-0000000001", DPO, made.at, made)
    breaches.close_breach(memory, "br-0000000001", "Check addresses", made)
    columns, rows = rows_of_register(memory, POLICY, BREACHES)
    assert dict(zip(columns, rows[0], strict=True))["Severity"] == "high"


def test_a_breach_is_not_closed_while_somebody_has_to_be_told(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    made = entry("2026-01-05 10:00")
    breach = breaches.add_breach(desk, POLICY, made.at, "A screen was seen", "low", made)
    with pytest.raises(RegisterError, match="still runs"):
        breaches.close_breach(desk, breach, "None", made)
    with pytest.raises(RegisterError, match="controllers, ico"):
        breaches.report_breach(desk, breach, "nobody", made.at, made)
    for wrong in (made.at - timedelta(minutes=1), made.at + timedelta(minutes=1)):
        with pytest.raises(RegisterError, match="before the breach"):
            breaches.report_breach(desk, breach, "ico", wrong, made)
    breaches.report_breach(desk, breach, "ico", made.at, made)
    with pytest.raises(RegisterError, match="already"):
        breaches.decide_not_to_report(desk, breach, "ico", "Changed our mind", made)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2024, 1, 31), date(2024, 2, 29)),
        (date(2025, 1, 31), date(2025, 2, 28)),
        (date(2024, 2, 29), date(2024, 3, 29)),
        (date(2025, 12, 31), date(2026, 1, 31)),
    ],
)
def test_a_request_is_due_a_calendar_month_after_its_receipt(
    desk: duckdb.DuckDBPyConnection, received: date, due: date
) -> None:
    made = entry("2026-01-05 10:00")
    name = requests.add_rights_request(
        desk, POLICY, "subject access", received, date(2026, 1, 5), made
    )
    (one,) = requests.open_requests(desk)
    assert (one.due_on, one.is_overdue(due), one.is_overdue(due + timedelta(1))) == (
        due,
        False,
        True,
    )
    if due < date(2026, 1, 5):
        with pytest.raises(RegisterError, match="before it is over"):
            requests.extend_rights_request(desk, POLICY, name, "Complex", date(2026, 1, 5))
    requests.close_rights_request(desk, name, "answered", made)
    assert requests.open_requests(desk) == []


def test_a_request_is_prolonged_once(desk: duckdb.DuckDBPyConnection) -> None:
    today, made = date(2026, 1, 5), entry("2026-01-05 10:00")
    name = requests.add_rights_request(
        desk, POLICY, "subject access", date(2025, 12, 31), today, made
    )
    assert requests.extend_rights_request(desk, POLICY, name, "Many files", today) == date(
        2026, 3, 31
    )
    with pytest.raises(RegisterError, match="once"):
        requests.extend_rights_request(desk, POLICY, name, "Many more", today)


def test_a_request_of_an_agency_waits_until_it_is_decided(desk: duckdb.DuckDBPyConnection) -> None:
    made = entry("2026-01-05 10:00")
    name = requests.add_agency_request(
        desk,
        received_on=date(2026, 1, 4),
        today=date(2026, 1, 5),
        asked_by="A police force",
        asked_for="A count",
        legal_gateway="DPA 2018, Schedule 2, paragraph 2",
        entry=made,
    )
    assert waiting(desk, "requests_are_answered", "2030-01-01 10:00") == [
        ("agency request: open", WAITS)
    ]
    decided = {"decided_role": "Head of unit", "reasons": "No gateway", "entry": made}
    for decision, disclosed in (("refused", "all"), ("disclosed", None), ("perhaps", None)):
        with pytest.raises(RegisterError):
            requests.close_agency_request(
                desk, name, decision=decision, disclosed=disclosed, **decided
            )
    requests.close_agency_request(desk, name, decision="refused", disclosed=None, **decided)
    assert waiting(desk, "requests_are_answered", "2030-01-01 10:00") == []


def test_the_review_of_the_dpia_is_due_each_year_and_then_overdue(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    def state(day: date) -> str:
        return reviews.next_review(desk, POLICY, day).state

    assert state(date(2026, 1, 1)) == "not begun"
    desk.execute(
        "INSERT INTO registers.drops (drop_id, source, state, arrived_at, bytes) "
        "VALUES ('d', 's', 'loaded', '2023-02-28 23:30:00', 1)"
    )
    assert state(date(2024, 2, 28)) == "due"
    assert state(date(2024, 2, 29)) == "overdue"
    made = entry("2026-01-05 10:00")
    review = {"today": date(2026, 1, 5), "held_by": "Officer", "outcome": "Kept", "entry": made}
    first = reviews.add_review(desk, held_on=date(2024, 2, 29), actions="Train staff", **review)
    # A year after 29 February is 28 February; it warns 30 days before.
    assert reviews.next_review(desk, POLICY, date(2024, 3, 1)).due_on == date(2025, 2, 28)
    assert state(date(2025, 1, 28)) == "current"
    assert state(date(2025, 1, 29)) == "due"
    assert state(date(2025, 2, 28)) == "due"
    assert state(date(2025, 3, 1)) == "overdue"
    assert waiting(desk, "dpia_review_is_current", "2025-02-27 10:00") == [
        ("next review of the DPIA: 1 day left", WAITS)
    ]
    assert waiting(desk, "dpia_review_is_current", "2025-03-01 00:30") == [
        ("next review of the DPIA: overdue by 1 day", OVER)
    ]
    reviews.close_review(desk, first, made)
    with pytest.raises(RegisterError, match="closed"):
        reviews.close_review(desk, first, made)
    with pytest.raises(RegisterError, match="future"):
        reviews.add_review(desk, held_on=date(2026, 1, 6), actions=None, **review)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("lead@example.gov.uk", " Lead@Example.gov.uk "),
        ("020 7946 0000", "02079460000"),
        ("(020) 7946 0000", "020 7946 0000"),
    ],
)
def test_primary_and_secondary_contact_differ_however_the_address_is_written(
    desk: duckdb.DuckDBPyConnection, first: str, second: str
) -> None:
    made = entry("2026-01-05 10:00")
    person = {"role": "Lead", "since": date(2026, 1, 5), "entry": made, "party": "nps"}
    contacts.add_contact(desk, POLICY, rank="primary", work_address=first, **person)
    with pytest.raises(RegisterError, match="other contact has this address"):
        contacts.add_contact(desk, POLICY, rank="secondary", work_address=second, **person)


def test_each_party_has_a_primary_and_a_secondary_contact(desk: duckdb.DuckDBPyConnection) -> None:
    made = entry("2026-01-05 10:00")
    person = {"since": date(2026, 1, 5), "entry": made}
    parties = POLICY.dpia.accountability.parties
    assert len(waiting(desk, "contacts_are_named", "2026-01-05 10:00")) == 2 * len(parties)
    names = [
        contacts.add_contact(
            desk,
            POLICY,
            party=party,
            rank=rank,
            role=f"{rank} lead",
            work_address=f"{rank}@example.gov.uk",
            **person,
        ).contact_id
        for party in parties
        for rank in contacts.RANKS
    ]
    assert waiting(desk, "contacts_are_named", "2026-01-05 10:00") == []
    for wrong in (
        {"party": "nps", "rank": "primary", "work_address": "primary@example.gov.uk"},
        {"party": "nps", "rank": "primary", "work_address": "secondary@example.gov.uk"},
        {"party": "nobody", "rank": "primary", "work_address": "lead@example.gov.uk"},
        {"party": "nps", "rank": "third", "work_address": "lead@example.gov.uk"},
        {"party": "nps", "rank": "primary", "work_address": "12 Home Street"},
    ):
        with pytest.raises(RegisterError):
            contacts.add_contact(desk, POLICY, role="Primary LEAD", **wrong, **person)
    contacts.close_contact(desk, names[0], made)
    with pytest.raises(RegisterError, match="other contact has this address"):
        contacts.add_contact(
            desk,
            POLICY,
            party="mopac",
            rank="primary",
            role="Lead",
            work_address="Secondary@example.gov.uk",
            **person,
        )
    assert waiting(desk, "contacts_are_named", "2026-01-05 10:00") == [
        ("no contact named for mopac: primary", WAITS)
    ]


def test_a_new_contact_of_a_rank_takes_the_place_of_the_one_before_which_stays_on_record(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    made, later = entry("2026-01-05 10:00"), entry("2026-02-05 10:00")
    of = {"party": "nps", "rank": "primary", "role": "Lead", "since": date(2026, 1, 5)}
    first = contacts.add_contact(desk, POLICY, work_address="a@example.gov.uk", entry=made, **of)
    again = contacts.add_contact(desk, POLICY, work_address="b@example.gov.uk", entry=later, **of)
    assert (first.replaced, again.replaced) == (None, first.contact_id)
    listed = "SELECT contact_id, work_address, closed_at FROM registers.contacts ORDER BY rowid"
    assert fetch(desk, listed) == [
        (first.contact_id, "a@example.gov.uk", later.at),
        (again.contact_id, "b@example.gov.uk", None),
    ]
    with pytest.raises(RegisterError, match="other contact has this role"):
        contacts.add_contact(
            desk,
            POLICY,
            work_address="c@example.gov.uk",
            entry=later,
            **{**of, "rank": "secondary"},
        )
    with pytest.raises(RegisterError, match="on record already"):
        contacts.add_contact(desk, POLICY, work_address="B@example.gov.uk", entry=later, **of)
    assert len(fetch(desk, listed)) == 2


def test_every_assessment_of_a_breach_stays_and_the_newest_counts(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    made, later = entry("2026-03-27 12:00"), entry("2026-03-27 18:00")
    breach = breaches.add_breach(desk, POLICY, made.at, "A letter", "low", made)
    breaches.assess_breach(desk, POLICY, breach, "high", later)
    breaches.assess_breach(desk, POLICY, breach, "medium", later)
    _, rows = rows_of_register(desk, POLICY, ASSESSMENTS)
    assert [row[:3] for row in rows] == [
        (breach, severity, "somebody") for severity in ("low", "high", "medium")
    ]
    assert fetch(desk, "SELECT severity, assessed_at FROM registers.breaches") == [
        ("medium", later.at)
    ]
    ensure_accountability(desk)
    assert len(rows_of_register(desk, POLICY, ASSESSMENTS)[1]) == 3


@pytest.mark.parametrize(
    "text",
    [
        "seen by A100001",
        "about a 100-001",
        "Darnell FENWICK's letter",
        "of Fénwick, Darnell",
        "A letter to Fenwick Street",
        "fenwick's letter",
        "Fenwick",
        "DarnellFenwick",
        "fenwickdarnell",
        "the letter of xdarnellfenwick2",
        "darnell_fenwick",
        "Darnell.Fenwick@example.gov.uk",
        "fenwick83",
        "F.E.N.W.I.C.K",
        "",
        " ",
    ],
)
def test_a_text_that_names_somebody_is_refused_and_not_repeated(
    desk: duckdb.DuckDBPyConnection, text: str
) -> None:
    load_rows(desk, NPS, rows_of(NPS, {}))
    refuse_identifying(desk, POLICY, ["A letter to Darnley Street, again", None])
    with pytest.raises(RegisterError) as refused:
        refuse_identifying(desk, POLICY, [text])
    assert not text.strip() or text not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "is_one", "is_none"),
    [
        ("Aisha Young", ["about Young", "Ms Young asked"], ["Young people", "the young. Young or"]),
        ("Aisha Street", ["of Street, who"], ["Safer Streets", "a street in Camden"]),
        ("Aisha Grant", ["asked by Grant"], ["the grant ends", "Grant ends"]),
        ("Aisha Sutton", ["asked by sutton, aisha"], ["Safer Streets in Sutton", "in Lambeth"]),
        ("Aisha Ng", ["asked by Ng"], ["Counting ng", "Meetings"]),
        ("Aisha O'Brien", ["O'Brien", "obrien", "o brien", "AishaO'Brien"], ["Brienne"]),
        ("Aisha Penhaligon-Smythe", ["of penhaligon", "Smythe"], ["smithy"]),
        ("Penhaligon Aisha", ["asked by Penhaligon", "of aisha"], ["penhaligons"]),
        ("An Other", ["An Other"], ["another one"]),
    ],
)
def test_a_surname_alone_is_a_name_unless_the_ordinary_word_is_meant(
    desk: duckdb.DuckDBPyConnection, name: str, is_one: list[str], is_none: list[str]
) -> None:
    load_rows(desk, NPS, rows_of(NPS, {"Offender Name": name}))
    refuse_identifying(desk, POLICY, is_none)
    for text in is_one:
        with pytest.raises(RegisterError, match="in small letters"):
            refuse_identifying(desk, POLICY, [text])


@pytest.mark.parametrize(
    "text",
    [
        "Request of Mr. Baker",
        "REQUEST OF MR BAKER",
        "letter of mr baker",
        "Request of T. Baker",
        "T. Baker asked",
        "T BAKER",
        "Mr Baker's request",
        "Mr Baker\u2019s request",
        "The Bakers asked",
        "Letter: Baker wants it",
        "Refused; Baker asked",
        "BAKER",
        "Baker",
        "Baker's",
        "BAKER, T",
        "BAKER, T. ASKED",
        "Baker, A.",
        "Asked by Mr Sutton",
        "asked by Ms Grace",
        "The Okoros asked",
        "D. Fenwick asked",
        "Mr Fenwick's file",
        "FENWICK, D",
        "Letter on Mr. Fenwick",
        "letter about fenwick",
        "letter about taylor",
        "Letters of the taylors",
    ],
)
def test_a_surname_is_a_name_where_a_title_an_initial_or_its_place_says_so(
    desk: duckdb.DuckDBPyConnection, text: str
) -> None:
    load_held(desk)
    with pytest.raises(RegisterError, match="in small letters"):
        refuse_identifying(desk, POLICY, [text])


@pytest.mark.parametrize(
    "text",
    [
        "Evaluation of Safer Streets, final report",
        "Evaluation of Safer Streets: the fourth year in Sutton",
        "Asked by the data protection officer",
        "The final report. Baker and butcher are training places",
        "A baker, a butcher and grace",
        "bakers",
        "THE BAKER MOVED",
        "SUTTON",
        "From this year on; with what was asked for",
        "People who miss baker training",
        "Court order of 3 May 2024",
    ],
)
def test_a_plain_title_or_reason_is_recorded_whoever_is_held(
    desk: duckdb.DuckDBPyConnection, text: str
) -> None:
    load_held(desk)
    refuse_identifying(desk, POLICY, [text])


def test_the_registers_are_looked_at_hourly_while_a_clock_runs(folder: DataFolder) -> None:
    at = datetime(2026, 7, 1, 13, tzinfo=ZoneInfo(LONDON))
    assert not assets.is_wanted(folder, at)
    assert assets.is_wanted(folder, at.replace(hour=assets.DAILY_HOUR))
    made = entry("2026-07-01 12:00")
    with open_stores(folder, write=["registers"]) as connection:
        ensure_accountability(connection)
        breach = breaches.add_breach(connection, POLICY, made.at, "A screen was seen", "low", made)
    assert assets.is_wanted(folder, at)
    with open_stores(folder, write=["registers"]) as connection:
        for clock in ("controllers", "ico"):
            breaches.report_breach(connection, breach, clock, made.at, made)
    assert not assets.is_wanted(folder, at)
