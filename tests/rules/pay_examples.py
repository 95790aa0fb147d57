"""An organisation's pay policy and rates, and shifts by the London clock, for the pay tests."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bankhub.model.pay_policy import (
    PayPolicy,
    RateTable,
    RateValue,
    TimeType,
)
from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import national_policies, national_rates
from bankhub.model.values import PayEstimate
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.pay.pay_estimate import estimate
from bankhub.rules.shift_times import Span

LONDON = ZoneInfo("Europe/London")
AFC, MEDICAL = (
    read_values(PayPolicy, version.values) for version in national_policies(PolicyKind.PAY)
)
PLAIN, NIGHT, SUNDAY = TimeType.PLAIN, TimeType.SATURDAY_NIGHT, TimeType.SUNDAY_HOLIDAY
CORE, UNSOCIAL = TimeType.CORE, TimeType.UNSOCIAL
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28)})
"""Friday, and the substitute day for Saturday's Boxing Day."""
ENTRY_2025 = RateTable(
    (
        RateValue(
            grade=Grade.BAND_2,
            time_type=PLAIN,
            pence_per_hour=1251,
            annual_pence=2446500,
            from_on=date(2025, 4, 1),
            source="2025/26",
        ),
    )
)


def span(start: str, end: str) -> Span:
    """From London wall-clock times."""
    starts_at, ends_at = (
        datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC) for text in (start, end)
    )
    return Span(starts_at, ends_at)


SATURDAY_NIGHT = span("2026-10-17T19:30", "2026-10-18T08:00")
OCTOBER_NIGHT = span("2026-10-24T19:30", "2026-10-25T08:00")
MARCH_NIGHT = span("2027-03-27T19:30", "2027-03-28T08:00")


def pay(
    given_span: Span,
    *,
    unpaid: int = 0,
    grade: Grade = Grade.BAND_2,
    staff_group: StaffGroup = StaffGroup.HCA,
    rates: RateTable = ENTRY_2025,
    holidays: frozenset[date] = CHRISTMAS,
    policy: PayPolicy = AFC,
) -> PayEstimate | None:
    return estimate(
        given_span,
        unpaid_break_minutes=unpaid,
        staff_group=staff_group,
        grade=grade,
        rates=rates,
        holidays=holidays,
        policy=policy,
    )


def paid(found: PayEstimate | None) -> PayEstimate:
    assert found is not None
    assert found.total_pence == sum(line.pence for line in found.lines)
    return found


def doctor(grade: Grade, given_span: Span, unpaid: int = 0) -> PayEstimate | None:
    return pay(
        given_span,
        unpaid=unpaid,
        grade=grade,
        staff_group=StaffGroup.MEDICAL_DENTAL,
        rates=RateTable(national_rates()),
        policy=MEDICAL,
    )
