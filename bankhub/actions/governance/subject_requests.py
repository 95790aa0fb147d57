"""What people ask of an organisation that holds their data: a copy of it, or that it be erased.

A copy is made by the information governance lead. An erasure is asked for by them and agreed by a
second person, who does it by agreeing; what stays, and why, is written down with the request.
What is read of a partner's person goes into that person's log, so reading is a deed here.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.governance.subject_search import READ
from bankhub.actions.partners.booked_names import note_names
from bankhub.model.bookings import Booking
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.deployments import Deployment, DeploymentState
from bankhub.model.vocabulary import LIVE_BOOKING
from bankhub.rules.governance.subject_document import (
    Happened,
    Section,
    SubjectFile,
    as_html,
    as_json,
)
from passport.actions.access import humans
from passport.actions.issuing.issue_records import photo_place
from passport.actions.people import subject_erasing
from passport.actions.people.subject_rows import (
    Subject,
    deeds,
    happenings,
    held,
    looks,
    name_of,
    subject_of,
)
from passport.actions.permission import demand
from passport.actions.signing import credential_life
from passport.actions.telling import tell_officers
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Invalid, NotFound, Reason, Refused
from passport.events import record
from passport.london import london_day
from passport.model.accounts import Account, Delegation, RoleGrant
from passport.model.credential_types import Revocation
from passport.model.credentials import PersonPhoto
from passport.model.data_classes import catalogue
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.retention import schedule_on
from passport.model.subject_requests import SubjectRequest, SubjectRequestKind
from passport.rules.permissions import Deed
from passport.sealing import Vault

CATALOGUE = catalogue("passport", "bankhub")
CLOSED = (
    DeploymentState.CLOSED, DeploymentState.REFUSED, DeploymentState.TERMINATED_EARLY,
)  # fmt: skip
LISTED, LONGEST = 100, 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, with the name as it stands in the record now."""

    request: SubjectRequest
    name: str


def overview(session: Session, *, person_id: UUID, by: Actor, now: datetime) -> SubjectFile:
    """What the file of a person will hold, for the page before it is made; without the photo."""
    demand(by, Deed.SEE_SUBJECTS)
    subject = subject_of(session, person_id=person_id, catalogue=CATALOGUE, by=by)
    note_names(session, [person_id], by=by, now=now, what=READ)
    return _file(session, subject, now)


def export(
    session: Session, *, person_id: UUID, vault: Vault, by: Actor, now: datetime
) -> bytes:
    """The person's file as a zip archive: one page to read, JSON for a program, the photo."""
    demand(by, Deed.EXPORT_SUBJECT)
    subject = subject_of(session, person_id=person_id, catalogue=CATALOGUE, by=by)
    note_names(session, [person_id], by=by, now=now, what=READ)
    return _given_out(session, subject, _photo(session, subject, vault), by, now)


def own_overview(session: Session, *, by: Actor, now: datetime) -> SubjectFile:
    """What the file of one's own account holds, in the organisation where one acts."""
    demand(by, Deed.USE_OWN_ACCOUNT)
    return _file(session, _own_account(session, by), now)


def own_export(session: Session, *, by: Actor, now: datetime) -> bytes:
    """The file of one's own account. What the organisation's record says of a member of staff is
    given out by the information governance lead, who reads free words first."""
    demand(by, Deed.USE_OWN_ACCOUNT)
    return _given_out(session, _own_account(session, by), None, by, now)


def _own_account(session: Session, by: Actor) -> Subject:
    account = session.get(Account, by.account_id) if by.account_id else None
    if account is None:
        raise NotFound
    return Subject(account, own_organisation(by))


def _given_out(
    session: Session, subject: Subject, photo: bytes | None, by: Actor, now: datetime
) -> bytes:
    file = _file(session, subject, now, photo)
    made = SubjectRequest(
        organisation_id=subject.organisation_id,
        person_id=subject.who.id,
        kind=SubjectRequestKind.ACCESS,
        asked_at=now,
        asked_by_id=by.account_id,
        done_at=now,
        outcome={"rows": file.counts},
    )
    session.add(made)
    session.flush()
    record(session, "subject.exported", subject_id=subject.who.id, by=by, now=now, request=made.id)
    return zipped(file)


