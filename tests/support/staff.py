"""A trust with people whose checks are on record, and officers who issue their passports."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from passport.actions.issuing.issue_records import Sources
from passport.actions.people import identity_checks
from passport.actors import AccessRole, Actor
from passport.model.facts import FactKind
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.issuing.issue_claims import Job
from tests.support import build
from tests.support.issuing import NOW, VAULT

SEEN_ON = date(2021, 4, 12)
JOB = Job(
    number="20000001", staff_group="NURSING_AND_MIDWIFERY_REGISTERED", role="Registered nurse",
    pay_band="BAND_5", contract="BANK", starts_on=date(2020, 1, 6),
)  # fmt: skip
SOURCES = Sources(VAULT, lambda _session, people: dict.fromkeys(people, (JOB,)))


@dataclass(frozen=True)
class Hr:
    """A personnel office with two officers."""

    trust: Organisation
    first: Actor
    second: Actor


def an_office(session: Session, **fields: Any) -> Hr:
    trust = build.an_organisation(session, **fields)
    return Hr(trust, an_officer(session, trust), an_officer(session, trust))


def an_officer(session: Session, trust: Organisation, person: Person | None = None) -> Actor:
    account = build.an_account(session)
    return build.an_actor(
        trust, AccessRole.HR_OFFICER, person=person, account=account, stepped_up=True
    )


def a_nurse(session: Session, hr: Hr, *, on_record: bool = True, **fields: Any) -> Person:
    """A nurse with an identity check from before, and a register file that has her."""
    person = build.a_person(session, hr.trust, **fields)
    build.a_nurses_papers(session, person, source="register_file", without=[FactKind.RIGHT_TO_WORK])
    if on_record:
        checks = [(person.id, SEEN_ON)]
        identity_checks.put_on_record(session, checks=checks, by=hr.first, now=NOW)
    return person
