"""What visitors of a closed site get, in both protocols."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from tests.answers import BrokenObject, BrokenText, answering, every_unusable_answer
from tests.drivers import (
    BROWSER,
    NOT_STORABLE,
    Answer,
    ASGIApp,
    Message,
    Receive,
    Response,
    Scope,
    Send,
    Told,
    WSGIServer,
    asgi_whole,
    ask,
    checked,
    data,
    environ_of,
    page_lines,
    respond,
    run_asgi,
    scope_of,
    text,
    through_asgi,
    through_wsgi,
    wsgi_list,
)
from tests.pseudo_locales import LONG, RTL, installed, longer, mirrored, write_catalogues

from errorpages import ErrorPages, OptionError, Request
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.codes import MAINTENANCE
from errorpages.library import THEMES
from errorpages.maintenance import FileSwitch, State, bypass
from errorpages.maintenance.gate import Gate
from errorpages.maintenance.switch import switch_of
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
END = NOON + timedelta(minutes=45)
KEY = "0123456789abcdef" * 2
CLOSED = State(on=True, end=END, message={"": "We move house."}, bypass_key=KEY, networks=("192.0.2.0/24",))
TITLE = "The service is closed for maintenance"

Serve = Callable[..., Answer]


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)


def pages_of(state: State, clock: Clock | None = None, **options: Any) -> ErrorPages:
    """Make pages whose site is in this state at noon, or at the clock's time."""
    pages = ErrorPages(**options)
    switch = switch_of(lambda: state)
    assert switch is not None
    pages.gate = Gate(switch, clock=(clock or Clock()).now)
    return pages


