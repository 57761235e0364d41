"""The manifest says what a second, independent reader finds in the files."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.demo.truth import DemoManifest
from safer_streets_assets_tests.demo import recount
from safer_streets_assets_tests.demo.recount import Count

Demo = tuple[Path, DemoManifest]


def found(count: Count) -> dict[str, object]:
    """A recount in the manifest's words."""
    return {
        **{fate: count.fates[fate] for fate in ("loaded", "quarantined", "refused", "duplicate")},
        "files": count.fates.total(),
        "rows": count.rows,
        "bad_rows": dict(count.bad),
        "duplicate_rows": count.duplicates,
        "corrections": count.corrections,
        "identities": len(count.held),
    }


def told(manifest: DemoManifest) -> dict[str, dict[str, object]]:
    """The manifest's sources, but for what `found` does not count."""
    sources = {name: asdict(truth) for name, truth in manifest.sources.items()}
    for truth in sources.values():
        del truth["typo_rows"]
    return sources


def assert_agrees(counts: dict[str, Count], manifest: DemoManifest) -> None:
    """Compare everything that the manifest says with a recount."""
    assert {name: found(count) for name, count in counts.items()} == told(manifest)
    stages = recount.funnel(counts)
    assert {stage: len(crns) for stage, crns in stages.items()} == manifest.funnel
    changes = recount.change_by_scale(counts, stages["community sentence with RAR"])
    assert {scale: len(changed) for scale, changed in changes.items()} == manifest.pairs
    assert len(set.intersection(*map(set, changes.values()))) == manifest.start_end_pairs
    crc = counts["crc_eligibility"]
    assert len({crn for crn, _ in crc.held} - stages["sentenced"]) == manifest.never_sent
    assert len(crc.held.keys() - crc.latest) == manifest.not_in_latest
    known = stages["sentenced"] | {crn for crn, _ in crc.held}
    for source in ("ors_attendee_survey", "ors_facilitator_checkin"):
        if source in counts:
            strangers = [r for r in counts[source].held.values() if r["crn"] not in known]
            assert len(strangers) == manifest.sources[source].typo_rows


def test_the_manifest_of_the_least_full_demo_is_what_the_files_hold(small: Demo) -> None:
    out, manifest = small
    assert_agrees(recount.recount(out), manifest)


@pytest.mark.thorough
def test_the_manifest_of_the_default_demo_is_what_the_files_hold(
    default: Demo, default_counts: dict[str, Count]
) -> None:
    assert_agrees(default_counts, default[1])


@settings(max_examples=4, deadline=None, derandomize=True)
@given(people=st.integers(1, 70), months=st.integers(1, 36), seed=st.integers(0, 10**6))
def test_the_manifest_is_true_at_any_size(
    tmp_path_factory: pytest.TempPathFactory, people: int, months: int, seed: int
) -> None:
    out = tmp_path_factory.mktemp("any")
    manifest = write_demo_drops(out, people=people, months=months, seed=seed)
    assert_agrees(recount.recount(out), manifest)


def test_the_default_demo_opens_the_gate_and_attitudes_rise(
    default: Demo, default_counts: dict[str, Count]
) -> None:
    assert default[1].start_end_pairs >= 110
    cohort = recount.funnel(default_counts)["community sentence with RAR"]
    for changed in recount.change_by_scale(default_counts, cohort).values():
        assert 0.05 < mean(changed.values()) < 0.6


def test_the_default_demo_has_attrition_at_every_stage_and_small_cells(
    default: Demo, default_counts: dict[str, Count]
) -> None:
    assert all(later < earlier for earlier, later in pairwise(default[1].funnel.values()))
    reasons = [
        (row["borough of residence"], row["if not assigned: reason code"])
        for row in default_counts["crc_eligibility"].held.values()
    ]
    assert any(0 < reasons.count(cell) < 5 for cell in set(reasons))


def test_every_file_is_listed_once_and_its_date_is_its_arrival(small: Demo) -> None:
    out, manifest = small
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert sorted(drop.path for drop in manifest.drops) == sorted(files)
    arrivals = [datetime.fromisoformat(drop.arrives) for drop in manifest.drops]
    assert arrivals == sorted(set(arrivals))
    for drop, arrives in zip(manifest.drops, arrivals, strict=True):
        stamp = (out / drop.path).stat().st_mtime
        assert datetime.fromtimestamp(stamp, UTC).replace(tzinfo=None) == arrives


def test_rows_listed_for_drops_add_up_to_their_source(small: Demo) -> None:
    _, manifest = small
    for source, truth in manifest.sources.items():
        drops = [drop for drop in manifest.drops if drop.source == source]
        assert sum(drop.rows for drop in drops) == truth.rows
        assert sum(drop.bad_rows for drop in drops) == sum(truth.bad_rows.values())


def test_the_manifest_survives_json(small: Demo) -> None:
    _, manifest = small
    assert json.loads(manifest.to_json()) == json.loads(json.dumps(asdict(manifest)))


def test_without_faults_every_file_can_be_read_and_rows_stay_the_same(
    small: Demo, tmp_path: Path
) -> None:
    _, with_faults = small
    manifest = write_demo_drops(tmp_path, people=50, months=12, seed=7, faults=False)
    assert {drop.fate for drop in manifest.drops} == {"loaded", "duplicate"}
    assert not (tmp_path / "mps_reoffending").exists()
    assert_agrees(recount.recount(tmp_path), manifest)
    kept = [drop for drop in with_faults.drops if drop.fate in ("loaded", "duplicate")]
    assert list(manifest.drops) == kept