def zipped(file: SubjectFile) -> bytes:
    """The archive; the same file gives the same bytes."""
    parts = {
        "subject-file.html": as_html(file).encode(),
        "subject-file.json": json.dumps(as_json(file), indent=2, ensure_ascii=False).encode(),
    } | ({"photo.jpg": file.photo} if file.photo else {})
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _file(
    session: Session, subject: Subject, now: datetime, photo: bytes | None = None
) -> SubjectFile:
    found = held(session, subject, CATALOGUE)
    schedule = schedule_on(london_day(now))
    return SubjectFile(
        organisation=session.get_one(Organisation, subject.organisation_id).name,
        name=subject.name,
        made_at=now,
        sections=[
            Section(one.entry, f"Kept: {schedule[one.entry.kept].words}", list(_maps(one.rows)))
            for one in found
        ],
        happened=[
            Happened(one.at, one.kind, one.detail) for one in happenings(session, subject, found)
        ],
        done=list(deeds(session, subject)),
        looked=list(looks(session, subject)),
        photo=photo,
    )


def _maps(rows: Sequence[sa.RowMapping]) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows]


def _photo(session: Session, subject: Subject, vault: Vault) -> bytes | None:
    person = subject.person if subject.is_own else None
    kept = session.get(PersonPhoto, person.id) if person else None
    if kept is None:
        return None
    return vault.unseal(kept.sealed_photo, belongs_to=photo_place(kept.person_id))


def hindrances(session: Session, subject: Subject, now: datetime) -> list[Reason]:
    """Why somebody's data cannot be erased yet: they still work here, or are about to."""
    here, person = subject.organisation_id, subject.person
    if person is None:
        return _offices(session, subject)
    found = []
    if subject.is_own and person.left_at is None:
        text = "They are on your record as working for you. Record that they left first."
        found.append(Reason("still_here", text=text))
    ahead = sa.select(Booking.id).where(
        Booking.person_id == person.id, Booking.organisation_id == here,
        Booking.state.in_(LIVE_BOOKING), Booking.ends_at > now,
    )  # fmt: skip
    if session.scalar(ahead.limit(1)):
        text = "They are booked on shifts that have not ended. Cancel those first."
        found.append(Reason("booked_ahead", text=text))
    placed = sa.select(Deployment.id).where(
        Deployment.person_id == person.id, Deployment.state.not_in(CLOSED),
        sa.or_(Deployment.home_id == here, Deployment.host_id == here),
    )  # fmt: skip
    if session.scalar(placed.limit(1)):
        found.append(Reason("deployed", text="They are on a deployment. Close it first."))
    cleared = sa.select(Clearance.id).where(
        Clearance.person_id == person.id, Clearance.host_id == here,
        Clearance.state != ClearanceState.ENDED,
    )  # fmt: skip
    if session.scalar(cleared.limit(1)):
        found.append(Reason("still_cleared", text="They are cleared to work here. End that first."))
    return found


def _offices(session: Session, subject: Subject) -> list[Reason]:
    """Why an account is not erased: whoever uses it holds an office here."""
    held = sa.or_(
        *(
            sa.exists().where(
                one.account_id == subject.who.id, one.ended_at.is_(None),
                one.organisation_id == subject.organisation_id,
            )
            for one in (RoleGrant, Delegation)
        )
    )  # fmt: skip
    if not session.scalar(sa.select(held)):
        return []
    text = "They hold a role here. Record that they left first."
    return [Reason("still_here", text=text)]


def ask_erasure(session: Session, *, person_id: UUID, by: Actor, now: datetime) -> SubjectRequest:
    """Ask that somebody's data be erased; somebody else has to agree."""
    demand(by, Deed.ASK_ERASURE)
    subject = subject_of(session, person_id=person_id, catalogue=CATALOGUE, by=by, lock=True)
    reasons = hindrances(session, subject, now)
    if _open(session, subject):
        reasons.append(Reason("already_asked", text="It has been asked for already."))
    if reasons:
        raise Refused(reasons)
    made = SubjectRequest(
        organisation_id=subject.organisation_id,
        person_id=person_id,
        kind=SubjectRequestKind.ERASURE,
        asked_at=now,
        asked_by_id=by.account_id,
    )
    session.add(made)
    session.flush()
    told = tell_officers(session, "erasure_asked", subject.organisation_id, request=str(made.id))
    record(
        session, "subject.erasure_asked", subject_id=person_id, by=by, now=now, tell=told,
        request=made.id,
    )  # fmt: skip
    return made


