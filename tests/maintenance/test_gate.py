"""Who passes while the site is closed, and how a bypass link lets one in."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from errorpages import Page, Request
from errorpages.maintenance import DEFAULT_PATHS, State, bypass
from errorpages.maintenance.gate import Admission, Closing, Gate
from errorpages.maintenance.switch import switch_of

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
KEY = "0123456789abcdef" * 2
CLOSED = State(on=True, bypass_key=KEY, networks=("192.0.2.0/24", "2001:db8::/32"))
WINDOW = CLOSED.bypass_window


class Clock(Protocol):
    seconds: float

    def now(self) -> datetime: ...


@pytest.fixture
def gate(clock: Clock) -> Gate:
    return gate_of(CLOSED, clock)


def gate_of(state: State, clock: Clock, *trusted: str) -> Gate:
    switch = switch_of(lambda: state)
    assert switch is not None
    return Gate(switch, trusted, clock=clock.now)


def asking(path: str = "/", query: str = "", client: str | None = "198.51.100.1", **fields: str) -> Request:
    headers = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Request(path=path, query=query, client=client, headers=headers)


def admit(gate: Gate, request: Request, state: State | None = None, is_https: bool = False) -> Admission:
    return gate.admit(closing(gate, state), request, is_https=is_https)


def closing(gate: Gate, state: State | None = None) -> Closing:
    found = gate.closing()
    assert found is not None
    return found if state is None else Closing(state, found.now)


def passes(gate: Gate, request: Request, state: State | None = None) -> bool:
    return admit(gate, request, state).passes


# -- open or closed ----------------------------------------------------------------------------------------------------


def test_an_open_site_has_no_closing(clock: Clock) -> None:
    assert gate_of(State(), clock).closing() is None
    assert gate_of(CLOSED, clock).closing() == (CLOSED, NOON)


def test_a_planned_closing_begins_when_it_is_planned(clock: Clock) -> None:
    gate = gate_of(State(on=True, start=NOON + timedelta(minutes=1)), clock)
    clock.seconds = 59
    assert gate.closing() is None
    clock.seconds = 60
    assert gate.closing() is not None


def test_a_bypass_link_before_the_start_is_seen_and_nothing_else(clock: Clock) -> None:
    planned = State(on=True, bypass_key=KEY, start=NOON + timedelta(days=2))
    gate = gate_of(planned, clock)
    link = bypass.signed(planned, "link", NOON)
    for query in ("", "a=1", "q=errorpages", f"x={link}"):
        assert gate.closing(query=query) is None
    for name in (bypass.PARAMETER, "errorpages%2Dbypass"):
        found = gate.closing(query=f"a=1&{name}={link}")
        assert found is not None and not found.has_begun
        admission = gate.admit(found, asking(query=f"a=1&{name}={link}"), is_https=False)
        assert admission.redirect is not None and ("Location", "/?a=1") in admission.redirect.headers
    for query in (f"{bypass.PARAMETER}={link}x", f"{bypass.PARAMETER}="):
        found = gate.closing(query=query)
        assert found is not None
        assert gate.admit(found, asking(query=query), is_https=False) == Admission(passes=True)
    assert gate_of(State(bypass_key=KEY), clock).closing(query=f"{bypass.PARAMETER}={link}") is None, "it is off"


def test_the_cookie_of_an_early_link_lasts_as_long_from_the_start_on_as_any(clock: Clock) -> None:
    start = NOON + timedelta(days=2)
    planned = State(on=True, bypass_key=KEY, start=start)
    ((name, value),) = SimpleCookie(bypass.set_cookie(planned, NOON, is_secure=False)).items()
    assert int(value["max-age"]) == 2 * 86_400 + planned.bypass_window
    for moment, expected in ((start, True), (start + timedelta(hours=11), True), (start + timedelta(hours=12), False)):
        assert bypass.holds_cookie(planned, f"{name}={value.value}", moment) is expected


# -- paths -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/healthz", True, id="a health check"),
        pytest.param("/livez", True, id="a liveness check"),
        pytest.param("/readyz", True, id="a readiness check"),
        pytest.param("/health", True, id="another health check"),
        pytest.param("/up", True, id="a short one"),
        pytest.param("/metrics", True, id="metrics"),
        pytest.param("/.well-known/acme-challenge/abc", True, id="a certificate's challenge"),
        pytest.param("/", False, id="the home page"),
        pytest.param("/healthz/", False, id="with a slash"),
        pytest.param("/HEALTHZ", False, id="in capitals"),
        pytest.param("/x/healthz", False, id="below something"),
        pytest.param("/healthz\n", False, id="with a newline"),
        pytest.param("/healthzz", False, id="longer"),
        pytest.param("/.well-known", False, id="without what is below"),
        pytest.param("/.well-known/../admin", False, id="climbing"),
        pytest.param("/.well-known/..", False, id="climbing at the end"),
        pytest.param("/.well-known/./../admin", False, id="climbing in steps"),
        pytest.param("/.well-known/..\\admin", False, id="climbing with a backslash"),
        pytest.param("/.well-known\\..\\admin", False, id="climbing with backslashes"),
        pytest.param("/.well-known/%2e%2e/admin", False, id="climbing, encoded twice"),
        pytest.param("/.well-known/..%2fadmin", False, id="climbing, the slash encoded twice"),
        pytest.param("/.well-known/..;/admin", False, id="climbing with a parameter"),
        pytest.param("/.well-known/...", True, id="three dots climb nowhere"),
        pytest.param("/.well-known/a..b", True, id="dots within a name"),
    ],
)
def test_some_paths_are_open_to_everyone(gate: Gate, path: str, expected: bool) -> None:
    admission = admit(gate, asking(path))
    assert admission == Admission(passes=expected)
    assert not gate.is_private(closing(gate), asking(path))


def test_the_switch_opens_paths_beside_those_of_the_site(clock: Clock) -> None:
    state = State(on=True, paths=("/status", "/api/*"))
    for paths, expected in ((DEFAULT_PATHS, True), (("/ping",), False), ((), False)):
        gate = Gate(switch_of(lambda: state), paths=paths, clock=clock.now)  # type: ignore[arg-type]
        assert passes(gate, asking("/api/v1/x")) and passes(gate, asking("/status"))
        assert passes(gate, asking("/healthz")) is expected
        assert passes(gate, asking("/ping")) is ("/ping" in paths)
        assert not passes(gate, asking("/"))


# -- networks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        pytest.param("192.0.2.7", True, id="inside"),
        pytest.param("::ffff:192.0.2.7", True, id="inside, IPv4-mapped"),
        pytest.param("2001:db8::7", True, id="inside, IPv6"),
        pytest.param("198.51.100.1", False, id="outside"),
        pytest.param(None, False, id="no address"),
        pytest.param("unix:", False, id="a Unix socket"),
    ],
)
def test_visitors_of_allowed_networks_pass_and_what_they_get_is_theirs(
    gate: Gate, client: str | None, expected: bool
) -> None:
    request = asking(client=client)
    assert admit(gate, request) == Admission(passes=expected, is_private=expected)
    assert gate.is_private(closing(gate), request) is expected


def test_a_spoofed_address_does_not_pass(gate: Gate, clock: Clock) -> None:
    spoofed = {"X_Forwarded_For": "192.0.2.7", "Forwarded": "for=192.0.2.7", "X_Real_IP": "192.0.2.7"}
    assert not passes(gate, asking(**spoofed))
    behind = gate_of(CLOSED, clock, "10.0.0.0/8")
    assert not passes(behind, asking(**spoofed))
    assert not passes(behind, asking(client="10.0.0.1", X_Forwarded_For="192.0.2.7, 198.51.100.1"))
    assert passes(behind, asking(client="10.0.0.1", X_Forwarded_For="198.51.100.1, 192.0.2.7"))


def test_everybody_is_let_in_by_a_network_of_everybody_but_not_nobody(gate: Gate) -> None:
    state = State(on=True, networks=("0.0.0.0/0", "::/0"))
    assert passes(gate, asking(), state) and not passes(gate, asking(client=None), state)


# -- the link ----------------------------------------------------------------------------------------------------------


def link(state: State = CLOSED, now: datetime = NOON) -> str:
    return f"{bypass.PARAMETER}={bypass.signed(state, 'link', now)}"


def redirect(gate: Gate, request: Request, *, is_https: bool = False) -> Page:
    admission = admit(gate, request, is_https=is_https)
    assert admission.redirect is not None and not admission.passes
    return admission.redirect


def field(page: Page, name: str) -> str:
    (value,) = [value for field_name, value in page.headers if field_name == name]
    return value


def test_a_bypass_link_leads_to_the_page_without_the_token_and_sets_a_cookie(gate: Gate) -> None:
    page = redirect(gate, asking("/shop", f"a=1&{link()}&b=2"))
    assert (page.status, page.body) == (303, b"")
    assert field(page, "Location") == "/shop?a=1&b=2"
    assert field(page, "Cache-Control") == "no-store"
    assert field(page, "Referrer-Policy") == "no-referrer"
    assert field(page, "Content-Length") == "0"
    (cookie,) = SimpleCookie(field(page, "Set-Cookie")).values()
    assert (cookie["path"], cookie["max-age"], cookie["samesite"]) == ("/", str(WINDOW), "Lax")
    assert cookie["httponly"] and not cookie["secure"] and not cookie["domain"]
    assert "token" not in str(page) and bypass.PARAMETER not in field(page, "Location")
    assert passes(gate, asking(Cookie=f"{cookie.key}={cookie.value}"))


def test_the_cookie_is_secure_where_the_site_is(gate: Gate, clock: Clock) -> None:
    assert "Secure" in field(redirect(gate, asking(query=link()), is_https=True), "Set-Cookie")
    behind = gate_of(CLOSED, clock, "10.0.0.0/8")
    by_proxy = asking(query=link(), client="10.0.0.1", X_Forwarded_Proto="https")
    assert "Secure" in field(redirect(behind, by_proxy), "Set-Cookie")
    by_stranger = asking(query=link(), X_Forwarded_Proto="https")
    assert "Secure" not in field(redirect(behind, by_stranger), "Set-Cookie")


@pytest.mark.parametrize(
    ("root_path", "path", "query", "location"),
    [
        pytest.param("", "/", "", "/", id="the home page"),
        pytest.param("/shop", "/cart", "", "/shop/cart", id="under a mount"),
        pytest.param("", "/", "q=1", "/?q=1", id="another parameter"),
        pytest.param("", "/", "q=%C3%BC&q=a+b&empty=&flag", "/?q=%C3%BC&q=a+b&empty=&flag", id="odd parameters"),
        pytest.param("", "//evil.example/x", "", "/evil.example/x", id="two slashes"),
        pytest.param("", "///evil.example", "", "/evil.example", id="three slashes"),
        pytest.param("", "/\\evil.example", "", "/evil.example", id="a slash and a backslash"),
        pytest.param("", "\\\\evil.example", "", "/evil.example", id="two backslashes"),
        pytest.param("//evil.example", "/x", "", "/evil.example/x", id="a mount with two slashes"),
        pytest.param("", "/\t/evil.example", "", "/%09/evil.example", id="a tab, which browsers drop"),
        pytest.param("", "/a b/ü", "", "/a%20b/%C3%BC", id="letters that have to be encoded"),
        pytest.param("", "/a?b#c", "", "/a%3Fb%23c", id="signs that would begin something else"),
        pytest.param("", "/x\r\nSet-Cookie: a=b", "", "/x%0D%0ASet-Cookie:%20a=b", id="a line break"),
        pytest.param("", "/", "a=\r\nSet-Cookie: a=b", "/?a=%0D%0ASet-Cookie:%20a=b", id="a line break in the query"),
        pytest.param("", "https://evil.example", "", "/https://evil.example", id="a whole address as path"),
    ],
)
def test_the_link_stays_on_its_origin(gate: Gate, root_path: str, path: str, query: str, location: str) -> None:
    whole = f"{link()}&{query}" if query else link()
    page = redirect(gate, Request(path=path, root_path=root_path, query=whole))
    assert field(page, "Location") == location


@given(path=st.text(), query=st.text(st.characters(max_codepoint=255)))
def test_no_path_leads_elsewhere(path: str, query: str) -> None:
    location = bypass.location_without(path, query)
    assert re.fullmatch(r"[\x21-\x7e]+", location)
    target = urlsplit(urljoin("https://site.example/a", location))
    assert (target.scheme, target.netloc) == ("https", "site.example")


def test_the_token_is_taken_out_however_its_name_is_written(gate: Gate) -> None:
    token = bypass.signed(CLOSED, "link", NOON)
    page = redirect(gate, asking(query=f"{bypass.PARAMETER}={token}&{bypass.PARAMETER}=again&x=1"))
    assert field(page, "Location") == "/?x=1"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_a_page_that_is_looked_at_is_a_bypass_link(gate: Gate, method: str) -> None:
    assert admit(gate, Request(method=method, query=link(), client="198.51.100.1")) == Admission(passes=False)


# -- forged, expired, of another kind ----------------------------------------------------------------------------------


def cookie(value: str) -> Request:
    return asking(Cookie=f"session=1; {bypass.COOKIE}={value}; theme=dark")


def signature_by(key: str, text: str, salt: str = "errorpages.maintenance.cookie") -> str:
    signer = Signer(key, salt, key_derivation="hmac", digest_method=hashlib.sha256)
    return signer.sign(text).decode()


GOOD = bypass.signed(CLOSED, "cookie", NOON)
STAMP = GOOD.partition(".")[0]


def test_a_good_cookie_passes_until_its_window_is_over(gate: Gate, clock: Clock) -> None:
    clock.seconds = WINDOW - 1
    assert admit(gate, cookie(GOOD)) == Admission(passes=True, is_private=True)
    clock.seconds = WINDOW
    assert admit(gate, cookie(GOOD)) == Admission(passes=False)
    assert gate.is_private(closing(gate), cookie(GOOD)), "what is under way is still for one visitor alone"


def test_a_link_is_good_until_its_window_is_over(gate: Gate, clock: Clock) -> None:
    clock.seconds = WINDOW - 1
    assert admit(gate, asking(query=link())).redirect is not None
    clock.seconds = WINDOW
    assert admit(gate, asking(query=link())) == Admission(passes=False)


def test_a_link_to_a_planned_closing_is_good_from_its_start_on(clock: Clock) -> None:
    state = State(on=True, bypass_key=KEY, start=NOON + timedelta(days=3))
    clock.seconds = 3 * 86_400 + WINDOW - 1
    assert admit(gate_of(state, clock), asking(query=link(state))).redirect is not None


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("1", id="a guess"),
        pytest.param(STAMP, id="without its signature"),
        pytest.param(f"{STAMP}.", id="with an empty signature"),
        pytest.param(GOOD[:-1], id="cut"),
        pytest.param(GOOD + "A", id="longer"),
        pytest.param(GOOD.replace(STAMP, str(int(STAMP) + 1)), id="with another time"),
        pytest.param(signature_by("another key" * 3, STAMP), id="signed with another key"),
        pytest.param(signature_by(KEY, STAMP, "errorpages.maintenance.link"), id="a link's token"),
        pytest.param(signature_by(KEY, STAMP, "itsdangerous.Signer"), id="signed by something else with the key"),
        pytest.param(f"{STAMP}.{base64.urlsafe_b64encode(b'0' * 32).decode().rstrip('=')}", id="a made-up signature"),
        pytest.param(f"{STAMP}." + "A" * 100_000, id="very long"),
        pytest.param(f"{STAMP}.\u00e9", id="other letters"),
        pytest.param("eyJhbGciOiJub25lIn0.eyJhZG1pbiI6dHJ1ZX0.", id="a JSON web token without a signature"),
    ],
)
def test_a_forged_cookie_does_not_pass(gate: Gate, value: str) -> None:
    assert admit(gate, cookie(value)) == Admission(passes=False)
    assert not gate.is_private(closing(gate), cookie(value))


def test_a_cookie_is_no_link_and_a_link_no_cookie(gate: Gate) -> None:
    assert not passes(gate, cookie(bypass.signed(CLOSED, "link", NOON)))
    assert admit(gate, asking(query=f"{bypass.PARAMETER}={GOOD}")).redirect is None


@pytest.mark.parametrize("value", ["", "1", "%00", "a" * 100_000, "%F0%9F%92%A9", "&", "=&="])
def test_a_forged_link_does_not_pass(gate: Gate, value: str) -> None:
    assert admit(gate, asking(query=f"{bypass.PARAMETER}={value}")) == Admission(passes=False)


def test_a_new_key_revokes_every_link_and_cookie(gate: Gate) -> None:
    renewed = State(on=True, bypass_key="f" * 32)
    assert not passes(gate, cookie(GOOD), renewed)
    assert admit(gate, asking(query=link()), renewed).redirect is None
    keyless = State(on=True)
    assert not passes(gate, cookie(GOOD), keyless)
    assert admit(gate, asking(query=link()), keyless).redirect is None


def test_a_good_cookie_among_others_of_its_name_passes(gate: Gate) -> None:
    several = f"{bypass.COOKIE}=old; {bypass.COOKIE}={GOOD}"
    assert passes(gate, asking(Cookie=several))
    apart = Request(headers=(("Cookie", "a=1"), ("cookie", f"{bypass.COOKIE}={GOOD}")))
    assert passes(gate, apart), "HTTP/2 may send each in a field of its own"
    odd = f"name=M\xfcller; {bypass.COOKIE}={GOOD}"
    assert passes(gate, asking(Cookie=odd)), "another one is no UTF-8"


@given(st.text())
def test_no_cookie_makes_an_error(text: str) -> None:
    assert not bypass.holds_cookie(CLOSED, f"{bypass.COOKIE}={text}", NOON)


def test_without_itsdangerous_nobody_passes_by_cookie_and_it_is_said_once(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    query = link()
    monkeypatch.setitem(sys.modules, "itsdangerous", None)
    for _ in range(3):
        assert admit(gate, cookie(GOOD)) == Admission(passes=False)
        assert admit(gate, asking(query=query)) == Admission(passes=False)
    (record,) = caplog.records
    assert 'pip install "errorpages[maintenance]"' in record.getMessage()
    assert GOOD not in record.getMessage() and query not in record.getMessage()
