"""What a host has on record that bears on a clearance, beside the passport."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model.clearance_values import AskedClearance
from bankhub.model.clearances import HostRegisterCheck
from bankhub.model.deployments import Deployment
from bankhub.rules.deployments.deployment_states import LIVE
from passport.model.people import Person


def looked_up(host_id: UUID, holder_id: UUID) -> sa.ColumnElement[bool]:
    """The host's own looks at the numbers of a human, whichever employer's passport showed them."""
    records = sa.select(Person.id).where(Person.holder_id == holder_id)
    return sa.and_(HostRegisterCheck.host_id == host_id, HostRegisterCheck.person_id.in_(records))


def is_sponsored(session: Session, person: Person, asked: AskedClearance) -> bool:
    """Whether the person comes as a returner, on a deployment that has not ended."""
    found = sa.select(Deployment.id).where(
        Deployment.person_id == person.id,
        Deployment.host_id == asked.host.id,
        Deployment.role == asked.role,
        Deployment.grade == asked.grade,
        Deployment.sponsored.is_(True),
        Deployment.state.in_(LIVE),
    )
    return session.scalar(found.limit(1)) is not None
