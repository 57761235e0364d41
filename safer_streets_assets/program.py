"""Where `safer-streets` begins: it may be interrupted before anything else is imported, too."""

from __future__ import annotations

import safer_streets_assets.seldom_collected  # noqa: F401

# isort: split
import sys

from safer_streets_assets.console.failed_commands import INTERRUPTED, SAID_INTERRUPTED


def main() -> None:
    """Runs a command (`cli.main`)."""
    try:
        from safer_streets_assets.cli import main as run
    except KeyboardInterrupt:
        sys.stderr.write(f"{SAID_INTERRUPTED}\n")
        raise SystemExit(INTERRUPTED) from None
    run()
