"""What every command does before it begins: finds its data folder, and waits for its turn."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import signal
import socket
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from safer_streets_assets import __version__
from safer_streets_assets.cli import app
from safer_streets_assets.console import ui as dagster_ui
from safer_streets_assets.console.command_line import MakesDataFolder, OnDataFolder
from safer_streets_assets.policy import Policy
from safer_streets_assets.program import main
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.lock import AnotherRunError
from safer_streets_assets_tests.builders import data_folder, shipped_policy

REPOSITORY = Path(__file__).resolve().parents[2]
HOLD = """
import sys
from pathlib import Path
from safer_streets_assets.stores.lock import run_lock
with run_lock(Path(sys.argv[1]), what="safer-streets run"):
    print("held", flush=True)
    sys.stdin.readline()
"""
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from safer_streets_assets.program import main; main()"
)
"""Of tests that are started in the background, Ctrl-C would be ignored."""
MAY_GO_WITHOUT_A_TURN = {"ui", "attack", "status", "backup restore"}
"""Commands that open no store, and the one whose folder is not there yet."""


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    below = getattr(command, "commands", {})
    if not below:
        yield words, command
    for name, found in below.items():
        yield from leaves(found, (*words, name))


EVERY = dict(leaves(typer.main.get_command(app)))
GROUPS = [("drops",), ("names",)]
"""Groups that are commands themselves."""
ON_DATA = {words: c for words, c in EVERY.items() if any(p.name == "data" for p in c.params)}


def needed(command: Any) -> list[str]:
    """Something for each argument and option that a command cannot do without."""
    given = []
    for parameter in command.params:
        if parameter.required:
            options = [] if parameter.param_type_name == "argument" else [parameter.opts[0]]
            given += [*options, "2020-01-01"]
    return given


def run(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=typed)


def everything(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is empty, and no variable names a data folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("SAFER_STREETS_DATA", "SAFER_STREETS_KEYS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def folder(nowhere: Path) -> DataFolder:
    return data_folder(nowhere / "data")


def test_every_command_that_takes_a_data_folder_looks_for_it_first() -> None:
    assert len(ON_DATA) > 30
    for words, command in ON_DATA.items():
        assert isinstance(command, OnDataFolder), words
        waits = command.takes_turn or not set(words[:1]).isdisjoint(
            {"subject-access", "objections", "erase-person", "release"}
        )
        assert waits or " ".join(words) in MAY_GO_WITHOUT_A_TURN, words
    makers = {words for words, c in ON_DATA.items() if isinstance(c, MakesDataFolder)}
    assert makers == {("run",), ("init",)}


def test_groups_that_are_commands_are_all_here() -> None:
    group = typer.main.get_command(app)
    found = {
        (name,)
        for name, command in getattr(group, "commands", {}).items()
        if getattr(command, "commands", {}) and command.invoke_without_command
    }
    assert found == set(GROUPS)


@pytest.mark.parametrize("words", sorted([*ON_DATA, *GROUPS]), ids=" ".join)
def test_a_folder_that_is_none_is_refused_with_its_path_and_nothing_is_made(
    words: tuple[str, ...], nowhere: Path
) -> None:
    if words in {("init",), ("backup", "restore")}:
        pytest.skip("this command makes a data folder, and refuses none")
    if words == ("status",):
        pytest.skip("what is wrong with the folder is its answer: see watching/test_status.py")
    (nowhere / "data").mkdir()
    (nowhere / "data" / "README.md").write_text("of a fresh clone\n")
    before = everything(nowhere)
    for given, place in (((), "data"), (("--data", "mistyped"), "mistyped")):
        refused = run(*words, *needed(ON_DATA.get(words, EVERY[("init",)])), *given)
        assert refused.exit_code == 1
        assert str(refused.exception) == (
            f"{nowhere / place} is no data folder: give the right one with --data or in "
            "SAFER_STREETS_DATA, or make it one with safer-streets init."
        )
    assert everything(nowhere) == before


def test_init_makes_a_data_folder_once_and_commands_work_in_it(nowhere: Path) -> None:
    assert run("init", "--data", "new/data").exit_code == 0
    folder = DataFolder.locate("new/data")
    assert folder.is_one
    (folder.landing / "nps_court_outcomes").mkdir()
    before = everything(nowhere)
    assert run("init", "--data", "new/data").exit_code == 0
    assert everything(nowhere) == before
    assert run("drops", "--data", "new/data").exit_code == 0
    assert run("run", "--data", "new/data").exit_code == 0


def test_init_makes_no_data_folder_of_one_in_which_something_else_lies(nowhere: Path) -> None:
    (nowhere / "thesis.odt").write_text("mine")
    for words in (("init",), ("run", "--demo")):
        refused = run(*words, "--data", nowhere)
        assert str(refused.exception).startswith(f"Something else lies in {nowhere}: give")
    assert everything(nowhere) == ["thesis.odt"]


def test_a_folder_of_keys_that_is_not_there_is_refused_and_not_made(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = folder.root.parent / "volume" / "keys"
    monkeypatch.setenv("SAFER_STREETS_KEYS", str(away))
    refused = run("retention", "--data", folder.root)
    assert str(refused.exception).startswith(f"The folder of the keys, {away}, is not there")
    assert not away.parent.exists()


@pytest.mark.thorough
def test_data_is_taken_before_the_command_and_after_it(folder: DataFolder) -> None:
    place, other = folder.root.rename(folder.root.with_name("kept")), folder.root.parent / "other"
    data_folder(other)
    link = place.with_name("link")
    link.symlink_to(place)
    for words in (("drops",), ("drops", "list"), ("publication", "list"), ("erasures", "list")):
        assert run(*words).exit_code == 1
        assert run("--data", place, *words).exit_code == 0
        assert run(*words, "--data", place).exit_code == 0
        assert run("--data", "kept", *words, "--data", link).exit_code == 0
        refused = run("--data", place, *words, "--data", other)
        assert "Two data folders" in str(refused.exception)


@pytest.mark.parametrize(
    "words", [words for words in sorted(ON_DATA) if len(words) > 1], ids=" ".join
)
def test_data_is_taken_between_a_group_and_its_command(
    words: tuple[str, ...], folder: DataFolder
) -> None:
    other = folder.root.parent / "other"
    groups, command = words[:-1], words[-1]
    refused = run(*groups, "--data", "no", command, *needed(ON_DATA[words]), "--data", other)
    assert "Two data folders" in str(refused.exception)
    refused = run(*groups, "--data", other, command, *needed(ON_DATA[words]))
    assert words == ("backup", "restore") or f"{other} is no data folder" in str(refused.exception)


def test_a_command_without_a_data_folder_does_not_take_one_silently(nowhere: Path) -> None:
    refused = run("--data", "data", "demo-drops", "out")
    assert str(refused.exception) == (
        "safer-streets demo-drops works in no data folder: leave --data out."
    )
    assert everything(nowhere) == []


def test_the_version_is_said(nowhere: Path) -> None:
    said = run("--version")
    assert (said.exit_code, said.output) == (0, f"safer-streets {__version__}\n")


def impatient(seconds: float) -> Policy:
    policy = shipped_policy()
    intake = policy.dpia.intake.model_copy(update={"wait_seconds": seconds})
    return replace(policy, dpia=policy.dpia.model_copy(update={"intake": intake}))


@pytest.fixture
def held(folder: DataFolder) -> Iterator[subprocess.Popen[bytes]]:
    """Another process works in the folder, until it is told to end."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    yield holder
    end(holder)


