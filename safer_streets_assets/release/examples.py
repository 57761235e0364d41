"""The example queries: questions in words, each with the SQL that answers it on a release."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

FOLDER = "example_queries"
ORDER = (
    "which_release",
    "people_at_each_stage",
    "starts_by_month",
    "boroughs_side_by_side",
    "open_boroughs",
    "reasons_for_non_assignment",
    "days_to_start",
    "attendance_over_sessions",
    "answers_on_the_programme",
    "survey_responses",
    "change_in_attitudes",
    "reliable_change_by_scale",
    "rows_that_link",
    "stages_of_the_evaluation",
    "why_figures_are_missing",
    "how_much_is_hidden",
    "what_a_count_is_of",
    "views_there_are",
)
"""The order in which they are shown: from the release to the people, then what is said of both."""


@dataclass(frozen=True)
class Example:
    """A question in words, and the query that answers it."""

    name: str
    question: str
    query: str

    @property
    def stages(self) -> list[str]:
        """The stages of the cohort that the query names."""
        return re.findall(r"\bstage = '([^']+)'", self.query)


@cache
def example_queries() -> tuple[Example, ...]:
    """All examples. Each is a file of its own, whose first line is the question as a comment."""
    return tuple(map(_read, ORDER))


def _read(name: str) -> Example:
    place = resources.files("safer_streets_assets.release") / FOLDER / f"{name}.sql"
    question, _, query = place.read_text(encoding="utf-8").partition("\n")
    return Example(name, question.removeprefix("-- "), query.strip())
