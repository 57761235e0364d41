"""Proves tables about to be printed, from what they and all earlier releases print."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from safer_streets_assets.disclosure.earlier import (
    PublishedFiles,
    as_published,
    earlier_releases,
)
from safer_streets_assets.disclosure.joint_protection import PROVEN, prove_release
from safer_streets_assets.disclosure.kept_secrets import (
    equal_of_day,
    fallen_counts,
    kept_evidence,
    lone_counts,
)
from safer_streets_assets.disclosure.printed_before import printed_releases
from safer_streets_assets.disclosure.statistics_attack import FoundStatistic, found_by_statistics
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder

NEW = "new"


def unproven_tables(
    policy: Policy,
    folder: DataFolder,
    connection: duckdb.DuckDBPyConnection,
    stored: StoredProtection,
    files: Sequence[PublishedFiles] | None = None,
) -> dict[str, str]:
    """Core table to the reason why it is not proven safe; withheld tables need no proof.

    The attacker knows everything printed in all earlier releases and in the stored tables, and
    assumes that counts only grow but for those that fell. One who is alone in a hidden cell knows
    that too, and must derive nobody else. A search that ran out of time is no
    proof. The registers and the restricted store are attached; `files` are those of the earlier
    releases (None: they are read).

    Raises:
        EarlierReleaseError: an earlier release is not there as it was published.
    """
    earlier = earlier_releases(folder, connection, files)
    fallen = fallen_counts(connection, stored.number)
    alone = lone_counts(connection, stored.number)
    of_day = equal_of_day(connection, stored.number)
    new = as_published(NEW, stored.structure, stored.tables, fallen, alone, of_day)
    evidence = kept_evidence(connection, stored.number)
    verdicts = prove_release(policy, [*earlier, new], evidence)
    withheld = {entry["spec"]["name"] for entry in stored.structure["tables"] if entry["withheld"]}
    return {
        name: said
        for name, said in sorted(verdicts.items())
        if said != PROVEN and name not in withheld
    }


def unproven_statistics(
    policy: Policy,
    folder: DataFolder,
    connection: duckdb.DuckDBPyConnection,
    stored: StoredProtection,
    files: Sequence[PublishedFiles] | None = None,
) -> list[FoundStatistic]:
    """The statistics by which an attacker who has every release finds something in the stored
    tables. The registers are attached; `files` are as for `unproven_tables`.

    Raises:
        EarlierReleaseError: an earlier release is not there as it was published.
    """
    earlier = printed_releases(folder, connection, policy, files)
    return found_by_statistics(policy.at_levels(stored.levels), stored.tables, earlier)
