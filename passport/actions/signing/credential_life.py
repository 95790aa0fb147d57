"""The life of a credential after it was decided: accepted, turned down, held back, ended, renewed.

Every step locks the person's row first and the credential's second, so that two steps at once on
one person's credentials follow each other and the status lists say what both left behind. The
holder is told that something changed and where to read what; a letter never says what, and a
verifier never learns why.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.access import humans
from passport.actions.permission import demand
from passport.actions.signing import signing
from passport.actions.telling import tell_officers, tell_person
from passport.actors import Actor, Via
from passport.errors import Invalid, NotFound, Reason, Refused
from passport.events import Notice, NoticeState, record
from passport.model.credential_types import HolderRejection, Revocation, Suspension, Withdrawal
from passport.model.credentials import LIVE, Credential, CredentialState
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.credentials import credential_states
from passport.rules.credentials.credential_claims import wrong_claims
from passport.rules.credentials.credential_states import OF_REGISTERS, Step
from passport.rules.permissions import Deed

ENDS_WITH_EMPLOYMENT = ("employment_assignment", "licence_to_attend")
"""The rest are facts that stay true: training, qualifications, who somebody is."""
REGISTRATION = "professional_registration"


def accept(session: Session, *, credential_id: UUID, by: Actor, now: datetime) -> Credential:
    """The holder's wallet took it; what it was made to replace gives way now and not before.

    Who may take it is known to whoever checked the wallet's code: nothing is demanded here.
    Raises `Refused` where it is not on offer any more.
    """
    found = locked(session, credential_id)
    _demand_step(found, Step.ACCEPT)
    if found.state is CredentialState.HELD:
        return found
    found.accepted_at = now
    _step(session, found, Step.ACCEPT, by, now)
    _supersede_older(session, found, by, now)
    _publish(session, found)
    return found


def reject(
    session: Session, *, credential_id: UUID, reason: HolderRejection, by: Actor, now: datetime
) -> None:
    """The holder turns down what waits for them. The issuer's HR officers are told that it was,
    and look into it."""
    demand(by, Deed.USE_OWN_ACCOUNT)
    found = session.get(Credential, credential_id)
    holder = session.get_one(Person, found.person_id).holder_id if found else None
    if found is None or by.person_id is None or holder != by.person_id:
        raise NotFound
    found = locked(session, credential_id)
    _demand_step(found, Step.REJECT)
    told = tell_officers(session, "passport_rejected", found.organisation_id)
    _step(session, found, Step.REJECT, by, now, reason=reason, tell=told)
    _publish(session, found)


def resolve(session: Session, *, credential_id: UUID, by: Actor, now: datetime) -> None:
    """An officer looked into what the holder turned down."""
    found = _own(session, credential_id, by, Deed.ISSUE)
    _change(session, found, Step.RESOLVE, by, now, reason=found.reason)


def withdraw(
    session: Session, *, credential_id: UUID, reason: Withdrawal, by: Actor, now: datetime
) -> None:
    """Take back what its holder has not accepted yet."""
    found = _own(session, credential_id, by, Deed.ISSUE)
    _change(session, found, Step.WITHDRAW, by, now, reason=reason)


def suspend(
    session: Session, *, credential_id: UUID, reason: Suspension, by: Actor, now: datetime
) -> None:
    """Hold a credential back for a time, also one that its holder has not accepted yet. Another
    reason is added to those that stand. Jobs may do so for what registers say."""
    found = _own(session, credential_id, by, _deed_of(reason))
    standing = credential_states.suspensions(found.state, found.reason)
    if reason in standing:
        raise Refused([Reason("already_suspended", text="It is suspended for this already.")])
    all_reasons = credential_states.reason_of(standing | {reason})
    _change(session, found, Step.SUSPEND, by, now, reason=all_reasons)


def reinstate(
    session: Session, *, credential_id: UUID, reason: Suspension, by: Actor, now: datetime
) -> None:
    """What a credential was held back for holds no longer. It is good again once nothing else
    holds it back."""
    found = _own(session, credential_id, by, _deed_of(reason))
    demand_another(session, found.person_id, by)
    _demand_step(found, Step.REINSTATE)
    standing = credential_states.suspensions(found.state, found.reason)
    if reason not in standing:
        raise Refused([Reason("not_suspended_for", text="It is not suspended for this reason.")])
    left = credential_states.reason_of(standing - {reason})
    _change(session, found, Step.REINSTATE, by, now, reason=left)


def revoke(
    session: Session, *, credential_id: UUID, reason: Revocation, by: Actor, now: datetime
) -> None:
    """End an accepted credential for good."""
    found = _own(session, credential_id, by, Deed.ISSUE)
    _change(session, found, Step.REVOKE, by, now, reason=reason)


def refresh_check(
    session: Session,
    *,
    credential_id: UUID,
    checked_at: datetime,
    source: str,
    by: Actor,
    now: datetime,
) -> None:
    """The register was looked at again and says the same: only when and where is new. `source`
    is one of the type's. The holder's wallet comes for the fresh copy by itself."""
    found = _own(session, credential_id, by, Deed.CHECK_REGISTER)
    if found.type != REGISTRATION:
        raise Invalid("not_a_registration", "Only a registration is looked up on a register.")
    _demand_step(found, Step.REFRESH)
    at = checked_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    claims = {**found.claims, "checked_at": at, "source": source, "last_refresh": at}
    refuse_wrong(found.type, claims)
    found.claims = claims
    _record(session, found, Step.REFRESH, by, now, source=source)


def renew(
    session: Session,
    *,
    credential_id: UUID,
    claims: Mapping[str, Any],
    fact_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Credential:
    """Put a newer credential of the same thing in its place at once, e.g. with a condition that
    the register has now. It is as far accepted, or held back, as the old one was: a holder sees
    such a change and cannot keep it from the passport."""
    kept = session.get(Credential, credential_id)
    deed = Deed.CHECK_REGISTER if kept and kept.type == REGISTRATION else Deed.ISSUE
    old = _own(session, credential_id, by, deed)
    demand_another(session, old.person_id, by)
    _demand_step(old, Step.SUPERSEDE)
    refuse_wrong(old.type, claims)
    made = Credential(
        organisation_id=old.organisation_id, person_id=old.person_id, bundle_id=old.bundle_id,
        type=old.type, version=old.version, claims=dict(claims), fact_id=fact_id or old.fact_id,
        supersedes_id=old.id, state=old.state, reason=old.reason, decided_at=now,
        accepted_at=old.accepted_at, changed_at=now, valid_until=old.valid_until,
    )  # fmt: skip
    session.add(made)
    _step(session, old, Step.SUPERSEDE, by, now, reason=Revocation.REPLACED)
    _record(session, made, "renewed", by, now, tell=_to_holder(session, made), supersedes=old.id)
    _publish(session, made)
    return made


def leave(session: Session, *, person_id: UUID, by: Actor, now: datetime) -> None:
    """Employment ends: what says that it stands ends with it. To be called by the deed that ends
    it, which asks for permission."""
    person = session.get_one(Person, person_id)
    _lock(session, person_id)
    ended = _live(session, person_id, Credential.type.in_(ENDS_WITH_EMPLOYMENT))
    for one in ended:
        _end(session, one, Revocation.LEAVING_ORGANISATION, by, now)
    if ended:
        told = tell_person("passport_changed", person_id, organisation=_name(session, ended[0]))
        record(
            session, "passport.employment_ended", subject_id=person_id,
            organisation_id=person.organisation_id, by=by, now=now, tell=[told],
        )  # fmt: skip
        _publish(session, ended[0])


def deceased(session: Session, *, person_id: UUID, by: Actor, now: datetime) -> None:
    """The person has died: everything ends, and nobody is written to; letters that wait are not
    sent."""
    demand(by, Deed.ISSUE)
    end_all(session, person_id=person_id, why=Revocation.STAFF_MEMBER_DECEASED, by=by, now=now)


def end_all(
    session: Session, *, person_id: UUID, why: Revocation, by: Actor, now: datetime
) -> None:
    """Everything that the actor's organisation says of the person ends, in silence. The caller
    has asked for permission."""
    person = session.get(Person, person_id)
    if person is None or not _may(by, person.organisation_id):
        raise NotFound
    _lock(session, person_id)
    for one in _live(session, person_id):
        _end(session, one, why, by, now)
    session.execute(
        sa.update(Notice)
        .where(Notice.to_person_id == person_id, Notice.state == NoticeState.NEW)
        .values(state=NoticeState.DEAD, last_error="silenced")
    )
    record(
        session, "passport.silenced", subject_id=person_id,
        organisation_id=person.organisation_id, by=by, now=now,
    )  # fmt: skip
    signing.refresh_statuses(
        session, person_id=person_id, organisation_id=person.organisation_id
    )


def locked(session: Session, credential_id: UUID) -> Credential:
    """The credential as it stands, its person's row and its own locked until the transaction
    ends. Raises `NotFound`."""
    found = session.get(Credential, credential_id)
    if found is None:
        raise NotFound
    _lock(session, found.person_id)
    session.refresh(found, with_for_update=True)
    return found


def demand_another(session: Session, person_id: UUID, by: Actor) -> None:
    """Raise `Refused` (`own_passport`) where the actor is the person: nobody issues to
    themselves, not on another organisation's record of them either."""
    if by.via in (Via.OPERATOR, Via.JOB):
        return
    if humans.is_record_of(session, by, session.get_one(Person, person_id)):
        raise Refused([Reason("own_passport", text="Nobody decides on their own passport.")])


