"""Values of the pay estimate: what an organisation's policy says, and its rates.

Money is whole pence; a rate may be worked from a salary, then it is not rounded before the line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bankhub.model.vocabulary import Grade, StaffGroup


class TimeType(StrEnum):
    """Kinds of time that are paid at different rates."""

    PLAIN = "plain"
    SATURDAY_NIGHT = "saturday_night"
    """Saturday, and weekday nights (Agenda for Change Section 2, column 2)."""
    SUNDAY_HOLIDAY = "sunday_holiday"
    """Sundays and public holidays (column 3)."""
    CORE = "core"
    """Medical: weekday daytime."""
    UNSOCIAL = "unsocial"
    """Medical: nights, weekends and public holidays."""
    SESSION = "session"
    """General practice: a fixed price for one session."""
    HOLIDAY_PAY = "holiday_pay"
    """Rolled-up holiday pay, always a line of its own. A share of the pay, so it has no rate."""


class PayScheme(StrEnum):
    """How a shift is cut into time types."""

    SECTION_2 = "section_2"
    CORE_UNSOCIAL = "core_unsocial"
    SESSION = "session"


class BreakPolicy(StrEnum):
    """Which minutes the unpaid break takes away while its real time is not recorded."""

    MIDDLE = "middle"
    PRO_RATA = "pro_rata"
    LOWEST_RATE = "lowest_rate"


class RateBasis(StrEnum):
    """What the hourly rate is taken from where both are known."""

    ANNUAL = "annual"
    """Salary / (365/7 x weekly hours), not rounded before the line."""
    HOURLY = "hourly"
    """The published hourly rate in whole pence."""


@dataclass(frozen=True, slots=True)
class Enhancement:
    """What is added to plain time, in per cent."""

    saturday_night_percent: int
    sunday_holiday_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPolicy:
    """How time is typed, breaks are taken off and lines are rounded. Hours are London hours."""

    scheme: PayScheme
    scheme_of_grade: Mapping[Grade, PayScheme]
    """Grades of the staff group that are paid otherwise."""
    unpaid_break: BreakPolicy
    rate_basis: RateBasis
    full_time_minutes_a_week: int
    """What a salary is for: 2,250 = 37.5 hours."""
    enhancements: Mapping[Grade, Enhancement]
    night_from_hour: int
    night_until_hour: int
    core_from_hour: int
    core_until_hour: int
    session_minutes: int
    rolled_up_holiday_basis_points: int
    """1,207 = 12.07 % of the pay, as a line of its own; 0 = holiday is accrued and booked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateValue:
    """One rate, from a day on."""

    grade: Grade
    time_type: TimeType
    pence_per_hour: int
    from_on: date
    until: date | None = None
    """Last day on which it holds; None = until a later one."""
    staff_group: StaffGroup | None = None
    """None = every staff group that uses the grade."""
    annual_pence: int | None = None
    """The salary the hourly rate is worked from, where there is one."""
    session_pence: int | None = None
    """The price of one session, where the rate is one for sessions."""
    own: bool = False
    """Set by the organisation itself, and so before any national rate."""
    illustrative: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class RateTable:
    """The rates one organisation pays by: its own, and national ones beneath them."""

    rates: tuple[RateValue, ...] = ()
    _by_kind: dict[tuple[Grade, TimeType], list[RateValue]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for rate in self.rates:
            self._by_kind.setdefault((rate.grade, rate.time_type), []).append(rate)

    def find(
        self, *, staff_group: StaffGroup, grade: Grade, time_type: TimeType, day: date
    ) -> RateValue | None:
        """The rate that holds on `day`: own before national, the staff group's before any
        group's, then the latest. None = not set."""
        holding = [
            rate
            for rate in self._by_kind.get((grade, time_type), ())
            if rate.staff_group in (None, staff_group)
            and rate.from_on <= day
            and (rate.until is None or day <= rate.until)
        ]
        return max(
            holding,
            key=lambda rate: (rate.own, rate.staff_group is not None, rate.from_on),
            default=None,
        )
