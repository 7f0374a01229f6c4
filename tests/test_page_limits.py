"""Limits that every page keeps, in every theme, status, language and format: its size, its words, and its making."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from tests.drivers import asgi_whole, ask, markup, through_asgi, through_wsgi, wsgi_list
from tests.pseudo_locales import LOCALES, installed, write_catalogues

from errorpages import ErrorPages, Page, Request, catalogue
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.library import THEMES
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

STATUSES = [status.code for status in catalogue if status.title] + [432, 532]
ACCEPTS = {
    "html": "text/html",
    "json": "application/json",
    "xml": "application/xml",
    "text": "text/plain",
    "markdown": "text/markdown",
}
DRESSED: dict[str, Any] = {
    "site_name": "Acme Billing",
    "support_url": "/help",
    "status_url": "https://status.acme.example/",
    "accent": "#0A6B2D",
}
FULL = (("Retry-After", "120"), ("Link", '<https://court.example/order>; rel="blocked-by"'))
MESSAGE = "There is no invoice with the number 2026-0417."

# PAGES.md, section 1: what no page says, whatever the status.
BANNED = re.compile(
    r"\b(oops|whoops|sorry|apolog\w+|technical difficult\w+|gateway|upstream|exception|traceback|stack|notified|"
    r"our team|you made|your (?:fault|mistake|error)|invalid|illegal)\b",
    re.IGNORECASE,
)
HOST = "shop.acme.example"
ADDRESS = "203.0.113.9"


@pytest.fixture(autouse=True, scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder: Path = tmp_path_factory.mktemp("locale")
    write_catalogues(folder)
    with installed(folder):
        yield


def asked(locale: str = "en", format: str = "html", **more: Any) -> Request:
    preferences = (("Accept", ACCEPTS[format]), ("Accept-Language", locale), ("Host", HOST))
    return Request(path="/invoices/2026-0417", query="token=secret", headers=preferences, client=ADDRESS, **more)


def pages_in(theme: str, locale: str) -> Iterator[tuple[str, Page]]:
    """Make the bare-bones page and the fullest one of every status."""
    plain, dressed = ErrorPages(theme=theme), ErrorPages(theme=theme, **DRESSED)
    for status in STATUSES:
        yield f"{status}", plain.page(asked(locale), status)
        yield (
            f"{status} with everything",
            dressed.page(asked(locale, method="POST"), status, message=MESSAGE, headers=FULL),
        )
        yield f"{status} to try again", dressed.page(asked(locale), status, message=MESSAGE, headers=FULL)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("theme", THEMES)
def test_a_page_is_neither_too_small_nor_too_large(theme: str, locale: str) -> None:
    # Below 513 bytes some browsers show a page of their own; 14,600 are what a fresh connection may send at once.
    wrong = {}
    for name, page in pages_in(theme, locale):
        largest = 12_288
        if (
            theme == "bare"
        ):  # a letter beyond ASCII takes two bytes or three; then the optional parts may take more room
            largest = 2047 if locale == "en" or name.isdigit() else 3071
        fields = sum(len(name) + len(value) + 4 for name, value in page.headers)
        sizes = (len(page.body), len(gzip.compress(page.body)), fields + len(page.body))
        if not (513 <= sizes[0] <= largest and sizes[1] < 4096 and sizes[2] < 14_600):
            wrong[name] = sizes
    assert wrong == {}


@pytest.mark.parametrize("format", ACCEPTS)
@pytest.mark.parametrize("theme", THEMES)
def test_no_page_has_a_banned_word_or_gives_anything_away(theme: str, format: str) -> None:
    pages = ErrorPages(theme=theme, **DRESSED)
    wrong = {}
    for status in STATUSES:
        for method in ("GET", "POST"):
            body = pages.page(asked(format=format, method=method), status, headers=FULL).body.decode()
            known = catalogue.get(status)
            # The name of the code is part of the details, and of a problem's title (RFC 9457, section 4.2.1).
            for name in (known.name, *known.other_names) if known else ():
                body = body.replace(name, "")
            found = BANNED.findall(re.sub(r"<style.*?</style>|<script.*?</script>", "", body, flags=re.DOTALL))
            found += [secret for secret in (HOST, ADDRESS, "token=secret", "/invoices/2026-0417") if secret in body]
            if found:
                wrong[status, method] = found
    assert wrong == {}


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that were rendered."""
    names: list[str] = []
    render = jinja2.Template.render

    def counted(template: jinja2.Template, *arguments: Any, **variables: Any) -> str:
        names.append(template.name or "")
        return render(template, *arguments, **variables)

    monkeypatch.setattr(jinja2.Template, "render", counted)
    return names


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("status", [404, 503])
@pytest.mark.parametrize("middleware", [WSGIMiddleware, ASGIMiddleware], ids=["WSGI", "ASGI"])
def test_a_page_with_a_cached_body_is_served_without_rendering(
    renderings: list[str], middleware: type[WSGIMiddleware | ASGIMiddleware], status: int, theme: str
) -> None:
    response = markup(f"<!doctype html>\n<html lang=en>\n<title>{status}</title>\n<h1>x</h1>\n<p>y</p>\n", status)
    if middleware is WSGIMiddleware:
        app: Any = WSGIMiddleware(wsgi_list(response), theme=theme, replace="all")
        through: Any = through_wsgi
    else:
        app, through = ASGIMiddleware(asgi_whole(response), theme=theme, replace="all"), through_asgi
    first = through(app, ask(path="/first"))
    assert first.field("X-Error-Pages") == "page" and renderings == [f"{theme}.html"]
    for number in range(50):
        assert through(app, ask(path=f"/{number}")).status == status
    assert renderings == [f"{theme}.html"]
