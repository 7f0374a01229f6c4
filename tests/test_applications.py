"""What is no application of a middleware's protocol is refused at once, with the cure; what may be one never is."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock, Mock

import asgiref.compatibility
import asgiref.wsgi
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from tests.drivers import ask, run_asgi, scope_of
from tests.frameworks import django_settings
from werkzeug.exceptions import NotFound
from werkzeug.local import LocalProxy
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.lint import LintMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request, Response

import errorpages.asgi
import errorpages.wsgi
from errorpages import ErrorPages, OptionError

WSGI: Any = errorpages.wsgi.ErrorPagesMiddleware
ASGI: Any = errorpages.asgi.ErrorPagesMiddleware
USE_WSGI = "use: from errorpages.wsgi import ErrorPagesMiddleware"
USE_ASGI = "use: from errorpages.asgi import ErrorPagesMiddleware"
WsgiToAsgi: Any = asgiref.wsgi.WsgiToAsgi
guarantee_single_callable: Any = asgiref.compatibility.guarantee_single_callable
BOTH = [pytest.param(WSGI, id="wsgi"), pytest.param(ASGI, id="asgi")]


def wsgi(environ: Any, start_response: Any) -> Any:
    """Stand in for an application that is never called, as all of the following do."""


def generator(environ: Any, start_response: Any) -> Iterator[bytes]:
    yield b""


async def awaited(environ: Any, start_response: Any) -> Any:
    return []


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    pass


def asgi_by_hand(scope: Any, receive: Any, send: Any) -> Any:
    return asgi(scope, receive, send)


def anything(*arguments: Any, **more: Any) -> Any:
    pass


async def anything_awaited(*arguments: Any) -> Any:
    pass


def factory(config: str = "") -> Any:
    pass


def handler(request: Any) -> Any:
    pass


async def handler_awaited(request: Any) -> Any:
    pass


def function_of_asgi_2(scope: Any) -> Any:
    pass


class WSGIObject:
    def __call__(self, environ: Any, start_response: Any) -> Any:
        pass

    def method(self, environ: Any, start_response: Any) -> Any:
        pass


class StaticObject:
    """Of its call, `inspect.signature` takes one parameter off too many."""

    __call__ = staticmethod(wsgi)


class WSGIClass:
    """PEP 3333's own example of an application that is a class."""

    def __init__(self, environ: Any, start_response: Any) -> None:
        pass

    def __iter__(self) -> Iterator[bytes]:
        yield b""


class Late:
    """Its call is chosen for each object, as Sentry's is."""

    __slots__ = ("__call__",)

    def __init__(self, call: Any) -> None:
        self.__call__ = call


class ASGIObject:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        pass

    async def method(self, scope: Any, receive: Any, send: Any) -> None:
        pass


class ASGIClass:
    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        pass

    def __await__(self) -> Iterator[Any]:
        yield


class ClassOfASGI2:
    def __init__(self, scope: Any) -> None:
        pass

    async def __call__(self, receive: Any, send: Any) -> None:
        pass


class ObjectOfASGI2:
    def __call__(self, scope: Any) -> Any:
        pass


class ObjectWithoutArguments:
    """As aiohttp's applications are."""

    def __call__(self) -> Any:
        pass


class Unreadable:
    __call__: Any = property(lambda self: unbound())


class Maker(type):
    def __call__(cls, *arguments: Any) -> Any:
        pass


class Made(metaclass=Maker):
    pass


class Own:
    def __new__(cls, *arguments: Any) -> Any:
        pass


def unbound() -> Any:
    raise RuntimeError("outside of the application's context")


