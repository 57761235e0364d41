"""Dagster's pages answer this computer and themselves alone, and change nothing unless operated."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster_graphql.schema import create_schema
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from safer_streets_assets.console.pages import NAMES, READ_ONLY, Pages
from safer_streets_assets.policy import load_policy
from safer_streets_assets.retention.schedule_state import DAILY, NEVER_SEEN, what_is_off
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets_tests.builders import data_folder
from safer_streets_assets_tests.e2e.runs import instance_of

HERE = "http://localhost:3000"
SOCKET = "ws://localhost:3000/graphql"
ELSEWHERE = (
    "http://evil.example",
    "https://localhost:3000",
    "http://localhost:8000",
    "http://127.0.0.1:3000",
    "http://localhost:3000.evil.example",
    "http://[::1",
    "null",
)
FOREIGN = [
    *({"origin": one} for one in ELSEWHERE),
    *({"referer": f"{one}/page?x=1"} for one in ELSEWHERE),
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": HERE, "referer": "http://evil.example/"},
    {"origin": HERE, "sec-fetch-site": "cross-site"},
]
"""What a browser says of a request that another page makes."""
OWN = [
    {},
    {"origin": HERE},
    {"origin": HERE, "referer": f"{HERE}/assets?x=1", "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
]
LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on RunConfigValidationInvalid { errors { message } }
    ... on LaunchRunSuccess { run { status } }
  }
}
"""
SCHEDULES = """
query Schedules($of: RepositorySelector!) {
  schedulesOrError(repositorySelector: $of) {
    ... on Schedules { results { name scheduleState { id } } }
  }
}
"""
STOP = "mutation Stop($id: String!) { stopRunningSchedule(id: $id) { __typename } }"
START = """
mutation Start($which: ScheduleSelector!) {
  startSchedule(scheduleSelector: $which) { __typename }
}
"""
SELECTOR = {"repositoryLocationName": "safer_streets", "repositoryName": "__repository__"}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of an empty data folder."""
    folder: DataFolder = data_folder(tmp_path_factory.mktemp("pages") / "data")
    with pytest.MonkeyPatch.context() as patch, instance_of(folder, patch) as found:
        yield found


@pytest.fixture(scope="module")
def both(instance: dg.DagsterInstance) -> Iterator[dict[bool, TestClient]]:
    """The pages as they are served, by whether they are to be operated."""
    origin = InProcessCodeLocationOrigin(
        LoadableTargetOrigin(
            executable_path=sys.executable, module_name="safer_streets_assets.definitions"
        ),
        location_name="safer_streets",
    )
    with ExitStack() as stack:
        found = {}
        for operate in (False, True):
            context = stack.enter_context(
                WorkspaceProcessContext(
                    instance, InProcessWorkspaceLoadTarget(origin), read_only=not operate
                )
            )
            found[operate] = TestClient(Pages(context).create_asgi_app(), base_url=HERE)
        yield found


@pytest.fixture
def pages(both: dict[bool, TestClient]) -> TestClient:
    """The pages as they are by default."""
    return both[False]


@pytest.fixture
def operated(both: dict[bool, TestClient]) -> TestClient:
    """The pages as they are with --operate."""
    return both[True]


def ask(client: TestClient, query: str, variables: Any = None, **headers: str) -> Any:
    return client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


def launch(client: TestClient, config: dict[str, Any], **headers: str) -> Any:
    selector = {**SELECTOR, "pipelineName": "retention"}
    params = {"selector": selector, "runConfigData": config, "mode": "default"}
    return ask(client, LAUNCH, {"params": params}, **headers)


@pytest.mark.parametrize("headers", FOREIGN)
def test_what_another_page_asks_for_is_refused(
    operated: TestClient, instance: dg.DagsterInstance, headers: dict[str, str]
) -> None:
    before = instance.get_runs_count()
    for path in ("/", "/server_info", "/assets", "/graphql"):
        assert operated.get(path, headers=headers).status_code == 403
    assert launch(operated, {}, **headers).status_code == 403
    told = operated.post("/report_asset_materialization/linked_cohort", headers=headers)
    assert told.status_code == 403
    with (
        pytest.raises(WebSocketDenialResponse) as denied,
        operated.websocket_connect(SOCKET, subprotocols=["graphql-ws"], headers=headers),
    ):
        pass
    assert denied.value.status_code == 403
    assert instance.get_runs_count() == before


@pytest.mark.parametrize("headers", OWN)
def test_the_pages_themselves_and_a_person_are_answered(
    pages: TestClient, headers: dict[str, str]
) -> None:
    for path in ("/", "/server_info", "/assets"):
        assert pages.get(path, headers=headers).status_code == 200
    assert "version" in ask(pages, "{ version }", **headers).json()["data"]
    with pages.websocket_connect(SOCKET, subprotocols=["graphql-ws"], headers=headers) as socket:
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json() == {"type": "connection_ack"}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:3000", "localhost.evil.example", "10.0.0.1", "a b", ""]
)
def test_another_name_for_this_computer_is_refused(operated: TestClient, host: str) -> None:
    headers = {"host": host, "origin": f"http://{host}"}
    assert operated.get("/", headers=headers).status_code == 400
    assert launch(operated, {}, **headers).status_code == 400
    with (
        pytest.raises(WebSocketDenialResponse) as denied,
        operated.websocket_connect(SOCKET, subprotocols=["graphql-ws"], headers=headers),
    ):
        pass
    assert denied.value.status_code == 400


@pytest.mark.parametrize("name", NAMES)
def test_this_computer_is_answered_at_any_port_as_a_tunnel_has_another(
    pages: TestClient, name: str
) -> None:
    for host in (name, f"{name}:3000", f"{name.upper()}:8080"):
        headers = {"host": host, "origin": f"http://{host.lower()}"}
        assert ask(pages, "{ version }", **headers).status_code == 200


def test_nothing_is_asked_by_an_address_or_by_a_form(
    operated: TestClient, instance: dg.DagsterInstance
) -> None:
    before = instance.get_runs_count()
    query = {"query": LAUNCH, "variables": '{"params": {}}'}
    for accept in ("*/*", "text/html"):
        got = operated.get("/graphql", params=query, headers={"accept": accept})
        assert got.status_code == 405
    for kind in ("text/plain", "text/plain; application/json", "application/graphql", ""):
        sent = operated.post("/graphql", params=query, content="x", headers={"content-type": kind})
        assert sent.status_code == 415
    assert instance.get_runs_count() == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b"[]",
        b"7",
        b"null",
        b'"query"',
        b"{",
        b"{}",
        b"\xff\xfe\xff",
        b'{"query": "\xff"}',
        b'{"query": null}',
        b'{"query": ["{ version }"]}',
        b'{"query": "{ version }", "variables": [1]}',
        b'{"query": "{ version }", "variables": "{"}',
        b'{"query": "{ version }", "variables": "7"}',
        b'{"query": "{ version }", "operationName": {}}',
        b'{"query": "{ no such thing"}',
        b'{"query": "{ \\ud800 }"}',
        b'{"query": "{ version }", "operationName": "\\ud800"}',
        b'{"query": "{ version }", "variables": {"a": NaN}}',
        b"[" * 100_000,
        b'{"query": "' + b"{a" * 50_000 + b'"}',
        b'{"query": "{ version }", "more": "' + b"x" * 2_000_000 + b'"}',
        b'{"query": "{ version }", "variables": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
    ],
    ids=range(24),
)
def test_what_is_no_question_is_refused_plainly(operated: TestClient, body: bytes) -> None:
    """An exception would come out of the client here, as a traceback does in the server's log."""
    said = operated.post(
        "/graphql", content=body, headers={"content-type": "application/json; charset=utf-8"}
    )
    assert said.status_code in ((200, 400) if b'"a"' in body else (400,))
    assert "Traceback" not in said.text
    assert len(said.text) < 1000


