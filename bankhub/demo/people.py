"""Invented bank staff with everything their role asks for; a few with something to fix."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from faker import Faker
from sqlalchemy.orm import Session

from bankhub.actions.people.posts import make_post
from bankhub.actions.settings.policies import PolicyBook
from bankhub.model import reference
from bankhub.model.vocabulary import Grade
from bankhub.model.work_policy import RoleRequirement
from bankhub.rules.shift_times import london_day
from passport.actions.people.evidence import add_facts
from passport.actions.people.people import PersonFields, add_person
from passport.actors import Actor
from passport.model.facts import FactKind, FactValue
from passport.model.organisations import OrganisationKind

LOCALES = ("en_GB", "en_GB", "en_GB", "en_IN", "en_NG", "fil_PH", "en_IE", "pl_PL", "pt_PT")
"""A workforce as mixed as the real one."""

MIX: dict[OrganisationKind, tuple[tuple[str, Grade, int], ...]] = {
    OrganisationKind.TRUST: (
        ("rn_adult", Grade.BAND_5, 40),
        ("rn_adult", Grade.BAND_6, 12),
        ("hca", Grade.BAND_2, 18),
        ("hca", Grade.BAND_3, 10),
        ("odp", Grade.BAND_5, 5),
        ("radiographer", Grade.BAND_5, 4),
        ("doctor_core", Grade.CORE_TRAINEE, 6),
        ("doctor_registrar", Grade.HIGHER_TRAINEE, 5),
    ),
    OrganisationKind.GP_PRACTICE: (
        ("gp", Grade.GP, 70),
        ("practice_nurse", Grade.BAND_5, 30),
    ),
    OrganisationKind.SOCIAL_CARE: (("care_worker", Grade.BAND_2, 100),),
}
"""Role, grade and weight of the people of an organisation's bank."""

REGISTER_PART = {"NMC": "RNA", "HCPC": "ODP"}
LETTERS = "ABCDEFGHJK"


@dataclass(frozen=True, slots=True)
class Staff:
    """One invented member of a bank."""

    person_id: UUID
    post_id: UUID
    role: str
    grade: Grade
    email: str
    name: str


def invent(
    session: Session,
    *,
    kind: OrganisationKind,
    code: str,
    count: int,
    dice: random.Random,
    by: Actor,
    now: datetime,
) -> Iterator[Staff]:
    """Make `count` people with posts and papers in the actor's organisation."""
    names = [Faker(locale) for locale in LOCALES]
    for place, faker in enumerate(names):
        faker.seed_instance(dice.randrange(2**30) + place)
    kinds = MIX[kind]
    weights = [weight for _role, _grade, weight in kinds]
    for number in range(count):
        role, grade, _weight = dice.choices(kinds, weights)[0]
        yield _one(session, code, number, role, grade, dice.choice(names), dice, by, now)


def _one(
    session: Session,
    code: str,
    number: int,
    role: str,
    grade: Grade,
    faker: Faker,
    dice: random.Random,
    by: Actor,
    now: datetime,
) -> Staff:
    given, family = faker.first_name(), faker.last_name()
    email = f"{code}-{number}@people.demo.bankhub.example".lower()
    assert by.organisation_id is not None  # noqa: S101  narrows the type
    person = add_person(
        session,
        organisation_id=by.organisation_id,
        fields=_fields(given, family, email, dice),
        another_human=True,
        by=by,
        now=now,
    )
    post = make_post(
        session,
        person_id=person.id,
        assignment_number=f"{code}{20000000 + number}",
        fields={
            "staff_group": reference.roles()[role].staff_group,
            "role": role,
            "grade": grade,
            "starts_on": london_day(now) - timedelta(days=dice.randint(200, 2000)),
            "entitlements": _entitlements(role, grade, dice),
        },
        by=by,
        now=now,
    )
    facts = papers(role, dice, now)
    add_facts(session, person_id=person.id, entries=facts, source="hr_file", by=by, now=now)
    return Staff(person.id, post.id, role, grade, email, f"{given} {family}")


def _fields(given: str, family: str, email: str, dice: random.Random) -> PersonFields:
    return {
        "given_name": given,
        "family_name": family,
        "date_of_birth": date(dice.randint(1962, 2003), dice.randint(1, 12), 15),
        "email": email,
        "mobile": f"07700 900{dice.randrange(1000):03}",
        "may_call": dice.random() < 0.7,
    }


def _entitlements(role: str, grade: Grade, dice: random.Random) -> list[list[str]]:
    """Many a band 6 may be booked as a band 5."""
    if role == "rn_adult" and grade is Grade.BAND_6 and dice.random() < 0.8:
        return [[role, Grade.BAND_5.value]]
    return []


def papers(
    role: str, dice: random.Random, now: datetime, *, slack: float = 0.06
) -> list[FactValue]:
    """What the national defaults ask of the role; with chance `slack` one paper has run out."""
    today = london_day(now)
    group = reference.roles()[role].staff_group
    needed = PolicyBook().eligibility(group, today).requirements
    own = needed.roles.get(role, RoleRequirement())
    training = {one.subject: one for one in (*needed.training, *own.training)}
    facts = [
        FactValue(
            FactKind.TRAINING,
            {"subject": one.subject, "level": one.level},
            awarded_on=today - timedelta(days=dice.randint(20, 28 * (one.refresh_months or 36))),
        )
        for one in training.values()
    ]
    if dice.random() < slack:
        facts.pop(dice.randrange(len(facts)))
    dbs = own.dbs or needed.dbs
    if dbs is not None:
        value: dict[str, Any] = {"level": dbs.level.value}
        value["workforce"] = dbs.workforce.value if dbs.workforce else "adult"
        facts.append(FactValue(FactKind.DBS, value, awarded_on=today - timedelta(days=400)))
    facts.append(_right_to_work(today))
    facts += _registration(role, dice, today)
    if own.performers_list:
        number = f"M{dice.randrange(10**6):06}"
        facts.append(FactValue(FactKind.PERFORMERS_LIST, {"number": number}, valid_from=today))
    if own.indemnity:
        facts.append(FactValue(FactKind.INDEMNITY, {"scheme": "CNSGP"}, valid_from=today))
    return facts


def _right_to_work(today: date) -> FactValue:
    said = {"route": "unlimited", "check_route": "MANUAL"}
    return FactValue(FactKind.RIGHT_TO_WORK, said, valid_from=today)


def _registration(role: str, dice: random.Random, today: date) -> list[FactValue]:
    """An invented number of the register's shape; it may by chance be a real person's."""
    registers = reference.roles()[role].registers
    if not registers:
        return []
    body = registers[0].body
    digits = dice.randrange(10**7)
    number = {
        "NMC": f"{digits % 90 + 10:02}{dice.choice(LETTERS)}{digits % 10000:04}E",
        "GMC": f"{digits:07}",
        "HCPC": f"RA{digits % 10**5:05}" if role == "radiographer" else f"ODP{digits % 10**5:05}",
    }[body]
    parts = registers[0].parts
    value = {
        "body": body,
        "number": number,
        "profession": parts[0] if parts else role,
        "status": "registered",
    }
    until = today + timedelta(days=dice.randint(40, 380))
    return [FactValue(FactKind.REGISTRATION, value, valid_from=today, valid_until=until)]
