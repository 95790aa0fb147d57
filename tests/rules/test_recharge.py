"""What a host owes for a partner's shift: a table for each basis, and the reciprocal balance."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.agreement_terms import (
    AgreementTerms,
    DataCategory,
    EmployedBy,
    PartyRole,
    PartyTerm,
    RechargeBasis,
    RechargeTerms,
    ScopeTerm,
)
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreements_in_force import InForce, Party
from bankhub.rules.pay.recharge import (
    Turnover,
    Worked,
    administration,
    balances,
    period,
    price,
    version_for,
)

HOME, HOST, THIRD = (UUID(int=number) for number in (1, 2, 3))
FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)
WORKED = Worked(HOME, HOST, StaffGroup.NURSING_MIDWIFERY, Grade.BAND_5, 690, date(2026, 9, 7))


def terms(basis: RechargeBasis = RechargeBasis.FIXED_RATE, **fields: Any) -> AgreementTerms:
    recharge: dict[str, Any] = {"rates_pence_per_hour": {"band_5": 2_345}} | fields
    return AgreementTerms(
        parties=(PartyTerm("RAA"), PartyTerm("RBB")),
        scope=(ScopeTerm(StaffGroup.NURSING_MIDWIFERY, (Grade.BAND_5,)),),
        starts_on=FIRST,
        ends_on=LAST,
        purpose="Bank shifts",
        lawful_basis="Article 6(1)(e)",
        data_categories=(DataCategory.IDENTITY,),
        recharge=RechargeTerms(basis, **recharge),
    )


def version(number: int = 1, **fields: Any) -> InForce:
    made: dict[str, Any] = {
        "agreement_id": UUID(int=100 + number),
        "version_id": UUID(int=200 + number),
        "reference": f"WSA-{number}",
        "number": 1,
        "title": "Bank",
        "terms": terms(),
        "from_on": FIRST,
        "until_on": LAST,
        "parties": tuple(
            Party(one, f"R{one.int}", f"Trust {one.int}", PartyRole.BOTH) for one in (HOME, HOST)
        ),
    } | fields
    return InForce(**made)


PRICES = [
    pytest.param(terms(), 9_999, 26_968, False, id="fixed: 11.5 h at 23.45 = 269.675, half up"),
    pytest.param(
        terms(rates_pence_per_hour={"band_6": 1}), None, None, True, id="fixed, grade not named"
    ),
    pytest.param(terms(RechargeBasis.BANK_RATE), 9_999, 9_999, True, id="the host's bank rate"),
    pytest.param(terms(RechargeBasis.BANK_RATE), None, None, True, id="no bank rate set"),
    pytest.param(terms(RechargeBasis.ACTUAL_COST), 9_999, None, True, id="actual: not known yet"),
    pytest.param(terms(RechargeBasis.NONE_RECIPROCAL), 9_999, None, False, id="reciprocal"),
    pytest.param(
        replace(terms(), employed_by=EmployedBy.SECOND_POST), 9_999, None, False,
        id="the host employs by itself",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("agreed", "bank", "pence", "illustrative"), PRICES)
def test_what_is_owed(
    agreed: AgreementTerms, bank: int | None, pence: int | None, illustrative: bool
) -> None:
    found = price(WORKED, agreed, bank_pence=bank)
    assert (found.pence, found.illustrative) == (pence, illustrative)
    assert found.source


@pytest.mark.parametrize(
    ("pence", "percent", "owed"), [(26_968, 5, 1_348), (10, 5, 1), (9, 5, 0), (None, 5, 0)]
)
def test_administration_is_rounded_half_up(pence: int | None, percent: int, owed: int) -> None:
    assert administration(pence, terms(admin_percent=percent).recharge) == owed


VERSIONS = [
    pytest.param(version(), True, id="in force, both parties, in scope"),
    pytest.param(version(from_on=date(2026, 9, 8)), False, id="begins the day after"),
    pytest.param(version(until_on=date(2026, 9, 6)), False, id="ended the day before"),
    pytest.param(version(until_on=date(2026, 9, 7)), True, id="its last day"),
    pytest.param(version(parties=version().parties[:1]), False, id="the host is no party"),
    pytest.param(version(parties=version().parties[1:]), False, id="the home is no party"),
    pytest.param(
        version(parties=tuple(replace(one, suspended=True) for one in version().parties)), True,
        id="suspended since: what was worked is owed",
    ),
    pytest.param(
        version(terms=replace(terms(), scope=(ScopeTerm(StaffGroup.HCA, (Grade.BAND_2,)),))),
        False, id="other work",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "binds"), VERSIONS)
def test_the_version_in_force_when_it_was_booked(one: InForce, binds: bool) -> None:
    assert (version_for(WORKED, [one]) is one) == binds


def test_of_several_the_one_that_cleared_the_person() -> None:
    one, other = version(1), version(2)
    assert version_for(WORKED, [one, other]) is one
    assert version_for(WORKED, [one, other], preferred=other.agreement_id) is other


PERIODS = [
    (1, FIRST, date(2026, 4, 1), date(2026, 4, 1), date(2026, 4, 30)),
    (1, FIRST, date(2026, 9, 30), date(2026, 9, 1), date(2026, 9, 30)),
    (3, FIRST, date(2026, 7, 1), date(2026, 7, 1), date(2026, 9, 30)),
    (3, date(2026, 4, 15), date(2026, 7, 14), date(2026, 4, 15), date(2026, 7, 14)),
    (3, date(2026, 4, 15), date(2026, 7, 15), date(2026, 7, 15), date(2026, 10, 14)),
    (12, FIRST, LAST, FIRST, LAST),
]


@pytest.mark.parametrize(("months", "from_on", "day", "first", "last"), PERIODS)
def test_invoice_periods_count_from_the_first_day(
    months: int, from_on: date, day: date, first: date, last: date
) -> None:
    assert period(terms(invoice_period_months=months), from_on, day) == (first, last)


def turned(home: UUID, host: UUID, hours: int, month: int = 9) -> Turnover:
    return Turnover(home, host, date(2026, month, 7), hours * 60)


RECIPROCAL = version(terms=terms(RechargeBasis.NONE_RECIPROCAL, threshold_hours=100))

BALANCES = [
    pytest.param([turned(HOME, HOST, 100)], 0, None, id="at the threshold nobody settles"),
    pytest.param([turned(HOME, HOST, 101)], 60, HOST, id="beyond it whoever was helped"),
    pytest.param([turned(HOST, HOME, 130)], 1800, HOME, id="the other way"),
    pytest.param(
        [turned(HOME, HOST, 150), turned(HOST, HOME, 60)], 0, None, id="both directions are set off"
    ),
]


@pytest.mark.parametrize(("turnover", "beyond", "owes"), BALANCES)
def test_a_reciprocal_agreement_settles_what_goes_beyond_the_threshold(
    turnover: list[Turnover], beyond: int, owes: UUID | None
) -> None:
    (found,) = balances(RECIPROCAL, turnover)
    assert (found.beyond_minutes, found.owed_by_id) == (beyond, owes)


def test_each_period_and_pair_is_set_off_by_itself() -> None:
    found = balances(
        RECIPROCAL, [turned(HOME, HOST, 80, 8), turned(HOME, HOST, 80, 9), turned(THIRD, HOST, 80)]
    )
    assert [(one.from_on.month, one.beyond_minutes) for one in found] == [(9, 0), (9, 0), (8, 0)]
