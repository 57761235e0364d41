"""The answer to a request as files: a workbook and a JSON, in a folder of their own.

In the data folder they are sealed (`retention.bundles`); outside it, for whoever sends them, not.
"""

from __future__ import annotations

import io
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safer_streets_assets.accountability.clocks import local_time
from safer_streets_assets.accountability.workbook import Sheet, accessible_workbook
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings.bundles import (
    MARKER,
    SEALED,
    bundle_key,
    erase_bundle,
    erase_unfinished,
    place_of_bundle,
)
from safer_streets_assets.rights.answer_parts import AnswerPart, Withheld
from safer_streets_assets.rights.errors import RightsError
from safer_streets_assets.rights.subject_access import Answer
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.files import overwrite_and_unlink, sync_folder, write_whole
from safer_streets_assets.stores.folder import OWNER_ONLY
from safer_streets_assets.stores.keys import KEY_BYTES
from safer_streets_assets.stores.sealed import seal

WORKBOOK, JSON_FILE = "subject_access.xlsx", "subject_access.json"
FOR_REVIEW = "withheld_for_review.xlsx"

SHEET_NAME = 31
MARKING = "OFFICIAL-SENSITIVE"
_NOT_WHOLE = (
    "The answer could not be written whole and was removed; make room and try again with --request."
)


def bundle_files(answer: Answer, policy: Policy, *, for_review: bool) -> dict[str, bytes]:
    """Name to content of the files of an answer; with the texts kept back when asked for."""
    text = json.dumps(as_json(answer, policy), ensure_ascii=False, indent=1)
    files = {JSON_FILE: f"{text}\n".encode(), WORKBOOK: answer_workbook(answer, policy)}
    if for_review and answer.withheld:
        files[FOR_REVIEW] = _review_workbook(answer.withheld, policy)
    return files


def bundle_marker(answer: Answer) -> dict[str, bytes]:
    """The marker of a bundle that lies in the data folder, for the register of holdings."""
    marker = {"request": answer.asked.request_id, "written_at": answer.made_at.isoformat() + "Z"}
    return {MARKER: f"{json.dumps(marker)}\n".encode()}


def seal_bundle(
    folder: DataFolder, request_id: str, files: dict[str, bytes], marker: dict[str, bytes]
) -> None:
    """Seals the files into the bundle of a request in the data folder; all of them, or nothing.

    The key is the last thing written: a bundle whose writing was killed can be opened by nobody.

    Raises:
        RightsError: as `write_bundle`.
    """
    place = place_of_bundle(folder, request_id)
    erase_unfinished(folder, place)
    key = secrets.token_hex(KEY_BYTES)
    write_bundle(place, {**marker, **files}, key)
    try:
        write_whole(Keys(folder.keys).path(bundle_key(place.name)), key.encode())
    except OSError:
        erase_bundle(folder, place)
        raise RightsError(_NOT_WHOLE) from None


def write_bundle(place: Path, files: dict[str, bytes], key: str | None = None) -> None:
    """Writes the files into a new folder that its owner alone can open; all of them, or nothing.

    With a key every file but the marker is sealed under it, and nothing else touches the disk.

    Raises:
        RightsError: there is something in its place, or the files cannot be written.
    """
    try:
        place.parent.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        place.mkdir(mode=OWNER_ONLY)
        place.chmod(OWNER_ONLY)
    except OSError:
        raise RightsError(
            "The folder of the answer cannot be made there, or there is one already; choose "
            "another with --out, or open the one there is with --open."
        ) from None
    try:
        for name, content in files.items():
            if key is None or name == MARKER:
                _write_private(place / name, content)
            else:
                seal(io.BytesIO(content), place / f"{name}{SEALED}", key)
        sync_folder(place)
        sync_folder(place.parent)
    except BaseException as error:
        _remove(place)
        if isinstance(error, OSError):
            raise RightsError(_NOT_WHOLE) from None
        raise


def as_json(answer: Answer, policy: Policy) -> dict[str, Any]:
    """The answer as plain data."""
    return {
        "request": answer.asked.request_id,
        "crn": answer.crn,
        "received_on": answer.asked.received_on.isoformat(),
        "answer_due_on": answer.asked.due_on.isoformat(),
        "written_at": answer.made_at.isoformat() + "Z",
        "data_controller": policy.dpia.evaluation.data_controller,
        "purpose": policy.dpia.rights.purpose,
        "anything_is_held": not answer.nothing_is_held,
        "notes": answer.notes,
        "third_parties": policy.dpia.rights.third_parties,
        "recipients": dict(policy.dpia.rights.recipients),
        "holdings": [_part_json(part) for part in answer.held],
        "may_be_yours": [_part_json(part) for part in answer.may_be],
        "for_a_person_to_decide": [
            {"source": one.source, "rows": one.rows, "why": one.why} for one in answer.undecided
        ],
        "not_searched": answer.not_searched,
        "send_on": _send_on(answer, policy),
    }


