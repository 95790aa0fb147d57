"""What the pages of a bank office share: which acts are drawn, choices, days and weeks."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from bankhub.actions.finding.cursors import cursor_place, cursor_text
from bankhub.actions.shifts import shift_lists
from bankhub.actions.shifts.shift_lists import ListedShift
from bankhub.model import reference
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import Grade, RequestReason
from bankhub.rules.permissions import PERMISSIONS, Deed
from bankhub.rules.shift_times import london_day
from bankhub.web.trade_words import REASONS, grade_name, spoken
from passport.errors import Invalid, Refused
from passport.rules.permissions import why_not
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import now
from passport.web.parsing import uuid_of

Page = str | Answer

PLACE_OF_REASON = {
    "role_not_known": "role",
    "role_of_volunteers": "role",
    "grade_not_of_role": "grade",
    "fallback_not_of_role": "fallback_grade",
    "skill_not_known": "skills",
    "people_out_of_range": "people",
    "unit_closed": "unit_id",
    "post_number_missing": "post_number",
    "reason_text_missing": "reason_text",
    "review_date_missing": "review_on",
    "review_date_past": "review_on",
    "too_far_ahead": "on",
    "ends_before_start": "ends",
    "break_too_long": "unpaid_break_minutes",
    "too_long": "ends",
    "full_day": "ends",
    "reason_missing": "because",
}
"""Code of a refusal → the field of the form that it is about."""


def may() -> dict[str, bool]:
    """What the actor may do here, by the deed's name; decides which buttons are drawn, never
    whether a deed is done."""
    actor = current_actor()
    found = {deed: why_not(actor, deed, PERMISSIONS) for deed in Deed}
    return {
        deed.name.lower(): reason is None or reason.code == "step_up_needed"
        for deed, reason in found.items()
    }


def on_fields(problem: Invalid | Refused) -> Invalid:
    """A refusal as messages on the fields it is about; the rest stands above the form."""
    if isinstance(problem, Invalid):
        return problem
    fields: dict[str, list[str]] = {}
    rest: list[str] = []
    for reason in problem.reasons:
        place = PLACE_OF_REASON.get(reason.code) or reason.evidence.get("field")
        act = reason.cure.act.removesuffix(".") + "." if reason.cure else ""
        said = f"{reason.text or spoken(reason.code)} {act}".strip()
        (fields.setdefault(str(place), []) if place else rest).append(said)
    return Invalid(problem.code, " ".join(rest), fields)


def form_again(template: str, problem: Invalid | Refused, **context: Any) -> Response:
    """The page again, with everything that was typed and what is wrong with it."""
    said = on_fields(problem)
    form = FormState.kept(request.form, said)
    return make_response(render_template(template, form=form, **context), status_of(problem, said))


def status_of(problem: Invalid | Refused, said: Invalid) -> int:
    """422 where a field can be corrected, else what the problem itself answers."""
    return said.status if said.fields else problem.status


def done(endpoint: str, **values: Any) -> Response:
    """The answer of a deed: on to a page."""
    return make_response(redirect(url_for(endpoint, **values), 303))


def asked_id(name: str) -> UUID | None:
    """An identifier in the address; None where nothing is asked for."""
    text = request.args.get(name) or ""
    return uuid_of(text) if text else None


def asked_day(name: str = "on") -> date:
    """The London day in the address; today where there is none, or it is none."""
    today = london_day(now())
    try:
        day = date.fromisoformat(request.args.get(name) or "")
    except ValueError:
        return today
    return day if abs(day - today) < timedelta(days=3660) else today


def asked_place(name: str = "after") -> Any:
    """The cursor in the address; None at the start of the list."""
    text = request.args.get(name)
    return tuple(cursor_place(text, *shift_lists.CURSOR)) if text else None


def next_place(rows: list[ListedShift], limit: int) -> str | None:
    """The cursor of the next page; None where this was the last."""
    last = rows[-1].shift if len(rows) == limit else None
    return cursor_text((last.starts_at, last.id)) if last else None


def with_arguments(**changes: Any) -> str:
    """This page with other arguments; None takes one away, and a change starts the list again."""
    kept = {name: value for name, value in request.args.items() if name != "after"}
    values = {name: value for name, value in (kept | changes).items() if value}
    here: dict[str, Any] = {**(request.view_args or {}), **values}
    return url_for(request.endpoint or "", **here)


def unit_options(units: list[tuple[Unit, Site]]) -> list[tuple[str, str]]:
    """Units for a select, each with its site."""
    return [(str(unit.id), f"{unit.name}, {site.name}") for unit, site in units]


def role_options(*, paid: bool = False) -> list[tuple[str, str]]:
    """Roles for a select, by title; `paid`: those that shifts are posted for."""
    found = (role for role in reference.roles().values() if not (paid and role.volunteer))
    return sorted(((role.code, role.title) for role in found), key=_words)


def grade_options(role: str = "") -> list[tuple[str, str]]:
    """Grades for a select: those of a role, or all."""
    known = reference.roles().get(role)
    grades = known.grades if known else tuple(Grade)
    return [(grade.value, _capital(grade_name(grade))) for grade in grades]


def grades_of_roles() -> dict[str, list[str]]:
    """Role code → its grades, for the script that shortens the list."""
    return {role.code: [g.value for g in role.grades] for role in reference.roles().values()}


def skill_options() -> list[tuple[str, str]]:
    """Skills for check boxes, by title."""
    return sorted(((s.code, s.title) for s in reference.skills().values()), key=_words)


def reason_options() -> list[tuple[str, str]]:
    """The closed list of request reasons, in its own order."""
    return [(reason.value, REASONS.get(reason) or spoken(reason)) for reason in RequestReason]


def _words(option: tuple[str, str]) -> str:
    return option[1]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
