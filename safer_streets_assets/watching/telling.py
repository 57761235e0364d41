"""Tells through each channel what is new, and reminds of what still stands.

What was told is on the register by a hash, a channel at a time, after the channel took it: a kill
between the two tells the same message again, under the same id, and never loses one. What no longer
stands is forgotten, so that it is told anew when it comes back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.alerts import Channel
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets.watching.channels import ChannelError, Message, Send
from safer_streets_assets.watching.findings import SEVERITIES, Finding

MOST_LINES = 50
"""A message says so many, and how many more there are."""


News = dict[Channel, list[Finding]]
"""Channel to what it is to be told now."""


@dataclass(frozen=True)
class Delivery:
    """What came of telling: findings told by channel, and why a channel took none."""

    told: News = field(default_factory=dict)
    failed: dict[Channel, str] = field(default_factory=dict)


def ensure_alerts(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table that is missing; the registers are attached for writing."""
    connection.execute(read_sql("watching", "registers"))


def news_of(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    found: Sequence[Finding],
    channels: Collection[Channel],
    now: datetime,
) -> News:
    """What is new for each channel, and forgets what no longer stands.

    The registers are attached for writing, with `ensure_alerts`; `now` is in UTC without an offset.
    """
    _forget(connection, found, channels)
    news = {channel: _new(connection, policy, found, channel, now) for channel in channels}
    return {channel: new for channel, new in news.items() if new}


def tell(news: News, policy: Policy, channels: Mapping[Channel, Send], now: datetime) -> Delivery:
    """Sends a message through each channel that has news; one that fails stops no other. No store
    need be open: a server may take its time."""
    result = Delivery()
    for channel, new in news.items():
        try:
            channels[channel](message_of(new, policy, channel, now))
        except ChannelError as error:
            result.failed[channel] = str(error)
        else:
            result.told[channel] = new
    return result


def record_told(connection: duckdb.DuckDBPyConnection, told: News, now: datetime) -> None:
    """Puts on the register what channels took; it is attached for writing."""
    with transaction(connection):
        for channel, new in told.items():
            for one in new:
                connection.execute(
                    "INSERT OR REPLACE INTO registers.alerts_told VALUES (?, ?, ?, ?)",
                    [one.key, one.kind, channel, now],
                )


def message_of(new: Sequence[Finding], policy: Policy, channel: Channel, now: datetime) -> Message:
    """One message of several findings, the gravest first."""
    worst = max((one.severity(policy) for one in new), key=SEVERITIES.index)
    lines = [
        {"severity": one.severity(policy), "kind": one.kind, "what": one.sentence}
        for one in new[:MOST_LINES]
    ]
    if len(new) > MOST_LINES:
        more = f"{len(new) - MOST_LINES} more: see safer-streets status."
        lines.append({"severity": worst, "kind": "more", "what": more})
    many = "1 alert" if len(new) == 1 else f"{len(new)} alerts"
    keys = " ".join([channel, f"{now:%Y-%m-%d}", *sorted(one.key for one in new)])
    return Message(
        f"{policy.dpia.evaluation.name}: {many}, {worst}",
        lines,
        hashlib.sha256(keys.encode()).hexdigest()[:32],
        now.replace(tzinfo=UTC),
    )


def _new(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    found: Sequence[Finding],
    channel: Channel,
    now: datetime,
) -> list[Finding]:
    """What the channel has not been told, or so long ago that it is reminded of what waits."""
    rules = policy.dpia.alerts
    told: dict[str, datetime] = dict(
        connection.execute(
            "SELECT alert_key, told_at FROM registers.alerts_told WHERE channel = $1", [channel]
        ).fetchall()
    )
    again = now - timedelta(hours=rules.remind_after_hours)
    return [
        one
        for one in found
        if channel in rules.tell[one.kind].through
        and (one.key not in told or (one.severity(policy) != "notice" and told[one.key] <= again))
    ]


def _forget(
    connection: duckdb.DuckDBPyConnection, found: Sequence[Finding], channels: Collection[Channel]
) -> None:
    """Forgets what no longer stands; of a channel that is not set up, everything."""
    connection.execute(
        "DELETE FROM registers.alerts_told WHERE NOT list_contains($1::VARCHAR[], alert_key) "
        "OR NOT list_contains($2::VARCHAR[], channel)",
        [[one.key for one in found], [*channels]],
    )