def end(holder: subprocess.Popen[bytes]) -> None:
    """Tells a holder to end, and waits until it has."""
    if holder.poll() is None:
        holder.communicate(b"\n", timeout=30)


@pytest.mark.thorough
def test_after_the_policys_wait_every_command_says_truly_what_uses_the_folder(
    folder: DataFolder, held: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safer_streets_assets.policy.load_policy", lambda: impatient(0))
    before = everything(folder.root)
    asking = {
        ("subject-access",),
        ("objections", "record"),
        ("erase-person",),
        ("release", "rollback"),
    }
    patient = asking | {tuple(words.split()) for words in MAY_GO_WITHOUT_A_TURN}
    commands = [words for words in ON_DATA if words not in patient]
    for words in [("drops",), *commands]:
        refused = run(*words, *needed(ON_DATA.get(words, EVERY[("init",)])))
        assert isinstance(refused.exception, AnotherRunError), words
        said = str(refused.exception)
        assert said.startswith(
            f"The folder {folder.root} is being used by safer-streets run (process {held.pid}, "
        )
        assert said.endswith("; try again when that has ended.")
    assert everything(folder.root) == before


def test_what_the_lock_says_has_nothing_of_what_was_typed_behind_the_command(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []

    def look(*_: object, **__: object) -> None:
        found.append(folder.lock.read_text())

    monkeypatch.setattr("safer_streets_assets.console.publications.record_publication", look)
    title = ("--title", "Zebedee Quillfeather Q736251", "--date", "2020-01-01")
    assert run("publication", "add", *title).exit_code == 0
    assert json.loads(found[0])["what"] == "safer-streets publication add"
    assert not any(word in found[0] for word in ("Quillfeather", "Q736251", "2020-01-01"))
    assert folder.lock.read_bytes() == b""


def program(*words: object, **how: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        **how,
    )


@pytest.mark.thorough
def test_commands_wait_with_a_line_that_says_for_what_and_then_go_on(
    folder: DataFolder, held: subprocess.Popen[bytes]
) -> None:
    title = ("--title", "Report", "--date", "2020-01-01", "--confirm", "2020-01-01")
    waiting = [
        program("drops"),
        program("registers", "breaches", "list"),
        program("publication", "add", *title),
    ]
    for command in waiting:
        assert command.stderr is not None
        said = command.stderr.readline()
        assert f"Waiting until safer-streets run (process {held.pid}, since" in said
        assert command.poll() is None
    end(held)
    for command in waiting:
        command.communicate(timeout=60)
        assert command.returncode == 0


def test_ctrl_c_says_to_run_again_and_exits_130(
    folder: DataFolder, held: subprocess.Popen[bytes]
) -> None:
    waits, asks = (
        program("retention", start_new_session=True),
        program("erase-person", "--why", "x"),
    )
    assert waits.stderr is not None
    assert "Waiting until" in waits.stderr.readline()
    for command in (waits, asks):
        while not Path(f"/proc/{command.pid}/wchan").exists():
            time.sleep(0.01)
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=60)
        assert command.returncode == 130
        assert said == "Interrupted; run again: what was begun is finished or undone then.\n"


@pytest.mark.thorough
def test_ctrl_c_at_a_question_on_a_terminal_is_an_interruption_too(folder: DataFolder) -> None:
    screen, terminal = pty.openpty()

    def at_the_terminal() -> None:
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "erase-person", "--why", "x"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        preexec_fn=at_the_terminal,  # noqa: PLW1509 - nothing is locked in this process
    ) as asks:
        os.close(terminal)
        shown = b""
        while b"not shown" not in shown:
            shown += os.read(screen, 1000)
        os.write(screen, b"\x03")
        with contextlib.suppress(OSError):
            while more := os.read(screen, 1000):
                shown += more
    os.close(screen)
    assert asks.returncode == 130
    assert b"Interrupted; run again" in shown
    assert b"Abort" not in shown


