"""Recharge lines: one for each shift that somebody of another organisation came to and worked.

A line is written once the shift is over, by the version in force when it was booked, and never
changed. What an hour costs is asked of a `RateSource`, so that worked-out pay can take the place
of estimates; each line says where its amount comes from.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.actions.permission import demand
from bankhub.actions.settings.pay import pay_book
from bankhub.actions.settings.policies import policy_book
from bankhub.actions.shifts.shift_records import facts_of
from bankhub.model.agreement_terms import EmployedBy, RechargeBasis
from bankhub.model.agreements import AgreementParty, AgreementVersion
from bankhub.model.bookings import Booking
from bankhub.model.clearances import Clearance
from bankhub.model.recharges import RechargeLine
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, Tier
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.london_time import last_london_day
from bankhub.rules.pay import recharge
from bankhub.rules.pay.recharge import Balance, Price, Turnover, Worked
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.errors import NotFound
from passport.events import record
from passport.model.organisations import Organisation
from passport.model.people import Person

PORTION = 200
"""Shifts written in one transaction."""
CURSOR = (datetime, UUID)
"""What a cursor of the lines holds: end and booking of the last one."""
LOOKED_BACK = timedelta(days=400)
"""How far back a worker process that was down looks for shifts without a line."""
_CAME = (BookingState.CHECKED_IN, BookingState.WORKED)


class RateSource(Protocol):
    """What a host owes for a shift, before administration."""

    def price(self, session: Session, *, worked: Worked, shift: Shift, version: InForce) -> Price:
        """The amount and where it is from; an amount of None where it is not known."""


class EstimatedRates:
    """By the agreement's rates and the host's pay estimate: no pay is worked out yet."""

    def price(self, session: Session, *, worked: Worked, shift: Shift, version: InForce) -> Price:
        """The amount by `rules.pay.recharge`."""
        bank = None
        if version.terms.recharge.basis is RechargeBasis.BANK_RATE:
            book = pay_book(session, worked.host_id, policy_book(session, worked.host_id))
            bank = book.estimate(facts_of(shift), worked.grade)
        return recharge.price(worked, version.terms, bank_pence=bank.total_pence if bank else None)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as either party reads it: the shift's reference, and nobody's name."""

    line: RechargeLine
    reference: str
    host: str
    home: str
    agreement: str
    """The version, e.g. `WSA-7 v3`."""
    agreement_id: UUID
    shift_id: UUID
    owed_to_us: bool

    @property
    def other(self) -> str:
        """The other party."""
        return self.host if self.owed_to_us else self.home

    @property
    def total_pence(self) -> int | None:
        """Amount and administration."""
        return None if self.line.pence is None else self.line.pence + self.line.admin_pence


@dataclass(frozen=True, slots=True)
class Setting:
    """Hours of both directions under a reciprocal version, with the parties' names."""

    agreement: str
    balance: Balance
    one: str
    other: str
    owed_by: str


def accrue(session: Session, *, by: Actor, now: datetime, source: RateSource | None = None) -> int:
    """Write the lines of shifts that are over, `PORTION` and a little more; returns how many.
    Those that no agreement covers are passed over, however many stand before the others."""
    demand(by, Deed.KEEP_AGREEMENTS)
    prices = source or EstimatedRates()
    versions: dict[UUID, list[InForce]] = {}
    found, earliest = 0, None
    while found < PORTION and (portion := _without_line(session, now, before=earliest)):
        earliest = portion[0][0]
        found += _write(session, portion, versions, prices, by, now)
    return found


def _write(
    session: Session,
    portion: Sequence[tuple[Booking, Shift, UUID]],
    versions: dict[UUID, list[InForce]],
    prices: RateSource,
    by: Actor,
    now: datetime,
) -> int:
    found = 0
    for booking, shift, home_id in portion:
        if booking.organisation_id not in versions:
            versions[booking.organisation_id] = bound_versions(
                session, organisation_id=booking.organisation_id
            )
        line = _line(session, booking, shift, home_id, versions[shift.organisation_id], prices, now)
        if line is None:
            continue
        session.add(line)
        record(
            session, "recharge.accrued", subject_id=shift.id, by=by, now=now,
            organisation_id=shift.organisation_id, booking_id=booking.id, home_id=line.home_id,
            basis=line.basis, minutes=line.minutes, pence=line.pence,
        )  # fmt: skip
        found += 1
    return found


