"""The whole contract as one table: what a client asked, what the application answered, what must come out.

Each row goes through the core, WSGI and ASGI, with the body in one piece and split in every way; the three must agree
byte for byte. The rows follow docs/replacement.md first, then what a page is.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from tests import bodies
from tests.drivers import (
    ASGI_WAYS,
    HTML,
    JSON,
    NOT_STORABLE,
    TEXT,
    WSGI_WAYS,
    XML,
    Answer,
    Response,
    asgi_whole,
    ask,
    checked,
    data,
    is_held,
    markup,
    names_in,
    respond,
    shown,
    text,
    through_asgi,
    through_core,
    through_wsgi,
    wsgi_list,
)

from errorpages import ErrorPages, Request, catalogue
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

# -- what may come out -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """The application's own response goes out, with no change but these."""

    vary: str = ""
    no_store: bool = False
    private: bool = False
    without: str = ""

    def check(self, case: Case, answer: Answer) -> None:
        response = case.response
        expected = [item for item in response.headers if item[0].lower() not in names_in(self.without)]
        if self.vary:
            expected = [item for item in expected if item[0].lower() != "vary"]
        if self.private:
            expected = [item for item in expected if item[0].lower() not in POLICY_FIELDS]
            expected.append(("Cache-Control", "private, no-store"))
        expected += NOT_STORABLE if self.no_store else ()
        assert answer.status == response.status
        assert answer.body == response.body
        assert _sorted(item for item in answer.headers if not self.vary or item[0].lower() != "vary") == _sorted(
            expected
        )
        if self.vary:
            assert answer.vary == names_in(self.vary)


UNTOUCHED = Kept()
POLICY_FIELDS = {"cache-control", "pragma", "expires", "cdn-cache-control", "surrogate-control"}


@dataclass(frozen=True)
class Shown:
    """A page goes out.

    Attributes:
        format: ``html``, ``fragment``, ``text``, ``line``, ``json``, ``markdown`` or ``xml``.
        message: The application's own words on it; without them it shows none.
        vary: The names in Vary, exactly; by default those that the choice of this format consults. Accept-Encoding
            is for `coding` to say.
        says: What must stand in the body.
        lacks: What must not.
        fields: Fields with their values, all of one name joined; None for one that must be absent.
        language: Content-Language.
        coding: ``gzip`` or ``identity`` where Accept-Encoding decides, ``alone`` where it must not, or ``any``.
    """

    format: str = "html"
    message: str | None = None
    vary: str | None = None
    says: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    fields: Mapping[str, str | None] = field(default_factory=dict)
    language: str = "en"
    coding: str = "any"

    def check(self, case: Case, answer: Answer) -> None:
        assert answer.field("Content-Encoding") == ("gzip" if self.coding == "gzip" else None)
        if self.coding != "any":
            assert ("accept-encoding" in answer.vary) == (self.coding != "alone")
        assert answer.status == case.response.status
        assert answer.field("X-Error-Pages") == "page"
        assert answer.field("X-Content-Type-Options") == "nosniff"
        assert answer.field("X-Robots-Tag") == "noindex"
        assert answer.field("Content-Language") == self.language
        assert answer.field("Content-Type") == CONTENT_TYPES[self.format]
        consulted = answer.vary - {"accept-encoding"}
        assert consulted == names_in(CONSULTED[self.format] if self.vary is None else self.vary)
        for name, value in self.fields.items():
            assert answer.field(name) == value, name
        has_policy = self.format == "html" and case.options.get("csp", "auto") == "auto"
        assert (answer.field("Content-Security-Policy") is not None) == has_policy
        if case.request.method == "HEAD":
            assert answer.body == b""
            assert int(answer.field("Content-Length") or 0) > 0
            return
        assert answer.field("Content-Length") == str(len(answer.body))
        if self.coding == "gzip":
            answer = replace(answer, body=gzip.decompress(answer.body))
        CHECKS[self.format](answer, self.message)
        for piece in self.says:
            assert piece in answer.text
        for piece in self.lacks:
            assert piece not in answer.text


SITE_MESSAGE = "This site&#39;s own message"
CONTENT_TYPES = {
    "html": HTML,
    "fragment": HTML,
    "text": TEXT,
    "line": TEXT,
    "markdown": "text/markdown; charset=utf-8",
    "json": "application/problem+json",
    "xml": "application/problem+xml",
}
CONSULTED = {
    "html": "Accept, Sec-Fetch-Dest, HX-Request",
    "script": "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, HX-Request, HX-History-Restore-Request",
    "form": "Accept, Sec-Fetch-Dest, HX-Request, Turbo-Frame",
    "fragment": "Accept, Sec-Fetch-Dest, HX-Request, HX-Boosted, HX-History-Restore-Request",
    "named": "Accept, Sec-Fetch-Dest",
    "text": "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, HX-Request",
    "line": "Sec-Fetch-Dest",
    "markdown": "Accept, Sec-Fetch-Dest",
    "json": "Accept, Sec-Fetch-Dest",
    "xml": "Accept, Sec-Fetch-Dest",
}
NAVIGATION = "Accept, Sec-Fetch-Mode, Sec-Fetch-Dest, HX-Request, X-Requested-With"
"""What is consulted to tell that a person's browser navigates."""
PROGRAM = "Accept, Sec-Fetch-Mode, Sec-Fetch-Dest"
"""What is consulted to tell that none does."""
DATA = "Accept, HX-Request"
"""What is consulted for data where the client does not name its type."""


def _check_document(answer: Answer, message: str | None) -> None:
    page = answer.text
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    _check_main(answer, message)


def _check_fragment(answer: Answer, message: str | None) -> None:
    assert answer.text.startswith("<main") and answer.text.endswith("</main>")
    _check_main(answer, message)


def _check_main(answer: Answer, message: str | None) -> None:
    page = answer.text
    assert page.count("<main") == page.count("<h1") == 1
    assert f">{answer.status}" in page
    if message is None:
        assert SITE_MESSAGE not in page and 'dir="auto"' not in page
    else:
        found = re.search(r'dir="auto">(.*?)</', page, re.DOTALL)
        assert found and _unquoted(found[1]) == shown(message)


def _unquoted(markup_text: str) -> str:
    return markup_text.replace("&#39;", "'").replace("&#34;", '"').replace("&quot;", '"')


def _check_text(answer: Answer, message: str | None) -> None:
    assert "<h1" not in answer.text and "\N{ESCAPE}" not in answer.text
    assert f"Status: {answer.status}" in answer.text
    assert ("This site's own message" in answer.text) == (message is not None)
    for line in (message or "").splitlines():
        assert line in answer.text


def _check_line(answer: Answer, message: str | None) -> None:
    assert answer.body.count(b"\n") == 1 and answer.body.endswith(b"\n") and len(answer.body) < 60
    assert answer.text.startswith(str(answer.status))


def _check_markdown(answer: Answer, message: str | None) -> None:
    assert answer.text.startswith("# ")
    assert str(answer.status) in answer.text
    assert message is None or message in answer.text


def _check_json(answer: Answer, message: str | None) -> None:
    problem = json.loads(answer.body)
    assert problem["status"] == answer.status
    assert problem["type"] == "about:blank"
    assert problem["title"] == catalogue[answer.status].name
    _check_words(answer.status, problem["detail"], message)


def _check_xml(answer: Answer, message: str | None) -> None:
    root = ElementTree.fromstring(answer.body)
    found = {element.tag.rpartition("}")[2]: element.text or "" for element in root}
    assert root.tag == "{urn:ietf:rfc:7807}problem"
    assert found["status"] == str(answer.status)
    _check_words(answer.status, found["detail"], message)


def _check_words(status: int, detail: str, message: str | None) -> None:
    if message is not None:
        assert detail == message
    else:
        assert detail.startswith(catalogue[status].message or "")


CHECKS: dict[str, Callable[[Answer, str | None], None]] = {
    "html": _check_document,
    "fragment": _check_fragment,
    "text": _check_text,
    "line": _check_line,
    "markdown": _check_markdown,
    "json": _check_json,
    "xml": _check_xml,
}


@dataclass(frozen=True)
class Problem:
    """The application's JSON error goes out as problem details with exactly these members (but for a reference)."""

    members: Mapping[str, Any]

    def check(self, case: Case, answer: Answer) -> None:
        assert answer.status == case.response.status
        assert answer.field("Content-Type") == "application/problem+json"
        assert answer.field("Content-Length") == str(len(answer.body))
        assert answer.is_page
        found = json.loads(answer.body)
        if answer.status >= 500:
            assert found.pop("reference") and found.pop("instance").startswith("urn:uuid:")
        assert found == {"type": "about:blank", "status": answer.status, **self.members}


@dataclass(frozen=True, eq=False)
class Case:
    """One row."""

    request: Request
    response: Response
    expected: Kept | Shown | Problem
    options: Mapping[str, Any] = field(default_factory=dict)


@cache
def pages_for(case: Case) -> ErrorPages:
    """Make the pages once for each row; one language, so that its negotiation is in the rows about it alone."""
    if not case.options:
        return _default_pages()
    return ErrorPages(**{"languages": ["en"], **case.options})


@cache
def _default_pages() -> ErrorPages:
    return ErrorPages(languages=["en"])


def _sorted(headers: Any) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in headers)


# -- short forms -------------------------------------------------------------------------------------------------------

NOT_FOUND = text("Not Found")
WORDS = text("No such invoice")
FLASK = markup(bodies.werkzeug())
FLASK_WORDS = markup(bodies.werkzeug(404, "No such invoice"))
PLAIN_JSON = data('{"detail":"No such invoice"}')
RICH_JSON = data('{"detail":"No such invoice","invoice":{"id":7}}', 409)
OWN_PAGE = markup('<!doctype html><title>Lost</title><body class="shop"><h1>We looked everywhere</h1></body>')
OWN_503 = markup('<!doctype html><body class="shop"><h1>Back soon</h1></body>', 503)

curl = ask("*/*")
nobody = ask(None)
browser = ask()
api = ask("application/json")
script = ask("*/*", sec_fetch_dest="empty")

html_only = ask("text/html")


def with_fields(*fields: tuple[str, str], status: int = 404, body: str = "Not Found") -> Response:
    return text(body, status, *fields)


def row(
    id: str,
    request: Request,
    response: Response,
    expected: Kept | Shown | Problem,
    **options: Any,
) -> Any:
    return pytest.param(Case(request, response, expected, options), id=id)


PAGE = Shown()
PRIVATE = {"Cache-Control": "private, no-store"}
NAVIGATED = Shown(vary=NAVIGATION)

# -- section 4 ---------------------------------------------------------------------------------------------------------

