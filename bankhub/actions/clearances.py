"""Clearances at a host: a passport that was shown opens one, and every change decides it again.

`show` opens; doors (`clearance_doors`) and the nightly job decide again; `clearance_checks` holds
the host's own register checks, `clearance_bypasses` what two people set aside, and
`clearance_views` what pages and programs read.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearances import Clearance
from bankhub.model.vocabulary import Grade
from passport.actors import Actor


class EndReason(StrEnum):
    """Why a clearance is closed."""

    NO_LONGER_NEEDED = "no_longer_needed"
    OWN_WISH = "own_wish"
    HOST_DECIDED = "host_decided"
    LEFT_HOME = "left_home"
    WOUND_DOWN = "wound_down"


def show(
    session: Session,
    *,
    person_id: UUID,
    role: str,
    grade: Grade,
    instrument: Instrument | None = None,
    verdict_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Clearance:
    """Somebody of a partner showed their passport here: open their clearance in that role and
    grade, or decide the open one again.

    `verdict_id` is the check as it is on record (`clearance_desk.showing`); only the operator goes
    without. Raises `Refused` where no agreement in force covers them.
    """
    raise NotImplementedError


def redecide(
    session: Session,
    *,
    person_id: UUID | None = None,
    holder_id: UUID | None = None,
    clearance_ids: Collection[UUID] = (),
    because: str,
    by: Actor,
    now: datetime,
) -> int:
    """Decide open clearances again, of a home record, of a human, or those named; how many
    changed. Part of another deed, which has asked for permission."""
    raise NotImplementedError


def redecide_pairs(
    session: Session, *, agreement_id: UUID, because: str, by: Actor, now: datetime
) -> int:
    """Decide again every open clearance between the parties of an agreement that changed."""
    raise NotImplementedError


def end(
    session: Session, *, clearance_id: UUID, because: EndReason, by: Actor, now: datetime
) -> Clearance:
    """Close a clearance at the actor's organisation. Bookings ahead are blocked, not cancelled."""
    raise NotImplementedError


def end_own(session: Session, *, clearance_id: UUID, by: Actor, now: datetime) -> Clearance:
    """The person closes a clearance of their own."""
    raise NotImplementedError
