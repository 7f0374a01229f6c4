"""One status code: the facts, and the words for visitors and for developers."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

Kind = Literal["standard", "obsolete", "unassigned", "historic", "draft", "vendor"]
RetryAfter = Literal["defined", "may", "no"]


@dataclass(frozen=True, slots=True)
class StatusCode:
    """All that is known about one status code; immutable, and the same whichever framework sends it.

    `temporary` is `None` where it depends on the case. `cacheable_by_default` follows RFC 9110, section 15.1;
    `must_not_store` is true where the code's own specification forbids caches to store the response. `retry_after` says
    whether the field is defined for the code, only of use to some clients (`"may"`), or neither. An entry of
    `expected_headers` is a field name or a whole field line. `title`, `message` and `next_step` are for visitors and
    `None` below 400; `meaning` and `use_when` are for developers.

        >>> from errorpages.codes import catalogue
        >>> catalogue[405].required_headers
        ('Allow',)
    """

    code: int
    name: str
    spec: str
    section: str
    spec_url: str
    _: KW_ONLY
    other_names: tuple[str, ...] = ()
    kind: Kind = "standard"
    vendors: tuple[str, ...] = ()
    temporary: bool | None = None
    cacheable_by_default: bool = False
    must_not_store: bool = False
    retry_after: RetryAfter = "no"
    required_headers: tuple[str, ...] = ()
    expected_headers: tuple[str, ...] = ()
    sent_by: str = "any"
    confused_with: tuple[int, ...] = ()
    never_for_methods: tuple[str, ...] = ()
    title: str | None = None
    message: str | None = None
    next_step: str | None = None
    meaning: str = ""
    use_when: str = ""

    @property
    def status_class(self) -> str | None:
        """Name the class, `"1xx"` to `"5xx"`; `None` for a code outside of the five."""
        return f"{self.code // 100}xx" if 100 <= self.code <= 599 else None


def is_server_error(status: int) -> bool:
    """Tell whether a status code says that the server failed (RFC 9110, section 15.6); vendors' 783 and 999 do not."""
    return 500 <= status <= 599
