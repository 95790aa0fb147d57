"""What an organisation holds of people, drawn together for issuing: in as many questions for ten
thousand as for one.

Posts are kept by the floor above, which hands a way to look them up: a copy here would grow old.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.people.disputes import disputed_numbers
from passport.actions.people.evidence import as_value
from passport.actions.people.identity_checks import counts
from passport.london import london_day
from passport.model.credentials import Credential, IdentityCheck, PersonPhoto
from passport.model.facts import Fact
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.issuing import issue_plan
from passport.rules.issuing.issue_claims import HeldFact, Identity, Job, Record, issuable
from passport.rules.issuing.issue_plan import Plan, Standing
from passport.sealing import Vault

JobsOf = Callable[[Session, Sequence[UUID]], Mapping[UUID, Sequence[Job]]]
"""The posts of people's records with their own organisation."""


def no_jobs(_session: Session, _people: Sequence[UUID]) -> Mapping[UUID, Sequence[Job]]:
    """Where no floor keeps posts."""
    return {}


@dataclass(frozen=True, slots=True)
class Sources:
    """What issuing is lent: where posts are looked up and what opens sealed photos."""

    vault: Vault
    jobs_of: JobsOf = no_jobs


@dataclass(frozen=True, slots=True)
class Drawn:
    """One person's record as issuing reads it, and what was decided of them before."""

    person: Person
    record: Record
    standing: tuple[Standing, ...]
    disputed: frozenset[str] = field(default=frozenset())

    def plan(self, types: Collection[str] | None = None) -> Plan:
        """What deciding now would come to."""
        return issue_plan.plan(
            issuable(self.record), self.standing, types=types, disputed=self.disputed
        )


def draw(
    session: Session, people: Sequence[Person], *, sources: Sources, now: datetime
) -> list[Drawn]:
    """The records of people of one organisation, in their order."""
    if not people:
        return []
    ids = [person.id for person in people]
    home = session.get_one(Organisation, people[0].organisation_id)
    facts, checks = _facts(session, ids), _identities(session, ids)
    standing, photos = _standing(session, ids), _photos(session, ids, sources.vault)
    jobs, disputed = sources.jobs_of(session, ids), disputed_numbers(session, ids)
    return [
        Drawn(
            person,
            Record(
                ods=home.ods_code,
                organisation=home.name,
                given_name=person.given_name,
                family_name=person.family_name,
                date_of_birth=person.date_of_birth,
                today=london_day(now),
                identity=checks.get(person.id),
                facts=facts[person.id],
                jobs=jobs.get(person.id, ()),
                photo=photos.get(person.id),
            ),
            tuple(standing[person.id]),
            frozenset(disputed.get(person.id, ())),
        )
        for person in people
    ]


def _facts(session: Session, people: Sequence[UUID]) -> dict[UUID, list[HeldFact]]:
    found: dict[UUID, list[HeldFact]] = defaultdict(list)
    rows = session.scalars(
        sa.select(Fact)
        .where(Fact.person_id.in_(people), Fact.superseded_by_id.is_(None))
        .order_by(Fact.kind, Fact.checked_at, Fact.id)
    )
    for fact in rows:
        found[fact.person_id].append(HeldFact(fact.id, as_value(fact)))
    return found


def _identities(session: Session, people: Sequence[UUID]) -> dict[UUID, Identity]:
    """The newest check that counts, of each person."""
    rows = session.scalars(
        sa.select(IdentityCheck)
        .where(IdentityCheck.person_id.in_(people), counts())
        .order_by(IdentityCheck.checked_on, IdentityCheck.first_at)
    )
    return {
        one.person_id: Identity(one.route, one.checked_on, one.checked_by, one.gpg45_profile)
        for one in rows
    }


def _standing(session: Session, people: Sequence[UUID]) -> dict[UUID, list[Standing]]:
    found: dict[UUID, list[Standing]] = defaultdict(list)
    rows = session.execute(
        sa.select(
            Credential.person_id, Credential.id, Credential.type, Credential.claims,
            Credential.state, Credential.reason,
        )
        .where(Credential.person_id.in_(people))
        .order_by(Credential.decided_at, Credential.id)
    )  # fmt: skip
    for person_id, *values in rows:
        names = ("id", "type", "claims", "state", "reason")
        found[person_id].append(Standing(**dict(zip(names, values, strict=True))))
    return found


def _photos(session: Session, people: Sequence[UUID], vault: Vault) -> dict[UUID, bytes]:
    rows = session.execute(
        sa.select(PersonPhoto.person_id, PersonPhoto.sealed_photo).where(
            PersonPhoto.person_id.in_(people)
        )
    )
    return {
        person_id: vault.unseal(sealed, belongs_to=photo_place(person_id))
        for person_id, sealed in rows
    }


def photo_place(person_id: UUID) -> str:
    """What a photo is sealed to."""
    return f"person_photo:{person_id}:photo"
