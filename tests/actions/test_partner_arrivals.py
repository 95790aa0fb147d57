"""A partner's person at the ward: cleared or blocked, amber with the induction due, signed by two
hands, and afterwards a line that says what is owed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.booking import arrivals, blocked, check_ins, inductions
from bankhub.model.agreements import Agreement, AgreementState
from bankhub.model.clearance_values import Doer, Item, ItemState, Timing, item_json
from bankhub.model.clearances import CheckIn, ClearanceState, InductionSignature
from bankhub.model.policies import DatedPolicy, PolicyKind
from bankhub.model.reference import national_policies
from bankhub.model.vocabulary import Grade
from passport.actors import AccessRole, Actor
from passport.db import Database, new_id
from passport.errors import Forbidden, NotFound, Refused
from passport.events import Event
from passport.model.looks import PersonLook
from passport.model.organisations import Organisation
from tests.actions.test_partner_bookings import Shared
from tests.support import build
from tests.support.build import NOW
from tests.support.build_people import kept

R = AccessRole
HALF_AN_HOUR = timedelta(minutes=30)
WARD_INDUCTION = "induction.ward"
WARD_POINTS = national_policies(PolicyKind.CLEARANCE)[0].values["inductions"][0]["points"]


class Arriving(Shared):
    """With somebody in charge of the ward, and the booking that the nurse made."""

    def __init__(
        self, database: Database, *, taken: Mapping[str, Any] | None = None, **terms: Any
    ) -> None:
        super().__init__(database, **terms)
        self.taken = self.shift(**(taken or {}))
        self.booking_id = self.book(self.taken).booking_id
        self.at = self.taken.starts_at - HALF_AN_HOUR
        self.in_charge = self.somebody(R.WARD_REQUESTER)

    def somebody(self, *roles: AccessRole, at: Organisation | None = None, **fields: Any) -> Actor:
        with self.database.transaction() as session:
            account = build.an_account(session, display_name="Sister Jones")
        found = build.an_actor(at or self.host, *roles, account=account)
        return replace(found, **fields)

    def do(self, deed: Callable[..., Any], by: Actor, **more: Any) -> Any:
        more = {"booking_id": self.booking_id, "now": self.at, **more}
        with self.database.transaction() as session:
            return deed(session, by=by, **more)

    def comes(self, **more: Any) -> CheckIn:
        found: CheckIn = self.do(check_ins.check_in_own, self.worker, **more)
        return found

    def worker_signs(self, **more: Any) -> InductionSignature:
        more = {"item": WARD_INDUCTION, **more}
        found: InductionSignature = self.do(inductions.sign_own, self.worker, **more)
        return found

    def in_charge_signs(self, **more: Any) -> InductionSignature:
        more = {"item": WARD_INDUCTION, **more}
        found: InductionSignature = self.do(inductions.sign, self.in_charge, **more)
        return found

    def due(self, booking_id: Any = None) -> list[str]:
        with self.database.transaction() as session:
            found = arrivals.arrival(
                session, booking_id=booking_id or self.booking_id, by=self.in_charge, now=self.at
            )
            return [one.code for one in found.due]

    def rows(self, table: Any, *where: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.scalars(sa.select(table).where(*where)))

    def ended(self, **fields: Any) -> None:
        """The agreement was brought to an end."""
        with self.database.transaction() as session:
            agreement = session.get_one(Agreement, self.wsa.agreement_id)
            for name, value in fields.items():
                setattr(agreement, name, value)
            kept(session, agreement, self.host.id)


@pytest.fixture
def here(database: Database) -> Arriving:
    return Arriving(database)


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refused.value.reasons}


def test_the_induction_makes_the_check_in_amber_and_keeps_nobody_from_starting(
    here: Arriving,
) -> None:
    found = here.comes()
    assert found.outcome == "amber"
    assert [one["code"] for one in found.due] == [WARD_INDUCTION]
    (event,) = here.rows(Event, Event.kind == "booking.checked_in")
    assert event.detail["due"] == [WARD_INDUCTION]


def test_other_items_due_at_arrival_are_told_too(here: Arriving) -> None:
    manual = Item(
        "training.MOVING", "Moving and handling", ItemState.DUE, Timing.AT_ARRIVAL,
        act="Do it on the ward's computer", by=Doer.WORKER,
    )  # fmt: skip
    here.now_cleared(items=[item_json(manual), item_json(replace(manual, state=ItemState.MET))])
    assert [one["code"] for one in here.comes().due] == [WARD_INDUCTION, "training.MOVING"]


ORDERS = [("worker", "in_charge"), ("in_charge", "worker")]


@pytest.mark.parametrize("order", ORDERS, ids=["worker first", "in charge first"])
def test_both_sign_in_either_order_and_it_counts_for_a_year(
    here: Arriving, order: tuple[str, str]
) -> None:
    here.comes()
    signs = {"worker": here.worker_signs, "in_charge": here.in_charge_signs}
    first = signs[order[0]]()
    assert first.valid_until is None
    assert here.due() == [WARD_INDUCTION]
    second = signs[order[1]](now=here.at + HALF_AN_HOUR)
    assert second.id == first.id
    assert second.valid_until == date(2027, 9, 17)
    assert second.in_charge_name == "Sister Jones"
    assert here.due() == []
    sides = [event.detail["side"] for event in here.rows(Event, Event.kind == "induction.signed")]
    assert sides == list(order)


def asks_for(here: Arriving, *points: str, checklist: str = "1") -> None:
    """The host's policy names what is gone through, from today."""
    values = dict(national_policies(PolicyKind.CLEARANCE)[0].values)
    ward = {**values["inductions"][0], "checklist": checklist, "points": list(points)}
    with here.database.transaction() as session:
        made = DatedPolicy(
            organisation_id=here.host.id, kind=PolicyKind.CLEARANCE, from_on=NOW.date(),
            values={**values, "inductions": [ward]}, source="Board", made_at=here.at,
        )  # fmt: skip
        kept(session, made, here.host.id)


