"""When a release is made, what it is called, and where it is put."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from safer_streets_assets.release import ReleaseError, publish_release, verify_release
from safer_streets_assets.release.assets import build_assets
from safer_streets_assets.release.checksums import file_sha256
from safer_streets_assets.release.schedule import is_automatic, next_release_from
from safer_streets_assets.stores import open_stores
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content, publish
from safer_streets_assets_tests.release.written_once import written_once

__all__ = ["written_once"]
pytestmark = pytest.mark.usefixtures("written_once")


def test_the_first_release_is_whole_registered_and_published(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    published = publish(folder)
    verify_release(published.path)
    ((release_id, number, made_at, content_hash, policy_hash, code),) = builders.register_rows(
        folder
    )
    assert published.changed
    assert release_id == published.release_id == published.path.name == f"r0001-{content_hash[:8]}"
    assert (number, made_at, policy_hash, code) == (1, builders.NOW, POLICY.digest, "0.1.0")
    place = folder.database("published")
    assert file_sha256(place) == file_sha256(published.path / "published.duckdb")
    assert place.stat().st_mode & 0o777 == 0o644


def test_the_stores_as_the_pipeline_opens_them_can_be_published_from(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    with open_stores(folder, write=["registers"]) as registers:
        published = publish_release(
            folder, registers, POLICY, content(), now=builders.NOW, code_version="0.1.0"
        )
    assert builders.register_rows(folder)[0][0] == published.release_id


def test_the_same_content_later_and_in_another_order_is_not_published_again(
    tmp_path: Path,
) -> None:
    folder = builders.data_folder(tmp_path)
    first = publish(folder)
    before = builders.published_state(folder)
    turned = dict(reversed(builders.small_tables().items()))
    again = publish(
        folder, content(turned, drop_ids=["c" * 64]), now=builders.NOW + timedelta(days=40)
    )
    assert again == replace(first, changed=False)
    assert builders.published_state(folder) == before


@pytest.mark.parametrize(
    "change",
    [
        {"notes": {"funnel": "Another note."}},
        {"structure": {"tables": []}},
        {
            "frames": {
                **builders.tables(),
                "funnel": builders.funnel(121, 100, 70, 50, 40, 20, None),
            }
        },
    ],
    ids=["notes", "structure", "a value"],
)
def test_whatever_a_release_says_differently_makes_a_new_one(tmp_path: Path, change: dict) -> None:
    folder = builders.data_folder(tmp_path)
    first = publish(folder)
    second = publish(folder, content(**change))
    assert (second.number, second.changed) == (2, True)
    assert second.release_id != first.release_id
    found = builders.query(folder.database("published"), 'SELECT release_id FROM "release"')
    assert found == [(second.release_id,)]
    verify_release(first.path)


def test_no_release_is_made_before_the_last_one_when_the_clock_was_set_back(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    first = publish(folder)
    before = builders.published_state(folder)
    earlier = builders.NOW - timedelta(hours=5)
    with pytest.raises(ReleaseError, match=rf"^The clock says .*, and release {first.release_id}"):
        publish(folder, content(notes={"funnel": "Another note."}), now=earlier)
    assert builders.published_state(folder) == before
    assert not publish(folder, now=earlier).changed
    assert publish(folder, content(notes={"funnel": "Another note."})).changed


def test_another_policy_makes_a_new_release(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    publish(folder)
    assert publish(folder, policy=replace(POLICY, digest="0" * 64)).number == 2


@pytest.mark.parametrize("harm", ["missing", "changed", "log beside it"])
def test_a_harmed_published_database_is_put_right_without_a_new_release(
    tmp_path: Path, harm: str
) -> None:
    folder = builders.data_folder(tmp_path)
    first = publish(folder)
    place = folder.database("published")
    log = place.with_name("published.duckdb.wal")
    if harm == "missing":
        place.unlink()
    elif harm == "changed":
        with duckdb.connect(str(place)) as connection:
            connection.execute("UPDATE funnel SET n = 1")
    else:
        log.write_bytes(b"not ours")
    assert not publish(folder).changed
    assert file_sha256(place) == file_sha256(first.path / "published.duckdb")
    assert not log.exists()


def test_a_damaged_last_release_is_followed_by_a_new_one(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    first = publish(folder)
    (first.path / "release.json").unlink()
    second = publish(folder)
    assert (second.number, second.changed) == (2, True)
    verify_release(second.path)
    assert "could not be compared" in (second.path / "CHANGELOG.md").read_text()


def test_a_reader_who_has_the_database_open_neither_waits_nor_holds_up(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    first = publish(folder)
    with duckdb.connect(str(folder.database("published")), read_only=True) as reader:
        second = publish(folder, content(notes={}))
        assert reader.execute('SELECT release_id FROM "release"').fetchall() == [
            (first.release_id,)
        ]
    found = builders.query(folder.database("published"), 'SELECT release_id FROM "release"')
    assert found == [(second.release_id,)]


def test_the_time_is_kept_in_utc_whatever_offset_it_comes_with(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    summer = timezone(timedelta(hours=1))
    publish(folder, now=datetime(2020, 6, 1, 0, 30, 5, 999, tzinfo=summer))
    assert builders.register_rows(folder)[0][2] == datetime(2020, 5, 31, 23, 30, 5)


def test_what_is_no_release_is_left_alone_in_the_releases_folder(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    (folder.releases / "notes of ours").mkdir()
    (folder.releases / ".r0009-00000000.building").mkdir()
    publish(folder)
    assert (folder.releases / "notes of ours").is_dir()
    assert not (folder.releases / ".r0009-00000000.building").exists()


def test_a_structure_that_is_not_json_is_refused(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    with pytest.raises(ReleaseError, match="structure"):
        publish(folder, content(structure={"a": {1, 2}}))
    assert list(folder.releases.iterdir()) == []


@pytest.mark.parametrize("harm", ["changed", "missing", "added", "linked", "sums", "record"])
def test_a_release_that_was_tampered_with_is_found_out(tmp_path: Path, harm: str) -> None:
    path = publish(builders.data_folder(tmp_path)).path
    victim = path / "csv" / "funnel.csv"
    if harm == "changed":
        victim.write_bytes(victim.read_bytes().replace(b"120", b"121"))
    elif harm == "missing":
        victim.unlink()
    elif harm == "added":
        (path / "csv" / "more.csv").touch()
    elif harm == "linked":
        (path / "csv" / "more").symlink_to(tmp_path)
    elif harm == "sums":
        (path / "SHA256SUMS").unlink()
    else:
        rewrite_with_new_sums(path)
    with pytest.raises(ReleaseError, match=path.name):
        verify_release(path)


def rewrite_with_new_sums(path: Path) -> None:
    """A change whose SHA256SUMS was made to fit: only the content hash tells."""
    victim = path / "csv" / "funnel.csv"
    old = file_sha256(victim)
    victim.write_bytes(victim.read_bytes().replace(b"120", b"121"))
    sums = path / "SHA256SUMS"
    sums.write_text(sums.read_text().replace(old, file_sha256(victim)))


def test_readers_can_read_a_release_whatever_the_umask_of_the_pipeline(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    before = os.umask(0o077)
    try:
        publish(folder)
    finally:
        os.umask(before)
    for path in [folder.published, *folder.published.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path.name


def test_only_a_run_that_a_sensor_or_schedule_started_waits_between_releases() -> None:
    assert is_automatic({"dagster/sensor_name": "new_drops", "other": "x"})
    assert is_automatic({"dagster/schedule_name": "weekly_release"})
    assert not is_automatic({"dagster/run_key": "x"})


def test_the_next_release_that_nobody_asked_for_waits_for_the_policys_days(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    with open_stores(folder, write=["registers"]) as connection:
        assert next_release_from(connection, POLICY) is None
        made_at = datetime(2024, 2, 1, 9, 30)
        connection.execute(
            "INSERT INTO registers.releases VALUES ('r0001', 1, ?, 'x', 'x', 'x')", [made_at]
        )
        days = timedelta(days=POLICY.dpia.thresholds.least_days_between)
        assert next_release_from(connection, POLICY) == made_at + days


@pytest.mark.parametrize("tag", ["dagster/sensor_name", "dagster/schedule_name"])
def test_a_run_that_nobody_asked_for_leaves_a_young_release_in_place(
    tmp_path: Path, tag: str
) -> None:
    folder = builders.data_folder(tmp_path)
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute(
            "INSERT INTO registers.releases VALUES ('r0001', 1, ?, 'x', 'x', 'x')", [now_utc()]
        )
    with dg.DagsterInstance.ephemeral() as instance:
        made = dg.materialize(
            build_assets(POLICY),
            resources={"stores": StoresResource(data_folder=str(folder.root))},
            instance=instance,
            tags={tag: "x"},
        )
    (event,) = made.asset_materializations_for_node("published_tables")
    assert "waits_until" in event.metadata
    assert "release_id" not in event.metadata
    assert builders.register_rows(folder)[-1][0] == "r0001"
