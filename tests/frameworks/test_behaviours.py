"""What error pages do in each framework: the framework part of the compatibility table.

Each test is a column, each application in `apps` a row. What the framework itself sends is read from the same
application without error pages.
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from tests.drivers import BROWSER, HTML, NOT_STORABLE, TEXT, Answer, ask, other_lines, page_lines, watched_log
from tests.frameworks.harness import Subject, assert_kept, every_subject, fields, values

from errorpages import Request

pytestmark = [every_subject, pytest.mark.frameworks]

ODD_PATH = "/none/of these/é<b>&'\""
MESSAGE = re.compile(r'<blockquote dir="auto">(.*?)</blockquote>', re.DOTALL)


def visit(path: str, method: str = "GET", **request_fields: Any) -> Request:
    """A person's browser follows a link."""
    return ask(method=method, path=path, sec_fetch_dest="document", **request_fields)


@pytest.fixture(autouse=True)
def row(
    subject: Subject,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Note what the row is about, and expect no more of a framework than it can show."""
    module = subject.module
    if "bottle" in sys.modules:
        monkeypatch.setattr("bottle.DEBUG", False)  # it is the whole process's, and so put back after the test
    record_property("distributions", ",".join(module.DISTRIBUTIONS))
    record_property("protocol", subject.protocol)
    marker = request.node.get_closest_marker("matrix")
    reason = module.EXPECTED.get(marker.kwargs["behaviour"]) if marker else None
    if reason is not None:
        request.applymarker(pytest.mark.xfail(raises=AssertionError, strict=True, reason=reason))


def assert_page(answer: Answer, status: int, type: str = HTML) -> None:
    assert answer.status == status and answer.is_page
    assert values(answer.headers, "Content-Type") == [type]
    assert values(answer.headers, "Content-Length") == [str(len(answer.body))]


def message_on(answer: Answer) -> str | None:
    """Read the application's own words from a page."""
    found = MESSAGE.search(answer.text)
    return html.unescape(found[1]) if found else None


# -- pages -------------------------------------------------------------------------------------------------------------


@pytest.mark.matrix(kind="framework", behaviour="route miss")
@pytest.mark.parametrize("accept", [BROWSER, "text/html"])
def test_a_route_miss_is_answered_with_a_page(subject: Subject, accept: str) -> None:
    answer = subject.visit(ask(accept, path="/none", sec_fetch_dest="document"))
    assert_page(answer, 404)
    assert "<h1>Page not found</h1>" in answer.text and message_on(answer) is None


@pytest.mark.matrix(kind="framework", behaviour="curl")
def test_curl_gets_text_or_the_frameworks_json(subject: Subject) -> None:
    request = ask("*/*", path="/none")
    answer, bare = subject.visit(request), subject.visit(request, bare=True)
    if bare.body[:1] == b"{":
        assert_kept(answer, bare)
    else:
        assert_page(answer, 404, TEXT)


@pytest.mark.matrix(kind="framework", behaviour="JSON client")
def test_a_client_of_json_gets_json(subject: Subject) -> None:
    request = ask("application/json", path="/none")
    answer, bare = subject.visit(request), subject.visit(request, bare=True)
    if bare.body[:1] == b"{":
        assert_kept(answer, bare)
    else:
        assert_page(answer, 404, "application/problem+json")
        assert json.loads(answer.text)["status"] == 404


@pytest.mark.matrix(kind="framework", behaviour="wrong method")
def test_a_wrong_method_is_answered_with_a_page_that_says_what_is_allowed(subject: Subject) -> None:
    request = visit("/invoice", "POST", content_length="0")
    answer, bare = subject.visit(request), subject.visit(request, bare=True)
    assert_page(answer, 405)
    assert "GET" in str(answer.field("Allow"))
    assert values(answer.headers, "Allow") == values(bare.headers, "Allow")


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_the_frameworks_own_sentence_is_nobodys_message(subject: Subject, accept: str) -> None:
    raw = {"raw_path": quote(ODD_PATH).encode()} if subject.is_asgi else {}
    for request in (
        ask(accept, path="/none"),
        ask(accept, path=ODD_PATH, query="a=1&b=%3C2%3E", native=raw),
        ask(accept, path="/invoice", method="POST", content_length="0"),
        ask(accept, path="/crash"),
    ):
        answer = subject.visit(request)
        if answer.is_page:
            assert "own message" not in answer.text and message_on(answer) is None


@pytest.mark.matrix(kind="framework", behaviour="own message")
def test_the_developers_words_are_on_the_page(subject: Subject) -> None:
    answer = subject.visit(visit("/message"))
    assert_page(answer, 404)
    assert message_on(answer) == "No such <invoice>"
    assert "<invoice>" not in answer.text


@pytest.mark.matrix(kind="framework", behaviour="exception")
def test_an_exception_is_answered_with_a_page_and_told_once(subject: Subject) -> None:
    request = visit("/crash", x_request_id="req-7")
    bare = subject.run(request, bare=True)
    with watched_log() as records:
        outcome = subject.run(request)
    assert outcome.answer is not None
    assert_page(outcome.answer, 500)
    assert "<bdi>req-7</bdi>" in outcome.answer.text
    assert "hunter2" not in str(outcome.answer) and "Traceback" not in outcome.answer.text
    (line,) = page_lines(records)
    assert line.levelname == "WARNING" and "req-7" in line.getMessage()
    logged = other_lines(records)
    if subject.is_asgi:
        assert not logged
        assert type(outcome.error) is type(bare.error)
        if outcome.error is not None:
            assert [note.count("req-7") for note in outcome.error.__notes__] == [1]
    else:
        assert outcome.error is None
        assert len(logged) == (1 if bare.error is not None else 0)
        assert all(record.exc_info and "req-7" in record.getMessage() for record in logged)


# -- what stays --------------------------------------------------------------------------------------------------------


@pytest.mark.matrix(kind="framework", behaviour="form stays")
def test_a_form_shown_again_stays(subject: Subject) -> None:
    request = visit("/form", "POST", content_length="0")
    answer, bare = subject.visit(request), subject.visit(request, bare=True)
    assert answer.status == 422 and b"value=bad" in answer.body
    assert_kept(answer, bare)


@pytest.mark.matrix(kind="framework", behaviour="styled page stays")
def test_a_page_of_the_applications_own_stays(subject: Subject) -> None:
    request = visit("/styled")
    answer, bare = subject.visit(request), subject.visit(request, bare=True)
    assert answer.status == 404 and b"You are lost" in answer.body
    assert_kept(answer, bare)


@pytest.mark.matrix(kind="framework", behaviour="JSON to a script")
@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/plain, */*"])
def test_json_for_a_script_stays(subject: Subject, accept: str) -> None:
    request = ask(accept, path="/api", sec_fetch_dest="empty")
    answer, bare = subject.visit(request), subject.visit(request, bare=True)
    assert answer.status == 404 and "No such invoice" in str(json.loads(answer.text))
    assert_kept(answer, bare)


@pytest.mark.matrix(kind="framework", behaviour="JSON to a browser")
def test_json_for_a_person_becomes_a_page_with_its_words(subject: Subject) -> None:
    answer = subject.visit(visit("/api"))
    assert_page(answer, 404)
    assert message_on(answer) == "No such invoice"


# -- fields ------------------------------------------------------------------------------------------------------------


@pytest.mark.matrix(kind="framework", behaviour="HEAD")
def test_head_has_the_fields_of_get_and_no_body(subject: Subject) -> None:
    head, get = subject.visit(visit("/none", "HEAD")), subject.visit(visit("/none"))
    assert head.is_page and head.body == b""
    assert (head.status, sorted(fields(head))) == (get.status, sorted(fields(get)))


@pytest.mark.matrix(kind="framework", behaviour="Retry-After")
def test_retry_after_is_kept_and_said_in_words(subject: Subject) -> None:
    answer = subject.visit(visit("/busy"))
    assert_page(answer, 503)
    assert values(answer.headers, "Retry-After") == ["120"]
    assert "in about 2 minutes" in answer.text


@pytest.mark.matrix(kind="framework", behaviour="503 never cached")
@pytest.mark.parametrize("who", ["browser", "script"])
def test_a_503_may_not_be_stored(subject: Subject, who: str) -> None:
    answer = subject.visit(visit("/busy") if who == "browser" else ask("*/*", path="/busy", sec_fetch_dest="empty"))
    assert answer.status == 503
    if answer.is_page:
        assert [(name, values(answer.headers, name)) for name, _ in NOT_STORABLE] == [
            (name, [value]) for name, value in NOT_STORABLE
        ]
    else:
        assert who == "script"  # whose data is kept with the policy that the application gave it


# -- successes ---------------------------------------------------------------------------------------------------------


@pytest.mark.matrix(kind="framework", behaviour="success streams")
def test_a_success_streams(subject: Subject) -> None:
    outcome, bare = subject.run(visit("/stream")), subject.run(visit("/stream"), bare=True)
    assert outcome.answer is not None and bare.answer is not None and outcome.error is None
    assert outcome.answer.body == b"chunk 0\nchunk 1\nchunk 2\n"
    assert bare.answer.body == outcome.answer.body and fields(outcome.answer) == fields(bare.answer)
    assert len(outcome.made) == 3 and outcome.made[0] < 3
    assert outcome.made == bare.made


@pytest.mark.matrix(kind="framework", behaviour="success untouched")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/invoice"])
def test_a_success_is_what_it_is_without_error_pages(subject: Subject, path: str, method: str) -> None:
    request = visit(path, method)
    answer, bare = subject.visit(request), subject.visit(request, bare=True)
    if method == "GET":
        assert answer.status == 200
    if bare.status == 200:
        assert (answer.status, answer.reason, fields(answer), answer.body) == (
            200,
            bare.reason,
            fields(bare),
            bare.body,
        )


# -- under a mount point -----------------------------------------------------------------------------------------------


@pytest.mark.matrix(kind="framework", behaviour="under a mount point")
def test_exclude_leaves_the_mount_point_out_and_home_leads_to_it(subject: Subject) -> None:
    request = replace(visit("/none"), root_path="/shop")
    answer = subject.visit(request)
    assert_page(answer, 404)
    assert '<a href="/shop/"' in answer.text
    assert_page(subject.visit(request, exclude=["/shop/*"]), 404)
    kept = subject.visit(request, exclude=["/none"])
    assert_kept(kept, subject.visit(request, bare=True))


# -- debug mode --------------------------------------------------------------------------------------------------------


@pytest.mark.matrix(kind="framework", behaviour="debug mode")
def test_debug_mode_leaves_the_500_to_the_framework(subject: Subject) -> None:
    request = visit("/crash")
    outcome, bare = subject.run(request, debug=True), subject.run(request, debug=True, bare=True)
    shown = f"{outcome.error!r} {outcome.answer.text if outcome.answer else ''}"
    assert "hunter2" in shown
    assert type(outcome.error) is type(bare.error)
    assert (outcome.answer is None) == (bare.answer is None)
    if outcome.answer is not None and bare.answer is not None:
        assert not outcome.answer.is_page and outcome.answer.status == bare.answer.status
