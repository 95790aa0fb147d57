"""Suspending a party, giving notice and withdrawing it, ending an agreement."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.agreements.agreement_records import (
    agreement_of,
    follow,
    parties_of,
    refuse,
    tell_parties,
    versions_of,
)
from bankhub.actions.partners.agreements_in_force import (
    bound_versions,
    in_turn,
    live_parties,
    terms_of,
)
from bankhub.actions.permission import demand
from bankhub.model.agreement_terms import AgreementTerms
from bankhub.model.agreements import Agreement, AgreementParty, AgreementState
from bankhub.rules.agreements.agreement_entry import one_line
from bankhub.rules.agreements.agreement_states import (
    BOUND,
    state_with_leavers,
    why_not_lift,
    why_not_live,
    why_not_notice,
    why_not_party,
    why_not_suspend,
    why_not_terminate,
    why_not_withdraw,
)
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.rules.wording import said_day
from passport.actions.tenancy import own_organisation
from passport.actors import AccessRole, Actor
from passport.errors import Invalid, NotFound, Reason
from passport.events import Tell

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
    agreement, party, name = _party_to_end(session, agreement_id, organisation_id, by, now)
    refuse(why_not_suspend(suspended=party.suspended_at is not None, wanted=True))
    _refuse_text(because)
    party.suspended_at, party.suspended_because = now, because.strip()
    party.suspended_by_id = own_organisation(by)
    tell = tell_bound(
        session, agreement, "agreement_party_suspended", london_day(now), party=name
    )
    follow(
        session, agreement, "agreement.party_suspended", by=by, now=now, tell=tell,
        party=str(organisation_id),
    )  # fmt: skip
    return party


def lift_suspension(
    session: Session, *, agreement_id: UUID, organisation_id: UUID, by: Actor, now: datetime
) -> AgreementParty:
    """Take a suspension back: whoever suspended, or stands in their place. It may be that of a
    party which has merged into another since."""
    agreement, party, name = _party_to_end(
        session, agreement_id, organisation_id, by, now, merged=True
    )
    refuse(why_not_suspend(suspended=party.suspended_at is not None, wanted=False))
    refuse(_why_not_lifted(session, agreement, party, own_organisation(by)))
    party.suspended_at, party.suspended_because, party.suspended_by_id = None, "", None
    tell = tell_bound(
        session, agreement, "agreement_suspension_lifted", london_day(now), party=name
    )
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
    agreement, party, name = _party_to_end(session, agreement_id, here, by, now)
    earliest = london_day(now) + timedelta(days=_bound(session, agreement).notice_days)
    refuse(why_not_notice(given=party.leaves_on is not None))
    wanted = leaves_on or earliest
    _refuse_early("leaves_on", wanted, earliest)
    _leave(session, party, wanted, now)
    until_on = _stand(session, agreement)
    tell = tell_bound(
        session, agreement, "agreement_notice", london_day(now), party=name,
        on=wanted.isoformat(),
    )  # fmt: skip
    follow(
        session, agreement, "agreement.notice_given", by=by, now=now, tell=tell, party=str(here),
        leaves_on=wanted, ends_on=until_on,
    )  # fmt: skip
    return party


def withdraw_notice(
    session: Session, *, agreement_id: UUID, by: Actor, now: datetime
) -> AgreementParty:
    """The actor's organisation stays: what notice it gave, for itself or as the lead for all, is
    withdrawn. What another party gave stands."""
    here = own_organisation(by)
    agreement, party, name = _party_to_end(session, agreement_id, here, by, now)
    refuse(_why_not_withdraw(session, agreement, party, now))
    for one in _line(session, party):
        if not why_not_party(one.leaves_on, london_day(now)):
            one.notice_given_at, one.leaves_on = None, None
    if _ended_whole(session, agreement, party):
        agreement.ends_on = None
    until_on = _stand(session, agreement)
    tell = tell_bound(
        session, agreement, "agreement_notice_withdrawn", london_day(now), party=name,
        on=until_on.isoformat(), ending=agreement.state is AgreementState.NOTICE_GIVEN,
    )  # fmt: skip
    follow(
        session, agreement, "agreement.notice_withdrawn", by=by, now=now, tell=tell,
        party=str(here), ends_on=until_on,
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
    here, today = own_organisation(by), london_day(now)
    agreement, party, _ = _party_to_end(session, agreement_id, here, by, now)
    live = _there(session, agreement, today)
    refuse(why_not_terminate(is_lead=agreement.lead_id == here, parties=len(live)))
    _refuse_text(because)
    if for_safety:
        until_on = agreement.ends_on = today - timedelta(days=1)
        agreement.state, agreement.for_safety = AgreementState.TERMINATED, True
    else:
        earliest = today + timedelta(days=_bound(session, agreement).notice_days)
        wanted = ends_on or earliest
        _refuse_early("ends_on", wanted, earliest)
        if len(live) == 2:  # of two, who leaves ends it: a notice of its own, that it may withdraw
            _leave(session, party, min(wanted, party.leaves_on or wanted), now)
        else:
            agreement.ends_on = min(wanted, agreement.ends_on or wanted)
        until_on = _stand(session, agreement)
    tell = tell_bound(
        session, agreement, "agreement_terminated", today, for_safety=for_safety,
        because=because, on=until_on.isoformat(),
    )  # fmt: skip
    follow(
        session, agreement, "agreement.terminated", by=by, now=now, tell=tell,
        for_safety=for_safety, ends_on=until_on,
    )  # fmt: skip
    return agreement


def may_lift(session: Session, agreement: Agreement, party: AgreementParty, here: UUID) -> bool:
    """Whether the organisation could lift the party's suspension."""
    suspended = party.suspended_at is not None and not why_not_live(agreement.state)
    return suspended and not _why_not_lifted(session, agreement, party, here)


