"""Typed models of `dpia.yaml`: gates, thresholds, eligibility, intake, retention, and the whole."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from safer_streets_assets.policy.accountability import Accountability, Rights
from safer_streets_assets.policy.alerts import Alerts
from safer_streets_assets.policy.base import PolicyModel, SnakeName
from safer_streets_assets.policy.built_on import people_source
from safer_streets_assets.policy.lawful_basis import (
    LawfulBasis,
    OpenQuestion,
    open_questions,
)
from safer_streets_assets.policy.monitoring import Monitoring
from safer_streets_assets.policy.person_number import PersonNumber
from safer_streets_assets.policy.quotes import Quotes
from safer_streets_assets.policy.releases import Recipient, Releases
from safer_streets_assets.policy.retention import Retention
from safer_streets_assets.policy.same_person import MissedLinkRules, SamePersonRules
from safer_streets_assets.policy.sources import AddedColumn, Source
from safer_streets_assets.policy.taking_in import Drift, Expected, Intake

OWNER = re.compile(r"team:[\w.-]+|[\w.%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}", re.ASCII)
"""What Dagster takes for the owner of an asset: a team, or an e-mail address."""


LINKED_COHORT = "linked_cohort"
"""The table of one row a person."""
OF_COHORT = {"person_id": "VARCHAR", "stage_number": "INTEGER"}
"""The columns that it has in every evaluation."""


class Evaluation(PolicyModel):
    """Who is responsible for the evaluation, and the time zone its dates are in.

    By its `id` a data folder remembers which evaluation it is of. Its `keywords` are among the
    properties of printed files.
    """

    id: SnakeName
    name: str
    data_controller: str
    unit: str
    owner: str
    timezone: str
    keywords: list[str] = Field(min_length=1)

    @property
    def unit_in_short(self) -> str:
        """What the unit is called in short: what stands in brackets behind its name, if any."""
        found = re.search(r"\((.+)\)$", self.unit)
        return found[1] if found else self.unit

    @field_validator("owner")
    @classmethod
    def _is_an_owner(cls, owner: str) -> str:
        if not OWNER.fullmatch(owner):
            raise ValueError(
                "it is neither an e-mail address nor a team, which Dagster shows as owner; write "
                "one as team:evidence-and-insight"
            )
        return owner

    @field_validator("timezone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name} is no time zone; write one as Europe/London") from None
        return name


class Section(PolicyModel):
    """A section of the DPIA: what it asks for, and the parts of the product that enforce it."""

    title: str
    asks: str
    enforced_by: list[str] = Field(min_length=1)


class Thresholds(PolicyModel):
    """What may be printed: the least count and the least base of each kind of statistic.

    By the `method` suppression counts are printed as they are or hidden; by rounding every count is
    printed as a multiple of `rounding_base` (at least the least count, so that no figure is below
    it). `minimum_count` is protected either way.
    A statistic is hidden when somebody's score, or the mean of a group of fewer than
    `minimum_base_mean`, would be known within less than `score_uncertainty` of a score's range.
    With `insiders` somebody alone in a hidden cell is an attacker, too.
    With `hold_back` a count that moved by less than `minimum_count` is printed as it was. A run
    that a sensor or schedule started publishes only `least_days_between` days after the last one.
    """

    section: str
    minimum_count: int = Field(ge=2)
    hold_back: bool
    insiders: bool
    least_days_between: int = Field(ge=0)
    minimum_base_percent: int = Field(ge=1)
    minimum_base_mean: int = Field(ge=1)
    score_uncertainty: float = Field(gt=0, le=1)
    mean_decimals: int = Field(ge=0, le=4)
    percent_decimals: int = Field(ge=0, le=2)
    proof_seconds: float = Field(gt=0)
    method: Literal["suppression", "rounding"]
    rounding_base: int | None = Field(default=None, ge=2)

    @model_validator(mode="after")
    def _rounding_has_a_base(self) -> Thresholds:
        if (self.method == "rounding") != (self.rounding_base is not None):
            raise ValueError(
                "rounding_base is what counts are rounded to: give it with method: rounding, and "
                "not otherwise"
            )
        if self.rounding_base is not None and self.rounding_base < self.minimum_count:
            raise ValueError("rounding_base must be at least minimum_count; give a larger base")
        return self


class Gate(PolicyModel):
    """A stage of the evaluation that may begin only when enough has been gathered.

    `population` is whom it counts (see `populations` of tables.yaml), `measure` what of them, and
    `unit` what its sentences call that. `reason` says why so many are `needed`.
    `gathers` are the sources that are held for this stage alone.
    """

    name: SnakeName
    title: str
    section: str
    population: SnakeName
    measure: Literal["people", "start_end_pairs"]
    unit: str = Field(min_length=1)
    needed: int = Field(ge=1)
    reason: str = Field(min_length=1)
    requires_source: str | None = None
    gathers: list[str] = []


class RollOutPhase(PolicyModel):
    """Boroughs in which the programme opened on one date."""

    opens: date
    boroughs: list[str] = Field(min_length=1)


class RollOut(PolicyModel):
    """The staged roll-out; `words` is the list of `places.yaml` that its boroughs are of."""

    section: str
    words: str
    phases: list[RollOutPhase] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_borough_opens_once(self) -> RollOut:
        boroughs = [borough for phase in self.phases for borough in phase.boroughs]
        if len(set(boroughs)) != len(boroughs):
            raise ValueError("a borough stands in two phases; leave it in the one it opened in")
        return self


class Eligibility(PolicyModel):
    """Least age in years on the disposal date, and the offence codes in scope."""

    section: str
    minimum_age: int = Field(ge=10)
    offence_codes: dict[Annotated[str, Field(pattern=r"^\d{5}$")], str] = Field(min_length=1)


class CohortTable(PolicyModel):
    """A table of the research store that is made of conformed ones: what it is, what its columns
    mean, and what it is made from. `says` is what Dagster shows of the first one and the others."""

    title: str
    says: str = ""
    made_from: list[SnakeName] = Field(min_length=1)
    columns: dict[SnakeName, AddedColumn]


class CohortRules(PolicyModel):
    """Who is in the cohort: the funnel's stages, age bands (lower bound in years to label), session
    counts, which source is believed, and the tables that are made.

    `begins` is the field of the source of people before which nothing of the programme lies.
    `believed` names, for a characteristic that several sources state, the one that is believed, and
    `stated` what stands in the braces of that name in the query of the cohort, by that source.
    `same_person` is what two rows of one person may not contradict each other on, and
    `missed_links` what the estimate of missed links compares; without it nothing is estimated.
    `tables` are made by `sql/cohort/`, in their order; the first one, `linked_cohort`, has a row a
    person and the number of the furthest stage that they reached.
    """

    section: str
    begins: SnakeName
    plausible_ages: tuple[int, int]
    midpoint_sessions: int | None = Field(default=None, ge=1)
    programme_sessions: int = Field(ge=1)
    age_bands: dict[int, str] = Field(min_length=1)
    stages: list[str] = Field(min_length=2)
    believed: dict[SnakeName, SnakeName] = {}
    stated: dict[SnakeName, dict[SnakeName, str]] = {}
    same_person: SamePersonRules
    missed_links: MissedLinkRules | None = None
    tables: dict[SnakeName, CohortTable]

    @property
    def by_characteristic(self) -> dict[str, str]:
        """Characteristic, as tables call it, to the source that is believed."""
        return {name.replace("_", " "): source for name, source in self.believed.items()}

    @model_validator(mode="after")
    def _has_the_cohort(self) -> CohortRules:
        first = next(iter(self.tables), None)
        if first != LINKED_COHORT:
            raise ValueError(f"tables begin with {LINKED_COHORT}; put it first")
        for column, kind in OF_COHORT.items():
            found = self.tables[first].columns.get(column)
            if found is None or found.type != kind:
                raise ValueError(
                    f"tables.{first} has no column {column} of type {kind}, which everything that "
                    "counts people reads; put it there"
                )
        return self

    @model_validator(mode="after")
    def _numbers_follow(self) -> CohortRules:
        bounds, labels = list(self.age_bands), list(self.age_bands.values())
        if bounds[0] != 0 or bounds != sorted(bounds) or len(set(labels)) != len(labels):
            raise ValueError(
                "age_bands begin at 0, rise, and have labels of their own; correct them"
            )
        if self.plausible_ages[0] >= self.plausible_ages[1]:
            raise ValueError("plausible_ages are the least and the greatest age; correct them")
        if self.midpoint_sessions is not None and self.midpoint_sessions >= self.programme_sessions:
            raise ValueError("midpoint_sessions is not below programme_sessions; correct one")
        return self


class Reoffending(PolicyModel):
    """Re-offending after completion: how long people are followed, and when the table is read.

    `months` divide the follow-up evenly: the last of them is its end. `nothing_found` is the code
    of the source's event for a person who was searched for and not found.
    """

    section: str
    source: str
    follow_up_days: int = Field(ge=1)
    months: list[int] = Field(min_length=2)
    nothing_found: str

    @model_validator(mode="after")
    def _months_rise_from_nought(self) -> Reoffending:
        if self.months[0] != 0 or sorted(set(self.months)) != self.months:
            raise ValueError("months begin at 0 and rise; correct their order")
        return self

    @property
    def reading_days(self) -> dict[str, int]:
        """Each month at which the table is read, as it is printed, to whole days of follow-up."""
        last = self.months[-1]
        return {str(month): self.follow_up_days * month // last for month in self.months}


class Dpia(PolicyModel):
    """The whole of `dpia.yaml`."""

    evaluation: Evaluation
    person_number: PersonNumber
    sections: dict[SnakeName, Section]
    lawful_basis: LawfulBasis
    thresholds: Thresholds
    gates: list[Gate] = Field(min_length=1)
    roll_out: RollOut | None = None
    eligibility: Eligibility | None = None
    cohort: CohortRules
    monitoring: Monitoring | None = None
    reoffending: Reoffending | None = None
    intake: Intake
    drift: Drift
    expected: Expected
    retention: Retention
    rights: Rights
    accountability: Accountability
    releases: Releases
    sharing: dict[SnakeName, Recipient]
    alerts: Alerts
    quotes: Quotes
    code_lists: dict[SnakeName, dict[str, str]]
    code_synonyms: dict[SnakeName, dict[str, str]]
    special_category_codes: dict[SnakeName, list[str]]
    unknown_codes: dict[SnakeName, list[str]]
    sources: dict[SnakeName, Source]

    @property
    def reoffending_events(self) -> dict[str, str]:
        """Code to label of the events that count as re-offending; none where nobody is followed."""
        if self.reoffending is None:
            return {}
        event = self.sources[self.reoffending.source].field_named("event")
        codes = self.code_lists[event.codes or ""]
        return {c: label for c, label in codes.items() if c != self.reoffending.nothing_found}

    def gathered_for(self, gates: Collection[str]) -> list[str]:
        """The sources held for these gates and for no other, in the order of the file."""
        gathered = {name for gate in self.gates if gate.name in gates for name in gate.gathers}
        needed = {name for gate in self.gates if gate.name not in gates for name in gate.gathers}
        return [name for name in self.sources if name in gathered - needed]

    @property
    def conformed_tables(self) -> dict[str, str]:
        """Each source, agreed or not, to its conformed table."""
        return {name: source.conformed.table for name, source in self.sources.items()}

    @property
    def people_source(self) -> str:
        """The name of the source that says who is a person: its CRNs are people's own."""
        return people_source(self.sources)

    @property
    def survey(self) -> str:
        """The name of the source that sends the answers to the questionnaire."""
        return next(name for name, source in self.sources.items() if source.questionnaire)

    @property
    def cases_source(self) -> str | None:
        """The name of the source that says how far people come; None where there is none."""
        return next((name for name, one in self.sources.items() if one.role == "cases"), None)

    @property
    def agreed_sources(self) -> dict[str, Source]:
        """The sources that an agreement covers, in the order of the file."""
        return {name: s for name, s in self.sources.items() if s.agreement == "agreed"}

    @property
    def open_questions(self) -> list[OpenQuestion]:
        """Where the lawful basis in the DPIA and in the code differ, and nobody has answered."""
        return open_questions(self.lawful_basis, self.sources)

    @property
    def rules_of_sections(self) -> dict[str, str]:
        """Each rule of the file by its place, with the section of the DPIA it comes from."""
        named: dict[str, str] = {
            "lawful_basis": self.lawful_basis.section,
            "thresholds": self.thresholds.section,
            **{f"gates.{gate.name}": gate.section for gate in self.gates},
            **{
                name: part.section
                for name, part in (
                    ("roll_out", self.roll_out),
                    ("eligibility", self.eligibility),
                    ("cohort", self.cohort),
                    ("monitoring", self.monitoring),
                    ("reoffending", self.reoffending),
                )
                if part is not None
            },
            "intake": self.intake.section,
            "drift": self.drift.section,
            "expected": self.expected.section,
            "retention": self.retention.section,
            "retention.exceptions": self.retention.exceptions.section,
            **{f"retention.rules.{n}": rule.section for n, rule in self.retention.rules.items()},
            "rights": self.rights.section,
            "accountability": self.accountability.section,
            "releases": self.releases.section,
            **{f"sharing.{name}": recipient.section for name, recipient in self.sharing.items()},
            "alerts": self.alerts.section,
            "quotes": self.quotes.section,
            **{f"sources.{name}": source.section for name, source in self.sources.items()},
        }
        return named

    @property
    def opening_dates(self) -> dict[str, date]:
        """Borough to the date the programme opened there."""
        phases = self.roll_out.phases if self.roll_out is not None else []
        return {b: phase.opens for phase in phases for b in phase.boroughs}

    @property
    def offence_codes(self) -> dict[str, str]:
        """Offence codes in scope to what they are of; none where offences play no part."""
        return self.eligibility.offence_codes if self.eligibility is not None else {}
