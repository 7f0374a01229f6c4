"""Every option of ErrorPages: its type, its default and the check of its shape.

The checks know no other part of the package that decides anything: whether a theme exists or a language is translated
is for the module that owns it to say, with the same OptionError.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, TypedDict

from werkzeug.http import parse_dict_header

from .colour import WHITE, contrast, is_colour
from .csp import is_policy
from .exceptions import OptionError, any_of, beginning
from .exchange import PageEvent, Request, ResponseHead
from .links import leads_somewhere, link_meant_by
from .paths import DEFAULT_PATHS
from .signatures import called, signature_of, takes

__all__ = [
    "FORMATS",
    "OptionKeywords",
    "Options",
    "PathLike",
    "check_callable",
    "check_options",
    "check_pages",
    "statuses_of",
]

PathLike = str | os.PathLike[str]
Words = Mapping[str, str]
Wait = float | timedelta
Waiter = Callable[[Request, int], float | timedelta | datetime | None]
Replacer = Callable[[Request, ResponseHead, bytes], bool | None]


class SwitchLike(Protocol):
    """A switch of `errorpages.maintenance`, or one of the same shape."""

    def state(self) -> Any: ...


Referrer = Callable[[Request, ResponseHead, BaseException | None], str | None]

FORMATS = ("html", "json", "text", "markdown", "xml")
SLOTS = ("title", "message", "next_step")
MUST_NOT_STORE = (428, 429, 431, 511)
"""RFC 6585, sections 3 to 6: responses with these status codes MUST NOT be stored by a cache."""

VENDOR_STATUSES = (783, 999)
TOPICS = frozenset({"maintenance", "csrf"})
"""What has words of its own, whatever its status code says: planned downtime, and a form refused for its token."""
CLASSES = {"4xx": range(400, 500), "5xx": range(500, 600)}

_LONGEST_WAIT = 10**9

_STATUSES_ALLOWED = 'codes from 400 to 599 (or 783, 999), ranges such as "500-504", and the classes "4xx" and "5xx"'
_LINKS_ALLOWED = 'a path that starts with "/", or a URL with http, https, mailto or tel'
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
# RFC 9111, section 5.2: a list of directives, each a token that may have an argument.
_TOKEN = r"[\w!#$%&'*+.^`|~-]+"
_DIRECTIVE = rf'{_TOKEN}(?:=(?:{_TOKEN}|"[^"]*"))?'
_CACHE_POLICY = re.compile(rf"{_DIRECTIVE}(?:[ ,]*,[ ,]*{_DIRECTIVE})*[ ,]*", re.ASCII)
_FIELD_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


class OptionKeywords(TypedDict, total=False):
    """The options as keywords, for the signatures that take any of them."""

    site_name: str
    home_url: str
    support_url: str | None
    status_url: str | None
    logo: str | None
    accent: str | None
    theme: str
    templates: PathLike | Sequence[PathLike] | None
    context: Callable[[Request], Mapping[str, Any]] | None
    wording: Mapping[Any, Any]
    languages: Sequence[str] | None
    default_language: str
    language: Callable[[Request], str | None] | None
    statuses: str | int | Iterable[str | int]
    replace: Literal["stock", "empty", "all"] | Replacer
    exclude: str | Sequence[str]
    formats: str | Sequence[str]
    api_errors: Literal["keep", "problem"]
    show_message: str | int | Iterable[str | int]
    retry_after: Wait | Mapping[int, Wait] | Waiter | None
    cache_control: Mapping[int, str]
    reference: Referrer | Literal[False] | None
    exceptions: Mapping[type[BaseException], int]
    debug: bool | None
    csp: str | Callable[[Request], str | None] | None
    auto_retry: bool
    compress: bool
    maintenance: PathLike | SwitchLike | Callable[[], Any] | None
    maintenance_paths: str | Sequence[str]
    trusted_proxies: str | Sequence[str]
    on_page: Callable[[PageEvent], None] | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """The options of one ErrorPages, checked once.

    Raises:
        OptionError: A value can't work; the error names the option, the value and what is allowed.

    Example::

        Options(site_name="Acme", support_url="/help", statuses="404 5xx")
    """

    site_name: str = ""
    home_url: str = ""
    support_url: str | None = None
    status_url: str | None = None
    logo: str | None = None
    accent: str | None = None
    theme: str = "plain"
    templates: PathLike | Sequence[PathLike] | None = None
    context: Callable[[Request], Mapping[str, Any]] | None = None
    wording: Mapping[Any, Any] = dataclasses.field(default_factory=dict)
    languages: Sequence[str] | None = None
    default_language: str = "en"
    language: Callable[[Request], str | None] | None = None
    statuses: str | int | Iterable[str | int] = "4xx 5xx"
    replace: Literal["stock", "empty", "all"] | Replacer = "stock"
    exclude: str | Sequence[str] = ()
    formats: str | Sequence[str] = FORMATS
    api_errors: Literal["keep", "problem"] = "keep"
    show_message: str | int | Iterable[str | int] = ("4xx", 503)
    retry_after: Wait | Mapping[int, Wait] | Waiter | None = None
    cache_control: Mapping[int, str] = dataclasses.field(default_factory=dict)
    reference: Referrer | Literal[False] | None = None
    exceptions: Mapping[type[BaseException], int] = dataclasses.field(default_factory=dict)
    debug: bool | None = None
    csp: str | Callable[[Request], str | None] | None = "auto"
    auto_retry: bool = False
    compress: bool = True
    maintenance: PathLike | SwitchLike | Callable[[], Any] | None = None
    maintenance_paths: str | Sequence[str] = DEFAULT_PATHS
    trusted_proxies: str | Sequence[str] = ()
    on_page: Callable[[PageEvent], None] | None = None

    def __post_init__(self) -> None:
        # One-shot iterables are read once, here.
        for name in (
            "statuses",
            "show_message",
            "exclude",
            "formats",
            "languages",
            "maintenance_paths",
            "trusted_proxies",
        ):
            value = getattr(self, name)
            if isinstance(value, Iterable) and not isinstance(value, str):
                object.__setattr__(self, name, tuple(value))
        for name, check in _CHECKS.items():
            check(name, getattr(self, name))
        if self.maintenance is None and not statuses_of("statuses", self.statuses):
            raise OptionError("statuses", self.statuses, f"{_STATUSES_ALLOWED}; none at all only with maintenance")

    @classmethod
    def of(cls, keywords: Mapping[str, Any]) -> Options:
        """Make the options from keywords.

        Args:
            keywords: Any of the options, by name.

        Raises:
            OptionError: A keyword is no option, or its value can't work.
        """
        known = [option.name for option in dataclasses.fields(cls)]
        for name, value in keywords.items():
            if name not in known:
                problem = f"there is no option of this name; it was given {beginning(value)}"
                raise OptionError(name, value, any_of(known, name), problem)
        return cls(**keywords)

    @property
    def template_folders(self) -> tuple[PathLike, ...]:
        """The folders searched before the theme, first one first."""
        if self.templates is None:
            return ()
        return (self.templates,) if isinstance(self.templates, str | os.PathLike) else tuple(self.templates)

    @property
    def offered_formats(self) -> tuple[str, ...]:
        """The formats that may be sent, in the application's order of preference."""
        return tuple(self.formats.split()) if isinstance(self.formats, str) else tuple(self.formats)

    @property
    def excluded_paths(self) -> tuple[str, ...]:
        """The globs of paths that are left alone."""
        return (self.exclude,) if isinstance(self.exclude, str) else tuple(self.exclude)

    @property
    def open_paths(self) -> tuple[str, ...]:
        """The globs of paths that stay open on a closed site."""
        return (self.maintenance_paths,) if isinstance(self.maintenance_paths, str) else tuple(self.maintenance_paths)

    @property
    def proxy_networks(self) -> tuple[str, ...]:
        """The networks whose forwarded addresses count."""
        return (self.trusted_proxies,) if isinstance(self.trusted_proxies, str) else tuple(self.trusted_proxies)

    @property
    def flat_wording(self) -> dict[int | str, Words]:
        """The own words that are given for no language in particular, by status code or class."""
        return {key: words for key, words in self.wording.items() if _is_status_key(key)}

    @property
    def language_wording(self) -> dict[str, Mapping[int | str, Words]]:
        """The own words by language, then by status code or class."""
        return {key: words for key, words in self.wording.items() if not _is_status_key(key)}


