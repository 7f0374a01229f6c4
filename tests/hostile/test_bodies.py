"""Bodies made to be slow or to fail: deep JSON, entity bombs, HTML against every pattern, one byte at a time."""

from __future__ import annotations

import contextlib
from itertools import product

import pytest
from tests import bodies
from tests.drivers import WSGIServer
from tests.hostile.exchanges import Exchange, asgi_app, check, environ_of, run_asgi_without_loop, scope_of, wsgi_app
from tests.hostile.work import Run, assert_linear

from errorpages.core import LOOK_LIMIT
from errorpages.stock import LONGEST_DOCUMENT, clean, read

FIELDS = (("Accept", b"text/html"),)
TYPES = {
    "html": b"text/html; charset=utf-8",
    "text": b"text/plain",
    "json": b"application/json",
    "xml": b"application/xml",
    "none": b"",
}
DIGITS = "9" * 5000


def exchange_of(label: str, body: str, **more: str) -> Exchange:
    head = (("Content-Type", TYPES[label]),) if TYPES[label] else ()
    return Exchange(head=head, pieces=(body.encode("utf-8", "surrogatepass"),), fields=FIELDS, **more)  # type: ignore[arg-type]


# -- what must not fail ------------------------------------------------------------------------------------------------

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE e [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><e>&i;</e>"
)
STRANGE: dict[str, tuple[str, str]] = {
    "deep arrays": ("json", "[" * 8000),
    "deep objects": ("json", '{"a":' * 1500),
    "deep, and closed": ("json", '{"detail":"No","a":' + "[" * 3000 + "]" * 3000 + "}"),
    "as deep as the reader goes": ("json", '{"detail":"No","a":' + "[" * 900 + "]" * 900 + "}"),
    "a number beyond integers": ("json", '{"detail":"No","code":' + DIGITS + "}"),
    "a number beyond floats": ("json", '{"detail":"No","code":1e999}'),
    "a number below floats": ("json", '{"detail":"No","more":[-1e999]}'),
    "no JSON that Python reads": ("json", '{"detail":"No","code":NaN}'),
    "half a surrogate": ("json", '{"detail":"\\ud800","\\udfff":1}'),
    "a member twice": ("json", '{"detail":"a","detail":{"detail":"b"}}'),
    "an entity bomb": ("xml", BOMB),
    "an outer entity": ("xml", '<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><e>&x;</e>'),
    "a character beyond integers in XML": ("xml", f"<error><title>&#{DIGITS};</title></error>"),
    "a character beyond integers in HTML": ("html", f"<p>&#{'9' * 4000};</p>"),
    "a character beyond integers as HTML": ("html", f"&#{DIGITS};"),
    "a character beyond integers in a frame": ("html", bodies.werkzeug().replace("<p>", f"<p>&#{DIGITS};")),
    "a section that is none": ("html", "<![if x]>"),
    "many of them": ("html", "<![" * 1000),
    "a section that is none, unlabelled": ("none", "<html><![ x"),
    "a declaration that is none": ("html", "<!x <!\x00 <! >"),
    "zeros": ("html", "\x00" * 4000),
    "half a surrogate as bytes": ("text", "\ud800\udfff"),
    "a byte order mark": ("text", "\ufeffNot Found"),
}


@pytest.mark.parametrize(("label", "body"), STRANGE.values(), ids=STRANGE)
def test_no_body_fails(label: str, body: str) -> None:
    for site, status, accept in product(("default", "problem", "all"), (404, 500), (b"text/html", b"application/json")):
        exchange = exchange_of(label, body, site=site)
        check(Exchange(**{**exchange.__dict__, "status": status, "fields": (("Accept", accept),)}))


# -- what must not be slow ---------------------------------------------------------------------------------------------

WERKZEUG = "<!doctype html>\n<html lang=en>\n<title>404 x</title>\n<h1>x</h1>\n<p>"
DJANGO = '<!doctype html>\n<html lang="en">\n<head>\n  <title>x</title>\n</head>\n<body>\n  <h1>x</h1><p>'
WEBOB = "<html>\n <head>\n  <title>404 x</title>\n </head>\n <body>\n  <h1>404 x</h1>\n  "
BOTTLE = '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">'
BOTTLE_STYLE = f'{BOTTLE}<html><head><title>Error: 404 x</title><style type="text/css">'
BOTTLE_BODY = f"{BOTTLE_STYLE}</style></head><body><h1>Error: 404 x</h1>"
CHERRYPY_TYPE = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "x">'
CHERRYPY = (
    f"{CHERRYPY_TYPE}<html><head><meta x></meta><title>404 x</title><style></style></head><body><h2>404 x</h2><p>"
)
CHERRYPY_END = f'{CHERRYPY}m</p><pre id="traceback"></pre><div id="powered_by">'
CSRF = '<!DOCTYPE html><html lang="en"><head>'
CSRF_BODY = f'{CSRF}</head><body><div id="summary"><h1>x <span>(403)</span></h1>'

