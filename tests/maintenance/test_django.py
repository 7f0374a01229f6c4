"""Maintenance in Django's own idiom: under WSGI, under ASGI and in its test client."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.answers import UNUSABLE, answering
from tests.drivers import BROWSER, Answer, Told, ask, framework, through_asgi, through_wsgi

framework("django")

from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.urls import path  # noqa: E402
from tests.frameworks import django_settings  # noqa: E402

from errorpages import OptionError  # noqa: E402
from errorpages.maintenance import State, bypass  # noqa: E402

CLOSED = State(
    on=True,
    end=datetime.now(UTC) + timedelta(hours=3),
    message={"": "We move house."},
    networks=("192.0.2.0/24",),
    bypass_key="0123456789abcdef" * 2,
)
calls: list[str] = []

Visit = Callable[..., Answer]


def fine(request: HttpRequest) -> HttpResponse:
    calls.append(request.path)
    response = HttpResponse("fine", headers={"Cache-Control": "public, max-age=60"})
    response.set_cookie("seen", "1")
    return response


async def awaited(request: HttpRequest) -> HttpResponse:
    calls.append(request.path)
    return HttpResponse("fine")


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


def late(request: HttpRequest) -> HttpResponse:
    raise LookupError


def kept(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"x": {}}, status=404, headers={"Cache-Control": "public"})


URLS = (
    path("", fine),
    path("healthz", fine),
    path("awaited", awaited),
    path("missing", missing),
    path("late", late),
    path("kept", kept),
)


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    django_settings.configure()
    logging.getLogger("django").setLevel(logging.CRITICAL)
    calls.clear()
    options = {"maintenance": lambda: CLOSED, "exceptions": {LookupError: 404}, "trusted_proxies": ["10.0.0.0/8"]}
    with override_settings(
        ROOT_URLCONF=URLS,
        MIDDLEWARE=["errorpages.django.ErrorPagesMiddleware", "django.middleware.common.CommonMiddleware"],
        ALLOWED_HOSTS=["*"],
        DEBUG=False,
        APPEND_SLASH=False,
        ERROR_PAGES={"site_name": "Acme", **options},
    ):
        yield


def by_wsgi(url: str, method: str = "GET", **fields: str) -> Answer:
    parts = urlsplit(url)
    request = ask(BROWSER, method=method, path=parts.path, query=parts.query, native=None, root_path="", **fields)
    return through_wsgi(WSGIHandler(), request)


def by_asgi(url: str, method: str = "GET", **fields: str) -> Answer:
    parts = urlsplit(url)
    handler: Any = ASGIHandler()
    request = ask(BROWSER, method=method, path=parts.path, query=parts.query, native=None, root_path="", **fields)
    return through_asgi(handler, request)


def by_client(url: str, method: str = "GET", **fields: str) -> Answer:
    headers = {"Accept": BROWSER} | {name.replace("_", "-"): value for name, value in fields.items()}
    response = Client(headers=headers, REMOTE_ADDR="203.0.113.9").generic(method, url)
    sent = [*response.items(), *(("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values())]
    return Answer(response.status_code, tuple(sent), response.content)


every_way = pytest.mark.parametrize(
    "visit",
    [pytest.param(by_wsgi, id="WSGI"), pytest.param(by_asgi, id="ASGI"), pytest.param(by_client, id="the test client")],
)


def cookie() -> str:
    return f"{bypass.COOKIE}={bypass.signed(CLOSED, 'cookie', datetime.now(UTC))}"


@every_way
def test_the_hook_is_told_of_the_page(visit: Visit) -> None:
    told = Told()
    with override_settings(ERROR_PAGES={"maintenance": lambda: CLOSED, "on_page": told}):
        assert visit("/missing").status == 503
    assert [(event.status, event.cause, event.path) for event in told.events] == [(503, "maintenance", "/missing")]


@every_way
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_a_closed_site_shows_the_page_and_calls_no_view(visit: Visit, method: str) -> None:
    for url in ("/", "/awaited", "/missing", "/none"):
        answer = visit(url, method)
        assert answer.status == 503 and answer.field("X-Error-Pages") == "maintenance"
        assert answer.field("Cache-Control") == "no-cache, no-store, must-revalidate"
        assert 2 * 3600 < int(answer.field("Retry-After") or 0) <= 3.3 * 3600
        if method != "HEAD":
            assert "We move house." in answer.text and "– Acme</title>" in answer.text
    assert calls == []


@pytest.mark.parametrize("option", UNUSABLE)
def test_a_closed_site_is_closed_whatever_a_callable_answers(option: str) -> None:
    for what, answer in UNUSABLE[option].items():
        options = {"maintenance": lambda: CLOSED, **answering(option, answer)}
        with override_settings(ERROR_PAGES=options):
            for visit in (by_wsgi, by_asgi, by_client):
                answered = visit("/")
                assert (answered.status, answered.field("X-Error-Pages")) == (503, "maintenance"), what
                assert "We move house." in answered.text, what
    assert calls == []


@every_way
def test_a_health_check_passes_unmarked(visit: Visit) -> None:
    answer = visit("/healthz")
    assert (answer.status, answer.text) == (200, "fine")
    assert answer.field("Cache-Control") == "public, max-age=60"


@every_way
@pytest.mark.parametrize(
    ("url", "status", "policy"),
    [
        pytest.param("/", 200, "max-age=60, private", id="a view"),
        pytest.param("/awaited", 200, "private", id="an asynchronous view"),
        pytest.param("/missing", 404, "private", id="a page"),
        pytest.param("/late", 404, "private", id="a page for a mapped exception"),
        pytest.param("/kept", 404, "private", id="a kept error"),
    ],
)
def test_a_bypass_holder_gets_what_is_his_alone(visit: Visit, url: str, status: int, policy: str) -> None:
    answer = visit(url, Cookie=cookie())
    assert (answer.status, answer.field("Cache-Control")) == (status, policy)
    if url == "/":
        assert "seen=1" in (answer.field("Set-Cookie") or "")


@every_way
def test_a_bypass_link_sets_a_cookie_and_leads_to_the_page(visit: Visit) -> None:
    token = bypass.signed(CLOSED, "link", datetime.now(UTC))
    answer = visit(f"/?a=1&{bypass.PARAMETER}={token}")
    assert (answer.status, answer.field("Location"), answer.body) == (303, "/?a=1", b"")
    assert (answer.field("Cache-Control"), answer.field("Referrer-Policy")) == ("no-store", "no-referrer")
    sent = answer.field("Set-Cookie") or ""
    assert "HttpOnly" in sent and "SameSite=Lax" in sent and "Path=/" in sent and "Secure" not in sent
    assert calls == []
    assert visit("/", Cookie=sent.partition(";")[0]).status == 200


@every_way
def test_a_bypass_link_that_is_opened_before_the_start_does_not_hand_its_token_over(visit: Visit) -> None:
    planned = State(on=True, start=datetime.now(UTC) + timedelta(days=2), bypass_key="0123456789abcdef" * 2)
    token = bypass.signed(planned, "link", datetime.now(UTC))
    with override_settings(ERROR_PAGES={"maintenance": lambda: planned}):
        answer = visit(f"/?a=1&{bypass.PARAMETER}={token}")
        assert (answer.status, answer.field("Location")) == (303, "/?a=1")
        assert answer.field("Referrer-Policy") == "no-referrer" and calls == []
        assert visit("/?a=1").status == 200


def test_the_test_client_keeps_the_cookie() -> None:
    client = Client()
    token = bypass.signed(CLOSED, "link", datetime.now(UTC))
    assert client.get("/").status_code == 503
    response = client.get("/", {bypass.PARAMETER: token}, secure=True)
    assert (response.status_code, response["Location"]) == (303, "/")
    assert client.cookies[bypass.COOKIE]["secure"]
    assert client.get("/", secure=True).content == b"fine"


@every_way
def test_a_spoofed_address_does_not_pass(visit: Visit) -> None:
    assert visit("/", X_Forwarded_For="192.0.2.7").status == 503


def test_a_network_passes_as_the_proxy_tells_it() -> None:
    for address, forwarded, status in (
        ("192.0.2.7", None, 200),
        ("10.0.0.1", "192.0.2.7", 200),
        ("10.0.0.1", "192.0.2.7, 198.51.100.1", 503),
    ):
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        assert Client(REMOTE_ADDR=address, headers=headers).get("/").status_code == status


@every_way
def test_an_open_site_serves_as_if_there_was_no_switch(visit: Visit) -> None:
    with override_settings(ERROR_PAGES={"maintenance": lambda: False}):
        for url, status in (("/", 200), ("/awaited", 200), ("/missing", 404)):
            assert visit(url).status == status
        assert visit("/").field("Cache-Control") == "public, max-age=60"


def test_without_a_switch_the_next_handler_is_called_as_it_is() -> None:
    from errorpages.django import ErrorPagesMiddleware

    async def later(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    handlers: list[Callable[[HttpRequest], HttpResponse] | Callable[[HttpRequest], Awaitable[HttpResponse]]] = [
        fine,
        later,
    ]
    with override_settings(ERROR_PAGES={}):
        for handler in handlers:
            assert ErrorPagesMiddleware(handler).get_response is handler


def test_a_bad_switch_is_said_at_start() -> None:
    with override_settings(ERROR_PAGES={"maintenance": "ftp://acme.example"}), pytest.raises(OptionError):
        WSGIHandler()
