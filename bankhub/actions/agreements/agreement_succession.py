"""When a party is succeeded: a merger or a new code, as the organisation data says.

The successor stands in the same place with the same terms, and is told so with every party. The
old organisation's people and sites stay covered until they are moved: systems of merged trusts
stay apart for months. Signatures stay good by the keys on the trust list. Where a trust was split,
nobody follows by itself: the lead varies the agreement. Where a party merges into another party, a
suspension of the one that went holds for its people alone; what stops the other stops them too.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements.agreement_records import follow, parties_of, tell_parties
from bankhub.actions.partners.agreements_in_force import in_turn
from bankhub.actions.permission import demand
from bankhub.model.agreements import Agreement, AgreementParty, AgreementState
from bankhub.rules.agreements.agreement_states import LIVE
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.events import Event
from passport.model.organisations import MembershipKind, Organisation, OrganisationMembership

_FOLLOWED = (AgreementState.PROPOSED, *LIVE)


def on_membership(session: Session, event: Event, by: Actor, now: datetime) -> None:
    """Door: an organisation was succeeded by another."""
    if event.detail.get("membership_kind") == MembershipKind.SUCCESSOR:
        follow_successions(session, by=by, now=now)


def on_closing(session: Session, event: Event, by: Actor, now: datetime) -> None:
    """Door: an organisation changed; its last day may be one of the changes."""
    if "closed_on" in event.detail.get("changed", ()):
        follow_successions(session, by=by, now=now)


def follow_successions(session: Session, *, by: Actor, now: datetime) -> int:
    """Put successors in the place of parties that were succeeded by today; how many."""
    demand(by, Deed.KEEP_AGREEMENTS)
    due = list(_due(session, london_day(now)))
    return sum(
        succeed(session, old_id=old_id, new_id=new_id, by=by, now=now) for old_id, new_id in due
    )


def succeed(
    session: Session, *, old_id: UUID, new_id: UUID, by: Actor, now: datetime
) -> int:
    """Let one organisation follow another in every agreement that is not over; in how many."""
    demand(by, Deed.KEEP_AGREEMENTS)
    found = session.scalars(
        sa.select(Agreement)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .where(
            AgreementParty.organisation_id == old_id,
            AgreementParty.succeeded_by_id.is_(None),
            Agreement.state.in_(_FOLLOWED),
        )
        .order_by(Agreement.reference)
        .with_for_update(of=Agreement)
    ).all()
    for agreement in found:
        _succeed_in(session, agreement, old_id, new_id, by, now)
    return len(found)


def _succeed_in(
    session: Session, agreement: Agreement, old_id: UUID, new_id: UUID, by: Actor, now: datetime
) -> None:
    rows = {organisation.id: party for party, organisation in parties_of(session, agreement.id)}
    old, new = rows[old_id], rows.get(new_id)
    if new is not None and old in in_turn(rows.values(), new):
        return  # two that each say the other took over
    old.succeeded_by_id = new_id
    if new is None:
        session.add(_in_its_place(old, new_id, now))
    if agreement.lead_id == old_id:
        agreement.lead_id = new_id
    session.flush()
    live = [one for one, _ in parties_of(session, agreement.id) if one.succeeded_by_id is None]
    if len(live) < 2 and agreement.state in LIVE:
        agreement.ends_on, agreement.state = london_day(now), AgreementState.NOTICE_GIVEN
    names = {one: session.get_one(Organisation, one).name for one in (old_id, new_id)}
    tell = tell_parties(
        session, agreement, "agreement_succeeded", old=names[old_id], new=names[new_id]
    )
    follow(
        session, agreement, "agreement.party_succeeded", by=by, now=now, tell=tell,
        old=str(old_id), new=str(new_id),
    )  # fmt: skip


def _in_its_place(old: AgreementParty, new_id: UUID, now: datetime) -> AgreementParty:
    """The row of a new code. A suspension goes over to it: it holds for the old code's people
    too, and is lifted in one place."""
    row = AgreementParty(
        agreement_id=old.agreement_id, organisation_id=new_id, joined_at=now,
        suspended_at=old.suspended_at, suspended_because=old.suspended_because,
        suspended_by_id=old.suspended_by_id, notice_given_at=old.notice_given_at,
        leaves_on=old.leaves_on,
    )  # fmt: skip
    old.suspended_at, old.suspended_because, old.suspended_by_id = None, "", None
    return row


def _due(session: Session, today: date) -> Iterator[tuple[UUID, UUID]]:
    """Parties that are succeeded by today, by exactly one organisation, that nobody follows yet."""
    parties = (
        sa.select(AgreementParty.organisation_id)
        .join(Agreement, Agreement.id == AgreementParty.agreement_id)
        .where(AgreementParty.succeeded_by_id.is_(None), Agreement.state.in_(_FOLLOWED))
    )
    found = session.execute(
        sa.select(OrganisationMembership, Organisation.closed_on)
        .join(Organisation, Organisation.id == OrganisationMembership.member_id)
        .where(
            OrganisationMembership.kind == MembershipKind.SUCCESSOR,
            OrganisationMembership.member_id.in_(parties),
        )
        .order_by(Organisation.ods_code)
    )
    by_member: dict[UUID, list[tuple[OrganisationMembership, date | None]]] = {}
    for membership, closed_on in found:
        by_member.setdefault(membership.member_id, []).append((membership, closed_on))
    for member_id, succeeded in by_member.items():
        ((membership, closed_on), *others) = succeeded
        last_day = closed_on or today - timedelta(days=1)
        if not others and (membership.from_on or last_day + timedelta(days=1)) <= today:
            yield member_id, membership.group_id
