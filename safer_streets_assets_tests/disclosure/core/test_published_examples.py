"""Examples of handbooks and manuals, with what their sources say that an attacker learns.

HB: Handbook on Statistical Disclosure Control, second edition (Hundepool and others, 2024), by
section. GS: vignettes of the R package GaussSuppression (Langsrud and others). WP22: Statistical
Policy Working Paper 22 (Federal Committee on Statistical Methodology, 1994), section II. Where a
source gives no interval, the expected one is by hand, and said so.
"""

from __future__ import annotations

import pandas as pd

from safer_streets_assets.disclosure.core import (
    CellBounds,
    CellRef,
    CountTable,
    Link,
    PrintedTable,
    PublishedRelease,
    TableSpec,
    attack,
    protect,
    prove,
)

SPEC = TableSpec("T", ("row", "col"), "everybody")
Rows = dict[str, list[int | None]]
Bounds = dict[tuple[str, ...], CellBounds]


def frame(rows: Rows, columns: list[str], dims: tuple[str, str] = ("row", "col")) -> pd.DataFrame:
    cells = [(r, c, n) for r, counts in rows.items() for c, n in zip(columns, counts, strict=True)]
    return pd.DataFrame(cells, columns=[*dims, "n"]).astype({"n": "Int64"})


def attacked(
    *tables: PrintedTable, threshold: int = 5, least: int = 1, links: tuple = ()
) -> Bounds:
    release = PublishedRelease("r", tables)
    found = attack([release], threshold=threshold, links=links, hidden_at_least=least)
    return {(b.table, *b.coords.values()): b for b in found if b.against is None}


def one(rows: Rows, columns: list[str], **options: int) -> dict[tuple[str, ...], tuple]:
    found = attacked(PrintedTable(SPEC, frame(rows, columns)), **options)
    return {k[1:]: (b.low, b.high) for k, b in found.items() if b.kind == "hidden"}


GEURTS: Rows = {
    "1": [None, None, 7],
    "2": [None, None, 3],
    "3": [3, 3, 6],
    "Total": [9, 7, 16],
}


def test_the_feasibility_interval_of_geurts_is_3_to_6() -> None:
    """HB 4.2.2, example 3 (Geurts 1992, table 10). The other three by hand."""
    assert one(GEURTS, ["1", "2", "Total"], least=0) == {
        ("1", "1"): (3, 6),
        ("1", "2"): (1, 4),
        ("2", "1"): (0, 3),
        ("2", "2"): (0, 3),
    }


def test_the_interval_of_geurts_is_4_to_5_for_whom_zeros_are_printed_to() -> None:
    """By hand: row 2 holds 1 and 2, or 2 and 1."""
    assert one(GEURTS, ["1", "2", "Total"])["1", "1"] == (4, 5)


def test_one_suppressed_subsector_is_the_difference_to_the_total() -> None:
    """HB 4.1, example 1a: 56,600 - 47,600 - 8,002 = 998."""
    cells = pd.DataFrame({"sector": ["I", "II", "III", "Total"], "n": [None, 47600, 8002, 56600]})
    table = PrintedTable(TableSpec("T", ("sector",), "p"), cells.astype({"n": "Int64"}))
    bounds = attacked(table)["T", "I"]
    assert (bounds.low, bounds.high) == (998, 998)


MARITAL: Rows = {
    "Married": [38, 17, 55],
    "Divorced": [7, 4, 11],
    "Single": [3, 1, 4],
    "Total": [48, 22, 70],
}


def test_a_single_woman_in_print_is_found_and_protecting_hides_her() -> None:
    """HB 5.2, marital status by sex: the 1 identifies her. The total of 4 is small too."""
    table = frame(MARITAL, ["Male", "Female", "Total"])
    small = {k[1:] for k, b in attacked(PrintedTable(SPEC, table)).items() if b.kind == "printed"}
    assert small == {
        ("Divorced", "Female"),
        ("Single", "Female"),
        ("Single", "Male"),
        ("Single", "Total"),
    }
    done = protect([CountTable(SPEC, table)], threshold=5)
    shown = done.tables["T"].cells.set_index(["row", "col"])["n"]
    assert all(pd.isna(shown[place]) for place in small)
    assert prove([done.release("r")], threshold=5) == {"T": "proven"}


