"""Existing staff in bulk: drawn, a sample opened by a second officer, approved once, issued.

Only people of whom everything asked for can be issued are taken in; the others are exceptions,
each with the reasons, for an officer to open one by one. Nothing is decided before the approval;
then people follow in portions of transactions, each read anew. Stopped half-way, it goes on where
it was; a second run issues nothing twice.
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.access import humans
from passport.actions.issuing import issuing
from passport.actions.issuing.issue_records import Drawn, Sources, draw
from passport.actions.issuing.issuing import Decision
from passport.actions.permission import demand
from passport.actions.signing import credential_life
from passport.actions.tenancy import own_organisation, within
from passport.actors import AccessRole, Actor, Via
from passport.batch import record_many
from passport.db import new_id
from passport.errors import Invalid, NotFound, Reason, Refused
from passport.events import record
from passport.model.accounts import Account
from passport.model.credential_types import Withdrawal, credential_types
from passport.model.credentials import Bundle, IssueBatch
from passport.model.issue_policy import ISSUE_POLICY
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.permissions import Deed

DRAWN_AT_ONCE = 500
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Portion:
    """How far a batch has come."""

    done: int
    total: int

    @property
    def left(self) -> int:
        """People still to come."""
        return self.total - self.done


@dataclass(frozen=True, slots=True)
class Survey:
    """Who can be issued what, and who cannot and why."""

    types: tuple[str, ...]
    people: tuple[str, ...]
    exceptions: Mapping[str, Sequence[str]]


def survey(
    session: Session,
    *,
    types: Collection[str] = (),
    sources: Sources,
    by: Actor,
    now: datetime,
    most: int | None = None,
    progress: Progress = lambda _people: None,
) -> Survey:
    """Go through everybody on record of the actor's organisation. Only reads, because it takes
    long: nothing else has to wait for it. Raises `Refused` (`too_many_here`) where more than
    `most` people are on record."""
    demand(by, Deed.ISSUE)
    wanted = _types(types)
    home = session.get_one(Organisation, own_organisation(by))
    if most is not None and staff_count(session, by=by) > most:
        command = f"bankhub passport issue --trust {home.ods_code}"
        text = f"More than {most:,} people are on record: draw the batch with “{command}”."
        raise Refused([Reason("too_many_here", text=text)])
    own = _own_people(session, by.account_id)
    taken: list[str] = []
    exceptions: dict[str, list[str]] = {}
    for found in _everybody(session, home.id, sources, now, progress):
        plan = found.plan(wanted)
        codes = {reason.code for one in plan.blocked for reason in one.reasons}
        if plan.fresh and found.person.id in own:
            codes.add("own_passport")
        if codes:
            exceptions[str(found.person.id)] = sorted(codes)
        elif plan.fresh:
            taken.append(str(found.person.id))
    return Survey(wanted, tuple(taken), exceptions)


def begin(session: Session, surveyed: Survey, *, by: Actor, now: datetime) -> IssueBatch:
    """Put a batch of those surveyed on record, its sample drawn; one of exceptions alone is done
    at once. Everybody is read anew when they are issued. Raises `Refused` (`batch_open`) while
    another batch is not done."""
    demand(by, Deed.ISSUE)
    home = own_organisation(by)
    session.execute(
        sa.select(Organisation.id).where(Organisation.id == home).with_for_update(key_share=True)
    )
    if session.scalars(_unfinished(home)).first() is not None:
        raise Refused([Reason("batch_open", text="Finish or stop the batch there is first.")])
    size = ISSUE_POLICY.sample_of(len(surveyed.people))
    made = IssueBatch(
        organisation_id=home, made_at=now, made_by_id=by.account_id,
        types=list(surveyed.types), people=list(surveyed.people),
        exceptions=dict(surveyed.exceptions),
        sample=dict.fromkeys(secrets.SystemRandom().sample(surveyed.people, size)),
        issued_at=None if surveyed.people else now,
    )  # fmt: skip
    session.add(made)
    counts = {"people": len(made.people), "exceptions": len(made.exceptions)}
    _told(session, "batch.drawn", made, by, now, **counts)
    return made


def open_sample(
    session: Session, *, batch_id: UUID, person_id: UUID, by: Actor, now: datetime
) -> None:
    """A second officer looked at somebody of the sample and found the record right."""
    demand(by, Deed.ISSUE)
    batch = _locked(session, batch_id, by)
    key = str(person_id)
    if key not in batch.sample:
        raise NotFound
    _refuse_done(batch)
    if by.account_id is None or humans.is_same(session, by, batch.made_by_id):
        raise Refused([Reason("same_officer", text="The sample is opened by a second officer.")])
    credential_life.demand_another(session, person_id, by)
    if batch.sample[key] is None:
        opened = {"by": str(by.account_id), "at": now.isoformat()}
        batch.sample = {**batch.sample, key: opened}
        _told(session, "batch.sample_opened", batch, by, now, person=person_id)


def approve(session: Session, *, batch_id: UUID, by: Actor, now: datetime) -> None:
    """One officer approves the whole batch, once somebody else has opened all of the sample."""
    demand(by, Deed.ISSUE)
    batch = _locked(session, batch_id, by)
    _refuse_done(batch)
    unopened = sum(one is None for one in batch.sample.values())
    openers = {UUID(one["by"]) for one in batch.sample.values() if one}
    reasons = []
    if not batch.people:
        reasons.append(Reason("nobody", text="There is nobody in this batch."))
    if unopened:
        text = f"{unopened} of the sample were not opened yet."
        reasons.append(Reason("sample_not_opened", {"left": unopened}, text=text))
    if humans.is_same(session, by, *openers):
        text = "Whoever opened the sample does not approve the batch."
        reasons.append(Reason("same_officer", text=text))
    if reasons:
        raise Refused(reasons)
    batch.approved_at, batch.approved_by_id = now, by.account_id
    _told(session, "batch.approved", batch, by, now)


def stop(session: Session, *, batch_id: UUID, because: str, by: Actor, now: datetime) -> None:
    """Issue nothing more of this batch, e.g. because the sample was not right. `because` is a
    code: `sample_wrong` or `not_wanted`."""
    demand(by, Deed.ISSUE)
    batch = _locked(session, batch_id, by)
    if batch.issued_at or batch.stopped_at:
        raise Refused([Reason("batch_done", text="This batch is done.")])
    batch.stopped_at, batch.stopped_because = now, because
    _told(session, "batch.stopped", batch, by, now, because=because)


def issue_portion(
    session: Session,
    *,
    batch_id: UUID,
    sources: Sources,
    by: Actor,
    now: datetime,
    size: int = ISSUE_POLICY.portion,
) -> Portion:
    """Decide the next people of an approved batch, on the approval and in the approver's name.
    Several at once follow each other; nothing is left once `left` is 0."""
    demand(by, Deed.PUBLISH if by.via in (Via.JOB, Via.OPERATOR) else Deed.ISSUE)
    batch = _locked(session, batch_id, by)
    if batch.approved_at is None or batch.stopped_at is not None:
        raise Refused([Reason("not_approved", text="This batch is not approved.")])
    done = _done(session, batch)
    coming = [UUID(one) for one in batch.people if one not in done][:size]
    if coming:
        approver = _approver(batch)
        _decide_people(session, batch, coming, sources, approver, now)
    elif batch.issued_at is None:
        batch.issued_at = now
        _told(session, "batch.issued", batch, _approver(batch), now)
    return Portion(len(done) + len(coming), len(batch.people))


def batches(session: Session, *, by: Actor) -> Sequence[IssueBatch]:
    """The batches of the actor's organisation, the newest first."""
    demand(by, Deed.READ_PASSPORTS)
    own = IssueBatch.organisation_id == own_organisation(by)
    return session.scalars(
        sa.select(IssueBatch).where(own).order_by(IssueBatch.made_at.desc(), IssueBatch.id.desc())
    ).all()


