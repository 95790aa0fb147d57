"""Personnel files for tests: one good row, and what came of importing it."""

import io
from datetime import UTC, datetime

import sqlalchemy as sa

from bankhub.imports.batches import Report
from bankhub.imports.hr import Sending, find_columns, import_people
from passport.actors import Actor, operator
from passport.db import Database
from passport.events import Event
from passport.imports.tables import open_table
from passport.model.facts import Fact, FactKind
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)

HEADINGS = {
    "assignment_number": "20000001",
    "given_name": "Ada",
    "family_name": "Okafor",
    "date_of_birth": "17/05/1990",
    "email": "Ada@Example.org",
    "mobile": "07700 900123",
    "staff_group": "Nursing and Midwifery Registered",
    "role": "Registered nurse (adult)",
    "grade": "Band 6",
    "entitlements": "rn_adult:band_5; hca:2",
    "registration_body": "nmc",
    "registration_number": "01a2345n",
    "registration_part": "RN1",
    "registration_expiry": "2027-03-31",
    "training:FIRE": "2026-06-01",
    "training:IPC:2": "01-Jul-2026",
    "Training: Conflict resolution": "20260701",
    "skills": "cannulation; renal",
    "dbs_level": "Enhanced with barred lists",
    "dbs_workforce": "Adult",
    "dbs_date": "2025-01-10",
    "right_to_work": "student",
    "right_to_work_check": "Share code",
    "right_to_work_until": "2027-09-30",
    "weekly_cap_hours": "20",
    "vacations": "2026-12-14 to 2027-01-08",
    "opt_out": "yes",
    "opt_out_from": "2026-01-01",
    "main_job_hours": "37.5",
}
"""One good row; tests say only what is different."""


def hr_file(*rows: dict[str, str], without: tuple[str, ...] = ()) -> str:
    headings = [heading for heading in HEADINGS if heading not in without]
    extra = [heading for row in rows for heading in row if heading not in HEADINGS]
    columns = list(dict.fromkeys([*headings, *extra]))
    lines = [";".join(f'"{heading}"' for heading in columns)]
    for row in rows:
        cells = [{**HEADINGS, **row}.get(heading, "") for heading in columns]
        lines.append(";".join(f'"{cell}"' for cell in cells))
    return "\ufeff" + "\r\n".join(lines) + "\r\n"


def a_trust(database: Database) -> Organisation:
    with database.transaction() as session:
        return build.an_organisation(session)


def run(
    database: Database,
    trust: Organisation,
    content: str,
    *,
    by: Actor | None = None,
    told: dict[str, str] | None = None,
    dry_run: bool = False,
) -> Report:
    table = open_table(io.BytesIO(content.encode()))
    sending = Sending(trust.id, by or operator(trust.id), NOW, dry_run)
    columns = find_columns(database, table, sending, told=told or {})
    return import_people(database, table, columns, sending)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.refused)


def persons(database: Database) -> list[Person]:
    with database.reading() as session:
        return list(session.scalars(sa.select(Person).order_by(Person.created_at, Person.id)))


def live_facts(database: Database, kind: FactKind) -> list[Fact]:
    with database.reading() as session:
        return list(
            session.scalars(
                sa.select(Fact).where(Fact.kind == kind, Fact.superseded_by_id.is_(None))
            )
        )


def events(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Event)) or 0
