"""What a page says: whose words, which links, and what it does not offer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

import pytest

from errorpages import ErrorPages, Options, Request, catalogue
from errorpages.codes import CLASS_WORDING
from errorpages.content import Author, Content, Draft, Moment, blocked_by, phrase
from errorpages.translation import Delay

ERRORS = [status.code for status in catalogue if status.code >= 400]
CAUTION = "What you sent may not have been received. Check before you send it again."


def write(status: int, *, draft: dict[str, Any] | None = None, **options: Any) -> Content:
    return Author(Options(**options)).write(Draft(status, **(draft or {})))


def kinds(content: Content) -> list[str]:
    return [action.kind for action in content.actions]


def body_of(pages: ErrorPages, status: int, *, accept: str = "text/html", **asked: Any) -> str:
    headers = asked.pop("response_headers", ())
    return pages.page(Request(headers=(("Accept", accept),), **asked), status, headers=headers).body.decode()


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ERRORS)
def test_without_own_words_the_catalogues_are_used(status: int) -> None:
    content = write(status)
    known = catalogue[status]
    assert (content.title, content.message, content.next_step) == (known.title, known.message, known.next_step)
    assert content.status == status


@pytest.mark.parametrize(
    "status, class_name",
    [
        pytest.param(455, "4xx", id="below 500"),
        pytest.param(577, "5xx", id="below 600"),
        pytest.param(799, "4xx", id="outside of the classes"),
    ],
)
def test_a_code_that_nobody_defined_says_what_its_class_says(status: int, class_name: str) -> None:
    content = write(status)
    words = CLASS_WORDING[class_name]
    assert (content.title, content.message, content.next_step) == (words.title, words.message, words.next_step)
    assert content.phrase == ""


@pytest.mark.parametrize(
    "wording, title",
    [
        pytest.param({}, "Page not found", id="the catalogue's where there are none"),
        pytest.param({"4xx": {"title": "class"}}, "class", id="those of the class before the catalogue's"),
        pytest.param(
            {"4xx": {"title": "class"}, 404: {"title": "code"}}, "code", id="those of the code before the class's"
        ),
        pytest.param(
            {404: {"title": "code"}, "en": {404: {"title": "en"}}}, "en", id="the language's before the flat ones"
        ),
        pytest.param(
            {404: {"title": "code"}, "de": {404: {"title": "de"}}}, "code", id="not those of another language"
        ),
        pytest.param(
            {404: {"title": "code"}, "en": {"4xx": {"title": "en class"}}},
            "code",
            id="a code's before a language's class",
        ),
        pytest.param(
            {"4xx": {"title": "class"}, "en": {"4xx": {"title": "en class"}}},
            "en class",
            id="a language's class before",
        ),
        pytest.param(
            {410: {"title": "other"}, "5xx": {"title": "other"}}, "Page not found", id="not those of other codes"
        ),
    ],
)
def test_own_words_come_from_the_nearest_that_has_them(wording: dict[Any, Any], title: str) -> None:
    assert write(404, wording=wording).title == title


def test_own_words_are_looked_for_slot_by_slot() -> None:
    wording = {
        "en": {404: {"title": "own title"}},
        404: {"title": "no", "message": "own message"},
        "4xx": {"title": "no", "message": "no", "next_step": "own step"},
    }
    content = write(404, wording=wording)
    assert (content.title, content.message, content.next_step) == ("own title", "own message", "own step")
    half = write(404, wording={404: {"message": "own message"}})
    assert (half.title, half.next_step) == (catalogue[404].title, catalogue[404].next_step)


@pytest.mark.parametrize("tag", ["pt-BR", "pt_BR"])
def test_words_of_a_language_count_with_hyphen_and_underscore(tag: str) -> None:
    content = write(404, wording={tag: {404: {"title": "Não"}}}, draft={"language": "pt-BR"})
    assert content.title == "Não"


def test_own_words_are_escaped_in_html() -> None:
    body = body_of(ErrorPages(wording={404: {"title": "<b>Gone</b>"}}), 404)
    assert "<b>" not in body and "&lt;b&gt;Gone&lt;/b&gt;" in body


@pytest.mark.parametrize(
    "status, name",
    [
        pytest.param(404, "Not Found", id="a standard code"),
        pytest.param(413, "Content Too Large", id="the present name, not a former one"),
        pytest.param(422, "Unprocessable Content", id="another"),
        pytest.param(455, "", id="a code without a name"),
    ],
)
def test_a_code_is_called_by_its_present_name(status: int, name: str) -> None:
    assert phrase(status) == name
    assert write(status).phrase == name


def test_no_phrase_is_a_remark_in_brackets() -> None:
    assert [status for status in ERRORS if phrase(status).startswith("(")] == []


# -- links -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method, has_caution", [("safe", False), ("unsafe", True)])
@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_caution_stands_in_for_a_retry_link_where_something_was_sent(
    status: int, method: Literal["safe", "unsafe"], has_caution: bool
) -> None:
    content = write(status, draft={"method": method})
    assert content.caution == (CAUTION if has_caution else None)
    assert ("retry" in kinds(content)) is not has_caution


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("accept", ["text/html", "text/plain", "text/markdown"])
def test_after_an_unsafe_method_the_page_says_check_first(method: str, accept: str) -> None:
    body = " ".join(body_of(ErrorPages(), 503, method=method, accept=accept).split())
    assert CAUTION in body
    assert ">Try again<" not in body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_after_a_safe_method_it_does_not(method: str) -> None:
    assert CAUTION not in body_of(ErrorPages(), 503, method=method)


@pytest.mark.parametrize("status", [403, 404, 410, 413, 451, 455])
def test_what_another_try_cant_help_offers_none(status: int) -> None:
    assert "retry" not in kinds(write(status))
    assert ">Try again<" not in body_of(ErrorPages(), status)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_another_try_may_help_offers_one_first(status: int) -> None:
    content = write(status, support_url="/help")
    assert content.actions[0] == ("retry", "Try again", "")
    assert '<a href="" class="first">Try again</a>' in body_of(ErrorPages(), status)


@pytest.mark.parametrize("root_path", [pytest.param("", id="no mount"), pytest.param("/app", id="a mount")])
def test_home_is_the_mount(root_path: str) -> None:
    content = write(404, draft={"root_path": root_path})
    assert content.home_url == f"{root_path}/"
    assert ("home", "Go to the home page", f"{root_path}/") in content.actions


def test_a_mount_with_spaces_and_quotes_is_a_proper_link() -> None:
    body = body_of(ErrorPages(site_name="Acme"), 404, root_path='/my "app"/ü')
    assert 'href="/my%20%22app%22/%C3%BC/"' in body


def test_an_own_home_is_taken_as_it_is() -> None:
    assert write(404, home_url="https://acme.example/?a=b", draft={"root_path": "/app"}).home_url == (
        "https://acme.example/?a=b"
    )


@pytest.mark.parametrize(
    "status, shown", [(404, False), (429, False), (500, True), (503, True), (599, True), (783, False)]
)
def test_the_status_page_is_for_failures_of_the_service(status: int, shown: bool) -> None:
    content = write(status, status_url="https://status.acme.example/")
    assert ("status_page" in kinds(content)) is shown


@pytest.mark.parametrize("status", [404, 503])
def test_help_is_offered_where_there_is_any(status: int) -> None:
    assert ("support", "Get help", "/help") in write(status, support_url="/help").actions
    assert "support" not in kinds(write(status))


def test_links_are_escaped() -> None:
    body = body_of(ErrorPages(support_url='/help?"><script>&a=b'), 404)
    assert "<script>" not in body
    assert 'href="/help?&#34;&gt;&lt;script&gt;&amp;a=b"' in body


@pytest.mark.parametrize(
    "link, url",
    [
        pytest.param('<https://court.example/1>; rel="blocked-by"', "https://court.example/1", id="the plain case"),
        pytest.param("<https://court.example/1>; rel=blocked-by", "https://court.example/1", id="without quotes"),
        pytest.param(
            '<http://court.example/>; rel="nofollow Blocked-By"', "http://court.example/", id="one of two relations"
        ),
        pytest.param(
            '<https://a.example/>; rel="next", <https://court.example/1>; rel="blocked-by"',
            "https://court.example/1",
            id="the second of two links",
        ),
        pytest.param(
            '<https://court.example/a,b>; rel="blocked-by"', "https://court.example/a,b", id="a comma in the URL"
        ),
        pytest.param('<https://a.example/>; rel="next"', None, id="another relation"),
        pytest.param('<javascript:alert(1)>; rel="blocked-by"', None, id="a script"),
        pytest.param('<data:text/html,x>; rel="blocked-by"', None, id="data"),
        pytest.param("", None, id="nothing"),
        pytest.param('https://court.example/; rel="blocked-by"', None, id="no angle brackets"),
    ],
)
def test_who_asked_for_a_block_is_read_from_link(link: str, url: str | None) -> None:
    assert blocked_by((("Content-Type", "text/plain"), ("Link", link))) == url


def test_a_451_leads_to_who_asked_for_it() -> None:
    headers = (("Link", '<https://court.example/1?a=b&c=d>; rel="blocked-by"'),)
    assert 'href="https://court.example/1?a=b&amp;c=d"' in body_of(ErrorPages(), 451, response_headers=headers)
    text = body_of(ErrorPages(), 451, accept="text/plain", response_headers=headers)
    assert "See who asked for this: https://court.example/1?a=b&c=d" in text
    assert "court.example" not in body_of(ErrorPages(), 404, response_headers=headers)


# -- the rest ----------------------------------------------------------------------------------------------------------


def test_a_moment_is_written_in_utc_for_machines_and_people() -> None:
    moment = datetime(2026, 3, 1, 1, 30, 5, tzinfo=timezone(timedelta(hours=2)))
    assert Moment.of(moment) == ("2026-02-28T23:30:05Z", "2026-02-28 23:30 UTC")


def test_a_draft_that_waits_says_how_long_in_seconds_words_and_as_a_moment() -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    content = Author(Options()).write(Draft(503).waiting(120, Delay("minutes", 2), now))
    assert content.when == "Please try again in about 2 minutes."
    assert content.retry_after == 120
    assert content.retry_at == ("2026-03-01T12:02:00Z", "2026-03-01 12:02 UTC")


def test_nothing_is_said_about_what_is_not_known() -> None:
    content = write(404)
    unknown = (content.when, content.retry_after, content.retry_at, content.reference, content.time, content.detail)
    assert unknown == (None,) * 6
    assert (content.caution, content.csp_nonce, content.accent, content.accent_dark) == (None,) * 4


def test_no_time_to_come_back_is_ever_invented() -> None:
    pages = ErrorPages()
    assert [status for status in ERRORS if "Please try again in" in body_of(pages, status)] == []
