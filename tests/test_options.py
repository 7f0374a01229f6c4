"""An option that can't work fails at construction, and says which one, what was given and what is allowed."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.local import LocalProxy

import errorpages.asgi
import errorpages.wsgi
from errorpages import ErrorPages, OptionError, Options, Request
from errorpages.maintenance import FileSwitch
from errorpages.telemetry import OpenTelemetry

MIDDLEWARES = [
    pytest.param(errorpages.wsgi.ErrorPagesMiddleware, id="wsgi"),
    pytest.param(errorpages.asgi.ErrorPagesMiddleware, id="asgi"),
]
RANGES = 'ranges such as "500-504"'
HTTPS = "http, https, mailto or tel"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>'


async def coroutine_function(*arguments: object) -> None:
    """What every callable option must not be."""


class CoroutineCallable:
    async def __call__(self, *arguments: object) -> None:
        """The same, one step further away."""


def refused(**options: Any) -> OptionError:
    """Construct with options that can't work, and return the error."""
    with pytest.raises(OptionError) as caught:
        ErrorPages(**options)
    return caught.value


def application(*arguments: Any) -> Any:
    """Stand in for an application that is never called."""


WRONG_VALUES = [
    # option, value, what the error shows of the value, what it says is allowed
    pytest.param("theme", "fancy", "'fancy'", "plain", id="a theme that does not exist"),
    pytest.param("theme", "cards", "'cards'", "card (did you mean that?)", id="a theme misspelt"),
    pytest.param("theme", None, "None", "a string", id="no theme"),
    pytest.param("site_name", 5, "5", "a string", id="a name that is a number"),
    pytest.param("logo", "<img src=logo.png>", "<img", "SVG", id="a logo that is no SVG"),
    pytest.param("logo", "logo.svg", "'logo.svg'", "SVG", id="a logo's path"),
    pytest.param("logo", b"<svg></svg>", "b'<svg>", "SVG", id="a logo in bytes"),
    pytest.param("accent", "#ffcc00", "'#ffcc00'", "4.5:1", id="an accent too light on white"),
    pytest.param("accent", "#777", "'#777'", "4.5:1", id="an accent that misses the contrast by a hair"),
    pytest.param("accent", "red", "'red'", "#rrggbb", id="an accent by name"),
    pytest.param("accent", "0b4f9c", "'0b4f9c'", 'did you mean "#0b4f9c"?', id="an accent without its sign"),
    pytest.param("accent", "#0b4f9", "'#0b4f9'", "#rrggbb", id="an accent of five digits"),
    pytest.param("accent", "#0b4f9c\n", r"'#0b4f9c\n'", "#rrggbb", id="an accent with a newline"),
    pytest.param("accent", 0x0B4F9C, "741276", "#rrggbb", id="an accent as a number"),
    pytest.param("accent", "#000}body{", "'#000}body{'", "#rrggbb", id="an accent that is style"),
    pytest.param("context", {"user": "x"}, "{'user': 'x'}", "Request", id="a context that is no callable"),
    pytest.param("language", "de", "'de'", "Request", id="a language that is no callable"),
    pytest.param("maintenance", FileSwitch, "FileSwitch", "an instance", id="the class of a switch"),
    pytest.param("on_page", OpenTelemetry, "OpenTelemetry", "an instance", id="the class of a hook"),
    pytest.param("maintenance", "", "''", "redis://", id="an empty path of a switch"),
    pytest.param("maintenance", True, "True", "redis://", id="a truth for a switch"),
    pytest.param("maintenance", "http://acme.example/", "'http://acme.example/'", "redis://", id="a URL of no switch"),
    pytest.param("maintenance_paths", "ping", "'ping'", "/api/*", id="an open path without its slash"),
    pytest.param("maintenance_paths", ["/ping", 5], "5", "/api/*", id="a number among open paths"),
    pytest.param("maintenance_paths", None, "None", "/api/*", id="none for open paths"),
    pytest.param("trusted_proxies", 10, "10", "10.0.0.0/8", id="a number for proxies"),
    pytest.param("trusted_proxies", ["10.0.0.0/8", 5], "5", "10.0.0.0/8", id="a number among proxies"),
    pytest.param("trusted_proxies", "localhost", "'localhost'", "10.0.0.0/8", id="a name for proxies"),
    pytest.param("trusted_proxies", "10.0.0.1/8", "'10.0.0.1/8'", "host bits", id="host bits of proxies"),
    pytest.param("on_page", "print", "'print'", "PageEvent", id="a hook that is no callable"),
    # statuses
    pytest.param("statuses", "9xx", "'9xx'", '"4xx" and "5xx"', id="a class that is none"),
    pytest.param("statuses", "3xx", "'3xx'", '"4xx" and "5xx"', id="a class below 400"),
    pytest.param("statuses", "399", "'399'", "from 400", id="a code below 400"),
    pytest.param("statuses", 200, "200", "from 400", id="a code that is a success"),
    pytest.param("statuses", "600", "'600'", "to 599", id="a code beyond the classes"),
    pytest.param("statuses", "500-400", "'500-400'", RANGES, id="a range backwards"),
    pytest.param("statuses", "400-", "'400-'", RANGES, id="a range without an end"),
    pytest.param("statuses", "404 abc", "'404 abc'", RANGES, id="a word among codes"),
    pytest.param("statuses", "٤٠٤", "'٤٠٤'", RANGES, id="digits that are not ASCII"),
    pytest.param("statuses", True, "True", RANGES, id="a truth for statuses"),
    pytest.param("statuses", None, "None", RANGES, id="no statuses"),
    pytest.param("statuses", [404, 4.5], "4.5", RANGES, id="a float among codes"),
    pytest.param("statuses", "9" * 5000, "999", RANGES, id="a code of 5,000 digits"),
    pytest.param("statuses", "", "''", "only with maintenance", id="an empty string for statuses"),
    pytest.param("statuses", [], "()", "only with maintenance", id="an empty list of statuses"),
    pytest.param("show_message", "2xx", "'2xx'", '"4xx" and "5xx"', id="messages of successes"),
    pytest.param("show_message", "always", "'always'", '"4xx" and "5xx"', id="messages always"),
    # what is replaced and what is sent
    pytest.param("replace", "some", "'some'", '"stock", "empty", "all"', id="an unknown way to replace"),
    pytest.param("replace", 1, "1", '"stock", "empty", "all"', id="a number for replace"),
    pytest.param("replace", None, "None", '"stock", "empty", "all"', id="nothing for replace"),
    pytest.param("exclude", "api/*", "'api/*'", 'did you mean "/api/*"?', id="a pattern without its slash"),
    pytest.param("exclude", ["/static/*", "api"], "'api'", '"/"', id="one such pattern among others"),
    pytest.param("exclude", "^/api/", "'^/api/'", 'such as "/api/*"', id="a regular expression"),
    pytest.param("exclude", 5, "5", '"/"', id="a number for a pattern"),
    pytest.param("formats", "html pdf", "'pdf'", "html, json, text, markdown, xml", id="an unknown format"),
    pytest.param("formats", ["html", "HTML"], "'HTML'", "html (did you mean that?)", id="a format in capitals"),
    pytest.param("formats", "", "''", "html, json, text, markdown, xml", id="no format at all"),
    pytest.param("formats", (), "()", "html, json, text, markdown, xml", id="an empty list of formats"),
    pytest.param("formats", None, "None", "html, json, text, markdown, xml", id="none for formats"),
    pytest.param("api_errors", "convert", "'convert'", '"keep" or "problem"', id="an unknown way with API errors"),
    pytest.param("api_errors", True, "True", '"keep" or "problem"', id="a truth for API errors"),
    # Retry-After
    pytest.param("retry_after", -5, "-5", "from 0 up", id="a negative delay"),
    pytest.param("retry_after", 10**9, "1000000000", "999,999,999", id="a delay of 31 years"),
    pytest.param("retry_after", {503: timedelta.max}, "999999999", "999,999,999", id="the longest delay"),
    pytest.param("retry_after", "5", "'5'", "seconds", id="a delay in a string"),
    pytest.param("retry_after", True, "True", "seconds", id="a truth for a delay"),
    pytest.param("retry_after", float("nan"), "nan", "seconds", id="a delay that is no number"),
    pytest.param("retry_after", float("inf"), "inf", "seconds", id="an endless delay"),
    pytest.param("retry_after", timedelta(seconds=-1), "-1", "from 0 up", id="a timedelta into the past"),
    pytest.param("retry_after", {404: 5}, "404", "503", id="a delay for a code that can't carry it"),
    pytest.param("retry_after", {503: -1}, "-1", "from 0 up", id="a negative delay for a code"),
    pytest.param("retry_after", {"503": 5}, "'503'", "codes", id="a delay for a code in a string"),
    pytest.param("retry_after", [60], "[60]", "seconds", id="a list for a delay"),
    # caches
    *(
        pytest.param(
            "cache_control", {status: "public, max-age=60"}, str(status), "no-store", id=f"caches keep {status}"
        )
        for status in (428, 429, 431, 511)
    ),
    pytest.param(
        *("cache_control", {429: 'private="x, no-store, y"'}, "429", "no-store"), id="no-store within a quoted string"
    ),
    pytest.param("cache_control", {404: "a\r\nX-Evil: 1"}, r"\r\n", "ASCII", id="a cache policy with CR LF"),
    pytest.param("cache_control", {404: "max-age=60\n"}, r"\n", "ASCII", id="a cache policy that ends in a newline"),
    pytest.param("cache_control", {404: "public; max-age=60"}, "public;", "by commas", id="a policy with semicolons"),
    pytest.param("cache_control", {404: "public max-age=60"}, "public max", "by commas", id="a policy without commas"),
    pytest.param("cache_control", {404: "max-age: 60"}, "max-age: 60", "by commas", id="a policy with a colon"),
    pytest.param("cache_control", {404: ""}, "404", "Cache-Control", id="an empty cache policy"),
    pytest.param("cache_control", {404: 60}, "60", "Cache-Control", id="a number for a cache policy"),
    pytest.param("cache_control", {200: "no-store"}, "200", "400", id="a cache policy for a success"),
    pytest.param("cache_control", "no-store", "'no-store'", "{404:", id="one cache policy for all"),
    # exceptions, debug, policies
    pytest.param("exceptions", {"TimeoutError": 504}, "TimeoutError", "Exception", id="an exception by name"),
    pytest.param("exceptions", {TimeoutError: 200}, "200", "400 to 599", id="an exception that is a success"),
    pytest.param("exceptions", {TimeoutError: 600}, "600", "400 to 599", id="an exception beyond the classes"),
    pytest.param("exceptions", {TimeoutError: True}, "True", "400 to 599", id="an exception that is true"),
    pytest.param("exceptions", {TimeoutError: "504"}, "'504'", "400 to 599", id="an exception's code in a string"),
    pytest.param("exceptions", {KeyboardInterrupt: 500}, "KeyboardInterrupt", "Exception", id="what passes through"),
    pytest.param("exceptions", [TimeoutError], "TimeoutError", "{TimeoutError: 504}", id="a list of exceptions"),
    pytest.param("debug", "yes", "'yes'", "True, False, or None", id="debug in a word"),
    pytest.param("debug", 1, "1", "True, False, or None", id="debug as a number"),
    pytest.param("csp", "default-src 'self'\nX-Evil: 1", r"\n", "policy", id="a policy with a newline"),
    pytest.param("csp", "", "''", "policy", id="an empty policy"),
    *(
        pytest.param("csp", word, repr(word), "None to add none", id=f"the word {word} for a policy")
        for word in ("off", "none", "false", "on", "true", "default", "'self'", "AUTO", "*", "script_src 'self'")
    ),
    pytest.param(
        *("csp", "Content-Security-Policy: default-src 'self'", "Content-", "a policy such as \"default-src 'self'\""),
        id="a policy with its field's name",
    ),
    pytest.param("csp", ";, ;", "';, ;'", "policy", id="a policy of nothing"),
    pytest.param("csp", False, "False", '"auto"', id="a policy switched off with False"),
    pytest.param("reference", True, "True", "False", id="a reference that is true"),
    pytest.param("reference", "abc", "'abc'", "Request", id="one reference for all"),
    # languages and words
    pytest.param("languages", ["tlh"], "'tlh'", "en", id="a language that is not translated"),
    pytest.param("languages", "en", "'en'", "list", id="one language in a string"),
    pytest.param("languages", [], "()", "list", id="no language at all"),
    pytest.param("languages", ["en", "not a tag"], "'not a tag'", "tag", id="what is no language tag"),
    pytest.param("default_language", "tlh", "'tlh'", "en", id="a default that is not translated"),
    pytest.param("default_language", "en\n", r"'en\n'", "tag", id="a default with a newline"),
    pytest.param("default_language", None, "None", "tag", id="no default language"),
    pytest.param("wording", "x", "'x'", "{404:", id="a wording that is a string"),
    pytest.param("wording", {404: "Gone fishing"}, "Gone fishing", "title, message, next_step", id="a bare sentence"),
    pytest.param("wording", {404: {"heading": "x"}}, "heading", "title, message, next_step", id="an unknown slot"),
    pytest.param("wording", {404: {"titel": "x"}}, "titel", "title (did you mean that?)", id="a slot misspelt"),
    pytest.param("wording", {404: {5: "x"}}, "5", "title, message, next_step", id="a slot that is a number"),
    pytest.param("wording", {404: {}}, "404", "title, message, next_step", id="no slot"),
    pytest.param("wording", {404: {"title": " "}}, "404", "not blank", id="a blank title"),
    pytest.param("wording", {404: {"title": 5}}, "5", "strings", id="a title that is a number"),
    pytest.param("wording", {399: {"title": "x"}}, "399", "400", id="words below 400"),
    pytest.param("wording", {"6xx": {"title": "x"}}, "6xx", '"4xx"', id="words for a class that is none"),
    pytest.param(
        "wording",
        {"404": {"title": "x"}},
        "'404'",
        "did you mean 404 without quotes?",
        id="words by a code in a string",
    ),
    pytest.param(
        "wording", {"de": {"404": {"title": "x"}}}, "'404'", "404 without quotes", id="the same in a language"
    ),
    pytest.param("wording", {"maintenance": {"heading": "x"}}, "heading", "title", id="an unknown slot, maintenance"),
    pytest.param("wording", {"de": "x"}, "'de'", "language", id="a language with no mapping"),
    pytest.param("wording", {"de": {200: {"title": "x"}}}, "200", "400", id="words below 400 in a language"),
    pytest.param("wording", {"de": {404: {"titel": "x"}}}, "titel", "title", id="an unknown slot in a language"),
]


