"""The tables of performance monitoring: what their columns mean, and what they are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from safer_streets_assets.monitoring.completers import COMPLETERS_COLUMNS
from safer_streets_assets.monitoring.dropout import DROPOUT_COLUMNS
from safer_streets_assets.monitoring.factors import FACTOR_COLUMNS
from safer_streets_assets.monitoring.tables import (
    COMPLETERS,
    DROPOUT,
    ENDS,
    FACTORS,
    TIMES,
    TIMES_COLUMNS,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.monitoring import FACTORS as COLUMNS_OF_FACTORS
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable

_ORDER = ColumnDoc("BIGINT", "Order of the rows")
_COHORT = ("person_id", "stage_number", "outcome")
_FOLLOWED = (
    *(
        f"linked_cohort.{name}"
        for name in (*_COHORT, "disposal_date", "start_date", "outcome_date")
    ),
    *(f"facilitator_checkins.{n}" for n in ("person_id", "session", "session_date", "attended")),
)
_ENDS = {
    "person_id": ColumnDoc("VARCHAR", "Pseudonym: a keyed hash of the CRN"),
    "result": ColumnDoc("VARCHAR", "How the programme ended: completed or left; or it goes on"),
    "session": ColumnDoc(
        "INTEGER", "Session at which the person was last: sessions attended and 1"
    ),
}
_DROPOUT = {
    "session": "Session",
    "n_at_risk": "People who came through the sessions before it",
    "n_left": "People who left at it",
    "n_going_on": "People who are at it and whose programme goes on",
    "hazard": "Share of those at risk who left at it",
    "survival": "Share who have not left by it (product limit)",
    "ci_low": "95 % interval of the share, lower (log(-log), Greenwood)",
    "ci_high": "95 % interval of the share, upper (log(-log), Greenwood)",
    "reason": "Why the interval is missing",
}
_FACTORS = {
    "model": "What the odds are of: not assigned, attrition, or completion",
    "factor": "The characteristic",
    "category": "Its category",
    "is_reference": "Whether the odds ratios of the factor are beside this category",
    "n": "People of the model's base with it, those left out included",
    "n_happened": "Those of them of whom it came about",
    "odds_ratio": "Adjusted odds ratio beside the reference category",
    "ci_low": "95 % interval of the odds ratio, lower",
    "ci_high": "95 % interval of the odds ratio, upper",
    "p": "Two-sided p by the penalised likelihood ratio",
    "method": "How odds ratio and interval were estimated",
    "n_model": "People in the model",
    "n_happened_model": "Those of them of whom it came about",
    "parameters": "Parameters of the model without the constant",
    "reason": "Why the odds ratio, or its interval, could not be estimated",
}
_COMPLETERS = {
    "scale": "Scale or item",
    "n_completed": "People with a start score who completed",
    "n_left": "People with a start score who left",
    "mean_completed": "Mean start score of those who completed",
    "mean_left": "Mean start score of those who left",
    "sd_completed": "SD of the start score of those who completed",
    "sd_left": "SD of the start score of those who left",
    "smd": "Standardised mean difference, completed less left",
    "statistic_name": "Which test",
    "statistic": "Welch t",
    "df": "Degrees of freedom",
    "p": "Two-sided p",
    "reason": "Why there is no test",
}


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """Tables of figures, and one with a row a person; none where nothing is monitored."""
    if policy.dpia.monitoring is None:
        return
    spec = policy.tables.tables[TIMES]
    said = {name: dimension.title for name, dimension in policy.tables.columns(TIMES).items()}
    said |= {name: count.title for name, count in spec.counts.items()}
    said |= {name: statistic.title for name, statistic in spec.statistics.items()}
    said["n_day_known"] = "Those of n_reached who reached the stage on a day that is known"
    said = {name: said.get(name, "Not printed") for name in TIMES_COLUMNS}
    yield _figures(TIMES, spec.title, TIMES_COLUMNS, said, _FOLLOWED, {"stage"})
    yield StoredTable(
        "research",
        ENDS,
        "At which session people who started were last, and how that ended",
        _ENDS,
        pseudonym="person_id",
        made_from=("linked_cohort",),
        query=policy.sql[f"monitoring/{ENDS}"],
    )
    ends = tuple(f"{ENDS}.{name}" for name in _ENDS)
    yield _figures(
        DROPOUT, "Leaving the programme, by session", DROPOUT_COLUMNS, _DROPOUT, ends, {"session"}
    )
    lost = tuple(f"linked_cohort.{name}" for name in (*_COHORT, *COLUMNS_OF_FACTORS))
    title = "What goes with not being assigned, with leaving and with completing"
    yield _figures(FACTORS, title, FACTOR_COLUMNS, _FACTORS, lost, {"model", "factor", "method"})
    title = "Start scores of those who completed and of those who left"
    scores = tuple(f"attitude_scores.{name}" for name in ("person_id", "wave", "scale", "score"))
    origins = (*scores, f"{ENDS}.person_id", f"{ENDS}.result")
    yield _figures(
        COMPLETERS, title, COMPLETERS_COLUMNS, _COMPLETERS, origins, {"scale", "statistic_name"}
    )


def _figures(
    name: str,
    title: str,
    types: Mapping[str, str],
    said: Mapping[str, str],
    behind: tuple[str, ...],
    by_policy: set[str],
) -> StoredTable:
    """A table of which no row is about one person; behind its columns stands `behind`, but for
    those that hold what the policy or the code says."""
    columns = {column: ColumnDoc(kind, said[column]) for column, kind in types.items()}
    return StoredTable(
        "research",
        name,
        title,
        columns | {"row_order": _ORDER},
        made_from=tuple(dict.fromkeys(one.partition(".")[0] for one in behind)),
        origins=dict.fromkeys(set(types) - by_policy, behind),
    )
