"""Sealed files: a file encrypted under a key of its own, so that destroying the key erases it.

Format: the magic, then for each chunk a 12-byte nonce, a 4-byte length and AES-256-GCM ciphertext
(NIST SP 800-38D) whose additional data is the chunk's number and whether it is the last.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import struct
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores.files import CHUNK, put_in_place

MAGIC = b"SSSEAL1\n"
TAG_BYTES = 16
_OPAQUE = re.compile(r"((asked|open)-)?[0-9a-f]{32,64}\.sealed")


class SealError(SaferStreetsError):
    """A sealed file cannot be opened with the key at hand."""


def seal(source: BinaryIO, place: Path, key: str) -> None:
    """Encrypts a stream into a sealed file, put in place whole (mode 0600)."""
    cipher = AESGCM(bytes.fromhex(key))
    building = place.with_name(f".{place.name}.part")
    descriptor = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(MAGIC)
        number, chunk = 0, source.read(CHUNK)
        while True:
            following = source.read(CHUNK)
            nonce = secrets.token_bytes(12)
            body = cipher.encrypt(nonce, chunk, struct.pack(">Q?", number, not following))
            out.write(nonce + struct.pack(">I", len(body)) + body)
            if not following:
                break
            number, chunk = number + 1, following
    put_in_place(building, place)


def reseal(place: Path, key: str, again: Path, next_key: str) -> None:
    """Writes what is in a sealed file to another one, sealed under another key.

    Raises:
        SealError: as `unseal`.
    """
    seal(io.BytesIO(unseal(place, key)), again, next_key)


def unseal(place: Path, key: str) -> bytes:
    """The bytes of a sealed file.

    Raises:
        SealError: the key is not the file's, or the file is damaged or cut short.
    """
    cipher = AESGCM(bytes.fromhex(key))
    parts: list[bytes] = []
    with place.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise SealError(
                f"{_shown(place)} is damaged, or is none; put it back from the newest backup."
            )
        number, last = 0, False
        while not last:
            nonce = stream.read(12)
            length = stream.read(4)
            size = struct.unpack(">I", length)[0] if len(length) == 4 else 0
            body = stream.read(size) if size <= CHUNK + TAG_BYTES else b""
            last = not stream.peek(1)
            try:
                parts.append(cipher.decrypt(nonce, body, struct.pack(">Q?", number, last)))
            except (InvalidTag, ValueError):
                raise SealError(
                    f"{_shown(place)} does not open: it is damaged, or the key is not its own; put "
                    "the file and its key back from the newest backup."
                ) from None
            number += 1
    return b"".join(parts)


def _shown(place: Path) -> str:
    """A sealed file as it is told: by its name where that is an id, else by its folder alone."""
    if _OPAQUE.fullmatch(place.name):
        return f"The sealed file {place.parent.name}/{place.name}"
    return f"A sealed file in {place.parent.name}"
