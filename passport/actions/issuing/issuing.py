"""Deciding what a person's passport says: the decision is on record before anything is signed.

Decided is what the record proves at that moment, by somebody other than the person; what waits
for the holder and is overtaken by it is taken back in the same act. The holder accepts or turns
down each credential; only then is it signed for their wallet.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.issuing.issue_records import Drawn, Sources, draw
from passport.actions.people.people import person_of
from passport.actions.permission import demand
from passport.actions.signing import credential_life
from passport.actions.signing.credential_life import demand_another
from passport.actions.telling import tell_person
from passport.actors import Actor
from passport.batch import insert_many
from passport.db import new_id
from passport.errors import Invalid, Reason, Refused
from passport.events import Notice, NoticeState, Tell, notice_values, record
from passport.model.credential_types import Withdrawal, credential_types
from passport.model.credentials import Bundle, Credential, CredentialState
from passport.model.people import Person
from passport.rules.issuing.issue_claims import Missed
from passport.rules.issuing.issue_plan import Fresh
from passport.rules.permissions import Deed


@dataclass(frozen=True, slots=True)
class Decided:
    """A bundle, and what was left out of it with the reasons."""

    bundle_id: UUID
    types: tuple[str, ...]
    left_out: tuple[Missed, ...]


def preview(
    session: Session, *, person_id: UUID, sources: Sources, by: Actor, now: datetime
) -> Drawn:
    """A person's record as issuing would read it now."""
    demand(by, Deed.READ_PASSPORTS)
    person = person_of(session, person_id=person_id, by=by)
    (found,) = draw(session, [person], sources=sources, now=now)
    return found


def decide(
    session: Session,
    *,
    person_id: UUID,
    types: Collection[str] | None = None,
    sources: Sources,
    by: Actor,
    now: datetime,
) -> Decided:
    """Decide a bundle of everything that can be made of the record, or of those `types`.

    What is held already is not issued again, and what cannot be made is left out with its
    reasons. Raises `Refused` with every reason where nothing new can be decided.
    """
    demand(by, Deed.ISSUE)
    _refuse_unknown(types)
    person = person_of(session, person_id=person_id, by=by)
    demand_another(session, person.id, by)
    session.execute(
        sa.select(Person.id).where(Person.id == person.id).with_for_update(key_share=True)
    )
    if person.left_at is not None:
        raise Refused([Reason("has_left", text="They have left this organisation.")])
    (found,) = draw(session, [person], sources=sources, now=now)
    plan = found.plan(types)
    if not plan.fresh:
        blocked = [reason for one in plan.blocked for reason in one.reasons]
        nothing = Reason("nothing_new", text="There is nothing to issue that they do not have.")
        raise Refused(blocked or [nothing])
    bundle_id = _put_on_record(session, found, plan.fresh, by, now)
    return Decided(bundle_id, tuple(one.made.type for one in plan.fresh), plan.blocked)


def _refuse_unknown(types: Collection[str] | None) -> None:
    unknown = sorted(set(types or ()) - set(credential_types()))
    if unknown:
        wrong = {"types": [f"{', '.join(unknown)}: no such type"]}
        raise Invalid("types", "These are no types of credential.", wrong)


def _put_on_record(
    session: Session, found: Drawn, fresh: Collection[Fresh], by: Actor, now: datetime
) -> UUID:
    for one in fresh:
        for credential_id in one.takes_back:
            credential_life.withdraw(
                session, credential_id=credential_id, reason=Withdrawal.UPDATED_INFORMATION,
                by=by, now=now,
            )  # fmt: skip
    bundle_id = new_id()
    write(session, [Decision(found, tuple(fresh), bundle_id)], by_id=by.account_id, now=now)
    record(
        session, "bundle.decided", subject_id=bundle_id, by=by, now=now,
        organisation_id=found.person.organisation_id, tell=[offer_notice(found)],
        **decided_detail(found, fresh),
    )  # fmt: skip
    return bundle_id


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided of one person."""

    found: Drawn
    fresh: tuple[Fresh, ...]
    bundle_id: UUID


def decided_detail(found: Drawn, fresh: Iterable[Fresh]) -> dict[str, Any]:
    """What the event of a decision says: whose and which types, no claim."""
    return {"person": found.person.id, "types": [one.made.type for one in fresh]}


def offer_notice(found: Drawn) -> Tell:
    """The letter that something waits for the holder."""
    organisation = found.record.organisation
    return tell_person("passport_offered", found.person.id, organisation=organisation)


def write(
    session: Session,
    decisions: Collection[Decision],
    *,
    by_id: UUID | None,
    batch_id: UUID | None = None,
    now: datetime,
) -> None:
    """The rows of decisions, many at once. Whoever calls records the events."""
    versions = {name: kind.version for name, kind in credential_types().items()}
    insert_many(
        session,
        Bundle,
        ("id", "organisation_id", "person_id", "batch_id", "decided_at", "decided_by_id"),
        [
            (one.bundle_id, one.found.person.organisation_id, one.found.person.id, batch_id, now,
             by_id)
            for one in decisions
        ],
    )  # fmt: skip
    columns = (
        "id", "organisation_id", "person_id", "bundle_id", "type", "version", "claims", "fact_id",
        "supersedes_id", "state", "decided_at", "changed_at",
    )  # fmt: skip
    rows = [
        (new_id(), one.found.person.organisation_id, one.found.person.id, one.bundle_id,
         fresh.made.type, versions[fresh.made.type], fresh.made.claims, fresh.made.fact_id,
         fresh.replaces, CredentialState.OFFERED, now, now)
        for one in decisions
        for fresh in one.fresh
    ]  # fmt: skip
    insert_many(session, Credential, columns, rows)


def tell_many(session: Session, decisions: Collection[Decision], *, now: datetime) -> None:
    """The letters of decisions, many at once."""
    columns = (
        "dedupe", "to_person_id", "to_account_id", "template", "context", "due_at",
    )  # fmt: skip
    rows = []
    for one in decisions:
        values = notice_values(offer_notice(one.found), now)
        rows.append((new_id(), *(values[name] for name in columns), NoticeState.NEW, 0))
    insert_many(session, Notice, ("id", *columns, "state", "attempts"), rows)
