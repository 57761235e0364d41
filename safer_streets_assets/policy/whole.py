"""The whole policy, as everything else asks it: its parts, its named lists, and their labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy.dpia import Dpia, Reoffending
from safer_streets_assets.policy.monitoring import Monitoring
from safer_streets_assets.policy.places import PlaceLists
from safer_streets_assets.policy.questionnaire import WAVES, Questionnaire
from safer_streets_assets.policy.sources import Source
from safer_streets_assets.policy.tables import Tables
from safer_streets_assets.policy.vocabulary import Vocabulary, WordList


class PolicyError(SaferStreetsError):
    """A mistake in the policy: the message names the file, the place and the remedy."""


@dataclass(frozen=True)
class Policy:
    """The whole policy: the DPIA, the questionnaire, the tables, and the words and places that they
    may print.

    `sql` has the queries that make conformed tables, and those that the published tables count, by
    the names of their files. `digest` is the SHA-256 of all files, recorded with every release.
    """

    dpia: Dpia
    questionnaire: Questionnaire
    tables: Tables
    digest: str
    vocabulary: Vocabulary
    places: PlaceLists
    sql: Mapping[str, str]

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The agreed sources, with the questionnaire's items among the survey's fields."""
        extra = self.questionnaire.agreed_fields()
        return {
            name: source.model_copy(update={"fields": [*source.fields, *extra]})
            if source.questionnaire
            else source
            for name, source in self.dpia.agreed_sources.items()
        }

    @cached_property
    def word_lists(self) -> dict[str, WordList]:
        """All lists of words by name: those of the vocabulary, and of places."""
        return {**self.vocabulary.lists, **self.places.lists}

    def values_of(self, reference: str | list[str]) -> list[str] | None:
        """The categories a dimension names (`stages`, `codes:NAME`, a list); None for `data`."""
        if isinstance(reference, list):
            return reference
        if reference == "data":
            return None
        return list(self.labels_of(reference))

    @cached_property
    def own_words(self) -> frozenset[str]:
        """Every word that the policy itself puts into tables, without case: none names a person."""
        words = {word for spec in self.word_lists.values() for word in spec.printed}
        words |= set(self.vocabulary.said_nothing.values()) | set(self.tables.dimensions)
        for codes in self.dpia.code_lists.values():
            words |= {*codes, *codes.values()}
        for dimension in self.tables.dimensions.values():
            words |= {*(self.values_of(dimension.values) or ()), *dimension.also}
            words |= {word for reference in dimension.words for word in self.labels_of(reference)}
        return frozenset(word.casefold() for word in words)

    @cached_property
    def heading_words(self) -> tuple[str, ...]:
        """Words of which headings of columns are made: the listed ones and those of agreed ones."""
        agreed = (h for s in self.sources.values() for field in s.fields for h in field.headers)
        words = {
            word.casefold() for heading in agreed for word in re.findall(r"[^\W\d_]+", heading)
        }
        return tuple(sorted(words | {word.casefold() for word in self.vocabulary.heading_words}))

    def labels_of(self, reference: str) -> dict[str, str]:
        """Category to label for a named list of the policy.

        Raises:
            PolicyError: the policy has no list of that name.
        """
        if reference.startswith("codes:") and reference[6:] in self.dpia.code_lists:
            return self.dpia.code_lists[reference[6:]]
        lists = self._lists
        if reference not in lists:
            raise PolicyError(
                f"tables.yaml, dimensions: {reference} is not a list of the policy; use data, a "
                f"list of values, codes:NAME or one of {', '.join(sorted(lists))}."
            )
        return lists[reference]

    @cached_property
    def _lists(self) -> dict[str, dict[str, str]]:
        """The named lists by name, each category to label, without the code lists."""
        return {
            "stages": {stage: stage for stage in self.dpia.cohort.stages},
            "age_bands": {label: label for label in self.dpia.cohort.age_bands.values()},
            "offences": self.dpia.offence_codes,
            "sessions": {str(n): str(n) for n in range(1, self.dpia.cohort.programme_sessions + 1)},
            **self._monitored(),
            "scales": self._scale_labels(),
            "primary_scales": {
                name: label
                for name, label in self._scale_labels().items()
                if name in self.questionnaire.primary_scales
            },
            "mean_scales": {
                name: label
                for name, label in self._scale_labels().items()
                if name in self.questionnaire.mean_scales
            },
            "gates": {gate.name: f"{gate.title} ({gate.unit})" for gate in self.dpia.gates},
            **self._published_questions(),
            "sources": {name: source.title for name, source in self.dpia.sources.items()},
            "scores_at_start": {
                f"{name} at start": f"{label}, score at start"
                for name, label in self._scale_labels().items()
            },
            "training_questions": {
                f.name: f.question
                for s in self.dpia.sources.values()
                for f in s.fields
                if f.question is not None
            },
            **{
                name: {word: word for word in words.printed}
                for name, words in self.word_lists.items()
            },
            **{name: {word: word} for name, word in self.vocabulary.said_nothing.items()},
        }

    def labels_within(self, column: str) -> dict[str, dict[str, str]]:
        """Category to label of a dimension whose labels depend on a column, by the value of that.

        Raises:
            PolicyError: the policy has no such labels.
        """
        if column != "question":
            raise PolicyError(
                f"tables.yaml, dimensions: labels_within: {column} is not a column that labels "
                "depend on; use question."
            )
        return self.questionnaire.experience_labels

    def _monitored(self) -> dict[str, dict[str, str]]:
        """The lists of what is monitored, and of what happens after the programme."""
        monitoring, followed = self.dpia.monitoring, self.dpia.reoffending
        lists: dict[str, dict[str, str]] = {}
        if monitoring is not None:
            lists["stages_timed"] = {stage: stage for stage in monitoring.timed}
            lists["session_blocks"] = {block: f"Sessions {block}" for block in monitoring.blocks}
        if followed is not None:
            lists["reoffending_events"] = self.dpia.reoffending_events
            lists["reoffending_months"] = {month: month for month in followed.reading_days}
        return lists

    def _published_questions(self) -> dict[str, dict[str, str]]:
        """The lists of the questions that are published, by table: of one with options these, under
        the table's name; of others the questions, those of each stage, and the answers."""
        lists: dict[str, dict[str, str]] = {}
        codes = self.dpia.code_lists.get("wave", {})
        waves = {stage: codes.get(str(WAVES[stage]), stage) for stage in self.questionnaire.stages}
        for question in self.questionnaire.stage_specific:
            if question.table is None:
                continue
            if question.options:
                lists.setdefault(question.table, {}).update(question.options)
                continue
            name = f"{question.table}_questions"
            asked = {question.id: f"{question.text} ({waves[question.stage].lower()})"}
            lists.setdefault(name, {}).update(asked)
            for stage in self.questionnaire.stages:
                own = lists.setdefault(f"{name}_{stage}", {})
                own.update(asked if stage == question.stage else {})
            answers = {answer: answer for answer in question.answers}
            lists.setdefault(f"{question.table}_answers", {}).update(answers)
        return lists

    def _scale_labels(self) -> dict[str, str]:
        items = {item.id: item.text for item in self.questionnaire.items}
        scales = {name: scale.name for name, scale in self.questionnaire.scales.items()}
        return {name: scales.get(name) or items[name] for name in self.questionnaire.scored_scales}

    def stage_number(self, population: str) -> int | None:
        """The number of the stage, from 1, that people of a population have reached; None: it is
        not of people at a stage."""
        stage = self.tables.populations[population].stage
        return None if stage is None else self.dpia.cohort.stages.index(stage) + 1

    @property
    def monitored(self) -> Monitoring:
        """How performance monitoring is made.

        Raises:
            PolicyError: this policy has none, and then nothing asks for it.
        """
        if self.dpia.monitoring is None:
            raise PolicyError("dpia.yaml, monitoring: nothing is monitored without it; put it in.")
        return self.dpia.monitoring

    @property
    def followed(self) -> Reoffending:
        """How people are followed after the programme.

        Raises:
            PolicyError: this policy says nothing of it, and then nothing asks for it.
        """
        if self.dpia.reoffending is None:
            raise PolicyError("dpia.yaml, reoffending: nobody is followed without it; put it in.")
        return self.dpia.reoffending

    def at_levels(self, levels: Mapping[str, Mapping[str, str]]) -> Policy:
        """The same policy, of whose tables some dimensions stand at a coarser level."""
        return replace(self, tables=self.tables.at_levels(levels))

    def with_agreement(self, source: str) -> Policy:
        """The same policy with one source agreed: what a signed agreement changes."""
        sources = dict(self.dpia.sources)
        sources[source] = sources[source].model_copy(update={"agreement": "agreed"})
        return replace(self, dpia=self.dpia.model_copy(update={"sources": sources}))
