"""Work done in a forked child, whose end is looked at: what it gives back, or that it was killed.

The parent opens no store, so that the child begins without connections and their threads.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any


class ChildFailedError(AssertionError):
    """The child ended otherwise than it should."""


def in_child(work: Callable[[], Any], answer: Path) -> Any:
    """What the work gives back; `answer` is a file to hand it over in.

    Raises:
        ChildFailedError: the work raised something, or the child was killed.
    """
    status = _forked(work, answer)
    if status != 0:
        told = answer.read_text() if status == 1 else ""
        raise ChildFailedError(f"the child ended with {status}\n{told}")
    return pickle.loads(answer.read_bytes())


def killed_in_child(work: Callable[[], Any], answer: Path) -> bool:
    """Whether the work was killed; False when it came to its end before.

    Raises:
        ChildFailedError: the work raised something.
    """
    status = _forked(work, answer)
    if status not in (0, -signal.SIGKILL):
        raise ChildFailedError(f"the child ended with {status}\n{answer.read_text()}")
    return status != 0


def _forked(work: Callable[[], Any], answer: Path) -> int:
    answer.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        # What the parent left to be collected is the parent's to end.
        gc.freeze()
        try:
            answer.write_bytes(pickle.dumps(work()))
            os._exit(0)
        except BaseException:
            answer.write_text(traceback.format_exc())
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