def never(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    raise AssertionError("the application was called")


async def never_asynchronously(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("the application was called")


def by_wsgi(pages: Any, request: Request, response: Response | None = None, **options: Any) -> Answer:
    app = never if response is None else wsgi_list(response)
    return through_wsgi(checked(WSGIMiddleware(checked(app), pages=pages, **options)), request)


def by_asgi(pages: Any, request: Request, response: Response | None = None, **options: Any) -> Answer:
    app: ASGIApp = never_asynchronously if response is None else asgi_whole(response)
    return through_asgi(ASGIMiddleware(app, pages=pages, **options), request)


both = pytest.mark.parametrize("serve", [pytest.param(by_wsgi, id="WSGI"), pytest.param(by_asgi, id="ASGI")])


def cookie() -> str:
    return f"{bypass.COOKIE}={bypass.signed(CLOSED, 'cookie', NOON)}"


# -- the page ----------------------------------------------------------------------------------------------------------

ACCEPTS = {
    "html": BROWSER,
    "text": "text/plain",
    "markdown": "text/markdown",
    "json": "application/json",
    "xml": "application/xml",
    "whatever comes": "*/*",
    "nothing of ours": "image/webp",
}


@both
@pytest.mark.parametrize("accept", ACCEPTS.values(), ids=ACCEPTS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_every_request_gets_the_page_and_the_application_is_not_called(serve: Serve, accept: str, method: str) -> None:
    answer = serve(pages_of(CLOSED), ask(accept, method=method))
    assert answer.status == 503
    assert answer.field("X-Error-Pages") == "maintenance"
    for name, value in NOT_STORABLE:
        assert answer.field(name) == value
    assert 2700 <= int(answer.field("Retry-After") or 0) <= 2700 + 270
    if method == "HEAD":
        assert answer.body == b"" and int(answer.field("Content-Length") or 0) > 20
    else:
        assert answer.field("Content-Length") == str(len(answer.body))
        assert "We move house." in answer.text


@pytest.mark.parametrize("accept", ACCEPTS.values(), ids=ACCEPTS)
def test_both_protocols_give_the_same_answer(accept: str) -> None:
    pages = pages_of(CLOSED)
    assert by_wsgi(pages, ask(accept)).comparable == by_asgi(pages, ask(accept)).comparable


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_says_when_it_is_over_and_what_the_site_says(theme: str) -> None:
    page = by_wsgi(pages_of(CLOSED, theme=theme, site_name="Acme", status_url="/status"), ask()).text
    assert f"<h1>{TITLE}</h1>" in page and f"<title>{TITLE} – Acme</title>" in page
    assert "Please try again in about 45 minutes." in page
    assert '<time datetime="2026-07-01T12:45:00Z">' in page and "2026-07-01 12:45 UTC" in page
    assert "We move house." in page and "This site&#39;s own message" in page
    assert 'href="/status"' in page
    assert "Reference" not in page


@pytest.mark.parametrize("accept", ["text/plain", "text/markdown"])
def test_text_and_markdown_say_the_same_words(accept: str) -> None:
    page = by_wsgi(pages_of(CLOSED), ask(accept)).text
    for words in (TITLE, "planned work", "in about 45 minutes", "2026-07-01 12:45 UTC", "We move house."):
        assert words in page


def test_problem_details_say_how_many_seconds() -> None:
    answer = by_wsgi(pages_of(CLOSED), ask("application/json"))
    members = json.loads(answer.body)
    assert members == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "We move house.",
        "retry_after": int(answer.field("Retry-After") or 0),
    }
    answer = by_wsgi(pages_of(CLOSED), ask("application/xml"))
    root = ElementTree.fromstring(answer.body)
    assert root.findtext("{urn:ietf:rfc:7807}retry_after") == answer.field("Retry-After")


def test_without_a_message_problem_details_say_what_the_page_says() -> None:
    members = json.loads(by_wsgi(pages_of(State(on=True)), ask("application/json")).body)
    assert members["detail"].startswith("It has been closed for a while") and "retry_after" not in members


def test_the_wait_counts_down_to_the_same_end() -> None:
    clock = Clock()
    pages = pages_of(CLOSED, clock)
    waits = []
    for minutes, words in ((0, "45 minutes"), (30, "15 minutes"), (44, "1 minute"), (44.9, "moment")):
        clock.seconds = minutes * 60
        answer = by_wsgi(pages, ask())
        assert words in answer.text and "2026-07-01T12:45:00Z" in answer.text
        waits.append(int(answer.field("Retry-After") or 0))
    for wait, left in zip(waits, (2700, 900, 60, 6), strict=True):
        assert left <= wait <= left + max(1, left // 10)


def test_visitors_are_not_all_sent_back_at_the_same_second() -> None:
    pages = pages_of(CLOSED)
    assert pages.gate is not None
    closing = pages.gate.closing()
    assert closing is not None
    made = [pages.closed(ask(), closing).page for _ in range(30)]
    waits = {dict(page.headers)["Retry-After"] for page in made if page is not None}
    assert len(waits) > 10


@both
@pytest.mark.parametrize("end", [pytest.param(NOON - timedelta(seconds=1), id="passed"), pytest.param(None, id="none")])
def test_where_no_end_lies_ahead_none_is_promised(serve: Serve, end: datetime | None) -> None:
    for accept in ACCEPTS.values():
        answer = serve(pages_of(State(on=True, end=end), retry_after=120), ask(accept))
        assert answer.status == 503
        assert answer.field("Retry-After") is None
        assert "<time" not in answer.text and "UTC" not in answer.text and "in about" not in answer.text


@both
def test_before_a_planned_start_the_application_answers(serve: Serve) -> None:
    clock = Clock()
    pages = pages_of(State(on=True, start=NOON + timedelta(minutes=5)), clock)
    assert serve(pages, ask(), text("fine", 200)).text == "fine"
    clock.seconds = 300
    assert serve(pages, ask()).status == 503


@pytest.mark.parametrize(
    ("accept_language", "title", "message"),
    [
        pytest.param("de-AT", "Wartungsarbeiten", "Wir ziehen um.", id="a language of the page and the message"),
        pytest.param("fr", "Travaux", "We move house.", id="a language without a message"),
        pytest.param("en", TITLE, "We move house.", id="the default language"),
        pytest.param("ja", TITLE, "We move house.", id="a language that nobody speaks"),
    ],
)
def test_the_page_speaks_the_visitors_language(accept_language: str, title: str, message: str) -> None:
    wording = {"de": {"maintenance": {"title": "Wartungsarbeiten"}}, "fr": {"maintenance": {"title": "Travaux"}}}
    state = State(on=True, message={"": "We move house.", "de": "Wir ziehen um."})
    pages = pages_of(state, wording=wording, languages=["en", "de", "fr"])
    answer = by_wsgi(pages, ask(Accept_Language=accept_language))
    assert f"<h1>{title}</h1>" in answer.text and message in answer.text
    assert "accept-language" in answer.vary


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("locale")
    write_catalogues(folder)
    with installed(folder):
        yield


@pytest.mark.parametrize("accept", ["text/html", "text/plain", "text/markdown"])
@pytest.mark.parametrize(("tag", "translated"), [(LONG, longer), (RTL, mirrored)], ids=["longer words", "RTL"])
def test_every_word_is_translated_in_every_format(
    locales: None, tag: str, translated: Callable[[str], str], accept: str
) -> None:
    page = " ".join(by_wsgi(pages_of(CLOSED), ask(accept, Accept_Language=tag)).text.split())
    assert translated(MAINTENANCE.title) in page and translated(MAINTENANCE.message) in page
    assert MAINTENANCE.title not in page and "Please try again" not in page
    assert "45" in page and "2026-07-01 12:45 UTC" in page
    endless = " ".join(by_wsgi(pages_of(State(on=True)), ask(accept, Accept_Language=tag)).text.split())
    assert translated(MAINTENANCE.next_step) in endless


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        pytest.param({"fr": "Bonjour", "en": "Hello"}, "Hello", id="the default language's"),
        pytest.param({"fr": "Bonjour"}, "Bonjour", id="any"),
        pytest.param({"en-GB": "Hello"}, "Hello", id="a region's"),
    ],
)
def test_a_message_in_another_language_is_better_than_none(messages: dict[str, str], message: str) -> None:
    assert message in by_wsgi(pages_of(State(on=True, message=messages)), ask()).text


def test_own_words_for_503_are_not_those_for_maintenance() -> None:
    page = by_wsgi(pages_of(CLOSED, wording={503: {"title": "Busy"}, "5xx": {"next_step": "Call us"}}), ask()).text
    assert f"<h1>{TITLE}</h1>" in page and "Call us" not in page
    page = by_wsgi(pages_of(CLOSED, wording={"maintenance": {"title": "We move"}}), ask()).text
    assert "<h1>We move</h1>" in page and "planned work" in page


def test_a_message_is_escaped_wherever_it_stands() -> None:
    state = State(on=True, message={"": "<script>x</script>\x1b[31m **bold** & more"})
    pages = pages_of(state)
    assert "<script>x" not in by_wsgi(pages, ask()).text
    assert r"\*\*bold\*\*" in by_wsgi(pages, ask("text/markdown")).text
    assert "\x1b" not in by_wsgi(pages, ask("text/plain")).text
    ElementTree.fromstring(by_wsgi(pages, ask("application/xml")).body)


def test_an_own_template_is_used_and_one_that_fails_is_not(tmp_path: Path) -> None:
    (tmp_path / "503.html").write_text("<!doctype html><title>x</title>Own: {{ title }}, {{ when }}")
    assert f"Own: {TITLE}, Please try again" in by_wsgi(pages_of(CLOSED, templates=tmp_path), ask()).text
    (tmp_path / "503.html").write_text("{{ 1 / 0 }}")
    answer = by_wsgi(pages_of(CLOSED, templates=tmp_path), ask())
    assert answer.status == 503 and f"<h1>{TITLE}</h1>" in answer.text


@both
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"exclude": "/*"}, id="excluded paths"),
        pytest.param({"debug": True}, id="debug mode"),
        pytest.param({"statuses": "404"}, id="statuses without 503"),
        pytest.param({"replace": lambda *arguments: False}, id="nothing is replaced"),
        pytest.param({"cache_control": {503: "public, max-age=60"}}, id="a cache policy for 503"),
        pytest.param({"show_message": "404"}, id="messages of other statuses"),
    ],
)
def test_options_about_errors_do_not_open_the_site(serve: Serve, options: dict[str, Any]) -> None:
    answer = serve(pages_of(CLOSED, **options), ask())
    assert answer.status == 503 and answer.field("Cache-Control") == dict(NOT_STORABLE)["Cache-Control"]
    assert "We move house." in answer.text


