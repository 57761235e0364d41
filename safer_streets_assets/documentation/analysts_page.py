"""The generated parts of the page for analysts: markers, views for people, example queries."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from safer_streets_assets.disclosure.core_tables import HELD
from safer_streets_assets.documentation.markdown import code, sentence, table_lines
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.columns import MARKERS, columns_of, held_means
from safer_streets_assets.release.examples import example_queries
from safer_streets_assets.release.views import wide_views


def markers_part(policy: Policy) -> list[str]:
    """What each marker means; that of a count held back occurs only where policy lets it."""
    said = {**MARKERS, HELD: f"{held_means(policy)}; only where the policy holds back"}
    rows = ((code(marker), sentence(meaning)) for marker, meaning in said.items())
    return list(table_lines(("Marker", "Meaning"), rows))


def views_part(policy: Policy) -> list[str]:
    """The views with a dimension across: what their rows, columns and cells are."""
    return list(table_lines(("View", "Rows", "Columns", "Cells"), _wide(policy)))


def _wide(policy: Policy) -> Iterator[tuple[str, str, str, str]]:
    for name, spec in policy.tables.tables.items():
        if spec.across is None:
            continue
        columns = columns_of(policy, name, pd.DataFrame())
        down = [c.name for c in columns if c.role == "dimension" and c.name != spec.across]
        for view, figure in wide_views(name, spec, columns).items():
            rows = ", ".join(map(code, down))
            yield code(view), rows, code(spec.across), figure.description


def examples_part() -> list[str]:
    """Each example: its question, and its query as published.duckdb has it."""
    lines: list[str] = []
    for example in example_queries():
        lines += [f"**{example.question}** ({code(example.name)})", ""]
        lines += ["```sql", example.query, "```", ""]
    return lines[:-1]
