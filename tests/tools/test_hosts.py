"""Which hosts the gallery and the demonstration answer to: a page of another site must not read what they show."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import httpx
import pytest
from click.testing import Result
from tests.commands import RunningCommand, running

from errorpages.tools.hosts import Hosts, refusal

Run = Callable[..., Result]
OWN = socket.gethostname().lower()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("localhost", True, id="localhost"),
        pytest.param("localhost:8003", True, id="with a port"),
        pytest.param("LocalHost.:8003", True, id="in capitals, with a dot"),
        pytest.param("127.0.0.1:8003", True, id="IPv4"),
        pytest.param("[::1]:8003", True, id="IPv6"),
        pytest.param("[0:0:0:0:0:0:0:1]", True, id="IPv6 in full"),
        pytest.param("attacker.example", False, id="another name"),
        pytest.param("attacker.example:8003", False, id="another name, with a port"),
        pytest.param("localhost.attacker.example", False, id="a name that begins like it"),
        pytest.param("xlocalhost", False, id="a name that ends like it"),
        pytest.param("127.0.0.1.attacker.example", False, id="a name that begins with the address"),
        pytest.param("localhost:x", False, id="no port"),
        pytest.param("localhost:8003@attacker.example", False, id="a user"),
        pytest.param("192.0.2.1", False, id="another address"),
        pytest.param("[2001:db8::1]", False, id="another address, IPv6"),
        pytest.param("", False, id="nothing"),
        pytest.param(":8003", False, id="a port alone"),
        pytest.param("\0", False, id="no character of a name"),
        pytest.param(None, False, id="none"),
    ],
)
def test_a_server_on_this_machine_answers_to_its_names_alone(host: str | None, expected: bool) -> None:
    assert Hosts("127.0.0.1", ["127.0.0.1"]).allows(host) is expected
    assert Hosts("::1", ["::1"]).allows(host) is expected


def test_it_answers_to_what_it_was_told_to_listen_on() -> None:
    hosts = Hosts("192.0.2.7", ["build.acme.example"])
    for host in ("192.0.2.7:8003", "build.acme.example", "BUILD.acme.example.:80", "localhost"):
        assert hosts.allows(host)
    assert not hosts.allows("acme.example") and not hosts.allows("192.0.2.8")


@pytest.mark.parametrize("bound", ["0.0.0.0", "::"])
def test_on_every_address_it_answers_to_addresses_and_the_machines_names(bound: str) -> None:
    hosts = Hosts(bound)
    for host in ("192.0.2.7:8003", "[2001:db8::1]:8003", OWN, f"{OWN.partition('.')[0]}.local:8003"):
        assert hosts.allows(host)
    assert not hosts.allows("attacker.example")


def test_names_below_another_may_be_allowed_together() -> None:
    hosts = Hosts("127.0.0.1", ["*.app.example"])
    assert hosts.allows("a.app.example:443") and hosts.allows("a.b.app.example")
    assert not hosts.allows("app.example") and not hosts.allows("xapp.example")


def test_a_refusal_repeats_nothing_but_a_name() -> None:
    assert b"--allow-host build.acme.example\n" in refusal("build.acme.example:8003")
    for field in ("<script>", "\x1b[2J", "a" * 81, "ä", None, "a b"):
        assert refusal(field).startswith(b"This request names no host"), field


@pytest.fixture(scope="module", params=["gallery", "demo"])
def server(request: pytest.FixtureRequest) -> Iterator[RunningCommand]:
    with running(request.param, "--allow-host", "build.acme.example") as started:
        yield started


@pytest.mark.server
def test_a_rebound_name_gets_a_word_of_advice_and_nothing_else(server: RunningCommand) -> None:
    for url in server.urls:
        for path in ("", "preview", "status/404", "changes"):
            response = httpx.get(url + path, headers={"Host": "attacker.example:8003"}, trust_env=False)
            assert response.status_code == 421
            assert "doesn't answer to attacker.example" in response.text
            assert "--allow-host attacker.example" in response.text


@pytest.mark.server
def test_own_names_are_answered_to(server: RunningCommand) -> None:
    for url in server.urls:
        port = httpx.URL(url).port
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "build.acme.example"):
            assert httpx.get(url, headers={"Host": host}, trust_env=False).status_code == 200, host


@pytest.mark.server
def test_a_request_without_a_host_is_refused(server: RunningCommand) -> None:
    for url in server.urls:
        with socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0), timeout=20) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert connection.makefile("rb").readline().split()[1] in (b"400", b"421")


@pytest.mark.parametrize("command", ["gallery", "demo"])
@pytest.mark.parametrize(
    ("option", "value"),
    [
        pytest.param("--allow-host", "http://acme.example/", id="a URL"),
        pytest.param("--allow-host", "acme.example:8003", id="a port"),
        pytest.param("--allow-host", "*", id="everything"),
        pytest.param("--allow-host", "", id="nothing"),
        pytest.param("--allow-host", "\udcff", id="no UTF-8"),
        pytest.param("--host", "", id="no address, which would be every one"),
        pytest.param("--host", "\udcff", id="an address that is no UTF-8"),
        pytest.param("--host", "a" * 70 + ".example", id="a name that is too long"),
    ],
)
def test_a_host_that_is_none_is_named(run: Run, command: str, option: str, value: str) -> None:
    result = run(command, option, value)
    assert (result.exit_code, result.stdout) == (2, "")
    assert option in result.stderr and "can't be used; allowed: " in " ".join(result.stderr.split())
