"""What clients see over a socket, whichever server and framework stands behind it."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, Protocol

import h11
import httpx
import pytest
from tests.servers.processes import lines_about

pytestmark = pytest.mark.server

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}
NOT_STORABLE = "no-cache, no-store, must-revalidate"


class Setup(Protocol):
    is_asgi: bool
    keeps_alive: bool
    framework_logs: bool


class Server(Protocol):
    """The fixture, as far as these tests know it."""

    setup: Setup

    @property
    def url(self) -> str: ...
    @property
    def log(self) -> str: ...
    @property
    def is_running(self) -> bool: ...
    def connect(self) -> socket.socket: ...
    def release(self, mark: str) -> None: ...
    def new_mark(self) -> str: ...


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        yield client


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"waited 60 s for {what}"
        time.sleep(0.02)


class Connection:
    """One HTTP/1.1 connection, on which a byte too many or too few is an error."""

    def __init__(self, server: Server) -> None:
        self._socket = server.connect()
        self._state = h11.Connection(h11.CLIENT)

    def ask(self, method: str, target: str, body: bytes = b"") -> tuple[h11.Response, bytes]:
        fields = [("Host", "127.0.0.1"), ("Accept", BROWSER["Accept"]), ("Content-Length", str(len(body)))]
        self._send(h11.Request(method=method, target=target, headers=fields if body else fields[:2]))
        if body:
            self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())
        response: h11.Response | None = None
        content = b""
        while True:
            event = self._next()
            if isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                content += event.data
            elif isinstance(event, h11.EndOfMessage):
                assert response is not None
                return response, content

    def ask_again(self, method: str, target: str, body: bytes = b"") -> tuple[h11.Response, bytes]:
        """Use the same connection for another request."""
        assert self._state.trailing_data[0] == b"", "bytes after the end of the response"
        self._state.start_next_cycle()
        return self.ask(method, target, body)

    def close(self) -> None:
        self._socket.close()

    def _send(self, event: Any) -> None:
        self._socket.sendall(self._state.send(event) or b"")

    def _next(self) -> Any:
        while (event := self._state.next_event()) is h11.NEED_DATA:
            self._state.receive_data(self._socket.recv(65_536))
        assert event is not h11.PAUSED
        return event


# -- pages -------------------------------------------------------------------------------------------------------------


def test_a_browser_gets_a_page_for_a_404(client: httpx.Client) -> None:
    response = client.get("/nowhere", headers=BROWSER)
    assert (response.status_code, response.http_version) == (404, "HTTP/1.1")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["x-error-pages"] == "page"
    assert "<h1>Page not found</h1>" in response.text and "Acme</title>" in response.text
    assert response.headers["content-length"] == str(response.num_bytes_downloaded)
    assert "transfer-encoding" not in response.headers
    assert len(response.headers.get_list("content-type")) == 1
    assert len(response.headers.get_list("content-length")) == 1


def test_who_takes_anything_gets_text(client: httpx.Client) -> None:
    response = client.get("/nowhere", headers={"Accept": "*/*"})
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Page not found" in response.text and "<h1>" not in response.text


def test_a_program_gets_problem_details(client: httpx.Client) -> None:
    response = client.get("/nowhere", headers={"Accept": "application/json"})
    assert response.headers["content-type"] == "application/problem+json"
    members = json.loads(response.content)
    assert (members["status"], members["title"]) == (404, "Not Found")


def test_a_success_goes_through_untouched(client: httpx.Client) -> None:
    response = client.get("/fine", headers=BROWSER)
    assert (response.status_code, response.text) == (200, "fine")
    assert "x-error-pages" not in response.headers
    assert "vary" not in response.headers


def test_an_error_after_a_form_was_sent_is_a_page_that_warns(client: httpx.Client) -> None:
    response = client.post("/form", headers=BROWSER, data={"name": "x" * 5000})
    assert response.status_code == 409
    assert "Check before you send it again." in response.text


# -- exceptions --------------------------------------------------------------------------------------------------------


def test_an_exception_becomes_a_page_and_is_logged_once_with_its_reference(
    server: Server, client: httpx.Client
) -> None:
    mark, later = server.new_mark(), server.new_mark()
    response = client.get(f"/fails?mark={mark}", headers={**BROWSER, "X-Request-ID": f"ref-{mark}"})
    assert response.status_code == 500
    assert "There&#39;s a problem with the service" in response.text
    assert f"<bdi>ref-{mark}</bdi>" in response.text
    assert f"boom-{mark}" not in response.text
    assert response.headers["cache-control"] == NOT_STORABLE

    # What a later request wrote comes after all that the first one wrote. It takes a connection of its own, as uvicorn
    # closes the one that an exception was raised on.
    httpx.get(f"{server.url}/fails?mark={later}", headers=BROWSER, trust_env=False)
    wait_for(lambda: f"RuntimeError: boom-{later}" in server.log, "the later exception in the log")
    log = server.log
    assert log.count(f"RuntimeError: boom-{mark}") == 1
    lines = lines_about(log, f"ref-{mark}")
    if server.setup.is_asgi:
        assert len(lines) == 1
        after = log.partition(f"RuntimeError: boom-{mark}")[2].splitlines()
        assert f"ref-{mark}" in after[1], "the note follows the exception"
        assert "errorpages ERROR" not in log
    elif not server.setup.framework_logs:
        (record,) = lines
        assert record.startswith("errorpages ERROR ")
        assert "/fails" in record


def test_an_exception_after_the_first_byte_cuts_the_connection_rather_than_pretend(
    server: Server, client: httpx.Client
) -> None:
    mark = server.new_mark()
    received: list[bytes] = []
    with client.stream("GET", f"/breaks?mark={mark}", headers=BROWSER) as response:
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            received.extend(response.iter_raw())
    assert b"<h1>" not in b"".join(received)
    wait_for(lambda: f"RuntimeError: boom-{mark}" in server.log, "the exception in the log")
    assert client.get("/fine").text == "fine"


def test_an_exception_within_a_page_of_the_applications_own_cuts_it_too(server: Server, client: httpx.Client) -> None:
    mark = server.new_mark()
    received: list[bytes] = []
    with client.stream("GET", f"/own-page-breaks?mark={mark}", headers=BROWSER) as response:
        assert response.status_code == 500
        assert "x-error-pages" not in response.headers
        with pytest.raises(httpx.RemoteProtocolError):
            received.extend(response.iter_raw())
    assert b"<h1>" not in b"".join(received)
    assert client.get("/fine").text == "fine"


# -- HEAD and connections ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/nowhere", "/lasting"])
def test_head_has_the_fields_of_get_and_no_body(client: httpx.Client, path: str) -> None:
    get, head = client.get(path, headers=BROWSER), client.head(path, headers=BROWSER)
    assert (head.status_code, head.content) == (404, b"")
    assert head.headers["content-length"] == str(get.num_bytes_downloaded) == get.headers["content-length"]
    left_out = {"date", "connection"}
    assert {name: value for name, value in head.headers.items() if name not in left_out} == {
        name: value for name, value in get.headers.items() if name not in left_out
    }


def test_a_connection_can_be_used_again_after_a_page(server: Server) -> None:
    with closing(Connection(server)) as connection:
        response, page = connection.ask("GET", "/nowhere")
        assert response.status_code == 404 and b"<h1>Page not found</h1>" in page
        if not server.setup.keeps_alive:  # gunicorn's sync worker closes every connection
            assert dict(response.headers)[b"connection"] == b"close"
            return
        response, content = connection.ask_again("HEAD", "/nowhere")
        assert response.status_code == 404 and content == b""
        assert dict(response.headers)[b"content-length"] == str(len(page)).encode()
        response, content = connection.ask_again("GET", "/fine")
        assert (response.status_code, content) == (200, b"fine")
        response, content = connection.ask_again("POST", "/form", b"name=x")
        assert response.status_code == 409 and b"<h1>" in content
        response, content = connection.ask_again("GET", "/away")
        assert response.status_code == 503 and b"<h1>" in content
        response, content = connection.ask_again("GET", "/nowhere")
        assert (response.status_code, content) == (404, page)


def test_no_byte_follows_the_answer_to_head(server: Server) -> None:
    with closing(server.connect()) as plain:
        plain.sendall(b"HEAD /nowhere HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
        received = b""
        while data := plain.recv(65_536):
            received += data
    head, end, rest = received.partition(b"\r\n\r\n")
    assert b" 404 " in head.splitlines()[0]
    assert end and rest == b""


# -- caches ------------------------------------------------------------------------------------------------------------


def test_a_503_leaves_with_no_store_whatever_the_application_had_set(client: httpx.Client) -> None:
    response = client.get("/away", headers=BROWSER)
    assert response.status_code == 503
    assert response.headers.get_list("cache-control") == [NOT_STORABLE]
    assert (response.headers["pragma"], response.headers["expires"]) == ("no-cache", "0")


def test_a_404_keeps_the_policy_that_the_application_set(client: httpx.Client) -> None:
    response = client.get("/lasting", headers=BROWSER)
    assert response.status_code == 404
    assert response.headers["x-error-pages"] == "page"
    assert response.headers.get_list("cache-control") == ["public, max-age=3600"]
    assert "pragma" not in response.headers


# -- streams and clients that leave ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, status",
    [pytest.param("/stream", 200, id="a success"), pytest.param("/own-page", 404, id="an own error page")],
)
def test_a_stream_arrives_piece_by_piece(server: Server, client: httpx.Client, path: str, status: int) -> None:
    mark = server.new_mark()
    with client.stream("GET", f"{path}?mark={mark}", headers=BROWSER) as response:
        assert response.status_code == status
        chunks = response.iter_raw()
        received = next(chunks)
        while b"<p>first</p>" not in received:
            received += next(chunks)
        assert b"<p>last</p>" not in received
        server.release(mark)  # only now does the application make the last piece
        received += b"".join(chunks)
    assert received.startswith(b"<p>first</p>") and received.endswith(b"<p>last</p>")
    assert "x-error-pages" not in response.headers


@pytest.mark.parametrize(
    "path, waits_for_bytes",
    [
        pytest.param("/stream", True, id="in the midst of a success"),
        pytest.param("/own-page", True, id="in the midst of an own error page"),
        pytest.param("/slow", False, id="before the page was sent"),
    ],
)
def test_a_client_that_leaves_hurts_nobody(
    server: Server, client: httpx.Client, path: str, waits_for_bytes: bool
) -> None:
    before = len(server.log)
    for _ in range(3):
        mark = server.new_mark()
        leaving = server.connect()
        leaving.sendall(f"GET {path}?mark={mark} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n".encode())
        if waits_for_bytes:
            assert leaving.recv(16).startswith(b"HTTP/1.1 ")
        # Without lingering, closing resets the connection.
        leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        leaving.close()
        server.release(mark)
    response = client.get("/nowhere", headers=BROWSER)
    assert response.status_code == 404 and "<h1>Page not found</h1>" in response.text
    assert client.get("/fine").text == "fine"
    assert server.is_running
    written = server.log[before:]
    assert "Traceback" not in written
    assert "errorpages" not in written


def test_many_clients_at_once_each_get_their_own_page(server: Server) -> None:
    def visit(number: int) -> bytes:
        received = b""
        with closing(server.connect()) as connection:
            connection.sendall(
                f"GET /fails?mark=many HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nX-Request-ID: many-{number}\r\n"
                f"Connection: close\r\n\r\n".encode()
            )
            while data := connection.recv(65_536):
                received += data
        return received

    with ThreadPoolExecutor(12) as pool:
        for number, received in enumerate(pool.map(visit, range(48))):
            assert received.startswith(b"HTTP/1.1 500 ")
            assert f"<bdi>many-{number}</bdi>".encode() in received
            assert received.count(b"many-") == 1
