"""The core by itself: what it is told, what it remembers, and what becomes of it where something fails."""

from __future__ import annotations

import gc
import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import _lru_cache_wrapper
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import jinja2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests import bodies
from tests.drivers import (
    BROWSER,
    HTML,
    JSON,
    NOT_STORABLE,
    TEXT,
    Answer,
    ASGIApp,
    Receive,
    Response,
    Scope,
    Send,
    Told,
    answer_of,
    asgi_whole,
    ask,
    body_of,
    data,
    markup,
    other_lines,
    respond,
    start_of,
    text,
    through_asgi,
    through_core,
    through_wsgi,
    wsgi_list,
)

from errorpages import ErrorPages, OptionError, Options, Request, ResponseHead, catalogue
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.telemetry import flush
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

NOT_FOUND = text("Not Found")
AWAY = text("Service Unavailable", 503)
pages = ErrorPages(languages=["en"])


def put(response: Response, request: Request | None = None, **options: Any) -> Answer:
    return through_core(ErrorPages(**options), request or ask(), response)


# -- for one's own handlers --------------------------------------------------------------------------------------------


def test_a_page_for_ones_own_handler_is_the_page_of_a_replaced_response() -> None:
    page = pages.page(ask(), 404, message="No such invoice", headers=[("Allow", "GET"), ("ETag", '"a"')])
    replaced = through_core(pages, ask(), markup(bodies.werkzeug(404, "No such invoice"), 404, ("Allow", "GET")))
    assert answer_of(page).comparable == replaced.comparable


def test_a_page_hides_the_words_of_a_5xx() -> None:
    assert b"db1" not in pages.page(ask(), 500, message="db1 is down").body


def test_a_stock_sentence_is_no_message() -> None:
    assert pages.page(ask(), 404, message="Not Found").body == pages.page(ask(), 404).body


@pytest.mark.parametrize("status", [0, 200, 399, 1000])
def test_a_page_is_for_errors(status: int) -> None:
    with pytest.raises(ValueError, match=str(status)):
        pages.page(ask(), status)


@pytest.mark.parametrize("accept", ["text/html", "text/plain", "text/markdown", "application/json", "application/xml"])
def test_every_error_has_a_page_in_every_format(accept: str) -> None:
    for status in [status.code for status in catalogue if status.code >= 400]:
        page = pages.page(ask(accept), status, message="Own words")
        answer = answer_of(page)
        assert answer.status == status and answer.is_page
        assert answer.field("Content-Length") == str(len(page.body)), status
        assert ("Own words" in answer.text) == (status < 500 or status in (503, 783, 999)), status


def test_options_may_be_given_checked_already() -> None:
    assert "Acme" in answer_of(ErrorPages(Options(site_name="Acme")).page(ask(), 404)).text


def test_options_and_keywords_exclude_each_other() -> None:
    with pytest.raises(OptionError, match="options"):
        ErrorPages(Options(), site_name="Acme")


# -- fields ------------------------------------------------------------------------------------------------------------


def test_fields_are_kept_in_their_order() -> None:
    fields = (("B", "1"), ("Set-Cookie", "a"), ("A", "2"), ("Set-Cookie", "b"), ("B", "3"), ("Link", "</>; rel=next"))
    answer = through_core(pages, ask(), text("", 404, *fields))
    assert answer.headers[: len(fields)] == fields


def test_a_kept_response_keeps_the_order_of_its_fields() -> None:
    response = data('{"a":1}', 503, ("B", "1"), ("A", "2"), ("B", "3"))
    answer = through_core(pages, ask("*/*"), response)
    assert answer.headers == (*response.headers, *NOT_STORABLE, ("Vary", "Accept, HX-Request"))


# -- Retry-After -------------------------------------------------------------------------------------------------------