def answer_workbook(answer: Answer, policy: Policy) -> bytes:
    """The answer as an accessible workbook."""
    evaluation = policy.dpia.evaluation
    about = [
        f"From {evaluation.data_controller}, {evaluation.unit}.",
        f"Request {answer.asked.request_id}, received {answer.asked.received_on:%d/%m/%Y}, to be "
        f"answered by {answer.asked.due_on:%d/%m/%Y}. Written "
        f"{local_time(answer.made_at, evaluation.timezone)}.",
        f"CRN asked for: {answer.crn}.",
        "Nothing is held under this CRN in what was searched."
        if answer.nothing_is_held
        else "What is held, and what may be yours, is in the sheets that follow.",
        *answer.notes,
        f"Withheld texts: {policy.dpia.rights.third_parties}",
    ]
    parts = [*answer.held, *answer.may_be]
    names = _sheet_names(parts)
    sheets = [
        _summary(answer, names),
        _columns(parts, names),
        *(_rows(part, name) for part, name in zip(parts, names, strict=True)),
        Sheet(
            "To be decided",
            "Rows that may be yours, on which our staff decide",
            "Nothing of them is given here, because they may be somebody else's.",
            ("Source", "Rows", "Why it may be yours"),
            [(_title(policy, one.source), str(one.rows), one.why) for one in answer.undecided],
        ),
        Sheet(
            "Not searched",
            "What could not be looked into",
            "Ask again later if you want to know what was found in it.",
            ("What",),
            [(line,) for line in answer.not_searched],
        ),
        Sheet(
            "Other controllers",
            "Whose data it is, where it is not the data controller's own",
            "For the operator who answers this request.",
            ("Source", "What to do"),
            list(_send_on(answer, policy).items()),
        ),
    ]
    title = f"{evaluation.name}: what is held on you"
    return accessible_workbook(title, about, sheets, evaluation.unit, MARKING)


def _summary(answer: Answer, names: list[str]) -> Sheet:
    parts = [(part, "yours") for part in answer.held] + [
        (part, "may be yours") for part in answer.may_be
    ]
    return Sheet(
        "What is held",
        "What is held, why it may be, who gets it and until when",
        "One line a sheet of rows. Articles are those of the UK GDPR.",
        (
            "Sheet", "What", "Whose", "Store", "Table", "Rows", "Source", "Controller",
            "Article 6", "Article 9", "Article 10", "Classification", "Recipients", "Kept until",
            "Other controllers",
        ),
        [
            (
                name,
                part.what,
                whose,
                part.store,
                part.table,
                str(len(part.rows)),
                part.legal.source,
                part.legal.controller,
                part.legal.article_6,
                part.legal.article_9,
                part.legal.article_10,
                part.legal.classification,
                part.recipients,
                part.kept_until,
                part.send_on,
            )
            for name, (part, whose) in zip(names, parts, strict=True)
        ],
    )  # fmt: skip


def _columns(parts: Sequence[AnswerPart], names: list[str]) -> Sheet:
    return Sheet(
        "What columns mean",
        "What each column is, and what it is for",
        "Columns of the sheets of rows.",
        ("Sheet", "Column", "What it is for"),
        [
            (name, column, meaning)
            for name, part in zip(names, parts, strict=True)
            for column, meaning in part.columns.items()
        ],
    )


def _rows(part: AnswerPart, name: str) -> Sheet:
    columns = list(dict.fromkeys(column for row in part.rows for column in row))
    return Sheet(
        name,
        part.what,
        f"From {part.legal.controller}. Kept until: {part.kept_until}. An empty cell: nothing was "
        "sent.",
        columns,
        [[row.get(column) or "" for column in columns] for row in part.rows],
    )


def _review_workbook(withheld: Sequence[Withheld], policy: Policy) -> bytes:
    sheet = Sheet(
        "Withheld texts",
        "Texts kept back because they name, or may name, somebody else",
        "Take out what is about others and give the rest to the data subject.",
        ("What", "Row", "Column", "Text"),
        [(one.what, str(one.row), one.column, one.text) for one in withheld],
    )
    about = ["For the operator who answers the request. Do not send this file."]
    unit = policy.dpia.evaluation.unit
    return accessible_workbook("Withheld texts, for review", about, [sheet], unit, MARKING)


def _sheet_names(parts: Sequence[AnswerPart]) -> list[str]:
    return [
        f"{number} {part.table.removesuffix('_raw').replace('_', ' ')}"[:SHEET_NAME]
        for number, part in enumerate(parts, start=1)
    ]


def _send_on(answer: Answer, policy: Policy) -> dict[str, str]:
    """Title of each source that is another controller's, and where a request about it goes.

    Without a row of it the controller may still hold data of its own on the person.
    """
    found = {part.legal.source for part in [*answer.held, *answer.may_be]}
    said = {}
    for name, sentence in policy.dpia.rights.send_on.items():
        if name in policy.sources:
            nothing = "Nothing from this source is held here, and they may hold data of their own. "
            held = any(name in sources.split("; ") for sources in found)
            said[policy.sources[name].title] = sentence if held else f"{nothing}{sentence}"
    return said


def _part_json(part: AnswerPart) -> dict[str, Any]:
    return {
        "what": part.what,
        "store": part.store,
        "table": part.table,
        "source": part.legal.source,
        "controller": part.legal.controller,
        "legal_basis": {
            "article_6": part.legal.article_6,
            "article_9": part.legal.article_9,
            "article_10": part.legal.article_10,
        },
        "classification": part.legal.classification,
        "special_category": part.legal.special_category,
        "recipients": part.recipients,
        "kept_until": part.kept_until,
        "send_on": part.send_on,
        "columns": dict(part.columns),
        "rows": [dict(row) for row in part.rows],
    }


def _title(policy: Policy, source: str) -> str:
    return policy.sources[source].title if source in policy.sources else source


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _remove(place: Path) -> None:
    for path in sorted(place.iterdir()):
        overwrite_and_unlink(path)
    place.rmdir()
