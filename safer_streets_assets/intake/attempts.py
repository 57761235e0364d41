"""Whether a run is to be started now: what waits, against how the last runs of the job ended.

Nothing is remembered here. A file that was ready before a run began was tried by that run, so the
history of runs says what was tried and how often; the waits are counted from the ends of runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

What = Literal["start", "nothing", "wait", "given up", "left over", "cancelled"]
Outcome = Literal["succeeded", "failed", "cancelled"]


@dataclass(frozen=True)
class PastRun:
    """A run that has ended; times in seconds since 1970.

    `whole` is false for one that went on where another had failed: it looked at no landing.
    """

    run_id: str
    outcome: Outcome
    started: float
    ended: float
    whole: bool = True


@dataclass(frozen=True)
class NextStep:
    """What to do now. `attempt` is the one that starts or is waited for, due at `due`."""

    what: What
    attempt: int = 0
    due: float = 0.0


def next_attempt(
    past: Sequence[PastRun],
    ready: float | None,
    now: float,
    attempts: int,
    backoff_seconds: float,
) -> NextStep:
    """What to do when no run is under way; `past` with the latest run first.

    `ready` is when the newest of what waits could first have been taken in, None when nothing
    waits. What no run has tried yet starts one at once, whatever else has failed. What failed is
    tried again after a wait that doubles, until `attempts` runs have tried it; a run that failed
    after the landing was cleared is tried again in the same way. What a run that went well has
    left where it was is left over: another run would leave it too. What an operator cancelled is
    not started again until something new arrives.
    """
    if past and past[0].outcome == "cancelled" and (ready is None or past[0].started >= ready):
        return NextStep("cancelled")
    ended = [run for run in past if run.outcome != "cancelled"]
    failed = list(takewhile(lambda run: run.outcome == "failed", ended))
    tried = failed if ready is None else [run for run in failed if run.started >= ready]
    if not tried:
        if ready is None:
            return NextStep("nothing")
        left = any(
            run.outcome == "succeeded" and run.whole and run.started >= ready for run in ended
        )
        return NextStep("left over") if left else NextStep("start", 1)
    if len(tried) >= attempts:
        return NextStep("given up", len(tried))
    last = tried[0].ended
    due = last + backoff_seconds * 2 ** (len(tried) - 1)
    # A run that ended in time to come: the clock was set back, and there is nothing to wait for.
    if last <= now < due:
        return NextStep("wait", len(tried) + 1, due)
    return NextStep("start", len(tried) + 1)
