"""Whatever fails in here, the client gets a response with the right status: a page, or the application's own.

Each function of ours that an exchange calls is made to fail, one after the other, in middlewares that are new and in
ones that remember the exchange. What only forwards calls and messages, or guards what is called, can't be guarded.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from tests import bodies
from tests.drivers import Answer, Response, asgi_whole, ask, markup, through_asgi, through_wsgi, watched_log, wsgi_list

import errorpages
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

HERE = str(Path(errorpages.__file__).parent)
RESPONSES = {
    "a page": markup(bodies.werkzeug(404, "No such invoice")),
    "a kept response": markup('<!doctype html><body class="shop"><h1>We looked everywhere</h1></body>'),
    "a page with a reference": markup(bodies.werkzeug(503), 503),
}
FORWARDING = {
    "_Watch.start_response", "_Watch.responder", "_Responder.__init__", "_Responder.start_response",
    "_Responder._guarded", "_Responder._forward", "_Responder._keep", "_Responder._answer", "_Responder.settle",
    "_Responder.settle_with", "_Responder.handed_over", "_Responder.send", "_Responder.hold", "_Responder._take",
    "_Responder._settle", "_Responder._send_outcome", "_Responder.finish", "_HeldBody.__init__", "_HeldBody._settle",
    "_HeldBody.__iter__", "_HeldBody.__next__", "_HeldBody.close", "ErrorPagesMiddleware.__call__",
    "ErrorPagesMiddleware.look_again", "watch", "is_private", "Report.page_started", "Report.page_handed_over",
    "guarded", "asked", "_Logger.log",
}  # fmt: skip


class Sabotaged(Exception):
    """What a function is made to raise."""


def through(adapter: str, response: Response) -> Callable[[], Answer]:
    if adapter == "WSGI":
        wsgi = WSGIMiddleware(wsgi_list(response))
        return lambda: through_wsgi(wsgi, ask())
    asgi = ASGIMiddleware(asgi_whole(response))
    return lambda: through_asgi(asgi, ask())


def called_by(run: Callable[[], object]) -> set[Any]:
    """Note the code of every function of ours that a run calls."""
    codes: set[Any] = set()

    def note(frame: Any, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(HERE):
            codes.add(frame.f_code)

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return codes


def modules() -> list[ModuleType]:
    names = [module.name for module in pkgutil.walk_packages(errorpages.__path__, "errorpages.")]
    outside = ("errorpages.tools", "errorpages.__main__", "errorpages.django", "errorpages.templates")
    return [importlib.import_module(name) for name in names if not name.startswith(outside)]


def holders(code: Any) -> Iterator[tuple[Any, str]]:
    """Find where a function is held: in its module or class, and in the modules that import it."""
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, FunctionType) and value.__code__ is code:
                yield module, name
            if isinstance(value, type) and value.__module__ == module.__name__:
                for method, function in vars(value).items():
                    if isinstance(function, FunctionType) and function.__code__ is code:
                        yield value, method


def fail(*args: object, **keywords: object) -> Any:
    raise Sabotaged


@pytest.mark.parametrize("adapter", ["WSGI", "ASGI"])
@pytest.mark.parametrize("response", RESPONSES.values(), ids=RESPONSES)
def test_a_function_that_fails_costs_no_visitor_the_response(
    response: Response, adapter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, remembering = through(adapter, response), through(adapter, response)
    codes = called_by(new) | called_by(remembering) | called_by(remembering)
    tried = 0
    for code in sorted(codes, key=lambda code: str(code.co_qualname)):
        found = list(holders(code))
        if code.co_qualname in FORWARDING or code.co_qualname == "Request.header" or not found:  # drivers call that
            continue
        runs = {"new": through(adapter, response), "remembering": remembering}
        with monkeypatch.context() as patch, watched_log():
            for holder, name in found:
                patch.setattr(holder, name, fail)
            for kind, run in runs.items():
                answer = run()
                assert answer.status == response.status, f"{code.co_qualname} failed in a {kind} middleware"
                assert answer.is_page or answer.body == response.body, code.co_qualname
        tried += 1
    assert tried > 20, "an exchange calls more functions than that"
