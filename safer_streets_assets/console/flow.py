"""The asset graph as plain data: what the picture draws and what the DPIA's table may name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import dagster as dg

from safer_streets_assets.console.errors import DocumentsError

DAYS = ("Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays")
DIRECT, PSEUDONYMISED = "direct-identifiers", "pseudonymised"


@dataclass(frozen=True)
class Box:
    """What stands in one box: an asset, or the sensor or schedule that starts a job.

    `above` are the keys of the boxes it follows from, `personal` what personal data it holds (the
    tag `dpia/personal_data`; empty for a trigger), `note` a short second line.
    """

    key: str
    name: str
    group: str
    above: tuple[str, ...]
    note: str = ""
    personal: str = ""
    description: str = ""
    trigger: bool = False


@dataclass(frozen=True)
class Flow:
    """All boxes, assets in the order of the definitions, and the groups in the order of the flow."""

    boxes: tuple[Box, ...]
    groups: tuple[str, ...]

    def box(self, key: str) -> Box:
        """The box of a key; KeyError when there is none."""
        return {box.key: box for box in self.boxes}[key]


def read_flow(definitions: dg.Definitions) -> Flow:
    """The flow that the definitions describe.

    Raises:
        DocumentsError: an asset depends on one of a later group.
    """
    graph = definitions.resolve_asset_graph()
    keys = list(_keys_in_order(definitions))
    groups = tuple(dict.fromkeys(graph.get(key).group_name or "" for key in keys))
    assets = [_asset_box(graph.get(key), definitions) for key in keys]
    _refuse_backward(assets, groups)
    triggers = list(_triggers(definitions, assets, groups))
    started: dict[str, list[str]] = {}
    for trigger, roots in triggers:
        for root in roots:
            started.setdefault(root, []).append(trigger.key)
    followed = [
        Box(**{**vars(box), "above": (*box.above, *started.get(box.key, ()))}) for box in assets
    ]
    return Flow((*(trigger for trigger, _ in triggers), *followed), groups)


def check_names(definitions: dg.Definitions) -> set[str]:
    """The names of all asset checks."""
    return {key.name for key in definitions.resolve_asset_graph().asset_check_keys}


def when(cron: str) -> str:
    """A cron expression in words where it is daily, weekly or monthly; else the expression."""
    minute, hour, day, month, weekday = cron.split()
    if not (minute.isdigit() and hour.isdigit() and month == "*"):
        return cron
    time = f"{int(hour):02}:{int(minute):02}"
    if day == "*" and weekday == "*":
        return f"daily {time}"
    if day == "*" and weekday.isdigit():
        return f"{DAYS[int(weekday) % 7]} {time}"
    if day.isdigit() and weekday == "*":
        return f"monthly, day {day}, {time}"
    return cron


def _keys_in_order(definitions: dg.Definitions) -> Iterator[dg.AssetKey]:
    for asset in definitions.assets or ():
        if isinstance(asset, dg.AssetsDefinition):
            yield from sorted(asset.keys, key=lambda key: key.to_user_string())


def _asset_box(node: dg._core.definitions.assets.graph.asset_graph.AssetNode, definitions: dg.Definitions) -> Box:  # noqa
    raise NotImplementedError
