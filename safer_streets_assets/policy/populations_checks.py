"""Whether tables and gates of the policy count people that there are."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.built_on import COMPUTED_TOGETHER
from safer_streets_assets.policy.hierarchies import TOTAL
from safer_streets_assets.policy.tables import PublishedSpec
from safer_streets_assets.policy.tables_rows import FILE
from safer_streets_assets.policy.whole import Policy
from safer_streets_assets.policy.words import words_of


def populations_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with populations, and with whom tables and gates count."""
    for name, table in policy.tables.tables.items():
        yield from _within(policy, f"tables.{name}", table)
    yield from _populations(policy)


def _populations(policy: Policy) -> Iterator[Mistake]:
    """Populations are at stages that there are, and every table names one."""
    tables, stages = policy.tables, policy.dpia.cohort.stages
    for name, population in tables.populations.items():
        if population.stage not in (None, *stages):
            yield _at(
                f"populations.{name}.stage",
                f"{population.stage} is not a stage of the cohort; use one of {', '.join(stages)}",
            )
    for number, gate in enumerate(policy.dpia.gates):
        if gate.population not in tables.populations:
            yield Mistake(
                "dpia.yaml",
                f"gates.{number}.population",
                f"{gate.population} is not under populations of tables.yaml; add or correct it",
            )
    for name, table in tables.tables.items():
        if table.population not in tables.populations:
            yield _at(
                f"tables.{name}.population",
                f"{table.population} is not under populations; add or correct it",
            )
            continue
        stage = tables.population_of(name).stage
        if table.within.get("stage", stage) != stage:
            yield _at(
                f"tables.{name}.within.stage",
                f"its population {table.population} is not at that stage; name one that is",
            )
    counted = {gate.name: gate.population for gate in policy.dpia.gates}
    for name, table in tables.tables.items():
        wanted = counted.get(table.gate or "", table.population)
        if table.computed in COMPUTED_TOGETHER and table.population != wanted:
            yield _at(
                f"tables.{name}.population",
                f"it is computed of whom its gate counts; name {wanted}",
            )


def _within(policy: Policy, place: str, table: PublishedSpec) -> Iterator[Mistake]:
    """What a population is restricted to is a category, so that it does not restrict to nobody."""
    for column, value in table.within.items():
        named = [n for n, d in policy.tables.dimensions.items() if (d.column or n) == column]
        held = [n for n in named if value != TOTAL and words_of(policy, n).hold(value)]
        if not held:
            yield _at(
                f"{place}.within.{column}",
                f"{value} is no category of {column}, so that nobody would be counted; correct it",
            )


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
