"""Which rate holds, when there is none, and what the national list says."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bankhub.model.pay_policy import (
    Enhancement,
    PayPolicy,
    RateTable,
    RateValue,
)
from bankhub.model.rates import listed_rates
from bankhub.model.reference import national_rates
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.shift_times import Span
from passport.errors import Invalid
from tests.rules.pay_examples import (
    AFC,
    CORE,
    ENTRY_2025,
    MEDICAL,
    OCTOBER_NIGHT,
    PLAIN,
    SATURDAY_NIGHT,
    UNSOCIAL,
    paid,
    pay,
    span,
)

NO_CORE = tuple(rate for rate in national_rates() if rate.time_type is not CORE)
NO_UNSOCIAL = tuple(rate for rate in national_rates() if rate.time_type is not UNSOCIAL)
NOT_SET: dict[str, tuple[Grade, StaffGroup, tuple[RateValue, ...], PayPolicy, Span]] = {
    "no rate at all": (Grade.BAND_2, StaffGroup.HCA, (), AFC, SATURDAY_NIGHT),
    "no rate for the grade": (
        Grade.BAND_3,
        StaffGroup.HCA,
        ENTRY_2025.rates,
        AFC,
        SATURDAY_NIGHT,
    ),
    "no rate yet on the day": (
        Grade.BAND_2,
        StaffGroup.HCA,
        ENTRY_2025.rates,
        AFC,
        span("2025-03-31T09:00", "2025-03-31T17:00"),
    ),
    "no percentages for the grade": (
        Grade.BAND_2,
        StaffGroup.HCA,
        ENTRY_2025.rates,
        replace(AFC, enhancements={}),
        SATURDAY_NIGHT,
    ),
    "no core rate to show, though the night is all unsocial": (
        Grade.FY1,
        StaffGroup.MEDICAL_DENTAL,
        NO_CORE,
        MEDICAL,
        OCTOBER_NIGHT,
    ),
    "no unsocial rate for a night": (
        Grade.FY1,
        StaffGroup.MEDICAL_DENTAL,
        NO_UNSOCIAL,
        MEDICAL,
        OCTOBER_NIGHT,
    ),
    "a medical rate does not stand for another staff group": (
        Grade.FY1,
        StaffGroup.AHP_STT,
        national_rates(),
        MEDICAL,
        OCTOBER_NIGHT,
    ),
}


@pytest.mark.parametrize(
    ("grade", "staff_group", "rates", "policy", "given_span"), NOT_SET.values(), ids=NOT_SET.keys()
)
def test_without_a_rate_there_is_no_estimate(
    grade: Grade,
    staff_group: StaffGroup,
    rates: tuple[RateValue, ...],
    policy: PayPolicy,
    given_span: Span,
) -> None:
    found = pay(
        given_span, grade=grade, staff_group=staff_group, rates=RateTable(rates), policy=policy
    )
    assert found is None


def plain(pence: int, from_on: date, **others: object) -> RateValue:
    base = RateValue(
        grade=Grade.BAND_5,
        time_type=PLAIN,
        pence_per_hour=pence,
        from_on=from_on,
        source=str(pence),
    )
    return replace(base, **others)  # type: ignore[arg-type]


OLD, NEW = date(2025, 4, 1), date(2026, 4, 1)
WHICH_RATE: dict[str, tuple[tuple[RateValue, ...], int | None]] = {
    "the later of two": ((plain(2, NEW), plain(1, OLD)), 2),
    "one that starts tomorrow does not hold yet": (
        (plain(1, OLD), plain(2, date(2026, 10, 7))),
        1,
    ),
    "one that starts today holds": ((plain(1, OLD), plain(2, date(2026, 10, 6))), 2),
    "one that ended yesterday is over": (
        (plain(2, NEW, until=date(2026, 10, 5)), plain(1, OLD)),
        1,
    ),
    "one that ends today still holds": ((plain(2, NEW, until=date(2026, 10, 6)), plain(1, OLD)), 2),
    "the organisation's own, though older": ((plain(2, NEW), plain(1, OLD, own=True)), 1),
    "the staff group's, though older": (
        (plain(2, NEW), plain(1, OLD, staff_group=StaffGroup.NURSING_MIDWIFERY)),
        1,
    ),
    "another staff group's is not ours": (
        (plain(2, NEW, staff_group=StaffGroup.AHP_STT), plain(1, OLD)),
        1,
    ),
    "none": ((plain(2, NEW, staff_group=StaffGroup.AHP_STT),), None),
}


@pytest.mark.parametrize(("rates", "pence"), WHICH_RATE.values(), ids=WHICH_RATE.keys())
def test_which_rate_holds(rates: tuple[RateValue, ...], pence: int | None) -> None:
    found = RateTable(rates).find(
        staff_group=StaffGroup.NURSING_MIDWIFERY,
        grade=Grade.BAND_5,
        time_type=PLAIN,
        day=date(2026, 10, 6),
    )
    assert (found.pence_per_hour if found else None) == pence


def test_a_night_into_the_pay_award_is_paid_at_the_rate_of_the_day_it_starts() -> None:
    rates = RateTable(national_rates())
    found = paid(pay(span("2026-03-31T19:30", "2026-04-01T08:00"), rates=rates))
    assert found.hourly_pence == 1251
    assert not found.illustrative
    after = paid(pay(span("2026-04-01T19:30", "2026-04-02T08:00"), rates=rates))
    assert after.hourly_pence == 1292
    assert after.illustrative


def test_national_hourly_rates_are_their_salaries_by_the_handbooks_divisor() -> None:
    salaried = [rate for rate in national_rates() if rate.annual_pence is not None]
    assert len(salaried) == 22
    for rate in salaried:
        table = RateTable((rate,))
        day = datetime.combine(rate.from_on, time(9), UTC)
        found = paid(pay(Span(day, day + timedelta(hours=8)), grade=rate.grade, rates=table))
        assert found.hourly_pence == rate.pence_per_hour, rate
        assert rate.time_type is PLAIN


def test_every_grade_has_a_national_rate_and_its_percentages() -> None:
    table = RateTable(national_rates())
    for grade in Grade:
        medical = grade not in AFC.enhancements
        found = pay(
            SATURDAY_NIGHT,
            grade=grade,
            staff_group=StaffGroup.MEDICAL_DENTAL if medical else StaffGroup.HCA,
            rates=table,
            policy=MEDICAL if medical else AFC,
        )
        assert found is not None, grade
    assert AFC.enhancements[Grade.BAND_3] == Enhancement(35, 69)


def test_a_wrong_national_list_names_the_field() -> None:
    version = {
        "from": NEW,
        "source": "x",
        "illustrative": True,
        "values": {"rates": [{"grade": "band_5", "time_type": "nights", "pence_per_hour": 1}]},
    }
    with pytest.raises(Invalid) as refused:
        listed_rates({"version": [version]})
    assert list(refused.value.fields) == ["rates[0].time_type"]
