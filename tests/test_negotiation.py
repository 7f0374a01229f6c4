"""Which format and which language a client gets; whatever it asks for, it gets one of those that are offered."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.drivers import BROWSER

from errorpages.negotiation import (
    LONGEST_FIELD,
    MEDIA_TYPES,
    Family,
    Preferences,
    choose_format,
    choose_language,
    match_language,
)

FORMATS = ("html", "json", "text", "markdown", "xml")
LANGUAGES = ("en", "de", "pt-BR", "zh-Hans", "zh-Hant")

TOKENS = st.sampled_from(
    ["text/html", "text/*", "*/*", "*", "application/json", "text/markdown", "text/plain", "application/problem+json",
     "image/png", ";q=", "0.5", "1", "0", ",", ";", "=", '"', "\\", " ", "q", "-1", "1e999", "nan", "/", "\xff",
     "de", "de-AT", "en;q=0.3", "zh-TW", "pt", "x-klingon", "--", "_", "und"]
)  # fmt: skip
FIELD = st.none() | st.text(max_size=80) | st.lists(TOKENS, max_size=20).map("".join)
OFFERED = st.permutations(FORMATS).flatmap(lambda order: st.integers(1, 5).map(lambda count: tuple(order[:count])))
CONSULTABLE = {
    "Accept", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "HX-Request", "HX-Boosted", "HX-History-Restore-Request",
    "X-Requested-With",
}  # fmt: skip


@given(OFFERED, st.sampled_from(get_args(Family)), FIELD, FIELD, FIELD, FIELD)
@example(FORMATS, "html", "text/html;q=nan", None, None, None)
@example(FORMATS, "html", "text/html;q=0,*/*;q=0", None, None, None)
@example(FORMATS, "html", "," * 65536, None, None, None)
@example(FORMATS, "html", "text/html;q=0.1," * 4096, None, None, None)
@example(("html",), "none", "text/html;" * 6000, "empty", "true", "true")
def test_any_client_gets_an_offered_format(
    offered: tuple[str, ...],
    family: Family,
    accept: str | None,
    destination: str | None,
    hx_request: str | None,
    hx_boosted: str | None,
) -> None:
    headers = {"accept": accept, "sec-fetch-dest": destination, "hx-request": hx_request, "hx-boosted": hx_boosted}
    preferences = Preferences.of(tuple((name, value) for name, value in headers.items() if value is not None))
    choice = choose_format(offered, family, preferences)
    assert choice.format in offered
    assert choice.shape == "document" or choice.format in ("html", "text")
    assert set(choice.consulted) <= CONSULTABLE and len(set(choice.consulted)) == len(choice.consulted)


@given(FIELD, FIELD)
@example(None, "de;q=nan")
@example("\xff", "*;q=9")
@example(None, "en-" * 30000)
def test_any_client_gets_an_offered_language(content_language: str | None, accept_language: str | None) -> None:
    headers = (("Accept-Language", accept_language),) if accept_language is not None else ()
    preferences = Preferences.of(headers)
    choice = choose_language(LANGUAGES, "en", content_language, preferences.accept_language)
    assert choice.language in LANGUAGES
    assert set(choice.consulted) <= {"Accept-Language"}


@given(FIELD, FIELD)
def test_no_field_fails_any_question(accept: str | None, other: str | None) -> None:
    headers = tuple((name, value) for name, value in (("Accept", accept), ("HX-Request", other)) if value is not None)
    preferences = Preferences.of(headers)
    preferences.navigates  # noqa: B018 - a property that must not raise
    preferences.prefers_page(("application/json",))
    preferences.rules_out(("text/plain",), FORMATS)


@pytest.mark.parametrize("family", get_args(Family))
@pytest.mark.parametrize("format", FORMATS)
def test_who_names_a_format_gets_it_whatever_the_application_sent(format: str, family: Family) -> None:
    choice = choose_format(FORMATS, family, Preferences(accept=MEDIA_TYPES[format]))
    assert choice.format == format


@pytest.mark.parametrize(
    ("accept", "family", "expected"),
    [
        pytest.param(None, "html", "text", id="no Accept, HTML"),
        pytest.param(None, "text", "text", id="no Accept, text"),
        pytest.param(None, "json", "json", id="no Accept, JSON"),
        pytest.param(None, "xml", "text", id="no Accept, XML"),
        pytest.param(None, "none", "text", id="no Accept, nothing"),
        pytest.param("*/*", "none", "text", id="anything, nothing"),
        pytest.param(BROWSER, "text", "html", id="a browser, text"),
        pytest.param("application/json, text/plain, */*", "html", "json", id="axios, HTML"),
        pytest.param("application/json, text/plain, */*", "text", "text", id="axios, text"),
        pytest.param("text/markdown, text/html, */*", "html", "markdown", id="an agent that names Markdown, HTML"),
        pytest.param("text/*;q=0.9, application/json;q=0.9", "html", "json", id="equal ranges, HTML"),
        pytest.param("application/*", "html", "json", id="a range of two, HTML"),
        pytest.param("application/*", "xml", "json", id="a range of two, XML"),
        pytest.param("application/xml", "html", "xml", id="XML by name"),
        pytest.param("text/xml, */*;q=0.1", "html", "xml", id="text/xml by name"),
        pytest.param("application/problem+xml, text/html;q=0.9", "html", "xml", id="problem XML beside HTML"),
        pytest.param("application/xml, application/xhtml+xml;q=0.5", "html", "html", id="XML beside XHTML"),
        pytest.param("application/rss+xml, application/xml;q=0.9", "html", "text", id="XML beside RSS"),
        pytest.param("application/atom+xml, text/xml;q=0.9", "html", "text", id="XML beside Atom"),
        pytest.param("text/html;level=1;q=0.3, text/html;q=0.9, text/plain;q=0.5", "html", "html",
                     id="the type without parameters decides"),
        pytest.param("text/html;q=0.3, text/html;level=1;q=0.9, text/plain;q=0.5", "html", "text",
                     id="the type without parameters decides, whichever comes first"),
        pytest.param("text/html, image/gif, image/jpeg, */*; q=0.2", "html", "text", id="a JDK"),
        pytest.param("application/json, text/html, image/gif, image/jpeg, */*; q=0.2", "html", "json",
                     id="a JDK that names JSON"),
        pytest.param("text/html, application/xhtml+xml, image/gif, image/jpeg", "html", "html",
                     id="an old browser"),
        pytest.param("text/html;level=1", "text", "html", id="a parameter"),
        pytest.param("text/html;q=0.2, text/*;q=0.9", "none", "text", id="the more specific range decides"),
        pytest.param("TEXT/HTML", "text", "html", id="a type in capitals"),
    ],
)  # fmt: skip
def test_the_preferred_format_wins_and_ties_go_to_the_applications_own(
    accept: str | None, family: Family, expected: str
) -> None:
    assert choose_format(FORMATS, family, Preferences(accept=accept)).format == expected


@pytest.mark.parametrize("order", [FORMATS, FORMATS[::-1]])
def test_the_order_of_formats_does_not_decide_over_the_clients_preference(order: tuple[str, ...]) -> None:
    assert choose_format(order, "none", Preferences(accept="application/json;q=0.9, text/html")).format == "html"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"),
        ("EN-us", "en"),
        ("de_AT", "de"),
        ("de-Latn-AT", "de"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-Hans-CN", "zh-Hans"),
        ("fr", None),
        ("", None),
        ("-", None),
        ("deutsch", None),
    ],
)
def test_a_language_tag_is_matched_to_the_nearest_offered_one(tag: str, expected: str | None) -> None:
    assert match_language(LANGUAGES, tag) == expected


@pytest.mark.parametrize(
    ("content_language", "accept_language", "expected"),
    [
        pytest.param(None, None, "en", id="nothing"),
        pytest.param(None, "de", "de", id="what is asked for"),
        pytest.param(None, "fr, de;q=0.5", "de", id="the second choice"),
        pytest.param(None, "en;q=0.2, de;q=0.8", "de", id="by quality"),
        pytest.param("de", "en", "de", id="the response's own"),
        pytest.param("de, en", "en", "de", id="the first of the response's own"),
        pytest.param("fr", "de", "de", id="the response's own that is not offered"),
        pytest.param(None, "*", "en", id="any"),
        pytest.param(None, "de;q=0", "en", id="refused"),
        pytest.param(None, "zh-TW", "zh-Hant", id="a script"),
    ],
)
def test_the_language_is_the_responses_own_then_what_is_asked_for_then_the_default(
    content_language: str | None, accept_language: str | None, expected: str
) -> None:
    assert choose_language(LANGUAGES, "en", content_language, accept_language).language == expected


def test_one_offered_language_consults_nothing() -> None:
    assert choose_language(("en",), "en", "de", "de").consulted == ()


def test_one_offered_format_consults_no_accept() -> None:
    for format in FORMATS:
        assert "Accept" not in choose_format((format,), "html", Preferences(accept="a/b")).consulted


def test_lines_of_a_field_are_joined_once_and_no_further_than_they_are_read() -> None:
    """A million lines of one field took a minute when each was appended to all before it."""
    few, many = ([("accept", f"a/{number}") for number in range(count)] for count in (1_000, 1_000_000))
    preferences = Preferences.of([*many, ("accept", "text/html")])
    assert preferences == Preferences.of(few)
    assert len(preferences.accept or "") <= LONGEST_FIELD


def test_what_is_not_read_of_a_field_is_not_kept() -> None:
    fields = ("Sec-Fetch-Mode", "Sec-Fetch-Dest", "HX-Request", "HX-Boosted", "X-Requested-With", "Accept-Encoding",
              "Turbo-Frame")  # fmt: skip
    preferences = Preferences.of([(name, "x" * 9000) for name in fields])
    assert all(len(value or "") <= 4 for value in preferences)
