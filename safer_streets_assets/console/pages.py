"""Dagster's pages, for a browser on this computer alone, and read-only unless somebody operates.

Dagster asks nobody who they are, and takes a change from any page that can reach it. So a request
is answered when it calls this computer by its own name (one that somebody else points here is
refused), and comes from these pages or from no page at all.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from dagster._core.workspace.context import WorkspaceProcessContext, WorkspaceRequestContext
from dagster_webserver.webserver import DagsterWebserver
from graphql import ASTValidationRule, GraphQLError, OperationDefinitionNode, OperationType
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.status import WS_1003_UNSUPPORTED_DATA
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

NAMES = ("localhost", "127.0.0.1", "[::1]")
"""What this computer is called in a request that is answered, whatever the port: a tunnel has
another one."""

FROM_ELSEWHERE = (
    "This page was opened from another one, which Dagster is not to take anything from: type its "
    "address into the browser yourself.\n"
)
POSTED_ONLY = "Questions to Dagster are posted as application/json.\n"
NO_QUESTION = (
    "This is no question to Dagster: post a JSON object with a text under query, and objects alone "
    "under variables.\n"
)
MOST_BYTES = 1 << 20
"""A question that is longer is none: those of the pages have a few thousand bytes."""
READ_ONLY = (
    "These pages are read-only: end safer-streets ui and open it with --operate to change anything."
)


class Pages(DagsterWebserver[WorkspaceProcessContext, WorkspaceRequestContext]):
    """Dagster's web server behind these rules; read-only when its context is."""

    def build_middleware(self) -> list[Middleware]:
        """Looks at every request and web socket before anything else does."""
        return [
            Middleware(TrustedHostMiddleware, allowed_hosts=NAMES, www_redirect=False),
            Middleware(FromThesePages),
            *super().build_middleware(),
        ]

    def build_graphql_validation_rules(self) -> Collection[type[ASTValidationRule]]:
        """Dagster refuses most changes by itself where its context is read-only; this all."""
        usual = super().build_graphql_validation_rules()
        return [*usual, NoChange] if self._process_context.read_only else usual

    async def graphql_http_endpoint(self, request: Request) -> Response:
        """Takes what is posted as JSON alone, which no link, picture or form can send."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method != "POST":
            return PlainTextResponse(POSTED_ONLY, 405, {"Allow": "POST"})
        if kind != "application/json":
            return PlainTextResponse(POSTED_ONLY, 415)
        question = _question(await _body(request))
        if question is None:
            return PlainTextResponse(NO_QUESTION, 400)
        try:
            answer: Response = await self.execute_graphql_request(request=request, **question)
        except RecursionError:  # of a query that is nested without end
            return PlainTextResponse(NO_QUESTION, 400)
        return answer

    async def graphql_ws_endpoint(self, websocket: WebSocket) -> None:
        """Ends a web socket that sends what is no message, without an exception in the log."""
        try:
            await super().graphql_ws_endpoint(websocket)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            await websocket.close(WS_1003_UNSUPPORTED_DATA)

    def make_security_headers(self) -> dict[str, str]:
        """Dagster's own, and that no page shows these inside itself."""
        return {**super().make_security_headers(), "X-Frame-Options": "DENY"}


class FromThesePages:
    """Refuses what a page of another origin asks for, also one on another port of this computer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers with 403, or passes it on."""
        if scope["type"] in ("http", "websocket") and is_foreign(Headers(scope=scope)):
            await PlainTextResponse(FROM_ELSEWHERE, 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def _body(request: Request) -> bytes:
    """What is posted, as far as a question may be long, and one byte more of what is longer."""
    body = b""
    async for part in request.stream():
        body += part[: MOST_BYTES + 1 - len(body)]
        if len(body) > MOST_BYTES:
            break
    return body


def _question(body: bytes) -> dict[str, Any] | None:
    """The question that is posted, as Dagster takes it; None of what is none."""
    if len(body) > MOST_BYTES:
        return None
    try:
        posted = json.loads(body)
        json.dumps(
            posted, ensure_ascii=False, allow_nan=False
        ).encode()  # what an answer can repeat
        query, variables = posted["query"], posted.get("variables")
        name = posted.get("operationName")
        variables = json.loads(variables) if isinstance(variables, str) else variables
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return None
    fits = isinstance(query, str) and isinstance(variables, dict | None)
    if not fits or not isinstance(name, str | None):
        return None
    return {"query": query, "variables": variables, "operation_name": name}


def is_foreign(headers: Headers) -> bool:
    """Whether a browser says that something else than these pages, or an operator, asks.

    An origin of `null` is foreign. What is no browser says nothing, and is not.
    """
    own = f"http://{headers.get('host', '')}".lower()
    stated = headers.getlist("origin") + [_origin(one) for one in headers.getlist("referer")]
    sites = headers.getlist("sec-fetch-site")
    return any(one.lower() != own for one in stated) or any(
        one.lower() not in ("same-origin", "none") for one in sites
    )


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "null"
    return f"{parts.scheme}://{parts.netloc}"


class NoChange(ASTValidationRule):
    """Refuses every mutation."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Looks at one operation of a request."""
        if node.operation is OperationType.MUTATION:
            self.report_error(GraphQLError(READ_ONLY, node))
