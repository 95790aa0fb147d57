"""Posting a shift: the form, what it would come to, and the deed. A GP session is a short form."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.figures import office_notes
from bankhub.actions.figures.office_notes import PostingChoices
from bankhub.actions.shifts import shifts
from bankhub.actions.shifts.shift_records import own_shift
from bankhub.actions.shifts.shifts import Posted, Preview, ShiftDraft
from bankhub.model.vocabulary import ShiftState
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.web.shifts.draft_forms import (
    PERIODS,
    SYSTEMS,
    as_typed,
    draft_of,
    repeated,
    session_draft_of,
)
from bankhub.web.shifts.office_parts import (
    Page,
    asked_day,
    asked_id,
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
from bankhub.web.shifts.shift_words import TierLine, planned_lines
from passport.errors import Invalid, Refused
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import NEVER_SHOWN_AGAIN, FormState, Value
from passport.web.lent import db, now
from passport.web.messages import say

pages = Blueprint("post", __name__, url_prefix="/office/post")

KINDS: dict[str, tuple[str, Callable[..., ShiftDraft]]] = {
    "shift": ("bankhub/office/post.html", draft_of),
    "session": ("bankhub/office/post_session.html", session_draft_of),
}
"""What is posted → its form, and how that is read."""
MORNING = {"starts": "08:30", "ends": "12:40"}
"""A GP session is 4 h 10 min (NHS England, GP contract); the times are a suggestion only."""


@pages.get("")
def new() -> Page:
    """An empty form, or one filled like a shift that is there already."""
    on = asked_day()
    values: dict[str, Value] = {"unit_id": str(asked_id("unit") or ""), "on": on, "people": "1"}
    like = asked_id("like")
    if like is not None:
        with db().reading() as session:
            values |= as_typed(own_shift(session, like, current_actor()))
        values["on"] = on if request.args.get("on") else values["on"]
    return _form("shift", FormState(values))


@pages.get("/session")
def new_session() -> Page:
    """The short form of a practice."""
    return _form("session", FormState({"on": asked_day(), "period": "am", **MORNING}))


@pages.post("/<any(shift, session):kind>/change")
def change(kind: str) -> Page:
    """Back to the form with everything that was typed."""
    return _form(kind, FormState.kept(request.form))


@pages.post("/<any(shift, session):kind>/check")
def check(kind: str) -> Page:
    """What the request would come to: cost, who must agree, and who would see it when."""
    by, at = current_actor(), now()
    read = KINDS[kind][1]
    try:
        with db().reading() as session:
            choices = _choices(session)
            draft = read(session, request.form, choices.codes, by)
            preview = shifts.preview(session, draft=draft, by=by, now=at)
    except (Invalid, Refused) as problem:
        return _again(kind, problem)
    return render_template(
        "bankhub/office/post_check.html",
        kind=kind,
        draft=draft,
        preview=preview,
        place=next(f"{u.name}, {s.name}" for u, s in choices.units if u.id == draft.unit_id),
        tiers=_tiers(preview),
        carried=_carried(),
    )


@pages.post("/<any(shift, session):kind>")
def post(kind: str) -> Page:
    """Post it, or keep it as a draft."""
    by, at = current_actor(), now()
    read = KINDS[kind][1]
    submit = request.form.get("then") != "draft"

    def work(session: Session) -> Response:
        draft = read(session, request.form, _choices(session).codes, by)
        posted = shifts.post(session, draft=draft, submit=submit, by=by, now=at)
        say(_said(posted))
        if len(posted) == 1:
            return done("shift.show", shift_id=posted[0].shift_id)
        return done("week.day", unit=draft.unit_id, on=london_day(draft.starts_at).isoformat())

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return _again(kind, problem)


def _said(posted: Sequence[Posted]) -> str:
    first = posted[0]
    state = {
        ShiftState.DRAFT: "kept as a draft",
        ShiftState.SUBMITTED: "waiting for somebody else to authorise",
        ShiftState.OPEN: "open to the own bank now",
    }[first.state]
    if len(posted) == 1:
        return f"{first.reference} is {state}."
    return f"{len(posted)} shifts, {first.reference} to {posted[-1].reference}, are {state}."


def _choices(session: Session) -> PostingChoices:
    on = asked_day()
    return office_notes.posting_choices(session, deed=Deed.POST_SHIFT, by=current_actor(), on=on)


def _tiers(preview: Preview) -> list[TierLine]:
    return planned_lines(preview.openings, now(), preview.waits)


def _carried() -> list[tuple[str, str]]:
    return [
        (name, typed)
        for name, every in request.form.lists()
        for typed in every
        if name not in NEVER_SHOWN_AGAIN and name != "then"
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
        "repeated": repeated(form.values, choices.codes),
    }
    if kind == "shift":
        options |= {
            "roles": role_options(paid=True),
            "grades": grade_options(),
            "grades_of_roles": grades_of_roles(),
            "skills": skill_options(),
            "codes": choices.codes,
        }
    else:
        options |= {"periods": list(PERIODS.items()), "systems": list(SYSTEMS.items())}
    return render_template(KINDS[kind][0], form=form, **options)
