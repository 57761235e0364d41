"""Loads the policy: four YAML files into one typed `Policy`, or a sentence on what is wrong."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy.base import PolicyModel
from safer_streets_assets.policy.built_on import counted_without_agreement
from safer_streets_assets.policy.dpia import Dpia
from safer_streets_assets.policy.hierarchies import HierarchySpec
from safer_streets_assets.policy.questionnaire import Questionnaire
from safer_streets_assets.policy.sources import Source
from safer_streets_assets.policy.tables import Tables
from safer_streets_assets.policy.vocabulary import Vocabulary

FILES = ("dpia.yaml", "questionnaire.yaml", "tables.yaml", "vocabulary.yaml")

Model = TypeVar("Model", bound=PolicyModel)


class PolicyError(SaferStreetsError):
    """A mistake in the policy: the message names the file, the place and the remedy."""


# Parsing by libyaml takes a fifth of the time; not every build of PyYAML has it.
_SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(_SafeLoader):  # type: ignore[misc, valid-type]
    """YAML in which the same key twice is a mistake and not a silent overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"{twice[0]} stands here twice; keep one", node.start_mark
            )
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


@dataclass(frozen=True)
class Policy:
    """The whole policy: the DPIA, the questionnaire, the tables and the words they may print.

    `digest` is the SHA-256 of the four files, recorded with every release.
    """

    dpia: Dpia
    questionnaire: Questionnaire
    tables: Tables
    digest: str
    vocabulary: Vocabulary

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
        words = {word for spec in self.vocabulary.lists.values() for word in spec.printed}
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
        questions = self.questionnaire.stage_specific
        lists: dict[str, dict[str, str]] = {
            "stages": {stage: stage for stage in self.dpia.cohort.stages},
            "age_bands": {label: label for label in self.dpia.cohort.age_bands.values()},
            "offences": self.dpia.eligibility.offence_codes,
            "sessions": {str(n): str(n) for n in range(1, self.dpia.cohort.programme_sessions + 1)},
            "scales": self._scale_labels(),
            "reoffending_events": self.dpia.reoffending_events,
            "reoffending_months": {month: month for month in self.dpia.reoffending.reading_days},
            "primary_scales": {
                name: label
                for name, label in self._scale_labels().items()
                if name in self.questionnaire.primary_scales
            },
            "gates": {gate.name: gate.title for gate in self.dpia.gates},
            "experience_questions": {q.id: q.text for q in questions if q.experience},
            **{
                f"experience_questions_{stage}": {
                    q.id: q.text for q in questions if q.experience and q.stage == stage
                }
                for stage in self.questionnaire.stages
            },
            "experience_answers": {
                str(n): str(n)
                for q in questions
                if q.experience and q.range
                for n in range(q.range[0], q.range[1] + 1)
            },
            "scores_at_start": {
                f"{name} at start": f"{label}, score at start"
                for name, label in self._scale_labels().items()
            },
            "knife_reasons": {k: v for q in questions for k, v in q.options.items()},
            "training_questions": {
                f.name: f.question
                for s in self.dpia.sources.values()
                for f in s.fields
                if f.question is not None
            },
            **{
                name: {word: word for word in words.printed}
                for name, words in self.vocabulary.lists.items()
            },
            **{name: {word: word} for name, word in self.vocabulary.said_nothing.items()},
        }
        if reference not in lists:
            raise PolicyError(
                f"tables.yaml, dimensions: {reference} is not a list of the policy; use data, a "
                f"list of values, codes:NAME or one of {', '.join(sorted(lists))}."
            )
        return lists[reference]

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

    def _scale_labels(self) -> dict[str, str]:
        items = {item.id: item.text for item in self.questionnaire.items}
        scales = {name: scale.name for name, scale in self.questionnaire.scales.items()}
        return {name: scales.get(name) or items[name] for name in self.questionnaire.scored_scales}

    def at_levels(self, levels: Mapping[str, Mapping[str, str]]) -> Policy:
        """The same policy, of whose tables some dimensions stand at a coarser level."""
        return replace(self, tables=self.tables.at_levels(levels))

    def with_agreement(self, source: str) -> Policy:
        """The same policy with one source agreed: what a signed agreement changes."""
        sources = dict(self.dpia.sources)
        sources[source] = sources[source].model_copy(update={"agreement": "agreed"})
        return replace(self, dpia=self.dpia.model_copy(update={"sources": sources}))


def load_policy(folder: Path | None = None) -> Policy:
    """Loads and checks the policy from a folder (default: the one that ships with the package).

    Files with the same content are parsed and checked once in a process.

    Raises:
        PolicyError: one sentence that names the file, the place in it and the remedy.
    """
    base = folder or Path(str(resources.files("safer_streets_assets.policy")))
    return _of_texts(tuple(_read(base / name) for name in FILES))


