"""What clients write into their fields who mean no good, as tables and as strategies."""

from __future__ import annotations

from hypothesis import strategies as st
from tests import bodies
from tests.hostile.exchanges import ERRORS, SITES, Exchange

LENGTH = 65_536

LONG: dict[str, str] = {
    "ranges": "text/html;q=0.1," * (LENGTH // 16),
    "different ranges": ",".join(f"a/x{number}" for number in range(9000))[:LENGTH],
    "one word": "a" * LENGTH,
    "commas": "," * LENGTH,
    "commas and blanks": " ," * (LENGTH // 2),
    "blanks": " " * LENGTH,
    "tabs": "\t" * LENGTH,
    "semicolons": ";" * LENGTH,
    "equals signs": "=" * LENGTH,
    "parameters": "text/html;" + "a=b;" * (LENGTH // 4),
    "quality parameters": "text/html;" + "q=1;" * (LENGTH // 4),
    "a long quality": "text/html;q=" + "1" * LENGTH,
    "a long fraction": "text/html;q=0." + "1" * LENGTH,
    "quotes": '"' * LENGTH,
    "an open quote": 'a/b;x="' + "a" * LENGTH,
    "escaped quotes": 'a/b;x="' + '\\"' * (LENGTH // 2),
    "backslashes": "\\" * LENGTH,
    "encoded parameters": "text/html;" + "a*0*=utf-8''%41;" * (LENGTH // 16),
    "percent signs": "text/html;a*=utf-8''" + "%41" * (LENGTH // 3),
    "slashes": "/" * LENGTH,
    "stars": "*/*," * (LENGTH // 4),
    "hyphens": "a-" * (LENGTH // 2),
    "underscores": "a_" * (LENGTH // 2),
    "languages": ",".join(f"x-{number}" for number in range(9000))[:LENGTH],
    "one language": "de-" * (LENGTH // 3),
    "digits": "9" * LENGTH,
    "traces": "00-" + "0af7651916cd43dd8448eb211c80319c-" * (LENGTH // 33),
    "open links": "<" * LENGTH,
    "links": '<a>; rel="x", ' * (LENGTH // 14),
    "high bytes": "\xff" * LENGTH,
    "zeros": "\0" * LENGTH,
    "line breaks": "\r\n" * (LENGTH // 2),
    "folded lines": "a\r\n " * (LENGTH // 4),
}

SHORT: dict[str, str] = {
    "a line break": "a\r\nSet-Cookie: evil=1",
    "a bare line feed": "a\nSet-Cookie: evil=1",
    "a bare carriage return": "a\rSet-Cookie: evil=1",
    "a zero": "a\0b",
    "markup": "<script>alert(1)</script>",
    "an attribute": '" onload=alert(1) x="',
    "a quote": "'><img src=x onerror=alert(1)>",
    "a template": "{{ 7 * 7 }}{% raw %}",
    "a reference that is none": "../../etc/passwd",
    "a format string": "%s%s%n{0.__class__}",
    "bytes of no encoding": "\xff\xfe\xc3\x28",
    "bytes of UTF-8": "caf\xc3\xa9 \xe2\x80\xae",
    "a quality that is no number": "text/html;q=nan, text/plain;q=inf, application/json;q=-1",
    "a quality beyond numbers": "text/html;q=1e999, text/plain;q=0x1",
    "a range without a subtype": "text, /html, /, */html",
    "a very negative quality": "text/html;q=-99999999999999999999",
    "a trace of zeros": "00-00000000000000000000000000000000-0000000000000000-00",
    "a trace with a line break": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
    "a reference with a line break": "req-7\n",
    "a reference of 129 characters": "r" * 129,
    "nothing": "",
}

FIELD_NAMES = (
    "Accept",
    "Accept-Language",
    "X-Request-ID",
    "Traceparent",
    "Sec-Fetch-Dest",
    "HX-Request",
    "HX-Boosted",
    "X-Requested-With",
    "Accept-Encoding",
    "Cookie",
    "X-Language",
)

# -- strategies --------------------------------------------------------------------------------------------------------

FIELD_WORDS = [
    b"text/html", b"application/json", b"application/problem+json", b"text/plain", b"text/markdown", b"*/*", b"text/*",
    b"application/xml", b";q=", b";q=0", b"0.5", b"1", b",", b", ", b";", b"=", b'"', b"\\", b"/", b"*", b"de", b"en",
    b"pt-BR", b"zh-Hant", b"-", b"_", b"true", b"image", b"empty", b"req-7", b"\r\n", b"\n", b"\0", b"<b>", b"&", b"'",
    b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", b"\xff", b"\xc3\xa9", b"charset=utf-16",
]  # fmt: skip
VALUES = st.one_of(
    st.binary(max_size=60),
    st.lists(st.sampled_from(FIELD_WORDS), max_size=10).map(b"".join),
    st.sampled_from([text.encode("latin-1") for text in SHORT.values()]),
)
FIELDS = st.dictionaries(st.sampled_from(FIELD_NAMES), VALUES, max_size=6).map(lambda found: tuple(found.items()))

_NO_BREAKS = {ord("\r"): None, ord("\n"): None, ord("\0"): None}


def without_breaks(value: bytes) -> bytes:
    """Servers refuse these in an application's own fields, so they are the application's to avoid."""
    return bytes(byte for byte in value if byte not in _NO_BREAKS)


TYPES = [
    b"text/plain", b"text/plain; charset=utf-8", b"text/html", b"text/html; charset=utf-16", b"application/json",
    b"application/problem+json", b"application/xml", b"image/png", b"text/html; charset=nonsense", b"", b"/", b"text",
    b"text/html; charset*=utf-8''%ff", b"application/vnd.api+json", b'text/html; charset="', b"text/event-stream",
]  # fmt: skip
_HEAD_FIELDS = {
    "Content-Type": st.sampled_from(TYPES) | VALUES,
    "Retry-After": st.sampled_from([b"30", b"-1", b"9" * 40, b"Wed, 21 Oct 2015 07:28:00 GMT"]) | VALUES,
    "Content-Language": VALUES,
    "Vary": VALUES,
    "Link": st.sampled_from([b"</a>; rel=next", b'</a.css>; rel="preload stylesheet"', b'<a>; b="']) | VALUES,
    "Cache-Control": VALUES,
    "Content-Encoding": st.sampled_from([b"gzip", b"identity", b""]),
    "Content-Disposition": st.sampled_from([b"attachment", b"inline"]),
    "Content-Security-Policy": VALUES,
    "X-Request-ID": VALUES,
    "WWW-Authenticate": VALUES,
    "Set-Cookie": VALUES,
}
HEADS = st.fixed_dictionaries({}, optional=_HEAD_FIELDS).map(
    lambda found: tuple((name, without_breaks(value)) for name, value in found.items())
)

BODY_WORDS = [
    "<", ">", "</", "<!", "<!--", "-->", "<![CDATA[", "<?", "&", "&#", ";", "&lt;", "<p>", "</p>", "<h1>", "</h1>",
    "<br>", "<title>", "</title>", "Not Found", "404", "No such invoice", "{", "}", "[", "]", '"', "'", ":", ",", "\n",
    "<script>", "<a ", "=", "\\", "detail", "message", '{"detail":', "null", "1e999", "\x00", "\u202e", "\ud7ff",
    "<!doctype html>", "<html>", "<?xml version='1.0'?>", "<error>", "</error>", "<canary onload=x>", "javascript:",
]  # fmt: skip
_STOCK_BODIES = [
    bodies.werkzeug(404, None), bodies.django(), bodies.webob("x"), bodies.pyramid(), bodies.bottle(),
    bodies.webob_json("x"), bodies.FASTAPI_404, bodies.LITESTAR_404, bodies.FALCON_XML_404,
]  # fmt: skip
BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from(BODY_WORDS), max_size=20).map(lambda words: "".join(words).encode()),
    st.text(max_size=80).map(lambda text: bodies.werkzeug(404, text or None).encode("utf-8", "replace")),
    st.tuples(st.sampled_from(_STOCK_BODIES), st.integers(0, 400), st.sampled_from(BODY_WORDS)).map(
        lambda parts: (parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]).encode()
    ),
)


def split(body: bytes, cuts: list[int]) -> tuple[bytes, ...]:
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    return tuple(body[start:end] for start, end in zip(edges, edges[1:], strict=False))


EXCHANGES = st.builds(
    Exchange,
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    path=VALUES.map(lambda value: b"/" + value),
    root_path=st.just(b"") | VALUES.map(lambda value: b"/" + value),
    query=VALUES,
    fields=FIELDS,
    status=st.sampled_from([200, 304, 400, 401, 404, 405, 422, 429, 451, 500, 503, 599, 783, 999]),
    head=HEADS,
    pieces=st.builds(split, BODIES, st.lists(st.integers(0, 200), max_size=4)),
    site=st.sampled_from(sorted(SITES)),
    error=st.sampled_from(["", "", "", *ERRORS]),
)
