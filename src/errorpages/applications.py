"""Which protocol an application speaks, as far as the ways to call it tell.

A WSGI application is called with two arguments, an ASGI application with three. What can be called with either, or
can't be told (compiled code, a proxy, a mock), may be an application of both: it is never refused.
"""

from __future__ import annotations

import inspect
import sys
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple, cast

from .exceptions import OptionError
from .signatures import called, signature_of, takes

__all__ = ["check_asgi", "check_wsgi"]


class Protocol(NamedTuple):
    """What applications are called with.

    Attributes:
        name: The protocol's name, with its article.
        parameters: The positional arguments that an application gets.
        answers: The methods of an instance that is the answer itself, one of which an application that is a class has.
        module: Where its middleware is.
    """

    name: str
    parameters: tuple[str, ...]
    answers: tuple[str, ...]
    module: str

    @property
    def cure(self) -> str:
        """What to import for such an application."""
        return f"use: from {self.module} import ErrorPagesMiddleware"


WSGI: Final = Protocol("a WSGI", ("environ", "start_response"), ("__iter__", "__getitem__"), "errorpages.wsgi")
ASGI: Final = Protocol("an ASGI", ("scope", "receive", "send"), ("__await__",), "errorpages.asgi")

_WHOLE: Final = (("flask", "Flask", "wsgi_app", WSGI), ("quart", "Quart", "asgi_app", ASGI))
"""Frameworks whose applications are wrapped within: their module and class, the attribute, and what it speaks."""

_DJANGO: Final = "in Django's MIDDLEWARE use errorpages.django.ErrorPagesMiddleware"


def check_wsgi(app: object) -> None:
    """Check that an application may be one of WSGI (PEP 3333).

    Args:
        app: What was given.

    Raises:
        OptionError: It can't be; the error says what to use instead.
    """
    _check(WSGI, app)


def check_asgi(app: object) -> None:
    """Check that an application may be one of ASGI 3.

    Args:
        app: What was given.

    Raises:
        OptionError: It can't be; the error says what to use instead.
    """
    _check(ASGI, app)


def _check(own: Protocol, app: object) -> None:
    objection = _objection(own, app)
    if objection is not None:
        raise OptionError("app", app, f"{own.name} application; {objection}")


def _objection(own: Protocol, app: object) -> str | None:
    """Say what is in the way of calling an application, and the cure."""
    if not callable(app):
        return _no_callable(app)
    if issubclass(type(app), type):
        return _objection_to_class(own, cast(type, app))
    return _whole(own, app) or _objection_to_call(own, app)


def _no_callable(value: object) -> str:
    if isinstance(value, str):
        return "give the application itself, not its import path"
    if isinstance(value, ModuleType):
        return f"this is a module; give the application that is in it, such as {value.__name__}.app"
    if value is None:
        return "this is None; does the function that makes the application return it?"
    return "this can't be called"


def _whole(own: Protocol, app: object) -> str | None:
    """Object to an application that has to stay what it is, as it is also asked for its routes, its command line, …"""
    for module, name, attribute, spoken in _WHOLE:
        if getattr(sys.modules.get(module), name, None) in type(app).__mro__:
            where = "use" if own is spoken else spoken.cure
            kind = f"this is a {name} object, which has to stay one for app.route, {module} run and the like"
            separator = ":" if own is spoken else ";"
            return f"{kind}; {where}{separator} app.{attribute} = ErrorPagesMiddleware(app.{attribute}, …)"
    return None


def _objection_to_call(own: Protocol, app: object) -> str | None:
    signature = signature_of(_adapted(app))
    if signature is None:
        return None
    fits = [protocol for protocol in (WSGI, ASGI) if takes(signature, len(protocol.parameters))]
    if WSGI in fits and _is_coroutine_function(app):  # whose answer is no iterable of bytes
        fits.remove(WSGI)
    if own in fits:
        return None
    if fits:
        return f"this is {fits[0].name} application; {fits[0].cure}"
    if takes(signature, 0) and issubclass(type(app), FunctionType | MethodType):
        return "this is called with no arguments; if it makes the application, call it"
    if takes(signature, 1):
        return _objection_to_one(own, next(iter(signature.parameters)))
    return _unfit(own)


def _objection_to_one(own: Protocol, parameter: str) -> str:
    """Object to what is called with one argument: an application of ASGI 2, or a handler of Django's or another's."""
    if parameter == "scope":
        return _two_callables(own)
    return f"{_unfit(own)}; {_DJANGO}" if "django" in sys.modules else _unfit(own)


def _unfit(own: Protocol) -> str:
    return f"this can't be called with {', '.join(own.parameters[:-1])} and {own.parameters[-1]}"


def _two_callables(own: Protocol) -> str:
    cure = "this is an ASGI 2 application; wrap it in asgiref.compatibility.guarantee_single_callable"
    return cure if own is ASGI else f"{cure}, and {ASGI.cure}"


def _adapted(app: Any) -> Any:
    """Find what asgiref's adapters hand their arguments to; all else is what is called itself."""
    asgiref = sys.modules.get("asgiref.sync")
    for kind, attribute in (("AsyncToSync", "awaitable"), ("SyncToAsync", "func")):
        if type(app) is getattr(asgiref, kind, None):
            return getattr(app, attribute)
    return app


def _is_coroutine_function(app: object) -> bool:
    try:
        return inspect.iscoroutinefunction(called(app))
    except Exception:
        return False


def _objection_to_class(own: Protocol, app: type) -> str | None:
    """Object to a class, unless what it makes is the answer itself: an iterable in WSGI, an awaitable in ASGI."""
    signature = signature_of(app)
    if signature is None:
        return None
    for protocol in (WSGI, ASGI):
        if takes(signature, len(protocol.parameters)) and any(hasattr(app, name) for name in protocol.answers):
            return None if protocol is own else f"this is {protocol.name} application; {protocol.cure}"
    if takes(signature, 1) and next(iter(signature.parameters)) == "scope":
        return _two_callables(own)
    return "this is a class; give an instance of it"