def in_an_hour(request: Request, status: int) -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def in_an_hour_by_the_wall_clock(request: Request, status: int) -> datetime:
    return in_an_hour(request, status).astimezone().replace(tzinfo=None)  # which half of a repeated hour stays known


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [
        pytest.param(503, 30, 30, id="seconds for a 503"),
        pytest.param(429, 30, 30, id="seconds for a 429"),
        pytest.param(503, 1, 1, id="one second"),
        pytest.param(503, 29.5, 30, id="a fraction of a second"),
        pytest.param(503, timedelta(minutes=5), 300, id="a timedelta"),
        pytest.param(413, {413: 60}, 60, id="a mapping for a 413"),
        pytest.param(501, {501: timedelta(hours=2)}, 7200, id="a mapping to a timedelta for a 501"),
        pytest.param(503, {503: 10, 429: 20}, 10, id="a mapping for a 503"),
        pytest.param(503, lambda request, status: 45, 45, id="a callable that gives seconds"),
        pytest.param(503, lambda request, status: timedelta(minutes=1), 60, id="a callable that gives a timedelta"),
        pytest.param(503, in_an_hour, 3600, id="a callable that gives a moment"),
        pytest.param(503, in_an_hour_by_the_wall_clock, 3600, id="a callable that gives a moment without a zone"),
        pytest.param(429, lambda request, status: status, 429, id="a callable that sees the status"),
        pytest.param(413, lambda request, status: 60, 60, id="a callable for a 413"),
    ],
)
def test_a_configured_delay_is_spread_a_little_upward(status: int, retry_after: Any, seconds: int) -> None:
    chosen = ErrorPages(retry_after=retry_after)
    found = set()
    for _ in range(60):
        found.add(int(answer_of(chosen.page(ask(), status)).field("Retry-After") or -1))
    assert min(found) >= (seconds - 60 if seconds == 3600 else seconds)  # a moment comes nearer while the test runs
    assert max(found) <= seconds + max(1, seconds // 10)
    assert len(found) > 1


def test_the_page_says_the_delay_that_is_sent() -> None:
    answer = put(AWAY, ask("application/json"), retry_after=3600)
    assert json.loads(answer.body)["retry_after"] == int(answer.field("Retry-After") or -1)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(-1, id="a negative number"),
        pytest.param("soon", id="words"),
        pytest.param(True, id="a truth"),
        pytest.param(float("nan"), id="no number"),
        pytest.param(float("inf"), id="infinity"),
        pytest.param(datetime(2001, 1, 1, tzinfo=UTC), id="the past"),
        pytest.param(timedelta(seconds=-5), id="a negative timedelta"),
    ],
)
def test_a_delay_that_is_none_is_logged_and_counts_as_unset(answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    page = put(AWAY, retry_after=lambda request, status: answer)
    assert page.is_page and page.field("Retry-After") is None
    assert "retry_after" in caplog.text


def test_a_configured_delay_is_never_for_a_404() -> None:
    assert put(NOT_FOUND, retry_after=lambda request, status: 30).field("Retry-After") is None


def test_a_delay_for_what_may_not_carry_one_is_an_error() -> None:
    with pytest.raises(OptionError, match="404"):
        ErrorPages(retry_after={404: 30})


# -- callables ---------------------------------------------------------------------------------------------------------


def fail(*args: object) -> Any:
    raise LookupError("the callable failed")


@pytest.mark.parametrize(
    "option", ["context", "language", "csp", "reference", "retry_after", "replace", "on_page"], ids=str
)
@pytest.mark.parametrize("protocol", ["WSGI", "ASGI"])
def test_a_callable_that_raises_is_logged_and_counts_as_unset(
    option: str, protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = markup(bodies.werkzeug(503), 503)
    request = ask(x_request_id="req-7")
    options: dict[str, Any] = {option: fail}
    if protocol == "WSGI":
        answer = through_wsgi(WSGIMiddleware(wsgi_list(response), **options), request)
    else:
        answer = through_asgi(ASGIMiddleware(_sending(response), **options), request)
    expected = through_core(ErrorPages(), request, response)
    assert flush(10)
    (record,) = other_lines(caplog.records)
    assert record.levelno == logging.ERROR and option in record.getMessage()
    assert record.exc_info and isinstance(record.exc_info[1], LookupError)
    assert answer.comparable[2] == expected.comparable[2]


def _sending(response: Response) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start_of(response))
        await send(body_of(response.body, False))

    return app


@pytest.mark.parametrize(
    ("option", "answer"),
    [
        pytest.param("context", 7, id="context that is no mapping"),
        pytest.param("context", "user", id="context that is a string"),
        pytest.param("context", ["user"], id="context that is a list"),
        pytest.param("language", 7, id="language that is a number"),
        pytest.param("language", "tlh", id="language that nobody offers"),
        pytest.param("reference", 7, id="reference that is a number"),
        pytest.param("csp", b"nonce", id="nonce that is bytes"),
    ],
)
def test_a_callable_that_answers_nonsense_costs_nobody_the_page(option: str, answer: object) -> None:
    options: dict[str, Any] = {option: lambda *args: answer}
    assert put(NOT_FOUND, **options).is_page
    assert put(AWAY, **options).is_page
    caught = ErrorPages(**options).catch(ask(), RuntimeError())
    assert caught is not None and answer_of(caught.page).is_page


def test_callables_are_not_asked_about_what_its_head_keeps() -> None:
    for name in ("context", "language", "reference", "csp"):
        options: dict[str, Any] = {name: _never}
        answer = put(respond(404, b"\x89PNG", "image/png"), **options)
        assert not answer.is_page
        answer = put(text("ok", 200), **options)
        assert answer.text == "ok"


def _never(*args: object) -> Any:
    raise AssertionError("this must not be called")


@pytest.mark.parametrize("body", ["Not Found", "No such invoice"], ids=["stock", "bare"])
def test_a_replace_callable_that_raises_leaves_the_default_rule(body: str) -> None:
    for request in (ask(), ask("*/*")):
        answer = put(text(body), request, replace=fail)
        assert answer.comparable == put(text(body), request).comparable


def test_a_coroutine_function_is_no_callable_here() -> None:
    async def context(request: Request) -> dict[str, object]:
        return {}

    with pytest.raises(OptionError, match="context"):
        ErrorPages(context=context)  # type: ignore[arg-type]


# -- on_page -----------------------------------------------------------------------------------------------------------


def test_on_page_is_told_what_was_served() -> None:
    told = Told()
    request = ask(
        "application/json", method="PUT", x_request_id="req-7", native={"route": SimpleNamespace(path="/things/{id}")}
    )
    through_asgi(ASGIMiddleware(_sending(AWAY), on_page=told), request)
    (event,) = told.events
    assert (event.status, event.cause, event.method, event.path) == (503, "response", "PUT", "/things/1")
    assert (event.route, event.format, event.language) == ("/things/{id}", "json", "en")
    assert (event.reference, event.exception) == ("req-7", None)
    assert 0 < event.duration < 60


def test_on_page_is_told_of_every_page_but_of_nothing_that_is_kept() -> None:
    told = Told()
    middleware = WSGIMiddleware(wsgi_list(NOT_FOUND), on_page=told)
    for _ in range(3):
        through_wsgi(middleware, ask())
    through_wsgi(WSGIMiddleware(wsgi_list(data('{"a":1}')), on_page=told), ask())
    assert [event.status for event in told.events] == [404] * 3


# -- own templates -----------------------------------------------------------------------------------------------------


def folder(where: Path, **templates: str) -> Path:
    for name, source in templates.items():
        stem, _, extension = name.rpartition("_")
        (where / f"{stem.lstrip('_')}.{extension}").write_text(source)
    return where


def test_an_own_template_that_fails_leaves_the_built_in_page(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    templates = folder(tmp_path, error_html="{{ 1 // 0 }}", error_txt="{{ title.nothing.there }}")
    for request in (ask("text/html"), ask("text/plain")):
        answer = put(text("No such invoice", 410), request, templates=templates, replace="all")
        assert answer.status == 410 and answer.is_page
        assert str(catalogue[410].title) in answer.text
        assert "No such invoice" in answer.text
    assert caplog.text.count("ZeroDivisionError") == 1 and "UndefinedError" in caplog.text


def test_an_own_template_that_fails_for_some_fails_nobody_else(tmp_path: Path) -> None:
    templates = folder(tmp_path, error_html="<p>{{ 1 // (0 if request.path == '/bad' else 1) }}</p>")
    own = ErrorPages(templates=templates)
    assert through_core(own, ask(path="/good"), NOT_FOUND).text == "<p>1</p>"
    assert "<main" in through_core(own, ask(path="/bad"), NOT_FOUND).text
    assert through_core(own, ask(path="/good"), NOT_FOUND).text == "<p>1</p>"


@pytest.mark.parametrize("through", [through_wsgi, through_asgi], ids=["WSGI", "ASGI"])
def test_what_takes_a_failed_templates_place_is_remembered_for_nobody_else(tmp_path: Path, through: Any) -> None:
    templates = folder(tmp_path, error_html="<p>{{ 1 // (0 if request.path == '/bad' else 1) }}</p>")
    if through is through_wsgi:
        app: Any = WSGIMiddleware(wsgi_list(NOT_FOUND), templates=templates)
    else:
        app = ASGIMiddleware(asgi_whole(NOT_FOUND), templates=templates)
    bad, good = through(app, ask(path="/bad")), through(app, ask(path="/good"))
    assert "<main" in bad.text and bad.field("Cache-Control") == "private, no-store"
    assert good.text == "<p>1</p>"


def test_where_every_template_fails_a_constant_page_goes_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = ErrorPages()
    monkeypatch.setattr(jinja2.Template, "render", fail)
    answer = through_core(broken, ask(), text("", 410, ("Allow", "GET"), ("Cache-Control", "public")))
    assert answer.status == 410 and answer.is_page and answer.field("Allow") == "GET"
    assert answer.text == "410 Gone\n" and answer.field("Content-Type") == TEXT
    assert answer.field("Cache-Control") == "no-cache, no-store, must-revalidate"
    assert through_core(broken, ask(method="HEAD"), text("", 410)).body == b""
    assert "LookupError" in caplog.text


def test_where_the_decision_fails_the_original_goes_out(caplog: pytest.LogCaptureFixture) -> None:
    class Native(dict[str, object]):
        def get(self, *args: object) -> Any:
            raise LookupError("a broken environ")

    outcome = pages.consider(Request(native=Native()), ResponseHead(404, NOT_FOUND.headers))
    assert getattr(outcome, "headers", "pending") is None
    assert "a broken environ" in caplog.text


def test_where_the_decision_about_an_exception_fails_it_is_raised(caplog: pytest.LogCaptureFixture) -> None:
    class Native(dict[str, object]):
        def get(self, *args: object) -> Any:
            raise LookupError("a broken environ")

    assert pages.catch(Request(native=Native()), RuntimeError()) is None
    assert "a broken environ" in caplog.text


def test_own_templates_come_by_code_then_class_then_error(tmp_path: Path) -> None:
    own = ErrorPages(templates=folder(tmp_path, _404_html="code", _4xx_html="class", error_html="any"))
    assert [through_core(own, ask(), text("", status)).text for status in (404, 410, 500)] == ["code", "class", "any"]


def test_an_own_template_gets_no_policy_and_the_applications_stays(tmp_path: Path) -> None:
    own = ErrorPages(templates=folder(tmp_path, error_html="<style>p{}</style>"))
    assert through_core(own, ask(), NOT_FOUND).field("Content-Security-Policy") is None
    policy = ("Content-Security-Policy", "default-src 'self'")
    assert through_core(own, ask(), text("", 404, policy)).field(policy[0]) == policy[1]


@pytest.mark.parametrize(
    "templates",
    [
        pytest.param({"error_html": "<main>{{ user }}</main>"}, id="in the template"),
        pytest.param({"error_html": "{% extends 'own.html' %}", "own_html": "<main>{{ user }}</main>"}, id="extended"),
        pytest.param({"error_html": "<p>{% include 'part.html' %}</p>", "part_html": "{{ user }}"}, id="included"),
        pytest.param(
            {"error_html": "{% set name = 'part.html' %}<main>{% include name %}</main>", "part_html": "{{ user }}"},
            id="included by a name that is found out later",
        ),
        pytest.param(
            {"error_html": "{% import 'part.html' as part with context %}<main>{{ part.who() }}</main>",
             "part_html": "{% macro who() %}{{ user }}{% endmacro %}"},
            id="imported",
        ),
        pytest.param({"error_html": "{% extends 'plain.html' %}{% block heading %}{{ user }}{% endblock %}"},
                     id="in a block of the theme"),
    ],
)  # fmt: skip
def test_two_visitors_never_see_each_others_page(tmp_path: Path, templates: dict[str, str]) -> None:
    own = ErrorPages(
        templates=folder(tmp_path, **templates), context=lambda request: {"user": request.header("X-User")}
    )
    for user in ("Ada", "Grace", "Ada"):
        answer = through_core(own, ask(x_user=user), NOT_FOUND)
        assert user in answer.text and ("Grace" in answer.text) == (user == "Grace")
        assert answer.field("Cache-Control") == "private, no-store"


@pytest.mark.parametrize(
    "source", ["{{ request.path }}", "{% include 'part.html' %}"], ids=["in the template", "included"]
)
def test_a_template_that_reads_the_request_makes_a_page_private(tmp_path: Path, source: str) -> None:
    own = ErrorPages(templates=folder(tmp_path, error_html=source, part_html="{{ request.path }}"))
    for path in ("/a", "/b"):
        answer = through_core(own, ask(path=path), NOT_FOUND)
        assert answer.text == path and answer.field("Cache-Control") == "private, no-store"


def test_a_template_that_reads_nothing_of_the_request_leaves_a_page_public(tmp_path: Path) -> None:
    own = ErrorPages(templates=folder(tmp_path, error_html="{{ title }}"))
    answer = through_core(own, ask(), text("", 404, ("Cache-Control", "public, max-age=60")))
    assert answer.field("Cache-Control") == "public, max-age=60"


def test_an_own_template_escapes(tmp_path: Path) -> None:
    own = ErrorPages(templates=folder(tmp_path, error_html="{{ detail }} {{ request.path }}"))
    answer = through_core(own, ask(path="/<b>"), markup(bodies.werkzeug(404, "<i>")))
    assert answer.text == "&lt;i&gt; /&lt;b&gt;"


# -- what depends on what ----------------------------------------------------------------------------------------------

FIELD_VALUES: dict[str, list[str | None]] = {
    "Accept": [None, "*/*", BROWSER, "text/html", "application/json", "text/markdown", "text/plain;q=0.5, */*;q=0.1"],
    "Accept-Language": [None, "de", "en", "fr;q=0.9, de;q=0.1"],
    "Sec-Fetch-Dest": [None, "document", "empty", "image"],
    "HX-Request": [None, "true"],
    "HX-Boosted": [None, "true"],
    "HX-History-Restore-Request": [None, "true"],
    "Turbo-Frame": [None, "cart"],
    "X-Requested-With": [None, "XMLHttpRequest"],
    "Cookie": [None, "a=1"],
    "User-Agent": [None, "curl/8"],
    "X-Request-ID": [None, "req-1", "req-2"],
    "traceparent": [None, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
}
FIELDS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FIELD_VALUES.items()})
RESPONSES = st.sampled_from(
    [
        NOT_FOUND,
        text("No such invoice"),
        markup(bodies.werkzeug()),
        markup(bodies.werkzeug(404, "No such invoice")),
        markup("<h1>404 Not Found</h1><p>No such invoice</p>"),
        data(bodies.FASTAPI_404),
        data('{"a":1}'),
        data(""),
        data(bodies.CONNEXION_404, type="application/problem+json"),
        data(bodies.FALCON_XML_404, type="application/xml"),
        text(bodies.LITESTAR_404),
        markup(bodies.LITESTAR_404),
        respond(404, "", None),
        respond(404, "x" * 9000, JSON, length=None),
        markup('<body class="shop">'),
        markup("", 404, ("Content-Language", "de")),
    ]
)
BILINGUAL = {"languages": ["en", "de"], "wording": {"de": {404: {"title": "Seite nicht gefunden"}}}}
SITES = {
    "the default": pages,
    "two languages": ErrorPages(**BILINGUAL),  # type: ignore[arg-type]
    "problem details": ErrorPages(api_errors="problem", languages=["en"]),
    "everything": ErrorPages(replace="all", languages=["en"]),
    "nothing but HTML": ErrorPages(formats="html", languages=["en"]),
    "data only": ErrorPages(formats="json xml", languages=["en"]),
}


def with_values(fields: Mapping[str, str | None]) -> Request:
    return Request(headers=tuple((name, value) for name, value in fields.items() if value is not None))


@pytest.mark.parametrize("site", SITES)
@settings(max_examples=400, deadline=None)
@given(first=FIELDS, other=FIELDS, response=RESPONSES)
def test_what_a_cache_may_reuse_is_what_it_would_have_got(
    site: str, first: dict[str, str | None], other: dict[str, str | None], response: Response
) -> None:
    """A second client whose request agrees in every field that Vary names gets the same answer."""
    answer = through_core(SITES[site], with_values(first), response)
    same = {name: first[name] if name.lower() in answer.vary else other[name] for name in first}
    second = through_core(SITES[site], with_values(same), response)
    assert second.comparable == answer.comparable


@settings(max_examples=300, deadline=None)
@given(fields=FIELDS, response=RESPONSES)
def test_a_client_that_sends_nothing_special_makes_no_page_uncacheable(
    fields: dict[str, str | None], response: Response
) -> None:
    answer = through_core(pages, with_values(fields), response)
    assert answer.field("Cache-Control") is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequence=st.lists(st.tuples(FIELDS, RESPONSES), min_size=2, max_size=12))
