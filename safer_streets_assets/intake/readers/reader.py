"""The parent's side: one worker child, its time limit, and its replacement when it fails."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO

from safer_streets_assets.intake.readers.model import BulkStore, ReadDrop, ReadRequest
from safer_streets_assets.intake.readers.protocol import (
    EXIT_MEMORY,
    EXIT_PANIC,
    LENGTH,
    ProtocolError,
    bulk_drop_from,
    drop_from,
    frame,
    request_message,
)
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

_CHILD = "safer_streets_assets.intake.readers.child"
_BULK_CHILD = "safer_streets_assets.intake.readers.bulk_child"
_ROOT = Path(__file__).resolve().parents[3]
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV", "PYTHONHOME")
_PIPE_BYTES = 1 << 20
_EXIT_SECONDS = 5.0
_ENDINGS = {
    EXIT_MEMORY: "F-TOO-LARGE",
    EXIT_PANIC: "F-BROKEN",
    -signal.SIGALRM: "F-TOO-SLOW",
}


class _ChildEnded(Exception):
    """The child ended before its answer was whole; `code` is the reason that its end gives."""

    def __init__(self, code: str = "F-CRASHED") -> None:
        super().__init__()
        self.code = code


class _OutOfTime(Exception):
    """The deadline passed before the answer was whole."""


class DropReader:
    """Reads files in one child process, which is started when first needed and replaced when it
    crashes or takes too long. Use it as a context manager, from one thread at a time.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> DropReader:
        """The reader itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the child."""
        self.close()

    def close(self) -> None:
        """End the child. The reader starts a new one if it is used again."""
        child, self._child = self._child, None
        if child is not None:
            _end(child)

    def read(self, request: ReadRequest) -> ReadDrop:
        """The wanted columns of one file. Raises UnreadableDrop."""
        if request.bulk is not None and (drop := _in_bulk(request)) is not None:
            return drop
        used = self._child is not None
        try:
            return self._attempt(request)
        except _ChildEnded as ended:
            code = ended.code
        if used:
            # What an earlier file left behind in the child must not be held against this one.
            try:
                return self._attempt(request)
            except _ChildEnded as ended:
                code = ended.code
        raise UnreadableDrop(code)

    def _attempt(self, request: ReadRequest) -> ReadDrop:
        deadline = time.monotonic() + request.limits.seconds
        child = self._running()
        try:
            return drop_from(_ask(child, request, deadline), request)
        except UnreadableDrop as refusal:
            # Without its trace: the frames below hold the answer of the child.
            raise refusal.with_traceback(None) from None
        except _OutOfTime:
            self.close()
            raise UnreadableDrop("F-TOO-SLOW") from None
        except ProtocolError:
            self.close()
            raise UnreadableDrop("F-CRASHED") from None
        except _ChildEnded:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_EXIT_SECONDS)
            ending = child.returncode
            self.close()
            raise _ChildEnded(_ENDINGS.get(ending, "F-CRASHED")) from None
        except BaseException:
            # An answer that was left half read would be taken for the answer to the next request.
            self.close()
            raise

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            self._child = _start_child(_CHILD)
        return self._child


def _in_bulk(request: ReadRequest) -> ReadDrop | None:
    """The file in its bulk store; None, and no store, when it has to be read the other way."""
    deadline = time.monotonic() + request.limits.seconds
    child = _start_child(_BULK_CHILD)
    drop = None
    try:
        drop = bulk_drop_from(_ask(child, request, deadline), request)
    except (_ChildEnded, _OutOfTime, ProtocolError):
        pass
    finally:
        _end(child)
        if drop is None and request.bulk is not None:
            remove_bulk_store(request.bulk)
    return drop


def remove_bulk_store(store: BulkStore) -> None:
    """Removes a bulk store. Its key was never on disk, so what the file held is gone with it."""
    # Not `log_of` of the stores: the child imports this module, and they import DuckDB.
    for path in (store.path, store.path.with_name(f"{store.path.name}.wal")):
        path.unlink(missing_ok=True)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for stream in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.close()
    child.wait()


def _start_child(module: str) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        # Threads reserve address space, which the memory limit counts.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    child = subprocess.Popen(  # noqa: S603 (this program's own interpreter and module)
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # A parser that panics prints what it was parsing.
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
        start_new_session=True,
    )
    answers = _pipe(child.stdout).fileno()
    os.set_blocking(answers, False)
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(answers, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return child


def _ask(child: subprocess.Popen[bytes], request: ReadRequest, deadline: float) -> bytearray:
    """The answer of the child. Raises _ChildEnded, _OutOfTime, ProtocolError."""
    requests, answers = _pipe(child.stdin), _pipe(child.stdout)
    try:
        requests.write(frame(request_message(request)))
        requests.flush()
    except OSError:
        raise _ChildEnded from None
    length = LENGTH.unpack(_receive(answers, LENGTH.size, deadline))[0]
    if length > request.limits.memory_bytes:
        raise ProtocolError
    return _receive(answers, length, deadline)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """One end of a pipe that Popen was told to make."""
    if stream is None:
        raise _ChildEnded
    return stream


def _receive(stream: IO[bytes], length: int, deadline: float) -> bytearray:
    """Exactly `length` bytes, or _ChildEnded or _OutOfTime."""
    body = bytearray(length)
    view = memoryview(body)
    poll = select.poll()
    poll.register(stream.fileno(), select.POLLIN)
    got = 0
    while got < length:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise _OutOfTime
        count = os.readv(stream.fileno(), [view[got:]])
        if count == 0:
            raise _ChildEnded
        got += count
    return body
