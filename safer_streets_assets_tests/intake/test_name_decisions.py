"""What an operator decides of a text that perhaps names somebody holds, and is not asked again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake.judged_again import judge_again, uncertain_texts
from safer_streets_assets.intake.name_decisions import (
    NameDecisionError,
    decide_names,
    withdraw_name,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import (
    NPS,
    TRAINING,
    every_text,
    fetch,
    load_rows,
    people_rows,
    rows_of,
    set_aside,
)

NOW = datetime(2021, 2, 1, 9, 30)
YOUNG = "Young people were keen"
BOTH = "The Young and the Marlowe group"


def names(connection: duckdb.DuckDBPyConnection, *held: str, drop: int = 1) -> None:
    """Makes names held, as those of people NPS sent."""
    rows = [
        {**row, "Offender Name": name}
        for row, name in zip(people_rows(NPS, len(held), first=10 * drop), held, strict=True)
    ]
    load_rows(connection, NPS, rows, drop=drop)


def forms(connection: duckdb.DuckDBPyConnection, *texts: str, drop: int = 1) -> None:
    """Loads forms with some texts, and others that name nobody, and judges them as a run does."""
    said = [*texts, *["Role play"] * 20]
    rows = rows_of(TRAINING, *({"Form": str(n), "Most useful": t} for n, t in enumerate(said)))
    load_rows(connection, TRAINING, rows, drop=drop)


def asked(connection: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, str]:
    """The texts in doubt after a run, to their ids."""
    judge_again(connection, policy, TRAINING)
    found = {one.text: one.text_id for one in uncertain_texts(connection, policy)}
    counted = fetch(connection, "SELECT coalesce(sum(rows), 0) FROM registers.uncertain_texts")
    assert (counted == [(0,)]) is (not found)
    return found


def decide(
    connection: duckdb.DuckDBPyConnection, policy: Policy, who: str = "ada", **verdicts: bool
) -> tuple[int, int]:
    """Records decisions by id."""
    texts = uncertain_texts(connection, policy)
    return decide_names(connection, texts, verdicts, who, NOW)


def audit(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """The decisions on the registers, in order."""
    return fetch(
        connection,
        "SELECT DISTINCT decision, decided_by, decided_at FROM registers.name_decisions ORDER BY 3",
    )


def test_what_is_no_name_stands_is_asked_no_more_and_not_in_a_later_drop_either(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    names(memory, "YOUNG, Peregrine")
    forms(memory, YOUNG, YOUNG)
    text_id = asked(memory, policy)[YOUNG]
    assert decide(memory, policy, **{text_id: False}) == (0, 1)
    assert asked(memory, policy) == {}
    forms(memory, YOUNG, "Young again", drop=2)
    assert set(asked(memory, policy)) == {"Young again"}
    assert set_aside(memory) == {}
    assert decide(memory, policy, **{text_id: False}) == (0, 0)
    assert audit(memory) == [("refused", "ada", NOW)]


def test_what_is_a_name_is_set_aside_and_so_is_the_next_row_with_that_text(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    names(memory, "YOUNG, Peregrine")
    forms(memory, YOUNG)
    assert decide(memory, policy, **{asked(memory, policy)[YOUNG]: True}) == (1, 0)
    assert asked(memory, policy) == {}
    assert set_aside(memory) == {2: ["R-NOT-ANONYMOUS"]}
    forms(memory, "Role play", YOUNG, drop=2)
    assert asked(memory, policy) == {}
    where = "SELECT drop_id, row_number FROM restricted.set_aside_rows ORDER BY ALL"
    assert fetch(memory, where) == [(f"{TRAINING}-1", 2), (f"{TRAINING}-2", 3)]
    assert audit(memory) == [("accepted", "ada", NOW)]


def test_a_name_that_is_held_later_is_another_question_of_the_same_text(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    names(memory, "YOUNG, Peregrine")
    forms(memory, *[BOTH] * 12)
    first = asked(memory, policy)[BOTH]
    decide(memory, policy, **{first: False})
    names(memory, "MARLOWE, Christabel", drop=2)
    second = asked(memory, policy)[BOTH]
    assert second != first
    decide(memory, policy, **{second: False})
    assert asked(memory, policy) == {}
    assert set_aside(memory) == {}


def test_a_surname_beside_its_forename_names_somebody_whatever_was_decided(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    names(memory, "YOUNG, Peregrine")
    text = "Young Christabel was keen"
    forms(memory, text)
    decide(memory, policy, **{asked(memory, policy)[text]: False})
    names(memory, "YOUNG, Christabel", drop=2)
    assert asked(memory, policy) == {}
    assert set_aside(memory) == {2: ["R-NOT-ANONYMOUS"]}


def test_refusing_most_rows_of_a_word_does_not_set_the_others_aside(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    names(memory, "QUORN, Xanthippe")
    forms(memory, *["More of Quorn"] * 12, "Quorn for lunch")
    decide(memory, policy, **{asked(memory, policy)["More of Quorn"]: False})
    assert set(asked(memory, policy)) == {"Quorn for lunch"}
    assert set_aside(memory) == {}


def test_a_decision_that_is_withdrawn_is_asked_again(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    names(memory, "YOUNG, Peregrine")
    forms(memory, YOUNG)
    text_id = asked(memory, policy)[YOUNG]
    decide(memory, policy, **{text_id: False})
    assert withdraw_name(memory, text_id, "ben", NOW - timedelta(days=1)) == "refused"
    assert asked(memory, policy) == {YOUNG: text_id}
    assert [line[:2] for line in audit(memory)] == [("refused", "ada"), ("withdrawn", "ben")]
    with pytest.raises(NameDecisionError):
        withdraw_name(memory, text_id, "ben", NOW)


def test_an_id_that_is_not_in_doubt_decides_nothing_of_the_list(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    names(memory, "YOUNG, Peregrine")
    forms(memory, YOUNG)
    text_id = asked(memory, policy)[YOUNG]
    with pytest.raises(NameDecisionError, match="not among the texts in doubt"):
        decide(memory, policy, **{text_id: True, "0" * 32: False})
    assert audit(memory) == []


def test_the_registers_hold_nothing_of_a_text_that_was_decided_on(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    names(memory, "ZEPHYRQUILL, Peregrine", "Zephyrquill-Young, Jo")
    forms(memory, *["More of Zephyrquill, please"] * 12, "young lot, and lots of zephyr")
    for text_id in asked(memory, policy).values():
        decide(memory, policy, **{text_id: False})
    told = " ".join(every_text(memory, "registers")).lower()
    assert "refused" in told
    assert not any(word in told for word in ("zephyr", "young", "more of"))
    assert "zephyr" not in repr(uncertain_texts(memory, policy)).lower()


@pytest.mark.parametrize("held", ["Quintrell Peregrine", "Peregrine Quintrell"])
def test_a_name_that_does_not_say_which_word_is_the_surname_is_looked_for_in_both_orders(
    memory: duckdb.DuckDBPyConnection, policy: Policy, held: str
) -> None:
    names(memory, held)
    forms(memory, "Quintrell was late", "Peregrine was late", "quintrell, peregrine")
    doubted = set(asked(memory, policy))
    last = held.split()[1]
    assert doubted == {f"{first} was late" for first in ("Quintrell", "Peregrine") if first != last}
    sure = {2 if last == "Quintrell" else 3, 4}
    assert set_aside(memory).keys() == sure
