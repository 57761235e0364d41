"""The channels through which somebody is told: e-mail over SMTP, a webhook, a file.

Where a channel leads is said by the environment, passwords too; one of which nothing is said is not
used. What is sent are sentences of counts and ids.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy.alerts import Channel

SECONDS = 10.0
"""How long a server is waited for."""
SMTP = "SAFER_STREETS_SMTP"
WEBHOOK = "SAFER_STREETS_WEBHOOK"
FILE = "SAFER_STREETS_ALERTS_FILE"
TLS = ("starttls", "tls", "none")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ChannelError(SaferStreetsError):
    """A channel is set up wrongly, or could not be reached."""


@dataclass(frozen=True)
class Message:
    """What is told at once: a subject, one line a finding, and an id that the same message keeps
    when it is sent again."""

    subject: str
    lines: Sequence[Mapping[str, str]]
    message_id: str
    at: datetime


Send = Callable[[Message], None]


def channels_of(environment: Mapping[str, str] = os.environ) -> dict[Channel, Send]:
    """The channels that the environment sets up.

    Raises:
        ChannelError: a variable is missing or means nothing.
    """
    found: dict[Channel, Send] = {}
    if environment.get(f"{SMTP}_HOST"):
        found["email"] = _email(environment)
    if url := environment.get(WEBHOOK):
        found["webhook"] = _webhook(url)
    if path := environment.get(FILE):
        found["file"] = _file(Path(path))
    return found


def _email(environment: Mapping[str, str]) -> Send:
    missing = [n for n in ("FROM", "TO") if not environment.get(f"{SMTP}_{n}")]
    if missing:
        raise ChannelError(f"{SMTP}_{missing[0]} is missing; give the address for e-mails.")
    host, tls = environment[f"{SMTP}_HOST"], environment.get(f"{SMTP}_TLS", "starttls")
    if tls not in TLS:
        raise ChannelError(f"{SMTP}_TLS is none of {', '.join(TLS)}; correct it.")
    port = environment.get(f"{SMTP}_PORT", "465" if tls == "tls" else "587")
    if not port.isdecimal():
        raise ChannelError(f"{SMTP}_PORT is no number; correct it.")
    user, password = environment.get(f"{SMTP}_USER"), environment.get(f"{SMTP}_PASSWORD")
    if user and tls == "none" and host not in LOOPBACK:
        raise ChannelError(f"A password is not sent in the clear: set {SMTP}_TLS to starttls.")

    def send(message: Message) -> None:
        try:
            with _connection(host, int(port), tls) as server:
                if user:
                    server.login(user, password or "")
                server.send_message(_letter(message, environment))
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelError(
                f"The e-mail could not be sent ({type(error).__name__}): see that the server of "
                f"{SMTP}_HOST can be reached and takes mail from {SMTP}_FROM."
            ) from None

    return send


def _connection(host: str, port: int, tls: str) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if tls == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    server = smtplib.SMTP(host, port, timeout=SECONDS)
    if tls == "starttls":
        server.starttls(context=context)
    return server


def _letter(message: Message, environment: Mapping[str, str]) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = message.subject
    letter["From"], letter["To"] = environment[f"{SMTP}_FROM"], environment[f"{SMTP}_TO"]
    letter["Message-ID"] = f"<{message.message_id}@safer-streets>"
    letter["Date"] = format_datetime(message.at)
    letter.set_content("\n".join(f"{one['severity']}: {one['what']}" for one in message.lines))
    return letter


def _webhook(url: str) -> Send:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ChannelError(f"{WEBHOOK} is no https address; give one.")

    def send(message: Message) -> None:
        body = {"id": message.message_id, "text": message.subject, "alerts": [*message.lines]}
        request = urllib.request.Request(  # noqa: S310 (https, or this machine's own http)
            url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            with opener.open(request, timeout=SECONDS):
                return
        except (OSError, HTTPError, URLError) as error:
            raise ChannelError(
                f"The webhook did not take the alert ({type(error).__name__}): see that the "
                f"address of {WEBHOOK} is right and can be reached."
            ) from None

    return send


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What is told goes to the address that was set up, and to no other."""

    def redirect_request(self, *_: object) -> None:
        """Follows none."""
        return


def _file(path: Path) -> Send:
    def send(message: Message) -> None:
        text = "".join(
            json.dumps({"at": message.at.isoformat(), "id": message.message_id, **line}) + "\n"
            for line in message.lines
        )
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
            descriptor = os.open(path, flags, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            raise ChannelError(
                f"The file of alerts could not be written ({type(error).__name__}): see that "
                f"{FILE} names a file that the pipeline's user may write."
            ) from None

    return send
