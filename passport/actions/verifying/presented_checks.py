"""What came of asking: for whoever asked, while the purpose allows it to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.signing.signing import Where
from passport.actions.verifying import presenting, verdicts
from passport.actors import Actor
from passport.errors import NotFound, Reason, Refused
from passport.model.accounts import Account
from passport.model.presentations import PresentationRequest, VerdictRecord
from passport.model.purposes import Purpose
from passport.rules.permissions import Deed
from passport.rules.verifying import presented
from passport.sealing import Vault

PAGE = 25


class CheckState(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    DECLINED = "declined"
    """The holder or the wallet said no."""
    EXPIRED = "expired"
    RETURNING = "returning"
    """Answered; the wallet has yet to lead the browser back that asked."""


class Decision(StrEnum):
    """What was done with whoever was checked."""

    ADMITTED = "admitted"
    SUPERVISED = "supervised"
    TURNED_AWAY = "turned_away"


@dataclass(frozen=True, slots=True)
class Check:
    """One request and what came of it."""

    id: UUID
    purpose: Purpose
    state: CheckState
    asked: Mapping[str, Any]
    agreement: str
    """Under which it was asked; empty where none is needed."""
    clauses: Mapping[str, str]
    """Credential type → the clause that permits asking for it."""
    made_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    same_device: bool
    failed_because: str | None
    verdict: Mapping[str, Any] | None
    """As `presented.told` has it; only while the answer may be read."""
    forget_at: datetime | None
    """Until when its values are kept; None once they are forgotten."""
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastCheck:
    """A line in the list of checks: no values."""

    id: UUID
    purpose: str
    state: CheckState
    made_at: datetime
    outcome: str | None
    decision: str | None


def look(session: Session, *, request_id: UUID, by: Actor, now: datetime) -> Check:
    """One check of the actor's organisation. Raises `NotFound`."""
    demand(by, Deed.ASK_TO_PRESENT)
    made = _own(session, request_id, by)
    found = _record_of(session, made)
    state = _state(made, now)
    verdict = made.verdict if state is CheckState.ANSWERED else None
    kept = made.forget_at is not None and now < made.forget_at
    if verdict is not None and not kept:
        verdict = presented.without_values(verdict)
    return Check(
        id=made.id,
        purpose=presenting.purpose_when_made(made),
        state=state,
        asked=made.asked,
        agreement=made.agreement,
        clauses=made.clauses,
        made_at=made.made_at,
        expires_at=made.expires_at,
        answered_at=made.answered_at,
        same_device=made.session_hash is not None,
        failed_because=made.failed_because,
        verdict=verdict,
        forget_at=made.forget_at if kept else None,
        decision=found.decision if found else None,
        decided_by=found.decided_by if found else None,
        decided_at=found.decided_at if found else None,
    )


def said(check: Check) -> dict[str, Any]:
    """The verdict without the photo, as programs read it; `outcome` is None before an answer."""
    empty: dict[str, Any] = {
        "outcome": None, "name": None, "reasons": [], "facts": [], "checked": [],
        "not_checked": [],
    }  # fmt: skip
    return {name: (check.verdict or empty)[name] for name in empty}


def uri(
    session: Session, *, request_id: UUID, vault: Vault, where: Where, by: Actor, now: datetime
) -> str:
    """What a wallet is given, as long as the request waits. Raises `NotFound`."""
    demand(by, Deed.ASK_TO_PRESENT)
    made = _own(session, request_id, by)
    if presenting.is_over(made, now):
        raise NotFound
    return presenting.uri_of(session, made, vault=vault, where=where)


def past(
    session: Session, *, before: UUID | None = None, by: Actor, now: datetime
) -> Sequence[PastCheck]:
    """The organisation's requests, newest first: one more than a page where there are more."""
    demand(by, Deed.ASK_TO_PRESENT)
    found = session.execute(
        sa.select(PresentationRequest, VerdictRecord.outcome, VerdictRecord.decision)
        .outerjoin(VerdictRecord, VerdictRecord.request_id == PresentationRequest.id)
        .where(
            PresentationRequest.organisation_id == by.organisation_id,
            *([PresentationRequest.id < before] if before else []),
        )
        .order_by(PresentationRequest.id.desc())
        .limit(PAGE + 1)
    )
    return [
        PastCheck(
            made.id,
            presenting.purpose_when_made(made).title,
            _state(made, now),
            made.made_at,
            outcome if _state(made, now) is CheckState.ANSWERED else None,
            decision,
        )
        for made, outcome, decision in found
    ]


def decide(
    session: Session, *, request_id: UUID, decision: Decision, by: Actor, now: datetime
) -> None:
    """Record what was done, once. Raises `Refused` before an answer, or for somebody who was
    decided on already."""
    demand(by, Deed.ASK_TO_PRESENT)
    made = _own(session, request_id, by)
    found = _record_of(session, made)
    if found is None or _state(made, now) is not CheckState.ANSWERED:
        raise Refused([Reason("not_answered", text="Nothing has been shown yet.")])
    if found.decision is not None:
        raise Refused([Reason("decided", text="What was done is on record already.")])
    verdicts.decide(
        session, verdict_id=found.id, decision=decision, by=by, checker=_name(session, by), now=now
    )


def _record_of(session: Session, made: PresentationRequest) -> VerdictRecord | None:
    return session.scalars(
        sa.select(VerdictRecord).where(VerdictRecord.request_id == made.id)
    ).first()


def _own(session: Session, request_id: UUID, by: Actor) -> PresentationRequest:
    made = session.get(PresentationRequest, request_id)
    if made is None or made.organisation_id != by.organisation_id:
        raise NotFound
    return made


def _state(made: PresentationRequest, now: datetime) -> CheckState:
    if made.failed_because is not None:
        return CheckState.DECLINED
    if made.answered_at is not None:
        waits = made.response_code_hash is not None
        return CheckState.RETURNING if waits else CheckState.ANSWERED
    return CheckState.EXPIRED if made.expires_at <= now else CheckState.WAITING


def _name(session: Session, by: Actor) -> str:
    account = session.get(Account, by.account_id) if by.account_id else None
    return (account.display_name or account.email) if account else "Operator"
