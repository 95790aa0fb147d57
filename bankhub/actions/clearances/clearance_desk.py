"""The clearance desk: somebody shows their passport; whose is it, and as what may they be cleared?

A code from their phone is judged by this server, a printed one leads to the record, and what they
send online was judged as it came. In each case the check is on record for the purpose of working
here, and that record alone opens a clearance: a check made at a ward door does not. What was shown
is handed to the page and not kept. Passports are checked by the real clock (`real`), agreements by
the trade's.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bankhub.actions.clearances import clearances
from bankhub.actions.partners.agreements_in_force import between
from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.deployments import Deployment
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.workers import BankPost
from bankhub.rules.deployments.deployment_states import LIVE
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.signing.signing import Where
from passport.actions.tenancy import own_organisation
from passport.actions.verifying import desk, presented_checks, verdicts
from passport.actors import Actor
from passport.errors import Cure, NotFound, Reason, Refused
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.presentations import Channel, PresentationRequest, VerdictRecord
from passport.model.purposes import purposes_on
from passport.rules.tokens.gate_token import PREFIX
from passport.rules.verifying.verdict import Finding
from passport.sealing import Vault

PURPOSE = "bank_shift"
GOOD_FOR = timedelta(hours=1)
"""A showing at the desk opens a clearance for so long; then it has to be shown again."""
RED, TURNED_AWAY = "red", "turned_away"
MOST_ASKED = 50
_PRINTED = re.compile(r"(?:HTTPS?://[^/]+/DESK/)?([2-9A-HJ-NP-TV-Z]{8})")


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who was asked by link, and on whom nothing was decided."""

    request_id: UUID
    made_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    """None while it waits."""


@dataclass(frozen=True, slots=True)
class Work:
    """A role and grade of the person's, as far as an agreement covers it here."""

    role: str
    grade: Grade
    staff_group: StaffGroup
    agreements: tuple[str, ...]
    """As people name them, e.g. `WSA-7 v3`."""
    instruments: tuple[Instrument, ...]
    clearance_id: UUID | None
    """The one that is open already, which is decided again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A passport that was shown at the desk."""

    verdict_id: UUID
    outcome: str
    name: str | None
    photo: str | None
    """As a `data:` address."""
    reasons: Sequence[Mapping[str, Any]]
    """What speaks against a plain yes: outcome, code, detail, act."""
    home: Organisation | None
    """Whose record it is; None where another installation issued it."""
    own: bool
    """Somebody of this organisation: there is nothing to clear."""
    works: tuple[Work, ...]
    may_clear: bool


def scan(
    session: Session,
    *,
    text: str,
    checker: str,
    vault: Vault,
    where: Where,
    by: Actor,
    now: datetime,
    real: datetime,
) -> Shown:
    """The code that somebody shows at the desk: of their phone, or printed. Raises `NotFound` for
    a printed one that leads nowhere."""
    demand(by, Deed.CLEAR)
    text = text.strip().upper()
    if printed := _PRINTED.fullmatch(text):
        return _by_printed(session, printed[1], checker, vault, by, now, real)
    kept, judged = verdicts.check(
        session,
        text=text if text.startswith(PREFIX) else PREFIX,
        challenge=None,
        checker=checker,
        channel=Channel.GATE,
        purpose=PURPOSE,
        where=where,
        by=by,
        now=real,
    )
    verdict = judged.verdict
    face = _address(verdict.face, "webp")
    return _shown(session, kept, verdict.name, face, told(verdict.findings), by, now)


def shown_online(
    session: Session, *, request_id: UUID, by: Actor, now: datetime, real: datetime
) -> Shown | None:
    """What a wallet sent to a request of this desk; None until it has."""
    demand(by, Deed.CLEAR)
    check = presented_checks.look(session, request_id=request_id, by=by, now=real)
    if check.purpose.code != PURPOSE:
        raise NotFound
    kept = session.scalars(
        sa.select(VerdictRecord).where(VerdictRecord.request_id == request_id)
    ).first()
    if check.verdict is None or kept is None:
        return None
    said = check.verdict
    return _shown(session, kept, said["name"], said["photo"], said["reasons"], by, now)


