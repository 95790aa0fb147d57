"""Two accounts of one human are not two people, wherever two are needed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.cascade import agency
from bankhub.actions.clearances import clearance_bypasses, clearance_supervision
from bankhub.actions.governance import subject_requests
from bankhub.actions.shifts import shift_changes
from bankhub.model.shifts import Opening
from bankhub.model.vocabulary import RequestReason
from passport.actions.access import delegations, humans
from passport.actions.issuing import issue_batches
from passport.actions.people import identity_checks
from passport.actors import AccessRole as R
from passport.actors import Actor, operator
from passport.db import Database
from passport.errors import Refused
from passport.model.accounts import Account
from passport.model.register_words import Status
from tests.actions.test_clearance_checks import lacking
from tests.actions.test_clearance_supervision import look
from tests.actions.test_issue_batches import drawn, opened, ward
from tests.actions.test_issuing import SEEN
from tests.actions.test_partner_arrivals import Arriving
from tests.support import build, clearing, staff
from tests.support.build_people import NOW
from tests.support.held import all_known
from tests.support.issuing import NOW as LATER

UNTIL = date(2026, 9, 20)
Deed = Callable[[Session, Actor], object]
"""What a second person does, by somebody."""


def a_bypass(session: Session) -> tuple[Actor, Deed]:
    world = clearing.a_world(session)
    row, first = lacking(session, world), clearing.an_officer(session, world.host)
    asked = clearance_bypasses.ask_bypass(
        session, clearance_id=row.id, item="training.IPC", because="Trained on Friday.",
        until_on=UNTIL, by=first, now=NOW,
    )  # fmt: skip
    return first, lambda s, by: clearance_bypasses.grant_bypass(
        s, bypass_id=asked.id, by=by, now=NOW
    )


def a_supervision(session: Session) -> tuple[Actor, Deed]:
    world = clearing.a_world(session)
    row = look(session, clearing.show(session, world), Status.CONDITIONS)
    first = clearing.an_officer(session, world.host)
    asked = clearance_supervision.ask(
        session, clearance_id=row.id, grounds=clearance_supervision.NEEDED, until_on=UNTIL,
        by=first, now=NOW,
    )  # fmt: skip
    return first, lambda s, by: clearance_supervision.grant(
        s, supervision_id=asked.id, by=by, now=NOW
    )


def a_sample(session: Session) -> tuple[Actor, Deed]:
    hr = staff.an_office(session)
    ward(session, hr, 2)
    batch = drawn(session, hr)
    return hr.first, lambda s, by: opened(s, batch, by)


def a_batch(session: Session) -> tuple[Actor, Deed]:
    """Whoever opened the sample does not approve."""
    hr = staff.an_office(session)
    ward(session, hr, 2)
    batch = drawn(session, hr)
    opened(session, batch, hr.second)
    return hr.second, lambda s, by: issue_batches.approve(s, batch_id=batch.id, by=by, now=NOW)


def an_identity_check(session: Session) -> tuple[Actor, Deed]:
    hr = staff.an_office(session)
    nurse = staff.a_nurse(session, hr, on_record=False)
    check = identity_checks.begin(session, person_id=nurse.id, seen=SEEN, by=hr.first, now=LATER)
    return hr.first, lambda s, by: identity_checks.agree(s, check_id=check.id, by=by, now=LATER)


def a_break_glass(session: Session) -> tuple[Actor, Deed]:
    trust = build.an_organisation(session)
    shift = build.a_shift(session, build.a_unit(session, build.a_site(session, trust)))
    first = build.an_actor(
        trust, R.BANK_MANAGER, R.ROTA_COORDINATOR, R.EXECUTIVE_ON_CALL,
        account=build.an_account(session), stepped_up=True,
    )  # fmt: skip
    asked = agency.ask_break_glass(
        session, shift_id=shift.id, reason="one_to_one_care", reason_text="", by=first, now=NOW
    )
    return first, lambda s, by: agency.grant_break_glass(s, break_glass_id=asked.id, by=by, now=NOW)


def a_review(session: Session) -> tuple[Actor, Deed]:
    first, grant = a_break_glass(session)
    glass: Any = grant(session, replace(first, account_id=build.an_account(session).id))
    return first, lambda s, by: agency.review_break_glass(
        s, break_glass_id=glass.id, outcome="Rightly asked", by=by, now=NOW
    )


def a_request(session: Session) -> tuple[Actor, Deed]:
    trust = build.an_organisation(session)
    account = build.an_account(session)
    shift = build.a_shift(
        session, build.a_unit(session, build.a_site(session, trust)), state="submitted",
        reason=RequestReason.OTHER, reason_text="Escort",
        created_by_id=account.id, cost_estimate_pence=10_000_000,
    )  # fmt: skip
    session.execute(sa.delete(Opening).where(Opening.shift_id == shift.id))
    first = build.an_actor(trust, R.BUDGET_HOLDER, R.BANK_MANAGER, account=account)
    return first, lambda s, by: shift_changes.authorise(s, shift_id=shift.id, by=by, now=NOW)


DEEDS = {
    "bypass": a_bypass,
    "supervision": a_supervision,
    "sample of a batch": a_sample,
    "approval of a batch": a_batch,
    "identity check": an_identity_check,
    "break-glass": a_break_glass,
    "review of a break-glass": a_review,
    "request above the threshold": a_request,
}


def twin(session: Session, by: Actor, how: str) -> Actor:
    """Another account of the human behind somebody's."""
    person = build.a_person(session, build.an_organisation(session))
    mine = session.get_one(Account, by.account_id)
    if how == "one record":
        mine.person_id = person.id
        other = build.an_account(session, person_id=person.id)
    else:
        person.email = mine.email
        other = build.an_account(session, person_id=person.id)
    build.an_event(session, person.organisation_id)
    session.flush()
    return replace(by, account_id=other.id, person_id=other.person_id)


