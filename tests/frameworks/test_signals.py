"""Flask, Quart and Django log their exceptions before they answer: the page's reference stands beside the traceback."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import re
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from flask import Flask
from tests.drivers import Answer, Told, ask, framework, other_lines, page_lines, through_asgi, through_wsgi
from tests.frameworks import django_settings
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from errorpages import ErrorPages, Request, ResponseHead
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.signals import KEY, connect
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

Visit = Callable[[Request], Answer]

REFERENCE = re.compile(r"has the reference (\S+)")
SHOWN = re.compile(r"Reference(?:</dt><dd><bdi>|: )([\w.:+/=@-]+)")


class Failure(Exception):
    """What the shops' views raise, made anew for each visitor or once."""


def failure_maker(error: Exception | None) -> Callable[[], Exception]:
    return lambda: error if error is not None else Failure("password=hunter2")


# -- the same shop four times ------------------------------------------------------------------------------------------


@contextmanager
def flask_site(prepare: Any = None, error: Exception | None = None, **options: Any) -> Iterator[Visit]:
    app, make = Flask("shop"), failure_maker(error)

    @app.route("/crash", methods=["GET", "POST"])
    def crash() -> str:
        raise make()

    @app.get("/away")
    def away() -> tuple[str, int]:
        return "", 500

    if prepare is not None:
        prepare(app)
    app.wsgi_app = WSGIMiddleware(app.wsgi_app, **options)  # type: ignore[method-assign]
    yield partial(through_wsgi, app)


@contextmanager
def quart_site(prepare: Any = None, error: Exception | None = None, **options: Any) -> Iterator[Visit]:
    app, make = framework("quart").Quart("shop"), failure_maker(error)

    @app.route("/crash", methods=["GET", "POST"])  # type: ignore[untyped-decorator, unused-ignore]
    async def crash() -> str:
        raise make()

    @app.get("/away")  # type: ignore[untyped-decorator, unused-ignore]
    async def away() -> tuple[str, int]:
        return "", 500

    if prepare is not None:
        prepare(app)
    app.asgi_app = ASGIMiddleware(app.asgi_app, **options)
    yield partial(through_asgi, app)


def django_urls(error: Exception | None) -> tuple[Any, ...]:
    make = failure_maker(error)

    def crash(request: HttpRequest) -> HttpResponse:
        raise make()

    async def crash_later(request: HttpRequest) -> HttpResponse:
        raise make()

    return (
        path("crash", crash),
        path("crash-later", crash_later),
        path("away", lambda request: HttpResponse(status=500)),
    )


@contextmanager
def django_site(
    way: str, prepare: Any = None, error: Exception | None = None, middleware: tuple[str, ...] = (), **options: Any
) -> Iterator[Visit]:
    """A site in Django, with pages in MIDDLEWARE or around its WSGI or ASGI application."""
    django_settings.configure()
    is_inside = way.startswith("MIDDLEWARE")
    own = ["errorpages.django.ErrorPagesMiddleware"] if is_inside else []
    settings = {"ROOT_URLCONF": django_urls(error), "ALLOWED_HOSTS": ["*"], "DEBUG": False, "APPEND_SLASH": False}
    with override_settings(**settings, MIDDLEWARE=[*own, *middleware], ERROR_PAGES=options if is_inside else {}):
        if prepare is not None:
            prepare(None)
        if way.endswith("WSGI"):
            yield partial(through_wsgi, WSGIHandler() if is_inside else WSGIMiddleware(WSGIHandler(), **options))
        else:
            handler: Any = ASGIHandler()
            yield partial(through_asgi, handler if is_inside else ASGIMiddleware(handler, **options))


