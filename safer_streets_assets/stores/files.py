"""How files appear and disappear: whole or not at all, and overwritten before they go."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

CHUNK = 1 << 20
OVERWRITE_PASSES = 3
_NOISE_BYTES = 1 << 18
"""How much of a file is overwritten at a time: what stays in the processor's cache."""
OTHERS = 0o077
"""The bits of a file mode that are not the owner's."""

_private = threading.Lock()
_private_blocks = 0
_mask_outside = 0


@contextmanager
def private_files() -> Iterator[None]:
    """Every file and folder made in the block is its owner's alone, whatever the umask.

    For what other libraries make: DuckDB its logs and spill files, SQLite its journals. The mask is
    the process's, so it is put back when no block is left in any thread.
    """
    global _private_blocks, _mask_outside  # noqa: PLW0603
    with _private:
        _private_blocks += 1
        if _private_blocks == 1:
            _mask_outside = os.umask(OTHERS)
    try:
        yield
    finally:
        with _private:
            _private_blocks -= 1
            if _private_blocks == 0:
                os.umask(_mask_outside)


def close_to_others(folder: Path) -> None:
    """Takes from all others what they may do with a folder and everything in it."""
    for place, _, names in os.walk(folder):
        for path in (Path(place), *(Path(place) / name for name in names)):
            # A file of a program that goes on may be gone by now, or be another user's.
            with contextlib.suppress(FileNotFoundError, PermissionError):
                mode = path.lstat().st_mode
                if mode & OTHERS and not stat.S_ISLNK(mode):
                    path.chmod(stat.S_IMODE(mode) & ~OTHERS)


def sync_folder(folder: Path) -> None:
    """Makes renames and removals in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Makes the bytes of a file durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Writes a file beside its place and puts it there in one step, durably.

    Writers of one place take turns. What a killed one left beside it is used up by the next.
    """
    building = path.with_name(f".{path.name}.part")
    with os.fdopen(_own(building), "wb") as stream:
        try:
            stream.truncate()
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            os.chmod(building, mode)
            os.replace(building, path)
        except BaseException:
            building.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def _own(building: Path) -> int:
    """A file to build in, open for writing, that is this writer's alone until it is closed."""
    while True:
        handle = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        # The writer before may have put this very file in place in the meantime.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.lstat(building)):
                return handle
        os.close(handle)


def log_of(store: Path) -> Path:
    """Where the write-ahead log of a DuckDB file lies; a writer that is killed leaves it behind."""
    return store.with_name(f"{store.name}.wal")


def put_in_place(built: Path, place: Path) -> None:
    """Moves a finished file over its place in one step, durably; both are on one volume."""
    sync_file(built)
    os.replace(built, place)
    sync_folder(place.parent)


@contextmanager
def built_beside(place: Path) -> Iterator[Path]:
    """A folder to build in, put in place of a folder that is not there yet when all went well.

    A folder left by an interrupted build is removed first; on an error nothing is put in place.
    """
    building = place.parent / f".{place.name}.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        yield building
        for path in sorted(building.rglob("*")):
            if path.is_file():
                sync_file(path)
            else:
                sync_folder(path)
        sync_folder(building)
        os.rename(building, place)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    sync_folder(place.parent)


def _noise() -> CipherContext:
    """Random bytes from a key that nobody keeps, several times faster than the system's own."""
    return Cipher(algorithms.AES(secrets.token_bytes(32)), modes.CTR(bytes(16))).encryptor()


def overwrite_and_unlink(
    path: Path, passes: int = OVERWRITE_PASSES, *, keep_other_names: bool = False
) -> int:
    """Overwrites a file in place with random bytes, then removes it; returns its size in bytes.

    A file that is not there is no error, so that an interrupted erasure can be run again. Symbolic
    links are removed, never followed. Copy-on-write file systems, SSDs and backups may keep the
    old bytes: that is why stores are encrypted and their keys are destroyed as well.

    With `keep_other_names` a file that has another name (a hard link) only loses this one: its
    bytes are somebody else's too, such as the original of who sent it.
    """
    if path.is_symlink() or not path.exists():
        path.unlink(missing_ok=True)
        return 0
    if path.is_dir():  # somebody put one in the place of a file
        below = [file for file in sorted(path.rglob("*")) if file.is_symlink() or file.is_file()]
        size = sum(overwrite_and_unlink(file, passes) for file in below)
        shutil.rmtree(path)
        return size
    size = path.stat().st_size
    with path.open("r+b", buffering=0) as stream:
        shared = keep_other_names and os.fstat(stream.fileno()).st_nlink > 1
        for _ in range(0 if shared else passes):
            noise = _noise()
            stream.seek(0)
            left = size
            while left > 0:
                left -= stream.write(noise.update(bytes(min(_NOISE_BYTES, left))))
            os.fsync(stream.fileno())
    path.unlink()
    sync_folder(path.parent)
    return size
