"""Asks an operator to say again what they said, before something that cannot be taken back."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import typer

from safer_streets_assets.errors import SaferStreetsError

YES = "--yes"
CONFIRM = "--confirm"
NOT_ANSWERED = (
    "Nothing was done: the input ended before the question was answered. Without a terminal answer "
    "with the option that --help names (--yes, or --confirm with the word), and give a CRN as the "
    "first line of the input."
)
SAID_NO = "Nothing was done: the question was answered with no."


class NotConfirmedError(SaferStreetsError):
    """Nobody confirmed it: nothing was changed."""


@dataclass(frozen=True)
class Question:
    """What is typed again, and what stands for typing it where there is no terminal.

    `word` is what has to be typed, and `prompt` asks for it. `given` is the value of an option that
    repeats it (None when it was not used), `yes` that of one that stands for it. Unless it is asked
    `always`, it is only where something would be erased sooner than before.
    """

    word: str
    prompt: str
    given: str | None = None
    yes: bool = False
    option: str = YES
    always: bool = True

    def ask(self) -> None:
        """Asks on a terminal, unless the option answers.

        Raises:
            NotConfirmedError: something else was typed or given, or there is no terminal to ask on.
        """
        if self.yes:
            return
        answer = self.given
        if answer is None:
            if not sys.stdin.isatty():
                value = "" if self.option == YES else f" {self.word}"
                raise NotConfirmedError(
                    "Nothing was changed: there is no terminal to ask on; look at what it would "
                    f"do with --dry-run, then add {self.option}{value} to confirm it."
                )
            answer = str(typer.prompt(self.prompt, default="", show_default=False))
        if answer.strip() != self.word:
            raise NotConfirmedError(
                f"Nothing was changed: {self.word} was to be given again, and was not."
            )
