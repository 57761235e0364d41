"""Loads the policy: five YAML files and the queries beside them, or a sentence on what is wrong."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from safer_streets_assets.policy.base import Mistake, PolicyModel
from safer_streets_assets.policy.codes_checks import codes_mistakes
from safer_streets_assets.policy.dimensions_checks import dimensions_mistakes
from safer_streets_assets.policy.dpia import Dpia
from safer_streets_assets.policy.dpia_checks import dpia_mistakes
from safer_streets_assets.policy.figures_checks import figures_mistakes
from safer_streets_assets.policy.hierarchies_checks import hierarchies_mistakes
from safer_streets_assets.policy.idle_links_checks import idle_links_mistakes
from safer_streets_assets.policy.importance_checks import importance_mistakes
from safer_streets_assets.policy.links_checks import links_mistakes
from safer_streets_assets.policy.places import PlaceLists
from safer_streets_assets.policy.populations_checks import populations_mistakes
from safer_streets_assets.policy.questionnaire import Questionnaire
from safer_streets_assets.policy.questionnaire_checks import questionnaire_mistakes
from safer_streets_assets.policy.quotes_checks import quotes_mistakes
from safer_streets_assets.policy.report_checks import report_mistakes
from safer_streets_assets.policy.same_person_checks import same_person_mistakes
from safer_streets_assets.policy.tables import Tables
from safer_streets_assets.policy.tables_checks import counted_by_mistakes, tables_mistakes
from safer_streets_assets.policy.use_checks import unused
from safer_streets_assets.policy.vocabulary import Vocabulary
from safer_streets_assets.policy.whole import Policy, PolicyError

POLICY_VARIABLE = "SAFER_STREETS_POLICY"
"""The environment variable that names the folder of another evaluation's policy."""

FILES: Mapping[str, type[PolicyModel]] = {
    "dpia.yaml": Dpia,
    "places.yaml": PlaceLists,
    "questionnaire.yaml": Questionnaire,
    "tables.yaml": Tables,
    "vocabulary.yaml": Vocabulary,
}
"""The files of the policy, each with its model."""

VOCABULARY, LANGUAGE = "vocabulary.yaml", "language"
OF_LANGUAGE = ("missing", "common_words", "ordinary_words", "heading_words", "names")
"""What `language: shipped` in a vocabulary stands for: the words of English, which are the same for
every evaluation."""

SQL = "sql"
"""The folder of the policy's queries."""

CHECKS: tuple[Callable[[Policy], Iterator[Mistake]], ...] = (
    dpia_mistakes,
    same_person_mistakes,
    codes_mistakes,
    questionnaire_mistakes,
    counted_by_mistakes,
    dimensions_mistakes,
    hierarchies_mistakes,
    tables_mistakes,
    figures_mistakes,
    populations_mistakes,
    importance_mistakes,
    links_mistakes,
    idle_links_mistakes,
    quotes_mistakes,
    report_mistakes,
    unused,
)
"""What the files have to agree on, each check resting on those before it."""

MISTAKES = {
    "extra_forbidden": "nobody reads this key; correct its name, or take it out",
    "missing": "this key is missing; put it in",
}
"""What is said of a kind of mistake that pydantic finds."""