def test_what_was_gone_through_is_kept_with_the_signatures(here: Arriving) -> None:
    asks_for(here, "Fire exits", "Crash trolley", checklist="7")
    (due,) = here.comes().due
    assert list(due["points"]) == ["Fire exits", "Crash trolley"]
    here.worker_signs()
    asks_for(here, "Something else", checklist="8")
    (row,) = here.rows(InductionSignature)
    assert (row.checklist, row.points) == ("7", ["Fire exits", "Crash trolley"])


def test_nobody_joins_a_signature_under_another_checklist(here: Arriving) -> None:
    asks_for(here, "Fire exits")
    first = here.worker_signs()
    asks_for(here, "Fire exits", "Crash trolley")
    second = here.in_charge_signs()
    assert second.id != first.id
    assert (second.points, second.valid_until) == (["Fire exits", "Crash trolley"], None)
    assert here.due() == [WARD_INDUCTION]
    whole = here.worker_signs()
    assert (whole.id, here.due()) == (second.id, [])


def test_signing_again_changes_nothing(here: Arriving) -> None:
    here.worker_signs()
    first = here.in_charge_signs()
    again = here.in_charge_signs(now=here.at + timedelta(hours=2))
    assert (again.id, again.in_charge_at) == (first.id, first.in_charge_at)
    assert len(here.rows(InductionSignature)) == 1


def test_a_signature_of_another_day_is_not_joined(here: Arriving) -> None:
    with here.database.transaction() as session:
        old = InductionSignature(
            host_id=here.host.id, person_id=here.nurse.id, holder_id=here.nurse.holder_id,
            item=WARD_INDUCTION, checklist="1", points=list(WARD_POINTS),
            site_id=here.taken.site_id,
            unit_id=here.taken.unit_id, worker_at=here.at - timedelta(days=3),
        )  # fmt: skip
        kept(session, old, here.host.id)
    assert here.in_charge_signs().id != old.id
    assert here.due() == [WARD_INDUCTION]


