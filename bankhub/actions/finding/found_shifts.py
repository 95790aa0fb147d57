"""Putting names, pay and distance to the shifts that a worker is shown."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.seekers import Seeker
from bankhub.actions.settings.pay import OWN_RATES, PayBook, pay_book_from_rows
from bankhub.model.search_values import FoundShift, Place
from bankhub.model.shifts import Shift
from bankhub.model.sites import Site, Unit
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import BookingState, Grade, ShiftState, Tier
from bankhub.rules.agreements.partner_work import about_clearance
from bankhub.rules.distance import straight_line_km
from bankhub.rules.eligibility.booked_as import booked_as
from passport import batch
from passport.errors import Reason
from passport.model.organisations import Organisation


@dataclass(frozen=True, slots=True)
class Seen:
    """A shift that will be shown, and what the rules said of it."""

    facts: ShiftFacts
    tiers_open: frozenset[Tier]
    home_id: UUID | None
    """The bank through which the worker sees it; None = only their own booking shows it."""
    reasons: tuple[Reason, ...]
    bookable: bool
    own_booking: BookingState | None


def distance_of(who: Seeker, shift: ShiftFacts, from_site_id: UUID | None) -> float | None:
    """Kilometres in a straight line between two sites of the worker's banks, where known."""
    if from_site_id is None:
        return None
    return straight_line_km(who.sites.get(from_site_id), who.sites.get(shift.site_id))


def _distance(who: Seeker, one: Seen, near_site_id: UUID | None) -> float | None:
    """A partner's shift, where nothing was asked: from the nearest site of the home bank."""
    if near_site_id is not None or one.home_id in (None, one.facts.organisation_id):
        return distance_of(who, one.facts, near_site_id)
    sites = who.sites_of.get(one.home_id, ()) if one.home_id else ()
    known = (distance_of(who, one.facts, site_id) for site_id in sites)
    return min((far for far in known if far is not None), default=None)


def _due(who: Seeker, one: Seen) -> tuple[str, ...]:
    """What the host asks for at arrival of whoever comes from a partner."""
    if one.home_id in (None, one.facts.organisation_id):
        return ()
    clearance = who.clearance(one.facts, one.home_id)
    return tuple(title for title, _ in clearance.due) if clearance else ()


def found(
    session: Session, who: Seeker, shifts: Sequence[Seen], near_site_id: UUID | None
) -> list[FoundShift]:
    """The shifts as the worker reads them, in the same order."""
    if not shifts:
        return []
    rows = {row.id: row for row in session.execute(_words([one.facts.id for one in shifts]))}
    pay = _pay_books(session, who, {one.facts.organisation_id for one in shifts})
    return [
        _found(
            one,
            rows[one.facts.id],
            _seen_as(who, one),
            pay.get(one.facts.organisation_id),
            _distance(who, one, near_site_id),
            _due(who, one),
        )
        for one in shifts
    ]


def _pay_books(session: Session, who: Seeker, hosts: Collection[UUID]) -> dict[UUID, PayBook]:
    known = [host for host in hosts if host in who.books]
    rates = batch.run(session, *((OWN_RATES, {"organisation_id": host}) for host in known))
    return {
        host: pay_book_from_rows(result.rows, who.books[host])
        for host, result in zip(known, rates, strict=True)
    }


def _words(shift_ids: Sequence[UUID]) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Shift.id,
            Shift.reference,
            Shift.shift_code,
            Shift.notes,
            Shift.instant_book,
            Unit.id.label("unit_id"),
            Unit.name.label("unit_name"),
            Unit.phone.label("unit_phone"),
            Site.id.label("site_id"),
            Site.name.label("site_name"),
            Organisation.id.label("organisation_id"),
            Organisation.name.label("organisation_name"),
        )
        .join(Unit, Unit.id == Shift.unit_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Organisation, Organisation.id == Shift.organisation_id)
        .where(Shift.id.in_(shift_ids))
    )


def _seen_as(who: Seeker, one: Seen) -> tuple[Tier, Grade]:
    """Through which tier, and at which grade; the first open tier where nothing can be booked."""
    facts = one.facts
    if one.home_id is not None and one.home_id != facts.organisation_id:
        return Tier.PARTNER, facts.grade
    worker = who.workers.get(facts.organisation_id)
    grades = who.grades_open(facts, one.tiers_open - {Tier.PARTNER})
    booked = booked_as(facts, worker.facts, grades) if worker is not None else None
    if booked is not None:
        _post, grade, tier = booked
        return tier, grade
    return (Tier.OWN_BANK if Tier.OWN_BANK in one.tiers_open else Tier.OWN_FALLBACK), facts.grade


def _found(
    one: Seen,
    row: Any,
    seen_as: tuple[Tier, Grade],
    pay: PayBook | None,
    distance_km: float | None,
    due: tuple[str, ...],
) -> FoundShift:
    tier, grade = seen_as
    return FoundShift(
        shift=one.facts,
        reference=row.reference,
        shift_code=row.shift_code,
        notes=row.notes,
        place=Place(
            row.unit_id,
            row.unit_name,
            row.unit_phone,
            row.site_id,
            row.site_name,
            row.organisation_id,
            row.organisation_name,
        ),
        tier=tier,
        grade=grade,
        bookable=one.bookable,
        reasons=one.reasons,
        instant_book=row.instant_book,
        displaces_agency=one.bookable and one.facts.state is ShiftState.FILLED,
        own_booking=one.own_booking,
        distance_km=distance_km,
        is_cleared=not any(about_clearance(reason) for reason in one.reasons),
        due_at_arrival=due,
        pay=pay.estimate(one.facts, grade) if pay else None,
    )
