"""Posting many shifts: a pattern repeated over weeks, and last week again. Each is shown first:
what would be posted, what stands already, and what cannot be, with why."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from bankhub.actions.figures import office_notes
from bankhub.actions.figures.office_notes import PostingChoices
from bankhub.actions.shifts import patterns
from bankhub.actions.shifts.patterns import Line
from bankhub.actions.shifts.shift_drafts import ShiftWish
from bankhub.model.shifts import ShiftCode
from bankhub.model.vocabulary import RequestReason
from bankhub.rules.london_time import monday_of
from bankhub.rules.permissions import Deed
from bankhub.rules.shifts.patterns import Pattern, Times
from bankhub.web.shifts.draft_forms import Reading, clock_times, near_day, wished
from bankhub.web.shifts.office_parts import (
    Page,
    asked_day,
    done,
    grade_options,
    grades_of_roles,
    on_fields,
    reason_options,
    role_options,
    skill_options,
    status_of,
    unit_options,
)
from passport.errors import Invalid, Refused
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import NEVER_SHOWN_AGAIN, FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import choice_of, number_of
from passport.web.words import plural

pages = Blueprint("repeat", __name__, url_prefix="/office/repeat")

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FORMS = {"pattern": "bankhub/office/pattern.html", "copy": "bankhub/office/copy_week.html"}


class _OnlyLooked(Exception):
    """Undoes the transaction of a preview: what was tried is not kept."""


@pages.get("/pattern")
def pattern() -> Page:
    """The form of one more request, with the days it repeats on."""
    return _form("pattern", FormState({"on": asked_day(), "weeks": "4", "every": "1"}))


@pages.get("/copy")
def copy_week() -> Page:
    """Which units' week is copied where; by default last week into the one in the address."""
    monday = monday_of(asked_day())
    return _form("copy", FormState({"on": monday - timedelta(days=7), "weeks_later": "1"}))


@pages.post("/<any(pattern, copy):kind>/change")
def change(kind: str) -> Page:
    """Back to the form with everything that was typed."""
    return _form(kind, FormState.kept(request.form))


@pages.post("/<any(pattern, copy):kind>/check")
def check(kind: str) -> Page:
    """Everything is tried, shown and undone: nothing is posted yet."""
    lines: list[Line] = []
    try:
        with db().transaction() as session:
            lines += DEEDS[kind](session, request.form)
            raise _OnlyLooked
    except _OnlyLooked:
        pass
    except (Invalid, Refused) as problem:
        return _again(kind, problem)
    return render_template(
        "bankhub/office/repeat_check.html",
        kind=kind,
        lines=lines,
        count=sum(len(line.posted) for line in lines),
        carried=_carried(),
    )


@pages.post("/<any(pattern, copy):kind>")
def post(kind: str) -> Page:
    """Post them; what cannot be is named and the rest posted."""

    def work(session: Session) -> Response:
        lines = DEEDS[kind](session, request.form)
        count = sum(len(line.posted) for line in lines)
        left = sum(1 for line in lines if line.reasons)
        say(f"{plural(count, 'shift')} posted." if count else "Nothing was posted.")
        if left:
            say(f"{plural(left, 'shift')} left out, as the preview said.", "info")
        first = min((line.day for line in lines if line.posted), default=asked_day())
        return done("week.show", on=monday_of(first).isoformat())

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return _again(kind, problem)


def _post_pattern(session: Session, given: MultiDict[str, str]) -> list[Line]:
    by, at = current_actor(), now()
    codes = _choices(session).codes
    reading = Reading(given)
    said = wished(reading, codes)
    means = _pattern(reading, codes)
    reading.finish()
    if means is None:
        raise Invalid("pattern")
    return patterns.post_pattern(session, wish=ShiftWish(**said), pattern=means, by=by, now=at)


def _pattern(reading: Reading, codes: Sequence[ShiftCode]) -> Pattern | None:
    first = reading.read("on", near_day)
    weeks, every = (reading.read(name, number_of) for name in ("weeks", "every"))
    starts, ends = clock_times(reading, codes)
    days = [int(d) for d in reading.given.getlist("days") if d in {str(n) for n in range(7)}]
    if not days:
        reading.wrong("days", "Choose at least one day.")
    if weeks is not None and not 1 <= weeks <= 26:
        reading.wrong("weeks", "Repeat for 1 to 26 weeks.")
    if every is not None and not 1 <= every <= 4:
        reading.wrong("every", "Repeat every 1 to 4 weeks.")
    if first is None or weeks is None or every is None or starts is None or ends is None:
        return None
    times = [Times(starts=starts, ends=ends)]
    return Pattern(first_week=first, weeks=weeks, every=every, times=dict.fromkeys(days, times))


def _copy_week(session: Session, given: MultiDict[str, str]) -> list[Line]:
    reading = Reading(given)
    week = reading.read("on", near_day)
    later = reading.read("weeks_later", number_of)
    reason = reading.optional("reason", lambda text, name: choice_of(RequestReason, text, name))
    known = {str(unit.id): unit.id for unit, _ in _choices(session).units}
    units: list[UUID] = [known[one] for one in given.getlist("unit_ids") if one in known]
    if not units:
        reading.wrong("unit_ids", "Choose at least one unit.")
    reading.finish()
    if week is None or later is None:
        raise Invalid("copy_week")
    return patterns.copy_week(
        session,
        unit_ids=units,
        week=week,
        weeks_later=later,
        reason=reason,
        by=current_actor(),
        now=now(),
    )


DEEDS: dict[str, Callable[[Session, MultiDict[str, str]], list[Line]]] = {
    "pattern": _post_pattern,
    "copy": _copy_week,
}


def _choices(session: Session) -> PostingChoices:
    return office_notes.posting_choices(
        session, deed=Deed.POST_SHIFT, by=current_actor(), on=asked_day()
    )


def _carried() -> list[tuple[str, str]]:
    return [
        (name, typed)
        for name, every in request.form.lists()
        for typed in every
        if name not in NEVER_SHOWN_AGAIN
    ]


def _again(kind: str, problem: Invalid | Refused) -> Response:
    said = on_fields(problem)
    form = FormState.kept(request.form, said)
    return make_response(_form(kind, form), status_of(problem, said))


def _form(kind: str, form: FormState) -> str:
    with db().reading() as session:
        choices = _choices(session)
    options: dict[str, Any] = {
        "units": unit_options(list(choices.units)),
        "reasons": reason_options(),
    }
    if kind == "pattern":
        options |= {
            "roles": role_options(paid=True),
            "grades": grade_options(),
            "grades_of_roles": grades_of_roles(),
            "skills": skill_options(),
            "codes": choices.codes,
            "weekdays": [(str(number), name) for number, name in enumerate(WEEKDAYS)],
        }
    return render_template(FORMS[kind], form=form, **options)
