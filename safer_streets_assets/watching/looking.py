"""A look at a data folder: what is found, told to whoever is to hear of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import dagster as dg
import duckdb

from safer_streets_assets.accountability.tables import ensure_accountability
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.alerts import Channel
from safer_streets_assets.retention import Holding, read_register
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.stores import DataFolder, StoreError, open_stores
from safer_streets_assets.stores.database import StoreBusyError
from safer_streets_assets.stores.history import is_lost
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.watching.channels import Send
from safer_streets_assets.watching.dagster_findings import find_in_dagster
from safer_streets_assets.watching.damage import damaged_stores, lost_history
from safer_streets_assets.watching.findings import (
    Finding,
    find_everything,
    find_releases,
    gravest_first,
)
from safer_streets_assets.watching.telling import (
    Delivery,
    ensure_alerts,
    news_of,
    record_told,
    tell,
)
from safer_streets_assets.watching.told_beside import take_from_beside, told_beside


@dataclass(frozen=True)
class Looked:
    """What a look saw: everything that there is to know, the gravest first; the retention register,
    None where there are no registers yet or they do not open; and whether Dagster's history can be
    read."""

    found: list[Finding]
    holdings: list[Holding] | None
    history: bool = True


def look(
    folder: DataFolder,
    policy: Policy,
    instance: dg.DagsterInstance | None,
    now: datetime,
    evaluation_job: str,
) -> Looked:
    """Looks at a data folder and its instance, None where that cannot be opened; `now` is in UTC.

    What is damaged is a finding, and keeps nothing else from being found. The caller holds the
    folder's lock.

    Raises:
        StoreBusyError: another program has a store open.
    """
    found, holdings = [*damaged_stores(folder)], None
    history = _history(instance, policy, now, evaluation_job)
    found += [lost_history()] if history is None else history
    if registers_open(folder):
        holdings = read_register(folder, policy, local_date(now, policy.dpia.evaluation.timezone))
        with open_registers(folder) as connection:
            found += find_everything(connection, policy, holdings, now)
            found += find_releases(folder, connection)
    return Looked(gravest_first(found, policy), holdings, history is not None)


def _history(
    instance: dg.DagsterInstance | None, policy: Policy, now: datetime, evaluation_job: str
) -> list[Finding] | None:
    """What Dagster's history says; None when it cannot be had."""
    if instance is None:
        return None
    try:
        return find_in_dagster(instance, policy, now, evaluation_job)
    except Exception as error:
        if not is_lost(error):
            raise
        return None


def registers_open(folder: DataFolder) -> bool:
    """Whether there are registers, and they open.

    Raises:
        StoreBusyError: another program has them open.
    """
    if not folder.database("registers").exists():
        return False
    try:
        with open_stores(folder, write=["registers"]):
            return True
    except StoreBusyError:
        raise
    except StoreError:
        return False


@contextmanager
def open_registers(folder: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """The registers with all their tables, for writing.

    Raises:
        KeyMissingError, StoreError: they do not open.
    """
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        ensure_accountability(connection)
        ensure_alerts(connection)
        yield connection


def tell_what_is_new(
    folder: DataFolder,
    policy: Policy,
    found: list[Finding],
    channels: Mapping[Channel, Send],
    now: datetime,
) -> Delivery:
    """Tells what is new of what was found, and records it; where the registers do not open, in a
    file beside them. The caller holds the folder's lock.

    Raises:
        StoreBusyError: another program has the registers open.
    """
    opened = open_registers if registers_open(folder) else told_beside
    with opened(folder) as connection:
        if opened is open_registers:
            take_from_beside(folder, connection)
        news = news_of(connection, policy, found, [*channels], now)
    done = tell(news, policy, channels, now)
    if done.told:
        with opened(folder) as connection:
            record_told(connection, done.told, now)
    return done
