"""Filling an empty database with the demo."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking.hours import RosteredTime, put_rostered, roster_known
from bankhub.actions.finding import standing
from bankhub.actions.settings import sites
from bankhub.actions.settings.pay import set_rate
from bankhub.actions.shifts import shift_codes, shifts
from bankhub.actions.shifts.shifts import ShiftDraft
from bankhub.demo import accounts, lending, passports, places, samples, sharing
from bankhub.demo.accounts import open_accounts
from bankhub.demo.people import Staff, invent
from bankhub.demo.places import DemoOrganisation
from bankhub.demo.rota import Rota
from bankhub.model.hours import Hours
from bankhub.model.pay_policy import TimeType
from bankhub.model.reference_values import StarterSet
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import Grade, HoursKind, RequestReason, StaffGroup
from bankhub.model.workers import BookableAs
from bankhub.rules.shift_times import london_day
from passport.actions.people import organisations
from passport.actions.people.evidence import add_facts
from passport.actions.people.organisations import OrganisationFields
from passport.actors import AccessRole, Actor, Via, operator
from passport.config import Config
from passport.db import Database
from passport.model.accounts import Account
from passport.model.facts import FactKind, FactValue
from passport.model.organisations import MembershipKind, Organisation, OrganisationKind
from passport.model.people import Person
from passport.sealing import vault_of

SEED = 20261122
Say = Callable[[str], None]


def is_seeded(database: Database) -> bool:
    """Whether the demo is in the database."""
    with database.reading() as session:
        return session.scalar(sa.select(Account.id).where(Account.demo).limit(1)) is not None


def seed(
    database: Database, config: Config, *, folder: Path, now: datetime, say: Say
) -> None:
    """Fill the database; every organisation is a transaction of its own."""
    dice = random.Random(SEED)
    with database.transaction() as session:
        _organisations(session, now)
    for one in places.EVERYWHERE:
        say(f"  {one.name}")
        with database.transaction() as session:
            staff = _people(session, one, dice, now)
        with database.transaction() as session:
            _rota(session, one, staff, dice, now)
    with database.transaction() as session:
        _accounts(session, now)
    with database.transaction() as session:
        _waiting(session, now)
    say("  passports")
    for one in places.EVERYWHERE:
        with database.transaction() as session:
            _passports(session, one, config, now)
    say("  agreements")
    with database.transaction() as session:
        sharing.agree(session, config, now=now)
    with database.transaction() as session:
        lending.collect(session, now=now)
    with database.transaction() as session:
        lending.lend(session, now=now)
    with database.transaction() as session:
        lending.deploy(session, now=now)
    with database.reading() as session:
        office = _office(session, places.TRUSTS[0])
        samples.write_samples(session, folder / "samples", by=office, now=now)


def _passports(
    session: Session, one: DemoOrganisation, config: Config, now: datetime
) -> None:
    by, vault = _office(session, one), vault_of(config)
    passports.make_keys(session, base=config.base_url, vault=vault, by=by, now=now)
    first = session.scalars(
        sa.select(Person)
        .join(Account, Account.person_id == Person.holder_id)
        .where(Account.demo, Person.organisation_id == by.organisation_id)
    ).all()
    lent = lending.lent(session) if one.code == lending.HOME else []
    passports.issue_some(session, [*first, *lent], vault=vault, by=by, now=now)


def _organisations(session: Session, now: datetime) -> None:
    by = operator()
    for one in (places.REGION, places.ICB, places.PCN, *places.EVERYWHERE):
        fields: OrganisationFields = {"name": one.name, "kind": one.kind}
        organisations.upsert(session, ods_code=one.code, fields=fields, by=by, now=now)
    for one in (places.ICB, places.PCN, *places.EVERYWHERE):
        groups = [
            (places.REGION.code, MembershipKind.REGION),
            (places.ICB.code, MembershipKind.ICS),
        ]
        if one.pcn:
            groups.append((one.pcn, MembershipKind.PCN))
        for group, kind in groups:
            if group != one.code:
                organisations.join(
                    session, member_code=one.code, group_code=group, kind=kind, by=by, now=now
                )
    for one in places.EVERYWHERE:
        _sites(session, one, now)
        practice = one.kind is OrganisationKind.GP_PRACTICE
        usual = StarterSet.GP_PRACTICE if practice else StarterSet.TRUST
        shift_codes.adopt_starter_codes(session, which=usual, by=_office(session, one), now=now)


def _sites(session: Session, one: DemoOrganisation, now: datetime) -> None:
    by = _office(session, one)
    assert by.organisation_id is not None  # noqa: S101  narrows the type
    number = 0
    for site in one.sites:
        fields: sites.SiteFields = {
            "name": site.name,
            "postcode": site.postcode,
            "latitude": site.latitude,
            "longitude": site.longitude,
        }
        sites.upsert_site(
            session,
            organisation_id=by.organisation_id,
            code=site.code,
            fields=fields,
            by=by,
            now=now,
        )
        for name in site.units:
            number += 1
            sites.upsert_unit(
                session,
                organisation_id=by.organisation_id,
                site_code=site.code,
                code=f"{one.code}-U{number:02}",
                fields={"name": name, "phone": f"0161 496 {number:04}"},
                by=by,
                now=now,
            )


def _people(
    session: Session, one: DemoOrganisation, dice: random.Random, now: datetime
) -> list[Staff]:
    by = _office(session, one)
    return list(
        invent(
            session,
            kind=one.kind,
            code=one.code,
            count=one.workers,
            dice=dice,
            by=by,
            now=now - timedelta(weeks=9),
        )
    )


def _rota(
    session: Session,
    one: DemoOrganisation,
    staff: list[Staff],
    dice: random.Random,
    now: datetime,
) -> None:
    by = _office(session, one)
    units = session.scalars(
        sa.select(Unit).where(Unit.organisation_id == by.organisation_id).order_by(Unit.code)
    )
    Rota(session, units=list(units), staff=staff, dice=dice, by=by, now=now).write()
    standing.rebuild_standing(session, organisation_id=by.organisation_id, now=now)


def _accounts(session: Session, now: datetime) -> None:
    nurse = _first(session, "RWJ", Grade.BAND_5)
    doctor = _first(session, "P88005", Grade.GP)
    for person, given, family in ((nurse, "Amara", "Okafor"), (doctor, "George", "Lindqvist")):
        person.given_name, person.family_name = given, family
    open_accounts(session, people={"nurse": nurse, "gp": doctor}, now=now)
    by = _office(session, places.TRUSTS[0])
    main_job = FactValue(FactKind.MAIN_JOB, {"contracted_hours": 30})
    add_facts(session, person_id=nurse.id, entries=[main_job], source="hr_file", by=by, now=now)
    _main_job(session, nurse, by, now)
    for time_type, pence in ((TimeType.CORE, 4518), (TimeType.UNSOCIAL, 5421)):
        set_rate(
            session,
            staff_group=StaffGroup.MEDICAL_DENTAL,
            grade=Grade.HIGHER_TRAINEE,
            time_type=time_type,
            pence_per_hour=pence,
            from_on=london_day(now) - timedelta(days=100),
            source="Invented for the demo",
            by=by,
            now=now,
        )


def _main_job(session: Session, nurse: Person, by: Actor, now: datetime) -> None:
    """Two rostered duties a week in the nurse's main job: hours only, and never on booked days."""
    today = london_day(now)
    booked = {
        london_day(at)
        for at in session.scalars(sa.select(Hours.starts_at).where(Hours.person_id == nurse.id))
    }
    monday = now.replace(hour=7, minute=30, second=0, microsecond=0) - timedelta(
        days=today.weekday()
    )
    duties = [
        RosteredTime(
            person_id=nurse.id,
            kind=HoursKind.DUTY,
            starts_at=(start := monday + timedelta(weeks=week, days=day)),
            ends_at=start + timedelta(hours=8),
            minutes=450,
            reference=f"duty-{week}-{day}",
        )
        for week in range(3)
        for day in (0, 1)
        if today + timedelta(weeks=week, days=day - today.weekday()) not in booked
    ]
    put_rostered(session, rows=duties, by=by, now=now)
    roster_known(
        session,
        person_ids=[nurse.id],
        known_from=today - timedelta(days=28),
        known_until=today + timedelta(days=20),
        by=by,
        now=now,
    )