@pytest.mark.parametrize("option, value, shown, allowed", WRONG_VALUES)
def test_a_wrong_option_names_itself_its_value_and_what_is_allowed(
    option: str, value: object, shown: str, allowed: str
) -> None:
    error = refused(**{option: value})
    text = str(error)
    assert error.option == option
    assert text.startswith(f"{option}: ")
    before, _, after = text.partition("allowed: ")
    assert shown in before
    assert allowed in after


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("javascript:alert(1)", id="a script"),
        pytest.param("JavaScript:alert(1)", id="a script in capitals"),
        pytest.param("data:text/html,x", id="data"),
        pytest.param("vbscript:x", id="another script"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("/get help", id="a space"),
        pytest.param(" javascript:alert(1)", id="a script after a space"),
        pytest.param("java\tscript:alert(1)", id="a script around a tab"),
        pytest.param("\x01javascript:alert(1)", id="a script after a control character"),
        pytest.param("/help\n", id="a newline"),
        pytest.param("\\\\evil.example", id="backslashes"),
        pytest.param("mailto:", id="no mailbox"),
        pytest.param("tel:", id="no number"),
        pytest.param("tel:help", id="a telephone without digits"),
        pytest.param("https://", id="no host"),
        pytest.param(5, id="a number"),
    ],
)
@pytest.mark.parametrize("option", ["support_url", "home_url", "status_url"])
def test_a_link_leads_to_a_page_a_mailbox_or_a_telephone(option: str, link: object) -> None:
    error = refused(**{option: link})
    assert error.option == option
    assert repr(link) in str(error)
    assert HTTPS in error.allowed