def statuses_of(option: str, value: str | int | Iterable[str | int]) -> frozenset[int]:
    """Read a selection of status codes.

    Args:
        option: The option's name, for the error.
        value: Codes, ranges ("500-504") and classes ("4xx"): one string of them, or an iterable.

    Raises:
        OptionError: A part is none of these.
    """
    if isinstance(value, str):
        parts: Iterable[str | int] = value.replace(",", " ").split()
    elif isinstance(value, int):
        parts = (value,)
    else:
        parts = value
    return frozenset(code for part in parts for code in _codes_of(option, value, part))


def _codes_of(option: str, value: object, part: str | int) -> Iterable[int]:
    text = str(part).lower()
    if isinstance(part, bool) or not isinstance(part, str | int):
        raise OptionError(option, value, _STATUSES_ALLOWED)
    if text in CLASSES:
        return (*CLASSES[text], *VENDOR_STATUSES) if text == "4xx" else CLASSES[text]
    first, dash, last = text.partition("-")
    if not (_is_code(first) and (_is_code(last) if dash else True)) or (dash and int(first) > int(last)):
        raise OptionError(option, value, _STATUSES_ALLOWED)
    return range(int(first), int(last) + 1) if dash else (int(first),)


def _is_code(text: str) -> bool:
    return (
        text.isascii()
        and text.isdigit()
        and len(text) < 10
        and (400 <= int(text) <= 599 or int(text) in VENDOR_STATUSES)
    )


