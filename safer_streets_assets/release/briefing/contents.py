"""What the briefing says: the headline, three pictures, and what to bear in mind.

Its sentences, its pictures and their words are those of the report. It has to fit two pages, or
five slides: sentences that find no room are left to the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.charts.png import png_bytes, size_of
from safer_streets_assets.release.columns import MARKERS
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.licence import LICENCE
from safer_streets_assets.release.records import about_tables
from safer_streets_assets.release.report.about import (
    BY_CHANCE,
    TRUE_ON_THE_DAY,
    how_counts_are_hidden,
    what_markers_mean,
)
from safer_streets_assets.release.report.blocks import DataTable, Graphic
from safer_streets_assets.release.report.changes import primary_change
from safer_streets_assets.release.report.findings import (
    CHANGE,
    FUNNEL,
    NOT_AN_IMPACT,
    READ_STAGES,
    foremost,
)
from safer_streets_assets.release.report.grids import whole_grid
from safer_streets_assets.release.report.page import REPORT
from safer_streets_assets.release.report.picture_files import (
    bare_svg,
    in_words,
    marked,
    size_of_svg,
)
from safer_streets_assets.release.report.printed import NO_BREAK, PrintedTables, day
from safer_streets_assets.release.report.terms import WORDS, terms_in
from safer_streets_assets.release.workbook.parts import LANGUAGE

PICTURES = 3
TALLEST = 0.6
"""The greatest height of a picture to its width: the words of a higher one would be too small."""
LINE, LINES = 84, 15
"""Characters of a line of a page, and lines that sentences may fill."""
FOUND, CAVEATS = "What was found", "How to read these figures"
FIGURES = "Figures of each stage, with shares of the stage before"
NOTHING = "This release prints no figure of which a sentence could be made."


@dataclass(frozen=True)
class BriefingPicture:
    """A picture under its title, with whom it counts and with what it shows in words."""

    name: str
    title: str
    caption: str
    alt: str
    png: bytes

    @property
    def shape(self) -> float:
        """Its height, to its width."""
        width, height = size_of(self.png)
        return height / width


@dataclass(frozen=True)
class BriefingContent:
    """A briefing: what its properties say of it (`made_at` is in UTC), and its parts in order.

    `missing` says of what there is no picture, and why; `words` what words in it mean. The rows of
    `figures` begin with so many names as it says.
    """

    title: str
    creator: str
    keywords: str
    subject: str
    made_at: datetime
    release: str
    invented: str
    found: tuple[str, ...]
    figures: DataTable | None
    pictures: tuple[BriefingPicture, ...]
    missing: tuple[str, ...]
    words: str
    caveats: tuple[str, ...]
    more: str


def release_briefing(
    policy: Policy,
    identity: Identity,
    tables: Sequence[ReleaseTable],
    pictures: Sequence[Graphic],
) -> BriefingContent:
    """The briefing of a release; `pictures` are those of the report of its printed tables."""
    printed, evaluation = PrintedTables(policy, tables), policy.dpia.evaluation
    funnel = printed.shaped(FUNNEL, "stage", "n")
    shown = list(_chosen(printed, pictures))[:PICTURES]
    found = tuple(foremost(printed))
    drawn = {picture.name for picture in shown}
    missing = [printed.why_empty(name) for name in (FUNNEL, CHANGE) if name not in drawn]
    figures = whole_grid(printed, funnel, caption=FIGURES) if funnel is not None else None
    grids = [*([figures] if figures else []), *(picture.grid for picture in shown)]
    marks = [marker for marker in MARKERS if any(marker in grid.markers for grid in grids)]
    caveats = (
        NOT_AN_IMPACT,
        *READ_STAGES,
        how_counts_are_hidden(policy),
        *([what_markers_mean(marks)] if marks else []),
        TRUE_ON_THE_DAY,
        BY_CHANCE,
    )
    words = terms_in(policy, repr((found, grids, [picture.subtitle for picture in shown])))
    more = (
        f"The report of this release ({REPORT}) has all figures, methods and limits; the folder of "
        f"the release has the tables. {LICENCE['title']}."
    )
    return BriefingContent(
        title=f"{evaluation.name}: what the evaluation shows",
        creator=f"{evaluation.data_controller}, {evaluation.unit}",
        keywords=", ".join(["evaluation", *evaluation.keywords, "briefing"]),
        subject=about_tables(policy),
        made_at=identity.made_at,
        release=f"Release {identity.release_id}, {day(identity.made_at.date())}",
        invented=INVENTED if identity.invented else "",
        found=tuple(map(_unbroken, _that_fit(found, missing))) or (NOTHING,),
        figures=figures,
        pictures=tuple(_picture(picture, identity) for picture in shown),
        missing=tuple(missing),
        words=" ".join([f"{WORDS}.", *words]) if words else "",
        caveats=tuple(map(_unbroken, caveats)),
        more=more,
    )


def _chosen(printed: PrintedTables, pictures: Sequence[Graphic]) -> Iterator[Graphic]:
    named = {picture.name: picture for picture in pictures}
    if FUNNEL in named:
        yield named[FUNNEL]
    if (change := primary_change(printed)) is not None:
        yield change
    beside = printed.policy.tables.report.briefing
    yield from (named[name] for name in beside if name in named and _is_low(named[name]))


def _is_low(picture: Graphic) -> bool:
    width, height = size_of_svg(bare_svg(picture, invented=False))
    return height / width <= TALLEST


def _picture(picture: Graphic, identity: Identity) -> BriefingPicture:
    alt = in_words(picture, identity.invented)
    svg = bare_svg(picture, invented=identity.invented)
    return BriefingPicture(
        name=picture.name,
        title=picture.title,
        caption=" ".join(filter(None, [picture.subtitle, marked(picture)])),
        alt=alt,
        png=png_bytes(svg, picture.title, alt),
    )


def _that_fit(sentences: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """The first sentences that fill, with the others, no more than the lines there are."""
    left = LINES - sum(map(_lines, others))
    for sentence in sentences:
        left -= _lines(sentence)
        if left < 0:
            return
        yield sentence


def _lines(sentence: str) -> int:
    return 1 + len(sentence) // LINE


def _unbroken(sentence: str) -> str:
    """A sentence in which no line breaks before a percent sign."""
    return sentence.replace(" %", f"{NO_BREAK}%")


def describe(said: Any, content: BriefingContent) -> None:
    """Fills the core properties of an Office file, as python-docx and python-pptx have them."""
    said.title, said.author, said.subject = content.title, content.creator, content.subject
    said.last_modified_by, said.keywords, said.comments = content.creator, content.keywords, ""
    said.language, said.revision = LANGUAGE, 1
    said.created = said.modified = content.made_at
