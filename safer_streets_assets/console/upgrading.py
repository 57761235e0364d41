"""Which layout each store has, and what brings it to today's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from safer_streets_assets.stores import STORE_NAMES, DataFolder, StoreName, open_stores
from safer_streets_assets.stores.layout import LayoutStep, layout_of, steps_for, todays_layout


@dataclass(frozen=True)
class StandingOfStore:
    """A store that is there: the layout that it has, and the steps that it is to take."""

    store: StoreName
    has: int
    steps: tuple[LayoutStep, ...]


def upgrade_stores(console: Console, data: Path | None, *, dry_run: bool) -> None:
    """Says how the stores stand and brings them to today's layout, or with `dry_run` says what
    that would do and writes nothing.

    Raises:
        LaterLayoutError: a later version of this program wrote a store.
        StoreError, KeyMissingError: a store does not open.
    """
    folder = DataFolder.locate(data)
    stands = list(standing(folder))
    if not stands:
        console.print("There are no stores yet: the first run makes them.")
    for one in stands:
        console.print(_sentence(one), soft_wrap=True, markup=False)
        for step in one.steps:
            console.print(f"  {step.version}  {step.said}", soft_wrap=True, markup=False)
    behind = [one.store for one in stands if one.has < todays_layout()]
    if dry_run or not behind:
        return
    for store in behind:
        with open_stores(folder, write=[store]):
            pass
        console.print(f"The {store} store has layout {todays_layout()} now.", markup=False)


def standing(folder: DataFolder) -> Iterator[StandingOfStore]:
    """How each store stands that is there; nothing is written.

    Raises:
        LaterLayoutError: a later version of this program wrote a store.
    """
    for store in STORE_NAMES:
        if folder.database(store).exists():
            with open_stores(folder, read=[store], as_it_is=True) as connection:
                steps = tuple(steps_for(connection, store))
                yield StandingOfStore(store, layout_of(connection, store), steps)


def _sentence(one: StandingOfStore) -> str:
    today = todays_layout()
    if one.has == today:
        return f"The {one.store} store has layout {one.has}, which is today's."
    what = "" if one.steps else ", which changes nothing in it"
    return f"The {one.store} store has layout {one.has} and comes to {today}{what}."