@lru_cache(maxsize=2)
def _of_texts(contents: tuple[str, ...]) -> Policy:
    texts = dict(zip(FILES, contents, strict=True))
    digest = hashlib.sha256("\0".join(texts[name] for name in FILES).encode()).hexdigest()
    policy = Policy(
        dpia=_parse(texts["dpia.yaml"], "dpia.yaml", Dpia),
        questionnaire=_parse(texts["questionnaire.yaml"], "questionnaire.yaml", Questionnaire),
        tables=_parse(texts["tables.yaml"], "tables.yaml", Tables),
        vocabulary=_parse(texts["vocabulary.yaml"], "vocabulary.yaml", Vocabulary),
        digest=digest,
    )
    _check_across_files(policy)
    dimensions = {name: table.dimensions for name, table in policy.tables.tables.items()}
    if (wrong := counted_without_agreement(policy.dpia.sources, dimensions)) is not None:
        raise PolicyError(f"tables.yaml, {wrong}.")
    return policy


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            f"{path.name}, whole file: it cannot be read; put the file back into the policy folder."
        ) from None


def _parse(text: str, name: str, model: type[Model]) -> Model:
    try:
        raw = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}" if mark else "whole file"
        raise PolicyError(f"{name}, {place}: {error.problem or 'not YAML'}; correct it.") from None
    except (yaml.YAMLError, ValueError) as error:
        # Characters YAML does not allow, and dates that no calendar has.
        problem = " ".join(str(error).split())
        raise PolicyError(f"{name}, whole file: {problem}; correct it.") from None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "whole file"
        message = first["msg"].removeprefix("Value error, ")
        raise PolicyError(f"{name}, {place}: {message}; correct it there.") from None


def _check_across_files(policy: Policy) -> None:
    gates = {gate.name for gate in policy.dpia.gates}
    for name, table in policy.tables.tables.items():
        if table.gate is not None and table.gate not in gates:
            raise PolicyError(
                f"tables.yaml, tables.{name}.gate: {table.gate} is not a gate of dpia.yaml; "
                "use one of its names."
            )
        if table.stage is not None and table.stage not in gates:
            raise PolicyError(
                f"tables.yaml, tables.{name}.stage: {table.stage} is not a gate of dpia.yaml; "
                "use one of its names."
            )
    _check_words(policy)
    for name, hierarchy in policy.tables.hierarchies.items():
        _check_hierarchy(policy, name, hierarchy)
    for rows in policy.tables.importance.headline:
        for listed in rows.over.values():
            try:
                policy.labels_of(listed)
            except PolicyError as error:
                raise PolicyError(str(error).replace("dimensions:", "importance:")) from None
    for name, dimension in policy.tables.dimensions.items():
        if dimension.labels_within is not None:
            policy.labels_within(dimension.labels_within)
        for reference in (dimension.values, dimension.labels, *dimension.words):
            if isinstance(reference, str) and reference != "data":
                try:
                    policy.labels_of(reference)
                except PolicyError as error:
                    raise PolicyError(
                        str(error).replace("dimensions:", f"dimensions.{name}:")
                    ) from None


def _check_words(policy: Policy) -> None:
    """Every list of words that the DPIA names is there, and boroughs open under a word of it."""
    lists = policy.vocabulary.lists
    for name, source in policy.dpia.sources.items():
        for field in source.fields:
            if field.words is not None and field.words not in lists:
                raise PolicyError(
                    f"dpia.yaml, sources.{name}.fields.{field.name}: {field.words} is not a list "
                    "of vocabulary.yaml; use one of its lists."
                )
    boroughs = lists.get(policy.dpia.roll_out.words)
    for borough in policy.dpia.opening_dates:
        if boroughs is None or borough not in boroughs.words:
            raise PolicyError(
                f"dpia.yaml, roll_out: {borough} is not a word of {policy.dpia.roll_out.words} in "
                "vocabulary.yaml; use one that is."
            )


def _check_hierarchy(policy: Policy, name: str, hierarchy: HierarchySpec) -> None:
    """Every category is in a group, and every group of known categories, as far as these are known:
    where they come from the data there has to be a rest for those that nobody thought of."""
    categories = policy.values_of(policy.tables.dimensions[name].values)
    for level in hierarchy.levels:
        place = f"tables.yaml, hierarchies.{name}.levels.{level.name}"
        if categories is None and level.rest is None:
            raise PolicyError(
                f"{place}: the categories come from the data, so any may come; name a rest for "
                "those in no group."
            )
        for category in categories or []:
            if level.group_of(category) is None:
                raise PolicyError(f"{place}: {category} is in no group; put it into one.")
        members = [member for own in level.groups.values() for member in own]
        if categories is not None and set(members) - set(categories):
            raise PolicyError(
                f"{place}: a group holds what is not a category of {name}; use those it has."
            )
        if categories is not None and (level.rule or level.rest):
            raise PolicyError(
                f"{place}: the categories of {name} are fixed, so there is no rest and no rule; "
                "take it out."
            )
        categories = level.values
