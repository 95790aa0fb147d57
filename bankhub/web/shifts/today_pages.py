"""The day of a bank office: what waits, the gaps by urgency, and who has applied."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from bankhub.actions.booking import blocked, bookings
from bankhub.actions.figures import office_notes
from bankhub.actions.settings import sites
from bankhub.actions.shifts.shift_lists import ListFilters
from bankhub.model.vocabulary import ShiftState
from bankhub.rules.shift_times import london_day
from bankhub.web.shifts.office_parts import (
    Page,
    asked_id,
    asked_place,
    done,
    may,
    next_place,
    with_arguments,
)
from passport.actions.people import organisations
from passport.actions.tenancy import own_organisation
from passport.model.organisations import OrganisationKind
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say

pages = Blueprint("today", __name__, url_prefix="/office")

ROWS = 50
AHEAD = {"day": ("Next 24 hours", 1), "week": ("Next 7 days", 7)}
FURTHEST = 400
"""Days ahead that are listed where nothing shorter is asked for."""


@pages.get("/today")
def show() -> Page:
    """Figures of the day, and open shifts with the soonest first."""
    by, at = current_actor(), now()
    span = request.args.get("ahead", "")
    days = AHEAD[span][1] if span in AHEAD else FURTHEST
    site_id, unit_id = asked_id("site"), asked_id("unit")
    filters = ListFilters(
        starts_from=at,
        starts_before=at + timedelta(days=days),
        site_id=site_id,
        unit_id=unit_id,
        states=(ShiftState.OPEN,),
    )
    with db().reading() as session:
        figures = office_notes.figures(session, by=by, now=at)
        rows = office_notes.gaps(
            session, filters=filters, after=asked_place(), limit=ROWS, by=by, now=at
        )
        places = sites.sites(session, by=by, on=london_day(at))
        own = organisations.get(session, own_organisation(by))
        not_cleared = blocked.blocked_bookings(session, by=by, now=at)
    after = next_place([row.listed for row in rows], ROWS)
    return render_template(
        "bankhub/office/today.html",
        form=FormState({"site": str(site_id or "")}),
        figures=figures,
        not_cleared=len(not_cleared),
        gaps=rows,
        now_at=at,
        spans=[
            (words, with_arguments(ahead=None if key == span else key), key == span)
            for key, (words, _) in AHEAD.items()
        ],
        span=span,
        sites=[(str(site.id), site.name) for site in places],
        filtered=bool(site_id or unit_id or span in AHEAD),
        more_url=with_arguments(after=after) if after else None,
        may=may(),
        general_practice=own.kind in (OrganisationKind.GP_PRACTICE, OrganisationKind.PCN),
    )


@pages.get("/find")
def find() -> Page:
    """Straight to a shift by its booking reference, as it was read out on the phone."""
    text = request.args.get("reference", "").strip()[:60]
    with db().reading() as session:
        found = office_notes.by_reference(session, text=text, by=current_actor())
    if found is None:
        say(f"No shift here has the reference {text}." if text else "Type a reference.", "warn")
        return redirect(url_for("today.show"), 303)
    return redirect(url_for("shift.show", shift_id=found), 303)


@pages.get("/applications")
def applications() -> Page:
    """Who has applied and waits for an answer."""
    by, at = current_actor(), now()
    with db().transaction() as session:
        waiting = office_notes.applications(session, by=by, now=at)
    return render_template(
        "bankhub/office/applications.html", waiting=waiting, now_at=at, may=may()
    )


@pages.post("/applications/<uuid:booking_id>/accept")
def accept(booking_id: UUID) -> Page:
    """Take the applicant; everything is asked again before the place is theirs."""
    by, at = current_actor(), now()

    def work(session: Session) -> Any:
        booked = bookings.accept(session, booking_id=booking_id, by=by, now=at)
        say(f"Accepted: {booked.reference} is booked, and the worker is told.")
        return done("shift.show", shift_id=booked.shift_id)

    return idempotency.deed(work)


@pages.post("/applications/<uuid:booking_id>/decline")
def decline(booking_id: UUID) -> Page:
    """Say no to an applicant, who is told."""
    by, at = current_actor(), now()

    def work(session: Session) -> Any:
        because = request.form.get("because", "")[:500]
        declined = bookings.decline(session, booking_id=booking_id, because=because, by=by, now=at)
        say("Declined. The applicant is told.")
        return done("shift.show", shift_id=declined.shift_id)

    return idempotency.deed(work)
