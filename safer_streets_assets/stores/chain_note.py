"""A chain of lines of the registers: the hash of a line, and where the chain ends, noted in a file
beside the registers as well.

Whoever takes the last lines of a chain out of the registers, or all of them with the line that
counts them, leaves nothing in the registers that tells: this file does. It says how many lines
there were, and the hash of the last. It lies in the folder of the registers. There is one for the
chain of deletion certificates, and one for what became of releases.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from safer_streets_assets.stores.files import write_whole

Chained = Literal["certificates", "releases"]
_FILES: dict[Chained, str] = {"certificates": "chain.json", "releases": "releases.json"}
FIRST = "0" * 64
"""What the first line of a chain holds as the hash of the line before."""
UNREADABLE = (0, "")
"""What is read of a note that is none any more: no chain ends so."""


def line_hash(number: int, before: str, facts: Iterable[Any]) -> str:
    """SHA-256 over the number of a line, the hash of the line before and each of its facts; the
    same whether dates are dates or ISO text with a blank, as JSON has them."""
    text = json.dumps([number, before, *facts], default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def read_chain_note(registers: Path, chained: Chained = "certificates") -> tuple[int, str] | None:
    """How many lines were noted, and the hash of the last; None where nothing ever was."""
    try:
        facts = json.loads(_place(registers, chained).read_bytes())
        return int(facts[chained]), str(facts["hash"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return UNREADABLE


def write_chain_note(
    registers: Path, lines: int, last_hash: str, chained: Chained = "certificates"
) -> None:
    """Notes where a chain ends, in one step; a place that cannot be written keeps nothing from
    going on: the note is then behind, and the next command writes it."""
    facts = {chained: lines, "hash": last_hash}
    with contextlib.suppress(OSError):
        write_whole(_place(registers, chained), json.dumps(facts).encode())


def forget_chain_notes(registers: Path) -> None:
    """Takes the notes away, before registers of an earlier time take the place of damaged ones."""
    for name in _FILES.values():
        (registers / name).unlink(missing_ok=True)


def _place(registers: Path, chained: Chained) -> Path:
    return registers / _FILES[chained]
