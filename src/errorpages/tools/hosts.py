"""Which names a server of the tools answers to.

A page of any site may have its own name resolve to 127.0.0.1 (DNS rebinding), and then reads in the visitor's browser
whatever is served there. What it can't change is the Host field, which holds that name.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Hosts", "asgi_guard", "is_host", "wsgi_guard"]

MISDIRECTED: Final = 421
"""RFC 9110, section 15.5.20: the request was directed at a server that does not answer for this host."""

_NAME: Final = re.compile(r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?", re.IGNORECASE)
_AUTHORITY: Final = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::\d{0,5})?")
_SHOWN: Final = 80

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


def is_host(text: str) -> bool:
    """Tell whether a text is a name, one with ``*.`` for all below another, or an address; without a port."""
    return _address(text.strip("[]")) is not None or _NAME.fullmatch(text) is not None


class Hosts:
    """The hosts that a server answers to: this machine's own names for itself, and those that were given.

    Args:
        bound: The address that the server listens on. Where that stands for all of them, any address is answered to,
            as no page of another site has one for its name, and so are the machine's own names.
        given: More names and addresses; one with ``*.`` stands for all below it.
    """

    def __init__(self, bound: str, given: Iterable[str] = ()) -> None:
        address = _address(bound)
        self._is_everywhere = address is not None and address.is_unspecified
        names = [bound, *given, *(_own_names() if self._is_everywhere else ())]
        self._addresses = {address for text in names if (address := _address(text.strip("[]")))}
        self._names = {"localhost", *(text.lower().removesuffix(".") for text in names)}
        self._above = tuple(name[1:] for name in self._names if name.startswith("*."))

    def allows(self, field: str | None) -> bool:
        """Tell whether the server answers to a Host field.

        Args:
            field: Its value: a host, with or without a port.
        """
        found = _AUTHORITY.fullmatch(field or "")
        if found is None or not found[1]:
            return False
        host = found[1].lower()
        address = _address(host.strip("[]"))
        if address is not None:
            return self._is_everywhere or address.is_loopback or address in self._addresses
        name = host.removesuffix(".")
        return name in self._names or name.endswith(self._above)


def refusal(field: str | None) -> bytes:
    """Say why a request is refused, and what to do.

    Args:
        field: The Host field's value.
    """
    found = _AUTHORITY.fullmatch(field or "")
    host = found[1] if found is not None else ""
    if not is_host(host) or len(host) > _SHOWN:
        return b"This request names no host that can be used. Open the address that the terminal shows.\n"
    return (
        f"This server doesn't answer to {host}: a page of another site could be asking.\n"
        "Open the address that the terminal shows, or, if this name is your own, start the command again with\n\n"
        f"    --allow-host {host}\n"
    ).encode("ascii")


def asgi_guard(app: ASGIApp, hosts: Hosts) -> ASGIApp:
    """Stand before an ASGI application, and refuse other hosts.

    Args:
        app: The application.
        hosts: What it answers to.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        fields = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(fields) == 1 and hosts.allows(fields[0]):
            await app(scope, receive, send)
            return
        headers = [(name.lower().encode(), value.encode()) for name, value in _FIELDS]
        await send({"type": "http.response.start", "status": MISDIRECTED, "headers": headers})
        await send({"type": "http.response.body", "body": refusal(fields[0] if len(fields) == 1 else None)})

    return guarded


def wsgi_guard(app: WSGIApplication, hosts: Hosts) -> WSGIApplication:
    """Stand before a WSGI application, and refuse other hosts.

    Args:
        app: The application.
        hosts: What it answers to.
    """

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        field = environ.get("HTTP_HOST")
        if hosts.allows(field):
            return app(environ, start_response)
        start_response(f"{MISDIRECTED} Misdirected Request", list(_FIELDS))
        return [refusal(field)]

    return guarded


_FIELDS: Final = (
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _own_names() -> tuple[str, ...]:
    """Find what this machine is called in its own network."""
    name = socket.gethostname()
    short = name.partition(".")[0]
    return name, short, f"{short}.local"