def test_a_small_group_in_a_finer_table_is_the_same_small_group_in_the_coarser() -> None:
    """HB 5.2, marital status and sex by hours worked: hidden here, in print there."""
    coarse = PrintedTable(SPEC, frame(MARITAL, ["Male", "Female", "Total"]))
    hours = {"30": (30, 3, 2), "16": (6, 4, 0), "15": (2, 0, 1)}
    women = {"30": (14, 2, 0), "16": (3, 2, 0), "15": (0, 0, 1)}
    rows = []
    for sex, counts in (("Male", hours), ("Female", women)):
        for band, numbers in counts.items():
            rows += [(s, sex, band, n) for s, n in zip(list(MARITAL)[:3], numbers, strict=True)]
    fine = pd.DataFrame(rows, columns=["row", "col", "hours", "n"])
    parts = [fine]
    for dims in (["row"], ["col"], ["hours"], ["row", "col"], ["row", "hours"], ["col", "hours"]):
        parts.append(fine.assign(**dict.fromkeys(dims, "Total")))
    parts.append(fine.assign(row="Total", col="Total", hours="Total"))
    cells = pd.concat(parts).groupby(["row", "col", "hours"], as_index=False)["n"].sum()
    cells["n"] = cells["n"].astype("Int64").where(~cells["n"].between(1, 4), pd.NA)
    spec = TableSpec("F", ("row", "col", "hours"), "everybody")
    found = attacked(coarse, PrintedTable(spec, cells))
    single = found["F", "Single", "Female", "15"]
    assert (single.low, single.high) == (1, 1)


def test_geographical_differencing_is_a_release_against_a_release() -> None:
    """HB 5.2, single person households: enumeration districts less output areas leave 2, 1, 2."""
    columns = ["Male", "Female", "Total"]
    areas: Rows = {"30": [50, 54, 104], "16": [128, 140, 268], "15": [39, 49, 88]}
    districts: Rows = {"30": [52, 55, 107], "16": [130, 140, 270], "15": [39, 49, 88]}
    releases = []
    for name, rows in (("areas", areas), ("districts", districts)):
        whole = {**rows, "Total": [sum(c) for c in zip(*rows.values(), strict=True)]}
        releases.append(PublishedRelease(name, [PrintedTable(SPEC, frame(whole, columns))]))
    changes = {
        tuple(b.coords.values()): (b.low, b.high)
        for b in attack(releases, threshold=5)
        if b.kind == "change" and not b.safe and "Total" not in b.coords.values()
    }
    assert changes == {("30", "Male"): (2, 2), ("30", "Female"): (1, 1), ("16", "Male"): (2, 2)}


def test_linking_three_tables_finds_the_only_woman_who_lives_and_works_there() -> None:
    """HB 5.2, disclosure by linking: of 22, 63 and 27 people 21, 58 and 23 are men."""
    cells = frame(
        {"Male": [21, 58, 23, 102], "Female": [None] * 4, "Total": [22, 63, 27, 112]},
        ["both", "lives", "works", "Total"],
    )
    found = attacked(PrintedTable(SPEC, cells))
    women = {k[2]: (b.low, b.high) for k, b in found.items() if k[1] == "Female"}
    assert women == {"both": (1, 1), "lives": (5, 5), "works": (4, 4), "Total": (10, 10)}


def test_two_ways_to_cut_hours_worked_leave_one_man_of_20_to_24_hours() -> None:
    """HB 5.2, sub-populations: under 20 hours and under 25 hours, 6 and 7 men; 10 and 10 women."""
    tables, links = [], []
    for name, first in (("under 20", [6, 10]), ("under 25", [7, 10])):
        spec = TableSpec(name, ("sex",), "workers", fixed={"hours": name})
        rows = pd.DataFrame({"sex": ["Male", "Female", "Total"], "n": [*first, sum(first)]})
        tables.append(PrintedTable(spec, rows))
    for sex in ("Male", "Female", "Total"):
        at = {"sex": sex}
        terms = ((1, CellRef("under 25", at)), (-1, CellRef("under 20", at)))
        links.append(Link(terms, is_count=True))
    found = attack([PublishedRelease("r", tables)], threshold=5, links=links)
    said = {b.coords["sex"]: (b.low, b.high) for b in found if b.kind == "link"}
    assert said == {"Male": (1, 1), "Total": (1, 1)}


GAUSS: Rows = {"young": [None, None, 5, 7], "old": [None, None, 6, 13], "Total": [5, 4, 11, 20]}


def test_a_pattern_that_hides_a_zero_leaves_it_anything_up_to_2() -> None:
    """GS, small counts, table 1 (maxN = 1): the true counts are 2, 0, 3, 4. Intervals by hand."""
    assert one(GAUSS, ["Iceland", "Portugal", "Spain", "Total"], least=0) == {
        ("young", "Iceland"): (0, 2),
        ("young", "Portugal"): (0, 2),
        ("old", "Iceland"): (3, 5),
        ("old", "Portugal"): (2, 4),
    }