@pytest.mark.parametrize(
    "link, meant",
    [
        pytest.param("help@acme.example", "mailto:help@acme.example", id="a mailbox"),
        pytest.param("www.acme.example/help", "https://www.acme.example/help", id="a host and path"),
        pytest.param("acme.example", "https://acme.example", id="a host"),
        pytest.param("acme.example:8443/help?a=b", "https://acme.example:8443/help?a=b", id="a host and port"),
        pytest.param("localhost:8000/help", "http://localhost:8000/help", id="one's own machine"),
        pytest.param("127.0.0.1:8000", "http://127.0.0.1:8000", id="one's own address"),
        pytest.param("https:acme.example", "https://acme.example", id="slashes left out"),
        pytest.param("http:/acme.example/help", "http://acme.example/help", id="one slash left out"),
        pytest.param("+4930123", "tel:+4930123", id="a telephone"),
        pytest.param("home", "/home", id="a relative path"),
        pytest.param("help.html", "/help.html", id="a file"),
        pytest.param("../help", "/help", id="a path that climbs"),
        pytest.param("./", "/", id="the folder of the page"),
        pytest.param("..", "/", id="the folder above"),
        pytest.param("?page=help", "/?page=help", id="a query"),
        pytest.param(".well-known/help", "/.well-known/help", id="a name with a full stop"),
        pytest.param("//", "/", id="two slashes"),
    ],
)
@pytest.mark.parametrize("option", ["support_url", "home_url", "status_url"])
def test_a_link_that_leads_elsewhere_from_each_page_is_met_with_the_one_that_was_meant(
    option: str, link: str, meant: str
) -> None:
    error = refused(**{option: link})
    assert (error.option, error.value) == (option, link)
    assert error.allowed.endswith(f'; did you mean "{meant}"?')
    Options.of({option: meant})


