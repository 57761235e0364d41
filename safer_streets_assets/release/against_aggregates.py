"""What is attacked is what was counted: the tables about to be printed against the aggregates.

An attack proves the tables it is shown. So they must be those of the aggregates, row by row, and
the structure that tells the attacker what adds up must be the policy's, whatever is stored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.coarsening import path_of, recorded_levels
from safer_streets_assets.disclosure.core_tables import count_tables, holds_back
from safer_streets_assets.disclosure.earlier import next_number, structure_from
from safer_streets_assets.disclosure.held_back import lasting_of, with_counts
from safer_streets_assets.disclosure.joint_protection import links_of_day, told_links
from safer_streets_assets.disclosure.kept_secrets import equal_of_day, tabulated_counts
from safer_streets_assets.disclosure.levels import load_at_levels
from safer_streets_assets.disclosure.printed_facts import told_by
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.checksums import verify_tables
from safer_streets_assets.release.errors import UnsafeReleaseError
from safer_streets_assets.release.rounded_release import (
    refuse_unadditive,
    refuse_unrounded,
    rounding_printed,
)
from safer_streets_assets.stores import DataFolder

REMEDY = "materialise protected_tables again"


def refuse_changed(
    policy: Policy,
    folder: DataFolder,
    connection: duckdb.DuckDBPyConnection,
    stored: StoredProtection,
) -> None:
    """Refuses stored tables, or earlier releases, that are not what they were made as.

    The research store and the registers are attached.

    Raises:
        UnsafeReleaseError: the tables do not have the rows of the aggregates in their order, print
            a count that is not theirs (or not a rounded figure of it, where the policy rounds), or
            have a structure that is not the policy's.
        ReleaseError: an earlier release no longer prints what it was published with.
    """
    for (release_id,) in connection.execute(
        "SELECT release_id FROM registers.releases ORDER BY number"
    ).fetchall():
        verify_tables(folder.releases / release_id)
    following = next_number(connection)
    if stored.number not in (following, following - 1):  # the last one, published once more
        raise UnsafeReleaseError(
            "The release is not published because its tables were protected as another release; "
            f"{REMEDY}."
        )
    _refuse_other_levels(policy, connection, stored)
    aggregates = load_at_levels(connection, list(stored.tables), stored.levels)
    policy = policy.at_levels(stored.levels)
    frames = _tabulated(policy, connection, aggregates, stored.number)
    for name, frame in frames.items():
        _refuse_other_rows(policy, name, frame, stored.tables[name])
        if policy.dpia.thresholds.rounding_base is None:
            _refuse_other_counts(policy, name, frame, stored.tables[name])
        else:
            refuse_unrounded(policy, name, frame, stored.tables[name])
    _refuse_other_structure(policy, frames, stored)
    parts = count_tables(policy, frames)
    if equal_of_day(connection, stored.number) != links_of_day(policy, parts, frames):
        raise UnsafeReleaseError(
            "The release is not published because what was kept of its equal counts is not what "
            f"they are; {REMEDY}."
        )
    refuse_unadditive(policy, stored)


def _tabulated(
    policy: Policy,
    connection: duckdb.DuckDBPyConnection,
    aggregates: Mapping[str, pd.DataFrame],
    number: int,
) -> dict[str, pd.DataFrame]:
    """The aggregates with the counts that the release tabulates: the true ones or, where the policy
    holds back, others that are less than the threshold away and not zero where these are not."""
    counts = tabulated_counts(connection, number)
    far = policy.dpia.thresholds.minimum_count if holds_back(policy) and number > 1 else 1
    parts = count_tables(policy, aggregates)
    for name, own in parts.items():
        for part in own:
            for row, coords in part.coords(aggregates[name]).items():
                for count in part.spec.measures:
                    key = lasting_of(part, count, dict(coords))
                    true, said = int(aggregates[name][count].loc[row]), counts.get(key, -1)
                    if abs(said - true) >= far or (said == 0) != (true == 0):
                        raise UnsafeReleaseError(
                            f"The release is not published because a count of table {name} is "
                            "neither what was counted nor as near to it as a count that is held "
                            f"back; {REMEDY}."
                        )
    return with_counts(policy, aggregates, parts, counts)


def _refuse_other_levels(
    policy: Policy, connection: duckdb.DuckDBPyConnection, stored: StoredProtection
) -> None:
    """A table stands at the level that the policy or the register says, else at one it has."""
    recorded = recorded_levels(connection)
    for name in stored.tables:
        path = path_of(policy, name, recorded.get(name))
        if dict(stored.levels.get(name, path[0])) not in path:
            raise UnsafeReleaseError(
                f"The release is not published because table {name} does not stand at the level "
                f"that was chosen for it; {REMEDY}."
            )


def _refuse_other_rows(
    policy: Policy, name: str, counted: pd.DataFrame, printed: pd.DataFrame
) -> None:
    dimensions = list(policy.tables.columns(name))
    if _keys(counted, dimensions) != _keys(printed, dimensions):
        raise UnsafeReleaseError(
            f"The release is not published because the rows of table {name} are not those that "
            f"were counted, in their order; {REMEDY}."
        )


def _refuse_other_counts(
    policy: Policy, name: str, counted: pd.DataFrame, printed: pd.DataFrame
) -> None:
    for count in policy.tables.tables[name].counts:
        said = printed[count].astype("Int64").reset_index(drop=True)
        true = counted[count].astype("Int64").reset_index(drop=True)
        if not said.eq(true).fillna(False)[said.notna()].all():
            raise UnsafeReleaseError(
                f"The release is not published because column {count} of table {name} prints a "
                f"count that was not counted; {REMEDY}."
            )


def _refuse_other_structure(
    policy: Policy, aggregates: Mapping[str, pd.DataFrame], stored: StoredProtection
) -> None:
    """A part said to be withheld is not attacked, so it must print nothing."""
    parts = count_tables(policy, aggregates)
    withheld = _withheld(stored.structure)
    expected = structure_from(
        policy.dpia.thresholds.minimum_count,
        parts,
        told_links(policy, parts, aggregates),
        withheld,
        told_by(policy, parts, aggregates, rounding_printed(policy, aggregates, stored.tables)),
        stored.levels,
    )
    if json.dumps(stored.structure, sort_keys=True) != json.dumps(expected, sort_keys=True):
        raise UnsafeReleaseError(
            "The release is not published because what is stored with its tables does not "
            f"describe them as the policy does; {REMEDY}."
        )
    for name, own in parts.items():
        for part in own:
            frame = part.cells(stored.tables[name])
            if part.spec.name in withheld and frame[list(part.spec.measures)].notna().any(
                axis=None
            ):
                raise UnsafeReleaseError(
                    f"The release is not published because table {name} is withheld and prints a "
                    f"count; {REMEDY}."
                )


def _withheld(structure: Mapping[str, Any]) -> set[str]:
    return {entry["spec"]["name"] for entry in structure["tables"] if entry["withheld"]}


def _keys(frame: pd.DataFrame, dimensions: list[str]) -> list[tuple[str, ...]]:
    return list(frame[dimensions].astype(str).itertuples(index=False, name=None))