def _is_status_key(key: object) -> bool:
    return isinstance(key, int) or key in CLASSES or key in TOPICS


def _text(option: str, value: object) -> None:
    if not isinstance(value, str):
        raise OptionError(option, value, "a string")


def _link(option: str, value: object) -> None:
    if not isinstance(value, str) or re.search(r"[\x00-\x20\x7f\\]", value):
        raise OptionError(option, value, f"{_LINKS_ALLOWED}, without spaces or backslashes")
    if value and not leads_somewhere(value):
        meant = link_meant_by(value)
        raise OptionError(option, value, f'{_LINKS_ALLOWED}; did you mean "{meant}"?' if meant else _LINKS_ALLOWED)


def _home(option: str, value: object) -> None:
    _link(option, value)
    if str(value).startswith("#"):
        raise OptionError(option, value, f'{_LINKS_ALLOWED}; a place on the page is not home, "/" is')


def _optional_link(option: str, value: object) -> None:
    if value is not None:
        _link(option, value)


def _logo(option: str, value: object) -> None:
    if value is not None and not (isinstance(value, str) and value.lstrip().startswith("<svg")):
        raise OptionError(option, value, "None, or inline SVG as a string that starts with its svg element")


def _accent(option: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str) or not is_colour(value):
        meant = f'; did you mean "#{value}"?' if isinstance(value, str) and is_colour(f"#{value}") else ""
        raise OptionError(option, value, f"None, or a colour as #rgb or #rrggbb{meant}")
    if (ratio := contrast(value, WHITE)) < 4.5:
        # WCAG 2.2, success criterion 1.4.3: text needs 4.5:1, and the accent colours links.
        raise OptionError(option, value, f"a colour with a contrast of at least 4.5:1 on white; this has {ratio:.2f}:1")