def test_a_place_on_the_page_may_give_help_but_is_not_home() -> None:
    ErrorPages(support_url="#chat", status_url="#status")
    assert 'not home, "/" is' in refused(home_url="#top").allowed


def generator_function(*arguments: object) -> Any:
    yield


async def async_generator_function(*arguments: object) -> Any:
    yield


CALLABLES = {
    # option: how many arguments it is called with
    "context": 1,
    "language": 1,
    "replace": 3,
    "retry_after": 2,
    "reference": 3,
    "csp": 1,
    "maintenance": 0,
    "on_page": 1,
}


class Counter:
    """A hook as a bound method, and one whose call is static."""

    def count(self, event: object) -> None:
        pass

    __call__ = staticmethod(lambda event: None)


def outside() -> Any:
    raise RuntimeError("outside of the application's context")


@pytest.mark.parametrize("option, arguments", CALLABLES.items())
def test_a_callable_option_takes_what_it_is_given(option: str, arguments: int) -> None:
    takers: list[Any] = [
        lambda: None,
        lambda one: None,
        lambda one, two: None,
        lambda one, two, three: None,
        lambda one, two, three, four: None,
    ]
    for count, taker in enumerate(takers):
        if count == arguments:
            Options.of({option: taker})
            continue
        error = refused(**{option: taker})
        assert (error.option, error.value) == (option, taker)
        assert re.search(r"; this can't be called with (no|\d) arguments?$", error.allowed), error.allowed


def test_the_error_of_a_callable_says_what_it_is_given() -> None:
    error = refused(replace=lambda response: True)
    assert error.allowed == (
        '"stock", "empty", "all", or a callable (Request, ResponseHead, body) -> bool or None; '
        "this can't be called with 3 arguments"
    )
    assert refused(language=lambda: "en").allowed.endswith(
        "-> language tag or None; this can't be called with 1 argument"
    )
    assert refused(maintenance=lambda request: True).allowed.endswith("this can't be called with no argument")


