"""What is noted on an exception: the visitor's reference, once, and nobody else's."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Any

import pytest
from tests.drivers import Receive, Scope, Send, ask, run_asgi, scope_of

from errorpages.asgi import ErrorPagesMiddleware
from errorpages.telemetry import note_reference

NOTE = "errorpages: the visitor's page has the reference req-2"


class Plain(Exception):
    pass


class ClassNotes(Exception):
    __notes__: Any = ("a note of the class",)


class ReadOnly(Exception):
    @property
    def __notes__(self) -> list[str]:  # type: ignore[override]
        return ["read only"]


class Raising(Exception):
    @property
    def __notes__(self) -> list[str]:  # type: ignore[override]
        raise LookupError("no notes")


@dataclass(frozen=True)
class Frozen(Exception):
    name: str = "frozen"


class Slotted(Exception):
    __slots__ = ()


class Strict(Exception):
    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)


def noted(error: Exception, notes: object) -> Exception:
    error.__dict__["__notes__"] = notes
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(Plain(), [NOTE], id="no notes"),
        pytest.param(noted(Plain(), ["a", "b"]), ["a", "b", NOTE], id="notes of others"),
        pytest.param(noted(Plain(), ("a",)), ["a", NOTE], id="a tuple"),
        pytest.param(noted(Plain(), None), [NOTE], id="None"),
        pytest.param(noted(Plain(), [1, None, "a"]), [1, None, "a", NOTE], id="notes that are no text"),
        pytest.param(noted(Plain(), "text"), "text", id="text"),
        pytest.param(noted(Plain(), 7), 7, id="a number"),
        pytest.param(ClassNotes(), ["a note of the class", NOTE], id="notes of the class"),
        pytest.param(ReadOnly(), ["read only"], id="read-only notes"),
        pytest.param(Frozen(), [NOTE], id="a frozen dataclass"),
        pytest.param(Slotted(), [NOTE], id="slots"),
        pytest.param(Strict(), [NOTE], id="an exception that refuses attributes"),
        pytest.param(ExceptionGroup("x", [KeyError()]), [NOTE], id="a group"),
    ],
)
def test_a_reference_is_noted_beside_the_notes_of_others_and_in_place_of_an_earlier_one(
    error: BaseException, expected: object
) -> None:
    note_reference(error, "req-1")
    note_reference(error, "req-2")
    assert error.__notes__ == expected
    traceback.format_exception(error)


def test_an_exception_whose_notes_raise_hurts_nothing() -> None:
    note_reference(Raising(), "req-1")


def test_notes_of_a_class_are_not_written_to() -> None:
    note_reference(ClassNotes(), "req-1")
    assert ClassNotes.__notes__ == ("a note of the class",)


def test_a_visitor_without_a_reference_takes_the_earlier_ones_off() -> None:
    error = noted(Plain(), ["a"])
    note_reference(error, "req-1", is_certain=False)
    assert error.__notes__ == ["a", "errorpages: the visitor's page, unless it is your own, has the reference req-1"]
    note_reference(error, None)
    assert error.__notes__ == ["a"]
    plain = Plain()
    note_reference(plain, None)
    assert not hasattr(plain, "__notes__")


@pytest.mark.parametrize("kind", [Plain, Frozen])
def test_an_exception_that_is_raised_for_each_visitor_has_the_last_ones_reference_alone(kind: type[Exception]) -> None:
    error = kind()
    for number in range(3):
        assert answered_with(error, f"req-{number}")
        assert error.__notes__ == [f"errorpages: the visitor's page has the reference req-{number}"]


@pytest.mark.parametrize("error", [ReadOnly(), Raising(), noted(Plain(), 7)])
def test_an_exception_with_notes_that_cant_be_used_has_its_page_all_the_same(error: Exception) -> None:
    assert answered_with(error, "req-7")


def answered_with(error: Exception, reference: str) -> bool:
    """Raise an exception for a visitor; tell whether the page has the reference, and the server the exception."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    sent = run_asgi(ErrorPagesMiddleware(app), scope_of(ask(x_request_id=reference)))
    return sent.error is error and reference in sent.answer.text