def batch_of(session: Session, *, batch_id: UUID, by: Actor) -> IssueBatch:
    """A batch of the actor's organisation. Raises `NotFound`."""
    demand(by, Deed.READ_PASSPORTS)
    found = session.get(IssueBatch, batch_id)
    if found is None:
        raise NotFound
    within(by, found.organisation_id)
    return found


def people_in(session: Session, ids: Iterable[str], *, by: Actor) -> list[Person]:
    """People of a batch by name; at most some hundreds are asked for at once."""
    demand(by, Deed.READ_PASSPORTS)
    found = sa.select(Person).where(
        Person.id.in_([UUID(one) for one in ids]),
        Person.organisation_id == own_organisation(by),
    )
    return list(session.scalars(found.order_by(Person.family_name, Person.given_name)))


def approved(session: Session) -> UUID | None:
    """An approved batch of any organisation that is not issued to the end, for the worker."""
    return session.scalars(
        sa.select(IssueBatch.id)
        .where(
            IssueBatch.approved_at.is_not(None),
            IssueBatch.issued_at.is_(None),
            IssueBatch.stopped_at.is_(None),
        )
        .order_by(IssueBatch.approved_at)
        .limit(1)
    ).first()


def unfinished(session: Session, *, by: Actor) -> IssueBatch | None:
    """The batch of the actor's organisation that is not done, if there is one."""
    demand(by, Deed.READ_PASSPORTS)
    return session.scalars(_unfinished(own_organisation(by))).first()


def staff_count(session: Session, *, by: Actor) -> int:
    """How many people of the actor's organisation have not left."""
    demand(by, Deed.READ_PASSPORTS)
    count = sa.select(sa.func.count()).select_from(Person).where(_staff(own_organisation(by)))
    return session.scalars(count).one()


def issued_of(session: Session, batch: IssueBatch) -> int:
    """How many bundles of a batch were decided."""
    mine = sa.select(sa.func.count()).where(Bundle.batch_id == batch.id)
    return session.scalars(mine).one()