@pytest.mark.parametrize(
    "hook",
    [
        pytest.param(print, id="in C"),
        pytest.param([].append, id="a method in C"),
        pytest.param(Counter().count, id="a bound method"),
        pytest.param(Counter(), id="an object with a static call"),
        pytest.param(functools.partial(lambda metric, event: None, "errors"), id="a partial"),
        pytest.param(lambda *arguments: None, id="any arguments"),
        pytest.param(lambda event, metric="errors": None, id="a default"),
        pytest.param(functools.wraps(outside)(lambda *arguments: None), id="a decorated function"),
        pytest.param(functools.lru_cache(lambda event: None), id="a function in a cache"),
        pytest.param(dict, id="a class in C"),
    ],
)
def test_a_callable_that_may_take_what_it_is_given_passes(hook: Any) -> None:
    ErrorPages(on_page=hook)


def test_a_proxy_of_nothing_yet_may_be_any_callable() -> None:
    proxy: Any = LocalProxy(outside)
    ErrorPages(context=proxy, language=proxy, reference=proxy)


@pytest.mark.parametrize("function", [generator_function, async_generator_function])
@pytest.mark.parametrize("option", CALLABLES)
def test_a_callable_option_answers_at_once(option: str, function: Any) -> None:
    error = refused(**{option: function})
    assert error.option == option
    assert "a plain function" in error.allowed and "generator" in error.allowed


@pytest.mark.parametrize("function", [coroutine_function, CoroutineCallable(), functools.partial(coroutine_function)])
@pytest.mark.parametrize(
    "option", ["context", "language", "replace", "retry_after", "reference", "csp", "maintenance", "on_page"]
)
def test_a_callable_option_is_a_plain_function(option: str, function: Callable[..., Any]) -> None:
    error = refused(**{option: function})
    assert error.option == option
    assert "coroutine" in error.allowed


@pytest.mark.parametrize(
    "keyword, close",
    [
        pytest.param("sitename", "site_name", id="an underscore left out"),
        pytest.param("template", "templates", id="singular for plural"),
        pytest.param("retryafter", "retry_after", id="a header's spelling"),
    ],
)
def test_an_unknown_keyword_is_met_with_the_closest_one(keyword: str, close: str) -> None:
    error = refused(**{keyword: "x"})
    assert error.option == keyword
    assert f"{close} (did you mean that?)" in error.allowed
    assert str(error).startswith(f"{keyword}: there is no option of this name; it was given 'x'; allowed: {close} ")


def test_an_unknown_keyword_like_none_lists_them_all() -> None:
    error = refused(zzzz=1)
    assert "did you mean" not in error.allowed
    assert "site_name" in error.allowed and "on_page" in error.allowed


def test_a_default_language_has_to_be_offered() -> None:
    error = refused(languages=["de"], wording={"de": {404: {"title": "Nicht gefunden"}}})
    assert (error.option, error.value) == ("default_language", "en")
    assert "de" in error.allowed


# -- templates ---------------------------------------------------------------------------------------------------------


