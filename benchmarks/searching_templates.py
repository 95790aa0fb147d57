"""The rows that are copied into the trusts and shifts of `searching_data`, made as tests make them:
one person of each kind of post and one shift of each kind of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model.shifts import Shift
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import Grade, HoursKind, StaffGroup, Tier
from bankhub.rules.agreements.agreements_in_force import InForce
from passport.actions.access.sessions import Proof, open_session
from passport.actors import AccessRole
from passport.model.accounts import Account, ApiToken, RoleGrant
from passport.model.facts import FactKind
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.sealing import hash_secret
from tests.support import build, sharing

TOKEN = "bankhub_benchmark_"
COLLABORATIVE = 8
"""Trusts that may see each other's shifts."""


@dataclass(frozen=True)
class Size:
    """How much is made."""

    shifts: int
    least: int
    """Shifts that are there at every size: those are asked about."""
    trusts: int
    posts: int
    """At trust 0."""

    @property
    def others(self) -> int:
        """Posts at each other trust."""
        return max(10, self.posts // 20)

    @property
    def people(self) -> int:
        """Numbered trust after trust."""
        return self.posts + (self.trusts - 1) * self.others

    @property
    def trust_of_person(self) -> str:
        """SQL of the trust of person `g`."""
        behind = f"1 + (g - {self.posts}) / {self.others}"
        return f"(CASE WHEN g < {self.posts} THEN 0 ELSE {behind} END)"

    @property
    def trust_of_shift(self) -> str:
        """SQL of the trust of shift `g`."""
        return f"(g % {self.trusts})"


@dataclass(frozen=True)
class Work:
    """What a shift asks for."""

    group: StaffGroup
    role: str
    grade: Grade
    fallback: Grade | None = None
    skills: tuple[str, ...] = ()


_N, _H, _A = StaffGroup.NURSING_MIDWIFERY, StaffGroup.HCA, StaffGroup.AHP_STT
WORKS = (
    *(4 * [Work(_N, "rn_adult", Grade.BAND_5)]),
    Work(_N, "rn_adult", Grade.BAND_5, skills=("iv_administration",)),
    *(2 * [Work(_N, "rn_adult", Grade.BAND_6, Grade.BAND_5)]),
    Work(_N, "rn_adult", Grade.BAND_7, Grade.BAND_6),
    *(3 * [Work(_H, "hca", Grade.BAND_2)]),
    *(2 * [Work(_H, "hca", Grade.BAND_3, Grade.BAND_2)]),
    Work(_N, "rn_mental_health", Grade.BAND_5),
    Work(_N, "rn_child", Grade.BAND_5),
    Work(_N, "midwife", Grade.BAND_6, Grade.BAND_5),
    Work(_H, "hca_mental_health", Grade.BAND_3),
    Work(_A, "odp", Grade.BAND_5),
    Work(_A, "physiotherapist", Grade.BAND_6),
    Work(_A, "radiographer", Grade.BAND_5),
)
"""The mix of a trust's shifts: shift after shift of a trust asks for the next one."""

HELD = (
    (6, Work(_N, "rn_adult", Grade.BAND_5), ()),
    (2, Work(_N, "rn_adult", Grade.BAND_6), (("rn_adult", Grade.BAND_5),)),
    (2, Work(_H, "hca", Grade.BAND_3), (("hca", Grade.BAND_2),)),
)
"""Of ten people of a bank so many hold such a post."""

STARTS = ((7, 0, 12.5), (7, 30, 8), (13, 30, 8), (19, 30, 12), (21, 0, 10.5))
"""Hour, minute and length."""


@dataclass(frozen=True)
class Templates:
    """The rows of trust 0 that are copied."""

    trusts: Sequence[UUID]
    site: Site
    unit: Unit
    people: Sequence[tuple[int, int, Person]]
    """First and behind the last of each ten people, and the one that they are copies of."""
    account: Account
    shifts: Sequence[Shift]
    partners: int
    """So many trusts, from trust 0 on, share their shifts and cleared each other's nurses."""

    def trust(self, number: str) -> str:
        """SQL of the organisation with this number."""
        return picked(self.trusts, number)


def picked(ids: Sequence[UUID], number: str) -> str:
    """SQL of the identifier at this place (an SQL expression)."""
    listed = ", ".join(f"'{one}'::uuid" for one in ids)
    return f"(ARRAY[{listed}])[1 + {number}]"


def templates(session: Session, size: Size, now: datetime) -> Templates:
    """The trusts, and of trust 0 what is copied."""
    trusts = [build.an_organisation(session, name=f"Trust {n}") for n in range(size.trusts)]
    partners = trusts[:COLLABORATIVE]
    shared = _agreement(session, partners, now)
    site = build.a_site(session, trusts[0])
    unit = build.a_unit(session, site)
    people, first = [], 0
    for share, work, also in HELD:
        person = _person(session, trusts[0], work, also, now)
        people.append((first, first + share, person))
        first += share
        for role, grade in ((work.role, work.grade), *also):
            if work.group is _N:
                sharing.a_clearance(
                    session, shared, person, trusts[1], role=role, grade=grade,
                    until_on=(now + timedelta(days=300)).date(),
                )  # fmt: skip
    account = _account(session, trusts[0].id, AccessRole.WORKER, now, people[0][2])
    shifts = [_shift(session, unit, work, at, now) for at, work in enumerate(WORKS)]
    build.rebuild(session)
    return Templates(
        [one.id for one in trusts], site, unit, people, account, shifts, len(partners)
    )


def _agreement(session: Session, partners: Sequence[Organisation], now: datetime) -> InForce:
    """Over nurses of two bands, each way between any two."""
    return sharing.an_agreement(
        session,
        *partners,
        scope=[{"staff_group": _N.value, "grades": [Grade.BAND_5.value, Grade.BAND_6.value]}],
        starts_on=(now - timedelta(days=30)).date().isoformat(),
        ends_on=(now + timedelta(days=400)).date().isoformat(),
        signed_at=now - timedelta(days=60),
        now=now,
    )


def _person(
    session: Session,
    trust: Organisation,
    work: Work,
    also: Sequence[tuple[str, Grade]],
    now: datetime,
) -> Person:
    person = build.a_person(session, trust)
    build.a_post(
        session, person, staff_group=work.group, role=work.role, grade=work.grade,
        entitlements=also,
    )  # fmt: skip
    ends, trained = (now + timedelta(days=600)).date(), (now - timedelta(days=60)).date()
    build.a_nurses_papers(session, person, until=ends, trained_on=trained)
    build.a_fact(session, person, FactKind.SKILL, {"code": "iv_administration"})
    midnight = _midnight(now)
    build.busy_hours(session, person, midnight + timedelta(hours=7), hours=8)
    build.busy_hours(
        session, person, midnight + timedelta(days=3), hours=14 * 24, kind=HoursKind.LEAVE,
        all_day=True,
    )  # fmt: skip
    return person


def _shift(session: Session, unit: Unit, work: Work, at: int, now: datetime) -> Shift:
    hour, minute, hours = STARTS[at % len(STARTS)]
    next_tier = Tier.OWN_FALLBACK if work.fallback else Tier.PARTNER
    posted = now - timedelta(hours=1)
    return build.a_shift(
        session,
        unit,
        starts_at=_midnight(now) + timedelta(days=1, hours=hour, minutes=minute),
        hours=hours,
        authorised_at=posted,
        openings={
            Tier.OWN_BANK: posted,
            next_tier: now + timedelta(days=2),
            Tier.AGENCY_1: now + timedelta(days=14),
        },
        staff_group=work.group,
        role=work.role,
        grade=work.grade,
        fallback_grade=work.fallback,
        skills=work.skills,
    )


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _account(
    session: Session, trust_id: UUID, role: AccessRole, now: datetime, person: Person | None = None
) -> Account:
    account = build.an_account(session, person_id=person.id if person else None)
    grant = RoleGrant(
        account_id=account.id, organisation_id=trust_id, role=role, granted_at=now
    )
    token = ApiToken(
        account_id=account.id,
        organisation_id=trust_id,
        name="benchmark",
        token_hash=hash_secret(f"{TOKEN}{role.value}"),
        created_at=now,
        expires_at=now + timedelta(days=30),
    )
    session.add_all([grant, token])
    return account


def coordinator(session: Session, trust_id: UUID, now: datetime) -> str:
    """Somebody of the bank office, signed in: the cookie's value."""
    account = _account(session, trust_id, AccessRole.ROTA_COORDINATOR, now)
    opened = open_session(
        session,
        account_id=account.id,
        organisation_id=trust_id,
        device="benchmark",
        own_device=False,
        now=now,
        proof=Proof(second_factor_at=now, stepped_up_at=now),
    )
    return opened.token
