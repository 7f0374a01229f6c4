"""An application in Falcon's ASGI half; wrapped from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import falcon
import falcon.asgi
from falcon.asgi import Request, Response
from tests.frameworks.shop import FORM_PAGE, STYLED_PAGE

from errorpages.asgi import ErrorPagesMiddleware

NAME = "Falcon (ASGI)"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("falcon",)
EXPECTED: dict[str, str] = {"debug mode": "Falcon has no debug mode"}
MADE: list[int] = []


class Home:
    async def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = "ok"


class Invoice:
    async def on_get(self, request: Request, response: Response) -> None:
        response.media = {"invoice": 1}


class Message:
    async def on_get(self, request: Request, response: Response) -> None:
        raise falcon.HTTPNotFound(description="No such <invoice>")


class Crash:
    async def on_get(self, request: Request, response: Response) -> None:
        raise RuntimeError("password=hunter2")


class Form:
    async def on_post(self, request: Request, response: Response) -> None:
        response.status = falcon.HTTP_422
        response.content_type = falcon.MEDIA_HTML
        response.text = FORM_PAGE


class Styled:
    async def on_get(self, request: Request, response: Response) -> None:
        response.status = falcon.HTTP_404
        response.content_type = falcon.MEDIA_HTML
        response.text = STYLED_PAGE


class Api:
    async def on_get(self, request: Request, response: Response) -> None:
        raise falcon.HTTPNotFound(title="No such invoice")


class Busy:
    async def on_get(self, request: Request, response: Response) -> None:
        raise falcon.HTTPServiceUnavailable(retry_after=120, headers={"Cache-Control": "public, max-age=3600"})


async def chunks() -> AsyncIterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number
        await asyncio.sleep(0)


class Stream:
    async def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.stream = chunks()


def make(*, debug: bool = False, **options: Any) -> Any:
    app: Any = falcon.asgi.App()
    for kind in (Invoice, Message, Crash, Form, Styled, Api, Busy, Stream):
        app.add_route(f"/{kind.__name__.lower()}", kind())
    app.add_route("/", Home())
    return ErrorPagesMiddleware(app, **options)
