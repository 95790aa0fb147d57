"""Filling a gap: who could work it in which order, calling them, and booking who agrees.

Those who may not are shown on request, each with what the office may read of why. A manager may
lift soft reasons, one by one, each with their own words on record.
"""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.booking import bookings
from bankhub.actions.booking.bookings import Override
from bankhub.actions.finding import candidates
from bankhub.actions.finding.candidates import Answer, Candidate
from bankhub.actions.finding.one_candidate import one_candidate
from bankhub.actions.partners import partner_people
from bankhub.rules.reason_codes import ABOUT_REST
from bankhub.web.shifts.draft_forms import Reading
from bankhub.web.shifts.office_parts import Page, done, with_arguments
from bankhub.web.shifts.shift_pages import load
from bankhub.web.shifts.shift_words import ANSWERS
from passport.errors import Invalid, Level, Refused
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import choice_of
from passport.web.words import london_when

pages = Blueprint("fill", __name__, url_prefix="/office/shifts/<uuid:shift_id>/fill")

ROWS = 20
AGREED = {
    "phone": "On the phone",
    "in_person": "In person",
    "message": "By message",
}
"""How somebody agreed; kept with the booking."""
CALLED = {
    Answer.NO_ANSWER: "No answer",
    Answer.AGREED: "Agreed",
    Answer.CALL_BACK: "Call back later",
    Answer.DECLINED: "Declined",
}


@pages.get("")
def show(shift_id: UUID) -> Page:
    """Who could work it, best first; on request who cannot, and why."""
    by, at = current_actor(), now()
    shown = request.args.get("show")
    unavailable, partners = shown == "unavailable", shown == "partners"
    with db().reading() as session:
        page = candidates.candidates(
            session,
            shift_id=shift_id,
            by=by,
            now=at,
            unavailable=unavailable,
            partners=partners,
            limit=ROWS,
            after=request.args.get("after"),
        )
        context = load(session, shift_id)
    return render_template(
        "bankhub/office/fill.html",
        people=[(one, _facts(one, at)) for one in sorted(page.people, key=_has_declined)],
        first=_rank(),
        unavailable=unavailable,
        partners=partners,
        chips=_chips(shown),
        more_url=with_arguments(after=page.after, rank=str(_rank() + len(page.people)))
        if page.after
        else None,
        called=[(answer.value, words) for answer, words in CALLED.items()],
        liftable={one.person_id for one in page.people if _is_soft(one)},
        form=FormState(),
        **context,
    )


def _chips(shown: str | None) -> list[tuple[str, str, bool]]:
    """Each shows another list, or goes back to the first one."""
    lists = (("partners", "Partner banks only"), ("unavailable", "Who cannot, and why"))
    return [
        (words, with_arguments(show=None if shown == name else name, rank=None), shown == name)
        for name, words in lists
    ]


