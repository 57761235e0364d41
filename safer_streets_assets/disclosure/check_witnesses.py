"""Checks the witnesses of every release by addition alone: no solver, nothing of the core.

`python -m safer_streets_assets.disclosure.check_witnesses --data DIR` reads what was printed from
the release folders, and from the restricted store the whole table and the witnesses that were kept.
For each hidden count it asks for two whole tables that agree with everything printed and disagree
on that count, of which one reaches the threshold; for each rounded count below the threshold, for
one that has it at 0 or at the threshold or more. For each cell that holds one person it asks for
tables that leave it at 1 and disagree on each small count of other people. It says how many there
are, and no count.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from safer_streets_assets.disclosure.check_insiders import InsiderCheck
from safer_streets_assets.disclosure.check_levels import CheckedCell
from safer_streets_assets.disclosure.check_printed import (
    PrintedReleases,
    agrees,
    read_cell,
    read_lasting,
    read_release,
)
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import DataFolder, open_stores


class WitnessError(SaferStreetsError):
    """A release has a hidden count that its witnesses do not show to be safe."""


def check_release(printed: PrintedReleases, kept: Mapping[str, Any]) -> int:
    """How many hidden counts the kept witnesses show to be safe: all that `printed` hides.

    Raises:
        WitnessError: the kept table or a witness contradicts what is printed, or a hidden count
            has no two tables; without a count.
    """
    counts = _by_cell(kept["counts"])
    sums = printed.sums_by_cell()
    if set(counts) != printed.cells or not agrees(printed, sums, counts, counts):
        raise WitnessError(
            "The whole table that was kept of a release is not what the releases print; do not "
            "publish, and materialise protected_tables again."
        )
    aimed = {
        cell
        for cell in {*printed.hidden, *printed.rounded}
        if cell in printed.hidden or 0 < counts[cell] < printed.rounded[cell][2]
    }
    safe: set[CheckedCell] = set()
    agreed = InsiderCheck(printed, counts, sums, {read_lasting(cell) for cell in kept["alone"]})
    others: dict[int, dict[CheckedCell, int]] = {}
    moves, number_of = _moves(kept)
    for number, moved in enumerate(map(_by_cell, moves)):
        other = _changed(counts, moved)
        if agrees(printed, sums, other, moved):
            agreed.add(moved)
            others[number] = {cell: other[cell] for cell in moved}
    for witness, number in zip(kept["witnesses"], number_of, strict=True):
        other = others.get(number, {})
        aims = {read_cell(cell) for cell in witness["cells"]}
        if len(aims) > 1 or not aims <= aimed:
            continue
        (aim,) = aims
        if printed.is_safe(aim, counts[aim], other.get(aim, counts[aim])):
            safe.add(aim)
    if agreed.open:
        raise WitnessError(
            "Somebody alone in a hidden cell of a release may derive others, as far as the whole "
            "tables that were kept show; do not publish, and materialise protected_tables again."
        )
    if safe != aimed:
        raise WitnessError(
            "A hidden count of a release has no two whole tables that agree with what is printed "
            "and disagree on it; do not publish, and materialise protected_tables again."
        )
    return len(safe)


def check_folder(folder: DataFolder) -> list[tuple[str, int]]:
    """For each release of a data folder its id and how many hidden counts its witnesses prove,
    those of the releases before it included."""
    if not all(folder.database(store).exists() for store in ("restricted", "registers")):
        raise WitnessError("Nothing has been published from this data folder; name the right one.")
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        releases = connection.execute(
            "SELECT release_id, not_monotone, witnesses FROM registers.releases "
            "LEFT JOIN restricted.release_secrets USING (number) ORDER BY number"
        ).fetchall()
    checked = []
    printed = PrintedReleases()
    for number, (release_id, fallen, witnesses) in enumerate(releases):
        if witnesses is None:
            raise WitnessError(
                f"The restricted store keeps no witnesses of {release_id}; restore it from its "
                "backup."
            )
        fell = {read_lasting(count) for count in json.loads(fallen)}
        kept = json.loads(witnesses)
        path = folder.releases / release_id
        read_release(printed, number, path, fell, kept.get("links", ()))
        checked.append((release_id, check_release(printed, kept)))
    return checked


def main(arguments: Sequence[str] | None = None) -> int:
    """Checks a data folder and says what was found; 1 when a release is not proven."""
    parser = argparse.ArgumentParser(prog="check_witnesses", description="Checks witnesses.")
    parser.add_argument("--data", default=None, help="the data folder")
    try:
        found = check_folder(DataFolder.locate(parser.parse_args(arguments).data).required())
    except SaferStreetsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for release_id, number in found:
        sys.stdout.write(f"{release_id}: two whole tables for each of {number} hidden counts\n")
    return 0


def _moves(kept: Mapping[str, Any]) -> tuple[list[Any], list[int]]:
    """What the witnesses move, and for each witness which of that: releases of earlier versions
    keep it with the witness."""
    if "moves" in kept:
        return kept["moves"], [witness["move"] for witness in kept["witnesses"]]
    own = [witness["moved"] for witness in kept["witnesses"]]
    return [*own, *kept["more"]], list(range(len(own)))


def _by_cell(stored: Sequence[Any]) -> dict[CheckedCell, int]:
    found = {read_cell(cell): int(by) for cell, by in stored}
    # Finer counts behind tables that are tied in a cycle stand in no table: their sums do.
    return {cell: by for cell, by in found.items() if all(d for d, _ in cell[3])}


def _changed(
    counts: Mapping[CheckedCell, int], moved: Mapping[CheckedCell, int]
) -> dict[CheckedCell, int]:
    return {**counts, **{cell: counts[cell] + by for cell, by in moved.items()}}


if __name__ == "__main__":
    sys.exit(main())
