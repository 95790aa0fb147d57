"""Names of partners' people on a host's lists, beside its bookings above all: each is written down.

A ward has to know who comes, so the name stands there without a deed of its own; the person reads
that it was read, once a day for each organisation. Whoever lists names therefore runs in a writing
transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model.agreements import Agreement, AgreementVersion
from bankhub.model.clearances import Clearance
from passport.actions.people.looks import look_at_all
from passport.actions.tenancy import own_organisation
from passport.actors import Actor

BOOKED = "booked_name"
"""What such a look is called in the log."""


def note_names(
    session: Session,
    person_ids: Iterable[UUID | None],
    *,
    by: Actor,
    now: datetime,
    what: str = BOOKED,
) -> None:
    """Write down that the actor's organisation reads these names. Its own people's is no look."""
    wanted = {one for one in person_ids if one is not None}
    if not wanted:
        return
    under = _agreements(session, wanted, by)
    basis = {one: under.get(one, "") for one in wanted}
    look_at_all(session, basis_of=basis, what=what, by=by, now=now)


def _agreements(session: Session, person_ids: Iterable[UUID], by: Actor) -> Mapping[UUID, str]:
    """The agreement under which the host last decided on each, as people name it."""
    rows = session.execute(
        sa.select(Clearance.person_id, Agreement.reference, AgreementVersion.number)
        .join(AgreementVersion, AgreementVersion.id == Clearance.version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .where(
            Clearance.person_id.in_(list(person_ids)),
            Clearance.host_id == own_organisation(by),
        )
        .order_by(Clearance.decided_at, Clearance.id)
    )
    return {person_id: f"{reference} v{number}" for person_id, reference, number in rows}