def _rank() -> int:
    """The rank of the first one on this page."""
    text = request.args.get("rank", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _has_declined(one: Candidate) -> bool:
    """Who said no to this very shift is not the next to ring."""
    return bool(one.attempts) and one.attempts[0].answer is Answer.DECLINED


def _is_soft(one: Candidate) -> bool:
    """Whether everything that stands in the way could be lifted by somebody."""
    return all(reason.level is not Level.HARD for reason in one.reasons)


def _facts(one: Candidate, at: datetime) -> list[str]:
    hours = f"{one.week_minutes // 60} h booked here that week" if one.week_minutes else ""
    last = "Never worked here yet"
    if one.last_shift_at is not None:
        days = max((at - one.last_shift_at).days, 0)
        last = (
            f"Last shift here {days} days ago" if days > 1 else "Last shift here a day ago or less"
        )
    calls = one.attempts[:3]
    return [
        fact
        for fact in (
            "Declined this shift" if _has_declined(one) else "",
            "Own grade" if one.exact else "Entitled to this grade",
            "Knows the ward" if one.worked_here else "",
            hours or "Nothing booked here that week",
            last,
            "Has applied" if one.applied else "",
            *(f"{london_when(a.at)}: {ANSWERS[a.answer]}, called by {a.by_name}" for a in calls),
        )
        if fact
    ]


@pages.post("/<uuid:person_id>/call")
def call(shift_id: UUID, person_id: UUID) -> Page:
    """Put the answer to a call on record; who agreed is booked on the next page."""
    by, at = current_actor(), now()
    answer = choice_of(Answer, request.form.get("answer"), "answer")

    def work(session: Session) -> Response:
        candidates.record_contact(
            session, shift_id=shift_id, person_id=person_id, answer=answer, by=by, now=at
        )
        say(f"On record: {CALLED[answer].lower()}.", "info")
        if answer is Answer.AGREED:
            return done("fill.assign", shift_id=shift_id, person_id=person_id, agreed="phone")
        return done("fill.show", shift_id=shift_id)

    return idempotency.deed(work)


@pages.post("/<uuid:person_id>/look")
def look(shift_id: UUID, person_id: UUID) -> Page:
    """Read who a partner's person is: written down where that person reads it."""
    by, at = current_actor(), now()

    def work(session: Session) -> Response:
        one_candidate(session, shift_id=shift_id, person_id=person_id, by=by, now=at)
        partner_people.look(session, person_id=person_id, by=by, now=at)
        return done("fill.show", shift_id=shift_id, show=request.args.get("show"))

    return idempotency.deed(work)


@pages.get("/<uuid:person_id>")
def assign(shift_id: UUID, person_id: UUID) -> Page:
    """The second tap: say how they agreed, and book."""
    form = FormState({"agreed_how": request.args.get("agreed", "phone")})
    return _assign_page(shift_id, person_id, form)


@pages.post("/<uuid:person_id>")
def book(shift_id: UUID, person_id: UUID) -> Page:
    """Book somebody who agreed; refused with every reason that the office may read."""
    return _book(shift_id, person_id, lifting=False)


@pages.get("/<uuid:person_id>/override")
@require_step_up
def ask_override(shift_id: UUID, person_id: UUID) -> Page:
    """Each soft reason with room for the words that lift it."""
    return _assign_page(shift_id, person_id, FormState({"agreed_how": "phone"}), lifting=True)


@pages.post("/<uuid:person_id>/override")
def override(shift_id: UUID, person_id: UUID) -> Page:
    """Book with soft reasons lifted, each on record."""
    return _book(shift_id, person_id, lifting=True)


def _book(shift_id: UUID, person_id: UUID, *, lifting: bool) -> Page:
    by, at = current_actor(), now()

    def work(session: Session) -> Response:
        booked = bookings.assign(
            session,
            shift_id=shift_id,
            person_id=person_id,
            agreed_how=_agreed(),
            overrides=_overrides(session, shift_id, person_id) if lifting else (),
            by=by,
            now=at,
        )
        say(f"Booked: {booked.reference}. They are told by e-mail.")
        return done("shift.show", shift_id=shift_id)

    try:
        return idempotency.deed(work)
    except Invalid as problem:
        form = FormState.kept(request.form, problem)
        page = _assign_page(shift_id, person_id, form, lifting=lifting)
        return make_response(page, problem.status)
    except Refused:
        detail = "Not booked: what stands in the way is below."
        form = FormState.kept(request.form, Invalid("refused", detail))
        return make_response(_assign_page(shift_id, person_id, form, lifting=lifting), 409)


def _agreed() -> str:
    how = request.form.get("agreed_how", "")
    if how not in AGREED:
        raise Invalid("agreed", fields={"agreed_how": ["Say how they agreed."]})
    return how


def _overrides(session: Session, shift_id: UUID, person_id: UUID) -> list[Override]:
    """What was typed for each soft reason; codes on the page are those the office may read."""
    one = one_candidate(
        session, shift_id=shift_id, person_id=person_id, by=current_actor(), now=now()
    )
    reading = Reading(request.form)
    found = []
    for code in one.liftable:
        because = reading.text(f"because_{code}", 500)
        rest = reading.text(f"rest_{code}", 500)
        if not because:
            reading.wrong(f"because_{code}", "Say why this may be lifted.")
        if code in ABOUT_REST and not rest:
            reading.wrong(f"rest_{code}", "Say when the compensatory rest is taken.")
        found.append(Override(one.liftable[code], because, rest))
    reading.finish()
    return found


def _assign_page(shift_id: UUID, person_id: UUID, form: FormState, *, lifting: bool = False) -> str:
    by, at = current_actor(), now()
    with db().reading() as session:
        one = one_candidate(session, shift_id=shift_id, person_id=person_id, by=by, now=at)
        context = load(session, shift_id)
    return render_template(
        "bankhub/office/assign.html",
        one=one,
        agreed=list(AGREED.items()),
        lifting=lifting,
        rest=ABOUT_REST,
        form=form,
        **context,
    )
