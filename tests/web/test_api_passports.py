"""Issuing by program: the pages' deeds over JSON, for a token of an officer."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from passport.actions.access import tokens
from passport.actions.people import identity_checks
from passport.actions.signing import credential_life
from passport.actors import AccessRole as R
from passport.actors import job, operator
from passport.model.credentials import Credential
from passport.model.facts import FactKind
from tests.support import build, staff
from tests.support.desk import Desk, Staff, a_desk
from tests.support.personnel import rows

SCOPES = ["passports.issue", "passports.read", "people.read", "registers.check"]


class Program:
    """A program with an officer's token."""

    def __init__(self, desk: Desk, member: Staff, scopes: list[str]) -> None:
        now = datetime.now(UTC)  # noqa: TID251  tokens live by the real clock
        self.client = desk.app.test_client(use_cookies=False)
        token = desk.do(lambda session: tokens.make_for(
            session, account_id=member.actor.account_id, name="program", scopes=scopes,
            by=operator(desk.trust.id), now=now,
        ))  # fmt: skip
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1{path}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, body: dict[str, Any]) -> TestResponse:
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers)


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def officer(desk: Desk) -> Staff:
    return desk.person(R.HR_OFFICER)


def a_nurse(desk: Desk, officer: Staff) -> str:
    def make(session: Session) -> str:
        person, _post = build.a_nurse(session, desk.trust, papers=False)
        build.a_nurses_papers(
            session, person, source="register_file", without=[FactKind.RIGHT_TO_WORK]
        )
        identity_checks.put_on_record(
            session, checks=[(person.id, staff.SEEN_ON)], by=officer.actor, now=desk.now
        )
        return str(person.id)

    found: str = desk.do(make)
    return found


def test_a_bundle_is_decided_read_suspended_and_revoked(desk: Desk, officer: Staff) -> None:
    nurse, program = a_nurse(desk, officer), Program(desk, officer, SCOPES)
    before = program.get(f"/passports/{nurse}")
    assert before["credentials"] == []
    assert "identity" in before["issuable"]
    decided = program.post(f"/passports/{nurse}/bundles", {"types": ["identity", "dbs_outcome"]})
    assert decided.status_code == 201, decided.text
    assert decided.json
    assert sorted(decided.json["types"]) == ["dbs_outcome", "identity"]
    listed = program.get("/passports?search=oka")["people"]
    assert [one["states"] for one in listed] == [{"offered": 2}]
    again = program.post(f"/passports/{nurse}/bundles", {"types": ["identity"]})
    assert (again.status_code, again.json and again.json["code"]) == (409, "nothing_new")
    one = next(row for row in rows(desk, Credential) if row.type == "identity")
    desk.do(lambda s: credential_life.accept(s, credential_id=one.id, by=job(), now=desk.now))
    path = f"/credentials/{one.id}"
    away = {"reason": "not_currently_available"}
    states = [
        program.post(f"{path}/suspend", away).json,
        program.post(f"{path}/reinstate", away).json,
        program.post(f"{path}/revoke", {"reason": "provided_in_error"}).json,
    ]
    assert [(one["state"], one["reasons"]) for one in states if one] == [
        ("suspended", ["not_currently_available"]), ("held", []),
        ("revoked", ["provided_in_error"]),
    ]  # fmt: skip


def test_what_is_no_reason_or_no_type_is_422(desk: Desk, officer: Staff) -> None:
    nurse, program = a_nurse(desk, officer), Program(desk, officer, SCOPES)
    assert program.post(f"/passports/{nurse}/bundles", {"types": ["astrology"]}).status_code == 422
    program.post(f"/passports/{nurse}/bundles", {})
    one = rows(desk, Credential)[0]
    for verb in ("withdraw", "suspend", "reinstate", "revoke"):
        answer = program.post(f"/credentials/{one.id}/{verb}", {"reason": "a whim"})
        assert answer.status_code == 422
    done = program.post(f"/credentials/{one.id}/withdraw", {"reason": "issued_in_error"})
    assert done.json
    assert done.json["state"] == "withdrawn"


def test_a_token_without_the_scope_issues_nothing(desk: Desk, officer: Staff) -> None:
    nurse, program = a_nurse(desk, officer), Program(desk, officer, ["passports.read"])
    answer = program.post(f"/passports/{nurse}/bundles", {"types": ["identity"]})
    assert answer.status_code == 403
    assert rows(desk, Credential) == []
