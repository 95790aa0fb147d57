"""People as one organisation has them on record: added, corrected, leaving; every read scoped."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.access import accounts
from passport.actions.changes import Change, set_fields
from passport.actions.permission import demand
from passport.actions.signing import credential_life
from passport.actions.tenancy import own_organisation, within
from passport.actors import Actor
from passport.db import new_id
from passport.errors import Cure, Invalid, NotFound, Reason, Refused
from passport.events import record
from passport.model.accounts import Account, RoleGrant
from passport.model.people import Person
from passport.rules.access.emails import tidy_email
from passport.rules.people.person_entry import tidy_mobile, wrong_person
from passport.rules.people.same_person import same_name
from passport.rules.permissions import Deed

LONDON = ZoneInfo("Europe/London")
PAGE = 50


class PersonFields(TypedDict, total=False):
    """What is stated of a person; what is not stated stays as it is."""

    given_name: str
    family_name: str
    date_of_birth: date
    email: str | None
    mobile: str | None
    may_call: bool


def add_person(
    session: Session,
    *,
    organisation_id: UUID,
    fields: PersonFields,
    by: Actor,
    now: datetime,
    another_human: bool = False,
) -> Person:
    """Put a person on the organisation's record.

    Raises `Refused` (`possible_duplicate`) where somebody of that name and date of birth is on it
    already, unless `another_human` says that they are two people; `Invalid` for what cannot be.
    """
    demand(by, Deed.EDIT_PERSON)
    within(by, organisation_id)
    values = _tidy(fields)
    _refuse_wrong(values, now, needed=("family_name", "date_of_birth"))
    if not another_human:
        _refuse_duplicate(session, organisation_id, values)
    person_id = new_id()
    person = Person(
        id=person_id,
        organisation_id=organisation_id,
        holder_id=person_id,
        created_at=now,
        **{"given_name": "", **values},
    )
    session.add(person)
    session.flush()
    record(
        session,
        "person.added",
        subject_id=person.id,
        organisation_id=organisation_id,
        by=by,
        now=now,
        another_human=another_human,
    )
    return person


def correct_person(
    session: Session, *, person_id: UUID, fields: PersonFields, by: Actor, now: datetime
) -> Change:
    """Correct what is stated. Raises `Invalid`, and `NotFound` for another organisation's person.

    The event names the fields, never what stood in them.
    """
    demand(by, Deed.EDIT_PERSON)
    person = person_of(session, person_id=person_id, by=by)
    refuse_erased(person)
    values = _tidy(fields)
    _refuse_wrong(values, now)
    changed = set_fields(person, values)
    if not changed:
        return Change.UNCHANGED
    record(
        session,
        "person.corrected",
        subject_id=person.id,
        organisation_id=person.organisation_id,
        by=by,
        now=now,
        fields=sorted(changed),
    )
    return Change.CHANGED


def let_go(session: Session, *, person_id: UUID, by: Actor, now: datetime) -> Change:
    """The person has left the organisation: they can be booked there no more, and what their
    account may do there ends at once, with its sessions and tokens.

    Raises `Refused` (`last_manager`) where nobody would be left to let people in.
    """
    demand(by, Deed.EDIT_PERSON)
    person = person_of(session, person_id=person_id, by=by)
    if person.left_at is not None:
        return Change.UNCHANGED
    person.left_at = now
    here = replace(by, organisation_id=person.organisation_id)
    for account_id in _accounts_here(session, person):
        accounts.leave(session, account_id=account_id, by=here, now=now)
    credential_life.leave(session, person_id=person.id, by=here, now=now)
    record(
        session,
        "person.left",
        subject_id=person.id,
        organisation_id=person.organisation_id,
        by=by,
        now=now,
    )
    return Change.CHANGED


def take_back(session: Session, *, person_id: UUID, by: Actor, now: datetime) -> Change:
    """Somebody who left is on the organisation's record again; posts are given anew."""
    demand(by, Deed.EDIT_PERSON)
    person = person_of(session, person_id=person_id, by=by)
    refuse_erased(person)
    if person.left_at is None:
        return Change.UNCHANGED
    person.left_at = None
    record(
        session,
        "person.returned",
        subject_id=person.id,
        organisation_id=person.organisation_id,
        by=by,
        now=now,
    )
    return Change.CHANGED


