"""A party that is succeeded: a merger, a merger to come, a split, two that merge."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreement_ends, agreement_views
from bankhub.actions.agreements.agreement_records import versions_of
from bankhub.actions.agreements.agreement_succession import succeed
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.model.agreements import Agreement, AgreementParty, AgreementState
from bankhub.wiring import DOORS
from passport.actions.people import organisations
from passport.actors import operator
from passport.db import Database
from passport.errors import NotFound, Refused
from passport.model.organisations import MembershipKind, Organisation
from tests.actions.test_agreement_ends import (
    TODAY,
    a_manager,
    keep,
    lift,
    pairs,
    suspend,
    told,
    trusts,
)
from tests.support import agreeing, build
from tests.support.build import NOW


def merged(
    session: Session, old: Organisation, new: Organisation, closed_on: date, **when: Any
) -> None:
    organisations.close(
        session, ods_code=old.ods_code, closed_on=closed_on, successor_code=new.ods_code,
        by=operator(), now=NOW, **when,
    )  # fmt: skip


def test_a_successor_stands_in_the_same_place(database: Database) -> None:
    with database.transaction() as session:
        session.info["doors"] = DOORS
        north, south, new = trusts(session, "North", "South", "Northern")
        site = build.a_site(session, north)
        a_manager(session, south)
        first = agreeing.agreed(session, north, south)
        draft, _ = agreeing.drafted(session, north, south)
        merged(session, north, new, TODAY - timedelta(days=1))
        assert pairs(session) >= {("Northern", "South"), ("South", "Northern")}
        assert pairs(session) >= {("North", "South"), ("South", "North")}
        assert first.lead_id == draft.lead_id == new.id
        assert told(session, "agreement_succeeded") == 2
        found = agreement_views.one(
            session, agreement_id=first.id, by=agreeing.manager(new), now=NOW
        )
        assert found.is_lead
        assert {one.name: one.succeeded_by for one in found.parties} == {
            "North": "Northern", "Northern": "", "South": "",
        }  # fmt: skip
        assert site.organisation_id == north.id
        merged(session, north, new, TODAY - timedelta(days=1))
        assert told(session, "agreement_succeeded") == 2


def test_the_terms_name_who_stands_there_now(database: Database) -> None:
    """By its own code, and by those of whom it took over from, however far back."""
    with database.transaction() as session:
        north, south, new, newer = trusts(session, "North", "South", "New", "Newer")
        agreement = agreeing.agreed(session, north, south)
        for old, after in ((north, new), (new, newer)):
            succeed(session, old_id=old.id, new_id=after.id, by=operator(), now=NOW)
        (bound,) = bound_versions(session, agreement_id=agreement.id)
        assert bound.codes_of(newer.id) == (newer.ods_code, new.ods_code, north.ods_code)
        assert bound.codes_of(north.id) == (north.ods_code,)
        assert bound.codes_of(build.an_organisation(session).id) == ()
        found = [bound.standing_for(one.ods_code) for one in (north, new, newer, south)]
        assert [one and one.name for one in found] == ["Newer", "Newer", "Newer", "South"]
        assert bound.standing_for("ZZZ") is None


def test_a_merger_to_come_is_followed_when_it_comes(database: Database) -> None:
    with database.transaction() as session:
        session.info["doors"] = DOORS
        north, south, new = trusts(session, "North", "South", "Northern")
        agreeing.agreed(session, north, south)
        merged(session, north, new, TODAY + timedelta(days=10))
        assert pairs(session) == {("North", "South"), ("South", "North")}
        assert keep(session, 10).succeeded == 0
        assert keep(session, 11).succeeded == 1
        assert ("Northern", "South") in pairs(session)


def test_two_parties_that_merge_leave_nothing_to_agree(database: Database) -> None:
    with database.transaction() as session:
        session.info["doors"] = DOORS
        north, south = trusts(session)
        agreement = agreeing.agreed(session, north, south)
        merged(session, north, south, TODAY - timedelta(days=1))
        assert (agreement.state, agreement.ends_on) == (AgreementState.NOTICE_GIVEN, TODAY)
        assert agreement.lead_id == south.id


def test_a_split_is_followed_by_nobody(database: Database) -> None:
    with database.transaction() as session:
        session.info["doors"] = DOORS
        north, south, one, other = trusts(session, "North", "South", "One", "Other")
        agreeing.agreed(session, north, south)
        for new in (one, other):
            organisations.join(
                session, member_code=north.ods_code, group_code=new.ods_code,
                kind=MembershipKind.SUCCESSOR, from_on=TODAY + timedelta(days=1), by=operator(),
                now=NOW,
            )  # fmt: skip
        assert keep(session, 5).succeeded == 0


def test_two_that_each_took_over_the_other_go_round_no_circle(database: Database) -> None:
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        for old, new in ((north, south), (south, north)):
            succeed(session, old_id=old.id, new_id=new.id, by=operator(), now=NOW)
        rows = session.scalars(
            sa.select(AgreementParty.succeeded_by_id).where(
                AgreementParty.agreement_id == agreement.id,
                AgreementParty.succeeded_by_id.is_not(None),
            )
        ).all()
        assert rows == [south.id]


def test_what_the_successor_does_holds_for_the_old_codes_people(database: Database) -> None:
    with database.transaction() as session:
        north, south, new = trusts(session, "North", "South", "Northern")
        agreement = agreeing.agreed(session, north, south)
        succeed(session, old_id=north.id, new_id=new.id, by=operator(), now=NOW)
        suspend(session, agreement, new, new)
        assert not pairs(session) - {("North", "Northern"), ("Northern", "North")}
        lift(session, agreement, new, new)
        assert ("North", "South") in pairs(session)
        agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(new), now=NOW
        )
        assert agreeing.last_day(session, agreement) == TODAY + timedelta(days=90)


def test_the_successor_signs_a_version_that_names_it(database: Database) -> None:
    with database.transaction() as session:
        north, south, new = trusts(session, "North", "South", "Northern")
        agreement = agreeing.agreed(session, north, south)
        succeed(session, old_id=north.id, new_id=new.id, by=operator(), now=NOW)
        before = versions_of(session, agreement.id)[-1].terms
        second = agreeing.varied(
            session, agreement, new,
            parties=[{**before["parties"][0], "ods": new.ods_code}, before["parties"][1]],
            contacts=agreeing.contacts(new, south),
        )  # fmt: skip
        agreeing.signed(session, second, new, south)
        found = agreement_views.one(
            session, agreement_id=agreement.id, by=agreeing.manager(new), now=NOW
        )
        assert [one.in_force for one in found.versions] == [True, False]
        assert pairs(session) == {("Northern", "South"), ("South", "Northern")}


def test_a_suspension_goes_on_where_the_party_merged_into_another(database: Database) -> None:
    """For the old code's people alone; who suspended, or stands where it stood, lifts it."""
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        suspend(session, agreement, south, south)
        succeed(session, old_id=south.id, new_id=east.id, by=operator(), now=NOW)
        assert pairs(session) == {("North", "East"), ("East", "North")}
        assert [liftable(session, agreement, one) for one in (north, south, east)] == [
            set(), set(), {"South"},
        ]  # fmt: skip
        for other, refusal in ((north, Refused), (south, NotFound)):
            with pytest.raises(refusal):
                lift(session, agreement, south, other)
        lift(session, agreement, south, east)
        assert ("South", "North") in pairs(session)


