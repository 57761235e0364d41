"""The files that people get of printed tables: charts, briefing and slides, without a release."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.briefing.files import briefing_files
from safer_streets_assets.release.charts.files import chart_files, charts_of
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.report.picture_files import picture_charts, report_pictures
from safer_streets_assets_tests.release.briefing.opened import open_docx, open_odt, open_slides
from safer_streets_assets_tests.release.briefing.png_texts import texts_of
from safer_streets_assets_tests.release.builders import POLICY
from safer_streets_assets_tests.release.pages import read_page
from safer_streets_assets_tests.release.report_tables import IDENTITY

SVG = "{http://www.w3.org/2000/svg}"
TICK = re.compile(r"[+\N{MINUS SIGN}]?[\d,.]+")


def files_of(
    tables: Sequence[ReleaseTable], *, invented: bool = False, policy: Policy = POLICY
) -> dict[str, bytes]:
    """Path in a release to content."""
    tables = [replace(table, invented=invented) for table in tables]
    charts = charts_of(policy, tables)
    pictures = report_pictures(policy, tables, charts)
    drawn = [*charts, *picture_charts(pictures, charts, invented=invented)]
    identity = replace(IDENTITY, invented=invented)
    return {**chart_files(drawn), **briefing_files(policy, identity, tables, pictures)}


def words_in(name: str, content: bytes) -> Iterator[str]:
    """Everything that can be read in a file, numbers of axes left out."""
    form = PurePosixPath(name).suffix
    if form == ".svg":
        yield from _svg_words(content)
    elif form == ".png":
        yield from texts_of(content).values()
    elif form == ".html":
        page = read_page(content)
        (main,) = page.all("main")
        for picture in main.all("svg"):
            picture.inside.clear()
        yield main.text
    else:
        opened = {".docx": open_docx, ".odt": open_odt, ".pptx": open_slides}[form](content)
        yield from opened.words()


def _svg_words(content: bytes) -> Iterator[str]:
    for one in ET.fromstring(content).iter():
        if one.tag in (f"{SVG}title", f"{SVG}desc"):
            yield one.text or ""
        elif one.tag == f"{SVG}text":
            on_axis = one.get("text-anchor") == "middle" and one.get("class") == "quiet"
            if not on_axis or not TICK.fullmatch(one.text or ""):
                yield one.text or ""
