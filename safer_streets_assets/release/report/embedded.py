"""The charts of a release as pictures of the page: in its colours, and with ids of their own."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from safer_streets_assets.release.charts import change, reliable, svg
from safer_streets_assets.release.charts.chart import Chart
from safer_streets_assets.release.report.blocks import DataRow, DataTable, Graphic

SVG = "{http://www.w3.org/2000/svg}"
SCALE = "scale"
OWN_COLOURS = {
    svg.INK: "--ink",
    svg.QUIET: "--quiet",
    svg.GRID: "--rule",
    svg.PAPER: "--paper",
    change.MARK: "--series-1",
    **{colour: f"--series-{n}" for n, colour in enumerate(reliable.COLOURS, start=1)},
}
"""What the page calls the colours of charts, which change with its own (dark, forced)."""


def embedded(chart: Chart, subtitle: str, key: tuple[str, ...] = ()) -> Graphic | None:
    """A chart as a picture of the page with its figures; None when it has no picture."""
    if chart.svg is None:
        return None
    return Graphic(
        chart.title, subtitle, _markup(chart), figures_of(chart), key, scrolls=True, wide=True
    )


def figures_of(chart: Chart) -> DataTable:
    """The figures of a chart as a data table."""
    return DataTable(
        caption=f"{chart.title}: figures",
        header=chart.header,
        names=chart.row_headers,
        lines=tuple(DataRow(row, _marks(row)) for row in chart.rows),
        table=chart.source,
    )


def _marks(row: tuple[str, ...]) -> dict[str, str]:
    """The scale of a row, whose code stands in brackets at the end of its name."""
    code = re.search(r"\((\w+)\)$", row[0])
    return {SCALE: code[1]} if code else {}


def _markup(chart: Chart) -> str:
    root = ET.fromstring(chart.svg or "")  # noqa: S314 (our own text)
    for style in root.findall(f"{SVG}style"):
        root.remove(style)
    name = f"chart-{chart.name.replace('_', '-')}"
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        for attribute in ("id", "aria-labelledby", "aria-describedby"):
            if attribute in element.attrib:
                element.set(attribute, f"{name}-{element.attrib[attribute]}")
        colours = []
        for attribute in ("fill", "stroke"):
            value = element.attrib.get(attribute, "")
            if value in OWN_COLOURS:
                del element.attrib[attribute]
                colours.append(f"{attribute}: var({OWN_COLOURS[value]})")
            elif value.startswith("url(#"):
                element.set(attribute, value.replace("url(#", f"url(#{name}-"))
        if colours:
            element.set("style", "; ".join(colours))
    return ET.tostring(root, encoding="unicode", method="html")
