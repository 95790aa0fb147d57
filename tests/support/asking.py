"""Agreements as the upper floor would tell the ground floor of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from passport.actions.verifying.ask_limits import Ground

ALL = {
    "identity": "6.1", "employment_assignment": "6.2", "professional_registration": "6.3",
    "training_award": "6.4", "dbs_outcome": "6.5", "oh_clearance": "6.6",
}  # fmt: skip


@dataclass
class Agreements:
    """Agreements as the upper floor would tell of them."""

    found: Sequence[Ground]

    def grounds(
        self, session: Session, *, organisation_id: UUID, now: datetime
    ) -> Sequence[Ground]:
        return self.found


def ground(named: str = "WSA-7 v3", *, without: Sequence[str] = (), homes: str = "RWJ") -> Ground:
    """One that permits all that a bank shift asks for, but for `without`."""
    clauses = {kind: clause for kind, clause in ALL.items() if kind not in without}
    return Ground(named, "Collaborative bank", clauses, frozenset(homes.split()))
