"""Pages for bank staff, on a phone between two shifts: home, find, book, my shifts."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from bankhub.actions.booking import arrivals, blocked, bookings, cancellations, own_bookings
from bankhub.actions.deployments import deployment_views
from bankhub.actions.finding import search, worker_notes
from bankhub.actions.shifts.shift_records import facts_of
from bankhub.model.deployment_values import Side
from bankhub.model.search_values import Filter, FoundShift, ShiftFilters, Show
from bankhub.model.vocabulary import BookingState
from bankhub.rules.shift_times import london_day
from passport.actions.issuing import own_passport
from passport.actions.people import linking
from passport.errors import Reason, Refused
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import day_of, uuid_of

pages = Blueprint("worker", __name__, url_prefix="/my")

SHOWN = {"all": Show.ALL, "bookable": Show.BOOKABLE}
WEEKS_BACK = timedelta(weeks=4)
A_MOMENT = timedelta(microseconds=1)
_TAKEN_BACK = "Your application is taken back"
FILTER_NAMES = {
    Filter.SITE: ("site", "your site filter"),
    Filter.UNIT: ("unit", "your ward filter"),
    Filter.ROLE: ("role", "your role filter"),
    Filter.CODE: ("code", "your shift type filter"),
    Filter.DISTANCE: ("within", "your distance filter"),
}


@pages.get("/")
def home() -> str:
    """What is next, and what needs doing."""
    by, at = current_actor(), now()
    with db().reading() as session:
        coming = own_bookings.own_bookings(session, since=at, by=by, with_ended=False)
        page = search.find_shifts(session, limit=3, by=by, now=at)
        todos = worker_notes.things_to_fix(session, by=by, now=at)
        is_this_you = linking.has_question(session, by=by)
        here = arrivals.own_check_ins(session, by=by, now=at)
        barred = blocked.own_blocked(session, by=by, now=at)
        moves = deployment_views.own(session, by=by, now=at)
        to_take = own_passport.waiting(session, by=by)
    return render_template(
        "bankhub/worker/home.html",
        next_shift=next((b for b in coming if b.booking.state in cancellations.HOLDING), None),
        here=here,
        barred=barred,
        moves=[one for one in moves if Side.WORKER in one.waits_for],
        waiting=[b for b in coming if b.booking.state is BookingState.APPLIED],
        shifts=page.shifts,
        todos=todos,
        to_take=to_take,
        is_this_you=is_this_you,
    )


@pages.get("/find")
def find() -> str:
    """Shifts I may work; on request those I may not, each with why."""
    by, at = current_actor(), now()
    show = SHOWN.get(request.args.get("show", ""), Show.IN_REACH)
    filters = _filters()
    with db().reading() as session:
        page = search.find_shifts(
            session,
            filters=filters,
            show=show,
            after=request.args.get("after"),
            by=by,
            now=at,
        )
        facets = worker_notes.facets(session, by=by)
    some_in_reach = show is Show.IN_REACH and any(not one.bookable for one in page.shifts)
    return render_template(
        "bankhub/worker/find.html",
        page=page,
        last_day=page.searched_until - A_MOMENT,
        show_all=show is Show.ALL,
        some_in_reach=some_in_reach,
        chips=_chips(facets, show, some_in_reach=some_in_reach),
        hidden=_hidden(page.hidden),
        more_url=_with(after=page.after) if page.after else None,
    )


def _filters() -> ShiftFilters:
    given = request.args
    return ShiftFilters(
        from_on=day_of(given["from"], "from") if given.get("from") else None,
        until_on=day_of(given["until"], "until") if given.get("until") else None,
        site_id=uuid_of(given["site"]) if given.get("site") else None,
        unit_id=uuid_of(given["unit"]) if given.get("unit") else None,
        role=given.get("role") or None,
        shift_code=given.get("code") or None,
    )


def _chips(
    facets: worker_notes.Facets, show: Show, *, some_in_reach: bool
) -> list[tuple[str, str, bool]]:
    """Each chip is a link that puts one filter on, or takes it off."""
    today = london_day(now())
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    given = request.args
    week = {"until": (today + timedelta(days=6 - today.weekday())).isoformat()}
    weekend = {"from": saturday.isoformat(), "until": (saturday + timedelta(1)).isoformat()}
    chips = [_days_chip("This week", week), _days_chip("Next weekend", weekend)]
    chips += [
        (code, _toggle("code", code), given.get("code") == code) for code in facets.shift_codes
    ]
    chips += [
        (name, _toggle("site", str(site_id)), given.get("site") == str(site_id))
        for site_id, name in facets.sites
    ]
    if some_in_reach or show is Show.BOOKABLE:
        chips.append(
            ("Only where I am cleared", _toggle("show", "bookable"), show is Show.BOOKABLE)
        )
    chips.append(("Ones I cannot book", _toggle("show", "all"), show is Show.ALL))
    return chips


def _days_chip(words: str, days: dict[str, str]) -> tuple[str, str, bool]:
    """Takes the place of whatever days were asked for, so that no two can exclude each other."""
    none: dict[str, str | None] = {"from": None, "until": None}
    on = {name: request.args[name] for name in none if request.args.get(name)} == days
    return words, _with(**none) if on else _with(**{**none, **days}), on


def _hidden(hidden: Any) -> list[tuple[int, str, str]]:
    return [
        (count, words, _with(**{name: None}))
        for key, count in hidden.items()
        for name, words in [FILTER_NAMES[key]]
    ]


def _toggle(name: str, value: str) -> str:
    return _with(**{name: None if request.args.get(name) == value else value})


def _with(**changes: str | None) -> str:
    """This page with some filters changed; a changed filter starts again at the first shift."""
    kept = {k: v for k, v in request.args.items() if k != "after"} | changes
    values: dict[str, Any] = {k: v for k, v in kept.items() if v}
    return url_for("worker.find", **values)


@pages.get("/shifts/<uuid:shift_id>")
def shift(shift_id: UUID) -> str:
    """One shift: everything about it, and the button that books it."""
    with db().reading() as session:
        found = search.one_shift(session, shift_id=shift_id, by=current_actor(), now=now())
        notice = worker_notes.cancel_until(session, shift=found.shift)
    return render_template(
        "bankhub/worker/shift.html",
        found=found,
        may_book=found.bookable and found.own_booking in (None, *own_bookings.ENDED),
        cancel_until=notice,
        blocking=_blocking(found),
    )


def _blocking(found: FoundShift) -> list[Reason]:
    return [reason for reason in found.reasons if not found.bookable or reason.level == "note"]


@pages.post("/shifts/<uuid:shift_id>/book")
def book(shift_id: UUID) -> Response:
    """The second tap. Whoever comes too late is shown what else is open."""
    by, at = current_actor(), now()

    def work(session: Session) -> Response:
        booked = bookings.book(session, shift_id=shift_id, by=by, now=at)
        if booked.state is BookingState.APPLIED:
            say("You have applied. The ward will answer, and you will be told.", "info")
        else:
            say(f"Booked. Your reference is {booked.reference}.")
        return make_response(redirect(url_for("worker.shifts"), 303))

    try:
        return idempotency.deed(work)
    except Refused as refused:
        if already := _held_already(shift_id):
            return already
        with db().reading() as session:
            others = search.find_shifts(session, limit=3, by=by, now=at).shifts
        page = render_template(
            "bankhub/worker/refused.html", reasons=refused.reasons, others=others
        )
        return make_response(page, 409)


def _held_already(shift_id: UUID) -> Response | None:
    """Whoever books again what is theirs, from a second tab, is not told that it is gone."""
    with db().reading() as session:
        mine = own_bookings.own_bookings(session, since=now(), by=current_actor())
    held = {one.booking.state for one in mine if one.shift.id == shift_id}
    if not held & {*cancellations.HOLDING, BookingState.APPLIED}:
        return None
    words = "applied for" if BookingState.APPLIED in held else "booked"
    say(f"You have {words} this shift already.", "info")
    return make_response(redirect(url_for("worker.shifts"), 303))


@pages.get("/shifts")
def shifts() -> str:
    """Booked, applied for, and what lies behind."""
    by, at = current_actor(), now()
    with db().reading() as session:
        every = own_bookings.own_bookings(session, since=at - WEEKS_BACK, by=by)
        here = arrivals.own_check_ins(session, by=by, now=at)
        barred = blocked.own_blocked(session, by=by, now=at)
    coming = [one for one in every if one.booking.ends_at > at]
    return render_template(
        "bankhub/worker/shifts.html",
        booked=[b for b in coming if b.booking.state in cancellations.HOLDING],
        applied=[b for b in coming if b.booking.state is BookingState.APPLIED],
        past=[b for b in reversed(every) if b.booking.ends_at <= at],
        ended=[b for b in coming if b.booking.state in own_bookings.ENDED],
        here=here,
        barred=barred,
    )


@pages.get("/bookings/<uuid:booking_id>/cancel")
def ask_cancel(booking_id: UUID) -> str:
    """Really give it back?"""
    return _cancel_page(booking_id)


def _cancel_page(booking_id: UUID, reasons: Sequence[Reason] = ()) -> str:
    with db().reading() as session:
        booked = own_bookings.one_of_own(session, booking_id=booking_id, by=current_actor())
        notice = worker_notes.cancel_until(session, shift=facts_of(booked.shift))
    return render_template(
        "bankhub/worker/cancel.html",
        booked=booked,
        cancel_until=notice,
        holding=booked.booking.state in cancellations.HOLDING,
        reasons=reasons,
        form=FormState(),
        now_at=now(),
    )


@pages.post("/bookings/<uuid:booking_id>/cancel")
def cancel(booking_id: UUID) -> Response:
    """Give a shift back."""
    by, at = current_actor(), now()

    def work(session: Session) -> Response:
        because = request.form.get("because", "")[:500]
        ended = cancellations.cancel_own(
            session, booking_id=booking_id, because=because, by=by, now=at
        )
        was_booked = ended.confirmed_at is not None
        say(f"{'Cancelled' if was_booked else _TAKEN_BACK}. The bank office has been told.")
        return make_response(redirect(url_for("worker.shifts"), 303))

    try:
        return idempotency.deed(work)
    except Refused as refused:
        return make_response(_cancel_page(booking_id, refused.reasons), refused.status)
