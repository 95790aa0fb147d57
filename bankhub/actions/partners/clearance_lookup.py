"""Clearances as the rules read them: what each host last decided of a human.

An open clearance says what it was decided on; whether an agreement still covers the work is asked
beside it (`rules.agreements.partner_work`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model.agreement_terms import Instrument
from bankhub.model.agreements import Agreement, AgreementVersion
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.values import ClearanceValue
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.batch import Prepared

_BEFORE_BOOKING, _AT_ARRIVAL = "before_booking", "at_arrival"
_MISSING, _DUE = "missing", "due"

_CLEARANCES: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        Clearance.holder_id,
        Clearance.home_id,
        Clearance.host_id,
        Clearance.staff_group,
        Clearance.role,
        Clearance.grade,
        Clearance.state,
        Clearance.until_on,
        Clearance.version_id,
        Clearance.instrument,
        Clearance.items,
        Agreement.reference,
        AgreementVersion.number,
    )
    .join(AgreementVersion, AgreementVersion.id == Clearance.version_id)
    .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
    .where(Clearance.state != sa.literal_column(f"'{ClearanceState.ENDED.value}'"))
    .order_by(Clearance.id)
)

CLEARANCES = Prepared(_CLEARANCES.where(Clearance.holder_id == sa.bindparam("holder_id")))
"""Every open clearance of one human, whatever the host."""

def clearances_for(
    session: Session, *, holder_ids: Iterable[UUID], host_id: UUID
) -> Mapping[UUID, tuple[ClearanceValue, ...]]:
    """The open clearances of many humans at one host, by holder."""
    wanted = list(dict.fromkeys(holder_ids))
    if not wanted:
        return {}
    rows = session.execute(
        _CLEARANCES.where(Clearance.holder_id.in_(wanted), Clearance.host_id == host_id)
    )
    found: dict[UUID, list[ClearanceValue]] = defaultdict(list)
    for row in rows:
        found[row.holder_id].append(clearance_value(row))
    return {holder_id: tuple(values) for holder_id, values in found.items()}


def clearance_value(row: Sequence[Any]) -> ClearanceValue:
    """A row of the reads above as a value."""
    _, home_id, host_id, group, role, grade, state, until_on, version_id, *more = row
    instrument, items, reference, number = more
    return ClearanceValue(
        home_id=home_id,
        host_id=host_id,
        staff_group=StaffGroup(group),
        role=role,
        grade=Grade(grade),
        state=ClearanceState(state),
        until_on=until_on,
        version_id=version_id,
        named=f"{reference} v{number}",
        instrument=Instrument(instrument),
        missing=_open(items, _BEFORE_BOOKING, _MISSING),
        due=_open(items, _AT_ARRIVAL, _DUE),
    )


def _open(items: Iterable[Mapping[str, Any]], timing: str, state: str) -> tuple[Any, ...]:
    return tuple(
        (str(one.get("title", "")), str(one.get("act", "")))
        for one in items
        if (one.get("timing"), one.get("state")) == (timing, state)
    )
