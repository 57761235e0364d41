"""Keys: one file a key, readable by its owner alone, made once and destroyed for good."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores.files import overwrite_and_unlink, write_whole

KEY_BYTES = 32
SHA_256_BLOCK = 64
_HEX_KEY = re.compile(r"[0-9a-f]{64}")


class KeyMissingError(SaferStreetsError):
    """A key that should be there is not, or is not usable."""


@dataclass(frozen=True)
class Keys:
    """The key folder. A key is 256 random bits, kept as hexadecimal text in `<name>.key`."""

    folder: Path

    def path(self, name: str) -> Path:
        """The file of a key."""
        return self.folder / f"{name}.key"

    def exists(self, name: str) -> bool:
        """Whether the key is there."""
        return self.path(name).exists()

    def create(self, name: str) -> str:
        """Makes a key that is not there yet and returns it.

        Raises:
            KeyMissingError: there is a key of that name already.
        """
        if self.exists(name):
            raise KeyMissingError(f"There is a key {name} already; remove it before making one.")
        key = secrets.token_hex(KEY_BYTES)
        write_whole(self.path(name), key.encode())
        return key

    def read(self, name: str) -> str:
        """The key as hexadecimal text.

        Raises:
            KeyMissingError: the file is missing, damaged, or readable by others.
        """
        path = self.path(name)
        try:
            mode = path.stat().st_mode
            text = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise KeyMissingError(
                f"The key {name} cannot be read; put {name}.key back into the keys folder, or set "
                "SAFER_STREETS_KEYS to the folder that holds it."
            ) from None
        if mode & 0o077:
            raise KeyMissingError(
                f"The key {name} can be read by others; run chmod 600 on {name}.key."
            )
        if not _HEX_KEY.fullmatch(text):
            raise KeyMissingError(
                f"The key {name} is cut short or damaged; put {name}.key back from the backup of "
                "the keys."
            )
        return text

    def read_or_create(self, name: str) -> str:
        """The key, made now when it is not there."""
        return self.read(name) if self.exists(name) else self.create(name)

    def fingerprint(self, name: str) -> str | None:
        """SHA-256 of a key file, or None without one; a key is random: this gives nothing away."""
        path = self.path(name)
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None

    def has_any_of(self, fingerprints: Iterable[str]) -> bool:
        """Whether a file of the folder is a key of which one of these is the fingerprint."""
        files = self.folder.glob("*.key")
        there = {hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()}
        return not there.isdisjoint(fingerprints)

    def destroy(self, name: str) -> None:
        """Overwrites and removes a key; one that is not there is no error."""
        overwrite_and_unlink(self.path(name))


def keyed_digest(key: str, message: str) -> str:
    """HMAC-SHA-256 (RFC 2104) of a text under a key, as hexadecimal text."""
    return hmac.new(bytes.fromhex(key), message.encode(), hashlib.sha256).hexdigest()


def keyed_digest_sql(key: str) -> tuple[str, dict[str, bytes]]:
    """`keyed_digest` of a text `cell` as an SQL expression, and the parameters it needs.

    For millions of texts: they are hashed where they lie, and none leaves the database.
    """
    padded = bytes.fromhex(key).ljust(SHA_256_BLOCK, b"\0")
    inner, outer = bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)
    expression = "sha256($outer::BLOB || unhex(sha256($inner::BLOB || encode(cell))))"
    return expression, {"inner": inner, "outer": outer}
