"""The register: every file and row has a line, with its law, rule and state."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime

import pytest

from safer_streets_assets.intake.landing import drop_id_of
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import (
    Holding,
    RetentionError,
    as_frame,
    counts_by_state,
    enforce,
    read_register,
)
from safer_streets_assets.retention.holdings.inventory import inventory
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets_tests.retention.builders import (
    CRNS,
    PLANTED,
    checkin_csv,
    decided,
    land,
    nps_csv,
    publish,
)

NOW = datetime(2020, 3, 1, 12)
TODAY = date(2020, 3, 1)


def lines(folder: DataFolder, policy: Policy, today: date = TODAY) -> dict[str, Holding]:
    return {line.holding: line for line in read_register(folder, policy, today)}


def test_every_file_and_key_is_covered_by_exactly_one_line(
    folder: DataFolder, policy: Policy
) -> None:
    land(folder, "nps_court_outcomes", "waiting.csv", "x")
    files = [path for path in folder.root.rglob("*") if path.is_file()]
    found = read_register(folder, policy, TODAY)
    assert sum(line.files for line in found) == len(files)
    assert sum(line.bytes for line in found) == sum(path.stat().st_size for path in files)
    units = [path for unit in inventory(folder).values() for path in unit.there(folder)]
    assert sorted(units) == sorted(files)
    assert "data/unaccounted" not in lines(folder, policy)


def test_a_file_nobody_accounts_for_is_listed_as_personal_and_not_erased(
    folder: DataFolder, policy: Policy
) -> None:
    stray = folder.root / "copy of everything.xlsx"
    stray.write_bytes(b"stray")
    publish(folder, "Report", "2020-02-29", NOW)
    enforce(folder, policy, date(2021, 3, 1), datetime(2021, 3, 1))
    line = lines(folder, policy, date(2021, 3, 1))["data/unaccounted"]
    assert (line.files, line.bytes, line.state) == (1, 5, "overdue")
    assert stray.exists()


def test_a_line_states_the_law_that_the_policy_states(folder: DataFolder, policy: Policy) -> None:
    found = lines(folder, policy)
    for name, source in policy.sources.items():
        legal = found[f"restricted/{name}"].legal
        assert legal.controller == source.controller
        assert legal.classification == source.classification
        assert (legal.article_6, legal.article_9, legal.article_10) == (
            source.article_6,
            source.article_9,
            source.article_10,
        )
    store = found["restricted/store"].legal
    assert store.classification == "OFFICIAL-SENSITIVE"
    assert store.special_category
    assert not found["published/releases"].legal.special_category


def test_rows_are_counted_by_source_with_those_set_aside(
    folder: DataFolder, policy: Policy
) -> None:
    found = lines(folder, policy)
    assert found["restricted/nps_court_outcomes"].row_count == 2 * len(CRNS) + 1
    assert found["restricted/ors_facilitator_checkin"].row_count == len(CRNS)
    assert found["restricted/person_pseudonyms"].row_count == len(CRNS)
    assert found["restricted/crc_eligibility"].state == "nothing held"


def test_nothing_of_the_register_names_anybody(folder: DataFolder, policy: Policy) -> None:
    text = as_frame(read_register(folder, policy, TODAY)).to_csv()
    assert not [needle for needle in PLANTED if needle in text]


def test_personal_data_is_due_twelve_months_after_the_latest_publication(
    folder: DataFolder, policy: Policy
) -> None:
    assert lines(folder, policy)["research/store"].state == "held, not triggered"
    publish(folder, "Report", "2019-06-01", NOW)
    publish(folder, "Report", "2020-02-29", NOW)
    line = lines(folder, policy)["research/store"]
    assert (line.clock.rule, line.clock.trigger) == ("personal_data", "publication")
    assert line.clock.triggered_on == date(2020, 2, 29)
    assert line.clock.due_on == date(2021, 2, 28)
    assert line.state == "held until"


def test_a_quarantined_drop_is_due_by_whichever_rule_strikes_first(
    folder: DataFolder, policy: Policy
) -> None:
    decided(folder, datetime(2020, 6, 30, 23, 30))  # 1 July in London
    quarantined = [n for n in lines(folder, policy) if n.startswith("quarantine/")]
    assert len(quarantined) == 2
    for name in quarantined:
        line = lines(folder, policy)[name]
        assert (line.clock.rule, line.clock.due_on) == ("quarantine", date(2020, 7, 31))
        assert (line.files, line.row_count) == (2, 1)
    publish(folder, "Report", "2019-07-15", NOW)
    line = lines(folder, policy)[quarantined[0]]
    assert (line.clock.rule, line.clock.due_on) == ("personal_data", date(2020, 7, 15))


def test_a_copy_of_a_loaded_drop_in_the_landing_is_overdue_and_a_new_drop_is_not(
    folder: DataFolder, policy: Policy
) -> None:
    land(folder, "ors_facilitator_checkin", "again.csv", checkin_csv())
    land(folder, "nps_court_outcomes", "new.csv", nps_csv(CRNS[:1]))
    decided(folder, datetime(2020, 2, 1))
    found = lines(folder, policy)
    assert (found["landing/taken-in"].state, found["landing/taken-in"].files) == ("overdue", 1)
    assert found["landing/waiting"].state == "held, not triggered"
    enforce(folder, policy, TODAY, NOW)
    assert [path.name for path in folder.landing.rglob("*.csv")] == ["new.csv"]


def test_a_store_whose_key_is_gone_is_still_listed(folder: DataFolder, policy: Policy) -> None:
    Keys(folder.keys).destroy("restricted")
    line = lines(folder, policy)["restricted/nps_court_outcomes"]
    assert (line.state, line.row_count) == ("held, not triggered", None)


def test_a_sealed_file_without_a_line_on_the_ledger_is_dated_by_its_sealing(
    folder: DataFolder, policy: Policy
) -> None:
    drop_id = drop_id_of(folder.root / "README.md")
    (folder.quarantine / f"{drop_id}.sealed").write_bytes(b"left")
    line = lines(folder, policy)[f"quarantine/{drop_id}"]
    assert line.clock.triggered_on is not None
    assert line.legal.controller == "not known"


def test_states_are_counted(folder: DataFolder, policy: Policy) -> None:
    found = read_register(folder, policy, TODAY)
    counts = counts_by_state(found)
    assert sum(counts.values()) == len(found)
    assert counts["nothing held"] == 6


def test_sources_under_different_rules_are_a_mistake_in_the_policy(
    folder: DataFolder, policy: Policy
) -> None:
    sources = dict(policy.dpia.sources)
    sources["mtc_novo"] = sources["mtc_novo"].model_copy(update={"retention": "quarantine"})
    other = dataclasses.replace(policy, dpia=policy.dpia.model_copy(update={"sources": sources}))
    with pytest.raises(RetentionError):
        read_register(folder, other, TODAY)
