"""The public surface: names, signatures and defaults that users write down and we may not change by accident."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from typing import Any

import pytest

import errorpages
import errorpages.asgi
import errorpages.telemetry
import errorpages.wsgi
from errorpages import ErrorPages, OptionError, Options, Page, PageEvent, Request, ResponseHead
from errorpages.exceptions import ErrorPagesError, MissingExtraError
from errorpages.maintenance import DEFAULT_PATHS
from errorpages.options import OptionKeywords

PUBLIC_NAMES = {
    *("ErrorPages", "Options", "OptionError", "Request", "ResponseHead", "Page", "PageEvent", "catalogue"),
}

DEFAULTS: dict[str, Any] = {
    "site_name": "",
    "home_url": "",
    "support_url": None,
    "status_url": None,
    "logo": None,
    "accent": None,
    "theme": "plain",
    "templates": None,
    "context": None,
    "wording": {},
    "languages": None,
    "default_language": "en",
    "language": None,
    "statuses": "4xx 5xx",
    "replace": "stock",
    "exclude": (),
    "formats": ("html", "json", "text", "markdown", "xml"),
    "api_errors": "keep",
    "show_message": ("4xx", 503),
    "retry_after": None,
    "cache_control": {},
    "reference": None,
    "exceptions": {},
    "debug": None,
    "csp": "auto",
    "auto_retry": False,
    "compress": True,
    "maintenance": None,
    "maintenance_paths": DEFAULT_PATHS,
    "trusted_proxies": (),
    "on_page": None,
}
"""The table of options of the design."""

POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
KEYWORD = inspect.Parameter.KEYWORD_ONLY
MIDDLEWARES = [
    pytest.param(errorpages.wsgi.ErrorPagesMiddleware, id="wsgi"),
    pytest.param(errorpages.asgi.ErrorPagesMiddleware, id="asgi"),
]


def parameters_of(function: Any) -> dict[str, Any]:
    return {name: parameter.kind for name, parameter in inspect.signature(function).parameters.items()}


def test_the_package_exports_the_documented_names_and_no_others() -> None:
    assert set(errorpages.__all__) == PUBLIC_NAMES
    assert len(errorpages.__all__) == len(PUBLIC_NAMES)


@pytest.mark.parametrize("name", sorted(PUBLIC_NAMES))
def test_every_exported_name_exists(name: str) -> None:
    assert hasattr(errorpages, name)


@pytest.mark.parametrize(
    "exported", [pytest.param(errorpages.wsgi.__all__, id="wsgi"), pytest.param(errorpages.asgi.__all__, id="asgi")]
)
def test_an_adapter_exports_its_middleware_alone(exported: list[str]) -> None:
    assert list(exported) == ["ErrorPagesMiddleware"]


@pytest.mark.parametrize("middleware", MIDDLEWARES)
def test_a_middleware_takes_the_application_by_position_and_the_rest_by_keyword(middleware: Any) -> None:
    assert parameters_of(middleware) == {"app": POSITIONAL, "pages": KEYWORD, "options": inspect.Parameter.VAR_KEYWORD}


@pytest.mark.parametrize("middleware", MIDDLEWARES)
def test_a_middleware_refuses_an_option_by_position(middleware: Any) -> None:
    with pytest.raises(TypeError):
        middleware(lambda *arguments: None, ErrorPages())


def test_the_asgi_middleware_is_called_as_an_async_function_because_servers_inspect_it() -> None:
    assert inspect.iscoroutinefunction(errorpages.asgi.ErrorPagesMiddleware.__call__)
    assert not inspect.iscoroutinefunction(errorpages.wsgi.ErrorPagesMiddleware.__call__)


def test_options_has_the_documented_fields_with_the_documented_defaults() -> None:
    options = Options()
    assert {field.name: getattr(options, field.name) for field in dataclasses.fields(Options)} == DEFAULTS


def test_options_takes_keywords_only_and_is_frozen() -> None:
    assert set(parameters_of(Options).values()) == {KEYWORD}
    with pytest.raises(dataclasses.FrozenInstanceError):
        Options().site_name = "Acme"  # type: ignore[misc]


def test_the_keywords_of_the_signatures_are_the_fields_of_options_with_the_same_types() -> None:
    fields = {field.name for field in dataclasses.fields(Options)}
    hints = typing.get_type_hints(Options)
    assert typing.get_type_hints(OptionKeywords) == {name: hints[name] for name in fields}
    assert OptionKeywords.__required_keys__ == frozenset()


def test_error_pages_takes_every_option_as_a_keyword() -> None:
    parameters = parameters_of(ErrorPages)
    assert inspect.Parameter.VAR_KEYWORD in parameters.values()
    assert {kind for kind in parameters.values() if kind is POSITIONAL} == set()


def test_page_takes_request_and_status_by_position_and_the_rest_by_keyword() -> None:
    signature = inspect.signature(ErrorPages.page)
    kinds = {name: parameter.kind for name, parameter in signature.parameters.items() if name != "self"}
    assert kinds == {"request": POSITIONAL, "status": POSITIONAL, "message": KEYWORD, "headers": KEYWORD}
    assert signature.parameters["message"].default is None
    assert signature.parameters["headers"].default == ()


def test_a_request_has_the_documented_fields_in_their_order() -> None:
    names = [field.name for field in dataclasses.fields(Request)]
    assert names == ["method", "path", "root_path", "query", "headers", "client", "native"]


def test_an_event_has_the_documented_fields() -> None:
    assert [field.name for field in dataclasses.fields(PageEvent)] == [
        *("status", "cause", "method", "path", "route", "format", "language", "reference", "exception", "duration")
    ]


def test_telemetry_exports_the_documented_names_for_users() -> None:
    assert {"OpenTelemetry", "flush"} <= set(errorpages.telemetry.__all__)
    assert parameters_of(errorpages.telemetry.OpenTelemetry) == {"meter_provider": POSITIONAL}
    assert inspect.signature(errorpages.telemetry.flush).parameters["timeout"].default == 2.0


def test_a_missing_extra_is_the_packages_own_error_and_an_import_error() -> None:
    assert issubclass(MissingExtraError, ErrorPagesError) and issubclass(MissingExtraError, ImportError)


@pytest.mark.parametrize("record", [Request, ResponseHead, Page, PageEvent])
def test_records_are_frozen(record: Any) -> None:
    assert record.__dataclass_params__.frozen


def test_a_head_has_a_status_and_fields_and_a_page_has_a_body_too() -> None:
    assert [field.name for field in dataclasses.fields(ResponseHead)] == ["status", "headers"]
    assert [field.name for field in dataclasses.fields(Page)][:3] == ["status", "headers", "body"]


def test_an_option_error_is_the_packages_own_and_a_value_error() -> None:
    assert issubclass(OptionError, ErrorPagesError)
    assert issubclass(OptionError, ValueError)
    assert issubclass(ErrorPagesError, Exception)


def test_an_option_error_carries_its_evidence() -> None:
    error = OptionError("theme", "fancy", "plain")
    assert (error.option, error.value, error.allowed) == ("theme", "fancy", "plain")
    assert str(error) == "theme: 'fancy' can't be used; allowed: plain"
