"""The demonstration: both halves give the same answers, and both stop when told to."""

from __future__ import annotations

import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import Result
from tests.commands import RunningCommand, running

from errorpages.tools import serving
from errorpages.tools.demo import STATUSES

Run = Callable[..., Result]

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ANYTHING = {"Accept": "*/*"}


def halves(demo: RunningCommand) -> dict[str, str]:
    return dict(zip(("Starlette", "Werkzeug"), demo.urls, strict=True))


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningCommand]:
    with running("demo") as started:
        yield started


@pytest.fixture(params=["Starlette", "Werkzeug"])
def half(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def client(demo: RunningCommand, half: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=halves(demo)[half], trust_env=False, timeout=60) as opened:
        yield opened


def links(page: str) -> list[str]:
    return re.findall(r'href="(/[^"]*)"', page)


# -- what both halves answer -------------------------------------------------------------------------------------------


@pytest.mark.server
def test_the_index_leads_to_every_status_and_to_the_other_half(
    demo: RunningCommand, half: str, client: httpx.Client
) -> None:
    page = client.get("/", headers=BROWSER).text
    assert {f"/status/{status}" for status in STATUSES} <= set(links(page))
    (other,) = set(halves(demo)) - {half}
    assert f'<a href="{halves(demo)[other]}">' in page
    assert f"curl {halves(demo)[half]}status/404" in page


@pytest.mark.server
def test_every_link_of_the_index_leads_to_a_page_but_the_forms(client: httpx.Client) -> None:
    # uvicorn closes the connection after an exception without saying so: each link has one of its own.
    for link in links(client.get("/", headers=BROWSER).text):
        response = client.get(link, headers={**BROWSER, "Connection": "close"})
        if link == "/form":
            assert response.status_code == 200
        else:
            assert response.headers.get("X-Error-Pages") == "page", link
            assert response.headers["Content-Type"].startswith("text/html"), link


@pytest.mark.server
@pytest.mark.parametrize("status", STATUSES)
def test_a_status_keeps_its_code_whichever_way_it_is_asked_for(client: httpx.Client, status: int) -> None:
    for headers in (BROWSER, ANYTHING, {"Accept": "application/json"}):
        assert client.get(f"/status/{status}", headers=headers).status_code == status


@pytest.mark.server
@pytest.mark.parametrize(
    ("status", "field"),
    [
        pytest.param(401, "WWW-Authenticate", id="401"),
        pytest.param(405, "Allow", id="405"),
        pytest.param(429, "Retry-After", id="429"),
        pytest.param(451, "Link", id="451"),
    ],
)
def test_a_status_carries_the_field_that_belongs_to_it(client: httpx.Client, status: int, field: str) -> None:
    assert field in client.get(f"/status/{status}", headers=BROWSER).headers


@pytest.mark.server
@pytest.mark.parametrize("path", ["/status/299", "/status/999", "/cached/600", "/nowhere"])
def test_what_is_not_on_the_index_is_404(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.server
def test_curl_gets_text(client: httpx.Client) -> None:
    response = client.get("/status/404", headers={"User-Agent": "curl/8.5.0", **ANYTHING})
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Page not found" in response.text


@pytest.mark.server
def test_who_asks_for_json_gets_problem_details(client: httpx.Client) -> None:
    response = client.get("/status/404", headers={"Accept": "application/json"})
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert (problem["type"], problem["title"], problem["status"]) == ("about:blank", "Not Found", 404)


@pytest.mark.server
def test_an_own_message_is_shown(client: httpx.Client) -> None:
    assert '<blockquote dir="auto">No such invoice</blockquote>' in client.get("/invoices/1042", headers=BROWSER).text


@pytest.mark.server
def test_a_json_error_stays_for_a_script(client: httpx.Client) -> None:
    response = client.get("/api/invoices/1042", headers=ANYTHING)
    assert (response.status_code, response.json()) == (404, {"detail": "No such invoice"})
    assert "X-Error-Pages" not in response.headers


@pytest.mark.server
def test_an_exception_shows_a_reference_and_none_of_its_words(client: httpx.Client) -> None:
    response = client.get("/crash", headers=BROWSER)
    assert response.status_code == 500
    assert "<dt>Reference</dt>" in response.text
    assert "Visitors never read this" not in response.text


@pytest.mark.server
@pytest.mark.parametrize("copies", ["0", "99", "²", '"><b>', ""])
def test_a_form_that_was_filled_in_wrongly_stays(client: httpx.Client, copies: str) -> None:
    response = client.post("/form", data={"copies": copies}, headers=BROWSER)
    assert response.status_code == 422
    assert "X-Error-Pages" not in response.headers
    assert '<form method="post"' in response.text
    assert "Enter a number from 1 to 9." in response.text
    assert "<b>" not in response.text


@pytest.mark.server
def test_a_wrong_form_is_shown_with_what_was_typed(client: httpx.Client) -> None:
    assert 'value="12 please"' in client.post("/form", data={"copies": "12 please"}, headers=BROWSER).text


@pytest.mark.server
def test_a_form_that_was_filled_in_well_is_accepted(client: httpx.Client) -> None:
    response = client.post("/form", data={"copies": "3"}, headers=BROWSER)
    assert response.status_code == 200
    assert "3 copies are on the way." in response.text


@pytest.mark.server
def test_a_slow_503_says_when_to_try_again(client: httpx.Client) -> None:
    started = time.monotonic()
    response = client.get("/busy", headers=BROWSER)
    assert time.monotonic() - started > 1.9
    assert (response.status_code, response.headers["Retry-After"]) == (503, "120")
    assert "Please try again in about 2 minutes." in response.text


@pytest.mark.server
@pytest.mark.parametrize(
    ("status", "policy"),
    [
        pytest.param(503, "no-cache, no-store, must-revalidate", id="one that passes is not stored"),
        pytest.param(404, "public, max-age=3600", id="one that lasts keeps its policy"),
    ],
)
def test_caches_are_told_what_is_true(client: httpx.Client, status: int, policy: str) -> None:
    assert client.get(f"/cached/{status}", headers=BROWSER).headers["Cache-Control"] == policy


# -- starting and stopping ---------------------------------------------------------------------------------------------


def free_port() -> int:
    """Find a port that is free, with the next one."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port: int = first.getsockname()[1]
            try:
                socket.create_server(("127.0.0.1", port + 1)).close()
            except OSError:
                continue
        return port


@pytest.mark.server
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_stops_both_halves_quietly_and_frees_their_ports(number: int) -> None:
    port = free_port()
    with running("demo", port=port) as demo:
        assert demo.urls == (f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port + 1}/")
        assert f"curl http://127.0.0.1:{port}/status/404\n" in demo.printed
        with httpx.Client(trust_env=False) as client:
            for address in demo.urls:
                assert client.get(address).status_code == 200
            assert demo.stop(number) == (0, "")
    for freed in (port, port + 1):
        socket.create_server(("127.0.0.1", freed)).close()


@pytest.mark.server
def test_what_is_under_way_is_finished_first() -> None:
    with running("demo") as demo:
        address = urlsplit(halves(demo)["Starlette"])
        with socket.create_connection((address.hostname, address.port), timeout=60) as slow:
            slow.sendall(b"GET /busy HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n\r\n")
            assert httpx.get(address.geturl(), trust_env=False, timeout=60).status_code == 200  # came after it
            status, errors = demo.stop(signal.SIGINT)
            answer = b"".join(iter(lambda: slow.recv(1 << 16), b""))
        assert status == 0 and re.fullmatch(r"GET /busy: a page for 503 was served .*\n", errors)
    assert answer.startswith(b"HTTP/1.1 503 ")


@pytest.mark.server
def test_an_exception_is_logged_once_a_half_with_the_reference_on_the_page() -> None:
    with running("demo") as demo:
        texts = [httpx.get(f"{url}crash", headers=ANYTHING, trust_env=False).text for url in demo.urls]
        status, errors = demo.stop(signal.SIGINT)
    assert status == 0
    assert errors.count("RuntimeError: Visitors never read this") == 2
    for text in texts:
        (reference,) = re.findall(r"Reference: (\S+)", text)
        assert errors.count(f"reference {reference}\n") == 2  # beside the exception, and in the page's own line


@pytest.mark.parametrize("offset", [pytest.param(0, id="the first port"), pytest.param(1, id="the second port")])
def test_a_port_that_was_asked_for_and_is_taken_is_an_error(run: Run, offset: int) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port + offset)):
        result = run("demo", "--port", str(port))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: The demo can't start: Address already in use")
    assert str(port + offset) in result.stderr


def test_an_address_that_is_not_of_this_machine_is_an_error(run: Run) -> None:
    result = run("demo", "--host", "192.0.2.1")
    assert result.exit_code == 1
    assert "192.0.2.1" in result.stderr


def test_a_default_port_that_is_taken_gives_way_to_a_free_one() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        halves = serving.listen("127.0.0.1", port, may_move=True)
    with halves.asgi, halves.wsgi:
        first, second = halves.urls
    assert first != f"http://127.0.0.1:{port}/"
    assert second == f"http://127.0.0.1:{port + 1}/"


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        pytest.param("127.0.0.1", "http://127.0.0.1:", id="IPv4"),
        pytest.param("0.0.0.0", "http://127.0.0.1:", id="every address"),
        pytest.param("localhost", "http://localhost:", id="a name"),
    ],
)
def test_the_addresses_can_be_opened_on_this_machine(host: str, shown: str) -> None:
    halves = serving.listen(host, 0, may_move=False)
    with halves.asgi, halves.wsgi:
        assert all(url.startswith(shown) for url in halves.urls)


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_ipv6_address_stands_in_brackets() -> None:
    try:
        halves = serving.listen("::1", 0, may_move=False)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with halves.asgi, halves.wsgi:
        assert all(url.startswith("http://[::1]:") for url in halves.urls)
