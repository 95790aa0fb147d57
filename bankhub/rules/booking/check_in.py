"""May the person who was booked start this shift now?

Rule in plain English. They check in from the policy's time before the start until the end, in a
booking that stands. What was proven when it was booked has to hold on the day: the post, the
registration, training, DBS check, right to work and skills; no restriction was made since; and at
a host that is not their own bank its clearance still says yes. A soft reason that was lifted at
booking stays lifted. Hours and rest were decided when the place was taken and are not asked again,
nor is which tier was open. A clearance lasts through the wind-down of its agreement, so that a
booking which was confirmed in time is honoured.

What is due at arrival, such as the local induction, keeps nobody from starting: they are checked
in, amber, with what to do and who does it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bankhub.model.vocabulary import BookingState
from bankhub.rules.london_time import last_london_day
from bankhub.rules.reason_codes import Code, because
from bankhub.rules.wording import said_moment
from passport.errors import Cure, Level, Reason

DECIDED_AT_BOOKING = frozenset(
    {
        Code.ALREADY_STARTED,
        Code.GRADE_NOT_OPEN_YET,
        Code.STUDENT_HOURS,
        Code.SUPPLEMENTARY_HOURS,
        Code.VISA_HOURS,
        Code.OVERLAP,
        Code.ON_LEAVE,
        Code.OFF_SICK,
        Code.SICKNESS_RETURN,
        Code.DAILY_REST,
        Code.WEEKLY_REST,
        Code.AVERAGE_HOURS,
        Code.DOCTORS_AVERAGE_HOURS,
        Code.NIGHT_AVERAGE,
        Code.NIGHTS_IN_A_ROW,
        Code.LONG_DAYS_IN_A_ROW,
        Code.WEEKLY_CEILING,
        Code.YOUNG_DAY,
        Code.YOUNG_WEEK,
        Code.YOUNG_DAILY_REST,
        Code.YOUNG_WEEKLY_REST,
        Code.YOUNG_NIGHT,
        Code.DOCTORS_168_HOURS,
        Code.DOCTORS_SHIFT_LENGTH,
        Code.DOCTORS_LONG_SHIFTS,
        Code.DOCTORS_LATE_EVENINGS,
        Code.DOCTORS_NIGHTS_IN_A_ROW,
        Code.DOCTORS_REST_AFTER_NIGHTS,
        Code.DOCTORS_SHIFTS_IN_A_ROW,
        Code.DOCTORS_REST_AFTER_RUN,
        Code.DOCTORS_WEEKENDS,
    }
)
"""Codes that are not asked again at the start. Any other code is, a new one too."""

ABOUT_CLEARANCE = frozenset({Code.NOT_CLEARED, Code.CLEARANCE_ENDS})
_STANDING = (BookingState.CONFIRMED, BookingState.CHECKED_IN)


class Outcome(StrEnum):
    """How somebody was checked in."""

    GREEN = "green"
    AMBER = "amber"
    """May start; something is due."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something to do at arrival."""

    code: str
    title: str
    act: str
    by: str
    """`worker`, `home`, `host`, or `both` where worker and whoever is in charge sign."""
    points: tuple[str, ...] = ()
    """What is gone through, of an induction."""


def outcome_of(due: Collection[Due]) -> Outcome:
    """Amber while something is due."""
    return Outcome.AMBER if due else Outcome.GREEN


def why_not_now(
    state: BookingState,
    starts_at: datetime,
    ends_at: datetime,
    *,
    opens_minutes: int,
    now: datetime,
) -> list[Reason]:
    """Why nobody can be checked in for the booking at this moment, whoever it is."""
    if state not in _STANDING:
        return [Reason("wrong_state", text="This booking does not stand.")]
    opens_at = starts_at - timedelta(minutes=opens_minutes)
    if now < opens_at:
        return [
            Reason(
                "too_early",
                {"opens_at": opens_at.isoformat()},
                Cure("Check in then", opens_at.isoformat()),
                text=f"Check-in opens on {said_moment(opens_at)}.",
            )
        ]
    if now >= ends_at:
        return [Reason("shift_over", {"ends_at": ends_at.isoformat()}, text="The shift has ended.")]
    return []


def stopping(
    reasons: Iterable[Reason], lifted: Collection[str], *, cleared: bool | None
) -> list[Reason]:
    """What keeps the person from starting, of all that the engine says of the shift today.

    `cleared`: whether the host's clearance and the agreement behind it hold to the end of the
    shift, though they may no longer let a new shift be booked; None = the host's own people.
    """
    passed_over = DECIDED_AT_BOOKING | (ABOUT_CLEARANCE if cleared else frozenset())
    found = [
        reason
        for reason in reasons
        if reason.level is not Level.NOTE
        and reason.code not in passed_over
        and not (reason.level is Level.SOFT and reason.code in lifted)
    ]
    if cleared is False and not any(reason.code in ABOUT_CLEARANCE for reason in found):
        found.append(_not_honoured())
    return found


def holds_through(until_on: date | None, honoured_until: date | None, ends_at: datetime) -> bool:
    """Whether a clearance that lasts until a day, and an agreement that honours bookings until
    another, both reach the last London day of a shift."""
    last = last_london_day(ends_at)
    return all(end is not None and end >= last for end in (until_on, honoured_until))


def _not_honoured() -> Reason:
    return because(
        Code.NOT_CLEARED,
        "The agreement under which you were cleared no longer covers this shift.",
        {"item": "Agreement", "act": None},
        Cure("Ask your own bank office, or that of this organisation"),
    )
