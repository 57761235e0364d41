"""A release before it has a number: checked, in its final form, with its content hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.printing import PrintedQuote
from safer_streets_assets.release.checksums import content_hash
from safer_streets_assets.release.content import ReleaseContent, ReleaseTable, release_tables
from safer_streets_assets.release.csv_files import csv_bytes
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.final_check import refuse_unsafe
from safer_streets_assets.release.quotes import quotes_csv, refuse_unsafe_quotes


@dataclass(frozen=True)
class Draft:
    """What a release will say: its tables, their CSV bytes by name, structure, drops, and quotes
    with the bytes of their file (None where there are none)."""

    tables: list[ReleaseTable]
    csv_files: Mapping[str, bytes]
    structure: Mapping[str, Any]
    drop_ids: tuple[str, ...]
    policy_hash: str
    invented: bool
    quotes: tuple[PrintedQuote, ...] = ()
    quotes_file: bytes | None = None

    @cached_property
    def content_hash(self) -> str:
        """See `checksums.content_hash`."""
        notes = {table.name: table.notes for table in self.tables}
        return content_hash(
            self.csv_files, notes, self.policy_hash, self.structure, self.quotes_file
        )


def draft_release(policy: Policy, content: ReleaseContent) -> Draft:
    """The draft of a release.

    Raises:
        UnsafeReleaseError: the tables or the quotes may not be printed.
        ReleaseError: the content is not of the form that `ReleaseContent` states.
    """
    tables = release_tables(policy, content)
    refuse_unsafe(policy, tables)
    refuse_unsafe_quotes(policy, content.quotes)
    return Draft(
        tables=tables,
        csv_files={table.name: csv_bytes(table) for table in tables},
        structure=_as_json(content.structure),
        drop_ids=tuple(sorted(set(content.drop_ids))),
        policy_hash=policy.digest,
        invented=content.invented,
        quotes=tuple(content.quotes),
        quotes_file=quotes_csv(content.quotes, invented=content.invented),
    )


def _as_json(structure: Mapping[str, Any]) -> dict[str, Any]:
    """The structure as it reads back from JSON: tuples are lists, keys are text."""
    try:
        return dict(json.loads(json.dumps(structure, allow_nan=False)))
    except (TypeError, ValueError):
        raise ReleaseError(
            "The structure of the release cannot be written as JSON; give it plain mappings, "
            "lists, texts and finite numbers."
        ) from None
