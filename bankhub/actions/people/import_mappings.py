"""How an organisation's files name their columns: said once, remembered."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.model.workers import ImportMapping
from bankhub.rules.permissions import Deed
from passport.actions.permission import demand as demand_below
from passport.actions.tenancy import within
from passport.actors import Actor
from passport.events import record
from passport.rules.permissions import Deed as DeedBelow

PEOPLE, ROSTER = "people", "roster"


def mapping_of(
    session: Session, *, organisation_id: UUID, kind: str, by: Actor
) -> dict[str, str]:
    """Our field → the organisation's heading, for `people` or `roster` files; empty at first.

    Raises `NotFound` for another organisation's.
    """
    within(by, organisation_id)
    found = session.get(ImportMapping, (organisation_id, kind))
    return dict(found.columns) if found else {}


def remember_mapping(
    session: Session,
    *,
    organisation_id: UUID,
    kind: str,
    columns: Mapping[str, str],
    by: Actor,
    now: datetime,
) -> dict[str, str]:
    """Remember headings beside those known; an empty heading forgets one. Returns all of them."""
    if kind == PEOPLE:
        demand_below(by, DeedBelow.IMPORT_PEOPLE)
    else:
        demand(by, Deed.IMPORT_ROSTER)
    known = mapping_of(session, organisation_id=organisation_id, kind=kind, by=by)
    wanted = {field: heading for field, heading in {**known, **columns}.items() if heading}
    if wanted == known:
        return known
    row = session.get(ImportMapping, (organisation_id, kind))
    if row is None:
        row = ImportMapping(
            organisation_id=organisation_id, kind=kind, columns=wanted, updated_at=now
        )
        session.add(row)
    row.columns, row.updated_at = wanted, now
    record(
        session,
        "import_mapping.remembered",
        subject_id=organisation_id,
        organisation_id=organisation_id,
        by=by,
        now=now,
        file_kind=kind,
        columns=wanted,
    )
    return wanted
