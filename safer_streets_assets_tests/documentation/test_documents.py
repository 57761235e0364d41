"""The generated documents: current, deterministic, and true to code and policy."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from safer_streets_assets.definitions import defs
from safer_streets_assets.disclosure.core_tables import as_of_column, holds_back
from safer_streets_assets.documentation.documents import (
    DPIA,
    between_markers,
    make_documents,
    markers,
    stale_documents,
)
from safer_streets_assets.documentation.dpia_table import refuse_unknown_enforcers
from safer_streets_assets.documentation.errors import DocumentsError
from safer_streets_assets.intake.readers import REASONS
from safer_streets_assets.intake.reasons import DROP_REASONS, row_reasons
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.policy.figures import share_columns

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BEGIN, END = markers(DPIA)


def with_enforcer(enforcer: str) -> Policy:
    """The policy with one more enforcer of the section on the purpose."""
    policy = load_policy()
    section = policy.dpia.sections["purpose"]
    changed = section.model_copy(update={"enforced_by": [*section.enforced_by, enforcer]})
    sections = {**policy.dpia.sections, "purpose": changed}
    dpia = policy.dpia.model_copy(update={"sections": sections})
    return replace(policy, dpia=dpia)


def test_the_documents_in_the_project_are_what_would_be_written_now() -> None:
    assert stale_documents(PROJECT) == []


def test_a_document_that_was_changed_by_hand_is_found(tmp_path: Path) -> None:
    made = make_documents(PROJECT)
    for name, text in made.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "docs/reasons.md").write_text("changed")
    (tmp_path / "docs/graph.md").unlink()
    assert stale_documents(tmp_path) == ["docs/graph.md", "docs/reasons.md"]


def test_everything_that_is_said_to_enforce_the_dpia_exists() -> None:
    refuse_unknown_enforcers(load_policy(), defs)


@pytest.mark.parametrize(
    "enforcer",
    [
        "policy gates impact",
        "policy sources mps_reoffending",
        "module stores.keys",
        "table release",
        "sensor new_drops",
    ],
)
def test_each_kind_of_enforcer_can_be_named(enforcer: str) -> None:
    refuse_unknown_enforcers(with_enforcer(enforcer), defs)


@pytest.mark.parametrize(
    "enforcer",
    [
        "asset nothing",
        "check linked_cohort",
        "schedule new_drops",
        "table nothing",
        "module stores.nothing",
        "module nothing.at_all",
        "policy gates nothing",
        "policy model_fields",
        "policy ",
        "wish everything",
    ],
)
def test_an_enforcer_that_does_not_exist_is_refused_with_its_place(enforcer: str) -> None:
    with pytest.raises(DocumentsError, match=r"sections\.purpose\.enforced_by"):
        refuse_unknown_enforcers(with_enforcer(enforcer), defs)


def test_every_section_of_the_dpia_has_its_line_in_the_readme() -> None:
    table = README.partition(BEGIN)[2].partition(END)[0]
    for section in load_policy().dpia.sections.values():
        assert f"| {section.title} |" in table


def test_every_code_has_its_line_on_the_page_of_reasons() -> None:
    page = (PROJECT / "docs/reasons.md").read_text(encoding="utf-8")
    for code in [*row_reasons(load_policy()), *DROP_REASONS, *REASONS]:
        assert len(re.findall(rf"^\| `{code}` \|", page, re.MULTILINE)) == 1
    assert "{" not in page


def test_every_table_and_column_is_on_the_page_of_tables() -> None:
    page = (PROJECT / "docs/tables.md").read_text(encoding="utf-8")
    policy = load_policy()
    for name, spec in policy.tables.tables.items():
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert policy.tables.populations[spec.population].words in section
        since = as_of_column if holds_back(policy) else None
        counts = [c for n in spec.counts for c in ((n, since(n)) if since else (n,))]
        columns = [*policy.tables.columns(name), *counts, *spec.constants, *spec.statistics]
        columns += [column for share in spec.shares for column in share_columns(share)]
        assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == columns
        assert (spec.gate is None) == ("Made only when the gate" not in section)


@pytest.mark.parametrize("text", ["none", f"{BEGIN}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}{END}" * 2])
def test_a_readme_without_its_markers_is_refused(text: str) -> None:
    with pytest.raises(DocumentsError):
        between_markers(text, DPIA, "table")


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert between_markers(text, DPIA, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
