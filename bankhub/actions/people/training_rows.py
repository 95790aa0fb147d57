"""One row of a training export: an award of one person of the organisation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.people.papers import state_facts
from bankhub.actions.people.posts import post_by_number
from passport.actions.changes import Change
from passport.actions.people.evidence import Evidence, add_facts
from passport.actions.people.people import person_of
from passport.actions.permission import demand
from passport.actions.tenancy import within
from passport.actors import Actor
from passport.errors import Cure, Reason, Refused
from passport.model.facts import FactValue
from passport.model.people import Person
from passport.rules.people.same_person import same_name
from passport.rules.permissions import Deed

SOURCE = "esr"


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A row, understood but not yet believed."""

    assignment_number: str
    award: FactValue
    listed: bool
    """The subject is on our list; others are kept under a code made of their name."""
    names: tuple[str, ...] = ()
    """Whose award the row says it is: family and given names, as far as it says so."""


def take_training_row(
    session: Session, *, organisation_id: UUID, row: TrainingRow, by: Actor, now: datetime
) -> Change:
    """Put an award on record. Raises `Invalid` and `Refused`; then nothing of it is to stand."""
    demand(by, Deed.IMPORT_PEOPLE)
    within(by, organisation_id)
    post = post_by_number(session, organisation_id, row.assignment_number)
    if post is None:
        raise _refused(
            "assignment_not_known",
            f"No post here has the assignment number {row.assignment_number}.",
            "Import the person first, or leave the row: it is about somebody of another employer",
        )
    person = person_of(session, person_id=post.person_id, by=by)
    if row.names and not _is(person, row.names):
        raise _refused(
            "assignment_of_another",
            "This assignment number is on record for somebody of another name.",
            "If it is the same person, correct the record by hand; if not, the number",
        )
    return _state(session, person, row, by, now).change


def _state(
    session: Session, person: Person, row: TrainingRow, by: Actor, now: datetime
) -> Evidence:
    if row.listed:
        return state_facts(
            session, person_id=person.id, facts=[row.award], source=SOURCE, by=by, now=now
        )
    return add_facts(
        session, person_id=person.id, entries=[row.award], source=SOURCE, by=by, now=now
    )


def _is(person: Person, names: tuple[str, ...]) -> bool:
    """Either name does: people marry, and ESR keeps titles and further names with them."""
    said = {part for name in names for part in name.replace("-", " ").split()}
    ours = (person.family_name, *person.given_name.split()[:1], *person.family_name.split("-"))
    return any(same_name(name, part) for name in ours if name for part in (*names, *said))


def _refused(code: str, text: str, cure: str) -> Refused:
    return Refused([Reason(code, cure=Cure(cure), text=text)])
