"""Writing delimited text as the agencies' systems do: encodings, delimiters, line ends, headers."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

UTF16_BOM = "\ufeff"


@dataclass(frozen=True)
class CsvStyle:
    """How one delimited file looks.

    `header` is a key of `HEADERS`; `order` turns the columns: 'agreed', 'reversed' or 'rotated'.
    `iso_dates` writes yyyy-mm-dd instead of dd/mm/yyyy; `eaten_zeros` drops the leading zeros of
    offence codes; `beyond_agreement` adds columns outside the agreement.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\r\n"
    header: str = "agreed"
    order: str = "agreed"
    iso_dates: bool = False
    eaten_zeros: bool = False
    beyond_agreement: bool = False

    def date_format(self) -> str:
        """The strftime format of dates in this file."""
        return "%Y-%m-%d" if self.iso_dates else "%d/%m/%Y"


def _spaced(number: int, name: str) -> str:
    doubled = name.replace(" ", "  ")
    return (f" {name}", f"{name} ", doubled)[number % 3]


def _mixed(number: int, name: str) -> str:
    return (name, name.upper(), name.lower())[number % 3]


HEADERS = {
    "agreed": lambda number, name: name,
    "upper": lambda number, name: name.upper(),
    "lower": lambda number, name: name.lower(),
    "mixed": _mixed,
    "spaced": _spaced,
}


def written_header(columns: Sequence[str], style: str) -> list[str]:
    """Column names with the case and spacing of `style` (a key of `HEADERS`)."""
    return [HEADERS[style](number, name) for number, name in enumerate(columns)]


def turned(columns: Sequence[str], order: str) -> list[int]:
    """Positions of `columns` in the order they are written in."""
    positions = list(range(len(columns)))
    if order == "reversed":
        return positions[::-1]
    if order == "rotated":
        shift = len(positions) // 3
        return positions[shift:] + positions[:shift]
    return positions


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], style: CsvStyle
) -> None:
    """Write `rows` (in the order of `columns`) as a delimited file of that style."""
    order = turned(columns, style.order)
    # Python's own 'utf-16' takes the byte order of the machine: name it, so bytes never differ.
    utf16 = style.encoding == "utf-16"
    encoding = "utf-16-le" if utf16 else style.encoding
    with path.open("w", encoding=encoding, newline="") as file:
        if utf16:
            file.write(UTF16_BOM)
        out = csv.writer(file, delimiter=style.delimiter, lineterminator=style.line_end)
        header = written_header(columns, style.header)
        out.writerow([header[i] for i in order])
        out.writerows([row[i] for i in order] for row in rows)
