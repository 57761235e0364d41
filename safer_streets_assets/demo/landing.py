"""Putting demo drops into the landing folder: one by one, complete from their first moment."""

from __future__ import annotations

import calendar
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from safer_streets_assets.demo.truth import DUPLICATE, LOADED, DemoDrop, Tally

Writer = Callable[[Path], object]


class Landing:
    """The folder that drops are written to, and the list of them so far."""

    def __init__(self, out: Path) -> None:
        """Start with no drops; `out` is made when the first is put."""
        self.out = out
        self._drops: list[DemoDrop] = []

    def put(
        self,
        source: str,
        name: str,
        arrives: datetime,
        write: Writer,
        *,
        fate: str = LOADED,
        tally: Tally | None = None,
    ) -> Path:
        """Write `<out>/<source>/<name>` with `write`, dated `arrives` (UTC), and list it.

        The rows that `write` adds to `tally` are listed as the drop's.
        """
        folder = self.out / source
        folder.mkdir(parents=True, exist_ok=True)
        target, part = folder / name, folder / ".demo-drop.part"
        rows, bad = (tally.rows, tally.bad.total()) if tally else (0, 0)
        write(part)
        # The modification time says in which order files arrived; a sensor never sees half a file.
        stamp = calendar.timegm(arrives.timetuple())
        os.utime(part, (stamp, stamp))
        os.replace(part, target)
        self._drops.append(
            DemoDrop(
                source=source,
                path=f"{source}/{name}",
                arrives=arrives.isoformat(),
                fate=fate,
                rows=tally.rows - rows if tally else 0,
                bad_rows=tally.bad.total() - bad if tally else 0,
            )
        )
        return target

    def put_again(self, original: Path, name: str, arrives: datetime) -> None:
        """The same bytes once more, under another name."""
        self.put(
            original.parent.name,
            name,
            arrives,
            lambda path: shutil.copyfile(original, path),
            fate=DUPLICATE,
        )

    def drops(self) -> tuple[DemoDrop, ...]:
        """Every drop, in order of arrival."""
        return tuple(sorted(self._drops, key=lambda drop: (drop.arrives, drop.path)))