def test_a_reader_who_takes_hidden_cells_for_people_derives_that_pattern_wholly() -> None:
    """By hand: both hidden cells of the young are at least 1 and sum to 2."""
    found = one(GAUSS, ["Iceland", "Portugal", "Spain", "Total"])
    assert {low for low, high in found.values() if low == high} == {1, 3, 4}


def test_equations_that_cannot_be_solved_may_still_tell_a_small_count() -> None:
    """GS, linked tables, table 2 of `super-consistent`. Intervals by hand: Iceland 2015 and 2016
    sum to 4, Portugal 2014 and 2016 to 3, so none of them reaches 5, and Portugal not even 3."""
    rows: Rows = {
        "Iceland": [8, None, None, 12],
        "Portugal": [None, 3, None, 6],
        "Spain": [None, 4, None, 26],
        "Total": [24, None, None, 44],
    }
    found = one(rows, ["2014", "2015", "2016", "Total"], threshold=3)
    assert found["Iceland", "2015"] == found["Iceland", "2016"] == (1, 3)
    assert found["Portugal", "2014"] == found["Portugal", "2016"] == (1, 2)
    assert found["Spain", "2014"] == (14, 15)
    assert found["Total", "2015"] == (8, 10)


def test_a_cell_printed_through_a_coarser_table_is_derived() -> None:
    """GS, linked tables: `consistent` leaves Spain 2015, as EU 2015 (7) less Portugal 2015 (3)."""
    by_geo: Rows = {
        "Iceland": [8, None, None, 12],
        "Portugal": [None, 3, None, 6],
        "Spain": [None, None, None, 26],
        "Total": [24, None, None, 44],
    }
    by_eu: Rows = {
        "nonEU": [8, None, None, 12],
        "EU": [16, 7, 9, 32],
        "Total": [24, None, None, 44],
    }
    years = ["2014", "2015", "2016", "Total"]
    geo = TableSpec("geo", ("geo", "year"), "everybody")
    eu = TableSpec("eu", ("eu", "year"), "everybody")
    tables = (
        PrintedTable(geo, frame(by_geo, years, ("geo", "year"))),
        PrintedTable(eu, frame(by_eu, years, ("eu", "year"))),
    )
    links = []
    for year in years:
        for whole, parts in (("EU", ("Portugal", "Spain")), ("nonEU", ("Iceland",))):
            terms = [(1, CellRef("geo", {"geo": g, "year": year})) for g in parts]
            links.append(Link((*terms, (-1, CellRef("eu", {"eu": whole, "year": year})))))
    alone = attacked(tables[0])["geo", "Spain", "2015"]
    both = attacked(*tables, links=tuple(links))["geo", "Spain", "2015"]
    assert alone.low != alone.high
    assert (both.low, both.high) == (4, 4)


DELINQUENTS: Rows = {
    "Alpha": [15, 1, 3, 1, 20],
    "Beta": [20, 10, 10, 15, 55],
    "Gamma": [3, 10, 10, 2, 25],
    "Delta": [12, 14, 7, 2, 35],
    "Total": [50, 35, 30, 20, 135],
}
LEVELS = ["Low", "Medium", "High", "Very high", "Total"]


def test_two_hidden_cells_in_every_line_do_not_keep_alpha_very_high() -> None:
    """WP22, delinquent children: rows 1 and 2 less columns 2 and 3 give 1. From memory, as no copy
    with the table was at hand; its sums, and that equation, hold."""
    hidden = {
        "Alpha": ["Medium", "High", "Very high"],
        "Beta": ["Medium", "High"],
        "Gamma": ["Low", "Very high"],
        "Delta": ["Low", "Very high"],
    }
    rows = {
        r: [None if c in hidden.get(r, []) else n for c, n in zip(LEVELS, counts, strict=True)]
        for r, counts in DELINQUENTS.items()
    }
    assert one(rows, LEVELS)["Alpha", "Very high"] == (1, 1)
    assert one(rows, LEVELS, least=0)["Alpha", "Very high"] == (1, 1)


def test_delinquent_children_are_protected_with_a_proof() -> None:
    done = protect([CountTable(SPEC, frame(DELINQUENTS, LEVELS))], threshold=5)
    assert prove([done.release("r")], threshold=5) == {"T": "proven"}
