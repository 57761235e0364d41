"""How many missed links the estimate finds, beside how many there are in invented drops.

    PYTHONPATH=. .venv/bin/python -m benchmarks.missed_links

It needs Splink (the extra `linkage`). In the last workbook of CRC of a year of demo drops, CRNs are
broken so that the CRN rule misses their cases. Some of those cases have a slip in the name or in
the date of birth as well. Other cases are given to strangers, who are nobody of NPS. It prints the
table of `docs/linkage.md`.
"""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
from openpyxl.cell import Cell

from safer_streets_assets.cohort.missed_links import MissedLinks, estimate_missed_links
from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.intake.landing import look_at_landing
from safer_streets_assets.intake.take_in import register_landing, take_in
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import STORE_NAMES, DataFolder, Keys, open_stores

NPS, CRC = "nps_court_outcomes", "crc_eligibility"
STRANGERS = ("MONTROSE", "ABERNATHY", "QUILLFEATHER", "HOLLINGSWORTH", "VANTERPOOL")


@dataclass(frozen=True)
class Broken:
    """How a workbook is broken: of its cases so many each, by what is done to the CRN.

    `one_digit` is a slip, which may be a near miss; `another` puts any other CRN there, as when two
    rows are mixed up. `slips` is the share of them that have a slip in name or date of birth, too;
    `strangers` get a CRN, a name and a date of birth that are nobody's.
    """

    name: str
    one_digit: int = 0
    another: int = 0
    slips: float = 0.0
    strangers: int = 0


CASES = (
    Broken("nothing is broken"),
    Broken("strangers alone", strangers=40),
    Broken("one digit", one_digit=40),
    Broken("another CRN", another=40),
    Broken("another CRN, strangers among them", another=40, strangers=40),
    Broken("one digit and another CRN, half with a slip", one_digit=30, another=30, slips=0.5),
    Broken("the same, and strangers", one_digit=30, another=30, slips=0.5, strangers=60),
)


def main() -> None:
    """Prints a line for each way of breaking CRNs."""
    print(
        "| broken | cases that link to nobody | true links among them | estimate "
        "| same name and birth | near misses |"
    )
    print("| --- | --: | --: | --: | --: | --: |")
    for seed, how in enumerate(CASES, start=1):
        truth, found = measured(how, seed)
        print(
            f"| {how.name} | {found.unlinked} | {truth} | {found.expected:.1f} ± "
            f"{1.96 * found.standard_error:.1f} | {found.same_name_and_certain} | "
            f"{found.near_misses} |",
            flush=True,
        )


def measured(how: Broken, seed: int, people: int = 800) -> tuple[int, MissedLinks]:
    """How many true links the CRN rule misses in drops that are broken so, and what the estimate
    says, from drops to estimate as the product does it."""
    policy = _without_waiting(load_policy())
    with tempfile.TemporaryDirectory() as place:
        folder = DataFolder(root=Path(place) / "data", keys=Path(place) / "data" / "keys").prepare()
        drops = Path(place) / "drops"
        write_demo_drops(drops, people=people, seed=seed, faults=False, untidiness=0)
        (folder.landing / NPS).mkdir()
        for file in sorted((drops / NPS).iterdir()):
            file.rename(folder.landing / NPS / file.name)
        (folder.landing / CRC).mkdir()
        last = max((drops / CRC).iterdir(), key=lambda file: file.name)
        truth = break_workbook(last, folder.landing / CRC / last.name, how, random.Random(seed))
        look_at_landing(folder)
        Keys(folder.keys).read_or_create(PSEUDONYM_KEY)
        with open_stores(folder, write=STORE_NAMES) as connection:
            register_landing(connection, folder, policy)
            for source in (NPS, CRC):
                take_in(connection, folder, policy, source)
            make_pseudonyms(connection, folder, policy)
            find_near_misses(connection, folder, policy)
            return truth, estimate_missed_links(connection, policy)


def break_workbook(workbook: Path, broken: Path, how: Broken, draw: random.Random) -> int:
    """Writes the workbook with its CRNs broken; returns how many cases of people are broken."""
    book = openpyxl.load_workbook(workbook)
    sheet = book["Eligibility"]
    header = next(row for row in sheet.iter_rows() if "crn" in map(_heading, row))
    column = {_heading(cell): cell.column for cell in header}
    rows = list(range(header[0].row + 1, sheet.max_row + 1))
    known = {str(sheet.cell(row, column["crn"]).value) for row in rows}
    drawn = draw.sample(rows, how.one_digit + how.another + how.strangers)
    people = how.one_digit + how.another
    for number, row in enumerate(drawn):
        crn = sheet.cell(row, column["crn"])
        crn.value = _other(str(crn.value), known, draw, whole=number >= how.one_digit)
        known.add(str(crn.value))
        name, born = sheet.cell(row, column["name"]), sheet.cell(row, column["dob"])
        if number >= people:
            name.value = f"{draw.choice(STRANGERS)}, {draw.choice('ABCDEFGH')}lwyn"
            born.value = date(draw.randint(1970, 2001), draw.randint(1, 12), draw.randint(1, 28))
        elif draw.random() < how.slips:
            if draw.random() < 0.5:
                at = draw.randrange(1, len(str(name.value)) - 1)
                name.value = str(name.value)[:at] + str(name.value)[at + 1 :]
            else:
                day = born.value
                if isinstance(day, datetime):
                    born.value = day + timedelta(days=draw.choice((1, 9, 10, 30)))
    book.save(broken)
    return people


def _heading(cell: Cell) -> str:
    return " ".join(str(cell.value).casefold().split())


def _other(crn: str, known: set[str], draw: random.Random, *, whole: bool) -> str:
    """Another CRN that nobody has: any, or with one digit changed."""
    while True:
        at = draw.randrange(1, 7)
        made = crn[:at] + draw.choice("0123456789") + crn[at + 1 :]
        if whole:
            made = f"{draw.choice('ABCDEFGHJKLMNPQRSTUVWXYZ')}{draw.randrange(10**6):06}"
        if made not in known:
            return made


def _without_waiting(policy: Policy) -> Policy:
    """The policy, but two looks at the landing may follow each other at once."""
    intake = policy.dpia.intake.model_copy(update={"settle_seconds": 0.0})
    return replace(policy, dpia=policy.dpia.model_copy(update={"intake": intake}))


if __name__ == "__main__":
    main()