@pytest.mark.parametrize("how", ["one record", "an address on the record"])
@pytest.mark.parametrize("name", DEEDS)
def test_another_account_of_the_same_human_is_no_second_person(
    sqlite_database: Database, name: str, how: str
) -> None:
    with sqlite_database.transaction() as session:
        first, deed = DEEDS[name](session)
        other = twin(session, first, how)
        for by in (first, other):
            with pytest.raises(Refused):
                deed(session, by)
        deed(session, replace(first, account_id=build.an_account(session).id))


def test_nor_for_an_erasure(database: Database) -> None:
    known = all_known(database)
    known.leave()
    with database.transaction() as session:
        asked = subject_requests.ask_erasure(session, person_id=known.one.id, by=known.ig, now=NOW)
        other = replace(twin(session, known.ig, "one record"), roles=known.officer.roles)
    with database.transaction() as session, pytest.raises(Refused) as refused:
        subject_requests.agree_erasure(session, request_id=asked.id, by=other, now=NOW)
    assert refused.value.code == "same_person"
    with database.transaction() as session:
        subject_requests.agree_erasure(session, request_id=asked.id, by=known.officer, now=NOW)


def test_nor_for_an_induction(database: Database) -> None:
    """In charge with an account of no record, then the worker's own hand: found to be one."""
    here = Arriving(database)
    here.in_charge_signs()
    with database.transaction() as session:
        nurse = session.get_one(type(here.nurse), here.nurse.id)
        nurse.email = session.get_one(Account, here.in_charge.account_id).email
        build.an_event(session, here.host.id)
    with pytest.raises(Refused):
        here.worker_signs()
    with pytest.raises(Refused):
        here.in_charge_signs()


def test_nobody_clears_themselves(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        world = clearing.a_world(session)
        own = clearing.an_officer(session, world.host, person=world.nurse)
        with pytest.raises(Refused) as refused:
            clearing.show(session, world, by=own)
        assert refused.value.code == "own_clearance"
        by = clearing.an_officer(session, world.host)
        world.nurse.email = clearing.account_of(session, by).email
        with pytest.raises(Refused):
            clearing.show(session, world, by=by)


def test_nobody_looks_themselves_up(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        world = clearing.a_world(session)
        row = clearing.show(session, world)
        own = clearing.an_officer(session, world.host, person=world.nurse)
        with pytest.raises(Refused) as refused:
            look(session, row, Status.REGISTERED, by=own)
        assert refused.value.code == "own_clearance"


@pytest.mark.parametrize("made", [a_bypass, a_supervision])
def test_the_servers_operator_is_nobodys_second_person(
    sqlite_database: Database, made: Callable[[Session], tuple[Actor, Deed]]
) -> None:
    with sqlite_database.transaction() as session:
        first, deed = made(session)
        with pytest.raises(Refused) as refused:
            deed(session, operator(first.organisation_id))
        assert refused.value.code == "needs_second_person"


def test_nobody_names_themselves_as_second_person(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        practice = build.an_organisation(session)
        manager = build.an_actor(practice, R.BANK_MANAGER, account=build.an_account(session))
        other = twin(session, manager, "one record")
        with pytest.raises(Refused) as refused:
            delegations.make(
                session, email=session.get_one(Account, other.account_id).email,
                role=R.BANK_MANAGER, from_on=NOW.date(), until_on=UNTIL,
                by=replace(manager, stepped_up=True), now=NOW,
            )  # fmt: skip
    assert "same_person" in [one.code for one in refused.value.reasons]


def test_the_operator_is_the_same_as_itself_only(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        account = build.an_account(session)
        assert humans.is_same(session, operator(), None)
        assert not humans.is_same(session, operator(), account.id)
        assert not humans.is_same(session, build.an_actor(None, account=account), None)
        strangers = [build.an_account(session) for _ in range(2)]
        by = build.an_actor(None, account=strangers[0])
        assert not humans.is_same(session, by, strangers[1].id, UUID(int=1))
