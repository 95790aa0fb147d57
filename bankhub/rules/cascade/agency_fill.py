"""May an agency worker fill this shift, and may the glass be broken?

A framework agency fills a shift only while its tier is open. Off-framework supply needs a
break-glass as well: the bank and every framework tier that had its turn are open, the reason is
on the organisation's closed list (to protect patient safety), an executive on call who is not the
one who asked has granted it, it has not run out, and the day of its later review is fixed.
Industrial action, a missing exemption and a grade ban stop every agency, break-glass or not.

What it implements: NHS England agency rules (override or "break glass" only to protect patient
safety; off-framework supply is escalated and reported); regulation 7 of the Conduct of Employment
Agencies and Employment Businesses Regulations 2003.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from bankhub.model.cascade_policy import AgencyExemptions, BreakGlassFacts, CascadePolicy
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import AGENCY_TIERS, Tier
from bankhub.rules.cascade.bank_before_agency import (
    CLOSED_TEXT,
    Why,
    why_closed,
    why_not_see,
    why_tiers_before_first,
)
from bankhub.rules.shift_times import london_day
from passport.errors import Cure, Reason

_NEVER_LIFTED = frozenset({Why.STRIKE, Why.NEEDS_EXEMPTION, Why.GRADE_BANNED, Why.STARTED})


def why_not_agency_fill(
    tier: Tier,
    openings: Sequence[PlannedOpening],
    *,
    shift: ShiftFacts,
    break_glass: BreakGlassFacts | None,
    requester_id: UUID | None,
    approver_id: UUID | None,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
    now: datetime,
) -> list[Reason]:
    """Why an agency of this tier may not fill the shift now; [] = it may.

    `requester_id` asked for the break-glass and `approver_id` granted it; both are ignored for a
    framework tier. The closing rules are asked again with the shift as it is now.
    """
    if tier not in AGENCY_TIERS:
        return [Reason("not_an_agency_tier", {"tier": tier.value})]
    reasons = _why_shut(tier, openings, shift, policy, exemptions)
    if tier is not Tier.OFF_FRAMEWORK:
        return reasons or why_not_see(tier, openings, now)
    reasons += why_tiers_before_first(tier, openings, policy=policy, now=now)
    if break_glass is None:
        needed = Reason(
            "break_glass_needed",
            cure=Cure("Ask the executive on call to break the glass."),
            text="Off-framework supply needs a break-glass.",
        )
        return [*reasons, needed]
    return reasons + why_break_glass_fails(
        break_glass,
        shift=shift,
        requester_id=requester_id,
        approver_id=approver_id,
        policy=policy,
        now=now,
    )


def why_not_grant_break_glass(
    break_glass: BreakGlassFacts,
    *,
    shift: ShiftFacts,
    requester_id: UUID | None,
    approver_id: UUID | None,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
    now: datetime,
) -> list[Reason]:
    """Why the break-glass may not be granted as proposed, with `granted_at` = `now`."""
    reasons = _why_shut(Tier.OFF_FRAMEWORK, (), shift, policy, exemptions)
    if now >= shift.starts_at:
        reasons.append(Reason("shift_started", text="The shift has started."))
    return reasons + why_break_glass_fails(
        break_glass,
        shift=shift,
        requester_id=requester_id,
        approver_id=approver_id,
        policy=policy,
        now=now,
    )


def _why_shut(
    tier: Tier,
    openings: Sequence[PlannedOpening],
    shift: ShiftFacts,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
) -> list[Reason]:
    """The rules that no break-glass lifts, now and when the openings were made."""
    now_closed = why_closed(
        tier,
        starts_at=shift.starts_at,
        staff_group=shift.staff_group,
        grade=shift.grade,
        reason=shift.reason,
        has_fallback=shift.fallback_grade is not None,
        policy=policy,
        exemptions=exemptions,
    )
    planned = {opening.why for opening in openings if opening.tier is tier}
    found = {str(why) for why in (now_closed, *planned) if why in _NEVER_LIFTED}
    return [
        Reason("tier_closed", {"tier": tier.value, "why": why}, text=CLOSED_TEXT[why])
        for why in sorted(found)
    ]


def why_break_glass_fails(
    break_glass: BreakGlassFacts,
    *,
    shift: ShiftFacts,
    requester_id: UUID | None,
    approver_id: UUID | None,
    policy: CascadePolicy,
    now: datetime,
) -> list[Reason]:
    """What is wrong with a break-glass for this shift, all at once; [] = it holds."""
    checks = (
        (
            break_glass.shift_id == shift.id,
            "break_glass_other_shift",
            "It was given for another shift.",
        ),
        (
            break_glass.reason in policy.break_glass_reasons,
            "break_glass_reason",
            "Its reason is not on the organisation's list.",
        ),
        (
            break_glass.by_executive,
            "break_glass_not_executive",
            "Only the executive on call may grant it.",
        ),
        (
            None not in (requester_id, approver_id) and requester_id != approver_id,
            "break_glass_same_person",
            "The one who grants it must be on record and must not be the one who asked.",
        ),
        *_dates(break_glass, policy, now),
    )
    return [Reason(code, text=text) for holds, code, text in checks if not holds]


def _dates(
    break_glass: BreakGlassFacts, policy: CascadePolicy, now: datetime
) -> list[tuple[bool, str, str]]:
    granted, expires = break_glass.granted_at, break_glass.expires_at
    review = break_glass.review_due_on
    if granted is None or granted > now:
        return [(False, "break_glass_not_granted", "It has not been granted.")]
    review_by = london_day(granted) + timedelta(days=policy.break_glass_review_days)
    longest = granted + timedelta(hours=policy.break_glass_hours)
    return [
        (
            expires is not None and now < expires,
            "break_glass_expired",
            "It has run out, or has no end.",
        ),
        (
            expires is None or expires <= longest,
            "break_glass_too_long",
            f"It may hold for {policy.break_glass_hours} hours at most.",
        ),
        (
            review is not None and london_day(granted) <= review <= review_by,
            "break_glass_no_review",
            f"Its review must be due within {policy.break_glass_review_days} days.",
        ),
    ]
