"""What the asset of the release shows in Dagster: headline figures, how much is hidden, charts.

All of it is read from the files of the release, so that it says what is printed there and nothing
else. Dagster keeps it with each event for as long as its history, so pictures have a limit.
"""

from __future__ import annotations

import base64
import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from safer_streets_assets.attitudes.pairs import START_END
from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.disclosure.joint_protection import PROVEN
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.charts.chart import formatted
from safer_streets_assets.release.charts.files import FOLDER
from safer_streets_assets.release.charts.svg import INK, QUIET, Picture
from safer_streets_assets.release.database import DATABASE
from safer_streets_assets.release.headline import CHANGE, FUNNEL, GATES, MEAN
from safer_streets_assets.release.wording import begun
from safer_streets_assets.stores.steps import table_of

MOST_BYTES_OF_A_PICTURE = 48_000
MOST_BYTES_OF_PICTURES = 160_000
"""As they stand in the event, in Base64; a larger one is named, and lies in the release."""
HEADLINE = {"what": "string", "printed": "string"}
TOTALS = f"comparison = '{START_END.name}' AND group_name = '{TOTAL}'"
TITLE = re.compile(r"<title[^>]*>([^<]+)</title>")
VIEW_BOX = re.compile(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"')
BAR, LABEL, ROW, WIDTH = 300.0, 230.0, 28.0, 640.0

Fetched = tuple[Any, ...]
Stages = Sequence[Fetched]
"""Of each stage its name, its count or None, and its marker or None."""


def release_metadata(policy: Policy, release: Path) -> dict[str, dg.MetadataValue]:
    """The metadata of a release in its folder, in the order in which it is shown: `verdict` (a
    sentence on proofs and hidden counts), `headline` (a table), and `charts` (Markdown)."""
    with duckdb.connect(str(release / DATABASE), read_only=True) as connection:
        stages = _rows(connection, FUNNEL, "stage, n, n_marker")
        gates = _rows(connection, GATES, "gate, n_now, n_now_marker, n_needed")
        scales = _rows(connection, CHANGE, f"scale, {MEAN}, {MEAN}_marker", TOTALS)
        summary = _rows(connection, "suppression_summary", "table_name, cells, suppressed, verdict")
    return {
        "verdict": dg.MetadataValue.text(_verdict(summary)),
        "headline": table_of(HEADLINE, _headline(policy, stages, gates, scales)),
        "charts": dg.MetadataValue.md(_charts(release, stages)),
    }


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: str, where: str = "true"
) -> list[Fetched]:
    """The rows of a table; none where the release lacks it, as one of another policy may."""
    try:
        return connection.execute(f"SELECT {columns} FROM {table} WHERE {where}").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []


def _headline(
    policy: Policy, stages: Stages, gates: Sequence[Fetched], scales: Sequence[Fetched]
) -> Iterator[tuple[str, str]]:
    for stage, n, marker in stages:
        yield begun(stage), _printed(n, marker, "people")
    titles = {gate.name: gate.title.lower() for gate in policy.dpia.gates}
    for gate, now, marker, needed in gates:
        said = _printed(now, marker)
        yield f"Gathered for {titles.get(gate, gate)}", f"{said} ({needed:,} needed)"
    primary, decimals = policy.labels_of("primary_scales"), policy.dpia.thresholds.mean_decimals
    for scale, mean, marker in scales:
        if scale in primary:
            said = marker if mean is None else f"{formatted(mean, decimals, sign=True)} points"
            yield f"{primary[scale]} ({scale}), mean change", said


def _printed(value: int | None, marker: str | None, unit: str = "") -> str:
    """A cell as people see it: the figure, the marker, or both of one that is held back."""
    said = () if value is None else (f"{value:,}", unit)
    return " ".join(filter(None, (*said, marker)))


def _verdict(summary: Sequence[Fetched]) -> str:
    """How many tables are proven safe, what became of the others, and how much is hidden."""
    found = Counter(str(verdict) for *_, verdict in summary)
    others = [f"{n} {said.partition(':')[0]}" for said, n in found.items() if said != PROVEN]
    cells, hidden = (sum(row[at] for row in summary) for at in (1, 2))
    proven = f"{found[PROVEN]} of {len(summary)} tables proven safe"
    return "; ".join([proven, *others, f"{hidden:,} of {cells:,} counts hidden"])


def _charts(release: Path, stages: Stages) -> str:
    """The pictures of a release as Markdown, each with its title as alternative text."""
    pictures = {"funnel": funnel_picture(stages)} if any(n for _, n, _ in stages) else {}
    for path in sorted((release / FOLDER).glob("*.svg")):
        pictures[f"{FOLDER}/{path.name}"] = path.read_text(encoding="utf-8")
    lines, used = list[str](), 0
    for name, svg in pictures.items():
        data = base64.b64encode(_with_size(svg).encode()).decode()
        if len(data) > MOST_BYTES_OF_A_PICTURE or used + len(data) > MOST_BYTES_OF_PICTURES:
            lines.append(f"`{name}` is too large to be shown here; it lies in the release.")
            continue
        used += len(data)
        found = TITLE.search(svg)
        title = re.sub(r"[][]", "", html.unescape(found[1])) if found else name
        lines.append(f"![{title}](data:image/svg+xml;base64,{data})")
    return "\n\n".join(lines) or "This release prints nothing that could be drawn."


def _with_size(svg: str) -> str:
    """A picture with the size that it was drawn for: without one a browser shows it small."""
    box = VIEW_BOX.search(svg)
    return svg.replace("<svg ", f'<svg width="{box[1]}" height="{box[2]}" ', 1) if box else svg


def funnel_picture(stages: Stages) -> str:
    """The funnel as bars, each with what is printed of it beside it; a hidden stage has no bar."""
    said = [f"{begun(stage)}: {_printed(n, marker)}" for stage, n, marker in stages]
    picture = Picture(WIDTH, "People at each stage of the programme", "; ".join(said))
    greatest = max([n for _, n, _ in stages if n is not None], default=1) or 1
    picture.text(0, 20, "People at each stage of the programme", "heading")
    y = 36.0
    for stage, n, marker in stages:
        middle = y + ROW / 2 + 4
        picture.text(0, middle, begun(stage))
        length = BAR * (n or 0) / greatest
        if n is not None:
            picture.box(LABEL, y + 4, length, ROW - 8, QUIET)
        picture.line(LABEL, y, LABEL, y + ROW, INK)
        picture.text(LABEL + length + 8, middle, _printed(n, marker), "strong")
        y += ROW
    return picture.finished(y + 8)
