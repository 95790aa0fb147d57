"""What came of checking passports here: who checked whom, when, with which outcome, what was done.

No record holds what a passport said. Whoever holds the passport reads in its log who looked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.signing.signing import Where
from passport.actions.tenancy import own_organisation
from passport.actions.verifying.judging import Judged, judge_credential, judge_gate
from passport.actors import Actor
from passport.db import is_postgresql, new_id
from passport.errors import Invalid, NotFound, Refused
from passport.events import record
from passport.model.collecting import OneTimeValue
from passport.model.credentials import Wallet
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.presentations import Channel, VerdictRecord, WardDevice
from passport.rules.permissions import Deed
from passport.rules.tokens import gate_token
from passport.rules.tokens.gate_token import GATE, PREFIX
from passport.sealing import hash_secret

DECISIONS = ("admitted", "supervised", "turned_away")
OUTCOMES = ("green", "amber", "red")
PURPOSE = "admission"
LONGEST_NAME, MOST_CODES, LONGEST_CODE = 120, 40, 64
OLDEST = timedelta(days=30)
"""A check that a device sends later than this is not taken."""
AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One check, as a device or page tells of it. `id` is its own, so that it may be told twice."""

    id: UUID
    at: datetime
    outcome: str
    codes: Sequence[str]
    kinds: Sequence[str]
    checker: str
    offline: bool
    holder_key: str | None = None
    issuer_ods: str | None = None
    decision: str | None = None
    decided_at: datetime | None = None


def keep(
    session: Session,
    *,
    checked: Checked,
    by: Actor,
    now: datetime,
    channel: Channel = Channel.GATE,
    purpose: str = PURPOSE,
    device: WardDevice | None = None,
    person_id: UUID | None = None,
) -> VerdictRecord:
    """Put a check on record, or what was done after one that is. Told again, nothing changes: the
    first decision stands. Raises `Invalid`, and `NotFound` for another organisation's check."""
    demand(by, Deed.VERIFY)
    organisation_id = own_organisation(by)
    _refuse_wrong(checked, now)
    _one_at_a_time(session, organisation_id)
    found = session.get(VerdictRecord, checked.id, with_for_update=True)
    if found is None:
        found = VerdictRecord(
            id=checked.id, organisation_id=organisation_id, unit=device.unit if device else "",
            channel=channel, device_id=device.id if device else None,
            checker=checked.checker.strip(), by_account_id=by.account_id, purpose=purpose,
            holder_key=checked.holder_key,
            person_id=person_id or _holder_of(session, checked.holder_key),
            issuer_ods=checked.issuer_ods, at=checked.at, received_at=now,
            offline=checked.offline, outcome=checked.outcome, codes=list(checked.codes),
            kinds=list(checked.kinds),
        )  # fmt: skip
        session.add(found)
        session.flush()
        _tell(session, "verdict.recorded", found, by, now)
    elif found.organisation_id != organisation_id or found.device_id != (
        device.id if device else None
    ):
        raise NotFound
    if checked.decision and found.decision is None:
        at = checked.decided_at or now
        _decide(session, found, checked.decision, at, checked.checker, by, now)
    return found


def _one_at_a_time(session: Session, organisation_id: UUID) -> None:
    """The same check may be sent twice at the same moment; neither sees the other's row."""
    session.execute(
        sa.select(Organisation.id)
        .where(Organisation.id == organisation_id)
        .with_for_update(key_share=True)
    )


def decide(
    session: Session, *, verdict_id: UUID, decision: str, by: Actor, checker: str, now: datetime
) -> VerdictRecord:
    """What was done after a check of the actor's organisation. Raises `Refused` where it was
    decided before."""
    demand(by, Deed.VERIFY)
    found = session.get(VerdictRecord, verdict_id, with_for_update=True)
    if found is None or found.organisation_id != own_organisation(by):
        raise NotFound
    if decision not in DECISIONS:
        raise Invalid("decision", fields={"decision": ["Choose one of the list."]})
    if found.decision is not None:
        raise Refused([], "It was decided before.")
    _decide(session, found, decision, now, checker, by, now)
    return found


def check(
    session: Session,
    *,
    text: str,
    challenge: str | None,
    checker: str,
    channel: Channel = Channel.API,
    purpose: str = PURPOSE,
    where: Where,
    by: Actor,
    now: datetime,
) -> tuple[VerdictRecord, Judged]:
    """The server's verdict on a gate token or credential, put on record for the actor's
    organisation. The same code shown twice to one organisation's server is refused."""
    demand(by, Deed.VERIFY)
    organisation_id = own_organisation(by)
    if text.startswith(PREFIX):
        judged = _gate_once(session, text, organisation_id, challenge, where, now)
    else:
        judged = judge_credential(
            session, text, organisation_id=organisation_id, audience=None, nonce=None,
            where=where, now=now,
        )  # fmt: skip
    verdict = judged.verdict
    checked = Checked(
        id=new_id(),
        at=now,
        outcome=verdict.outcome.name.lower(),
        codes=[one.code for one in verdict.findings],
        kinds=sorted({fact.kind for fact in verdict.facts}),
        checker=checker,
        offline=False,
        holder_key=judged.holder_key,
        issuer_ods=judged.issuer_ods,
    )
    kept = keep(session, checked=checked, by=by, now=now, channel=channel, purpose=purpose)
    return kept, judged


