"""One row in every table, each about the same person of the same organisation, whatever tables
there are: for tests that have to hold for a table that somebody adds later."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.governance.subject_requests import CATALOGUE
from bankhub.model.agreements import AgreementState, VersionState
from bankhub.model.bookings import BookingState
from bankhub.model.clearances import ClearanceState
from bankhub.model.deployments import DeploymentState
from passport.actions.issuing.issue_records import photo_place
from passport.db import Base, Database, UtcDateTime, new_id
from passport.model.data_classes import PERSONAL
from passport.model.organisations import Organisation
from passport.model.subject_requests import SubjectRequestKind
from tests.support import build, sharing
from tests.support.access import VAULT
from tests.support.build import NOW

WORD = "Quentin"
"""In every word that is about the person."""
ENDED = NOW + timedelta(days=1)
NOT_MADE = ("event", "event_leaf", "checkpoint")
"""The audit log writes itself."""

Rows = Mapping[str, Mapping[str, Any]]


class OneOfEach:
    """Makes them, each pointing at those made before."""

    def __init__(self, session: Session, organisation_id: UUID, account_id: UUID) -> None:
        self.session = session
        self.rows: dict[str, dict[str, Any]] = {}
        self.fixed: dict[str, Any] = {
            "organisation.id": organisation_id, "account.id": account_id, "person.id": new_id(),
        }  # fmt: skip

    def make(self) -> Rows:
        """All of them; table → the row."""
        self._found("organisation", self.fixed["organisation.id"])
        for table in Base.metadata.sorted_tables:
            if table.name not in (*NOT_MADE, "organisation"):
                self._one(table)
        return self.rows

    def _found(self, name: str, key: UUID) -> None:
        table = Base.metadata.tables[name]
        row = self.session.execute(sa.select(table).where(table.c.id == key)).mappings().one()
        self.rows[name] = dict(row)

    def _one(self, table: sa.Table) -> None:
        row = {one.name: self._value(table, one) for one in table.columns if not one.computed}
        self.rows[table.name] = row
        self.session.execute(sa.insert(table).values(row))

    def _value(self, table: sa.Table, column: sa.Column[Any]) -> Any:
        named = f"{table.name}.{column.name}"
        if named in self.fixed:
            return self.fixed[named]
        if named in SAID:
            found = SAID[named]
            return found(self) if callable(found) else found
        for key in column.foreign_keys:
            target = self.rows.get(key.column.table.name)
            return target[key.column.name] if target else None
        if column.name.endswith("person_id") or column.name in ("holder_id", "other_id"):
            return self.fixed["person.id"]
        if column.name == "organisation_id":
            return self.fixed["organisation.id"]
        if column.name in ("to_account_id", "account_id"):
            return self.fixed["account.id"]
        return _of_type(table, column)


def _of_type(table: sa.Table, column: sa.Column[Any]) -> Any:
    """A value of the column's type; the word where the catalogue says that it is personal."""
    own = CATALOGUE[table.name].columns[column.name] in PERSONAL
    text = f"{WORD if own else 'A'} {table.name} {column.name}"
    kind = column.type
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return next(iter(kind.enum_class))
    if isinstance(kind, sa.Uuid):
        return new_id()
    if isinstance(kind, UtcDateTime):
        return _moment(column.name)
    if isinstance(kind, sa.JSON):
        return {"said": text}
    if isinstance(kind, sa.LargeBinary):
        return text.encode()
    values: dict[type, Any] = {
        str: text, bool: False, int: 1, date: NOW.date(), time: time(7), float: 1.0,
        Decimal: Decimal(1),
    }  # fmt: skip
    return values[kind.python_type]


def _moment(name: str) -> datetime:
    return NOW if name in ("starts_at", "made_at", "at") else ENDED


def _photo(made: OneOfEach) -> bytes:
    place = photo_place(made.fixed["person.id"])
    return VAULT.seal(f"JPEG of {WORD}".encode(), belongs_to=place)


def _terms(made: OneOfEach) -> dict[str, Any]:
    return sharing.terms(made.session.get_one(Organisation, made.fixed["organisation.id"]))


SAID: Mapping[str, Any] = {
    "person.left_at": ENDED,
    "person.email": "quentin@mail.example",
    "person_photo.sealed_photo": _photo,
    "booking.state": BookingState.WORKED,
    "agreement.state": AgreementState.ACTIVE,
    "agreement_version.state": VersionState.SIGNED,
    "agreement_version.terms": _terms,
    "clearance.state": ClearanceState.ENDED,
    "deployment.state": DeploymentState.CLOSED,
    "subject_request.kind": SubjectRequestKind.ACCESS,
    "account.closed_at": ENDED,
}


def one_of_each(session: Session) -> Rows:
    """One row in every table, of one person who left one trust."""
    trust = build.an_organisation(session, name="Each NHS Trust")
    rows = OneOfEach(session, trust.id, new_id()).make()
    build.an_event(session, trust.id)
    return rows


def holding(database: Database) -> set[str]:
    """`table.column` wherever the person's word stands."""
    with database.reading() as session:
        return {
            f"{table.name}.{name}"
            for table in Base.metadata.sorted_tables
            for row in session.execute(sa.select(table)).mappings()
            for name, value in row.items()
            if WORD in (value.decode(errors="ignore") if isinstance(value, bytes) else repr(value))
        }