def test_what_the_asgi_middleware_remembers_changes_nothing(
    sequence: list[tuple[dict[str, str | None], Response]],
) -> None:
    current: list[Response] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start_of(current[-1]))
        await send(body_of(current[-1].body, False))

    middleware = ASGIMiddleware(app, pages=pages)
    for fields, response in sequence * 2:
        current.append(response)
        request = with_values(fields)
        assert through_asgi(middleware, request).comparable == through_core(pages, request, response).comparable


def test_what_is_remembered_of_one_request_is_not_shown_to_another() -> None:
    middleware = ASGIMiddleware(_sending(text("", 429)))
    for reference in ("req-1", "req-2", "req-1"):
        answer = through_asgi(middleware, ask(x_request_id=reference))
        assert reference in answer.text and ("req-2" in answer.text) == (reference == "req-2")


def test_a_second_mount_is_not_shown_the_first_ones_home() -> None:
    middleware = ASGIMiddleware(_sending(NOT_FOUND))
    for root_path in ("/shop", "/blog", ""):
        assert f'href="{root_path}/"' in through_asgi(middleware, ask(root_path=root_path)).text


def test_a_second_method_is_not_shown_the_first_ones_page() -> None:
    middleware = ASGIMiddleware(_sending(NOT_FOUND))
    for method in ("GET", "POST", "HEAD", "GET"):
        answer = through_asgi(middleware, ask(method=method))
        assert ("Check before you send it again" in answer.text) == (method == "POST")
        assert (answer.body == b"") == (method == "HEAD")


