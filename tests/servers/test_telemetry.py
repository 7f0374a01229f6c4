"""Events under a real server: in the process that sent the page, each once, and none lost where it stops."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.servers.processes import Server, Setup, module, wait_for

pytestmark = pytest.mark.server

PRELOADED = module("gunicorn", "--bind", "127.0.0.1:0", "--workers", "2", "--preload", "--graceful-timeout", "10")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(Setup((*PRELOADED, "telemetry_app:application"), ("gunicorn",)), tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_workers_that_were_forked_tell_each_of_their_own_pages_once(server: Server, tmp_path: Path) -> None:
    visits: dict[str, int] = {}

    def visit() -> bool:
        """Visit until both workers have answered."""
        path = f"/{len(visits)}"
        response = httpx.get(f"{server.url}{path}", trust_env=False)
        assert response.status_code == 404 and response.headers["X-Error-Pages"] == "page"
        visits[path] = int(response.headers["X-Pid"])
        return len(set(visits.values())) == 2

    wait_for(visit, "both workers")
    server.stop()  # at once, while the hook is behind
    events = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
    assert sorted(event["path"] for event in events) == sorted(["/preload", *visits])
    told = {event["path"]: event["pid"] for event in events}
    assert told.pop("/preload") not in visits.values() and told == visits
