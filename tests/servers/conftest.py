"""Real servers on free ports of 127.0.0.1, started once and stopped by their own process id."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers.processes import Server, Setup, module, skip_without

UVICORN = module("uvicorn", "--port", "0", "--timeout-graceful-shutdown", "2", "--no-access-log")
GUNICORN = module("gunicorn", "--bind", "127.0.0.1:0", "--graceful-timeout", "2", "--workers", "1")
SYNC = (*GUNICORN, "--worker-class", "sync")
THREADS = (*GUNICORN, "--worker-class", "gthread", "--threads", "4", "--keep-alive", "15")
HYPERCORN = module("hypercorn", "--bind", "127.0.0.1:0", "--graceful-timeout", "2", "--error-logfile", "-")
GRANIAN = module("granian", "--port", "{port}", "--workers-kill-timeout", "2", "--interface")
WAITRESS = module("waitress", "--listen=127.0.0.1:0", "--threads=4")
WERKZEUG = (
    "from werkzeug.serving import run_simple; from wsgi_app import subject;"
    "run_simple('127.0.0.1', 0, subject, threaded=True)"
)
UWSGI = (
    str(Path(sysconfig.get_path("scripts")) / "uwsgi"),
    *("--http-socket", "127.0.0.1:0", "--virtualenv", sys.prefix, "--master", "--die-on-term", "--need-app"),
    *("--enable-threads", "--threads", "4", "--disable-logging", "--wsgi"),
)

SETUPS = {
    "uvicorn, Starlette's middleware": Setup((*UVICORN, "starlette_app:added"), ("uvicorn", "starlette"), is_asgi=True),
    "uvicorn, Starlette wrapped": Setup((*UVICORN, "starlette_app:wrapped"), ("uvicorn", "starlette"), is_asgi=True),
    "gunicorn sync, plain": Setup((*SYNC, "wsgi_app:application"), ("gunicorn",), keeps_alive=False),
    "gunicorn gthread, plain": Setup((*THREADS, "wsgi_app:application"), ("gunicorn",)),
    "gunicorn sync, Flask": Setup(
        (*SYNC, "flask_app:application"), ("gunicorn", "flask"), keeps_alive=False, framework_logs=True
    ),
    "gunicorn gthread, Flask": Setup((*THREADS, "flask_app:application"), ("gunicorn", "flask"), framework_logs=True),
}

CLOSES = "{} closes every connection after its response"
ENDS_EARLY = "{} ends the response as if it were whole, also without error pages: {}"
HYPERCORN_HANGS = (
    "hypercorn leaves the HTTP/2 stream open, also without error pages: the client waits for its own timeout"
)
GRANIAN_NOTES = "granian logs the exception, but leaves out the notes of exceptions, of which the reference is one"
GUNICORN_SILENT = "gunicorn's ASGI worker logs no exception that is raised after a whole response, whoever sent it"

# The rows of the compatibility table, each with a plain application.
SUBJECTS = {
    "uvicorn (h11)": Setup((*UVICORN, "--http", "h11", "asgi_app:subject"), ("uvicorn", "h11"), is_asgi=True),
    "uvicorn (httptools)": Setup(
        (*UVICORN, "--http", "httptools", "asgi_app:subject"), ("uvicorn", "httptools"), is_asgi=True
    ),
    "hypercorn HTTP/1.1": Setup((*HYPERCORN, "asgi_app:subject"), ("hypercorn", "h11"), is_asgi=True),
    "hypercorn HTTP/2": Setup(
        (*HYPERCORN, "asgi_app:subject"),
        ("hypercorn", "h2"),
        is_asgi=True,
        is_http2=True,
        frees_applications=False,
        limits={"abort /breaks": HYPERCORN_HANGS, "abort /breaks-announced": HYPERCORN_HANGS},
    ),
    "granian ASGI": Setup(
        (*GRANIAN, "asgi", "asgi_app:subject"), ("granian",), limits={"reference in log": GRANIAN_NOTES}, is_asgi=True
    ),
    "granian ASGI HTTP/2": Setup(
        (*GRANIAN, "asgi", "--http", "2", "asgi_app:subject"),
        ("granian",),
        limits={"reference in log": GRANIAN_NOTES},
        is_asgi=True,
        is_http2=True,
    ),
    "granian WSGI": Setup(
        (*GRANIAN, "wsgi", "wsgi_app:subject"),
        ("granian",),
        limits={"abort /breaks": ENDS_EARLY.format("granian", "it sends the last chunk")},
    ),
    "gunicorn sync": Setup(
        (*SYNC, "wsgi_app:subject"), ("gunicorn",), limits={"keep-alive": CLOSES.format("gunicorn's sync worker")}
    ),
    "gunicorn gthread": Setup((*THREADS, "wsgi_app:subject"), ("gunicorn",)),
    "gunicorn ASGI": Setup(
        (*GUNICORN, "--worker-class", "asgi", "--asgi-disconnect-grace-period", "1", "asgi_app:subject"),
        ("gunicorn",),
        is_asgi=True,
        limits={"log": GUNICORN_SILENT},
    ),
    "waitress": Setup((*WAITRESS, "wsgi_app:subject"), ("waitress",)),
    "Werkzeug's development server": Setup(
        (sys.executable, "-c", WERKZEUG),
        ("werkzeug",),
        limits={"keep-alive": CLOSES.format("Werkzeug's development server")},
    ),
    "uWSGI": Setup(
        (*UWSGI, "wsgi_app:subject"),
        ("pyuwsgi",),
        is_optional=True,
        limits={
            "keep-alive": CLOSES.format("uWSGI's http-socket"),
            "abort /breaks": ENDS_EARLY.format("uWSGI's http-socket", "it knows no chunks and closes the connection"),
        },
    ),
}


@pytest.fixture(scope="module", params=[pytest.param(setup, id=name) for name, setup in SETUPS.items()])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    skip_without(request.param)
    server = Server(request.param, tmp_path_factory.mktemp("server"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module", params=[pytest.param(setup, id=name) for name, setup in SUBJECTS.items()])
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A row of the compatibility table; one whose server is missing is not running."""
    server = Server(request.param, tmp_path_factory.mktemp("subject"))
    try:
        if not server.setup.missing:
            server.start()
        yield server
    finally:
        server.stop()