SITES: dict[str, Any] = {
    "Flask": flask_site,
    "Quart": quart_site,
    "Django, MIDDLEWARE, WSGI": partial(django_site, "MIDDLEWARE, WSGI"),
    "Django, MIDDLEWARE, ASGI": partial(django_site, "MIDDLEWARE, ASGI"),
    "Django, around WSGI": partial(django_site, "around WSGI"),
    "Django, around ASGI": partial(django_site, "around ASGI"),
}
every_site = pytest.mark.parametrize("site", SITES.values(), ids=SITES)
apps = pytest.mark.parametrize("site", [flask_site, quart_site], ids=["Flask", "Quart"])
djangos = pytest.mark.parametrize("site", list(SITES.values())[2:], ids=list(SITES)[2:])
inside_django = pytest.mark.parametrize("site", list(SITES.values())[2:4], ids=list(SITES)[2:4])


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let the frameworks log, whatever another test made of it."""
    names = ("django", "django.request", "shop", "quart.app")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.NOTSET)
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Format what the frameworks logged, as a handler does."""
    formatter = logging.Formatter()
    records = [record for record in caplog.records if record.exc_info and not record.name.startswith("errorpages")]
    return [formatter.format(record) for record in records]


def notes_in(text: str) -> list[str]:
    return REFERENCE.findall(text)


def crash(accept: str = "text/html", method: str = "GET", url: str = "/crash", **fields: Any) -> Request:
    return ask(accept, method=method, path=url, **fields)


# -- the note ----------------------------------------------------------------------------------------------------------


