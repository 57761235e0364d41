"""What the demo drops amount to, counted while they are written: what tests compare with."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Final

LOADED: Final = "loaded"
QUARANTINED: Final = "quarantined"
REFUSED: Final = "refused"
DUPLICATE: Final = "duplicate"


class Tally:
    """Counts one source's loaded rows, in the order in which its drops arrive.

    `held` is what the source amounts to in the end: the content of each identity's last row.
    """

    def __init__(self) -> None:
        """Start at nought."""
        self.rows = 0
        self.bad: Counter[str] = Counter()
        self.duplicates = 0
        self.corrections = 0
        self.typos = 0
        self.held: dict[Any, tuple[Any, ...]] = {}

    def take(self, identity: Any, content: tuple[Any, ...]) -> None:
        """Count a good row: new, a repetition of what is held, or a correction of it."""
        self.rows += 1
        if identity in self.held:
            if self.held[identity] == content:
                self.duplicates += 1
                return
            self.corrections += 1
        self.held[identity] = content

    def set_aside(self, rule: str) -> None:
        """Count a row that breaks a rule."""
        self.rows += 1
        self.bad[rule] += 1


@dataclass(frozen=True)
class DemoDrop:
    """One file: where it is (relative to the landing folder), and what should become of it.

    `rows` and `bad_rows` are data rows; both are 0 unless the drop is loaded.
    """

    source: str
    path: str
    arrives: str
    fate: str
    rows: int = 0
    bad_rows: int = 0


@dataclass(frozen=True)
class SourceTruth:
    """One source's loaded drops together.

    `rows` counts every data row, bad ones too. Good rows whose identity was held already count as
    `duplicate_rows` (same agreed content, after normalising) or `corrections` (other content), so
    rows = sum(bad_rows) + identities + duplicate_rows + corrections. In a cumulative source these
    two are the ordinary repeats and updates. `typo_rows` are good rows whose CRN is one character
    off a person's and belongs to nobody.
    """

    files: int
    loaded: int
    quarantined: int
    refused: int
    duplicate: int
    rows: int
    bad_rows: dict[str, int]
    duplicate_rows: int
    corrections: int
    identities: int
    typo_rows: int


@dataclass(frozen=True)
class DemoManifest:
    """The truth about one set of demo drops.

    `drops` are in order of arrival. `funnel` maps stage to people, each stage a subset of the one
    before. `pairs` counts, per primary scale, those who are eligible and on CRC's spreadsheet, with
    a score at start and end; `start_end_pairs` those with both on every primary scale.
    `never_sent` are people in CRC's last state without a valid NPS case; `not_in_latest` are cases
    that CRC's latest workbook lacks. `passwords` maps the path of a protected drop to its password.
    """

    people: int
    months: int
    seed: int
    first_month: str
    faults: bool
    sources: dict[str, SourceTruth]
    drops: tuple[DemoDrop, ...]
    funnel: dict[str, int]
    pairs: dict[str, int]
    start_end_pairs: int
    never_sent: int
    not_in_latest: int
    passwords: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """The manifest as JSON text, with stable order."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def source_truth(drops: list[DemoDrop], tally: Tally) -> SourceTruth:
    """Sum one source up from its drops and its tally."""
    fates = Counter(drop.fate for drop in drops)
    return SourceTruth(
        files=len(drops),
        loaded=fates[LOADED],
        quarantined=fates[QUARANTINED],
        refused=fates[REFUSED],
        duplicate=fates[DUPLICATE],
        rows=tally.rows,
        bad_rows=dict(sorted(tally.bad.items())),
        duplicate_rows=tally.duplicates,
        corrections=tally.corrections,
        identities=len(tally.held),
        typo_rows=tally.typos,
    )
