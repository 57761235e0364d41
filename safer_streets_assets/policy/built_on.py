"""The fields that nothing can be made without: the agreement has to cover them.

The policy says of each source which those are; the code itself reads only those of the source of
people and of the survey by name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from safer_streets_assets.policy.sources import Source

OF_SURVEY = ("respid", "crn", "status", "wave", "interview_start")
"""The fields by which the code tells responses apart, and chooses those that count."""

PEOPLE = "people"
"""The role of the source that says who is a person: without it there is no evaluation."""

COMPUTED_TOGETHER = (
    "attitude_change",
    "attitude_movement",
    "reliable_change",
    "reliable_change_threshold",
    "attitude_reliability",
    "attitude_attrition",
)
"""What is computed in one step, so that the tables published of it wait for one gate."""
COMPUTED_BEHIND_A_GATE = (*COMPUTED_TOGETHER, "time_to_stage", "reoffending")
GATES = "stage_gates"
"""The table of stage gates, which every policy has."""
COMPUTED = (*COMPUTED_BEHIND_A_GATE, GATES)
"""Every table of the research store that an earlier stage makes to be published."""

ROW_NAMES = frozenset(
    ("drop_id", "row_number", "crn_key", "person_id", "identity_number", "in_latest_drop")
)
"""What rows are told apart by in the stores: no field has such a name."""


def counted_without_agreement(
    sources: Mapping[str, Source], dimensions: Mapping[str, Collection[str]]
) -> str | None:
    """A sentence on a table that is counted by a field that is not agreed; None when none is.

    `dimensions` are those of each table.
    """
    for name, source in sources.items():
        agreed = {field.name for field in source.fields}
        for field, dimension in source.counted_by.items():
            for table, own in dimensions.items():
                if field not in agreed and dimension in own:
                    return (
                        f"tables.{table}: it is counted by {name}.{field}, which is not agreed; "
                        "take the table and its links out, or the field back in"
                    )
    return None


def missing_from(sources: Mapping[str, Source], begins: str) -> str | None:
    """What the sources of a policy lack, in one sentence; None when nothing is missing.

    `begins` is the field of the source of people that says from which day on they are in it.
    """
    for name, source in sources.items():
        wanted = [*(OF_SURVEY if source.questionnaire else ()), *source.built_on]
        missing = [field for field in wanted if field not in {f.name for f in source.fields}]
        if missing:
            return (
                f"source {name} has no field {missing[0]}, which tables are made of; list it under "
                "fields"
            )
    if (mistake := _mistake_in_people(sources, begins)) is not None:
        return mistake
    for role, having in (
        ("questionnaire: true", [n for n, one in sources.items() if one.questionnaire]),
        ("role: cases", [n for n, one in sources.items() if one.role == "cases"]),
    ):
        if len(having) > 1 or (role != "role: cases" and not having):
            return f"{len(having)} sources have {role}; give it to the one that has it"
    for name, source in sources.items():
        taken = sorted(ROW_NAMES & {field.name for field in source.fields})
        if taken:
            return (
                f"source {name}: {taken[0]} is a name that the stores use; name the field otherwise"
            )
    return None


def people_source(sources: Mapping[str, Source]) -> str:
    """The name of the source that says who is a person; a policy that loads has one."""
    return next(name for name, source in sources.items() if source.role == PEOPLE)


def _mistake_in_people(sources: Mapping[str, Source], begins: str) -> str | None:
    """What is wrong with the source that says who is a person, in one sentence."""
    found = [name for name, source in sources.items() if source.role == PEOPLE]
    if len(found) != 1:
        return (
            f"{len(found)} sources have the role {PEOPLE}, and one says who is a person; give the "
            "role to that one"
        )
    (name,) = found
    fields = {field.name for field in sources[name].fields}
    missing = [field for field in ("crn", begins) if field not in fields]
    if missing:
        return (
            f"source {name} has the role {PEOPLE} and no field {missing[0]}; give the role to the "
            "source that the cohort is made of"
        )
    if sources[name].agreement != "agreed":
        return f"source {name} is not agreed, and the cohort is made of it; agree to it"
    return None
