"""Builders of organisations, places, people and who acts. Use them through `build`."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.standing import note_changed_people, rebuild_standing
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.workers import BankPost
from passport.actors import AccessRole, Actor, operator
from passport.events import record
from passport.model.accounts import Account
from passport.model.facts import Fact, FactKind
from passport.model.organisations import Organisation, OrganisationKind
from passport.model.people import Person

NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)
"""A Monday, 10:00 on London clocks."""

Row = TypeVar("Row")

numbers = count(1)

NURSE_TRAINING = {
    **dict.fromkeys(("CR", "EDHR", "FIRE", "HSW", "IG"), 1),
    **dict.fromkeys(("IPC", "MH", "PREV", "RESUS_ADULT", "SGA", "SGC", "OMMT"), 2),
}
"""What the national defaults ask of an adult nurse: subject and level."""


def kept(session: Session, row: Row, organisation_id: UUID | None = None) -> Row:
    """Add the row, with the event that recorded tables need."""
    session.add(row)
    session.flush()
    kind = f"test.{type(row).__name__.lower()}"
    by = operator(organisation_id)
    record(session, kind, subject_id=row.id, by=by, now=NOW)  # type: ignore[attr-defined]
    return row


def rebuild(session: Session) -> None:
    """What people may be booked as, rebuilt at once and not only when the transaction commits."""
    rebuild_standing(session, person_ids=session.scalars(sa.select(Person.id)).all(), now=NOW)


def rebuilt(session: Session, person_id: UUID) -> None:
    """What the person may be booked as is rebuilt when the transaction commits."""
    note_changed_people(session, person_ids=[person_id], now=NOW)


def an_organisation(
    session: Session,
    *,
    ods_code: str | None = None,
    name: str = "Rivermead NHS Trust",
    kind: OrganisationKind = OrganisationKind.TRUST,
) -> Organisation:
    row = Organisation(ods_code=ods_code or f"X{next(numbers):03}", name=name, kind=kind)
    return kept(session, row, row.id)


def a_site(
    session: Session,
    organisation: Organisation,
    *,
    code: str | None = None,
    name: str = "Rivermead General",
    **fields: Any,
) -> Site:
    row = Site(
        organisation_id=organisation.id,
        code=code or f"{organisation.ods_code}{next(numbers):02}",
        name=name,
        **fields,
    )
    return kept(session, row, organisation.id)


def a_unit(
    session: Session,
    site: Site,
    *,
    code: str | None = None,
    name: str = "Ward 7",
    **fields: Any,
) -> Unit:
    row = Unit(
        organisation_id=site.organisation_id,
        site_id=site.id,
        code=code or f"WARD{next(numbers)}",
        name=name,
        **fields,
    )
    return kept(session, row, site.organisation_id)


def a_person(
    session: Session,
    organisation: Organisation,
    *,
    holder: Person | None = None,
    given_name: str = "Ada",
    family_name: str = "Okafor",
    date_of_birth: date = date(1990, 5, 17),
    **fields: Any,
) -> Person:
    """A record of a human; with `holder`, of the same human as that record."""
    row = Person(
        organisation_id=organisation.id,
        holder_id=organisation.id,
        given_name=given_name,
        family_name=family_name,
        date_of_birth=date_of_birth,
        created_at=fields.pop("created_at", NOW - timedelta(days=400)),
        **fields,
    )
    row.holder_id = holder.holder_id if holder else row.id
    return kept(session, row, organisation.id)


def a_post(
    session: Session,
    person: Person,
    *,
    organisation_id: UUID | None = None,
    staff_group: StaffGroup = StaffGroup.NURSING_MIDWIFERY,
    role: str = "rn_adult",
    grade: Grade = Grade.BAND_5,
    entitlements: Iterable[tuple[str, Grade]] = (),
    starts_on: date = date(2024, 1, 1),
    **fields: Any,
) -> BankPost:
    row = BankPost(
        organisation_id=organisation_id or person.organisation_id,
        person_id=person.id,
        assignment_number=fields.pop("assignment_number", f"2{next(numbers):07}"),
        staff_group=staff_group,
        role=role,
        grade=grade,
        entitlements=[[role, grade.value] for role, grade in entitlements],
        starts_on=starts_on,
        **fields,
    )
    rebuilt(session, person.id)
    return kept(session, row, row.organisation_id)


def a_fact(
    session: Session,
    person: Person,
    kind: FactKind,
    value: dict[str, Any] | None = None,
    **fields: Any,
) -> Fact:
    """A fact that the person's organisation has checked (`checked_by_id=None`: declared)."""
    row = Fact(
        person_id=person.id,
        kind=kind,
        value=value or {},
        source=fields.pop("source", "hr_file"),
        checked_at=fields.pop("checked_at", NOW - timedelta(days=30)),
        checked_by_id=fields.pop("checked_by_id", person.organisation_id),
        **fields,
    )
    rebuilt(session, person.id)
    return kept(session, row, person.organisation_id)


