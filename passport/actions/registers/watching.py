"""What follows from a change on a register: for the credential, and for everybody concerned.

A lapse, suspension or removal holds the registration credential back; a condition is put into it
at once. The holder, the HR officers at home and every organisation that relied on the passport
are told, and nobody outside home why. The holder sees what was done and cannot undo it
(passport.md §4, cases 4, 5, 6 and 22).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.signing import credential_life
from passport.actions.telling import tell_officers, tell_person
from passport.actors import Actor
from passport.events import record
from passport.london import london_day
from passport.model.credential_types import Suspension
from passport.model.credentials import LIVE, Credential, CredentialState
from passport.model.facts import Fact, FactKind
from passport.model.people import Person
from passport.model.presentations import VerdictRecord
from passport.model.register_words import Status, watch_policy
from passport.rules.credentials import credential_states
from passport.rules.people import register_answers as answers
from passport.rules.people.register_answers import Asked

CHANGED, LOOK_AGAIN = "registration.changed", "passport.look_again"
TYPE = "professional_registration"
SOURCE_OF = {"register": "REGISTER_API", "register_file": "REGISTER_FILE"}
_METHOD = {"register": "PRIMARY_SOURCE_API", "register_file": "PRIMARY_SOURCE_FILE"}
_WHERE_CHECKED = frozenset({"checked_at", "source", "last_refresh", "verification_method"})
"""Claims that say when and where was looked; another look alone changes nothing else."""


def on_look(
    session: Session, *, asked: Asked, before: Mapping[str, Any], by: Actor, now: datetime
) -> bool:
    """See to what the latest fact about a number means; whether that was a change of standing.

    To be called when a look at a register has been put on record.
    """
    fact = session.scalars(
        sa.select(Fact)
        .where(
            Fact.person_id == asked.person_id,
            Fact.kind == FactKind.REGISTRATION,
            Fact.lookup == answers.lookup_of(asked),
            Fact.superseded_by_id.is_(None),
        )
        .order_by(Fact.checked_at.desc())
    ).first()
    if fact is None:
        return False
    told = _update_credentials(session, fact, by, now)
    news = answers.is_news(before, fact.value)
    if news:
        status = Status(str(fact.value["register_status"]))
        tell_change(session, fact=fact, status=status, holder_told=told, by=by, now=now)
    return news


def tell_change(
    session: Session, *, fact: Fact, status: Status, holder_told: bool, by: Actor, now: datetime
) -> None:
    """Record that an entry's standing changed; tell holder, home, and whoever relied on it."""
    person = session.get_one(Person, fact.person_id)
    told = tell_officers(session, "registration_changed_home", person.organisation_id)
    if not holder_told:
        told.append(tell_person("registration_changed", person.id))
    others = _relied_on(session, person, now)
    record(
        session, CHANGED, subject_id=person.id, organisation_id=person.organisation_id, by=by,
        now=now, tell=told, fact=fact.id, status=status.value, told=len(others),
    )  # fmt: skip
    for organisation_id in others:
        record(
            session, LOOK_AGAIN, subject_id=person.id, organisation_id=organisation_id, by=by,
            now=now, tell=tell_officers(session, "registration_look_again", organisation_id),
            home=person.organisation_id,
        )  # fmt: skip


def _relied_on(session: Session, person: Person, now: datetime) -> list[UUID]:
    """The other organisations that have the human on record, or lately checked a passport of
    theirs."""
    records = sa.select(Person.id).where(Person.holder_id == person.holder_id)
    since = now - timedelta(days=watch_policy(london_day(now)).relied_on_days)
    checked = session.scalars(
        sa.select(VerdictRecord.organisation_id)
        .where(VerdictRecord.person_id.in_(records), VerdictRecord.at >= since)
        .distinct()
    )
    on_record = session.scalars(
        sa.select(Person.organisation_id).where(
            Person.holder_id == person.holder_id, Person.left_at.is_(None)
        )
    )
    found = {*checked, *on_record} - {person.organisation_id}
    return sorted(found, key=str)


