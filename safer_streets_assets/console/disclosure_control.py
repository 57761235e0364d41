"""The commands of disclosure control: the attack on all releases, and a table of one's own."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.markup import escape

from safer_streets_assets.console.handing_out import write_new_private_file
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.disclosure.own_spec import load_own_spec
from safer_streets_assets.disclosure.own_table import protect_own_table
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import load_policy
from safer_streets_assets.release.attacking import AttackReport, attack_published
from safer_streets_assets.stores import DataFolder

COLUMNS = (
    "table",
    "releases",
    "cells",
    "hidden",
    "withheld",
    "derivable",
    "proven small",
    "differences",
    "open",
    "verdict",
)


class NotProvenError(SaferStreetsError):
    """Something is not proven safe."""


class OwnTableError(SaferStreetsError):
    """A table of one's own that cannot be read, or has no place to be written to."""


def attack_releases(console: Console, data: Path | None) -> None:
    """Attacks every release from what is published, and prints what that gives: counts only.

    Raises:
        NotProvenError: a table is not proven safe.
        ReleaseError, TableError, ProofError: as `attack_published`.
    """
    thresholds = load_policy().dpia.thresholds
    report = attack_published(
        DataFolder.locate(data).published,
        threshold=thresholds.minimum_count,
        time_limit=thresholds.proof_seconds,
    )
    _print_report(console, report)
    if report.unproven:
        raise NotProvenError(
            f"Hand nothing out: {', '.join(report.unproven)} cannot be shown to be safe from what "
            f"{_releases(report)} print together."
        )
    console.print(f"Proven: from {_releases(report)} together nobody derives a hidden count.")


def protect_file(console: Console, file: Path, spec: Path, out: Path | None) -> None:
    """Protects a CSV file of true counts; writes a new file only when all of it is proven safe.

    Raises:
        OwnTableError: the file cannot be read, or the new one is there already.
        TableError: the spec or the table is wrong.
        NotProvenError: the table is not proven safe.
        HandingOutError: the new file cannot be written.
    """
    place = out or file.with_name(f"{file.stem}_protected.csv")
    if os.path.lexists(place):
        raise OwnTableError(
            "There is something in the place of the new file; give another one with --out."
        )
    what = load_own_spec(spec)
    made = protect_own_table(_read_csv(file), what)
    if made.table is None:
        raise NotProvenError(
            f"Nothing was written, as the table is withheld ({made.verdict}): make its categories "
            "coarser, or give the spec more seconds."
        )
    write_new_private_file(place, made.table.to_csv(index=False, lineterminator="\n").encode())
    print_table(
        console,
        "Your table",
        ("cells", "hidden", "small", "with them", "verdict"),
        [(made.cells, made.primary + made.secondary, made.primary, made.secondary, made.verdict)],
    )
    console.print(
        "small: hidden because they, or a difference, are below the threshold; with them: hidden "
        "so that nobody works those out.",
        soft_wrap=True,
    )
    console.print(
        f"Wrote {escape(str(place))}: {escape('[c]')} marks what is hidden.", soft_wrap=True
    )


def _read_csv(file: Path) -> pd.DataFrame:
    """The rows as text; every one has to be as long as the header."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            header, *rows = [row for row in csv.reader(stream, strict=True) if row]
        if any(len(row) != len(header) for row in rows):
            raise ValueError
    except (OSError, ValueError, csv.Error):
        raise OwnTableError(
            f"{file.name} cannot be read as a CSV file in UTF-8 with a header and rows as "
            "long as it; see where it is and save it as one."
        ) from None
    return pd.DataFrame(rows, columns=pd.Index([name.strip() for name in header]), dtype="string")


def _print_report(console: Console, report: AttackReport) -> None:
    print_table(
        console,
        f"The attack on {_releases(report)}, together",
        COLUMNS,
        [
            (
                t.table,
                t.releases,
                t.cells,
                t.hidden,
                t.withheld,
                t.derivable,
                t.proven_small,
                t.differences,
                t.unsettled,
                t.verdict,
            )
            for t in report.tables
        ],
    )
    console.print(
        "derivable: hidden counts that follow exactly; proven small: known to be below the "
        "threshold; differences: small ones that follow; open: not settled in time.",
        soft_wrap=True,
    )
    if any(table.may_fall for table in report.tables):
        console.print(
            "as counts may fall: print shows that counts fall from release to release; who takes "
            "all others to grow would conclude more, and may be wrong.",
            soft_wrap=True,
        )
    console.print(f"The attack took {report.seconds:.1f} seconds.")


def _releases(report: AttackReport) -> str:
    first, *others = report.releases
    return f"releases {first} to {others[-1]}" if others else f"release {first}"
