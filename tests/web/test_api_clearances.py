"""Clearances by program: from the code to cleared, and where the person can work."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bankhub.rules.permissions import Deed
from passport.actions.access import tokens
from passport.actors import operator
from passport.db import Database
from passport.model.organisations import Organisation
from passport.rules.permissions import Deed as DeedBelow
from tests.support.sharing_trusts import Sharing, SomeoneSignedIn, sharing_trusts
from tests.support.wallet_house import now

DESK = (Deed.READ_CLEARANCES, Deed.CLEAR, Deed.ASK_BYPASS, DeedBelow.VERIFY)


@dataclass
class Program:
    """A program with somebody's token."""

    sharing: Sharing
    token: str

    def get(self, path: str) -> Any:
        """What is read."""
        answer = self._send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def post(self, path: str, **body: Any) -> TestResponse:
        """What comes of a deed."""
        return self._send("POST", path, json=body)

    def _send(self, method: str, path: str, **more: Any) -> TestResponse:
        return self.sharing.house.app.test_client(use_cookies=False).open(
            f"/api/v1{path}", method=method, base_url=self.sharing.house.base,
            headers={"Authorization": f"Bearer {self.token}"}, **more,
        )  # fmt: skip


@pytest.fixture
def sharing(sqlite_database: Database) -> Iterator[Sharing]:
    with sharing_trusts(sqlite_database) as made:
        yield made


def program_of(
    sharing: Sharing, who: SomeoneSignedIn, at: Organisation, *scopes: str
) -> Program:
    with sharing.house.database.transaction() as session:
        token = tokens.make_for(
            session, account_id=who.account_id, name="Program", scopes=scopes,
            by=operator(at.id), now=now(),
        )  # fmt: skip
    return Program(sharing, token)


def code_of(sharing: Sharing) -> str:
    with sharing.house.database.transaction() as session:
        sharing.pair.base = sharing.house.base
        return sharing.pair.code(session, now())


def test_from_the_code_to_cleared_and_where_she_can_work(sharing: Sharing) -> None:
    desk = program_of(sharing, sharing.officer, sharing.pair.host, *DESK)
    hers = program_of(sharing, sharing.nurse, sharing.pair.home, Deed.FIND_SHIFTS)
    (place,) = hers.get("/me/clearances")["places"]
    assert (place["host"]["ods"], place["clearance_id"]) == ("R0A", None)
    shown = desk.post("/clearances/scan", text=code_of(sharing)).get_json()
    assert (shown["name"], shown["home"], shown["may_clear"]) == ("Ada Okafor", "RWJ", True)
    (work,) = shown["works"]
    asked = {"verdict_id": shown["verdict_id"], "role": work["role"], "grade": work["grade"]}
    made = desk.post("/clearances", **asked).get_json()
    assert made["clearance"]["state"] == "not_cleared"
    assert [one["code"] for one in made["clearance"]["items"] if one["state"] == "missing"] == [
        "registration"
    ]
    where = f"/clearances/{made['clearance']['id']}"
    looked = desk.post(f"{where}/register-checks", status="registered").get_json()
    assert looked["clearance"]["state"] == "cleared"
    assert [one["code"] for one in looked["clearance"]["items"] if one["state"] == "due"] == [
        "induction.ward"
    ]
    (listed,) = desk.get("/clearances")["clearances"]
    assert listed == desk.get(where)["clearance"]
    (place,) = hers.get("/me/clearances")["places"]
    assert (place["state"], place["items"]) == ("cleared", listed["items"])
    (place,) = hers.post(f"/me{where}/end").get_json()["places"]
    assert place["clearance_id"] is None
    assert desk.get("/clearances")["clearances"] == []


def test_what_is_never_set_aside(sharing: Sharing) -> None:
    desk = program_of(sharing, sharing.officer, sharing.pair.host, *DESK)
    shown = desk.post("/clearances/scan", text=code_of(sharing)).get_json()
    made = desk.post(
        "/clearances", verdict_id=shown["verdict_id"], role="rn_adult", grade="band_5"
    ).get_json()
    where = f"/clearances/{made['clearance']['id']}/bypasses"
    day = str(now().date())
    for item in ("registration", "right_to_work", "barred_list", "identity", "nothing"):
        answer = desk.post(where, item=item, because="In a hurry", until_on=day)
        assert answer.status_code in (409, 422), item


def test_supervised_work_by_program(sharing: Sharing) -> None:
    desk = program_of(sharing, sharing.officer, sharing.pair.host, *DESK, Deed.ASK_SUPERVISED)
    shown = desk.post("/clearances/scan", text=code_of(sharing)).get_json()
    made = desk.post(
        "/clearances", verdict_id=shown["verdict_id"], role="rn_adult", grade="band_5"
    ).get_json()
    where = f"/clearances/{made['clearance']['id']}"
    assert made["supervisable_until"] is None
    looked = desk.post(f"{where}/register-checks", status="conditions").get_json()
    until = looked["supervisable_until"]
    grounds = ["restriction_read", "fits_role", "supervision_arranged"]
    wrong = desk.post(f"{where}/supervisions", grounds=grounds[:1], until_on=until)
    assert wrong.status_code == 422
    asked = desk.post(f"{where}/supervisions", grounds=grounds, until_on=until)
    assert asked.status_code == 201
    assert desk.post(
        f"/clearances/supervisions/{asked.get_json()['id']}/grant"
    ).status_code == 403
    (kept,) = desk.get(where)["supervisions"]
    assert (kept["grounds"], kept["granted_at"]) == (grounds, None)


def test_a_token_without_the_scope_reads_nothing(sharing: Sharing) -> None:
    desk = program_of(sharing, sharing.officer, sharing.pair.host, DeedBelow.VERIFY)
    assert desk.post("/clearances/scan", text=code_of(sharing)).status_code == 403
    assert desk._send("GET", "/clearances").status_code == 403
