"""Invented drops from file to funnel: everything agrees with their known truth."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

import duckdb
import pytest

from safer_streets_assets.cohort.conformed import Versions
from safer_streets_assets.cohort.linkage import funnel_counts
from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.demo.truth import DemoManifest
from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.intake.intake_counts import TakenIn
from safer_streets_assets.intake.readers import DropReader
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    build_cohort,
    data_folder,
    every_text,
    fetch,
    one_quickly,
    shipped_policy,
    stores_in_memory,
    take_in_everything,
)

RULES = {
    v.MALFORMED_CRN: "R-CRN",
    v.IMPOSSIBLE_DATE: "R-DATE",
    v.BORN_AFTER: "R-ORDER",
    v.UNKNOWN_CODE: "R-CODE",
    v.STAGE_RANGE: "R-RANGE",
    v.VALUE_RANGE: "R-RANGE",
    v.NAMES_A_PERSON: "R-NOT-ANONYMOUS",
}


@dataclass(frozen=True)
class Year:
    """A year of demo drops, taken in."""

    folder: DataFolder
    connection: duckdb.DuckDBPyConnection
    manifest: DemoManifest
    taken: dict[str, TakenIn]
    versions: dict[str, Versions]


YEARS = [(1, 12), (2, 6), (3, 6)]
"""Seed and months; the suite tries all but the last, SAFER_STREETS_EVERY_YEAR=1 all."""
TRIED = YEARS if os.environ.get("SAFER_STREETS_EVERY_YEAR") == "1" else YEARS[:-1]


@pytest.fixture(scope="module", params=one_quickly(TRIED), ids=lambda p: f"seed {p[0]}")
def year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Year]:
    root = tmp_path_factory.mktemp("year")
    folder = data_folder(root / "data")
    passwords = root / "passwords.txt"
    seed, months = request.param
    manifest = write_demo_drops(
        folder.landing, people=60, months=months, seed=seed, passwords_file=passwords
    )
    with (
        stores_in_memory() as connection,
        DropReader() as reader,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr(taking, "DropReader", lambda: nullcontext(reader))
        patched.setenv("SAFER_STREETS_DROP_PASSWORDS", str(passwords))
        taken = take_in_everything(connection, folder)
        yield Year(folder, connection, manifest, taken, build_cohort(connection, folder))


@pytest.mark.thorough
def test_every_drop_ends_as_it_should(year: Year) -> None:
    found = fetch(
        year.connection,
        "SELECT source, count(*) FILTER (state = 'loaded'), "
        "count(*) FILTER (state = 'quarantined'), count(*) FILTER (state = 'refused'), count(*) "
        "FROM registers.drops GROUP BY source",
    )
    assert {source: counts for source, *counts in found} == {
        source: [truth.loaded, truth.quarantined, truth.refused, truth.files - truth.duplicate]
        for source, truth in year.manifest.sources.items()
    }
    sends = fetch(year.connection, "SELECT count(*) FROM registers.sends")
    assert sends == [(len(year.manifest.drops),)]


def test_the_landing_is_empty_and_what_was_not_loaded_is_sealed(year: Year) -> None:
    assert [path for path in year.folder.landing.rglob("*") if path.is_file()] == []
    fates = Counter(drop.fate for drop in year.manifest.drops)
    sealed = list(year.folder.quarantine.glob("*.sealed"))
    assert len(sealed) == fates["quarantined"] + fates["refused"] > 0


@pytest.mark.parametrize("source", shipped_policy().sources)
def test_rows_and_reasons_are_those_of_the_truth(year: Year, source: str) -> None:
    truth, found = year.manifest.sources[source], year.versions[source]
    assert found == Versions(
        rows_read=truth.rows,
        set_aside=sum(truth.bad_rows.values()),
        duplicates=truth.duplicate_rows,
        corrections=truth.corrections,
        conformed=truth.identities,
    )
    expected: Counter[str] = Counter()
    for rule, rows in truth.bad_rows.items():
        # The survey's wave is a code; a session is a number with a range.
        is_wave = (source, rule) == (v.ATTENDEE, v.STAGE_RANGE)
        expected["R-CODE" if is_wave else RULES[rule]] += rows
    counted = fetch(
        year.connection,
        "SELECT counts.reason, sum(row_count) FROM registers.set_aside_counts AS counts "
        "JOIN registers.drops USING (drop_id) WHERE source = ? GROUP BY 1",
        source,
    )
    assert dict(counted) == expected
    assert year.taken[source].rows_set_aside == sum(truth.bad_rows.values())


def test_the_funnel_is_that_of_the_truth_and_each_stage_holds_the_next(year: Year) -> None:
    counts = funnel_counts(year.connection, shipped_policy())
    assert counts == year.manifest.funnel
    numbers = list(counts.values())
    assert numbers == sorted(numbers, reverse=True)


def test_what_crc_holds_besides_nps_is_that_of_the_truth(year: Year) -> None:
    [(strangers, vanished)] = fetch(
        year.connection,
        "SELECT count(DISTINCT person_id) FILTER (person_id NOT IN "
        "(SELECT person_id FROM research.court_cases)), count(*) FILTER (not_in_latest) "
        "FROM research.programme_cases",
    )
    assert (strangers, vanished) == (year.manifest.never_sent, year.manifest.not_in_latest)


def planted(year: Year) -> set[str]:
    """Names, CRNs, dates of birth and free text that the restricted store holds."""
    columns = {
        "nps_court_outcomes_raw": (
            *("crn", "crn_key", "offender_name", "offender_manager_name", "date_of_birth"),
        ),
        "crc_eligibility_raw": ("crn", "crn_key", "name", "offender_manager"),
        "ors_attendee_survey_raw": ("crn", "crn_key", "respid", "m2", "x5"),
        "ors_facilitator_checkin_raw": ("crn", "crn_key", "response_id", "comments"),
        "mtc_novo_raw": ("summary",),
    }  # fmt: skip
    return {
        value.strip()
        for table, names in columns.items()
        for name in names
        for (value,) in fetch(year.connection, f"SELECT DISTINCT {name} FROM restricted.{table}")
        if value and len(value.strip()) > 4
    }


def test_no_direct_identifier_and_no_free_text_is_in_the_research_store(year: Year) -> None:
    held = planted(year)
    assert len(held) > 200
    texts = set(every_text(year.connection, "research"))
    assert len(texts) > 200
    assert not held & texts
    names = {*v.SURNAMES, *v.NON_ASCII_SURNAMES, *v.MANAGERS}
    everything = "\n".join(texts)
    assert not [name for name in names if name in everything]
    assert re.findall(r"\b[A-Za-z][ .-]?\d{6}\b", everything) == []
    columns = fetch(
        year.connection,
        "SELECT DISTINCT column_name FROM duckdb_columns() WHERE database_name = 'research'",
    )
    found = {name for (name,) in columns}
    assert "person_id" in found
    assert not {"crn", "crn_key", "name", "date_of_birth", "respid", "m2", "x5", "comments"} & found


def test_the_registers_name_nobody(year: Year) -> None:
    held = planted(year)
    texts = set(every_text(year.connection, "registers"))
    assert not held & texts
    everything = "\n".join(texts)
    assert not [name for name in (*v.SURNAMES, *v.MANAGERS) if name in everything]
    assert not [drop for drop in year.manifest.drops if drop.path.split("/")[-1] in everything]


def test_taking_in_again_changes_nothing(year: Year) -> None:
    before = fetch(year.connection, "SELECT * FROM registers.drops ORDER BY ALL")
    again = take_in_everything(year.connection, year.folder)
    assert all(taken == TakenIn() for taken in again.values())
    assert fetch(year.connection, "SELECT * FROM registers.drops ORDER BY ALL") == before
