"""An application in Connexion, made from its OpenAPI document; app.add_middleware is the idiom."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import StreamingResponse
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.asgi import ErrorPagesMiddleware

with warnings.catch_warnings():
    # It imports Starlette's test client, which warns of httpx.
    warnings.simplefilter("ignore")
    from connexion import AsyncApp, problem  # type: ignore[import-untyped]
    from connexion.exceptions import ProblemException  # type: ignore[import-untyped]
    from connexion.middleware import MiddlewarePosition  # type: ignore[import-untyped]
    from connexion.resolver import Resolver  # type: ignore[import-untyped]

NAME = "Connexion"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("connexion", "starlette")
EXPECTED: dict[str, str] = {"debug mode": "Connexion has no debug mode"}
MADE: list[int] = []


async def home() -> Any:
    return "ok"


async def invoice() -> Any:
    return {"invoice": 1}


async def message() -> Any:
    raise ProblemException(status=404, title="Not Found", detail="No such <invoice>")


async def crash() -> Any:
    raise RuntimeError("password=hunter2")


async def form() -> Any:
    return FORM_PAGE, 422


async def styled() -> Any:
    return STYLED_PAGE, 404


async def api() -> Any:
    return problem(404, "Not Found", "No such invoice")


async def busy() -> Any:
    # A copy, as Connexion writes into what it is given.
    raise ProblemException(status=503, title="Service Unavailable", headers=dict(BUSY))


async def chunks() -> AsyncIterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number
        await asyncio.sleep(0)


async def stream() -> Any:
    return StreamingResponse(chunks(), media_type="text/plain")


_HANDLERS = {handler.__name__: handler for handler in (home, invoice, message, crash, form, styled, api, busy, stream)}
_TYPES = {"home": "text/plain", "form": "text/html", "styled": "text/html", "stream": "text/plain"}


def _operation(name: str) -> dict[str, Any]:
    content: dict[str, Any] = {_TYPES.get(name, "application/json"): {}}
    responses = {"default": {"description": "An answer", "content": content}}
    return {"post" if name == "form" else "get": {"operationId": name, "responses": responses}}


def _document() -> dict[str, Any]:
    paths = {"/" if name == "home" else f"/{name}": _operation(name) for name in _HANDLERS}
    return {"openapi": "3.0.3", "info": {"title": "Shop", "version": "1"}, "paths": paths}


def make(*, debug: bool = False, **options: Any) -> Any:
    app = AsyncApp(__name__, resolver=Resolver(_HANDLERS.__getitem__))
    app.add_api(_document())
    app.add_middleware(ErrorPagesMiddleware, MiddlewarePosition.BEFORE_EXCEPTION, **options)
    return app
