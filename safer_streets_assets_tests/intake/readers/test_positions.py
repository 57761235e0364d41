"""The date that a file states in its titles, in any form people write, and what is none."""

from __future__ import annotations

from datetime import date

import pytest

from safer_streets_assets.intake.readers.position import position_date


@pytest.mark.parametrize(
    "title",
    [
        "Position at 31 January 2020",
        "31st of January, 2020",
        "as at 31.01.2020",
        "2020-01-31",
        "31-Jan-2020",
        "31/01/20",
        "January 31, 2020",
        "Eligibility January 2020",
        "31JAN2020",
        "20200131",
        "Data to Friday 31 Jan '20",
        "2020/01/31 00:00",
        "31012020",
        "Jan-20",
        "Position: Jan '20",
        "01/31/2020",
        "1/31/20",
        "31_01_2020",
        "CRC_20200131",
        "Position at 43861",
        "Printed 02/02/2020. Position at 31/01/2020",
        "v2.1.20, data as at 31/01/2020",
        "Position at 31/01/2020 (supersedes 31 December 2019)",
        "Version 1.2.20 of 31/01/2020: w/e 31/01/2020",
        "Supersedes position at 31/12/2019; now position at 31/01/2020",
        "from 01/01/2020 to 31/01/2020",
        "Period: 01/11/2019-31/01/2020",
        "1 November 2019 to 31 January 2020",
        "Cumulative 1 Nov 2019 - 31 Jan 2020",
        "Nov-19 to Jan-20",
        "Nov 19 - Jan 20",
        "November 19 to January 20",
        "Nov '19\u2013Jan '20",
        "Q3: Nov/19 - Jan/20",
        "Nov 2019 - Jan 2020",
        "Nov 19 - Jan 2020",
        "Nov - Jan 2020",
        "1 Nov 19 - 31 Jan 20",
        "1 Nov - 31 Jan 20",
        "1st Nov-31st Jan 2020",
        "Nov 1 - Jan 31, 2020",
        "01.11.19-31.01.20",
        "31 - Jan - 2020",
        "Sentences between 01/11/2019 and 31/01/2020",
        "Previous version: 31 December 2019. This version: 31 January 2020",
        "Version 3, 31 January 2020",
        "V1.2 31/01/2020",
        "Not for issue. 31 January 2020",
        "This replaces what was sent. Position at 31/01/2020",
        "Report of 02/02/2020, position 31/01/2020",
    ],
)
def test_a_position_date_is_read_in_any_form_people_write(title: str) -> None:
    assert position_date([[title]]) == date(2020, 1, 31)


@pytest.mark.parametrize(
    "title",
    [
        "31 June 2020",
        "Report 12 of 2020",
        "Mayor 2020",
        "Page 1/2",
        "v2.1.20",
        "Version 2.1.20",
        "CRC return v.2.1.20",
        "Printed 05/12/2019",
        "Supersedes 31/10/2019",
        "Supersedes 31/10/2019 and 30/09/2019",
        "replaces the position at 31 October 2019",
        "Rows: 43861",
        "43861",
        "Nov 19",
        "Nov - Jan 20",
        "Nov 12 - Dec 18",
        "Nov 18 - Nov 19",
        "2019 Nov - 2020 Jan",
        "11/19 - 01/20",
        "11/19 - 01/2020",
        "11/19-01/20",
        "13/13/2019",
        "99992019",
    ],
)
def test_what_is_no_date_is_no_position(title: str) -> None:
    assert position_date([[title]]) is None
