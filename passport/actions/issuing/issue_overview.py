"""Who has a passport, and where record and evidence differ: lists for an issuing organisation."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.issuing.issue_records import Drawn
from passport.actions.people.disputes import disputed_people
from passport.actions.people.people import people, person_of
from passport.actions.permission import demand
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import NotFound
from passport.model.credential_types import credential_types
from passport.model.credentials import Credential, CredentialState
from passport.model.people import Person
from passport.model.register_checks import RegisterCheck
from passport.rules.issuing.issue_claims import issuable
from passport.rules.people import mismatches
from passport.rules.people.mismatches import Mismatch
from passport.rules.permissions import Deed

S = CredentialState
MOST = 200
"""Rows of the queue that are shown of each kind; more wait until these are looked into."""
_SHOWN = (S.OFFERED, S.HELD, S.SUSPENDED, S.REJECTED)
_NOT_THEIRS = ("other_person", "name_differs")


@dataclass(frozen=True, slots=True)
class Listed:
    """A member of staff with how many credentials stand where."""

    person: Person
    states: Counter[CredentialState]


@dataclass(frozen=True, slots=True)
class Queued:
    """A difference that somebody has to look into."""

    person: Person
    mismatch: Mismatch


def listed(
    session: Session,
    *,
    by: Actor,
    name: str = "",
    after: UUID | None = None,
) -> list[Listed]:
    """The organisation's people by family name, with the state of their passports, a page at a
    time; `after` is the last person of the page before."""
    demand(by, Deed.READ_PASSPORTS)
    last = person_of(session, person_id=after, by=by) if after else None
    place = (last.family_name, last.given_name, last.id) if last else None
    found = people(session, by=by, name=name, after=place)
    counts: dict[UUID, Counter[CredentialState]] = defaultdict(Counter)
    rows = session.execute(
        sa.select(Credential.person_id, Credential.state, sa.func.count())
        .where(Credential.person_id.in_([one.id for one in found]), Credential.state.in_(_SHOWN))
        .group_by(Credential.person_id, Credential.state)
    )
    for person_id, state, count in rows:
        counts[person_id][state] = count
    return [Listed(person, counts[person.id]) for person in found]


def credentials_of(session: Session, *, person_id: UUID, by: Actor) -> Sequence[Credential]:
    """Every credential of a person of the actor's organisation, the newest first."""
    demand(by, Deed.READ_PASSPORTS)
    return session.scalars(
        sa.select(Credential)
        .where(
            Credential.person_id == person_id,
            Credential.organisation_id == own_organisation(by),
        )
        .order_by(Credential.decided_at.desc(), Credential.type, Credential.id)
    ).all()


def credential_of(session: Session, *, credential_id: UUID, by: Actor) -> Credential:
    """A credential of the actor's organisation. Raises `NotFound`."""
    demand(by, Deed.READ_PASSPORTS)
    found = session.get(Credential, credential_id)
    if found is None or found.organisation_id != own_organisation(by):
        raise NotFound
    return found


def mismatches_of(session: Session, found: Drawn) -> list[Mismatch]:
    """Every difference between one person's record and the evidence."""
    person, titles = found.person, _titles()
    current = [one for one in found.standing if one.state in (S.OFFERED, S.HELD, S.SUSPENDED)]
    identity = [one.claims for one in current if one.type == "identity"]
    differences: list[Mismatch] = []
    for claims in identity[-1:]:
        differences += mismatches.of_identity(
            person.given_name, person.family_name, person.date_of_birth, claims
        )
    differences += mismatches.of_claims(issuable(found.record), current, titles)
    differences += [mismatches.of_dispute(number) for number in sorted(found.disputed)]
    differences += [
        mismatches.of_register(one.body, one.number, one.because or "")
        for one in session.scalars(_of_others(RegisterCheck.person_id == person.id))
    ]
    return differences + [
        mismatches.of_rejection(titles[one.type], one.reason)
        for one in found.standing
        if one.state is S.REJECTED
    ]


def queue(session: Session, *, by: Actor) -> list[Queued]:
    """What has to be looked into in the actor's organisation."""
    demand(by, Deed.READ_PASSPORTS)
    found = [
        *_turned_down(session, by),
        *_other_people(session, by),
        *_other_identities(session, by),
    ]
    return found + [
        Queued(person, mismatches.of_dispute(number))
        for person, number in disputed_people(session, by=by)
    ]


def _turned_down(session: Session, by: Actor) -> list[Queued]:
    rows = session.execute(
        sa.select(Person, Credential.type, Credential.reason)
        .join(Credential, Credential.person_id == Person.id)
        .where(
            Credential.organisation_id == own_organisation(by), Credential.state == S.REJECTED
        )
        .order_by(Credential.changed_at)
        .limit(MOST)
    )
    titles = _titles()
    return [
        Queued(person, mismatches.of_rejection(titles[kind], reason))
        for person, kind, reason in rows
    ]


def _other_people(session: Session, by: Actor) -> list[Queued]:
    here = _of_others(RegisterCheck.organisation_id == own_organisation(by)).limit(MOST)
    looks = session.scalars(here).all()
    known = {one.id: one for one in _people(session, {look.person_id for look in looks})}
    return [
        Queued(
            known[look.person_id],
            mismatches.of_register(look.body, look.number, look.because or ""),
        )
        for look in looks
    ]


def _of_others(which: sa.ColumnElement[bool]) -> sa.Select[RegisterCheck]:
    """Looks that found somebody else, where no later look says otherwise."""
    later = sa.orm.aliased(RegisterCheck)
    return (
        sa.select(RegisterCheck)
        .where(
            which,
            RegisterCheck.because.in_(_NOT_THEIRS),
            ~sa.exists().where(
                later.person_id == RegisterCheck.person_id,
                later.body == RegisterCheck.body,
                later.at > RegisterCheck.at,
            ),
        )
        .order_by(RegisterCheck.at)
    )


def _people(session: Session, ids: set[UUID]) -> Sequence[Person]:
    return session.scalars(sa.select(Person).where(Person.id.in_(ids))).all()


def _other_identities(session: Session, by: Actor) -> list[Queued]:
    claims = Credential.claims
    given = sa.func.coalesce(claims["legal_given_names"].as_string(), "")
    differs = sa.or_(
        sa.func.lower(claims["legal_family_name"].as_string()) != sa.func.lower(Person.family_name),
        sa.func.lower(given) != sa.func.lower(Person.given_name),
        claims["date_of_birth"].as_string() != sa.cast(Person.date_of_birth, sa.String),
    )
    rows = session.execute(
        sa.select(Person, Credential.claims)
        .join(Credential, Credential.person_id == Person.id)
        .where(
            Credential.organisation_id == own_organisation(by),
            Credential.type == "identity",
            Credential.state.in_((S.OFFERED, S.HELD)),
            Person.left_at.is_(None),
            differs,
        )
        .order_by(Person.family_name, Person.given_name)
        .limit(MOST)
    )
    return [
        Queued(person, one)
        for person, said in rows
        for one in mismatches.of_identity(
            person.given_name, person.family_name, person.date_of_birth, said
        )
    ]


def _titles() -> dict[str, str]:
    return {name: kind.title for name, kind in credential_types().items()}

