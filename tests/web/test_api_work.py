"""A program's whole day with the bank, by JSON and a token alone: no page, no action called."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from bankhub.wiring import open_database
from passport.actions.access import tokens
from passport.actors import operator
from passport.db import Database
from tests.support.build import NOW
from tests.support.callers import Caller, an_app
from tests.support.rosters import roster
from tests.support.trust_keys import Trust
from tests.support.two_trusts import two_trusts
from tests.web.route_table import NOBODYS

BOOKED_BEFORE = {"starts_at": "2026-10-20T07:30:00+01:00", "ends_at": "2026-10-20T15:30:00+01:00"}
WEEK = {"starts_from": "2026-10-19T00:00:00+01:00", "starts_before": "2026-10-26T00:00:00+01:00"}
DAYS = {"from_on": "2026-10-19", "until_on": "2026-10-25"}


@dataclass
class Bank:
    """Two trusts, and programs that act for people of the first."""

    app: Flask
    database: Database
    ours: Trust
    theirs: Trust

    def send(self, who: str, method: str, path: str, **body: Any) -> TestResponse:
        """What the API answers to the person's program."""
        return Caller(self.app, self.ours.keys[who]).send(method, f"/api/v1{path}", **body)

    def ask(self, who: str, path: str, **query: Any) -> Any:
        """What is read."""
        answer = self.send(who, "GET", path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def do(self, who: str, path: str, *, status: int = 201, **body: Any) -> Any:
        """What came of a deed."""
        answer = self.send(who, "POST", path, json=body)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def refused(self, who: str, path: str, *, status: int, **body: Any) -> Any:
        """The problem that a deed meets."""
        answer = self.send(who, "POST", path, json=body)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        return answer.get_json()

    def draft(self, **fields: Any) -> dict[str, Any]:
        """A request for an adult nurse on the first ward."""
        unit = {"unit_id": str(self.ours.rows["ward"].id), "role": "rn_adult", "grade": "band_5"}
        return {**unit, **BOOKED_BEFORE, "reason": "sickness_short", **fields}

    def posted(self, **fields: Any) -> str:
        """An open shift."""
        made = self.do("rota_coordinator", "/shifts", **self.draft(**fields))["shifts"]
        assert [one["state"] for one in made] == ["open"]
        return str(made[0]["shift_id"])


@pytest.fixture
def bank(sqlite_template: Path, tmp_path: Path) -> Iterator[Bank]:
    copyfile(sqlite_template, tmp_path / "bank.sqlite3")
    database = open_database(f"sqlite:///{tmp_path}/bank.sqlite3")
    ours, theirs, _ = two_trusts(database)
    yield Bank(an_app(database), database, ours, theirs)
    database.engine.dispose()


def by_id(found: list[dict[str, Any]], shift_id: str) -> dict[str, Any]:
    return next(one for one in found if one["id"] == shift_id)


def test_from_the_request_to_the_figures(bank: Bank) -> None:
    policies = bank.ask("bank_manager", "/policies")["policies"]
    values = next(one for one in policies if one["kind"] == "requesting")["values"]
    strict = {**values, "two_people_above_pence": 0}
    bank.do("bank_manager", "/policies", kind="requesting", from_on="2026-09-07",
            source="Board", values=strict)  # fmt: skip
    made = bank.do("rota_coordinator", "/shifts", **bank.draft())["shifts"]
    assert [one["state"] for one in made] == ["submitted"]
    shift = made[0]["shift_id"]
    assert bank.ask("colleague", "/me/shifts", show="all", **DAYS)["shifts"] == []
    assert bank.do("budget_holder", f"/shifts/{shift}/authorise", status=200)["state"] == "open"
    listed = bank.ask("rota_coordinator", "/shifts", **WEEK)["shifts"]
    assert (by_id(listed, shift)["state"], by_id(listed, shift)["booking_id"]) == ("open", None)

    found = by_id(bank.ask("colleague", "/me/shifts", show="bookable", **DAYS)["shifts"], shift)
    assert (found["bookable"], found["reasons"]) == (True, [])
    booking = bank.do("colleague", f"/shifts/{shift}/bookings")
    assert (booking["state"], booking["tier"]) == ("confirmed", "own_bank")
    listed = bank.ask("rota_coordinator", "/shifts", **WEEK)["shifts"]
    assert by_id(listed, shift)["booking_id"] == booking["booking_id"]
    own = bank.ask("colleague", "/me/bookings")["bookings"]
    assert [one["shift_id"] for one in own] == [shift]

    week = bank.ask("bank_manager", "/fill-rate", first="2026-10-19", last="2026-10-25")
    assert week["total"]["requested"]["shifts"] == week["total"]["own_bank"]["shifts"] == 1
    assert week["total"]["rates"]["temp_fill_rate"] == 1.0
    bank.do("colleague", f"/bookings/{booking['booking_id']}/cancel", status=200, because="unwell")
    week = bank.ask("bank_manager", "/fill-rate", first="2026-10-19", last="2026-10-25")
    assert week["total"]["own_bank"]["shifts"] == 0
    assert week["total"]["still_open"]["shifts"] == 1


def test_every_shift_says_whether_it_may_be_booked_and_why_not(bank: Bank) -> None:
    one = bank.posted()
    other = bank.posted(grade="band_6")
    overlapping = bank.posted(starts_at="2026-10-20T08:00:00+01:00")
    bank.do("colleague", f"/shifts/{one}/bookings")
    every = bank.ask("colleague", "/me/shifts", show="all", **DAYS)["shifts"]
    for shift in every:
        assert shift["bookable"] == (not shift["reasons"]), shift
    clash = by_id(every, overlapping)
    assert not clash["bookable"]
    told = clash["reasons"][0]
    assert (bool(told["code"]), bool(told["text"]), told["level"]) == (True, True, "hard")
    bookable = bank.ask("colleague", "/me/shifts", show="bookable", **DAYS)["shifts"]
    assert {overlapping, other}.isdisjoint(shift["id"] for shift in bookable)
    problem = bank.refused("colleague", f"/shifts/{overlapping}/bookings", status=409)
    assert [one["code"] for one in problem["reasons"]] == [one["code"] for one in clash["reasons"]]


def test_one_key_books_once_and_answers_the_same(bank: Bank) -> None:
    path = f"/shifts/{bank.posted()}/bookings"
    key = {"Idempotency-Key": "tap-1"}
    first, again = (
        bank.send("colleague", "POST", path, json={}, headers=key) for _ in range(2)
    )
    assert (first.status_code, first.data) == (201, first.data) == (again.status_code, again.data)
    assert ("Idempotent-Replay" in first.headers, again.headers["Idempotent-Replay"]) == (
        False, "true",
    )  # fmt: skip
    other = bank.send("colleague", "POST", path, json={"agreed_how": "phone"}, headers=key)
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")
    assert len(bank.ask("colleague", "/me/bookings")["bookings"]) == 1


def test_the_office_finds_rings_and_books_somebody(bank: Bank) -> None:
    shift = bank.posted()
    page = bank.ask("rota_coordinator", f"/shifts/{shift}/candidates", limit=1)
    rest = bank.ask("rota_coordinator", f"/shifts/{shift}/candidates", after=page["after"])
    first, second = page["people"][0], rest["people"][0]
    assert first["person_id"] != second["person_id"]
    person = first["person_id"]
    bank.do("rota_coordinator", f"/shifts/{shift}/contacts", person_id=person, answer="agreed")
    page = bank.ask("rota_coordinator", f"/shifts/{shift}/candidates")
    rung = next(one for one in page["people"] if one["person_id"] == person)
    assert [one["answer"] for one in rung["attempts"]] == ["agreed"]
    booking = bank.do("rota_coordinator", f"/shifts/{shift}/assignments", person_id=person,
                      agreed_how="phone")  # fmt: skip
    assert (booking["shift_id"], booking["state"]) == (shift, "confirmed")
    taken = bank.refused("rota_coordinator", f"/shifts/{shift}/assignments", status=409,
                         person_id=second["person_id"], agreed_how="phone")  # fmt: skip
    assert taken["reasons"]
    ended = bank.do("rota_coordinator", f"/bookings/{booking['booking_id']}/cancel", status=200,
                    because="Patients moved", on_behalf_of="ward")  # fmt: skip
    assert ended["state"] == "cancelled_ward"


def send_file(bank: Bank, who: str = "rota_coordinator", *rows: dict[str, str]) -> TestResponse:
    sent = (io.BytesIO(roster(*rows)), "roster.csv")
    return bank.send(who, "POST", "/shifts/import", data={"roster": sent})


def taken(bank: Bank, import_id: str) -> Any:
    """The report once the file is done."""
    for _ in range(10):
        report = bank.do("rota_coordinator", f"/shifts/import/{import_id}/take", status=200)
        if report["done"]:
            return report
    raise AssertionError("never done")


def test_a_roster_file_is_looked_at_taken_and_may_be_sent_again(bank: Bank) -> None:
    good = {"unit": bank.ours.rows["ward"].code, "date": "2026-10-20"}
    rows = (good, {"unit": "NOWHERE", "reference": "A2", "date": "2026-10-20"})
    looked = send_file(bank, "rota_coordinator", *rows).get_json()
    assert (looked["done"], looked["counts"]["new"], looked["counts"]["refused"]) == (False, 1, 1)
    assert [(one["line"], "NOWHERE" in one["because"]) for one in looked["refused"]] == [(3, True)]
    assert bank.ask("rota_coordinator", "/shifts", **WEEK)["shifts"] == []
    report = taken(bank, looked["import_id"])
    assert (report["counts"]["new"], report["refused"]) == (1, looked["refused"])
    assert taken(bank, looked["import_id"]) == report
    again = send_file(bank, "rota_coordinator", *rows).get_json()
    assert taken(bank, again["import_id"])["counts"]["unchanged"] == 1
    assert len(bank.ask("rota_coordinator", "/shifts", **WEEK)["shifts"]) == 1


def test_a_roster_that_is_none_is_refused(bank: Bank) -> None:
    nothing = bank.send("rota_coordinator", "POST", "/shifts/import", data={})
    assert (nothing.status_code, list(nothing.get_json()["fields"])) == (422, ["roster"])
    empty = {"roster": (io.BytesIO(b""), "roster.csv")}
    answer = bank.send("rota_coordinator", "POST", "/shifts/import", data=empty)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "file_empty")
    assert send_file(bank, "colleague", {}).status_code == 403


