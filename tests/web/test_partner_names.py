"""Wherever a host reads the name of a partner's person, the person can read that it was read.

The walk asks every address that is only read, and finds by itself where the name stands: a place
that is not in the table has to be entered here, and one that names without a look fails.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bankhub.actions.clearances.clearance_views import LOOK_LIST, LOOK_ONE
from bankhub.actions.partners.booked_names import BOOKED
from bankhub.model.bookings import BreakGlass, ContactAttempt
from bankhub.model.clearances import Clearance
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import BookingState, Tier
from bankhub.model.workers import BankPost
from bankhub.wiring import open_database
from passport.db import Database
from passport.model.looks import PersonLook
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW
from tests.support.build_people import kept
from tests.support.callers import Caller, Route, an_app, routes
from tests.support.trust_keys import Trust
from tests.support.two_trusts import two_trusts
from tests.support.walks import asks, document_of
from tests.web.route_table import CAPABILITIES

pytestmark = pytest.mark.slow

PLACES = {
    "agency.answer": BOOKED,
    "check_in.ask_lift": BOOKED,
    "check_in.listed": BOOKED,
    "check_in.one": BOOKED,
    "check_ins.list_arrivals": BOOKED,
    "shift.cancel": BOOKED,
    "shift.show": BOOKED,
    "shifts.list_shifts": BOOKED,
    "shifts.read_shift": BOOKED,
    "today.applications": BOOKED,
    "verify.me": BOOKED,
    "week.day": BOOKED,
    "clearances.listed": LOOK_LIST,
    "api_clearances.list_clearances": LOOK_LIST,
    "clearance.show": LOOK_ONE,
    "clearance.end": LOOK_ONE,
    "api_clearances.read_clearance": LOOK_ONE,
    "deployments.choose": "may_be_deployed",
    "deployments.propose": "may_be_deployed",
    "deployments.listed": "deployment",
    "api_deployments.list_deployments": "deployment",
    "deployments.competence": "deployment",
    "deployments.feedback": "deployment",
    "deployments.refuse": "deployment",
    "deployments.show": "deployment",
    "deployments.extend": "deployment",
    "subjects.show": "subject_file",
}
"""Where a partner's name is read, and what the look is called."""

NAMES = ("Quillwood", "Quillbrook")
"""Who comes to the trust of `two_trusts`, by the name at home: to shifts, and deployed."""


def more_of_her(session: Session, trust: Trust) -> None:
    """She applied to the trust, was called about a shift, and a break-glass is asked for it."""
    cleared = session.get_one(Clearance, UUID(trust.things["clearance_id"][0]))
    person = session.get_one(Person, cleared.person_id)
    post = session.scalars(sa.select(BankPost).where(BankPost.person_id == person.id)).first()
    ward = session.get_one(Unit, trust.rows["ward"].id)
    assert post is not None
    shift = build.a_shift(session, ward, starts_at=NOW + timedelta(days=4))
    build.a_booking(
        session, shift, person, post, state=BookingState.APPLIED, tier=Tier.PARTNER
    )
    here = trust.organisation.id
    call = ContactAttempt(
        organisation_id=here, shift_id=shift.id, person_id=person.id, at=NOW, answer="no_answer"
    )
    glass = BreakGlass(
        organisation_id=here, shift_id=shift.id, reason="patient_safety", reason_text="Short",
        asked_at=NOW, granted_at=None, expires_at=None, review_due_on=None,
    )  # fmt: skip
    for row in (call, glass):
        kept(session, row, here)
    trust.things["person_id"].append(str(person.id))
    trust.things["shift_id"].insert(0, str(shift.id))
    trust.things["break_glass_id"].insert(0, str(glass.id))


@pytest.fixture(scope="module")
def house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, Database, Trust]]:
    file = tmp_path_factory.mktemp("names") / "names.sqlite3"
    copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    trust, _, _ = two_trusts(database)
    with database.transaction() as session:
        more_of_her(session, trust)
    yield an_app(database), database, trust
    database.engine.dispose()


def forget_looks(database: Database) -> None:
    """As on another day: outside the guard, which keeps what happened."""
    with database.engine.begin() as connection:
        connection.execute(sa.delete(PersonLook))


def looks_at(database: Database, trust: Trust, name: str) -> set[str]:
    """What the looks at whoever has that name are called; nothing at all is `no look`."""
    with database.reading() as session:
        found = session.scalars(
            sa.select(PersonLook.what)
            .join(Person, Person.id == PersonLook.person_id)
            .where(
                PersonLook.organisation_id == trust.organisation.id, Person.family_name == name
            )
        ).all()
    return set(found) or {"no look"}


def read_only(app: Flask) -> Iterator[Route]:
    for route in routes(app):
        if route.method == "GET" and not set(route.arguments) & CAPABILITIES:
            yield route


def of_one_day(route: Route, trust: Trust) -> dict[str, Any]:
    """What the page of a ward's day is asked by: today on the ward that she comes to."""
    if route.endpoint != "week.day":
        return {}
    return {"query_string": {"unit": str(trust.rows["ward"].id), "on": f"{NOW:%Y-%m-%d}"}}


def test_a_partners_name_is_never_read_without_a_look(
    house: tuple[Flask, Database, Trust],
) -> None:
    app, database, trust = house
    document: dict[str, Any] = document_of(app)
    manager = Caller(app, trust.keys["insider"])
    found: dict[str, set[str]] = {}
    for route in read_only(app):
        for ask in asks(route, trust):
            forget_looks(database)
            text = ask.send(manager, document, **of_one_day(route, trust)).get_data(as_text=True)
            for name in NAMES:
                if name in text:
                    looks = looks_at(database, trust, name)
                    found.setdefault(route.endpoint, set()).update(looks)
    assert found == {endpoint: {what} for endpoint, what in PLACES.items()}
