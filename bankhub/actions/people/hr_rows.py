"""One row of a personnel file: a person, their bank post, and what is proven about them.

A row belongs to the post with its assignment number and to no other. Two people are never made
one, and one is never made two, without somebody saying so. The same row again changes nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.people.papers import state_facts
from bankhub.actions.people.posts import PostFields, correct_post, make_post, post_by_number
from bankhub.model.workers import BankPost
from bankhub.rules.shift_times import london_day
from passport.actions.changes import Change
from passport.actions.people.people import PersonFields, add_person, correct_person, person_of
from passport.actions.permission import demand
from passport.actions.tenancy import within
from passport.actors import Actor
from passport.errors import Cure, Invalid, Reason, Refused
from passport.model.facts import FactValue
from passport.model.people import Person
from passport.rules.people.same_person import same_name
from passport.rules.permissions import Deed

SOURCE = "hr_file"


@dataclass(frozen=True, slots=True)
class HrRow:
    """A row of a personnel file, understood but not yet believed."""

    assignment_number: str
    person: PersonFields
    post: PostFields
    facts: tuple[FactValue, ...] = ()
    same_person_as: str = ""
    """Another assignment number of the same human being with this bank."""
    another_human: bool = False
    """Somebody looked: the namesake born on the same day is another human being."""


@dataclass(frozen=True, slots=True)
class TakenRow:
    """What came of a row; reasons name facts that were not taken."""

    change: Change
    reasons: tuple[Reason, ...] = field(default=())


def take_hr_row(
    session: Session, *, organisation_id: UUID, row: HrRow, by: Actor, now: datetime
) -> TakenRow:
    """Put a row on record. Raises `Invalid` and `Refused`; then nothing of it is to stand."""
    demand(by, Deed.IMPORT_PEOPLE)
    within(by, organisation_id)
    post = post_by_number(session, organisation_id, row.assignment_number)
    if post is None:
        person_id, change = _join(session, organisation_id, row, by, now), Change.ADDED
    else:
        person_id, change = post.person_id, _update(session, post, row, by, now)
    evidence = state_facts(
        session, person_id=person_id, facts=row.facts, source=SOURCE, by=by, now=now
    )
    if change is Change.UNCHANGED:
        change = evidence.change
    return TakenRow(change, evidence.reasons)


def _join(
    session: Session, organisation_id: UUID, row: HrRow, by: Actor, now: datetime
) -> UUID:
    """A new post, for a new person or for the one the row names; returns the person."""
    if row.same_person_as:
        person_id = _named(session, organisation_id, row, by).id
        correct_person(session, person_id=person_id, fields=row.person, by=by, now=now)
    else:
        person_id = add_person(
            session,
            organisation_id=organisation_id,
            fields=row.person,
            another_human=row.another_human,
            by=by,
            now=now,
        ).id
    post: PostFields = {"starts_on": london_day(now), **row.post}
    make_post(
        session,
        person_id=person_id,
        assignment_number=row.assignment_number,
        fields=post,
        by=by,
        now=now,
    )
    return person_id


def _named(session: Session, organisation_id: UUID, row: HrRow, by: Actor) -> Person:
    other = post_by_number(session, organisation_id, row.same_person_as)
    if other is None:
        message = f"no post has the assignment number {row.same_person_as}"
        raise Invalid("hr_row", fields={"same_person_as": [message]})
    person = person_of(session, person_id=other.person_id, by=by)
    _refuse_another(person, row)
    return person


def _update(
    session: Session, post: BankPost, row: HrRow, by: Actor, now: datetime
) -> Change:
    person = person_of(session, person_id=post.person_id, by=by)
    _refuse_another(person, row)
    if person.left_at is not None:
        text = f"Left on {london_day(person.left_at)}: take them back by hand if they returned."
        raise Refused([Reason("has_left", cure=Cure("Take the person back on record"), text=text)])
    changes = {
        correct_person(session, person_id=person.id, fields=row.person, by=by, now=now),
        correct_post(session, post_id=post.id, fields=row.post, by=by, now=now),
    }
    return Change.CHANGED if Change.CHANGED in changes else Change.UNCHANGED


def _refuse_another(person: Person, row: HrRow) -> None:
    """An assignment number whose date of birth, or whose whole name, is another's: no merging."""
    born = row.person.get("date_of_birth", person.date_of_birth)
    given = row.person.get("given_name", person.given_name)
    family = row.person.get("family_name", person.family_name)
    renamed = not (same_name(given, person.given_name) or same_name(family, person.family_name))
    if born == person.date_of_birth and not renamed:
        return
    what = "name" if born == person.date_of_birth else "date of birth"
    raise Refused(
        [
            Reason(
                "assignment_of_another",
                {"differs": what},
                Cure("If it is the same person, correct the record by hand; if not, the number"),
                text=f"This assignment number is on record for somebody of another {what}.",
            )
        ]
    )
