"""The generated parts of the docs: made from code and policy, and compared with what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from safer_streets_assets.definitions import defs
from safer_streets_assets.documentation.analysts_page import (
    examples_part,
    markers_part,
    views_part,
)
from safer_streets_assets.documentation.dpia_table import dpia_table
from safer_streets_assets.documentation.errors import DocumentsError
from safer_streets_assets.documentation.flow import read_flow
from safer_streets_assets.documentation.governance_page import shown_part
from safer_streets_assets.documentation.graph import graph_page, groups_picture
from safer_streets_assets.documentation.reference import reasons_page, tables_page
from safer_streets_assets.documentation.retention_page import retention_page
from safer_streets_assets.documentation.stores_page import stores_page
from safer_streets_assets.documentation.worked import with_output
from safer_streets_assets.policy import load_policy

README = "README.md"
ANALYSTS, GOVERNANCE = "docs/for_analysts.md", "docs/for_information_governance.md"
WORKED = ("docs/change_scores.md", "docs/protect.md")
DPIA, GRAPH = "dpia", "graph"
"""The generated parts of the README, by the name in their markers."""
MARKERS, VIEWS, EXAMPLES, SHOWN = "markers", "views", "examples", "shown"
"""Those of other pages that somebody writes."""


def write_documents(project: Path) -> list[str]:
    """Writes every document with generated parts; returns their paths in the project's folder.

    Raises:
        DocumentsError: a page lacks its markers, or the policy names what is not there.
    """
    made = make_documents(project)
    for name, text in made.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    return list(made)


def stale_documents(project: Path) -> list[str]:
    """The documents that are not what would be written now, as paths in the project's folder.

    Raises:
        DocumentsError: as `write_documents`.
    """
    return [name for name, text in make_documents(project).items() if _read(project / name) != text]


def make_documents(project: Path) -> dict[str, str]:
    """Path in the project to text, for every document with generated parts.

    Raises:
        DocumentsError: as `write_documents`.
    """
    policy = load_policy()
    flow = read_flow(defs)
    readme = (project / README).read_text(encoding="utf-8")
    readme = between_markers(readme, GRAPH, groups_picture(flow))
    parts = {
        ANALYSTS: {
            MARKERS: markers_part(policy),
            VIEWS: views_part(policy),
            EXAMPLES: examples_part(),
        },
        GOVERNANCE: {SHOWN: shown_part(policy)},
    }
    return {
        "docs/graph.md": graph_page(flow),
        "docs/reasons.md": reasons_page(policy),
        "docs/retention.md": retention_page(policy),
        "docs/stores.md": stores_page(policy),
        "docs/tables.md": tables_page(policy),
        **{page: _with_parts(project, page, own) for page, own in parts.items()},
        **{page: with_output((project / page).read_text(encoding="utf-8")) for page in WORKED},
        README: between_markers(readme, DPIA, "\n".join(dpia_table(policy, defs))),
    }


def _with_parts(project: Path, page: str, parts: Mapping[str, Sequence[str]]) -> str:
    text = (project / page).read_text(encoding="utf-8")
    for part, lines in parts.items():
        text = between_markers(text, part, "\n".join(lines), page)
    return text


def markers(part: str) -> tuple[str, str]:
    """What stands before and after a generated part of a page."""
    return f"<!-- {part}:begin -->", f"<!-- {part}:end -->"


def between_markers(text: str, part: str, content: str, page: str = README) -> str:
    """The text of a page with new content between the markers of a generated part.

    Raises:
        DocumentsError: a marker is missing or stands there twice.
    """
    begin, end = markers(part)
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise DocumentsError(f"{page} needs {begin} and after it {end}, each once; put them in.")
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    return f"{before}{begin}\n{content}\n{end}{after}"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
