"""A chart as a page of its own that opens from disk: picture, words, figures, notes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from safer_streets_assets.release.charts.chart import Chart
from safer_streets_assets.release.charts.svg import FONTS, INK, QUIET

SVG = "http://www.w3.org/2000/svg"
STYLE = f"""
body {{ margin: 0 auto; max-width: 62rem; padding: 1rem; font: 1rem/1.5 {FONTS}; color: {INK}; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.15rem; }}
figure {{ margin: 0; }} svg {{ width: 100%; height: auto; }}
.figures {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: .9rem; }}
caption {{ text-align: left; color: {QUIET}; padding-bottom: .3rem; }}
th, td {{ border-bottom: 1px solid #8c959f; padding: .25rem .6rem; }}
th, td {{ text-align: right; vertical-align: top; }}
thead th {{ vertical-align: bottom; }} th[scope=row], th.name {{ text-align: left; }}
@media print {{ body {{ max-width: none; }} }}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing is loaded from anywhere."""


def page(chart: Chart) -> str:
    """The chart as a whole HTML file."""
    html = ET.Element("html", {"lang": "en-GB"})
    head = ET.SubElement(html, "head")
    ET.SubElement(head, "meta", {"charset": "utf-8"})
    ET.SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": POLICY})
    viewport = "width=device-width, initial-scale=1"
    ET.SubElement(head, "meta", {"name": "viewport", "content": viewport})
    ET.SubElement(head, "title").text = chart.title
    ET.SubElement(head, "style").text = STYLE
    main = ET.SubElement(ET.SubElement(html, "body"), "main")
    ET.SubElement(main, "h1").text = chart.title
    if chart.svg is None:
        ET.SubElement(main, "p").text = f"There is no picture. {chart.alt}"
    else:
        _add_figure(main, chart.svg, chart.alt)
    if chart.rows:
        _add_table(main, chart)
    ET.SubElement(main, "h2").text = "Notes"
    notes = ET.SubElement(main, "ul")
    for note in chart.notes:
        ET.SubElement(notes, "li").text = note
    ET.indent(html, " ")
    text = ET.tostring(html, encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{text}\n"


def _add_figure(main: ET.Element, svg: str, alt: str) -> None:
    figure = ET.SubElement(main, "figure")
    picture = ET.fromstring(svg)  # noqa: S314 (our own text)
    for element in picture.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
    figure.append(picture)
    caption = ET.SubElement(figure, "figcaption")
    details = ET.SubElement(caption, "details")
    ET.SubElement(details, "summary").text = "The picture in words"
    ET.SubElement(details, "p").text = alt


def _add_table(main: ET.Element, chart: Chart) -> None:
    ET.SubElement(main, "h2").text = "Figures"
    place = ET.SubElement(main, "div", {"class": "figures", "tabindex": "0"})
    table = ET.SubElement(place, "table")
    said = f"{chart.title}: what the table {chart.source} prints."
    ET.SubElement(table, "caption").text = said
    head = ET.SubElement(ET.SubElement(table, "thead"), "tr")
    for i, name in enumerate(chart.header):
        kind = {"class": "name"} if i < chart.row_headers else {}
        ET.SubElement(head, "th", {"scope": "col", **kind}).text = name
    body = ET.SubElement(table, "tbody")
    for row in chart.rows:
        line = ET.SubElement(body, "tr")
        for i, cell in enumerate(row):
            is_name = i < chart.row_headers
            place_of = ("th", {"scope": "row"}) if is_name else ("td", {})
            ET.SubElement(line, *place_of).text = cell