def test_a_frame_of_turbos_is_not_shown_what_a_form_got() -> None:
    middleware = ASGIMiddleware(_sending(NOT_FOUND))
    for frame in (None, "cart", None, "cart"):
        sent = ask(method="POST", turbo_frame=frame) if frame else ask(method="POST")
        assert ("turbo-visit-control" in through_asgi(middleware, sent).text) == (frame is not None)


def test_the_time_on_a_page_is_the_present_one() -> None:
    before = datetime.now(UTC).replace(second=0, microsecond=0)
    (told,) = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", put(AWAY).text)
    assert before <= datetime.strptime(told, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC) <= datetime.now(UTC)


# -- what anyone can write ---------------------------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
HOSTILE = [
    "<script>alert(1)</script>",
    '"\' onload=alert(1) x="',
    "</blockquote></main></html>",
    "]]>&amp;&#60;script&#62;",
    "{{ 7 * 7 }}{% raw %}",
    "slot0123456789abcdefdetail_",
    "a\r\nSet-Cookie: evil=1",
    "\ud800\udfff\x00\x0b\ufffe\uffff",
    "\u202eevil\u2066",
    "# heading\n- item\n[link](javascript:alert(1)) `code` <b>",
]


def examples(test: Any) -> Any:
    for hostile in HOSTILE:
        test = example(hostile)(test)
    return test


