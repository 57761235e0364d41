"""What a case is: how its file is made, and what has to become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from safer_streets_assets.intake.readers import REASONS
from safer_streets_assets.intake.reasons import DropRefusedError
from safer_streets_assets_tests.builders import NPS
from safer_streets_assets_tests.intake.any_file.people import People
from safer_streets_assets_tests.privacy.traces import word

Make = Callable[[People], bytes]
Row = tuple[str, str, str | None]


@dataclass(frozen=True)
class Case:
    """One file: its people, its place in the landing, and how it ends.

    code: why it is quarantined or refused; None when it is loaded.
    codes: instead of one code, those that will do (damage by chance; None stands for loaded).
    headers: the columns that the sentence names.
    rows, aside: rows read and, by reason, rows set aside: the last `bad` ones, which is one a
        reason unless it is said. The people before them are loaded.
    loaded: what stands in the raw table, when that is not the plain rows of these people: CRN,
        date and name of each.
    """

    title: str
    make: Make = field(repr=False)
    number: int
    code: str | None = None
    codes: tuple[str | None, ...] = ()
    headers: tuple[str, ...] = ()
    source: str = NPS
    folder: str | None = None
    file_name: bytes | None = None
    rows: int = 2
    aside: Mapping[str, int] = field(default_factory=dict)
    bad: int | None = None
    loaded: tuple[Row, ...] | None = None
    kind: str = "csv"

    def __str__(self) -> str:
        """Its title, as pytest shows it."""
        return self.title

    @property
    def people(self) -> People:
        """The people in its file."""
        return People(self.number)

    @property
    def place(self) -> str:
        """The folder of the landing that it lies in."""
        return self.source if self.folder is None else self.folder

    @property
    def name(self) -> bytes:
        """The name it lies under: a canary, and different from all others."""
        return self.file_name or f"{word('filename')} {self.number}.dat".encode()

    @property
    def good_rows(self) -> int:
        """How many rows are loaded."""
        return self.rows - (sum(self.aside.values()) if self.bad is None else self.bad)

    @property
    def expected(self) -> list[Row]:
        """CRN, date and name of each row that is loaded."""
        if self.loaded is not None:
            return list(self.loaded)
        who = self.people
        return [(who.crn(i), "2020-01-13", who.name(i)) for i in range(self.good_rows)]


class Group:
    """The cases of one subject."""

    def __init__(self, kind: str = "csv") -> None:
        """No case yet; `kind` is the format on the ledger of those that are loaded."""
        self.kind = kind
        self.cases: list[Case] = []

    def add(self, title: str, make: Make, code: str | None = None, **expected: object) -> None:
        """One more case."""
        expected.setdefault("kind", self.kind)
        self.cases.append(Case(title, make, len(self.cases), code, **expected))  # type: ignore[arg-type]


def is_sentence_for(sentence: str, code: str, headers: tuple[str, ...] = ()) -> bool:
    """Whether it is the one sentence of a code, from the registry that the code is in.

    Where a case does not say what the sentence names, any name of the registry will do.
    """
    if code not in REASONS:
        return sentence == str(DropRefusedError(code, *headers))
    reason = REASONS[code]
    before, mark, _ = "".join(reason.naming or ()).partition("{")
    named = mark != "" and sentence.startswith(before[:40])
    return sentence == reason.sentence(headers) or (not headers and named)
