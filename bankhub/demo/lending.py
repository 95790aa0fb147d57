"""A month of sharing: some of Stockport's nurses were cleared in Manchester and worked there."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements import recharges
from bankhub.actions.booking import bookings, check_ins
from bankhub.actions.clearances import clearance_checks, clearances
from bankhub.actions.deployments import deployments
from bankhub.actions.shifts import shifts
from bankhub.actions.shifts.shifts import ShiftDraft
from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.deployment_values import DeploymentWish
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import Grade, RequestReason
from bankhub.model.workers import BankPost, BookableAs
from bankhub.rules.shift_times import london_day
from passport.actions.signing import credential_life
from passport.actors import AccessRole, Actor, Via, job, operator
from passport.errors import Refused
from passport.model.accounts import Account
from passport.model.credentials import Credential, CredentialState
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.register_words import Status

HOME, HOST = "RWJ", "R0A"
LENT = 6
COLLECTED, LENGTH = timedelta(days=50), timedelta(hours=12)
WEEKS, TO_COME = 4, (7, 8, 9)
"""A shift on each day of the whole weeks gone by, and on some days to come: figures of a week
with fewer than five are not shown to a system."""
AHEAD = timedelta(days=12)
"""How long before its start a shift is posted."""
AFTER_OWN_BANK = timedelta(hours=25)
"""When a partner's people see it: a day after the own bank."""


def collect(session: Session, *, now: datetime) -> None:
    """Some nurses took up their passports a month ago; those who can sign in are left to the
    tour."""
    for post in _nurses(session):
        by = operator(post.organisation_id)
        for credential_id in session.scalars(
            sa.select(Credential.id).where(
                Credential.person_id == post.person_id,
                Credential.state == CredentialState.OFFERED,
            )
        ).all():
            credential_life.accept(
                session, credential_id=credential_id, by=by, now=now - COLLECTED
            )


def lend(session: Session, *, now: datetime) -> None:
    """Clear them, post shifts, book, check in; then the lines that are owed for it."""
    host = _organisation(session, HOST)
    office, nurses = operator(host.id), _nurses(session)
    units = session.scalars(
        sa.select(Unit).where(Unit.organisation_id == host.id).order_by(Unit.code)
    ).all()
    for number, start in enumerate(_starts(now) if nurses else ()):
        nurse, unit = nurses[number % len(nurses)], units[number % len(units)]
        _share(session, unit, nurse, start, office, now)
        if start + LENGTH < now:
            recharges.accrue(session, by=job(), now=start + LENGTH + timedelta(hours=1))
    for nurse in nurses:
        _clear(session, nurse, office, now)


def lent(session: Session) -> list[Person]:
    """The nurses whose papers last longest, but for those who can sign in."""
    return list(
        session.scalars(
            sa.select(Person)
            .join(BookableAs, BookableAs.person_id == Person.id)
            .join(Organisation, Organisation.id == Person.organisation_id)
            .outerjoin(Account, Account.person_id == Person.holder_id)
            .where(
                Organisation.ods_code == HOME,
                BookableAs.role == "rn_adult",
                BookableAs.grade == Grade.BAND_5,
                BookableAs.exact,
                BookableAs.valid_until.is_not(None),
                Account.id.is_(None),
            )
            .order_by(BookableAs.valid_until.desc(), Person.id)
            .limit(LENT)
        )
    )


def deploy(session: Session, *, now: datetime) -> None:
    """Two of them go for some weeks: one waits to agree, the other licence is to be accepted."""
    home, host = _organisation(session, HOME), _organisation(session, HOST)
    first = london_day(now) + timedelta(days=14)
    wish = DeploymentWish(
        instrument=Instrument.LICENCE_TO_ATTEND,
        role="rn_adult",
        grade=Grade.BAND_5,
        duties="Bedside care on the stroke ward, as the nurse in charge directs.",
        starts_on=first,
        ends_on=first + timedelta(weeks=6),
    )
    office = operator(home.id)
    for number, post in enumerate(_nurses(session)[:2]):
        made = deployments.propose(
            session, person_id=post.person_id, host_id=host.id, wish=wish, by=office, now=now
        )
        if number:
            nurse = _nurse(session, post)
            deployments.agree(session, deployment_id=made.id, by=nurse, now=now)
            deployments.authorise(session, deployment_id=made.id, by=office, now=now)


def _starts(now: datetime) -> list[datetime]:
    today = now.replace(hour=7, minute=30, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday() + 7 * WEEKS)
    gone_by = [monday + timedelta(days=day) for day in range(7 * WEEKS)]
    return [*gone_by, *(today + timedelta(days=day) for day in TO_COME)]


def _nurses(session: Session) -> list[BankPost]:
    people = [one.id for one in lent(session)]
    return list(
        session.scalars(
            sa.select(BankPost).where(BankPost.person_id.in_(people)).order_by(BankPost.id)
        )
    )


def _clear(session: Session, post: BankPost, office: Actor, now: datetime) -> Clearance:
    """They show their passport there, and the host looks at the register."""
    shown = clearances.show(
        session, person_id=post.person_id, role=post.role, grade=post.grade, by=office, now=now
    )
    return clearance_checks.check_register(
        session, clearance_id=shown.id, status=Status.REGISTERED, by=office, now=now
    )


def _share(
    session: Session, unit: Unit, post: BankPost, start: datetime, office: Actor, now: datetime
) -> None:
    posted = start - AHEAD
    draft = ShiftDraft(
        unit_id=unit.id,
        role="rn_adult",
        grade=Grade.BAND_5,
        starts_at=start,
        ends_at=start + LENGTH,
        unpaid_break_minutes=60,
        reason=RequestReason.SICKNESS_SHORT,
    )
    (shift,) = shifts.post(session, draft=draft, by=office, now=posted)
    nurse = _nurse(session, post)
    seen = posted + AFTER_OWN_BANK
    if _clear(session, post, office, seen).state is not ClearanceState.CLEARED:
        return
    try:
        booked = bookings.book(session, shift_id=shift.shift_id, by=nurse, now=seen)
    except Refused:
        return  # their own week is full: the shift stays open
    if start < now:
        check_ins.check_in(session, booking_id=booked.booking_id, by=office, now=start)


def _nurse(session: Session, post: BankPost) -> Actor:
    holder_id = session.get_one(Person, post.person_id).holder_id
    return Actor(None, None, frozenset({AccessRole.WORKER}), holder_id, Via.PAGE)


def _organisation(session: Session, code: str) -> Organisation:
    return session.scalars(sa.select(Organisation).where(Organisation.ods_code == code)).one()
