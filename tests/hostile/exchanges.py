"""One exchange of whatever bytes, put through both adapters, and what must hold of every one.

The fuzz target makes its exchanges from these records too, and writes what it finds as JSON, which the tests read.
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from tests.drivers import Answer, Message, Receive, Scope, Send, Sent, WSGIServer, other_lines, page_lines, watched_log
from werkzeug.exceptions import NotFound, ServiceUnavailable

from errorpages import ErrorPages
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Fields = tuple[tuple[str, bytes], ...]

SITES: dict[str, ErrorPages] = {
    "default": ErrorPages(site_name="Acme", support_url="/help"),
    "English": ErrorPages(languages=["en"]),
    "problem": ErrorPages(api_errors="problem", show_message="4xx 5xx"),
    "all": ErrorPages(replace="all", show_message="4xx 5xx"),
    "empty": ErrorPages(replace="empty", exclude=("/api/*", "*.xml", "/a*b*c*d*e")),
    "data": ErrorPages(formats="json xml"),
    "asking": ErrorPages(
        replace=lambda request, head, body: len(body) % 2 == 0,
        context=lambda request: {"path": request.path},
        language=lambda request: request.header("X-Language"),
        reference=lambda request, head, error: request.header("X-Request-ID"),
    ),
}
ERRORS: dict[str, type[Exception]] = {"accident": RuntimeError, "404": NotFound, "503": ServiceUnavailable}


@dataclass(frozen=True)
class Exchange:
    """What a client sends and what the application does.

    Attributes:
        fields: The request's fields; no name comes twice.
        head: The response's fields.
        pieces: The response's body as the application sends it.
        site: The options, by name.
        error: What the application raises instead, by name; its message is the body.
    """

    method: str = "GET"
    path: bytes = b"/"
    root_path: bytes = b""
    query: bytes = b""
    fields: Fields = ()
    status: int = 404
    head: Fields = ()
    pieces: tuple[bytes, ...] = (b"",)
    site: str = "default"
    error: str = ""

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def marker(self) -> str:
        """What the application says about us in X-Error-Pages."""
        return dict(self.head).get("X-Error-Pages", b"").decode("latin-1").strip().lower()

    def with_body(self, body: bytes) -> Exchange:
        return replace(self, pieces=(body,))

    def to_json(self) -> str:
        """Write it down, every byte string in base 64."""
        return json.dumps(self.__dict__, default=lambda value: base64.b64encode(value).decode(), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Exchange:
        found: dict[str, Any] = json.loads(text)
        for name in ("path", "root_path", "query"):
            found[name] = base64.b64decode(found[name])
        for name in ("fields", "head"):
            found[name] = tuple((key, base64.b64decode(value)) for key, value in found[name])
        found["pieces"] = tuple(base64.b64decode(piece) for piece in found["pieces"])
        return cls(**found)


# -- both adapters -----------------------------------------------------------------------------------------------------


def environ_of(exchange: Exchange) -> dict[str, Any]:
    """Make the environ that a server makes (PEP 3333: strings hold bytes as ISO-8859-1)."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": exchange.method,
        "SCRIPT_NAME": exchange.root_path.decode("latin-1"),
        "PATH_INFO": exchange.path.decode("latin-1"),
        "QUERY_STRING": exchange.query.decode("latin-1"),
    }
    for name, value in exchange.fields:
        environ["HTTP_" + name.upper().replace("-", "_")] = value.decode("latin-1")
    return environ


def scope_of(exchange: Exchange) -> dict[str, Any]:
    """Make the scope that a server makes."""
    root_path = exchange.root_path.decode("utf-8", "replace")
    return {
        "type": "http",
        "method": exchange.method,
        "path": root_path + exchange.path.decode("utf-8", "replace"),
        "root_path": root_path,
        "query_string": exchange.query,
        "headers": [(name.lower().encode(), value) for name, value in exchange.fields],
        "client": None,
    }


def wsgi_app(exchange: Exchange) -> Any:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if exchange.error:
            raise ERRORS[exchange.error](exchange.body.decode("utf-8", "replace"))
        start_response(f"{exchange.status} X", [(name, value.decode("latin-1")) for name, value in exchange.head])
        return iter(exchange.pieces)

    return WSGIMiddleware(app, pages=SITES[exchange.site])


def asgi_app(exchange: Exchange) -> Any:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if exchange.error:
            raise ERRORS[exchange.error](exchange.body.decode("utf-8", "replace"))
        headers = [(name.lower().encode(), value) for name, value in exchange.head]
        await send({"type": "http.response.start", "status": exchange.status, "headers": headers})
        for piece in exchange.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})

    return ASGIMiddleware(app, pages=SITES[exchange.site])


def through_wsgi(exchange: Exchange) -> Answer:
    random.seed(1)
    return WSGIServer().run(wsgi_app(exchange), environ_of(exchange))


def through_asgi(exchange: Exchange) -> Answer:
    random.seed(1)
    sent = run_asgi_without_loop(asgi_app(exchange), scope_of(exchange))
    if sent.error is not None and (exchange.error != "accident" or type(sent.error) is not RuntimeError):
        raise sent.error
    return sent.answer


