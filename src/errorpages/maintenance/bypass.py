"""Links and cookies that let their holders in while the site is closed, signed with the switch's own key.

The key and how long it is good for stand in the state, so switching off revokes them all. Needs itsdangerous.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote, unquote_plus

from werkzeug.http import dump_cookie, parse_cookie

from .state import State

if TYPE_CHECKING:
    from itsdangerous import Signer

__all__ = [
    "COOKIE",
    "INSTALL",
    "PARAMETER",
    "holds_cookie",
    "is_available",
    "is_valid",
    "location_without",
    "set_cookie",
    "signed",
    "token_in",
]

PARAMETER: Final = "errorpages-bypass"
"""The query parameter of a bypass link."""

COOKIE: Final = "errorpages_bypass"

INSTALL: Final = 'pip install "errorpages[maintenance]"'

LONGEST: Final = 256
"""Characters of a token that are looked at; ours have fewer than 100."""

_MOST_COOKIES: Final = 4  # of the same name: browsers may send several, of different paths
_QUERY_SAFE: Final = "%/:?@[]!$&'()*+,;=-._~"
_PATH_SAFE: Final = "/:@!$&'()*+,;=-._~"

Purpose = Literal["link", "cookie"]


def is_available() -> bool:
    """Tell whether itsdangerous is installed."""
    return importlib.util.find_spec("itsdangerous") is not None


def signed(state: State, purpose: Purpose, now: datetime) -> str:
    """Make a token that is good for the state's window, counted from now, or from a planned start.

    Args:
        state: The state; it must have a key.
        purpose: What it is for; a link's is no good as a cookie.
        now: The present time, with a zone.

    Raises:
        ImportError: itsdangerous is missing.
    """
    begin = _begin(state, now)
    return _signer(state, purpose).sign(str(int(begin.timestamp()))).decode("ascii")


def _begin(state: State, now: datetime) -> datetime:
    """Find the moment that a window counts from."""
    return now if state.start is None else max(now, state.start)


def is_valid(state: State, purpose: Purpose, token: str, now: datetime | None) -> bool:
    """Tell whether a token was signed with the state's key, and is still good.

    Args:
        state: The state.
        purpose: What the token is for.
        token: The token.
        now: The present time, with a zone; None where one whose time is over will do.

    Raises:
        ImportError: itsdangerous is missing.
    """
    if state.bypass_key is None or not token.isascii() or not 0 < len(token) <= LONGEST:
        return False
    signer = _signer(state, purpose)
    if not signer.validate(token):
        return False
    return now is None or now.timestamp() - int(signer.unsign(token)) < state.bypass_window


def _signer(state: State, purpose: Purpose) -> Signer:
    from itsdangerous import Signer

    assert state.bypass_key is not None
    salt = f"errorpages.maintenance.{purpose}"
    return Signer(state.bypass_key, salt, key_derivation="hmac", digest_method=hashlib.sha256)


def set_cookie(state: State, now: datetime, *, is_secure: bool) -> str:
    """Make the value of a Set-Cookie field (RFC 6265, section 4.1).

    Args:
        state: The state.
        now: The present time, with a zone.
        is_secure: Whether the site was reached by https.
    """
    return dump_cookie(
        COOKIE,
        signed(state, "cookie", now),
        max_age=state.bypass_window + math.ceil((_begin(state, now) - now).total_seconds()),
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="Lax",
    )


def holds_cookie(state: State, cookies: str | None, now: datetime | None) -> bool:
    """Tell whether a Cookie field holds a good bypass cookie.

    Args:
        state: The state.
        cookies: The field's value.
        now: The present time, with a zone; None where one whose time is over will do.
    """
    if state.bypass_key is None or not cookies or COOKIE not in cookies:
        return False
    # Fields that came one by one are joined by commas, and other cookies may hold any byte; ours holds neither.
    plain = cookies.encode("ascii", "replace").decode("ascii").replace(",", ";")
    values = parse_cookie(plain).getlist(COOKIE)[:_MOST_COOKIES]
    return any(is_valid(state, "cookie", value, now) for value in values)


def token_in(query: str) -> str | None:
    """Find the token of a bypass link.

    Args:
        query: The query string as it came.
    """
    if "errorpages" not in query:  # the rest of the name may be encoded
        return None
    values = [value for name, _, value in _pairs(query) if unquote_plus(name) == PARAMETER]
    return unquote_plus(values[0]) if values else None


def location_without(path: str, query: str) -> str:
    """Write down where a bypass link leads: the same origin and path, without the token.

    Leading slashes and backslashes are collapsed, as two of them would name another host (RFC 3986, section 4.2).

    Args:
        path: The decoded path, the mount included.
        query: The query string as it came.
    """
    location = "/" + quote(path.lstrip("/\\"), safe=_PATH_SAFE, errors="replace")
    rest = ["".join(pair) for pair in _pairs(query) if unquote_plus(pair[0]) != PARAMETER]
    if not rest:
        return location
    return f"{location}?{quote('&'.join(rest), safe=_QUERY_SAFE, encoding='latin-1', errors='replace')}"


def _pairs(query: str) -> list[tuple[str, str, str]]:
    return [part.partition("=") for part in query.split("&")]