def a_nurses_papers(
    session: Session,
    person: Person,
    *,
    until: date = date(2027, 12, 31),
    trained_on: date = date(2026, 6, 1),
    without: Iterable[FactKind] = (),
    **fields: Any,
) -> list[Fact]:
    """Everything the national defaults ask of an adult nurse, but kinds named in `without`.

    Registration and right to work last `until`; every training was awarded on `trained_on`.
    """
    hundreds, rest = divmod(next(numbers), 10_000)
    number = f"{hundreds % 100:02}A{rest:04}N"  # a PIN also after ten thousand
    entry = {"body": "NMC", "number": number, "profession": "RNA", "status": "registered"}
    facts: list[tuple[FactKind, dict[str, Any], dict[str, Any]]] = [
        (FactKind.REGISTRATION, entry, {"valid_until": until}),
        (
            FactKind.RIGHT_TO_WORK,
            {"route": "unlimited", "check_route": "MANUAL"},
            {"valid_until": until},
        ),
        (
            FactKind.DBS,
            {"level": "enhanced_barred", "workforce": "adult"},
            {"awarded_on": date(2025, 1, 10)},
        ),
        *(
            (FactKind.TRAINING, {"subject": subject, "level": level}, {"awarded_on": trained_on})
            for subject, level in NURSE_TRAINING.items()
        ),
    ]
    left_out = set(without)
    return [
        a_fact(session, person, kind, value, **dates, **fields)
        for kind, value, dates in facts
        if kind not in left_out
    ]


def a_nurse(
    session: Session, organisation: Organisation, *, papers: bool = True, **fields: Any
) -> tuple[Person, BankPost]:
    """An adult nurse, band 5, with a post and all papers. `fields` are the post's, or the
    person's where the name is a person's."""
    names = {"holder", "given_name", "family_name", "date_of_birth", "mobile", "may_call", "email"}
    of_person = {name: fields.pop(name) for name in names & set(fields)}
    person = a_person(session, organisation, **of_person)
    post = a_post(session, person, **fields)
    if papers:
        a_nurses_papers(session, person)
    return person, post


def an_account(session: Session, *, email: str | None = None, **fields: Any) -> Account:
    row = Account(
        email=email or f"someone{next(numbers)}@example.org",
        created_at=fields.pop("created_at", NOW),
        **fields,
    )
    return kept(session, row)


def an_actor(
    organisation: Organisation | UUID | None,
    *roles: AccessRole,
    person: Person | None = None,
    account: Account | None = None,
    **fields: Any,
) -> Actor:
    """Somebody signed in. With `person`, the holder of that record; coordinator by default."""
    organisation_id = organisation.id if isinstance(organisation, Organisation) else organisation
    return Actor(
        account_id=account.id if account else None,
        organisation_id=organisation_id,
        roles=frozenset(roles or (AccessRole.ROTA_COORDINATOR,)),
        person_id=person.holder_id if person else None,
        **fields,
    )


def as_worker(person: Person, *, account: Account | None = None) -> Actor:
    """The person, signed in as a worker of the organisation whose record it is."""
    return an_actor(person.organisation_id, AccessRole.WORKER, person=person, account=account)


def an_event(session: Session, organisation_id: UUID) -> None:
    """What a test records that changes rows by hand."""
    record(session, "test.changed", subject_id=organisation_id, by=operator(), now=NOW)
