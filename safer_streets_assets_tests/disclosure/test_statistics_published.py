"""Statistics about to be printed against what releases on the register have printed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from safer_streets_assets.disclosure.earlier import structure_of
from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets.disclosure.kept_secrets import ensure_secrets
from safer_streets_assets.disclosure.proving import unproven_statistics
from safer_streets_assets.disclosure.statistics_attack import hide_unproven_statistics
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.disclosure.statistics_tables import POLICY, engagement
from safer_streets_assets_tests.disclosure.test_held import attendance
from safer_streets_assets_tests.disclosure.test_proving import publish

CAME = [3.0, 4.0, 2.0, 5.0, 3.0] * 6


def test_a_mean_that_tells_of_one_who_joined_since_any_release_on_the_register_is_found(
    tmp_path: Path,
) -> None:
    before = engagement({"Group": CAME, "One-to-one": []})
    between = engagement({"Group": [*CAME, *CAME], "One-to-one": []})
    after = engagement({"Group": [*CAME, 1.0], "One-to-one": []})
    made = protect_tables(POLICY, attendance(many=(30, 30, 3.4), one=(0, 0, 3.0)))
    stored = StoredProtection(after, made.summary, structure_of(made), 3)
    folder = DataFolder(tmp_path, tmp_path / "keys").prepare()
    with open_stores(folder, write=["restricted", "registers"]) as connection:
        ensure_registers(connection)
        ensure_secrets(connection)
        for printed in (before, between):
            publish(folder, connection, replace(made, tables=printed))
        found = unproven_statistics(POLICY, folder, connection, stored)
        assert {one.statistic for one in found} == {"mean_engagement"}
        safe = hide_unproven_statistics(POLICY, after, [before, between])
        assert safe["attendance_by_session"]["mean_engagement"].isna().all()
        assert unproven_statistics(POLICY, folder, connection, replace(stored, tables=safe)) == []
