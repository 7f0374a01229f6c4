"""A plain WSGI application with error pages."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RELEASES = Path(os.environ.get("ERRORPAGES_TEST_RELEASES", "."))
HTML = ("Content-Type", "text/html; charset=utf-8")
TEXT = ("Content-Type", "text/plain; charset=utf-8")
PUBLIC = ("Cache-Control", "public, max-age=3600")
ODD = [("Content-Type", "application/x-odd"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("ETag", 'W/"odd"')]
LARGE = {410: {"message": "gone " * 1_600_000}}  # 8 MB: more than the buffers between server and client hold

logging.basicConfig(format="%(name)s %(levelname)s %(message)s")


def released(name: str) -> None:
    """Wait until the test has seen what was sent so far."""
    deadline = time.monotonic() + 60
    while not (RELEASES / name).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def odd_bytes(mark: str) -> Iterator[bytes]:
    for _ in range(4):
        yield bytes(range(256)) * 300


def pieces(mark: str, size: int, breaks: bool = False) -> Iterator[bytes]:
    yield b"<p>first</p>" + b" " * size
    if breaks:
        raise RuntimeError(f"boom-{mark}")
    released(mark)
    yield b"<p>last</p>"


def slow(mark: str) -> Iterator[bytes]:
    released(mark)
    yield b"Not Found"


def no_content(mark: str) -> Iterable[bytes]:
    return []


def fails(mark: str) -> Iterable[bytes]:
    raise RuntimeError(f"boom-{mark}")


PATHS: dict[str, tuple[str, list[tuple[str, str]], Callable[[str], Iterable[bytes]]]] = {
    "/fine": ("200 OK", [TEXT, ("Content-Length", "4")], lambda mark: [b"fine"]),
    "/away": ("503 Service Unavailable", [PUBLIC], no_content),
    "/lasting": ("404 Not Found", [TEXT, PUBLIC], lambda mark: [b"Not ", b"", b"Found"]),
    "/slow": ("404 Not Found", [TEXT], slow),
    "/stream": ("200 OK", [HTML], lambda mark: pieces(mark, 0)),
    "/own-page": ("404 Not Found", [HTML], lambda mark: pieces(mark, 9000)),
    "/breaks": ("200 OK", [HTML], lambda mark: pieces(mark, 0, breaks=True)),
    "/own-page-breaks": ("500 Internal Server Error", [HTML], lambda mark: pieces(mark, 9000, breaks=True)),
    "/breaks-announced": (
        "200 OK",
        [HTML, ("Content-Length", "1000")],
        lambda mark: pieces(mark, 0, breaks=True),
    ),
    "/odd": ("200 OK", ODD, odd_bytes),
    "/odd-announced": ("200 OK", [*ODD, ("Content-Length", "307200")], odd_bytes),
    "/elsewhere": ("302 Found", [("Location", "/fine"), ("Content-Length", "0")], no_content),
    "/large": ("410 Gone", [TEXT], no_content),
    "/form": ("409 Conflict", [TEXT], no_content),
}


def plain(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    mark = parse_qs(environ["QUERY_STRING"]).get("mark", [""])[0]
    if environ["PATH_INFO"] == "/fails":
        return fails(mark)
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    status, headers, body = PATHS.get(environ["PATH_INFO"], ("404 Not Found", [TEXT], lambda mark: [b"Not Found"]))
    start_response(status, list(headers))
    if environ["REQUEST_METHOD"] == "HEAD" and status < "4":
        return []  # some servers send what the application gives
    content: Iterable[bytes] = body(mark)
    return content


application = ErrorPagesMiddleware(plain, site_name="Acme")


large = ErrorPagesMiddleware(plain, site_name="Acme", wording=LARGE)


class Told:
    """A response's body that leaves a sign when the server closes it."""

    def __init__(self, body: Iterable[bytes], sign: Path) -> None:
        self._body = body
        self._sign = sign

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is not None:
            close()
        self._sign.touch()


def subject(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Serve with error pages, under /bare without; with ``tell`` leave signs of the request's begin and end."""
    path = environ["PATH_INFO"]
    if path.startswith("/bare/"):
        return plain({**environ, "PATH_INFO": path.removeprefix("/bare")}, start_response)
    tell = parse_qs(environ["QUERY_STRING"]).get("tell")
    if tell:
        (RELEASES / f"{tell[0]}-begun").touch()
    body = (large if path == "/large" else application)(environ, start_response)
    return Told(body, RELEASES / f"{tell[0]}-over") if tell else body
