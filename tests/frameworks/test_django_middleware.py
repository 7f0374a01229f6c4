"""Django's own idiom: the middleware in ``MIDDLEWARE``, under WSGI, ASGI and Django's test client."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_protect
from tests.drivers import Answer, Told, ask, other_lines, through_asgi, through_wsgi
from tests.frameworks import django_settings

from errorpages import OptionError, asgi
from errorpages.wsgi import ErrorPagesMiddleware

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MIDDLEWARE = ["errorpages.django.ErrorPagesMiddleware", "django.middleware.common.CommonMiddleware"]
FORM = "<form method=post><input name=a value=bad></form>"


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404("No such invoice")


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("password=hunter2")


def late(request: HttpRequest) -> HttpResponse:
    raise TimeoutError("the ledger at 10.0.0.7")


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(FORM, status=422)


def busy(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=503, headers={"Retry-After": "120", "Cache-Control": "public, max-age=3600"})
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


def api(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"detail": "No such invoice"}, status=404)


async def pieces() -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    chunks: Any = pieces() if isinstance(request, ASGIRequest) else [b"one", b"two"]
    return StreamingHttpResponse(chunks, status=404)


async def awaited(request: HttpRequest) -> HttpResponse:
    raise Http404


URLS = (
    path("", home),
    path("missing", missing),
    path("refused", refused),
    path("crash", crash),
    path("late", late),
    path("form", form),
    path("busy", busy),
    path("api/invoices/<int:number>", lambda request, number: api(request)),
    path("streamed", streamed),
    path("awaited", awaited),
    path("protected", csrf_protect(home)),
)


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    """Set Django up once, and give it this site's settings for one test."""
    django_settings.configure()
    logging.getLogger("django").setLevel(logging.CRITICAL)
    with override_settings(
        ROOT_URLCONF=URLS,
        MIDDLEWARE=MIDDLEWARE,
        ALLOWED_HOSTS=["*"],
        DEBUG=False,
        APPEND_SLASH=False,
        ERROR_PAGES={"site_name": "Acme", "exceptions": {TimeoutError: 504}},
    ):
        yield


def by_wsgi(url: str, accept: str = BROWSER, method: str = "GET") -> Answer:
    return through_wsgi(WSGIHandler(), ask(method=method, path=url, accept=accept))


def by_asgi(url: str, accept: str = BROWSER, method: str = "GET") -> Answer:
    handler: Any = ASGIHandler()
    return through_asgi(handler, ask(method=method, path=url, accept=accept))


