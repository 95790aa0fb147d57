"""Files for an officer of the demo to take in, as the registers and ESR export them."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model.workers import BankPost
from passport.actors import Actor
from passport.london import london_day
from passport.model.facts import Fact, FactKind
from passport.model.people import Person

NMC_STATUSES = {3: "Lapsed", 7: "Conditions of practice order", 11: "Suspension order"}
"""Row → what changed since; all others are registered."""
NMC = (
    "PIN", "Surname", "Forenames", "Date of Birth", "Status", "Register Entry", "Expiry Date",
    "Restrictions", "Restriction Start Date",
)  # fmt: skip
ESR = ("Assignment Number", "Employee Name", "Competency Name", "Competence Level",
       "Date Last Awarded", "Expiry Date", "Last Updated By")  # fmt: skip
COURSES = (
    ("NHS|CSTF|Fire Safety - 2 Years|", 730),
    ("NHS|CSTF|Information Governance and Data Security - 1 Year|", 365),
    ("NHS|CSTF|Resuscitation - Level 2 - Adult Basic Life Support - 1 Year|", 365),
    ("457|LOCAL|Ward medicines round|", None),
)
"""ESR's name of a competence, and for how many days it says that it lasts."""
LEARNERS = 12


def write_samples(session: Session, folder: Path, *, by: Actor, now: datetime) -> None:
    """Write `nmc-confirmations.csv` and `esr-training.csv` of the actor's organisation."""
    folder.mkdir(exist_ok=True)
    _write(folder / "nmc-confirmations.csv", NMC, _nmc(session, by, london_day(now)))
    _write(folder / "esr-training.csv", ESR, _esr(session, by, london_day(now)))


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def _nmc(session: Session, by: Actor, today: date) -> Iterable[Sequence[str]]:
    found = session.execute(
        sa.select(Fact, Person)
        .join(Person, Person.id == Fact.person_id)
        .where(
            Person.organisation_id == by.organisation_id,
            Fact.kind == FactKind.REGISTRATION,
            Fact.lookup.startswith("NMC:"),
            Fact.superseded_by_id.is_(None),
        )
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    for number, (fact, person) in enumerate(found):
        status = NMC_STATUSES.get(number, "Registered")
        restricted = status == "Conditions of practice order"
        until = today - timedelta(days=2) if status == "Lapsed" else fact.valid_until
        yield (
            fact.value["number"], person.family_name, person.given_name,
            _day(person.date_of_birth), status, "RN1: Adult nurse, level 1", _day(until),
            status if restricted else "", _day(today - timedelta(days=3)) if restricted else "",
        )  # fmt: skip


def _esr(session: Session, by: Actor, today: date) -> Iterable[Sequence[str]]:
    found = session.execute(
        sa.select(BankPost.assignment_number, Person.given_name, Person.family_name)
        .join(Person, Person.id == BankPost.person_id)
        .where(BankPost.organisation_id == by.organisation_id)
        .order_by(Person.family_name, Person.given_name, Person.id)
        .limit(LEARNERS)
    ).all()
    people = [(number, f"{family}, {given}") for number, given, family in found]
    for place, (number, name) in enumerate([*people, ("99999999", "Somebody, Else")]):
        awarded = today - timedelta(days=4 + place)
        for course, days in COURSES:
            until = awarded + timedelta(days=days) if days else None
            yield (
                number, name, course, "1 - Assessed", _day(awarded), _day(until), "SYSADMIN",
            )  # fmt: skip


def _day(day: date | None) -> str:
    return f"{day:%d-%b-%Y}" if day else ""
