"""The files of the charts: which tables are drawn, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.charts.change import change_charts
from safer_streets_assets.release.charts.chart import Chart
from safer_streets_assets.release.charts.chart_scales import chart_scales
from safer_streets_assets.release.charts.pages import page
from safer_streets_assets.release.charts.png import png_bytes
from safer_streets_assets.release.charts.reliable import reliable_chart
from safer_streets_assets.release.content import ReleaseTable

FOLDER = "charts"
MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png", "html": "text/html"}


def charts_of(policy: Policy, tables: Sequence[ReleaseTable]) -> list[Chart]:
    """The charts of a release's printed tables; of tables that it lacks there are none."""
    return list(_charts(policy, {table.name: table for table in tables}))


def chart_files(charts: Sequence[Chart]) -> dict[str, bytes]:
    """Path in the release to content: a page for each chart, and its picture where it has one."""
    return {f"{FOLDER}/{c.name}.{form}": _written(c, form) for c in charts for form in forms(c)}


def forms(chart: Chart) -> list[str]:
    """The forms in which a chart is written: a page always, a picture where there is one."""
    return ["html"] if chart.svg is None else ["svg", "png", "html"]


def _written(chart: Chart, form: str) -> bytes:
    if form == "html":
        return page(chart).encode()
    svg = chart.svg or ""
    return png_bytes(svg, chart.title, chart.words) if form == "png" else svg.encode()


def _charts(policy: Policy, tables: dict[str, ReleaseTable]) -> Iterator[Chart]:
    subjects, decimals = chart_scales(policy), policy.dpia.thresholds.mean_decimals
    if "attitude_change" in tables:
        yield from change_charts(tables["attitude_change"], subjects, decimals)
    if "reliable_change" in tables:
        yield reliable_chart(tables["reliable_change"], subjects)
