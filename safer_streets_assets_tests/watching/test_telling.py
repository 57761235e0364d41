"""What is new is told once through each channel, and nothing is lost when one fails."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as ReadMessage

from safer_streets_assets.policy.alerts import Channel
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.watching.channels import (
    FILE,
    SMTP,
    WEBHOOK,
    ChannelError,
    Send,
    channels_of,
)
from safer_streets_assets.watching.findings import Finding
from safer_streets_assets.watching.telling import (
    MOST_LINES,
    Delivery,
    ensure_alerts,
    news_of,
    record_told,
    tell,
)
from safer_streets_assets_tests.builders import memory, shipped_policy

__all__ = ["memory"]

POLICY = shipped_policy()
NOW = datetime(2020, 3, 2, 12)
HELD = Finding("drop_held", "one", "Drop one is held.")
OVERDUE = Finding("erasure_overdue", "two", "restricted/x is overdue for erasure.")
ERASED = Finding("erasure_done", "three", "restricted/y is erased.")


@pytest.fixture
def desk(memory: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Stores in memory with the registers."""
    ensure_registers(memory)
    ensure_alerts(memory)
    return memory


class Mailbox(ReadMessage):
    """What a mail server took."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self.letters: list[Any] = []

    def handle_message(self, message: Any) -> None:
        """Keeps a letter."""
        self.letters.append(message)


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, dict[str, str]]]:
    """A mail server on this machine, and the environment that leads to it."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield (
            box,
            {
                f"{SMTP}_HOST": "127.0.0.1",
                f"{SMTP}_PORT": str(port),
                f"{SMTP}_TLS": "none",
                f"{SMTP}_FROM": "pipeline@example.org",
                f"{SMTP}_TO": "unit@example.org",
            },
        )
    finally:
        server.stop()


