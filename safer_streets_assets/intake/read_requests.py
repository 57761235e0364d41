"""What to read of a drop: the agreed columns of its source, within the limits of the policy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from safer_streets_assets.intake.ledger import Arrival
from safer_streets_assets.intake.passwords import drop_passwords
from safer_streets_assets.intake.readers import BulkStore, ReadLimits, ReadRequest, WantedColumn
from safer_streets_assets.policy import Policy, Source


def request_of(
    arrival: Arrival, source: Source, policy: Policy, new_store: Callable[[], BulkStore]
) -> ReadRequest:
    """What to read of a drop; a large file of text may be read in bulk."""
    limits = policy.dpia.intake.limits
    # Anonymous material is searched cell by cell.
    in_bulk = "csv" in source.formats and not source.anonymous
    large = _size_of(arrival.paths[0]) >= policy.dpia.intake.bulk_bytes
    return ReadRequest(
        path=arrival.paths[0],
        columns=tuple(
            WantedColumn(name=f.name, headers=tuple(f.headers), required=f.required)
            for f in source.fields
        ),
        sheet=source.sheet,
        formats=tuple(source.formats),
        limits=ReadLimits(**limits.model_dump()),
        passwords=drop_passwords(),
        heading_words=policy.heading_words,
        guidance_sheets=tuple(policy.dpia.intake.guidance_sheets.names),
        most_examples=policy.dpia.intake.guidance_sheets.most_rows,
        bulk=new_store() if in_bulk and large else None,
    )


def _size_of(path: Path) -> int:
    """The bytes of a file; 0 when it cannot be looked at, which reading it will tell."""
    try:
        return path.lstat().st_size
    except OSError:
        return 0