@both
def test_a_hook_is_told_of_the_page(serve: Serve) -> None:
    told = Told()
    serve(pages_of(CLOSED, on_page=told), ask())
    (event,) = told.events
    assert (event.status, event.cause, event.format, event.reference) == (503, "maintenance", "html", None)
    assert (event.path, event.route, event.exception) == ("/things/1", None, None)
    assert 0 < event.duration < 60


@both
def test_a_visitor_who_is_sent_on_without_the_token_is_no_page(serve: Serve) -> None:
    told = Told()
    link = bypass.signed(CLOSED, "link", NOON)
    assert serve(pages_of(CLOSED, on_page=told), ask(query=f"{bypass.PARAMETER}={link}")).status == 303
    assert told.events == []


@both
def test_the_page_has_one_line_of_the_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    serve(pages_of(CLOSED), ask())
    (line,) = page_lines(caplog.records)
    assert line.levelno == logging.WARNING
    assert line.getMessage() == "GET /things/1: a page for 503 was served (maintenance, html, en)"


def test_wsgi_tells_of_the_page_once_the_server_has_taken_it() -> None:
    told = Told()
    middleware = WSGIMiddleware(never, pages=pages_of(CLOSED, on_page=told))
    body = iter(middleware(environ_of(ask()), WSGIServer().start_response))
    assert b"<h1>" in next(body) and told.events == []
    body.close()  # type: ignore[attr-defined]
    assert len(told.events) == 1


