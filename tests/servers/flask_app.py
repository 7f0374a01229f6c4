"""A Flask application with error pages."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, abort, request

from errorpages.wsgi import ErrorPagesMiddleware

RELEASES = Path(os.environ.get("ERRORPAGES_TEST_RELEASES", "."))
PUBLIC = {"Cache-Control": "public, max-age=3600"}

app = Flask(__name__)


def released(name: str) -> None:
    """Wait until the test has seen what was sent so far."""
    deadline = time.monotonic() + 60
    while not (RELEASES / name).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


@app.get("/fine")
def fine() -> str:
    return "fine"


@app.get("/fails")
def fails() -> str:
    raise RuntimeError(f"boom-{request.args['mark']}")


@app.get("/away")
def away() -> Response:
    return Response(status=503, headers=PUBLIC)


@app.get("/lasting")
def lasting() -> Response:
    return Response("Not Found", 404, PUBLIC)


@app.get("/slow")
def slow() -> Response:
    released(request.args["mark"])
    abort(404)


def pieces(mark: str, size: int, breaks: bool = False) -> Iterator[bytes]:
    yield b"<p>first</p>" + b" " * size
    if breaks:
        raise RuntimeError(f"boom-{mark}")
    released(mark)
    yield b"<p>last</p>"


@app.get("/stream")
def stream() -> Response:
    return Response(pieces(request.args["mark"], 0))


@app.get("/own-page")
def own_page() -> Response:
    return Response(pieces(request.args["mark"], 9000), 404)


@app.get("/breaks")
def breaks() -> Response:
    return Response(pieces(request.args["mark"], 0, breaks=True))


@app.get("/own-page-breaks")
def own_page_breaks() -> Response:
    return Response(pieces(request.args["mark"], 9000, breaks=True), 500)


@app.post("/form")
def form() -> Response:
    request.get_data()
    abort(409)


app.wsgi_app = ErrorPagesMiddleware(app.wsgi_app, site_name="Acme")  # type: ignore[method-assign]
application = app
