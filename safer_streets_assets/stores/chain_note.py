"""Where the chain of deletion certificates ends, noted in a file beside the registers as well.

Whoever takes every certificate out of the registers, with the line that counts them, leaves nothing
in the registers that tells: this file does. It says how many there were, and the hash of the last.
It lies in the folder of the registers.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from safer_streets_assets.stores.files import write_whole

UNREADABLE = (0, "")
"""What is read of a note that is none any more: no chain ends so."""


def read_chain_note(registers: Path) -> tuple[int, str] | None:
    """How many certificates were noted, and the hash of the last; None where nothing ever was."""
    try:
        facts = json.loads(_place(registers).read_bytes())
        return int(facts["certificates"]), str(facts["hash"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return UNREADABLE


def write_chain_note(registers: Path, certificates: int, last_hash: str) -> None:
    """Notes where the chain ends, in one step; a place that cannot be written keeps nothing from
    going on: the note is then behind, and the next command writes it."""
    facts = {"certificates": certificates, "hash": last_hash}
    with contextlib.suppress(OSError):
        write_whole(_place(registers), json.dumps(facts).encode())


def forget_chain_note(registers: Path) -> None:
    """Takes the note away, before registers of an earlier time take the place of damaged ones."""
    _place(registers).unlink(missing_ok=True)


def _place(registers: Path) -> Path:
    return registers / "chain.json"
