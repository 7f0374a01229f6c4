"""A page that is the same for everybody but for its reference and its times, and so need not be composed again.

Pages that caches may keep are remembered as they are (`memory`). The others quote a reference and say when to return;
all else of them is kept here, and only that is filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from .content import Draft, Moment
from .exchange import Headers, Page
from .rendering import filled

__all__ = ["Recipe"]


class Recipe:
    """How to make a page again.

    Args:
        page: The page as it was composed.
        draft: What was known of it.
        parts: Its content, cut at its slots.
        quoted: What the application's own response gives to quote, if it does.

    Attributes:
        status: The page's status code.
        quoted: The same as above.
    """

    __slots__ = ("_after", "_before", "_draft", "_is_empty", "_page", "_parts", "quoted", "status")

    def __init__(self, page: Page, draft: Draft, parts: Sequence[str], quoted: str | None) -> None:
        self.status = page.status
        self.quoted = quoted
        self._page = page
        self._draft = draft
        self._parts = parts
        self._is_empty = not page.body
        place = next(index for index, (name, _) in enumerate(page.headers) if name == "Content-Length")
        self._before: Headers = page.headers[:place]
        self._after: Headers = page.headers[place + 1 :]

    def make(self, reference: str | None, now: datetime) -> Page | None:
        """Make the page again.

        Args:
            reference: What the visitor can quote.
            now: The present time, with a zone.

        Returns:
            The page; None where it has to be composed, as with a reference it has other parts than without.
        """
        draft = self._draft
        if (reference is None) != (draft.reference is None):
            return None
        if len(self._parts) == 1:
            return self._page
        if draft.retry_after is not None:
            draft = draft._replace(retry_at=Moment.of(now + timedelta(seconds=draft.retry_after)))
        if reference is not None:
            draft = draft._replace(reference=reference, time=Moment.of(now))
        body = "".join(filled(self._parts, draft)).encode()
        return Page(
            self.status,
            (*self._before, ("Content-Length", str(len(body))), *self._after),
            b"" if self._is_empty else body,
            reference,
            self._page.format,
            self._page.language,
        )
