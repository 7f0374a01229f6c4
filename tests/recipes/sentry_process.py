"""A process with Sentry as users start it, but for a transport that writes events down; prints what came of crashes."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable
from typing import Any

import sentry_sdk
from flask import Flask, abort
from sentry_sdk.envelope import Envelope
from sentry_sdk.integrations.wsgi import SentryWsgiMiddleware
from sentry_sdk.transport import Transport
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.drivers import Answer, ask, run_asgi, scope_of, through_wsgi
from tests.recipes.recipes import run

from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

RECIPE = "Sentry's event id as the reference"
EVENTS: list[dict[str, Any]] = []


class Recording(Transport):
    """Writes down what would be sent."""

    def capture_envelope(self, envelope: Envelope) -> None:
        events = [event for item in envelope.items if (event := item.get_event()) is not None]
        EVENTS.extend({"id": event["event_id"], "level": event["level"]} for event in events)


def starlette() -> Callable[[str], Answer]:
    async def crash(request: Request) -> Response:
        raise RuntimeError("boom")

    async def busy(request: Request) -> Response:
        raise HTTPException(503)

    app = Starlette(routes=[Route("/crash", crash), Route("/busy", busy)])
    app.add_middleware(lambda app: run(RECIPE, app=app)["app"])
    return lambda path: run_asgi(app, scope_of(ask("text/html", path=path))).answer


def flask() -> Callable[[str], Answer]:
    app = Flask("shop")

    @app.get("/crash")
    def crash() -> str:
        raise RuntimeError("boom")

    @app.get("/busy")
    def busy() -> str:
        abort(503)

    reference = run(RECIPE, app=lambda *arguments: None)["sentry_event"]
    app.wsgi_app = WSGIMiddleware(app.wsgi_app, reference=reference)  # type: ignore[method-assign]
    return lambda path: through_wsgi(app, ask("text/html", path=path))


def wsgi() -> Callable[[str], Answer]:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/crash":
            raise RuntimeError("boom")
        start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b""]

    reference = run(RECIPE, app=lambda *arguments: None)["sentry_event"]
    outer = SentryWsgiMiddleware(WSGIMiddleware(app, reference=reference))
    return lambda path: through_wsgi(outer, ask("text/html", path=path))


def main() -> None:
    sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=Recording)  # nothing listens there, and nothing is sent
    logging.basicConfig(level=logging.INFO)
    visit = {"Starlette": starlette, "Flask": flask, "plain WSGI": wsgi}[sys.argv[1]]()
    answers = [visit(path) for path in ("/crash", "/crash", "/busy")]
    references = [re.findall(r"Reference</dt><dd><bdi>(.*?)</bdi>", answer.text) for answer in answers]
    statuses = [answer.status for answer in answers if answer.is_page]
    print(json.dumps({"statuses": statuses, "references": references, "events": EVENTS}))


if __name__ == "__main__":
    main()
