"""A research store of hand-made people, without the steps before it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import duckdb

from safer_streets_assets.attitudes.tables import write_gates
from safer_streets_assets.disclosure.policy_queries import empty_research
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.attitudes.test_tables import with_gates
from safer_streets_assets_tests.builders import shipped_policy

STAGES = shipped_policy().dpia.cohort.stages
PERSON: Mapping[str, Any] = {
    "disposal_date": "2020-01-01",
    "borough": "Lambeth",
    "gender": "Male",
    "age_band": "18-24",
    "offence": "00826",
    "court": "Thames Magistrates' Court",
    "delivery": "Group",
    "start_date": None,
    "sessions_attended": 0,
    "outcome": "Not recorded",
    "outcome_date": None,
}


@functools.cache
def open_gates(needed: int = 1) -> Policy:
    """The policy with gates that so many of anything open."""
    return with_gates(needed)


def stage(name: str) -> dict[str, int]:
    """How far a person has come."""
    return {"stage_number": STAGES.index(name) + 1}


@contextmanager
def research(
    people: list[Mapping[str, Any]], policy: Policy | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A research store with these people, numbered from 1, and its gates."""
    policy = policy or open_gates()
    with empty_research(policy) as connection:
        connection.execute("ATTACH ':memory:' AS registers")
        connection.execute(
            "CREATE TABLE registers.drops (source VARCHAR, state VARCHAR, position_date DATE)"
        )
        for number, person in enumerate(people, start=1):
            insert(connection, "linked_cohort", PERSON | {"person_id": f"p{number}"} | person)
        write_gates(connection, policy)
        yield connection


def insert(connection: duckdb.DuckDBPyConnection, table: str, row: Mapping[str, Any]) -> None:
    """One row of a table of the research store; columns that are not named are NULL."""
    listed, places = ", ".join(row), ", ".join("?" for _ in row)
    connection.execute(
        f"INSERT INTO research.{table} ({listed}) VALUES ({places})", list(row.values())
    )


def visit(person: int, session: int, day: str, attended: bool = True) -> dict[str, Any]:
    """A check-in of a person."""
    return {
        "person_id": f"p{person}",
        "session": session,
        "session_date": day,
        "attended": attended,
    }


def with_factors(policy: Policy, **rules: Any) -> Policy:
    """The policy with other rules of the regressions."""
    monitoring = policy.dpia.monitoring
    factors = monitoring.factors.model_copy(update=rules)
    changed = {"monitoring": monitoring.model_copy(update={"factors": factors})}
    return replace(policy, dpia=policy.dpia.model_copy(update=changed))