def _open(session: Session, subject: Subject) -> bool:
    waiting = sa.select(SubjectRequest.id).where(
        SubjectRequest.person_id == subject.who.id,
        SubjectRequest.organisation_id == subject.organisation_id,
        SubjectRequest.kind == SubjectRequestKind.ERASURE,
        SubjectRequest.done_at.is_(None),
        SubjectRequest.refused_at.is_(None),
    )
    return session.scalar(waiting.limit(1)) is not None


def agree_erasure(
    session: Session, *, request_id: UUID, by: Actor, now: datetime
) -> SubjectRequest:
    """Agree as the second person: it is done at once, and cannot be undone."""
    demand(by, Deed.ERASE)
    found = _waiting(session, request_id, by)
    if humans.is_same(session, by, found.asked_by_id):
        raise Refused([Reason("same_person", text="Somebody else has to agree to what you asked.")])
    subject = subject_of(
        session, person_id=found.person_id, catalogue=CATALOGUE, by=by, lock=True
    )
    reasons = hindrances(session, subject, now)
    if reasons:
        raise Refused(reasons)
    outcome = erase_now(session, subject, by=by, now=now)
    found = session.get_one(SubjectRequest, request_id)
    found.agreed_at = found.done_at = now
    found.agreed_by_id, found.outcome = by.account_id, outcome.as_json()
    record(session, "person.erased", subject_id=found.person_id, by=by, now=now, request=found.id)
    return found


def erase_now(
    session: Session, subject: Subject, *, by: Actor, now: datetime
) -> subject_erasing.Outcome:
    """End what the organisation still asserts of the person, and erase what it holds of them."""
    if subject.person is not None and subject.is_own:
        why = Revocation.NO_LONGER_VALID
        credential_life.end_all(session, person_id=subject.person.id, why=why, by=by, now=now)
        session.flush()
    return subject_erasing.erase(session, subject, held(session, subject, CATALOGUE))


def refuse_erasure(
    session: Session, *, request_id: UUID, because: str, by: Actor, now: datetime
) -> SubjectRequest:
    """Refuse it, with the reason that the person is told."""
    demand(by, Deed.ERASE)
    because = " ".join(because.split())
    if not because or len(because) > LONGEST:
        raise Invalid("because", "Say why.", {"because": ["Say why, in up to 500 characters."]})
    found = _waiting(session, request_id, by)
    found.refused_at, found.refused_because = now, because
    record(
        session, "subject.erasure_refused", subject_id=found.person_id, by=by, now=now,
        request=found.id,
    )  # fmt: skip
    return found


def _waiting(session: Session, request_id: UUID, by: Actor) -> SubjectRequest:
    found = session.get(SubjectRequest, request_id, with_for_update=True)
    if found is None or found.organisation_id != own_organisation(by):
        raise NotFound
    if found.kind is not SubjectRequestKind.ERASURE or found.done_at or found.refused_at:
        raise Refused([Reason("not_waiting", text="This has been answered already.")])
    return found


def listed(session: Session, *, by: Actor, now: datetime) -> list[Asked]:
    """The organisation's requests, those that wait first, then the newest."""
    demand(by, Deed.SEE_SUBJECTS)
    rows = session.execute(
        sa.select(SubjectRequest, Person, Account)
        .outerjoin(Person, Person.id == SubjectRequest.person_id)
        .outerjoin(Account, Account.id == SubjectRequest.person_id)
        .where(SubjectRequest.organisation_id == own_organisation(by))
        .order_by(
            sa.func.coalesce(SubjectRequest.done_at, SubjectRequest.refused_at).is_not(None),
            SubjectRequest.asked_at.desc(),
        )
        .limit(LISTED)
    ).all()
    note_names(session, [one.id for _, one, _ in rows if one], by=by, now=now, what=READ)
    return [Asked(asked, name_of(person or account)) for asked, person, account in rows]


def one_request(session: Session, *, request_id: UUID, by: Actor, now: datetime) -> Asked:
    """One request of the organisation."""
    demand(by, Deed.SEE_SUBJECTS)
    found = session.get(SubjectRequest, request_id)
    if found is None or found.organisation_id != own_organisation(by):
        raise NotFound
    person = session.get(Person, found.person_id)
    note_names(session, [found.person_id] if person else [], by=by, now=now, what=READ)
    return Asked(found, name_of(person or session.get(Account, found.person_id)))