@pytest.mark.parametrize(
    "message", ["x", "7", "null", "[1]", '{"type": "start"}', '{"type": "start", "id": []}']
)
def test_a_web_socket_that_sends_no_message_is_ended_plainly(
    operated: TestClient, message: str
) -> None:
    with operated.websocket_connect(SOCKET, subprotocols=["graphql-ws"]) as socket:
        socket.send_text(message)
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
    assert ended.value.code == 1003


def test_pages_are_read_only_by_default(pages: TestClient, instance: dg.DagsterInstance) -> None:
    before = instance.get_runs_count()
    refused = launch(pages, {})
    assert refused.status_code == 400
    assert [one["message"] for one in refused.json()["errors"]] == [READ_ONLY]
    assert instance.get_runs_count() == before
    for path in ("materialization", "observation", "check"):
        told = pages.post(f"/report_asset_{path}/linked_cohort", json={"check_name": "x"})
        assert told.status_code == 401, path
    permissions = ask(pages, "{ permissions { permission value } }").json()["data"]["permissions"]
    assert {one["permission"] for one in permissions if one["value"]} == set()


def test_no_change_that_dagster_knows_gets_through_read_only_pages(pages: TestClient) -> None:
    changes = create_schema().graphql_schema.mutation_type
    assert changes is not None
    assert {"stopRunningSchedule", "wipeAssets", "deletePipelineRun"} <= set(changes.fields)
    for name in changes.fields:
        said = ask(pages, f"query Q {{ version }} mutation M {{ {name} }}").json()["errors"]
        assert READ_ONLY in {one["message"] for one in said}, name


