"""Invented years as far as the aggregates: what each month's release would be made of, in seconds.

The drops are those of `safer_streets_assets.demo`, read by the real readers in one child process
and taken through staging, cohort, attitudes and counting as the pipeline does, in stores in memory
and without Dagster, the ledger, the sensor and the suites. `test_generated_years` holds it
against the pipeline's own intake.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd

from safer_streets_assets.attitudes.tables import write_change, write_gates, write_scores
from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.cohort.crn_findings import record_findings
from safer_streets_assets.cohort.linkage import link_cohort
from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.demo import vocabulary as words
from safer_streets_assets.demo.calendar_months import arrival, month_end, months_from
from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.demo.nps import cp1252_months
from safer_streets_assets.demo.people import Case, InventedPerson, invent_people
from safer_streets_assets.demo.police import police_extract
from safer_streets_assets.disclosure.aggregate import define_lists
from safer_streets_assets.disclosure.levels import load_all, make_all
from safer_streets_assets.intake.naming import identifying_rows
from safer_streets_assets.intake.raw_tables import load_staged
from safer_streets_assets.intake.readers import (
    DropReader,
    ReadDrop,
    ReadLimits,
    ReadRequest,
    WantedColumn,
)
from safer_streets_assets.intake.staging import position_of, stage_rows, unstage
from safer_streets_assets.monitoring.tables import write_dropout, write_times
from safer_streets_assets.policy import Policy
from safer_streets_assets.reoffending.tables import write_reoffending
from safer_streets_assets.stores import Keys
from safer_streets_assets_tests.builders import (
    MPS,
    NPS,
    data_folder,
    shipped_policy,
    stores_in_memory,
)

Month = tuple[dict[str, pd.DataFrame], pd.DataFrame]
"""The aggregates after a month's drops by `stored_name`, and why cells of theirs have no value
(`research.attitude_not_estimable`)."""

FIRST_MONTH = date(2019, 11, 1)
MONTHLY = (words.NPS, words.CRC, words.CHECKIN)


@dataclass(frozen=True)
class _Drop:
    """A drop that has been read: which month's run takes it in, and when it was saved."""

    source: str
    month: int
    saved: datetime
    read: ReadDrop


def generated_year(
    people: int,
    months: int = 12,
    seed: int = 1,
    *,
    corrections: int = 0,
    late_files: int = 0,
    untidiness: float = 1,
    policy: Policy | None = None,
    after: Collection[int] | None = None,
) -> list[Month]:
    """The aggregates of an invented year, one entry for each month's drops, oldest first.

    `people` are sentenced over `months` months. Beside what the demo drops hold anyway, in each
    month but the first `corrections` people of earlier months come again from NPS with another
    borough, gender, age or sentence, and `late_files` of the monthly files, chosen by the seed,
    arrive with the next month's. `untidiness` is that of the demo drops. With `after`, only those
    months (from 0) are counted. The same arguments give the same aggregates.
    """
    policy = policy or shipped_policy()
    wanted = range(months) if after is None else sorted(after)
    loaded = months_loaded(
        people, months, seed, corrections, late_files, policy, untidiness, last=max(wanted)
    )
    return [counted(connection, policy) for month, connection in loaded if month in wanted]


def months_loaded(
    people: int,
    months: int,
    seed: int,
    corrections: int,
    late_files: int,
    policy: Policy,
    untidiness: float = 1,
    last: int | None = None,
) -> Iterator[tuple[int, duckdb.DuckDBPyConnection]]:
    """Each month, up to the last (from 0) that is asked for, with the stores after its drops were
    loaded."""
    last = months - 1 if last is None else last
    with tempfile.TemporaryDirectory() as name, stores_in_memory(policy) as connection:
        drops = _read_drops(Path(name), policy, people, months, seed, late_files, untidiness, last)
        drops += _corrected(policy, people, months, seed, corrections)
        folder = data_folder(Path(name) / "data")
        _one_key(Keys(folder.keys))
        for month in range(last + 1):
            own = [drop for drop in drops if drop.month == month]
            for drop in sorted(own, key=lambda one: (one.saved, one.source)):
                _load(connection, policy, drop)
            make_pseudonyms(connection, folder, policy)
            find_near_misses(connection, folder, policy)
            record_findings(connection, policy)
            yield month, connection


def _one_key(keys: Keys) -> None:
    """The same pseudonyms each time: sums of scores are rounded in the order of people."""
    keys.path(PSEUDONYM_KEY).write_text("0" * 64, encoding="ascii")
    keys.path(PSEUDONYM_KEY).chmod(0o600)


