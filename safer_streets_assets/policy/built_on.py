"""The fields that nothing can be made without: the agreement has to cover them.

The code reads them by name, as it reads `cohort.optional`, without which the rest can be made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from safer_streets_assets.policy.sources import Source

BUILT_ON: Mapping[str, tuple[str, ...]] = {
    "nps_court_outcomes": (
        "crn",
        "gender",
        "date_of_birth",
        "borough",
        "disposal_date",
        "offence_code",
    ),
    "crc_eligibility": (
        "crn",
        "sentence_date",
        "assigned",
        "start_date",
        "sessions_attended",
        "outcome",
    ),
    "ors_attendee_survey": ("respid", "crn", "status", "wave", "interview_start"),
    "ors_facilitator_checkin": ("crn", "session", "session_date", "attended"),
    "training_feedback": ("form",),
    "mtc_novo": ("reference",),
}
"""Source to the fields that its conformed table and what is made of it rest on."""

COUNTED_BY: Mapping[str, Mapping[str, str]] = {
    "nps_court_outcomes": {"court": "court", "resulting_sentence": "sentence"},
}
"""Source to the fields that no table may be counted by once they are not agreed, each with its
dimension in `tables.yaml`."""

PEOPLE = "people"
"""The role of the source that says who is a person: without it there is no evaluation."""

OF_PEOPLE = ("crn", "disposal_date")
"""The fields by which its people are told apart, and mistyped CRNs are judged."""

MAY_BE_BELIEVED: Mapping[str, str] = {"gender": "crc_eligibility"}
"""Characteristic to the source that may be believed on it in place of the source of people, as
eligibility does not rest on it."""

CHECKINS_AGAINST_CRC = "checkins_against_crc"
"""The query of people for whom check-ins and CRC agree: a check of the cohort reads it, too."""

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
COMPUTED = (*COMPUTED_BEHIND_A_GATE, "stage_gates")
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
    for name, fields in COUNTED_BY.items():
        agreed = {field.name for field in sources[name].fields}
        for field, dimension in fields.items():
            for table, own in dimensions.items():
                if field not in agreed and dimension in own:
                    return (
                        f"tables.{table}: it is counted by {name}.{field}, which is not agreed; "
                        "take the table and its links out, or the field back in"
                    )
    return None


def missing_from(sources: Mapping[str, Source]) -> str | None:
    """What the sources of a policy lack, in one sentence; None when nothing is missing."""
    for name, fields in BUILT_ON.items():
        if name not in sources:
            return (
                f"source {name} is missing, which tables are made of; put it back, with "
                "agreement: not agreed where no agreement covers it"
            )
        missing = [field for field in fields if field not in {f.name for f in sources[name].fields}]
        if missing:
            return (
                f"source {name} has no field {missing[0]}, which tables are made of; list it under "
                "fields"
            )
    if (mistake := _mistake_in_people(sources)) is not None:
        return mistake
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


def _mistake_in_people(sources: Mapping[str, Source]) -> str | None:
    """What is wrong with the source that says who is a person, in one sentence."""
    found = [name for name, source in sources.items() if source.role == PEOPLE]
    if len(found) != 1:
        return (
            f"{len(found)} sources have the role {PEOPLE}, and one says who is a person; give the "
            "role to that one"
        )
    (name,) = found
    fields = {field.name for field in sources[name].fields}
    missing = [field for field in OF_PEOPLE if field not in fields]
    if missing:
        return (
            f"source {name} has the role {PEOPLE} and no field {missing[0]}; give the role to the "
            "source that the cohort is made of"
        )
    if sources[name].agreement != "agreed":
        return f"source {name} is not agreed, and the cohort is made of it; agree to it"
    return None
