"""Who works in the data folder of a soak, and what each of them met."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import duckdb

OPERATORS_COMMANDS = (
    ("status",),
    ("drops",),
    ("drops", "list"),
    ("release", "list"),
    ("retention",),
    ("returns",),
    ("run",),
)
STATUS_SAYS = (0, 1, 2)
QUERY = "SELECT count(*), sum(n) FROM funnel_by_month"
RELEASE = "SELECT release_id FROM release"
RUNS = b'{"query": "{ runsOrError(limit: 5) { ... on Runs { results { runId status } } } }"}'
READER = "benchmarks.soak_actors"
REOPENS_AFTER = 15
"""So many looks at one connection; then a notebook is started again."""


class Met:
    """What was done, by who did it, and the errors that somebody met."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self._errors: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def did(self, who: str, times: int = 1) -> None:
        """Counts something that went well."""
        with self._lock:
            self.done[who] += times

    def error(self, who: str, what: str) -> None:
        """Counts an error that reached somebody."""
        with self._lock:
            self._errors[who, what] += 1

    @property
    def failed(self) -> int:
        """How many errors reached somebody."""
        return sum(self._errors.values())

    def errors(self) -> Iterator[tuple[str, str, int]]:
        """Who met what, and how often."""
        for (who, what), times in self._errors.most_common():
            yield who, what, times


def drops(staged: Path, landing: Path, every: float, over: threading.Event, met: Met) -> None:
    """Hands over a drop every so many seconds, in the order of their dates, as an upload does:
    its bytes come first under another name. Counted are drops: copies of the same bytes are one."""
    files = sorted((one for one in staged.rglob("*") if one.is_file()), key=_arrives)
    known: set[str] = set()
    for file in files:
        if over.wait(every):
            return
        source = file.parent.name
        (landing / source).mkdir(exist_ok=True)
        part = landing / source / f".{file.name}.part"
        shutil.copyfile(file, part)
        part.rename(part.with_name(file.name))
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if digest not in known:
            met.did("drops")
        known.add(digest)


def _arrives(file: Path) -> tuple[float, str]:
    return file.stat().st_mtime, file.name


def commands(
    command: Sequence[str],
    given: Mapping[str, str],
    published: Path,
    over: threading.Event,
    met: Met,
) -> None:
    """An operator's commands, one after the other; each may wait, none may fail. `returns` has
    nothing to say of before there is a release."""
    while not over.is_set():
        for words in OPERATORS_COMMANDS:
            if words == ("returns",) and not published.exists():
                continue
            run = subprocess.run(  # noqa: S603 (this program's own interpreter and modules)
                [*command, *words], env=dict(given), capture_output=True, text=True, check=False
            )
            fine = STATUS_SAYS if words == ("status",) else (0,)
            if run.returncode in fine and "Traceback" not in run.stderr:
                met.did("commands")
            else:
                met.error(" ".join(words), (run.stderr.strip().splitlines() or ["nothing"])[-1])
            if over.wait(1):
                return


def browser(port: int, over: threading.Event, met: Met) -> None:
    """The pages, and what they ask the server for; the first answers once Dagster has started."""
    began = False
    while not over.wait(2 if began else 0.5):
        asked = urllib.request.Request(
            f"http://localhost:{port}/graphql", RUNS, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
                if b'"errors"' in answer.read():
                    met.error("browser", "an error in the answer")
            began = True
            met.did("pages")
        except OSError as error:
            if began:
                met.error("browser", type(error).__name__)


def notebook(published: Path, over: threading.Event, met: Met) -> None:
    """One connection that stays open for many queries, through releases that come meanwhile."""
    while not over.wait(1):
        if not published.exists():
            continue
        try:
            with closing(duckdb.connect(str(published), read_only=True)) as connection:
                opened = connection.execute(RELEASE).fetchall()
                for _ in range(REOPENS_AFTER):
                    connection.execute(QUERY).fetchall()
                    if connection.execute(RELEASE).fetchall() != opened:
                        met.error("notebook", "the release changed under an open connection")
                    met.did("notebook")
                    if over.wait(2):
                        return
        except (duckdb.Error, OSError) as error:
            met.error("notebook", str(error).splitlines()[0])


def readers(published: Path, number: int, over: threading.Event, met: Met) -> None:
    """So many analysts, each a process of its own that opens, asks and closes again and again."""
    started = [
        subprocess.Popen(  # noqa: S603 (this program's own interpreter and modules)
            [sys.executable, "-m", READER, str(published)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(number)
    ]
    over.wait()
    for one in started:
        said, _ = one.communicate("")
        for line in said.splitlines():
            what, _, text = line.partition(" ")
            if what == "read":
                met.did("analysts", int(text))
            else:
                met.error("analyst", text)


def read_until_the_end(published: Path) -> None:
    """An analyst, until the input ends; says how often they read, and what they met."""
    ended = threading.Event()
    threading.Thread(target=_wait_for_end, args=(ended,), daemon=True).start()
    read = 0
    while not ended.wait(0.5):
        if not published.exists():
            continue
        try:
            with closing(duckdb.connect(str(published), read_only=True)) as connection:
                connection.execute(QUERY).fetchall()
                connection.execute("SELECT * FROM v_funnel_by_month").fetchall()
                read += 1
        except (duckdb.Error, OSError) as error:
            print("error", str(error).splitlines()[0])
    print("read", read)


def _wait_for_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    read_until_the_end(Path(sys.argv[1]))
