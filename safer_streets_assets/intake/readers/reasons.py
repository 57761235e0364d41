"""Why a file cannot be read: every code once, with its sentence and what to do about it.

The sentences hold nothing from the file: what they name is spelled as policy spells it (a column, a
sheet, a format), is one of `FOREIGN_KINDS`, or is the number of a row or a sheet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from safer_streets_assets.errors import SaferStreetsError

FOREIGN_KINDS = frozenset(
    {
        "a PDF",
        "a PostScript file",
        "a picture, a sound or a film",
        "an encrypted message",
        "a calendar",
        "an address card",
        "a link to a file",
        "an Outlook message",
        "a Numbers, Pages or Keynote file",
        "a dBASE file",
        "an ORC file",
        "an Avro file",
        "an HDF5 file",
        "the data of a program",
        "a picture",
        "an archive",
        "a web page",
        "an XML file",
        "an e-mail",
        "a letter or another text in Rich Text Format",
        "an Office file that is no workbook",
        "an Excel workbook of before 1995",
        "a program",
        "a database",
        "a SAS file",
        "a Stata file",
        "an R file",
        "an SPSS portable file",
        "a Parquet file",
        "an Arrow file",
        "a SYLK file",
        "a DIF file",
        "JSON",
        "prose",
        "the text of a program",
    }
)
"""What a file may be called that is no table."""

BROKEN_HOW = frozenset(
    {
        "it ends in zeros, as after a copy that failed",
        "its last row is short and has no line end",
        "it is encrypted and cut short",
    }
)
"""What may be said of how a file is broken."""

NUMBERED = re.compile(r"(row|sheet) \d{1,9}|text with a NUL byte in row \d{1,9}")
"""The other things that a sentence may name: their numbers count from 1."""


@dataclass(frozen=True)
class FileReason:
    """A stable code, what is wrong, what to do; `{columns}` stands for the columns concerned.

    naming: problem and advice where the file's case is named, with `{named}` for it, as it is, and
        `{columns}` for the same in quotation marks.
    """

    code: str
    problem: str
    advice: str
    naming: tuple[str, str] | None = None

    def sentence(self, headers: Sequence[str] = ()) -> str:
        """The one sentence people see, with the policy's spelling of the columns concerned."""
        problem, advice = self.naming if self.naming and headers else (self.problem, self.advice)
        quoted = ", ".join(f"'{header}'" for header in headers)
        sentence = f"{problem}: {advice}.".replace("{columns}", quoted)
        return sentence.replace("{named}", ", ".join(headers))