def refuse_wrong(kind: str, claims: Mapping[str, Any]) -> None:
    """Raise `Invalid` (`claims`) with what is wrong with the claims of a credential."""
    wrong = wrong_claims(kind, claims)
    if wrong:
        raise Invalid("claims", "A credential cannot say this.", wrong)


def _deed_of(reason: Suspension) -> Deed:
    return Deed.CHECK_REGISTER if reason in OF_REGISTERS else Deed.ISSUE


def _own(session: Session, credential_id: UUID, by: Actor, deed: Deed) -> Credential:
    demand(by, deed)
    found = session.get(Credential, credential_id)
    if found is None or not _may(by, found.organisation_id):
        raise NotFound
    return locked(session, credential_id)


def _may(by: Actor, organisation_id: UUID) -> bool:
    """The operator and jobs act for every organisation; a deed says whether jobs may do it."""
    return by.via in (Via.OPERATOR, Via.JOB) or by.organisation_id == organisation_id


def _lock(session: Session, person_id: UUID) -> None:
    session.execute(
        sa.select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    )


def _live(
    session: Session, person_id: UUID, *which: sa.ColumnElement[bool]
) -> Sequence[Credential]:
    return session.scalars(
        sa.select(Credential)
        .where(Credential.person_id == person_id, Credential.state.in_(LIVE), *which)
        .order_by(Credential.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _supersede_older(session: Session, made: Credential, by: Actor, now: datetime) -> None:
    if made.supersedes_id is None:
        return
    old = locked(session, made.supersedes_id)
    if old.state in LIVE:
        _step(session, old, Step.SUPERSEDE, by, now, reason=Revocation.REPLACED)


def _demand_step(found: Credential, step: Step) -> None:
    reasons = credential_states.why_not(step, found.state)
    if reasons:
        raise Refused(reasons)


def _change(
    session: Session, found: Credential, step: Step, by: Actor, now: datetime, *, reason: str | None
) -> None:
    """A step of the issuer, of which the holder is told."""
    _demand_step(found, step)
    _step(session, found, step, by, now, reason=reason, tell=_to_holder(session, found))
    _publish(session, found)


def _end(
    session: Session, one: Credential, why: Revocation, by: Actor, now: datetime
) -> None:
    """End what is live, in the way that its state allows; nobody is told of it alone."""
    if one.state is CredentialState.OFFERED:
        _step(session, one, Step.WITHDRAW, by, now, reason=Withdrawal.NO_LONGER_VALID)
    else:
        _step(session, one, Step.REVOKE, by, now, reason=why)


def _step(
    session: Session,
    found: Credential,
    step: Step,
    by: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    tell: Sequence[Any] = (),
) -> None:
    held_back = step is Step.REINSTATE and reason is not None
    found.state = credential_states.after(
        step, found.state, accepted=found.accepted_at is not None, held_back=held_back
    )
    found.reason, found.changed_at = reason, now
    _record(session, found, step, by, now, tell=tell, reason=reason)


def _record(
    session: Session,
    found: Credential,
    verb: str,
    by: Actor,
    now: datetime,
    *,
    tell: Sequence[Any] = (),
    **detail: Any,
) -> None:
    session.flush()
    record(
        session, f"credential.{verb}", subject_id=found.id, organisation_id=found.organisation_id,
        by=by, now=now, tell=tell, person=found.person_id, type=found.type, **detail,
    )  # fmt: skip


def _to_holder(session: Session, found: Credential) -> list[Any]:
    name = _name(session, found)
    return [tell_person("passport_changed", found.person_id, organisation=name)]


def _name(session: Session, found: Credential) -> str:
    return session.get_one(Organisation, found.organisation_id).name


def _publish(session: Session, found: Credential) -> None:
    signing.refresh_statuses(
        session, person_id=found.person_id, organisation_id=found.organisation_id
    )
