"""The year of sample drops, where it is at hand: every file is read with its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from safer_streets_assets.intake.readers import DropReader, WantedColumn
from safer_streets_assets_tests.intake.readers.builders import request_for

LANDING = Path(__file__).parents[4] / "shared" / "sample_drops" / "landing"
REQUIRED = {
    "nps_court_outcomes": ("CRN", "Gender", "Date of Birth", "Disposal Date", "Court"),
    "crc_eligibility": ("CRN", "Sentence date", "Assigned to Safer Streets?"),
    "ors_attendee_survey": ("respid", "status", "wave", "CRN", "InterviewStart"),
    "ors_facilitator_checkin": ("ResponseID", "SessionDate", "CRN", "Session", "Attended"),
    "training_feedback": ("Form", "Overall"),
    "mtc_novo": ("Reference",),
}


@pytest.mark.parametrize("source", sorted(p.name for p in LANDING.glob("*") if p.name in REQUIRED))
def test_every_sample_is_read_whole(reader: DropReader, source: str) -> None:
    columns = tuple(WantedColumn(h.lower(), (h,), True) for h in REQUIRED[source])
    for path in (LANDING / source).iterdir():
        drop = reader.read(request_for(path, columns=columns))
        first = next(iter(drop.columns.values()))
        assert len(drop.row_numbers) == len(first) > 0
        assert drop.ragged_rows == []
        assert (drop.position_date is not None) == (source == "crc_eligibility")