# Parsing by libyaml takes a fifth of the time; not every build of PyYAML has it.
_SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(_SafeLoader):  # type: ignore[misc, valid-type]
    """YAML in which the same key twice is a mistake and not a silent overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        passed = set()
        for key_node, _ in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in passed:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key} stands here twice; keep one", key_node.start_mark
                )
            passed.add(key)
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


def policy_folder() -> Path:
    """The folder of the policy: that of another evaluation where the environment names one, else
    the one that ships with the package."""
    named = os.environ.get(POLICY_VARIABLE)
    return Path(named).absolute() if named else shipped_folder()


def shipped_folder() -> Path:
    """The folder of the policy that ships with the package."""
    return Path(str(resources.files("safer_streets_assets.policy")))


def load_policy(folder: Path | None = None) -> Policy:
    """Loads and checks the policy from a folder, else from the one that `SAFER_STREETS_POLICY`
    names, else from the one that ships with the package.

    Files with the same content are parsed and checked once in a process.

    Raises:
        PolicyError: one sentence that names the file, the place in it and the remedy.
    """
    base = folder or policy_folder()
    if not base.is_dir():
        raise PolicyError(
            f"{base} is no folder of a policy: give the right one in {POLICY_VARIABLE}, or leave "
            "it out for the policy that ships with the program."
        )
    return _of_texts(
        tuple(_read(base / name) for name in FILES),
        tuple((name, _read(path)) for name, path in _queries(base / SQL).items()),
    )


def _queries(folder: Path) -> dict[str, Path]:
    """The queries of a policy by name: one in a folder below as `folder/name`."""
    found = sorted((*folder.glob("*.sql"), *folder.glob("*/*.sql")))
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in found}


@lru_cache(maxsize=2)
def _of_texts(contents: tuple[str, ...], queries: tuple[tuple[str, str], ...]) -> Policy:
    texts = dict(zip(FILES, contents, strict=True))
    shipped = [_read(shipped_folder() / VOCABULARY)] if _speaks(texts[VOCABULARY]) else []
    everything = [*contents, *shipped, *(part for query in queries for part in query)]
    digest = hashlib.sha256("\0".join(everything).encode()).hexdigest()
    found = {name: _content(texts[name], name) for name in FILES}
    if shipped and isinstance(found[VOCABULARY], dict):
        language = _content(shipped[0], VOCABULARY)
        found[VOCABULARY].pop(LANGUAGE)
        found[VOCABULARY] = {key: language[key] for key in OF_LANGUAGE} | found[VOCABULARY]
    models = {name: model_of(name, found[name]) for name in FILES}
    return policy_of(models, dict(queries), digest)


def _speaks(vocabulary: str) -> bool:
    """Whether a vocabulary says that its words of the language are those that ship."""
    return re.search(rf"^{LANGUAGE}:\s*shipped\s*$", vocabulary, re.MULTILINE) is not None


def policy_of(models: Mapping[str, PolicyModel], sql: Mapping[str, str], digest: str) -> Policy:
    """The policy of the models of its files, by name, and of its queries, once they agree with one
    another.

    Raises:
        PolicyError: they do not.
    """
    parts: dict[str, Any] = {name.removesuffix(".yaml"): model for name, model in models.items()}
    policy = Policy(**parts, sql=sql, digest=digest)
    for mistake in (one for check in CHECKS for one in check(policy)):
        raise PolicyError(mistake.sentence)
    return policy


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            f"{path.name}, whole file: it cannot be read; put the file back into the policy folder."
        ) from None


def _content(text: str, name: str) -> Any:
    """What a file says, as plain data."""
    try:
        return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}" if mark else "whole file"
        raise PolicyError(f"{name}, {place}: {error.problem or 'not YAML'}; correct it.") from None
    except (yaml.YAMLError, ValueError) as error:
        # Characters YAML does not allow, and dates that no calendar has.
        problem = " ".join(str(error).split())
        raise PolicyError(f"{name}, whole file: {problem}; correct it.") from None


def model_of(name: str, content: Any) -> PolicyModel:
    """The typed model of what a file says, by the name of the file.

    Raises:
        PolicyError: a key is missing or unknown, or a value is none that it may have.
    """
    for place, item in _twice(content):
        raise PolicyError(f"{name}, {place}: {item} stands here twice; keep one.")
    try:
        return FILES[name].model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = [str(part) for part in first["loc"] if part != "[key]"]
        if first["type"] == "missing" and where[-1].isdigit():
            raise PolicyError(
                f"{name}, {'.'.join(where[:-1])}: it has too few values; put in what is missing."
            ) from None
        place = ".".join(where) or "whole file"
        message = MISTAKES.get(first["type"], f"{first['msg']}; correct it there")
        raise PolicyError(f"{name}, {place}: {message.removeprefix('Value error, ')}.") from None


def _twice(raw: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Lists in which something stands twice, which would mean nothing more: each by its place. Of
    two numbers, as the ends of a range, both may be the same."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield from _twice(value, f"{place}.{key}" if place else str(key))
    elif isinstance(raw, list):
        for number, item in enumerate(raw):
            if item in raw[:number] and not (len(raw) == 2 and isinstance(item, int)):
                yield place, item if isinstance(item, str) else f"item {number}"
            yield from _twice(item, f"{place}.{number}")
