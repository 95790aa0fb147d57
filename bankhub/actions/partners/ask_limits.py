"""Tells the ground floor what the agreements in force permit their parties to ask for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.partners.agreements_in_force import in_force
from bankhub.model.agreement_terms import CREDENTIAL_CATEGORY
from bankhub.rules.agreements.agreement_document import clause_of
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.shift_times import london_day
from passport.actions.verifying.ask_limits import Ground


class AgreementLimits:
    """`passport.actions.verifying.ask_limits.AskLimits` by the agreements of this floor."""

    def grounds(
        self, session: Session, *, organisation_id: UUID, now: datetime
    ) -> Sequence[Ground]:
        """Agreements in force today under which the organisation is a host of somebody's people."""
        found = in_force(session, organisation_id=organisation_id, now=now)
        return [_ground(one, organisation_id, now) for one in found]


def _ground(one: InForce, host_id: UUID, now: datetime) -> Ground:
    today = london_day(now)
    homes = frozenset(
        pair.home.ods
        for pair in one.pairs()
        if pair.host.organisation_id == host_id and pair.from_on <= today <= pair.until_on
    )
    clauses = {
        kind: clause_of(one.terms, category)
        for kind, category in CREDENTIAL_CATEGORY.items()
        if category in one.terms.data_categories
    }
    return Ground(one.named, one.title, clauses, homes)
