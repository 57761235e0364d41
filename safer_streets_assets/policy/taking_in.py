"""Typed models of how `dpia.yaml` says that drops are taken in: limits, drift, expected sizes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName


class ReadingLimits(PolicyModel):
    """What one file may cost to read: bytes, members, rows, seconds and memory in bytes."""

    max_bytes: int = Field(gt=0)
    max_unpacked_bytes: int = Field(gt=0)
    max_members: int = Field(gt=0)
    max_rows: int = Field(gt=0)
    max_columns: int = Field(gt=0)
    max_cell_chars: int = Field(gt=0)
    seconds: float = Field(gt=0)
    memory_bytes: int = Field(gt=0)


class GuidanceSheets(PolicyModel):
    """Names of sheets that explain the one of the data, in any spelling, and how many rows of
    examples one may have; with more it is one of the table, and nobody here knows which counts."""

    names: list[str]
    most_rows: int = Field(ge=0, le=20)


class TwoFigureYears(PolicyModel):
    """The first and last year that two figures may stand for in a date of birth, and in others.

    Each span is of at most a hundred years, so that two figures stand for one year or for none.
    """

    born: tuple[int, int]
    other: tuple[int, int]

    @model_validator(mode="after")
    def _one_year_each(self) -> Self:
        for first, last in (self.born, self.other):
            if not 1900 <= first <= last < first + 100:
                raise ValueError("two_figure_years needs spans of at most a hundred years")
        return self


class Intake(PolicyModel):
    """When a file is settled, how bad it may be, how often a run is tried and after what waits.

    A run or a command waits `wait_seconds` for another one in the same data folder. `bulk_bytes` is
    the size from which a plain CSV file is read in bulk. Of rows of one file with the same identity
    and other values the one that is `stands_of_one_file` is loaded, and the others are set aside.
    Files saved within `copied_together_seconds` of one another were copied together, so that these
    times say nothing of their order.
    """

    section: str
    settle_seconds: float = Field(ge=0)
    open_end_settles: int = Field(ge=1, le=1000)
    copied_together_seconds: float = Field(ge=0, le=60)
    maximum_bad_row_share: float = Field(ge=0, le=1)
    stands_of_one_file: Literal["first", "last"]
    attempts: int = Field(ge=1, le=20)
    wait_seconds: float = Field(ge=0, le=86400)
    backoff_minutes: float = Field(gt=0, le=1440)
    bulk_bytes: int = Field(gt=0)
    two_figure_years: TwoFigureYears
    guidance_sheets: GuidanceSheets
    limits: ReadingLimits

    @property
    def settling(self) -> tuple[float, int]:
        """Seconds until a file is settled, and how many times as long without a last line end."""
        return self.settle_seconds, self.open_end_settles


class Drift(PolicyModel):
    """How far a drop may differ from the drops before it until an operator has to look at it.

    Shares are of rows; `share_jump_points` are percentage points; neither a drop nor what it is
    compared with is judged below `minimum_rows`. The shares of `changing_columns` (by source) move
    by themselves as cases go on and are not judged. A column whose dates look as if days and months
    were swapped is one when chance gives that to less than `swapped_dates_by_chance` of columns.
    """

    section: str
    minimum_rows: int = Field(ge=1)
    earlier_increments: int = Field(ge=1)
    maximum_vanished_share: float = Field(ge=0, le=1)
    emptied_column_share: float = Field(gt=0, le=1)
    share_jump_points: int = Field(ge=1, le=100)
    swapped_dates_by_chance: float = Field(gt=0, lt=1)
    changing_columns: dict[SnakeName, list[str]] = {}


class Volume(PolicyModel):
    """The rows of a drop in percent of what is usual: the least and the most."""

    least_percent: int = Field(ge=0)
    most_percent: int = Field(ge=0)

    @model_validator(mode="after")
    def _least_is_less(self) -> Self:
        if self.least_percent > self.most_percent:
            raise ValueError("least_percent is above most_percent; correct one")
        return self


class Agreement(PolicyModel):
    """Sources that count the same of people, and may differ for a share of them; else the check of
    this name warns.

    `query` is the file under `sql/` with a row a person, and in `agrees` whether they do. `says` is
    what is expected, with {most} for the share, and `remedy` what to do where it is otherwise.
    """

    check: SnakeName
    query: SnakeName
    sources: list[SnakeName] = Field(min_length=2)
    maximum_differing_share: float = Field(ge=0, le=1)
    says: str
    remedy: str


class Expected(PolicyModel):
    """What is expected of drops and conformed tables beyond their fields; else a check warns.

    `arrivals` are the most days between two drops of a source. `agreement` is of two sources that
    count the same.
    """

    section: str
    earlier_drops: int = Field(ge=1)
    volume: dict[Literal["increment", "cumulative"], Volume]
    maximum_unknown_share: float = Field(ge=0, le=1)
    maximum_missing_answer_share: float = Field(ge=0, le=1)
    arrivals: dict[SnakeName, Annotated[int, Field(ge=1)]] = {}
    agreement: Agreement | None = None

    @model_validator(mode="after")
    def _of_each_shape(self) -> Self:
        if len(self.volume) < 2:
            raise ValueError("volume is of increment and of cumulative drops; give both")
        return self
