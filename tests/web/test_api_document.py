"""The document that the API hands out of itself: valid, whole, and true of who may come in."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from schemathesis import openapi

from bankhub.wiring import open_database
from passport.web.api_base import PROBLEMS
from tests.support.callers import BASE, an_app
from tests.support.walks import document_of
from tests.web.route_table import NOBODYS

PROMISED = (
    ("post", "/api/v1/shifts"),
    ("post", "/api/v1/shifts/import"),
    ("get", "/api/v1/shifts"),
    ("get", "/api/v1/me/shifts"),
    ("post", "/api/v1/shifts/{shift_id}/bookings"),
    ("post", "/api/v1/bookings/{booking_id}/cancel"),
    ("get", "/api/v1/shifts/{shift_id}/candidates"),
    ("get", "/api/v1/fill-rate"),
)
PROBLEM = {"$ref": "#/components/schemas/ProblemShape"}


@pytest.fixture(scope="module")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    file = tmp_path_factory.mktemp("document") / "empty.sqlite3"
    copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    yield an_app(database)
    database.engine.dispose()


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    return document_of(app)


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Every operation by method and path."""
    return {
        (method, path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    openapi.from_dict(document).validate()
    for name, shape in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(shape), name


def test_mutant_that_is_no_openapi_is_noticed(app: Flask) -> None:
    broken = document_of(app)
    broken["paths"]["/api/v1/units"]["get"]["responses"]["200"].pop("description")
    with pytest.raises(jsonschema_rs.ValidationError):
        openapi.from_dict(broken).validate()


def test_what_was_promised_is_there(document: dict[str, Any]) -> None:
    assert [one for one in PROMISED if one not in operations(document)] == []


def test_it_opens_with_what_an_integrator_needs_first(document: dict[str, Any]) -> None:
    about = document["info"]["description"]
    for said in ("Authorization: Bearer", "step_up_needed", "Idempotency-Key", "pence", "reasons"):
        assert said in about


def test_every_rule_of_the_api_is_in_it(app: Flask, document: dict[str, Any]) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if str(rule).startswith("/api/v1/")]
    routed = sum(len((rule.methods or set()) - {"HEAD", "OPTIONS"}) for rule in rules)
    assert len(operations(document)) == routed


def test_every_operation_says_what_it_does_and_how_it_refuses(document: dict[str, Any]) -> None:
    scheme = document["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for where, operation in operations(document).items():
        assert operation["summary"].endswith("."), where
        assert "\n" not in operation["summary"], where
        assert operation.get("security", document["security"]) == [{"token": []}], where
        answers = operation["responses"]
        done = {status for status in answers if status.startswith("2")}
        assert len(done) == 1, where
        assert set(answers) - done == {str(status) for status in PROBLEMS}, where
        for status in PROBLEMS:
            content = answers[str(status)]["content"]
            assert content == {"application/problem+json": {"schema": PROBLEM}}, where


def test_every_deed_but_those_in_steps_takes_a_key(document: dict[str, Any]) -> None:
    without = {
        path
        for (method, path), operation in operations(document).items()
        if method == "post"
        and "Idempotency-Key" not in [one["name"] for one in operation.get("parameters", ())]
    }
    assert without == {"/api/v1/shifts/import", "/api/v1/shifts/import/{import_id}/take"}


@pytest.mark.asvs("8.2.1")
def test_nothing_is_answered_without_a_token_that_holds(
    app: Flask, document: dict[str, Any]
) -> None:
    client = app.test_client(use_cookies=False)
    for method, path in operations(document):
        address = path
        for name in document["paths"][path].get("parameters", ()):
            address = address.replace("{" + name["name"] + "}", NOBODYS)
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic d3JvbmM="}):
            answer = client.open(address, method=method.upper(), base_url=BASE, headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.content_type == "application/problem+json", (method, path)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer"), (method, path)


def test_a_path_that_is_none_and_a_method_that_is_none_are_problems_too(app: Flask) -> None:
    client = app.test_client(use_cookies=False)
    for method, path, status in (("GET", "nowhere", 404), ("DELETE", "shifts", 405)):
        answer = client.open(f"/api/v1/{path}", method=method, base_url=BASE)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
