"""A cache that looks at the URL alone shows one client's answer to another, unless the site provides for it."""

from __future__ import annotations

from typing import Any

import pytest
from tests import bodies
from tests.drivers import Answer, ask, markup, through_wsgi, wsgi_list

from errorpages import Request
from errorpages.wsgi import ErrorPagesMiddleware

NOT_FOUND = markup(bodies.werkzeug())
browser, curl, api = ask(), ask("*/*"), ask("application/json")


class CacheByURL:
    """A shared cache that ignores Vary, and keeps what Cache-Control lets it keep (RFC 9111, section 3)."""

    def __init__(self, **options: Any) -> None:
        self._app = ErrorPagesMiddleware(wsgi_list(NOT_FOUND), **options)
        self._kept: dict[str, Answer] = {}

    def answer(self, request: Request) -> Answer:
        if request.path in self._kept:
            return self._kept[request.path]
        answer = through_wsgi(self._app, request)
        policy = str(answer.field("Cache-Control"))
        if "private" not in policy and "no-store" not in policy:
            self._kept[request.path] = answer
        return answer


def types(cache: CacheByURL) -> list[str]:
    return [str(cache.answer(request).field("Content-Type")).partition(";")[0] for request in (curl, browser, api)]


def test_by_default_such_a_cache_shows_a_browser_what_a_program_was_sent() -> None:
    assert types(CacheByURL()) == ["text/plain"] * 3


def test_with_one_format_everyone_gets_the_same() -> None:
    assert types(CacheByURL(formats=["html"])) == ["text/html"] * 3


@pytest.mark.parametrize("policy", ["private, max-age=60", "no-store"])
def test_with_a_private_policy_everyone_gets_their_own(policy: str) -> None:
    cache = CacheByURL(cache_control={404: policy})
    assert types(cache) == ["text/plain", "text/html", "application/problem+json"]
