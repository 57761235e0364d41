"""The DPIA's sections and what enforces them, with a check that what is named exists."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import dagster as dg
import duckdb
from pydantic import BaseModel

from safer_streets_assets.documentation.errors import DocumentsError
from safer_streets_assets.documentation.markdown import code, sentence, table_lines
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.lawful_basis import open_questions_in_words
from safer_streets_assets.stores.queries import tables_in
from safer_streets_assets.stores.sql_files import read_sql


def dpia_table(policy: Policy, definitions: dg.Definitions) -> list[str]:
    """A Markdown table, one line a section of the DPIA: what it asks, what enforces it, and the
    rules of `dpia.yaml` that come from it.

    Raises:
        DocumentsError: an enforcer does not exist.
    """
    refuse_unknown_enforcers(policy, definitions)
    rules = policy.dpia.rules_of_sections
    rows = [
        (
            section.title,
            sentence(section.asks) + _open(policy, name),
            ", ".join(map(_shown, section.enforced_by)),
            ", ".join(code(place) for place, of in rules.items() if of == name),
        )
        for name, section in policy.dpia.sections.items()
    ]
    return list(table_lines(("DPIA section", "What it asks", "What enforces it", "Rules"), rows))


def _open(policy: Policy, section: str) -> str:
    """The open questions of the section on the lawful basis, after what it asks."""
    rules = policy.dpia.lawful_basis
    questions = (
        open_questions_in_words(rules, policy.dpia.open_questions)
        if section == rules.section
        else []
    )
    return f" **Open, for the {rules.asked}:** {'. '.join(questions)}." if questions else ""


def refuse_unknown_enforcers(policy: Policy, definitions: dg.Definitions) -> None:
    """Checks that each name in `enforced_by` is an asset, check, schedule, ... that there is.

    Raises:
        DocumentsError: the first name that is not, with its place in the policy.
    """
    known = known_enforcers(policy, definitions)
    for name, section in policy.dpia.sections.items():
        for enforcer in section.enforced_by:
            kind, _, what = enforcer.partition(" ")
            if not _exists(kind, what, policy, known):
                raise DocumentsError(
                    f"dpia.yaml, sections.{name}.enforced_by: there is no {enforcer}; correct it."
                )


def known_enforcers(policy: Policy, definitions: dg.Definitions) -> dict[str, set[str]]:
    """What can be named, by kind: assets, checks, schedules, sensors and tables."""
    graph = definitions.resolve_asset_graph()
    return {
        "asset": {key.to_user_string() for key in graph.get_all_asset_keys()},
        "check": {key.name for key in graph.asset_check_keys},
        "schedule": {schedule.name for schedule in definitions.schedules or ()},
        "sensor": {sensor.name for sensor in definitions.sensors or ()},
        "table": {*policy.tables.tables, *_tables_beside()},
    }


def _exists(kind: str, what: str, policy: Policy, known: Mapping[str, set[str]]) -> bool:
    if kind == "policy":
        return _in_policy(policy, what.split())
    if kind == "module":
        return _is_module(what)
    return what in known.get(kind, set())


def _in_policy(policy: Policy, path: list[str]) -> bool:
    """Whether keys lead through `dpia.yaml` to something; a list is gone through by name."""
    found: Any = policy.dpia
    for key in path:
        if isinstance(found, BaseModel):
            found = getattr(found, key, None) if key in type(found).model_fields else None
        elif isinstance(found, dict):
            found = found.get(key)
        else:
            found = next((item for item in found if getattr(item, "name", None) == key), None)
        if found is None:
            return False
    return bool(path)


def _is_module(name: str) -> bool:
    try:
        return find_spec(f"safer_streets_assets.{name}") is not None
    except ModuleNotFoundError:
        return False


def _tables_beside() -> set[str]:
    """The tables of published.duckdb beside the published tables themselves."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(read_sql("release", "published"))
        return set(tables_in(connection, "memory"))


def _shown(enforcer: str) -> str:
    kind, _, what = enforcer.partition(" ")
    return f"{kind} {code(what)}"