@pytest.mark.parametrize("number", [0, 1], ids=["at the head", "at the body"])
def test_a_page_whose_visitor_left_is_not_told(number: int) -> None:
    told, sent = Told(), list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) > number:
            raise ConnectionResetError

    app = ASGIMiddleware(never_asynchronously, pages=pages_of(CLOSED, on_page=told))
    assert isinstance(run_asgi(app, scope_of(ask()), send).error, ConnectionResetError)
    assert told.events == []


@both
def test_whatever_fails_the_site_stays_closed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: object, **keywords: object) -> Any:
        raise RuntimeError("lost")

    pages = pages_of(CLOSED)
    assert pages.gate is not None
    monkeypatch.setattr(pages.gate, "admit", fail)
    monkeypatch.setattr(pages._composer, "choose_format", fail)
    answer = serve(pages, ask())
    assert (answer.status, answer.text) == (503, "503 Service Unavailable\n")
    assert answer.field("X-Error-Pages") == "maintenance"
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR", "WARNING"]  # the last is the page's
    assert 2700 <= int(answer.field("Retry-After") or 0) <= 2970


@both
@every_unusable_answer
def test_a_closed_site_is_closed_whatever_a_callable_answers(serve: Serve, option: str, answer: object) -> None:
    options = answering(option, answer)
    served = serve(options.pop("pages", None), ask(), maintenance=lambda: CLOSED, **options)
    assert (served.status, served.field("X-Error-Pages")) == (503, "maintenance")
    assert f"<h1>{TITLE}</h1>" in served.text and "We move house." in served.text


@both
def test_a_log_that_fails_does_not_open_the_site(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **keywords: object) -> Any:
        raise KeyError("Attempt to overwrite 'message' in LogRecord")

    pages = pages_of(CLOSED, context=lambda request: 1 / 0)
    assert pages.gate is not None
    monkeypatch.setattr(pages.gate, "admit", fail)
    monkeypatch.setattr(logging.getLogger("errorpages"), "handle", fail)
    monkeypatch.setattr(pages.telemetry, "listens", lambda status: False)  # what its own line does is its own matter
    answer = serve(pages, ask(method="HEAD"))
    assert (answer.status, answer.body) == (503, b"")
    assert answer.field("X-Error-Pages") == "maintenance"
    assert 2700 <= int(answer.field("Retry-After") or 0) <= 2970


@both
def test_a_switch_that_answers_what_can_not_be_read_stays_as_it_was(serve: Serve) -> None:
    answers: list[object] = [CLOSED]
    pages = ErrorPages(maintenance=lambda: answers[-1])
    assert serve(pages, ask()).status == 503
    for answer in (BrokenObject(), 10**5000, BrokenText("on")):
        answers.append(answer)
        assert serve(pages, ask()).status == 503


# -- who passes --------------------------------------------------------------------------------------------------------

OK = text("fine", 200)


@both
@pytest.mark.parametrize(
    ("request_", "is_marked"),
    [
        pytest.param(ask(path="/healthz"), False, id="a path"),
        pytest.param(ask(Cookie=cookie()), True, id="a bypass cookie"),
    ],
)
def test_who_passes_gets_the_applications_answer(serve: Serve, request_: Request, is_marked: bool) -> None:
    answer = serve(pages_of(CLOSED), request_, OK)
    assert (answer.status, answer.body) == (200, b"fine")
    assert answer.field("Cache-Control") == ("private" if is_marked else None)
    assert answer.field("X-Error-Pages") is None


@both
@pytest.mark.parametrize("beside_pages", [False, True], ids=["an option", "beside pages"])
def test_a_site_says_what_stays_open_whatever_the_switch_says(serve: Serve, beside_pages: bool) -> None:
    for given, opened in (
        ("/ping", ["/ping"]),
        (["/ping", "/probe/*"], ["/ping", "/probe/live"]),
        ((), []),
    ):
        options: dict[str, Any] = {"maintenance": lambda: State(on=True), "maintenance_paths": given}
        pages = ErrorPages() if beside_pages else ErrorPages(**options)
        for path in ("/ping", "/probe/live", "/healthz", "/metrics", "/"):
            answer = serve(pages, ask(path=path), OK, **(options if beside_pages else {}))
            assert answer.status == (200 if path in opened else 503), path
            if path in opened:
                assert answer.field("Cache-Control") is None


