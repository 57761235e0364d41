"""What is said of a table of a store: where it is, what its columns mean, whose rows it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from safer_streets_assets.stores.database import StoreName


@dataclass(frozen=True)
class ColumnDoc:
    """A column of a table: its DuckDB type and what it means."""

    type: str
    description: str


@dataclass(frozen=True)
class StoredTable:
    """A table of a store; one whose name ends in `.*` stands for all tables of a schema.

    How a row belongs to a person: by a CRN in one of `crn_columns`, by the pseudonym in the column
    `pseudonym`, or by what was sent, as JSON, in `values_column`. To a drop: by `drop_column`. To a
    source: all of them to `sources`, or each to the one in `source_column`; a table with neither is
    made from the tables in `made_from`, or from every source with people in it. With `field_column`
    a row is made of one field of its source, and goes when that is no longer agreed.

    With `as_sent` the rows are as a source sent them. With `of_people_alone` they go with the
    person and not with the drops that name them. With `names_files` they name files that wait or
    are sealed, and go with those. `line` is the line of the retention register that they stand
    under, if not one of their own (`{source}` stands for the source of the row), and `goes_with` a
    table with which they are erased. `rule` is the retention rule that governs them, if not that of
    their store.

    What its columns come from: `query` makes it, or `origins` says of each column which columns
    (`table.column` of the same store) are behind it; none where it holds what the policy says.
    """

    store: StoreName
    name: str
    title: str
    columns: Mapping[str, ColumnDoc] = field(default_factory=dict)
    crn_columns: tuple[str, ...] = ()
    pseudonym: str | None = None
    values_column: str | None = None
    drop_column: str | None = None
    source_column: str | None = None
    field_column: str | None = None
    sources: tuple[str, ...] = ()
    made_from: tuple[str, ...] = ()
    as_sent: bool = False
    of_people_alone: bool = False
    names_files: bool = False
    line: str | None = None
    goes_with: str | None = None
    rule: str | None = None
    query: str | None = None
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuses a table of people in the registers, which nobody is looked for in."""
        if self.store == "registers" and (
            self.crn_columns or self.pseudonym is not None or self.values_column is not None
        ):
            raise ValueError(f"registers.{self.name} is declared to hold people; no register does")

    @property
    def is_of_two_people(self) -> bool:
        """Whether a row may be about two people, or about one whom no column of it names."""
        return len(self.crn_columns) > 1 or self.values_column is not None
