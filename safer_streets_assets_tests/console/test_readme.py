"""What the README says: its queries run, its links lead to files, its commands exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from safer_streets_assets import cli
from safer_streets_assets.policy import load_policy
from safer_streets_assets_tests.release.builders import (
    content,
    data_folder,
    funnel,
    non_assignment,
    publish,
    query,
    table,
)

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", PROJECT / "CHANGELOG.md"]
PAGES += sorted((PROJECT / "docs").glob("*.md"))


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release in the data folder of the current folder."""
    stages = load_policy().dpia.cohort.stages
    keys = [(borough, stage) for borough in ("Lambeth", "Total") for stage in stages]
    boroughs = table("funnel_by_borough", keys, {"n": [120, 100, 70, 50, None, 20, 10] * 2})
    frames = {
        "funnel": funnel(),
        "funnel_by_borough": boroughs,
        "non_assignment": non_assignment(),
    }
    folder = data_folder(tmp_path / "data")
    publish(folder, content(frames))
    monkeypatch.chdir(tmp_path)
    return folder.published / "published.duckdb"


def blocks(language: str) -> list[str]:
    """The code blocks of the README in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands(command: Any, path: str = "") -> Iterator[str]:
    """The commands of a group and of its groups, by the words one types."""
    for name, below in getattr(command, "commands", {}).items():
        yield f"{path}{name}"
        yield from commands(below, f"{path}{name} ")


def test_the_python_of_the_readme_shows_the_published_tables(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    shown = capsys.readouterr().out
    assert "funnel_by_borough" in shown
    assert "[c]" in shown
    assert "Lives outside a roll-out borough" in shown


@pytest.mark.parametrize("language", ["sh", "r"])
def test_the_queries_of_the_other_languages_run_too(published: Path, language: str) -> None:
    found = [q for block in blocks(language) for q in re.findall(r'"(SELECT .*?)"', block)]
    assert found
    for sql in found:
        assert len(query(published, sql)) == len(load_policy().dpia.cohort.stages)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_to_files(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_named_in_the_documents_exist(page: Path) -> None:
    there = set(commands(typer.main.get_command(cli.app)))
    for words in re.findall(r"`safer-streets ([a-z][a-z -]*)", page.read_text(encoding="utf-8")):
        said = words.partition(" --")[0].strip()
        assert said in there, said


def test_every_command_of_the_readme_table_takes_the_options_it_shows() -> None:
    group = typer.main.get_command(cli.app)
    for words, options in re.findall(
        r"^\| `safer-streets ([a-z -]*?)((?: --?.*)?)` \|", README, re.M
    ):
        command = group
        for word in words.split():
            command = getattr(command, "commands", {}).get(word, command)
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", options)) <= known


def test_make_targets_named_in_the_documents_exist() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    rules = re.findall(r"^([a-z -]+):", makefile, re.MULTILINE)
    targets = {target for rule in rules for target in rule.split()}
    for page in PAGES:
        named = set(re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8")))
        assert named <= targets


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) < 200
