"""What is true of every rounded release: multiples within reach of the aggregates, no exact figure.

The reach is measured from what is printed, not taken from what is stored: an attack on a release
that claims to be further from its counts than it is would prove too much.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from safer_streets_assets.disclosure.core import STEPS, Rounding, figures_add_up
from safer_streets_assets.disclosure.earlier import as_published
from safer_streets_assets.disclosure.rounded_tables import percentages_of
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.errors import UnsafeReleaseError

REMEDY = "materialise protected_tables again"


def rounding_printed(
    policy: Policy, counted: Mapping[str, pd.DataFrame], printed: Mapping[str, pd.DataFrame]
) -> Rounding | None:
    """How the printed tables are rounded, by how far they are from what was counted; None when the
    policy does not round."""
    base = policy.dpia.thresholds.rounding_base
    if base is None:
        return None
    far = 0
    for name, frame in counted.items():
        for count in policy.tables.tables[name].counts:
            far = max([far, *_distances(frame[count], printed[name][count])])
    return Rounding(base, far // base + 1)


def refuse_unrounded(
    policy: Policy, name: str, counted: pd.DataFrame, printed: pd.DataFrame
) -> None:
    """Refuses a table of a rounded release that prints anything but multiples near its counts and
    percentages of these.

    Raises:
        UnsafeReleaseError: names the table and the column, never a value.
    """
    base = policy.dpia.thresholds.rounding_base
    if base is None:
        return
    for count in policy.tables.tables[name].counts:
        figures = printed[count].astype("Int64").dropna()
        reach = base * max(STEPS)
        if (figures % base != 0).any() or any(
            far >= reach for far in _distances(counted[count], printed[count])
        ):
            raise UnsafeReleaseError(
                f"The release is not published because column {count} of table {name} prints a "
                f"figure that its count is not rounded to; {REMEDY}."
            )
    shares = percentages_of(printed, policy, name)
    for statistic, details in policy.tables.tables[name].statistics.items():
        said = printed[statistic].reset_index(drop=True)
        if details.kind == "percent":
            made = shares[statistic].reset_index(drop=True)
            wrong = not said.astype("Float64").eq(made).fillna(False)[said.notna()].all()
        else:
            wrong = bool(said.notna().any())
        if wrong:
            raise UnsafeReleaseError(
                f"The release is not published because column {statistic} of table {name} stands "
                f"on counts that are rounded; {REMEDY}."
            )


def refuse_unadditive(policy: Policy, stored: StoredProtection) -> None:
    """Refuses rounded figures that do not add up, within a table or between tables.

    Raises:
        UnsafeReleaseError: without a value.
    """
    if policy.dpia.thresholds.rounding_base is None:
        return
    release = as_published("new", stored.structure, stored.tables)
    if not figures_add_up(release.tables, release.links or ()):
        raise UnsafeReleaseError(
            "The release is not published because rounded figures do not add up, or two tables "
            f"print one count with two of them; {REMEDY}."
        )


def _distances(counted: pd.Series, printed: pd.Series) -> list[int]:
    true = counted.astype("Int64").reset_index(drop=True)
    said = printed.astype("Int64").reset_index(drop=True)
    return [
        # A figure where nothing was counted is no distance at all from any count: it is refused.
        2**40 if pd.isna(n) else abs(int(n) - int(figure))
        for n, figure in zip(true, said, strict=True)
        if not pd.isna(figure)
    ]
