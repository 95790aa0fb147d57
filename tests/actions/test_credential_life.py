"""What may become of a credential after it was decided, who may do it, and who learns of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.people import people
from passport.actions.signing import credential_life as life
from passport.actors import AccessRole, Actor, job
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Event, Notice, NoticeState
from passport.model.accounts import RoleGrant
from passport.model.credential_types import HolderRejection, Revocation, Suspension, Withdrawal
from passport.model.credentials import Credential, CredentialCopy, CredentialState
from passport.model.people import Person
from tests.support import build, issuing
from tests.support.build_people import kept
from tests.support.issuing import NOW, World

S = CredentialState
LATER = NOW + timedelta(hours=1)
Life = Callable[..., Any]


def officer(world: World, **changes: Any) -> Actor:
    actor = build.an_actor(world.organisation, AccessRole.HR_OFFICER, stepped_up=True)
    return replace(actor, **changes)


def holder(world: World, person: Person) -> Actor:
    return build.an_actor(world.organisation, AccessRole.WORKER, person=person)


def offered(session: Session) -> tuple[World, Person, dict[str, Credential]]:
    world = issuing.a_trust(session)
    nurse = issuing.a_holder(session, world)
    return world, nurse, of(session, nurse)


def held(session: Session) -> tuple[World, Person, dict[str, Credential]]:
    world, nurse, credentials = offered(session)
    wallet, key = issuing.a_wallet(session, world, nurse)
    issuing.collected(session, world, nurse, wallet, key)
    issuing.a_gate(session, world, wallet, key)
    return world, nurse, credentials


def of(session: Session, person: Person) -> dict[str, Credential]:
    found = session.scalars(
        sa.select(Credential).where(Credential.person_id == person.id).order_by(Credential.id)
    )
    return {one.type: one for one in found}


def statuses(session: Session) -> dict[str, int]:
    """What the status lists say, by type of credential; the gate token is `gate`."""
    rows = session.execute(
        sa.select(Credential.type, CredentialCopy.status)
        .select_from(CredentialCopy)
        .outerjoin(Credential, Credential.id == CredentialCopy.credential_id)
    )
    return {kind or "gate": status for kind, status in rows}


def events(session: Session, begins: str = "credential.") -> list[Event]:
    found = sa.select(Event).where(Event.kind.startswith(begins)).order_by(Event.id)
    return list(session.scalars(found))


def notices(session: Session) -> list[Notice]:
    return list(session.scalars(sa.select(Notice).where(Notice.template.startswith("passport_"))))


STEPS: Mapping[Life, tuple[Any, set[CredentialState]]] = {
    life.withdraw: (Withdrawal.ISSUED_IN_ERROR, {S.OFFERED}),
    life.suspend: (Suspension.NOT_CURRENTLY_AVAILABLE, {S.OFFERED, S.HELD}),
    life.revoke: (Revocation.PROVIDED_IN_ERROR, {S.HELD, S.SUSPENDED}),
    life.resolve: (None, {S.REJECTED}),
}
"""Deed → its reason and the states it leads from."""


@pytest.mark.parametrize("deed", STEPS, ids=lambda deed: deed.__name__)
@pytest.mark.parametrize("state", S)
def test_a_step_is_refused_with_a_reason_wherever_it_does_not_lead_from(
    sqlite_database: Database, deed: Life, state: CredentialState
) -> None:
    reason, since = STEPS[deed]
    given = {"reason": reason} if reason else {}
    with sqlite_database.transaction() as session:
        world, _nurse, credentials = held(session)
        one = credentials["dbs_outcome"]
        one.state = state
        one.reason = Suspension.NOT_CURRENTLY_AVAILABLE if state is S.SUSPENDED else None
        session.flush()
        arguments = {"credential_id": one.id, "by": officer(world), "now": LATER, **given}
        if state in since:
            deed(session, **arguments)
            assert one.state is not state
            return
        with pytest.raises(Refused) as refused:
            deed(session, **arguments)
        assert one.state is state
        assert refused.value.reasons[0].text


def test_what_is_suspended_is_told_by_its_list_and_good_again_when_reinstated(
    database: Database,
) -> None:
    why = {"reason": Suspension.NOT_CURRENTLY_AVAILABLE, "now": LATER}
    with database.transaction() as session:
        world, nurse, credentials = held(session)
        post, by = credentials["employment_assignment"], officer(world)
        life.suspend(session, credential_id=post.id, by=by, **why)
        assert (post.state, statuses(session)["gate"]) == (S.SUSPENDED, 2)
        assert statuses(session)["employment_assignment"] == 2
        assert statuses(session)["training_award"] == 0
        life.reinstate(session, credential_id=post.id, by=by, **why)
        assert (post.state, post.reason, set(statuses(session).values())) == (S.HELD, None, {0})
        assert [one.kind for one in events(session)] == [
            "credential.suspended", "credential.reinstated",
        ]  # fmt: skip
        assert [one.to_person_id for one in notices(session)] == [nurse.id, nurse.id]


def test_two_reasons_hold_back_until_neither_holds(database: Database) -> None:
    away, register = Suspension.NOT_CURRENTLY_AVAILABLE, Suspension.REGISTER_ENTRY_CHANGED
    with database.transaction() as session:
        world, _nurse, credentials = held(session)
        one = credentials["professional_registration"]
        at = {"credential_id": one.id, "now": LATER}
        life.suspend(session, reason=away, by=officer(world), **at)
        life.suspend(session, reason=register, by=job(), **at)
        with pytest.raises(Refused, match="already_suspended"):
            life.suspend(session, reason=register, by=job(), **at)
        life.reinstate(session, reason=register, by=job(), **at)
        assert one.state is S.SUSPENDED
        with pytest.raises(Refused, match="not_suspended_for"):
            life.reinstate(session, reason=register, by=job(), **at)
        life.reinstate(session, reason=away, by=officer(world), **at)
        assert one.state is S.HELD


def test_what_was_never_accepted_is_on_offer_again_when_reinstated(database: Database) -> None:
    why = {"reason": Suspension.REGISTER_ENTRY_CHANGED, "by": job(), "now": LATER}
    with database.transaction() as session:
        _world, _nurse, credentials = offered(session)
        one = credentials["professional_registration"]
        life.suspend(session, credential_id=one.id, **why)
        with pytest.raises(Refused, match="not_accepted"):
            life.accept(session, credential_id=one.id, by=job(), now=LATER)
        life.reinstate(session, credential_id=one.id, **why)
        assert one.state is S.OFFERED


def test_jobs_suspend_for_what_registers_say_and_for_nothing_else(database: Database) -> None:
    with database.transaction() as session:
        _world, _nurse, credentials = held(session)
        one = credentials["professional_registration"]
        for reason in (Suspension.NOT_CURRENTLY_AVAILABLE, Suspension.PHONE_LOST):
            with pytest.raises(Forbidden):
                life.suspend(
                    session, credential_id=one.id, reason=reason, by=job(), now=LATER
                )
        with pytest.raises(Forbidden):
            life.revoke(
                session, credential_id=one.id, reason=Revocation.NO_LONGER_VALID, by=job(),
                now=LATER,
            )  # fmt: skip
        assert one.state is S.HELD


@pytest.mark.parametrize("deed", [life.withdraw, life.suspend, life.revoke])
def test_only_a_stepped_up_officer_of_the_issuer_acts(
    sqlite_database: Database, deed: Life
) -> None:
    reason = STEPS[deed][0]
    given = {"reason": reason} if reason else {}
    with sqlite_database.transaction() as session:
        world, _nurse, credentials = held(session)
        other = World(build.an_organisation(session))
        arguments = {"credential_id": credentials["dbs_outcome"].id, "now": LATER, **given}
        with pytest.raises(NotFound):
            deed(session, by=officer(other), **arguments)
        with pytest.raises(Forbidden, match="step_up_needed"):
            deed(session, by=officer(world, stepped_up=False), **arguments)
        worker = officer(world, roles=frozenset({AccessRole.WORKER}))
        with pytest.raises(Forbidden, match="forbidden"):
            deed(session, by=worker, **arguments)
        assert credentials["dbs_outcome"].state is S.HELD


def test_the_holder_turns_down_what_waits_and_the_issuers_officers_are_told(
    database: Database,
) -> None:
    with database.transaction() as session:
        world, nurse, credentials = offered(session)
        account = build.an_account(session)
        kept(session, RoleGrant(
            account_id=account.id, organisation_id=world.id, role=AccessRole.HR_OFFICER,
            granted_at=NOW,
        ))  # fmt: skip
        one = credentials["training_award"]
        life.reject(
            session, credential_id=one.id, reason=HolderRejection.INCORRECT,
            by=holder(world, nurse), now=LATER,
        )  # fmt: skip
        assert (one.state, one.reason) == (S.REJECTED, "incorrect")
        assert [one.to_account_id for one in notices(session)] == [account.id]
        assert credentials["identity"].state is S.OFFERED
        life.resolve(session, credential_id=one.id, by=officer(world), now=LATER)
        assert (one.state, one.reason) == (S.RESOLVED, "incorrect")


def test_nobody_turns_down_for_another(database: Database) -> None:
    with database.transaction() as session:
        world, _nurse, credentials = offered(session)
        stranger = build.a_person(session, world.organisation, given_name="Mo")
        for by in (holder(world, stranger), officer(world)):
            with pytest.raises(NotFound):
                life.reject(
                    session, credential_id=credentials["identity"].id,
                    reason=HolderRejection.OTHER, by=by, now=LATER,
                )  # fmt: skip


def test_what_was_accepted_cannot_be_turned_down(database: Database) -> None:
    with database.transaction() as session:
        world, nurse, credentials = held(session)
        with pytest.raises(Refused, match="not_rejected"):
            life.reject(
                session, credential_id=credentials["identity"].id,
                reason=HolderRejection.OTHER, by=holder(world, nurse), now=LATER,
            )  # fmt: skip


def test_an_older_credential_gives_way_when_the_newer_is_accepted(database: Database) -> None:
    with database.transaction() as session:
        world, nurse, credentials = held(session)
        old = credentials["training_award"]
        claims = {**old.claims, "awarded_on": "2026-10-01"}
        (new,) = issuing.decided(session, world, nurse, {"training_award": claims})
        new.supersedes_id = old.id
        assert old.state is S.HELD
        life.accept(session, credential_id=new.id, by=job(), now=LATER)
        assert (new.state, new.accepted_at, old.state) == (S.HELD, LATER, S.SUPERSEDED)
        assert statuses(session)["training_award"] == 1
        life.accept(session, credential_id=new.id, by=job(), now=LATER + timedelta(hours=1))
        assert new.accepted_at == LATER


def test_a_look_at_the_register_that_finds_the_same_changes_when_and_where_only(
    database: Database,
) -> None:
    with database.transaction() as session:
        world, _nurse, credentials = held(session)
        one = credentials["professional_registration"]
        before = dict(one.claims)
        life.refresh_check(
            session, credential_id=one.id, checked_at=LATER, source="REGISTER_FILE", by=job(),
            now=LATER,
        )  # fmt: skip
        changed = {name for name in before if before[name] != one.claims[name]}
        assert changed == {"checked_at", "source", "last_refresh"}
        assert one.claims["checked_at"] == "2026-11-02T10:30:00Z"
        with pytest.raises(Invalid, match="claims"):
            life.refresh_check(
                session, credential_id=one.id, checked_at=LATER, source="HEARSAY", by=job(),
                now=LATER,
            )  # fmt: skip
        with pytest.raises(Invalid, match="not_a_registration"):
            life.refresh_check(
                session, credential_id=credentials["identity"].id, checked_at=LATER,
                source="REGISTER_FILE", by=officer(world), now=LATER,
            )  # fmt: skip


def test_a_new_condition_takes_the_old_credentials_place_at_once(database: Database) -> None:
    with database.transaction() as session:
        _world, nurse, credentials = held(session)
        old = credentials["professional_registration"]
        limit = {"type": "CONDITIONS", "start": "2026-11-01"}
        claims = {**old.claims, "registration_status": "CONDITIONS", "restrictions": [limit]}
        new = life.renew(session, credential_id=old.id, claims=claims, by=job(), now=LATER)
        assert (old.state, new.state, new.accepted_at) == (S.SUPERSEDED, S.HELD, NOW)
        assert new.supersedes_id == old.id
        assert statuses(session)["professional_registration"] == 1
        assert [one.to_person_id for one in notices(session)] == [nurse.id]


def test_a_renewal_of_what_is_held_back_stays_held_back(database: Database) -> None:
    with database.transaction() as session:
        world, _nurse, credentials = held(session)
        old = credentials["professional_registration"]
        why = Suspension.NOT_CURRENTLY_AVAILABLE
        life.suspend(session, credential_id=old.id, reason=why, by=officer(world), now=LATER)
        new = life.renew(session, credential_id=old.id, claims=old.claims, by=job(), now=LATER)
        assert (new.state, new.reason) == (S.SUSPENDED, why)


def test_a_job_renews_registrations_only_and_no_claim_that_is_refused(database: Database) -> None:
    with database.transaction() as session:
        world, _nurse, credentials = held(session)
        post = credentials["dbs_outcome"]
        with pytest.raises(Forbidden):
            life.renew(session, credential_id=post.id, claims=post.claims, by=job(), now=LATER)
        with pytest.raises(Invalid) as wrong:
            life.renew(
                session, credential_id=post.id, claims={**post.claims, "is_clean": True},
                by=officer(world), now=LATER,
            )  # fmt: skip
        assert "is_clean" in wrong.value.fields


def test_nobody_reinstates_or_renews_their_own(database: Database) -> None:
    with database.transaction() as session:
        world, nurse, credentials = held(session)
        one = credentials["dbs_outcome"]
        why = Suspension.NOT_CURRENTLY_AVAILABLE
        by = officer(world, person_id=nurse.holder_id)
        life.suspend(session, credential_id=one.id, reason=why, by=by, now=LATER)
        with pytest.raises(Refused, match="own_passport"):
            life.reinstate(session, credential_id=one.id, reason=why, by=by, now=LATER)
        with pytest.raises(Refused, match="own_passport"):
            life.renew(session, credential_id=one.id, claims=one.claims, by=by, now=LATER)


def test_when_somebody_leaves_their_employment_ends_and_facts_stay(database: Database) -> None:
    with database.transaction() as session:
        world, nurse, credentials = held(session)
        people.let_go(session, person_id=nurse.id, by=officer(world), now=LATER)
        ended = {kind for kind, one in credentials.items() if one.state is S.REVOKED}
        assert ended == {"employment_assignment"}
        assert credentials["employment_assignment"].reason == Revocation.LEAVING_ORGANISATION
        assert statuses(session)["employment_assignment"] == 1
        assert [one.to_person_id for one in notices(session)] == [nurse.id]


def test_what_waits_for_a_leaver_is_withdrawn(database: Database) -> None:
    with database.transaction() as session:
        world, nurse, credentials = offered(session)
        people.let_go(session, person_id=nurse.id, by=officer(world), now=LATER)
        states = {kind: one.state for kind, one in credentials.items()}
        assert states.pop("employment_assignment") is S.WITHDRAWN
        assert set(states.values()) == {S.OFFERED}


def test_when_somebody_has_died_everything_ends_in_silence(database: Database) -> None:
    with database.transaction() as session:
        world, nurse, credentials = held(session)
        by = officer(world)
        away = Suspension.NOT_CURRENTLY_AVAILABLE
        life.suspend(
            session, credential_id=credentials["dbs_outcome"].id, reason=away, by=by, now=LATER
        )
        with pytest.raises(NotFound):
            other = World(build.an_organisation(session))
            life.deceased(session, person_id=nurse.id, by=officer(other), now=LATER)
        life.deceased(session, person_id=nurse.id, by=by, now=LATER)
        assert {one.state for one in credentials.values()} == {S.REVOKED}
        assert set(statuses(session).values()) == {1}
        session.expire_all()
        assert {one.state for one in notices(session)} == {NoticeState.DEAD}


def test_events_tell_no_claim(database: Database) -> None:
    with database.transaction() as session:
        world, nurse, credentials = held(session)
        one = credentials["professional_registration"]
        life.renew(session, credential_id=one.id, claims=one.claims, by=job(), now=LATER)
        life.deceased(session, person_id=nurse.id, by=officer(world), now=LATER)
        told = str([one.detail for one in events(session)])
        assert told
        for value in (nurse.family_name, "01A2345N", "NMC", "1990"):
            assert value not in told


def test_an_unknown_credential_is_not_found(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        for deed in (life.accept, life.resolve):
            with pytest.raises(NotFound):
                deed(session, credential_id=UUID(int=7), by=officer(world), now=LATER)
