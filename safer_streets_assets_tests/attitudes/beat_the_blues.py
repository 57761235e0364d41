"""The Beat the Blues trial: Beck Depression Inventory of 100 people before and at four visits.

Source: Proudfoot, Goldberg, Mann, Everitt, Marks and Gray (2003), Computerized, interactive,
multimedia cognitive-behavioural program for anxiety and depression in general practice,
Psychological Medicine 33, 217-227; the published subset is `BtheB` of the R package HSAUR (Everitt
and Hothorn 2006). A row is drug (1 taken), length (1 more than six months), treatment (1 Beat the
Blues), the score before, and the four scores after, a point where one is missing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROWS = """
0 1 0 29 2 2 . .;  1 1 1 32 16 24 17 20;  1 0 0 25 20 . . .;  0 1 1 21 17 16 10 9;
1 1 1 26 23 . . .;  1 0 1 7 0 0 0 0;  1 0 0 17 7 7 3 7;  0 1 0 20 20 21 19 13;
1 0 1 18 13 14 20 11;  1 1 1 20 5 5 8 12;  0 1 0 30 32 24 12 2;  1 0 1 49 35 . . .;
0 1 0 26 27 23 . .;  1 1 0 30 26 36 27 22;  1 1 1 23 13 13 12 23;  0 0 0 16 13 3 2 0;
0 1 1 30 30 29 . .;  0 0 1 13 8 8 7 6;  0 1 0 37 30 33 31 22;  1 0 1 35 12 10 8 10;
0 1 1 21 6 . . .;  0 0 0 26 17 17 20 12;  0 1 0 29 22 10 . .;  0 1 0 20 21 . . .;
0 1 0 33 23 . . .;  0 1 1 19 12 13 . .;  1 0 0 12 15 . . .;  1 1 0 47 36 49 34 .;
1 1 1 36 6 0 0 2;  0 0 1 10 8 6 3 3;  0 0 0 27 7 15 16 0;  0 0 1 18 10 10 6 8;
1 0 1 11 8 3 2 15;  1 0 1 6 7 . . .;  1 1 1 44 24 20 29 14;  0 0 0 38 38 . . .;
0 0 0 21 14 20 1 8;  1 1 0 34 17 8 9 13;  1 0 1 9 7 1 . .;  1 1 0 38 27 19 20 30;
1 0 1 46 40 . . .;  0 0 0 20 19 18 19 18;  1 1 0 17 29 2 0 0;  0 1 1 18 20 . . .;
1 1 1 42 1 8 10 6;  0 0 1 30 30 . . .;  1 0 1 33 27 16 30 15;  0 0 1 12 1 0 0 .;
1 0 1 2 5 . . .;  0 1 0 36 42 49 47 40;  0 0 0 35 30 . . .;  0 0 1 23 20 . . .;
0 1 0 31 48 38 38 37;  1 0 1 8 5 7 . .;  1 0 0 23 21 26 . .;  1 0 1 7 7 5 4 0;
0 0 0 14 13 14 . .;  0 0 0 40 36 33 . .;  1 0 1 23 30 . . .;  0 1 1 14 3 . . .;
0 1 0 22 20 16 24 16;  0 1 0 23 23 15 25 17;  0 0 0 15 7 13 13 .;  0 1 0 8 12 11 26 .;
0 1 1 12 18 . . .;  0 1 0 7 6 2 1 .;  1 0 0 17 9 3 1 0;  1 0 1 33 18 16 . .;
0 0 0 27 20 . . .;  0 0 1 27 30 . . .;  0 0 1 9 6 10 1 0;  0 1 1 40 30 12 . .;
0 1 0 11 8 7 . .;  0 0 0 9 8 . . .;  0 1 0 14 22 21 24 19;  1 1 1 28 9 20 18 13;
0 1 1 15 9 13 14 10;  1 1 1 22 10 5 5 12;  0 0 0 23 9 . . .;  0 1 0 21 22 24 23 22;
0 1 0 27 31 28 22 14;  1 1 1 14 15 . . .;  0 1 0 10 13 12 8 20;  1 0 0 21 9 6 7 1;
1 1 1 46 36 53 . .;  0 1 1 36 14 7 15 15;  1 1 1 23 17 . . .;  1 1 0 35 0 6 0 1;
1 0 1 33 13 13 10 8;  0 0 1 19 4 27 1 2;  0 0 0 16 . . . .;  1 0 1 30 26 28 . .;
1 0 1 17 8 7 12 .;  0 1 1 19 4 3 3 3;  0 1 1 16 11 4 2 3;  1 1 1 16 16 10 10 8;
1 0 0 28 . . . .;  0 1 1 11 22 9 11 11;  0 0 0 13 5 5 0 6;  1 0 0 43 . . . .;
"""


class Trial(NamedTuple):
    """The scores after treatment in long form, person by person."""

    outcome: NDArray[np.float64]
    design: NDArray[np.float64]
    person: NDArray[np.int64]


def trial(months: tuple[int, int, int, int]) -> Trial:
    """Outcome on intercept, score before, month, treatment, drug and length; visits at `months`."""
    outcome, design, person = [], [], []
    people = [row.split() for row in ROWS.split(";") if row.strip()]
    for drug, length, treatment, before, *after in people:
        seen = [(m, float(x)) for m, x in zip(months, after, strict=True) if x != "."]
        if seen:
            number = person[-1] + 1 if person else 0
        for month, score in seen:
            outcome.append(score)
            row = (1, before, month, treatment, drug, length)
            design.append([float(value) for value in row])
            person.append(number)
    return Trial(np.array(outcome), np.array(design), np.array(person, dtype=np.int64))