OUTSIDE = [
    row("a status outside of statuses is kept", browser, text("Forbidden", 403), UNTOUCHED, statuses="404 5xx"),
    row("a status inside of statuses is replaced", browser, NOT_FOUND, PAGE, statuses="404 5xx"),
    row("a range of statuses includes its first", browser, text("", 500), PAGE, statuses="500-503"),
    row("a range of statuses includes its last", browser, text("", 503), PAGE, statuses="500-503"),
    row("a range of statuses ends there", browser, text("", 504), UNTOUCHED, statuses="500-503"),
    row("a 503 outside of statuses gets no cache policy either", browser, OWN_503, UNTOUCHED, statuses="4xx"),
    row("vendors' 783 is looked at by default", browser, text("", 783), PAGE),
    row("vendors' 999 is looked at by default", browser, text("", 999), PAGE),
    row("vendors' 999 is outside of 5xx", browser, text("", 999), UNTOUCHED, statuses="5xx"),
    row("a code that nobody defined is replaced", browser, text("", 499), PAGE),
    row("a 5xx that nobody defined is replaced", browser, text("", 555), PAGE),
    row("a page of ours is kept", browser, with_fields(("X-Error-Pages", "page")), UNTOUCHED),
    row("a maintenance page of ours is kept", browser, with_fields(("X-Error-Pages", "maintenance")), UNTOUCHED),
    row("a 404's unknown marker does not protect it", browser, with_fields(("X-Error-Pages", "what")), PAGE),
]

ASKED_TO_KEEP = [
    row("the keep header keeps, and is removed", browser, with_fields(("X-Error-Pages", "keep")),
        Kept(without="X-Error-Pages")),
    row("the keep header counts in any case", browser, with_fields(("x-error-pages", "Keep")),
        Kept(without="X-Error-Pages")),
    row("the keep header keeps wholly untouched", browser, with_fields(("X-Error-Pages", "keep"), status=503),
        Kept(without="X-Error-Pages")),
    row("errorpages.keep in environ or scope keeps", ask(native={"errorpages.keep": True}), text("", 503), UNTOUCHED),
    row("errorpages.keep that is false does not", ask(native={"errorpages.keep": False}), NOT_FOUND, PAGE),
    row("an excluded path is kept wholly untouched", ask(path="/api/x"), text("", 503), UNTOUCHED, exclude="/api/*"),
    row("an excluded glob crosses slashes", ask(path="/api/x/y"), NOT_FOUND, UNTOUCHED, exclude="/api/*"),
    row("globs are case-sensitive", ask(path="/API/x"), NOT_FOUND, PAGE, exclude="/api/*"),
    row("a glob stands for the whole path", ask(path="/v1/api/x"), NOT_FOUND, PAGE, exclude="/api/*"),
    row("any of several globs excludes", ask(path="/health"), NOT_FOUND, UNTOUCHED, exclude=("/api/*", "/health")),
    row("globs look at the path below the mount", ask(path="/api/x", root_path="/shop"), NOT_FOUND, UNTOUCHED,
        exclude="/api/*"),
    row("globs do not look at the mount", ask(path="/x", root_path="/api"), NOT_FOUND, PAGE, exclude="/api/*"),
    row("globs look at the decoded path", ask(path="/caf\u00e9/1"), NOT_FOUND, UNTOUCHED, exclude="/caf\u00e9/*"),
]  # fmt: skip

DEBUGGING = ask(native={"app": SimpleNamespace(debug=True)})
DEBUG = [
    row("debug=True keeps a 500", browser, text("Traceback", 500), Kept(no_store=True), debug=True),
    row("debug=True replaces a 404", browser, NOT_FOUND, PAGE, debug=True),
    row("debug=False replaces a 500", browser, text("", 500), PAGE, debug=False),
    row("debug=False overrules the framework", DEBUGGING, text("", 500), PAGE, debug=False),
    row("a framework in debug mode keeps its 500", DEBUGGING, text("", 500), Kept(no_store=True)),
    row("a framework in debug mode has its 404 replaced", DEBUGGING, NOT_FOUND, PAGE),
    row("Litestar in debug mode keeps its 500", ask(native={"litestar_app": SimpleNamespace(debug=True)}),
        text("", 500), Kept(no_store=True)),
    row("Werkzeug's debugger keeps its 500", ask(native={"werkzeug.debug.preserve_context": print}), text("", 500),
        Kept(no_store=True)),
    row("a framework that is not in debug mode has its 500 replaced", ask(native={"app": SimpleNamespace(debug=False)}),
        text("", 500), PAGE),
    row("a debugger's page is kept", browser, markup(bodies.STARLETTE_DEBUGGER, 500), Kept(no_store=True)),
    row("debug=False replaces a debugger's page", browser, markup(bodies.STARLETTE_DEBUGGER, 500), PAGE, debug=False),
    row("debug=False replaces a long debugger's page", browser,
        markup(bodies.STARLETTE_DEBUGGER + " " * 60_000, 500), PAGE, debug=False),
    row("a 999 is no server error", DEBUGGING, text("", 999), PAGE),
    row("a 783 is no server error", DEBUGGING, text("", 783), Shown(lacks=("Reference",))),
]  # fmt: skip

PROPFIND = ask("text/xml, text/calendar", method="PROPFIND")
OTHER_METHODS = [
    row("a WebDAV client's PROPFIND is left alone", PROPFIND, NOT_FOUND, UNTOUCHED),
    *[
        row(f"{method} is left alone", ask(method=method), NOT_FOUND, UNTOUCHED)
        for method in ("REPORT", "MKCOL", "LOCK", "SEARCH", "TRACE", "get")
    ],
    row("a method without an end is left alone", ask(method="x" * 9000), NOT_FOUND, UNTOUCHED),
    *[
        row(f"{method} is looked at", ask("*/*", method=method), text("Method Not Allowed", 405), Shown("text"))
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")
    ],
    row("a feed reader keeps the application's words", ask("application/rss+xml, application/xml;q=0.9"), WORDS,
        Kept(vary=PROGRAM)),
    row("a 503 of another protocol's method is not stored", PROPFIND, text("", 503), Kept(no_store=True)),
]  # fmt: skip

GZIPPED = bytes.fromhex("1f8b0800000000000003f3cb2f5170cb2fcd4b0100d3c9b4c609000000")
OTHER_TYPES = [
    row("an attachment is kept", browser, with_fields(("Content-Disposition", 'attachment; filename="a.txt"')),
        UNTOUCHED),
    row("a disposition in capitals is one", browser, with_fields(("Content-Disposition", "Attachment")), UNTOUCHED),
    row("an inline disposition is no attachment", browser, with_fields(("Content-Disposition", "inline")), PAGE),
    row("an image is kept", browser, respond(404, b"\x89PNG\r\n", "image/png"), UNTOUCHED),
    row("an SVG image is kept", browser, respond(404, "<svg/>", "image/svg+xml"), UNTOUCHED),
    row("an empty image is kept", browser, respond(404, b"", "image/png"), UNTOUCHED),
    row("an event stream is kept", browser, respond(404, "data: x\n\n", "text/event-stream", length=None), UNTOUCHED),
    row("gRPC is kept", browser, respond(404, b"", "application/grpc"), UNTOUCHED),
    row("a style sheet is kept", browser, respond(404, "Not Found", "text/css"), UNTOUCHED),
    row("JavaScript is kept", browser, respond(404, "Not Found", "text/javascript"), UNTOUCHED),
    row("bytes are kept", browser, respond(404, b"Not Found", "application/octet-stream"), UNTOUCHED),
    row("a form's data is kept", browser, respond(404, "a=b", "application/x-www-form-urlencoded"), UNTOUCHED),
    row("encoded content is kept", browser, respond(404, GZIPPED, TEXT, ("Content-Encoding", "gzip")), UNTOUCHED),
    row("identity is no encoding", browser, with_fields(("Content-Encoding", "identity")), PAGE),
    row("an image with 503 is kept and not stored", browser, respond(503, b"\x89PNG", "image/png"),
        Kept(no_store=True)),
    row("a type in capitals is the same type", browser, respond(404, "Not Found", "TEXT/PLAIN"), PAGE),
    row("XHTML is HTML", browser, respond(404, "", "application/xhtml+xml"), PAGE),
]  # fmt: skip

DATA_KEPT = [
    row("JSON is kept for */*", curl, PLAIN_JSON, Kept(vary=DATA)),
    row("JSON is kept without Accept", nobody, PLAIN_JSON, Kept(vary=DATA)),
    row("JSON is kept for an API client", api, PLAIN_JSON, Kept(vary="Accept")),
    row("JSON is kept for a script", script, PLAIN_JSON, Kept(vary=DATA)),
    row("JSON is kept for who likes HTML as much", ask("text/html, application/json"), PLAIN_JSON, Kept(vary="Accept")),
    row("JSON is kept for who likes HTML less", ask("application/json, text/html;q=0.9"), PLAIN_JSON,
        Kept(vary="Accept")),
    row("JSON with an unreadable Accept is kept", ask(";;;"), PLAIN_JSON, Kept(vary=DATA)),
    row("problem details are kept for an API client", api, data(bodies.CONNEXION_404, type="application/problem+json"),
        Kept(vary="Accept")),
    row("rich JSON is kept for a browser", browser, RICH_JSON, Kept(vary=NAVIGATION)),
    row("a list of errors is kept for a browser", browser, data(bodies.FASTAPI_422, 422), Kept(vary=NAVIGATION)),
    row("JSON that is no object is kept for a browser", browser, data('["no"]'), Kept(vary=NAVIGATION)),
    row("broken JSON is kept for a browser", browser, data('{"detail": '), Kept(vary=NAVIGATION)),
    row("GraphQL is kept for a browser", browser, data(bodies.GRAPHQL, 400), Kept(vary=NAVIGATION)),
    row("JSON with a filled extra is kept for a browser", browser, data('{"detail":"No","extra":{"a":1}}'),
        Kept(vary=NAVIGATION)),
    row("JSON of a kind is kept for an API client", api, data('{"a":1}', type="application/vnd.acme+json"),
        Kept(vary="Accept")),
    row("JSON of a kind with members of its own is kept for a browser", browser,
        data('{"a":1}', type="application/vnd.acme+json"), Kept(vary=NAVIGATION)),
    row("long JSON is kept for a browser", browser, data(json.dumps({"detail": "x" * 9000})), Kept(vary=NAVIGATION)),
    row("kept JSON with 503 is not stored", api, data('{"detail":"Away"}', 503), Kept(vary="Accept", no_store=True)),
    row("kept JSON with 429 is not stored", api, data('{"detail":"Slow down"}', 429),
        Kept(vary="Accept", no_store=True)),
    row("kept JSON with 503 keeps its own policy", api,
        data('{"detail":"Away"}', 503, ("Cache-Control", "max-age=5")), Kept(vary="Accept")),
    row("XML is kept for */*", curl, data(bodies.FALCON_XML_404, type=XML), Kept(vary=DATA)),
    row("SOAP is kept for a browser", browser, data(bodies.SOAP, 500, type="text/xml"),
        Kept(vary=NAVIGATION, no_store=True)),
    row("JSON labelled as text is kept for */*", curl, text(bodies.LITESTAR_404), Kept(vary=DATA)),
    row("JSON labelled as HTML is kept for */*", curl, markup(bodies.LITESTAR_404), Kept(vary=DATA)),
    row("JSON without a label is kept for */*", curl, respond(404, bodies.LITESTAR_404, None), Kept(vary=DATA)),
    row("XML labelled as text is kept for */*", curl, text(bodies.FALCON_XML_404), Kept(vary=DATA)),
    row("an empty body labelled JSON is kept for */*", curl, data(""), Kept(vary=DATA)),
    row("an empty body labelled JSON is kept for an API client", api, data(""), Kept(vary="Accept")),
    row("JSON is kept where no HTML is offered, whoever asks", browser, PLAIN_JSON, UNTOUCHED, formats="json text"),
]  # fmt: skip

