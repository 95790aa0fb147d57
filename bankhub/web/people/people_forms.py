"""Forms about people, read into what the actions take: a person, a bank post, a fact.

Every mistake is named at once, with the name of its field, and nothing typed is lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from bankhub.actions.people.posts import PostFields
from bankhub.model import reference
from bankhub.model.vocabulary import Grade
from bankhub.model.workers import BankPost
from bankhub.rules.permissions import PERMISSIONS as UPPER
from bankhub.rules.permissions import Deed
from bankhub.web.shifts.draft_forms import Reading
from bankhub.web.shifts.office_parts import on_fields, status_of
from passport.actions.people import people
from passport.actions.people.people import PersonFields
from passport.errors import Invalid, Refused
from passport.model.people import Person
from passport.rules.permissions import PERMISSIONS as GROUND
from passport.rules.permissions import Deed as DeedBelow
from passport.rules.permissions import why_not
from passport.web.access import current_actor
from passport.web.forms import FormState, Value, date_from_parts
from passport.web.lent import now
from passport.web.parsing import choice_of, day_of

LABELS = {
    "given_name": "Given name",
    "family_name": "Family name",
    "date_of_birth": "Date of birth",
    "email": "E-mail address",
    "mobile": "Mobile number",
    "assignment_number": "Assignment number",
    "role": "Role",
    "grade": "Grade",
    "staff_group": "Staff group",
    "starts_on": "First day",
    "ends_on": "Last day",
    "terms": "Terms",
    "entitlements": "May also be booked as",
    "review_on": "Look at it again on",
}
TERMS = {
    "": "None of these",
    "doctors_2016": "Doctors’ 2016 limits",
    "doctor_in_training": "Doctor in training",
}
FEWEST_PAIRS = 3
"""Empty lines offered for further roles and grades."""


def rights() -> dict[str, bool]:
    """What the actor may do with people, by the deed's name on either floor; decides which buttons
    are drawn, never whether a deed is done."""
    actor = current_actor()
    tables = ((Deed, UPPER), (DeedBelow, GROUND))
    found = {deed.name: why_not(actor, deed, table) for deeds, table in tables for deed in deeds}
    return {
        name.lower(): reason is None or reason.code == "step_up_needed"
        for name, reason in found.items()
    }


def again(template: str, problem: Invalid | Refused, **context: Any) -> Response:
    """The page again, with what was typed; each message says what it is about."""
    said = with_labels(on_fields(problem))
    form = FormState.kept(request.form, said)
    page = render_template(template, form=form, **context)
    return make_response(page, status_of(problem, said))


def with_labels(problem: Invalid) -> Invalid:
    """Half sentences of the rules (`is missing`) with the name of their field in front; what is
    wrong with facts as such stands above the form."""
    fields = {
        name: [_sentence(LABELS.get(name, ""), message) for message in messages]
        for name, messages in problem.fields.items()
    }
    whole = " ".join(f"{message.removesuffix('.')}." for message in fields.pop("facts", ()))
    return Invalid(problem.code, whole or ("" if fields else problem.detail), fields)


def _sentence(label: str, message: str) -> str:
    if message[:1].isupper() or not label:
        return message[:1].upper() + message[1:]
    joined = f"{label} {message}" if message[:1].isalpha() else f"{label}: {message}"
    return joined.removesuffix(".") + "."


@dataclass(frozen=True, slots=True)
class SentPerson:
    """A person's form."""

    fields: PersonFields
    another_human: bool


def person_sent(given: MultiDict[str, str]) -> SentPerson:
    """What the form says of a person. Raises `Invalid` for a date that is none, and says then
    what else is wrong."""
    fields: PersonFields = {
        "given_name": given.get("given_name", ""),
        "family_name": given.get("family_name", ""),
        "email": given.get("email", ""),
        "mobile": given.get("mobile", ""),
        "may_call": given.get("may_call") == "yes",
    }
    try:
        born = date_from_parts(given, "date_of_birth")
    except Invalid as problem:
        raise _and_the_rest(fields, problem.fields) from None
    if born is None:
        raise _and_the_rest(fields, {"date_of_birth": ["Enter the date of birth."]})
    fields["date_of_birth"] = born
    return SentPerson(fields, given.get("another_human") == "yes")