def _accounts_here(session: Session, person: Person) -> list[UUID]:
    return list(
        session.scalars(
            sa.select(Account.id)
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .where(
                Account.person_id == person.holder_id,
                RoleGrant.organisation_id == person.organisation_id,
                RoleGrant.ended_at.is_(None),
            )
            .distinct()
        )
    )


def person_of(session: Session, *, person_id: UUID, by: Actor) -> Person:
    """A person of the actor's organisation (the operator: of any). Raises `NotFound`."""
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound
    within(by, found.organisation_id)
    return found


def refuse_erased(person: Person) -> None:
    """What is kept of somebody who was erased names nobody: no deed may give it a name again."""
    if person.is_erased:
        cure = Cure("Add the person anew.")
        raise Refused([Reason("record_erased", cure=cure, text="What stood here was erased.")])


def people(
    session: Session,
    *,
    by: Actor,
    name: str = "",
    after: tuple[str, str, UUID] | None = None,
    limit: int = PAGE,
) -> list[Person]:
    """The people of the actor's organisation who have not left, by family name, page by page.

    `name` is the beginning of a family or given name; `after` the last person of the page before
    (family name, given name, id).
    """
    demand(by, Deed.READ_PEOPLE)
    statement = sa.select(Person).where(
        Person.organisation_id == own_organisation(by), Person.left_at.is_(None)
    )
    if name:
        begins = f"{name.strip().lower()}"
        statement = statement.where(
            sa.or_(
                sa.func.lower(Person.family_name).startswith(begins, autoescape=True),
                sa.func.lower(Person.given_name).startswith(begins, autoescape=True),
            )
        )
    order = (Person.family_name, Person.given_name, Person.id)
    if after is not None:
        statement = statement.where(sa.tuple_(*order) > sa.tuple_(*after))
    return list(session.scalars(statement.order_by(*order).limit(min(limit, PAGE))))


def own_records(session: Session, *, by: Actor) -> list[Person]:
    """Every organisation's record of the signed-in human, linked by themselves."""
    if by.person_id is None:
        return []
    return list(
        session.scalars(
            sa.select(Person).where(Person.holder_id == by.person_id).order_by(Person.created_at)
        )
    )


def _tidy(fields: PersonFields) -> dict[str, Any]:
    values: dict[str, Any] = dict(fields)
    for name in ("given_name", "family_name"):
        if name in values:
            values[name] = " ".join(values[name].split())
    if "email" in values:
        values["email"] = tidy_email(values["email"] or "") or None
    if "mobile" in values:
        values["mobile"] = tidy_mobile(values["mobile"] or "") or None
    return values


def wrong_fields(fields: PersonFields, *, now: datetime) -> dict[str, list[str]]:
    """What is wrong with what is stated, by field; for forms of which a part cannot be read."""
    return wrong_person(_tidy(fields), now.astimezone(LONDON).date())


def _refuse_wrong(values: dict[str, Any], now: datetime, needed: Sequence[str] = ()) -> None:
    wrong = wrong_person(values, now.astimezone(LONDON).date())
    wrong.update({name: ["is missing"] for name in needed if not values.get(name)})
    if wrong:
        raise Invalid("person_entry", "The person cannot be right.", wrong)


def _refuse_duplicate(session: Session, organisation_id: UUID, values: dict[str, Any]) -> None:
    born_the_same_day = session.scalars(
        sa.select(Person).where(
            Person.organisation_id == organisation_id,
            Person.date_of_birth == values["date_of_birth"],
        )
    )
    for other in born_the_same_day:
        if same_name(other.family_name, values["family_name"]) and same_name(
            other.given_name, values.get("given_name", "")
        ):
            reason = Reason(
                "possible_duplicate",
                {"person": str(other.id)},
                Cure(
                    "If it is the same person, put the post on the record there is; "
                    "if not, add them by hand and say that they are two people"
                ),
                text=(
                    "Somebody with this name and date of birth is on record already"
                    f"{' (has left)' if other.left_at else ''}. Nothing was merged."
                ),
            )
            raise Refused([reason])
