"""The callables among the options: one whose answer can't be used is logged and counts as unset."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from tests.answers import UNUSABLE, BrokenText, answering, every_unusable_answer
from tests.drivers import Answer, asgi_whole, ask, data, page_lines, text, through_asgi, through_wsgi, wsgi_list

from errorpages import ErrorPages
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

Serve = Callable[..., Answer]


def by_wsgi(response: Any, **options: Any) -> Answer:
    return through_wsgi(WSGIMiddleware(wsgi_list(response), **options), ask())


def by_asgi(response: Any, **options: Any) -> Answer:
    return through_asgi(ASGIMiddleware(asgi_whole(response), **options), ask())


both = pytest.mark.parametrize("serve", [pytest.param(by_wsgi, id="WSGI"), pytest.param(by_asgi, id="ASGI")])


@both
@every_unusable_answer
def test_an_answer_that_can_not_be_used_is_logged_and_counts_as_unset(
    serve: Serve, option: str, answer: object, caplog: pytest.LogCaptureFixture
) -> None:
    status = 503
    answered = serve(text("", status), **answering(option, answer))
    unset = serve(text("", status))
    assert answered.status == status and answered.is_page
    assert answered.field("Retry-After") is None
    assert ("Reference" in answered.text) is ("Reference" in unset.text)
    messages = [record.getMessage() for record in caplog.records if record not in page_lines(caplog.records)]
    assert len(messages) == 1 and messages[0].startswith(f"{option}: "), messages


@both
@every_unusable_answer
def test_an_answer_that_can_not_be_used_leaves_a_kept_response_alone(serve: Serve, option: str, answer: object) -> None:
    kept = serve(data('{"x": {}}', 404), **answering(option, answer))
    assert (kept.status, kept.body) == (404, b'{"x": {}}')


@pytest.mark.parametrize("option", [option for option in UNUSABLE if option != "pages"])
def test_an_own_handler_gets_its_page_whatever_a_callable_answers(option: str) -> None:
    for answer in UNUSABLE[option].values():
        page = ErrorPages(**answering(option, answer)).page(ask(), 503)
        assert page.status == 503 and dict(page.headers)["X-Error-Pages"] == "page"


@pytest.mark.parametrize(
    ("option", "answer", "words"),
    [
        pytest.param("language", BrokenText("de"), 'lang="de"', id="a language"),
        pytest.param("reference", BrokenText("ref-42"), "ref-42", id="a reference"),
        pytest.param("csp", BrokenText("abc123"), 'nonce="abc123"', id="a nonce"),
    ],
)
def test_a_text_is_read_as_it_is_whatever_its_class_makes_of_it(option: str, answer: object, words: str) -> None:
    page = ErrorPages(wording={"de": {}}, **answering(option, answer)).page(ask(), 503)
    assert words in page.body.decode()


class Locale:
    """A locale of Babel's, as Flask-Babel's `get_locale` gives it, writes itself down."""

    def __str__(self) -> str:
        return "de_AT"


def test_a_language_may_be_anything_that_writes_itself_down() -> None:
    page = ErrorPages(wording={"de": {}}, **answering("language", Locale())).page(ask(), 404)
    assert page.language == "de"


@both
def test_the_log_shows_a_few_characters_of_an_answer(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    serve(text("", 503), retry_after=lambda request, status: "soon " * 1000)
    (record,) = caplog.records
    assert record.getMessage().startswith("retry_after: 'soon soon") and len(record.getMessage()) < 300