def test_a_template_folder_has_to_exist(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    error = refused(templates=missing)
    assert error.option == "templates"
    assert error.value == missing
    assert error.allowed == f"existing folders; {missing} does not exist"


def test_a_template_folder_that_does_not_exist_is_named_by_its_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.chdir(deep)
    error = refused(templates="my_templates")
    assert f"{deep / 'my_templates'} does not exist" in str(error)
    assert refused(templates="").allowed == "existing folders"


def test_every_one_of_several_template_folders_has_to_exist(tmp_path: Path) -> None:
    error = refused(templates=[tmp_path, tmp_path / "nowhere"])
    assert "nowhere" in error.allowed


def test_a_template_folder_is_no_file(tmp_path: Path) -> None:
    file = tmp_path / "404.html"
    file.write_text("x")
    error = refused(templates=file)
    assert error.option == "templates"
    assert error.allowed == f"existing folders; {file} is a file in one: give {tmp_path}"


@pytest.mark.parametrize("value", [pytest.param([], id="no folder"), pytest.param(5, id="a number")])
def test_templates_are_folders(value: object) -> None:
    assert refused(templates=value).option == "templates"


BROKEN_TEMPLATES = [
    # files, what the error names
    pytest.param({"404.html": "<p>\n{% if %}"}, ("404.html", "line 2"), id="a tag without its condition"),
    pytest.param({"404.html": "<p>{{ title"}, ("404.html", "line 1"), id="braces left open"),
    pytest.param({"error.txt": "{{ title|shout }}"}, ("error.txt", "shout"), id="an unknown filter"),
    pytest.param({"error.md": "\n\n{% frobnicate %}"}, ("error.md", "line 3"), id="an unknown tag"),
    pytest.param(
        {"404.html": '{% include "part.html" %}', "part.html": "\n{% for %}"}, ("part.html", "line 2"), id="in a part"
    ),
    pytest.param({"404.html": "\n{{ user_name }}"}, ("404.html, line 2", "user_name"), id="an unknown variable"),
    pytest.param({"4xx.txt": "{% if vip %}x{% endif %}"}, ("4xx.txt", "vip"), id="an unknown variable in a condition"),
    pytest.param(
        {"404.html": '{% include "part.html" %}', "part.html": "\n\n{{ user_name }}"},
        ("part.html, line 3: it reads user_name, which nobody supplies, as a part of 404.html",),
        id="an unknown variable in an included part",
    ),
    pytest.param(
        {"404.html": '{% extends "mine.html" %}', "mine.html": "{{ title }}\n{{ user_name }}"},
        ("mine.html, line 2: it reads user_name, which nobody supplies, as a part of 404.html",),
        id="an unknown variable in an extended layout",
    ),
    pytest.param(
        {"404.html": "{% for link in actions %}{% endfor %}\n{{ link.url }}"},
        ("404.html, line 2", "link"),
        id="a loop's own variable after the loop",
    ),
    pytest.param(
        {"404.html": "{% set vip.name = 1 %}"}, ("404.html, line 1", "vip"), id="an unknown variable that is set into"
    ),
    pytest.param(
        {"404.html": '{% extends "nowhere.html" %}'}, ("404.html, line 1", "nowhere.html"), id="extends a missing one"
    ),
    pytest.param(
        {"404.html": '\n{% include "nowhere.html" %}'},
        ("404.html, line 2", "nowhere.html"),
        id="includes a missing one",
    ),
    pytest.param(
        {"404.html": '{% include "part.html" %}', "part.html": '\n{% import "nowhere.html" as n %}'},
        ("part.html, line 2", "nowhere.html"),
        id="a part imports a missing one",
    ),
    pytest.param(
        {"404.html": '{% extends "a.html" %}', "a.html": '{% extends "404.html" %}'},
        ("404.html", "a.html", "circle"),
        id="two that extend each other",
    ),
    pytest.param(
        {"404.html": '{% extends "404.html" %}'}, ("404.html, line 1", "circle"), id="one that extends itself"
    ),
    pytest.param({"404.html": '{% include "404.html" %}'}, ("404.html", "circle"), id="one that includes itself"),
]


@pytest.mark.parametrize("files, named", BROKEN_TEMPLATES)
def test_a_template_that_cant_work_fails_at_start_and_is_named(
    tmp_path: Path, files: dict[str, str], named: tuple[str, ...]
) -> None:
    for name, source in files.items():
        (tmp_path / name).write_text(source)
    error = refused(templates=tmp_path)
    assert error.option == "templates"
    for words in named:
        assert words in str(error)


def test_a_template_that_is_not_utf_8_fails_at_start(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_bytes("<h1>Seite ist längst weg</h1>".encode("latin-1"))
    error = refused(templates=tmp_path)
    assert error.option == "templates"
    assert "404.html" in str(error)


def test_a_variable_that_context_may_supply_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text("{{ user_name }}")
    ErrorPages(templates=tmp_path, context=lambda request: {"user_name": "Ann"})


def test_an_unknown_variable_is_met_with_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text("{{ titel }}")
    allowed = refused(templates=tmp_path).allowed
    for name in ("title", "message", "next_step", "reference", "request", "lang", "context"):
        assert name in allowed


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"404.html": "<h1>{{ title }}</h1>"}, id="a whole page"),
        pytest.param({"404.html": '{% extends "plain.html" %}{% block head %}{{ super() }}{% endblock %}'}, id="super"),
        pytest.param({"404.html": "{% block a %}x{% endblock %}{{ self.a() }}"}, id="self"),
        pytest.param({"404.html": "{% set site = 1 %}{{ site }}"}, id="a variable of its own"),
        pytest.param({"404.html": "{% for a in actions %}{{ loop.index }}{{ a.label }}{% endfor %}"}, id="a loop"),
        pytest.param({"404.html": "{% with shout = title|upper %}{{ shout }}{% endwith %}"}, id="with"),
        pytest.param(
            {"404.html": "{% macro m(x) %}{{ x }}{{ caller() }}{% endmacro %}{% call m(1) %}y{% endcall %}"},
            id="a call",
        ),
        pytest.param(
            {
                "404.html": '{% import "m.html" as m %}{{ m.hi("x") }}',
                "m.html": "{% macro hi(x) %}{{ x }}{% endmacro %}",
            },
            id="an import",
        ),
        pytest.param(
            {"404.html": '{% set part = "x" %}{% include "part.html" %}', "part.html": "{{ part }}"},
            id="a variable handed to a part",
        ),
        pytest.param({"404.html": '{% include "nowhere.html" ignore missing %}x'}, id="a part that may be missing"),
        pytest.param({"404.html": '{% include ["nowhere.html", "plain.html"] %}'}, id="the first part that there is"),
        pytest.param({"404.html": "{{ request.path }}"}, id="the request"),
        pytest.param({"404.html": "{{ range(3)|list }}{{ namespace() }}"}, id="Jinja's own functions"),
        pytest.param(
            {"notes.html": "{{ nobody_renders_this }}", "style.css": "{% broken"}, id="files that are no pages"
        ),
        pytest.param({}, id="an empty folder"),
    ],
)
def test_a_template_that_works_passes(tmp_path: Path, files: dict[str, str]) -> None:
    for name, source in files.items():
        (tmp_path / name).write_text(source)
    ErrorPages(templates=tmp_path)


