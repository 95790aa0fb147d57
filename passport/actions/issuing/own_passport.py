"""What a person sees of their own passport: what waits, what they hold, and who looked at it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.people.people import own_records
from passport.actions.permission import demand
from passport.actors import Actor
from passport.errors import NotFound
from passport.model.credentials import (
    LIVE,
    Credential,
    CredentialCopy,
    CredentialState,
    Wallet,
)
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.presentations import VerdictRecord
from passport.rules.permissions import Deed

ENDED_SHOWN = 20
LOOKS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Part:
    """What one organisation gave a person."""

    person_id: UUID
    organisation: str
    ods: str
    has_left: bool
    waiting: list[Credential] = field(default_factory=list)
    held: list[Credential] = field(default_factory=list)
    ended: list[Credential] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at the passport."""

    at: datetime
    organisation: str
    unit: str
    checker: str
    purpose: str
    channel: str
    offline: bool
    outcome: str
    kinds: tuple[str, ...]
    decision: str | None


def parts(session: Session, *, by: Actor) -> list[Part]:
    """The actor's passport, by the organisations that gave it."""
    records = {one.id: one for one in own_records(session, by=by)}
    names = {
        one.id: one
        for one in session.scalars(
            sa.select(Organisation).where(
                Organisation.id.in_({person.organisation_id for person in records.values()})
            )
        )
    }
    found = {
        person.id: Part(
            person.id, names[person.organisation_id].name, names[person.organisation_id].ods_code,
            person.left_at is not None,
        )
        for person in records.values()
    }  # fmt: skip
    for one in session.scalars(
        sa.select(Credential)
        .where(Credential.person_id.in_(records))
        .order_by(Credential.decided_at, Credential.id)
    ):
        _file(found[one.person_id], one)
    return [part for part in found.values() if part.waiting or part.held or part.ended]


def _file(part: Part, one: Credential) -> None:
    if one.state is CredentialState.OFFERED:
        part.waiting.append(one)
    elif one.state in LIVE:
        part.held.append(one)
    elif one.state is not CredentialState.SUPERSEDED:
        part.ended[:] = [one, *part.ended][:ENDED_SHOWN]


def waiting(session: Session, *, by: Actor) -> int:
    """How many credentials wait to be taken by the actor, from where they have not left."""
    return sum(len(part.waiting) for part in parts(session, by=by) if not part.has_left)


def own_credential(session: Session, *, credential_id: UUID, by: Actor) -> Credential:
    """One of the actor's own. Raises `NotFound`."""
    found = session.get(Credential, credential_id)
    if found is None or found.person_id not in {one.id for one in own_records(session, by=by)}:
        raise NotFound
    return found


def own_part(session: Session, *, person_id: UUID, by: Actor) -> Part:
    """What one organisation gave the actor, by its record of them. Raises `NotFound`."""
    found = next((one for one in parts(session, by=by) if one.person_id == person_id), None)
    if found is None:
        raise NotFound
    return found


def looks(
    session: Session, *, by: Actor, before: datetime | None = None
) -> Sequence[Look]:
    """Who checked the actor's passport, when, for what and with which outcome; newest first, those
    `before` a moment. By the record, and by each key that a wallet of theirs has used."""
    demand(by, Deed.USE_OWN_ACCOUNT)
    records = [one.id for one in own_records(session, by=by)]
    keys = (
        sa.select(CredentialCopy.holder_key)
        .join(Wallet, Wallet.id == CredentialCopy.wallet_id)
        .join(Person, Person.id == Wallet.person_id)
        .where(Person.id.in_(records))
    )
    rows = session.execute(
        sa.select(VerdictRecord, Organisation.name)
        .join(Organisation, Organisation.id == VerdictRecord.organisation_id)
        .where(sa.or_(VerdictRecord.person_id.in_(records), VerdictRecord.holder_key.in_(keys)))
        .where(VerdictRecord.at < before if before else sa.true())
        .order_by(VerdictRecord.at.desc())
        .limit(LOOKS_SHOWN)
    )
    return [
        Look(
            at=one.at,
            organisation=name,
            unit=one.unit,
            checker=one.checker,
            purpose=one.purpose,
            channel=one.channel.value,
            offline=one.offline,
            outcome=one.outcome,
            kinds=tuple(one.kinds),
            decision=one.decision,
        )
        for one, name in rows
    ]