def of_organisation(
    session: Session, *, by: Actor, before: datetime | None = None, most: int = 50
) -> Sequence[VerdictRecord]:
    """The checks of the actor's organisation, the latest first."""
    demand(by, Deed.READ_VERDICTS)
    own = VerdictRecord.organisation_id == own_organisation(by)
    older = VerdictRecord.at < before if before else sa.true()
    return session.scalars(
        sa.select(VerdictRecord)
        .where(own, older)
        .order_by(VerdictRecord.at.desc(), VerdictRecord.id)
        .limit(most)
    ).all()


def one(session: Session, *, verdict_id: UUID, by: Actor) -> VerdictRecord:
    """One check of the actor's organisation."""
    demand(by, Deed.READ_VERDICTS)
    found = session.get(VerdictRecord, verdict_id)
    if found is None or found.organisation_id != own_organisation(by):
        raise NotFound
    return found


def holder_behind(session: Session, holder_key: str | None) -> UUID | None:
    """The human whose phone that key is of, where their passport was issued here."""
    person_id = _holder_of(session, holder_key)
    person = session.get(Person, person_id) if person_id else None
    return person.holder_id if person else None


def _holder_of(session: Session, holder_key: str | None) -> UUID | None:
    if holder_key is None:
        return None
    return session.scalar(
        sa.select(Wallet.person_id).where(Wallet.gate_key == holder_key).limit(1)
    )


def _gate_once(
    session: Session,
    text: str,
    organisation_id: UUID,
    challenge: str | None,
    where: Where,
    now: datetime,
) -> Judged:
    """Judged for this organisation; refused where the same was shown to it before."""

    def judged(seen: Collection[tuple[bytes, int]]) -> Judged:
        return judge_gate(
            session, text, organisation_id=organisation_id, challenge=challenge, seen=seen,
            audience={GATE, session.get_one(Organisation, organisation_id).ods_code},
            where=where, now=now,
        )  # fmt: skip

    found = judged(())
    if found.holder_key is None:
        return found
    seen = gate_token.read(text).said.seen
    return found if _first_time(session, seen, organisation_id, now) else judged([seen])


def _first_time(
    session: Session, seen: tuple[bytes, int], organisation_id: UUID, now: datetime
) -> bool:
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    row = {
        "value_hash": hash_secret(f"gate {organisation_id} {seen[0].hex()} {seen[1]}"),
        "purpose": "gate",
        "expires_at": now + gate_token.REPLAY,
        "used_at": now,
    }
    made = insert(OneTimeValue).values(row).on_conflict_do_nothing()
    return session.scalar(made.returning(OneTimeValue.value_hash)) is not None


def _decide(
    session: Session,
    found: VerdictRecord,
    decision: str,
    at: datetime,
    checker: str,
    by: Actor,
    now: datetime,
) -> None:
    found.decision, found.decided_at, found.decided_by = decision, at, checker.strip()
    session.flush()
    _tell(session, "verdict.decided", found, by, now, decision=decision)


def _tell(
    session: Session, kind: str, found: VerdictRecord, by: Actor, now: datetime, **more: Any
) -> None:
    record(
        session, kind, subject_id=found.id, by=by, now=now, outcome=found.outcome,
        codes=found.codes, device=found.device_id, **more,
    )  # fmt: skip


def _refuse_wrong(checked: Checked, now: datetime) -> None:
    wrong: dict[str, list[str]] = {}
    if not 0 < len(checked.checker.strip()) <= LONGEST_NAME or not checked.checker.isprintable():
        wrong["checker"] = ["Enter your name and role."]
    if checked.outcome not in OUTCOMES:
        wrong["outcome"] = ["Green, amber or red."]
    if checked.decision is not None and checked.decision not in DECISIONS:
        wrong["decision"] = ["Choose one of the list."]
    for name, at in (("at", checked.at), ("decided_at", checked.decided_at)):
        if at is not None and not now - OLDEST <= at <= now + AHEAD:
            wrong[name] = ["Not a moment of the last 30 days."]
    words = (*checked.codes, *checked.kinds, checked.holder_key or "", checked.issuer_ods or "")
    many = max(len(checked.codes), len(checked.kinds)) > MOST_CODES
    if many or any(len(word) > LONGEST_CODE or not _is_plain(word) for word in words):
        wrong["codes"] = ["Not codes."]
    if wrong:
        raise Invalid("verdict", fields=wrong)


def _is_plain(word: str) -> bool:
    return word.isascii() and word.isprintable()
