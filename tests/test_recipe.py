"""Pages that are remembered but for their reference and times: what differs is right each time, the rest stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from tests.drivers import Answer, Response, asgi_whole, ask, text, through_asgi, through_wsgi, wsgi_list

from errorpages import ErrorPages, Page
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.composition import Composition
from errorpages.recipe import Recipe
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

BUSY = text("Service Unavailable", 503, ("Retry-After", "120"))
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Visit = Callable[..., Answer]


def visits(protocol: str, response: Response, **options: Any) -> Visit:
    """Make an application that always answers the same, and what sends it requests."""
    app: Any
    if protocol == "WSGI":
        app = WSGIMiddleware(wsgi_list(response), **options)
        return lambda *accept, **fields: through_wsgi(app, ask(*accept, **fields))
    app = ASGIMiddleware(asgi_whole(response), **options)
    return lambda *accept, **fields: through_asgi(app, ask(*accept, **fields))


@pytest.fixture(params=["WSGI", "ASGI"])
def served(request: pytest.FixtureRequest) -> Callable[..., Visit]:
    return lambda response, **options: visits(request.param, response, **options)


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the pages that are composed."""
    counts: list[int] = []
    page = Composition.page

    def counted(self: Composition) -> Page:
        counts.append(1)
        return page(self)

    monkeypatch.setattr(Composition, "page", counted)
    return counts


@pytest.mark.parametrize("accept", ["text/html", "text/plain", "text/markdown"])
def test_a_page_with_a_reference_is_composed_once(
    served: Callable[..., Visit], composed: list[int], accept: str
) -> None:
    visit = served(BUSY)
    answers = [visit(accept) for _ in range(5)]
    assert len(composed) == 1
    assert len({str(UUID.search(answer.text)) for answer in answers}) == 5
    for answer in answers:
        assert answer.field("Content-Length") == str(len(answer.body))
        assert "Please try again in about 2 minutes." in answer.text


def test_every_visitor_can_quote_their_own_reference(served: Callable[..., Visit]) -> None:
    visit = served(BUSY)
    for reference in ("req-1", "a-much-longer-reference-of-another-visitor", "req-3"):
        answer = visit(x_request_id=reference)
        assert f"<bdi>{reference}</bdi>" in answer.text and answer.text.count("<dt>Reference</dt>") == 1
        assert answer.field("Content-Length") == str(len(answer.body))
    trace = "0af7651916cd43dd8448eb211c80319c"
    assert trace in visit(traceparent=f"00-{trace}-b7ad6b7169203331-01").text
    assert "<script>" not in visit(x_request_id="<script>").text.partition("<main")[2]
    assert UUID.search(visit(x_request_id="<script>").text)


def test_the_responses_own_reference_wins(served: Callable[..., Visit]) -> None:
    visit = served(text("", 503, ("X-Request-ID", "from-the-application")))
    for reference in ("req-1", "req-2"):
        answer = visit(x_request_id=reference)
        assert "from-the-application" in answer.text and reference not in answer.text


def test_a_reference_that_only_some_visitors_have_is_shown_to_them_alone(served: Callable[..., Visit]) -> None:
    visit = served(text("", 429, ("Retry-After", "60")))
    assert "Reference" not in visit().text
    assert "<bdi>req-1</bdi>" in visit(x_request_id="req-1").text
    assert "Reference" not in visit().text
    assert "<bdi>req-2</bdi>" in visit(x_request_id="req-2").text


def test_without_a_reference_and_a_time_the_very_page_is_remembered(
    served: Callable[..., Visit], composed: list[int]
) -> None:
    visit = served(text("", 503), reference=False)
    first, second = visit(), visit()
    assert first.comparable == second.comparable and len(composed) == 1


def test_head_has_the_length_of_the_page_each_time(served: Callable[..., Visit]) -> None:
    visit = served(text("", 503, ("Retry-After", "120")))
    get = visit(x_request_id="req-1")
    for _ in range(3):
        head = visit(method="HEAD", x_request_id="req-1")
        assert head.body == b"" and head.field("Content-Length") == get.field("Content-Length")


@pytest.mark.parametrize(
    ("response", "options"),
    [
        pytest.param(
            text("", 503, ("Retry-After", format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True))),
            {},
            id="a date to return, which comes nearer",
        ),
        pytest.param(text("", 503), {"retry_after": 120}, id="a time to return that is spread"),
        pytest.param(text("", 503), {"reference": lambda request, head, error: "own"}, id="a callable that is asked"),
        pytest.param(text("", 503), {"context": lambda request: {}}, id="more variables"),
        pytest.param(text("", 503), {"exclude": "/api/*"}, id="paths that are left alone"),
    ],
)
def test_what_may_differ_otherwise_is_composed_each_time(
    served: Callable[..., Visit], composed: list[int], response: Response, options: dict[str, Any]
) -> None:
    visit = served(response, **options)
    for _ in range(3):
        assert visit().is_page
    assert len(composed) == 3


def test_a_debug_mode_that_is_turned_on_meanwhile_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    visit = visits("WSGI", BUSY)
    assert visit().is_page and visit().is_page
    monkeypatch.setattr("errorpages.frameworks.in_debug_mode", lambda native: True)
    assert not visit().is_page


def test_what_fails_is_composed_anew(
    served: Callable[..., Visit], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visit = served(BUSY)
    assert visit().is_page

    def fail(*arguments: object) -> Page:
        raise RuntimeError("lost")

    monkeypatch.setattr(Recipe, "make", fail)
    assert visit().is_page and visit(x_request_id="req-7").text.count("req-7") == 1
    assert "could not be made again" in caplog.text


def test_the_times_are_those_of_the_request() -> None:
    pages = ErrorPages()
    first = pages.page(ask("text/plain"), 503, headers=[("Retry-After", "120")])
    assert first.recipe is not None
    again = first.recipe.make("ref-1", datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
    assert again is not None
    assert "(2026-07-01 12:02 UTC)" in again.body.decode() and "Time: 2026-07-01 12:00 UTC" in again.body.decode()
    assert (again.reference, again.format, again.language, again.status) == ("ref-1", "text", "en", 503)
