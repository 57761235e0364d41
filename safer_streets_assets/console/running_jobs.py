"""Runs a job in this process and shows its steps as they end."""

from __future__ import annotations

import io
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from typing import TextIO

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

POLL_SECONDS = 0.5
DONE, WARNS, STEP_FAILED = "done", "warns", "FAILED"
"""How a step ended: a step whose check fails or warns says that, though the step itself is done."""
NOT_TAKEN = "Exception while writing logger call to event log"
"""How Dagster begins to say, with the whole event, that its history did not take one."""
_TOLD = {
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_FAILURE,
}
_MAY_FAIL = {dg.DagsterEventType.ASSET_CHECK_EVALUATION, dg.DagsterEventType.STEP_FAILURE}


@dataclass(frozen=True)
class RunResult:
    """How a run ended: the sentences of the steps and checks that failed, each once."""

    run_id: str
    succeeded: bool
    failures: tuple[str, ...]


def run_job(
    definitions: dg.Definitions,
    job_name: str,
    instance: dg.DagsterInstance,
    console: Console,
    only: Sequence[str] | None = None,
) -> RunResult:
    """Runs a job of the definitions, or `only` some of its assets with their checks, with progress;
    never raises what a step raised.

    Raises:
        KeyboardInterrupt: an operator interrupted it.
    """
    job = definitions.resolve_job_def(job_name)
    if only is not None:
        job = job.get_subset(asset_selection={dg.AssetKey(name) for name in only})
    run_id = str(uuid.uuid4())
    steps = len(job.graph.nodes)
    with _Steps(console, steps) as step_ended:
        follower = _Follower(instance, run_id, step_ended)
        follower.start()
        try:
            with redirect_stderr(_WithoutEvents(sys.stderr)):
                result = job.execute_in_process(
                    instance=instance,
                    run_id=run_id,
                    raise_on_error=False,
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                )
        finally:
            follower.stop()
    if not result.success and _was_interrupted(instance, run_id):
        raise KeyboardInterrupt
    return RunResult(run_id, result.success, _failures(instance, run_id))


class _WithoutEvents(io.TextIOBase):
    """A stream to which Dagster does not write events that its history did not take, such as on a
    full disk: the error that ends the run says so in a sentence."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        if not text.startswith(NOT_TAKEN):
            self.stream.write(text)
        return len(text)

    def fileno(self) -> int:
        return self.stream.fileno()

    def flush(self) -> None:
        self.stream.flush()


class _Follower(threading.Thread):
    """Reads the run's new events while it goes on, and tells of each step that ended."""

    def __init__(
        self, instance: dg.DagsterInstance, run_id: str, step_ended: Callable[[str, str], None]
    ) -> None:
        super().__init__(daemon=True)
        self.instance, self.run_id, self.step_ended = instance, run_id, step_ended
        self.ended = threading.Event()
        self.cursor: str | None = None
        self.checked: dict[str, str] = {}

    def run(self) -> None:
        while not self.ended.wait(POLL_SECONDS):
            self.tell()

    def stop(self) -> None:
        self.ended.set()
        self.join()
        self.tell()

    def tell(self) -> None:
        new = self.instance.get_records_for_run(self.run_id, self.cursor, of_type=_TOLD)
        self.cursor = new.cursor
        for record in new.records:
            event = record.event_log_entry.dagster_event
            if event is None or not event.step_key:
                continue
            if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                self._note(event.step_key, event.asset_check_evaluation_data)
            else:
                fine = self.checked.get(event.step_key, DONE)
                self.step_ended(event.step_key, fine if event.is_step_success else STEP_FAILED)

    def _note(self, step: str, check: dg.AssetCheckEvaluation) -> None:
        """Remembers the worst that a check of a step says, which comes before the step ends."""
        if not check.passed and self.checked.get(step) != STEP_FAILED:
            warns = check.severity == dg.AssetCheckSeverity.WARN
            self.checked[step] = WARNS if warns else STEP_FAILED


class _Steps:
    """A bar on a terminal, with a line above it for each step of which there is more to say than
    that it is done; one line a step elsewhere."""

    def __init__(self, console: Console, steps: int) -> None:
        self.console = console
        self.started = time.monotonic()
        self.bar = Progress(
            TextColumn("{task.description:<42}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("starting", total=steps)

    def __enter__(self) -> Callable[[str, str], None]:
        self.bar.start()
        return self.step_ended

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def step_ended(self, step: str, how: str) -> None:
        self.bar.update(self.task, advance=1, description=step)
        if not self.console.is_terminal or how != DONE:
            seconds = time.monotonic() - self.started
            self.console.print(f"{seconds:6.1f} s  {how}  {step}")


def _was_interrupted(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether Dagster made the failure of a step or of the run out of an interruption."""
    for entry in instance.all_logs(run_id):
        event = entry.dagster_event
        if event is None:
            continue
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            source = event.step_failure_data.error_source
            if source is not None and source.name == "INTERRUPT":
                return True
        elif event.event_type == dg.DagsterEventType.RUN_FAILURE:
            reason = event.job_failure_data.failure_reason
            if reason is not None and reason.name == "UNEXPECTED_TERMINATION":
                return True
    return False


def _failures(instance: dg.DagsterInstance, run_id: str) -> tuple[str, ...]:
    sentences: dict[str, None] = {}
    for entry in instance.all_logs(run_id, of_type=_MAY_FAIL):
        event = entry.dagster_event
        if event is None:
            continue
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            found = event.step_failure_data
            said = found.user_failure_data.description if found.user_failure_data else None
            if said or not found.error or "CheckFailed" not in str(found.error.cls_name):
                sentences[said or f"The step {event.step_key} failed."] = None
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR:
                name = f"{check.asset_key.to_user_string()}: {check.check_name}"
                where = f" {check.description}" if check.description else ""
                sentences[f"The check {name} failed; look at it in the Dagster UI.{where}"] = None
    return tuple(sentences)
