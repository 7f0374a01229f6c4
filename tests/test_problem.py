"""Problem details: their members as JSON and XML, and which JSON errors of an application become some."""

from __future__ import annotations

import json
import uuid
from typing import Any
from xml.etree import ElementTree

import pytest

from errorpages import ErrorPages, Page, Request, ResponseHead, catalogue
from errorpages.core import Pending

JSON = "application/problem+json"
XML = "application/problem+xml"
NAMESPACE = "{urn:ietf:rfc:7807}"
UUID = "0b7f9a52-7c2f-4c0e-9a54-3f2f8f7e1d10"
ERRORS = [status.code for status in catalogue if status.code >= 400]


def field(page: Page, name: str) -> str | None:
    return next((value for field_name, value in page.headers if field_name.lower() == name.lower()), None)


def make(accept: str, status: int, *, message: str | None = None, headers: Any = (), **options: Any) -> Page:
    return ErrorPages(**options).page(
        Request(path="/secret/path", query="token=1", headers=(("Accept", accept), ("Host", "intern.example"))),
        status,
        message=message,
        headers=headers,
    )


def members_of(page: Page) -> dict[str, Any]:
    """Read a page's members, whichever of the two it is; XML's are all text."""
    if field(page, "Content-Type") == JSON:
        members = json.loads(page.body)
        assert isinstance(members, dict)
        return members
    assert field(page, "Content-Type") == XML
    root = ElementTree.fromstring(page.body)
    assert root.tag == f"{NAMESPACE}problem"
    assert all(len(child) == 0 for child in root)
    return {child.tag.removeprefix(NAMESPACE): child.text for child in root}


# -- our own -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ERRORS)
def test_a_problem_says_what_the_page_says(status: int) -> None:
    known = catalogue[status]
    page = make(JSON, status, reference=False)
    assert page.status == status
    assert members_of(page) == {
        "type": "about:blank",
        "title": next(name for name in (known.name, *known.other_names, known.title) if name and name[0] != "("),
        "status": status,
        "detail": f"{known.message} {known.next_step}",
    }
    assert field(page, "Content-Length") == str(len(page.body))


@pytest.mark.parametrize("status", ERRORS)
def test_xml_has_the_members_of_json(status: int) -> None:
    headers = (("X-Request-ID", UUID), ("Retry-After", "90"))
    as_json = members_of(make(JSON, status, headers=headers, message="Own <words> & more"))
    as_xml = members_of(make(XML, status, headers=headers, message="Own <words> & more"))
    assert as_xml == {name: str(value) for name, value in as_json.items()}
    assert list(as_xml) == list(as_json)


@pytest.mark.parametrize(
    "accept, media_type", [("application/json", JSON), ("application/xml", XML), ("text/xml", XML)]
)
def test_who_asks_for_the_plain_type_gets_problem_details(accept: str, media_type: str) -> None:
    page = make(accept, 404)
    assert field(page, "Content-Type") == media_type
    assert members_of(page)["title"] == "Not Found"


@pytest.mark.parametrize("accept", [JSON, XML])
def test_the_applications_message_is_the_detail(accept: str) -> None:
    assert members_of(make(accept, 404, message="No such invoice"))["detail"] == "No such invoice"


@pytest.mark.parametrize("accept", [JSON, XML])
def test_a_message_of_a_5xx_is_not_shown_unless_asked_for(accept: str) -> None:
    hidden = members_of(make(accept, 502, message="db-7 is down"))["detail"]
    assert "db-7" not in hidden and hidden.startswith(str(catalogue[502].message))
    assert members_of(make(accept, 502, message="db-7 is down", show_message="502"))["detail"] == "db-7 is down"


@pytest.mark.parametrize("accept", [JSON, XML])
def test_the_message_of_a_503_is_shown_to_everybody(accept: str) -> None:
    assert members_of(make(accept, 503, message="Back at 14:00"))["detail"] == "Back at 14:00"


@pytest.mark.parametrize("accept", [JSON, XML])
@pytest.mark.parametrize(
    "reference, instance",
    [
        pytest.param(UUID, f"urn:uuid:{UUID}", id="a UUID"),
        pytest.param(UUID.upper(), f"urn:uuid:{UUID}", id="a UUID in capitals"),
        pytest.param("req-42", None, id="something else"),
        pytest.param(UUID.replace("-", ""), None, id="a UUID without hyphens, as trace ids look"),
    ],
)
def test_the_instance_is_the_reference_where_that_is_a_uuid(accept: str, reference: str, instance: str | None) -> None:
    members = members_of(make(accept, 500, headers=(("X-Request-ID", reference),)))
    assert members["reference"] == reference
    assert members.get("instance") == instance


