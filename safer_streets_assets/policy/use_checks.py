"""Whether everything in the policy has a user: what nobody uses is no promise, and is refused."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.whole import Policy

MONITORED = ("days_to_stage", "programme_ends", "factors")
"""The queries of performance monitoring, under `sql/monitoring/`."""


def unused(policy: Policy) -> Iterator[Mistake]:
    """Each gate, code list, population, dimension, hierarchy, list of words and query that nothing
    uses."""
    dpia, tables = policy.dpia, policy.tables
    waiting = {table.gate for table in tables.tables.values()}
    for gate in dpia.gates:
        if gate.name not in waiting:
            yield Mistake(
                "dpia.yaml",
                f"gates.{gate.name}",
                "nothing waits for this gate; name it under gate of a table in tables.yaml, or "
                "take it out",
            )
    fields = [field for source in dpia.sources.values() for field in source.fields]
    named = _named_lists(policy)
    codes = {field.codes for field in fields}
    for name in sorted(dpia.code_lists.keys() - codes):
        if f"codes:{name}" not in named:
            yield Mistake(
                "dpia.yaml",
                f"code_lists.{name}",
                "no field and no dimension has these codes; name the list there, or take it out",
            )
    opening = {dpia.roll_out.words} if dpia.roll_out is not None else set()
    words = {field.words for field in fields} | opening | named
    for name in sorted(policy.word_lists.keys() - words):
        yield Mistake(
            "places.yaml" if name in policy.places.lists else "vocabulary.yaml",
            f"lists.{name}",
            "no field and no dimension has these words; name the list there, or take it out",
        )
    for name in sorted(policy.vocabulary.said_nothing.keys() - named):
        yield Mistake(
            "vocabulary.yaml",
            f"said_nothing.{name}",
            "no dimension has this word; name it under words of one, or take it out",
        )
    read = {f"cohort/{name}": "the cohort" for name in dpia.cohort.tables}
    if dpia.expected.agreement is not None:
        read[dpia.expected.agreement.query] = f"the check {dpia.expected.agreement.check}"
    if dpia.monitoring is not None:
        read |= {f"monitoring/{name}": "performance monitoring" for name in MONITORED}
    if dpia.reoffending is not None:
        read["reoffending/follow_up"] = "the table of re-offending"
    for name, reader in read.items():
        if name not in policy.sql:
            yield Mistake(
                f"sql/{name}.sql",
                "whole file",
                f"{reader} reads it and it is not there; put it there",
            )
    counted = (one.source for one in tables.tables.values())
    queries = {*dpia.conformed_tables.values(), *counted, *read}
    for name in sorted(policy.sql.keys() - queries):
        yield Mistake(
            f"sql/{name}.sql",
            "whole file",
            "no source has this conformed table and no published table counts it; name it in one, "
            "or take the file away",
        )
    yield from _of_tables(policy)


def _named_lists(policy: Policy) -> set[str]:
    """The lists of the policy that dimensions name."""
    dimensions = policy.tables.dimensions.values()
    named = {reference for one in dimensions for reference in one.words}
    return named | {one.values for one in dimensions if isinstance(one.values, str)}


def _of_tables(policy: Policy) -> Iterator[Mistake]:
    tables = policy.tables
    counted = {name for table in tables.tables.values() for name in table.dimensions}
    alike = {name for one in tables.dimensions.values() for name in one.like}
    for name in sorted(tables.dimensions.keys() - counted - alike):
        yield Mistake(
            "tables.yaml",
            f"dimensions.{name}",
            "no table is counted by it; name it under dimensions of one, or take it out",
        )
    peopled = {table.population for table in tables.tables.values()}
    peopled |= {gate.population for gate in policy.dpia.gates}
    for name in sorted(tables.populations.keys() - peopled):
        yield Mistake(
            "tables.yaml",
            f"populations.{name}",
            "no table and no gate counts them; name it under population of one, or take it out",
        )
    coarsened = {name for table in tables.tables.values() for name in table.coarsen}
    for name in sorted(tables.hierarchies.keys() - coarsened):
        yield Mistake(
            "tables.yaml",
            f"hierarchies.{name}",
            "no table is taken up these levels; name it under coarsen of one, or take it out",
        )
