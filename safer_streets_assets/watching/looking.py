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
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.watching.channels import Send
from safer_streets_assets.watching.dagster_findings import find_in_dagster
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


@dataclass(frozen=True)
class Looked:
    """What a look saw: everything that there is to know, the gravest first, and the retention
    register; None before there are registers."""

    found: list[Finding]
    holdings: list[Holding] | None


def look(
    folder: DataFolder,
    policy: Policy,
    instance: dg.DagsterInstance,
    now: datetime,
    evaluation_job: str,
) -> Looked:
    """Looks at a data folder and its instance; `now` is in UTC.

    The caller holds the folder's lock.

    Raises:
        KeyMissingError, StoreError: the registers do not open.
    """
    found, holdings = find_in_dagster(instance, policy, now, evaluation_job), None
    if folder.database("registers").exists():
        holdings = read_register(folder, policy, local_date(now, policy.dpia.evaluation.timezone))
        with open_registers(folder) as connection:
            found += find_everything(connection, policy, holdings, now)
            found += find_releases(folder, connection)
    return Looked(gravest_first(found, policy), holdings)


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
    """Tells what is new of what was found, and records it. The caller holds the folder's lock.

    Raises:
        KeyMissingError, StoreError: the registers do not open.
    """
    if not folder.database("registers").exists():
        return tell({channel: found for channel in channels if found}, policy, channels, now)
    with open_registers(folder) as connection:
        news = news_of(connection, policy, found, [*channels], now)
    done = tell(news, policy, channels, now)
    if done.told:
        with open_registers(folder) as connection:
            record_told(connection, done.told, now)
    return done
