"""The program with timers around its stages, in a process of its own, for `benchmarks.stages`.

    python -m benchmarks.stages_work RESULT COMMAND ...

What is entered inside another stage counts for the inner one alone, so the stages add up to the
whole. Steps are told by Dagster's own events, imports by the import system.
"""

# What is imported must be timed, so it is imported late.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

COMMAND, IMPORTS, DAGSTER, EXPECTATIONS = "the command itself", "imports", "Dagster", "expectations"
SUITES = "conformed_tables_are_as_agreed"
"""The step that runs great-expectations' suites; its import counts for imports."""
STAGE_OF_GROUP = {"disclosure": "protection"}
"""Groups of assets whose stage has another name here."""


def spent() -> tuple[float, float]:
    """Wall seconds, and processor seconds of this process and its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.perf_counter(), sum(one.ru_utime + one.ru_stime for one in used)


class Stages:
    """What each stage took, itself alone; only the main thread's stages are told apart."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self.inside = [COMMAND]
        self.since = spent()

    def enter(self, stage: str) -> None:
        """What follows counts for this stage, until `leave`."""
        self.settle()
        self.inside.append(stage)

    def leave(self) -> None:
        """What follows counts for the stage around it again."""
        self.settle()
        self.inside.pop()

    def settle(self) -> None:
        """Adds what was spent since the last change to the stage that goes on."""
        now = spent()
        for place in (0, 1):
            self.seconds[self.inside[-1]][place] += now[place] - self.since[place]
        self.since = now


def time_imports(stages: Stages) -> None:
    """Times every import that is not one inside another."""
    bootstrap: Any = import_module("importlib._bootstrap")
    find = bootstrap._find_and_load
    thread = threading.main_thread()

    def timed(*given: Any) -> Any:
        if stages.inside[-1] == IMPORTS or threading.current_thread() is not thread:
            return find(*given)
        stages.enter(IMPORTS)
        try:
            return find(*given)
        finally:
            stages.leave()

    bootstrap._find_and_load = timed


def time_steps(stages: Stages) -> None:
    """Times the steps of all jobs by the events that Dagster gives its instance."""
    import dagster as dg

    from safer_streets_assets.console import running_jobs

    names = dg.DagsterEventType
    handle, run_job = dg.DagsterInstance.handle_new_event, running_jobs.run_job

    def handled(instance: Any, record: Any, **options: Any) -> Any:
        kind = record.dagster_event.event_type if record.dagster_event else None
        if kind == names.STEP_START:
            stages.enter(f"step {record.dagster_event.step_key}")
        elif kind in {names.STEP_SUCCESS, names.STEP_FAILURE}:
            stages.leave()
        # Writing the event is Dagster's own work, also while a step goes on.
        if threading.current_thread() is not threading.main_thread():
            return handle(instance, record, **options)
        stages.enter(DAGSTER)
        try:
            return handle(instance, record, **options)
        finally:
            stages.leave()

    def ran(*given: Any, **options: Any) -> Any:
        stages.enter(DAGSTER)
        try:
            return run_job(*given, **options)
        finally:
            stages.leave()

    dagster_instance: Any = dg.DagsterInstance
    dagster_instance.handle_new_event = handled
    running_jobs.run_job = ran


def groups_of_steps() -> dict[str, str]:
    """Step to the group of its assets, of the definitions that the run has used."""
    from safer_streets_assets.definitions import defs

    graph = defs.resolve_asset_graph()
    groups = {}
    for node in graph.assets_defs:
        found = {*node.group_names_by_key.values()}
        checked = {key.asset_key for key in node.check_keys}
        found |= {graph.get(key).group_name for key in checked if graph.has(key)}
        if found:
            groups[node.node_def.name] = min(found)
    return groups


def by_stage(seconds: dict[str, list[float]]) -> dict[str, list[float]]:
    """The same with the steps added up by stage."""
    steps = [name for name in seconds if name.startswith("step ")]
    groups = groups_of_steps() if steps else {}
    added: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for name, spent_here in seconds.items():
        stage, step = name, name.removeprefix("step ")
        if step != name:
            group = groups.get(step, "other steps")
            stage = EXPECTATIONS if step == SUITES else STAGE_OF_GROUP.get(group, group)
        for place in (0, 1):
            added[stage][place] += spent_here[place]
    return added


def main(result: str, *command: str) -> None:
    """Runs the command and writes what each stage took, also when the command fails."""
    stages = Stages()
    time_imports(stages)
    time_steps(stages)
    sys.argv = ["safer-streets", *command]
    from safer_streets_assets.program import main as program

    try:
        program()
    finally:
        stages.settle()
        Path(result).write_text(json.dumps(by_stage(dict(stages.seconds))), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