def _folders(option: str, value: object) -> None:
    if value is None:
        return
    folders = (value,) if isinstance(value, str | os.PathLike) else value
    if not isinstance(folders, Sequence) or not folders:
        raise OptionError(option, value, "None, a folder, or a list of folders")
    for folder in folders:
        if not isinstance(folder, str | os.PathLike):
            raise OptionError(option, value, "None, a folder, or a list of folders")
        _existing_folder(option, folder)


def _existing_folder(option: str, folder: PathLike) -> None:
    path = os.path.abspath(os.fsdecode(folder))
    if os.fspath(folder) and os.path.isdir(path):
        return
    if os.path.isfile(path):
        raise OptionError(option, folder, f"existing folders; {path} is a file in one: give {os.path.dirname(path)}")
    raise OptionError(option, folder, f"existing folders; {path} does not exist" if folder else "existing folders")


def check_callable(option: str, value: object, allowed: str, arguments: int = 1) -> None:
    """Check that a value can be called with so many arguments, and answers at once.

    Args:
        option: The option's name, for the error.
        value: What was given.
        allowed: What is allowed, for the error.
        arguments: How many positional arguments it gets.

    Raises:
        OptionError: It can't be called so, or what it returns is no answer yet, as with a coroutine function.
    """
    if not callable(value):
        raise OptionError(option, value, allowed)
    if issubclass(type(value), type) and inspect.isfunction(getattr(value, "__call__", None)):  # noqa: B004 - its instances'
        raise OptionError(option, value, f"{allowed}; an instance of this class, not the class")
    if _answers_later(value):
        raise OptionError(option, value, f"{allowed}; a plain function, not a coroutine function or generator function")
    signature = signature_of(value)
    if signature is not None and not takes(signature, arguments):
        count = {0: "no argument", 1: "1 argument"}.get(arguments, f"{arguments} arguments")
        raise OptionError(option, value, f"{allowed}; this can't be called with {count}")


def check_pages(value: object) -> None:
    """Check that the argument ``pages`` of a middleware, which is no ErrorPages, chooses one for each request.

    Args:
        value: What was given.

    Raises:
        OptionError: It can't be called, or is no function of a request.
    """
    allowed = "an ErrorPages, or a callable Request -> ErrorPages"
    if isinstance(value, type):
        raise OptionError("pages", value, f"{allowed}; an instance: {value.__name__}(…)")
    if isinstance(value, Options):
        raise OptionError("pages", value, f"{allowed}; of these options: ErrorPages(options)")
    if isinstance(value, Mapping):
        raise OptionError("pages", value, f"{allowed}; of these options: ErrorPages(**options)")
    check_callable("pages", value, allowed)


def check_options(value: object) -> None:
    """Check that what ErrorPages are made from, without keywords, are options.

    Args:
        value: What was given.

    Raises:
        OptionError: It is something else.
    """
    if not isinstance(value, Options):
        raise OptionError("options", value, 'an Options, or keywords such as site_name="Acme"')


def _answers_later(value: object) -> bool:
    try:
        call = called(value)
    except Exception:  # a proxy may raise anything
        return False
    kinds = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    return any(is_kind(call) for is_kind in kinds)


def _optional_callable(signature: str, arguments: int = 1) -> Callable[[str, object], None]:
    def check(option: str, value: object) -> None:
        if value is not None:
            check_callable(option, value, f"None, or a callable {signature}", arguments)

    return check


def _wording(option: str, value: object) -> None:
    allowed = (
        'a mapping such as {404: {"title": …, "message": …, "next_step": …}}, by code, by "4xx", "5xx", '
        '"maintenance" or "csrf", or by language'
    )
    if not isinstance(value, Mapping):
        raise OptionError(option, value, allowed)
    for key, words in value.items():
        if _is_status_key(key):
            _words(option, key, words)
        elif isinstance(key, str) and _LANGUAGE.fullmatch(key) and isinstance(words, Mapping):
            for inner, inner_words in words.items():
                _words(option, inner, inner_words)
        else:
            raise OptionError(option, {key: words}, f"{allowed}{_as_number(key)}")


