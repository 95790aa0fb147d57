"""What happened in the organisation, for its auditor and its bank manager: kinds, subjects and
changed fields, never who a person is.

Accounts and people are identifiers here; whoever must know who they are asks where they are kept.
The proof that nothing was altered is `bankhub audit verify`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.events import Event
from passport.rules.permissions import Deed

MOST_ROWS = 100
OPEN_KINDS = frozenset(
    {
        "agency", "agency_exemption", "booking", "break_glass", "policy", "rate", "shift", "site",
        "tiers", "unit",
    }
)  # fmt: skip
"""Kinds whose details are about shifts and settings; of all others only the kind is shown."""
FIRST_WORDS = tuple(
    sorted(
        OPEN_KINDS
        | {
            "account", "agreement", "batch", "bundle", "bypass", "candidate", "clearance",
            "credential", "delegation", "deployment", "desk_pointer", "device", "fact", "factor",
            "factors", "freshness", "hours", "identity", "import_mapping", "induction", "key",
            "link", "membership", "organisation", "passport", "password", "person", "photo",
            "post", "presentation", "recharge", "recovery_codes", "register", "registers",
            "registration", "reset", "restriction", "retention", "role", "roster",
            "second_factor", "shift_code", "sign_in", "subject", "supervision", "token",
            "trust", "verdict", "wallet",
        }
    )
)  # fmt: skip
"""What events can be narrowed to."""
LEFT_OUT = frozenset({"name", "worker_name", "email", "because", "reason_text", "text", "notes"})
"""Details that a person could have written about a person."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, without personal data."""

    id: UUID
    at: datetime
    kind: str
    subject_id: UUID
    by_account_id: UUID | None
    via: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happenings:
    """Events, the latest first, and the cursor of earlier ones."""

    events: Sequence[Happening]
    after: tuple[datetime, UUID] | None


def recent(
    session: Session,
    *,
    kind: str = "",
    subject_id: UUID | None = None,
    account_id: UUID | None = None,
    after: tuple[datetime, UUID] | None = None,
    by: Actor,
) -> Happenings:
    """The latest events of the actor's organisation. `kind` is a whole kind or its first word:
    `booking` finds `booking.made`."""
    demand(by, Deed.READ_AUDIT)
    query = sa.select(Event).where(Event.organisation_id == own_organisation(by))
    if kind:
        first_word = Event.kind.startswith(f"{kind}.", autoescape=True)
        query = query.where(sa.or_(Event.kind == kind, first_word))
    if subject_id is not None:
        query = query.where(Event.subject_id == subject_id)
    if account_id is not None:
        query = query.where(Event.by_account_id == account_id)
    if after is not None:
        query = query.where(sa.tuple_(Event.at, Event.id) < after)
    latest = query.order_by(Event.at.desc(), Event.id.desc()).limit(MOST_ROWS + 1)
    rows = session.scalars(latest).all()
    shown = rows[:MOST_ROWS]
    last = shown[-1] if len(rows) > MOST_ROWS else None
    return Happenings([_told(row) for row in shown], (last.at, last.id) if last else None)


def _told(row: Event) -> Happening:
    word = row.kind.partition(".")[0]
    detail = row.detail if word in OPEN_KINDS else {}
    return Happening(
        id=row.id,
        at=row.at,
        kind=row.kind,
        subject_id=row.subject_id,
        by_account_id=row.by_account_id,
        via=row.via,
        detail={name: value for name, value in detail.items() if name not in LEFT_OUT},
    )
