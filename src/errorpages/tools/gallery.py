"""The gallery: every page in a browser, as the choices in the URL say, and own templates while they are written.

``/`` is the gallery itself, ``/preview`` a page as a site with these options answers, ``/problems`` what stands in its
way, and ``/changes`` tells when a template was saved. Any other path stands for where a page's links lead.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from errorpages import ErrorPages, OptionError, Page
from errorpages.content import phrase
from errorpages.library import THEMES
from errorpages.translation import available_languages, load_language

from .choices import DEFAULTS, FORMATS, HEIGHTS, PSEUDO_LOCALES, SCHEMES, STATUSES, Choices, Site
from .failures import collected_failures
from .problems import Problem
from .templates import tool_template

__all__ = ["Gallery"]

SENT_AS_200: Final = {
    407: "Browsers take a 407 from a proxy alone",  # RFC 9110, section 15.5.8
    **{status: f"uvicorn, which the gallery runs on, can't send a {status}" for status in STATUSES if status > 599},
}
"""Codes that a browser would not be shown a page with, and why."""

POLL_SECONDS: Final = 0.25
_BEATS_OF_SILENCE: Final = 60

_TEMPLATE: Final = tool_template("gallery.html")
_SAMPLE_LOGO: Final = _TEMPLATE.render(view="logo").strip()


@lru_cache(maxsize=32)
def _pages(site: Site, folder: Path | None, version: str) -> ErrorPages:
    """Make a site's pages, anew for each version of its templates."""
    pseudo = set(site.languages).intersection(PSEUDO_LOCALES.values())
    return ErrorPages(
        theme=site.theme,
        templates=folder,
        languages=site.languages,
        wording={tag: {} for tag in pseudo},  # which offers a language without a catalogue
        site_name=site.site_name,
        support_url="/help",
        status_url="/status",
        accent=site.accent,
        logo=_SAMPLE_LOGO if site.has_logo else None,
        reference=None if site.has_reference else False,
        auto_retry=site.auto_retry,
    )


def _version_of(folder: Path | None) -> str:
    """Identify the state of a folder's files by their names, times and sizes."""
    if folder is None:
        return ""
    digest = hashlib.sha256(b"here" if folder.is_dir() else b"gone")
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            try:
                state = path.stat()
            except OSError:  # deleted just now, or a link to nowhere
                continue
            digest.update(f"{path}\0{state.st_mtime_ns}\0{state.st_size}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()


class Look(NamedTuple):
    """The page that was chosen, if there is one, and what stands in its way."""

    page: Page | None
    problems: tuple[Problem, ...]


class Gallery:
    """The gallery's application.

    Args:
        templates: A folder of own templates to preview.
        is_stopping: Tells whether the server was told to stop, so that open streams end.

    Attributes:
        app: The ASGI application.
    """

    def __init__(self, templates: Path | None = None, is_stopping: Callable[[], bool] = lambda: False) -> None:
        self._templates = templates
        self._is_stopping = is_stopping
        self.app = Starlette(
            routes=[
                Route("/", self._index),
                Route("/preview", self._preview),
                Route("/problems", self._problems),
                Route("/changes", self._changes),
                Route("/{path:path}", self._elsewhere),
            ]
        )

    def look(self, query: Mapping[str, str], accept_encoding: str | None = None) -> Look:
        """Make the page that was chosen, and find what stands in its way.

        Args:
            query: The choices, as they stand in the URL.
            accept_encoding: The content codings that the client takes, which it alone can choose.
        """
        with collected_failures() as failures:
            try:
                choices = Choices.of(query)
                pages = _pages(choices.site, self._templates, _version_of(self._templates))
                page = pages.page(
                    choices.request(accept_encoding),
                    choices.status,
                    message=choices.message or None,
                    headers=choices.response_fields,
                )
            except OptionError as error:
                return Look(None, Problem.of_refusal(error, self._templates))
            except Exception as error:  # a template that can't even be read must not end the gallery
                return Look(None, (Problem.of_failure("templates", error),))
        problems = [Problem.of_failure("page", failure) for failure in failures]
        if choices.status in SENT_AS_200:
            problems.append(Problem("status", f"{SENT_AS_200[choices.status]}: its page is sent with 200 here."))
        return Look(page, tuple(problems))

    # -- routes --------------------------------------------------------------------------------------------------------

    # All are coroutines: what is logged while a page is made is of that page alone.

    async def _index(self, request: Request) -> Response:
        if request.headers.get("sec-fetch-dest") == "iframe":  # the page's own link home
            return await self._elsewhere(request)
        choices = Choices.nearest(request.query_params)
        return self._html(
            "gallery",
            choices=choices,
            defaults=DEFAULTS,
            direction=choices.direction or load_language(choices.language).direction,
            languages=[(tag, load_language(tag).direction) for tag in available_languages()],
            statuses=_grouped_statuses(),
            themes=THEMES,
            formats=FORMATS,
            schemes=SCHEMES,
            heights=HEIGHTS,
            pseudo_locales=PSEUDO_LOCALES,
            query=request.url.query,
            accept_encoding=request.headers.get("accept-encoding", ""),
            problems=self.look(request.query_params).problems,
            folder=self._templates,
        )

    async def _preview(self, request: Request) -> Response:
        page, problems = self.look(request.query_params, request.headers.get("accept-encoding"))
        if page is None:
            return PlainTextResponse(f"{problems[0].message}\n", 400 if problems[0].kind == "choice" else 500)
        is_replaced = page.status > 599 or (page.status in SENT_AS_200 and "sec-fetch-mode" in request.headers)
        response = Response(page.body, 200 if is_replaced else page.status)
        response.raw_headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in page.headers
        ]
        return response

    async def _problems(self, request: Request) -> Response:
        return self._html("problems", problems=self.look(request.query_params).problems)

    async def _changes(self, request: Request) -> Response:
        return StreamingResponse(
            self._versions(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def _versions(self) -> AsyncIterator[str]:
        """Send the templates' version at first and after every change (HTML Standard, server-sent events)."""
        known = None
        for beat in count(1):
            if self._is_stopping():
                return
            version = _version_of(self._templates)
            if version != known:
                known = version
                yield f"data: {version}\n\n"
            elif beat % _BEATS_OF_SILENCE == 0:
                yield ":\n\n"  # a comment, by which a client that left is noticed
            await asyncio.sleep(POLL_SECONDS)

    async def _elsewhere(self, request: Request) -> Response:
        origin = str(request.base_url)
        referrer = request.headers.get("referer", "")
        back = referrer.removeprefix(origin.rstrip("/")) if referrer.startswith(f"{origin}preview?") else None
        return self._html("elsewhere", 404, path=request.url.path, back=back)

    def _html(self, view: str, status: int = 200, **variables: object) -> Response:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data:; "
            "connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; form-action 'self'; base-uri 'none'"
        )
        page = _TEMPLATE.render(view=view, nonce=nonce, **variables)
        return HTMLResponse(page, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def _grouped_statuses() -> dict[str, list[tuple[int, str]]]:
    """Name the status codes, by class."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for status in STATUSES:
        group = f"{status // 100}xx" if status < 600 else "Others"
        groups.setdefault(group, []).append((status, phrase(status)))
    return groups
