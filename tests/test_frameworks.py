"""What frameworks reveal of themselves, and real applications of those that are installed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tests import bodies
from tests.drivers import (
    Answer,
    Told,
    ask,
    checked,
    framework,
    other_lines,
    page_fields,
    page_lines,
    run_asgi,
    scope_of,
    through_asgi,
    through_wsgi,
)

from errorpages import ErrorPages, Request
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.frameworks import (
    answering,
    asks_to_keep,
    has_own_handler,
    http_exception,
    in_debug_mode,
    lets_exceptions_pass,
    route,
)
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

curl = ask("*/*", path="/none")
api = ask("application/json", path="/none")
script = ask("*/*", path="/none", sec_fetch_dest="empty")

SITE_MESSAGE = "site&#39;s own message"


def visit(path: str) -> Request:
    """A person's browser follows a link."""
    return ask(path=path, sec_fetch_dest="document")


# -- what they reveal --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("native", "expected"),
    [
        pytest.param({}, False, id="nothing"),
        pytest.param({"app": SimpleNamespace(debug=True)}, True, id="Starlette"),
        pytest.param({"app": SimpleNamespace(debug=False)}, False, id="Starlette without"),
        pytest.param({"app": SimpleNamespace(debug="yes")}, False, id="an application whose debug is something else"),
        pytest.param({"app": object()}, False, id="an application without debug"),
        pytest.param({"litestar_app": SimpleNamespace(debug=True)}, True, id="Litestar"),
        pytest.param({"werkzeug.debug.preserve_context": print}, True, id="Werkzeug's debugger"),
    ],
)
def test_debug_mode_is_detected(native: dict[str, object], expected: bool) -> None:
    assert in_debug_mode(native) == lets_exceptions_pass(native, RuntimeError()) == expected


@pytest.mark.parametrize("debug", [True, False])
def test_bottles_debug_mode_is_detected(debug: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bottle", SimpleNamespace(DEBUG=debug))
    assert in_debug_mode({}) == debug


@pytest.mark.parametrize(
    ("native", "expected"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"route": SimpleNamespace(path="/a/{id}")}, "/a/{id}", id="Starlette"),
        pytest.param({"bottle.route": SimpleNamespace(rule="/a/<id>")}, "/a/<id>", id="Bottle"),
        pytest.param({"path_template": "/a/{id}"}, "/a/{id}", id="Litestar"),
        pytest.param(
            {"werkzeug.request": SimpleNamespace(url_rule=SimpleNamespace(rule="/a/<id>"))}, "/a/<id>", id="Flask"
        ),
        pytest.param({"werkzeug.request": SimpleNamespace(url_rule=None)}, None, id="Flask without a match"),
        pytest.param({"werkzeug.request": None}, None, id="Flask after an exception"),
        pytest.param({"route": "/a"}, None, id="another meaning of the key"),
    ],
)
def test_the_route_is_found(native: dict[str, object], expected: str | None) -> None:
    assert route(native) == expected


@pytest.mark.parametrize(
    ("handlers", "expected"),
    [({Exception: print}, True), ({500: print}, True), ({404: print, ValueError: print}, False), ({}, False)],
)
def test_an_own_handler_is_found(handlers: dict[object, object], expected: bool) -> None:
    assert has_own_handler({"app": SimpleNamespace(exception_handlers=handlers)}) == expected
    assert not has_own_handler({})


class Wrapper:
    """Middleware of somebody else's."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, *args: Any) -> Any:
        raise AssertionError("called")


class Slippery:
    """Says something else of itself than its type does."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("unbound")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("unbound")

    __hash__ = None  # type: ignore[assignment]

    def __call__(self) -> None:
        raise RuntimeError("unbound")


def closed_over(app: Any) -> Any:
    def middleware(environ: Any, start_response: Any) -> Any:
        return app(environ, start_response), never

    if app is None:
        never = 1
    return middleware


def circle() -> Wrapper:
    first = Wrapper(None)
    first.app = Wrapper(first)
    return first