def test_a_change_gets_through_no_web_socket(
    operated: TestClient, instance: dg.DagsterInstance
) -> None:
    before = instance.get_runs_count()
    selector = {**SELECTOR, "pipelineName": "retention"}
    variables = {"params": {"selector": selector, "runConfigData": {}, "mode": "default"}}
    with operated.websocket_connect(SOCKET, subprotocols=["graphql-ws"]) as socket:
        payload = {"query": LAUNCH, "variables": variables}
        socket.send_json({"type": "start", "id": "1", "payload": payload})
        assert socket.receive_json()["type"] == "error"
    assert instance.get_runs_count() == before


def test_who_operates_the_pages_starts_a_run_but_not_on_another_folder(
    operated: TestClient, instance: dg.DagsterInstance
) -> None:
    before = instance.get_runs_count()
    for resource, config in (
        ("stores", {"data_folder": "/elsewhere"}),
        ("stores", {"database": "/elsewhere"}),
        ("io_manager", {"base_dir": "/elsewhere"}),
    ):
        refused = launch(operated, {"resources": {resource: {"config": config}}})
        assert refused.json()["data"]["launchRun"]["__typename"] == "RunConfigValidationInvalid"
    assert instance.get_runs_count() == before
    done = launch(operated, {}, origin=HERE).json()["data"]["launchRun"]
    assert done == {"__typename": "LaunchRunSuccess", "run": {"status": "QUEUED"}}
    assert instance.get_runs_count() == before + 1


def test_a_schedule_that_is_stopped_in_the_pages_is_told_until_it_is_started_again(
    operated: TestClient, instance: dg.DagsterInstance
) -> None:
    timezone = load_policy().dpia.evaluation.timezone
    assert what_is_off(instance, timezone, now_utc()) == [NEVER_SEEN]
    found = ask(operated, SCHEDULES, {"of": SELECTOR}).json()["data"]["schedulesOrError"]["results"]
    ids = {one["name"]: one["scheduleState"]["id"] for one in found}
    for name in ("weekly_release", DAILY):
        done = ask(operated, STOP, {"id": ids[name]}).json()["data"]["stopRunningSchedule"]
        assert done["__typename"] == "ScheduleStateResult"
        off = what_is_off(instance, timezone, now_utc())
        assert [one.startswith(f"The schedule {DAILY} was stopped") for one in off[:-1]] == (
            [True] if name == DAILY else []
        )
    ask(operated, START, {"which": {**SELECTOR, "scheduleName": DAILY}})
    assert what_is_off(instance, timezone, now_utc()) == [NEVER_SEEN]


def test_no_other_page_shows_these_inside_itself(operated: TestClient) -> None:
    assert operated.get("/").headers["x-frame-options"] == "DENY"
