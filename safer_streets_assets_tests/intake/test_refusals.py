"""What no agreement covers is refused unread, and what names a person is not anonymous."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.intake.quarantine import key_name, sealed_path_name
from safer_streets_assets.intake.reasons import DROP_REASONS, DropRefusedError
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import STORE_NAMES, DataFolder, Keys
from safer_streets_assets.stores.registers import close_evaluation
from safer_streets_assets.stores.sealed import unseal
from safer_streets_assets_tests.builders import (
    CRC,
    MPS,
    NOON,
    NOVO,
    NPS,
    TRAINING,
    csv_drop,
    every_text,
    fetch,
    ledger,
    opened,
    people_rows,
    put,
    rows_of,
    set_aside,
    take_in_everything,
    workbook_drop,
)

CANARY = "Canary-4711"
CONTENT = csv_drop(people_rows(NPS, 2, **{"Offender Name": CANARY, "Event": CANARY}))


class NoReading:
    """Stands where the reader is made: refusing must not need one."""

    def __init__(self) -> None:
        pytest.fail("a refused drop was read")


@pytest.mark.parametrize(
    ("place", "source", "code"),
    [
        (MPS, MPS, "D-NOT-AGREED"),
        (f"{MPS}/2020", MPS, "D-NOT-AGREED"),
        ("Arrests of Canary-4711", "unknown", "D-UNKNOWN-SOURCE"),
        ("NPS_Court_Outcomes", "unknown", "D-UNKNOWN-SOURCE"),
        (".", "unknown", "D-UNKNOWN-SOURCE"),
    ],
)
def test_what_no_agreement_covers_is_refused_unread_and_sealed(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, place: str, source: str, code: str
) -> None:
    monkeypatch.setattr(taking, "DropReader", NoReading)
    put(folder, place, f"{CANARY}.csv", CONTENT)
    with opened(folder) as connection:
        taken = take_in_everything(connection, folder)
        assert taken[""].refused == 1
        assert taken[""].reasons == {code: 1}
        assert ledger(connection) == [(source, "refused", code)]
        [(drop_id, sentence, read)] = fetch(
            connection, "SELECT drop_id, sentence, rows_read FROM registers.drops"
        )
        assert sentence == str(DropRefusedError(code))
        assert read is None
        held = [text for text in every_text(connection, *STORE_NAMES) if CANARY in text]
        assert held == [f"{CANARY}.csv"], "its name alone, in the restricted store"
        assert fetch(connection, "SELECT file_name FROM restricted.quarantined_drops") == [
            (f"{CANARY}.csv",)
        ]
    files = [path for path in folder.root.rglob("*") if path.is_file()]
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    assert not [path for path in files if CANARY in str(path.relative_to(folder.root))]
    key = Keys(folder.keys).read(key_name(drop_id))
    assert unseal(folder.quarantine / sealed_path_name(drop_id), key) == CONTENT


def test_a_source_that_is_agreed_later_is_taken_in_when_it_comes_again(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy, quick_reader: object
) -> None:
    fields = [field.headers[0] for field in policy.dpia.sources[MPS].fields]
    content = csv_drop([dict.fromkeys(fields, "A100001")])
    put(folder, MPS, "extract.csv", content)
    take_in_everything(memory, folder)
    assert ledger(memory) == [(MPS, "refused", "D-NOT-AGREED")]
    put(folder, MPS, "extract.csv", content)
    take_in_everything(memory, folder, policy.with_agreement(MPS))
    [(source, state, reason)] = ledger(memory)
    assert (source, state) != (MPS, "refused")
    assert reason != "D-NOT-AGREED"


@pytest.mark.parametrize("source", [NPS, CRC, NOVO])
def test_a_closed_evaluation_refuses_every_drop_unread(
    folder: DataFolder,
    memory: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
) -> None:
    monkeypatch.setattr(taking, "DropReader", NoReading)
    close_evaluation(memory, NOON)
    put(folder, source, "drop.csv", CONTENT)
    taken = take_in_everything(memory, folder)
    assert taken[""].reasons == {"D-CLOSED": 1}
    assert ledger(memory) == [(source, "refused", "D-CLOSED")]
    assert [path for path in folder.landing.rglob("*") if path.is_file()] == []


def test_a_refused_file_is_never_opened_through_a_link(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(folder, MPS, "extract.csv", CONTENT)
    flags_used: list[int] = []
    real = os.open

    def noted(file: Any, flags: int, *args: Any, **named: Any) -> int:
        if str(file) == str(path):
            flags_used.append(flags)
        return real(file, flags, *args, **named)

    monkeypatch.setattr(os, "open", noted)
    take_in_everything(memory, folder)
    assert len(flags_used) >= 2, "to hash it and to seal it"
    assert all(flags & os.O_NOFOLLOW for flags in flags_used)


NAMING = (
    "Interview with Darnell Fenwick about it",
    "fenwick said that DARNELL ...",
    "Darnell, of course: FENWICK",
    "I thank Priya Nandakumar",
    "ask A100001",
    "ask a 100 001",
    "about X765432, whom nobody knows",
    "José NUNEZ came",
    "Jose\u0301 Nun\u0303ez came",
    "O'Hallorane and Siân",
    "Núñez came",
)
NAMING_NOBODY = (
    "Darnell alone",
    "a fen, a wick and a darnell",
    "Anonymised summary, session 6 of 12",
)


def test_anonymous_material_that_names_somebody_we_hold_is_set_aside(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, quick_reader: object
) -> None:
    held = people_rows(NPS, 1) + people_rows(NPS, 1, first=2, **{"Offender Name": "NÚÑEZ, José"})
    held += people_rows(NPS, 1, first=3, **{"Offender Name": "Siân O\u2019Hallorane"})
    put(folder, NPS, "held.csv", csv_drop(held))
    plain = ["Anonymised summary"] * 60
    texts = [*NAMING, *NAMING_NOBODY, *plain]
    studies = rows_of(
        NOVO, *({"Reference": f"CS{n:02}", "Summary": text} for n, text in enumerate(texts))
    )
    put(folder, NOVO, "studies.xlsx", workbook_drop("Case studies", studies))
    assert take_in_everything(memory, folder)[NOVO].loaded == 1
    assert set_aside(memory) == {
        number: ["R-NOT-ANONYMOUS"] for number in range(2, 2 + len(NAMING))
    }


def test_every_cell_of_a_form_is_looked_at(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, quick_reader: object
) -> None:
    forms = rows_of(TRAINING, *({"Form": str(n)} for n in range(1, 18)))
    forms += rows_of(TRAINING, {"Form": "A100001"}, {"Form": "x", "Role": "A100001"})
    forms += rows_of(TRAINING, {"Form": "y", "Most useful": "A 100-001"})
    put(folder, TRAINING, "forms.xlsx", workbook_drop("Feedback", forms))
    taken = take_in_everything(memory, folder)[TRAINING]
    assert taken.rows_set_aside == 3
    assert not [t for t in every_text(memory, "registers") if "A100001" in t]


def test_names_in_other_sources_are_no_mistake(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, quick_reader: object
) -> None:
    put(folder, NPS, "a.csv", csv_drop(people_rows(NPS, 2)))
    assert take_in_everything(memory, folder)[NPS].rows_set_aside == 0


def test_every_refusal_is_one_sentence_that_says_what_to_do() -> None:
    for code in DROP_REASONS:
        sentence = str(DropRefusedError(code))
        assert "; " in sentence
        assert sentence.count(".") - sentence.count(".yaml") == 1
        assert sentence.endswith(".")


def test_a_path_of_the_landing_is_in_no_file(folder: DataFolder, tmp_path: Path) -> None:
    put(folder, "Zebedee", "drop.csv", CONTENT)
    with opened(folder) as connection:
        take_in_everything(connection, folder)
    names = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")]
    assert [name for name in names if "Zebedee" in name] in ([], ["data/landing/Zebedee"])