def counted(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Month:
    """What the steps from the conformed tables to the aggregates make of what is loaded. The stores
    are attached for writing, and everybody has a pseudonym."""
    conform_all(connection, policy)
    return counted_from_conformed(connection, policy)


def conform_all(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """The conformed table of every source."""
    for name in policy.sources:
        conform(connection, policy, name)


def counted_from_conformed(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Month:
    """What the steps from the conformed tables to the aggregates make of them."""
    link_cohort(connection, policy)
    write_scores(connection, policy)
    write_gates(connection, policy)
    write_change(connection, policy)
    write_monitoring(connection, policy)
    write_reoffending(connection, policy)
    define_lists(connection, policy)
    make_all(connection, policy)
    reasons = connection.execute("FROM research.attitude_not_estimable").df()
    return load_all(connection, policy), reasons


def write_monitoring(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """The tables of performance monitoring that are published, up to the newest drop of CRC."""
    found = connection.execute(
        "SELECT max(position_date) FROM restricted.loaded_drops WHERE source = 'crc_eligibility'"
    ).fetchone()
    write_times(connection, policy, found[0] if found else None)
    write_dropout(connection, policy)


def _load(connection: duckdb.DuckDBPyConnection, policy: Policy, drop: _Drop) -> None:
    source = policy.sources[drop.source]
    naming = identifying_rows(connection, policy, drop.source, drop.read)
    stage_rows(connection, source, policy, drop.read, naming)
    load_staged(
        connection,
        drop.source,
        source,
        drop_id=f"{drop.source}-{drop.month}-{drop.saved.isoformat()}",
        # A run registers all that has arrived at one moment.
        arrived_at=datetime.combine(
            months_from(FIRST_MONTH, drop.month + 2)[-1], datetime.min.time()
        ),
        saved_at=int(drop.saved.timestamp() * 1e9),
        drop=drop.read,
        position_date=position_of(connection, policy, source, drop.read),
    )
    unstage(connection, "staged")


def _read_drops(
    place: Path,
    policy: Policy,
    people: int,
    months: int,
    seed: int,
    late_files: int,
    untidiness: float,
    last: int,
) -> list[_Drop]:
    landing = place / "drops"
    listed = write_demo_drops(
        landing,
        people=people,
        months=months,
        seed=seed,
        first_month=FIRST_MONTH,
        faults=False,
        untidiness=untidiness,
    ).drops
    monthly = [d.path for d in listed if d.source in MONTHLY and _month(d.arrives) < months - 1]
    late = set(random.Random(f"late {seed}").sample(monthly, min(late_files, len(monthly))))
    drops = []
    with DropReader() as reader:
        for drop in (drop for drop in listed if drop.fate == "loaded"):
            month = _month(drop.arrives) + (drop.path in late)
            if month > last:
                continue
            read = reader.read(_request(policy, drop.source, landing / drop.path))
            drops.append(_Drop(drop.source, month, datetime.fromisoformat(drop.arrives), read))
        if MPS in policy.sources and last == months - 1:
            drops.append(_police(reader, place, policy, people, months, seed))
    return drops


def _police(
    reader: DropReader, place: Path, policy: Policy, people: int, months: int, seed: int
) -> _Drop:
    """What the police would send with the last month, once the agreement is signed."""
    calendar = months_from(FIRST_MONTH, months)
    write = police_extract(_everybody(people, months, seed), month_end(calendar[-1]), seed)
    write(place / "police.csv")
    saved = arrival(calendar[-1], 6, 9)
    return _Drop(MPS, months - 1, saved, reader.read(_request(policy, MPS, place / "police.csv")))


def _everybody(people: int, months: int, seed: int) -> list[InventedPerson]:
    return invent_people(
        people=people,
        months=months_from(FIRST_MONTH, months),
        seed=seed,
        non_ascii_months=cp1252_months(months),
    )


def _month(arrives: str) -> int:
    """The month whose run takes a drop in: monthly files arrive in the month after their own."""
    day = datetime.fromisoformat(arrives)
    return max(0, (day.year - FIRST_MONTH.year) * 12 + day.month - FIRST_MONTH.month - 1)


def _request(policy: Policy, name: str, path: Path) -> ReadRequest:
    source = policy.sources[name]
    return ReadRequest(
        path=path,
        columns=tuple(
            WantedColumn(name=f.name, headers=tuple(f.headers), required=f.required)
            for f in source.fields
        ),
        sheet=source.sheet,
        formats=tuple(source.formats),
        limits=ReadLimits(**policy.dpia.intake.limits.model_dump()),
    )


def _corrected(
    policy: Policy, people: int, months: int, seed: int, corrections: int
) -> Iterator[_Drop]:
    """A file of NPS's in each month but the first: people of earlier months, put right."""
    if corrections == 0:
        return
    rng = random.Random(f"corrections {seed}")
    calendar = months_from(FIRST_MONTH, months)
    everybody = _everybody(people, months, seed)
    for month, first in enumerate(calendar[1:], start=1):
        known = [(p, case) for p in everybody for case in p.cases if case.disposal < first]
        chosen = rng.sample(known, min(corrections, len(known)))
        rows = [_put_right(rng, person, case) for person, case in chosen]
        if rows:
            saved = arrival(first, 20, 9)
            yield _Drop(NPS, month, saved, _as_read(policy, NPS, rows))


def _put_right(rng: random.Random, person: InventedPerson, case: Case) -> Mapping[str, str]:
    """The row of a disposal again, with one thing other than it was."""
    row = {
        "Offender Management Team": person.team,
        "Offender Manager Name": person.manager,
        "CRN": person.crn,
        "Offender Name": person.listed_name,
        "Gender": "M" if person.male else "F",
        "Date of Birth": f"{person.born:%d/%m/%Y}",
        "Borough": person.borough,
        "Disposal Date": f"{case.disposal:%d/%m/%Y}",
        "Offence Code": case.offence,
        "Offence Description": words.OFFENCES[case.offence][1],
        "Proposed Sentence": case.proposed,
        "Resulting Sentence": case.resulting,
        "Court": case.court,
    }
    others = {
        "Gender": "F" if person.male else "M",
        "Date of Birth": f"{person.born.replace(day=1, year=person.born.year - 7):%d/%m/%Y}",
        "Borough": rng.choice([b for b in words.BOROUGH_WEIGHTS if b != person.borough]),
        "Resulting Sentence": rng.choice(list(words.SENTENCES)),
    }
    changed = rng.choice(list(others))
    return {**row, changed: others[changed]}


def _as_read(policy: Policy, source: str, rows: Sequence[Mapping[str, str]]) -> ReadDrop:
    return ReadDrop(
        format="csv",
        columns={
            field.name: [next((row[h] for h in field.headers if h in row), None) for row in rows]
            for field in policy.sources[source].fields
        },
        row_numbers=list(range(2, len(rows) + 2)),
        position_date=None,
        ragged_rows=[],
    )
