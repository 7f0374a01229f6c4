"""What goes into the core and what comes out of it: frozen records in words of neither WSGI nor ASGI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .recipe import Recipe

__all__ = ["Headers", "Kept", "Page", "PageEvent", "Request", "ResponseHead"]

Headers = tuple[tuple[str, str], ...]
"""Fields in the order they came, duplicates included, decoded as ISO-8859-1 (so that every byte survives)."""

Cause = Literal["response", "exception", "maintenance"]


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for.

    Attributes:
        method: The request method, in capitals.
        path: The decoded path below the mount, with its leading slash.
        root_path: Where the application is mounted (``SCRIPT_NAME``), without a trailing slash.
        query: The query string as it came, without the question mark.
        headers: The request's fields.
        client: The peer's address, or None where the server does not tell.
        native: The WSGI ``environ`` or ASGI ``scope`` it was made from.
    """

    method: str = "GET"
    path: str = "/"
    root_path: str = ""
    query: str = ""
    headers: Headers = ()
    client: str | None = None
    native: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def header(self, name: str) -> str | None:
        """Find a field's value.

        Args:
            name: The field's name, in any case.

        Returns:
            The value, several joined by a comma (RFC 9110, section 5.3), or None where the field is absent.
        """
        wanted = name.lower()
        values = [value for field_name, value in self.headers if field_name.lower() == wanted]
        return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """The head of the application's response: its status code and its fields."""

    status: int
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class PageEvent:
    """A page was served; handed to the ``on_page`` hook.

    Attributes:
        status: The response's status code.
        cause: Whether a response of the application, an exception, or planned maintenance led to the page.
        method: The request method, as the client wrote it; at most 32 characters of it.
        path: The decoded path below the mount, as the client wrote it; at most 1,024 characters of it.
        route: The matched route's pattern, where the framework tells.
        format: ``html``, ``json``, ``text``, ``markdown`` or ``xml``.
        language: The page's language tag (BCP 47).
        reference: What the visitor can quote, where the page shows it.
        exception: The exception that led to the page, if one did. A hook that is far behind is told without it, since
            its traceback keeps all that the request had in its hands.
        duration: Seconds of errorpages' own work on the page, without those in which the application was at work.
    """

    status: int
    cause: Cause
    method: str
    path: str
    route: str | None
    format: str
    language: str
    reference: str | None
    exception: BaseException | None
    duration: float


@dataclass(frozen=True, slots=True)
class Page:
    """A whole response to send instead of the application's.

    Attributes:
        status: The status code, always the application's own.
        headers: Every field to send.
        body: The content; empty in the answer to HEAD, whose fields are those of the GET (RFC 9110, section 9.3.2).
        reference: What the visitor can quote, where the page shows it.
        format: ``html``, ``json``, ``text``, ``markdown`` or ``xml``.
        language: The page's language tag (BCP 47).
        is_reusable: Whether the same head, body and preferences (`negotiation.CONSULTED`) always lead to this page, or
            to the one that the recipe makes, where there is one.
        recipe: How to make it with another reference and at another time.
    """

    status: int
    headers: Headers
    body: bytes
    reference: str | None = None
    format: str = "text"
    language: str = "en"
    is_reusable: bool = field(default=False, repr=False, compare=False)
    recipe: Recipe | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """The application's own response goes out.

    Attributes:
        headers: Its fields as they now have to be, or None where they go out as they came.
        is_reusable: Whether the same head and preferences (`negotiation.CONSULTED`) always lead to this.
    """

    headers: Headers | None = None
    is_reusable: bool = field(default=False, repr=False, compare=False)