def _types(asked: Collection[str]) -> tuple[str, ...]:
    unknown = sorted(set(asked) - set(credential_types()))
    if unknown:
        wrong = {"types": [f"{', '.join(unknown)}: no such type"]}
        raise Invalid("types", "These are no types of credential.", wrong)
    return tuple(sorted(set(asked))) or ISSUE_POLICY.types


def _unfinished(organisation_id: UUID) -> sa.Select[IssueBatch]:
    return sa.select(IssueBatch).where(
        IssueBatch.organisation_id == organisation_id,
        IssueBatch.issued_at.is_(None),
        IssueBatch.stopped_at.is_(None),
    )


def _everybody(
    session: Session,
    organisation_id: UUID,
    sources: Sources,
    now: datetime,
    progress: Progress,
) -> Iterable[Drawn]:
    here = _staff(organisation_id)
    last: UUID | None = None
    while True:
        page = sa.select(Person).where(here).order_by(Person.id).limit(DRAWN_AT_ONCE)
        people = session.scalars(page.where(Person.id > last) if last else page).all()
        if not people:
            return
        last = people[-1].id
        yield from draw(session, people, sources=sources, now=now)
        progress(len(people))


def _staff(organisation_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(Person.organisation_id == organisation_id, Person.left_at.is_(None))


def _own_people(session: Session, account_id: UUID | None) -> set[UUID]:
    """Every record of the human behind an account."""
    account = session.get(Account, account_id) if account_id else None
    if account is None:
        return set()
    mine = sa.or_(Person.holder_id == account.person_id, Person.email == account.email)
    return set(session.scalars(sa.select(Person.id).where(mine)))


def _locked(session: Session, batch_id: UUID, by: Actor) -> IssueBatch:
    found = session.get(IssueBatch, batch_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    if by.via is not Via.JOB:
        within(by, found.organisation_id)
    return found


def _refuse_done(batch: IssueBatch) -> None:
    if batch.approved_at or batch.issued_at or batch.stopped_at:
        raise Refused([Reason("batch_done", text="This batch was approved or stopped already.")])


def _approver(batch: IssueBatch) -> Actor:
    return Actor(
        account_id=batch.approved_by_id,
        organisation_id=batch.organisation_id,
        roles=frozenset({AccessRole.HR_OFFICER}),
        stepped_up=True,
    )


def _done(session: Session, batch: IssueBatch) -> set[str]:
    decided = session.scalars(sa.select(Bundle.person_id).where(Bundle.batch_id == batch.id))
    return {str(one) for one in decided} | (set(batch.exceptions) & set(batch.people))


def _decide_people(
    session: Session,
    batch: IssueBatch,
    coming: Sequence[UUID],
    sources: Sources,
    approver: Actor,
    now: datetime,
) -> None:
    people = session.scalars(
        sa.select(Person)
        .where(Person.id.in_(coming))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    ).all()
    own = _own_people(session, batch.approved_by_id)
    decisions, exceptions = [], {}
    for found in draw(session, people, sources=sources, now=now):
        plan = found.plan(batch.types)
        codes = {reason.code for one in plan.blocked for reason in one.reasons}
        codes |= {"own_passport"} if found.person.id in own else set()
        codes |= {"has_left"} if found.person.left_at else set()
        if codes or not plan.fresh:
            exceptions[str(found.person.id)] = sorted(codes) or ["nothing_new"]
        else:
            decisions.append(Decision(found, plan.fresh, new_id()))
    _take_back(session, decisions, approver, now)
    issuing.write(session, decisions, by_id=approver.account_id, batch_id=batch.id, now=now)
    issuing.tell_many(session, decisions, now=now)
    entries = [(one.bundle_id, _detail(one, batch)) for one in decisions]
    record_many(session, "bundle.decided", entries, by=approver, now=now)
    if exceptions:
        batch.exceptions = {**batch.exceptions, **exceptions}
        _told(session, "batch.excepted", batch, approver, now, people=list(exceptions))


def _detail(one: Decision, batch: IssueBatch) -> dict[str, object]:
    return {**issuing.decided_detail(one.found, one.fresh), "batch": batch.id}


def _take_back(
    session: Session, decisions: Iterable[Decision], approver: Actor, now: datetime
) -> None:
    overtaken = [one for each in decisions for fresh in each.fresh for one in fresh.takes_back]
    for credential_id in overtaken:
        credential_life.withdraw(
            session, credential_id=credential_id, reason=Withdrawal.UPDATED_INFORMATION,
            by=approver, now=now,
        )  # fmt: skip


def _told(
    session: Session, kind: str, batch: IssueBatch, by: Actor, now: datetime, **detail: object
) -> None:
    session.flush()
    here = replace(by, organisation_id=batch.organisation_id)
    record(session, kind, subject_id=batch.id, by=here, now=now, **detail)  # type: ignore[arg-type]