def test_an_induction_counts_on_its_own_ward_only(here: Arriving) -> None:
    here.worker_signs()
    here.in_charge_signs()
    with here.database.transaction() as session:
        ward = build.a_unit(session, build.a_site(session, here.host), name="Another ward")
        shift = build.a_shift(session, ward, starts_at=here.taken.starts_at + timedelta(hours=14))
        booking = build.a_booking(session, shift, here.nurse, here.post, tier="partner")  # type: ignore[arg-type]
    assert here.due() == []
    assert here.due(booking.id) == [WARD_INDUCTION]


def test_one_signs_with_ones_own_hand_only(here: Arriving) -> None:
    both = here.somebody(R.WARD_REQUESTER, person_id=here.nurse.holder_id)
    with pytest.raises(Refused) as refused:
        here.do(inductions.sign, both, item=WARD_INDUCTION)
    assert codes(refused) == {"own_hand"}
    with pytest.raises(Refused):
        here.do(inductions.sign, replace(here.in_charge, account_id=new_id()), item=WARD_INDUCTION)
    with pytest.raises(Forbidden):
        here.do(inductions.sign, here.worker, item=WARD_INDUCTION)
    with pytest.raises(NotFound):
        here.do(inductions.sign_own, replace(here.worker, person_id=new_id()), item=WARD_INDUCTION)


def test_another_organisation_neither_sees_nor_signs(here: Arriving) -> None:
    at_home = here.somebody(R.WARD_REQUESTER, R.BANK_MANAGER, at=here.home)
    for deed, more in (
        (inductions.sign, {"item": WARD_INDUCTION}),
        (check_ins.check_in, {}),
        (arrivals.arrival, {}),
    ):
        with pytest.raises(NotFound):
            here.do(deed, at_home, **more)
    with here.database.transaction() as session:
        assert arrivals.arrivals(session, by=at_home, now=here.at) == []


@pytest.mark.parametrize("item", ["induction.fire", "", "registration", "dbs"])
def test_only_an_induction_of_the_policy_is_signed(here: Arriving, item: str) -> None:
    with pytest.raises(NotFound):
        here.worker_signs(item=item)


def test_it_is_signed_at_the_shift_not_days_before(here: Arriving) -> None:
    with pytest.raises(Refused) as refused:
        here.worker_signs(now=here.at - timedelta(days=2))
    assert codes(refused) == {"too_early"}


BLOCKED = [
    pytest.param({"state": ClearanceState.NOT_CLEARED, "until_on": None}, id="not cleared"),
    pytest.param({"state": ClearanceState.ENDED}, id="closed"),
    pytest.param({"until_on": date(2026, 9, 16)}, id="ended the day before"),
    pytest.param({"role": "rn_child"}, id="cleared for another role"),
    pytest.param({"grade": Grade.BAND_6}, id="cleared at another grade"),
]


@pytest.mark.parametrize("fields", BLOCKED)
def test_whoever_is_no_longer_cleared_does_not_start(
    here: Arriving, fields: dict[str, Any]
) -> None:
    here.now_cleared(**fields)
    with pytest.raises(Refused) as refused:
        here.comes()
    assert codes(refused) & {"not_cleared", "clearance_ends"}
    with pytest.raises(Refused):
        here.do(check_ins.check_in, here.in_charge)
    with here.database.transaction() as session:
        (one,) = arrivals.arrivals(session, by=here.in_charge, now=here.at)
    assert one.blocked
    assert here.rows(CheckIn) == []


