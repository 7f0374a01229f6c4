"""What frameworks reveal of themselves: debug mode, the matched route, an own handler for 500, their HTTP exceptions.

The only module below the adapters that looks into an ``environ`` or ``scope``. It imports no framework: what is not in
``sys.modules`` already can't have made the response.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final

from .exchange import Headers

__all__ = [
    "HTTPException",
    "answering",
    "asks_to_keep",
    "has_own_handler",
    "http_exception",
    "in_debug_mode",
    "lets_exceptions_pass",
    "mark_as_kept",
    "propagates",
    "route",
    "was_kept",
]

_DANGEROUS: Final = re.compile(r"[\r\n\0]")


def asks_to_keep(native: Mapping[str, Any]) -> bool:
    """Tell whether the application asked, in its environ or scope, that its response be left alone."""
    return bool(native.get("errorpages.keep"))


def mark_as_kept(native: Mapping[str, Any]) -> None:
    """Tell middlewares of ours further out, by the environ or scope, that a response was kept on purpose."""
    if isinstance(native, MutableMapping):
        native["errorpages.kept"] = True


def was_kept(native: Mapping[str, Any]) -> bool:
    """Tell whether a middleware of ours further in kept the response on purpose."""
    return bool(native.get("errorpages.kept"))


def in_debug_mode(native: Mapping[str, Any]) -> bool:
    """Tell whether the framework that answers is in debug mode.

    Args:
        native: The WSGI environ or ASGI scope; the framework's context should still be alive.
    """
    if "werkzeug.debug.preserve_context" in native:
        return True
    for name in ("app", "litestar_app"):  # Starlette, FastAPI; Litestar
        if getattr(native.get(name), "debug", False) is True:
            return True
    return _flask_debug() or _django_debug() or _bottle_debug()


def _flask_debug() -> bool:
    for name in ("flask", "quart"):
        module = sys.modules.get(name)
        # An unbound proxy is false; a bound one is the application.
        if module is not None and (app := getattr(module, "current_app", None)) and app.debug:
            return True
    return False


def _django_debug() -> bool:
    settings = getattr(sys.modules.get("django.conf"), "settings", None)
    return bool(settings is not None and settings.configured and settings.DEBUG)


def _bottle_debug() -> bool:
    return bool(getattr(sys.modules.get("bottle"), "DEBUG", False))


def lets_exceptions_pass(native: Mapping[str, Any], error: BaseException, debug: bool | None = None) -> bool:
    """Tell whether an exception is meant for the developer: in debug mode, and under a framework's testing mode.

    Args:
        native: The WSGI environ or ASGI scope.
        error: The exception, with its traceback.
        debug: The option; False hears only what the application says in so many words, `PROPAGATE_EXCEPTIONS`.
    """
    if debug:
        return True
    apps = _flasks_passed(error)
    if any(_propagate_exceptions(app) for app in apps):
        return True
    return debug is None and (in_debug_mode(native) or any(app.debug or propagates(app) for app in apps))


def propagates(app: Any) -> bool:
    """Tell whether a Flask or Quart application raises its exceptions again, rather than answer them."""
    explicit = _propagate_exceptions(app)
    return bool(app.testing or app.debug) if explicit is None else explicit


def _propagate_exceptions(app: Any) -> bool | None:
    explicit = app.config.get("PROPAGATE_EXCEPTIONS")
    return None if explicit is None else bool(explicit)


def _flasks_passed(error: BaseException) -> list[Any]:
    """Find the Flask and Quart applications that an exception went through.

    When it arrives here the application's context is gone; the frames that it passed still know the application.
    """
    flask, quart = (getattr(sys.modules.get(name.lower()), name, None) for name in ("Flask", "Quart"))
    kinds = tuple(kind for kind in (flask, quart) if kind is not None)
    if not kinds:
        return []
    owners: Iterable[Any] = (frame.f_locals.get("self") for frame, _ in traceback.walk_tb(error.__traceback__))
    return [owner for owner in owners if isinstance(owner, kinds)]


def has_own_handler(native: Mapping[str, Any]) -> bool:
    """Tell whether the application has its own handler for 500 or Exception that stands outside of us."""
    handlers = getattr(native.get("app"), "exception_handlers", None)
    return isinstance(handlers, Mapping) and (500 in handlers or Exception in handlers)


_APPLICATIONS: Final = {
    "flask": ("flask", "Flask"),
    "quart": ("quart", "Quart"),
    "django": ("django.core.handlers.base", "BaseHandler"),
}
_MOST_LOOKED_AT: Final = 256


def answering(app: object) -> list[str]:
    """Find which of Flask, Quart and Django an application leads to, through whatever wraps or mounts theirs.

    Args:
        app: A WSGI or ASGI application.

    Returns:
        Their names, in small letters.
    """
    kinds = {name: getattr(sys.modules.get(module), kind, None) for name, (module, kind) in _APPLICATIONS.items()}
    if not any(kinds.values()):
        return []
    classes = {kind for part in _parts(app) for kind in type(part).__mro__}
    return [name for name, kind in kinds.items() if kind in classes]


def _parts(app: object) -> list[object]:
    """Collect an application and what it holds that may be one, up to a limit."""
    found: list[object] = [app]
    seen = {id(app)}
    for part in found:  # which grows
        for inner in _held(part):
            if len(found) < _MOST_LOOKED_AT and id(inner) not in seen:
                seen.add(id(inner))
                found.append(inner)
    return found


def _held(part: Any) -> list[Any]:
    """Look into an object, by its type alone: it may be a proxy, or define equality and attributes of its own."""
    kind = type(part)
    held: list[Any] = []
    with suppress(Exception):  # an empty cell, a proxy that is unbound
        if kind in (list, tuple):
            held.extend(part)
        elif kind is dict:
            held.extend(part.values())
        elif kind is MethodType:
            held += part.__self__, part.__func__
        elif kind is partial:
            held.append(part.func)
        elif kind is FunctionType:
            held.extend(cell.cell_contents for cell in part.__closure__ or ())
        if not issubclass(kind, type | ModuleType):
            held.extend(object.__getattribute__(part, "__dict__").values())
    return [inner for inner in held if callable(inner) or type(inner) in (list, tuple, dict)]


def route(native: Mapping[str, Any]) -> str | None:
    """Find the matched route's pattern, where the framework tells."""
    found = native.get("route") or native.get("bottle.route")
    for name in ("path", "rule"):  # Starlette, FastAPI; Bottle
        if isinstance(pattern := getattr(found, name, None), str):
            return pattern
    for name in ("path_template", "django.route"):  # Litestar; Django, by its middleware
        if isinstance(pattern := native.get(name), str):
            return pattern
    rule = getattr(native.get("werkzeug.request"), "url_rule", None)  # Flask
    return getattr(rule, "rule", None)


