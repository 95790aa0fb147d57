"""Credentials that no record here can be made into: qualification, competence, induction,
clearance, licence to attend. An officer states the claims, and the type refuses what may not be."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.people.people import person_of
from passport.actions.permission import demand
from passport.actions.signing.credential_life import demand_another, refuse_wrong
from passport.actions.telling import tell_person
from passport.actors import Actor
from passport.errors import Invalid, Reason, Refused
from passport.events import record
from passport.model.credential_types import credential_types
from passport.model.credentials import Bundle, Credential, CredentialState
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.issuing.issue_claims import FROM_RECORDS
from passport.rules.permissions import Deed

ENDS = {"licence_to_attend": "ends_on"}
"""Types that end by themselves, and the claim that says on which day."""


def decide_stated(
    session: Session,
    *,
    person_id: UUID,
    kind: str,
    claims: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> Credential:
    """Decide one credential with these claims, asserted and checked by the actor's own
    organisation. What can be made from records is made from them alone."""
    demand(by, Deed.ISSUE)
    person = person_of(session, person_id=person_id, by=by)
    demand_another(session, person.id, by)
    _refuse_kind(kind)
    home = session.get_one(Organisation, person.organisation_id)
    said = {"provider": home.ods_code, "verifier": home.ods_code, **claims}
    refuse_wrong(kind, said)
    if {said["provider"], said["verifier"]} != {home.ods_code}:
        wrong = {name: ["is this organisation's own code"] for name in ("provider", "verifier")}
        raise Invalid("claims", "An organisation speaks for itself alone.", wrong)
    session.execute(
        sa.select(Person.id).where(Person.id == person.id).with_for_update(key_share=True)
    )
    _refuse_without_identity(session, person)
    return _put_on_record(session, person, kind, said, home, by, now)


def _refuse_kind(kind: str) -> None:
    if kind not in credential_types():
        raise Invalid("types", fields={"type": ["is no type of credential"]})
    if kind in FROM_RECORDS:
        raise Invalid("types", fields={"type": ["is made from what is on record alone"]})


def _refuse_without_identity(session: Session, person: Person) -> None:
    standing = sa.select(Credential.id).where(
        Credential.person_id == person.id,
        Credential.type == "identity",
        Credential.state.in_((CredentialState.OFFERED, CredentialState.HELD)),
    )
    if person.left_at is not None:
        raise Refused([Reason("has_left", text="They have left this organisation.")])
    if session.scalars(standing.limit(1)).first() is None:
        raise Refused([Reason("no_identity", text="Issue their identity first.")])


def _put_on_record(
    session: Session,
    person: Person,
    kind: str,
    claims: dict[str, Any],
    home: Organisation,
    by: Actor,
    now: datetime,
) -> Credential:
    bundle = Bundle(
        organisation_id=home.id, person_id=person.id, decided_at=now, decided_by_id=by.account_id
    )
    session.add(bundle)
    session.flush()
    made = Credential(
        organisation_id=home.id, person_id=person.id, bundle_id=bundle.id, type=kind,
        version=credential_types()[kind].version, claims=claims, decided_at=now, changed_at=now,
        valid_until=_end_of(kind, claims),
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(
        session, "bundle.decided", subject_id=bundle.id, organisation_id=home.id, by=by, now=now,
        tell=[tell_person("passport_offered", person.id, organisation=home.name)],
        person=person.id, types=[kind],
    )  # fmt: skip
    return made


def _end_of(kind: str, claims: Mapping[str, Any]) -> datetime | None:
    """The first moment after the last day; a day later in UTC than in London harms nobody."""
    name = ENDS.get(kind)
    if name is None:
        return None
    after = date.fromisoformat(claims[name]) + timedelta(days=1)
    return datetime.combine(after, time(), UTC)
