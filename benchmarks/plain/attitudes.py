"""The plain stack's scores of the survey's scales, and tests of their change."""

from __future__ import annotations

import re

import dagster as dg
import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.plain.sources import policy
from benchmarks.plain.tables import GROUPS

COMPARISONS = {"start-end": (1, 3), "start-middle": (1, 2), "middle-end": (2, 3)}
COUNTING = (1, 3)
"""Statuses of responses that count: complete and partial."""
MISSING = [97, 98, 99]
"""Codes of answers that are none."""


@dg.asset
def answers(cohort: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """The first complete or partial response of each participant at each wave, answers only."""
    counting = responses[responses["status"].isin(COUNTING)].sort_values(["status", "respid"])
    first = counting.drop_duplicates(["person", "wave"])
    items = [name for name in map(str, first) if re.fullmatch(r"[a-z]\d(_\d+)?", name)]
    first = first.assign(**{name: first[name].mask(first[name].isin(MISSING)) for name in items})
    participants = cohort.loc[cohort["stage_number"] >= 3, ["person", "borough", *GROUPS]]
    return first.merge(participants, on="person")


@dg.asset
def scores(answers: pd.DataFrame) -> pd.DataFrame:
    """One row a person, wave and scale: the mean of its keyed items where enough are answered.

    Who has not every primary scale at a wave has none there.
    """
    parts = []
    for name, columns, least in _scales():
        keyed = _keyed(answers, columns)
        score = keyed.mean(axis=1).where(keyed.notna().sum(axis=1) >= least)
        parts.append(answers[["person", "wave"]].assign(scale=name, score=score))
    rows = pd.concat(parts, ignore_index=True).dropna(subset="score")
    primary = policy("questionnaire")["scales"]
    wanted = [name for name, scale in primary.items() if scale["analysis"] == "primary"]
    of_primary = rows["scale"].isin(wanted)
    there = of_primary.groupby([rows["person"], rows["wave"]]).transform("sum")
    return rows[~of_primary | (there == len(wanted))]


def _scales() -> list[tuple[str, dict[str, int], int]]:
    """Each scale: its items with their keys, and how many must be answered; ONS4 are single."""
    asked = policy("questionnaire")
    found = []
    for name, scale in asked["scales"].items():
        items = {i["id"].lower(): i.get("key", 1) for i in asked["items"] if i["scale"] == name}
        if scale["score"] == "mean":
            found.append((name, items, scale["min_answered"]))
        else:
            found += [(one.upper(), {one: 1}, 1) for one in items]
    return found


def _keyed(answers: pd.DataFrame, items: dict[str, int]) -> pd.DataFrame:
    keyed = answers[list(items)].astype("Float64").astype(float)
    return keyed.assign(**{name: 6 - keyed[name] for name, key in items.items() if key == -1})


@dg.asset
def reliability(answers: pd.DataFrame) -> pd.DataFrame:
    """Cronbach's alpha and the least reliable change of each scale of several items, by wave."""
    rows = []
    for name, items, _ in _scales():
        for wave in sorted(set(answers["wave"])):
            keyed = _keyed(answers[answers["wave"] == wave], items).dropna()
            if len(items) > 1 and len(keyed) > 2:
                whole = keyed.sum(axis=1).var()
                alpha = len(items) / (len(items) - 1) * (1 - keyed.var().sum() / whole)
                error = keyed.mean(axis=1).std() * np.sqrt(2 * (1 - alpha))
                rows.append((name, wave, len(keyed), alpha, 1.96 * error))
    return pd.DataFrame(rows, columns=["scale", "wave", "complete", "alpha", "threshold"])


@dg.asset
def changes(answers: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """One row a person, scale and comparison of waves: both scores and the change."""
    people = answers.drop_duplicates("person")[["person", "borough", *GROUPS]]
    waves = scores.pivot(index=["person", "scale"], columns="wave", values="score")
    waves = waves.reindex(columns=[1, 2, 3])
    parts = [
        pd.DataFrame({"first_score": waves[one], "second_score": waves[two]})
        .assign(comparison=name, change=(waves[two] - waves[one]).round(9))
        .reset_index()
        for name, (one, two) in COMPARISONS.items()
    ]
    return pd.concat(parts, ignore_index=True).merge(people, on="person")


@dg.asset
def change_statistics(changes: pd.DataFrame) -> pd.DataFrame:
    """Tests and effect sizes of the change, for everybody and for each group."""
    paired = changes.dropna(subset="change")
    rows = []
    for group in GROUPS:
        for total in (False, True):
            keys = ["scale", "comparison"] if total else ["scale", "comparison", group]
            for key, given in paired.groupby(keys):
                value = "Total" if total else key[2]
                rows.append(
                    {"group_name": group, "scale": key[0], "comparison": key[1]}
                    | {"group_value": value}
                    | _tests(given)
                )
    return pd.DataFrame(rows)


def _tests(pairs: pd.DataFrame) -> dict[str, float]:
    """What is said of the change of some people; nothing of fewer than three."""
    one, two, change = pairs["first_score"], pairs["second_score"], pairs["change"]
    n, spread = len(pairs), change.std()
    if n < 3 or not spread > 0:
        return {}
    t, p = stats.ttest_rel(two, one)
    w, w_p = stats.wilcoxon(change, method="approx")
    half = stats.t.ppf(0.975, n - 1) * spread / np.sqrt(n)
    d_av = change.mean() / ((one.std() + two.std()) / 2)
    return {
        "mean_start": one.mean(),
        "mean_end": two.mean(),
        "sd_start": one.std(),
        "sd_end": two.std(),
        "r": one.corr(two),
        "mean_change": change.mean(),
        "sd_change": spread,
        "ci_low": change.mean() - half,
        "ci_high": change.mean() + half,
        "t": t,
        "p": p,
        "wilcoxon_w": w,
        "wilcoxon_p": w_p,
        "d_z": change.mean() / spread,
        "d_av": d_av,
        "g_av": d_av * (1 - 3 / (4 * (n - 1) - 1)),
    }
