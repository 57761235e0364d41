"""What every command of the command line shares: its data folder, and its turn in it.

A command that takes `--data` gets the folder named before it, after it, or by the environment. A
folder that is none is refused with the remedy, and nothing is made. Then the command waits for its
turn: no other command or run works in the folder until it has ended.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import typer
from rich.console import Console
from typer.core import TyperCommand

from safer_streets_assets import __version__
from safer_streets_assets.console.confirming import NOT_ANSWERED, SAID_NO, NotConfirmedError
from safer_streets_assets.console.failed_commands import input_ended, was_interrupted
from safer_streets_assets.console.screen import Data
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.evaluation import claim, refuse_other_evaluation
from safer_streets_assets.stores.files import OTHERS
from safer_streets_assets.stores.using import using

PROGRAM = "safer-streets"


class CommandLineError(SaferStreetsError):
    """The words of a command contradict each other."""


class OnDataFolder(TyperCommand):
    """A command on a data folder that is there; it holds the folder's lock from begin to end."""

    takes_turn: ClassVar[bool] = True

    def find(self, folder: DataFolder, options: dict[str, Any]) -> None:
        """Raises `FolderError` when the command cannot work in a folder."""
        folder.required()

    def claim(self, folder: DataFolder) -> None:
        """Raises `FolderError` when the folder is of another evaluation than the policy."""
        claim(folder)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command in its data folder."""
        try:
            return self._run(ctx)
        except typer.Abort as error:
            # Typer calls Ctrl-C at a question, and the end of input, the same as the answer no.
            if was_interrupted(error):
                raise KeyboardInterrupt from None
            raise NotConfirmedError(NOT_ANSWERED if input_ended(error) else SAID_NO) from None

    def _run(self, ctx: Any) -> Any:
        given = given_folder(ctx)
        if "data" not in ctx.params:
            if given is not None:
                raise CommandLineError(f"{_typed(ctx)} works in no data folder: leave --data out.")
            return super().invoke(ctx)
        folder = DataFolder.locate(given)
        self.find(folder, ctx.params)
        ctx.params["data"] = folder.root
        if ctx.params.get("dry_run"):
            refuse_other_evaluation(folder)
        else:
            self.claim(folder)
        if not self.takes_turn:
            return super().invoke(ctx)
        with in_turn(folder, _typed(ctx)):
            return super().invoke(ctx)


class MakesDataFolder(OnDataFolder):
    """A command that may make a data folder: run where it was asked for invented drops, and init"""

    def find(self, folder: DataFolder, options: dict[str, Any]) -> None:
        """Makes the folder when it may."""
        if options.get("demo", True):
            folder.make()
        else:
            folder.required()


class AfterAsking(OnDataFolder):
    """A command that asks an operator first and takes its turn by itself: a screen that was
    left with a question on it keeps no run waiting."""

    takes_turn = False


class BesideRuns(OnDataFolder):
    """A command that opens no store: it need not wait."""

    takes_turn = False


class Watches(BesideRuns):
    """The command that a monitoring agent calls: what is wrong with the folder is its answer."""

    def find(self, folder: DataFolder, options: dict[str, Any]) -> None:
        """Leaves it to the command."""

    def claim(self, folder: DataFolder) -> None:
        """Leaves it to the command, which changes nothing."""


class ReadsPublished(BesideRuns):
    """A command that reads the published folder alone, which may have been copied elsewhere."""

    def find(self, folder: DataFolder, options: dict[str, Any]) -> None:
        """Looks for that folder first."""
        if not folder.published.is_dir():
            folder.required()

    def claim(self, folder: DataFolder) -> None:
        """What is published says itself what it is of."""


class RestoresDataFolder(OnDataFolder):
    """The command that puts a data folder where there is none; it looks after its own lock."""

    takes_turn = False

    def find(self, folder: DataFolder, options: dict[str, Any]) -> None:
        """Leaves it to the restore."""

    def claim(self, folder: DataFolder) -> None:
        """There is no folder yet that could be of anybody."""


def share(app: typer.Typer) -> None:
    """Makes every command of a program and of its groups an `OnDataFolder` if it is nothing else,
    and lets every group take the data folder, too."""
    for command in app.registered_commands:
        if command.cls is TyperCommand:
            command.cls = OnDataFolder
    for group in app.registered_groups:
        if group.typer_instance is not None:
            if group.typer_instance.registered_callback is None:
                group.typer_instance.callback()(take_data)
            share(group.typer_instance)


def take_data(data: Data = None) -> None:  # the option alone: a command looks for it above itself
    """Takes the data folder between a group and its command."""


def given_folder(context: Any) -> Path | None:
    """The data folder that was given with `--data`, before a command or after it.

    Raises:
        CommandLineError: two were given and are not the same.
    """
    found: Path | None = None
    while context is not None:
        given = context.params.get("data")
        if given is not None and found is not None and _whole(given) != _whole(found):
            raise CommandLineError(
                "Two data folders were given with --data: leave the wrong one out."
            )
        found = found or given
        context = context.parent
    return found


@contextmanager
def in_turn(folder: DataFolder, what: str = PROGRAM) -> Iterator[None]:
    """Waits until nobody else works in a data folder, and keeps everybody else out.

    Raises:
        AnotherRunError: another one went on for longer than the policy's `wait_seconds`.
        LockError: the folder cannot be written.
    """
    from safer_streets_assets.policy import load_policy

    wait_seconds = load_policy().dpia.intake.wait_seconds
    with using(folder, what, wait_seconds, say_beside, whole_process=True):
        yield


def say_beside(sentence: str) -> None:
    """Says a sentence beside what the command prints, so that it gets into no file."""
    screen = Console(stderr=True, highlight=False)
    screen.print(sentence, style="yellow", soft_wrap=True, markup=False)


def make_private() -> None:
    """From now on every file this process makes, and those it starts, is its owner's alone."""
    os.umask(OTHERS)


def print_version(show: bool) -> None:
    """Prints the version and ends the program, when it was asked for."""
    if show:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


def _typed(context: Any) -> str:
    """A command as it is typed, without its arguments: these may name somebody."""
    return " ".join([PROGRAM, *context.command_path.split()[1:]])


def _whole(path: Path) -> str:
    return os.path.realpath(path)
