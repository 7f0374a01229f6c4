"""An application whose hook writes down each page that it is told of, a little late, and in which process."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from errorpages import PageEvent
from errorpages.telemetry import flush
from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

EVENTS = Path(os.environ["ERRORPAGES_TEST_RELEASES"]) / "events"


def note(event: PageEvent) -> None:
    time.sleep(0.02)
    with EVENTS.open("a") as events:
        events.write(json.dumps({"path": event.path, "pid": os.getpid()}) + "\n")


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain"), ("X-Pid", str(os.getpid()))])
    return [b"Not Found"]


application = ErrorPagesMiddleware(app, on_page=note)

# A page in the process that loads the application, which starts a thread there before any worker is forked.
list(application({"REQUEST_METHOD": "GET", "PATH_INFO": "/preload"}, lambda *args: print))
flush()
