"""How something can be called, as far as that can be told without calling it."""

from __future__ import annotations

import inspect
from functools import partial
from types import FunctionType, MethodType
from typing import Any

__all__ = ["called", "signature_of", "takes"]


def called(value: Any) -> Any:
    """Find what Python runs when an object is called: a function, or a method that is bound to it."""
    kind = type(value)
    if issubclass(kind, FunctionType | MethodType):
        return value
    if issubclass(kind, partial):
        return partial(called(value.func), *value.args, **value.keywords)
    # Looked up where Python does, past what the object itself says; `inspect.signature` mistakes static methods.
    call = inspect.getattr_static(kind, "__call__")
    return call.__get__(value, kind) if hasattr(call, "__get__") else call


def signature_of(value: Any) -> inspect.Signature | None:
    """Read how an object can really be called, whatever it wraps; None where that can't be told.

    Args:
        value: A callable; of a class, how instances are made of it.
    """
    try:
        if not issubclass(type(value), type):
            return inspect.signature(called(value), follow_wrapped=False)
        if type(value).__call__ is type.__call__ and value.__new__ is object.__new__:
            return inspect.signature(value.__init__.__get__(object(), object), follow_wrapped=False)
    except Exception:  # proxies, and objects that are not ready yet, may raise anything
        return None
    return None  # such a class makes what it wants to


def takes(signature: inspect.Signature, count: int) -> bool:
    """Tell whether a call with so many positional arguments fits.

    Args:
        signature: What is called.
        count: How many arguments it gets.
    """
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True
