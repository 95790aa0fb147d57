"""What happens to a shift in flight when it is planned anew under the policy now in force?

A change of policy never moves shifts in flight by itself; a manager may ask for it, by name and
with a reason. Then, for a shift that is open and has not started:

1. Whoever may already see it as bank staff goes on seeing it, unless a rule now closes the tier.
2. A tier that had not opened yet opens when the new policy says, and not before now.
3. No agency tier gains more than the rule allows: whichever moment the new policy names, each tier
   before it has first had the shift for the time the policy gives it, counted from the moment that
   tier really saw it.
4. An agency tier that is open stays open where the new policy would have it open by now, or where
   it was opened early by a named person; else it waits for its new moment. It also waits for a
   bank tier that the new policy puts before it.

Planning a shift anew under the policy it was planned by changes nothing. Source: "bank before
agency" and regulation 7, as in `rules.cascade.bank_before_agency`.
"""

from collections.abc import Sequence
from datetime import datetime

from bankhub.model.cascade_policy import AgencyExemptions, CascadePolicy
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import BANK_TIERS
from bankhub.rules.cascade.bank_before_agency import Why, opening_times, time_of_tier


def planned_anew(
    current: Sequence[PlannedOpening],
    *,
    shift: ShiftFacts,
    authorised_at: datetime,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
    now: datetime,
) -> tuple[PlannedOpening, ...]:
    """The openings of an open, unstarted shift under `policy`, one for each tier in order."""
    had = {opening.tier: opening for opening in current}
    wanted = opening_times(
        authorised_at=authorised_at,
        starts_at=shift.starts_at,
        staff_group=shift.staff_group,
        grade=shift.grade,
        reason=shift.reason,
        has_fallback=shift.fallback_grade is not None,
        policy=policy,
        exemptions=exemptions,
    )
    found: list[PlannedOpening] = []
    for opening in wanted:
        before = next((one for one in reversed(found) if one.opens_at is not None), None)
        kept = _kept(had.get(opening.tier), opening, before, now)
        found.append(kept or _turn(opening, before, shift.starts_at, policy, now))
    return tuple(found)


def _kept(
    had: PlannedOpening | None,
    wanted: PlannedOpening,
    before: PlannedOpening | None,
    now: datetime,
) -> PlannedOpening | None:
    """The opening as it is, where the tier sees the shift already and goes on seeing it."""
    if had is None or had.opens_at is None or had.opens_at > now or _closed_by_rule(wanted):
        return None
    if had.tier in BANK_TIERS:
        return had
    if before is not None and before.opens_at is not None:
        too_soon = (
            had.opens_at <= before.opens_at
            if before.tier in BANK_TIERS
            else had.opens_at < before.opens_at
        )
        if too_soon:
            return None
    open_by_now = wanted.opens_at is not None and wanted.opens_at <= now
    return had if open_by_now or had.why == Why.OPENED_EARLY else None


def _turn(
    wanted: PlannedOpening,
    before: PlannedOpening | None,
    starts_at: datetime,
    policy: CascadePolicy,
    now: datetime,
) -> PlannedOpening:
    """When a tier opens that does not see the shift yet, or no longer."""
    if wanted.opens_at is None:
        return wanted
    moment = max(wanted.opens_at, now)
    if before is not None and before.opens_at is not None:
        lead = starts_at - before.opens_at
        moment = max(moment, before.opens_at + time_of_tier(before.tier, lead, policy))
    if moment >= starts_at:
        return PlannedOpening(wanted.tier, None, Why.NO_TIME)
    why = wanted.why if moment == wanted.opens_at else Why.AFTER_TIER_BEFORE
    return PlannedOpening(wanted.tier, moment, why)


def _closed_by_rule(opening: PlannedOpening) -> bool:
    return opening.opens_at is None and opening.why != Why.NO_TIME
