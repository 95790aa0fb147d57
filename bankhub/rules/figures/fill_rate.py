"""How much of the demand for temporary staff was met, and by whom?

Demand ("requested") is every shift whose spend was authorised, less those pulled before anyone
was booked. Each requested shift is in exactly one place, in shifts and in working minutes:

    requested = own bank + partner bank + framework agency + off-framework + unfilled

- By **booking**: the shift counts where its current live booking (confirmed, checked in, worked)
  came from. Nobody live = unfilled; "still open" is that part of it whose start is ahead. An
  agency worker displaced by a bank worker counts for the bank worker. A worker who did not
  attend still counts as booked, unless somebody else took the place.
- By **work**: the same, except that did-not-attend is unfilled. A booking that nobody has signed
  off yet is taken to be worked, and counted as awaiting sign-off beside it.
- Pulled within 24 hours of the start while nobody was booked: still unfilled, unless the
  coordinator recorded that the need itself had ended. Pulled after the start: as if not pulled.
- Cancelled by the worker, or by the ward while the need stood, and not refilled: unfilled.
- Booked, then the need ended before the start: "withdrawn after fill", counted apart.
- Asked for or authorised only after the start: "retrospective", counted apart, because such a
  request is filled by nature and would flatter the rate.

temp_fill_rate = 1 − unfilled / requested. Bank fill rate = (own + partner) / requested. Bank
share = bank / (bank + agency). Lead time = start − authorised; a shift belongs to the London week
(Monday to Sunday) in which it starts. Not the safe-staffing rate of actual against planned hours,
which may exceed 100 % and is called roster_fill_rate.

Beside the figures stand what could be used to flatter them: requests pulled late, and bookings
the ward undid late. Source: NHS temporary staffing returns by staff group; six weeks' notice from
the Interim NHS People Plan (2019); the numbers are dated policy (`model.fill_policy`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from bankhub.model.fill_policy import FillPolicy
from bankhub.model.fill_values import (
    Amount,
    BookingHistory,
    CountedShift,
    Dimension,
    FillFigures,
    FillRates,
    FillUnit,
    GroupKey,
    Partition,
    ShiftHistory,
    Standing,
)
from bankhub.model.vocabulary import LIVE_BOOKING, BookingState, FillBucket, Tier
from bankhub.rules.shift_times import lead_band, london, week_of

BUCKET_OF_TIER: Mapping[Tier, FillBucket] = {
    Tier.OWN_BANK: FillBucket.OWN_BANK,
    Tier.OWN_FALLBACK: FillBucket.OWN_BANK,
    Tier.PARTNER: FillBucket.PARTNER_BANK,
    Tier.AGENCY_1: FillBucket.FRAMEWORK_AGENCY,
    Tier.AGENCY_2: FillBucket.FRAMEWORK_AGENCY,
    Tier.AGENCY_3: FillBucket.FRAMEWORK_AGENCY,
    Tier.OFF_FRAMEWORK: FillBucket.OFF_FRAMEWORK,
}
"""The tier through which a booking came decides its bucket."""


def count(history: ShiftHistory, policy: FillPolicy, now: datetime) -> CountedShift:
    """Where one shift stands at `now`: exactly one standing and, if requested, one bucket."""
    shift = history.shift
    holder = _holder(history.bookings)
    standing = _standing(history, holder, policy)
    requested = standing is Standing.REQUESTED
    bucket = BUCKET_OF_TIER[holder.tier] if holder else FillBucket.UNFILLED
    absent = holder is not None and holder.state is BookingState.DID_NOT_ATTEND
    authorised_at = history.authorised_at or shift.starts_at
    return CountedShift(
        shift_id=shift.id,
        organisation_id=shift.organisation_id,
        site_id=shift.site_id,
        unit_id=shift.unit_id,
        staff_group=shift.staff_group,
        grade=shift.grade,
        reason=shift.reason,
        week=week_of(shift.starts_at),
        minutes=shift.minutes,
        standing=standing,
        bucket=bucket,
        worked_bucket=FillBucket.UNFILLED if absent else bucket,
        lead_hours=max(0, (shift.starts_at - authorised_at) // timedelta(hours=1)),
        lead_band=lead_band(authorised_at, shift.starts_at),
        still_open=(
            requested and holder is None and history.withdrawn_at is None and shift.starts_at > now
        ),
        awaiting_sign_off=(
            requested
            and holder is not None
            and holder.state in LIVE_BOOKING
            and holder.state is not BookingState.WORKED
        ),
        released_early=(
            requested and _days_ahead(authorised_at, shift.starts_at) >= policy.released_early_days
        ),
        late_withdrawal=history.authorised_at is not None and _withdrawn_late(history, policy),
        late_ward_cancellations=_late_ward_cancellations(history, policy),
    )


def add_up(counted: Iterable[CountedShift]) -> FillFigures:
    """The sums over a set of shifts. Order does not matter, and the sums of two sets can be
    added with `+`."""
    amounts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    late_withdrawals = late_ward_cancellations = 0
    bands: Counter[str] = Counter()
    hours: Counter[int] = Counter()
    for shift in counted:
        for name in _places(shift):
            amounts[name][0] += 1
            amounts[name][1] += shift.minutes
        if shift.standing is Standing.REQUESTED:
            bands[shift.lead_band] += 1
            hours[shift.lead_hours] += 1
        late_withdrawals += shift.late_withdrawal
        late_ward_cancellations += shift.late_ward_cancellations
    total = {name: Amount(*pair) for name, pair in amounts.items()}
    nothing = Amount()
    return FillFigures(
        booked=Partition(*(total.get(f"booked {bucket}", nothing) for bucket in FillBucket)),
        worked=Partition(*(total.get(f"worked {bucket}", nothing) for bucket in FillBucket)),
        still_open=total.get("still_open", nothing),
        awaiting_sign_off=total.get("awaiting_sign_off", nothing),
        released_early=total.get("released_early", nothing),
        retrospective=total.get(Standing.RETROSPECTIVE, nothing),
        withdrawn=total.get(Standing.WITHDRAWN, nothing),
        withdrawn_after_fill=total.get(Standing.WITHDRAWN_AFTER_FILL, nothing),
        late_withdrawals=late_withdrawals,
        late_ward_cancellations=late_ward_cancellations,
        lead_bands=tuple(sorted(bands.items())),
        lead_hours=tuple(sorted(hours.items())),
    )


def roll_up(
    counted: Iterable[CountedShift], by: tuple[Dimension, ...]
) -> dict[GroupKey, FillFigures]:
    """Figures of each group; the groups' figures add up to the figures of all."""
    groups: dict[GroupKey, list[CountedShift]] = defaultdict(list)
    for shift in counted:
        groups[tuple(_KEY[dimension](shift) for dimension in by)].append(shift)
    return {key: add_up(members) for key, members in groups.items()}


