"""Prints what an erasure on request takes, in numbers."""

from __future__ import annotations

from rich.console import Console

from safer_streets_assets.console.summary import print_table
from safer_streets_assets.retention.erasure.planning import Plan


def print_plan(console: Console, plan: Plan) -> None:
    """What would go, in numbers: no identifier and no name of a file."""
    rows = [("restricted", table, count) for table, count in plan.rows.items()]
    rows += [("research", "rows about people who go", plan.research_rows)]
    rows += [("registers", "lines of the review's audit", len(plan.near_misses))]
    rows += [("quarantine", "sealed files", len(plan.sealed))]
    rows += [("landing", "files", len(plan.landed))]
    print_table(console, "What goes", ("where", "what", "number"), rows)
    console.print(
        "All workbooks for senders are erased and made anew, and every store is rebuilt under a "
        "new key.",
        soft_wrap=True,
    )
    if plan.sealed and plan.subject.kind == "person":
        console.print(
            f"{len(plan.sealed)} sealed files in which the CRN stands go whole: what else is in "
            "them has to be sent again.",
            soft_wrap=True,
        )
    if plan.undecided:
        console.print(
            f"{plan.undecided} near misses of this CRN wait for a decision: what came under the "
            "mistyped CRN stays unless it is accepted as theirs before (safer-streets review).",
            soft_wrap=True,
        )
    if plan.not_searched:
        console.print(
            f"{plan.not_searched} sealed files cannot be opened here and are not searched: they "
            "are erased by their own rule.",
            soft_wrap=True,
        )
