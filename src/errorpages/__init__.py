"""Error pages for WSGI and ASGI applications: bare errors become pages that a person can use."""

from __future__ import annotations

from .codes import catalogue
from .core import ErrorPages
from .exceptions import OptionError
from .exchange import Page, PageEvent, Request, ResponseHead
from .options import Options

__all__ = ["ErrorPages", "OptionError", "Options", "Page", "PageEvent", "Request", "ResponseHead", "catalogue"]
