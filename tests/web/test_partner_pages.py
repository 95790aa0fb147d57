"""Partners' shifts on a worker's pages, and partners' people on the bank office's."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.vocabulary import Tier
from passport.actions.people.looks import own_looks
from passport.actors import AccessRole as R
from passport.model.accounts import Account
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build, sharing
from tests.support.desk import Desk, Staff, a_desk

MISSING = {
    "code": "training.FIRE",
    "title": "Fire safety",
    "timing": "before_booking",
    "state": "missing",
    "act": "Do the course and show the award",
}
DUE = {"code": "induction", "title": "Ward induction", "timing": "at_arrival", "state": "due"}


class Shared:
    """A trust with its office, and a nurse of another whom it cleared, signed in as herself."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.coordinator = desk.person(R.ROTA_COORDINATOR)
        self.home: Organisation = desk.do(
            lambda s: build.an_organisation(s, name="Harbour NHS Trust")
        )
        self.person: Person = desk.do(
            lambda s: build.a_nurse(
                s, self.home, given_name="Zebedee", mobile="07700 900999", may_call=True
            )[0]
        )
        self.worker = desk.person(R.WORKER, at=self.home)
        self.clearance: UUID = desk.do(self._share)
        opens: dict[Tier, Any] = {Tier.OWN_BANK: build.NOW - timedelta(days=2)}
        opens[Tier.PARTNER] = build.NOW - timedelta(hours=1)
        self.shift = desk.do(lambda s: build.a_shift(s, desk.wards[0], openings=opens).id)

    def _share(self, session: Any) -> UUID:
        account = session.get_one(Account, self.worker.actor.account_id)
        account.person_id = self.person.id
        self.wsa = sharing.an_agreement(session, self.desk.trust, self.home)
        build.a_site(session, self.home, latitude=53.4, longitude=-2.2)
        return sharing.a_clearance(
            session, self.wsa, self.person, self.desk.trust, items=[MISSING, DUE]
        ).id

    def decide(self, state: ClearanceState) -> None:
        def change(session: Any) -> None:
            build.an_event(session, self.desk.trust.id)
            row = session.get_one(Clearance, self.clearance)
            row.state = state
            row.until_on = None if state is ClearanceState.NOT_CLEARED else row.until_on

        self.desk.do(change)


@pytest.fixture
def shared(sqlite_url: str) -> Shared:
    return Shared(a_desk(sqlite_url))


def test_a_partners_shift_stands_in_the_same_list_and_is_booked_from_it(shared: Shared) -> None:
    page = shared.worker.get("/my/find").text
    assert "Partner bank" in page
    assert "Rivermead NHS Trust" in page
    assert "At arrival: Ward induction" in page
    assert "Not cleared yet" not in page
    shift = shared.worker.get(f"/my/shifts/{shared.shift}").text
    assert "a partner of your own trust" in shift
    done = shared.worker.fill(
        f"/my/shifts/{shared.shift}", action=f"/my/shifts/{shared.shift}/book"
    )
    assert done.status_code == 303
    assert "Rivermead NHS Trust" in shared.worker.get("/my/shifts").text


def test_a_booking_behind_a_clearance_that_ended_says_so_before_the_way_there(
    shared: Shared,
) -> None:
    warning = "Not cleared there: you would not be let start."
    book = f"/my/shifts/{shared.shift}/book"
    shared.worker.fill(f"/my/shifts/{shared.shift}", action=book)
    assert warning not in shared.worker.get("/my/shifts").text
    shared.decide(ClearanceState.NOT_CLEARED)
    for path in ("/my/shifts", "/my/"):
        page = shared.worker.get(path).text
        assert warning in page
        assert f'href="/where-can-i-work#host-{shared.desk.trust.ods_code}"' in page
    shared.decide(ClearanceState.ENDED)
    assert warning in shared.worker.get("/my/shifts").text


def test_what_is_missing_stands_on_the_card_and_one_chip_takes_it_away(shared: Shared) -> None:
    shared.decide(ClearanceState.NOT_CLEARED)
    page = shared.worker.get("/my/find").text
    assert "Not cleared yet" in page
    assert "Fire safety" in page
    assert "Do the course and show the award" in page
    assert "Only where I am cleared" in page
    shift = shared.worker.get(f"/my/shifts/{shared.shift}").text
    assert 'href="/where-can-i-work"' in shift
    assert "Book this shift" not in shift
    only = shared.worker.get("/my/find?show=bookable").text
    assert "Not cleared yet" not in only
    assert "No shifts to show" in only


def test_a_partners_candidate_has_a_name_once_looked_at(shared: Shared) -> None:
    fill = f"/office/shifts/{shared.shift}/fill"
    shared.desk.do(lambda session: build.a_nurse(session, shared.desk.trust, given_name="Ada"))
    assert "Ada" in shared.coordinator.get(fill).text
    page = shared.coordinator.get(f"{fill}?show=partners").text
    assert "Ada" not in page
    assert "Somebody of Harbour NHS Trust" in page
    assert "Zebedee" not in page
    before = shared.coordinator.get(f"{fill}/{shared.person.id}").text
    assert "Book somebody of Harbour NHS Trust?" in before
    assert "Zebedee" not in before
    looked = shared.coordinator.fill(f"{fill}?show=partners", f"{fill}/{shared.person.id}/look")
    assert looked.location == fill
    page = shared.coordinator.get(fill).text
    assert "Zebedee Okafor" in page
    assert 'href="tel:07700900999"' in page
    worker = build.as_worker(shared.person)
    (seen,) = shared.desk.do(lambda session: own_looks(session, by=worker))
    assert (seen.organisation, seen.basis) == ("Rivermead NHS Trust", shared.wsa.named)
    done = shared.coordinator.fill(f"{fill}/{shared.person.id}", agreed_how="phone")
    assert done.location == f"/office/shifts/{shared.shift}"
    assert "Zebedee Okafor" in shared.coordinator.get(f"/office/shifts/{shared.shift}").text


def test_a_stranger_is_neither_looked_at_nor_booked(shared: Shared) -> None:
    other: Person = shared.desk.do(lambda s: build.a_nurse(s, shared.home)[0])
    fill = f"/office/shifts/{shared.shift}/fill"
    assert shared.coordinator.get(f"{fill}/{other.id}").status_code == 404
    token = {"csrf_token": _token(shared.coordinator.get(fill).text)}
    assert shared.coordinator.post(f"{fill}/{other.id}/look", token).status_code == 404
    assert _looks(shared, other) == []


def _looks(shared: Shared, person: Person) -> list[Any]:
    worker = build.as_worker(person)
    return list(shared.desk.do(lambda session: own_looks(session, by=worker)))


def _token(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_the_api_says_how_far_and_what_is_due(shared: Shared) -> None:
    staff: Staff = shared.worker
    (one,) = staff.get("/api/v1/me/shifts").json["shifts"]  # type: ignore[index]
    assert (one["tier"], one["is_cleared"], one["due_at_arrival"]) == (
        "partner", True, ["Ward induction"],
    )  # fmt: skip
