"""Printed tables with statistics of invented scores, and an attacker who only calculates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations

import numpy as np
import pandas as pd

from safer_streets_assets_tests.builders import shipped_policy

POLICY = shipped_policy()
Scores = Mapping[str, Sequence[float]]


def engagement(groups: Scores) -> dict[str, pd.DataFrame]:
    """The mean engagement at one session by delivery, nothing hidden."""
    everybody = {**groups, "Total": [score for own in groups.values() for score in own]}
    rows = [
        {"session": "1", "delivery": name, "n_attended": len(own), "mean": np.mean(own or [np.nan])}
        for name, own in everybody.items()
    ]
    frame = pd.DataFrame(rows)
    printed = frame[["session", "delivery"]].astype("string")
    for count in ("n_expected", "n_attended"):
        printed[count] = frame["n_attended"].astype("Int64")
        printed[f"{count}_marker"] = pd.array([pd.NA] * len(frame), dtype="string")
    printed["mean_engagement"] = frame["mean"].astype("Float64").round(2)
    marker = pd.Series(pd.NA, index=frame.index, dtype="string")
    printed["mean_engagement_marker"] = marker.mask(printed["mean_engagement"].isna(), "[z]")
    return {"attendance_by_session": printed}


def change(pairs: Sequence[tuple[float, float]]) -> dict[str, pd.DataFrame]:
    """Change of OFF from start to end of everybody: counts, means and standard deviations."""
    spec = POLICY.tables.tables["attitude_change"]
    start, end = (np.array(side) for side in zip(*pairs, strict=True))
    found = {
        "mean_start": start.mean(),
        "mean_end": end.mean(),
        "mean_change": (end - start).mean(),
    }
    found |= {"sd_start": start.std(ddof=1), "sd_end": end.std(ddof=1)}
    found |= {"sd_change": (end - start).std(ddof=1)}
    row = {"scale": "OFF", "comparison": "start-end", "group_name": "Total", "group_value": "Total"}
    printed = pd.DataFrame([row], dtype="string")
    for count in spec.counts:
        printed[count] = pd.array([len(pairs)], dtype="Int64")
        printed[f"{count}_marker"] = pd.array([pd.NA], dtype="string")
    printed["direction"] = "higher is better"
    printed["smallest_change"] = 0.2
    for name, details in spec.statistics.items():
        kind = "string" if details.kind == "text" else "Float64"
        value = round(float(found[name]), 2) if name in found else pd.NA
        printed[name] = pd.array([value], dtype=kind)
        printed[f"{name}_marker"] = pd.array([pd.NA if name in found else "[x]"], dtype="string")
    return {"attitude_change": printed}


def waits(
    people: Mapping[str, int], hidden: Sequence[str] = (), unprinted: Sequence[str] = ()
) -> dict[str, pd.DataFrame]:
    """Days to the start by borough with a Total, counts of some boroughs hidden with their medians,
    and no median of others."""
    counts = {**people, "Total": sum(people.values())}
    spec = POLICY.tables.tables["time_to_start"]
    printed = pd.DataFrame({"borough": pd.array(list(counts), dtype="string")})
    gone = printed["borough"].isin(list(hidden))
    printed["n"] = pd.array(list(counts.values()), dtype="Int64")
    printed["n"] = printed["n"].mask(gone)
    printed["n_marker"] = pd.Series(pd.NA, index=printed.index, dtype="string").mask(gone, "[c]")
    without = gone | printed["borough"].isin(list(unprinted)) | printed["n"].lt(10).fillna(True)
    for statistic in spec.statistics:
        days = pd.Series([float(7 + n % 5) for n in counts.values()], dtype="Float64")
        marker = pd.Series(pd.NA, index=printed.index, dtype="string").mask(without, "[c]")
        printed[statistic] = days.mask(without)
        printed[f"{statistic}_marker"] = marker
    return {"time_to_start": printed}


def few_that_follow(
    releases: Sequence[Mapping[str, int]], printed: Sequence[set[str]], fewest: int
) -> Iterator[frozenset[tuple[str, int]]]:
    """Groups of fewer people than that whose sum is a combination of printed rows.

    `releases` has the people of each borough, who only join; `printed` the boroughs (or Total) of
    which anything is printed. A group is of who joined some boroughs between some releases.
    """
    names = list(releases[0])
    atoms = [
        (name, step)
        for step in range(len(releases))
        for name in names
        if releases[step][name] > (releases[step - 1][name] if step else 0)
    ]
    sizes = np.array(
        [releases[t][name] - (releases[t - 1][name] if t else 0) for name, t in atoms], dtype=int
    )
    known = [
        [float(step <= t and row in (name, "Total")) for name, step in atoms]
        for t, rows in enumerate(printed)
        for row in rows
    ]
    if not known:
        return
    basis = np.array(known)
    rank = np.linalg.matrix_rank(basis)
    places = range(len(atoms))
    for some in chain.from_iterable(combinations(places, k + 1) for k in places):
        if sizes[list(some)].sum() < fewest:
            wanted = np.isin(np.arange(len(atoms)), some).astype(float)
            if np.linalg.matrix_rank(np.vstack([basis, wanted])) == rank:
                yield frozenset(atoms[k] for k in some)