def test_of_a_partners_person_the_record_says_what_the_host_decided_and_no_more(
    here: Arriving,
) -> None:
    here.now_cleared(state=ClearanceState.NOT_CLEARED, until_on=None)
    with here.database.transaction() as session:
        build.a_restriction(session, session.merge(here.post), here.taken.unit_id)
    for deed, by in ((check_ins.check_in_own, here.worker), (check_ins.check_in, here.in_charge)):
        with pytest.raises(Refused) as refused:
            here.do(deed, by)
        assert refused.value.note is not None
        with here.database.transaction() as session:
            refused.value.note(session)
    events = here.rows(Event, Event.kind == "booking.check_in_refused")
    assert [event.detail["by_worker"] for event in events] == [True, False]
    for event in events:
        assert event.detail["codes"] == ["not_cleared", "not_eligible"]


def test_a_suspended_party_blocks_the_start(here: Arriving) -> None:
    here.party_suspended()
    with pytest.raises(Refused) as refused:
        here.comes()
    assert refused.value.reasons


ENDS = [
    pytest.param(date(2026, 9, 1), False, True, id="within the wind-down it is honoured"),
    pytest.param(date(2026, 8, 19), False, False, id="after the wind-down it is not"),
    pytest.param(date(2026, 9, 1), True, False, id="ended for safety it is not"),
]


@pytest.mark.parametrize(("ends_on", "for_safety", "honoured"), ENDS)
def test_an_agreement_that_ended_honours_what_was_confirmed(
    here: Arriving, ends_on: date, for_safety: bool, honoured: bool
) -> None:
    here.ended(ends_on=ends_on, for_safety=for_safety, state=AgreementState.TERMINATED)
    if honoured:
        assert here.comes().outcome == "amber"
        return
    with pytest.raises(Refused):
        here.comes()


def test_whoever_left_home_does_not_start(here: Arriving) -> None:
    with here.database.transaction() as session:
        person = session.merge(here.nurse)
        person.left_at = here.at - timedelta(days=1)
        kept(session, person, here.home.id)
    with pytest.raises(Refused) as refused:
        here.comes()
    assert codes(refused) == {"no_post"}


def test_a_check_in_by_the_host_is_a_look_the_person_can_read(here: Arriving) -> None:
    here.do(check_ins.check_in, here.in_charge)
    (look,) = here.rows(PersonLook)
    assert (look.person_id, look.organisation_id) == (here.nurse.id, here.host.id)
    assert (look.what, look.basis) == ("check_in", here.wsa.named)


def blocked_ahead(here: Arriving, by: Actor | None = None, now: Any = None) -> list[Any]:
    with here.database.reading() as session:
        reader = by or build.an_actor(here.host, R.ROTA_COORDINATOR)
        found = blocked.blocked_bookings(session, by=reader, now=now or here.at)
        return [one.booking.id for one in found]


def test_a_booking_that_stands_on_nothing_is_flagged_to_the_office(here: Arriving) -> None:
    assert blocked_ahead(here) == []
    here.now_cleared(state=ClearanceState.NOT_CLEARED, until_on=None)
    assert blocked_ahead(here) == [here.booking_id]
    assert blocked_ahead(here, now=here.taken.starts_at) == []
    assert blocked_ahead(here, build.an_actor(here.home, R.ROTA_COORDINATOR)) == []
    here.now_cleared(state=ClearanceState.CLEARED, until_on=date(2026, 9, 16))
    assert blocked_ahead(here) == [here.booking_id]
    here.now_cleared(until_on=date(2026, 9, 17))
    assert blocked_ahead(here) == []


@pytest.mark.parametrize("how", ["suspended", "ended for safety", "closed"])
def test_it_is_flagged_whatever_took_the_ground_away(here: Arriving, how: str) -> None:
    if how == "suspended":
        here.party_suspended()
    elif how == "closed":
        here.now_cleared(state=ClearanceState.ENDED)
    else:
        here.ended(ends_on=date(2026, 9, 1), for_safety=True, state=AgreementState.TERMINATED)
    assert blocked_ahead(here) == [here.booking_id]
