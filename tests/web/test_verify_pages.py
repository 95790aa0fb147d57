"""The pages around checking a passport: what is kept, who may send, limits, the desk."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from bankhub.model.vocabulary import BookingState
from passport.actions.access.sessions import Proof, open_session
from passport.actions.signing import keys
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.db import Database
from passport.model.organisations import Organisation
from passport.model.presentations import Channel, DeskPointer, VerdictRecord, WardDevice
from tests.support import access, build
from tests.support.checking import Nurse
from tests.support.desk import Desk, a_desk
from tests.support.wallet_house import House, a_house, now

SECOND = timedelta(seconds=1)


def check(**changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()), "at": now().isoformat(), "outcome": "green", "codes": [],
        "kinds": ["identity"], "checker": "Sister Adams", "offline": False, **changes,
    }  # fmt: skip


@pytest.fixture
def house(sqlite_database: Database) -> House:
    """The passport alone, its trust with keys and published lists, its nurse with a wallet."""
    made = a_house(sqlite_database)
    made.base = "http://localhost"
    with sqlite_database.transaction() as session:
        keys.ensure_issuer(
            session, organisation_id=made.organisation_id, vault=made.vault, base=made.base,
            by=operator(made.organisation_id), now=now() - 60 * SECOND,
        )  # fmt: skip
    return made


@pytest.fixture
def nurse(house: House) -> Nurse:
    return Nurse(house)


def me(client: FlaskClient) -> dict[str, Any]:
    found = client.get("/verify/me.json").json
    assert found is not None
    return dict(found)


def lists(client: FlaskClient) -> dict[str, Any]:
    found = client.get("/verify/lists.json").json
    assert found is not None
    return dict(found)


class Browser:
    """A browser at the house, signed in or not."""

    def __init__(self, house: House, *roles: R) -> None:
        self.client: FlaskClient = house.app.test_client()
        if not roles:
            return
        at = now()
        with house.database.reading() as session:
            trust = session.get_one(Organisation, house.organisation_id)
        email = f"{uuid4().hex[:8]}@stockport.example.org"
        account_id = access.enter(house.database, trust, email, *roles, now=at - 60 * SECOND)
        with house.database.transaction() as session:
            opened = open_session(
                session, account_id=account_id, organisation_id=trust.id, device="x",
                own_device=False, now=at, proof=Proof(second_factor_at=at, stepped_up_at=at),
            )  # fmt: skip
        self.client.set_cookie("bankhub", opened.token, domain="localhost")

    @property
    def me(self) -> dict[str, Any]:
        return me(self.client)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        token = {"X-CSRF-Token": self.me["csrf"], **headers}
        return self.client.post(f"/verify/{path}", json=body, headers=token)

    def form(self, path: str, **fields: str) -> Any:
        data = {"csrf_token": self.me["csrf"], **fields}
        return self.client.post(path, data=data, headers={"Accept": "text/html"})


def kept(house: House) -> list[VerdictRecord]:
    with house.database.reading() as session:
        return list(session.scalars(sa.select(VerdictRecord).order_by(VerdictRecord.at)))


def test_the_page_and_its_decoder_alone_may_use_camera_and_wasm(house: House) -> None:
    client = house.app.test_client()
    page, worker = client.get("/verify"), client.get("/verify/decoder.js")
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert "wasm-unsafe-eval" not in page.headers["Content-Security-Policy"]
    assert "wasm-unsafe-eval" in worker.headers["Content-Security-Policy"]
    other = client.get("/sign-in")
    assert "camera=()" in other.headers["Permissions-Policy"]
    assert page.data == Browser(house, R.VERIFIER).client.get("/verify").data
    kept_files = client.get("/verify/worker.js").text
    for name in ("verdict.js", "verify_decoder.js", "/verify/decoder.js", "zxing_reader.wasm"):
        assert name in kept_files


def test_lists_hold_no_person_and_are_not_sent_twice(house: House, nurse: Nurse) -> None:
    client = house.app.test_client()
    answer = client.get("/verify/lists.json")
    told = lists(client)
    assert [one["sub"] for one in told["trust"]] == [f"{house.base}/passport/trust-list"]
    assert told["statuses"]
    assert "Okafor" not in answer.text
    again = client.get("/verify/lists.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_visitor_sends_nothing(house: House) -> None:
    visitor = Browser(house)
    assert visitor.me["as"] is None
    assert visitor.post("verdicts", {"verdicts": [check()]}).status_code == 403
    assert visitor.post("expected", {"holder_key": "x"}).status_code == 403
    worker = Browser(house, R.WORKER)
    assert worker.me["as"] is None
    assert worker.post("verdicts", {"verdicts": [check()]}).status_code == 403
    assert kept(house) == []


def test_who_checks_but_may_not_read_checks_is_not_led_to_them(house: House) -> None:
    coordinator, verifier = Browser(house, R.ROTA_COORDINATOR), Browser(house, R.VERIFIER)
    assert (coordinator.me["may_read"], verifier.me["may_read"]) == (False, True)
    assert coordinator.client.get("/verdicts").status_code == 403


def test_a_check_needs_the_token_of_our_own_page(house: House) -> None:
    verifier = Browser(house, R.VERIFIER)
    sent = verifier.client.post("/verify/verdicts", json={"verdicts": [check()]})
    assert sent.status_code == 403
    foreign = verifier.post("verdicts", {"verdicts": [check()]}, Origin="https://x.example")
    assert foreign.status_code == 403
    assert kept(house) == []


WRONG: dict[str, Any] = {
    "no list": {},
    "none": {"verdicts": []},
    "too many": {"verdicts": [check() for _ in range(51)]},
    "a claim": {"verdicts": [check(name="Ada Okafor")]},
    "a moment without zone": {"verdicts": [check(at="2026-11-22T08:00:00")]},
    "text": {"verdicts": "all of them"},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_check_of_another_shape_is_refused(name: str, house: House) -> None:
    answer = Browser(house, R.VERIFIER).post("verdicts", WRONG[name])
    assert answer.status_code == 422
    assert kept(house) == []


def test_a_device_enrols_checks_and_is_revoked(house: House) -> None:
    manager, tablet = Browser(house, R.BANK_MANAGER), Browser(house)
    page = manager.form("/ward-devices/new", unit="Ward 7").text
    code = re.search(r"data-code>([^<]+)<", page)
    assert code
    assert tablet.post("enrol", {"code": "AAAAAAAAAA"}).status_code == 422
    assert tablet.post("enrol", {"code": code[1]}).json == {"unit": "Ward 7"}
    assert (tablet.me["as"], tablet.me["unit"]) == ("device", "Ward 7")
    assert tablet.post("verdicts", {"verdicts": [check(offline=True)]}).status_code == 200
    (one,) = kept(house)
    assert (one.unit, one.offline, one.by_account_id) == ("Ward 7", True, None)
    assert tablet.client.get("/verdicts", headers={"Accept": "text/html"}).status_code == 303
    assert Browser(house).post("enrol", {"code": code[1]}).status_code == 422
    assert "Ward 7" in manager.client.get("/ward-devices").text
    manager.form(f"/ward-devices/{one.device_id}/revoke")
    assert tablet.me["as"] is None
    assert tablet.post("verdicts", {"verdicts": [check()]}).status_code == 403


def test_the_list_shows_what_was_done_and_asks_where_nothing_was(house: House) -> None:
    officer = Browser(house, R.HR_OFFICER)
    officer.post("verdicts", {"verdicts": [check(outcome="amber", codes=["status_old"])]})
    (one,) = kept(house)
    assert "status old" in officer.client.get("/verdicts").text
    officer.form(f"/verdicts/{one.id}/decide", decision="supervised")
    assert kept(house)[0].decision == "supervised"
    again = officer.form(f"/verdicts/{one.id}/decide", decision="admitted")
    assert again.status_code == 409


def test_limits_are_tightened_on_their_page(house: House, nurse: Nurse) -> None:
    manager = Browser(house, R.BANK_MANAGER)
    page = manager.client.get("/verdicts/limits").text
    fields = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', page))
    fields |= {"status_list_green": "2", "contact": "Bank office, 0161 496 0000"}
    fields.pop("csrf_token")
    fields.pop("idempotency_key")
    assert manager.form("/verdicts/limits", **fields).status_code == 303
    own = lists(manager.client)
    assert own["policy"]["status_list_green"] == 2
    assert own["contacts"] == {"RWJ": "Bank office, 0161 496 0000"}
    assert lists(house.app.test_client())["policy"]["status_list_green"] == 24
    wide = manager.form("/verdicts/limits", **fields | {"status_list_green": "48"})
    assert (wide.status_code, "may only be tightened" in wide.text) == (422, True)
    assert "Set the limits" not in Browser(house, R.VERIFIER).client.get("/verdicts/limits").text


def printed(house: House) -> str:
    page = Browser(house, R.HR_OFFICER).form(f"/desk/print/{house.person_id}")
    code = re.search(r"data-desk-code>([^<]+)<", page.text)
    assert code, page.text
    return code[1].replace(" ", "")


def test_the_desk_compares_and_puts_it_on_record(house: House, nurse: Nurse) -> None:
    code, officer = printed(house), Browser(house, R.VERIFIER)
    assert officer.form("/desk", code=f" {code[:4].lower()} {code[4:]}").location.endswith(code)
    page = officer.client.get(f"/desk/{code}").text
    assert "Ada Okafor" in page
    assert "NMC 01A2345N" in page
    assert "Compare first" in page
    assert officer.form(f"/desk/{code}").status_code == 422
    assert officer.form(f"/desk/{code}", decision="turned_away").status_code == 303
    (one,) = kept(house)
    assert (one.channel, one.decision, one.outcome) == (Channel.DESK, "turned_away", "amber")
    assert one.person_id == house.person_id


def test_a_look_by_a_printed_code_is_on_record_though_nothing_follows(
    house: House, nurse: Nurse
) -> None:
    code, officer = printed(house), Browser(house, R.VERIFIER)
    for _ in range(2):
        officer.client.get(f"/desk/{code}")
    (one,) = kept(house)
    assert (one.person_id, one.decision) == (house.person_id, None)


def test_a_printed_code_leads_nowhere_once_it_ended(house: House, nurse: Nurse) -> None:
    officer, first = Browser(house, R.VERIFIER), printed(house)
    second = printed(house)
    assert officer.client.get(f"/desk/{first}").status_code == 404
    assert officer.client.get(f"/desk/{second}").status_code == 200
    Browser(house, R.HR_OFFICER).form(f"/desk/end/{house.person_id}")
    assert officer.client.get(f"/desk/{second}").status_code == 404
    third = printed(house)
    with house.database.transaction() as session:
        pointer = session.scalars(
            sa.select(DeskPointer).where(DeskPointer.ended_at.is_(None))
        ).one()
        pointer.expires_at = now()
        build.an_event(session, house.organisation_id)
    assert officer.client.get(f"/desk/{third}").status_code == 404


def test_only_who_may_verify_looks_by_a_printed_code(house: House, nurse: Nurse) -> None:
    code = printed(house)
    visitor = Browser(house).client.get(f"/desk/{code}", headers={"Accept": "text/html"})
    assert (visitor.status_code, "Okafor" in visitor.text) == (303, False)
    assert Browser(house, R.WORKER).client.get(f"/desk/{code}").status_code == 403


def test_the_api_judges_and_keeps(house: House, nurse: Nurse) -> None:
    verifier = Browser(house, R.VERIFIER)

    def ask(**body: Any) -> Any:
        token = {"X-CSRF-Token": verifier.me["csrf"]}
        return verifier.client.post("/api/v1/verdicts", json=body, headers=token)

    text = nurse.shows()
    answer = ask(text=text)
    assert (answer.status_code, answer.json["outcome"]) == (201, "green"), answer.json
    assert answer.json["name"] == "Ada Okafor"
    assert [one["code"] for one in ask(text=text).json["findings"]] == ["seen_before"]
    assert [one["code"] for one in ask(text="hello").json["findings"]] == ["not_a_token"]
    assert ask(text="").status_code == ask(text="x", challenge="12").status_code == 422
    told = verifier.client.get("/api/v1/verdicts").json
    assert told is not None
    listed = told["verdicts"]
    assert [one["outcome"] for one in listed] == ["red", "red", "green"]
    assert {one["channel"] for one in listed} == {"api"}
    assert "Okafor" not in str(listed)


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


def test_the_upper_floor_tells_who_is_expected(desk: Desk) -> None:
    def booked(session: Any) -> None:
        person, post = build.a_nurse(session, desk.trust)
        shift = build.a_shift(session, desk.wards[0], starts_at=desk.now + timedelta(hours=9))
        build.a_booking(session, shift, person, post, state=BookingState.CONFIRMED)
        later = build.a_shift(session, desk.wards[1], starts_at=desk.now + timedelta(hours=17))
        build.a_booking(session, later, person, post, state=BookingState.CONFIRMED)

    desk.do(booked)
    told = me(desk.person(R.VERIFIER).client)
    (one,) = told["expected"]
    assert (one["name"], one["unit"]) == ("Ada Okafor", "Ward 7")
    assert one["work"].startswith("band 5")
    assert one["arrival_url"] == "", "a verifier checks nobody in"
    (for_office,) = me(desk.person(R.ROTA_COORDINATOR).client)["expected"]
    assert for_office["arrival_url"].startswith("/office/arrivals/")
    assert "expected" not in me(desk.app.test_client())


def test_a_device_of_a_unit_reads_that_unit_s_list_only(desk: Desk) -> None:
    def booked(session: Any) -> str:
        for ward in desk.wards[:2]:
            person, post = build.a_nurse(session, desk.trust)
            shift = build.a_shift(session, ward, starts_at=desk.now + timedelta(hours=9))
            build.a_booking(session, shift, person, post, state=BookingState.CONFIRMED)
        return ""

    desk.do(booked)
    manager = desk.person(R.BANK_MANAGER)
    page = manager.fill("/ward-devices/new", unit_id=str(desk.wards[0].id)).text
    code = re.search(r"data-code>([^<]+)<", page)
    assert code
    tablet = desk.app.test_client()
    token = {"X-CSRF-Token": me(tablet)["csrf"]}
    tablet.post("/verify/enrol", json={"code": code[1]}, headers=token)
    told = me(tablet)
    assert [one["unit"] for one in told["expected"]] == ["Ward 7"]
    with desk.database.reading() as session:
        assert session.scalars(sa.select(WardDevice.unit_id)).one() == desk.wards[0].id
