"""The way into a data folder in use: one at a time, and what was interrupted is put right first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores.database import STORE_NAMES
from safer_streets_assets.stores.files import (
    close_to_others,
    overwrite_and_unlink,
    private_files,
)
from safer_streets_assets.stores.folder import DataFolder
from safer_streets_assets.stores.instances import keeping
from safer_streets_assets.stores.lock import hold, run_lock
from safer_streets_assets.stores.preflight import PSEUDONYM_KEY
from safer_streets_assets.stores.rebuild import finish_rebuild, next_key
from safer_streets_assets.stores.rotation import (
    finish_rotation,
    forget_next_key,
    rotation_is_pending,
)

FINISHED = "A rotation of keys that was interrupted is finished: everything is under the new keys."
UNDONE = "A rotation of keys that was interrupted is undone: nothing had been put under new keys."


@contextmanager
def using(
    folder: DataFolder,
    what: str,
    wait_seconds: float,
    say: Callable[[str], None],
    *,
    whole_process: bool = False,
) -> Iterator[None]:
    """Holds the lock of a data folder, after what was interrupted in it was put right.

    `what` is how others are told of this process, `say` is told of a wait and of what was put
    right. What cannot be put right is said too: what needs it fails by itself. With
    `whole_process` what the block calls takes the lock as held. Whatever is made in the block is
    its owner's alone.

    Raises:
        AnotherRunError: another process still held the lock after `wait_seconds`.
        LockError: the folder cannot be written.
    """
    take = hold if whole_process else run_lock
    with take(folder.lock, wait_seconds, what, say), private_files(), keeping():
        try:
            for sentence in put_right(folder):
                say(sentence)
        except SaferStreetsError as error:
            say(f"What was interrupted here cannot be put right yet. {error}")
        yield


def put_right(folder: DataFolder) -> list[str]:
    """Finishes or undoes rotations and rebuilds that were interrupted; closes folders to others.

    Returns what there was, in sentences. The caller holds the run's lock.

    Raises:
        KeyMissingError, StoreError, SealError: a key does not serve.
    """
    for place in (folder.restricted, folder.research, folder.registers, folder.dagster):
        close_to_others(place)
    close_to_others(folder.bundles)
    for path in folder.keys.glob(".*.key.part"):
        overwrite_and_unlink(path)
    said = [FINISHED] if finish_rotation(folder) else []
    for store in STORE_NAMES:
        if finish_rebuild(folder, store):
            said.append(f"What was interrupted in making the {store} store anew is put right.")
    if forget_next_key(folder, PSEUDONYM_KEY):
        said.append(UNDONE)
    return said


def interrupted_rotation(folder: DataFolder) -> list[str]:
    """The next keys of a rotation that could be neither finished nor undone, by name."""
    waiting = [path.stem for path in sorted(folder.keys.glob(f"*{next_key('')}.key"))]
    return waiting or (["of the rotation"] if rotation_is_pending(folder) else [])