@both
@pytest.mark.parametrize(
    ("client", "status"),
    [("192.0.2.7", 200), ("::ffff:192.0.2.7", 200), ("198.51.100.1", 503), (None, 503), ("unix:", 503)],
)
def test_a_network_passes(serve: Serve, client: str | None, status: int) -> None:
    request = Request(path="/", headers=(("X-Forwarded-For", "192.0.2.7"),), client=client)
    answer = serve(pages_of(CLOSED), request, OK)
    assert answer.status == status
    assert (answer.field("Cache-Control") == "private") is (status == 200)


@both
def test_forwarded_addresses_count_from_trusted_proxies_alone(serve: Serve, tmp_path: Path) -> None:
    FileSwitch(tmp_path / "switch").write(CLOSED)
    request = Request(client="10.0.0.1", headers=(("X-Forwarded-For", "203.0.113.9, 192.0.2.7"),))
    for trusted, status in (("10.0.0.0/8", 200), (["10.0.0.0/8"], 200), ("172.16.0.0/12", 503), ((), 503)):
        pages = ErrorPages(maintenance=tmp_path / "switch", trusted_proxies=trusted)
        assert serve(pages, request, OK).status == status


@both
def test_a_bypass_link_is_answered_before_the_application(serve: Serve) -> None:
    query = f"a=1&{bypass.PARAMETER}={bypass.signed(CLOSED, 'link', NOON)}"
    answer = serve(pages_of(CLOSED), ask(path="/cart", root_path="/shop", query=query))
    assert (answer.status, answer.body) == (303, b"")
    assert answer.field("Location") == "/shop/cart?a=1"
    assert answer.field("Cache-Control") == "no-store"
    assert answer.field("Referrer-Policy") == "no-referrer"
    sent = (answer.field("Set-Cookie") or "").partition(";")[0]
    assert serve(pages_of(CLOSED), ask(Cookie=sent), OK).status == 200


@both
def test_a_bypass_link_that_is_opened_before_the_start_does_not_hand_its_token_over(serve: Serve) -> None:
    clock = Clock()
    planned = State(on=True, start=NOON + timedelta(days=2), bypass_key=KEY)
    pages = pages_of(planned, clock)
    link = bypass.signed(planned, "link", NOON)
    answer = serve(pages, ask(path="/cart", query=f"a=1&{bypass.PARAMETER}={link}"))
    assert (answer.status, answer.field("Location"), answer.body) == (303, "/cart?a=1", b"")
    assert (answer.field("Referrer-Policy"), answer.field("Cache-Control")) == ("no-referrer", "no-store")
    sent = (answer.field("Set-Cookie") or "").partition(";")[0]
    assert serve(pages, ask(path="/cart", query="a=1", Cookie=sent), OK).field("Cache-Control") is None, "it is open"
    clock.seconds = 2 * 86_400 + 3600
    assert serve(pages, ask()).status == 503
    assert serve(pages, ask(Cookie=sent), OK).field("Cache-Control") == "private"


@both
def test_whatever_fails_the_site_is_not_closed_before_the_start(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **keywords: object) -> Any:
        raise RuntimeError("lost")

    pages = pages_of(State(on=True, start=NOON + timedelta(days=2), bypass_key=KEY))
    monkeypatch.setattr(pages.gate, "admit", fail)
    assert serve(pages, ask(query=f"{bypass.PARAMETER}=x"), OK).status == 200


@pytest.mark.parametrize(("scheme", "is_secure"), [("http", False), ("https", True)])
def test_the_cookie_is_secure_on_https(scheme: str, is_secure: bool) -> None:
    query = f"{bypass.PARAMETER}={bypass.signed(CLOSED, 'link', NOON)}"
    by = {
        "wsgi": by_wsgi(pages_of(CLOSED), ask(query=query, native={"wsgi.url_scheme": scheme})),
        "asgi": by_asgi(pages_of(CLOSED), ask(query=query, native={"scheme": scheme})),
    }
    for answer in by.values():
        assert ("Secure" in (answer.field("Set-Cookie") or "")) is is_secure


