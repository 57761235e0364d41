"""What a section of the report is made of; the template writes each kind in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from safer_streets_assets.release.report.pen import LabelledBar

UPRIGHT = 11
"""The columns of a data table that an upright page has room for."""


@dataclass(frozen=True)
class Text:
    """A paragraph; a `caution` stands out from the rest."""

    words: str
    caution: bool = False
    kind: str = "text"


@dataclass(frozen=True)
class Points:
    """Sentences in a list."""

    sentences: tuple[str, ...]
    kind: str = "points"


@dataclass(frozen=True)
class HeadlineFigures:
    """Headline figures, each with what it is and what must be known of it."""

    figures: tuple[tuple[str, str, str], ...]
    kind: str = "figures"


@dataclass(frozen=True)
class DataRow:
    """A row of a data table; `marks` are kept as data- attributes, for picking rows."""

    cells: tuple[str, ...]
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DataTable:
    """A data table: the first `names` of its columns name the row, the others hold figures.

    `table` is the published table it shows, `population` whom it counts, where nothing beside it
    says that. With `folded` it is shown when the reader opens it.
    """

    caption: str
    header: tuple[str, ...]
    names: int
    lines: tuple[DataRow, ...]
    table: str
    markers: str = ""
    population: str = ""
    notes: tuple[str, ...] = ()
    folded: bool = True
    kind: str = "grid"

    @property
    def wide(self) -> bool:
        """Whether it has more columns than an upright page holds."""
        return len(self.header) > UPRIGHT


@dataclass(frozen=True)
class Graphic:
    """A picture with its title, whom it counts, its key, and the figures it is drawn from.

    `name` is what a file of it is called, `words` say what it shows. `svg` is markup of ours. It
    `scrolls` where there is less room than it needs at least. `bars` are those of a picture of bars
    alone.
    """

    name: str
    title: str
    subtitle: str
    words: str
    svg: str
    grid: DataTable
    key: tuple[str, ...] = ()
    scrolls: bool = False
    bars: tuple[LabelledBar, ...] = ()
    kind: str = "graphic"


@dataclass(frozen=True)
class Picker:
    """A choice that a script offers; without the script it is not shown."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    says: str
    kind: str = "picker"


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    words: str
    kind: str = "heading"


@dataclass(frozen=True)
class Passages:
    """Passages in people's own words, to the letter, and what they rest on."""

    passages: tuple[str, ...]
    consent: str
    kind: str = "passages"


Block = Text | Points | HeadlineFigures | DataTable | Graphic | Picker | Heading | Passages


@dataclass(frozen=True)
class ReportSection:
    """A section of the report under a heading; `name` is its address in the page."""

    name: str
    title: str
    blocks: tuple[Block, ...]
