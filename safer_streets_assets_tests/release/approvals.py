"""Releases under a policy that asks for two people, and how a folder with them stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.release import Published, ReleaseContent, approving
from safer_streets_assets.release.standing import Standing, Standings, read_standings
from safer_streets_assets.stores import DataFolder, who
from safer_streets_assets.stores.who import SystemUser
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY

ALICE, BOB = SystemUser(40001, "user 40001"), SystemUser(40002, "user 40002")
NOW = builders.NOW


def under(approval: str, policy: Policy = POLICY) -> Policy:
    """The policy with another word on approval, and so with another hash."""
    releases = policy.dpia.releases.model_copy(update={"approval": approval})
    dpia = policy.dpia.model_copy(update={"releases": releases})
    return replace(policy, dpia=dpia, digest=f"{approval:0<64}")


TWO = under("two-person")


def acting(monkeypatch: pytest.MonkeyPatch, user: SystemUser) -> None:
    """Makes the system say that this user acts."""
    monkeypatch.setattr(who, "_acting_uid", lambda: user.uid)


def saying(midpoint: int) -> ReleaseContent:
    """A release by one of its figures."""
    frames = {
        "funnel": builders.funnel(120, 100, 70, 50, 40, midpoint, None),
        "stage_gates": builders.stage_gates(),
    }
    return builders.content(frames, notes={}, structure={"tables": []})


def build(folder: DataFolder, midpoint: int, policy: Policy = TWO) -> Published:
    """Builds a release of that figure."""
    return builders.publish(folder, saying(midpoint), policy=policy)


def approve(
    folder: DataFolder, given: str, user: SystemUser = BOB, policy: Policy = TWO
) -> Standing:
    """Approves a release."""
    with builders.open_registers(folder) as registers:
        return approving.approve(folder, registers, policy, given, user, NOW)


def reject(folder: DataFolder, given: str, why: str = "An error.") -> Standing:
    """Rejects a release."""
    with builders.open_registers(folder) as registers:
        return approving.reject(folder, registers, TWO, given, BOB, why, NOW)


def roll_back(folder: DataFolder, given: str, policy: Policy = TWO) -> Standing:
    """Rolls back to a release."""
    with builders.open_registers(folder) as registers:
        return approving.roll_back(folder, registers, policy, given, BOB, "An error.", NOW)


def standings(folder: DataFolder) -> Standings:
    """How the releases stand."""
    with builders.open_registers(folder) as registers:
        return read_standings(folder, registers)


def states(folder: DataFolder) -> list[str]:
    """The states of the releases, oldest first."""
    return [one.state for one in standings(folder).releases]


def modes(folder: DataFolder) -> list[str]:
    """The modes of the folders of the releases, oldest first."""
    return [oct(path.stat().st_mode & 0o7777) for path in sorted(folder.releases.glob("r*"))]


def shown(folder: DataFolder) -> tuple[int | None, list[str]]:
    """The number of the release in `published.duckdb`, and of those listed, newest first."""
    place, index = folder.database("published"), folder.published / "index.html"
    listed = index.read_text() if index.exists() else ""
    names = [path.name for path in sorted(folder.releases.glob("r*"), reverse=True)]
    current = builders.query(place, "SELECT number FROM release")[0][0] if place.exists() else None
    return current, [name.partition("-")[0] for name in names if f'<section id="{name}"' in listed]


def everything(folder: DataFolder) -> dict[str, Any]:
    """All that is published, with its modes, all that the registers say of it, and their note."""
    state = builders.published_state(folder)
    for path, (mode, said) in state["files"].items():
        if path.endswith("SHA256SUMS"):  # DuckDB's files are compared by what they hold
            lines = [line for line in said.splitlines() if not line.endswith(b".duckdb")]
            state["files"][path] = (mode, lines)
    with builders.open_registers(folder) as registers:
        state["steps"] = registers.execute(
            "FROM registers.release_steps ORDER BY number"
        ).fetchall()
    note = folder.registers / "releases.json"
    return {**state, "note": note.read_bytes() if note.exists() else None}


@contextmanager
def changed_register(folder: DataFolder, sql: str) -> Iterator[None]:
    """The register after somebody wrote to it by hand."""
    with builders.open_registers(folder) as registers:
        registers.execute(sql)
    yield