# -- right values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="nothing at all"),
        pytest.param({"site_name": "Acme <&> Söhne", "home_url": "/app/"}, id="a name and a home"),
        pytest.param({"support_url": "mailto:help@acme.example"}, id="a mailbox"),
        pytest.param({"support_url": "tel:+4930123"}, id="a telephone"),
        pytest.param({"status_url": "https://status.acme.example/?a=b#c"}, id="a status page"),
        pytest.param({"support_url": "", "home_url": ""}, id="no links"),
        pytest.param({"support_url": "//help.acme.example/"}, id="a link with the page's own scheme"),
        pytest.param({"home_url": "HTTPS://Acme.example"}, id="a scheme in capitals"),
        pytest.param({"home_url": "/café"}, id="a link with letters beyond ASCII"),
        pytest.param({"logo": f"\n  {SVG}"}, id="a logo"),
        pytest.param({"accent": "#767676"}, id="an accent with just enough contrast"),
        pytest.param({"accent": "#A0C"}, id="an accent in short"),
        pytest.param({"statuses": "404"}, id="one status in a string"),
        pytest.param({"statuses": 404}, id="one status"),
        pytest.param({"statuses": [404, "410", "500-504", "4XX"]}, id="statuses of all kinds"),
        pytest.param({"statuses": "404, 500-504"}, id="statuses with commas"),
        pytest.param({"statuses": "783 999"}, id="vendors' statuses"),
        pytest.param({"show_message": "4xx 503"}, id="messages of one more"),
        pytest.param({"show_message": ()}, id="no messages"),
        pytest.param({"statuses": (), "maintenance": bool}, id="maintenance only"),
        pytest.param({"replace": "empty"}, id="empty bodies only"),
        pytest.param({"replace": lambda request, head, body: True}, id="a callable that decides"),
        pytest.param({"exclude": "/api/*"}, id="one pattern"),
        pytest.param({"exclude": ["*.json", "/static/*"]}, id="several patterns"),
        pytest.param({"formats": "html text"}, id="two formats"),
        pytest.param({"formats": ["json"]}, id="one format"),
        pytest.param({"api_errors": "problem"}, id="problem details"),
        pytest.param({"retry_after": 0}, id="no delay"),
        pytest.param({"retry_after": 1.5}, id="a delay in parts of seconds"),
        pytest.param({"retry_after": timedelta(minutes=5)}, id="a timedelta"),
        pytest.param({"retry_after": {503: 60, 429: timedelta(hours=1), 413: 5, 501: 9}}, id="delays by status"),
        pytest.param({"retry_after": lambda request, status: datetime.now()}, id="a callable for the delay"),
        pytest.param({"cache_control": {404: "public, max-age=60", 429: "No-Store"}}, id="cache policies"),
        pytest.param({"cache_control": {404: 'max-age=60 ,, private="X, Y",immutable, x-own'}}, id="an odd list"),
        pytest.param({"reference": False}, id="no references"),
        pytest.param({"reference": lambda request, head, error: "x"}, id="a callable for the reference"),
        pytest.param({"exceptions": {TimeoutError: 504, LookupError: 404}}, id="exceptions"),
        pytest.param({"debug": True}, id="debug"),
        pytest.param({"csp": None}, id="no policy"),
        pytest.param({"csp": "default-src 'self'; style-src 'unsafe-inline'"}, id="a policy"),
        pytest.param({"csp": "Upgrade-Insecure-Requests"}, id="a policy of one word"),
        pytest.param({"csp": "x-unknown a; sandbox"}, id="a policy with a directive from the future"),
        pytest.param({"csp": "frame-ancestors 'none', default-src 'self'"}, id="two policies"),
        pytest.param({"csp": lambda request: "abc"}, id="a nonce"),
        pytest.param({"languages": ["en"]}, id="a list of languages"),
        pytest.param({"default_language": "en-GB"}, id="a default of a region"),
        pytest.param({"language": lambda request: "en"}, id="a callable for the language"),
        pytest.param({"wording": {404: {"title": "x"}, "5xx": {"message": "y"}}}, id="words"),
        pytest.param(
            {"wording": {"pt_BR": {404: {"title": "x"}, "4xx": {"next_step": "y"}}}}, id="words in a language"
        ),
        pytest.param(
            {"wording": {"de": {404: {"title": "x"}}}, "default_language": "de"}, id="a language of own words"
        ),
        pytest.param({"maintenance": "/switch.json"}, id="a path of a switch"),
        pytest.param({"maintenance": Path("switch.json")}, id="a path that is one"),
        pytest.param({"maintenance": "redis://127.0.0.1:6379/0"}, id="a URL of a switch"),
        pytest.param({"maintenance": FileSwitch("switch.json")}, id="a switch"),
        pytest.param({"maintenance": bool}, id="a callable for a switch"),
        pytest.param({"trusted_proxies": ["10.0.0.0/8", "::1"]}, id="proxies"),
        pytest.param({"trusted_proxies": "192.0.2.1"}, id="a single proxy"),
        pytest.param({"maintenance_paths": "/ping"}, id="a single open path"),
        pytest.param({"maintenance_paths": ()}, id="no open paths"),
        pytest.param({"wording": {"maintenance": {"title": "x"}}}, id="words for maintenance"),
        pytest.param({"on_page": print}, id="a hook"),
    ],
)
def test_a_value_that_works_passes(options: dict[str, Any]) -> None:
    assert ErrorPages(**options).options == Options(**options)


