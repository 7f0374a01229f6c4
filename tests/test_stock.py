"""What frameworks send of their own accord is recognised, whatever it says; what anyone wrote is not."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import bodies
from werkzeug.exceptions import default_exceptions

from errorpages import catalogue
from errorpages.negotiation import Family
from errorpages.stock import (
    LOOK_LIMIT,
    Kind,
    clean,
    family_of,
    has_stock_length,
    is_stock,
    message_of,
    read,
    shows_debugger,
)

OWN = "No such invoice: 7"


@pytest.mark.parametrize(
    ("media_type", "family"),
    [
        ("", "none"),
        ("text/html", "html"),
        ("application/xhtml+xml", "html"),
        ("text/plain", "text"),
        ("application/json", "json"),
        ("application/problem+json", "json"),
        ("application/vnd.acme.v2+json", "json"),
        ("application/xml", "xml"),
        ("text/xml", "xml"),
        ("application/problem+xml", "xml"),
        ("image/svg+xml", None),
        ("image/png", None),
        ("text/css", None),
        ("text/event-stream", None),
        ("text/markdown", None),
        ("application/grpc", None),
        ("application/octet-stream", None),
        ("application/x-ndjson", None),
        ("application/pdf", None),
        ("multipart/mixed", None),
        ("nonsense", None),
    ],
)
def test_a_media_type_belongs_to_a_family(media_type: str, family: Family | None) -> None:
    assert family_of(media_type) == family


FRAMES = {
    "Werkzeug": (404, bodies.werkzeug(404, OWN)),
    "Werkzeug without words": (404, bodies.werkzeug(404, "")),
    "Django": (404, bodies.django("Not Found", OWN)),
    "WebOb": (404, bodies.webob(OWN)),
    "Pyramid": (404, bodies.pyramid(OWN)),
    "Bottle": (404, bodies.bottle(OWN)),
    "CherryPy": (404, bodies.cherrypy(OWN)),
    "Sanic": (404, bodies.sanic(OWN)),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_is_a_frameworks_own_and_its_sentence_is_the_message(name: str) -> None:
    status, body = FRAMES[name]
    reading = read(status, "html", body.encode())
    assert (reading.family, reading.kind) == ("html", "framework")
    assert reading.message == (None if "without" in name else OWN)


STOCK_PAGES = {
    "Django's 404": (404, bodies.django()),
    "Django's 500": (500, bodies.django("Server Error (500)", "")),
    "Django's 403": (403, bodies.django("403 Forbidden", "")),
    "Django's 400": (400, bodies.django("Bad Request (400)", "")),
    "Django's CSRF page": (403, bodies.django_csrf()),
    "WebOb's 404": (404, bodies.webob()),
    "Pyramid's 404": (404, bodies.pyramid()),
    "Bottle's 404": (404, bodies.bottle()),
    "CherryPy's 404": (404, bodies.cherrypy()),
    "Sanic's 404": (404, bodies.sanic()),
    "padded for an old browser": (404, bodies.cherrypy() + " " * 400),
}


@pytest.mark.parametrize("name", STOCK_PAGES)
def test_a_stock_page_has_no_message(name: str) -> None:
    status, body = STOCK_PAGES[name]
    for label in ("html", "none"):
        reading = read(status, label, body.encode())
        assert (reading.family, reading.kind, reading.message) == ("html", "framework", None)


@pytest.mark.parametrize("status", sorted(default_exceptions))
def test_every_page_of_werkzeug_is_stock(status: int) -> None:
    reading = read(status, "html", bodies.werkzeug(status).encode())
    assert (reading.kind, reading.message) == ("framework", None)
    assert has_stock_length(status, "html", len(bodies.werkzeug(status).encode()))


@pytest.mark.parametrize("status", [status for status in HTTPStatus if status >= 400], ids=str)
def test_every_phrase_of_the_standard_library_is_stock(status: HTTPStatus) -> None:
    for body in (status.phrase, status.phrase.upper(), f"{status.value} {status.phrase}", f"{status.phrase}."):
        assert read(status, "text", body.encode()).kind == "framework"
    assert has_stock_length(status, "text", len(status.phrase))
    assert read(status, "json", json.dumps({"detail": status.phrase}).encode()).message is None


@pytest.mark.parametrize("code", [status.code for status in catalogue if status.code >= 400])
def test_every_name_of_every_code_is_stock(code: int) -> None:
    for name in (catalogue[code].name, *catalogue[code].other_names):
        assert is_stock(code, name)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, "404: Not Found"),
        (404, "404 Not Found"),
        (404, "Resource not found"),
        (404, "Requested URL /none not found"),
        (404, "The path '/none' was not found."),
        (404, "Not found: '/none'"),
        (404, "Not found."),
        (404, "HTTP 404"),
        (500, "The application encountered an unexpected error and could not continue."),
        (500, "Internal Server Error"),
        (403, "You do not have permission to perform this action."),
        (401, "Authentication credentials were not provided."),
        (403, "Authentication credentials were not provided."),
        (405, 'Method "GET" not allowed.'),
    ],
)
def test_a_frameworks_sentence_is_nobodys_message(status: int, text: str) -> None:
    assert is_stock(status, text) and message_of(status, text) is None


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, OWN),
        (404, "Not Found: invoice 7"),
        (404, "Forbidden"),
        (404, "Not found in our archive"),
        (409, "Name already taken"),
        (404, "The path you took is closed"),
        (422, "4"),
        (404, "403"),
    ],
)
def test_what_anyone_wrote_is_a_message(status: int, text: str) -> None:
    assert not is_stock(status, text) and message_of(status, text) == text


@pytest.mark.parametrize(
    ("label", "body", "family", "kind", "message"),
    [
        pytest.param("text", "", "text", "empty", None, id="nothing"),
        pytest.param("html", " \r\n\t", "html", "empty", None, id="blanks"),
        pytest.param("json", "", "json", "empty", None, id="nothing as JSON"),
        pytest.param("text", OWN, "text", "bare", OWN, id="words"),
        pytest.param("none", OWN, "none", "bare", OWN, id="words without a label"),
        pytest.param("html", OWN, "html", "bare", OWN, id="words as HTML"),
        pytest.param("html", "a &amp; b", "html", "bare", "a & b", id="words as HTML with a reference"),
        pytest.param("html", f"<h1>Not Found</h1><p>{OWN}</p>", "html", "bare", OWN, id="a heading and words"),
        pytest.param("html", "<center><h1>404 Not Found</h1></center><hr><center>nginx/1.25.3</center>", "html",
                     "bare", None, id="nginx"),
        pytest.param("html", f"<h1>Error 404</h1>{OWN}", "html", "bare", OWN, id="a heading with the code"),
        pytest.param("html", f"<h1>Sorry</h1>{OWN}", "html", "own", None, id="a heading of one's own"),
        pytest.param("html", f'<p style="color:red">{OWN}</p>', "html", "own", None, id="a styled paragraph"),
        pytest.param("text", bodies.FASTAPI_404, "json", "plain", None, id="JSON as text"),
        pytest.param("html", f'{{"detail":"{OWN}"}}', "json", "plain", OWN, id="JSON as HTML"),
        pytest.param("none", "[1]", "json", "own", None, id="a list without a label"),
        pytest.param("text", "[see below]", "text", "bare", "[see below]", id="words in brackets"),
        pytest.param("json", "{", "json", "own", None, id="broken JSON"),
        pytest.param("json", OWN, "json", "own", None, id="words as JSON"),
        pytest.param("json", f'"{OWN}"', "json", "own", None, id="a JSON string"),
        pytest.param("json", '{"detail":{"a":1}}', "json", "own", None, id="an object as detail"),
        pytest.param("json", '{"extra":{"a":1},"detail":"x"}', "json", "own", "x", id="a filled extra"),
        pytest.param("json", '{"extra":{},"detail":"x"}', "json", "plain", "x", id="an empty extra"),
        pytest.param("json", '{"detail":null,"code":7,"status":true}', "json", "plain", None, id="simple values"),
        pytest.param("json", f'{{"title":"404 Not Found","description":"{OWN}"}}', "json", "plain", OWN, id="Falcon"),
        pytest.param("json", bodies.webob_json(OWN), "json", "plain", OWN, id="WebOb's JSON"),
        pytest.param("json", bodies.SANIC_JSON_404, "json", "plain", None, id="Sanic's JSON"),
        pytest.param("xml", bodies.FALCON_XML_404, "xml", "plain", None, id="Falcon's XML"),
        pytest.param("text", bodies.FALCON_XML_404, "xml", "plain", None, id="XML as text"),
        pytest.param("xml", bodies.SOAP, "xml", "own", None, id="SOAP"),
        pytest.param("xml", "<error", "xml", "own", None, id="broken XML"),
        pytest.param("text", bodies.pyramid_text(), "text", "framework", None, id="Pyramid's text"),
        pytest.param("text", bodies.pyramid_text(OWN), "text", "framework", OWN, id="Pyramid's text with a detail"),
    ],
)  # fmt: skip
def test_a_body_is_read_for_what_it_is(
    label: Family, body: str, family: Family, kind: Kind, message: str | None
) -> None:
    reading = read(404, label, body.encode())
    assert (reading.family, reading.kind) == (family, kind)
    if kind != "own":
        assert reading.message == message


def test_xml_entities_are_no_bombs() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE e [<!ENTITY a0 "x">{entities}]><error><title>&a11;</title></error>'
    assert read(404, "xml", bomb.encode()).kind == "own"


@pytest.mark.parametrize(
    "body",
    [
        b"<" * LOOK_LIMIT,
        b"<br>" * (LOOK_LIMIT // 4),
        b"<p>" * (LOOK_LIMIT // 3),
        b"<!doctype html>\n<html lang=en>\n<title>404 x</title>\n<h1>x</h1>\n<p>" + b"<br>" * 2000,
        b"<html>\n <head>\n  <title>404 x</title>\n </head>\n <body>\n  <h1>404 x</h1>\n  " + b"x<br/><br/>" * 700,
        b'<!DOCTYPE html><html lang="en"><head>' + b"</head>" * 1000,
        b"<error>" + b"<title>x</title>" * 500,
        b"<a>" + b" " * 8000 + b"<",
        b"[" * LOOK_LIMIT,
        b'{"a":' * 1600,
        b"not found: '" * 600,
        b"requested url " * 500 + b"not found",
        b"&" * LOOK_LIMIT,
        b"404 Not Found\n\n" * 500,
    ],
    ids=range(14),
)
def test_a_hostile_body_is_read(body: bytes) -> None:
    for label in get_args(Family):
        for kind in [read(404, label, body).kind for _ in range(3)]:
            assert kind in get_args(Kind)


@settings(max_examples=500, deadline=None)
@given(
    st.integers(400, 999),
    st.sampled_from(get_args(Family)),
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(["utf-8", "latin-1", "utf-16", "x-klingon", "", "idna", "base64"]),
)
def test_no_body_fails(status: int, label: Family, body: bytes, charset: str) -> None:
    reading = read(status, label, body, charset)
    assert reading.kind in get_args(Kind) and reading.family in get_args(Family)


# -- messages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  a  b\t c ", "a b c"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\x00\x1b[31mb\x7f", "a[31mb"),
        ("a\u202eb\u2066c\u200fd\u061ce", "abcde"),
        ("a\ud800b\ufffec\ufffd", "abc\ufffd"),
        ("\U0001f4a9 caf\u00e9 \u65e5\u672c", "\U0001f4a9 caf\u00e9 \u65e5\u672c"),
        ("\x00", ""),
    ],
)
def test_a_message_is_made_fit_to_be_shown(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text(st.characters(exclude_categories=()), max_size=100))
def test_cleaning_is_done_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    clean(text).encode()  # no lone surrogate is left that can't be encoded


def test_a_long_message_is_cut() -> None:
    assert len(clean("x" * 5000)) == 2048 and clean("x" * 5000).endswith("\u2026")


# -- answers to HEAD, debuggers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "label", "body"),
    [
        (404, "text", "Not Found"),
        (404, "text", "404: Not Found"),
        (404, "text", bodies.BLACKSHEEP_404),
        (500, "text", "Internal Server Error"),
        (500, "text", bodies.AIOHTTP_500),
        (404, "html", bodies.django()),
        (500, "html", bodies.django("Server Error (500)", "")),
        (403, "html", bodies.django("403 Forbidden", "")),
        (400, "html", bodies.django("Bad Request (400)", "")),
        (404, "json", bodies.FASTAPI_404),
        (404, "json", bodies.LITESTAR_404),
        (404, "json", bodies.FALCON_404),
    ],
)
def test_the_length_of_a_stock_body_is_known(status: int, label: Family, body: str) -> None:
    assert has_stock_length(status, label, len(body.encode()))


@pytest.mark.parametrize("label", get_args(Family))
def test_other_lengths_are_an_applications_own(label: Family) -> None:
    for length in (1, 5000, 10**12):
        assert not has_stock_length(404, label, length)


@pytest.mark.parametrize(
    "body",
    [
        bodies.STARLETTE_DEBUGGER,
        "<html><title>Litestar exception page</title>",
        "<!doctype html><title>RuntimeError // Werkzeug Debugger</title>",
        "<title>RuntimeError // Backlash</title>",
        "You're seeing this error because you have <code>DEBUG = True</code>",
        "\n<style>\npre { color: red }",
    ],
)
def test_a_debuggers_page_is_recognised(body: str) -> None:
    assert shows_debugger(body.encode())


def test_no_frameworks_page_is_taken_for_a_debuggers() -> None:
    for _, body in (*FRAMES.values(), *STOCK_PAGES.values()):
        assert not shows_debugger(body.encode())