def _as_number(key: object) -> str:
    return f"; did you mean {key} without quotes?" if isinstance(key, str) and _is_code(key) else ""


def _words(option: str, key: object, words: object) -> None:
    if not _is_status_key(key) or (isinstance(key, int) and not _is_code(str(key))):
        allowed = f'codes from 400 to 599 (or 783, 999), "4xx", "5xx", "maintenance" and "csrf"{_as_number(key)}'
        raise OptionError(option, {key: words}, allowed)
    if not isinstance(words, Mapping) or not words:
        raise OptionError(option, {key: words}, f"a mapping with any of {', '.join(SLOTS)}")
    for slot in words:
        if slot not in SLOTS:
            raise OptionError(option, {key: words}, f"a mapping with {any_of(SLOTS, slot)}")
    if not all(isinstance(text, str) and text.strip() for text in words.values()):
        raise OptionError(option, {key: words}, "words that are strings and not blank")


def _language(option: str, value: object) -> None:
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise OptionError(option, value, 'a language tag such as "en" or "pt-BR"')


def _languages(option: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise OptionError(option, value, 'None, or a list of language tags such as ["en", "pt-BR"]')
    for tag in value:
        _language(option, tag)


def _statuses(option: str, value: Any) -> None:
    if not isinstance(value, str | int | Iterable):
        raise OptionError(option, value, _STATUSES_ALLOWED)
    statuses_of(option, value)


def _replace(option: str, value: object) -> None:
    choices = '"stock", "empty", "all", or a callable (Request, ResponseHead, body) -> bool or None'
    if isinstance(value, str) and value not in ("stock", "empty", "all"):
        raise OptionError(option, value, choices)
    if not isinstance(value, str):
        check_callable(option, value, choices, 3)


def _path_patterns(option: str, value: object) -> None:
    patterns = (value,) if isinstance(value, str) else value
    allowed = 'path patterns that start with "/" or "*", such as "/api/*"'
    if not isinstance(patterns, Sequence):
        raise OptionError(option, value, allowed)
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern.startswith(("/", "*")):
            is_path = isinstance(pattern, str) and re.match(r"[\w.-]", pattern) and ":" not in pattern
            raise OptionError(option, pattern, f'{allowed}; did you mean "/{pattern}"?' if is_path else allowed)


def _formats(option: str, value: object) -> None:
    formats = value.split() if isinstance(value, str) else value
    allowed = f"one or more of {', '.join(FORMATS)}"
    if not isinstance(formats, Sequence) or not formats:
        raise OptionError(option, value, allowed)
    for name in formats:
        if name not in FORMATS:
            raise OptionError(option, name, any_of(FORMATS, name.lower() if isinstance(name, str) else name))


def _api_errors(option: str, value: object) -> None:
    if value not in ("keep", "problem"):
        raise OptionError(option, value, '"keep" or "problem"')


def _retry_after(option: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, Mapping):
        for status, wait in value.items():
            if not isinstance(status, int) or not _is_code(str(status)):
                raise OptionError(option, {status: wait}, "a mapping from status codes")
            _wait(option, wait)
    elif callable(value):
        check_callable(option, value, "a callable (Request, status) -> seconds, timedelta, datetime or None", 2)
    else:
        _wait(option, value)


def _wait(option: str, value: object) -> None:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _LONGEST_WAIT:
        # RFC 9110, section 10.2.3: delay-seconds is a non-negative integer.
        raise OptionError(
            option, value, "seconds from 0 up to 999,999,999, a timedelta, a mapping by status, or a callable"
        )


def _cache_control(option: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise OptionError(option, value, 'a mapping such as {404: "public, max-age=60"}')
    for status, policy in value.items():
        if not isinstance(status, int) or not _is_code(str(status)):
            raise OptionError(option, {status: policy}, "a mapping from status codes from 400 up")
        if not isinstance(policy, str) or not _FIELD_VALUE.fullmatch(policy):
            raise OptionError(option, {status: policy}, "a Cache-Control value in visible ASCII")
        if not _CACHE_POLICY.fullmatch(policy):
            raise OptionError(option, {status: policy}, "a Cache-Control value: directives separated by commas")
        if status in MUST_NOT_STORE and "no-store" not in parse_dict_header(policy.lower()):
            raise OptionError(option, {status: policy}, f"a policy with no-store, as RFC 6585 forbids storing {status}")


def _reference(option: str, value: object) -> None:
    if value is not None and value is not False:
        allowed = "None, False, or a callable (Request, ResponseHead, exception) -> str or None"
        check_callable(option, value, allowed, 3)


def _exceptions(option: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise OptionError(option, value, "a mapping such as {TimeoutError: 504}")
    for kind, status in value.items():
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            raise OptionError(option, {kind: status}, "subclasses of Exception")
        if isinstance(status, bool) or not isinstance(status, int) or not 400 <= status <= 599:
            raise OptionError(option, {kind: status}, "statuses from 400 to 599")


def _debug(option: str, value: object) -> None:
    if value is not None and not isinstance(value, bool):
        raise OptionError(option, value, "True, False, or None to detect it")


def _switch(option: str, value: object) -> None:
    if not isinstance(value, bool):
        raise OptionError(option, value, "True or False")


def _csp(option: str, value: object) -> None:
    allowed = '"auto", a policy such as "default-src \'self\'", a callable Request -> nonce, or None to add none'
    if value is None or value == "auto":
        return
    if not isinstance(value, str):
        check_callable(option, value, allowed, 1)
    elif not _FIELD_VALUE.fullmatch(value):
        raise OptionError(option, value, f"{allowed}; a policy in visible ASCII")
    elif not is_policy(value):
        raise OptionError(option, value, allowed)


def _maintenance(option: str, value: Any) -> None:
    allowed = "None, a path, a redis:// URL, a switch of errorpages.maintenance, or a callable that returns its state"
    if isinstance(value, type) and hasattr(value, "state"):
        raise OptionError(option, value, f"{allowed}; an instance of this class, not the class")
    if value is None or callable(getattr(value, "state", None)):
        return
    if isinstance(value, str | os.PathLike):
        if not os.fspath(value):
            raise OptionError(option, value, allowed)
    else:
        check_callable(option, value, allowed, 0)


def _networks(option: str, value: object) -> None:
    networks = (value,) if isinstance(value, str) else value
    if not isinstance(networks, Sequence) or not all(isinstance(network, str) for network in networks):
        raise OptionError(option, value, 'networks such as "10.0.0.0/8", or a list of them')


_CHECKS: dict[str, Callable[[str, Any], None]] = {
    "site_name": _text,
    "home_url": _home,
    "support_url": _optional_link,
    "status_url": _optional_link,
    "logo": _logo,
    "accent": _accent,
    "theme": _text,
    "templates": _folders,
    "context": _optional_callable("Request -> mapping"),
    "wording": _wording,
    "languages": _languages,
    "default_language": _language,
    "language": _optional_callable("Request -> language tag or None"),
    "statuses": _statuses,
    "replace": _replace,
    "exclude": _path_patterns,
    "formats": _formats,
    "api_errors": _api_errors,
    "show_message": _statuses,
    "retry_after": _retry_after,
    "cache_control": _cache_control,
    "reference": _reference,
    "exceptions": _exceptions,
    "debug": _debug,
    "csp": _csp,
    "auto_retry": _switch,
    "compress": _switch,
    "maintenance": _maintenance,
    "maintenance_paths": _path_patterns,
    "trusted_proxies": _networks,
    "on_page": _optional_callable("PageEvent -> None"),
}