def rates(figures: FillFigures, unit: FillUnit) -> FillRates:
    """The rates of these figures in shifts or in hours.

    The median comes from the histogram of whole hours: the middle shift's hours, or the mean of
    the middle two.
    """
    booked, worked = figures.booked, figures.worked
    requested = size(booked.requested, unit)
    bank, agency = size(booked.bank, unit), size(booked.agency, unit)
    return FillRates(
        unit=unit,
        temp_fill_rate=_share(requested - size(booked.unfilled, unit), requested),
        worked_temp_fill_rate=_share(requested - size(worked.unfilled, unit), requested),
        bank_fill_rate=_share(bank, requested),
        bank_share=_share(bank, bank + agency),
        released_early_share=_share(size(figures.released_early, unit), requested),
        median_lead_hours=_median(figures.lead_hours),
    )


def size(amount: Amount, unit: FillUnit) -> int:
    """The amount in shifts, or in working minutes where the unit is hours."""
    return amount.shifts if unit is FillUnit.SHIFTS else amount.minutes


def _holder(bookings: tuple[BookingHistory, ...]) -> BookingHistory | None:
    """Who has the place, else who last did not turn up for it."""
    for states in (LIVE_BOOKING, (BookingState.DID_NOT_ATTEND,)):
        held = [booking for booking in bookings if booking.state in states]
        if held:
            return max(held, key=_made)
    return None


