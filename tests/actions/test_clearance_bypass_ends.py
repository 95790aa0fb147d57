"""A bypass covers an item as it stood: what its issuer does to it afterwards ends the bypass."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_bypasses as bypasses
from bankhub.actions.clearances import clearances
from bankhub.model.clearance_values import ItemState, item_of
from bankhub.model.clearances import BypassEnd, Clearance, ClearanceBypass, ClearanceState
from bankhub.model.policies import DatedPolicy, PolicyKind
from bankhub.model.reference import national_policies
from passport.actions.signing import credential_life
from passport.actors import operator
from passport.db import Database
from passport.errors import Refused
from passport.events import Notice
from passport.model.credential_types import Revocation, Suspension
from passport.model.credentials import Credential
from tests.support import clearing, issuing
from tests.support.build_people import NOW, kept
from tests.support.clearing import World, a_world, an_officer, cleared, officer

CLEARED, NOT_CLEARED = ClearanceState.CLEARED, ClearanceState.NOT_CLEARED
SOON = date(2026, 9, 20)
OLD = {"awarded_on": "2024-06-01"}
Setup = tuple[Clearance, ClearanceBypass]


@pytest.fixture
def world(database: Database) -> World:
    with database.transaction() as session:
        return a_world(session)


@pytest.fixture
def reading(database: Database) -> Iterator[Session]:
    with database.reading() as session:
        yield session


def award(world: World, subject: str = "IPC") -> Credential:
    return next(one for one in world.held if one.claims.get("subject_code") == subject)


def out_of_date(session: Session, world: World) -> Clearance:
    """Cleared, but for one award that is too old here."""
    row = cleared(session, world)
    kept = session.get_one(Credential, award(world).id)
    kept.claims = {**issuing.SAID[kept.type], **issuing.PROVENANCE, **kept.claims, **OLD}
    clearances.redecide(session, clearance_ids=[row.id], because="test", by=operator(), now=NOW)
    assert row.state is NOT_CLEARED
    return row


def bypassed(database: Database, world: World, *, grant: bool = True) -> Setup:
    with database.transaction() as session:
        row = out_of_date(session, world)
        first, second = (an_officer(session, world.host) for _ in range(2))
        asked = bypasses.ask_bypass(
            session, clearance_id=row.id, item="training.IPC", because="Booked on Friday's day.",
            until_on=SOON, by=first, now=NOW,
        )  # fmt: skip
        if grant:
            bypasses.grant_bypass(session, bypass_id=asked.id, by=second, now=NOW)
        assert row.state is (CLEARED if grant else NOT_CLEARED)
    return row, asked


def suspend(session: Session, world: World, one: Credential) -> None:
    credential_life.suspend(
        session, credential_id=one.id, reason=Suspension.SUSPECT_NO_LONGER_VALID,
        by=officer(world.home), now=NOW,
    )  # fmt: skip


def reinstate(session: Session, world: World, one: Credential) -> None:
    credential_life.reinstate(
        session, credential_id=one.id, reason=Suspension.SUSPECT_NO_LONGER_VALID,
        by=officer(world.home), now=NOW,
    )  # fmt: skip


def revoke(session: Session, world: World, one: Credential) -> None:
    credential_life.revoke(
        session, credential_id=one.id, reason=Revocation.PROVIDED_IN_ERROR,
        by=officer(world.home), now=NOW,
    )  # fmt: skip


def replace(session: Session, world: World, one: Credential, **change: Any) -> None:
    said = {**session.get_one(Credential, one.id).claims, **change}
    credential_life.renew(
        session, credential_id=one.id, claims=said, by=officer(world.home), now=NOW
    )


CHANGES: dict[str, Callable[[Session, World, Credential], None]] = {
    "held back": suspend,
    "ended": revoke,
}


def now_at(session: Session, found: Setup) -> Setup:
    return session.get_one(Clearance, found[0].id), session.get_one(ClearanceBypass, found[1].id)


@pytest.mark.parametrize("change", CHANGES)
def test_what_its_issuer_takes_back_is_set_aside_no_longer(
    database: Database, world: World, change: str
) -> None:
    found = bypassed(database, world)
    with database.transaction() as session:
        an_officer(session, world.home)
        booking = clearing.a_booking(session, world)
    with database.transaction() as session:
        CHANGES[change](session, world, award(world))

    with database.reading() as session:
        row, bypass = now_at(session, found)
        (missing,) = (one for one in map(item_of, row.items) if one.state is ItemState.MISSING)
        told = clearing.events(session, "clearance.decided")[-1]
        letters = {one.template for one in session.query(Notice)}
        ended = clearing.events(session, "bypass.ended")
    assert (row.state, missing.code) == (NOT_CLEARED, "training.IPC")
    assert (bypass.ended_at, bypass.ended_because) == (NOW, BypassEnd.ITEM_CHANGED)
    assert told.detail["blocked"] == [str(booking.id)]
    assert letters >= {"clearance_changed", "clearance_changed_home", "clearance_changed_host"}
    assert [one.detail["because"] for one in ended] == ["item_changed"]


def test_of_several_changes_at_once_none_is_lost(database: Database, world: World) -> None:
    found = bypassed(database, world)
    with database.transaction() as session:
        revoke(session, world, award(world))
        suspend(session, world, award(world, "FIRE"))
        reinstate(session, world, award(world, "FIRE"))
    with database.reading() as session:
        row, bypass = now_at(session, found)
        assert (row.state, bypass.ended_because) == (NOT_CLEARED, BypassEnd.ITEM_CHANGED)


def test_it_does_not_come_back_with_the_item(database: Database, world: World) -> None:
    found = bypassed(database, world)
    with database.transaction() as session:
        suspend(session, world, award(world))
    with database.transaction() as session:
        reinstate(session, world, award(world))
    with database.reading() as session:
        assert now_at(session, found)[0].state is NOT_CLEARED


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_only_asked_for_is_not_granted_any_more(
    database: Database, world: World, change: str
) -> None:
    found = bypassed(database, world, grant=False)
    with database.transaction() as session:
        CHANGES[change](session, world, award(world))
    with database.transaction() as session:
        second = an_officer(session, world.host)
        assert bypasses.waiting(session, by=second, now=NOW) == []
        with pytest.raises(Refused):
            bypasses.grant_bypass(session, bypass_id=found[1].id, by=second, now=NOW)


def test_another_award_of_the_same_kind_is_another_item(
    database: Database, world: World
) -> None:
    found = bypassed(database, world)
    fire = award(world, "FIRE")
    with database.transaction() as session:
        suspend(session, world, fire)
    with database.transaction() as session:
        reinstate(session, world, fire)
    with database.reading() as session:
        row, bypass = now_at(session, found)
        assert (row.state, bypass.ended_at) == (CLEARED, None)


def test_what_is_set_aside_anew_stands(database: Database, world: World) -> None:
    """Two people saw that it was ended, and decided about that."""
    bypassed(database, world)
    with database.transaction() as session:
        revoke(session, world, award(world))
    with database.transaction() as session:
        row = session.query(Clearance).one()
        first, second = (an_officer(session, world.host) for _ in range(2))
        asked = bypasses.ask_bypass(
            session, clearance_id=row.id, item="training.IPC", because="Trained tomorrow.",
            until_on=SOON, by=first, now=NOW,
        )  # fmt: skip
        bypasses.grant_bypass(session, bypass_id=asked.id, by=second, now=NOW)
    with database.reading() as session:
        assert session.query(Clearance).one().state is CLEARED


def test_what_the_agreement_does_not_share_says_nothing_to_the_host(
    database: Database, world: World
) -> None:
    """That training was ended is not for a host that may not read training."""
    with database.transaction() as session:
        version = session.get_one(clearing.sharing.AgreementVersion, world.agreement.version_id)
        kept = [one for one in version.terms["data_categories"] if one != "training"]
        version.terms = {**version.terms, "data_categories": kept}
        clearing.build.an_event(session, world.home.id)
    with database.transaction() as session:
        row = cleared(session, world)
        first, second = (an_officer(session, world.host) for _ in range(2))
        asked = bypasses.ask_bypass(
            session, clearance_id=row.id, item="training.IPC", because="Seen on paper.",
            until_on=SOON, by=first, now=NOW,
        )  # fmt: skip
        bypasses.grant_bypass(session, bypass_id=asked.id, by=second, now=NOW)
    with database.transaction() as session:
        revoke(session, world, award(world))
    with database.reading() as session:
        assert session.get_one(ClearanceBypass, asked.id).ended_at is None


def test_one_taken_back_says_so(database: Database, world: World) -> None:
    _, asked = bypassed(database, world)
    with database.transaction() as session:
        by = an_officer(session, world.host)
        bypasses.end_bypass(session, bypass_id=asked.id, by=by, now=NOW)
    with database.reading() as session:
        found = session.get_one(ClearanceBypass, asked.id)
    assert found.ended_because == BypassEnd.TAKEN_BACK


@pytest.mark.parametrize("deed", ["refused", "taken back"])
def test_what_was_answered_already_stays_as_it_was(
    database: Database, world: World, deed: str
) -> None:
    _, asked = bypassed(database, world, grant=False)
    done = bypasses.refuse_bypass if deed == "refused" else bypasses.end_bypass
    with database.transaction() as session:
        done(session, bypass_id=asked.id, by=an_officer(session, world.host), now=NOW)
    with database.transaction() as session:
        revoke(session, world, award(world))
    with database.reading() as session:
        found = session.get_one(ClearanceBypass, asked.id)
        ended = clearing.events(session, "bypass.ended")
    assert found.ended_because == ("" if deed == "refused" else BypassEnd.TAKEN_BACK)
    assert len(ended) == (0 if deed == "refused" else 1)


def test_another_statement_of_the_issuer_ends_it_and_a_fresh_copy_does_not(
    database: Database, world: World
) -> None:
    found = bypassed(database, world)
    with database.transaction() as session:
        replace(session, world, award(world), last_refresh="2026-09-07T08:00:00Z")
    with database.reading() as session:
        row, bypass = now_at(session, found)
        (fresh,) = session.query(Credential).filter_by(supersedes_id=award(world).id)
        assert (row.state, bypass.ended_at) == (CLEARED, None)
    with database.transaction() as session:
        replace(session, world, fresh, awarded_on="2023-06-01")
    with database.reading() as session:
        row, bypass = now_at(session, found)
        assert (row.state, bypass.ended_at) == (NOT_CLEARED, NOW)


def test_what_nobody_decided_in_time_is_asked_for_again(database: Database, world: World) -> None:
    bypassed(database, world, grant=False)
    with database.transaction() as session:
        row = session.query(Clearance).one()
        bypasses.ask_bypass(
            session, clearance_id=row.id, item="training.IPC", because="Still not trained.",
            until_on=SOON + timedelta(days=2), by=an_officer(session, world.host),
            now=NOW + timedelta(days=14),
        )  # fmt: skip
        assert session.query(ClearanceBypass).count() == 2


def test_what_the_policy_no_longer_allows_is_not_granted(database: Database, world: World) -> None:
    """Asked for under one policy, and the host set aside less from the next hour."""
    found = bypassed(database, world, grant=False)
    values = {**national_policies(PolicyKind.CLEARANCE)[0].values, "bypass_days_max": 0}
    with database.transaction() as session:
        kept(
            session,
            DatedPolicy(
                organisation_id=world.host.id, kind=PolicyKind.CLEARANCE, staff_group=None,
                from_on=NOW.date(), values=values, source="Board", made_at=NOW,
            ),
            world.host.id,
        )  # fmt: skip
    with database.transaction() as session:
        second = an_officer(session, world.host)
        with pytest.raises(Refused) as refused:
            bypasses.grant_bypass(session, bypass_id=found[1].id, by=second, now=NOW)
    assert refused.value.code == "bypass_over"


def test_what_is_never_set_aside_is_not_granted_however_it_was_asked_for(
    database: Database, world: World
) -> None:
    """A row of an older version, which set more aside."""
    _, asked = bypassed(database, world, grant=False)
    with database.transaction() as session:
        session.get_one(ClearanceBypass, asked.id).item = "registration"
        clearing.build.an_event(session, world.host.id)
    with database.transaction() as session, pytest.raises(Refused):
        second = an_officer(session, world.host)
        bypasses.grant_bypass(session, bypass_id=asked.id, by=second, now=NOW)
