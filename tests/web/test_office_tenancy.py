"""Another organisation's things answer 404 on every page of the office, as an unknown id does."""

import io
from typing import Any
from uuid import UUID

import pytest

from bankhub.actions.cascade import agency
from bankhub.actions.finding.one_candidate import one_candidate
from bankhub.actions.rosters import roster_files
from bankhub.imports.roster import Told, open_roster
from bankhub.web.shifts.office_pages import PAGES
from passport.actors import AccessRole as R
from passport.errors import NotFound
from tests.support import build
from tests.support.desk import Desk, Staff, a_desk
from tests.support.desk_work import a_nurse, applied, ask, booked

ROSTER = b"reference,unit,date,shift_code,start,end\nR1,W7,2026-09-21,,07:30,15:30\n"
EVERY_ROLE = tuple(role for role in R if role not in (R.WORKER, R.AGENCY_USER))


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


def things(desk: Desk) -> dict[str, UUID]:
    """One of everything that the office's addresses name, of the first trust."""
    coordinator = desk.person(R.ROTA_COORDINATOR)
    nurse = a_nurse(desk)
    shift_id = ask(desk, coordinator)
    asked = desk.do(
        lambda session: agency.ask_break_glass(
            session,
            shift_id=shift_id,
            reason="one_to_one_care",
            reason_text="",
            by=coordinator.actor,
            now=desk.now,
        )
    )
    waiting = applied(desk, ask(desk, coordinator, instant_book=False), nurse)
    holds = booked(desk, shift_id, nurse)
    file = open_roster(io.BytesIO(ROSTER), "september.csv", told=Told())
    roster = desk.do(
        lambda session: roster_files.begin(
            session, file=file.facts, by=coordinator.actor, now=desk.now, upload=ROSTER
        )
    )
    return {
        "shift_id": shift_id,
        "person_id": nurse[0].id,
        "booking_id": holds.id,
        "application_id": waiting.id,
        "break_glass_id": asked.id,
        "import_id": roster.id,
    }


def addresses(desk: Desk) -> list[tuple[str, str, frozenset[str]]]:
    """(endpoint, method, the ids it names) of every page of the office that names one."""
    own = {page.name for page in PAGES}
    return [
        (rule.endpoint, method, frozenset(rule.arguments))
        for rule in desk.app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in own
        and any(argument.endswith("_id") for argument in rule.arguments)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def walked(desk: Desk, visitor: Staff, ids: dict[str, UUID], token: str) -> dict[str, Any]:
    """What each address answers to the visitor."""
    answers = {}
    for endpoint, method, names in addresses(desk):
        values: dict[str, Any] = {name: ids[name] for name in names if name in ids}
        if endpoint.startswith("today.") and "booking_id" in names:
            values["booking_id"] = ids["application_id"]
        if "name" in names:
            values["name"] = "withdraw"
        with desk.app.test_request_context(base_url="http://localhost"):
            address = desk.app.url_for(endpoint, **values)
        given = {"csrf_token": token, "because": "x", "whose": "ward", "answer": "agreed"}
        answer = visitor.get(address) if method == "GET" else visitor.post(address, given)
        answers[f"{method} {endpoint}"] = (answer.status_code, answer.text)
    return answers


def token_of(visitor: Staff) -> str:
    page = visitor.get("/office/post").text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_a_stranger_with_every_role_elsewhere_finds_nothing(desk: Desk) -> None:
    ids = things(desk)
    other = desk.do(lambda session: build.an_organisation(session, name="Harbour Trust"))
    desk.do(lambda session: build.a_unit(session, build.a_site(session, other)))
    stranger = desk.person(*EVERY_ROLE, at=other)
    found = walked(desk, stranger, ids, token_of(stranger))
    unknown = dict.fromkeys(ids, UUID(int=7))
    nothing = walked(desk, stranger, unknown, token_of(stranger))
    assert len(found) > 20
    assert {name: status for name, (status, _) in found.items() if status != 404} == {}
    for name, (_, text) in found.items():
        assert text == nothing[name][1], name


def test_the_walk_does_reach_pages_that_answer(desk: Desk) -> None:
    ids = things(desk)
    own = desk.person(*EVERY_ROLE)
    answers = walked(desk, own, ids, token_of(own))
    assert {status for status, _ in answers.values()} >= {200, 303}
    assert [k for k, (status, _) in answers.items() if status == 404] == []
    assert all(status < 500 for status, _ in answers.values())


def test_own_shift_with_anothers_person_and_own_person_with_anothers_shift(desk: Desk) -> None:
    there = desk.do(lambda s: build.an_organisation(s, name="Harbour Trust"))
    office, other = desk.person(R.BANK_MANAGER), desk.person(R.BANK_MANAGER, at=there)
    nurse, _ = a_nurse(desk)
    theirs = desk.do(lambda s: build.a_person(s, there, holder=nurse))
    shift_id = ask(desk, office)
    assert office.get(f"/office/shifts/{shift_id}/fill/{nurse.id}").status_code == 200
    assert office.get(f"/office/shifts/{shift_id}/fill/{theirs.id}").status_code == 404
    desk.do(lambda s: build.a_post(s, theirs))
    with desk.database.reading() as session, pytest.raises(NotFound):
        one_candidate(session, shift_id=shift_id, person_id=theirs.id, by=other.actor, now=desk.now)


def test_lists_of_another_organisation_are_empty(desk: Desk) -> None:
    things(desk)
    other = desk.do(lambda session: build.an_organisation(session, name="Harbour Trust"))
    stranger = desk.person(*EVERY_ROLE, at=other)
    for address in ("today", "week", "applications", "authorise", "break-glasses", "post"):
        page = stranger.get(f"/office/{address}")
        assert page.status_code == 200, address
        assert "Ward 7" not in page.text, address
        assert "Mensah" not in page.text, address


def test_a_unit_of_another_organisation_is_neither_shown_nor_posted_to(desk: Desk) -> None:
    other = desk.do(lambda session: build.an_organisation(session, name="Harbour Trust"))
    desk.do(lambda session: build.a_unit(session, build.a_site(session, other), name="Own ward"))
    stranger = desk.person(*EVERY_ROLE, at=other)
    theirs = str(desk.wards[0].id)
    day = stranger.get("/office/week/day", query_string={"unit": theirs, "on": "2026-09-07"})
    assert day.status_code == 404
    fields = {
        "unit_id": theirs,
        "role": "rn_adult",
        "on": "2026-09-21",
        "starts": "07:30",
        "ends": "15:30",
        "reason": "acuity",
    }
    assert stranger.fill("/office/post", "/office/post/shift/check", **fields).status_code == 404


@pytest.mark.parametrize("role", [R.WORKER, R.HR_OFFICER, R.SYSTEM_ANALYST, R.AGENCY_USER])
def test_other_roles_are_not_let_in(desk: Desk, role: R) -> None:
    visitor = desk.person(role)
    for address in ("today", "week/day?unit=" + str(desk.wards[0].id), "authorise", "post"):
        assert visitor.get(f"/office/{address}").status_code == 403, address