def test_an_iterable_that_can_be_read_once_is_read_once() -> None:
    options: dict[str, Any] = {
        "statuses": (status for status in (404, 410)),
        "formats": iter(["html", "text"]),
        "exclude": (path for path in ("/a", "/b")),
    }
    checked = Options(**options)
    assert checked.statuses == (404, 410)
    assert checked.offered_formats == ("html", "text")
    assert checked.excluded_paths == ("/a", "/b")


def test_options_or_keywords_but_not_both() -> None:
    assert ErrorPages(Options(site_name="Acme")).options.site_name == "Acme"
    options: dict[str, Any] = {"site_name": "Acme"}
    with pytest.raises(OptionError, match="not both"):
        ErrorPages(Options(), **options)


@pytest.mark.parametrize(
    "given", [pytest.param({"site_name": "Acme"}, id="a mapping"), pytest.param("Acme", id="a name")]
)
def test_what_stands_for_options_is_options(given: Any) -> None:
    with pytest.raises(OptionError) as caught:
        ErrorPages(given)
    assert (caught.value.option, caught.value.value) == ("options", given)
    assert 'keywords such as site_name="Acme"' in caught.value.allowed


# -- the middlewares ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("middleware", MIDDLEWARES)
def test_a_middleware_checks_its_options_at_construction(middleware: Any) -> None:
    with pytest.raises(OptionError, match="theme: 'fancy'"):
        middleware(application, theme="fancy")
    with pytest.raises(OptionError, match="site_name"):
        middleware(application, sitename="Acme")


@pytest.mark.parametrize("middleware", MIDDLEWARES)
def test_a_middleware_takes_pages_or_options_but_not_both(middleware: Any) -> None:
    with pytest.raises(OptionError) as caught:
        middleware(application, pages=ErrorPages(), site_name="Acme")
    assert caught.value.option == "pages"
    assert "site_name" in str(caught.value)
    assert "not both" in caught.value.allowed


@pytest.mark.parametrize("middleware", MIDDLEWARES)
@pytest.mark.parametrize("pages", [pytest.param("plain", id="a theme's name"), pytest.param({}, id="a mapping")])
def test_pages_are_an_error_pages_or_a_callable(middleware: Any, pages: object) -> None:
    with pytest.raises(OptionError) as caught:
        middleware(application, pages=pages)
    assert caught.value.option == "pages"
    assert "Request -> ErrorPages" in caught.value.allowed


@pytest.mark.parametrize("middleware", MIDDLEWARES)
@pytest.mark.parametrize(
    "pages, cure",
    [
        pytest.param(ErrorPages, "an instance: ErrorPages(…)", id="the class"),
        pytest.param(Options(), "of these options: ErrorPages(options)", id="options"),
        pytest.param({"theme": "card"}, "of these options: ErrorPages(**options)", id="a mapping of options"),
        pytest.param(lambda: ErrorPages(), "this can't be called with 1 argument", id="a function of nothing"),
        pytest.param(lambda request, host: ErrorPages(), "can't be called with 1 argument", id="a function of two"),
    ],
)
def test_pages_that_can_not_work_are_met_with_the_cure(middleware: Any, pages: object, cure: str) -> None:
    with pytest.raises(OptionError) as caught:
        middleware(application, pages=pages)
    assert (caught.value.option, caught.value.value) == ("pages", pages)
    assert caught.value.allowed.startswith("an ErrorPages, or a callable Request -> ErrorPages; ")
    assert caught.value.allowed.endswith(cure)


@pytest.mark.parametrize("middleware", MIDDLEWARES)
@pytest.mark.parametrize("function", [coroutine_function, CoroutineCallable()])
def test_the_callable_that_chooses_pages_is_a_plain_function(middleware: Any, function: object) -> None:
    with pytest.raises(OptionError, match="pages"):
        middleware(application, pages=function)


@pytest.mark.parametrize("middleware", MIDDLEWARES)
def test_pages_that_work_pass(middleware: Any) -> None:
    pages = ErrorPages()

    def choose(request: Request) -> ErrorPages:
        return pages

    middleware(application, pages=pages)
    middleware(application, pages=choose)
    middleware(application)
