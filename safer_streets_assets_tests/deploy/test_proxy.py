"""The proxy in front of Dagster's pages: nobody passes without a password, and no foreign page."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from safer_streets_assets.console.pages import NAMES, FromThesePages
from safer_streets_assets_tests.e2e.commands import REPOSITORY

CONFIGURATION = REPOSITORY / "deploy" / "nginx.conf"
OUTSIDE = "https://safer-streets.example"
PASSWORD = base64.b64encode(b"analyst:word").decode()
pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def pages() -> Iterator[int]:
    """What stands behind the proxy: the rules of the pages, and what reaches them. Its port."""

    async def told(request: Request) -> JSONResponse:
        return JSONResponse({"authorization": request.headers.get("authorization", "")})

    app = Starlette(
        routes=[Route("/{rest:path}", told, methods=["GET", "POST"])],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=NAMES, www_redirect=False),
            Middleware(FromThesePages),
        ],
    )
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield port
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def proxy(pages: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """nginx with the shipped configuration, on a port of its own and without TLS."""
    place = tmp_path_factory.mktemp("nginx")
    port = free_port()
    (place / "passwords").write_text("analyst:{PLAIN}word\n")
    shipped = CONFIGURATION.read_text(encoding="utf-8")
    for old, new in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        ("/etc/nginx/safer-streets.passwords", str(place / "passwords")),
        ("proxy_pass http://127.0.0.1:3000;", f"proxy_pass http://127.0.0.1:{pages};"),
    ):
        assert old in shipped
        shipped = shipped.replace(old, new)
    server = "\n".join(line for line in shipped.splitlines() if "ssl_" not in line)
    temporary = "".join(
        f"{kind}_temp_path {place}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (place / "nginx.conf").write_text(
        f"daemon off; pid {place}/pid; error_log {place}/errors;\n"
        f"{'user root;' if os.geteuid() == 0 else ''} events {{}}\n"
        f"http {{ {temporary} {server} }}\n"
    )
    process = subprocess.Popen(
        ["nginx", "-p", str(place), "-c", str(place / "nginx.conf"), "-e", str(place / "errors")]
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx.get(address)
                break
            except httpx.ConnectError:
                time.sleep(0.02)
        yield address
    finally:
        process.terminate()
        process.wait()


def status(proxy: str, password: str | None = PASSWORD, **headers: str) -> int:
    told = {"host": "safer-streets.example", **headers}
    if password is not None:
        told["authorization"] = f"Basic {password}"
    return httpx.post(f"{proxy}/graphql", headers=told, json={}).status_code


@pytest.mark.thorough
def test_nobody_passes_without_the_password(proxy: str) -> None:
    assert status(proxy, password=None) == 401
    assert status(proxy, password=base64.b64encode(b"analyst:other").decode()) == 401
    assert status(proxy) == 200


@pytest.mark.thorough
def test_the_pages_own_address_outside_passes_and_a_foreign_one_does_not(proxy: str) -> None:
    assert status(proxy, origin=OUTSIDE, referer=f"{OUTSIDE}/runs") == 200
    assert status(proxy, origin="https://elsewhere.example") == 403
    assert status(proxy, origin="http://localhost:3000") == 403
    assert status(proxy, referer=f"{OUTSIDE}.elsewhere.example/") == 403
    assert status(proxy, **{"sec-fetch-site": "cross-site"}) == 403


@pytest.mark.thorough
def test_the_password_goes_no_further_than_the_proxy(proxy: str) -> None:
    said = httpx.get(f"{proxy}/", headers={"authorization": f"Basic {PASSWORD}"})
    assert said.json() == {"authorization": ""}
