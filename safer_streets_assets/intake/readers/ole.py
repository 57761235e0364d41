"""OLE2 containers: an old Excel workbook, or a new one behind a password."""

from __future__ import annotations

import io
from types import SimpleNamespace

from safer_streets_assets.intake.readers.biff import has_password, workbook_stream
from safer_streets_assets.intake.readers.kind import ZIP
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

# Excel encrypts a "protected" .xls with this fixed word, which every reader of Excel files knows.
_EXCEL_DEFAULT = "VelvetSweatshop"
_CUT_SHORT = "it is encrypted and cut short"


def open_ole(data: bytes, passwords: tuple[str, ...]) -> tuple[str, bytes]:
    """("xls", bytes) or ("zip", bytes), decrypted with one of the passwords where needed.

    Raises UnreadableDrop: F-BROKEN, F-ENCRYPTED, F-MACRO, F-FOREIGN (any other OLE2 file).
    """
    streams = _streams(data)
    if "encryptedpackage" in streams:
        if not _is_whole(data):
            raise UnreadableDrop("F-BROKEN", [_CUT_SHORT])
        return "zip", _decrypt(data, passwords)
    if "__properties_version1.0" in streams:
        raise UnreadableDrop("F-FOREIGN", ["an Outlook message"])
    if not streams & {"workbook", "book"}:
        raise UnreadableDrop("F-FOREIGN", ["an Office file that is no workbook"])
    if "_vba_project_cur" in streams:
        raise UnreadableDrop("F-MACRO")
    if "workbook" not in streams:
        # Excel 95: its way to encrypt is not known here.
        if has_password(workbook_stream(data)):
            raise UnreadableDrop("F-LOCKED")
        return "xls", data
    return "xls", _decrypt(data, (_EXCEL_DEFAULT, *passwords)) if _protected(data) else data


def _is_whole(data: bytes) -> bool:
    """Whether an encrypted package is as long as it says."""
    import olefile  # type: ignore[import-untyped]  # noqa: PLC0415 (only such a file pays for it)

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            package = container.openstream("EncryptedPackage").read()
    except Exception:
        return False
    return len(package) >= 8 + int.from_bytes(package[:8], "little")


def _streams(data: bytes) -> set[str]:
    # Only a file of this kind pays for the imports.
    import olefile  # noqa: PLC0415

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            return {path[0].casefold() for path in container.listdir(streams=True, storages=True)}
    except Exception:
        # olefile raises many kinds of errors on damaged input, with bytes of it in the message.
        raise UnreadableDrop("F-BROKEN") from None


def _protected(data: bytes) -> bool:
    import msoffcrypto  # noqa: PLC0415

    try:
        return bool(msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted())
    except Exception:
        raise UnreadableDrop("F-BROKEN") from None


def _decrypt(data: bytes, passwords: tuple[str, ...]) -> bytes:
    import msoffcrypto  # noqa: PLC0415
    from msoffcrypto.format import xls97  # noqa: PLC0415

    # It would put the plain text in a temporary file, where it may outlive us.
    xls97.tempfile = SimpleNamespace(TemporaryFile=io.BytesIO)
    for password in passwords:
        plain = io.BytesIO()
        fits = False
        try:
            package = msoffcrypto.OfficeFile(io.BytesIO(data))
            if package.format == "ooxml":
                package.load_key(password=password, verify_password=True)
            else:
                package.load_key(password=password)
            fits = package.format == "ooxml"
            package.decrypt(plain)
        except MemoryError:
            raise
        except Exception:  # a wrong password shows as many kinds of errors
            if fits:
                raise UnreadableDrop("F-BROKEN", [_CUT_SHORT]) from None
            continue
        content = plain.getvalue()
        if package.format != "ooxml" or content.startswith(ZIP):
            return content
    raise UnreadableDrop("F-ENCRYPTED")