@pytest.fixture
def hook() -> Iterator[tuple[list[dict[str, Any]], str]]:
    """A server that takes what is posted, and its address; `/away` sends elsewhere."""
    taken: list[dict[str, Any]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(302 if self.path == "/away" else 204)
            if self.path == "/away":
                self.send_header("Location", "/")
            else:
                taken.append(json.loads(body))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield taken, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def told(
    desk: duckdb.DuckDBPyConnection,
    found: list[Finding],
    channels: dict[Channel, Send],
    now: datetime = NOW,
    *,
    killed: bool = False,
) -> Delivery:
    """A look that found this; killed, it ends before it is on record."""
    done = tell(news_of(desk, POLICY, found, [*channels], now), POLICY, channels, now)
    if not killed:
        record_told(desk, done.told, now)
    return done


def test_a_letter_says_what_is_new_the_gravest_first(
    desk: duckdb.DuckDBPyConnection, mailbox: tuple[Mailbox, dict[str, str]]
) -> None:
    box, environment = mailbox
    assert not told(desk, [OVERDUE, HELD], channels_of(environment)).failed
    (letter,) = box.letters
    assert letter["Subject"] == "Safer Streets: 2 alerts, critical"
    assert (letter["From"], letter["To"]) == ("pipeline@example.org", "unit@example.org")
    assert letter.get_payload().splitlines() == [
        "critical: restricted/x is overdue for erasure.",
        "warning: Drop one is held.",
    ]


def test_what_was_told_is_told_again_after_a_day_and_a_notice_never(
    desk: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    channels = channels_of({FILE: str(tmp_path / "alerts.jsonl")})
    hours = POLICY.dpia.alerts.remind_after_hours
    times = [timedelta(), timedelta(hours=1), timedelta(hours=hours), timedelta(hours=hours + 1)]
    numbers = [
        {
            channel: len(new)
            for channel, new in told(desk, [HELD, ERASED], channels, NOW + t).told.items()
        }
        for t in times
    ]
    assert numbers == [{"file": 2}, {}, {"file": 1}, {}]
    lines = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["drop_held", "erasure_done", "drop_held"]


def test_what_comes_back_is_told_anew(desk: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    channels = channels_of({FILE: str(tmp_path / "alerts.jsonl")})
    for found in ([HELD], [], [HELD]):
        told(desk, found, channels)
    assert len((tmp_path / "alerts.jsonl").read_text().splitlines()) == 2


def test_a_channel_that_fails_stops_no_other_and_loses_nothing(
    desk: duckdb.DuckDBPyConnection,
    mailbox: tuple[Mailbox, dict[str, str]],
    hook: tuple[list[dict[str, Any]], str],
) -> None:
    box, environment = mailbox
    taken, address = hook
    broken = {**environment, f"{SMTP}_PORT": "1"}
    done = told(desk, [HELD], channels_of({**broken, WEBHOOK: address}))
    assert [*done.told] == ["webhook"]
    assert done.failed["email"].startswith("The e-mail could not be sent (ConnectionRefusedError)")
    done = told(desk, [HELD], channels_of({**environment, WEBHOOK: address}))
    assert [*done.told] == ["email"]
    assert len(box.letters) == len(taken) == 1
    assert taken[0]["alerts"] == [
        {"severity": "warning", "kind": "drop_held", "what": "Drop one is held."}
    ]


def test_killed_before_it_is_on_record_it_is_told_again_under_the_same_id(
    desk: duckdb.DuckDBPyConnection, hook: tuple[list[dict[str, Any]], str]
) -> None:
    taken, address = hook
    channels = channels_of({WEBHOOK: address})
    told(desk, [HELD], channels, killed=True)
    told(desk, [HELD], channels)
    told(desk, [HELD], channels)
    assert len(taken) == 2
    assert taken[0] == taken[1]


def test_many_findings_are_one_message_that_says_how_many_more(
    desk: duckdb.DuckDBPyConnection, hook: tuple[list[dict[str, Any]], str]
) -> None:
    taken, address = hook
    many = [Finding("drop_held", str(n), f"Drop {n} is held.") for n in range(MOST_LINES + 3)]
    told(desk, many, channels_of({WEBHOOK: address}))
    (message,) = taken
    assert len(message["alerts"]) == MOST_LINES + 1
    assert message["alerts"][-1]["what"] == "3 more: see safer-streets status."


def test_a_webhook_that_leads_elsewhere_is_not_followed(
    desk: duckdb.DuckDBPyConnection, hook: tuple[list[dict[str, Any]], str]
) -> None:
    taken, address = hook
    done = told(desk, [HELD], channels_of({WEBHOOK: f"{address}/away"}))
    assert "did not take the alert" in done.failed["webhook"]
    assert taken == []


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({f"{SMTP}_HOST": "mail.example.org"}, f"{SMTP}_FROM is missing"),
        ({WEBHOOK: "http://example.org/hook"}, f"{WEBHOOK} is no https address"),
        (
            {
                f"{SMTP}_HOST": "mail.example.org",
                f"{SMTP}_FROM": "a",
                f"{SMTP}_TO": "b",
                f"{SMTP}_TLS": "none",
                f"{SMTP}_USER": "u",
                f"{SMTP}_PASSWORD": "secret-word",
            },
            "A password is not sent in the clear",
        ),
        (
            {f"{SMTP}_HOST": "h", f"{SMTP}_FROM": "a", f"{SMTP}_TO": "b", f"{SMTP}_PORT": "x"},
            f"{SMTP}_PORT is no number",
        ),
        (
            {f"{SMTP}_HOST": "h", f"{SMTP}_FROM": "a", f"{SMTP}_TO": "b", f"{SMTP}_TLS": "ssl"},
            f"{SMTP}_TLS is none of ",
        ),
    ],
)
def test_a_channel_that_is_set_up_wrongly_is_refused_in_one_sentence(
    environment: dict[str, str], says: str
) -> None:
    with pytest.raises(ChannelError, match=says) as raised:
        channels_of(environment)
    assert "secret-word" not in str(raised.value)


def test_a_file_that_is_a_link_is_not_written_through(
    desk: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "alerts.jsonl").symlink_to(tmp_path / "elsewhere")
    done = told(desk, [HELD], channels_of({FILE: str(tmp_path / "alerts.jsonl")}))
    assert "could not be written (OSError)" in done.failed["file"]
    assert not (tmp_path / "elsewhere").exists()