def test_what_the_lead_suspended_the_lead_lifts_after_the_merger(database: Database) -> None:
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        suspend(session, agreement, south, north)
        succeed(session, old_id=south.id, new_id=east.id, by=operator(), now=NOW)
        assert [liftable(session, agreement, one) for one in (north, east)] == [{"South"}, set()]
        with pytest.raises(Refused, match="suspended_by_another"):
            lift(session, agreement, south, east)
        lift(session, agreement, south, north)
        assert ("South", "North") in pairs(session)


def test_who_took_over_a_suspended_party_is_not_lifted_with_it(database: Database) -> None:
    """Two suspensions, of the old code and of the one it merged into: each by its own hand."""
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        suspend(session, agreement, south, south)
        succeed(session, old_id=south.id, new_id=east.id, by=operator(), now=NOW)
        suspend(session, agreement, east, north)
        lift(session, agreement, south, east)
        assert not pairs(session)
        assert liftable(session, agreement, north) == {"East"}
        lift(session, agreement, east, north)
        assert len(pairs(session)) == 6


def test_a_suspended_party_that_takes_over_another_covers_none_of_its_people(
    database: Database,
) -> None:
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        suspend(session, agreement, east, north)
        assert len(pairs(session)) == 2
        succeed(session, old_id=south.id, new_id=east.id, by=operator(), now=NOW)
        assert not pairs(session)
        lift(session, agreement, east, north)
        assert len(pairs(session)) == 6


