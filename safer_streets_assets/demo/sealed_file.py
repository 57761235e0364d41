"""Protecting a workbook with a password, the way the public sector e-mails spreadsheets."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

from msoffcrypto.format.ooxml import OOXMLFile

# It protects invented people only, and the manifest tells it.
PASSWORD: Final = "Kestrel-Harbour-1907"  # noqa: S105


def encrypt_workbook(workbook: Path, password: str) -> None:
    """Encrypt a workbook in place (ECMA-376 agile encryption).

    The salts are random, as they must be, so the bytes differ each time.
    """
    sealed = BytesIO()
    with workbook.open("rb") as plain:
        OOXMLFile(plain).encrypt(password, sealed)
    workbook.write_bytes(sealed.getvalue())
