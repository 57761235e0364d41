"""A whole run with the agreement signed: taken in, linked, published, and nobody named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from safer_streets_assets.definitions import build_defs
from safer_streets_assets.disclosure.earlier import earlier_releases
from safer_streets_assets.disclosure.joint_protection import PROVEN, prove_release
from safer_streets_assets.intake.landing import look_at_landing
from safer_streets_assets.reoffending.tables import column_types
from safer_streets_assets.stores import STORE_NAMES, DataFolder, open_stores
from safer_streets_assets_tests.builders import (
    CRC,
    MPS,
    NPS,
    NPS_ROW,
    crc_workbook,
    crn,
    csv_drop,
    data_folder,
    people_rows,
    put,
)
from safer_streets_assets_tests.e2e.runs import (
    copy_data,
    failed_checks,
    failures_of,
    instance_of,
    published,
    query,
    run_steps,
)
from safer_streets_assets_tests.privacy.traces import (
    canaries_of,
    canary_crn,
    database_texts,
    found_in,
    traces,
    word,
)
from safer_streets_assets_tests.reoffending.builders import COMPLETED_ON, agreed, found, police

pytestmark = pytest.mark.thorough

COMPLETED, OTHERS, NEEDED = 44, 12, 40
FOLLOWED = 41


@dataclass(frozen=True)
class Agreed:
    """The data folder after the run, what the run was, and what was planted in the landing."""

    folder: DataFolder
    result: dg.ExecuteInProcessResult
    planted: set[str]


def plant(folder: DataFolder) -> None:
    """Court outcomes, a spreadsheet, and a police drop with canaries wherever it can name somebody.

    Of those followed 13 had a police contact at once and 6 late in the year, 3 an arrest; 3 are
    followed for less than a year.
    """
    everybody = [*people_rows(NPS, COMPLETED + OTHERS), {**NPS_ROW, "CRN": canary_crn(0)}]
    done = {"Outcome": "Completed", "Outcome date": COMPLETED_ON, "Sessions attended": "12"}
    cases = people_rows(CRC, COMPLETED, **done) + people_rows(CRC, OTHERS, first=COMPLETED + 1)
    rows = police(
        *(found(crn(n), "Police contact", "20/06/2020") for n in range(1, 14)),
        *(found(crn(n), "Police contact", "01/05/2021") for n in range(14, 20)),
        *(found(crn(n), "Arrest", "01/09/2020") for n in range(14, 17)),
        *({"CRN": crn(n)} for n in range(20, FOLLOWED - 2)),
        *({"CRN": crn(n), "Searched until": "01/10/2020"} for n in range(39, FOLLOWED + 1)),
        {"CRN": canary_crn(0)},
        found(canary_crn(1), "Arrest", "01/09/2020"),
        {"CRN": word("crn")},
        found(canary_crn(2), word("event"), "01/09/2020"),
    )
    named = [{**row, "Name": word("person"), word("header"): word("outside")} for row in rows]
    put(folder, NPS, "outcomes.csv", csv_drop(everybody))
    put(folder, CRC, "eligibility.xlsx", crc_workbook(cases, "30 November 2021"))
    put(folder, MPS, f"{word('filename')} extract.csv", csv_drop(named))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agreed]:
    """One run over three drops, with a gate that few people open."""
    folder = data_folder(tmp_path_factory.mktemp("agreed") / "data")
    plant(folder)
    planted = canaries_of(traces(folder.landing))
    look_at_landing(folder)
    with pytest.MonkeyPatch.context() as patched, instance_of(folder, patched) as instance:
        yield Agreed(folder, run_steps(folder, instance, policy=agreed(NEEDED)), planted)


def test_the_run_succeeds_and_every_blocking_check_passes(run: Agreed) -> None:
    assert failures_of(run.result) == {}
    assert not failed_checks(run.result) & {"reoffending_gate_is_respected", "attack_finds_nothing"}
    states = query(run.folder, "SELECT source, state FROM registers.drops ORDER BY source")
    assert states == [(CRC, "loaded"), (MPS, "loaded"), (NPS, "loaded")]


def test_the_table_is_there_with_the_columns_its_asset_declares(run: Agreed) -> None:
    described = query(run.folder, "DESCRIBE research.reoffending")
    assert {row[0]: row[1] for row in described} == column_types(agreed())
    (made,) = run.result.asset_materializations_for_node("reoffending")
    assert made.metadata["gate_open"].value is True
    (rows,) = query(run.folder, "SELECT count(*) FROM research.reoffending")
    assert rows == (15,)
    assert made.metadata["dagster/row_count"].value == 15


def test_the_table_counts_those_who_completed_and_were_searched_for(run: Agreed) -> None:
    truth = query(
        run.folder,
        "SELECT event, months, n_at_risk, n_events, n_censored FROM research.reoffending "
        "WHERE months IN ('0', '6', '12')",
    )
    assert truth == [
        ("Police contact", "0", FOLLOWED, 0, 0),
        ("Police contact", "6", FOLLOWED - 13 - 3, 13, 3),
        ("Police contact", "12", FOLLOWED - 19 - 3, 19, 3),
        ("Arrest", "0", FOLLOWED, 0, 0),
        ("Arrest", "6", FOLLOWED - 3 - 3, 3, 3),
        ("Arrest", "12", FOLLOWED - 3 - 3, 3, 3),
        ("Sentencing", "0", FOLLOWED, 0, 0),
        ("Sentencing", "6", FOLLOWED - 3, 0, 3),
        ("Sentencing", "12", FOLLOWED - 3, 0, 3),
    ]


def test_the_release_is_not_called_invented_and_the_run_tells_no_split(run: Agreed) -> None:
    with published(run.folder) as connection:
        assert connection.execute('SELECT invented FROM "release"').fetchall() == [(False,)]
    (made,) = run.result.asset_materializations_for_node("protected_tables")
    assert "counts_hidden" in made.metadata
    assert not {"suppressed_primary", "suppressed_secondary", "cells_held_back"} & set(
        made.metadata
    )


def test_the_published_table_is_protected(run: Agreed) -> None:
    with published(run.folder) as connection:
        rows = connection.execute("SELECT * FROM reoffending").df().set_index(["event", "months"])
        (completed,) = connection.execute(
            "SELECT n FROM funnel WHERE stage = 'completed'"
        ).fetchone()
    true = query(run.folder, "SELECT n_at_risk, n_events, n_censored FROM research.reoffending")
    counts = rows[["n_at_risk", "n_events", "n_censored"]]
    assert len(rows) == len(true) == 15
    for printed, known in zip(counts.to_numpy(), true, strict=True):
        for value, count in zip(printed, known, strict=True):
            assert pd.isna(value) or (value == count and count not in range(1, 5))
    # Three who completed are not followed: both numbers together would tell.
    assert pd.isna(completed) or counts["n_at_risk"].xs("0", level="months").isna().all()
    hidden_before = counts.isna().any(axis="columns").groupby("event").cummax()
    assert rows.loc[hidden_before, "survival"].isna().all()


def test_an_attack_on_the_release_finds_nothing(run: Agreed) -> None:
    with open_stores(run.folder, read=STORE_NAMES) as connection:
        releases = earlier_releases(run.folder, connection)
    verdicts = prove_release(agreed(NEEDED), releases)
    assert any(name.startswith("reoffending") for name in verdicts)
    assert set(verdicts.values()) == {PROVEN}


def test_nobody_is_named_outside_the_restricted_store(run: Agreed) -> None:
    assert run.planted >= {"person", "header", "outside", "filename", "crn", "event"}
    places = [getattr(run.folder, name) for name in ("dagster", "registers", "published", "keys")]
    assert traces(*places, run.folder.restricted, run.folder.research) == {}
    held = {}
    with open_stores(run.folder, read=["restricted", "research"]) as connection:
        for store in ("restricted", "research"):
            held[store] = set().union(*map(found_in, database_texts(connection, store)))
    assert held["research"] == set()
    assert held["restricted"] >= {canary_crn(1).lower(), "crn", "event"}
    assert not held["restricted"] & {"person", "outside"}, "what no field is agreed for"


def test_retention_knows_what_the_police_sent(
    run: Agreed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = copy_data(run.folder, tmp_path / "data")
    definitions = build_defs(agreed(NEEDED), data_folder=str(folder.root))
    with instance_of(folder, monkeypatch) as instance:
        result = definitions.resolve_job_def("retention").execute_in_process(
            instance=instance, raise_on_error=False
        )
    assert result.success
    named = query(
        folder,
        "SELECT count(*) FROM registers.retention_register WHERE controller LIKE '%Metropolitan%'",
    )
    assert named[0][0] > 0
