"""Notice that is withdrawn again: by whom, until when, and what of another's stands."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements import (
    agreement_ends,
    agreement_keeping,
    agreement_views,
    agreements,
)
from bankhub.actions.agreements.agreement_succession import succeed
from bankhub.model.agreements import Agreement, AgreementState, Coverage
from bankhub.rules.agreements.agreement_states import ShownState
from bankhub.rules.shift_times import london_day
from passport.actors import AccessRole, job, operator
from passport.db import Database
from passport.errors import Forbidden, NotFound, Refused
from passport.events import Event, Notice
from passport.model.organisations import Organisation
from tests.actions.test_agreement_ends import END, TODAY, a_manager, pairs, trusts
from tests.support import agreeing, build
from tests.support.agreeing import last_day
from tests.support.build import NOW

LAST = TODAY + timedelta(days=90)


def gives(
    session: Session, agreement: Agreement, of: Organisation, now: datetime = NOW, **more: Any
) -> None:
    agreement_ends.give_notice(
        session, agreement_id=agreement.id, by=agreeing.manager(of), now=now, **more
    )


def withdraws(
    session: Session, agreement: Agreement, of: Organisation, now: datetime = NOW
) -> None:
    agreement_ends.withdraw_notice(
        session, agreement_id=agreement.id, by=agreeing.manager(of), now=now
    )


def ends(
    session: Session, agreement: Agreement, by: Organisation, days: int, *, for_safety: bool = False
) -> None:
    agreement_ends.terminate(
        session, agreement_id=agreement.id, because="Over.", for_safety=for_safety,
        ends_on=None if for_safety else TODAY + timedelta(days=days), by=agreeing.manager(by),
        now=NOW,
    )  # fmt: skip


def in_n(days: float) -> datetime:
    return NOW + timedelta(days=days)


def test_withdrawn_it_goes_on_as_it_was_signed_and_every_party_is_told(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        a_manager(session, north)
        a_manager(session, south)
        agreement = agreeing.agreed(session, north, south)
        before = rows(session)
        gives(session, agreement, south)
        assert rows(session) != before
        withdraws(session, agreement, south, in_n(30))
        assert agreement.state is AgreementState.ACTIVE
        assert last_day(session, agreement) == END
        assert rows(session) == before
        kind = sa.select(Event).where(Event.kind == "agreement.notice_withdrawn")
        assert session.scalars(kind).one().detail["party"] == str(south.id)
        letters = sa.select(Notice).where(Notice.template == "agreement_notice_withdrawn")
        assert {one.context["on"] for one in session.scalars(letters)} == {END.isoformat()}
        assert len(session.scalars(letters).all()) == 2
        agreeing.varied(session, agreement, north, notice_days=30)
        withdrawn_twice(session, agreement, south)


def rows(session: Session) -> set[Any]:
    """Coverage, without the names of its rows."""
    session.expire_all()
    return {
        (one.partner_id, one.host_id, one.grade, one.from_on, one.until_on)
        for one in session.scalars(sa.select(Coverage))
    }


def withdrawn_twice(session: Session, agreement: Agreement, of: Organisation) -> None:
    with pytest.raises(Refused, match="no_notice"):
        withdraws(session, agreement, of)


@pytest.mark.parametrize(("days", "over"), [(90, False), (91, True)])
def test_up_to_the_last_day_and_no_longer(
    sqlite_database: Database, days: int, over: bool
) -> None:
    """Also where the worker has not come round yet."""
    with sqlite_database.transaction() as session:
        for parties in (2, 3):
            north, south, *more = trusts(session, "North", "South", "East")[:parties]
            agreement = agreeing.agreed(session, north, south, *more)
            gives(session, agreement, south)
            if over:
                with pytest.raises(Refused, match="party_left"):
                    withdraws(session, agreement, south, in_n(days))
            else:
                withdraws(session, agreement, south, in_n(days))
                assert last_day(session, agreement) == END


def test_what_another_gave_stands(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south)
        gives(session, agreement, south)
        gives(session, agreement, north, leaves_on=LAST + timedelta(days=10))
        assert last_day(session, agreement) == LAST
        withdraws(session, agreement, south)
        assert agreement.state is AgreementState.NOTICE_GIVEN
        assert last_day(session, agreement) == LAST + timedelta(days=10)
        withdraws(session, agreement, north)
        assert agreement.state is AgreementState.ACTIVE


def test_of_three_one_that_stays_keeps_the_whole(database: Database) -> None:
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        for one in (south, east):
            gives(session, agreement, one)
        assert agreement.state is AgreementState.NOTICE_GIVEN
        withdraws(session, agreement, east)
        assert agreement.state is AgreementState.ACTIVE
        assert pairs(session, LAST + timedelta(days=1)) == {("North", "East"), ("East", "North")}


def test_the_lead_withdraws_the_end_of_the_whole_and_nobody_else(database: Database) -> None:
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        ends(session, agreement, north, 100)
        gives(session, agreement, south)
        gives(session, agreement, east, leaves_on=LAST + timedelta(days=5))
        withdraws(session, agreement, south)
        withdraws(session, agreement, east)
        assert last_day(session, agreement) == TODAY + timedelta(days=100)
        with pytest.raises(Refused, match="no_notice"):
            withdraws(session, agreement, south)
        assert agreement.state is AgreementState.NOTICE_GIVEN
        withdraws(session, agreement, north)
        assert (agreement.state, last_day(session, agreement)) == (AgreementState.ACTIVE, END)


def test_of_two_whoever_ended_it_withdraws_that(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south)
        ends(session, agreement, south, 100)
        assert last_day(session, agreement) == TODAY + timedelta(days=100)
        with pytest.raises(Refused, match="no_notice"):
            withdraws(session, agreement, north)
        ends(session, agreement, south, 95)
        assert last_day(session, agreement) == TODAY + timedelta(days=95)
        withdraws(session, agreement, south)
        assert (agreement.state, last_day(session, agreement)) == (AgreementState.ACTIVE, END)


def test_an_end_for_safety_is_not_withdrawn(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south)
        gives(session, agreement, south)
        ends(session, agreement, south, 0, for_safety=True)
        with pytest.raises(Refused, match="wrong_state"):
            withdraws(session, agreement, south)


def test_nor_the_end_that_a_merger_brought(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south)
        succeed(session, old_id=south.id, new_id=north.id, by=operator(), now=NOW)
        assert agreement.state is AgreementState.NOTICE_GIVEN
        with pytest.raises(Refused, match="no_notice"):
            withdraws(session, agreement, north)
        assert last_day(session, agreement) == TODAY


def test_a_successor_withdraws_what_its_predecessor_gave(database: Database) -> None:
    with database.transaction() as session:
        north, south, new = trusts(session, "North", "South", "New")
        agreement = agreeing.agreed(session, north, south)
        gives(session, agreement, south)
        succeed(session, old_id=south.id, new_id=new.id, by=operator(), now=NOW)
        with pytest.raises(NotFound):
            withdraws(session, agreement, south)
        withdraws(session, agreement, new)
        assert last_day(session, agreement) == END
        assert ("South", "North") in pairs(session, END)


def test_who_may(database: Database) -> None:
    with database.transaction() as session:
        north, south, third = trusts(session, "North", "South", "Third")
        agreement = agreeing.agreed(session, north, south)
        gives(session, agreement, south)
        with pytest.raises(NotFound):
            withdraws(session, agreement, third)
        roles: list[tuple[AccessRole, bool]] = [
            (AccessRole.HR_OFFICER, True), (AccessRole.BANK_MANAGER, False),
        ]  # fmt: skip
        for role, stepped_up in roles:
            with pytest.raises(Forbidden):
                agreement_ends.withdraw_notice(
                    session, agreement_id=agreement.id, now=NOW,
                    by=build.an_actor(south, role, stepped_up=stepped_up),
                )  # fmt: skip


def test_who_has_left_has_no_say_and_may_join_again(database: Database) -> None:
    """A party whose last day is past suspends nobody and ends nothing; with a version that every
    party signs it is one again."""
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        gives(session, agreement, east)
        later = in_n(91)
        agreement_keeping.keep(session, by=job(), now=later)
        for deed in (suspends, terminates):
            with pytest.raises(Refused, match="party_left"):
                deed(session, agreement, east, later)
        version = agreeing.varied(session, agreement, north, later, notice_days=30)
        agreeing.signed(session, version, north, south, east, now=later)
        day = london_day(later)
        assert len(pairs(session, day)) == 6
        assert len(pairs(session, END)) == 6


def suspends(session: Session, agreement: Agreement, by: Organisation, now: datetime) -> None:
    agreement_ends.suspend_party(
        session, agreement_id=agreement.id, organisation_id=by.id, because="x",
        by=agreeing.manager(by), now=now,
    )  # fmt: skip


def terminates(session: Session, agreement: Agreement, by: Organisation, now: datetime) -> None:
    agreement_ends.terminate(
        session, agreement_id=agreement.id, because="x", for_safety=True, by=agreeing.manager(by),
        now=now,
    )  # fmt: skip


LEFT: list[Callable[[Session, Agreement, Organisation, datetime], None]] = [suspends, terminates]


@pytest.mark.parametrize("deed", LEFT)
def test_a_lead_that_left_leads_no_more(
    database: Database, deed: Callable[[Session, Agreement, Organisation, datetime], None]
) -> None:
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        a_manager(session, east)
        agreement = agreeing.agreed(session, north, south, east)
        gives(session, agreement, north)
        agreement_keeping.keep(session, by=job(), now=in_n(90))
        assert agreement.lead_id == north.id
        for _ in range(2):
            agreement_keeping.keep(session, by=job(), now=in_n(91))
        assert agreement.lead_id == south.id
        told = sa.select(Notice).where(Notice.template == "agreement_lead")
        assert len(session.scalars(told).all()) == 1
        with pytest.raises((Refused, NotFound)):
            deed(session, agreement, north, in_n(91))
        deed(session, agreement, south, in_n(91))


def test_the_next_lead_varies_it_without_the_one_that_left(database: Database) -> None:
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        _, other = agreeing.drafted(session, north, south)
        agreements.send_to_review(session, version_id=other.id, by=agreeing.manager(north), now=NOW)
        gives(session, agreement, north)
        later = in_n(91)
        agreement_keeping.keep(session, by=job(), now=later)
        terms = agreeing.terms(south, east)
        version = agreeing.varied(
            session, agreement, south, later, parties=terms["parties"], contacts=terms["contacts"]
        )
        agreeing.signed(session, version, south, east, now=later)
        view = agreement_views.one(
            session, agreement_id=agreement.id, by=agreeing.manager(east), now=later
        )
        assert view.state is ShownState.ACTIVE
        assert [one.is_lead for one in view.parties if one.name == "South"] == [True]
