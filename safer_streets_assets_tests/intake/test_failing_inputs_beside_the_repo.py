"""Small drops that were taken in wrongly once, where they lie beside the repository.

`expected.json` says in words what is right, as alternatives; what of it can be read by a machine
(so many rows loaded or set aside, a code, a word that the sentence must hold) is read, and for the
cases whose words say it in another way `TOLD` says the same again.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.intake.files_waiting import lying_about
from safer_streets_assets.intake.passwords import PASSWORDS_VARIABLE
from safer_streets_assets.intake.refused_rows import refused_rows
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CRC,
    NPS,
    TRAINING,
    build_cohort,
    fetch,
    put,
    take_in_everything,
)

FOLDER = Path(__file__).parents[2] / "../shared/failing_inputs"
EXPECTED = FOLDER / "expected.json"
CASES: dict[str, dict[str, Any]] = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {}
NOON = datetime(2026, 1, 5, 12)
SECONDS = 1_600_000_000
NOT_HERE = {
    "address_in_borough", "phone_in_sentence", "formula_in_court", "borough_spellings",
    "c15_dup_in_file", "c16_curly", "c17_nbsp",
}  # fmt: skip
"""Cases that are right or wrong in what is published or checked, not in what is taken in."""


@dataclass
class Outcome:
    """What became of the drops of a case: by source in order of arrival, rows and sentences."""

    connection: duckdb.DuckDBPyConnection
    folder: DataFolder
    policy: Policy
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def last(self) -> dict[str, Any]:
        """The drop that the words are about: that of the source named last."""
        return self.lines[-1]

    def aside(self, reason: str | None = None) -> int:
        """Rows set aside, for a reason or at all."""
        query = "SELECT count(*) FROM restricted.set_aside_rows"
        if reason is not None:
            query += f" WHERE list_contains(reasons, '{reason}')"
        return int(fetch(self.connection, query)[0][0])

    def conformed(self, source: str, query: str) -> list[tuple[Any, ...]]:
        """The answer of a query on the conformed tables."""
        build_cohort(self.connection, self.folder, source)
        return fetch(self.connection, query)

    def raw(self, query: str) -> list[tuple[Any, ...]]:
        """The answer of a query on the raw tables."""
        return fetch(self.connection, query)


def alternatives(words: str) -> list[Callable[[Outcome], bool]]:
    """What the words demand, as far as a machine can read it."""
    demands: list[Callable[[Outcome], bool]] = []
    if found := re.search(r"(?:load(?: all)?|loaded) (\d+)|(\d+) (?:rows load|loaded)", words):
        rows = int(found[1] or found[2])
        demands.append(lambda out: out.last["rows_loaded"] == rows)
    elif re.match(r"(?:opened|loaded)\b|both loaded", words):
        demands.append(lambda out: all(line["state"] == "loaded" for line in out.lines))
    if found := re.search(r"set aside (\d+)|(\d+) set aside", words):
        aside = int(found[1] or found[2])
        demands.append(lambda out: out.aside() == aside)
    if found := re.search(r"set aside as (R-[A-Z-]+)", words):
        code = found[1]
        demands.append(lambda out: out.aside(code) > 0)
    if re.match("quarantine", words):
        demands.append(lambda out: out.last["state"] == "quarantined")
    if codes := re.findall(r"\bF-[A-Z-]+", words):
        demands.append(lambda out: any(line["reason"] in codes for line in out.lines))
    if found := re.match(r"names '?([\w, ]+)'?$", words):
        named = found[1]
        demands.append(lambda out: named in out.last["sentence"])
    if "with the rules and columns in counts" in words:
        demands.append(lambda out: bool(refused_rows(out.connection, out.last["drop_id"])))
    if "still arriving since" in words:
        demands.append(lambda out: len(lying_about(out.folder, out.policy)) == 1)
    return demands


def _corrected(out: Outcome) -> bool:
    query = "SELECT court FROM restricted.nps_court_outcomes_raw"
    latest = (
        f"{query} JOIN restricted.drop_order USING (drop_id) WHERE crn_key = 'B700137' "
        "ORDER BY drop_order DESC LIMIT 1"
    )
    return "CORRECTED" in str(out.raw(latest)).upper()


def _february(out: Outcome) -> bool:
    query = "SELECT max(sessions_attended) FROM research.programme_cases"
    return all(line["state"] == "loaded" for line in out.lines) and out.conformed(CRC, query) == [
        (12,)
    ]


def _later_position_last(out: Outcome) -> bool:
    query = (
        "SELECT position_date::VARCHAR FROM restricted.loaded_drops "
        "JOIN restricted.drop_order USING (drop_id) ORDER BY drop_order"
    )
    return out.raw(query) == [("2020-01-31",), ("2020-02-29",)]


def _later_export(out: Outcome) -> bool:
    query = (
        'SELECT "A1" FROM restricted.ors_attendee_survey_raw '
        "JOIN restricted.drop_order USING (drop_id) "
        "WHERE crn_key = 'B700137' ORDER BY drop_order DESC LIMIT 1"
    )
    return out.raw(query) == [("5",)]


def _no_nul(out: Outcome) -> bool:
    texts = out.raw(f"SELECT * FROM restricted.{TRAINING}_raw")
    return "\\x00" not in str(texts) and out.aside("R-NOT-ANONYMOUS") == 2


def _all_refused(out: Outcome) -> bool:
    return all(line["reason"] in ("F-NO-COLUMN", "F-FOREIGN") for line in out.lines)


def _told_apart(out: Outcome) -> bool:
    return len({line["sentence"] for line in out.lines}) == len(out.lines)


def _errors(out: Outcome) -> bool:
    return out.aside("R-ERROR") == 3


TOLD: dict[str, Callable[[Outcome], bool]] = {
    "correction_in_the_same_batch": _corrected,
    "correction_in_the_next_batch": _corrected,
    "crc_position_iso_in_the_same_batch": _february,
    "crc_position_dots_in_the_same_batch": _february,
    "crc_position_iso_grown_by_half": _later_position_last,
    "survey_year_typo_in_older_export": _later_export,
    "same_bytes_in_wrong_and_right_folder": lambda out: (
        [(line["source"], line["state"]) for line in out.lines] == [(NPS, "loaded")]
    ),
    "unhelpful_two_missing_columns": _told_apart,
    "c07b_mixed": lambda out: "F-ENCODING" in {line["reason"] for line in out.lines},
    "c13_dst": lambda out: out.aside("R-ORDER") == 0,
    "c18_mixed_dates": lambda out: out.last["state"] == "held",
    "c20_nul": lambda out: "NUL byte" in out.last["sentence"],
    "c22d_norefs": _errors,
    "c22d_refs": _errors,
    "c42_ods": lambda out: {line["state"] for line in out.lines} == {"loaded"},
    "c43_not_tables": _all_refused,
    "c47_codepage": _no_nul,
    "c47b_same_1200": lambda out: out.aside("R-NOT-ANONYMOUS") > 0,
    "crc_team_holds_manager": lambda out: {line["state"] for line in out.lines} == {"loaded"},
}


@pytest.mark.skipif(not CASES, reason="the inputs do not lie beside the repository")
@pytest.mark.parametrize("case", sorted(set(CASES) - NOT_HERE))
def test_a_drop_that_was_taken_in_wrongly_ends_as_it_should(
    case: str,
    folder: DataFolder,
    memory: duckdb.DuckDBPyConnection,
    policy: Policy,
    quick_reader: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved = 0
    for number, batch in enumerate(CASES[case]["batches"]):
        monkeypatch.setattr(taking, "now_utc", lambda at=number: NOON + timedelta(hours=at))
        for sent in batch:
            content = (FOLDER / sent["file"]).read_bytes()
            if sent["source"] not in policy.dpia.sources:
                monkeypatch.setenv(PASSWORDS_VARIABLE, str(FOLDER / sent["file"]))
                continue
            saved += 1
            path = put(folder, sent["source"], Path(sent["file"]).name, content)
            os.utime(path, (SECONDS + saved, SECONDS + saved))
        take_in_everything(memory, folder, policy)
    outcome = Outcome(memory, folder, policy, _lines(memory, CASES[case]))
    right = CASES[case]["right"]
    demands = [alternatives(words) for words in right]
    if case in TOLD:
        demands = [[TOLD[case]]]
    assert all(demands), "nothing of what is right can be checked"
    assert any(all(holds(outcome) for holds in found) for found in demands), right


def _lines(connection: duckdb.DuckDBPyConnection, case: dict[str, Any]) -> list[dict[str, Any]]:
    """The ledger's lines, that of the source named last in `case` at the end."""
    names = ("drop_id", "source", "state", "reason", "sentence", "rows_loaded")
    rows = fetch(connection, f"SELECT {', '.join(names)} FROM registers.drops ORDER BY arrived_at")
    last = [sent["source"] for batch in case["batches"] for sent in batch]
    about = TRAINING if TRAINING in last else last[-1]
    lines = [dict(zip(names, row, strict=True)) for row in rows]
    return sorted(lines, key=lambda line: line["source"] == about)