@every_site
@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/plain", "text/markdown"])
def test_the_frameworks_log_has_the_pages_reference_beside_the_traceback(
    site: Any, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Twice, since the second page comes out of the adapters' memory."""
    with site() as visit:
        answers = [visit(crash(accept)) for _ in range(2)]
    logged = tracebacks(caplog)
    assert len(logged) == 2 and len({*map(str, logged)}) == 2
    for answer, text in zip(answers, logged, strict=True):
        (noted,) = notes_in(text)
        assert answer.is_page and noted in answer.text and "Failure: password=hunter2" in text
        assert "hunter2" not in answer.text
        if accept == "application/json":
            assert noted in json.loads(answer.text).values()
        else:
            assert SHOWN.findall(answer.text.replace("**", "")) == [noted] or accept == "text/markdown"
    assert not other_lines(caplog.records)


@every_site
def test_the_line_of_the_page_and_the_event_have_it_too(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    told = Told()
    with site(on_page=told) as visit:
        visit(crash())
        visit(crash())
    noted = [note for text in tracebacks(caplog) for note in notes_in(text)]
    assert [event.reference for event in told.events] == noted and len(set(noted)) == 2
    assert [line.getMessage().rpartition(" ")[2] for line in page_lines(caplog.records)] == noted


@every_site
def test_head_and_the_following_get_have_their_own(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    told = Told()
    with site(on_page=told) as visit:
        assert visit(crash(method="HEAD")).body == b""
        visit(crash())
    noted = [note for text in tracebacks(caplog) for note in notes_in(text)]
    assert len(noted) == 2
    pages = {event.method: event.reference for event in told.events}
    assert pages["GET"] == noted[1] and pages.get("HEAD", noted[0]) == noted[0]


@every_site
def test_a_requests_id_is_the_reference(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    with site() as visit:
        answers = [visit(crash(x_request_id=f"req-{number}")) for number in range(3)]
    assert [notes_in(text) for text in tracebacks(caplog)] == [["req-0"], ["req-1"], ["req-2"]]
    assert all(f"req-{number}" in answer.text for number, answer in enumerate(answers))


@every_site
def test_an_exception_object_that_is_raised_again_has_the_last_visitors_note_alone(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    error, seen = Failure("once for all"), []
    with site(error=error) as visit:
        for number in range(3):
            caplog.clear()
            visit(crash(x_request_id=f"req-{number}"))
            seen.append([notes_in(text) for text in tracebacks(caplog)])
    assert seen == [[["req-0"]], [["req-1"]], [["req-2"]]]


@every_site
def test_the_callable_is_asked_once_with_the_exception_and_a_head_without_fields(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[tuple[str, ResponseHead, BaseException | None]] = []

    def reference(request: Request, head: ResponseHead, error: BaseException | None) -> str:
        seen.append((request.path, head, error))
        return f"own-{len(seen)}"

    with site(reference=reference) as visit:
        answers = [visit(crash()) for _ in range(2)]
        assert len(seen) == 2
        assert "own-3" in visit(crash(url="/away")).text
    assert [notes_in(text) for text in tracebacks(caplog)] == [["own-1"], ["own-2"]]
    assert "own-1" in answers[0].text and "own-2" in answers[1].text
    assert [(url, head) for url, head, _ in seen[:2]] == [("/crash", ResponseHead(500, ()))] * 2
    assert all(isinstance(error, Failure) for _, _, error in seen[:2]) and seen[2][2] is None


def raise_lookup(*args: object) -> Any:
    raise LookupError("no reference")


@every_site
@pytest.mark.parametrize(
    ("reference", "is_noted"),
    [
        pytest.param(False, False, id="turned off"),
        pytest.param(lambda *args: None, False, id="a callable without an answer"),
        pytest.param(lambda *args: "<b>", False, id="a callable whose answer can't be used"),
        pytest.param(raise_lookup, True, id="a callable that raises counts as unset"),
    ],
)
def test_what_is_not_on_the_page_is_not_noted(
    site: Any, reference: Any, is_noted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    error = Failure("with the note of an earlier visitor")
    error.add_note("errorpages: the visitor's page has the reference req-0")
    with site(error=error, reference=reference) as visit:
        answer = visit(crash())
    (text,) = tracebacks(caplog)
    noted = notes_in(text)
    assert answer.is_page and len(noted) == is_noted
    assert SHOWN.findall(answer.text) == noted


@every_site
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"statuses": ["4xx", 503]}, id="statuses without 500"),
        pytest.param({"exclude": "/cra*"}, id="an excluded path"),
        pytest.param({"debug": True}, id="debug"),
    ],
)
def test_where_there_is_no_page_there_is_no_note_and_nobody_is_asked(
    site: Any, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def reference(*args: object) -> str:
        raise AssertionError("asked")

    with site(reference=reference, **options) as visit:
        assert not visit(crash()).is_page
    (text,) = tracebacks(caplog)
    assert not notes_in(text) and not other_lines(caplog.records)


@every_site
def test_a_page_that_caches_keep_has_no_reference_and_so_no_note(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    with site(cache_control={500: "public, max-age=5"}) as visit:
        answer = visit(crash())
    (text,) = tracebacks(caplog)
    assert answer.is_page and not SHOWN.findall(answer.text) and not notes_in(text)


@every_site
def test_pages_that_are_chosen_for_each_request_are_asked_for_once(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    asked: list[str] = []

    def choose(request: Request) -> ErrorPages:
        asked.append(request.path)
        return ErrorPages(site_name="Acme")

    with site(pages=choose) as visit:
        answer = visit(crash())
    (text,) = tracebacks(caplog)
    (noted,) = notes_in(text)
    assert asked == ["/crash"] and noted in answer.text


@every_site
def test_every_callable_is_asked_once_for_an_exception(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    asked: list[str] = []

    def asking(name: str, answer: Any) -> Callable[..., Any]:
        def call(*args: object) -> Any:
            asked.append(name)
            return answer

        return call

    options = {
        "context": asking("context", {}),
        "language": asking("language", "de"),
        "reference": asking("reference", "own-1"),
        "retry_after": asking("retry_after", 5),
        "csp": asking("csp", "abc"),
        "replace": asking("replace", True),
    }
    with site(**options) as visit:
        answer = visit(crash())
    assert answer.is_page and sorted(asked) == sorted(set(asked))
    assert set(asked) >= {"context", "language", "reference", "csp", "replace"}
    assert not other_lines(caplog.records)


@every_site
def test_a_response_of_the_applications_own_has_a_reference_of_its_own(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with site() as visit:
        visit(crash())
        away, crashed = visit(crash(url="/away")), visit(crash())
    first, second = (notes_in(text)[0] for text in tracebacks(caplog))
    assert len({*SHOWN.findall(away.text), first, second}) == 3 and second in crashed.text


@every_site
def test_mapped_exceptions_that_the_framework_answers_have_the_reference_of_their_page(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with site(error=ConnectionResetError("the bank"), exceptions={ConnectionError: 503}) as visit:
        answer = visit(crash())
    (text,) = [logging.Formatter().format(record) for record in caplog.records if record.exc_info]
    (shown,) = SHOWN.findall(answer.text)
    assert shown in text and "ConnectionResetError" in text


# -- Flask's and Quart's own ways --------------------------------------------------------------------------------------


@apps
def test_an_own_handler_answers_with_its_own_page_and_the_note_says_perhaps(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    page = "<!doctype html><title>Oh no</title><style>p{color:red}</style><h1 class=big>Our own page</h1><p>Sorry"

    def prepare(app: Any) -> None:
        app.register_error_handler(500, lambda error: (page, 500))

    with site(prepare) as visit:
        assert visit(crash()).text == page
    (text,) = tracebacks(caplog)
    assert "unless it is your own, has the reference" in text


@apps
def test_a_bare_answer_of_an_own_handler_with_another_status_quotes_the_same(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[int] = []

    def reference(request: Request, head: ResponseHead, error: BaseException | None) -> str:
        asked.append(head.status)
        return f"own-{len(asked)}"

    with site(lambda app: app.register_error_handler(500, lambda error: ("", 503)), reference=reference) as visit:
        answer = visit(crash())
    assert answer.status == 503 and answer.is_page and asked == [500]
    assert [notes_in(text) for text in tracebacks(caplog)] == [["own-1"]] and "own-1" in answer.text


@apps
def test_a_handler_that_fails_itself_quotes_the_same(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    def fail(error: Exception) -> Any:
        raise ValueError("the handler failed")

    answers: list[Answer] = []
    with site(lambda app: app.register_error_handler(500, fail)) as visit:
        try:
            answers.append(visit(crash(x_request_id="req-7")))
        except ValueError as error:  # ASGI: raised again, with its page sent
            assert notes_in("".join(traceback.format_exception(error))) == ["req-7", "req-7"]
    assert [notes_in(text) for text in tracebacks(caplog)] == [["req-7"]]
    assert all("req-7" in answer.text for answer in answers)


@apps
@pytest.mark.parametrize("mode", ["testing", "debug", "PROPAGATE_EXCEPTIONS"])
def test_an_exception_that_propagates_is_not_noted(site: Any, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    def prepare(app: Any) -> None:
        app.config[mode if mode.isupper() else mode.upper()] = True

    def reference(*args: object) -> str:
        raise AssertionError("asked")

    error = Failure("boom")
    with site(prepare, error, reference=reference) as visit:
        try:
            answer = visit(crash())
        except Failure:
            pass
        else:  # Quart's server answers with the traceback
            assert not answer.is_page
    assert not hasattr(error, "__notes__") and not other_lines(caplog.records)


@apps
def test_testing_mode_that_does_not_propagate_has_pages_and_notes(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    def prepare(app: Any) -> None:
        app.testing = True
        app.config["PROPAGATE_EXCEPTIONS"] = False

    with site(prepare) as visit:
        answer = visit(crash())
    (text,) = tracebacks(caplog)
    assert answer.is_page and notes_in(text)[0] in answer.text


@apps
def test_http_exceptions_that_are_trapped_are_noted(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    from werkzeug.exceptions import NotFound

    def prepare(app: Any) -> None:
        app.config["TRAP_HTTP_EXCEPTIONS"] = True

    with site(prepare, NotFound()) as visit:
        answer = visit(crash())
    (text,) = tracebacks(caplog)
    assert answer.status == 500 and notes_in(text)[0] in answer.text


@apps
def test_an_exception_of_a_before_request_function_is_noted(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise Failure("before")

    with site(lambda app: app.before_request(fail)) as visit:
        answer = visit(crash(url="/away"))
    (text,) = tracebacks(caplog)
    assert notes_in(text)[0] in answer.text


def flask_app(name: str) -> Flask:
    app = Flask(name)

    @app.get("/crash")
    def crash() -> str:
        raise Failure(name)

    return app


def test_the_middleware_may_stand_further_out(caplog: pytest.LogCaptureFixture) -> None:
    """Around a dispatcher, which changes the environ, with ProxyFix around; what is excluded is the path at entry."""
    paths: list[tuple[str, str]] = []

    def reference(request: Request, head: ResponseHead, error: BaseException | None) -> str:
        paths.append((request.root_path, request.path))
        return f"own-{len(paths)}"

    inner = DispatcherMiddleware(flask_app("shop").wsgi_app, {"/admin": flask_app("shop.admin").wsgi_app})
    app = ProxyFix(WSGIMiddleware(inner, reference=reference, exclude="/admin/c*h/"))
    answers = [through_wsgi(app, crash(url=url)) for url in ("/crash", "/admin/crash")]
    assert [notes_in(text) for text in tracebacks(caplog)] == [["own-1"], ["own-2"]]
    assert "own-1" in answers[0].text and "own-2" in answers[1].text
    assert paths == [("", "/crash"), ("", "/admin/crash")]


def test_only_the_application_that_is_wrapped_is_noted(caplog: pytest.LogCaptureFixture) -> None:
    wrapped, bare = flask_app("shop"), flask_app("shop.bare")
    wrapped.wsgi_app = WSGIMiddleware(wrapped.wsgi_app)  # type: ignore[method-assign]
    dispatcher = DispatcherMiddleware(wrapped, {"/bare": bare})
    assert not through_wsgi(dispatcher, crash(url="/bare/crash")).is_page
    assert through_wsgi(dispatcher, crash()).is_page
    assert not through_wsgi(bare, crash()).is_page
    assert [len(notes_in(text)) for text in tracebacks(caplog)] == [0, 1, 0]


def test_a_request_within_a_request_has_no_note_of_the_outer_ones(caplog: pytest.LogCaptureFixture) -> None:
    outer, inner = flask_app("shop"), flask_app("shop.inner")

    @outer.get("/calls")
    def calls() -> tuple[str, int]:
        inner.test_client().get("/crash")
        return "", 502

    outer.wsgi_app = WSGIMiddleware(outer.wsgi_app)  # type: ignore[method-assign]
    assert through_wsgi(outer, crash(url="/calls")).is_page
    assert [notes_in(text) for text in tracebacks(caplog)] == [[]]


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        pytest.param({}, {}, id="both"),
        pytest.param({"statuses": "4xx"}, {}, id="the inner one has no page for it"),
    ],
)
def test_of_two_middlewares_the_one_whose_page_it_is_is_asked(
    inner: dict[str, Any], outer: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def asking(name: str) -> Callable[..., str]:
        return lambda *args: name

    app = flask_app("shop")
    app.wsgi_app = WSGIMiddleware(app.wsgi_app, reference=asking("inner"), **inner)  # type: ignore[method-assign]
    around = WSGIMiddleware(app.wsgi_app, reference=asking("outer"), **outer)
    answer = through_wsgi(around, crash())
    (shown,) = SHOWN.findall(answer.text)
    assert shown == ("outer" if inner else "inner")
    assert [notes_in(text) for text in tracebacks(caplog)] == [[shown]]


def test_debug_false_shows_one_reference_on_the_page_and_in_our_line(caplog: pytest.LogCaptureFixture) -> None:
    """Flask in debug mode raises: then the exception ends here, and is logged here."""
    asked: list[object] = []

    def reference(*args: object) -> str:
        asked.append(args)
        return f"own-{len(asked)}"

    with flask_site(lambda app: setattr(app, "debug", True), reference=reference, debug=False) as visit:
        answer = visit(crash())
    (line,) = other_lines(caplog.records)
    assert "own-1" in answer.text and "own-1" in line.getMessage() and len(asked) == 1


# -- Django's own ways -------------------------------------------------------------------------------------------------


class FailingMiddleware:
    """Fails within the pages' middleware, where no view was reached."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        if asyncio.iscoroutinefunction(get_response):
            from asgiref.sync import markcoroutinefunction

            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        raise Failure("in a middleware")


@djangos
def test_an_exception_of_a_middleware_inside_is_noted(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    with site(middleware=(f"{__name__}.FailingMiddleware",)) as visit:
        answer = visit(crash())
    (text,) = tracebacks(caplog)
    assert notes_in(text)[0] in answer.text


class FailingOnTheWayOut:
    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.get_response(request)
        raise Failure("outside")


def test_an_exception_of_a_middleware_outside_has_no_page_of_ours_and_no_note(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with SITES["Django, MIDDLEWARE, WSGI"]() as visit:
        with override_settings(MIDDLEWARE=[f"{__name__}.FailingOnTheWayOut", "errorpages.django.ErrorPagesMiddleware"]):
            answer = through_wsgi(WSGIHandler(), crash(url="/away"))
        assert not answer.is_page
        assert visit(crash()).is_page
    assert [len(notes_in(text)) for text in tracebacks(caplog)] == [0, 1]


@djangos
def test_an_asynchronous_views_exception_is_noted(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    with site() as visit:
        answer = visit(crash(url="/crash-later"))
    (text,) = tracebacks(caplog)
    assert notes_in(text)[0] in answer.text


# -- what others pay for it --------------------------------------------------------------------------------------------


def test_a_success_gets_one_key_that_keeps_nothing_alive() -> None:
    """What stands in the environ must not refer back to it: each success would wait for the garbage collector."""
    app = flask_app("shop")
    seen: list[set[str]] = []

    @app.get("/")
    def home() -> str:
        from flask import request

        seen.append(set(request.environ))
        return "ok"

    middleware = WSGIMiddleware(app.wsgi_app)
    from tests.drivers import environ_of

    environ = environ_of(ask(path="/"))
    before = set(environ)
    b"".join(middleware(environ, lambda *args: None))  # type: ignore[arg-type]
    assert seen[0] - before - {"werkzeug.request"} == {KEY}
    assert environ not in gc.get_referrers(middleware) and environ not in gc.get_referents(environ[KEY])


def test_the_scope_that_a_server_hands_over_is_not_changed() -> None:
    from tests.drivers import run_asgi, scope_of

    with quart_site():
        pass
    app = framework("quart").Quart("shop")
    scope = scope_of(ask(path="/none"))
    before = dict(scope)
    assert run_asgi(ASGIMiddleware(app.asgi_app), scope).answer.is_page
    assert scope == before


def test_starlettes_route_is_found_beside_quart() -> None:
    """Its router writes the route into the scope it was handed, where middleware outside looks for it."""
    framework("quart")
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.routing import Route

    scopes: list[Any] = []

    class Outside:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app(scope, receive, send)
            scopes.append(scope)

    def view(request: Any) -> Any:
        from starlette.responses import PlainTextResponse

        return PlainTextResponse("", 404)

    told = Told()
    middleware = [Middleware(Outside), Middleware(ASGIMiddleware, on_page=told)]
    through_asgi(Starlette(routes=[Route("/things/{id}", view)], middleware=middleware), ask())
    assert [event.route for event in told.events] == ["/things/{id}"]
    assert scopes[0]["endpoint"] is view


def test_receivers_are_held_and_connected_once() -> None:
    from flask.signals import got_request_exception

    assert connect(ErrorPages(), "flask", "django")
    before = len(got_request_exception.receivers)
    for _ in range(3):
        WSGIMiddleware(flask_app("shop").wsgi_app)
    gc.collect()
    assert len(got_request_exception.receivers) == before


def test_a_receiver_that_fails_hurts_no_response(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object) -> None:
        raise LookupError("no reference")

    monkeypatch.setattr(ErrorPages, "reference", fail)
    with flask_site() as visit:
        answer = visit(crash())
    assert answer.is_page and SHOWN.findall(answer.text)
    assert ["LookupError" in str(line.exc_info) for line in other_lines(caplog.records)] == [True]


def test_no_framework_is_imported_and_none_that_comes_later_is_missed() -> None:
    script = """
        import logging, sys
        from errorpages.wsgi import ErrorPagesMiddleware

        class Lazy:
            app = None
            def __call__(self, environ, start_response):
                if self.app is None:
                    from flask import Flask
                    self.app = Flask("shop")
                    self.app.add_url_rule("/crash", "crash", lambda: 1 / 0)
                return self.app(environ, start_response)

        middleware = ErrorPagesMiddleware(Lazy())
        assert not {"flask", "quart", "django"} & set(sys.modules)
        for path in ("/none", "/crash"):
            environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "a", "SERVER_PORT": "80",
                       "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "HTTP_X_REQUEST_ID": "req-7"}
            list(middleware(environ, lambda *args: print(args[0])))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=120)
    assert done.stdout.split("\n")[:2] == ["404 NOT FOUND", "500 INTERNAL SERVER ERROR"], done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert done.stderr.count("errorpages: the visitor's page, unless it is your own, has the reference req-7") == 1
