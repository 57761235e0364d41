"""Which evaluation a data folder is of: no other one works in it.

The folder remembers the `id` of the evaluation in a file beside the registers. Under the policy of
another evaluation nothing of it is opened: its rules of retention are not those of this data.
"""

from __future__ import annotations

import contextlib
import json
import os
from functools import lru_cache
from pathlib import Path

import duckdb

from safer_streets_assets.policy import load_policy
from safer_streets_assets.policy.loading import POLICY_VARIABLE
from safer_streets_assets.stores.files import write_whole
from safer_streets_assets.stores.folder import DataFolder, FolderError
from safer_streets_assets.stores.sql_files import quoted_text

NAME = "evaluation.json"
_UNREADABLE = ""


def refuse_other_evaluation(folder: DataFolder) -> None:
    """Refuses a data folder that is of another evaluation than the policy of this process.

    One that does not say yet whose it is passes: `claim` says it before anything is done there.

    Raises:
        FolderError: it is of another evaluation, or what it says of it cannot be read.
        PolicyError: there is no policy to compare it with.
    """
    noted = _noted(folder)
    if noted is None:
        return
    own = _own_id(os.environ.get(POLICY_VARIABLE))
    if noted == _UNREADABLE:
        raise FolderError(
            f"{_place(folder)} does not say which evaluation the data folder is of: put it back "
            'from a backup, or write {"evaluation": "..."} with the id under evaluation of its '
            "policy into it."
        )
    if noted != own:
        raise FolderError(
            f"{folder.root} is the data folder of the evaluation {noted}, and the policy is that "
            f"of {own}: give the data folder of {own} with --data, or the policy of {noted} in "
            f"{POLICY_VARIABLE}."
        )


def claim(folder: DataFolder) -> None:
    """As `refuse_other_evaluation`; a folder that does not say yet whose it is, from now on is of
    this evaluation, unless drops of sources that the policy does not have came into it.

    Raises:
        FolderError, PolicyError: as there, or such drops are in it.
    """
    refuse_other_evaluation(folder)
    if not folder.is_one or _noted(folder) is not None:
        return
    policy = load_policy()
    if _sources_in(folder) - policy.dpia.sources.keys():
        raise FolderError(
            f"Drops of sources that the policy of {policy.dpia.evaluation.id} does not have are in "
            f"{folder.root}: give the folder of the policy that it was made with in "
            f"{POLICY_VARIABLE}."
        )
    with contextlib.suppress(OSError):  # where nothing can be written, nothing can be done either
        facts = {"evaluation": policy.dpia.evaluation.id}
        write_whole(_place(folder), json.dumps(facts).encode())


@lru_cache(maxsize=2)
def _own_id(named: str | None) -> str:
    """The id of the evaluation of this process; `named` is what the environment says."""
    return load_policy().dpia.evaluation.id


def _noted(folder: DataFolder) -> str | None:
    """What the folder says; None where it says nothing yet."""
    try:
        return str(json.loads(_place(folder).read_bytes())["evaluation"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return _UNREADABLE


def _sources_in(folder: DataFolder) -> set[str]:
    """The sources of drops that were loaded; none where the registers are not there, or are not
    readable, which is said elsewhere."""
    path = folder.database("registers")
    if not path.exists():
        return set()
    with contextlib.closing(duckdb.connect(":memory:")) as connection:
        try:
            connection.execute(f"ATTACH {quoted_text(str(path))} AS registers (READ_ONLY)")
            query = "SELECT DISTINCT source FROM registers.drops WHERE state = 'loaded'"
            return {source for (source,) in connection.execute(query).fetchall()}
        except duckdb.Error:
            return set()


def _place(folder: DataFolder) -> Path:
    return folder.registers / NAME