def _update_credentials(session: Session, fact: Fact, by: Actor, now: datetime) -> bool:
    """Make the credentials of this entry say, or be, what the fact comes to; whether the holder
    was told of it on the way."""
    carried, told = answers.may_be_carried(fact.value), False
    for one in credentials_of(session, fact):
        if carried:
            told |= _bring_up_to_date(session, one, fact, by, now)
        else:
            told |= hold_back(session, one, by=by, now=now)
    return told


def credentials_of(session: Session, fact: Fact) -> list[Credential]:
    """The live registration credentials about the entry that a fact is about."""
    found = session.scalars(
        sa.select(Credential).where(
            Credential.person_id == fact.person_id,
            Credential.type == TYPE,
            Credential.state.in_(LIVE),
        )
    )
    return [
        one
        for one in found
        if f"{one.claims.get('body')}:{one.claims.get('number')}" == fact.lookup
    ]


def hold_back(session: Session, one: Credential, *, by: Actor, now: datetime) -> bool:
    """Suspend a credential for what a register says; False where it is already."""
    reason = Suspension.REGISTER_ENTRY_CHANGED
    if reason in credential_states.suspensions(one.state, one.reason):
        return False
    credential_life.suspend(session, credential_id=one.id, reason=reason, by=by, now=now)
    return True


def _bring_up_to_date(
    session: Session, one: Credential, fact: Fact, by: Actor, now: datetime
) -> bool:
    """Refresh or renew a credential whose entry stands, and let go what a register held back."""
    claims = _claims(one, fact)
    changed = _substance(claims) != _substance(one.claims)
    if changed:
        one = credential_life.renew(
            session, credential_id=one.id, claims=claims, fact_id=fact.id, by=by, now=now
        )
    else:
        credential_life.refresh_check(
            session, credential_id=one.id, checked_at=fact.checked_at, source=claims["source"],
            by=by, now=now,
        )  # fmt: skip
    reason = Suspension.REGISTER_ENTRY_CHANGED
    held = reason in credential_states.suspensions(one.state, one.reason)
    if held:
        credential_life.reinstate(session, credential_id=one.id, reason=reason, by=by, now=now)
    return changed or held


def _claims(one: Credential, fact: Fact) -> dict[str, Any]:
    at = fact.checked_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    claims = {
        **one.claims,
        **answers.claims_of(fact.value, fact.valid_until),
        "checked_at": at,
        "last_refresh": at,
        "source": SOURCE_OF.get(fact.source, "REGISTER_SEARCH"),
        "verification_method": _METHOD.get(fact.source, "DOCUMENT_AND_RECORD"),
    }
    return {name: said for name, said in claims.items() if said is not None}


def _substance(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said for name, said in claims.items() if name not in _WHERE_CHECKED}


def close_ended(session: Session, *, by: Actor, now: datetime, limit: int = 200) -> int:
    """Hold back the credentials of registrations whose last day on record is over; how many.

    At midnight an entry that nobody renewed has ended; the next look at the register lets it go.
    """
    today = london_day(now)
    ended = session.execute(
        sa.select(Fact, Credential)
        .join(
            Credential,
            sa.and_(
                Credential.person_id == Fact.person_id,
                Credential.type == TYPE,
                Credential.state.in_((CredentialState.OFFERED, CredentialState.HELD)),
            ),
        )
        .where(
            Fact.kind == FactKind.REGISTRATION,
            Fact.superseded_by_id.is_(None),
            Fact.valid_until < today,
        )
        .limit(limit)
    ).all()
    count = 0
    for fact, one in ended:
        entry = f"{one.claims.get('body')}:{one.claims.get('number')}"
        if entry == fact.lookup and hold_back(session, one, by=by, now=now):
            tell_change(session, fact=fact, status=Status.LAPSED, holder_told=True, by=by, now=now)
            count += 1
    return count