_ALL = (
    FileReason(
        "F-NOT-A-FILE",
        "What was dropped is not an ordinary file (a link, a folder or a device)",
        "save the file itself into the landing folder",
    ),
    FileReason(
        "F-CANNOT-OPEN",
        "The file cannot be opened",
        "check that it is still there and that this account may read it",
    ),
    FileReason(
        "F-CHANGED",
        "The file changed while it was being read",
        "wait until the copy is finished, then save it into the landing folder again",
    ),
    FileReason(
        "F-EMPTY",
        "The file holds no rows of data",
        "ask the sender to export it again and check that it has rows below the header",
    ),
    FileReason(
        "F-TOO-LARGE",
        "The file is larger than the limit once it is unpacked and opened",
        "ask the sender for a file with only the agreed rows and columns, and no stray cells far "
        "below or to the right of them",
    ),
    FileReason(
        "F-TOO-SLOW",
        "The file took longer to read than the limit",
        "ask the sender to export it again as a plain CSV or XLSX file",
    ),
    FileReason(
        "F-CRASHED",
        "The program that reads files stopped while reading this one",
        "ask the sender to open it, save it as a new file and send that",
    ),
    FileReason(
        "F-ENCRYPTED",
        "The file is protected with a password that is not known here",
        "add the password to the file that SAFER_STREETS_DROP_PASSWORDS names, then save the file "
        "into the landing folder again",
    ),
    FileReason(
        "F-NO-PASSWORDS",
        "The file is protected with a password, and the file that SAFER_STREETS_DROP_PASSWORDS "
        "names cannot be read",
        "correct the variable or that file, then save the drop into the landing folder again",
    ),
    FileReason(
        "F-LOCKED",
        "The file is protected with a password in a way that cannot be opened here",
        "ask the sender for it without a password, or as an Excel workbook with one",
    ),
    FileReason(
        "F-FOREIGN",
        "The file is not a table but another kind of file (for example a web page, a PDF, a "
        "picture or an archive)",
        "ask the sender for a CSV file, a workbook or an SPSS file",
        (
            "The file is not a table but {named}",
            "ask the sender for a CSV file, a workbook or an SPSS file",
        ),
    ),
    FileReason(
        "F-FORMAT",
        "The file is a table of a kind that is not agreed for this source",
        "ask the sender to export it in an agreed format",
        (
            "The file is a table of a kind that is not agreed for this source",
            "ask the sender to export it as one of {named}",
        ),
    ),
    FileReason(
        "F-ENCODING",
        "The text of the file is in an unknown encoding, or in two at once",
        "ask the sender to save it as 'CSV UTF-8'",
    ),
    FileReason(
        "F-QUOTES",
        "A quotation mark in the file is never closed, or is followed by more text",
        "ask the sender to export it again rather than edit it by hand",
    ),
    FileReason(
        "F-LONG-CELL",
        "A cell holds more text than the limit, often because a quotation mark is never closed",
        "ask the sender to export it again and to keep comments short",
    ),
    FileReason(
        "F-UNSAFE-ZIP",
        "The workbook is packed in a way that no spreadsheet program packs one",
        "ask the sender to open it, save it as a new workbook and send that",
    ),
    FileReason(
        "F-BROKEN",
        "The file is damaged or cut short",
        "ask the sender to send it again",
        ("The file is damaged or cut short ({named})", "ask the sender to send it again"),
    ),
    FileReason(
        "F-MACRO",
        "The workbook contains macros",
        "ask the sender to save it as a workbook without macros (.xlsx)",
    ),
    FileReason(
        "F-HIDDEN",
        "The workbook hides rows, columns or the sheet that the data is on",
        "ask the sender to unhide them, check them and send the workbook again",
    ),
    FileReason(
        "F-NO-SHEET",
        "The workbook does not have the agreed sheet",
        "ask the sender to give the sheet its agreed name and send the workbook again",
        (
            "The workbook has no sheet {columns}",
            "ask the sender to give the sheet that name and send the workbook again",
        ),
    ),
    FileReason(
        "F-SHEETS",
        "More than one sheet of the workbook holds the agreed columns",
        "ask the sender which one counts, and for a workbook with only that, or with all rows on "
        "one sheet",
        (
            "More than one sheet of the workbook holds the agreed columns ({named})",
            "ask the sender which one counts, and for a workbook with only that, or with all rows "
            "on one sheet",
        ),
    ),
    FileReason(
        "F-FORMULA",
        "A needed cell holds a formula whose result was never stored",
        "ask the sender to open the workbook in a spreadsheet program, save it and send it again",
    ),
    FileReason(
        "F-DATA-ABOVE",
        "Rows of data stand above the header",
        "ask the sender to put the header back on top (sorting moves it) and send the file again",
        (
            "Rows of data stand above the header ({named})",
            "ask the sender to put the header back on top (sorting moves it) and send the file "
            "again",
        ),
    ),
    FileReason(
        "F-SECOND-HEADER",
        "A second header with other columns stands further down",
        "ask the sender for a file with one table",
        (
            "A second header with other columns stands further down ({named})",
            "ask the sender for a file with one table",
        ),
    ),
    FileReason(
        "F-DUPLICATE-HEADER",
        "The file has more than one column for {columns}",
        "ask the sender to remove the one that does not belong and send the file again",
    ),
    FileReason(
        "F-NO-COLUMN",
        "The file has no column {columns}",
        "ask the sender to add it with that header and send the file again",
    ),
)

REASONS: dict[str, FileReason] = {reason.code: reason for reason in _ALL}


class UnreadableDrop(SaferStreetsError):
    """A file that is quarantined whole; `code` is stable, the message is one sentence.

    headers: what the sentence names, as the module says; never text from the file.
    """

    def __init__(self, code: str, headers: Sequence[str] = ()) -> None:
        """Take the sentence of the code from the registry."""
        super().__init__(REASONS[code].sentence(headers))
        self.code = code
        self.headers = tuple(headers)

    def __reduce__(self) -> tuple[type[UnreadableDrop], tuple[str, tuple[str, ...]]]:
        """Survive pickling between processes, with the code and not only the sentence."""
        return (type(self), (self.code, self.headers))
