"""Whether statistics, scored means and shares of `tables.yaml` are of what their tables have."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.tables import PublishedSpec
from safer_streets_assets.policy.tables_rows import FILE
from safer_streets_assets.policy.whole import Policy


def figures_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with the figures of each table."""
    for name, table in policy.tables.tables.items():
        yield from _statistics(policy, name, table)
        yield from _shares(policy, f"tables.{name}", table)


def _statistics(policy: Policy, name: str, table: PublishedSpec) -> Iterator[Mistake]:
    place, columns = f"tables.{name}", policy.tables.columns(name)
    adds_up = any(spec.total for spec in columns.values())
    for statistic, details in table.statistics.items():
        at = f"{place}.statistics.{statistic}"
        if details.beside == name or details.beside not in (None, *policy.tables.tables):
            yield _at(
                f"{at}.beside",
                f"{details.beside} is not another table under tables; name one",
            )
        for key, said in (("of_total", details.of_total), ("whole", details.whole)):
            if said and not adds_up:
                yield _at(f"{at}.{key}", f"no dimension of {name} has a Total row; take it out")
    for number, scored in enumerate(table.scored):
        if scored.scale not in (None, *columns):
            yield _at(
                f"{place}.scored.{number}.scale",
                f"table {name} has no column {scored.scale}; use one of its columns",
            )


def _shares(policy: Policy, place: str, table: PublishedSpec) -> Iterator[Mistake]:
    """A share along a dimension that the table does not have, or that is not made for it."""
    for name, share in table.shares.items():
        along = share.total or share.before
        at = f"{place}.shares.{name}.{'before' if share.before else 'total'}"
        if along is None:
            continue
        if along not in table.dimensions:
            yield _at(at, f"{along} is not a dimension of the table; name one of its dimensions")
        elif share.total is not None and not policy.tables.dimensions[along].total:
            yield _at(at, f"{along} has no Total row; name another")
        elif share.before is not None and not policy.tables.dimensions[along].nested:
            yield _at(at, f"the categories of {along} do not hold each other; name a nested one")


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
