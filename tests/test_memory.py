"""What is remembered of one request is never given to another that would have got something else."""

from __future__ import annotations

from typing import Any

import pytest
from tests.drivers import (
    Answer,
    Response,
    asgi_whole,
    ask,
    data,
    markup,
    respond,
    text,
    through_asgi,
    through_wsgi,
    wsgi_list,
)

from errorpages import ErrorPages, Request
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware


class Site:
    """One middleware that remembers, around an application that always answers the same."""

    def __init__(self, protocol: str, response: Response, **options: Any) -> None:
        pages = ErrorPages(languages=["en"], **options)
        self._is_asgi = protocol == "ASGI"
        self._asgi = ASGIMiddleware(asgi_whole(response), pages=pages)
        self._wsgi = WSGIMiddleware(wsgi_list(response), pages=pages)

    def visit(self, request: Request) -> Answer:
        return through_asgi(self._asgi, request) if self._is_asgi else through_wsgi(self._wsgi, request)


both_protocols = pytest.mark.parametrize("protocol", ["WSGI", "ASGI"])


@both_protocols
@pytest.mark.parametrize(
    "response",
    [
        pytest.param(respond(429, b"\x89PNG", "image/png"), id="kept by its head, and never stored"),
        pytest.param(data('{"detail":"No such invoice"}', 404), id="kept by its body, and varies"),
        pytest.param(markup('<body class="shop">', 429), id="kept by its body, and never stored"),
        pytest.param(text("Not Found", 404), id="replaced"),
    ],
)
@pytest.mark.parametrize("paths", [("/shop", "/api/x"), ("/api/x", "/shop")], ids=["last", "first"])
def test_an_excluded_path_gets_nothing_that_is_remembered_and_leaves_nothing_to_remember(
    protocol: str, response: Response, paths: tuple[str, str]
) -> None:
    site = Site(protocol, response, exclude="/api/*")
    for path in paths * 2:
        answer = site.visit(ask("*/*", path=path))
        is_untouched = sorted((name.lower(), value) for name, value in answer.headers) == sorted(
            (name.lower(), value) for name, value in response.headers
        )
        assert is_untouched == (path == "/api/x"), f"{path}: {answer.headers}"


@both_protocols
def test_a_second_mount_is_not_shown_the_first_ones_home(protocol: str) -> None:
    site = Site(protocol, text("Not Found"))
    for root_path in ("/shop", "/blog", "", "/shop"):
        assert f'href="{root_path}/"' in site.visit(ask(root_path=root_path)).text


@both_protocols
def test_a_second_method_is_not_shown_the_first_ones_page(protocol: str) -> None:
    site = Site(protocol, text("Not Found"))
    for method in ("GET", "POST", "HEAD", "GET"):
        answer = site.visit(ask(method=method))
        assert ("Check before you send it again" in answer.text) == (method == "POST")
        assert (answer.body == b"") == (method == "HEAD")


@both_protocols
def test_a_range_without_parameters_counts_before_one_with_them(protocol: str) -> None:
    site = Site(protocol, respond(404, "", None))
    for accept, expected in {
        "text/html;q=0.9, text/html;level=1;q=0.1, application/json;q=0.5": "text/html",
        "text/html;level=1;q=0.1, text/html;q=0.9, application/json;q=0.5": "text/html",
        "text/html;q=0.1, text/html;level=1;q=0.9, application/json;q=0.5": "application/problem+json",
        "text/html;level=1;q=0.9, text/html;q=0.1, application/json;q=0.5": "application/problem+json",
        "text/html;level=1;q=0.9, application/json;q=0.5": "text/html",
        "text/html;level=1;q=0.1, application/json;q=0.5": "application/problem+json",
    }.items():
        assert str(site.visit(ask(accept)).field("Content-Type")).partition(";")[0] == expected, accept
