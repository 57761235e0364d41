"""The small program that checks witnesses by addition, on releases as they were published."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from safer_streets_assets.disclosure import (
    check_insiders,
    check_levels,
    check_printed,
    check_witnesses,
)
from safer_streets_assets.disclosure.check_printed import PrintedReleases, read_release
from safer_streets_assets.disclosure.check_witnesses import (
    WitnessError,
    check_folder,
    check_release,
    main,
)
from safer_streets_assets.stores import open_stores
from safer_streets_assets_tests.release.mutations import (
    Step,
    release_step,
    says_too_much,
)

PROGRAM = (check_witnesses, check_printed, check_insiders, check_levels)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Step:
    root = tmp_path_factory.mktemp("published")
    with release_step(root, 150, 260, 300) as step:
        pass
    return step


@pytest.fixture(scope="module")
def kept(published: Step) -> tuple[PrintedReleases, dict[str, Any]]:
    """What the first release prints, and what was kept of it."""
    with open_stores(published.folder, read=["restricted"]) as connection:
        (text,) = connection.execute(
            "SELECT witnesses FROM restricted.release_secrets WHERE number = 1"
        ).fetchall()[0]
    printed = PrintedReleases()
    read_release(printed, 0, next(published.folder.releases.glob("r0001-*")))
    return printed, json.loads(text)


def test_every_hidden_count_of_every_release_has_two_whole_tables(
    published: Step, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = check_folder(published.folder)
    assert 0 < first[1] < second[1]
    assert main(["--data", str(published.folder.root)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def one_more(kept: dict[str, Any]) -> None:
    kept["counts"][0][1] += 1


def forget_a_count(kept: dict[str, Any]) -> None:
    kept["counts"].pop()


def forget_witnesses(kept: dict[str, Any]) -> None:
    kept["witnesses"].clear()


def move_one_cell_only(kept: dict[str, Any]) -> None:
    kept["moves"] = [moved[:1] for moved in kept["moves"]]


def move_nothing(kept: dict[str, Any]) -> None:
    kept["moves"] = [[] for _ in kept["moves"]]


def forget_the_tables_against_insiders(kept: dict[str, Any]) -> None:
    used = {witness["move"] for witness in kept["witnesses"]}
    assert len(used) < len(kept["moves"])
    kept["moves"] = [moved if k in used else [] for k, moved in enumerate(kept["moves"])]


def as_earlier_versions_kept_it(kept: dict[str, Any]) -> dict[str, Any]:
    witnesses = [
        {"cells": witness["cells"], "moved": kept["moves"][witness["move"]]}
        for witness in kept["witnesses"]
    ]
    more = kept["moves"]
    return {k: v for k, v in kept.items() if k != "moves"} | {"witnesses": witnesses, "more": more}


def test_the_witnesses_of_releases_of_earlier_versions_are_checked_too(
    kept: tuple[PrintedReleases, dict[str, Any]],
) -> None:
    printed, said = kept
    assert check_release(printed, as_earlier_versions_kept_it(said)) == len(printed.hidden)


@pytest.mark.parametrize(
    "harm",
    [
        one_more,
        forget_a_count,
        forget_witnesses,
        move_one_cell_only,
        move_nothing,
        forget_the_tables_against_insiders,
    ],
)
def test_what_does_not_add_up_is_no_witness(
    kept: tuple[PrintedReleases, dict[str, Any]], harm: Callable[[dict[str, Any]], None]
) -> None:
    printed, said = kept
    assert check_release(printed, said) == len(printed.hidden)
    harmed = copy.deepcopy(said)
    harm(harmed)
    with pytest.raises(WitnessError) as caught:
        check_release(printed, harmed)
    assert not says_too_much(str(caught.value))


def test_the_program_knows_no_solver_and_nothing_of_the_core() -> None:
    nodes = [
        node
        for module in PROGRAM
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8")))
    ]
    named = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    named += [a.name for node in nodes if isinstance(node, ast.Import) for a in node.names]
    named = [name for name in named if name not in {module.__name__ for module in PROGRAM}]
    barred = ("numpy", "scipy", "highspy", "pandas", "safer_streets_assets.disclosure")
    assert not [name for name in named if name.startswith(barred)]