def by_client(url: str, accept: str = BROWSER, method: str = "GET") -> Answer:
    client = Client(raise_request_exception=False, headers={"Accept": accept})
    response = client.generic(method, url)
    fields = [*response.items(), *(("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values())]
    return Answer(response.status_code, tuple(fields), b"".join(response) if response.streaming else response.content)


WAYS = [
    pytest.param(by_wsgi, id="WSGI"),
    pytest.param(by_asgi, id="ASGI"),
    pytest.param(by_client, id="the test client"),
]
every_way = pytest.mark.parametrize("visit", WAYS)


@every_way
@pytest.mark.parametrize(
    ("url", "status", "heading"),
    [
        pytest.param("/none", 404, "Page not found", id="a route miss"),
        pytest.param("/missing", 404, "Page not found", id="Http404"),
        pytest.param("/awaited", 404, "Page not found", id="Http404 in an asynchronous view"),
        pytest.param("/refused", 403, "You don't have access to this page", id="PermissionDenied"),
        pytest.param("/crash", 500, "There's a problem with the service", id="an exception"),
        pytest.param("/late", 504, "This took too long", id="an exception that the options map"),
    ],
)
def test_a_bare_error_becomes_a_page(visit: Any, url: str, status: int, heading: str) -> None:
    answer = visit(url)
    assert answer.status == status and answer.is_page
    assert f"<h1>{heading}</h1>".replace("'", "&#39;") in answer.text
    assert "hunter2" not in answer.text and "10.0.0.7" not in answer.text


@every_way
def test_a_success_stays(visit: Any) -> None:
    assert visit("/").body == b"ok" and not visit("/").is_page


@every_way
def test_a_form_shown_again_stays(visit: Any) -> None:
    answer = visit("/form", method="POST")
    assert answer.status == 422 and answer.text == FORM and not answer.is_page


@every_way
def test_a_503_keeps_what_matters_and_is_not_stored(visit: Any) -> None:
    answer = visit("/busy")
    assert answer.is_page and answer.field("Retry-After") == "120" and "about 2 minutes" in answer.text
    assert answer.field("Cache-Control") == "no-cache, no-store, must-revalidate"
    cookies = [value.strip() for name, value in answer.headers if name.lower() == "set-cookie"]
    assert [cookie.partition(";")[0] for cookie in cookies] == ["a=1", "b=2"]


@every_way
def test_a_program_gets_its_json_and_a_person_a_page(visit: Any) -> None:
    assert visit("/api/invoices/7", accept="*/*").text == '{"detail": "No such invoice"}'
    assert visit("/api/invoices/7", accept="*/*").field("Vary") == "Accept, HX-Request"
    assert "No such invoice" in visit("/api/invoices/7").text and visit("/api/invoices/7").is_page


@every_way
def test_what_streams_is_the_applications_own(visit: Any) -> None:
    assert visit("/streamed").body == b"onetwo" and not visit("/streamed").is_page


@every_way
def test_replace_all_takes_a_stream_too(visit: Any) -> None:
    with override_settings(ERROR_PAGES={"replace": "all"}):
        assert visit("/streamed").is_page


@every_way
def test_head_has_the_length_of_the_page_and_no_body(visit: Any) -> None:
    answer = visit("/none", method="HEAD")
    assert answer.body == b"" and answer.is_page
    assert answer.field("Content-Length") == str(len(visit("/none").body))


def test_the_asynchronous_client_gets_the_page() -> None:
    response = asyncio.run(AsyncClient().get("/none", headers={"Accept": BROWSER}))
    assert response.status_code == 404 and response["X-Error-Pages"] == "page"


def test_djangos_log_of_an_exception_has_the_pages_reference(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("django").setLevel(logging.ERROR)
    answer = by_wsgi("/crash")
    (record,) = [record for record in caplog.records if record.exc_info]
    assert record.exc_info is not None and record.exc_info[1] is not None
    notes = "".join(traceback.format_exception(record.exc_info[1]))
    reference = notes.rpartition("reference ")[2].strip()
    assert len(reference) == 36 and reference in answer.text


def test_an_exception_that_the_options_map_to_a_5xx_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    answer = by_wsgi("/late")
    (record,) = other_lines(caplog.records)
    assert record.levelno == logging.ERROR and record.exc_info
    assert record.getMessage().rpartition(" ")[2] in answer.text


def test_debug_mode_leaves_django_its_technical_page() -> None:
    with override_settings(DEBUG=True):
        answer = by_wsgi("/crash")
    assert answer.status == 500 and not answer.is_page and "RuntimeError" in answer.text


def test_a_form_without_its_token_is_said_to_have_expired() -> None:
    client = Client(enforce_csrf_checks=True, headers={"Accept": BROWSER})
    page = client.post("/protected", {"a": "1"})
    assert page.status_code == 403
    assert "<h1>This form has expired</h1>" in page.content.decode() and "CSRF" not in page.content.decode()


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param({"exclude": "/missing"}, id="exclude"),
        pytest.param({"replace": lambda request, head, body: False}, id="replace"),
    ],
)
def test_what_is_kept_in_django_is_kept_outside_of_it(wish: dict[str, Any]) -> None:
    with override_settings(ERROR_PAGES=wish):
        outside: Any = ErrorPagesMiddleware(WSGIHandler(), site_name="Outside")
        assert not through_wsgi(outside, ask(path="/missing")).is_page
        asynchronous: Any = ASGIHandler()
        assert not through_asgi(asgi.ErrorPagesMiddleware(asynchronous), ask(path="/missing")).is_page


def test_the_hook_is_told_the_route() -> None:
    told = Told()
    with override_settings(ERROR_PAGES={"on_page": told}):
        by_wsgi("/api/invoices/7")
        by_asgi("/none")
    assert [event.route for event in told.events] == ["api/invoices/<int:number>", None]


def test_the_test_client_still_raises_what_escapes_a_view() -> None:
    with pytest.raises(RuntimeError, match="hunter2"):
        Client().get("/crash")


@pytest.mark.parametrize(
    ("value", "named"),
    [
        pytest.param({"colour": "red"}, "colour", id="an unknown option"),
        pytest.param(["site_name"], "ERROR_PAGES", id="no dict"),
    ],
)
def test_a_wrong_setting_fails_at_start(value: Any, named: str) -> None:
    with override_settings(ERROR_PAGES=value), pytest.raises(OptionError, match=named):
        Client().get("/")
