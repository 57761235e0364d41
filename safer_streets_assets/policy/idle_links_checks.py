"""Whether each link and overlap of `tables.yaml` says something, and not what another says."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from math import gcd

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.links import LinkCell, Overlap, PolicyCell, PolicyLink
from safer_streets_assets.policy.tables_rows import FILE
from safer_streets_assets.policy.whole import Policy


def idle_links_mistakes(policy: Policy) -> Iterator[Mistake]:
    """Overlaps and links that tell nothing, or cannot be followed, in the order of the file."""
    overlaps: dict[Hashable, int] = {}
    for number, overlap in enumerate(policy.tables.overlaps):
        yield from _overlap(policy, f"overlaps.{number}", overlap)
        cells = [_cell(policy, cell) for cell in (*overlap.whole, *(overlap.where_equal or ()))]
        said_of = (overlap.scores, _cell(policy, overlap.part), frozenset(cells))
        if (first := overlaps.setdefault(said_of, number)) != number:
            yield _at(f"overlaps.{number}", f"it is overlaps.{first} again; keep one of them")
    said: dict[Hashable, int] = {}
    for number, link in enumerate(policy.tables.links):
        place = f"links.{number}"
        yield from _terms(policy, place, link)
        for key in _sayings(policy, link):
            if key in said:
                yield _at(place, f"links.{said[key]} says so already; keep one of them")
        said[_saying(policy, link, link.is_count)] = number


def _terms(policy: Policy, place: str, link: PolicyLink) -> Iterator[Mistake]:
    """Cells that are in the sum twice, and sums that no counts have."""
    cells = [_cell(policy, term) for term in link.terms]
    for number, cell in enumerate(cells):
        if (first := cells.index(cell)) != number:
            yield _at(
                f"{place}.terms.{number}",
                f"it is the cell of terms.{first}; leave one of them, times both together, or none "
                "where that is 0",
            )
            return
    signs = {term.times > 0 for term in link.terms}
    if signs == {True} and not link.is_count:
        yield _at(f"{place}.terms", "counts of people do not add up to 0; give one times below 0")
    if signs == {False} and link.is_count:
        yield _at(f"{place}.terms", "less than nobody is no count; give one times above 0")


def _sayings(policy: Policy, link: PolicyLink) -> Iterator[Hashable]:
    """What another link would say that leaves nothing to this one: the same, or that the sum is 0
    and so no number of people."""
    yield _saying(policy, link, link.is_count)
    if link.is_count:
        yield _saying(policy, link.model_copy(update={"where_equal": False}), False)


def _saying(policy: Policy, link: PolicyLink, is_count: bool) -> Hashable:
    """What a link says, however it is multiplied, in whatever order it stands."""
    least = gcd(*(term.times for term in link.terms))
    terms = {_cell(policy, term): term.times // least for term in link.terms}
    others = {cell: -times for cell, times in terms.items()}
    sums = {frozenset(terms.items())} | (set() if is_count else {frozenset(others.items())})
    zero = None if link.where_zero is None else _cell(policy, link.where_zero)
    runs = (frozenset(link.each), frozenset(link.over.items()))
    return frozenset(sums), runs, is_count, link.where_equal, zero


def _overlap(policy: Policy, place: str, overlap: Overlap) -> Iterator[Mistake]:
    """The part is another cell than the whole, each with statistics of scores, and one table has
    every column that the overlap runs over."""
    cells = [(f"{place}.part", overlap.part)]
    cells += [(f"{place}.whole.{at}", cell) for at, cell in enumerate(overlap.whole)]
    for at, cell in cells:
        table = policy.tables.tables[cell.table]
        if not any(cell.count in s.stands_on for s in table.statistics.values() if s.of_scores):
            yield _at(
                at,
                f"no statistic of scores of {cell.table} stands on {cell.count}; use a count that "
                "one stands on",
            )
        if at != f"{place}.part" and _cell(policy, cell) == _cell(policy, overlap.part):
            yield _at(at, "it is the part itself, so that nobody is left; use another cell")
    columns = [set(policy.tables.columns(cell.table)) for _, cell in cells]
    if not any(set(overlap.each) <= own for own in columns):
        yield _at(
            f"{place}.each",
            "no table of the part and the whole has all of these columns; name those of one",
        )


def _cell(policy: Policy, cell: PolicyCell) -> Hashable:
    """A cell by its table, its count and what stands in each of its columns."""
    known = cell.columns if isinstance(cell, LinkCell) else {}
    names = {column: name for name, column in known.items()}
    columns = policy.tables.columns(cell.table)
    row = {c: cell.where.get(c, f"{{{names.get(c, c)}}}") for c in columns}
    return cell.table, cell.count, frozenset(row.items())


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