@examples
@settings(max_examples=200, deadline=None)
@given(message=ANY_TEXT)
def test_no_message_appears_unescaped_in_html(message: str) -> None:
    plain = answer_of(pages.page(ask("text/html"), 404)).text
    page = answer_of(pages.page(ask("text/html"), 404, message=message)).text
    start, _, rest = page.partition('<div class="detail">')
    if not rest:
        assert page == plain
        return
    box, _, end = rest.partition("</div>\n")
    assert start + end == plain
    words = box.partition('dir="auto">')[2].removesuffix("</blockquote>\n")
    assert not {"<", ">", '"', "'"} & set(words)
    assert "&" not in re.sub("&(?:lt|gt|amp|#39|#34);", "", words)


@examples
@settings(max_examples=200, deadline=None)
@given(message=ANY_TEXT)
def test_every_message_makes_valid_json_and_well_formed_xml(message: str) -> None:
    problem = json.loads(pages.page(ask("application/json"), 404, message=message).body)
    root = ElementTree.fromstring(pages.page(ask("application/xml"), 404, message=message).body)
    assert problem["status"] == 404 and problem["detail"]
    detail = next(element for element in root if element.tag.endswith("}detail"))
    assert (detail.text or "").replace("\r", "").split() == problem["detail"].split()


