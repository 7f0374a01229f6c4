"""What the recipes say is so."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.drivers import HTML, Answer, ask, page_fields, run_asgi, scope_of, through_asgi, through_wsgi
from tests.recipes.recipes import DOCUMENT, recipes, run

from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.frameworks


def test_every_recipe_is_run_here() -> None:
    here = Path(__file__).read_text() + Path(__file__).with_name("sentry_process.py").read_text()
    assert [heading for heading in recipes() if f'"{heading}"' not in here] == []
    assert len(recipes()) == len(re.findall(r"^## ", DOCUMENT.read_text(), re.MULTILINE))


def waited(answer: Answer) -> int:
    """Read Retry-After."""
    return int(answer.field("Retry-After") or -1)


# -- Retry-After -------------------------------------------------------------------------------------------------------


def test_a_503_of_an_open_breaker_says_when_it_is_tried_again() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        payments.call(fail)
        raise AssertionError

    def fail() -> None:
        raise ConnectionError("no answer from the bank")

    recipe = run("Retry-After from a circuit breaker", app=app)
    payments, storage = recipe["payments"], recipe["storage"]
    closed = [through_wsgi(recipe["app"], ask()) for _ in range(payments.fail_max - 1)]
    assert {answer.status for answer in closed} == {500} and {waited(answer) for answer in closed} == {-1}

    through_wsgi(recipe["app"], ask())
    storage.opened_at = datetime.now(UTC) - timedelta(seconds=20)
    answer = through_wsgi(recipe["app"], ask())
    assert answer.status == 503 and 0 < waited(answer) <= 44  # of 40 seconds, and up to a tenth more
    assert "in about" in answer.text

    storage.opened_at = datetime.now(UTC) - timedelta(seconds=61)
    assert 44 < waited(through_wsgi(recipe["app"], ask())) <= 66  # it was tried again, in vain


@pytest.mark.parametrize(
    ("waiting", "seconds"),
    [pytest.param(0, range(-1, 0), id="none"), pytest.param(800, range(100, 111), id="many")],
)
def test_a_503_says_how_long_the_queue_is(waiting: int, seconds: range) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("503 Service Unavailable", [("Content-Type", HTML)])
        return [b""]

    recipe = run("Retry-After from a queue", app=app)
    for number in range(waiting):
        recipe["jobs"].put(number)
    assert waited(through_wsgi(recipe["app"], ask())) in seconds


@pytest.mark.parametrize("library", ["slowapi", "Flask-Limiter"])
def test_a_rate_limiters_own_retry_after_is_kept_and_said(library: str) -> None:
    if library == "slowapi":
        slowapi_app = run("Rate limits with slowapi")["app"]
        answers = [through_asgi(slowapi_app, ask(path="/report")) for _ in range(2)]
        refused = through_asgi(slowapi_app, ask("application/json", path="/report"))
        assert json.loads(refused.text) == {"error": "Rate limit exceeded: 1 per 1 minute"} and not refused.is_page
    else:
        flask_app = run("Rate limits with Flask-Limiter")["app"]
        answers = [through_wsgi(flask_app, ask(path="/report")) for _ in range(2)]
        refused = through_wsgi(flask_app, ask("application/json", path="/report"))
        assert refused.field("Content-Type") == "application/problem+json"
    assert [answer.status for answer in (*answers, refused)] == [200, 429, 429]
    page = answers[1]
    assert page.is_page and "in about" in page.text and page.field("X-RateLimit-Limit") == "1"
    for answer in (page, refused):
        assert 30 < waited(answer) <= 60  # of its own minute, not the ten seconds of the option


# -- references --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Starlette", "Flask", "plain WSGI"])
def test_sentrys_event_is_found_by_the_reference_and_is_one_a_crash(kind: str) -> None:
    """With "Sentry's event id as the reference", in a process of its own, since Sentry changes all of it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.recipes.sentry_process", kind], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["statuses"] == [500, 500, 503]
    events = [event["id"] for event in seen["events"]]
    assert len(events) == len(set(events)) == (3 if kind == "Starlette" else 2)  # Sentry hears of its 503, too
    assert seen["references"] == [[event] for event in events] + [[]] * (3 - len(events))
    assert {event["level"] for event in seen["events"]} == {"error"}
    assert done.stderr.count("a page for ") == 3  # logged, and no events of their own


def test_the_correlation_id_is_on_the_page_in_the_response_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def busy(request: Request) -> Response:
        raise HTTPException(503)

    async def crash(request: Request) -> Response:
        raise RuntimeError("boom")

    app = run("The request's id from asgi-correlation-id")["app"]
    app.router.routes.extend([Route("/busy", busy), Route("/crash", crash)])
    given = uuid.uuid4().hex
    answers = [
        run_asgi(app, scope_of(ask(path="/busy"))).answer,
        run_asgi(app, scope_of(ask(path="/crash"))).answer,
        run_asgi(app, scope_of(ask(path="/busy", x_request_id=given))).answer,
        run_asgi(app, scope_of(ask(path="/busy", x_request_id="forged\u00e9"))).answer,
    ]
    lines = [record for record in caplog.records if record.name == "errorpages"]
    for answer, line in zip(answers, lines, strict=True):
        (reference,) = re.findall(r"Reference</dt><dd><bdi>(.*?)</bdi>", answer.text)
        assert reference == page_fields(line)["reference"]
        assert answer.field("X-Request-ID") == reference
    references = [page_fields(line)["reference"] for line in lines]
    assert references[2] == given and len(set(references)) == 4 and "forged" not in str(references)


# -- logs --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def page_logger() -> Iterator[logging.Logger]:
    """The logger of pages, put back as it was."""
    logger = logging.getLogger("errorpages")
    handlers, level = list(logger.handlers), logger.level
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_structlog_renders_a_page_as_a_json_line_with_its_fields(page_logger: logging.Logger) -> None:
    import structlog

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status = "503 Service Unavailable" if environ["PATH_INFO"] == "/busy" else "404 Not Found"
        start_response(status, [("Content-Type", HTML)])
        return [b""]

    handler: logging.StreamHandler[Any] = run("Pages as JSON lines with structlog")["handler"]
    written = io.StringIO()
    handler.setStream(written)
    middleware = ErrorPagesMiddleware(app)
    with structlog.contextvars.bound_contextvars(customer="ada"):
        through_wsgi(middleware, ask(path="/busy", x_request_id="req-7"))
        through_wsgi(middleware, ask(path="/none\n{}"))
    busy, none = [json.loads(line) for line in written.getvalue().splitlines()]
    assert 0 < busy["errorpages"].pop("duration") < 60
    assert datetime.fromisoformat(busy.pop("timestamp")).tzinfo is not None
    assert busy == {
        "event": "GET /busy: a page for 503 was served (response, html, en), with the reference req-7",
        "level": "warning",
        "customer": "ada",
        "errorpages": {
            "status": 503,
            "cause": "response",
            "method": "GET",
            "path": "/busy",
            "route": None,
            "format": "html",
            "language": "en",
            "reference": "req-7",
        },
    }
    assert none["level"] == "info"
    expected = {"status": 404, "path": "/none%0A%7B%7D", "reference": None}
    assert {name: none["errorpages"][name] for name in expected} == expected
