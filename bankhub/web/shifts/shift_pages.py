"""One shift of the organisation: its facts, who sees it and why, everything that happened, and
what can be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.booking import cancellations
from bankhub.actions.booking.booking_grounds import grounds_of
from bankhub.actions.booking.bookings import own_booking
from bankhub.actions.figures import office_notes
from bankhub.actions.shifts import shift_changes, shift_lists
from bankhub.actions.shifts.shift_lists import ListedShift, ShiftStory
from bankhub.actions.shifts.shift_records import facts_of
from bankhub.model.vocabulary import BookingState, ShiftState, Tier
from bankhub.rules.cascade.shift_states import is_unfilled
from bankhub.rules.pay.agency_charge import charge_pence
from bankhub.web.shifts.office_parts import Page, done, form_again, may
from bankhub.web.shifts.shift_words import accounts_in, history, tier_lines
from bankhub.web.trade_words import TIERS
from passport.errors import Invalid, Refused
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import choice_of

pages = Blueprint("shift", __name__, url_prefix="/office/shifts")

LONGEST = 500


def load(session: Session, shift_id: UUID, *, named: bool = False) -> dict[str, Any]:
    """Everything the page of a shift shows; `named`: who is on it too, which wants a writing
    transaction."""
    at = now()
    story = shift_lists.shift_story(
        session, shift_id=shift_id, by=current_actor(), named_at=at if named else None
    )
    names = office_notes.account_names(session, accounts_in(story))
    letters = office_notes.letters(session, booking_ids=[b.id for b, _ in story.bookings])
    shift = story.listed.shift
    return {
        "story": story,
        "listed": story.listed,
        "shift": shift,
        "facts": facts_of(shift),
        "state": "unfilled" if is_unfilled(facts_of(shift), at) else shift.state.value,
        "names": names,
        "tiers": tier_lines(story.openings, names, at, _ended(story.listed, at)),
        "past": history(story, names, letters),
        "charges": {
            fill.booking_id: charge_pence(fill.rate_pence_per_hour, facts_of(shift).minutes)
            for fill in story.agency_fills
        },
        "applications": [(b, n) for b, n in story.bookings if b.state is BookingState.APPLIED],
        "acts": _acts(story),
        "now_at": at,
        "may": may(),
    }


def _ended(listed: ListedShift, at: datetime) -> datetime | None:
    """Since when nobody is offered the shift for good; None where that may still be."""
    shift, booking = listed.shift, listed.booking
    if shift.withdrawn_at is not None:
        return shift.withdrawn_at
    if shift.starts_at > at:
        return None
    return (booking.confirmed_at or booking.made_at) if booking else shift.starts_at


def _acts(story: ShiftStory) -> dict[str, bool]:
    """Which buttons make sense in this state; the deed itself asks the rules."""
    state, ahead = story.listed.shift.state, story.listed.shift.starts_at > now()
    booking = story.listed.booking
    return {
        "submit": state is ShiftState.DRAFT,
        "authorise": state is ShiftState.SUBMITTED,
        "amend": state not in (ShiftState.REJECTED, ShiftState.WITHDRAWN),
        "withdraw": state is ShiftState.DRAFT
        or (ahead and state in (ShiftState.SUBMITTED, ShiftState.OPEN)),
        "fill": ahead and state is ShiftState.OPEN,
        "cancel": ahead and booking is not None and booking.state in cancellations.HOLDING,
    }


@pages.get("/<uuid:shift_id>")
def show(shift_id: UUID) -> Page:
    """The whole story of one shift."""
    with db().transaction() as session:
        context = load(session, shift_id, named=True)
        found: ListedShift = context["listed"]
        grounds = grounds_of(session, booking=found.booking, shift=found.shift, by=current_actor())
    return render_template("bankhub/office/shift.html", grounds=grounds, **context)


@pages.post("/<uuid:shift_id>/submit")
def submit(shift_id: UUID) -> Page:
    """Hand a draft in."""

    def work(session: Session) -> Response:
        shift = shift_changes.submit(session, shift_id=shift_id, by=current_actor(), now=now())
        waits = shift.state is ShiftState.SUBMITTED
        say("Handed in: it waits to be authorised." if waits else "Open to the own bank now.")
        return done("shift.show", shift_id=shift_id)

    return idempotency.deed(work)


@pages.post("/<uuid:shift_id>/authorise")
def authorise(shift_id: UUID) -> Page:
    """Allow the spend of this one."""

    def work(session: Session) -> Response:
        shift_changes.authorise(session, shift_id=shift_id, by=current_actor(), now=now())
        say("Authorised: open to the own bank now.")
        return done("shift.show", shift_id=shift_id)

    return idempotency.deed(work)


@dataclass(frozen=True, slots=True)
class Act:
    """A deed that wants words: its page and what it does."""

    title: str
    button: str
    kind: str
    work: Callable[[Session, UUID], str]
    """Does it with what was typed; returns what to say."""


def _because() -> str:
    return request.form.get("because", "").strip()[:LONGEST]


def _withdraw(session: Session, shift_id: UUID) -> str:
    shift_changes.withdraw(
        session,
        shift_id=shift_id,
        because=_because(),
        need_ended=request.form.get("need_ended") == "yes",
        by=current_actor(),
        now=now(),
    )
    return "Withdrawn."


def _reject(session: Session, shift_id: UUID) -> str:
    shift_changes.reject(
        session, shift_id=shift_id, because=_because(), by=current_actor(), now=now()
    )
    return "Not authorised. The requester sees why."


def _open_early(session: Session, shift_id: UUID) -> str:
    tier = choice_of(Tier, request.form.get("tier"), "tier")
    shift_changes.open_early(
        session, shift_id=shift_id, tier=tier, because=_because(), by=current_actor(), now=now()
    )
    return f"{TIERS[tier]}: open now."


ACTS = {
    "withdraw": Act("Withdraw this request?", "Withdraw", "warning", _withdraw),
    "reject": Act("Turn this request down?", "Do not authorise", "warning", _reject),
    "open-early": Act("Open a tier early", "Open it now", "primary", _open_early),
}


@pages.route(
    "/<uuid:shift_id>/<any('withdraw', 'reject', 'open-early'):name>", methods=["GET", "POST"]
)
def act(shift_id: UUID, name: str) -> Page:
    """Ask for the words, then do it; a refusal keeps them."""
    chosen = ACTS[name]
    with db().reading() as session:
        context = {**load(session, shift_id), "name": name, "act": chosen}
    template = "bankhub/office/shift_act.html"
    if request.method == "GET":
        return render_template(template, form=FormState(), **context)

    def work(session: Session) -> Response:
        say(chosen.work(session, shift_id))
        return done("shift.show", shift_id=shift_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, **context)


@pages.route("/<uuid:shift_id>/bookings/<uuid:booking_id>/cancel", methods=["GET", "POST"])
def cancel(shift_id: UUID, booking_id: UUID) -> Page:
    """Undo a booking, for the ward or for the worker who rang."""
    with db().transaction() as session:
        own_booking(session, booking_id, current_actor())
        context = {**load(session, shift_id, named=True), "booking_id": booking_id}
    template = "bankhub/office/cancel.html"
    if request.method == "GET":
        return render_template(template, form=FormState({"whose": "ward"}), **context)

    def work(session: Session) -> Response:
        _cancel(session, booking_id)
        say("Cancelled. The worker is told, and the place is open again unless the need ended.")
        return done("shift.show", shift_id=shift_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, **context)


def _cancel(session: Session, booking_id: UUID) -> None:
    common: dict[str, Any] = {
        "booking_id": booking_id,
        "because": _because(),
        "by": current_actor(),
        "now": now(),
    }
    whose = request.form.get("whose")
    if whose == "worker":
        cancellations.cancel_for_worker(session, **common)
    elif whose == "ward":
        ended = request.form.get("need_ended") == "yes"
        cancellations.cancel_by_ward(session, need_ended=ended, **common)
    else:
        raise Invalid("whose", fields={"whose": ["Say who asked for it."]})
