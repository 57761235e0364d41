"""The headline of a release in sentences: the funnel's stages, the gates, the primary scales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from safer_streets_assets.attitudes.pairs import START_END
from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.charts.change import INTERVAL
from safer_streets_assets.release.charts.chart import formatted
from safer_streets_assets.release.comparing import CsvTable, printed
from safer_streets_assets.release.wording import begun, moved, not_agreed

CsvFiles = Mapping[str, bytes]
FUNNEL, GATES, CHANGE = "funnel", "stage_gates", "attitude_change"
MEAN, PAIRS = "mean_change", "n_paired"


def headline(policy: Policy, tables: CsvFiles, before: CsvFiles) -> Iterator[str]:
    """What the headline figures are, or how they changed; the tables are given as CSV, by name.

    A figure that is not printed now is not spoken of.
    """
    yield from _stages(policy, tables, before)
    yield from _gates(policy, tables, before)
    yield from _scales(policy, tables, before)


def _stages(policy: Policy, tables: CsvFiles, before: CsvFiles) -> Iterator[str]:
    now, old = _of(policy, tables, FUNNEL), _of(policy, before, FUNNEL)
    for key, row in now.rows.items():
        (stage,) = key
        if "n" in row:
            yield from _told(begun(stage), row["n"], old.rows.get(key, {}).get("n"))


def _told(what: str, now: str, before: str | None) -> Iterator[str]:
    if before is None:
        yield f"{what}: {now}."
    elif before != now:
        yield f"{what} {moved(before, now)}."


def _gates(policy: Policy, tables: CsvFiles, before: CsvFiles) -> Iterator[str]:
    now, old = _of(policy, tables, GATES), _of(policy, before, GATES)
    gates = {gate.name: gate for gate in policy.dpia.gates}
    turned: dict[str, list[str]] = {"true": [], "false": []}
    gathered = list[str]()
    for key, row in now.rows.items():
        was, (name,) = old.rows.get(key, {}), key
        gate = gates.get(name)
        title = name if gate is None else gate.title
        if was.get("open", "false") != row["open"]:
            turned[row["open"]].append(title)
        if "n_now" in row:
            unit = "" if gate is None else f" {gate.unit}"
            waits = "" if gate is None else not_agreed(policy, gate)
            closed = f"; closed, because {waits}" if waits and row["open"] == "false" else ""
            what = f"{title} ({row['n_needed']}{unit} needed{closed})"
            gathered += _told(what, row["n_now"], was.get("n_now"))
    for how, titles in (("opened", turned["true"]), ("closed", turned["false"])):
        if titles:
            yield f"{'Gate' if len(titles) == 1 else 'Gates'} {how}: {'; '.join(titles)}."
    if gathered:
        yield f"Gathered so far: {'; '.join(said.removesuffix('.') for said in gathered)}."


def _scales(policy: Policy, tables: CsvFiles, before: CsvFiles) -> Iterator[str]:
    now, old = _of(policy, tables, CHANGE), _of(policy, before, CHANGE)
    decimals = policy.dpia.thresholds.mean_decimals
    for scale, label in policy.labels_of("primary_scales").items():
        key = (scale, START_END.name, TOTAL, TOTAL)
        row, was = now.rows.get(key, {}), old.rows.get(key, {})
        name = f"{label} ({scale}), start to end"
        said = {
            column: formatted(float(value), decimals, sign=True)
            for column, value in row.items()
            if column in (MEAN, *INTERVAL)
        }
        if MEAN in said and MEAN not in was:
            between = " to ".join(said[end] for end in INTERVAL if end in said)
            yield f"{name}: mean change {said[MEAN]}{between and f' (95 % interval {between})'}."
        elif MEAN in said and row[MEAN] != was[MEAN]:
            before_it = formatted(float(was[MEAN]), decimals, sign=True)
            yield f"{name}: mean change {said[MEAN]}, {before_it} before."
        if PAIRS in row:
            yield from _told(f"{name}: people with both scores", row[PAIRS], was.get(PAIRS))


def _of(policy: Policy, tables: CsvFiles, name: str) -> CsvTable:
    """A table as printed; without rows when the release does not have it so."""
    dimensions = tuple(policy.tables.columns(name))
    found = printed(tables[name], dimensions) if name in tables else None
    return found or CsvTable(dimensions, {}, {})
