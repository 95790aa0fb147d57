"""Changing a shift: the form holds what is there, and only what differs is sent on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from bankhub.actions.figures import office_notes
from bankhub.actions.figures.office_notes import PostingChoices
from bankhub.actions.finding.one_candidate import for_the_office
from bankhub.actions.shifts import shift_changes
from bankhub.actions.shifts.shift_records import own_shift
from bankhub.model import reference
from bankhub.model.vocabulary import Grade, ShiftState
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.web.shifts.draft_forms import Reading, as_typed, explained, read_span, repeated
from bankhub.web.shifts.office_parts import (
    Page,
    done,
    form_again,
    grade_options,
    reason_options,
    skill_options,
    unit_options,
)
from passport.errors import Invalid, Refused
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import choice_of, number_of, uuid_of

pages = Blueprint("amend", __name__, url_prefix="/office/shifts")


@pages.route("/<uuid:shift_id>/amend", methods=["GET", "POST"])
def amend(shift_id: UUID) -> Page:
    """What is there can be corrected; the state decides how much of it."""
    by, at = current_actor(), now()
    with db().reading() as session:
        shift = own_shift(session, shift_id, by)
        choices = office_notes.posting_choices(
            session, deed=Deed.AMEND_SHIFT, by=by, on=london_day(shift.starts_at)
        )
    form = FormState(as_typed(shift))
    context = {"shift": shift, **_options(choices, shift.role)}
    template = "bankhub/office/amend.html"
    if request.method == "GET":
        return render_template(template, form=form, repeated=repeated(form.values), **context)

    def work(session: Session) -> Response:
        found = own_shift(session, shift_id, by)
        changes = _changes(session, request.form, choices, found.role, found.state)
        before = found.version
        after = shift_changes.amend(session, shift_id=shift_id, changes=changes, by=by, now=at)
        say("Changed." if after.version != before else "Nothing was changed.")
        return done("shift.show", shift_id=shift_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as raised:
        problem = raised
        if isinstance(raised, Refused):
            problem = Refused(for_the_office(raised.reasons, by))
        asked = repeated(FormState.kept(request.form).values)
        return form_again(template, problem, repeated=asked, **context)


def _options(choices: PostingChoices, role: str) -> dict[str, Any]:
    return {
        "units": unit_options(list(choices.units)),
        "grades": grade_options(role),
        "skills": skill_options(),
        "reasons": reason_options(),
    }


def _changes(
    session: Session,
    given: MultiDict[str, str],
    choices: PostingChoices,
    role: str,
    state: ShiftState,
) -> dict[str, Any]:
    """Every field of the form as a value of the request; equal ones change nothing."""
    reading = Reading(given)
    changes: dict[str, Any] = explained(reading)
    span = read_span(session, reading, role, (), current_actor())
    changes |= {
        "unpaid_break_minutes": reading.read("unpaid_break_minutes", number_of),
        "starts_at": span.starts_at if span else None,
        "ends_at": span.ends_at if span else None,
    }
    if state is not ShiftState.FILLED:
        unit = _unit(reading, choices)
        changes |= {
            "unit_id": unit[0],
            "site_id": unit[1],
            "grade": reading.read("grade", _grade_of(role)),
            "fallback_grade": reading.optional("fallback_grade", _grade_of(role)),
            "skills": frozenset(reference.skills().keys() & set(given.getlist("skills"))),
        }
    reading.finish()
    return changes


def _grade_of(role: str) -> Callable[[str, str], Grade]:
    def read(text: str, name: str) -> Grade:
        grade = choice_of(Grade, text, name)
        if grade.value not in dict(grade_options(role)):
            raise Invalid("grade", fields={name: ["The role has no such grade."]})
        return grade

    return read


def _unit(reading: Reading, choices: PostingChoices) -> tuple[UUID | None, UUID | None]:
    unit_id = reading.read("unit_id", lambda text, _name: uuid_of(text), "Choose a unit.")
    found = next((unit for unit, _ in choices.units if unit.id == unit_id), None)
    if unit_id is not None and found is None:
        reading.wrong("unit_id", "Choose one of your units.")
    return (found.id, found.site_id) if found else (None, None)
