"""A switch on real servers: a fleet with one Redis, visitors while it is switched, and WebSockets."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import websockets.exceptions
from tests.maintenance.redis_server import RedisServer
from tests.servers.processes import Server, Setup, module, skip_without, wait_for
from websockets.sync.client import connect

from errorpages.maintenance import FileSwitch, State

pytestmark = pytest.mark.server

HERE = str(Path(__file__).parent)
FINE = b"fine " * 200
PATIENCE = 60

GUNICORN = module(
    *("gunicorn", "--bind", "127.0.0.1:0", "--graceful-timeout", "2", "--worker-class", "gthread", "--threads", "4")
)
UVICORN = module("uvicorn", "--port", "0", "--timeout-graceful-shutdown", "2", "--no-access-log")


def setup(command: tuple[str, ...], switch: str) -> Setup:
    path = os.pathsep.join(filter(None, [HERE, os.environ.get("PYTHONPATH")]))
    return Setup(command, (command[2],), environment={"ERRORPAGES_SWITCH": switch, "PYTHONPATH": path})


@contextmanager
def served(folder: Path, *setups: Setup) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        servers = []
        for number, each in enumerate(setups):
            skip_without(each)
            (folder / f"server-{number}").mkdir()
            server = Server(each, folder / f"server-{number}")
            stack.callback(server.stop)
            server.start()
            servers.append(server)
        yield servers


@dataclass(frozen=True)
class Visit:
    """One request on a connection of its own."""

    server: int
    began: float
    status: int
    worker: str
    end: str


class Connection:
    """Speaks HTTP/1.1 and takes nothing for granted: an answer is the application's, or a whole page."""

    REQUEST = b"GET /things HTTP/1.1\r\nHost: acme.example\r\nAccept: text/html\r\n\r\n"

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._buffer = b""

    def visit(self) -> tuple[int, dict[str, str], bytes]:
        self._socket.sendall(self.REQUEST)
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers["content-length"])
        while len(self._buffer) < length:
            self._receive()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        assert self._buffer == b"", "bytes after the end of the answer"
        return int(first.split()[1]), headers, body

    def _receive(self) -> None:
        received = self._socket.recv(65_536)
        assert received, f"the connection was cut after {self._buffer!r}"
        self._buffer += received

    def close(self) -> None:
        self._socket.close()


def judged(status: int, headers: dict[str, str], body: bytes) -> str:
    """Check that an answer is the application's or a whole maintenance page; returns the end that a page promises."""
    if status == 200:
        assert body == FINE and "x-error-pages" not in headers
        return ""
    assert status == 503 and headers["x-error-pages"] == "maintenance"
    assert headers["cache-control"] == "no-cache, no-store, must-revalidate"
    assert body.startswith(b"<!doctype html>") and body.rstrip().endswith(b"</html>")
    assert b"<h1>The service is closed for maintenance</h1>" in body
    found = re.search(rb'<time datetime="([^"]+)">', body)
    assert (found is not None) is ("retry-after" in headers)
    return found[1].decode() if found else "none"


