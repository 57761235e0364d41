"""Whatever is changed in a file of the policy is refused, with its place, or changes the policy.

That no key is changed in vain is for test_every_key_is_read.py: the code reads each of them.
"""

from __future__ import annotations

import functools
import os
import random
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from importlib import resources
from typing import Any

import pytest

from safer_streets_assets.policy import PolicyError, load_policy
from safer_streets_assets.policy.base import PolicyModel
from safer_streets_assets.policy.loading import FILES, _content, model_of, policy_of

Path = tuple[str | int, ...]
"""The keys and numbers that lead to a place of a file."""
AT_A_TIME = 50
"""How many changes the quick run tries of each file."""
OTHERS = 4
"""The thorough run tries each leaf changed, and of the other changes one in so many (all of them
under SAFER_STREETS_EVERY_YEAR=1)."""
CHANGED = ("dpia.yaml", "places.yaml", "questionnaire.yaml", "tables.yaml")


@functools.cache
def contents() -> Mapping[str, Any]:
    """What the shipped files say, as plain data in which nothing is shared."""
    folder = resources.files("safer_streets_assets.policy")
    return {n: _apart(_content((folder / n).read_text(encoding="utf-8"), n)) for n in FILES}


@functools.cache
def models() -> Mapping[str, PolicyModel]:
    """The models of the shipped files."""
    return {name: model_of(name, content) for name, content in contents().items()}


def _apart(value: Any) -> Any:
    """A copy in which what stood at an anchor and its aliases is no longer one."""
    if isinstance(value, dict):
        return {key: _apart(own) for key, own in value.items()}
    return [_apart(own) for own in value] if isinstance(value, list) else value


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each place of a file with what stands there, the whole of it first."""
    yield path, value
    inside = value.items() if isinstance(value, dict) else ()
    for key, own in enumerate(value) if isinstance(value, list) else inside:
        yield from places(own, (*path, key))


def other(value: Any) -> Any:
    """A leaf as somebody may mistype it."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, date):
        return value + timedelta(days=1)
    return "x" if value is None else f"{value}x"


def changes(content: Any) -> Iterator[tuple[str, Path]]:
    """Every change that is tried, with its place: a leaf changed, a key or an item removed or
    doubled, a key added."""
    for path, value in places(content):
        if not isinstance(value, (dict, list)):
            yield "changed", path
        if path:
            yield "removed", path
            yield "doubled", path
        if isinstance(value, dict):
            yield "added to", path


def changed(content: Any, what: str, path: Path) -> Any:
    """A copy of a file's content with one change."""
    whole = _apart(content)
    if what == "added to":
        functools.reduce(lambda found, key: found[key], path, whole)["a_key_more"] = "x"
        return whole
    *above, last = path
    holder = functools.reduce(lambda found, key: found[key], above, whole)
    if what == "changed":
        holder[last] = other(holder[last])
    elif what == "removed":
        del holder[last]
    elif isinstance(holder, list):
        holder.insert(last, _apart(holder[last]))
    else:
        key = last + 1 if isinstance(last, int) else f"{last}_2"
        holder[key] = _apart(holder[last])
    return whole


def is_there(content: Any, place: str) -> bool:
    """Whether a dotted place is one of a file; its last part may be a key that is missing."""
    if not place:
        return True
    if isinstance(content, list):
        named = [own for own in content if isinstance(own, dict)]
        steps = {str(number): own for number, own in enumerate(content)}
        steps |= {str(own.get("name", own.get("id"))): own for own in named}
        steps |= {str(own["id"]): own for own in named if "id" in own}
    elif isinstance(content, dict):
        steps = {str(key): own for key, own in content.items()}
    else:
        return False
    inside = [
        is_there(own, place.removeprefix(step).removeprefix("."))
        for step, own in steps.items()
        if place == step or place.startswith(f"{step}.")
    ]
    return any(inside) or (isinstance(content, dict) and "." not in place)


def judge(name: str, what: str, path: Path) -> str | None:
    """What is wrong with how a change is met; None when it is refused, or is another policy."""
    content = changed(contents()[name], what, path)
    try:
        model = model_of(name, content)
        policy_of({**models(), name: model}, load_policy().sql, "digest")
    except PolicyError as error:
        sentence = str(error)
        said = re.fullmatch(r"(\w+\.yaml|sql/[\w/]+\.sql), (.+?): .+; .+\.", sentence, re.DOTALL)
        if said is None or "\n" in sentence:
            return f"not one sentence with file, place and remedy: {sentence}"
        files = {**contents(), name: content}
        found = [
            sentence[:end].removeprefix(f"{said[1]}, ")
            for end in (at.start() for at in re.finditer(": ", sentence))
        ]
        if said[2] == "whole file" and (len(path) <= 1 or said[1].startswith("sql/")):
            return None
        if not any(is_there(files[said[1]], place) for place in found):
            return f"a place that is not there: {sentence}"
        return None
    if model.model_dump() == models()[name].model_dump():
        return "neither refused, nor another policy"
    return None


def failures(name: str, tried: list[tuple[str, Path]]) -> list[str]:
    """The changes that are not met as they should be, one a line."""
    found = [(what, path, judge(name, what, path)) for what, path in tried]
    return [f"{what} {'.'.join(map(str, path))}: {bad}" for what, path, bad in found if bad]


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_in_a_file_is_refused_with_its_place_or_is_another_policy(name: str) -> None:
    tried = list(changes(contents()[name]))
    assert failures(name, random.Random(15).sample(tried, AT_A_TIME)) == []


@pytest.mark.thorough
@pytest.mark.parametrize("name", CHANGED)
def test_each_leaf_changed_is_refused_with_its_place_or_is_another_policy(name: str) -> None:
    tried = list(changes(contents()[name]))
    leaves = [one for one in tried if one[0] == "changed"]
    others = [one for one in tried if one[0] != "changed"]
    if not os.environ.get("SAFER_STREETS_EVERY_YEAR"):
        others = random.Random(16).sample(others, len(others) // OTHERS)
    assert failures(name, [*leaves, *others]) == []
