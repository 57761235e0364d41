"""Formulas whose result was never stored: the parser gives nothing for them, or the 0 of a program
that does not compute, which is not what the cell holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safer_streets_assets.intake.readers.errors import column_number
from safer_streets_assets.intake.readers.packed import Archive
from safer_streets_assets.intake.readers.parts import WORKBOOK

_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v(?:\s[^>]*)?/>|<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]+)(\d+)[\"']")
_TEXT_RESULT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")
_ZERO = re.compile(rb"-?0*\.?0*")
_COMPUTED_ON_OPENING = re.compile(
    rb"\b(?:fullCalcOnLoad|forceFullCalc)\s*=\s*[\"'](?:1|true)[\"']"
    rb"|\bcalcCompleted\s*=\s*[\"'](?:0|false)[\"']"
)
_ODS_CELL = re.compile(
    rb"<table:(?:covered-)?table-cell\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(?:/>|>(.*?)</table:(?:covered-)?table-cell>)",
    re.DOTALL,
)
_ODS_VALUES = re.compile(
    rb"\boffice:(?:date-value|time-value|boolean-value|string-value|value)\s*=\s*[\"']"
)
_ODS_TEXT = (b'"string"', b"'string'", b'"error"')


def computed_on_opening(archive: Archive) -> bool:
    """Whether an XLSX workbook asks to be computed when it is opened: its results may be none."""
    return _COMPUTED_ON_OPENING.search(archive.read(WORKBOOK)) is not None


def formulas_without_result(xml: bytes, *, uncomputed: bool) -> Iterator[tuple[int, int]]:
    """The places (row, column, from 0) of such formulas in the plain XML of an XLSX sheet.

    With `uncomputed`, a result of 0 is none: it is what programs write that do not compute. So is
    an empty text, stored as t="str", unless another formula of the sheet has a result: then it is
    what the formula gave, as it is without `uncomputed`.
    """
    if b"<f" not in xml and b":f" not in xml:
        return
    formulas = [(attributes, result.strip()) for attributes, result in _FORMULA.findall(xml)]
    gave_text = not uncomputed or not all(_ZERO.fullmatch(result) for _, result in formulas)
    for attributes, stored in formulas:
        is_none = _ZERO.fullmatch(stored) if uncomputed else not stored
        if not is_none or (gave_text and not stored and _TEXT_RESULT.search(attributes)):
            continue
        if reference := _REFERENCE.search(attributes):
            yield int(reference[2]) - 1, column_number(reference[1]) - 1


def places_without_result(row: bytes) -> Iterator[int]:
    """The places (from 0) of such formulas in a row of an ODS sheet: the cell has no type, or
    neither a value nor, for a text, the text itself."""
    if b"table:formula" not in row:
        return
    passed = 0
    for attributes, content in _ODS_CELL.findall(row):
        if b"table:formula" in attributes and not _has_value(attributes, content):
            yield passed
        passed += repeats_of(attributes, b"columns")


def repeats_of(attributes: bytes, what: bytes) -> int:
    """For how many rows or columns an element of an ODS sheet stands."""
    if b"repeated" not in attributes:
        return 1
    found = re.search(rb"number-" + what + rb"-repeated\s*=\s*[\"'](\d{1,9})", attributes)
    return int(found[1]) if found else 1


def _has_value(attributes: bytes, content: bytes) -> bool:
    if _ODS_VALUES.search(attributes):
        return True
    is_text = any(kind in attributes for kind in _ODS_TEXT)
    return is_text and b"value-type" in attributes and b"<text:p" in content