def _without_line(
    session: Session, now: datetime, *, before: Booking | None
) -> Sequence[tuple[Booking, Shift, UUID]]:
    """The next latest, by start. Locked first and read after: whoever waited for the lock sees the
    line of the other."""
    hosts = sa.select(AgreementParty.organisation_id)
    bare = ~sa.exists().where(RechargeLine.booking_id == Booking.id)
    place = sa.tuple_(Booking.starts_at, Booking.id)
    wanted = (
        sa.true() if before is None else place < (before.starts_at, before.id),
        Booking.organisation_id.in_(hosts),
        Booking.tier == Tier.PARTNER,
        Booking.state.in_(_CAME),
        Booking.starts_at > now - LOOKED_BACK,
        Booking.ends_at <= now,
    )
    locked = session.scalars(
        sa.select(Booking.id)
        .where(*wanted, bare)
        .order_by(Booking.starts_at.desc(), Booking.id.desc())
        .limit(PORTION)
        .with_for_update()
    ).all()
    rows = session.execute(
        sa.select(Booking, Shift, Person.organisation_id)
        .join(Shift, Shift.id == Booking.shift_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.id.in_(locked), Booking.state.in_(_CAME), bare)
        .order_by(Booking.starts_at, Booking.id)
        .execution_options(populate_existing=True)
    )
    return [(booking, shift, home_id) for booking, shift, home_id in rows]


def _line(
    session: Session,
    booking: Booking,
    shift: Shift,
    home_id: UUID,
    versions: Sequence[InForce],
    prices: RateSource,
    now: datetime,
) -> RechargeLine | None:
    worked = Worked(
        home_id=home_id,
        host_id=shift.organisation_id,
        staff_group=shift.staff_group,
        grade=booking.grade,
        minutes=facts_of(shift).minutes,
        booked_on=london_day(booking.confirmed_at or booking.made_at),
    )
    under = _cleared_under(session, booking, shift, versions)
    if (version := recharge.version_for(worked, versions, preferred=under)) is None:
        return None
    owed_to, price = _owed_to(version, worked), recharge.HOST_PAYS
    if owed_to is not None:
        price = prices.price(session, worked=worked, shift=shift, version=version)
    return RechargeLine(
        booking_id=booking.id,
        host_id=worked.host_id,
        home_id=owed_to or home_id,
        version_id=version.version_id,
        basis=version.terms.recharge.basis,
        staff_group=worked.staff_group,
        grade=worked.grade,
        minutes=worked.minutes,
        pence=price.pence,
        admin_pence=recharge.administration(price.pence, version.terms.recharge),
        rate_source=price.source,
        illustrative=price.illustrative,
        at=booking.ends_at,
        made_at=now,
    )


def _cleared_under(
    session: Session, booking: Booking, shift: Shift, versions: Iterable[InForce]
) -> UUID | None:
    """The agreement under which the host last cleared the person for this role."""
    version_id = session.scalar(
        sa.select(Clearance.version_id)
        .where(
            Clearance.host_id == shift.organisation_id,
            Clearance.person_id == booking.person_id,
            Clearance.role == shift.role,
            Clearance.grade == booking.grade,
        )
        .order_by(Clearance.made_at.desc())
        .limit(1)
    )
    return next((one.agreement_id for one in versions if one.version_id == version_id), None)


def _owed_to(version: InForce, worked: Worked) -> UUID | None:
    """A lead employer pays everybody, so the host owes it and not the home organisation; None
    where that is the host itself."""
    terms = version.terms
    if terms.employed_by is not EmployedBy.LEAD_EMPLOYER:
        return worked.home_id
    lead = version.standing_for(terms.lead_employer_ods)
    owed_to = lead.organisation_id if lead else worked.home_id
    return None if owed_to == worked.host_id else owed_to