DATA_REPLACED = [
    row("a browser that opens a JSON error gets a page", browser, PLAIN_JSON,
        Shown(message="No such invoice", vary=NAVIGATION)),
    row("FastAPI's stock JSON has no message", browser, data(bodies.FASTAPI_404), NAVIGATED),
    row("Litestar's stock JSON has no message", browser, data(bodies.LITESTAR_404), NAVIGATED),
    row("Falcon's stock JSON has no message", browser, data(bodies.FALCON_404), NAVIGATED),
    row("Falcon's description is the message", browser,
        data('{"title": "404 Not Found", "description": "No such invoice"}'),
        Shown(message="No such invoice", vary=NAVIGATION)),
    row("Sanic's stock JSON has no message", browser, data(bodies.SANIC_JSON_404), NAVIGATED),
    row("WebOb's stock JSON has no message", browser, data(bodies.webob_json()), NAVIGATED),
    row("WebOb's detail is the message", browser, data(bodies.webob_json("No such invoice")),
        Shown(message="No such invoice", vary=NAVIGATION)),
    row("Connexion's problem details become a page", browser,
        data(bodies.CONNEXION_404, type="application/problem+json"), NAVIGATED),
    row("Django REST framework's detail is the message", browser, data(bodies.REST_FRAMEWORK_404),
        Shown(message="No Invoice matches the given query.", vary=NAVIGATION)),
    row("empty extra, context and link are plain", browser,
        data('{"detail":"No","extra":{},"context":[],"link":null,"code":7}'), Shown(message="No", vary=NAVIGATION)),
    row("JSON that says nothing becomes a page", browser, data("{}"), NAVIGATED),
    row("JSON labelled as text becomes a page for a browser", browser, text(bodies.LITESTAR_404), NAVIGATED),
    row("JSON labelled as HTML becomes a page for who wants HTML", html_only,
        markup('{"status_code":404,"detail":"No such invoice"}'), Shown(message="No such invoice")),
    row("JSON labelled as HTML becomes a page for a browser too", browser, markup(bodies.LITESTAR_404), NAVIGATED),
    row("Falcon's XML becomes a page for a browser", browser, data(bodies.FALCON_XML_404, type=XML), NAVIGATED),
    row("the description in XML is the message", browser,
        data("<error><title>404 Not Found</title><description>No &amp; no</description></error>", type=XML),
        Shown(message="No & no", vary=NAVIGATION)),
    row("an empty body labelled JSON becomes a page for a browser", html_only, data(""), PAGE),
    row("who prefers HTML a little, but is no browser, gets the data", ask("text/html, application/json;q=0.9"),
        PLAIN_JSON,
        Kept(vary=PROGRAM)),
    row("a JSON error's 5xx words stay inside", browser, data('{"detail":"db1 is down"}', 500),
        Shown(vary=NAVIGATION, lacks=("db1 is down",))),
    row("markup in JSON's detail is escaped", browser, data('{"detail":"<b>no</b> & \'no\'"}'),
        Shown(message="<b>no</b> & 'no'", vary=NAVIGATION, lacks=("<b>",))),
]  # fmt: skip

FRAMES = [
    row("a 404 without a body or type", nobody, respond(404, "", None), Shown("text")),
    row("an empty HTML 404", browser, markup(""), PAGE),
    row("a blank text 404", browser, text(" \n"), PAGE),
    row("Starlette's text for a browser", browser, NOT_FOUND, PAGE),
    row("Starlette's text for curl", curl, NOT_FOUND, Shown("text")),
    row("Starlette's text for an API client", api, NOT_FOUND, Shown("json")),
    row("Starlette's text without Accept", nobody, NOT_FOUND, Shown("text")),
    row("Starlette's 405", browser, text("Method Not Allowed", 405, ("Allow", "GET")), Shown(fields={"Allow": "GET"})),
    row("Starlette's 500", browser, text("Internal Server Error", 500), PAGE),
    row("aiohttp's text", browser, text("404: Not Found"), PAGE),
    row("aiohttp's 500", curl, text(bodies.AIOHTTP_500, 500), Shown("text")),
    row("BlackSheep's text", curl, text(bodies.BLACKSHEEP_404), Shown("text")),
    row("Pyramid's text", curl, text(bodies.pyramid_text()), Shown("text")),
    row("an old name of the code", curl, text("Request-URI Too Long", 414), Shown("text")),
    row("the status line in capitals", curl, text("404 NOT FOUND"), Shown("text")),
    row("Flask's page for a browser", browser, FLASK, PAGE),
    row("Flask's page for curl", curl, FLASK, Shown("text")),
    row("Flask's page for an API client", api, FLASK, Shown("json")),
    row("Flask's page for a script", script, FLASK, Shown("text", vary=CONSULTED["script"])),
    row("Flask's description is the message", browser, FLASK_WORDS, Shown(message="No such invoice")),
    row("Flask's description reaches curl too", curl, FLASK_WORDS, Shown("text", "No such invoice")),
    row("Flask's description reaches an API client", api, FLASK_WORDS, Shown("json", "No such invoice")),
    row("Flask's description with markup and a line break", api,
        markup(bodies.werkzeug(404, "No <b> & such\ninvoice")), Shown("json", "No <b> & such\ninvoice")),
    row("Flask's 500 shows no words", browser, markup(bodies.werkzeug(500, "db1 is down"), 500),
        Shown(vary=NAVIGATION, lacks=("db1",))),
    row("Flask's 405", browser, markup(bodies.werkzeug(405), 405), PAGE),
    row("Django's 404", curl, markup(bodies.django()), Shown("text")),
    row("Django's 500", curl, markup(bodies.django("Server Error (500)", ""), 500), Shown("text")),
    row("Django's 403", curl, markup(bodies.django("403 Forbidden", ""), 403), Shown("text")),
    row("Django's 400", curl, markup(bodies.django("Bad Request (400)", ""), 400), Shown("text")),
    row("Django's CSRF page", browser, markup(bodies.django_csrf(), 403), PAGE),
    row("WebOb's page", curl, markup(bodies.webob()), Shown("text")),
    row("WebOb's detail", curl, markup(bodies.webob("No <b> such")), Shown("text", "No <b> such")),
    row("Pyramid's page with its path is no message", curl, markup(bodies.pyramid()), Shown("text")),
    row("Pyramid's detail", curl, markup(bodies.pyramid("No such invoice")), Shown("text", "No such invoice")),
    row("Bottle's page", curl, respond(404, bodies.bottle(), "text/html; charset=UTF-8"), Shown("text")),
    row("Bottle's message", curl, markup(bodies.bottle("No <b> such")), Shown("text", "No <b> such")),
    row("CherryPy's page", curl, respond(404, bodies.cherrypy(), "text/html;charset=utf-8"), Shown("text")),
    row("CherryPy's message", curl, markup(bodies.cherrypy("No such invoice")), Shown("text", "No such invoice")),
    row("a frame in another charset", api,
        respond(404, bodies.werkzeug(404, "Caf\u00e9").encode("latin-1"), "text/html; charset=ISO-8859-1"),
        Shown("json", "Caf\u00e9")),
    row("a frame in a charset that nobody knows", browser,
        respond(404, bodies.werkzeug(404, "No such invoice"), "text/html; charset=x-klingon"),
        Shown(message="No such invoice")),
]  # fmt: skip

JAVA = ask("text/html, image/gif, image/jpeg, */*; q=0.2")
OLD_JAVA = ask("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2")
DOCUMENT: dict[str, Any] = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
FRAGMENT = Shown("fragment", vary=CONSULTED["fragment"] + ", Sec-Fetch-Mode")
WHO = [
    row("a JDK's client keeps its JSON", JAVA, PLAIN_JSON, Kept(vary=DATA)),
    row("an old JDK's client keeps its JSON", OLD_JAVA, PLAIN_JSON, Kept(vary=DATA)),
    row("a JDK's client gets text for a stock page", JAVA, FLASK, Shown("text")),
    row("an old JDK's client gets text for a stock page", OLD_JAVA, FLASK, Shown("text")),
    row("a JDK's client keeps bare words", JAVA, WORDS, Kept(vary=PROGRAM)),
    row("a program that names HTML first keeps its JSON", ask("text/html, */*;q=0.1"), PLAIN_JSON,
        Kept(vary=DATA + ", Sec-Fetch-Mode, Sec-Fetch-Dest")),
    row("a program that names HTML alone gets the page", html_only, PLAIN_JSON, Shown(message="No such invoice")),
    row("a program that names HTML can not read text", html_only, WORDS,
        Shown(message="No such invoice", vary=PROGRAM + ", HX-Request")),
    row("a browser that says it navigates is one", ask("text/html, */*;q=0.8", **DOCUMENT), PLAIN_JSON,
        Shown(message="No such invoice", vary=DATA + ", Sec-Fetch-Mode, X-Requested-With, Sec-Fetch-Dest")),
    row("a frame navigates", ask("text/html, */*;q=0.8", sec_fetch_dest="iframe"), WORDS,
        Shown(message="No such invoice", vary="Sec-Fetch-Mode, Sec-Fetch-Dest, HX-Request, X-Requested-With, Accept")),
    row("a browser that navigates gets a page whatever it accepts", ask("*/*", **DOCUMENT), NOT_FOUND,
        Shown(vary=CONSULTED["text"] + ", X-Requested-With")),
    row("a browser that navigates, where no HTML is offered, gets text", ask(**DOCUMENT), NOT_FOUND,
        Shown("text", vary="Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, HX-Request, X-Requested-With"),
        formats="json text xml"),
    row("a script's fields are no browser's", ask(sec_fetch_mode="cors", sec_fetch_dest="empty"), WORDS,
        Kept(vary="Sec-Fetch-Mode, Sec-Fetch-Dest, Accept")),
    row("a feed reader that accepts XML gets text", ask("application/atom+xml, application/xml;q=0.9, */*;q=0.1"),
        NOT_FOUND, Shown("text")),
    row("htmx 2 gets a fragment for a stock page", ask("*/*", hx_request="true"), NOT_FOUND, FRAGMENT),
    row("htmx 2 gets a fragment for a plain JSON error", ask("*/*", hx_request="true"), PLAIN_JSON,
        replace(FRAGMENT, message="No such invoice")),
    row("htmx that asks for JSON gets it", ask("application/json", hx_request="true"), PLAIN_JSON, Kept(vary="Accept")),
    row("who accepts anything gets JSON where errors are problem details", curl, NOT_FOUND,
        Shown("json", vary=CONSULTED["text"]), api_errors="problem"),
]  # fmt: skip