def _waiting(session: Session, now: datetime) -> None:
    """A few requests that wait for somebody else to authorise them."""
    by = _office(session, places.TRUSTS[0])
    unit = session.scalars(
        sa.select(Unit).where(Unit.organisation_id == by.organisation_id).order_by(Unit.code)
    ).first()
    ward = session.scalars(sa.select(Account).where(Account.email == f"ward@{accounts.DOMAIN}"))
    asked_by = ward.one()
    if unit is None:
        return
    start = (now + timedelta(days=2)).replace(hour=19, minute=30, second=0, microsecond=0)
    for number in range(4):
        draft = ShiftDraft(
            unit_id=unit.id,
            role="doctor_registrar",
            grade=Grade.HIGHER_TRAINEE,
            starts_at=start + timedelta(days=number),
            ends_at=start + timedelta(days=number, hours=13),
            reason=RequestReason.SICKNESS_SHORT,
        )
        shifts.post(session, draft=draft, by=_as(by, asked_by), now=now)


def _as(by: Actor, account: Account) -> Actor:
    return Actor(
        account_id=account.id,
        organisation_id=by.organisation_id,
        roles=frozenset({AccessRole.WARD_REQUESTER}),
        via=Via.PAGE,
    )


def _first(session: Session, code: str, grade: Grade) -> Person:
    """The first invented member of a bank who has every paper."""
    return session.scalars(
        sa.select(Person)
        .join(BookableAs, BookableAs.person_id == Person.id)
        .join(Organisation, Organisation.id == BookableAs.organisation_id)
        .where(
            Organisation.ods_code == code,
            BookableAs.grade == grade,
            BookableAs.exact,
            BookableAs.valid_until.is_not(None),
            BookableAs.role.in_(["rn_adult", "gp"]),
        )
        .order_by(BookableAs.valid_until.desc(), Person.id)
    ).first() or _nobody()


def _nobody() -> Person:
    raise LookupError("nobody of the demo's people has every paper")


def _office(session: Session, one: DemoOrganisation) -> Actor:
    place = session.scalars(
        sa.select(Organisation).where(Organisation.ods_code == one.code)
    ).one()
    return operator(place.id)
