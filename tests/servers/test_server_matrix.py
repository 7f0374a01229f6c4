"""What error pages do behind each server, over real sockets: the server part of the compatibility table."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import h2.config
import h2.connection
import httpx
import pytest
from tests.servers.processes import DEADLINE, Server, comes, lines_about, skip_without, wait_for

pytestmark = pytest.mark.server

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}
ODD_BYTES = bytes(range(256)) * 1200

Record = Callable[[str, object], None]
Fail = Callable[..., httpx.Response]
Limit = Callable[[str], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def started(subject: Server, record_property: Record) -> None:
    """Record what the row is about, and leave where its server is missing."""
    record_property("distributions", ",".join(subject.setup.distributions))
    if subject.setup.missing:
        record_property("reason", subject.setup.missing)
    skip_without(subject.setup)


def open_client(subject: Server, patience: float = 60, keeps: int = 1) -> httpx.Client:
    """Make a client that keeps so many connections."""
    is_http2 = subject.setup.is_http2
    return httpx.Client(
        base_url=subject.url,
        timeout=patience,
        trust_env=False,
        http1=not is_http2,
        http2=is_http2,
        limits=httpx.Limits(max_keepalive_connections=keeps),
    )


@pytest.fixture
def client(subject: Server) -> Iterator[httpx.Client]:
    # uWSGI does not say that it closes a connection, and a client that finds out too late fails.
    with open_client(subject, keeps=0 if "keep-alive" in subject.setup.limits else 1) as client:
        yield client


@pytest.fixture
def fail(subject: Server) -> Fail:
    """Ask, on a connection of its own, for what fails: some servers close the one that an exception was raised on."""

    def ask(mark: str, reference: str, method: str = "GET") -> httpx.Response:
        with open_client(subject) as client:
            return client.request(method, f"/fails?mark={mark}", headers={**BROWSER, "X-Request-ID": reference})

    return ask


@pytest.fixture
def limit(subject: Server, record_property: Record) -> Limit:
    """Expect something of the server, unless its row says that it can't: then it really must not."""

    @contextmanager
    def expected(behaviour: str) -> Iterator[None]:
        reason = subject.setup.limits.get(behaviour)
        try:
            yield
        except AssertionError:
            if reason is None:
                raise
            record_property("reason", reason)
            pytest.skip(reason)
        assert reason is None, f"the server has learnt this, so it is no limit any more: {reason}"

    return expected


# -- pages -------------------------------------------------------------------------------------------------------------


@pytest.mark.matrix(kind="server", behaviour="page on 404")
def test_a_404_is_answered_with_a_page(subject: Server, client: httpx.Client) -> None:
    response = client.get("/nowhere", headers=BROWSER)
    assert response.http_version == ("HTTP/2" if subject.setup.is_http2 else "HTTP/1.1")
    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert response.headers.get_list("x-error-pages") == ["page"]
    assert response.headers.get_list("content-length") == [str(response.num_bytes_downloaded)]
    assert "transfer-encoding" not in response.headers
    assert "<h1>Page not found</h1>" in response.text and response.text.rstrip().endswith("</html>")


@pytest.mark.matrix(kind="server", behaviour="page on an exception")
def test_an_exception_is_answered_with_a_page_that_shows_its_reference(fail: Fail) -> None:
    for reference in ("seen-1", "seen-2"):
        response = fail("page", reference)
        assert response.status_code == 500
        assert response.headers.get_list("content-length") == [str(response.num_bytes_downloaded)]
        assert "There&#39;s a problem with the service" in response.text
        assert f"<bdi>{reference}</bdi>" in response.text
        assert "boom" not in response.text


@pytest.mark.matrix(kind="server", behaviour="exception logged once, with its reference")
def test_an_exception_is_logged_once_with_its_reference(subject: Server, fail: Fail, limit: Limit) -> None:
    mark, later = subject.new_mark(), subject.new_mark()
    assert fail(mark, f"ref-{mark}").status_code == 500
    with limit("log"):
        patience = 2 if "log" in subject.setup.limits else DEADLINE
        assert comes(lambda: f"RuntimeError: boom-{mark}" in subject.log, patience)
    # What a later request wrote comes after all that the first one wrote.
    assert fail(later, f"ref-{later}").status_code == 500
    wait_for(lambda: f"RuntimeError: boom-{later}" in subject.log, "the later exception in the log")
    log = subject.log
    assert log.count(f"RuntimeError: boom-{mark}") == 1
    assert ("errorpages ERROR" in log) is not subject.setup.is_asgi  # where the server logs it, with our note
    lines = lines_about(log, f"ref-{mark}")
    assert len(lines) <= 1
    with limit("reference in log"):
        assert len(lines) == 1
    (line,) = lines
    said = (
        "errorpages: the visitor's page has"
        if subject.setup.is_asgi
        else "errorpages ERROR GET /fails failed; the page has"
    )
    assert line == f"{said} the reference ref-{mark}"