@pytest.mark.parametrize(
    ("wrap", "expected"),
    [
        pytest.param(lambda app: app, ["flask"], id="itself"),
        pytest.param(lambda app: app.wsgi_app, ["flask"], id="its wsgi_app"),
        pytest.param(lambda app: Wrapper(Wrapper(app.wsgi_app)), ["flask"], id="wrapped"),
        pytest.param(lambda app: partial(app, 1), ["flask"], id="a partial"),
        pytest.param(closed_over, ["flask"], id="a function around it"),
        pytest.param(lambda app: Wrapper({"/shop": [(app,)]}), ["flask"], id="mounted"),
        pytest.param(lambda app: Wrapper([Slippery(), None, app]), ["flask"], id="beside proxies"),
        pytest.param(lambda app: type(app), [], id="its class alone"),
        pytest.param(lambda app: sys.modules["flask"], [], id="its module alone"),
        pytest.param(lambda app: Wrapper([print] * 3), [], id="another"),
        pytest.param(lambda app: circle(), [], id="a circle"),
        pytest.param(lambda app: Slippery(), [], id="a proxy"),
        pytest.param(lambda app: Wrapper([Wrapper(number) for number in range(100_000)]), [], id="a crowd"),
    ],
)
def test_the_framework_that_answers_is_found(wrap: Callable[[Any], Any], expected: list[str]) -> None:
    assert answering(wrap(framework("flask").Flask("shop"))) == expected


def test_a_wish_to_be_kept_is_heard() -> None:
    assert asks_to_keep({"errorpages.keep": True}) and not asks_to_keep({"errorpages.keep": False})
    assert not asks_to_keep({})


class Lookalike(Exception):
    code = status = status_code = status_int = 404
    headers: dict[str, str] = {}
    detail = description = "no"


class HTTPException(Exception):
    """Has the name, and is no framework's."""

    status_code = 404


@pytest.mark.parametrize("error", [Lookalike(), HTTPException(), ValueError(404), ExceptionGroup("x", [KeyError()])])
def test_an_http_exception_is_recognised_by_its_class_alone(error: Exception) -> None:
    assert http_exception(error) is None


def test_an_urllib_error_is_no_answer() -> None:
    from email.message import Message
    from urllib.error import HTTPError

    with HTTPError("https://acme.example", 404, "Not Found", Message(), None) as error:
        assert http_exception(error) is None