def decorated(app: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(app)
    def call(*arguments: Any) -> Any:
        return app(*arguments)

    return call


@Request.application
def view(request: Request) -> Response:
    return Response()


flask = Flask("shop")
starlette = Starlette()

WSGI_APPLICATIONS = [
    pytest.param(wsgi, id="a function"),
    pytest.param(generator, id="a generator function"),
    pytest.param(lambda e, s: [], id="a lambda"),
    pytest.param(functools.partial(asgi_by_hand, {}), id="a partial"),
    pytest.param(functools.partial(StaticObject()), id="a partial of an object with a static call"),
    pytest.param(StaticObject(), id="an object with a static call"),
    pytest.param(WSGIObject(), id="an object"),
    pytest.param(WSGIObject().method, id="a bound method"),
    pytest.param(Late(WSGIObject().method), id="an object with a call of its own"),
    pytest.param(WSGIClass, id="a class"),
    pytest.param(async_to_sync(awaited), id="a coroutine function in asgiref's adapter"),
    pytest.param(flask.wsgi_app, id="Flask"),
    pytest.param(WSGIHandler.__new__(WSGIHandler), id="Django"),
    pytest.param(Response(), id="Werkzeug's response"),
    pytest.param(NotFound(), id="Werkzeug's exception"),
    pytest.param(ProxyFix(flask), id="Werkzeug's ProxyFix"),
    pytest.param(DispatcherMiddleware(flask), id="Werkzeug's dispatcher"),
    pytest.param(WSGI(wsgi), id="a middleware of ours"),
]
ASGI_APPLICATIONS = [
    pytest.param(asgi, id="a coroutine function"),
    pytest.param(asgi_by_hand, id="a function"),
    pytest.param(lambda s, r, w: asgi(s, r, w), id="a lambda"),
    pytest.param(functools.partial(ASGIObject().method), id="a partial"),
    pytest.param(ASGIObject(), id="an object"),
    pytest.param(ASGIObject().method, id="a bound method"),
    pytest.param(Late(ASGIObject().method), id="an object with a call of its own"),
    pytest.param(ASGIClass, id="a class"),
    pytest.param(HTTPEndpoint, id="Starlette's endpoint"),
    pytest.param(sync_to_async(asgi_by_hand), id="a function in asgiref's adapter"),
    pytest.param(starlette, id="Starlette"),
    pytest.param(FastAPI(), id="FastAPI"),
    pytest.param(CORSMiddleware(starlette), id="Starlette's CORS middleware"),
    pytest.param(ServerErrorMiddleware(starlette), id="Starlette's error middleware"),
    pytest.param(ASGIHandler.__new__(ASGIHandler), id="Django"),
    pytest.param(WsgiToAsgi(wsgi), id="asgiref's adapter for WSGI"),
    pytest.param(guarantee_single_callable(ClassOfASGI2), id="asgiref's adapter for ASGI 2"),
    pytest.param(ASGI(asgi), id="a middleware of ours"),
]
EITHER = [
    pytest.param(anything, id="any arguments"),
    pytest.param(lambda one, two, three=None: [], id="a default"),
    pytest.param(decorated(wsgi), id="a decorated function"),
    pytest.param(decorated(handler), id="a decorated function that gets other arguments"),
    pytest.param(view, id="a view in Werkzeug's decorator"),
    pytest.param(functools.lru_cache(handler), id="a function in a cache"),
    pytest.param(LintMiddleware(wsgi), id="Werkzeug's lint"),
    pytest.param(LocalProxy(lambda: flask), id="a proxy"),
    pytest.param(LocalProxy(unbound), id="a proxy of nothing"),
    pytest.param(MagicMock(), id="a mock"),
    pytest.param(Mock(spec=Flask), id="a mock of a Flask object"),
    pytest.param(Unreadable(), id="a call that can't be read"),
    pytest.param(print, id="a function in C"),
    pytest.param(int, id="a class in C"),
    pytest.param(Made, id="a class whose metaclass makes something else"),
    pytest.param(Own, id="a class that makes something else"),
    pytest.param(NotFound, id="an exception's class"),
]


@pytest.mark.parametrize("app", [*WSGI_APPLICATIONS, *EITHER])
def test_what_may_be_a_wsgi_application_is_accepted(app: Any) -> None:
    assert WSGI(app).app is app


@pytest.mark.parametrize("app", [*ASGI_APPLICATIONS, *EITHER])
def test_what_may_be_an_asgi_application_is_accepted(app: Any) -> None:
    assert ASGI(app).app is app


def refusal(middleware: Any, app: object) -> str:
    """Give a middleware what is no application, and return what it says is allowed."""
    with pytest.raises(OptionError) as caught:
        middleware(app)
    assert caught.value.option == "app"
    assert caught.value.value is app
    return caught.value.allowed


@pytest.mark.parametrize("app", [*ASGI_APPLICATIONS, pytest.param(anything_awaited, id="a coroutine function of any")])
def test_an_asgi_application_in_the_wsgi_middleware_is_refused_with_the_right_import(app: Any) -> None:
    assert refusal(WSGI, app) == f"a WSGI application; this is an ASGI application; {USE_ASGI}"


@pytest.mark.parametrize("app", WSGI_APPLICATIONS)
def test_a_wsgi_application_in_the_asgi_middleware_is_refused_with_the_right_import(app: Any) -> None:
    assert refusal(ASGI, app) == f"an ASGI application; this is a WSGI application; {USE_WSGI}"


NONE = [
    # what is given, what the error says of it
    pytest.param(None, "this is None; does the function that makes the application return it?", id="None"),
    pytest.param("shop:app", "give the application itself, not its import path", id="an import path"),
    pytest.param(sys, "this is a module; give the application that is in it, such as sys.app", id="a module"),
    pytest.param(5, "this can't be called", id="a number"),
    pytest.param({}, "this can't be called", id="a mapping"),
    pytest.param(ErrorPages(), "this can't be called", id="error pages"),
    pytest.param(factory, "this is called with no arguments; if it makes the application, call it", id="a factory"),
    pytest.param(Flask, "this is a class; give an instance of it", id="the class Flask"),
    pytest.param(Starlette, "this is a class; give an instance of it", id="the class Starlette"),
    pytest.param(ProxyFix, "this is a class; give an instance of it", id="the class of a middleware"),
    pytest.param(WSGIHandler, "this is a class; give an instance of it", id="the class of Django's applications"),
    pytest.param(ObjectWithoutArguments(), "this can't be called with ", id="an object that is called without any"),
    pytest.param(lambda a, b, c, d: None, "this can't be called with ", id="four arguments"),
    pytest.param(lambda a, b, *, c: None, "this can't be called with ", id="an argument by keyword alone"),
    pytest.param(lambda: None, "this is called with no arguments", id="no arguments"),
]


@pytest.mark.parametrize("middleware", BOTH)
@pytest.mark.parametrize("app, said", NONE)
def test_what_is_no_application_is_refused_with_what_it_is(middleware: Any, app: object, said: str) -> None:
    kind = "a WSGI application" if middleware is WSGI else "an ASGI application"
    assert refusal(middleware, app).startswith(f"{kind}; {said}")


def test_a_refused_call_is_told_what_it_should_take() -> None:
    assert refusal(WSGI, lambda a, b, c, d: None).endswith("can't be called with environ and start_response")
    assert refusal(ASGI, lambda a, b, c, d: None).endswith("can't be called with scope, receive and send")


def test_the_message_shows_what_was_given() -> None:
    with pytest.raises(OptionError, match=r"^app: 'shop:app' can't be used; allowed: a WSGI application; give the app"):
        WSGI("shop:app")


@pytest.mark.parametrize("app", [function_of_asgi_2, ObjectOfASGI2(), ClassOfASGI2])
def test_an_application_of_asgi_2_is_refused_with_its_adapter(app: Any) -> None:
    adapter = "this is an ASGI 2 application; wrap it in asgiref.compatibility.guarantee_single_callable"
    assert refusal(ASGI, app) == f"an ASGI application; {adapter}"
    assert refusal(WSGI, app) == f"a WSGI application; {adapter}, and {USE_ASGI}"
    ASGI(guarantee_single_callable(app))


# -- Flask -------------------------------------------------------------------------------------------------------------


class Shop(Flask):
    """As extensions have them."""


@pytest.mark.parametrize("app", [flask, Shop("shop")], ids=["Flask", "a class of its own"])
def test_a_whole_flask_object_is_refused_since_it_would_be_one_no_more(app: Any) -> None:
    cure = "app.wsgi_app = ErrorPagesMiddleware(app.wsgi_app, …)"
    said = "this is a Flask object, which has to stay one for app.route, flask run and the like; "
    assert refusal(WSGI, app) == f"a WSGI application; {said}use: {cure}"
    assert refusal(ASGI, app) == f"an ASGI application; {said}{USE_WSGI}; {cure}"


def test_the_cure_for_a_flask_object_works() -> None:
    app: Any = Flask("shop")
    app.wsgi_app = WSGI(app.wsgi_app)
    app.wsgi_app = WSGI(app.wsgi_app)
    assert "Page not found" in app.test_client().get("/", headers={"Accept": "text/html"}).text


# -- Django ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("middleware", ["errorpages.wsgi.ErrorPagesMiddleware", "errorpages.asgi.ErrorPagesMiddleware"])
@pytest.mark.parametrize("inner", [[], ["django.middleware.common.CommonMiddleware"], ["tests.test_applications.odd"]])
@pytest.mark.parametrize("serve", [WSGIHandler, ASGIHandler])
def test_djangos_setting_takes_djangos_middleware(middleware: str, inner: list[str], serve: Any) -> None:
    django_settings.configure()
    with override_settings(MIDDLEWARE=[middleware, *inner]), pytest.raises(OptionError) as caught:
        serve()
    assert "in Django's MIDDLEWARE use errorpages.django.ErrorPagesMiddleware" in str(caught.value)


def odd(get_response: Any) -> Any:
    """A middleware of Django's that takes anything."""
    return anything


def test_a_handler_is_not_said_to_be_djangos_where_there_is_no_django(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Django" in refusal(WSGI, handler)
    monkeypatch.delitem(sys.modules, "django")
    assert refusal(WSGI, handler) == "a WSGI application; this can't be called with environ and start_response"


# -- Starlette ---------------------------------------------------------------------------------------------------------


def test_starlette_with_the_wsgi_middleware_fails_when_it_starts() -> None:
    app = Starlette()
    app.add_middleware(WSGI)
    error = run_asgi(app, scope_of(ask())).error
    assert isinstance(error, OptionError) and USE_ASGI in str(error)


# -- what is not imported ----------------------------------------------------------------------------------------------


def test_no_framework_is_imported_to_recognise_its_applications(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("flask", "quart", "django", "asgiref.sync"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    WSGI(wsgi)
    ASGI(asgi)