def lines(
    session: Session,
    *,
    first: datetime,
    before: datetime,
    by: Actor,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[Line]:
    """Lines of shifts that ended in that time, the actor's organisation being either party: all,
    or so many from a cursor on (end and booking of the last). One that ends at midnight is of the
    day before."""
    demand(by, Deed.READ_RECHARGES)
    if by.organisation_id is None:
        raise NotFound
    query = _lines_of(by.organisation_id).where(RechargeLine.at > first, RechargeLine.at <= before)
    if after is not None:
        query = query.where(sa.tuple_(RechargeLine.at, RechargeLine.booking_id) > after)
    rows = session.execute(query.limit(limit)).all()
    names = _names(session, {one for line, *_ in rows for one in (line.host_id, line.home_id)})
    named = _named(session, {line.version_id for line, *_ in rows})
    return [
        Line(
            line=line,
            reference=reference,
            host=names[line.host_id],
            home=names[line.home_id],
            agreement=named.get(line.version_id, ""),
            agreement_id=agreement_id,
            shift_id=shift_id,
            owed_to_us=line.home_id == by.organisation_id,
        )
        for line, reference, shift_id, agreement_id in rows
    ]


def _lines_of(organisation_id: UUID) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(RechargeLine, Shift.reference, Shift.id, AgreementVersion.agreement_id)
        .join(Booking, Booking.id == RechargeLine.booking_id)
        .join(Shift, Shift.id == Booking.shift_id)
        .join(AgreementVersion, AgreementVersion.id == RechargeLine.version_id)
        .where(
            sa.or_(
                RechargeLine.host_id == organisation_id, RechargeLine.home_id == organisation_id
            )
        )
        .order_by(RechargeLine.at, RechargeLine.booking_id)
    )


def settings(session: Session, *, by: Actor) -> list[Setting]:
    """Hours of both directions under each reciprocal version that binds the organisation, for the
    pairs that it is one of; the latest period first."""
    demand(by, Deed.READ_RECHARGES)
    if by.organisation_id is None:
        raise NotFound
    versions = {
        one.version_id: one
        for one in bound_versions(session, organisation_id=by.organisation_id)
        if one.terms.recharge.basis is RechargeBasis.NONE_RECIPROCAL
    }
    turned: dict[UUID, list[Turnover]] = defaultdict(list)
    for line in session.scalars(
        sa.select(RechargeLine).where(
            RechargeLine.version_id.in_(versions),
            sa.or_(
                RechargeLine.host_id == by.organisation_id,
                RechargeLine.home_id == by.organisation_id,
            ),
        )
    ):
        turned[line.version_id].append(
            Turnover(line.home_id, line.host_id, last_london_day(line.at), line.minutes)
        )
    return [
        _setting(versions[version_id], one)
        for version_id, turnover in turned.items()
        for one in recharge.balances(versions[version_id], turnover)
    ]


def _setting(version: InForce, balance: Balance) -> Setting:
    names = {one.organisation_id: one.name for one in version.parties}
    return Setting(
        agreement=version.named,
        balance=balance,
        one=names.get(balance.one_id, ""),
        other=names.get(balance.other_id, ""),
        owed_by=names.get(balance.owed_by_id, "") if balance.owed_by_id else "",
    )


def _names(session: Session, wanted: Iterable[UUID]) -> Mapping[UUID, str]:
    rows = session.execute(
        sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(list(wanted)))
    )
    return {id_: name for id_, name in rows}


def _named(session: Session, wanted: Iterable[UUID]) -> Mapping[UUID, str]:
    found: dict[UUID, str] = {}
    agreements = session.execute(
        sa.select(AgreementVersion.agreement_id)
        .where(AgreementVersion.id.in_(list(wanted)))
        .distinct()
    ).scalars()
    for agreement_id in agreements:
        for one in bound_versions(session, agreement_id=agreement_id):
            found[one.version_id] = one.named
    return found


def month_of(day: date) -> tuple[date, date]:
    """The first day of the month of `day`, and of the next."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)