def _and_the_rest(fields: PersonFields, wrong: Mapping[str, Sequence[str]]) -> Invalid:
    return Invalid("person", fields={**people.wrong_fields(fields, now=now()), **wrong})


def person_typed(person: Person) -> dict[str, Value]:
    """A person's record as the form shows it."""
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "date_of_birth": person.date_of_birth,
        "email": person.email,
        "mobile": person.mobile,
        "may_call": person.may_call,
    }


@dataclass(frozen=True, slots=True)
class SentPost:
    """A post's form."""

    assignment_number: str
    fields: PostFields


def post_sent(given: MultiDict[str, str]) -> SentPost:
    """What the form says of a post. Raises `Invalid` with every wrong field."""
    reading = Reading(given)
    role = reading.text("role")
    known = reference.roles().get(role)
    if known is None:
        reading.wrong("role", "Choose a role.")
    grade = reading.read("grade", _grade, "Choose a grade.")
    starts_on = reading.read("starts_on", day_of, "Enter the first day.")
    ends_on = reading.optional("ends_on", day_of, "Enter a date, or leave it empty.")
    number = reading.text("assignment_number").upper()
    if not number:
        reading.wrong("assignment_number", "Enter the assignment number.")
    pairs = _pairs(reading)
    reading.finish()
    if known is None or grade is None or starts_on is None:
        raise Invalid("post")
    fields: PostFields = {
        "staff_group": known.staff_group,
        "role": role,
        "grade": grade,
        "pay_point": reading.text("pay_point"),
        "entitlements": pairs,
        "terms": reading.text("terms"),
        "starts_on": starts_on,
        "ends_on": ends_on,
    }
    return SentPost(number, fields)


def _grade(text: str, name: str) -> Grade:
    return choice_of(Grade, text, name)


def _pairs(reading: Reading) -> list[list[str]]:
    """Roles and grades from the numbered lines of the form; empty lines say nothing."""
    found: list[list[str]] = []
    for place in range(1, _lines(reading.given) + 1):
        names = (f"also_role_{place}", f"also_grade_{place}")
        role, grade = (reading.given.get(name, "") for name in names)
        if role and grade:
            found.append([role, grade])
        elif role or grade:
            missing = names[1] if role else names[0]
            reading.wrong(missing, "Choose both a role and a grade, or neither.")
    return found


def _lines(given: Mapping[str, Any]) -> int:
    places = [int(n.rpartition("_")[2]) for n in given if n.startswith("also_role_") and
              n.rpartition("_")[2].isdecimal() and len(n) < 14]  # fmt: skip
    return max(places, default=0)


def pair_lines(form: FormState) -> int:
    """How many lines for further roles and grades the form shows."""
    return min(max(FEWEST_PAIRS, _lines(form.values) + 1), 21)


def post_typed(post: BankPost | None, today: date) -> dict[str, Value]:
    """A post as the form shows it; an empty form begins today."""
    if post is None:
        return {"starts_on": today}
    typed: dict[str, Value] = {
        "assignment_number": post.assignment_number,
        "role": post.role,
        "grade": post.grade.value,
        "pay_point": post.pay_point,
        "terms": post.terms,
        "starts_on": post.starts_on,
        "ends_on": post.ends_on,
    }
    for place, (role, grade) in enumerate(post.entitlements, start=1):
        typed |= {f"also_role_{place}": role, f"also_grade_{place}": grade}
    return typed


def ticked_ids(given: MultiDict[str, str], name: str) -> Sequence[UUID]:
    """The identifiers of ticked boxes. Raises `Invalid` where none is ticked, or one is none."""
    try:
        found = [UUID(text) for text in given.getlist(name)]
    except ValueError:
        raise Invalid("ticked", fields={name: ["Choose from the list."]}) from None
    if not found:
        raise Invalid("ticked", fields={name: ["Tick at least one person."]})
    return found