@both
def test_no_log_line_of_ours_tells_a_token(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    link, value = bypass.signed(CLOSED, "link", NOON), bypass.signed(CLOSED, "cookie", NOON)
    query = f"{bypass.PARAMETER}={link}"
    serve(pages_of(CLOSED), ask(query=query))
    serve(pages_of(CLOSED), ask(query=query + "x"))
    serve(pages_of(CLOSED), ask(query=query, method="POST"))
    with pytest.raises(RuntimeError):
        run = run_asgi(
            ASGIMiddleware(failing, pages=pages_of(CLOSED)), scope_of(ask(query=query[:-1], Cookie=cookie()))
        )
        assert run.error is not None
        raise run.error
    through_wsgi(WSGIMiddleware(failing_wsgi, pages=pages_of(CLOSED)), ask(query=query[:-1], Cookie=cookie()))
    assert caplog.records, "the exception was logged"
    for record in caplog.records:
        told = logging.Formatter().format(record)
        assert link[:-1] not in told and value not in told


async def failing(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("boom")


def failing_wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    raise RuntimeError("boom")


# -- what a bypass holder gets is his alone ----------------------------------------------------------------------------

PUBLIC = ("Cache-Control", "public, max-age=60, s-maxage=600")
CDN = ("CDN-Cache-Control", "max-age=600")


@both
@pytest.mark.parametrize(
    ("response", "policy"),
    [
        pytest.param(text("fine", 200), "private", id="a success"),
        pytest.param(text("fine", 200, PUBLIC, CDN), "max-age=60, private", id="a success for all caches"),
        pytest.param(
            respond(304, "", None, PUBLIC, length=None), "max-age=60, private", id="a success that is not modified"
        ),
        pytest.param(text("fine", 200, ("Cache-Control", "no-store")), "no-store", id="a success for no cache"),
        pytest.param(text("Not Found", 404), "private", id="a page"),
        pytest.param(text("Not Found", 404, PUBLIC, CDN), "max-age=60, private", id="a page for all caches"),
        pytest.param(data('{"detail": "No such invoice", "x": {}}', 404), "private", id="a kept error"),
        pytest.param(data('{"x": {}}', 404, PUBLIC, CDN), "max-age=60, private", id="a kept error for all caches"),
        pytest.param(text("Gone", 503), "no-cache, no-store, must-revalidate", id="a page that nobody keeps"),
        pytest.param(data('{"x": {}}', 503), "no-cache, no-store, must-revalidate", id="an error that nobody keeps"),
    ],
)
def test_what_a_bypass_holder_gets_is_his_alone(serve: Serve, response: Response, policy: str) -> None:
    pages = pages_of(CLOSED)
    for request in (ask(Cookie=cookie()), Request(headers=(("Accept", BROWSER),), client="192.0.2.7")):
        for _ in range(3):
            answer = serve(pages, request, response)
            assert answer.status == response.status
            assert answer.field("Cache-Control") == policy
            assert answer.field("CDN-Cache-Control") is None


@both
def test_an_own_policy_for_a_status_does_not_publish_it(serve: Serve) -> None:
    pages = pages_of(CLOSED, cache_control={404: "public, max-age=60"}, exceptions={RuntimeError: 404})
    answer = serve(pages, ask(Cookie=cookie()), text("Not Found"))
    assert answer.field("Cache-Control") == "max-age=60, private"
    if serve is by_wsgi:
        answer = through_wsgi(WSGIMiddleware(failing_wsgi, pages=pages), ask(Cookie=cookie()))
    else:
        sent = run_asgi(ASGIMiddleware(failing, pages=pages), scope_of(ask(Cookie=cookie())))
        answer = sent.answer
    assert answer.status == 404 and answer.field("Cache-Control") == "max-age=60, private"


@pytest.mark.parametrize("protocol", ["WSGI", "ASGI"])
def test_what_is_remembered_for_one_is_not_given_to_others_as_it_was(protocol: str) -> None:
    states = [State()]
    pages = ErrorPages(maintenance=lambda: states[-1])
    missing = text("Not Found", 404, PUBLIC)

    def visit(request: Request) -> str | None:
        if protocol == "WSGI":
            return through_wsgi(wsgi, request).field("Cache-Control")
        return through_asgi(asgi, request).field("Cache-Control")

    wsgi = WSGIMiddleware(wsgi_list(missing), pages=pages)
    asgi = ASGIMiddleware(asgi_whole(missing), pages=pages)
    assert [visit(ask()) for _ in range(3)] == [PUBLIC[1]] * 3
    states.append(State(on=True, networks=("203.0.113.9",)))  # the visitor's own
    assert [visit(ask()) for _ in range(3)] == ["max-age=60, private"] * 3
    states.append(State())
    assert [visit(ask()) for _ in range(3)] == [PUBLIC[1]] * 3


def test_a_stream_of_a_bypass_holder_goes_through_piece_by_piece() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = iter([(b"x-one", b"1")])  # may be read once
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for piece in (b"one", b"two"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})

    sent = run_asgi(ASGIMiddleware(app, pages=pages_of(CLOSED)), scope_of(ask(Cookie=cookie())))
    assert sent.messages[0]["headers"] == [(b"x-one", b"1"), (b"cache-control", b"private")]
    assert [message.get("body") for message in sent.messages[1:]] == [b"one", b"two", None]


# -- where the switch is -----------------------------------------------------------------------------------------------


@both
def test_a_middleware_has_a_switch_of_its_own(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "switch"
    FileSwitch(path).write(State(on=True))
    app: Any = WSGIMiddleware(never, maintenance=path) if serve is by_wsgi else None
    if app is not None:
        assert through_wsgi(app, ask()).status == 503
    else:
        assert through_asgi(ASGIMiddleware(never_asynchronously, maintenance=str(path)), ask()).status == 503


@both
def test_a_switch_stands_beside_pages_that_are_chosen(serve: Serve, tmp_path: Path) -> None:
    FileSwitch(tmp_path / "switch").write(State(on=True, networks=("192.0.2.0/24",)))
    tenants = {"a.example": ErrorPages(site_name="Acme"), "b.example": ErrorPages(site_name="Bravo")}

    def choose(request: Request) -> ErrorPages:
        return tenants[request.header("Host") or ""]

    for host, name in (("a.example", "Acme"), ("b.example", "Bravo")):
        answer = serve(choose, ask(Host=host), maintenance=tmp_path / "switch", trusted_proxies="203.0.113.0/24")
        assert answer.status == 503 and f"– {name}</title>" in answer.text
        forwarded = ask(Host=host, X_Forwarded_For="192.0.2.1")
        answer = serve(choose, forwarded, OK, maintenance=tmp_path / "switch", trusted_proxies="203.0.113.0/24")
        assert answer.status == 200


@both
def test_a_middlewares_own_switch_comes_before_that_of_its_pages(serve: Serve) -> None:
    open_pages = ErrorPages(maintenance=lambda: False)
    assert serve(open_pages, ask(), OK).status == 200
    assert serve(open_pages, ask(), maintenance=lambda: True).status == 503


@both
def test_a_closed_page_of_an_inner_middleware_is_left_alone(serve: Serve) -> None:
    closed = pages_of(CLOSED)
    outer = ErrorPages(site_name="Outer", replace="all")
    if serve is by_wsgi:
        answer = through_wsgi(WSGIMiddleware(WSGIMiddleware(never, pages=closed), pages=outer), ask())
    else:
        answer = through_asgi(ASGIMiddleware(ASGIMiddleware(never_asynchronously, pages=closed), pages=outer), ask())
    assert answer.field("X-Error-Pages") == "maintenance" and "Outer" not in answer.text


@pytest.mark.parametrize("middleware", [WSGIMiddleware, ASGIMiddleware])
@pytest.mark.parametrize(
    ("options", "name"),
    [
        pytest.param({"maintenance": ""}, "maintenance", id="an empty path"),
        pytest.param({"maintenance": 5}, "maintenance", id="a number"),
        pytest.param({"maintenance": "https://acme.example"}, "maintenance", id="another kind of URL"),
        pytest.param({"maintenance": never_asynchronously}, "maintenance", id="a coroutine function"),
        pytest.param({"maintenance": State(on=True)}, "maintenance", id="a state"),
        pytest.param({"trusted_proxies": ["10.0.0.1/8"]}, "trusted_proxies", id="a network with host bits"),
        pytest.param({"trusted_proxies": "proxy"}, "trusted_proxies", id="a name"),
        pytest.param({"trusted_proxies": 10}, "trusted_proxies", id="a number of proxies"),
        pytest.param({"trusted_proxies": [10]}, "trusted_proxies", id="a number among proxies"),
        pytest.param({"pages": ErrorPages(), "maintenance": 5}, "maintenance", id="a number beside pages"),
        pytest.param(
            {"pages": ErrorPages(), "trusted_proxies": "10.0.0.0/8"}, "trusted_proxies", id="proxies without a switch"
        ),
        pytest.param(
            {"pages": ErrorPages(), "maintenance_paths": "/ping"}, "maintenance_paths", id="open paths without a switch"
        ),
        pytest.param(
            {"pages": ErrorPages(), "maintenance": lambda: True, "site_name": "x"}, "pages", id="more beside pages"
        ),
    ],
)
def test_what_can_not_work_is_said_at_construction(middleware: Any, options: dict[str, Any], name: str) -> None:
    with pytest.raises(OptionError) as caught:
        middleware(never, **options)
    assert caught.value.option == name


# -- what it costs -----------------------------------------------------------------------------------------------------


def test_without_a_switch_the_application_is_called_as_it_is() -> None:
    assert WSGIMiddleware(never).app is never
    assert ASGIMiddleware(never_asynchronously).app is never_asynchronously


def test_an_open_site_is_looked_at_and_nothing_else() -> None:
    class Untouchable(dict[str, Any]):
        def _touched(self, *arguments: object) -> Any:
            raise AssertionError("the environ was read")

        def get(self, key: str, default: Any = None) -> Any:
            assert key in ("SCRIPT_NAME", "PATH_INFO")  # as they are at entry
            return default

        __getitem__ = keys = items = __iter__ = __contains__ = _touched

    body = [b"fine"]

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        assert type(environ) is Untouchable
        start_response("200 OK", headers)
        return body

    headers: list[tuple[str, str]] = []
    started: list[Any] = []
    middleware = WSGIMiddleware(app, maintenance=lambda: False)

    def start_response(*arguments: Any) -> Any:
        started.append(arguments)
        return print

    returned = middleware(Untouchable(), start_response)
    assert returned is body and started[0][1] is headers


# -- WebSockets --------------------------------------------------------------------------------------------------------


def websocket(
    *incoming: str,
    extensions: Any = None,
    app: ASGIApp = never_asynchronously,
    options: dict[str, Any] | None = None,
    **scope: Any,
) -> list[Message]:
    """Open a WebSocket; returns what the server was told to send."""
    sent: list[Message] = []
    waiting: list[Message] = [{"type": kind} for kind in incoming]

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    whole = {**scope_of(ask(None)), "type": "websocket", "scheme": "ws", **scope}
    del whole["method"]
    if extensions is not None:
        whole["extensions"] = extensions
    asyncio.run(ASGIMiddleware(app, **(options or {"pages": pages_of(CLOSED)}))(whole, receive, send))
    assert waiting == []
    return sent


def test_a_websocket_is_refused_with_the_page_where_the_server_can() -> None:
    start, body = websocket("websocket.connect", extensions={"websocket.http.response": {}})
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 503)
    fields = dict(start["headers"])
    assert fields[b"x-error-pages"] == b"maintenance" and int(fields[b"retry-after"]) >= 2700
    assert body["type"] == "websocket.http.response.body" and b"We move house." in body["body"]
    assert fields[b"content-length"] == str(len(body["body"])).encode()


@pytest.mark.parametrize("extensions", [None, {}, {"http.response.push": {}}])
def test_a_websocket_is_closed_where_the_server_can_not(extensions: Any) -> None:
    (message,) = websocket("websocket.connect", extensions=extensions)
    assert (message["type"], message["code"]) == ("websocket.close", 1013)


@every_unusable_answer
def test_a_websocket_is_refused_whatever_a_callable_answers(option: str, answer: object) -> None:
    options = {"maintenance": lambda: CLOSED, **answering(option, answer)}
    start, body = websocket("websocket.connect", extensions={"websocket.http.response": {}}, options=options)
    assert start["status"] == 503 and (b"x-error-pages", b"maintenance") in start["headers"]
    assert b"We move house." in body["body"]


def test_a_websocket_that_left_is_not_answered() -> None:
    assert websocket("websocket.disconnect") == []


@pytest.mark.parametrize(
    "scope",
    [
        pytest.param({"client": ("192.0.2.7", 5)}, id="by network"),
        pytest.param({"headers": [(b"cookie", cookie().encode())]}, id="by cookie"),
        pytest.param({"path": "/healthz"}, id="by path"),
    ],
)
def test_a_websocket_passes(scope: dict[str, Any]) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})

    assert websocket("websocket.connect", app=app, **scope) == [{"type": "websocket.accept"}]


def test_the_lifespan_passes_and_looks_at_the_switch() -> None:
    looks: list[int] = []
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    def switch() -> bool:
        looks.append(1)
        return True

    sent = run_asgi(ASGIMiddleware(app, maintenance=switch), {"type": "lifespan"})
    assert sent.error is None and seen == ["lifespan"] and looks == [1]