def test_a_reference_that_was_made_up_is_a_uuid() -> None:
    members = members_of(make(JSON, 500))
    assert str(uuid.UUID(members["reference"])) == members["reference"]
    assert members["instance"] == f"urn:uuid:{members['reference']}"


@pytest.mark.parametrize("status", [404, 410])
def test_what_may_be_stored_has_no_reference(status: int) -> None:
    members = members_of(make(JSON, status, headers=(("X-Request-ID", UUID),)))
    assert "reference" not in members and "instance" not in members


def test_the_delay_is_a_number_of_seconds() -> None:
    page = make(JSON, 429, headers=(("Retry-After", "90"),))
    assert members_of(page)["retry_after"] == 90
    assert field(page, "Retry-After") == "90"
    assert "retry_after" not in members_of(make(JSON, 429))


@pytest.mark.parametrize("accept", [JSON, XML])
def test_nothing_about_the_client_or_the_address_is_given_away(accept: str) -> None:
    body = make(accept, 500).body.decode()
    for secret in ("secret", "token", "intern.example"):
        assert secret not in body


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("</detail><status>200</status>", id="markup"),
        pytest.param("]]> & &amp; <!-- x -->", id="signs of XML"),
        pytest.param('quote " and \\ backslash', id="signs of JSON"),
        pytest.param("Müller 日本語 🎉", id="letters beyond ASCII"),
        pytest.param("one\ntwo", id="two lines"),
    ],
)
@pytest.mark.parametrize("accept", [JSON, XML])
def test_a_message_comes_out_as_it_went_in(accept: str, message: str) -> None:
    assert members_of(make(accept, 404, message=message))["detail"] == message


@pytest.mark.parametrize("accept", [JSON, XML])
def test_characters_that_xml_forbids_are_left_out(accept: str) -> None:
    message = "a\x00b\x0bc\x1bd\ufffee\ud800f\u202eg"
    assert members_of(make(accept, 404, message=message))["detail"] == "abcdefg"


def test_xml_says_its_encoding() -> None:
    body = make(XML, 404, message="é").body
    assert body.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert "é".encode() in body


def test_a_status_that_nobody_defined_has_a_title_all_the_same() -> None:
    members = members_of(make(JSON, 455))
    assert members["status"] == 455
    assert members["title"] == "This request couldn't be completed"


# -- the application's -------------------------------------------------------------------------------------------------


def answer(status: int, data: Any, content_type: str = "application/json", accept: str = "*/*", **options: Any) -> Any:
    """Put a JSON error to the question; None where it is kept."""
    pages = ErrorPages(**{"api_errors": "problem", **options})
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    head = ResponseHead(status, (("Content-Type", content_type), ("Content-Length", str(len(body)))))
    outcome: Any = pages.consider(Request(headers=(("Accept", accept),)), head)
    if isinstance(outcome, Pending):
        outcome = outcome.settle(body)
    return outcome if isinstance(outcome, Page) else None


CONVERTED = [
    # what the application sent, the members that come out besides type, title and status
    pytest.param(404, {"detail": "No such invoice"}, {"detail": "No such invoice"}, id="FastAPI"),
    pytest.param(404, {"message": "No such invoice"}, {"detail": "No such invoice"}, id="a message"),
    pytest.param(404, {"error": "No such invoice"}, {"detail": "No such invoice"}, id="an error"),
    pytest.param(404, {"title": "No such invoice"}, {"detail": "No such invoice"}, id="a title that says something"),
    pytest.param(404, {"description": "No such invoice"}, {"detail": "No such invoice"}, id="a description"),
    pytest.param(
        404,
        {"status_code": 404, "detail": "No such invoice"},
        {"detail": "No such invoice"},
        id="Litestar repeats the code",
    ),
    pytest.param(
        *(404, {"error": "Not Found", "message": "No such invoice", "status": 404}, {"detail": "No such invoice"}),
        id="a name that says nothing new",
    ),
    pytest.param(
        409,
        {"detail": "Taken", "code": "E42"},
        {"detail": "Taken", "code": "E42"},
        id="an own code stays as an extension",
    ),
    pytest.param(
        *(
            409,
            {"detail": "Taken", "field": "name", "hints": ["a"]},
            {"detail": "Taken", "field": "name", "hints": ["a"]},
        ),
        id="other members stay as extensions",
    ),
    pytest.param(
        404, {"detail": "x y", "instance": "/invoices/7"}, {"detail": "x y", "instance": "/invoices/7"}, id="instance"
    ),
    pytest.param(404, {"detail": "x y", "status": 400}, {"detail": "x y"}, id="a status that is not the response's"),
]