def test_ctrl_c_before_anything_is_imported_is_an_interruption_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "safer_streets_assets.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "safer_streets_assets.cli")
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 130
    assert capsys.readouterr().err.startswith("Interrupted; run again")


def test_an_answer_of_no_is_no_interruption(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asks(*_: object, **__: object) -> None:
        typer.confirm("Sure?", abort=True)

    monkeypatch.setattr("safer_streets_assets.console.retention.print_retention_register", asks)
    assert run("retention", typed="n\n").exit_code == 1


@pytest.fixture
def opened(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> list[list[list[str]]]:
    """The commands that would run together, in place of running them."""
    begun: list[list[list[str]]] = []

    def instead(commands: Mapping[str, Callable[[int], Sequence[str]]], _: object) -> None:
        begun.append([list(command(7)) for command in commands.values()])

    monkeypatch.setattr(dagster_ui, "run_together", instead)
    monkeypatch.setattr(dagster_ui, "make_private", lambda: None)
    monkeypatch.chdir(".")
    for name in ("DAGSTER_HOME", "SAFER_STREETS_DAGSTER"):
        monkeypatch.setenv(name, str(folder.dagster))
    monkeypatch.setenv("SAFER_STREETS_DATA", str(folder.root))
    return begun


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("port", [0, -1, 65536, 99999999])
def test_a_port_out_of_range_is_a_sentence(opened: list[list[list[str]]], port: int) -> None:
    refused = run("ui", "--port", port)
    assert str(refused.exception).startswith(f"There is no port {port} to be had: give one from")
    assert not opened


def test_a_port_in_use_is_a_sentence(opened: list[list[list[str]]]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run("ui", "--port", port)
    assert str(refused.exception).startswith(f"The port {port} is being used by another program")
    assert not opened


def test_a_second_ui_on_a_data_folder_is_refused_while_the_first_is_open(
    folder: DataFolder, opened: list[list[list[str]]]
) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.ui_lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert first.stdout is not None
    assert first.stdout.readline() == b"held\n"
    refused = run("ui", "--port", free_port())
    assert str(refused.exception).startswith(f"Dagster is open on the folder {folder.root} already")
    assert not opened
    assert run("drops").exit_code == 0, "the pages keep no command waiting"
    end(first)
    port = free_port()
    assert run("ui", "--port", port).exit_code == 0
    code, pages, daemon = opened[0]
    assert [one[3] for one in (code, pages, daemon)] == ["code", "pages", "daemon"]
    assert pages[-2:] == [str(port), "read"]
    facts = json.loads(folder.ui_lock.read_text())
    assert facts["what"] == f"safer-streets ui on http://localhost:{port}"
    assert stat.S_IMODE(folder.ui_lock.stat().st_mode) == 0o600


def test_pages_are_operated_when_that_is_asked_for_and_what_it_means_is_said(
    opened: list[list[list[str]]],
) -> None:
    done = run("ui", "--operate", "--port", free_port())
    assert "can start, stop and delete everything" in done.output
    assert opened[0][1][-1] == "operate"