@pytest.mark.matrix(kind="server", behaviour="HEAD without body, with the length of GET")
def test_head_has_no_body_and_the_length_of_get(subject: Server, client: httpx.Client, fail: Fail) -> None:
    answers = [[client.request(method, "/nowhere", headers=BROWSER) for method in ("GET", "HEAD")]]
    answers.append([fail("head", "head-1", method) for method in ("GET", "HEAD")])
    for get, head in answers:
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers.get_list("content-length") == [str(get.num_bytes_downloaded)]
        assert untimed(head) == untimed(get)
    if subject.setup.is_http2:  # where a frame too many would have been an error already
        return
    with subject.connect() as plain:
        plain.sendall(b"HEAD /nowhere HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
        head_bytes, end, rest = everything_from(plain).partition(b"\r\n\r\n")
    assert b" 404 " in head_bytes.splitlines()[0]
    assert end and rest == b""


# -- connections -------------------------------------------------------------------------------------------------------


@pytest.mark.matrix(kind="server", behaviour="connection usable after a page")
def test_a_connection_can_be_used_again_after_a_page(subject: Server, limit: Limit) -> None:
    with open_client(subject) as client:
        page, port = ask(client, "GET", "/nowhere")
        assert page.status_code == 404 and b"<h1>" in page.content
        with limit("keep-alive"):
            head, *_ = answers = [
                ask_on(port, client, method, path, body)
                for method, path, body in (
                    ("HEAD", "/nowhere", b""),
                    ("GET", "/fine", b""),
                    ("POST", "/form", b"name=x"),
                    ("GET", "/nowhere", b""),
                )
            ]
    assert [answer.status_code for answer in answers] == [404, 200, 409, 404]
    assert head.headers["content-length"] == str(page.num_bytes_downloaded)
    assert [answer.content for answer in answers[:2]] == [b"", b"fine"]
    assert "Check before you send it again." in answers[2].text
    assert answers[3].content == page.content


@pytest.mark.matrix(kind="server", behaviour="exception after the first byte aborts")
def test_an_exception_after_the_first_byte_does_not_look_like_a_whole_response(subject: Server, limit: Limit) -> None:
    breaks_off(subject, "/breaks", limit)


@pytest.mark.matrix(kind="server", behaviour="exception within an announced length aborts")
def test_an_exception_within_an_announced_length_does_not_look_like_a_whole_response(
    subject: Server, limit: Limit
) -> None:
    breaks_off(subject, "/breaks-announced", limit)


def breaks_off(subject: Server, path: str, limit: Limit) -> None:
    behaviour = f"abort {path}"
    is_left_open = "leaves the HTTP/2 stream open" in subject.setup.limits.get(behaviour, "")
    patience = 2 if is_left_open else DEADLINE
    ends: list[str] = []
    tracebacks: list[int] = []
    for start in ("", "/bare"):
        mark, before = subject.new_mark(), len(subject.log)
        received, end = end_of(subject, f"{start}{path}?mark={mark}", patience)
        # Whatever the server makes of it, nothing of ours follows what the application sent.
        assert received in (b"<p>first</p>", b"")
        wait_for(lambda: f"RuntimeError: boom-{mark}" in subject.log, "the exception in the log")  # noqa: B023
        with open_client(subject) as client:
            assert client.get("/fine").text == "fine"
        ends.append(end)
        tracebacks.append(subject.log[before:].count("Traceback"))
    assert ends[0] == ends[1]
    assert tracebacks == [1, 1]
    with limit(behaviour):
        assert ends[0] == "aborted"


def end_of(subject: Server, target: str, patience: float) -> tuple[bytes, str]:
    """Take a response, and tell how it ended: whole, aborted or never."""
    received = b""
    with open_client(subject, patience) as client:
        try:
            with client.stream("GET", target, headers=BROWSER) as response:
                assert response.status_code == 200
                for piece in response.iter_raw():
                    received += piece
        except httpx.ReadTimeout:
            return received, "never"
        except (httpx.RemoteProtocolError, httpx.ReadError):
            return received, "aborted"
    return received, "whole"


# When a client leaves: on which path, after what in the answer.
MOMENTS = [("/large", b"gone gone"), ("/slow", b""), ("/large", b"gone gone"), ("/stream", b"<p>first</p>")]


@pytest.mark.matrix(kind="server", behaviour="client that hangs up in mid-page hurts nothing")
def test_a_client_that_hangs_up_hurts_nothing(subject: Server, client: httpx.Client) -> None:
    assert client.get("/nowhere", headers=BROWSER).status_code == 404
    before = len(subject.log)
    for path, after in MOMENTS:
        mark = subject.new_mark()
        hang_up(subject, path, mark, after)
        subject.release(mark)
        if subject.setup.frees_applications:
            wait_for(lambda: subject.has_told(f"{mark}-over"), "the application's end")  # noqa: B023
    response = client.get("/nowhere", headers=BROWSER)
    assert response.status_code == 404 and "<h1>Page not found</h1>" in response.text
    assert client.get("/fine").text == "fine"
    assert subject.is_running
    written = subject.log[before:]
    assert "Traceback" not in written
    assert "errorpages" not in written


def hang_up(subject: Server, path: str, mark: str, after: bytes) -> None:
    """Ask, take the answer up to some bytes, and reset the connection."""
    target = f"{path}?mark={mark}&tell={mark}"
    with subject.connect(receive_buffer=4096) as leaving:
        leaving.sendall(asking_http2(target) if subject.setup.is_http2 else asking(target))
        wait_for(lambda: subject.has_told(f"{mark}-begun"), "the application's begin")
        received = b""
        while after not in received:
            piece = leaving.recv(1000)
            assert piece, "the server hung up first"
            received += piece
        # Without lingering, closing resets the connection.
        leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def asking(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n".encode()


def asking_http2(target: str) -> bytes:
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding=None))
    connection.initiate_connection()
    pseudo = [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", target)]
    connection.send_headers(1, [*pseudo, ("accept", "text/html")], end_stream=True)
    return connection.data_to_send()


# -- successes ---------------------------------------------------------------------------------------------------------


@pytest.mark.matrix(kind="server", behaviour="success streams")
def test_a_success_streams(subject: Server, client: httpx.Client) -> None:
    mark = subject.new_mark()
    with client.stream("GET", f"/stream?mark={mark}", headers=BROWSER) as response:
        assert response.status_code == 200
        pieces = response.iter_raw()
        received = next(pieces)
        while b"<p>first</p>" not in received:
            received += next(pieces)
        assert received == b"<p>first</p>"
        subject.release(mark)  # only now does the application make the last piece
        received += b"".join(pieces)
    assert received == b"<p>first</p><p>last</p>"


@pytest.mark.matrix(kind="server", behaviour="success untouched")
def test_a_success_is_what_it_is_without_error_pages(client: httpx.Client) -> None:
    for path, body in (("/fine", b"fine"), ("/odd", ODD_BYTES), ("/odd-announced", ODD_BYTES), ("/elsewhere", b"")):
        for method in ("GET", "HEAD"):
            response, bare = (client.request(method, f"{start}{path}", headers=BROWSER) for start in ("", "/bare"))
            assert response.content == bare.content
            assert untimed(response) == untimed(bare)
            assert response.extensions.get("reason_phrase") == bare.extensions.get("reason_phrase")
            assert response.status_code == bare.status_code < 400
            if method == "GET":
                assert response.content == body


# -- helpers -----------------------------------------------------------------------------------------------------------


def ask(client: httpx.Client, method: str, path: str, body: bytes = b"") -> tuple[httpx.Response, int]:
    """Ask for something, and tell the client's port."""
    with client.stream(method, path, headers=BROWSER, content=body or None) as response:
        connection = response.extensions["network_stream"].get_extra_info("socket")
        port: int = connection.getsockname()[1]
        response.read()
    return response, port


def ask_on(port: int, client: httpx.Client, method: str, path: str, body: bytes) -> httpx.Response:
    """Ask for something on the connection that a client has open."""
    try:
        response, used_port = ask(client, method, path, body)
    except (httpx.ReadError, httpx.RemoteProtocolError) as error:
        raise AssertionError("the connection can't be used again") from error
    assert used_port == port, "another connection was opened"
    return response


def untimed(response: httpx.Response) -> list[tuple[bytes, bytes]]:
    """Give the fields in order, without the time and what is said about the connection."""
    return [(name, value) for name, value in response.headers.raw if name.lower() not in (b"date", b"connection")]


def everything_from(connection: socket.socket) -> bytes:
    received = b""
    while data := connection.recv(65_536):
        received += data
    return received