@pytest.mark.parametrize("status, sent, expected", CONVERTED)
def test_a_simple_json_error_becomes_problem_details(status: int, sent: Any, expected: dict[str, Any]) -> None:
    page = answer(status, sent)
    assert page.status == status
    assert field(page, "Content-Type") == JSON
    members = members_of(page)
    assert members.pop("type") == "about:blank"
    assert members.pop("title") == catalogue[status].name
    assert members.pop("status") == status
    assert members == expected


def test_a_stock_sentence_gives_way_to_the_visitors_sentences() -> None:
    known = catalogue[404]
    assert members_of(answer(404, {"detail": "Not Found"}))["detail"] == f"{known.message} {known.next_step}"


def test_a_type_of_the_applications_own_stays_with_its_title() -> None:
    members = members_of(
        answer(403, {"type": "https://acme.example/credit", "title": "Out of credit", "detail": "5 short"})
    )
    assert (members["type"], members["title"], members["detail"]) == (
        "https://acme.example/credit",
        "Out of credit",
        "5 short",
    )


@pytest.mark.parametrize(
    "detail",
    [
        pytest.param([{"loc": ["body", "name"], "msg": "Field required"}], id="a list, as FastAPI's 422 has"),
        pytest.param({"name": ["Field required"]}, id="an object"),
    ],
)
def test_a_detail_that_is_a_list_or_an_object_becomes_errors(detail: Any) -> None:
    members = members_of(answer(422, {"detail": detail}))
    assert members["errors"] == detail
    assert members["detail"] == f"{catalogue[422].message} {catalogue[422].next_step}"
    assert members["title"] == "Unprocessable Content"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"detail": "db-7 is down"}, id="a detail"),
        pytest.param({"message": "db-7 is down", "error": "db-7 is down"}, id="a message and an error"),
        pytest.param({"title": "db-7 is down"}, id="a title"),
        pytest.param({"detail": [{"msg": "db-7 is down"}]}, id="a list"),
    ],
)
def test_the_words_of_a_5xx_are_shown_where_show_message_says_so(sent: Any) -> None:
    assert "db-7" not in answer(500, sent).body.decode()
    assert "db-7" in answer(500, sent, show_message="4xx 5xx").body.decode()


def test_a_converted_5xx_has_a_reference_that_the_application_cant_contradict() -> None:
    members = members_of(answer(500, {"detail": "x y"}))
    assert str(uuid.UUID(members["reference"])) == members["reference"]


KEPT = [
    pytest.param(404, {"detail": "x"}, "application/problem+json", id="problem details already"),
    pytest.param(404, {"detail": "x"}, "application/vnd.acme+json", id="a vendor's type"),
    pytest.param(404, {"detail": "x"}, "application/hal+json", id="HAL"),
    pytest.param(404, {"errors": [{"detail": "x"}]}, "application/vnd.api+json", id="JSON:API"),
    pytest.param(400, {"errors": [{"message": "x"}], "data": None}, "application/json", id="GraphQL"),
    pytest.param(400, {"errors": [{"message": "x"}]}, "application/graphql-response+json", id="GraphQL by type"),
    pytest.param(
        *(400, {"jsonrpc": "2.0", "error": {"code": -32600, "message": "x"}, "id": None}, "application/json"),
        id="JSON-RPC",
    ),
    pytest.param(400, {"jsonrpc": "2.0", "error": "x", "id": 1}, "application/json", id="JSON-RPC with a text"),
    pytest.param(404, ["x"], "application/json", id="a list"),
    pytest.param(404, "x", "application/json", id="a string"),
    pytest.param(404, None, "application/json", id="null"),
    pytest.param(404, b'{"detail": ', "application/json", id="what is no JSON"),
    pytest.param(404, {"error": {"code": 5, "message": "x"}}, "application/json", id="an error that is an object"),
    pytest.param(404, {"id": 7, "name": "x"}, "application/json", id="what is no error"),
    pytest.param(404, {"detail": "x" * 9000}, "application/json", id="more than is looked at"),
    pytest.param(
        *(500, b"<soap:Envelope xmlns:soap='x'><soap:Body><soap:Fault/></soap:Body></soap:Envelope>", "text/xml"),
        id="SOAP",
    ),
    pytest.param(500, b"<error><message>x</message></error>", "application/soap+xml", id="SOAP by type"),
]


@pytest.mark.parametrize("status, sent, content_type", KEPT)
def test_what_follows_a_contract_of_its_own_is_never_converted(status: int, sent: Any, content_type: str) -> None:
    assert answer(status, sent, content_type) is None


def test_without_the_option_a_json_error_stays() -> None:
    assert answer(404, {"detail": "No such invoice"}, api_errors="keep") is None


def test_a_persons_browser_gets_the_page_even_so() -> None:
    page = answer(404, {"detail": "No such invoice"}, accept="text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
    assert field(page, "Content-Type") == "text/html; charset=utf-8"
    assert "No such invoice" in page.body.decode()
