"""Serves every sample over WSGI, by its number: once plain, once with the middleware around it."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tests.transparency.samples import SAMPLES, Sample

from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LIST = list(SAMPLES.values())


def plain(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    number = environ["PATH_INFO"].strip("/")
    if not number.isdigit():
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"Not Found"]
    sample = LIST[int(number)]
    return WAYS[sample.way](sample, environ, lambda: start_response(status_line(sample), list(sample.headers)))


application = ErrorPagesMiddleware(plain, site_name="Acme")

Start = Callable[[], Callable[[bytes], object]]


def status_line(sample: Sample) -> str:
    known = sample.status in set(HTTPStatus)
    return f"{sample.status} {HTTPStatus(sample.status).phrase if known else 'Odd'}"


def at_once(sample: Sample, environ: WSGIEnvironment, start: Start) -> Iterable[bytes]:
    start()
    return list(sample.pieces)


def in_pieces(sample: Sample, environ: WSGIEnvironment, start: Start) -> Iterable[bytes]:
    start()
    return Closing(sample.pieces)


def late(sample: Sample, environ: WSGIEnvironment, start: Start) -> Iterator[bytes]:
    start()
    yield from sample.pieces


def with_empty_pieces(sample: Sample, environ: WSGIEnvironment, start: Start) -> Iterable[bytes]:
    start()
    return [item for piece in sample.pieces for item in (b"", piece, b"")]


def of_a_tuple(sample: Sample, environ: WSGIEnvironment, start: Start) -> Iterable[bytes]:
    start()
    return sample.pieces


def written(sample: Sample, environ: WSGIEnvironment, start: Start) -> Iterable[bytes]:
    write = start()
    for piece in sample.pieces[:-1]:
        write(piece)
    return sample.pieces[-1:]


def file(sample: Sample, environ: WSGIEnvironment, start: Start) -> Iterable[bytes]:
    content: Any = tempfile.TemporaryFile()  # noqa: SIM115  # the server closes it
    content.write(b"".join(sample.pieces))
    content.seek(0)
    start()
    wrapper = environ.get("wsgi.file_wrapper")
    return wrapper(content) if wrapper else io.BytesIO(content.read())


def early_hints(sample: Sample, environ: WSGIEnvironment, start: Start) -> Iterable[bytes]:
    hint = environ.get("wsgi.early_hints")
    if hint is not None:
        hint([("Link", "</a.css>; rel=preload; as=style")])
    return at_once(sample, environ, start)


class Closing:
    """An iterable that the server has to close."""

    def __init__(self, pieces: tuple[bytes, ...]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        """Free what it held."""


WAYS: dict[str, Callable[[Sample, WSGIEnvironment, Start], Iterable[bytes]]] = {
    "at once": at_once,
    "in pieces": in_pieces,
    "a generator that starts late": late,
    "with empty pieces in between": with_empty_pieces,
    "with every key or none": of_a_tuple,
    "written or read once": written,
    "a file": file,
    "early hints": early_hints,
    "trailers": in_pieces,
}