def test_another_trusts_things_are_answered_as_things_that_are_not(bank: Bank) -> None:
    theirs, person = bank.theirs.things, {"person_id": NOBODYS}
    shift, booking = theirs["shift_id"][0], theirs["booking_id"][0]
    foreign = bank.theirs.things["import_id"][0]
    asked: list[tuple[str, str, str, dict[str, Any] | None]] = [
        ("GET", "/shifts/{}", shift, None),
        ("GET", "/shifts/{}/candidates", shift, None),
        ("POST", "/shifts/{}/contacts", shift, {**person, "answer": "agreed"}),
        ("POST", "/shifts/{}/assignments", shift, {**person, "agreed_how": "phone"}),
        ("POST", "/shifts/{}/bookings", shift, {}),
        ("POST", "/shifts/{}/authorise", shift, None),
        ("POST", "/bookings/{}/cancel", booking, {"because": "x"}),
        ("POST", "/shifts/import/{}/take", foreign, {}),
    ]
    for method, path, known, body in asked:
        more = {} if body is None else {"json": body}
        a, b = (bank.send("insider", method, path.format(one), **more) for one in (known, NOBODYS))
        assert a.status_code == b.status_code == 404, path
        assert a.data == b.data, path


def test_a_token_does_only_what_it_was_made_for(bank: Bank) -> None:
    key = bank.ours.keys["rota_coordinator"]
    with bank.database.transaction() as session:
        narrow = tokens.make_for(
            session, account_id=key.account_id, name="reader", scopes=["shifts.read"],
            by=operator(bank.ours.organisation.id), now=NOW,
        )  # fmt: skip
    shift = bank.posted()
    bank.ours.keys["reader"] = replace(key, token=narrow)
    bank.ask("reader", "/shifts", **WEEK)
    bank.refused("reader", "/shifts", status=403, **bank.draft())
    bank.refused("reader", f"/shifts/{shift}/assignments", status=403,
                 person_id=NOBODYS, agreed_how="phone")  # fmt: skip
    assert bank.send("reader", "GET", f"/shifts/{shift}/candidates").status_code == 403
    assert send_file(bank, "reader", {}).status_code == 403


UNKNOWN = {
    "/shifts": {"unit_id": NOBODYS},
    "/shifts/{}/bookings": {},
    "/shifts/{}/contacts": {"person_id": NOBODYS, "answer": "agreed"},
    "/shifts/{}/assignments": {"person_id": NOBODYS, "agreed_how": "phone"},
    f"/bookings/{NOBODYS}/cancel": {"because": "x"},
    f"/shifts/import/{NOBODYS}/take": {},
}


@pytest.mark.asvs("2.2.1")
def test_a_field_that_nobody_knows_is_named(bank: Bank) -> None:
    shift = bank.posted()
    for path, body in UNKNOWN.items():
        where = path.format(shift)
        problem = bank.refused("insider", where, status=422, **body, colour="red")
        assert problem["fields"]["colour"] == ["Unknown field."], path
    answer = bank.send("insider", "GET", "/me/shifts", query_string={"colour": "red"})
    assert (answer.status_code, list(answer.get_json()["fields"])) == (422, ["colour"])
