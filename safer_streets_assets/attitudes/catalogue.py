"""The tables of the attitudes stage: what their columns mean, and whose rows they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from safer_streets_assets.attitudes.closing import DUE
from safer_streets_assets.attitudes.tables import COMPUTED_COLUMNS, columns_of_people
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.sources import IDENTIFYING
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable

INDIVIDUAL_TABLE = "individual_attitude_change"
_FROM_PEOPLE = ("attitude_scores", "linked_cohort")
_COUNTED_RESPONSE = ("person_id", "wave", "status", "response_number")
_BY_POLICY = frozenset(
    {
        "scale",
        "comparison",
        "gate",
        "n_needed",
        "n_items",
        "direction",
        "smallest_change",
        "level",
        "row_order",
    }
)
"""Columns that hold what the policy says, whatever was sent."""
_ORDER = {"row_order": ColumnDoc("BIGINT", "Order of the rows")}
_SCALE = ColumnDoc("VARCHAR", "Scale, or item of a scale of single items")
_REASON = ColumnDoc("VARCHAR", "Why a figure of the row is missing; empty where none is")
_PERSON = ColumnDoc("VARCHAR", "Pseudonym")
_WAVE = ColumnDoc("BIGINT", "1 start, 2 middle, 3 end")
_COMPARISON = ColumnDoc("VARCHAR", "Which two waves are compared")
_NOT_PRINTED = ColumnDoc("DOUBLE", "Not printed")
_LEVEL = ColumnDoc("VARCHAR", "Level of the group's categories, or any")

SCORES = {
    "person_id": _PERSON,
    "wave": _WAVE,
    "scale": _SCALE,
    "score": ColumnDoc("DOUBLE", "Mean of the keyed items answered, NULL below the half rule"),
    "n_answered": ColumnDoc("BIGINT", "Items answered"),
    "n_items": ColumnDoc("BIGINT", "Items of the scale"),
    "n_dont_know": ColumnDoc("BIGINT", "Items answered don't know"),
    "n_prefer_not": ColumnDoc("BIGINT", "Items answered prefer not to say"),
    "n_not_answered": ColumnDoc("BIGINT", "Items skipped"),
    "n_blank": ColumnDoc("BIGINT", "Items left blank"),
    **_ORDER,
}
ANSWERS = {
    "person_id": _PERSON,
    "wave": _WAVE,
    "question": ColumnDoc("VARCHAR", "Question of the stage, or the option of one with several"),
    "answer": ColumnDoc("VARCHAR", "Code of the answer, as text"),
    **_ORDER,
}
GATES = {
    "gate": ColumnDoc("VARCHAR", "Name of the gate in the policy"),
    "n_now": ColumnDoc("BIGINT", "Gathered so far"),
    "n_needed": ColumnDoc("BIGINT", "Needed before the stage begins"),
    "open": ColumnDoc("BOOLEAN", "Whether the stage may begin"),
    **_ORDER,
}
STOPPED = {"gate": ColumnDoc("VARCHAR", "Gate of a stage that will not go on"), **_ORDER}
INDIVIDUAL = {
    "person_id": _PERSON,
    "scale": _SCALE,
    "comparison": _COMPARISON,
    "change": ColumnDoc("DOUBLE", "Later score less the earlier one"),
    "benefit": ColumnDoc("BOOLEAN", "Whether the change is for the better"),
    **_ORDER,
}
RELIABILITY = {
    "scale": _SCALE,
    "wave": _WAVE,
    "n_complete": ColumnDoc("BIGINT", "People analysed who answered every item of the scale"),
    "n_items": ColumnDoc("BIGINT", "Items of the scale"),
    "alpha": ColumnDoc("DOUBLE", "Cronbach's alpha"),
    "alpha_low": ColumnDoc("DOUBLE", "Lower end of its 95 % interval (Feldt 1965)"),
    "alpha_high": ColumnDoc("DOUBLE", "Upper end of its 95 % interval (Feldt 1965)"),
    "reason": _REASON,
    **_ORDER,
}
MOVEMENT = {
    "scale": _SCALE,
    "comparison": _COMPARISON,
    "movement": ColumnDoc("VARCHAR", "rose, fell, stayed, or Total"),
    "n": ColumnDoc("BIGINT", "People whose score did so"),
    **_ORDER,
}
THRESHOLD = {
    "scale": _SCALE,
    "n_start": ColumnDoc("BIGINT", "People with a score at the start"),
    "n_complete": ColumnDoc("BIGINT", "Those of them who answered every item"),
    "sd_start": ColumnDoc("DOUBLE", "Standard deviation at the start"),
    "alpha": ColumnDoc("DOUBLE", "Cronbach's alpha at the start"),
    "standard_error": ColumnDoc("DOUBLE", "Standard error of a difference"),
    "threshold": ColumnDoc("DOUBLE", "Least change that is reliable"),
    "reason": _REASON,
    **_ORDER,
}
NOT_ESTIMABLE = {
    "table_name": ColumnDoc("VARCHAR", "Table of change that the figure is missing from"),
    "scale": _SCALE,
    "comparison": _COMPARISON,
    "group_name": ColumnDoc("VARCHAR", "Characteristic that the group is of"),
    "group_value": ColumnDoc("VARCHAR", "Group of people"),
    "class": ColumnDoc("VARCHAR", "Class of reliable change"),
    "characteristic": ColumnDoc("VARCHAR", "Characteristic, in the table of attrition"),
    "category": ColumnDoc("VARCHAR", "Category of the characteristic"),
    "level": _LEVEL,
    "statistic": ColumnDoc("VARCHAR", "Column that is missing"),
    "reason": _REASON,
    "by_design": ColumnDoc("BOOLEAN", "Whether no row of that kind has the statistic"),
    **_ORDER,
}
WAVES = {
    "scale": _SCALE,
    "comparison": _COMPARISON,
    "n_people": ColumnDoc("BIGINT", "People with a score at any wave"),
    "n_paired": ColumnDoc("BIGINT", "People with a score at both waves"),
    "estimate": ColumnDoc("DOUBLE", "Change by the mixed model"),
    "standard_error": ColumnDoc("DOUBLE", "Standard error of the estimate"),
    "ci_low": ColumnDoc("DOUBLE", "Lower end of its confidence interval"),
    "ci_high": ColumnDoc("DOUBLE", "Upper end of its confidence interval"),
    "z": ColumnDoc("DOUBLE", "Estimate by its standard error"),
    "p": ColumnDoc("DOUBLE", "Two-sided p value"),
    "pairs_mean_change": ColumnDoc("DOUBLE", "Mean change of complete pairs, beside it"),
    "variance_between": ColumnDoc("DOUBLE", "Variance between people"),
    "variance_within": ColumnDoc("DOUBLE", "Variance within people"),
    "singular": ColumnDoc("BOOLEAN", "Whether the variance between people is estimated as 0"),
    "reading": ColumnDoc("VARCHAR", "What the interval says in words"),
    "reason": _REASON,
    **_ORDER,
}
START_AND_CHANGE = {
    "scale": _SCALE,
    "n_paired": ColumnDoc("BIGINT", "People with a score at start and end"),
    "r_start_change": ColumnDoc("DOUBLE", "Correlation of start score and change"),
    "r_oldham": ColumnDoc("DOUBLE", "Oldham's correlation of change with the mean of both"),
    "r_start_change_reason": _REASON,
    "r_oldham_reason": _REASON,
    **_ORDER,
}
CLINICAL = {
    "scale": _SCALE,
    "class": ColumnDoc("VARCHAR", "Class of change against the functional norm"),
    "n": ColumnDoc("BIGINT", "People in the class; missing without a norm"),
    **_ORDER,
}
CUT_OFFS = {
    "scale": _SCALE,
    "n_start": ColumnDoc("BIGINT", "People with a score at the start"),
    "mean_start": ColumnDoc("DOUBLE", "Mean score at the start"),
    "sd_start": ColumnDoc("DOUBLE", "Standard deviation at the start"),
    "alpha": ColumnDoc("DOUBLE", "Cronbach's alpha at the start"),
    "standard_error": ColumnDoc("DOUBLE", "Standard error of a difference"),
    "norm_mean": ColumnDoc("DOUBLE", "Mean of the functional norm"),
    "norm_sd": ColumnDoc("DOUBLE", "Standard deviation of the functional norm"),
    "norm_source": ColumnDoc("VARCHAR", "Where the norm comes from"),
    "a": ColumnDoc("DOUBLE", "Two standard deviations from the start, towards the norm"),
    "b": ColumnDoc("DOUBLE", "Two standard deviations from the norm, towards the start"),
    "c": ColumnDoc("DOUBLE", "Between both means, weighted by their spread"),
    "criterion": ColumnDoc("VARCHAR", "Which of the three is used"),
    "cut_off": ColumnDoc("DOUBLE", "The cut-off that is used"),
    "reason": _REASON,
    **_ORDER,
}


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """The tables of the research store that are made of what attendees answered."""
    of_people: Mapping[str, tuple[str, dict[str, ColumnDoc]]] = {
        "attitude_scores": ("Scores by person, wave and scale", SCORES),
        "survey_answers": ("Answers to the questions of a stage", ANSWERS),
        INDIVIDUAL_TABLE: ("Change of each person by scale", INDIVIDUAL),
    }
    of_groups: Mapping[str, tuple[str, dict[str, ColumnDoc]]] = {
        "stage_gates": ("Stage gates: gathered and needed", GATES),
        "stopped_stages": ("Stages that will not go on, as the registers say", STOPPED),
        "attitude_reliability": ("Reliability of the scales by wave", RELIABILITY),
        "attitude_movement": ("Who rose, fell and stayed", MOVEMENT),
        "reliable_change_threshold": ("The least change that is reliable", THRESHOLD),
        "attitude_not_estimable": ("Why a figure of change is missing", NOT_ESTIMABLE),
        "attitude_waves": ("Change over all waves by a mixed model", WAVES),
        "attitude_start_and_change": ("Start score and change", START_AND_CHANGE),
        "clinical_change": ("Change against a functional norm", CLINICAL),
        "clinical_cut_offs": ("Cut-offs of clinical change", CUT_OFFS),
        DUE: (
            "There while the store is to be rebuilt without change",
            {
                "reason": ColumnDoc("VARCHAR", "Empty: the table has no row"),
            },
        ),
        **{
            name: (_title(policy, name), _published(policy, name))
            for name in ("attitude_change", "reliable_change", "attitude_attrition")
        },
    }
    survey = policy.dpia.sources[policy.dpia.survey].conformed.table
    people_scored = (
        *(f"attitude_scores.{name}" for name in ("person_id", "wave", "score")),
        *(f"linked_cohort.{name}" for name in columns_of_people(policy)),
    )
    items = {item.id.lower() for item in policy.questionnaire.items}
    fields = policy.questionnaire.agreed_fields()
    asked = {one.name for one in fields if one.field_class not in IDENTIFYING} - items
    behind = {
        "attitude_scores": _answered(survey, items),
        "survey_answers": _answered(survey, asked),
        INDIVIDUAL_TABLE: people_scored,
    }
    for name, (title, columns) in of_people.items():
        yield StoredTable(
            "research",
            name,
            title,
            columns,
            pseudonym="person_id",
            made_from=(survey,),
            origins=_behind(columns, behind[name]),
        )
    for name, (title, columns) in of_groups.items():
        made_from = () if name in (DUE, "stopped_stages") else _FROM_PEOPLE
        yield StoredTable(
            "research",
            name,
            title,
            columns,
            made_from=made_from,
            origins=_behind(columns, people_scored) if made_from else {},
        )


def _title(policy: Policy, name: str) -> str:
    published = policy.tables.tables.get(name)
    return published.title if published is not None else "Not published"


def _answered(survey: str, questions: Collection[str]) -> tuple[str, ...]:
    """The columns of the survey behind answers to questions: those, and which response counts."""
    return tuple(f"{survey}.{name}" for name in (*_COUNTED_RESPONSE, *sorted(questions)))


def _behind(
    columns: Mapping[str, ColumnDoc], origins: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """What is behind each column of a table that is not what the policy says."""
    return {name: origins for name in columns if name not in _BY_POLICY}


def _published(policy: Policy, name: str) -> dict[str, ColumnDoc]:
    """The columns of a computed table: of those that are printed what `tables.yaml` says."""
    table = policy.tables.tables.get(name)
    if table is None:
        return {**dict.fromkeys(COMPUTED_COLUMNS[name], _NOT_PRINTED), "level": _LEVEL, **_ORDER}
    columns = {
        n: ColumnDoc("VARCHAR", spec.title) for n, spec in policy.tables.columns(name).items()
    }
    columns |= {n: ColumnDoc("BIGINT", count.title) for n, count in table.counts.items()}
    columns |= {
        n: ColumnDoc("VARCHAR" if spec.kind == "text" else "DOUBLE", spec.title)
        for n, spec in table.statistics.items()
    }
    columns |= {n: ColumnDoc("VARCHAR", title) for n, title in table.constants.items()}
    columns["level"] = _LEVEL
    of_code = {n: columns.get(n, _NOT_PRINTED) for n in COMPUTED_COLUMNS[name]}
    return {**of_code, **_ORDER}
