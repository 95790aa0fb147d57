"""Agreements suspended, left, ended, run out, wound down and followed by a successor."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
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
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.model.agreements import Agreement, AgreementState, Coverage
from bankhub.model.clearances import ClearanceState
from bankhub.rules.agreements.agreement_states import ShownState
from passport.actors import AccessRole, job, operator
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Event, Notice
from passport.model.accounts import Account, RoleGrant
from passport.model.organisations import Organisation
from tests.support import agreeing, build, sharing
from tests.support.build import NOW
from tests.support.build_people import kept

TODAY = date(2026, 9, 7)
END = date(2027, 12, 31)


def trusts(session: Session, *names: str) -> list[Organisation]:
    return [agreeing.a_trust(session, name=name) for name in names or ("North", "South")]


def a_manager(
    session: Session, organisation: Organisation, role: AccessRole = AccessRole.BANK_MANAGER
) -> Account:
    account = build.an_account(session)
    grant = RoleGrant(
        account_id=account.id, organisation_id=organisation.id, role=role, granted_at=NOW
    )
    kept(session, grant, organisation.id)
    return account


def pairs(session: Session, on: date = TODAY) -> set[tuple[str, str]]:
    """Home and host by name, as coverage has them on a day."""
    names = {one.id: one.name for one in session.scalars(sa.select(Organisation))}
    rows = session.scalars(
        sa.select(Coverage).where(Coverage.from_on <= on, Coverage.until_on >= on)
    )
    return {(names[row.partner_id], names[row.host_id]) for row in rows}


def told(session: Session, template: str) -> int:
    found = sa.select(sa.func.count()).select_from(Notice).where(Notice.template == template)
    return session.scalar(found) or 0


def keep(session: Session, days: float) -> agreement_keeping.Kept:
    return agreement_keeping.keep(session, by=job(), now=NOW + timedelta(days=days))


def state(session: Session, agreement: Agreement, of: Organisation, now: datetime = NOW) -> str:
    by = agreeing.manager(of)
    return agreement_views.one(session, agreement_id=agreement.id, by=by, now=now).state.value


def suspend(session: Session, agreement: Agreement, party: Organisation, by: Organisation) -> None:
    agreement_ends.suspend_party(
        session, agreement_id=agreement.id, organisation_id=party.id, because="Inspection.",
        by=agreeing.manager(by), now=NOW,
    )  # fmt: skip


def lift(session: Session, agreement: Agreement, party: Organisation, by: Organisation) -> None:
    agreement_ends.lift_suspension(
        session, agreement_id=agreement.id, organisation_id=party.id, by=agreeing.manager(by),
        now=NOW,
    )  # fmt: skip


def test_a_suspended_party_covers_nothing_until_it_is_lifted(database: Database) -> None:
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        a_manager(session, east)
        agreement = agreeing.agreed(session, north, south, east)
        suspend(session, agreement, south, north)
        assert pairs(session) == {("North", "East"), ("East", "North")}
        (bound,) = bound_versions(session, agreement_id=agreement.id)
        assert bound.honoured_until(south.id, north.id) is None
        assert told(session, "agreement_party_suspended") == 1
        with pytest.raises(Refused):
            suspend(session, agreement, south, north)
        lift(session, agreement, south, north)
        assert len(pairs(session)) == 6
        with pytest.raises(Refused):
            lift(session, agreement, south, north)


def test_who_may_suspend_whom(database: Database) -> None:
    with database.transaction() as session:
        north, south, east, west = trusts(session, "North", "South", "East", "West")
        agreement = agreeing.agreed(session, north, south, east)
        with pytest.raises(NotFound):
            suspend(session, agreement, south, east)
        with pytest.raises(NotFound):
            suspend(session, agreement, south, west)
        with pytest.raises(NotFound):
            suspend(session, agreement, west, north)
        suspend(session, agreement, south, south)
        with pytest.raises(Forbidden):
            agreement_ends.lift_suspension(
                session, agreement_id=agreement.id, organisation_id=south.id, now=NOW,
                by=build.an_actor(south, AccessRole.HR_OFFICER, stepped_up=True),
            )  # fmt: skip


def test_who_has_left_or_not_signed_yet_is_told_nothing_of_the_parties(
    database: Database,
) -> None:
    with database.transaction() as session:
        north, south, east, west = trusts(session, "North", "South", "East", "West")
        left, coming = a_manager(session, east), a_manager(session, west)
        agreement = agreeing.agreed(session, north, south, east)
        agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(east), now=NOW
        )
        later = NOW + timedelta(days=91)
        agreements.add_party(
            session, agreement_id=agreement.id, party={"ods": west.ods_code, "role": "home"},
            contacts=agreeing.contacts(west), by=agreeing.manager(north), now=later,
        )  # fmt: skip
        agreement_ends.suspend_party(
            session, agreement_id=agreement.id, organisation_id=south.id, because="Inspection.",
            by=agreeing.manager(north), now=later,
        )  # fmt: skip
        theirs = sa.select(Notice.template).where(Notice.to_account_id.in_([left.id, coming.id]))
        assert "agreement_party_suspended" not in session.scalars(theirs).all()


def test_who_suspended_lifts(database: Database) -> None:
    """The lead's suspension is not the party's to lift, nor the party's own the lead's."""
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        for suspender, other in ((north, south), (south, north), (north, south)):
            suspend(session, agreement, south, suspender)
            with pytest.raises(Refused, match="suspended_by_another"):
                lift(session, agreement, south, other)
            assert ("South", "East") not in pairs(session)
            lift(session, agreement, south, suspender)
        suspend(session, agreement, south, south)
        new = agreeing.a_trust(session, name="New")
        succeed(session, old_id=south.id, new_id=new.id, by=operator(), now=NOW)
        with pytest.raises(Refused, match="suspended_by_another"):
            lift(session, agreement, new, north)
        lift(session, agreement, new, new)
        suspend(session, agreement, north, north)
        lift(session, agreement, north, north)
        assert ("South", "East") in pairs(session)


def test_notice_of_one_of_three_ends_its_part_alone(database: Database) -> None:
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        party = agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(east), now=NOW
        )
        last = TODAY + timedelta(days=90)
        assert (party.leaves_on, agreeing.last_day(session, agreement)) == (last, END)
        assert agreement.state is AgreementState.ACTIVE
        assert len(pairs(session, last)) == 6
        assert pairs(session, last + timedelta(days=1)) == {("North", "South"), ("South", "North")}
        with pytest.raises(Refused, match="notice_given"):
            agreement_ends.give_notice(
                session, agreement_id=agreement.id, by=agreeing.manager(east), now=NOW
            )
        agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(south), now=NOW,
            leaves_on=last + timedelta(days=10),
        )  # fmt: skip
        assert agreement.state is AgreementState.NOTICE_GIVEN
        assert agreeing.last_day(session, agreement) == last + timedelta(days=10)


def test_notice_is_as_long_as_the_terms_say(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south, notice_days=30)
        with pytest.raises(Invalid):
            agreement_ends.give_notice(
                session, agreement_id=agreement.id, by=agreeing.manager(south), now=NOW,
                leaves_on=TODAY + timedelta(days=29),
            )  # fmt: skip
        agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(south), now=NOW
        )
        assert agreeing.last_day(session, agreement) == TODAY + timedelta(days=30)
        assert state(session, agreement, north) == ShownState.NOTICE_GIVEN
        assert keep(session, 30).ended == 0
        assert keep(session, 31).ended == 1
        assert agreement.state is AgreementState.TERMINATED
        (bound,) = bound_versions(session, agreement_id=agreement.id)
        assert bound.honoured_until(south.id, north.id) == TODAY + timedelta(days=58)


def test_for_safety_it_ends_at_once_and_nothing_is_honoured(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south)
        agreement_ends.terminate(
            session, agreement_id=agreement.id, because="Unsafe staffing.", for_safety=True,
            by=agreeing.manager(south), now=NOW,
        )  # fmt: skip
        assert agreement.state is AgreementState.TERMINATED
        assert not pairs(session)
        (bound,) = bound_versions(session, agreement_id=agreement.id)
        honoured = bound.honoured_until(south.id, north.id)
        assert honoured is None or honoured < TODAY
        with pytest.raises(Refused, match="wrong_state"):
            suspend(session, agreement, south, north)


def test_of_three_the_lead_alone_ends_the_whole(database: Database) -> None:
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        end: dict[str, Any] = {
            "agreement_id": agreement.id, "because": "Over.", "for_safety": True, "now": NOW
        }  # fmt: skip
        with pytest.raises(Refused, match="not_the_lead"):
            agreement_ends.terminate(session, by=agreeing.manager(east), **end)
        with pytest.raises(Invalid):
            agreement_ends.terminate(session, by=agreeing.manager(north), **{**end, "because": ""})
        agreement_ends.terminate(session, by=agreeing.manager(north), **end)
        assert not pairs(session)


def test_ended_without_danger_it_runs_its_notice(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south)
        end: dict[str, Any] = {
            "agreement_id": agreement.id, "because": "Over.", "for_safety": False, "now": NOW,
            "by": agreeing.manager(north),
        }  # fmt: skip
        with pytest.raises(Invalid):
            agreement_ends.terminate(session, ends_on=TODAY + timedelta(days=89), **end)
        agreement_ends.terminate(session, **end)
        assert len(pairs(session)) == 2
        assert agreeing.last_day(session, agreement) == TODAY + timedelta(days=90)


def test_nothing_is_signed_or_varied_once_it_ends(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south)
        second = agreeing.varied(session, agreement, north, notice_days=7)
        agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(south), now=NOW
        )
        with pytest.raises(Refused, match="agreement_ending"):
            agreeing.signed(session, second, north)
        agreements.abandon(session, version_id=second.id, by=agreeing.manager(north), now=NOW)
        with pytest.raises(Refused, match="agreement_ending"):
            agreeing.varied(session, agreement, north)


def test_the_last_nights(database: Database) -> None:
    """60, 30 and 7 days before: one letter each to each party; then expired, then wound down."""
    with database.transaction() as session:
        north, south = trusts(session)
        a_manager(session, north)
        a_manager(session, south)
        agreement = agreeing.agreed(session, north, south)
        last = (END - TODAY).days
        letters, seen = {}, {}
        for left in (70, 61, 60, 59, 31, 30, 29, 8, 7, 6, 1, 0, -1, -2, -28, -29, -30):
            found = keep(session, last - left)
            assert keep(session, last - left).warned == 0
            if found.warned:
                letters[left] = found.warned
            seen.setdefault(agreement.state.value, left)
        assert letters == {60: 2, 30: 2, 7: 2}
        assert seen == {"active": 70, "expired": -1, "wound_down": -29}
        assert not pairs(session, END)
        kinds = session.scalars(
            sa.select(Event.kind).where(Event.subject_id == agreement.id).order_by(Event.id)
        ).all()
        assert kinds[-2:] == ["agreement.ended", "agreement.wound_down"]
        assert told(session, "agreement_ended") == 2


def test_clearances_end_when_nothing_is_honoured_any_more(database: Database) -> None:
    """28 days after the last; from then on retention counts. A suspension ends none."""
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        (bound,) = bound_versions(session, agreement_id=agreement.id)
        of_north, of_east = (
            sharing.a_clearance(session, bound, build.a_nurse(session, home)[0], south)
            for home in (north, east)
        )
        agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(east), now=NOW
        )
        suspend(session, agreement, north, north)
        assert keep(session, 90 + 28).let_go == 0
        assert keep(session, 90 + 29).let_go == 1
        assert (of_east.state, of_east.ended_because) == (ClearanceState.ENDED, "wound_down")
        assert of_north.state is not ClearanceState.ENDED
        last = (END - TODAY).days
        keep(session, last + 28)
        assert of_north.state is not ClearanceState.ENDED
        assert keep(session, last + 29).let_go == 1
        assert of_north.state is ClearanceState.ENDED


def test_a_night_shift_that_began_on_the_last_day_is_covered_and_none_after(
    database: Database,
) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south, ends_on="2026-09-07")
        (bound,) = bound_versions(session, agreement_id=agreement.id)
        asked: dict[str, Any] = {
            "home_id": north.id, "host_id": south.id,
            "staff_group": bound.terms.scope[0].staff_group,
            "grade": bound.terms.scope[0].grades[0],
        }  # fmt: skip
        assert bound.covers(day=TODAY, **asked)
        assert not bound.covers(day=TODAY + timedelta(days=1), **asked)
        assert state(session, agreement, north, NOW + timedelta(days=1)) == ShownState.EXPIRED


def test_jobs_alone_keep_agreements(database: Database) -> None:
    with database.transaction() as session:
        (north,) = trusts(session, "North")
        with pytest.raises(Forbidden):
            agreement_keeping.keep(session, by=agreeing.manager(north), now=NOW)


def test_derived_by_night_days_that_are_past_go_and_new_sites_count(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        site = build.a_site(session, south)
        agreeing.agreed(
            session, north, south, ends_on="2026-10-01",
            parties=[sharing.party(north, "home"), sharing.party(south, "host", site.code)],
        )  # fmt: skip
        rows = session.scalars(sa.select(Coverage.site_id)).all()
        assert rows == [site.id]
        by = job()
        assert agreement_keeping.derive(session, by=by, now=NOW) == 1
        last = date(2026, 10, 1) - TODAY
        assert agreement_keeping.derive(session, by=by, now=NOW + last) == 1
        assert agreement_keeping.derive(session, by=by, now=NOW + last + timedelta(days=1)) == 0
        with pytest.raises(Forbidden):
            agreement_keeping.derive(session, by=agreeing.manager(north), now=NOW)


DEEDS: list[Callable[[Session, Agreement, Organisation], Any]] = [
    lambda s, a, o: agreement_ends.give_notice(
        s, agreement_id=a.id, by=agreeing.manager(o), now=NOW
    ),
    lambda s, a, o: agreement_ends.terminate(
        s, agreement_id=a.id, because="x", for_safety=True, by=agreeing.manager(o), now=NOW
    ),
]


@pytest.mark.parametrize("deed", DEEDS)
def test_no_other_organisation_ends_it(
    database: Database, deed: Callable[[Session, Agreement, Organisation], Any]
) -> None:
    with database.transaction() as session:
        north, south, third = trusts(session, "North", "South", "Third")
        agreement = agreeing.agreed(session, north, south)
        with pytest.raises(NotFound):
            deed(session, agreement, third)
