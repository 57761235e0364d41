"""What every scenario has to show; each is a file of its own, so that they run side by side."""

from __future__ import annotations

import random

from safer_streets_assets_tests.builders import EVERY_MOMENT
from safer_streets_assets_tests.intake.crash.moments import distinct
from safer_streets_assets_tests.intake.crash.runs import Crashes

PAIRS = 2


def check_every_moment(made: Crashes, first: int) -> None:
    """Killed at any moment and run again, intake holds the same, byte for byte; and at that moment
    nothing of the landing was lost, nor told outside of it. The suite kills at every sixth moment,
    always the same ones, SAFER_STREETS_EVERY_MOMENT=1 at every one. `first` (from 0) is the first
    of those: the scenarios go through the same steps, each killed at other moments of theirs.
    """
    moments = distinct(made.moments) if EVERY_MOMENT else distinct(made.moments)[first::6]
    assert moments
    wrong = {str(moment): made.wrong_after(moment.number) for moment in moments}
    assert {moment: what for moment, what in wrong.items() if what} == {}


def check_two_kills(made: Crashes, seed: int) -> None:
    """Killed at two moments, a day apart, intake still holds the same but for the day."""
    draw = random.Random(seed)
    numbers = [moment.number for moment in distinct(made.moments)]
    for _ in range(PAIRS):
        pair = (draw.choice(numbers), draw.randint(1, len(made.moments)))
        wrong = made.wrong_after(*pair, days=1)
        assert wrong == [], f"killed at {pair}: {wrong}"


def check_order_of_writes(made: Crashes) -> None:
    """Before a file leaves its place in the landing, whatever was committed and sealed is synced,
    with the folders; it is overwritten and synced before it is removed, and its folder after.
    """
    landing = str(made.folder.landing)
    calls = [(moment.kind, moment.what) for moment in made.moments]
    leaving = [
        n for n, (kind, what) in enumerate(calls) if kind == "rename" and _from(what, landing)
    ]
    gone = [n for n, (kind, what) in enumerate(calls) if kind == "remove" and _from(what, landing)]
    assert len(leaving) == len(gone) >= len(made.landed)
    for start, end in zip(leaving, gone, strict=True):
        _assert_durable(made, calls[:start])
        hidden = calls[end][1][0]
        assert calls[start][1][1] == hidden
        assert ("sync", (hidden,)) in calls[start:end]
        assert calls[end + 1] == ("sync", (hidden.rpartition("/")[0],))


def _assert_durable(made: Crashes, calls: list[tuple[str, tuple[str, ...]]]) -> None:
    """The folders of the stores are synced after the last commit; what was put in place is too."""
    committed = max(
        n for n, (kind, what) in enumerate(calls) if (kind, what) == ("sql", ("COMMIT",))
    )
    for store in ("registers", "restricted"):
        assert ("sync", (str(made.folder.root / store),)) in calls[committed:]
    for number, (kind, what) in enumerate(calls):
        if kind == "rename" and what[0].endswith(".part"):
            assert ("sync", (what[0],)) in calls[:number]
            assert ("sync", (what[1].rpartition("/")[0],)) in calls[number:]


def _from(what: tuple[str, ...], landing: str) -> bool:
    return what[0].startswith(landing) and not what[0].endswith(".part")
