"""The report tells what the tables print and nothing more: each number is looked for there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from safer_streets_assets.policy.figures import share_columns
from safer_streets_assets.release.charts.chart import MINUS
from safer_streets_assets.release.charts.files import charts_of
from safer_streets_assets.release.columns import MARKERS
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.report import report_page
from safer_streets_assets.release.report.changes import READ
from safer_streets_assets.release.report.sections import section_of
from safer_streets_assets.release.report.terms import terms_in
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY
from safer_streets_assets_tests.release.pages import Element, numbers, read_page
from safer_streets_assets_tests.release.printed_numbers import (
    UNPRINTED,
    allowed_numbers,
    figures_of,
    harmed,
    own_numbers,
)
from safer_streets_assets_tests.release.report_tables import (
    IDENTITY,
    answers,
    change,
    frames,
    page_of,
    reliable,
    tables_of,
)


@pytest.fixture(scope="module")
def tables() -> list[ReleaseTable]:
    return tables_of(frames())


@pytest.fixture(scope="module")
def page(tables: list[ReleaseTable]) -> Element:
    return read_page(page_of(tables))


def unprinted(page: Element, tables: Sequence[ReleaseTable]) -> set[str]:
    """Each number of a page that neither the tables print nor policy says, with where it stands.

    In the cells of a data table only figures of the very table are allowed.
    """
    by_name = {table.name: figures_of(table) for table in tables}
    allowed = allowed_numbers(tables)
    found = set()
    for cell in page.all("table"):
        own = by_name.get(cell.get("data-table"))
        for figure in cell.all("td") if own is not None else ():
            points = numbers(figure.text) - own
            if points - {float(n) for scale in POLICY.questionnaire.scales.values()
                         for n in scale.range}:  # fmt: skip
                found.add(f"{cell.get('data-table')}: {figure.text}")
    for element in (page, *page.all()):
        if element.tag in ("style", "script"):
            continue
        own_text = [one for one in element.inside if isinstance(one, str)]
        said = [*own_text, element.get("aria-label"), element.get("value")]
        found |= {f"{element.tag}: {text.strip()}" for text in said if own_numbers(text) - allowed}
    return found


def test_every_number_of_the_page_is_printed_in_the_tables_or_said_by_policy(
    page: Element, tables: list[ReleaseTable]
) -> None:
    assert unprinted(page, tables) == set()
    assert len(list(page.all("td"))) > 150


def mutations() -> list[tuple[str, str]]:
    """Every column of every table that the report shows."""
    found = []
    for table in tables_of(frames()):
        shares = [column for share in table.spec.shares for column in share_columns(share)]
        shown = [*table.spec.counts, *table.spec.statistics, *shares]
        if table.name == "attitude_change":
            shown = [name for name in shown if name in READ]
        rows = list(map(table.named, table.rows))
        found += [
            (table.name, name)
            for name in shown
            if any(isinstance(row[name], int | float) for row in rows)
        ]
    return found


@pytest.mark.parametrize(("name", "column"), mutations())
def test_one_number_that_the_tables_do_not_print_is_found_wherever_it_is_put(
    name: str, column: str, tables: list[ReleaseTable]
) -> None:
    """The first and the last printed number of each column, one at a time, for every renderer."""
    for last in (False, True):
        given = [harmed(t, column, last=last) if t.name == name else t for t in tables]
        found = unprinted(read_page(page_of(given)), tables)
        assert any(f"{UNPRINTED:,}" in text for text in found), (name, column)


def test_a_number_in_the_words_of_a_table_or_in_a_chart_is_found(
    tables: list[ReleaseTable],
) -> None:
    said = [replace(t, notes=f"{t.notes} Of {UNPRINTED} people.") for t in tables]
    assert unprinted(read_page(page_of(said)), tables)
    charts = charts_of(POLICY, tables)
    drawn = [
        replace(chart, alt=chart.alt.replace("+0.21", f"+{UNPRINTED}"))
        for chart in charts
        if "+0.21" in chart.alt
    ]
    assert drawn
    assert unprinted(read_page(report_page(POLICY, IDENTITY, tables, drawn)), tables)


def test_bars_are_as_long_as_their_printed_figures(page: Element) -> None:
    looked_at = 0
    for picture in page.all("figure"):
        bars = [(list(g.all("rect")), list(g.all("text"))) for g in picture.all("g")]
        drawn = [
            (float(rects[0].get("width").rstrip("%")), *numbers(texts[-1].text))
            for rects, texts in bars
            if len(rects) == 1 and rects[0].get("width").endswith("%")
        ]
        greatest = max((figure for _, figure in drawn), default=1)
        for length, figure in drawn:
            assert length == pytest.approx(78 * figure / greatest, abs=0.01)
        looked_at += len(drawn)
        for rects, texts in bars:
            if not rects and any(text.get("class") == "value" for text in texts):
                assert texts[-1].text in MARKERS
    assert looked_at > 15


def test_intervals_stand_where_their_printed_figures_are(page: Element) -> None:
    rows = [g for g in page.all("g") if g.get("data-scale") and "people" in g.text]
    drawn = {g.get("data-scale"): g for g in rows}
    limit = 0.33
    (dot,) = drawn["OFF"].all("circle")
    (line, *_) = [one for one in drawn["OFF"].all("line") if one.get("class") == "interval"]
    places = [dot.get("cx"), line.get("x1"), line.get("x2")]
    for place, figure in zip(places, (0.21, 0.12, 0.33), strict=True):
        assert float(place.rstrip("%")) == pytest.approx(50 + 47 * figure / limit, abs=0.01)
    assert not list(drawn["KNF"].all("circle"))
    assert "interval" not in {one.get("class") for one in drawn["KNF"].all("line")}


def test_what_is_read_back_from_the_page_is_what_the_tables_print(
    page: Element, tables: list[ReleaseTable]
) -> None:
    """Row by row: every printed count stands in the page in its own place, and no other does."""
    by_name = {table.name: table for table in tables}
    looked_at = set()
    for shown in page.all("table"):
        table = by_name.get(shown.get("data-table"))
        caption = next(shown.all("caption")).text
        if table is None or caption.endswith(": figures"):
            continue  # those of a chart are looked at with the chart
        head = [one.text for one in next(shown.all("thead")).all("th")]
        lines = [[one.text for one in line.children] for line in next(shown.all("tbody")).children]
        names = len([one for one in shown.all("th") if one.get("class") == "name"])
        found = {}
        for line in lines:
            for title, cell in zip(head[names:], line[names:], strict=True):
                found[*line[:names], title] = cell
        whole = names == len(table.dimensions)
        for count, spec in table.spec.counts.items():
            if not whole and not caption.endswith(f": {spec.title.lower()}"):
                continue
            for row in map(table.named, table.rows):
                labels = [
                    next(c for c in table.columns if c.name == name).label(str(row[name]), row)
                    for name in table.dimensions
                ]
                key = (*labels, spec.title) if whole else tuple(labels)
                printed = row[f"{count}_marker"] if row[count] is None else f"{row[count]:,}"
                assert found[key] == printed, (table.name, key)
            looked_at.add((table.name, count))
    assert looked_at == {(t.name, count) for t in tables for count in t.spec.counts}


def section(page: Element, name: str) -> Element:
    return next(one for one in page.all("section") if one.get("id") == name)


def test_the_sections_stand_in_their_order(page: Element) -> None:
    names = [one.get("id") for one in page.all("section")]
    assert names == [
        "found", "headline", "funnel", "throughput", "boroughs", "reasons", "sessions",
        "experience", "change", "linkage", "suppression", "gates", "erasure", "method",
    ]  # fmt: skip
    linked = [a.get("href") for nav in page.all("nav") for a in nav.all("a")]
    assert linked == [f"#{name}" for name in names]


def test_a_sentence_says_what_was_found(page: Element) -> None:
    found = section(page, "found").text
    assert (
        "Views towards offending (OFF), start to end, rose by 0.21 points, which is better ("
        in found
    )
    assert "(95 % interval +0.12 to +0.33; 113 people with both scores)." in found
    assert "the most common answer is Very satisfied (40 of 90 people, 44 %)" in found
    assert "median time from disposal to start is 34 days; half of those who started took" in found


def test_a_mean_that_fell_is_said_to_have_fallen() -> None:
    given = tables_of(frames(attitude_change=change({"OFF": (-0.4, -0.5, -0.3)}, "worse")))
    found = section(read_page(page_of(given)), "found").text
    assert "start to end, fell by 0.40 points, which is worse (95 % interval " in found


def test_words_that_are_explained_are_those_of_the_glossary_and_are_used(page: Element) -> None:
    root = Path(__file__).parents[2]
    glossary = (root / "docs" / "glossary.md").read_text(encoding="utf-8")
    for term, meaning in shipped_policy().tables.report.terms.items():
        assert f"| {term} | {meaning} |" in glossary
    assert "RAR: Rehabilitation Activity Requirement" in section(page, "method").text
    assert terms_in(shipped_policy(), "Nothing of it.") == []
    used = terms_in(shipped_policy(), "NPS, on disposal")
    assert [said.partition(":")[0] for said in used] == [
        "Disposal",
        "NPS",
    ]


def test_a_gate_whose_source_is_not_agreed_says_why_it_is_closed() -> None:
    gates = builders.tables()["stage_gates"]
    gates.loc[gates["gate"] == "reoffending", ["n_now", "n_now_marker"]] = [130, None]
    words = section(read_page(page_of(tables_of(frames(stage_gates=gates)))), "gates").text
    assert "One-year re-offending is closed, however many there are, because its source" in words
    assert "(Re-offending within a year, Metropolitan Police" in words


def test_whom_a_table_counts_is_said_once(page: Element) -> None:
    for figure in page.all("figure"):
        assert "Population:" not in figure.text


@pytest.mark.parametrize(
    ("value", "shown"), [(0.25441, "0.254"), (0.0001427, "0.0001"), (-0.05892, f"{MINUS}0.059")]
)
def test_figures_for_people_have_few_decimals(value: float, shown: str) -> None:
    frame = change({"OFF": (0.21, 0.12, 0.33)})
    frame["g_av"], frame["g_av_marker"] = [value], [None]
    cells = read_page(page_of(tables_of(frames(attitude_change=frame)))).all("td")
    assert shown in {cell.text for cell in cells}


def test_where_the_interval_holds_nought_there_is_no_clear_change() -> None:
    for interval in ((0.05, -0.02, 0.12), (0.05, 0.0, 0.1), (-0.05, -0.1, 0.0)):
        given = tables_of(frames(attitude_change=change({"OFF": interval}, "no clear change")))
        found = section(read_page(page_of(given)), "found").text
        assert "start to end: no clear change." in found
        assert "better." not in found.replace("is better).", "")


@pytest.mark.parametrize("hidden", [(None, 24, 12, 8, 6, 90), (40, 24, 12, None, None, 90)])
def test_no_answer_is_called_the_most_common_where_one_is_hidden(
    hidden: tuple[int | None, ...],
) -> None:
    given = tables_of(frames(experience=answers(*hidden)))
    assert "most common answer" not in section(read_page(page_of(given)), "found").text


def test_of_two_equal_answers_neither_is_the_most_common() -> None:
    given = tables_of(frames(experience=answers(30, 30, 16, 8, 6, 90)))
    assert "most common answer" not in section(read_page(page_of(given)), "found").text


def test_nothing_is_said_of_a_hidden_figure() -> None:
    given = tables_of(frames(attitude_change=change({"OFF": None, "KNF": None})))
    page = read_page(page_of(given))
    assert "start to end" not in section(page, "found").text
    assert "[c] suppressed for confidentiality" in page.text


def test_a_release_without_tables_of_a_section_says_so_with_the_gate() -> None:
    given = {"funnel": frames()["funnel"], "stage_gates": builders.stage_gates()}
    page = read_page(page_of(tables_of(given)))
    for name in ("throughput", "boroughs", "reasons", "sessions", "experience", "change"):
        assert "not in this release" in section(page, name).text, name
    gate = next(gate for gate in POLICY.dpia.gates if gate.name == "impact")
    assert f"{gate.needed} are needed" in section(page, "change").text
    assert "needed" not in section(page, "boroughs").text, "its gate is open"
    assert not list(section(page, "change").all("svg"))


def test_a_table_behind_a_closed_gate_says_what_its_notes_say() -> None:
    sentence = "Not made, because its stage has not gathered enough: there are 60 and 100 needed."
    made = {**frames(), "attitude_change": frames()["attitude_change"].iloc[:0]}
    page = read_page(page_of(tables_of(made, attitude_change=sentence)))
    assert sentence in section(page, "change").text


@pytest.mark.parametrize(
    ("table", "section_name"),
    [
        ("funnel_by_offence", "funnel"),
        ("funnel_by_month", "throughput"),
        ("linkage_by_month", "linkage"),
        ("attrition", "sessions"),
        ("something_new", None),
    ],
)
def test_a_table_stands_in_the_section_that_fits_its_name_best(
    table: str, section_name: str | None
) -> None:
    assert section_of(shipped_policy(), table) == section_name


def test_each_table_of_the_policy_is_shown_once() -> None:
    given = builders.tables(gate_open=True) | frames()
    page = read_page(page_of(tables_of(given)))
    headings = [one.text for one in page.all("h3")]
    assert len(set(headings)) == len(headings)
    for name in given:
        assert any(one.get("data-table") == name for one in page.all("table")), name


def test_a_table_that_no_section_knows_is_shown_with_its_title_and_markers() -> None:
    (table,) = tables_of({"reliable_change": reliable()})
    spec = table.spec.model_copy(update={"title": "Something new"})
    other = replace(table, name="something_new", spec=spec, rows=(*table.rows[:-1],
                    (*table.rows[-1][:-2], None, "[c]")))  # fmt: skip
    page = read_page(_page_with(other))
    shown = section(page, "others")
    assert "Something new" in shown.text
    assert "[c] suppressed for confidentiality" in shown.text
    assert [cell.text for cell in shown.all("td")] == ["29", "71", "13", "[c]"]


def _page_with(other: ReleaseTable) -> bytes:
    """The report of a table that the policy of the report knows as any other."""
    tables = POLICY.tables
    named = {**tables.tables, other.name: tables.tables["reliable_change"]}
    policy = replace(POLICY, tables=tables.model_copy(update={"tables": named}))
    return report_page(policy, IDENTITY, [other], [])


def test_the_same_tables_make_the_same_bytes(tables: list[ReleaseTable]) -> None:
    assert page_of(tables) == page_of(tables_of(frames()))


def test_what_a_table_says_is_never_markup(tables: list[ReleaseTable]) -> None:
    given = [replace(t, notes="<script>alert(1)</script> & <b>", population="<i>") for t in tables]
    page = page_of(given).decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    read_page(page.encode())
