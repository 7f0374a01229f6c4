"""Fields, paths and messages of whatever bytes: nothing fails, nothing breaks out, and both adapters agree."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from tests import bodies
from tests.drivers import page_fields, watched_log
from tests.hostile.exchanges import SITES, Exchange, check, through_wsgi
from tests.hostile.values import EXCHANGES, FIELD_NAMES, LONG, SHORT

BROWSER = ("Accept", b"text/html")
HTML = (("Content-Type", b"text/html; charset=utf-8"),)
TEXT = (("Content-Type", b"text/plain; charset=utf-8"),)
JSON = (("Content-Type", b"application/json"),)

RESPONSES = {
    "a stock 404": Exchange(head=TEXT, pieces=(b"Not Found",)),
    "a 503 with a reference": Exchange(status=503, head=TEXT),
    "a JSON error": Exchange(head=JSON, pieces=(b'{"detail":"No such invoice"}',), site="problem"),
    "an own page": Exchange(head=HTML, pieces=(b'<body class="shop">',)),
    "a bare text": Exchange(head=TEXT, pieces=(b"No such invoice",)),
    "an exception": Exchange(error="accident"),
}
VALUES = {**SHORT, **{f"64 KB of {name}": value for name, value in LONG.items()}}


def with_fields(exchange: Exchange, **fields: bytes) -> Exchange:
    """Give an exchange a browser's Accept, and these fields."""
    names = {name.replace("_", "-"): value for name, value in fields.items()}
    return Exchange(**{**exchange.__dict__, "fields": tuple({BROWSER[0]: BROWSER[1], **names}.items())})


def responses_for(value: str) -> list[Exchange]:
    """Try the short values on every response, the long ones on those that show the most."""
    return list(RESPONSES.values())[: None if len(value) < 1000 else 2]


@pytest.mark.parametrize("name", FIELD_NAMES)
def test_no_request_field_fails_or_breaks_out(name: str) -> None:
    for what, value in VALUES.items():
        for exchange in responses_for(value):
            answer = check(with_fields(exchange, **{name.replace("-", "_"): value.encode("latin-1")}))
            assert "evil=1" not in str(answer.headers), what


@pytest.mark.parametrize("part", ["path", "root_path", "query"])
def test_no_path_fails_or_breaks_out(part: str) -> None:
    for what, value in VALUES.items():
        hostile = b"/" + value.encode("latin-1")
        for exchange in responses_for(value):
            for site in ("default", "empty", "asking") if len(value) < 1000 else ("empty",):
                answer = check(with_fields(Exchange(**{**exchange.__dict__, part: hostile, "site": site})))
                assert "evil=1" not in str(answer.headers), what


@pytest.mark.parametrize("accept", ["text/html", "text/plain", "text/markdown", "application/json", "application/xml"])
def test_no_message_fails_or_breaks_out(accept: str) -> None:
    fields = (("Accept", accept.encode()),)
    for value in VALUES.values():
        message = value.encode()
        check(Exchange(error="404", pieces=(message,), fields=fields))
        check(Exchange(error="503", pieces=(message,), fields=fields, site="all"))
        check(Exchange(head=TEXT, pieces=(message,), fields=fields))
        check(Exchange(head=HTML, pieces=(bodies.werkzeug(404, value).encode(),), fields=fields))


@pytest.mark.parametrize("value", SHORT.values(), ids=SHORT)
def test_only_a_harmless_reference_is_shown(value: str) -> None:
    for name in ("X_Request_ID", "Traceparent"):
        page = check(with_fields(Exchange(status=503, head=TEXT), **{name: value.encode("latin-1")})).text
        is_harmless = name == "X_Request_ID" and value == SHORT["a trace of zeros"]
        assert not value or (value in page) == is_harmless


@pytest.mark.parametrize("name", ["a line break", "a bare line feed", "a bare carriage return"])
def test_no_path_forges_a_line_of_the_log(name: str) -> None:
    """A path with %0A would otherwise write a line of its own (CWE-117; Django's CVE-2025-48432)."""
    exchange = Exchange(path=b"/" + SHORT[name].encode(), error="accident")
    with watched_log() as records:
        through_wsgi(exchange)
    accident, page = records
    for record in (accident, page):
        assert not {"\r", "\n"} & set(record.getMessage())
    assert not {"\r", "\n"} & set(page_fields(page)["path"])


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(exchange=EXCHANGES)
def test_every_exchange_keeps_every_promise(exchange: Exchange) -> None:
    check(exchange)


@pytest.mark.parametrize("site", SITES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(exchange=EXCHANGES)
def test_no_split_of_the_body_matters(site: str, exchange: Exchange) -> None:
    exchange = Exchange(**{**exchange.__dict__, "site": site})
    expected = check(exchange.with_body(exchange.body))
    bytewise = tuple(exchange.body[index : index + 1] for index in range(len(exchange.body)))
    for pieces in (exchange.pieces, bytewise, (b"", exchange.body, b"")):
        answer = check(Exchange(**{**exchange.__dict__, "pieces": pieces}))
        assert answer.comparable == expected.comparable


RESPONSE_FIELDS: dict[str, tuple[str, bytes]] = {
    "a year beyond numbers": ("Retry-After", b"Thu, 01 Jan 99999999999999999999 00:00:00 GMT"),
    "the last day of all": ("Retry-After", b"Fri, 31 Dec 9999 23:59:59 -2359"),
    "seconds without end": ("Retry-After", b"9" * 5000),
    "a zone beyond days": ("Retry-After", b"Mon, 01 Jan 0001 00:00:00 +9959"),
    "a charset that is none": ("Content-Type", b"text/plain; charset=\xff\xfe"),
    "a charset that is no text encoding": ("Content-Type", b"text/plain; charset=zlib"),
    "a charset that decodes nothing": ("Content-Type", b"text/plain; charset=idna"),
    "a charset with a zero": ("Content-Type", b"text/plain; charset*=utf-8''%00"),
    "links that are none": ("Link", b"<<<<>>>>,;;==\"'"),
    "a language that is none": ("Content-Language", b"\xff-\xfe,,"),
    "a policy that is none": ("Content-Security-Policy", b";;,,' \xff"),
    "a length that is none": ("Content-Length", b"\xb2"),
}


@pytest.mark.parametrize("field", RESPONSE_FIELDS.values(), ids=RESPONSE_FIELDS)
def test_no_field_of_the_response_fails(field: tuple[str, bytes]) -> None:
    for status in (404, 451, 503):
        answer = check(Exchange(status=status, head=(field,), pieces=(b"",), fields=(BROWSER,)))
        assert answer.is_page and "text/html" in str(answer.field("Content-Type"))
