"""An agreement of two trusts by API alone, from draft to signatures."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from bankhub.model.agreements import ReviewArea
from bankhub.rules.agreements.agreement_states import AREA_ROLES
from passport.actions.access import tokens
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.model.organisations import Organisation
from tests.support import agreed, issuing
from tests.support.access import VAULT
from tests.support.agreeing import PEOPLE
from tests.support.desk import Desk, Staff, a_desk
from tests.support.trust_keys import ALL_SCOPES


class Program:
    """What calls the API for somebody."""

    def __init__(self, desk: Desk, staff: Staff) -> None:
        where, account = staff.actor.organisation_id, staff.actor.account_id
        assert account is not None
        now = datetime.now(UTC)  # noqa: TID251  tokens live by the real clock
        self.client = desk.app.test_client(use_cookies=False)
        self.token = desk.do(
            lambda session: tokens.make_for(
                session, account_id=account, name="program", scopes=ALL_SCOPES,
                by=operator(where), now=now,
            )
        )  # fmt: skip

    def send(self, method: str, path: str, status: int, body: Any = None) -> Any:
        head = {"Authorization": f"Bearer {self.token}"}
        answer = self.client.open(f"/api/v1{path}", method=method, json=body, headers=head)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def do(self, path: str, status: int = 201, **body: Any) -> Any:
        return self.send("POST", path, status, body or None)

    def read(self, path: str) -> Any:
        return self.send("GET", path, 200)


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def other(desk: Desk) -> Organisation:
    return agreed.a_neighbour(desk)


@pytest.fixture
def ours(desk: Desk) -> Program:
    return Program(desk, desk.person(R.BANK_MANAGER, *AREA_ROLES.values()))


def test_from_draft_to_signatures(desk: Desk, other: Organisation, ours: Program) -> None:
    theirs = Program(desk, desk.person(R.EXECUTIVE_ON_CALL, at=other))
    wall = datetime.now(UTC)  # noqa: TID251  keys live by the real clock
    for trust in (desk.trust, other):
        desk.do(partial(issuing.keys_for, trust=trust, vault=VAULT, now=wall))
    made = ours.do("/agreements", title="Bank", terms=agreed.terms_for(desk.trust, other))
    version = f"/agreement-versions/{made['versions'][0]['id']}"
    assert theirs.read("/agreements")["agreements"] == []
    assert ours.do(f"{version}/to-review")["state"] == "in_review"
    refused = ours.do(f"{version}/send-out", 409)
    assert {one["code"] for one in refused["reasons"]} == {"review_missing"}
    for area, name in zip(ReviewArea, PEOPLE, strict=True):
        said: dict[str, Any] = {"area": area.value, "name": name, "job_title": "Head"}
        ours.do(f"{version}/reviews", signed_off=True, **said)
    assert ours.do(f"{version}/send-out")["versions"][0]["text_hash"]
    who: dict[str, Any] = {"name": "Ada Moss", "job_title": "Director", "authority": "SFI 7.2"}
    for program in (ours, theirs):
        assert program.do(f"{version}/signatures", **who)["token"].count(".") == 2
    assert theirs.read("/agreements")["agreements"][0]["state"] == "active"
    pairs = theirs.read("/agreements/who-sees-whom")["pairs"]
    assert {(one["home_ods"], one["host_ods"]) for one in pairs} == {("RX9", "RT5"), ("RT5", "RX9")}
    assert len(theirs.read(f"{version}/file")["signatures"]) == 2
    theirs.do(f"/agreements/{made['id']}/notice")
    where = f"/agreements/{made['id']}"
    assert ours.read(where)["state"] == "notice_given"
    assert (ours.read(where)["may_withdraw"], theirs.read(where)["may_withdraw"]) == (False, True)
    ours.do(f"{where}/withdraw-notice", 409)
    assert theirs.do(f"{where}/withdraw-notice")["state"] == "active"
    assert ours.read(where)["until_on"] == made["versions"][0]["terms"]["ends_on"]


def test_every_mistake_in_the_terms_is_named_by_its_way(
    desk: Desk, other: Organisation, ours: Program
) -> None:
    terms = agreed.terms_for(desk.trust, other, notice_days=999, indemnity=[])
    terms["parties"][1]["ods"] = "ZZZ"
    refused = ours.do("/agreements", 422, title="Bank", terms=terms)
    assert {"parties[1].ods", "notice_days", "indemnity"} <= set(refused["fields"])