@examples
@settings(max_examples=100, deadline=None)
@given(message=ANY_TEXT)
def test_every_message_makes_text_and_markdown_without_control_characters(message: str) -> None:
    for accept in ("text/plain", "text/markdown"):
        page = answer_of(pages.page(ask(accept), 404, message=message)).text
        assert not [letter for letter in page if letter < " " and letter != "\n"]


@examples
@settings(max_examples=200, deadline=None)
@given(hostile=ANY_TEXT)
def test_nothing_that_a_client_sends_puts_a_line_break_into_a_field(hostile: str) -> None:
    latin = hostile.encode("latin-1", "replace").decode("latin-1")
    request = Request(
        "GET",
        f"/{hostile}",
        f"/{hostile}",
        latin,
        tuple((name, latin) for name in (*FIELD_VALUES, "Origin")),
    )
    for status in (404, 503):
        page = pages.page(request, status, message=hostile)
        assert page.status == status
        for name, value in page.headers:
            assert not {"\r", "\n", "\0"} & {*name, *value}
        answer_of(page)


@example('"><script>alert(1)</script>')
@example("/evil.example")
@settings(max_examples=100, deadline=None)
@given(mount=st.text(max_size=100))
def test_a_hostile_mount_stays_inside_its_link(mount: str) -> None:
    page = answer_of(pages.page(Request(root_path=f"/{mount}", headers=(("Accept", "text/html"),)), 404)).text
    assert page.count("<a ") == answer_of(pages.page(ask("text/html"), 404)).text.count("<a ")
    assert "<script" not in page and "onload=" not in page.replace("%20onload", "")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