MODELS: dict[str, tuple[str, str, dict[str, Any], tuple[int, str | None]]] = {
    "Litestar": ("litestar.exceptions", "HTTPException",
                 {"status_code": 404, "headers": {"A": "1"}, "detail": "no"}, (404, "no")),
    "Django REST framework": ("rest_framework.exceptions", "APIException",
                              {"status_code": 409, "detail": "no"}, (409, "no")),
    "Django REST framework with a dict": ("rest_framework.exceptions", "APIException",
                                          {"status_code": 400, "detail": {"a": ["no"]}}, (400, None)),
    "WebOb": ("webob.exc", "WSGIHTTPException",
              {"status_int": 404, "headerlist": [("A", "1")], "detail": "no"}, (404, "no")),
    "Falcon": ("falcon", "HTTPError",
               {"status": "404 Not Found", "headers": {"A": "1"}, "title": "t", "description": "no"}, (404, "no")),
    "Falcon with a number": ("falcon", "HTTPError",
                             {"status": 404, "headers": None, "title": "t", "description": None}, (404, "t")),
    "aiohttp": ("aiohttp.web", "HTTPException", {"status": 404, "headers": {}, "text": "no"}, (404, "no")),
    "Bottle": ("bottle", "HTTPResponse", {"status_code": 404, "headerlist": [], "body": "no"}, (404, "no")),
    "CherryPy": ("cherrypy", "HTTPError", {"code": 404, "_message": "no"}, (404, "no")),
    "BlackSheep": ("blacksheep.exceptions", "HTTPException", {"status": 404, "args": ("no",)}, (404, "no")),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_a_frameworks_http_exception_is_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in of the same class name and attributes, as none of these frameworks is installed everywhere."""
    module_name, class_name, attributes, expected = MODELS[name]
    kind = type(class_name, (Exception,), {})
    module = ModuleType(module_name)
    setattr(module, class_name, kind)
    monkeypatch.setitem(sys.modules, module_name, module)
    error = type("Own", (kind,), {})()
    for attribute, value in attributes.items():
        setattr(error, attribute, value)
    found = http_exception(error)
    assert found is not None and (found.status, found.message) == expected


def test_fields_that_are_dangerous_are_left_out_of_an_http_exceptions() -> None:
    http = framework("werkzeug.exceptions")
    error = http.Unauthorized()
    error.get_headers = lambda *args: [("A", "1"), ("B", "2\r\nSet-Cookie: evil=1"), ("C\n", "3"), ("D", "\0")]
    found = http_exception(error)
    assert found is not None and found.headers == (("A", "1"),)


# -- Flask -------------------------------------------------------------------------------------------------------------


def flask_app() -> Any:
    flask = framework("flask")
    app = flask.Flask("shop")

    @app.get("/invoice")  # type: ignore[untyped-decorator, unused-ignore]
    def invoice() -> Any:
        flask.abort(404, "No <b>invoice</b>\nthere")

    @app.get("/crash")  # type: ignore[untyped-decorator, unused-ignore]
    def crash() -> Any:
        raise RuntimeError("password=hunter2")

    @app.get("/json")  # type: ignore[untyped-decorator, unused-ignore]
    def json() -> Any:
        return {"detail": "No such invoice", "id": 7}, 404

    @app.post("/form")  # type: ignore[untyped-decorator, unused-ignore]
    def form() -> Any:
        return bodies.FORM_422, 422

    @app.get("/bare")  # type: ignore[untyped-decorator, unused-ignore]
    def bare() -> Any:
        return "Name already taken", 409

    @app.get("/away")  # type: ignore[untyped-decorator, unused-ignore]
    def away() -> Any:
        return flask.Response("", 503, {"Retry-After": "120", "Cache-Control": "public, max-age=3600"})

    @app.get("/stream")  # type: ignore[untyped-decorator, unused-ignore]
    def stream() -> Any:
        return flask.Response(iter(["a", "b"]), mimetype="text/plain")

    return app


def flask(request: Request, prepare: Callable[[Any], None] = lambda app: None, **options: Any) -> Answer:
    app = flask_app()
    prepare(app)
    app.wsgi_app = WSGIMiddleware(checked(app.wsgi_app), **options)
    return through_wsgi(checked(app), request)


def test_flasks_stock_404_becomes_a_page() -> None:
    answer = flask(visit("/none"))
    assert answer.is_page and answer.reason == "404 NOT FOUND" and SITE_MESSAGE not in answer.text


def test_flasks_abort_has_its_words_on_the_page() -> None:
    assert "No &lt;b&gt;invoice&lt;/b&gt;" in flask(visit("/invoice")).text


def test_flasks_405_keeps_its_allow() -> None:
    answer = flask(visit("/form"))
    assert answer.status == 405 and answer.is_page and "POST" in str(answer.field("Allow"))


def test_flasks_500_becomes_a_page_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    answer = flask(visit("/crash"))
    assert answer.status == 500 and answer.is_page and "hunter2" not in answer.text
    assert [record.name for record in caplog.records if record.exc_info] == ["shop"]  # Flask logs it; we do not
    (line,) = page_lines(caplog.records)
    assert line.levelno == logging.WARNING and page_fields(line)["reference"] in answer.text


def test_a_flask_handler_that_fails_itself_becomes_a_page(caplog: pytest.LogCaptureFixture) -> None:
    def fail(error: Exception) -> Any:
        raise ValueError("the handler failed")

    answer = flask(visit("/crash"), lambda app: app.register_error_handler(500, fail))
    assert answer.status == 500 and answer.is_page
    assert len(other_lines(caplog.records)) == len(page_lines(caplog.records)) == 1


@pytest.mark.parametrize("mode", ["testing", "debug"])
def test_flask_in_testing_and_debug_mode_raises(mode: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RuntimeError, match="hunter2"):
        flask(visit("/crash"), lambda app: setattr(app, mode, True))
    assert not [record for record in caplog.records if record.name == "errorpages"]


def test_flask_in_debug_mode_has_its_404_replaced() -> None:
    assert flask(visit("/none"), lambda app: setattr(app, "debug", True)).is_page


def test_flask_in_debug_mode_keeps_its_500() -> None:
    def prepare(app: Any) -> None:
        app.debug = True
        app.config["PROPAGATE_EXCEPTIONS"] = False

    assert not flask(visit("/crash"), prepare).is_page


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(visit("/json"), 404, id="JSON with more than an error"),
        pytest.param(ask(path="/form", method="POST"), 422, id="a form shown again"),
        pytest.param(ask("*/*", path="/bare", sec_fetch_dest="empty"), 409, id="words for a script"),
        pytest.param(visit("/stream"), 200, id="a stream"),
    ],
)
def test_flasks_own_answers_are_kept(request_: Request, status: int) -> None:
    answer = flask(request_)
    assert answer.status == status and not answer.is_page


def test_flasks_503_leaves_with_no_store() -> None:
    answer = flask(visit("/away"))
    assert answer.field("Cache-Control") == "no-cache, no-store, must-revalidate"
    assert answer.field("Retry-After") == "120" and "in about 2 minutes" in answer.text


def test_callables_see_flasks_context() -> None:
    flask_module = framework("flask")
    seen: list[str] = []

    def context(request: Request) -> dict[str, object]:
        seen.append(flask_module.request.path)
        return {}

    flask(visit("/invoice"), context=context)
    assert seen == ["/invoice"]


def test_on_page_is_told_flasks_route() -> None:
    told = Told()
    flask(visit("/invoice"), on_page=told)
    flask(visit("/none"), on_page=told)
    assert [event.route for event in told.events] == ["/invoice", None]


# -- Starlette and FastAPI ---------------------------------------------------------------------------------------------


def starlette_app(**options: Any) -> Any:
    framework("starlette")
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.requests import Request as StarletteRequest
    from starlette.responses import JSONResponse, PlainTextResponse, Response
    from starlette.routing import Mount, Route

    async def invoice(request: StarletteRequest) -> Response:
        raise HTTPException(404, "No <b>invoice</b>", {"X-Own": "1"})

    async def crash(request: StarletteRequest) -> Response:
        raise RuntimeError("password=hunter2")

    async def json(request: StarletteRequest) -> Response:
        return JSONResponse({"detail": "No such invoice"}, 404)

    async def late(request: StarletteRequest) -> Response:
        return PlainTextResponse("ok", background=BackgroundTask(fail))

    async def fail() -> None:
        raise RuntimeError("in the background")

    errorpages = {name: options.pop(name) for name in list(options) if name not in ("debug", "exception_handlers")}
    return Starlette(
        routes=[
            Route("/invoice", invoice),
            Route("/crash", crash),
            Route("/json", json),
            Route("/late", late),
            Mount("/shop", routes=[Route("/crash", crash)], middleware=[Middleware(ASGIMiddleware, site_name="Shop")]),
        ],
        middleware=[Middleware(ASGIMiddleware, **errorpages)],
        **options,
    )


def test_starlettes_stock_404_becomes_a_page() -> None:
    assert through_asgi(starlette_app(), visit("/none")).is_page
    assert through_asgi(starlette_app(), curl).field("Content-Type") == "text/plain; charset=utf-8"
    assert through_asgi(starlette_app(), api).field("Content-Type") == "application/problem+json"


def test_starlettes_http_exception_has_its_words_on_the_page() -> None:
    answer = through_asgi(starlette_app(), visit("/invoice"))
    assert "No &lt;b&gt;invoice&lt;/b&gt;" in answer.text and answer.field("X-Own") == "1"


def test_starlettes_405_keeps_its_allow() -> None:
    answer = through_asgi(starlette_app(), ask(path="/json", method="POST"))
    assert answer.status == 405 and answer.is_page and "GET" in str(answer.field("Allow"))


def test_starlettes_accident_becomes_one_page_and_is_raised_once(caplog: pytest.LogCaptureFixture) -> None:
    sent = run_asgi(starlette_app(), scope_of(ask(path="/crash", x_request_id="req-7")))
    assert isinstance(sent.error, RuntimeError)
    assert sent.answer.status == 500 and sent.answer.is_page and "req-7" in sent.answer.text
    assert "hunter2" not in sent.answer.text
    assert [note.count("req-7") for note in sent.error.__notes__] == [1]
    assert not other_lines(caplog.records)
    (line,) = page_lines(caplog.records)
    assert line.levelno == logging.WARNING and page_fields(line)["reference"] == "req-7" and not line.exc_info


def test_starlettes_accident_under_a_mount_is_answered_by_the_inner_pages() -> None:
    sent = run_asgi(starlette_app(site_name="Outer"), scope_of(visit("/shop/crash")))
    assert "<bdi>Shop</bdi>" in sent.answer.text and "Outer" not in sent.answer.text
    assert 'href="/shop/"' in sent.answer.text


@pytest.mark.parametrize("key", [Exception, 500])
def test_starlettes_own_handler_for_everything_answers(key: Any) -> None:
    framework("starlette")
    from starlette.responses import PlainTextResponse, Response

    async def handler(request: Any, error: Exception) -> Response:
        return PlainTextResponse("handled by the application", 500)

    sent = run_asgi(starlette_app(exception_handlers={key: handler}), scope_of(visit("/crash")))
    assert sent.answer.text == "handled by the application"


def test_starlette_in_debug_mode_shows_its_debugger() -> None:
    answer = run_asgi(starlette_app(debug=True), scope_of(visit("/crash"))).answer
    assert answer.status == 500 and not answer.is_page and "RuntimeError" in answer.text
    assert through_asgi(starlette_app(debug=True), visit("/none")).is_page


def test_starlettes_background_task_that_fails_is_only_raised() -> None:
    sent = run_asgi(starlette_app(), scope_of(visit("/late")))
    assert isinstance(sent.error, RuntimeError) and sent.answer.text == "ok"


def test_starlettes_json_is_kept_for_a_script_and_a_page_for_a_person() -> None:
    answer = through_asgi(starlette_app(), ask("*/*", path="/json", sec_fetch_dest="empty"))
    assert answer.text == '{"detail":"No such invoice"}' and answer.vary == {"accept", "hx-request"}
    assert "No such invoice" in through_asgi(starlette_app(), visit("/json")).text


def test_starlettes_http_exception_that_escapes_is_an_answer() -> None:
    framework("starlette")
    from starlette.exceptions import HTTPException

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise HTTPException(403, "Members only", {"X-Own": "1"})

    sent = run_asgi(ASGIMiddleware(app), scope_of(visit("/")))
    assert sent.error is None and sent.answer.status == 403
    assert "Members only" in sent.answer.text and sent.answer.field("X-Own") == "1"


def test_starlettes_head_gets_no_body() -> None:
    answer = through_asgi(starlette_app(), ask(path="/none", method="HEAD"))
    assert answer.is_page and answer.body == b""
    get = through_asgi(starlette_app(), ask(path="/none"))
    assert answer.field("Content-Length") == get.field("Content-Length")


def fastapi_app() -> Any:
    fastapi = framework("fastapi")
    app = fastapi.FastAPI()
    app.add_middleware(ASGIMiddleware, site_name="Acme")

    @app.get("/invoice")  # type: ignore[untyped-decorator, unused-ignore]
    async def invoice() -> None:
        raise fastapi.HTTPException(404, "No such invoice")

    @app.get("/taken")  # type: ignore[untyped-decorator, unused-ignore]
    async def taken() -> None:
        raise fastapi.HTTPException(409, {"field": "name"})

    @app.get("/search")  # type: ignore[untyped-decorator, unused-ignore]
    async def search(q: int) -> int:
        return q

    return app


def test_fastapi_gives_a_person_the_page_and_a_script_its_json() -> None:
    app = fastapi_app()
    assert "Page not found" in through_asgi(app, visit("/none")).text
    assert through_asgi(app, script).text == bodies.FASTAPI_404
    assert through_asgi(app, api).text == bodies.FASTAPI_404
    assert "No such invoice" in through_asgi(app, visit("/invoice")).text


@pytest.mark.parametrize("path", ["/search?q=x", "/taken"])
def test_fastapis_lists_and_objects_stay_as_they_are(path: str) -> None:
    path, _, query = path.partition("?")
    answer = through_asgi(fastapi_app(), ask(path=path, query=query))
    assert not answer.is_page and answer.field("Content-Type") == "application/json"


def test_fastapis_own_handler_for_everything_answers() -> None:
    app = fastapi_app()
    from fastapi.responses import PlainTextResponse

    @app.get("/crash")  # type: ignore[untyped-decorator, unused-ignore]
    async def crash() -> None:
        raise RuntimeError("boom")

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator, unused-ignore]
    async def handler(request: Any, error: Exception) -> PlainTextResponse:
        return PlainTextResponse("handled by the application", 500)

    assert run_asgi(app, scope_of(visit("/crash"))).answer.text == "handled by the application"


# -- Django ------------------------------------------------------------------------------------------------------------


@cache
def django_urls() -> ModuleType:
    from django.core.exceptions import PermissionDenied
    from django.http import Http404, HttpResponse, JsonResponse
    from django.urls import path

    def fail(error: Exception) -> Any:
        def view(request: Any) -> HttpResponse:
            raise error

        return view

    module = ModuleType("shop_urls")
    vars(module)["urlpatterns"] = [
        path("invoice", fail(Http404("secret words"))),
        path("members", fail(PermissionDenied("secret words"))),
        path("crash", fail(RuntimeError("secret words"))),
        path("json", lambda request: JsonResponse({"detail": "No such invoice"}, status=404)),
        path("form", lambda request: HttpResponse("ok")),
    ]
    return module


@pytest.fixture
def django() -> Iterator[Any]:
    """Django with a few routes; its settings are those of this test alone."""
    framework("django")
    import django as package
    from django.conf import settings
    from django.test.utils import override_settings

    if not settings.configured:
        settings.configure(SECRET_KEY="not a secret", ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None)
        package.setup()
    middleware = ["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
    logging.getLogger("django").setLevel(logging.CRITICAL)
    with override_settings(
        ROOT_URLCONF=django_urls(), MIDDLEWARE=middleware, ALLOWED_HOSTS=["*"], DEBUG=False, APPEND_SLASH=False
    ):
        yield override_settings


def django_wsgi(request: Request, **options: Any) -> Answer:
    from django.core.handlers.wsgi import WSGIHandler

    return through_wsgi(checked(WSGIMiddleware(checked(WSGIHandler()), **options)), request)


def django_asgi(request: Request, **options: Any) -> Answer:
    from django.core.handlers.asgi import ASGIHandler

    handler: Any = ASGIHandler()  # whose messages are typed otherwise
    return through_asgi(ASGIMiddleware(handler, **options), request)


@pytest.mark.parametrize("through", [django_wsgi, django_asgi])
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(visit("/none"), 404, id="no route"),
        pytest.param(visit("/invoice"), 404, id="Http404"),
        pytest.param(visit("/members"), 403, id="PermissionDenied"),
        pytest.param(visit("/crash"), 500, id="an accident"),
        pytest.param(ask(path="/form", method="POST"), 403, id="CSRF"),
        pytest.param(visit("/json"), 404, id="JSON"),
    ],
)
def test_djangos_errors_become_pages(
    django: Any, through: Callable[[Request], Answer], request_: Request, status: int
) -> None:
    answer = through(request_)
    assert answer.status == status and answer.is_page
    assert "secret words" not in answer.text
    assert (SITE_MESSAGE in answer.text) == (request_.path == "/json")


def test_django_in_debug_mode_keeps_its_pages(django: Any) -> None:
    with django(DEBUG=True):
        assert not django_wsgi(visit("/crash")).is_page
        assert not django_wsgi(visit("/none")).is_page
        assert in_debug_mode({})
    assert not in_debug_mode({})


def test_djangos_exceptions_that_escape_are_answers(django: Any) -> None:
    from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
    from django.http import Http404

    for error, status in ((Http404("x"), 404), (PermissionDenied("x"), 403), (SuspiciousOperation("x"), 400),
                          (BadRequest("x"), 400)):  # fmt: skip
        found = http_exception(error)
        assert found is not None and (found.status, found.message) == (status, None)


# -- what is not imported ----------------------------------------------------------------------------------------------


def test_pages_need_no_framework(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("flask", "quart", "django.conf", "bottle", "starlette.exceptions", "django.http"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert not in_debug_mode({})
    assert http_exception(RuntimeError()) is None
    assert ErrorPages().page(ask(), 404).status == 404
