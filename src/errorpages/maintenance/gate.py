"""The gate: whether the site is closed, and who passes nevertheless."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ..exchange import Page, Request
from ..log import logger
from ..paths import DEFAULT_PATHS, has_dot_segments, path_pattern
from . import bypass
from .networks import Network, client_address, is_forwarded_https, is_within, parsed_networks
from .state import State
from .switch import Switch, switch_of

__all__ = ["Admission", "Closing", "Gate", "gate_of"]


def _now() -> datetime:
    return datetime.now(UTC)


class Closing(NamedTuple):
    """A site that is closed, or planned to be: what its switch says, and the moment that it was asked."""

    state: State
    now: datetime

    @property
    def has_begun(self) -> bool:
        """Whether the site is closed by now."""
        return self.state.is_closed(self.now)


@dataclass(frozen=True, slots=True)
class Admission:
    """What becomes of a visitor while the site is closed.

    Attributes:
        passes: Whether the application is called.
        is_private: Whether what it answers is for this visitor alone, and no cache may show it to another.
        redirect: Where the visitor is sent first.
    """

    passes: bool
    is_private: bool = False
    redirect: Page | None = None


_CLOSED = Admission(passes=False)
_OPEN = Admission(passes=True)
_PRIVATE = Admission(passes=True, is_private=True)


class Gate:
    """Stands before an application.

    Args:
        switch: Tells whether the site is closed.
        trusted_proxies: The networks whose forwarded addresses count.
        paths: What stays open, whatever the switch says: case-sensitive globs on the path below the mount.
        clock: Tells the present time, with a zone.

    Attributes:
        state: What the switch says now; an open site is asked this and no more.

    Raises:
        OptionError: A network is none.
    """

    def __init__(
        self,
        switch: Switch,
        trusted_proxies: tuple[str, ...] = (),
        paths: tuple[str, ...] = DEFAULT_PATHS,
        *,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.state = switch.state
        self._paths = paths
        self._trusted = parsed_networks("trusted_proxies", trusted_proxies)
        self._clock = clock
        self._has_complained = False

    def closing(self, state: State | None = None, query: str = "") -> Closing | None:
        """Tell what the switch says where the site is closed now, and None where it is open.

        Who follows a bypass link before a planned start is to be received too: the application must not get the token.

        Args:
            state: What it has just said; None where it is to be asked.
            query: The query string as it came.
        """
        closing = Closing(state or self.state(), self._clock())
        if closing.has_begun or (closing.state.on and bypass.token_in(query) is not None):
            return closing
        return None

    def admit(self, closing: Closing, request: Request, *, is_https: bool) -> Admission:
        """Decide about a visitor.

        Args:
            closing: What `closing` told.
            request: What the visitor asked for.
            is_https: Whether the server was asked by https.
        """
        state, now = closing
        redirect = self._redirect(closing, request, is_https)
        if redirect is not None:
            return Admission(passes=False, redirect=redirect)
        if not closing.has_begun or self._passes_by_path(state, request):
            return _OPEN
        if self._passes_by_network(state, request) or self._passes_by_cookie(state, request, now):
            return _PRIVATE
        return _CLOSED

    def is_private(self, closing: Closing, request: Request) -> bool:
        """Tell whether a response that is under way is for one visitor alone.

        A cookie whose time has run out since the request came still counts.

        Args:
            closing: What `closing` told.
            request: What the visitor asked for.
        """
        state = closing.state
        if self._passes_by_path(state, request):
            return False
        return self._passes_by_network(state, request) or self._passes_by_cookie(state, request, None)

    def _passes_by_path(self, state: State, request: Request) -> bool:
        pattern = path_pattern((*self._paths, *state.paths))
        return pattern is not None and bool(pattern.fullmatch(request.path)) and not has_dot_segments(request.path)

    def _passes_by_network(self, state: State, request: Request) -> bool:
        if not state.networks:
            return False
        networks: tuple[Network, ...] = parsed_networks("networks", tuple(state.networks))
        return is_within(client_address(request, self._trusted), networks)

    def _passes_by_cookie(self, state: State, request: Request, now: datetime | None) -> bool:
        try:
            return bypass.holds_cookie(state, request.header("Cookie"), now)
        except ImportError:
            self._complain()
            return False

    def _redirect(self, closing: Closing, request: Request, is_https: bool) -> Page | None:
        """Answer who follows a good bypass link: with a cookie, and the way to the same page without the token."""
        state, now = closing
        token = bypass.token_in(request.query)
        if token is None or request.method not in ("GET", "HEAD"):
            return None
        try:
            if not bypass.is_valid(state, "link", token, now):
                return None
            is_secure = is_https or is_forwarded_https(request, self._trusted)
            cookie = bypass.set_cookie(state, now, is_secure=is_secure)
        except ImportError:
            self._complain()
            return None
        headers = (
            ("Location", bypass.location_without(request.root_path + request.path, request.query)),
            ("Set-Cookie", cookie),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", "0"),
        )
        return Page(303, headers, b"")

    def _complain(self) -> None:
        if not self._has_complained:
            self._has_complained = True
            logger.error("maintenance: bypass links and cookies need itsdangerous: %s", bypass.INSTALL)


def gate_of(switch: Any, trusted_proxies: tuple[str, ...], paths: tuple[str, ...]) -> Gate | None:
    """Make the gate that the options ``maintenance``, ``trusted_proxies`` and ``maintenance_paths`` describe.

    Args:
        switch: The option ``maintenance``.
        trusted_proxies: The networks whose forwarded addresses count.
        paths: What stays open, whatever the switch says.

    Returns:
        The gate, or None where there is no switch.

    Raises:
        OptionError: One of them can't be used.
    """
    parsed_networks("trusted_proxies", trusted_proxies)
    made = switch_of(switch)
    return None if made is None else Gate(made, trusted_proxies, paths)