async def receive_nothing() -> Message:
    raise AssertionError("nothing here reads the request's body")


def run_asgi_without_loop(app: Any, scope: Scope) -> Sent:
    """Run an application that waits for nothing, without what a loop costs."""
    sent = Sent([])

    async def note(message: Message) -> None:
        sent.messages.append(message)

    try:
        app(scope, receive_nothing, note).send(None)
    except StopIteration:
        return sent
    except Exception as error:
        sent.error = error
        return sent
    raise AssertionError("it waits")


# -- what must hold ----------------------------------------------------------------------------------------------------


def check(exchange: Exchange) -> Answer:
    """Put an exchange through both adapters and check every promise; returns what came out."""
    with watched_log() as records:
        wsgi = through_wsgi(exchange)
        asgi = through_asgi(exchange)
    records, lines = other_lines(records), page_lines(records)
    accidents = [record for record in records if record.msg.startswith("%s %s failed; the page has ")]
    assert len(accidents) == (exchange.error == "accident"), "an accident is logged once, by WSGI"
    others = [record for record in records if record not in accidents]
    assert not others, f"something failed inside: {others[0].getMessage()}; {others[0].exc_info}"
    for answer in (wsgi, asgi):
        _check_answer(exchange, answer)
    assert wsgi.comparable == asgi.comparable, "the adapters disagree"
    assert not any({"\r", "\n", "\0", "\x1b"} & {*line.getMessage()} for line in lines), "a line of the log is forged"
    return wsgi


def _check_answer(exchange: Exchange, answer: Answer) -> None:
    expected = {"accident": 500, "404": 404, "503": 503}.get(exchange.error, exchange.status)
    assert answer.status == expected, "the status code was changed"
    for name, value in answer.headers:
        assert not {"\r", "\n", "\0"} & {*name, *value}, f"a line break in the field {name}"
    if answer.is_page and (exchange.error or exchange.marker not in ("page", "maintenance", "keep")):
        _check_page(exchange, answer)
    else:
        _check_kept(exchange, answer)


_MAY_BE_ADDED = {"vary", "cache-control", "pragma", "expires"}


def _check_kept(exchange: Exchange, answer: Answer) -> None:
    assert answer.body == exchange.body, "a kept body was changed"
    before = sorted((name.lower(), value.decode("latin-1")) for name, value in exchange.head)
    after = sorted((name.lower(), value) for name, value in answer.headers)
    if exchange.marker == "keep" and exchange.status >= 400:
        before = [field for field in before if field[0] != "x-error-pages"]
    assert _without_additions(after) == _without_additions(before), "a kept field was changed"


def _without_additions(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [field for field in fields if field[0] not in _MAY_BE_ADDED]


def _check_page(exchange: Exchange, answer: Answer) -> None:
    if exchange.method == "HEAD":
        assert answer.body == b""
    else:
        assert answer.field("Content-Length") == str(len(answer.body)), "Content-Length is wrong"
        media_type = (answer.field("Content-Type") or "").partition(";")[0]
        _CHECKS[media_type](answer.text)
    assert answer.field("X-Content-Type-Options") == "nosniff"


# fmt: off
_ELEMENTS = frozenset((
    "html", "head", "meta", "title", "link", "style", "body", "main", "header", "footer", "nav", "section", "h1", "h2",
    "p", "blockquote", "dl", "div", "dt", "dd", "bdi", "a", "time", "strong", "span", "ul", "li", "code", "svg", "path",
    "circle", "g", "button", "noscript", "small",
))
_ATTRIBUTES = frozenset((
    "lang", "dir", "charset", "name", "content", "href", "rel", "id", "class", "datetime", "type", "role", "aria-label",
    "aria-hidden", "viewbox", "fill", "d", "aria-labelledby", "aria-live", "cite", "title", "width", "height", "stroke",
    "data-turbo-track",
))
# fmt: on


class _Elements(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ELEMENTS, f"the element {tag} came from somebody else"
        for name, value in attrs:
            assert name in _ATTRIBUTES, f"the attribute {name} came from somebody else"
            if name == "href":
                target = (value or "").strip().lower()
                assert not target.startswith(("javascript:", "//", "\\", "/\\")), f"a link to {value!r}"


def _check_html(text: str) -> None:
    for quote in re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", text, re.DOTALL):
        assert not {"<", ">", '"', "'"} & set(quote), "a message appears unescaped"
    parser = _Elements(convert_charrefs=False)
    parser.feed(text)
    parser.close()


def _check_json(text: str) -> None:
    problem = json.loads(text, parse_constant=_refuse)
    assert isinstance(problem["status"], int) and isinstance(problem["title"], str)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def _check_xml(text: str) -> None:
    ElementTree.fromstring(text.encode())


def _check_text(text: str) -> None:
    control = [letter for letter in text if letter < " " and letter != "\n"]
    assert not control, f"control characters: {control}"


_CHECKS = {
    "text/html": _check_html,
    "application/problem+json": _check_json,
    "application/problem+xml": _check_xml,
    "text/plain": _check_text,
    "text/markdown": _check_text,
}
