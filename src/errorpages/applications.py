"""Which protocol an application speaks, as far as the ways to call it tell.

A WSGI application is called with two arguments, an ASGI application with three. What can be called with either, or
can't be told (compiled code, a proxy, a mock), may be an application of both: it is never refused.
"""

from __future__ import annotations

import inspect
import sys
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple

from .exceptions import OptionError

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
        return _objection_to_class(own, app)
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
    try:
        call = _called(app)
        is_coroutine = inspect.iscoroutinefunction(call)
        signature = inspect.signature(_adapted(app, call), follow_wrapped=False)
    except Exception:  # a proxy may raise anything
        return None
    counts = _counts(signature)
    if own is WSGI and is_coroutine:  # whose answer is no iterable of bytes
        counts -= {len(WSGI.parameters)}
    if len(own.parameters) in counts:
        return None
    if len(ASGI.parameters) in counts:
        return f"this is an ASGI application; {ASGI.cure}"
    if len(WSGI.parameters) in counts and not is_coroutine:
        return f"this is a WSGI application; {WSGI.cure}"
    if 0 in counts and issubclass(type(app), FunctionType | MethodType):
        return "this is called with no arguments; if it makes the application, call it"
    if 1 in counts:
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


def _called(app: Any) -> Any:
    """Find what Python runs when an object is called: a function, or a method that is bound to it."""
    kind = type(app)
    if issubclass(kind, FunctionType | MethodType):
        return app
    if issubclass(kind, partial):
        return partial(_called(app.func), *app.args, **app.keywords)
    call = inspect.getattr_static(kind, "__call__")
    return call.__get__(app, kind) if hasattr(call, "__get__") else call


def _adapted(app: Any, call: Any) -> Any:
    """Find what asgiref's adapters hand their arguments to; for all else, what is called."""
    asgiref = sys.modules.get("asgiref.sync")
    for kind, attribute in (("AsyncToSync", "awaitable"), ("SyncToAsync", "func")):
        if type(app) is getattr(asgiref, kind, None):
            return _called(getattr(app, attribute))
    return call


def _counts(signature: inspect.Signature) -> frozenset[int]:
    """Find with how many positional arguments something can be called, from 0 to 3."""
    return frozenset(count for count in range(4) if _takes(signature, count))


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def _objection_to_class(own: Protocol, app: Any) -> str | None:
    """Object to a class, unless what it makes is the answer itself: an iterable in WSGI, an awaitable in ASGI."""
    if type(app).__call__ is not type.__call__ or app.__new__ is not object.__new__:
        return None  # it makes what it wants to
    try:
        signature = inspect.signature(app.__init__.__get__(object(), object), follow_wrapped=False)
    except Exception:
        return None
    counts = _counts(signature)
    for protocol in (WSGI, ASGI):
        if len(protocol.parameters) in counts and any(hasattr(app, name) for name in protocol.answers):
            return None if protocol is own else f"this is {protocol.name} application; {protocol.cure}"
    if 1 in counts and next(iter(signature.parameters)) == "scope":
        return _two_callables(own)
    return "this is a class; give an instance of it"
