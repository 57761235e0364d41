"""Says of each key whether it is there and opens what is under it; never what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, pseudonym
from safer_streets_assets.intake.ledger import SEND_KEY
from safer_streets_assets.intake.returns import RETURNS_KEY
from safer_streets_assets.retention.holdings.asked import sealed_subjects
from safer_streets_assets.retention.holdings.bundles import sealed_files
from safer_streets_assets.retention.holdings.inventory import QUARANTINE_PREFIX, inventory
from safer_streets_assets.stores import DataFolder, Keys, StoreError, open_stores
from safer_streets_assets.stores.database import ENCRYPTED, WrongKeyError
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.sealed import SealError, unseal

KeyState = Literal["fits", "there", "missing", "damaged or open to others", "wrong", "interrupted"]
FITS: Final = "fits"
THERE: Final = "there"
MISSING: Final = "missing"
DAMAGED: Final = "damaged or open to others"
WRONG: Final = "wrong"
INTERRUPTED: Final = "interrupted"

TO_DO: dict[KeyState, str] = {
    FITS: "",
    THERE: "nothing is under it that would tell whether it is the right one",
    MISSING: "put its file back from the backup of the keys",
    DAMAGED: "put its file back from the backup of the keys, readable by its owner alone",
    WRONG: "it does not open what is under it: put the right file back, or restore a backup",
    INTERRUPTED: "the next command finishes it once the other keys serve",
}


@dataclass(frozen=True)
class KeyLine:
    """A key by name, what is under it, and how it stands."""

    name: str
    under: str
    state: KeyState

    @property
    def is_good(self) -> bool:
        """Whether nothing is known against it."""
        return self.state in (FITS, THERE)


def key_states(folder: DataFolder) -> list[KeyLine]:
    """One line for each key that a data folder in use needs; the caller holds the run's lock.

    A key whose data was erased is not needed and has no line.
    """
    lines = [
        _line(folder, store, f"the {store} store", partial(_opens, folder, store))
        for store in ENCRYPTED
        if folder.database(store).exists()
    ]
    if not lines:
        return []
    lines.append(_line(folder, PSEUDONYM_KEY, "pseudonyms", lambda: _makes_pseudonyms(folder)))
    lines.append(_line(folder, SEND_KEY, "marks of what was sent", lambda: False))
    return [*lines, *_sealed(folder)]


def _sealed(folder: DataFolder) -> Iterator[KeyLine]:
    returns = sorted(folder.returns.glob("*.sealed")) if folder.returns.is_dir() else []
    if returns:
        yield _line(
            folder,
            RETURNS_KEY,
            "workbooks to return",
            lambda: _unseals(folder, RETURNS_KEY, returns),
        )
    for key, files in sealed_files(folder).items():
        yield _line(
            folder,
            key,
            "a sealed answer to a request",
            partial(_unseals, folder, key, files),
        )
    for key, files in sealed_subjects(folder).items():
        yield _line(folder, key, "an erasure that waits", partial(_unseals, folder, key, files))
    for name, unit in inventory(folder).items():
        if name.startswith(QUARANTINE_PREFIX) and unit.files:
            key, files = unit.keys[0], list(unit.files)
            yield _line(
                folder,
                key,
                "a sealed drop",
                partial(_unseals, folder, key, files),
            )


def _line(folder: DataFolder, name: str, under: str, fits: Callable[[], bool]) -> KeyLine:
    """`fits` says whether something was opened with the key; False when nothing could tell."""
    keys = Keys(folder.keys)
    if not keys.exists(name):
        return KeyLine(name, under, MISSING)
    try:
        keys.read(name)
    except KeyMissingError:
        return KeyLine(name, under, DAMAGED)
    try:
        return KeyLine(name, under, FITS if fits() else THERE)
    except (WrongKeyError, SealError):
        return KeyLine(name, under, WRONG)


def _opens(folder: DataFolder, store: str) -> bool:
    with open_stores(folder, read=[found for found in ENCRYPTED if found == store]):
        return True


def _unseals(folder: DataFolder, key: str, files: list[Path]) -> bool:
    for path in files:
        unseal(path, Keys(folder.keys).read(key))
    return True


def _makes_pseudonyms(folder: DataFolder) -> bool:
    """Whether some CRN gives its own pseudonym; False when nobody is there or nothing opens."""
    try:
        with open_stores(folder, read=["restricted"]) as connection:
            people = connection.execute(
                "SELECT crn_key, person_id FROM restricted.person_pseudonyms "
                "ORDER BY crn_key LIMIT 1000"
            ).fetchall()
    except (KeyMissingError, StoreError):
        return False
    key = Keys(folder.keys).read(PSEUDONYM_KEY)
    # A CRN accepted as another one has that one's pseudonym: so one of them has to fit, not all.
    if people and not any(pseudonym(key, crn) == person for crn, person in people):
        raise WrongKeyError("The pseudonym key did not make the pseudonyms; put it back.")
    return bool(people)
