"""Suspending a party, giving notice, ending an agreement."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.agreement_records import (
    agreement_of,
    codes_of,
    follow,
    parties_of,
    refuse,
    tell_parties,
    versions_of,
)
from bankhub.actions.agreements_in_force import terms_of
from bankhub.actions.permission import demand
from bankhub.model.agreement_terms import AgreementTerms
from bankhub.model.agreements import Agreement, AgreementParty, AgreementState
from bankhub.rules.agreement_entry import one_line
from bankhub.rules.agreement_states import (
    BOUND,
    ends_with_leavers,
    why_not_live,
    why_not_notice,
    why_not_suspend,
    why_not_terminate,
)
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.tenancy import own_organisation
from passport.actors import AccessRole, Actor
from passport.errors import Invalid, NotFound

ENDS = (AccessRole.BANK_MANAGER, AccessRole.HR_OFFICER, AccessRole.EXECUTIVE_ON_CALL)
"""Who hears at each party that something ends or is suspended."""


def suspend_party(
    session: Session,
    *,
    agreement_id: UUID,
    organisation_id: UUID,
    because: str,
    by: Actor,
    now: datetime,
) -> AgreementParty:
    """Nothing starts under the agreement at or from this party until it is lifted. The lead may
    suspend any party, a party itself."""
    agreement, party, name = _party_to_end(session, agreement_id, organisation_id, by)
    refuse(why_not_suspend(suspended=party.suspended_at is not None, wanted=True))
    _refuse_text(because)
    for one in _line(session, party):
        one.suspended_at, one.suspended_because = now, because.strip()
    tell = tell_parties(session, agreement, "agreement_party_suspended", ENDS, party=name)
    follow(
        session, agreement, "agreement.party_suspended", by=by, now=now, tell=tell,
        party=str(organisation_id),
    )  # fmt: skip
    return party


def lift_suspension(
    session: Session, *, agreement_id: UUID, organisation_id: UUID, by: Actor, now: datetime
) -> AgreementParty:
    """Take a suspension back: whoever could have suspended."""
    agreement, party, name = _party_to_end(session, agreement_id, organisation_id, by)
    refuse(why_not_suspend(suspended=party.suspended_at is not None, wanted=False))
    for one in _line(session, party):
        one.suspended_at, one.suspended_because = None, ""
    tell = tell_parties(session, agreement, "agreement_suspension_lifted", ENDS, party=name)
    follow(
        session, agreement, "agreement.suspension_lifted", by=by, now=now, tell=tell,
        party=str(organisation_id),
    )  # fmt: skip
    return party


def give_notice(
    session: Session,
    *,
    agreement_id: UUID,
    leaves_on: date | None = None,
    by: Actor,
    now: datetime,
) -> AgreementParty:
    """The actor's organisation leaves after the notice that the terms ask for, or on a later day.
    Where fewer than two parties would be left the agreement ends then."""
    here = own_organisation(by)
    agreement, party, name = _party_to_end(session, agreement_id, here, by)
    earliest = london_day(now) + timedelta(days=_bound(session, agreement).notice_days)
    refuse(why_not_notice(given=party.leaves_on is not None))
    wanted = leaves_on or earliest
    _refuse_early("leaves_on", wanted, earliest)
    for one in _line(session, party):
        one.notice_given_at, one.leaves_on = now, wanted
    session.flush()
    ends_on = ends_with_leavers([one.leaves_on for one in _live_parties(session, agreement)])
    if ends_on is not None:
        agreement.ends_on = min(ends_on, agreement.ends_on or ends_on)
        agreement.state = AgreementState.NOTICE_GIVEN
    tell = tell_parties(
        session, agreement, "agreement_notice", ENDS, party=name, on=wanted.isoformat()
    )
    follow(
        session, agreement, "agreement.notice_given", by=by, now=now, tell=tell, party=str(here),
        leaves_on=wanted, ends_on=agreement.ends_on,
    )  # fmt: skip
    return party


def terminate(
    session: Session,
    *,
    agreement_id: UUID,
    because: str,
    for_safety: bool,
    ends_on: date | None = None,
    by: Actor,
    now: datetime,
) -> Agreement:
    """End the whole agreement: for safety at once, and bookings ahead are not honoured; else after
    the notice that the terms ask for, or on a later day, with their wind-down."""
    demand(by, Deed.END_AGREEMENT)
    agreement = agreement_of(session, agreement_id, by, lock=True)
    refuse(why_not_live(agreement.state))
    parties = len(_live_parties(session, agreement))
    is_lead = agreement.lead_id == by.organisation_id
    refuse(why_not_terminate(is_lead=is_lead, parties=parties))
    _refuse_text(because)
    today = london_day(now)
    if for_safety:
        agreement.ends_on, agreement.for_safety = today - timedelta(days=1), True
        agreement.state = AgreementState.TERMINATED
    else:
        earliest = today + timedelta(days=_bound(session, agreement).notice_days)
        wanted = ends_on or earliest
        _refuse_early("ends_on", wanted, earliest)
        agreement.ends_on = min(wanted, agreement.ends_on or wanted)
        agreement.state = AgreementState.NOTICE_GIVEN
    tell = tell_parties(
        session, agreement, "agreement_terminated", ENDS, for_safety=for_safety, because=because,
        on=agreement.ends_on.isoformat(),
    )  # fmt: skip
    follow(
        session, agreement, "agreement.terminated", by=by, now=now, tell=tell,
        for_safety=for_safety, ends_on=agreement.ends_on,
    )  # fmt: skip
    return agreement


def _party_to_end(
    session: Session, agreement_id: UUID, organisation_id: UUID, by: Actor
) -> tuple[Agreement, AgreementParty, str]:
    """A live agreement, locked, with a party that the actor may act on, and its name."""
    demand(by, Deed.END_AGREEMENT)
    agreement = agreement_of(session, agreement_id, by, lock=True)
    if by.organisation_id not in (agreement.lead_id, organisation_id):
        raise NotFound
    refuse(why_not_live(agreement.state))
    for party, organisation in parties_of(session, agreement_id):
        if organisation.id == organisation_id and party.succeeded_by_id is None:
            session.refresh(party)
            return agreement, party, organisation.name
    raise NotFound


def _line(session: Session, party: AgreementParty) -> Sequence[AgreementParty]:
    """The party and those it took over from: their people and sites are its own now."""
    rows = [one for one, _ in parties_of(session, party.agreement_id)]
    line = [party]
    for one in line:
        line += [
            before
            for before in rows
            if before.succeeded_by_id == one.organisation_id and before not in line
        ]
    return line


def _bound(session: Session, agreement: Agreement) -> AgreementTerms:
    """The terms that every party signed last."""
    bound = [one for one in versions_of(session, agreement.id) if one.state in BOUND]
    return terms_of(bound[-1])


def _live_parties(session: Session, agreement: Agreement) -> Sequence[AgreementParty]:
    """Those that the terms signed last name, or that took over from one."""
    named = {one.ods for one in _bound(session, agreement).parties}
    codes = codes_of(session, agreement.id)
    return [
        party
        for party, _ in parties_of(session, agreement.id)
        if party.succeeded_by_id is None and named & set(codes[party.organisation_id])
    ]


def _refuse_text(because: str) -> None:
    if message := one_line(because):
        raise Invalid("agreement_end", "Say why.", {"because": [message]})


def _refuse_early(field: str, wanted: date, earliest: date) -> None:
    if wanted < earliest:
        text = f"The terms ask for notice: {earliest.isoformat()} at the earliest."
        raise Invalid("agreement_end", "That is too soon.", {field: [text]})