def _why_not_lifted(
    session: Session, agreement: Agreement, party: AgreementParty, here: UUID
) -> Sequence[Reason]:
    line = {one.organisation_id for one in _line(session, party)}
    return why_not_lift(
        by_itself=party.suspended_by_id in line,
        is_lead=agreement.lead_id == here,
        is_party=_there_now(session, party).organisation_id == here,
    )


def may_withdraw(session: Session, agreement: Agreement, here: UUID, now: datetime) -> bool:
    """Whether the organisation gave notice that it could withdraw now."""
    if why_not_live(agreement.state):
        return False
    own = [one for one in parties_in_order(session, agreement) if one.organisation_id == here]
    return any(not _why_not_withdraw(session, agreement, one, now) for one in own)


def _why_not_withdraw(
    session: Session, agreement: Agreement, party: AgreementParty, now: datetime
) -> Sequence[Reason]:
    days = [one.leaves_on for one in _line(session, party) if one.leaves_on is not None]
    if agreement.ends_on is not None and _ended_whole(session, agreement, party):
        days.append(agreement.ends_on)
    until_on = _until(session, agreement)
    return why_not_withdraw(days, today=london_day(now), until_on=until_on)


def _ended_whole(session: Session, agreement: Agreement, party: AgreementParty) -> bool:
    """Whether an end of the whole is this party's: the lead's, unless a merger brought it."""
    is_lead = agreement.lead_id == party.organisation_id
    return is_lead and len(parties_in_order(session, agreement)) > 1


def _leave(session: Session, party: AgreementParty, last: date, now: datetime) -> None:
    party.notice_given_at, party.leaves_on = now, last
    session.flush()


def _stand(session: Session, agreement: Agreement) -> date:
    """Say whether the agreement ends by notice; its last day as it stands."""
    session.flush()
    leaves = [one.leaves_on for one in parties_in_order(session, agreement)]
    agreement.state = state_with_leavers(agreement.ends_on, leaves)
    session.flush()
    return _until(session, agreement)


def _until(session: Session, agreement: Agreement) -> date:
    return max(one.until_on for one in bound_versions(session, agreement_id=agreement.id))


def _party_to_end(
    session: Session, agreement_id: UUID, organisation_id: UUID, by: Actor, now: datetime,
    *, merged: bool = False,
) -> tuple[Agreement, AgreementParty, str]:
    """A live agreement, locked, with a party that the actor may act on, and its name; with
    `merged`, also one that another party took over from."""
    demand(by, Deed.END_AGREEMENT)
    agreement = agreement_of(session, agreement_id, by, lock=True)
    found = {}
    for party, organisation in parties_of(session, agreement_id):
        session.refresh(party)
        if merged or party.succeeded_by_id is None:
            found[organisation.id] = (party, organisation.name)
    if organisation_id not in found:
        raise NotFound
    party, name = found[organisation_id]
    if by.organisation_id not in (
        agreement.lead_id, _there_now(session, party).organisation_id
    ):
        raise NotFound
    refuse(why_not_live(agreement.state))
    own, _ = found[own_organisation(by)]
    refuse(why_not_party(own.leaves_on, london_day(now)))
    return agreement, party, name


def _there_now(session: Session, party: AgreementParty) -> AgreementParty:
    """The party itself, or who stands in its place."""
    rows = [one for one, _ in parties_of(session, party.agreement_id)]
    return in_turn(rows, party)[-1]


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


def tell_bound(
    session: Session, agreement: Agreement, template: str, day: date,
    roles: Collection[AccessRole] = ENDS, **context: Any,
) -> list[Tell]:  # fmt: skip
    """One letter to each who hears of such things at a party that signed, and had not left on
    that day: nobody else's."""
    there = {one.organisation_id for one in _there(session, agreement, day)}
    return tell_parties(session, agreement, template, roles, only=there, **context)


def _there(session: Session, agreement: Agreement, day: date) -> list[AgreementParty]:
    every = parties_in_order(session, agreement)
    return [one for one in every if not why_not_party(one.leaves_on, day)]


def parties_in_order(session: Session, agreement: Agreement) -> Sequence[AgreementParty]:
    """Those that the terms signed last name, in their order, or that took over from one."""
    return live_parties(_bound(session, agreement), parties_of(session, agreement.id))


def _refuse_text(because: str) -> None:
    if message := one_line(because):
        raise Invalid("agreement_end", "Say why.", {"because": [message]})


def _refuse_early(field: str, wanted: date, earliest: date) -> None:
    if wanted < earliest:
        text = f"The terms ask for notice: {said_day(earliest)} at the earliest."
        raise Invalid("agreement_end", "That is too soon.", {field: [text]})