def asked_by_link(session: Session, *, by: Actor, real: datetime) -> Sequence[Asked]:
    """Who was asked by link: while it waits, and once answered until somebody was cleared or
    turned away by it, or it was too long ago. The newest first, without a name."""
    demand(by, Deed.CLEAR)
    here, later = own_organisation(by), aliased(VerdictRecord)
    waits = sa.and_(
        PresentationRequest.answered_at.is_(None), PresentationRequest.expires_at > real
    )
    dealt_with = sa.exists().where(
        Clearance.host_id == here,
        Clearance.person_id == VerdictRecord.person_id,
        Clearance.verdict_id == later.id,
        later.received_at >= VerdictRecord.received_at,
    )
    answered = sa.and_(
        VerdictRecord.received_at >= real - _open_for(Channel.ONLINE, real),
        VerdictRecord.decision.is_(None),
        ~dealt_with,
    )
    found = session.execute(
        sa.select(PresentationRequest, VerdictRecord.received_at)
        .outerjoin(VerdictRecord, VerdictRecord.request_id == PresentationRequest.id)
        .where(
            PresentationRequest.organisation_id == here,
            PresentationRequest.purpose == PURPOSE,
            PresentationRequest.failed_because.is_(None),
            sa.or_(waits, answered),
        )
        .order_by(PresentationRequest.made_at.desc(), PresentationRequest.id)
        .limit(MOST_ASKED)
    )
    return [Asked(one.id, one.made_at, one.expires_at, at) for one, at in found]


def _open_for(channel: Channel, at: datetime) -> timedelta:
    """For how long a showing opens a clearance. Who answered a link is not standing there: it
    opens one for as long as the purpose lets what was shown be kept."""
    if channel is not Channel.ONLINE:
        return GOOD_FOR
    purpose = purposes_on(london_day(at)).get(PURPOSE)
    return purpose.kept if purpose else GOOD_FOR


def showing(
    session: Session,
    *,
    verdict_id: UUID,
    role: str,
    grade: Grade,
    by: Actor,
    now: datetime,
    real: datetime,
) -> tuple[VerdictRecord, Work]:
    """The check that opens a clearance in that role and grade. Raises `NotFound` for another
    organisation's, `Refused` where it opens none: another purpose, too long ago, not believed,
    turned away, or no agreement covers the work."""
    demand(by, Deed.CLEAR)
    kept = session.get(VerdictRecord, verdict_id)
    if kept is None or kept.organisation_id != own_organisation(by):
        raise NotFound
    if kept.outcome == RED or kept.purpose != PURPOSE:
        raise Refused([_not_shown("What was shown does not open a clearance.")])
    if kept.decision == TURNED_AWAY:
        raise Refused([_not_shown("Whoever showed it was turned away.")])
    if not real - _open_for(kept.channel, kept.received_at) <= kept.received_at <= real:
        raise Refused([_not_shown("It was shown too long ago.")])
    for work in _works(session, _person(session, kept), by, now):
        if (work.role, work.grade) == (role, grade):
            return kept, work
    raise Refused([_not_covered(role, grade)])


def clear(
    session: Session,
    *,
    verdict_id: UUID,
    role: str,
    grade: Grade,
    instrument: Instrument | None,
    by: Actor,
    now: datetime,
    real: datetime,
) -> Clearance:
    """Whoever the check was of is the person at the desk: decide, and open their clearance. Raises
    as `showing` does."""
    kept, work = showing(
        session, verdict_id=verdict_id, role=role, grade=grade, by=by, now=now, real=real
    )
    if kept.person_id is None or instrument not in (None, *work.instruments):
        raise Refused([_not_covered(role, grade)])
    return clearances.show(
        session,
        person_id=kept.person_id,
        role=work.role,
        grade=work.grade,
        instrument=instrument or work.instruments[0],
        verdict_id=kept.id,
        by=by,
        now=now,
    )