JSON_MEMBERS = st.dictionaries(
    st.sampled_from(["detail", "message", "title", "type", "status", "code", "instance", "errors", "extra", "x"])
    | st.text(st.characters(exclude_categories=()), max_size=5),
    JSON_VALUES,
    max_size=5,
)


def reject(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@settings(max_examples=400, deadline=None)
@given(members=JSON_MEMBERS)
@example(members={"detail": "No", "x": float("nan")})
@example(members={"detail": "No", "x": "\ud800"})
@example(members={"detail": "No", "\udfff": 1})
@example(members={"detail": ["\ud800"]})
def test_every_json_error_makes_valid_problem_details_or_stays(members: dict[str, Any]) -> None:
    response = data(json.dumps(members))
    answer = through_core(SITES["problem details"], ask("application/json"), response)
    if answer.body == response.body:
        assert answer.field("Content-Type") == JSON
        return
    problem = json.loads(answer.body, parse_constant=reject)
    assert answer.field("Content-Type") == "application/problem+json"
    assert problem["status"] == 404 and isinstance(problem["title"], str) and isinstance(problem["type"], str)
    assert isinstance(problem.get("detail", ""), str) and isinstance(problem.get("instance", ""), str)


@settings(max_examples=200, deadline=None)
@given(
    body=st.binary(max_size=400),
    type=st.sampled_from([TEXT, HTML, JSON, "application/xml", "text/html; charset=utf-16", "", "nonsense", None]),
    status=st.sampled_from([400, 404, 418, 422, 500, 503, 599, 783]),
    cuts=st.lists(st.integers(0, 400), max_size=4),
)
def test_no_body_fails_and_no_split_matters(body: bytes, type: str | None, status: int, cuts: list[int]) -> None:
    response = respond(status, body, type)
    expected = through_core(pages, ask(), response)
    assert expected.status == status
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    pieces = [body[start:end] for start, end in zip(edges, edges[1:], strict=False)]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start_of(response))
        for piece in pieces:
            await send(body_of(piece, True))
        await send(body_of(b"", False))

    assert through_asgi(ASGIMiddleware(app, pages=pages), ask()).comparable == expected.comparable

    def wsgi(environ: Any, start_response: Any) -> list[bytes]:
        start_response(f"{status} X", list(response.headers))
        return pieces

    assert through_wsgi(WSGIMiddleware(wsgi, pages=pages), ask()).comparable == expected.comparable


