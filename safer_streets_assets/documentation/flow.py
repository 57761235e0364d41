"""The asset graph as plain data, read from the definitions: what the picture of the docs draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import dagster as dg

from safer_streets_assets.documentation.errors import DocumentsError

DAYS = ("Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays")


@dataclass(frozen=True)
class Box:
    """What stands in one box: an asset, or the sensor or schedule that starts a job.

    `above` are the keys of the boxes it follows from, `notes` short lines under the name,
    `personal` the personal data it holds (tag `dpia/personal_data`; empty for a trigger).
    """

    key: str
    name: str
    group: str
    above: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    personal: str = ""
    description: str = ""
    trigger: bool = False


@dataclass(frozen=True)
class Flow:
    """All boxes and the groups, both in the order of the flow."""

    boxes: tuple[Box, ...]
    groups: tuple[str, ...]


def read_flow(definitions: dg.Definitions) -> Flow:
    """The flow that the definitions describe.

    Raises:
        DocumentsError: an asset depends on one of a later group.
    """
    graph = definitions.resolve_asset_graph()
    nodes = [graph.get(key) for key in _keys_in_order(definitions)]
    groups = tuple(dict.fromkeys(str(node.group_name) for node in nodes))
    assets = {node.key.to_user_string(): _asset_box(graph, node) for node in nodes}
    _refuse_backward(assets, groups)
    triggers = []
    for trigger, roots in _triggers(definitions, assets, groups):
        triggers.append(trigger)
        for key in roots:
            assets[key] = replace(assets[key], above=(*assets[key].above, trigger.key))
    return Flow((*triggers, *assets.values()), groups)


def when(cron: str) -> str:
    """A cron expression in words where it is hourly, daily, weekly or monthly; else itself."""
    minute, hour, day, month, weekday = cron.split()
    if (minute, hour, day, month, weekday) == ("0", "*", "*", "*", "*"):
        return "hourly"
    if not (minute.isdigit() and hour.isdigit() and month == "*"):
        return cron
    time = f"{int(hour):02}:{int(minute):02}"
    if day == "*" and weekday == "*":
        return f"daily at {time}"
    if day == "*" and weekday.isdigit():
        return f"{DAYS[int(weekday) % 7]} at {time}"
    if day.isdigit() and weekday == "*":
        return f"monthly, day {day}, {time}"
    return cron


def _keys_in_order(definitions: dg.Definitions) -> Iterator[dg.AssetKey]:
    for asset in definitions.assets or ():
        if isinstance(asset, dg.AssetsDefinition):
            yield from sorted(asset.keys, key=lambda key: key.to_user_string())


def _asset_box(graph: Any, node: Any) -> Box:
    checks = [graph.get(key) for key in sorted(node.check_keys, key=lambda key: key.name)]
    blocking = sum(bool(check.blocking) for check in checks)
    name = node.key.to_user_string()
    return Box(
        key=name,
        name=name,
        group=str(node.group_name),
        above=tuple(sorted(key.to_user_string() for key in node.parent_keys)),
        notes=(_counted(len(checks), blocking),) if checks else (),
        personal=node.tags.get("dpia/personal_data", ""),
        description=node.description or "",
    )


def _counted(checks: int, blocking: int) -> str:
    noun = "check" if checks == 1 else "checks"
    if blocking == 0:
        return f"{checks} {noun}"
    if blocking == checks:
        return f"{checks} blocking {noun}"
    return f"{checks} {noun}, {blocking} blocking"


def _refuse_backward(assets: dict[str, Box], groups: Sequence[str]) -> None:
    for box in assets.values():
        for parent in box.above:
            if parent in assets and groups.index(assets[parent].group) > groups.index(box.group):
                raise DocumentsError(
                    f"The asset {box.name} depends on {parent}, which is of a later group; data "
                    "goes one way, so move one of them."
                )


def _triggers(
    definitions: dg.Definitions, assets: dict[str, Box], groups: Sequence[str]
) -> Iterator[tuple[Box, list[str]]]:
    """Each sensor and schedule with the assets its job begins with."""
    starts: list[tuple[Any, str]] = [
        (sensor, f"sensor, every {sensor.minimum_interval_seconds} s")
        for sensor in definitions.sensors or ()
        if sensor.targets  # one that starts no job is beside the flow
    ]
    starts += [(s, when(str(s.cron_schedule))) for s in _schedules(definitions)]
    for start, says in starts:
        job = definitions.resolve_job_def(start.job_name)
        inside = {key.to_user_string() for key in job.asset_layer.executable_asset_keys}
        roots = [
            key for key, box in assets.items() if key in inside and not inside & set(box.above)
        ]
        group = assets[roots[0]].group if roots else groups[-1]
        name = start.name
        notes = (says, f"job {start.job_name}")
        yield (
            Box(
                key=f"start of {name}",
                name=name,
                group=group,
                notes=notes,
                description=start.description or "",
                trigger=True,
            ),
            roots,
        )


def _schedules(definitions: dg.Definitions) -> Iterator[dg.ScheduleDefinition]:
    for schedule in definitions.schedules or ():
        if isinstance(schedule, dg.ScheduleDefinition):
            yield schedule