def told(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as pages and programs read them."""
    return [
        {"outcome": one.outcome.name.lower(), "code": one.code, "detail": one.detail,
         "act": one.act}
        for one in findings
    ]  # fmt: skip


def _by_printed(
    session: Session,
    code: str,
    checker: str,
    vault: Vault,
    by: Actor,
    now: datetime,
    real: datetime,
) -> Shown:
    found = desk.look_up(session, code=code, vault=vault, by=by, now=real)
    kept = desk.keep_look(
        session, code=code, found=found, decision=None, checker=checker, purpose=PURPOSE, by=by,
        now=real,
    )  # fmt: skip
    photo = _address(found.photo, "jpeg")
    return _shown(session, kept, found.name, photo, told(found.findings), by, now)


def _shown(
    session: Session,
    kept: VerdictRecord,
    name: str | None,
    photo: str | None,
    reasons: Sequence[Mapping[str, Any]],
    by: Actor,
    now: datetime,
) -> Shown:
    person = _person(session, kept)
    home = session.get_one(Organisation, person.organisation_id) if person else None
    own = home is not None and home.id == own_organisation(by)
    believed = kept.outcome != RED
    works = tuple(_works(session, person, by, now)) if believed else ()
    return Shown(
        verdict_id=kept.id,
        outcome=kept.outcome,
        name=name,
        photo=photo,
        reasons=reasons,
        home=home,
        own=own,
        works=works,
        may_clear=believed and bool(works),
    )


def _works(
    session: Session, person: Person | None, by: Actor, now: datetime
) -> Iterator[Work]:
    """What their posts at home say they may be booked as, where an agreement covers it."""
    host_id, today = own_organisation(by), london_day(now)
    if person is None or person.organisation_id == host_id or person.left_at is not None:
        return
    agreements = between(session, home_id=person.organisation_id, host_id=host_id, now=now)
    open_ones = _open(session, person, host_id)
    pairs = [*_pairs(session, person, today), *_sponsored(session, person, host_id)]
    for role, grade in dict.fromkeys(pairs):
        group = reference.roles()[role].staff_group
        covering = [
            one
            for one in agreements
            if one.covers_work(group, grade) and role not in one.terms.excluded_roles
        ]
        if covering:
            instruments = dict.fromkeys(i for one in covering for i in one.terms.instruments)
            yield Work(
                role,
                grade,
                group,
                tuple(one.named for one in covering),
                tuple(instruments),
                open_ones.get((role, grade)),
            )


def _pairs(session: Session, person: Person, today: Any) -> list[tuple[str, Grade]]:
    """Roles and grades of the posts of today, their own before those they may also be booked as."""
    posts = session.scalars(
        sa.select(BankPost)
        .where(
            BankPost.person_id == person.id,
            BankPost.starts_on <= today,
            sa.or_(BankPost.ends_on.is_(None), BankPost.ends_on >= today),
        )
        .order_by(BankPost.starts_on, BankPost.id)
    ).all()
    own = [(post.role, post.grade) for post in posts]
    further = [(role, Grade(grade)) for post in posts for role, grade in post.entitlements]
    return [one for one in dict.fromkeys([*own, *further]) if one[0] in reference.roles()]


def _sponsored(
    session: Session, person: Person, host_id: UUID
) -> list[tuple[str, Grade]]:
    """What a returner without a post is sponsored to do here."""
    rows = session.execute(
        sa.select(Deployment.role, Deployment.grade).where(
            Deployment.person_id == person.id,
            Deployment.host_id == host_id,
            Deployment.sponsored.is_(True),
            Deployment.state.in_(LIVE),
        )
    )
    return [(role, grade) for role, grade in rows]


def _open(session: Session, person: Person, host_id: UUID) -> dict[tuple[str, Grade], UUID]:
    rows = session.execute(
        sa.select(Clearance.role, Clearance.grade, Clearance.id).where(
            Clearance.host_id == host_id,
            Clearance.person_id == person.id,
            Clearance.state != ClearanceState.ENDED,
        )
    )
    return {(role, grade): id_ for role, grade, id_ in rows}


def _person(session: Session, kept: VerdictRecord) -> Person | None:
    return session.get(Person, kept.person_id) if kept.person_id else None


def _address(picture: bytes | None, kind: str) -> str | None:
    if not picture:
        return None
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def _not_shown(words: str) -> Reason:
    return Reason("not_shown", {}, Cure("Ask them to show their passport again"), text=words)


def _not_covered(role: str, grade: Grade) -> Reason:
    words = "No agreement in force lets them do this work here."
    return Reason("not_covered", {"role": role, "grade": grade}, text=words)