WORDS_503 = text("The import is running. Back at 14:00.", 503)
WORDS_502 = text("Remote destination not supported.", 502)
SERVER_WORDS = [
    row("a program keeps the words of a 502", curl, WORDS_502, Kept(vary=PROGRAM, no_store=True)),
    row("an API client keeps the words of a 502", api, WORDS_502, Kept(vary=PROGRAM, no_store=True)),
    row("a person gets a page for a 502, without its words", browser, WORDS_502,
        Shown(vary=NAVIGATION, lacks=("Remote",))),
    row("a program keeps the words of a 503", curl, WORDS_503, Kept(vary=PROGRAM, no_store=True)),
    row("a person sees the words of a 503", browser, WORDS_503,
        Shown(message="The import is running. Back at 14:00.", vary=NAVIGATION)),
    row("an API client gets the words of a 503", api, WORDS_503,
        Shown("json", "The import is running. Back at 14:00.", vary=PROGRAM)),
    row("a program keeps the words in a frame of a 502", curl, markup(bodies.werkzeug(502, "db1 is down"), 502),
        Kept(vary=PROGRAM + ", HX-Request", no_store=True)),
    row("a person gets a page for a frame of a 502", browser, markup(bodies.werkzeug(502, "db1 is down"), 502),
        Shown(vary=NAVIGATION, lacks=("db1",))),
    row("htmx gets a fragment for a frame of a 502", ask("*/*", hx_request="true"),
        markup(bodies.werkzeug(502, "db1 is down"), 502), replace(FRAGMENT, lacks=("db1",))),
    row("a program gets text for a stock 502", curl, markup(bodies.werkzeug(502), 502), Shown("text")),
    row("a program gets the words in a frame of a 503", curl, markup(bodies.werkzeug(503, "Closed"), 503),
        Shown("text", "Closed")),
    row("words of a 4xx that are not shown do not keep its frame", curl, FLASK_WORDS, Shown("text"),
        show_message="5xx"),
    row("words that would not be shown are kept for who can't read them", api, WORDS,
        Kept(vary=PROGRAM), show_message="5xx"),
    row("Envoy's own words are stock", curl, text("no healthy upstream", 503), Shown("text")),
    row("Envoy's reasons are stock", curl,
        text("upstream connect error or disconnect/reset before headers. reset reason: overflow", 503), Shown("text")),
    row("HAProxy's own words are stock", browser,
        markup("<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n"
               "</body></html>", 503), Shown(vary=NAVIGATION)),
]  # fmt: skip