def test_a_new_code_takes_the_suspension_over_and_it_is_lifted_once(database: Database) -> None:
    with database.transaction() as session:
        north, south, east, new = trusts(session, "North", "South", "East", "New")
        agreement = agreeing.agreed(session, north, south, east)
        suspend(session, agreement, south, south)
        succeed(session, old_id=south.id, new_id=new.id, by=operator(), now=NOW)
        assert pairs(session) == {("North", "East"), ("East", "North")}
        assert liftable(session, agreement, new) == {"New"}
        lift(session, agreement, new, new)
        assert {("South", "East"), ("New", "East")} < pairs(session)


def test_who_merges_into_a_party_that_leaves_leaves_with_it(database: Database) -> None:
    with database.transaction() as session:
        north, south, east, west = trusts(session, "North", "South", "East", "West")
        agreement = agreeing.agreed(session, north, south, east, west)
        notice: dict[str, Any] = {"agreement_id": agreement.id, "now": NOW}
        agreement_ends.give_notice(session, by=agreeing.manager(east), **notice)
        succeed(session, old_id=south.id, new_id=east.id, by=operator(), now=NOW)
        after = TODAY + timedelta(days=91)
        assert pairs(session, after) == {("North", "West"), ("West", "North")}
        agreement_ends.withdraw_notice(session, by=agreeing.manager(east), **notice)
        assert len(pairs(session, after)) == 12


def test_who_left_before_the_merger_is_covered_by_no_later_notice(database: Database) -> None:
    with database.transaction() as session:
        north, south, east, west = trusts(session, "North", "South", "East", "West")
        agreement = agreeing.agreed(session, north, south, east, west)
        agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(south), now=NOW
        )
        later = NOW + timedelta(days=120)
        succeed(session, old_id=south.id, new_id=east.id, by=operator(), now=later)
        agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(east), now=later
        )
        assert not any("South" in pair for pair in pairs(session, later.date()))


def test_the_next_lead_lifts_what_the_last_one_suspended(database: Database) -> None:
    """And a party that is suspended is not the next lead, while there is another."""
    with database.transaction() as session:
        north, south, east = trusts(session, "North", "South", "East")
        agreement = agreeing.agreed(session, north, south, east)
        suspend(session, agreement, south, north)
        agreement_ends.give_notice(
            session, agreement_id=agreement.id, by=agreeing.manager(north), now=NOW
        )
        keep(session, 91)
        assert agreement.lead_id == east.id
        later: dict[str, Any] = {
            "agreement_id": agreement.id, "organisation_id": south.id,
            "now": NOW + timedelta(days=91),
        }  # fmt: skip
        with pytest.raises(Refused, match="suspended_by_another"):
            agreement_ends.lift_suspension(session, by=agreeing.manager(south), **later)
        agreement_ends.lift_suspension(session, by=agreeing.manager(east), **later)


def liftable(session: Session, agreement: Agreement, here: Organisation) -> set[str]:
    """Whose suspension the organisation is offered to lift."""
    try:
        found = agreement_views.one(
            session, agreement_id=agreement.id, by=agreeing.manager(here), now=NOW
        )
    except NotFound:
        return set()
    return {one.name for one in found.parties if one.may_lift}
