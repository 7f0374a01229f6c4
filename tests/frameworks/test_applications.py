"""The applications of every framework, and the adapters between both protocols, are known by their protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.drivers import framework

import errorpages.asgi
import errorpages.wsgi
from errorpages import OptionError

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.filterwarnings("ignore"),  # what a framework warns of while it is imported is its own affair
]

WSGI: Any = errorpages.wsgi.ErrorPagesMiddleware
ASGI: Any = errorpages.asgi.ErrorPagesMiddleware


def wsgi(environ: Any, start_response: Any) -> Any:
    pass


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    pass


def made(path: str, *arguments: Any, **more: Any) -> Callable[[], Any]:
    """Say how to make an application, once its framework may be imported."""
    module, _, name = path.partition(":")
    return lambda: getattr(framework(module), name)(*arguments, **more)


WSGI_APPLICATIONS = [
    pytest.param(made("a2wsgi:ASGIMiddleware", asgi), id="a2wsgi"),
    pytest.param(made("bottle:Bottle"), id="Bottle"),
    pytest.param(made("cherrypy:Application", object(), ""), id="CherryPy"),
    pytest.param(lambda: framework("cherrypy").tree, id="CherryPy's tree"),
    pytest.param(made("falcon:App"), id="Falcon"),
    pytest.param(lambda: framework("pyramid.config").Configurator().make_wsgi_app(), id="Pyramid"),
    pytest.param(made("webob:Response"), id="WebOb's response"),
    pytest.param(made("sentry_sdk.integrations.wsgi:SentryWsgiMiddleware", wsgi), id="Sentry"),
    pytest.param(made("opentelemetry.instrumentation.wsgi:OpenTelemetryMiddleware", wsgi), id="OpenTelemetry"),
]
ASGI_APPLICATIONS = [
    pytest.param(made("a2wsgi:WSGIMiddleware", wsgi), id="a2wsgi"),
    pytest.param(made("blacksheep:Application"), id="BlackSheep"),
    pytest.param(made("connexion:AsyncApp", "shop"), id="Connexion"),
    pytest.param(made("connexion:FlaskApp", "shop"), id="Connexion's Flask"),
    pytest.param(made("falcon.asgi:App"), id="Falcon"),
    pytest.param(made("litestar:Litestar"), id="Litestar"),
    pytest.param(lambda: framework("quart").Quart("shop").asgi_app, id="Quart"),
    pytest.param(made("sanic:Sanic", "refusals"), id="Sanic"),
    pytest.param(made("asgi_correlation_id:CorrelationIdMiddleware", asgi), id="asgi-correlation-id"),
    pytest.param(made("slowapi.middleware:SlowAPIASGIMiddleware", asgi), id="slowapi"),
    pytest.param(made("sentry_sdk.integrations.asgi:SentryAsgiMiddleware", asgi), id="Sentry"),
    pytest.param(made("opentelemetry.instrumentation.asgi:OpenTelemetryMiddleware", asgi), id="OpenTelemetry"),
    pytest.param(made("hypercorn.middleware:AsyncioWSGIMiddleware", wsgi), id="hypercorn's adapter"),
    pytest.param(made("uvicorn.middleware.proxy_headers:ProxyHeadersMiddleware", asgi), id="uvicorn's ProxyHeaders"),
]


@pytest.mark.parametrize("make", WSGI_APPLICATIONS)
def test_a_wsgi_application_belongs_in_the_wsgi_middleware(make: Callable[[], Any]) -> None:
    app = make()
    assert WSGI(app).app is app
    with pytest.raises(OptionError, match="this is a WSGI application; use: from errorpages.wsgi import"):
        ASGI(app)


@pytest.mark.parametrize("make", ASGI_APPLICATIONS)
def test_an_asgi_application_belongs_in_the_asgi_middleware(make: Callable[[], Any]) -> None:
    app = make()
    assert ASGI(app).app is app
    with pytest.raises(OptionError, match="this is an ASGI application; use: from errorpages.asgi import"):
        WSGI(app)


def test_a_whole_quart_object_is_refused_since_it_would_be_one_no_more() -> None:
    app = framework("quart").Quart("shop")
    for middleware in (ASGI, WSGI):
        with pytest.raises(OptionError, match=r"a Quart object.* app\.asgi_app = ErrorPagesMiddleware\(app\.asgi_app"):
            middleware(app)


@pytest.mark.parametrize("door, other", [(WSGI, "errorpages.asgi"), (ASGI, None)], ids=["wsgi", "asgi"])
def test_litestar_is_given_the_middleware_of_its_protocol(door: Any, other: str | None) -> None:
    """Litestar makes its middleware with ``app`` by keyword, for each route."""
    litestar = framework("litestar")

    async def home() -> str:
        return ""

    route = litestar.get("/")(home)
    if other is None:
        litestar.Litestar([route], middleware=[door])
    else:
        with pytest.raises(OptionError, match=other):
            litestar.Litestar([route], middleware=[door])