VALIDATORS = (("ETag", '"a"'), ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"), ("Accept-Ranges", "bytes"))
CONDITIONS = [
    *[
        row(f"an empty {status} is kept for {who}", request, text("", status, *VALIDATORS), Kept(vary=vary))
        for status in (412, 416)
        for who, request, vary in (
            ("curl", curl, PROGRAM + ", HX-Request"), ("an API client", api, PROGRAM + ", HX-Request"),
            ("htmx", ask("*/*", hx_request="true"), PROGRAM + ", HX-Request"),
        )
    ],
    *[
        row(f"an empty {status} becomes a page for a browser, and keeps its validators", browser,
            text("", status, *VALIDATORS), Shown(vary=NAVIGATION, fields=dict(VALIDATORS)))
        for status in (412, 416)
    ],
    row("a stock 416 keeps its validators", curl, text("Range Not Satisfiable", 416, *VALIDATORS),
        Shown("text", fields=dict(VALIDATORS))),
]  # fmt: skip

EXPIRED = "This form has expired"
OTHER_FRAMES = [
    row("Django's CSRF page has words of its own", browser, markup(bodies.django_csrf(), 403),
        Shown(says=(EXPIRED,), lacks=("CSRF",))),
    *[
        row(f"Flask-WTF: {words}", browser, markup(bodies.werkzeug(400, words), 400),
            Shown(says=(EXPIRED,), lacks=("CSRF",)))
        for words in (
            "The CSRF token is missing.", "The CSRF session token is missing.", "The CSRF token has expired.",
            "The CSRF token is invalid.", "The CSRF tokens do not match.",
        )
    ],
    row("Flask-WTF for an API client", api, markup(bodies.werkzeug(400, "The CSRF token has expired."), 400),
        Shown("json", "For your security, a form only works for a limited time, and only with the cookies of this "
              "site. Go back, reload that page, fill in the form again and send it. Allow cookies for this site.")),
    row("Zope's page", browser, markup(bodies.ZOPE), PAGE),
    row("Zope's page for curl", curl, markup(bodies.ZOPE), Shown("text")),
    row("WsgiDAV's page", curl, markup(bodies.wsgidav()), Shown("text")),
    row("WsgiDAV's words", curl, markup(bodies.wsgidav("No such share")), Shown("text", "No such share")),
    row("WsgiDAV's 401", curl, markup(bodies.WSGIDAV_401, 401, ("WWW-Authenticate", 'Basic realm="/"')),
        Shown("text", fields={"WWW-Authenticate": 'Basic realm="/"'})),
]  # fmt: skip

BARE_HTML = markup("<h1>404 Not Found</h1><p>No such invoice</p>")
LONG_WORDS = "No such invoice. " * 120
BARE = [
    row("bare text becomes a page for a browser", browser, WORDS,
        Shown(message="No such invoice", vary=NAVIGATION)),
    row("bare text of 2 KiB becomes a page", browser, text("x" * 2048), Shown(message="x" * 2048, vary=NAVIGATION)),
    row("longer text is kept", browser, text("x" * 2049), UNTOUCHED),
    row("bare text without a type becomes a page", browser, respond(404, "No such invoice", None),
        Shown(message="No such invoice", vary=NAVIGATION)),
    row("bare HTML becomes a page for a browser", browser, BARE_HTML,
        Shown(message="No such invoice", vary=NAVIGATION)),
    row("bare HTML with its name as the title", browser,
        markup("<html><head><title>Not Found</title></head><body>No such invoice</body></html>"),
        Shown(message="No such invoice", vary=NAVIGATION)),
    row("words labelled HTML become a page", browser, markup("No such invoice"),
        Shown(message="No such invoice", vary=NAVIGATION)),
    row("bare words with 500 stay inside", browser, text("db1 is down", 500),
        Shown(vary=NAVIGATION, lacks=("db1",))),
    row("bare words are kept for curl", curl, WORDS, Kept(vary=PROGRAM)),
    row("bare words are kept without Accept", nobody, WORDS, Kept(vary=PROGRAM)),
    row("bare words are kept for htmx", ask(hx_request="true"), WORDS,
        Kept(vary="Accept, Sec-Fetch-Mode, Sec-Fetch-Dest, HX-Request")),
    row("bare words are kept for an XMLHttpRequest", ask(x_requested_with="XMLHttpRequest"), WORDS,
        Kept(vary=NAVIGATION)),
    row("bare words are kept for fetch()", ask(sec_fetch_dest="empty"), WORDS, Kept(vary=PROGRAM)),
    row("bare words become a page for a document", ask(sec_fetch_dest="document"), WORDS,
        Shown(message="No such invoice", vary=NAVIGATION)),
    row("a name that is taken, read by a script", ask("*/*", sec_fetch_dest="empty", method="POST"),
        text("Name already taken", 409), Kept(vary=PROGRAM)),
    row("bare HTML is kept for curl", curl, BARE_HTML, Kept(vary=PROGRAM)),
    row("who can't read the text gets JSON with its words", api, WORDS, Shown("json", "No such invoice", vary=PROGRAM)),
    row("who can't read the HTML gets JSON with its words", api, BARE_HTML,
        Shown("json", "No such invoice", vary=PROGRAM)),
    row("who can read it just so gets it", ask("application/json, */*;q=0.1"), WORDS, Kept(vary=PROGRAM)),
    row("who accepts nothing of ours gets the words", ask("image/png"), WORDS, Kept(vary=PROGRAM)),
    row("kept bare words with 503 are not stored", curl, text("Away", 503), Kept(vary=PROGRAM, no_store=True)),
    row("HTML that names text by q=0 is bare for JSON", ask("application/problem+json, text/*;q=0"), BARE_HTML,
        Shown("json", "No such invoice", vary=PROGRAM)),
]  # fmt: skip

OWN = [
    row("an own page", browser, OWN_PAGE, UNTOUCHED),
    row("an own page for curl", curl, OWN_PAGE, UNTOUCHED),
    row("an own page for an API client", api, OWN_PAGE, UNTOUCHED),
    row("a form shown again with 422", ask(method="POST"), markup(bodies.FORM_422, 422), UNTOUCHED),
    row("a log-in page with 401", browser, markup(bodies.LOG_IN_401, 401, ("WWW-Authenticate", "Basic")), UNTOUCHED),
    row("a fragment for htmx", ask("*/*", hx_request="true", method="POST"), markup(bodies.FRAGMENT_422, 422),
        UNTOUCHED),
    row("an own page with 503 is not stored", browser, OWN_503, Kept(no_store=True)),
    row("an own page with 503 keeps its own Cache-Control", browser,
        markup(OWN_503.body.decode(), 503, ("Cache-Control", "public, max-age=5")), UNTOUCHED),
    row("an own page with 503 keeps its own Expires", browser,
        markup(OWN_503.body.decode(), 503, ("Expires", "Thu, 01 Jan 2026 00:00:00 GMT")), UNTOUCHED),
    row("an own page with 503 keeps its own CDN policy", browser,
        markup(OWN_503.body.decode(), 503, ("CDN-Cache-Control", "max-age=5")), UNTOUCHED),
    row("an own page with 503 keeps its own surrogate policy", browser,
        markup(OWN_503.body.decode(), 503, ("Surrogate-Control", "max-age=5")), UNTOUCHED),
    row("an own page with 404 and Retry-After is not stored", browser,
        markup(OWN_PAGE.body.decode(), 404, ("Retry-After", "60")), Kept(no_store=True)),
    *[
        row(f"a small document with {what} is designed", browser, markup(f"<html><body>{piece}</body></html>"),
            UNTOUCHED)
        for what, piece in {
            "a form": "<form></form>No",
            "a style": "<style>p{}</style>No",
            "a style sheet": '<link rel="stylesheet" href="/s.css">No',
            "a script": "<script>1</script>No",
            "an image": '<img src="/a.png" alt="">No',
            "a link": '<p>No. <a href="/">Home</a></p>',
            "a list": "<ul><li>No</li></ul>",
            "a table": "<table><tr><td>No</td></tr></table>",
            "a class": '<p class="x">No</p>',
            "an id": '<p id="x">No</p>',
            "a data attribute": '<p data-x="1">No</p>',
            "an htmx attribute": '<p hx-get="/">No</p>',
            "another heading": "<h1>We looked everywhere</h1><p>No</p>",
            "another title": "<title>Acme</title><p>No</p>",
            "another code's name": "<h1>403 Forbidden</h1><p>No</p>",
        }.items()
    ],
    row("an HTML document over 4 KiB", browser, markup(f"<p>{'No ' * 1400}</p>"), UNTOUCHED),
    row("a long own page", browser, markup("<p>" + "word " * 4000), UNTOUCHED),
    row("a long own text without Content-Length", browser, respond(404, "word " * 4000, TEXT, length=None), UNTOUCHED),
    row("a stock body with words behind its frame", browser, markup(bodies.werkzeug() + '<p class="x">more</p>'),
        UNTOUCHED),
]  # fmt: skip

FLASK_LENGTH = len(bodies.werkzeug())
HEADS = [
    row("HEAD with the GET's body", ask(method="HEAD"), NOT_FOUND, PAGE),
    row("HEAD without a body but the length of a stock text", ask("*/*", method="HEAD"),
        respond(404, "", TEXT, length=9), Shown("text")),
    row("HEAD without a body but the length of Flask's page", ask(method="HEAD"),
        respond(404, "", HTML, length=FLASK_LENGTH), PAGE),
    row("HEAD without a body but the length of Django's page", ask(method="HEAD"),
        respond(404, "", HTML, length=len(bodies.django())), PAGE),
    row("HEAD without a body, a length or a type counts as empty", ask(method="HEAD"),
        respond(404, "", None, length=None),
        PAGE),
    row("HEAD of a typed answer without a length says nothing", ask(method="HEAD"), respond(404, "", HTML, length=None),
        UNTOUCHED),
    row("HEAD with a length but no type says nothing", ask(method="HEAD"), respond(404, "", None, length=5000),
        UNTOUCHED),
    row("HEAD with the length 0 counts as empty", ask(method="HEAD"), respond(404, "", HTML, length=0), PAGE),
    row("HEAD with the length of an own page is kept", ask(method="HEAD"), respond(404, "", HTML, length=5000),
        UNTOUCHED),
    row("HEAD with a stock length of another type is kept", ask(method="HEAD"),
        respond(404, "", TEXT, length=FLASK_LENGTH), UNTOUCHED),
    row("HEAD with a length beyond the look is kept", ask(method="HEAD"), respond(404, "", HTML, length=70000),
        UNTOUCHED),
    row("HEAD of a JSON error is kept for an API client", ask("application/json", method="HEAD"),
        respond(404, "", JSON, length=22), Kept(vary="Accept")),
    row("HEAD of a stock JSON error becomes a page for a browser", ask(method="HEAD"),
        respond(404, "", JSON, length=len(bodies.FASTAPI_404)), NAVIGATED),
    row("HEAD of a long JSON error is kept for a browser", ask(method="HEAD"), respond(404, "", JSON, length=900),
        Kept(vary=NAVIGATION)),
    row("HEAD with 503", ask(method="HEAD"), text("Service Unavailable", 503, ("Retry-After", "60")),
        Shown(fields={"Retry-After": "60"})),
]  # fmt: skip


def _no(request: Request, head: Any, body: bytes) -> bool:
    return False


def _yes(request: Request, head: Any, body: bytes) -> bool:
    return True


def _none(request: Request, head: Any, body: bytes) -> None:
    return None


def _fail(request: Request, head: Any, body: bytes) -> bool:
    raise RuntimeError("the rule failed")


class _Unreadable:
    def __bool__(self) -> bool:
        raise RuntimeError("neither")


def _unreadable(request: Request, head: Any, body: bytes) -> Any:
    return _Unreadable()


def _the_long_one(request: Request, head: Any, body: bytes) -> bool:
    return request.path == "/things/1" and head.status == 404 and b"looked" in body


REPLACE = [
    row('replace="empty" replaces an empty body', curl, text(""), Shown("text"), replace="empty"),
    row('replace="empty" keeps a stock text', browser, NOT_FOUND, UNTOUCHED, replace="empty"),
    row('replace="empty" keeps a frame', browser, FLASK, UNTOUCHED, replace="empty"),
    row('replace="empty" keeps bare words', browser, WORDS, UNTOUCHED, replace="empty"),
    row('replace="all" replaces an own page', browser, OWN_PAGE, PAGE, replace="all"),
    row('replace="all" replaces bare words for curl', curl, WORDS, Shown("text", "No such invoice"), replace="all"),
    row('replace="all" replaces a long page', browser, markup("<p>" + "word " * 4000), PAGE, replace="all"),
    row('replace="all" keeps JSON for an API client', api, PLAIN_JSON, Kept(vary="Accept"), replace="all"),
    row('replace="all" keeps rich JSON for a browser', browser, RICH_JSON, Kept(vary=NAVIGATION), replace="all"),
    row('replace="all" replaces plain JSON for a browser', browser, PLAIN_JSON,
        Shown(message="No such invoice", vary=NAVIGATION),
        replace="all"),
    row('replace="all" keeps an image', browser, respond(404, b"\x89PNG", "image/png"), UNTOUCHED, replace="all"),
    row('replace="all" heeds the keep header', browser, with_fields(("X-Error-Pages", "keep")),
        Kept(without="X-Error-Pages"), replace="all"),
    row("a callable that says no keeps a stock text", browser, NOT_FOUND, Kept(private=True), replace=_no),
    row("a callable that says yes replaces an own page", browser, OWN_PAGE, Shown(fields=PRIVATE), replace=_yes),
    row("a callable sees the request, the head and the body", browser, OWN_PAGE, Shown(fields=PRIVATE),
        replace=_the_long_one),
    row("a callable that says no keeps a public page for one visitor", browser,
        markup(OWN_PAGE.body.decode(), 404, ("Cache-Control", "public, max-age=60"), ("CDN-Cache-Control", "x")),
        Kept(private=True), replace=_no),
    row("a callable that does not know leaves it to the table", browser, with_fields(("Cache-Control", "public")),
        Shown(fields={"Cache-Control": "public"}), replace=_none),
    row("a callable that does not know keeps as the table says", browser, OWN_PAGE, UNTOUCHED, replace=_none),
    row("a callable that raises leaves it to the table", browser, OWN_PAGE, UNTOUCHED, replace=_fail),
    row("a callable whose answer can't be read leaves it to the table", browser, NOT_FOUND, PAGE, replace=_unreadable),
    row("a callable does not see an image", browser, respond(404, b"\x89PNG", "image/png"), UNTOUCHED, replace=_yes),
]  # fmt: skip

# -- section 5: problem details ----------------------------------------------------------------------------------------

WORDS_404 = {"title": "Not Found", "detail": "No such invoice"}
PROBLEMS = [
    row("a plain JSON error becomes problem details", api, PLAIN_JSON, Problem(WORDS_404), api_errors="problem"),
    row("for */* too", curl, PLAIN_JSON, Problem(WORDS_404), api_errors="problem"),
    row("other members stay as extensions", api, data('{"detail":"No such invoice","invoice":{"id":7},"code":"E7"}'),
        Problem({**WORDS_404, "invoice": {"id": 7}, "code": "E7"}), api_errors="problem"),
    row("a list becomes errors", api, data('{"detail":[{"loc":["q"],"msg":"Field required"}]}', 422),
        Problem({
            "title": "Unprocessable Content",
            "detail": f"{catalogue[422].message} {catalogue[422].next_step}",
            "errors": [{"loc": ["q"], "msg": "Field required"}],
        }), api_errors="problem"),
    row("an object becomes errors", api, data('{"detail":{"name":"taken"}}', 422),
        Problem({
            "title": "Unprocessable Content",
            "detail": f"{catalogue[422].message} {catalogue[422].next_step}",
            "errors": {"name": "taken"},
        }), api_errors="problem"),
    row("a 5xx's detail stays inside", api, data('{"detail":"db1 is down"}', 500),
        Problem({
            "title": "Internal Server Error",
            "detail": f"{catalogue[500].message} {catalogue[500].next_step}",
        }), api_errors="problem"),
    row("a 5xx's detail is shown where show_message says so", api, data('{"detail":"db1 is down"}', 500),
        Problem({"title": "Internal Server Error", "detail": "db1 is down"}), api_errors="problem",
        show_message="4xx 5xx"),
    row("an own type and instance stay", api,
        data('{"type":"https://acme.example/no","title":"No","detail":"No such invoice","instance":"/i/7"}'),
        Problem({"type": "https://acme.example/no", "title": "No", "detail": "No such invoice", "instance": "/i/7"}),
        api_errors="problem"),
    row("a browser gets the page all the same", browser, PLAIN_JSON, Shown(message="No such invoice", vary=NAVIGATION),
        api_errors="problem"),
    row("problem details are left as they are", api, data(bodies.CONNEXION_404, type="application/problem+json"),
        Kept(vary="Accept"), api_errors="problem"),
    row("a vendor's JSON is left as it is", api, data('{"detail":"No"}', type="application/vnd.acme+json"),
        Kept(vary="Accept"), api_errors="problem"),
    row("GraphQL is left as it is", api, data(bodies.GRAPHQL, 400), Kept(vary="Accept"), api_errors="problem"),
    row("JSON-RPC is left as it is", api, data(bodies.JSON_RPC, 400), Kept(vary="Accept"), api_errors="problem"),
    row("SOAP is left as it is", curl, data(bodies.SOAP, 500, type="text/xml"),
        Kept(vary=DATA, no_store=True), api_errors="problem"),
    row("a list is left as it is", api, data('["no"]'), Kept(vary="Accept"), api_errors="problem"),
    row("broken JSON is left as it is", api, data('{"detail": '), Kept(vary="Accept"), api_errors="problem"),
    row("JSON that says it is text becomes problem details", curl,
        text('{"status_code":404,"detail":"No such invoice"}'), Problem(WORDS_404), api_errors="problem"),
]  # fmt: skip

# -- section 5: format and language ------------------------------------------------------------------------------------

FORMATS = [
    row("ties go to HTML for HTML", ask("text/plain, text/html, application/json"), FLASK, PAGE),
    row("ties go to text for text", ask("text/html, text/plain, application/json"), NOT_FOUND,
        Shown("text", vary=CONSULTED["named"])),
    row("ties go to JSON for JSON", ask("text/html, application/problem+json"), PLAIN_JSON,
        Shown("json", "No such invoice")),
    row("ties go to text for nothing at all", ask("*/*"), respond(404, "", None), Shown("text")),
    row("no type and no body for a browser", browser, respond(404, "", None), PAGE),
    row("the quality value decides", ask("text/html;q=0.5, application/problem+json;q=0.6"), FLASK, Shown("json")),
    row("application/json asks for problem details", ask("application/json"), FLASK, Shown("json")),
    row("application/problem+json asks for problem details", ask("application/problem+json"), FLASK, Shown("json")),
    row("application/xml asks for XML", ask("application/xml"), FLASK, Shown("xml")),
    row("text/xml asks for XML", ask("text/xml"), FLASK, Shown("xml")),
    row("text/plain asks for text", ask("text/plain"), FLASK, Shown("text", vary=CONSULTED["named"])),
    row("text/markdown is served where it is named", ask("text/markdown"), FLASK, Shown("markdown")),
    row("text/markdown before HTML", ask("text/markdown, text/html;q=0.9, */*;q=0.1"), FLASK, Shown("markdown")),
    row("text/markdown after HTML", ask("text/html, text/markdown;q=0.9"), FLASK, PAGE),
    row("text/* names text, not Markdown", ask("text/*"), FLASK, Shown("text", vary=CONSULTED["named"])),
    row("HTML that is refused is not sent", ask("text/html;q=0, */*"), NOT_FOUND,
        Shown("text", vary="Accept, Sec-Fetch-Dest, Sec-Fetch-Mode")),
    row("nothing acceptable is no 406", ask("image/png"), FLASK, Shown("text")),
    row("everything refused is no 406", ask("*/*;q=0"), NOT_FOUND, Shown("text")),
    row("a vendor's JSON gets JSON", ask("application/vnd.acme+json"), FLASK, Shown("json", vary=CONSULTED["text"])),
    row("an empty Accept counts as absent", ask(""), NOT_FOUND, Shown("text")),
    row("a broken Accept fails nobody", ask(";q=,,;/;text/html;q=banana"), FLASK, Shown("text")),
    row("a hostile Accept fails nobody", ask("text/html;q=1e999, */*;q=-1, " + "a/b," * 4000), FLASK, Shown("text")),
    row("Accept in several fields is one list",
        Request(headers=(("Accept", "text/html;q=0.5"), ("accept", "application/json"))), FLASK, Shown("json")),
    row("an image element gets one line", ask("image/avif,*/*;q=0.8", sec_fetch_dest="image"), FLASK,
        Shown("line", says=("404 Not Found",))),
    row("a script element gets one line", ask("*/*", sec_fetch_dest="script"), FLASK, Shown("line")),
    row("a style element gets one line", ask("text/css,*/*;q=0.1", sec_fetch_dest="style"), FLASK, Shown("line")),
    row("a font gets one line", ask("*/*", sec_fetch_dest="font"), FLASK, Shown("line")),
    row("a document gets a document", ask(sec_fetch_dest="document"), FLASK, PAGE),
    row("a frame gets a document", ask(sec_fetch_dest="iframe"), FLASK, PAGE),
    row("fetch() gets text", ask("*/*", sec_fetch_dest="empty"), FLASK, Shown("text", vary=CONSULTED["script"])),
    row("fetch() that names HTML gets it", ask("text/html, */*;q=0.1", sec_fetch_dest="empty"), FLASK, PAGE),
    row("fetch() that names JSON gets it", ask("application/json", sec_fetch_dest="empty"), FLASK, Shown("json")),
    row("htmx gets the main element", ask("*/*", hx_request="true"), FLASK,
        Shown("fragment", vary=CONSULTED["fragment"] + ", Sec-Fetch-Mode")),
    row("htmx in a browser gets the main element", ask("*/*", hx_request="true", sec_fetch_dest="empty"), FLASK,
        Shown("fragment", vary=CONSULTED["fragment"] + ", Sec-Fetch-Mode")),
    row("htmx that names HTML gets the main element", ask("text/html", hx_request="true", sec_fetch_dest="empty"),
        FLASK, Shown("fragment")),
    row("boosted htmx gets the document", ask("text/html", hx_request="true", hx_boosted="true"), FLASK,
        Shown(vary="Accept, Sec-Fetch-Dest, HX-Request, HX-Boosted")),
    row("htmx that restores history gets the document",
        ask("text/html", hx_request="true", hx_history_restore_request="true"), FLASK,
        Shown(vary=CONSULTED["fragment"])),
    row("htmx 4 that restores history gets the document",
        ask("*/*", sec_fetch_dest="empty", hx_history_restore_request="true"), FLASK, Shown(vary=CONSULTED["script"])),
    row("HX-Request that is not true gets the document", ask(hx_request="false"), FLASK, PAGE),
    row("one offered format: Accept is not consulted", api, FLASK, Shown(vary="HX-Request"), formats="html"),
    row("one offered format: nothing is consulted", ask("text/html"), NOT_FOUND, Shown("json", vary=""),
        formats="json"),
    row("a format that is not offered is not sent", api, NOT_FOUND, Shown("text"), formats="html text"),
]  # fmt: skip

GERMAN = {"de": {404: {"title": "Seite nicht gefunden", "message": "Hier ist nichts.", "next_step": "Zur\u00fcck."}}}
TWO = {"languages": ["en", "de"], "wording": GERMAN}
SPEAKS = "Accept, Accept-Language, Sec-Fetch-Dest, HX-Request"
LANGUAGES = [
    row("Accept-Language decides", ask(accept_language="de"), FLASK,
        Shown(language="de", vary=SPEAKS, says=("Seite nicht gefunden", 'lang="de"')), **TWO),
    row("the best quality value decides", ask(accept_language="en;q=0.5, de;q=0.7"), FLASK,
        Shown(language="de", vary=SPEAKS), **TWO),
    row("a region falls back to its language", ask(accept_language="de-AT"), FLASK,
        Shown(language="de", vary=SPEAKS), **TWO),
    row("a language that nobody offers gets the default", ask(accept_language="tlh"), FLASK,
        Shown(language="en", vary=SPEAKS), **TWO),
    row("no Accept-Language gets the default", browser, FLASK, Shown(language="en", vary=SPEAKS), **TWO),
    row("a refused language is not chosen", ask(accept_language="de;q=0, en;q=0.1"), FLASK,
        Shown(language="en", vary=SPEAKS), **TWO),
    row("default_language decides where nothing else does", browser, FLASK, Shown(language="de", vary=SPEAKS),
        default_language="de", **TWO),
    row("a broken Accept-Language fails nobody", ask(accept_language=";q=x,,*;q=2,--,\xff"), FLASK,
        Shown(language="en", vary=SPEAKS), **TWO),
    row("the response's own Content-Language comes first", ask(accept_language="en"),
        markup(bodies.werkzeug(), 404, ("Content-Language", "de")), Shown(language="de"), **TWO),
    row("a Content-Language that nobody offers does not decide", ask(accept_language="de"),
        markup(bodies.werkzeug(), 404, ("Content-Language", "tlh")), Shown(language="de", vary=SPEAKS), **TWO),
    row("language() comes before everything", ask(accept_language="en"),
        markup(bodies.werkzeug(), 404, ("Content-Language", "en")),
        Shown(language="de", fields={"Cache-Control": "private, no-store"}), language=lambda request: "de", **TWO),
    row("language() that does not know lets the others decide", ask(accept_language="de"), FLASK,
        Shown(language="de", vary=SPEAKS, fields={"Cache-Control": "private, no-store"}),
        language=lambda request: None, **TWO),
    row("one offered language: its field is not consulted", ask(accept_language="de"), FLASK, PAGE),
]  # fmt: skip

# -- section 5: fields, caches, delays, references ---------------------------------------------------------------------

KEPT_FIELDS = (
    ("WWW-Authenticate", 'Basic realm="a"'),
    ("Set-Cookie", "a=1; Path=/"),
    ("Set-Cookie", "b=2; Path=/"),
    ("Access-Control-Allow-Origin", "*"),
    ("Link", '</next>; rel="next"'),
    ("X-Own", "1"),
    ("Server-Timing", "db;dur=1"),
)
DESCRIBED = {
    "Content-MD5": "Q2hlY2sgSW50ZWdyaXR5IQ==",
    "Content-Location": "/404.txt",
    "Content-Disposition": "inline",
    "Digest": "sha-256=abc",
    "Content-Digest": "sha-256=:abc:",
    "Repr-Digest": "sha-256=:abc:",
    "ETag": '"abc"',
    "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
    "Accept-Ranges": "bytes",
    "Age": "7",
    "Trailer": "X-Sum",
}
FIELDS = [
    row("fields are kept, duplicates included", browser, with_fields(*KEPT_FIELDS),
        Shown(fields={
            "WWW-Authenticate": 'Basic realm="a"', "Set-Cookie": "a=1; Path=/, b=2; Path=/",
            "Access-Control-Allow-Origin": "*", "Link": '</next>; rel="next"', "X-Own": "1",
            "Server-Timing": "db;dur=1",
        })),
    row("416 keeps Content-Range", browser, text("Range Not Satisfiable", 416, ("Content-Range", "bytes */7")),
        Shown(fields={"Content-Range": "bytes */7"})),
    *[
        row(f"{name} is dropped", browser, with_fields((name, value)), Shown(fields={name: None}))
        for name, value in DESCRIBED.items()
    ],
    row("Refresh would take the visitor away", browser, with_fields(("Refresh", "5; url=/")),
        Shown(fields={"Refresh": None})),
    row("Content-Language is replaced", browser, with_fields(("Content-Language", "fr")), PAGE),
    row("X-Content-Type-Options is replaced", browser, with_fields(("X-Content-Type-Options", "what")), PAGE),
    row("X-Robots-Tag is replaced", browser, with_fields(("X-Robots-Tag", "all")), PAGE),
    *[
        row(f"Link {value} is dropped", browser, with_fields(("Link", value)), Shown(fields={"Link": None}))
        for value in (
            "</a.css>; rel=preload; as=style", '</a.js>; rel="modulepreload"', "</a.css>; REL=StyleSheet",
            '</a.css>; as=style; rel="next preload"',
        )
    ],
    *[
        row(f"Link {value} is kept", browser, with_fields(("Link", value)), Shown(fields={"Link": value}))
        for value in (
            "</b>; rel=next", '<https://cdn.example>; rel="preconnect"', '</b>; rel=next; title="a; rel=preload"',
        )
    ],
    row("of several Link fields only the preload goes", browser,
        with_fields(("Link", "</a.css>; rel=preload; as=style"), ("Link", "</b>; rel=next")),
        Shown(fields={"Link": "</b>; rel=next"})),
    row("of a list of links only the preload goes", browser,
        with_fields(("Link", "</a.css>; rel=preload; as=style, </b>; rel=next")),
        Shown(fields={"Link": "</b>; rel=next"})),
    row("a 451 says who asked for it", browser,
        text("", 451, ("Link", '<https://court.example/o/1>; rel="blocked-by"')),
        Shown(says=('href="https://court.example/o/1"',),
              fields={"Link": '<https://court.example/o/1>; rel="blocked-by"'})),
    row("Vary is merged", browser, with_fields(("Vary", "Cookie")), Shown(vary=CONSULTED["html"] + ", Cookie")),
    row("Vary names each field once", browser, with_fields(("Vary", "accept, Cookie")),
        Shown(vary=CONSULTED["html"] + ", Cookie",
            fields={"Vary": "accept, Cookie, Sec-Fetch-Dest, HX-Request, Accept-Encoding"})),
    row("Vary in several fields becomes one", browser, with_fields(("Vary", "Cookie"), ("Vary", "Origin")),
        Shown(vary=CONSULTED["html"] + ", Cookie, Origin")),
    row("Vary * stays", browser, with_fields(("Vary", "*")), Shown(vary="*")),
    row("a kept response's Vary is merged", curl, data('{"detail":"No"}', 404, ("Vary", "Origin")),
        Kept(vary="Origin, Accept, HX-Request")),
    row("a kept response's Vary stays where nothing is new", curl,
        data('{"detail":"No"}', 404, ("Vary", "accept, hx-request")),
        UNTOUCHED),
    row("a kept response's Vary * stays", curl, data('{"detail":"No"}', 404, ("Vary", "*")), UNTOUCHED),
]  # fmt: skip

PUBLIC = ("Cache-Control", "public, max-age=3600")
STORABLE = (404, 400, 401, 405, 410, 414, 422, 451, 501, 505, 508, 510)
NOT_FOR_CACHES = (408, 420, 425, 428, 429, 431, 500, 502, 503, 504, 507, 509, 511, 520, 529, 555)
CDN_FIELDS = {
    "CDN-Cache-Control": "max-age=60",
    "Cloudflare-CDN-Cache-Control": "max-age=60",
    "Surrogate-Control": "max-age=60",
    "X-Accel-Expires": "60",
    "Edge-Control": "max-age=60",
}
NO_STORE = {"Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache", "Expires": "0"}
CACHES = [
    *[
        row(f"a {status} keeps the application's policy", browser, text("", status, PUBLIC),
            Shown(fields={"Cache-Control": PUBLIC[1], "Pragma": None, "Expires": None}))
        for status in STORABLE
    ],
    *[
        row(f"a {status} is not stored, whatever the application says", browser,
            text("", status, PUBLIC, ("Expires", "Thu, 01 Jan 2099 00:00:00 GMT"), ("Pragma", "x")),
            Shown(fields=NO_STORE))
        for status in NOT_FOR_CACHES
    ],
    *[
        row(f"{name} would override it, and is dropped", browser, text("", 503, (name, value)),
            Shown(fields={**NO_STORE, name: None}))
        for name, value in CDN_FIELDS.items()
    ],
    *[
        row(f"{name} of a 404 stays", browser, text("", 404, (name, value)), Shown(fields={name: value}))
        for name, value in CDN_FIELDS.items()
    ],
    row("a 404 without a policy gets none", browser, NOT_FOUND,
        Shown(fields={"Cache-Control": None, "Pragma": None, "Expires": None})),
    row("a 404 with a Retry-After is not stored", browser, with_fields(PUBLIC, ("Retry-After", "60")),
        Shown(fields=NO_STORE)),
    row("cache_control sets a policy", browser, NOT_FOUND,
        Shown(fields={"Cache-Control": "public, max-age=60", "Expires": None}),
        cache_control={404: "public, max-age=60"}),
    row("cache_control is by status", browser, text("", 410), Shown(fields={"Cache-Control": None}),
        cache_control={404: "public, max-age=60"}),
    row("cache_control overrides the default for a 503", browser, text("", 503),
        Shown(fields={"Cache-Control": "public, max-age=5", "Expires": None, "Pragma": None}), reference=False,
        cache_control={503: "public, max-age=5"}),
    row("cache_control overrides what CDNs were told", browser, with_fields(("CDN-Cache-Control", "max-age=60")),
        Shown(fields={"Cache-Control": "no-store", "CDN-Cache-Control": None}), cache_control={404: "no-store"}),
    row("context makes a page private", browser, with_fields(PUBLIC), Shown(fields=PRIVATE),
        context=lambda request: {"user": "Ada"}),
    row("context makes a page private for CDNs too", browser, with_fields(("CDN-Cache-Control", "max-age=60")),
        Shown(fields={**PRIVATE, "CDN-Cache-Control": None}), context=lambda request: {"user": "Ada"}),
    row("context is stronger than cache_control", browser, NOT_FOUND, Shown(fields=PRIVATE),
        context=lambda request: {"user": "Ada"}, cache_control={404: "public, max-age=60"}),
    row("context is stronger than cache_control of a 503", browser, text("", 503), Shown(fields=PRIVATE),
        context=lambda request: {"user": "Ada"}, cache_control={503: "public, max-age=60"}, reference=False),
    row("a nonce makes a page private", browser, with_fields(PUBLIC),
        Shown(says=('nonce="c2Vzc2lvbg=="',), fields=PRIVATE), csp=lambda request: "c2Vzc2lvbg=="),
    row("language() makes a page private", browser, with_fields(PUBLIC), Shown(fields=PRIVATE),
        language=lambda request: "en"),
]  # fmt: skip

RETRY = [
    row("the application's Retry-After wins", browser, text("", 503, ("Retry-After", "120")),
        Shown(fields={"Retry-After": "120"}, says=("in about 2 minutes",)), retry_after=30),
    row("the application's date wins", browser, text("", 503, ("Retry-After", "Thu, 01 Jan 2026 00:00:00 GMT")),
        Shown(fields={"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}), retry_after=30),
    row("an unreadable Retry-After stays and says nothing", browser, text("", 503, ("Retry-After", "soon")),
        Shown(fields={"Retry-After": "soon"}, lacks=("in about",))),
    row("a Retry-After on a 404 is what the page says", browser, with_fields(("Retry-After", "7200")),
        Shown(fields={"Retry-After": "7200"}, says=("in about 2 hours",))),
    row("Retry-After is never invented", browser, text("", 503), Shown(fields={"Retry-After": None})),
    row("retry_after is not for a 404", browser, NOT_FOUND, Shown(fields={"Retry-After": None}), retry_after=30),
    row("retry_after is not for a 500", browser, text("", 500), Shown(fields={"Retry-After": None}), retry_after=30),
    row("retry_after in seconds is not for a 413", browser, text("", 413), Shown(fields={"Retry-After": None}),
        retry_after=30),
    row("a mapping is by status", browser, text("", 429), Shown(fields={"Retry-After": None}), retry_after={503: 9}),
    row("a callable that does not know sets nothing", browser, text("", 503), Shown(fields={"Retry-After": None}),
        retry_after=lambda request, status: None),
    row("a kept response gets no Retry-After", api, data('{"detail":"Away"}', 503),
        Kept(vary="Accept", no_store=True), retry_after=30),
    row("problem details say it in seconds", api, text("", 503, ("Retry-After", "120")),
        Shown("json", says=('"retry_after":120',))),
]  # fmt: skip

ID = "req-7f3a"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
REFERENCES = [
    row("the request's X-Request-ID", ask(x_request_id=ID), text("", 503), Shown(says=(ID,))),
    row("the response's X-Request-ID comes first", ask(x_request_id="other"), text("", 503, ("X-Request-ID", ID)),
        Shown(says=(ID,), lacks=("other",))),
    row("the trace id of traceparent", ask(traceparent=TRACEPARENT), text("", 503), Shown(says=(TRACE,))),
    row("X-Request-ID comes before traceparent", ask(x_request_id=ID, traceparent=TRACEPARENT), text("", 503),
        Shown(says=(ID,), lacks=(TRACE,))),
    row("a traceparent of zeros does not count", ask(traceparent=f"00-{'0' * 32}-00f067aa0ba902b7-01"), text("", 503),
        Shown(says=("Reference",), lacks=("0" * 32,))),
    row("a broken traceparent does not count", ask(traceparent=TRACEPARENT.upper()), text("", 429),
        Shown(lacks=("Reference",))),
    row("one is made for a 5xx", browser, text("", 500), Shown(says=("Reference",))),
    row("none is made for a 4xx", browser, text("", 429), Shown(lacks=("Reference",))),
    row("a 429 shows what the client sent", ask(x_request_id=ID), text("", 429), Shown(says=(ID,))),
    row("a storable page shows none", ask(x_request_id=ID), with_fields(("X-Request-ID", ID)), Shown(lacks=(ID,))),
    row("a storable 501 shows none", ask(x_request_id=ID), text("", 501), Shown(lacks=(ID, "Reference"))),
    row("a 404 with Retry-After is not storable and shows it", ask(x_request_id=ID),
        with_fields(("Retry-After", "60")), Shown(says=(ID,))),
    row("a page that cache_control lets be stored shows none", ask(x_request_id=ID), text("", 503),
        Shown(lacks=(ID, "Reference")), cache_control={503: "public, max-age=60"}),
    row("reference=False shows none", ask(x_request_id=ID), text("", 500), Shown(lacks=(ID, "Reference")),
        reference=False),
    row("a callable gives it", ask(x_request_id=ID), text("", 500), Shown(says=("own-1",), lacks=(ID,)),
        reference=lambda request, head, error: "own-1"),
    row("a callable's hostile reference is rejected", browser, text("", 500), Shown(lacks=("evil",)),
        reference=lambda request, head, error: "<script>evil</script>"),
    *[
        row(f"a hostile X-Request-ID is rejected: {what}", ask(x_request_id=value), text("", 429),
            Shown(lacks=("Reference", "evil")))
        for what, value in {
            "markup": "<script>evil</script>", "a blank": "evil evil", "a quote": 'evil"', "too long": "evil" * 40,
            "two of them": "evil, evil", "not ASCII": "evil\xe9", "a line break": "evil\n",
        }.items()
    ],
    row("problem details carry it", ask("application/json", x_request_id=ID), text("", 503),
        Shown("json", says=(f'"reference":"{ID}"',), lacks=("instance",))),
    row("problem details have an instance where it is a UUID",
        ask("application/json", x_request_id="0B6B7A2A-58A5-4C15-8F1B-0B0B5C1D2E3F"), text("", 503),
        Shown("json", says=('"instance":"urn:uuid:0b6b7a2a-58a5-4c15-8f1b-0b0b5c1d2e3f"',))),
]  # fmt: skip

MESSAGES = [
    row("show_message hides 4xx words where it says so", browser, FLASK_WORDS, PAGE, show_message="5xx"),
    row("show_message shows a 5xx's words where it says so", browser, markup(bodies.werkzeug(500, "Closed"), 500),
        Shown(message="Closed"), show_message="4xx 5xx"),
    row("show_message by code", browser, FLASK_WORDS, Shown(message="No such invoice"), show_message="404"),
    row("own wording replaces ours", browser, FLASK,
        Shown(says=("Nothing here", "Ask Ada."), lacks=("Page not found",)),
        wording={404: {"title": "Nothing here", "next_step": "Ask Ada."}}),
    row("own wording by class", browser, FLASK, Shown(says=("Something is off",)),
        wording={"4xx": {"title": "Something is off"}}),
    row("own wording by code comes before its class", browser, FLASK, Shown(says=("Nothing here",)),
        wording={"4xx": {"title": "Something is off"}, 404: {"title": "Nothing here"}}),
    row("the site's name, links and status page", browser, text("", 503),
        Shown(says=("Acme", 'href="/start"', 'href="/help"', 'href="https://status.acme.example"')),
        site_name="Acme", home_url="/start", support_url="/help", status_url="https://status.acme.example"),
    row("the status page is for 5xx", browser, NOT_FOUND, Shown(lacks=("status.acme.example",)),
        status_url="https://status.acme.example"),
    row("home is the mount", ask(root_path="/shop"), NOT_FOUND, Shown(says=('href="/shop/"',))),
    row("a GET can be tried again", browser, text("", 503), Shown(says=("Try again",), lacks=("Check before",))),
    row("a POST is cautioned", ask(method="POST"), text("", 503),
        Shown(says=("Check before you send it again",), lacks=(">Try again<",))),
    row("Turbo may show a form's 4xx in its place", ask(method="POST"), FLASK,
        Shown(says=('data-turbo-track="dynamic"',), lacks=("turbo-visit-control",), vary=CONSULTED["form"])),
    row("Turbo leaves a frame for a form's 4xx", ask(method="POST", turbo_frame="cart"), FLASK,
        Shown(says=('data-turbo-track="reload"', "turbo-visit-control"), vary=CONSULTED["form"])),
    row("a 410 offers no second try", browser, text("", 410), Shown(lacks=(">Try again<",))),
    row("a message in Arabic keeps its letters", browser,
        markup(bodies.werkzeug(404, "\u0644\u0627 \u062a\u0648\u062c\u062f")),
        Shown(message="\u0644\u0627 \u062a\u0648\u062c\u062f")),
    row("bidirectional controls are taken out of a message", browser,
        markup(bodies.werkzeug(404, "a\u202eb\u2066c")), Shown(message="abc")),
    row("control characters are taken out of a message", browser, text("a\x00b\x07c"),
        Shown(message="abc", vary=NAVIGATION)),
]  # fmt: skip

CODINGS = [
    row("a page that is kept whole goes out in gzip", ask(accept_encoding="gzip, deflate, br, zstd"), FLASK,
        Shown(coding="gzip")),
    row("x-gzip is gzip", ask(accept_encoding="x-gzip"), FLASK, Shown(coding="gzip")),
    row("any coding is gzip too", ask(accept_encoding="*"), FLASK, Shown(coding="gzip")),
    row("gzip goes to who likes no coding as much", ask(accept_encoding="identity, gzip"), FLASK, Shown(coding="gzip")),
    row("a coding is named in whatever case", ask(accept_encoding="GZip"), FLASK, Shown(coding="gzip")),
    row("without Accept-Encoding there is no coding", browser, FLASK, Shown(coding="identity")),
    row("an empty Accept-Encoding wants none", ask(accept_encoding=""), FLASK, Shown(coding="identity")),
    row("no gzip for who excludes it", ask(accept_encoding="gzip;q=0, *"), FLASK, Shown(coding="identity")),
    row("no gzip for who likes identity more", ask(accept_encoding="gzip;q=0.5, identity"), FLASK,
        Shown(coding="identity")),
    row("no gzip for who knows only others", ask(accept_encoding="br, zstd"), FLASK, Shown(coding="identity")),
    row("who takes no coding and none gets none", ask(accept_encoding="identity;q=0, *;q=0"), FLASK,
        Shown(coding="identity")),
    row("an unreadable Accept-Encoding wants none", ask(accept_encoding=";;q=,\x00"), FLASK, Shown(coding="identity")),
    row("a page with a message is made for one request", ask(accept_encoding="gzip"), FLASK_WORDS,
        Shown(message="No such invoice", coding="alone")),
    row("a page with a reference is made for one request", ask(accept_encoding="gzip"), text("", 503),
        Shown(coding="alone")),
    row("text is too short to be coded", ask("text/plain", accept_encoding="gzip"), NOT_FOUND,
        Shown("text", vary=CONSULTED["named"], coding="alone")),
    row("problem details are too short to be coded", ask("application/json", accept_encoding="gzip"), NOT_FOUND,
        Shown("json", coding="alone")),
    row("compress=False sends no coding", ask(accept_encoding="gzip"), FLASK, Shown(coding="alone"), compress=False),
    row("a page with a context is made for one request", ask(accept_encoding="gzip"), FLASK,
        Shown(coding="alone"), context=lambda request: {}),
]  # fmt: skip

TABLE = [
    *OUTSIDE, *ASKED_TO_KEEP, *DEBUG, *OTHER_METHODS, *OTHER_TYPES, *DATA_KEPT, *DATA_REPLACED, *FRAMES, *WHO,
    *SERVER_WORDS, *CONDITIONS, *OTHER_FRAMES, *BARE, *OWN, *HEADS, *REPLACE,
    *PROBLEMS, *FORMATS, *LANGUAGES, *FIELDS, *CACHES, *RETRY, *REFERENCES, *MESSAGES, *CODINGS,
]  # fmt: skip

# -- through the three drivers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", TABLE)
def test_the_core_decides_as_the_table_says(case: Case) -> None:
    case.expected.check(case, through_core(pages_for(case), case.request, case.response))


@pytest.mark.parametrize("case", TABLE)
def test_wsgi_agrees_with_the_core_however_the_body_is_cut(case: Case) -> None:
    # The validator lets no response without a type pass, no foreign object in an environ, and no method of others.
    is_checked = case.response.field("Content-Type") is not None and all("." in name for name in case.request.native)
    is_checked &= case.request.method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
    watch: Callable[[Any], Any] = checked if is_checked else lambda app: app
    expected = through_core(pages_for(case), case.request, case.response).comparable
    for way in ways_of(WSGI_WAYS, case):
        wrapped = watch(WSGIMiddleware(watch(WSGI_WAYS[way](case.response)), pages=pages_for(case)))
        assert through_wsgi(wrapped, case.request).comparable == expected, way


@pytest.mark.parametrize("case", TABLE)
def test_asgi_agrees_with_the_core_however_the_body_is_cut(case: Case) -> None:
    expected = through_core(pages_for(case), case.request, case.response).comparable
    for way in ways_of(ASGI_WAYS, case):
        wrapped = ASGIMiddleware(ASGI_WAYS[way](case.response), pages=pages_for(case))
        assert through_asgi(wrapped, case.request).comparable == expected, way


def ways_of(ways: Mapping[str, Any], case: Case) -> list[str]:
    """Choose how a row's body is cut: in every way where it is looked at, else whole and in one way, the row's own."""
    whole, *others = ways
    if is_held(pages_for(case), case.request, case.response):
        return [whole, *others]
    return [whole, Random(repr(case.response)).choice(others)]


@pytest.mark.parametrize("case", [case for case in TABLE if case.values[0].request.method == "GET"])
def test_a_head_request_gets_the_fields_of_the_get(case: Case) -> None:
    get = case.request
    head = Request("HEAD", get.path, get.root_path, get.query, get.headers, get.client, get.native)
    answer = through_core(pages_for(case), head, case.response)
    expected = through_core(pages_for(case), get, case.response)
    assert answer.status == expected.status
    assert answer.comparable[1] == expected.comparable[1]
    assert answer.body == (expected.body if expected.body == case.response.body else b"")


@pytest.mark.parametrize("through", [through_wsgi, through_asgi], ids=["WSGI", "ASGI"])
def test_a_remembered_page_is_coded_only_for_those_who_accept_it(through: Any) -> None:
    app: Any = WSGIMiddleware(wsgi_list(FLASK)) if through is through_wsgi else ASGIMiddleware(asgi_whole(FLASK))
    plain, coded = ask(), ask(accept_encoding="gzip")
    codings = [through(app, request).field("Content-Encoding") for request in (coded, coded, plain, coded, plain)]
    assert codings == ["gzip", "gzip", None, "gzip", None]
    assert gzip.decompress(through(app, coded).body) == through(app, plain).body


@pytest.mark.parametrize("case", TABLE)
def test_a_response_goes_out_the_second_time_as_it_did_the_first(case: Case) -> None:
    wrapped = WSGIMiddleware(wsgi_list(case.response), pages=pages_for(case))
    answers = [through_wsgi(wrapped, case.request) for _ in range(3)]
    app = ASGIMiddleware(asgi_whole(case.response), pages=pages_for(case))
    answers += [through_asgi(app, case.request) for _ in range(3)]
    assert all(answer.comparable == answers[0].comparable for answer in answers)