def test_an_accept_of_64_kb_is_handled() -> None:
    for accept in ("text/html;q=0.1," * 4000, "a" * 65536, "," * 65536, "text/html;" + "a=b;" * 16000, '"' * 65536):
        for response in (NOT_FOUND, markup(bodies.werkzeug()), data(bodies.FASTAPI_404)):
            assert through_core(pages, ask(accept), response).status == 404
    assert "html" in str(through_core(pages, ask("text/html;q=0.1," * 4000), NOT_FOUND).field("Content-Type"))


def test_a_message_longer_than_anyone_reads_is_cut() -> None:
    problem = json.loads(pages.page(ask("application/json"), 404, message="word " * 4000).body)
    assert 1000 < len(problem["detail"]) <= 2048


# -- memory ------------------------------------------------------------------------------------------------------------


def test_every_cache_is_bounded() -> None:
    through_wsgi(WSGIMiddleware(wsgi_list(NOT_FOUND), pages=pages), ask())
    caches = [found for found in gc.get_objects() if type(found) is _lru_cache_wrapper]
    ours = [cache for cache in caches if str(getattr(cache, "__module__", "")).partition(".")[0] == "errorpages"]
    assert len(ours) >= 4
    for cache in ours:
        limit = cache.cache_info().maxsize
        assert limit is not None and 0 < limit <= 4096, cache
        assert cache.cache_info().currsize <= limit


# -- pages that are chosen for each request ----------------------------------------------------------------------------

OF_TWO_SITES = {
    "kept by the table": (ErrorPages(), data('{"a":1}', 404, ("Cache-Control", "public, max-age=60"))),
    "excluded": (ErrorPages(exclude="/things/*"), text("Not Found", 404, ("Cache-Control", "public"))),
    "outside of statuses": (ErrorPages(statuses="5xx"), text("Not Found", 404, ("CDN-Cache-Control", "max-age=60"))),
    "a page": (ErrorPages(), text("Not Found", 404, ("Cache-Control", "public"))),
}


@pytest.mark.parametrize(("site", "response"), OF_TWO_SITES.values(), ids=OF_TWO_SITES)
def test_what_comes_of_pages_that_were_chosen_is_for_one_visitor(site: ErrorPages, response: Response) -> None:
    """Another visitor's pages might have done otherwise, and nothing in the response says by what they were chosen."""
    wsgi = WSGIMiddleware(wsgi_list(response), pages=lambda request: site)
    asgi = ASGIMiddleware(asgi_whole(response), pages=lambda request: site)
    for answer in (through_wsgi(wsgi, ask("*/*")), through_asgi(asgi, ask("*/*"))):
        assert answer.field("Cache-Control") == "private, no-store"
        assert answer.field("CDN-Cache-Control") is None


def test_what_an_application_asks_to_keep_stays_untouched_whoevers_pages_they_are() -> None:
    response = text("Not Found", 404, ("Cache-Control", "public"), ("X-Error-Pages", "keep"))
    answer = through_wsgi(WSGIMiddleware(wsgi_list(response), pages=lambda request: ErrorPages()), ask())
    assert answer.field("Cache-Control") == "public"
