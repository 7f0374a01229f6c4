"""OpenTelemetry as the hook: what is counted, and what the request's span says, under its real instrumentations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, abort
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware as ASGIInstrumentation
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware as WSGIInstrumentation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Sum
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.drivers import Answer, WSGIServer, asgi_whole, ask, environ_of, run_asgi, scope_of, text, wsgi_list

from errorpages import ErrorPages, PageEvent
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.telemetry import OpenTelemetry, flush
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    pass


@dataclass
class Observed:
    """A process's OpenTelemetry, kept in memory."""

    hook: OpenTelemetry
    tracers: TracerProvider
    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader

    def server_span(self) -> ReadableSpan:
        """Find the request's span; the ASGI instrumentation has spans for each message, too."""
        (span,) = [span for span in self.exporter.get_finished_spans() if "http send" not in span.name]
        self.exporter.clear()
        return span

    def marks(self) -> tuple[Mapping[str, Any], StatusCode, str | None]:
        """Read what we wrote on the request's span."""
        span = self.server_span()
        attributes = dict(span.attributes or {})
        ours = {name: attributes[name] for name in attributes if name.startswith(("errorpages.", "error."))}
        return ours, span.status.status_code, span.status.description

    def counted(self) -> dict[frozenset[tuple[str, Any]], int | float]:
        """Read the counter, once the hook was told of all pages."""
        assert flush(10)
        found = self.reader.get_metrics_data()
        assert found is not None
        ((scope,),) = [resource.scope_metrics for resource in found.resource_metrics]
        (metric,) = scope.metrics
        assert (scope.scope.name, metric.name, metric.unit) == ("errorpages", "errorpages.pages", "{page}")
        assert isinstance(metric.data, Sum) and metric.data.is_monotonic
        return {frozenset((point.attributes or {}).items()): point.value for point in metric.data.data_points}


@pytest.fixture
def observed() -> Iterator[Observed]:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers, meters = TracerProvider(shutdown_on_exit=False), MeterProvider([reader], shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    yield Observed(OpenTelemetry(meters), tracers, exporter, reader)
    tracers.shutdown()
    meters.shutdown()


class Plain(Flask):
    """Answers no exception itself, so that what fails reaches us."""

    def handle_exception(self, e: Exception) -> Any:
        raise e


def through_flask(observed: Observed, path: str, method: str = "GET") -> Answer:
    app = Plain("shop")

    @app.get("/invoices/<int:number>")
    def invoice(number: int) -> str:
        abort(404, "No such invoice")

    @app.get("/busy")
    def busy() -> str:
        abort(503)

    @app.get("/crash")
    def crash() -> str:
        raise RuntimeError("boom")

    app.wsgi_app = WSGIMiddleware(app.wsgi_app, on_page=observed.hook)  # type: ignore[method-assign]
    instrumented = WSGIInstrumentation(app.wsgi_app, tracer_provider=observed.tracers)
    return WSGIServer().run(instrumented, environ_of(ask(path=path, method=method, x_request_id="req-7")))


async def invoice(request: Request) -> Response:
    raise HTTPException(404, "No such invoice")


async def busy(request: Request) -> Response:
    raise HTTPException(503)


async def crash(request: Request) -> Response:
    raise RuntimeError("boom")


def through_starlette(observed: Observed, path: str, method: str = "GET") -> Answer:
    app = Starlette(
        routes=[Route("/invoices/{number:int}", invoice), Route("/busy", busy), Route("/crash", crash)],
    )
    app.add_middleware(ASGIMiddleware, on_page=observed.hook)
    instrumented = ASGIInstrumentation(app, tracer_provider=observed.tracers)
    return run_asgi(instrumented, scope_of(ask(path=path, method=method, x_request_id="req-7"))).answer


both = pytest.mark.parametrize(
    "visit", [pytest.param(through_flask, id="Flask"), pytest.param(through_starlette, id="Starlette")]
)
REQUEST = {"http.request.method": "GET"}


@both
def test_pages_are_counted_by_status_cause_and_route(visit: Any, observed: Observed) -> None:
    for path in ("/invoices/1", "/invoices/2", "/none", "/none", "/none", "/busy", "/crash"):
        assert visit(observed, path).is_page
    route = "/invoices/<int:number>" if visit is through_flask else "/invoices/{number:int}"
    response, exception = {"errorpages.cause": "response"}, {"errorpages.cause": "exception"}
    expected: list[tuple[dict[str, Any], int]] = [
        ({"http.response.status_code": 404, "http.route": route, **response, **REQUEST}, 2),
        ({"http.response.status_code": 404, **response, **REQUEST}, 3),
        ({"http.response.status_code": 503, "http.route": "/busy", "error.type": "503", **response, **REQUEST}, 1),
        ({"http.response.status_code": 500, "error.type": "RuntimeError", **exception, **REQUEST}, 1),
    ]
    if visit is through_starlette:  # Flask has cleared its route when the exception arrives
        expected[3][0]["http.route"] = "/crash"
    assert observed.counted() == {frozenset(attributes.items()): count for attributes, count in expected}


@both
def test_the_methods_that_are_counted_are_those_of_the_conventions(visit: Any, observed: Observed) -> None:
    """Or clients would make as many series as they like."""
    for method in ("POST", "QUERY"):
        visit(observed, "/none", method)
    for method in ("BREW", "get"):  # these are left alone, but for their exceptions
        observed.hook(PageEvent(500, "exception", method, "/", None, "html", "en", None, None, 0.1))
    methods = [dict(attributes)["http.request.method"] for attributes in observed.counted()]
    assert sorted(methods) == ["POST", "QUERY", "_OTHER"]


@both
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/none", ({"errorpages.cause": "response"}, StatusCode.UNSET, None), id="a 4xx is no error"),
        pytest.param(
            "/busy",
            ({"errorpages.cause": "response", "errorpages.reference": "req-7"}, StatusCode.ERROR, None),
            id="a 5xx that was sent says itself what it is",
        ),
        pytest.param(
            "/crash",
            (
                {"errorpages.cause": "exception", "errorpages.reference": "req-7", "error.type": "RuntimeError"},
                StatusCode.ERROR,
                "RuntimeError: boom",
            ),
            id="an accident is described",
        ),
    ],
)
def test_the_requests_span_is_marked(
    visit: Any, path: str, expected: tuple[dict[str, str], StatusCode, str | None], observed: Observed
) -> None:
    for _ in range(2):
        assert visit(observed, path).is_page
        assert observed.marks() == expected