@dataclass(frozen=True, slots=True)
class HTTPException:
    """What an HTTP exception of a framework says: the status code, fields, and the developer's description."""

    status: int
    headers: Headers = ()
    message: str | None = None


def http_exception(error: BaseException) -> HTTPException | None:
    """Read an HTTP exception, recognised by its class.

    Args:
        error: Any exception.

    Returns:
        What it says, or None for one that is no answer. Never by an attribute: a client library's error has a code too.
    """
    for module_name, class_name, read in _CLASSES:
        kind = getattr(sys.modules.get(module_name), class_name, None)
        if isinstance(kind, type) and isinstance(error, kind):
            return read(error)
    return None


def _werkzeug(error: Any) -> HTTPException | None:
    if error.response is not None:
        status = getattr(error.response, "status_code", error.code)
        return None if status is None else HTTPException(status, _pairs(getattr(error.response, "headers", ())))
    if error.code is None:
        return None
    return HTTPException(error.code, _pairs(error.get_headers()), _text(error.description))


def _starlette(error: Any) -> HTTPException:
    return HTTPException(error.status_code, _pairs(error.headers), _text(error.detail))


def _rest_framework(error: Any) -> HTTPException:
    return HTTPException(error.status_code, (), _text(error.detail))


def _webob(error: Any) -> HTTPException:
    return HTTPException(error.status_int, _pairs(error.headerlist), _text(error.detail))


def _falcon(error: Any) -> HTTPException:
    message = _text(getattr(error, "description", None)) or _text(getattr(error, "title", None))
    return HTTPException(_code(error.status), _pairs(error.headers), message)


def _sanic(error: Any) -> HTTPException:
    return HTTPException(error.status_code or 500, _pairs(getattr(error, "headers", None)), _text(str(error)))


def _aiohttp(error: Any) -> HTTPException:
    return HTTPException(error.status, _pairs(error.headers), _text(error.text))


def _bottle(error: Any) -> HTTPException:
    return HTTPException(error.status_code, _pairs(error.headerlist), _text(error.body))


def _cherrypy(error: Any) -> HTTPException:
    return HTTPException(error.code, (), _text(error._message))


def _blacksheep(error: Any) -> HTTPException:
    return HTTPException(error.status, (), _text(error.args[0] if error.args else None))


def _django(status: int) -> Callable[[Any], HTTPException]:
    # Django keeps the text of these to itself, and so do we.
    return lambda error: HTTPException(status)


_CLASSES: Final[tuple[tuple[str, str, Callable[[Any], HTTPException | None]], ...]] = (
    ("werkzeug.exceptions", "HTTPException", _werkzeug),
    ("starlette.exceptions", "HTTPException", _starlette),
    ("litestar.exceptions", "HTTPException", _starlette),
    ("rest_framework.exceptions", "APIException", _rest_framework),
    ("django.http", "Http404", _django(404)),
    ("django.core.exceptions", "PermissionDenied", _django(403)),
    ("django.core.exceptions", "SuspiciousOperation", _django(400)),
    ("django.core.exceptions", "BadRequest", _django(400)),
    ("pyramid.httpexceptions", "HTTPException", _webob),
    ("webob.exc", "WSGIHTTPException", _webob),
    ("falcon", "HTTPError", _falcon),
    ("falcon", "HTTPStatus", _falcon),
    ("sanic.exceptions", "SanicException", _sanic),
    ("aiohttp.web", "HTTPException", _aiohttp),
    ("bottle", "HTTPResponse", _bottle),
    ("cherrypy", "HTTPError", _cherrypy),
    ("blacksheep.exceptions", "HTTPException", _blacksheep),
)


def _code(status: object) -> int:
    return int(str(getattr(status, "value", status))[:3])


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _pairs(headers: Any) -> Headers:
    if headers is None:
        return ()
    items: Iterable[tuple[object, object]] = headers.items() if hasattr(headers, "items") else headers
    pairs = ((str(name), str(value)) for name, value in items)
    # RFC 9110, section 5.5: CR, LF and NUL are dangerous in a field value; no server has seen these fields yet.
    return tuple(pair for pair in pairs if not _DANGEROUS.search("".join(pair)))
