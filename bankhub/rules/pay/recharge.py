"""What does a host owe for a shift that another organisation's person worked?

Rule in plain English. The agreement in force when the shift was booked decides. By a fixed rate,
the host pays its pence for each hour of work at the grade booked; by the host's bank rate, what
its own bank would have been paid; by actual cost, what the home organisation paid, which is known
only once its pay is. An agreement that is reciprocal owes nothing shift by shift: the hours of
both directions are set against each other over the invoice period, and only what goes beyond the
threshold one way is settled. A host that employs the person itself, by a second post or as the
lead employer, pays them and owes the home organisation nothing. The share for administration is
added to what is owed; every line is rounded to the penny, half up.

Whatever is not known stays without an amount: no line is guessed at.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from bankhub.model.agreement_terms import AgreementTerms, EmployedBy, RechargeBasis, RechargeTerms
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.london_time import add_months

_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Worked:
    """A shift of a host, worked by somebody of another organisation."""

    home_id: UUID
    host_id: UUID
    staff_group: StaffGroup
    grade: Grade
    minutes: int
    booked_on: date


@dataclass(frozen=True, slots=True)
class Price:
    """What it comes to before administration, and where that is from."""

    pence: int | None
    """None = nothing is owed for the shift by itself, or the rate is not known yet."""
    source: str
    illustrative: bool = True


HOST_PAYS = Price(None, "The host is the lead employer and pays them itself", illustrative=False)


@dataclass(frozen=True, slots=True)
class Turnover:
    """Minutes of one home organisation's people at one host under one version."""

    home_id: UUID
    host_id: UUID
    worked_on: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Two organisations under a reciprocal agreement, over one invoice period."""

    from_on: date
    until_on: date
    one_id: UUID
    other_id: UUID
    one_minutes: int
    """Worked by people of `one_id` at the other's."""
    other_minutes: int
    threshold_minutes: int

    @property
    def owed_by_id(self) -> UUID | None:
        """Who settles: the one that was helped beyond the threshold; None while nobody is."""
        if self.beyond_minutes == 0:
            return None
        return self.other_id if self.one_minutes > self.other_minutes else self.one_id

    @property
    def beyond_minutes(self) -> int:
        """How far the difference goes beyond the threshold."""
        return max(0, abs(self.one_minutes - self.other_minutes) - self.threshold_minutes)


def version_for(
    worked: Worked, versions: Iterable[InForce], *, preferred: UUID | None = None
) -> InForce | None:
    """The version under which the shift was booked: in force on that day, with both as parties
    and the work in its scope. Who was suspended or left since stays bound by what was worked.
    `preferred`: the agreement under which the person was cleared, where several cover the work."""
    found = [
        one
        for one in versions
        if one.on(worked.booked_on)
        and one.party(worked.home_id)
        and one.party(worked.host_id)
        and one.covers_work(worked.staff_group, worked.grade)
    ]
    return next((one for one in found if one.agreement_id == preferred), next(iter(found), None))


def price(worked: Worked, terms: AgreementTerms, *, bank_pence: int | None) -> Price:
    """What the host owes before administration. `bank_pence`: what its own bank would be paid."""
    recharge = terms.recharge
    if terms.employed_by is EmployedBy.SECOND_POST:
        return Price(None, "The host employs and pays by its own post", illustrative=False)
    if recharge.basis is RechargeBasis.NONE_RECIPROCAL:
        return Price(None, "Reciprocal: hours are set against each other", illustrative=False)
    if recharge.basis is RechargeBasis.FIXED_RATE:
        return _fixed(worked, recharge)
    if recharge.basis is RechargeBasis.BANK_RATE:
        said = "The host's bank rates" if bank_pence is not None else "The host has set no rate"
        return Price(bank_pence, f"{said}, estimated")
    return Price(None, "Actual cost: not known until the home organisation's pay is")


def _fixed(worked: Worked, recharge: RechargeTerms) -> Price:
    rate = recharge.rates_pence_per_hour.get(worked.grade.value)
    if rate is None:
        return Price(None, "The agreement names no rate for this grade")
    pence = _half_up(rate * worked.minutes, _MINUTES)
    return Price(pence, f"The agreement's rate of £{rate / 100:.2f} an hour", illustrative=False)


def administration(pence: int | None, terms: RechargeTerms) -> int:
    """The share for administration."""
    return _half_up((pence or 0) * terms.admin_percent, 100)


def period(terms: AgreementTerms, from_on: date, day: date) -> tuple[date, date]:
    """The invoice period that a day is in, counted from the first day in force."""
    length = max(1, terms.recharge.invoice_period_months)
    passed = (day.year - from_on.year) * 12 + day.month - from_on.month
    number = max(0, passed // length)
    while number > 0 and add_months(from_on, number * length) > day:
        number -= 1
    first = add_months(from_on, number * length)
    return first, date.fromordinal(add_months(from_on, (number + 1) * length).toordinal() - 1)


def balances(version: InForce, turnover: Iterable[Turnover]) -> list[Balance]:
    """Both directions set against each other, by pair and period; the latest period first."""
    minutes: dict[tuple[date, date, UUID, UUID], int] = defaultdict(int)
    for one in turnover:
        span = period(version.terms, version.from_on, one.worked_on)
        minutes[(*span, one.home_id, one.host_id)] += one.minutes
    pairs = {
        (first, last, *_ordered(home, host)) for first, last, home, host in minutes
    }
    return [
        Balance(
            from_on=first,
            until_on=last,
            one_id=one,
            other_id=other,
            one_minutes=minutes.get((first, last, one, other), 0),
            other_minutes=minutes.get((first, last, other, one), 0),
            threshold_minutes=version.terms.recharge.threshold_hours * _MINUTES,
        )
        for first, last, one, other in sorted(
            pairs, key=lambda pair: (-pair[0].toordinal(), str(pair[2:]))
        )
    ]


def _ordered(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if str(one) <= str(other) else (other, one)


def _half_up(amount: int, parts: int) -> int:
    return (2 * amount + parts) // (2 * parts)
