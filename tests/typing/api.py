"""The public API as users write it; mypy checks this module, nothing runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_type

from errorpages import ErrorPages, OptionError, Options, Page, PageEvent, Request, ResponseHead, catalogue
from errorpages.asgi import ErrorPagesMiddleware as ASGIErrorPages
from errorpages.maintenance import FileSwitch, State
from errorpages.telemetry import OpenTelemetry
from errorpages.wsgi import ErrorPagesMiddleware as WSGIErrorPages

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


# -- applications ------------------------------------------------------------------------------------------------------


def wsgi_application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [])
    return [b""]


async def asgi_application(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body"})


# -- callables ---------------------------------------------------------------------------------------------------------


def context(request: Request) -> dict[str, Any]:
    return {"user": request.header("X-User"), "path": request.path}


def language(request: Request) -> str | None:
    return "en" if request.query == "lang=en" else None


def replace(request: Request, head: ResponseHead, body: bytes) -> bool | None:
    return True if head.status == 404 and not body else None


def retry_after(request: Request, status: int) -> float | timedelta | datetime | None:
    return timedelta(minutes=5) if status == 503 else None


def reference(request: Request, head: ResponseHead, exception: BaseException | None) -> str | None:
    return None if exception is None else f"{type(exception).__name__}-{request.client}"


def nonce(request: Request) -> str | None:
    value = request.native.get("csp_nonce")
    return value if isinstance(value, str) else None


def on_page(event: PageEvent) -> None:
    assert_type(event.status, int)
    assert_type(event.path, str)
    assert_type(event.duration, float)
    assert_type(event.exception, BaseException | None)
    print(event.cause, event.method, event.route, event.format, event.language, event.reference)


# -- construction ------------------------------------------------------------------------------------------------------

every_option = ErrorPages(
    site_name="Acme",
    home_url="/",
    support_url="/help",
    status_url="https://status.acme.example/",
    logo="<svg></svg>",
    accent="#0b4f9c",
    theme="plain",
    templates=[Path("templates"), "more"],
    context=context,
    wording={404: {"title": "Gone fishing"}, "5xx": {"message": "x"}, "de": {404: {"title": "Nicht gefunden"}}},
    languages=["en", "de"],
    default_language="en",
    language=language,
    statuses=[404, "500-504", "5xx"],
    replace=replace,
    exclude=["/api/*"],
    formats="html text",
    api_errors="problem",
    show_message=(404, "5xx"),
    retry_after=retry_after,
    cache_control={404: "public, max-age=60"},
    reference=reference,
    exceptions={TimeoutError: 504},
    debug=False,
    csp=nonce,
    on_page=on_page,
)
told_to_opentelemetry = ErrorPages(on_page=OpenTelemetry())
other_shapes = ErrorPages(
    templates="templates",
    statuses="4xx 5xx",
    replace="all",
    exclude="/static/*",
    formats=("html", "json"),
    retry_after={503: 60, 429: timedelta(seconds=30)},
    reference=False,
    debug=None,
    csp=None,
)
from_options = ErrorPages(Options(site_name="Acme", retry_after=30, csp="default-src 'self'"))
assert_type(from_options.options, Options)

wsgi: WSGIApplication = WSGIErrorPages(wsgi_application, site_name="Acme", support_url="/help")
wsgi_with_pages: WSGIApplication = WSGIErrorPages(wsgi_application, pages=every_option)
asgi = ASGIErrorPages(asgi_application, site_name="Acme", support_url="/help")
asgi_of_asgi = ASGIErrorPages(asgi, pages=every_option)


def pages_for(request: Request) -> ErrorPages:
    return every_option if dict(request.headers).get("Host") == "acme.example" else other_shapes


wsgi_by_host = WSGIErrorPages(wsgi_application, pages=pages_for)
asgi_by_host = ASGIErrorPages(asgi_application, pages=pages_for)
asgi_closed = ASGIErrorPages(asgi_application, pages=pages_for, maintenance="switch.json", trusted_proxies="10.0.0.0/8")


def busy() -> State | bool | None:
    return State(on=True, message={"": "We are moving."}, networks=["10.0.0.0/8"])


wsgi_by_file = WSGIErrorPages(wsgi_application, maintenance=FileSwitch(Path("switch.json")), trusted_proxies=["::1"])
wsgi_by_callable = WSGIErrorPages(wsgi_application, maintenance=busy)


# -- mistakes that a type checker finds --------------------------------------------------------------------------------

WSGIErrorPages(wsgi_application, sitename="Acme")  # type: ignore[call-arg]
WSGIErrorPages(wsgi_application, every_option)  # type: ignore[call-arg]
ASGIErrorPages(asgi_application, replace="some")  # type: ignore[arg-type]
ASGIErrorPages(asgi_application, debug="yes")  # type: ignore[arg-type]
ErrorPages(on_page=nonce)  # type: ignore[arg-type]


# -- use ---------------------------------------------------------------------------------------------------------------


def handler(pages: ErrorPages) -> tuple[int, list[tuple[str, str]], bytes]:
    request = Request(method="GET", path="/invoices/7", headers=(("Accept", "text/html"),))
    page = pages.page(request, 404, message="No such invoice", headers=[("X-Trace", "1")])
    assert_type(page, Page)
    assert_type(page.reference, str | None)
    return page.status, list(page.headers), page.body


def checked(name: str) -> Options | None:
    try:
        return Options(theme=name)
    except OptionError as error:
        assert_type(error.option, str)
        assert_type(error.allowed, str)
        return None


def words(status: int) -> str:
    known = catalogue.get(status)
    names = [found.name for found in catalogue.named("Not Found")] + [found.name for found in catalogue.search("gone")]
    return f"{known.title if known else ''} {catalogue[404].message} {names} {[status.code for status in catalogue]}"


def starlette_style(add_middleware: Callable[..., None]) -> None:
    add_middleware(ASGIErrorPages, site_name="Acme", support_url="/help")
