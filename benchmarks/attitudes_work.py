"""The work that `benchmarks.attitudes` measures, one piece in a process."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, special, stats

from benchmarks.measuring import report
from safer_streets_assets.attitudes.change import change_summary
from safer_streets_assets.attitudes.instrument import Instrument, Scale
from safer_streets_assets.attitudes.pairs import COMPARISONS
from safer_streets_assets.attitudes.scoring import choose_responses, score_responses
from safer_streets_assets.attitudes.tables import instrument_of
from safer_streets_assets.policy import load_policy


def main() -> None:
    """Measures one piece of work and prints what it took."""
    what, file = sys.argv[1:]
    instrument = instrument_of(load_policy())
    if what == "bare":
        report(lambda: _bare(Path(file), instrument))
    else:
        responses, people = _read(Path(file), instrument)
        report(lambda: _change(responses, people, instrument))


def _read(file: Path, instrument: Instrument) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The responses and the linked cohort as the pipeline hands them over."""
    with duckdb.connect(str(file), read_only=True) as connection:
        frame = connection.execute("SELECT * FROM responses").df()
        people = connection.execute("SELECT * FROM people").df()
    items = [item for scale in instrument.scales for item in scale.item_codes]
    whole = ["wave", "status", "respid", *items]
    return frame.astype(dict.fromkeys(whole, "Int64")), people


def _change(responses: pd.DataFrame, people: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Everything from responses to the table of change: choice, scores, pairs, tests."""
    scores = score_responses(choose_responses(responses), instrument)
    return change_summary(scores, people, instrument).table


def _bare(file: Path, instrument: Instrument) -> list[dict[str, Any]]:
    """The same figures by SQL, and by scipy on the arrays that SQL gives back."""
    rows = []
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{file}' AS given (READ_ONLY)")
        connection.execute(
            """
            CREATE TABLE chosen AS SELECT * FROM given.responses WHERE status IN (1, 3)
            QUALIFY row_number() OVER (PARTITION BY person_id, wave
                ORDER BY status, interview_start NULLS LAST, respid) = 1
            """
        )
        each = " UNION ALL ".join(_scores_sql(scale) for scale in instrument.scales)
        connection.execute(f"CREATE TABLE scores AS {each}")
        for scale in instrument.scales:
            waves = connection.execute(
                "SELECT max(score) FILTER (wave = 1) AS w1, max(score) FILTER (wave = 2) AS w2, "
                "max(score) FILTER (wave = 3) AS w3 FROM scores WHERE scale = ? "
                "AND person_id IN (SELECT person_id FROM given.people) GROUP BY person_id",
                [scale.code],
            ).fetchnumpy()
            wave = {n: np.ma.filled(waves[f"w{n}"], np.nan) for n in (1, 2, 3)}
            rows += [_tests(wave[c.first], wave[c.last]) for c in COMPARISONS]
    return rows


def _scores_sql(scale: Scale) -> str:
    valid = [f"({code} BETWEEN {scale.low} AND {scale.high})" for code in scale.item_codes]
    keyed = [
        item.code if item.key == 1 else f"({scale.low + scale.high} - {item.code})"
        for item in scale.items
    ]
    answered = _count(valid)
    total = " + ".join(
        f"CASE WHEN {v} THEN {k} ELSE 0 END" for v, k in zip(valid, keyed, strict=True)
    )
    missing = [_count([f"{c} = {kind}" for c in scale.item_codes]) for kind in scale.missing.all()]
    blank = _count([f"{code} IS NULL" for code in scale.item_codes])
    return (
        f"SELECT person_id, respid, wave, '{scale.code}' AS scale, "
        f"CASE WHEN {answered} >= {scale.min_answered} THEN ({total}) / ({answered}) END AS score, "
        f"{answered} AS n_answered, {len(valid)} AS n_items, {missing[0]} AS n_dont_know, "
        f"{missing[1]} AS n_prefer_not, {missing[2]} AS n_not_answered, {blank} AS n_blank "
        "FROM chosen"
    )


def _count(conditions: list[str]) -> str:
    return "(" + " + ".join(f"coalesce(({c})::BIGINT, 0)" for c in conditions) + ")"


def _tests(start: NDArray[np.float64], end: NDArray[np.float64]) -> dict[str, Any]:
    """What `paired_statistics` says, as scipy's own functions give it."""
    both = ~(np.isnan(start) | np.isnan(end))
    first, last = start[both], end[both]
    change = np.round(last - first, 12)
    n, sd = len(change), change.std(ddof=1)
    t = stats.ttest_rel(last, first)
    interval = t.confidence_interval()
    w = stats.wilcoxon(change, method="approx")
    signs = np.sign(change) * stats.rankdata(np.abs(change))
    limits = [_noncentrality(float(t.statistic), n - 1, tail) for tail in (0.975, 0.025)]
    mean_sd = (first.std(ddof=1) + last.std(ddof=1)) / 2
    log_j = math.lgamma((n - 1) / 2) - math.lgamma((n - 2) / 2)
    g_av = math.exp(log_j) / math.sqrt((n - 1) / 2) * change.mean() / mean_sd
    return {
        "mean_start": first.mean(),
        "mean_end": last.mean(),
        "r": stats.pearsonr(first, last)[0],
        "t": (t.statistic, t.df, t.pvalue, interval.low, interval.high),
        "w": (w.statistic, w.pvalue),
        "rank_biserial": signs.sum() / np.abs(signs).sum(),
        "d_z": (change.mean() / sd, *(limit / math.sqrt(n) for limit in limits)),
        "g_av": g_av,
        "smcr": change.mean() / first.std(ddof=1),
        "minimum_detectable_d_z": _minimum(n),
    }


def _noncentrality(t: float, df: int, quantile: float) -> float:
    return float(optimize.brentq(lambda nc: special.nctdtr(df, nc, t) - quantile, t - 8, t + 8))


def _minimum(n: int) -> float:
    critical = special.stdtrit(n - 1, 0.975)

    def short_of(d_z: float) -> float:
        nc = d_z * math.sqrt(n)
        return float(1 - special.nctdtr(n - 1, nc, critical) - 0.8)

    return float(optimize.brentq(short_of, 0.5 / math.sqrt(n), 8 / math.sqrt(n)))


if __name__ == "__main__":
    main()
