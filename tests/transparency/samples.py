"""Some 200 successes and redirects, as applications really send them and as they could."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests import bodies

Fields = tuple[tuple[str, str], ...]

BROWSER: Fields = (("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"), ("Accept-Encoding", "gzip"))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
PAGE = b"<!doctype html>\n<title>Shop</title>\n<h1>404 things</h1>\n" + b"<p>Socks</p>\n" * 40


@dataclass(frozen=True)
class Sample:
    """A response, and the request that it answers.

    Attributes:
        way: How the application sends it; each protocol has a function of that name.
    """

    status: int = 200
    headers: Fields = (("Content-Type", "text/html; charset=utf-8"),)
    pieces: tuple[bytes, ...] = (PAGE,)
    way: str = "at once"
    method: str = "GET"
    fields: Fields = BROWSER

    @property
    def sized(self) -> Sample:
        """The same with its Content-Length."""
        return replace(self, headers=(*self.headers, ("Content-Length", str(len(b"".join(self.pieces))))))

    def adding(self, *headers: tuple[str, str]) -> Sample:
        return replace(self, headers=(*self.headers, *headers))


WAYS = (
    "at once",
    "in pieces",
    "a generator that starts late",
    "with empty pieces in between",
    "with every key or none",
    "written or read once",
)
STATUSES = (200, 201, 202, 203, 206, 207, 208, 226, 299)
REDIRECTS = (300, 301, 302, 303, 305, 307, 308)
SIZES = (0, 1, 2048, 4096, 8191, 8192, 8193, 16_384, 70_000, 1_000_000)
TYPES: dict[str, tuple[str, bytes]] = {
    "HTML": ("text/html; charset=utf-8", PAGE),
    "HTML in UTF-16": ("text/html; charset=utf-16", PAGE.decode().encode("utf-16")),
    "XHTML": ("application/xhtml+xml", b'<html xmlns="http://www.w3.org/1999/xhtml"/>'),
    "plain text": ("text/plain", b"ok"),
    "text that says Not Found": ("text/plain; charset=utf-8", b"Not Found"),
    "a framework's 404 page": ("text/html; charset=utf-8", bodies.werkzeug().encode()),
    "a bare heading that is an error": ("text/html", b"<h1>500 Internal Server Error</h1>"),
    "JSON": ("application/json", json.dumps({"things": list(range(50))}).encode()),
    "JSON that tells of an error": ("application/json", b'{"detail":"Not Found"}'),
    "problem details": ("application/problem+json", b'{"status":404,"title":"Not Found"}'),
    "JSON of a vendor": ("application/vnd.api+json", b'{"data":[]}'),
    "lines of JSON": ("application/x-ndjson", b'{"a":1}\n{"a":2}\n'),
    "GraphQL errors": ("application/graphql-response+json", b'{"errors":[{"message":"No"}]}'),
    "XML": ("application/xml", b"<?xml version='1.0'?><things/>"),
    "an Atom feed": ("application/atom+xml", b'<feed xmlns="http://www.w3.org/2005/Atom"/>'),
    "CSS": ("text/css", b"body { color: #123 }"),
    "JavaScript": ("text/javascript", b"alert('404 Not Found')"),
    "WebAssembly": ("application/wasm", b"\0asm\x01\0\0\0"),
    "a PNG": ("image/png", PNG),
    "an SVG": ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "a font": ("font/woff2", b"wOF2" + bytes(100)),
    "a PDF": ("application/pdf", b"%PDF-1.7\n" + bytes(range(256))),
    "a video": ("video/mp4", bytes(range(256)) * 8),
    "any bytes": ("application/octet-stream", bytes(range(256)) * 40),
    "server-sent events": ("text/event-stream", b"event: a\ndata: 1\n\n" * 5),
    "a multipart stream": ("multipart/x-mixed-replace; boundary=b", b"--b\r\n\r\na\r\n--b--\r\n"),
    "gRPC for the web": ("application/grpc-web+proto", b"\0\0\0\0\x02\x08\x01"),
    "CSV": ("text/csv; charset=utf-8; header=present", b"a,b\r\n1,2\r\n"),
    "Markdown": ("text/markdown", b"# 404\n"),
    "a type in odd letters": ("Text/HTML;Charset=UTF-8", PAGE),
    "a type that is none": ("nonsense", b"?"),
}
HEADERS: dict[str, Fields] = {
    "several cookies": (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; HttpOnly"), ("Set-Cookie", "a=3")),
    "a cookie with a date": (("Set-Cookie", "a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT; SameSite=Lax"),),
    "the same field again and again": (
        ("Link", "</a>; rel=next"), ("Link", "</b>; rel=prev"), ("Link", "</a>; rel=next"),
    ),
    "links that are loaded": (("Link", "</a.css>; rel=preload; as=style"), ("Link", "</b.js>; rel=modulepreload")),
    "two Vary fields": (("Vary", "Cookie"), ("X-Between", "1"), ("Vary", "accept-encoding, *")),
    "two cache policies": (("Cache-Control", "public"), ("Cache-Control", "max-age=60")),
    "policies for every cache": (
        ("Cache-Control", "max-age=60, stale-while-revalidate=30"), ("CDN-Cache-Control", "max-age=600"),
        ("Surrogate-Control", "max-age=1"), ("Edge-Control", "!no-store"), ("Pragma", "no-cache"), ("Expires", "0"),
        ("Age", "10"),
    ),
    "validators": (("ETag", 'W/"404"'), ("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT"), ("Accept-Ranges", "bytes")),
    "digests": (
        ("Digest", "sha-256=x"), ("Content-Digest", "sha-256=:eA==:"), ("Content-MD5", "eA=="), ("Repr-Digest", "x"),
    ),
    "names in odd letters": (("x-LOWER-upper", "1"), ("X-UPPER", "2"), ("eTaG", '"a"'), ("SET-cookie", "a=1")),
    "an empty value": (("X-Empty", ""), ("X-After", "1")),
    "a value with blanks inside": (("X-Blanks", "a  b \t c"),),
    "bytes beyond ASCII": (("X-Name", "caf\xe9 \xff"), ("Content-Disposition", "inline; filename=\xe9.html")),
    "a long value": (("X-Long", "a" * 4000),),
    "a hundred fields": tuple((f"X-Field-{number:03}", str(number)) for number in range(100)),
    "fields in no order": (("Z", "1"), ("A", "2"), ("Z", "3"), ("M", "4"), ("A", "5")),
    "our own marker": (("X-Error-Pages", "page"),),
    "our own marker to keep": (("X-Error-Pages", "keep"),),
    "an attachment": (("Content-Disposition", 'attachment; filename="a.html"'),),
    "a language": (("Content-Language", "de"), ("Content-Location", "/de/")),
    "a content policy": (("Content-Security-Policy", "default-src 'self'"), ("X-Content-Type-Options", "nosniff")),
    "a Retry-After": (("Retry-After", "120"), ("X-Request-ID", "req-7")),
    "CORS": (
        ("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "X-A"), ("Timing-Allow-Origin", "*"),
    ),
    "robots and a refresh": (("X-Robots-Tag", "noindex"), ("Refresh", "5; url=/a")),
}  # fmt: skip
REQUESTS: dict[str, tuple[str, Fields]] = {
    "nothing said": ("GET", ()),
    "JSON": ("GET", (("Accept", "application/json"),)),
    "problem details": ("GET", (("Accept", "application/problem+json"),)),
    "nothing acceptable": ("GET", (("Accept", "image/*;q=0"),)),
    "a fragment for htmx": ("GET", (("Accept", "*/*"), ("HX-Request", "true"))),
    "a script": ("GET", (("Accept", "text/html"), ("X-Requested-With", "XMLHttpRequest"), ("Sec-Fetch-Dest", "empty"))),
    "another language": ("GET", (("Accept", "text/html"), ("Accept-Language", "de"))),
    "a range": ("GET", (("Range", "bytes=0-9"), ("If-Range", '"a"'))),
    "a change": ("POST", (("Content-Length", "0"), ("Accept", "text/html"))),
    "options": ("OPTIONS", (("Origin", "https://acme.example"), ("Access-Control-Request-Method", "PUT"))),
    "an own method": ("PROPFIND", (("Depth", "1"),)),
    "a 64 KB cookie's worth of preferences": ("GET", (("Accept", "a/b," * 1500),)),
}


def _samples() -> Iterator[tuple[str, Sample]]:
    for status in STATUSES:
        yield f"{status}", Sample(status).sized
        yield f"{status}, without a length, in pieces", Sample(status, pieces=(PAGE, PAGE), way="in pieces")
    yield from _without_body()
    yield from _redirects()
    for name, (media_type, body) in TYPES.items():
        sample = Sample(headers=(("Content-Type", media_type),), pieces=(body,))
        yield name, sample.sized
        yield f"{name}, in pieces", replace(sample, pieces=(body[:1], body[1:5], body[5:]), way="in pieces")
        packed = replace(sample, pieces=(gzip.compress(body, mtime=0),))
        yield f"{name}, compressed", packed.sized.adding(("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    for size in SIZES:
        large = Sample(headers=(("Content-Type", "text/html"),), pieces=(b"x" * size,))
        yield f"{size} bytes", large.sized
        pieces = tuple(b"y" * min(5000, size - start) for start in range(0, size, 5000))
        yield f"{size} bytes in pieces", replace(large, pieces=pieces, way="in pieces")
    for name, fields in HEADERS.items():
        yield f"with {name}", Sample().sized.adding(*fields)
    yield "with no type", Sample(headers=()).sized
    yield "with no fields at all", Sample(headers=(), way="in pieces")
    for name, (method, fields) in REQUESTS.items():
        yield f"asked for: {name}", replace(Sample(), method=method, fields=fields).sized
    for way in WAYS:
        for pieces in ((), (b"",), (b"one",), (b"one", b"two", b"three")):
            yield f"{len(pieces)} pieces of {len(b''.join(pieces))} bytes {way}", Sample(pieces=pieces, way=way)
    yield "byte by byte", Sample(pieces=tuple(PAGE[index : index + 1] for index in range(len(PAGE))), way="in pieces")
    yield "a file", Sample(way="a file", pieces=(PNG * 40,)).sized
    yield "a file without a length", Sample(way="a file", pieces=(PNG * 40,))
    yield "early hints", Sample(way="early hints").sized
    yield "trailers", Sample(way="trailers").adding(("Trailer", "X-Sum"))
    yield (
        "a part of a file",
        Sample(206, (("Content-Type", "image/png"), ("Content-Range", "bytes 0-9/1032")), (PNG[:10],)).sized,
    )
    parts = b"--b\r\nContent-Range: bytes 0-1/10\r\n\r\nab\r\n--b--\r\n"
    yield (
        "several parts of a file",
        Sample(206, (("Content-Type", "multipart/byteranges; boundary=b"),), (parts,)).sized,
    )


def _without_body() -> Iterator[tuple[str, Sample]]:
    for status in (204, 304):
        yield f"{status}", Sample(status, (), ())
        yield f"{status} with fields", Sample(status, (("ETag", '"a"'), ("Cache-Control", "max-age=1")), ())
        yield f"{status} with an empty piece", Sample(status, (("Vary", "Cookie"),), (b"",))
    yield "205", Sample(205, (("Content-Length", "0"),), ())
    for status in (200, 206, 302):
        head = Sample(status, pieces=(), method="HEAD").adding(("Content-Length", "9000"), ("Location", "/a"))
        yield f"HEAD, {status}", head
    yield "HEAD of what has no length", Sample(pieces=(), method="HEAD")
    yield "HEAD answered with a body", Sample(method="HEAD").sized


def _redirects() -> Iterator[tuple[str, Sample]]:
    targets = ("/login?next=%2F404", "https://acme.example/", "../up", "//other.example/a b", "/caf\xe9", "")
    for status, target in zip(REDIRECTS, (*targets, "/a"), strict=True):
        sample = Sample(status).adding(("Location", target))
        yield f"{status} with a page", sample.sized
        yield f"{status} with nothing", replace(sample, pieces=()).sized
        yield f"{status} with a cookie", sample.sized.adding(("Set-Cookie", "seen=1"), ("Set-Cookie", "b=2"))


SAMPLES: dict[str, Sample] = dict(_samples())