BEGINNINGS: dict[str, tuple[str, str]] = {
    "nothing, as HTML": ("html", ""),
    "a document": ("html", "<!doctype html>"),
    "Werkzeug's heading": ("html", WERKZEUG.removesuffix("\n<p>")),
    "Werkzeug's message": ("html", WERKZEUG),
    "Django's message": ("html", DJANGO),
    "WebOb's explanation": ("html", WEBOB),
    "WebOb's message": ("html", f"{WEBOB}x<br /><br />"),
    "WebOb's comment": ("html", f"{WEBOB}x<br /><br />m<!--"),
    "Bottle's start": ("html", BOTTLE),
    "Bottle's style": ("html", BOTTLE_STYLE),
    "Bottle's address": ("html", f"{BOTTLE_BODY}<p>Sorry, the requested URL <tt>"),
    "Bottle's message": ("html", f"{BOTTLE_BODY}<p>Sorry, the requested URL <tt>x</tt> caused an error:</p><pre>"),
    "CherryPy's start": ("html", CHERRYPY_TYPE),
    "CherryPy's message": ("html", CHERRYPY),
    "CherryPy's end": ("html", CHERRYPY_END),
    "Django's CSRF start": ("html", CSRF),
    "Django's CSRF paragraphs": ("html", CSRF_BODY),
    "nothing, as text": ("text", ""),
    "WebOb's text": ("text", "404 Not Found\n\nx\n\n\n"),
    "WebOb's explanation in text": ("text", "404 Not Found\n\n"),
    "Sanic's text": ("text", "\u26a0\ufe0f 404 \u2014 Not Found\n"),
    "Bottle's sentence": ("text", "Not found: '"),
    "Sanic's sentence": ("text", "Requested URL "),
    "CherryPy's sentence": ("text", "The path '"),
    "nothing, as JSON": ("json", ""),
    "a JSON message": ("json", '{"detail":"'),
    "WebOb's JSON": ("json", '{"message":"x<br />'),
    "nothing, as XML": ("xml", ""),
    "an XML declaration": ("xml", "<?xml "),
    "an XML error": ("xml", "<error>"),
    "an XML member": ("xml", "<error><title>"),
    "nothing, unlabelled": ("none", ""),
}
UNITS = [
    "<", "</", "<!", "<!--", "-->", "--", "<?", "<a ", "<a\t", "<a/", "<a b=", "<a b='", '<a b="', "<a b=c ", "</a ",
    "<br", "<br ", "<br />", "<p>", "</p>", "<p></p>", "</div>", "</head>", "</title>", "<title>", "<textarea>",
    "<script>", "<style>", "<h1>", "&", "&#", "&#x", "&amp;", "&lt", " ", "\n", "\t", "\n\n", " \n", "a ", "'", '"',
    "[", "{", '{"a":', "\\u0041", "a", "<a>", "</a>", "<a>x</a>", " not found", "\u26a0", "1", "_", "404 ", "=\n",
    "<br />\n", "<![CDATA[", "]]>", "\x00", "-", ".",
]  # fmt: skip


@pytest.mark.parametrize(("label", "beginning"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_no_body_takes_more_than_linear_time_to_read(label: str, beginning: str) -> None:
    for unit in UNITS:
        for size in (LONGEST_DOCUMENT, LOOK_LIMIT):

            def run(length: int, unit: str = unit) -> Run:
                body = (beginning + unit * length).encode()[:length]
                return lambda: _read(label, body)

            assert_linear(run, size, repr(unit))


def _read(label: str, body: bytes) -> None:
    with contextlib.suppress(Exception):  # what must not fail is another test's
        read(404, label, body)  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", UNITS)
def test_no_message_takes_more_than_linear_time_to_clean(unit: str) -> None:
    def run(length: int) -> Run:
        message = unit * (length // len(unit))
        return lambda: clean(message)

    assert_linear(run, LOOK_LIMIT)


def bytewise(size: int) -> Exchange:
    return Exchange(head=(("Content-Type", b"text/html"),), pieces=(b"x",) * size, fields=FIELDS)


@pytest.mark.parametrize("protocol", ["WSGI", "ASGI"])
def test_one_byte_at_a_time_takes_linear_time(protocol: str) -> None:
    """Looking at the body again after each chunk would take 16 times as long for 4 times as much."""

    def run(size: int) -> Run:
        exchange = bytewise(size)
        if protocol == "WSGI":
            wsgi, environ = wsgi_app(exchange), environ_of(exchange)
            return lambda: WSGIServer().run(wsgi, environ)
        asgi, scope = asgi_app(exchange), scope_of(exchange)
        return lambda: run_asgi_without_loop(asgi, scope)

    assert_linear(run, 8000)