def test_a_remembered_page_marks_the_span_of_its_own_request(observed: Observed) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    instrumented = ASGIInstrumentation(ASGIMiddleware(app, on_page=observed.hook), tracer_provider=observed.tracers)
    for _ in range(3):
        assert run_asgi(instrumented, scope_of(ask())).answer.is_page
        assert observed.marks()[0] == {"errorpages.cause": "response"}


def test_an_http_exception_that_escapes_is_no_accident(observed: Observed) -> None:

    def app(environ: Any, start_response: Any) -> Any:
        abort(503)

    pages = WSGIMiddleware(app, on_page=observed.hook)
    WSGIServer().run(
        WSGIInstrumentation(pages, tracer_provider=observed.tracers), environ_of(ask(x_request_id="req-7"))
    )
    assert observed.marks() == (
        {"errorpages.cause": "exception", "errorpages.reference": "req-7"},
        StatusCode.ERROR,
        None,
    )


@both
def test_pages_are_counted_where_no_span_is_recorded(visit: Any, observed: Observed) -> None:
    observed.tracers.shutdown()
    untraced = Observed(observed.hook, TracerProvider(), observed.exporter, observed.reader)
    assert visit(untraced, "/none").is_page
    assert sum(observed.counted().values()) == 1


def test_a_span_that_ended_before_the_body_was_seen_is_left_alone(
    observed: Observed, caplog: pytest.LogCaptureFixture
) -> None:
    """As FlaskInstrumentor's does, which ends it with Flask's context."""
    tracer = observed.tracers.get_tracer("test")

    def app(environ: Any, start_response: Any) -> Any:
        with tracer.start_as_current_span("request"):
            start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"Not Found"]

    assert WSGIServer().run(WSGIMiddleware(app, on_page=observed.hook), environ_of(ask())).is_page
    assert observed.marks()[0] == {}
    assert not [record for record in caplog.records if record.name.startswith("opentelemetry")]
    assert sum(observed.counted().values()) == 1


def test_an_event_without_its_exception_is_counted_by_its_code(observed: Observed) -> None:
    """A hook that is far behind is told without it."""
    observed.hook(PageEvent(500, "exception", "GET", "/", None, "html", "en", "req-7", None, 0.001))
    ((attributes, count),) = observed.counted().items()
    assert dict(attributes)["error.type"] == "500" and count == 1


def test_the_exceptions_type_is_named_with_its_module(observed: Observed) -> None:
    error = HTTPException(500)
    observed.hook(PageEvent(500, "exception", "GET", "/", None, "html", "en", "req-7", error, 0.001))
    ((attributes, _),) = observed.counted().items()
    assert dict(attributes)["error.type"] == "starlette.exceptions.HTTPException"


@pytest.mark.parametrize("protocol", ["WSGI", "ASGI"])
def test_a_planned_503_is_counted_and_is_no_error(protocol: str, observed: Observed) -> None:
    """Or every deployment would set off the alarm for errors."""
    pages = ErrorPages(maintenance=lambda: True, on_page=observed.hook)
    if protocol == "WSGI":
        answer = WSGIServer().run(WSGIMiddleware(wsgi_list(text("fine", 200)), pages=pages), environ_of(ask()))
    else:
        answer = run_asgi(ASGIMiddleware(asgi_whole(text("fine", 200)), pages=pages), scope_of(ask())).answer
    assert answer.field("X-Error-Pages") == "maintenance"
    ((attributes, count),) = observed.counted().items()
    expected = {"http.response.status_code": 503, "errorpages.cause": "maintenance", **REQUEST}
    assert (dict(attributes), count) == (expected, 1)