def _standing(history: ShiftHistory, holder: BookingHistory | None, policy: FillPolicy) -> Standing:
    if history.authorised_at is None:
        return Standing.NOT_AUTHORISED
    if max(history.created_at, history.authorised_at) >= history.shift.starts_at:
        return Standing.RETROSPECTIVE
    if holder is not None or not _taken_back(history, policy):
        return Standing.REQUESTED
    if any(booking.made_at is not None for booking in history.bookings):
        return Standing.WITHDRAWN_AFTER_FILL
    return Standing.WITHDRAWN


def _taken_back(history: ShiftHistory, policy: FillPolicy) -> bool:
    """Whether the demand itself went away, in time and on record."""
    starts_at = history.shift.starts_at
    ended = [booking for booking in history.bookings if booking.made_at and booking.ended_at]
    last = max(ended, key=lambda booking: (booking.ended_at, _made(booking)), default=None)
    if last and last.state is BookingState.CANCELLED_WARD and last.need_gone:
        return last.ended_at is not None and last.ended_at < starts_at
    if history.withdrawn_at is None or history.withdrawn_at >= starts_at:
        return False
    return history.need_ended or not _withdrawn_late(history, policy)


def _withdrawn_late(history: ShiftHistory, policy: FillPolicy) -> bool:
    return history.withdrawn_at is not None and (
        history.shift.starts_at - history.withdrawn_at
        < timedelta(hours=policy.late_withdrawal_hours)
    )


def _late_ward_cancellations(history: ShiftHistory, policy: FillPolicy) -> int:
    window = timedelta(hours=policy.late_ward_cancellation_hours)
    return sum(
        booking.state is BookingState.CANCELLED_WARD
        and booking.made_at is not None
        and booking.ended_at is not None
        and history.shift.starts_at - booking.ended_at < window
        for booking in history.bookings
    )


def _made(booking: BookingHistory) -> tuple[datetime, UUID]:
    return booking.made_at or datetime.min.replace(tzinfo=UTC), booking.id


def _days_ahead(authorised_at: datetime, starts_at: datetime) -> int:
    """Whole days on the London wall clock, so that a clock change takes none away."""
    return (
        london(starts_at).replace(tzinfo=None) - london(authorised_at).replace(tzinfo=None)
    ).days


def _places(shift: CountedShift) -> list[str]:
    """Every sum the shift goes into."""
    if shift.standing is not Standing.REQUESTED:
        return [shift.standing]
    places = [f"booked {shift.bucket}", f"worked {shift.worked_bucket}"]
    parts = ("still_open", "awaiting_sign_off", "released_early")
    return places + [name for name in parts if getattr(shift, name)]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _median(histogram: tuple[tuple[int, int], ...]) -> float | None:
    total = sum(number for _, number in histogram)
    if not total:
        return None
    middle = ((total - 1) // 2, total // 2)
    passed = 0
    found: list[int] = []
    for hours, number in histogram:
        found += [hours for place in middle if passed <= place < passed + number]
        passed += number
    return sum(found) / 2


_KEY: Mapping[Dimension, Callable[[CountedShift], UUID | str | date]] = {
    Dimension.TRUST: lambda shift: shift.organisation_id,
    Dimension.SITE: lambda shift: shift.site_id,
    Dimension.UNIT: lambda shift: shift.unit_id,
    Dimension.STAFF_GROUP: lambda shift: shift.staff_group,
    Dimension.GRADE: lambda shift: shift.grade,
    Dimension.REASON: lambda shift: shift.reason,
    Dimension.WEEK: lambda shift: shift.week,
    Dimension.LEAD_BAND: lambda shift: shift.lead_band,
}
