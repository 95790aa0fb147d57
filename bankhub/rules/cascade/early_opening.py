"""May a tier be shown a shift before its time?

Yes, by a named person with a written reason, while the shift lies ahead, and only in the order of
`rules.cascade.bank_before_agency`: every tier before it is open already and each bank tier has had
the shift for at least the floor of the bank step. So no early opening puts an agency before a bank.
A tier that a rule closes (industrial action, a missing exemption, a grade ban, off-framework)
cannot be opened by anybody. The early opening replaces the planned one and says who and why.
"""

from collections.abc import Sequence
from datetime import datetime

from bankhub.model.cascade_policy import AgencyExemptions, CascadePolicy
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import Tier
from bankhub.rules.cascade.bank_before_agency import (
    CLOSED_TEXT,
    Why,
    is_open,
    why_closed,
    why_tiers_before_first,
)
from passport.errors import Cure, Reason


def why_not_open_early(
    tier: Tier,
    openings: Sequence[PlannedOpening],
    *,
    shift: ShiftFacts,
    because: str,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
    now: datetime,
) -> list[Reason]:
    """Why the tier may not be opened now, ahead of its time; [] = it may.

    `because` is the actor's written reason. The rules that close a tier are asked again with the
    shift as it is now, and what the openings on record say holds as well.
    """
    reasons = []
    if not because.strip():
        reasons.append(
            Reason(
                "reason_missing",
                cure=Cure("Write why the tier is opened early."),
                text="Opening a tier early needs a written reason.",
            )
        )
    if now >= shift.starts_at:
        reasons.append(Reason("shift_started", text="The shift has started."))
    if is_open(tier, openings, now):
        reasons.append(Reason("already_open", {"tier": tier.value}, text="It is open already."))
    if why := _why_shut(tier, openings, shift, policy, exemptions):
        reasons.append(
            Reason(
                "tier_closed",
                {"tier": tier.value, "why": str(why)},
                text=CLOSED_TEXT.get(why, "The tier is closed."),
            )
        )
    return reasons + why_tiers_before_first(tier, openings, policy=policy, now=now)


def _why_shut(
    tier: Tier,
    openings: Sequence[PlannedOpening],
    shift: ShiftFacts,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
) -> str | None:
    """The rule that shuts the tier now, or shut it when the openings were made."""
    by_rule = why_closed(
        tier,
        starts_at=shift.starts_at,
        staff_group=shift.staff_group,
        grade=shift.grade,
        reason=shift.reason,
        has_fallback=shift.fallback_grade is not None,
        policy=policy,
        exemptions=exemptions,
    )
    planned = next((opening for opening in openings if opening.tier is tier), None)
    if by_rule or planned is None or planned.opens_at or planned.why == Why.NO_TIME:
        return by_rule
    return planned.why
