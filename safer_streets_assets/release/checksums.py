"""What a release's files must add up to: SHA256SUMS, the content hash, and verifying both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safer_streets_assets.release.errors import ReleaseError

SUMS = "SHA256SUMS"
QUOTES = "quotes.csv"
RECORD = "release.json"


def content_hash(
    csv_files: Mapping[str, bytes],
    notes: Mapping[str, str],
    policy_hash: str,
    structure: Mapping[str, Any],
    quotes: bytes | None = None,
) -> str:
    """SHA-256 over what a release says: its tables as CSV, their notes, policy and structure, and
    the file of its quotes where it has any.

    Neither the time nor the order in which tables are given enters it.
    """
    said = {
        "tables": {name: sha256(content) for name, content in csv_files.items()},
        "notes": dict(notes),
        "policy": policy_hash,
        "structure": structure,
        **({} if quotes is None else {"quotes": sha256(quotes)}),
    }
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(canonical.encode())


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def checksum_lines(folder: Path) -> bytes:
    """The text of SHA256SUMS: one line a file, as `sha256sum --check` reads it, sorted by path."""
    lines = [f"{file_sha256(folder / name)}  {name}\n" for name in _files(folder)]
    return "".join(lines).encode()


def verify_release(path: Path) -> None:
    """Checks that a release folder holds the files that were put there, all of them and no other.

    Every file is compared with SHA256SUMS, and the content hash of release.json is taken again
    over the tables and quotes.

    Raises:
        ReleaseError: says which is wrong: a file missing, changed or added, or the content hash.
    """
    try:
        expected = (path / SUMS).read_bytes()
        found = checksum_lines(path)
        record = read_record(path)
    except OSError:
        raise ReleaseError(
            f"The release {path.name} lacks files or they cannot be read; restore it from a copy."
        ) from None
    if expected != found:
        raise ReleaseError(
            f"The files of release {path.name} are not those of its SHA256SUMS; restore it from a "
            "copy."
        )
    _verify_tables(path, record)


def verify_tables(path: Path) -> None:
    """Checks that the tables of a release folder are those that its content hash was taken over.

    Raises:
        ReleaseError: they are not, or cannot be read.
    """
    try:
        _verify_tables(path, read_record(path))
    except OSError:
        raise ReleaseError(
            f"The release {path.name} lacks files or they cannot be read; restore it from a copy."
        ) from None


def _verify_tables(path: Path, record: Mapping[str, Any]) -> None:
    if record.get("content_hash") != _content_hash_of(path, record):
        raise ReleaseError(
            f"The tables of release {path.name} are not those of its release.json; restore it "
            "from a copy."
        )


def is_whole(path: Path) -> bool:
    """Whether `verify_release` finds nothing wrong."""
    try:
        verify_release(path)
    except ReleaseError:
        return False
    return True


def read_record(path: Path) -> dict[str, Any]:
    """The release.json of a release folder.

    Raises:
        OSError: it cannot be read.
        ReleaseError: it is not JSON of the expected form.
    """
    try:
        record = json.loads((path / RECORD).read_bytes())
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise ReleaseError(f"The {RECORD} of release {path.name} is damaged; restore it.")
    return record


def read_tables(path: Path) -> dict[str, bytes]:
    """The CSV files of a release folder, by table."""
    return {file.stem: file.read_bytes() for file in sorted((path / "csv").glob("*.csv"))}


def read_quotes(path: Path) -> bytes | None:
    """The file of quotes of a release folder; None when it has none."""
    file = path / QUOTES
    return file.read_bytes() if file.is_file() else None


def _content_hash_of(path: Path, record: Mapping[str, Any]) -> str | None:
    try:
        notes = {table["name"]: table["notes"] for table in record["tables"]}
        return content_hash(
            read_tables(path),
            notes,
            record["policy_hash"],
            record["structure"],
            read_quotes(path),
        )
    except (KeyError, TypeError):
        return None


def _files(folder: Path) -> list[str]:
    found = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    return sorted(name for p in found if (name := p.relative_to(folder).as_posix()) != SUMS)