class Visitors:
    """Visit servers without a pause, each time on a new connection, so that every worker is met."""

    def __init__(self, servers: list[Server]) -> None:
        self.visits: list[Visit] = []
        self.failures: list[str] = []
        self._servers = servers
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._go, args=(n,), daemon=True) for n in range(len(servers))]

    def __enter__(self) -> Visitors:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _go(self, number: int) -> None:
        while not self._is_over.is_set():
            began = time.monotonic()
            try:
                connection = Connection(self._servers[number].port)
                try:
                    status, headers, body = connection.visit()
                    end = judged(status, headers, body)
                finally:
                    connection.close()
            except (AssertionError, OSError) as error:
                self.failures.append(f"{number}: {error!r}")
            else:
                self.visits.append(Visit(number, began, status, headers["x-worker"], end))
            time.sleep(0.005)

    def since(self, moment: float) -> list[Visit]:
        return [visit for visit in list(self.visits) if visit.began >= moment]

    def wait_for(self, status: int, workers: int, what: str) -> None:
        """Wait until so many workers are known, and the latest answer of each has a status."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            latest = {visit.worker: visit.status for visit in list(self.visits)}
            if len(latest) == workers and set(latest.values()) == {status}:
                return
            assert not self.failures, self.failures[:3]
            time.sleep(0.02)
        pytest.fail(f"waited {PATIENCE} s for {what}")

    def meet(self, workers: int) -> None:
        """Wait until so many workers have answered since now."""
        begin = time.monotonic()
        while len({visit.worker for visit in self.since(begin)}) < workers:
            assert time.monotonic() - begin < PATIENCE, f"not all of the {workers} workers answered"
            time.sleep(0.02)


def errorpages(switch: str, *arguments: str) -> None:
    """Run the command as an operator does."""
    done = subprocess.run(
        [sys.executable, "-m", "errorpages", "maintenance", *arguments],
        env={**os.environ, "ERRORPAGES_SWITCH": switch},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["each worker loads the application", "preloaded"])
def test_a_fleet_with_one_redis_is_closed_and_opened_by_one_command(
    redis: RedisServer, tmp_path: Path, preload: tuple[str, ...]
) -> None:
    gunicorn = setup((*GUNICORN, "--workers", "2", *preload, "maintained:application"), redis.url)
    uvicorn = setup((*UVICORN, "--workers", "2", "maintained:asgi"), redis.url)
    with served(tmp_path, gunicorn, uvicorn) as servers, Visitors(servers) as visitors:
        visitors.wait_for(200, 4, "an open site")

        errorpages(redis.url, "on", "--for", "45m")
        visitors.wait_for(503, 4, "every worker to close")
        closed = time.monotonic()
        visitors.meet(4)

        redis.stop()
        wait_for(lambda: sum(server.log.count("can't be read") for server in servers) == 4, "every worker to notice")
        visitors.meet(4)
        redis.start()  # it has forgotten everything
        wait_for(lambda: redis.reads() >= 8, "every worker to look again")
        visitors.meet(4)
        while_closed = visitors.since(closed)
        assert {visit.status for visit in while_closed} == {503}
        assert len({visit.end for visit in while_closed}) == 1, "everybody is promised the same end"
        assert while_closed[0].end != "none"

        errorpages(redis.url, "off")
        visitors.wait_for(200, 4, "every worker to open")
        opened = time.monotonic()
        visitors.meet(4)
        assert {visit.status for visit in visitors.since(opened)} == {200}
    assert visitors.failures == []


def test_a_worker_that_nobody_visited_before_is_closed_too(redis: RedisServer, tmp_path: Path) -> None:
    gunicorn = setup((*GUNICORN, "--workers", "2", "--preload", "maintained:application"), redis.url)
    uvicorn = setup((*UVICORN, "--workers", "2", "maintained:asgi"), redis.url)
    with served(tmp_path, gunicorn, uvicorn) as servers:
        errorpages(redis.url, "on", "--for", "45m")
        for server in servers:
            for _ in range(20):
                connection = Connection(server.port)
                assert connection.visit()[0] == 503
                connection.close()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param((*GUNICORN, "--workers", "2", "maintained:application"), id="gunicorn"),
        pytest.param((*UVICORN, "maintained:asgi"), id="uvicorn"),
    ],
)
def test_every_one_of_4_000_requests_gets_the_application_or_a_whole_page(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    switch = FileSwitch(tmp_path / "switch.json")
    switch.write(State())
    counts = {200: 0, 503: 0}
    lock = threading.Lock()
    deadline = time.monotonic() + 600

    def is_enough() -> bool:
        return sum(counts.values()) >= 4_000 and min(counts.values()) >= 400

    def visit(number: int) -> None:
        connection = Connection(server.port)
        while not is_enough() and time.monotonic() < deadline:
            status, headers, body = connection.visit()
            judged(status, headers, body)
            with lock:
                counts[status] += 1
            if headers.get("connection", "").lower() == "close":
                connection.close()
                connection = Connection(server.port)
        connection.close()

    def flip(is_over: threading.Event) -> None:
        is_on = False
        while not is_over.wait(0.2):
            is_on = not is_on
            switch.write(State(on=is_on, end=datetime.now(UTC) + timedelta(minutes=5)))

    with served(tmp_path, setup(command, switch.path)) as (server,):
        is_over = threading.Event()
        flipping = threading.Thread(target=flip, args=(is_over,))
        flipping.start()
        try:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(visit, range(8)))
        finally:
            is_over.set()
            flipping.join()
    assert is_enough(), counts


# -- WebSockets --------------------------------------------------------------------------------------------------------


def refused(url: str) -> websockets.exceptions.InvalidStatus:
    with pytest.raises(websockets.exceptions.InvalidStatus) as caught:
        connect(url, open_timeout=PATIENCE).close()
    return caught.value


@pytest.mark.parametrize("implementation", ["websockets", "websockets-sansio", "wsproto"])
def test_a_websocket_is_refused_while_the_site_is_closed(implementation: str, tmp_path: Path) -> None:
    switch = FileSwitch(tmp_path / "switch.json")
    switch.write(State(on=True, end=datetime.now(UTC) + timedelta(hours=1), paths=("/open",)))
    command = (*UVICORN, "--ws", implementation)
    whole = setup((*command, "maintained:asgi"), switch.path)
    bare = setup((*command, "maintained:without_denials"), switch.path)
    with served(tmp_path, whole, bare) as servers:
        urls = [f"ws://127.0.0.1:{server.port}" for server in servers]
        response = refused(f"{urls[0]}/chat").response
        assert response.status_code == 503
        assert response.headers["x-error-pages"] == "maintenance"
        assert 3600 >= int(response.headers["retry-after"]) - 360 > 3000
        assert b"The service is closed for maintenance" in (response.body or b"")
        assert refused(f"{urls[1]}/chat").response.status_code == 403, "as servers answer who closes before accepting"
        for url in urls:
            with connect(f"{url}/open", open_timeout=PATIENCE) as accepted:
                assert accepted.recv(PATIENCE) == "fine"
        log = "".join(server.log for server in servers)
    assert "Traceback" not in log and "Exception" not in log
