"""When may each tier see a shift? The bank first, agencies last, and provably so.

The rule in plain English:

1. The organisation's own bank sees every shift the moment it is authorised.
2. Its staff who may be booked at the fallback grade follow, then partner banks, then framework
   agencies tier by tier. Each waits for its window before the start, and always until the tier
   before it has had the shift for the time the policy says: at short notice that time shrinks,
   and for a bank tier it is never nothing.
3. Cover for industrial action, or for staff moved to cover it, closes every agency tier, and
   nothing lifts that; partner banks then follow dated policy.
4. Administrative and estates shifts are closed to agency unless a recorded exemption covers the
   day; grades under a dated agency ban are closed on its days.
5. Off-framework supply never opens by itself: it needs a break-glass (`rules.cascade.agency_fill`).
6. A tier whose turn would come only after the start stays closed, and so do those behind it.

What it implements: "prioritise the use of bank staff before more expensive agency and locum
options", We are the NHS: People Plan 2020/21; NHS England agency rules (approved frameworks since
1 April 2016, admin and estates since 16 September 2019); regulation 7 of the Conduct of Employment
Agencies and Employment Businesses Regulations 2003, in force again since 10 August 2023.

All times are UTC moments; windows and steps are elapsed time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bankhub.model.cascade_policy import AgencyExemptions, CascadePolicy, LeadStep
from bankhub.model.values import PlannedOpening
from bankhub.model.vocabulary import (
    AGENCY_TIERS,
    BANK_TIERS,
    FRAMEWORK_TIERS,
    Grade,
    RequestReason,
    StaffGroup,
    Tier,
)
from bankhub.rules.shift_times import london, london_day
from passport.errors import Cure, Reason

STRIKE_REASONS = frozenset({RequestReason.INDUSTRIAL_ACTION, RequestReason.STRIKE_BACKFILL})
"""Regulation 7 forbids supply to cover strikers and those moved to cover them alike."""

_SHORTEST_BANK_STEP = timedelta(minutes=1)
"""Whatever a policy says, the bank step is never nothing."""


class Why(StrEnum):
    """Why a tier opens when it does, or stays closed."""

    AUTHORISED = "authorised"
    POLICY = "policy"
    AFTER_TIER_BEFORE = "after_tier_before"
    SHORT_NOTICE = "short_notice"
    OPENED_EARLY = "opened_early"
    STRIKE = "strike"
    NEEDS_EXEMPTION = "needs_exemption"
    GRADE_BANNED = "grade_banned"
    NO_FALLBACK_GRADE = "no_fallback_grade"
    NO_PARTNERS = "no_partners"
    TIER_NOT_USED = "tier_not_used"
    BREAK_GLASS_ONLY = "break_glass_only"
    NO_TIME = "no_time"
    STARTED = "started"


CLOSED_TEXT: Mapping[str, str] = {
    Why.STRIKE: "Cover for industrial action is closed to this tier. Nobody can open it.",
    Why.NEEDS_EXEMPTION: "This staff group is closed to agency and no exemption is on record.",
    Why.GRADE_BANNED: "This grade may not go to agency on that day.",
    Why.NO_FALLBACK_GRADE: "The request names no fallback grade.",
    Why.NO_PARTNERS: "The organisation's policy has no partner banks.",
    Why.TIER_NOT_USED: "The organisation's policy does not use this tier.",
    Why.BREAK_GLASS_ONLY: "Off-framework supply needs a break-glass.",
    Why.NO_TIME: "Its turn would come only after the start.",
    Why.STARTED: "The shift had started when it was authorised.",
}


_NAMES: Mapping[Tier, str] = {
    Tier.OWN_BANK: "the own bank",
    Tier.OWN_FALLBACK: "the own bank at the fallback grade",
    Tier.PARTNER: "the partner banks",
    Tier.AGENCY_1: "agency tier 1",
    Tier.AGENCY_2: "agency tier 2",
    Tier.AGENCY_3: "agency tier 3",
    Tier.OFF_FRAMEWORK: "off-framework supply",
}


def opening_times(
    *,
    authorised_at: datetime,
    starts_at: datetime,
    staff_group: StaffGroup,
    grade: Grade,
    reason: RequestReason,
    has_fallback: bool,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
) -> tuple[PlannedOpening, ...]:
    """When each tier opens: one opening for every tier, in the order of the cascade.

    Closed tiers have `opens_at` None and a `why`. Whatever the policy's numbers, every agency
    tier opens later than every open bank tier, by at least the floor of the bank step.
    """
    notice = _Notice(authorised_at.astimezone(UTC), starts_at.astimezone(UTC), policy)
    closed = {
        tier: why_closed(
            tier,
            starts_at=starts_at,
            staff_group=staff_group,
            grade=grade,
            reason=reason,
            has_fallback=has_fallback,
            policy=policy,
            exemptions=exemptions,
        )
        for tier in Tier
    }
    unclosed = frozenset(tier for tier, why in closed.items() if why is None)
    started = Why.STARTED if notice.start <= notice.authorised else None
    planned = [PlannedOpening(Tier.OWN_BANK, notice.authorised, Why.AUTHORISED)]
    for tier in tuple(Tier)[1:]:
        why = closed[tier] or started
        planned.append(
            PlannedOpening(tier, None, why) if why else _turn(tier, planned, unclosed, notice)
        )
    return tuple(planned)


def why_closed(
    tier: Tier,
    *,
    starts_at: datetime,
    staff_group: StaffGroup,
    grade: Grade,
    reason: RequestReason,
    has_fallback: bool,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
) -> Why | None:
    """Which rule closes the tier to this shift whatever the hour; None = none does."""
    strike = reason in STRIKE_REASONS
    if tier in AGENCY_TIERS:
        if strike:
            return Why.STRIKE
        return _agency_closed(tier, starts_at, staff_group, grade, policy, exemptions)
    if tier is Tier.PARTNER:
        if policy.partner_opens_days_before is None:
            return Why.NO_PARTNERS
        return Why.STRIKE if strike and not policy.partner_in_industrial_action else None
    if tier is Tier.OWN_FALLBACK and not has_fallback:
        return Why.NO_FALLBACK_GRADE
    return None


def _agency_closed(
    tier: Tier,
    starts_at: datetime,
    staff_group: StaffGroup,
    grade: Grade,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
) -> Why | None:
    day = london_day(starts_at)
    needs = staff_group in policy.agency_needs_exemption
    if needs and not exemptions.cover(staff_group, day):
        return Why.NEEDS_EXEMPTION
    if any(ban.holds(grade, day) for ban in policy.agency_bans):
        return Why.GRADE_BANNED
    if tier is Tier.OFF_FRAMEWORK:
        return Why.BREAK_GLASS_ONLY
    if FRAMEWORK_TIERS.index(tier) >= policy.agency_tiers:
        return Why.TIER_NOT_USED
    return None


@dataclass(frozen=True, slots=True)
class _Notice:
    authorised: datetime
    start: datetime
    policy: CascadePolicy

    @property
    def short(self) -> bool:
        least = timedelta(hours=self.policy.short_notice_under_hours)
        return self.start - self.authorised < least


def _turn(
    tier: Tier, planned: Sequence[PlannedOpening], unclosed: frozenset[Tier], notice: _Notice
) -> PlannedOpening:
    """When an unclosed tier opens, given the tiers planned before it."""
    if any(opening.why == Why.NO_TIME for opening in planned):
        return PlannedOpening(tier, None, Why.NO_TIME)
    before, since = [(o.tier, o.opens_at) for o in planned if o.opens_at is not None][-1]
    earliest = since + time_of_tier(before, notice.start - since, notice.policy)
    window = None if notice.short else _window(tier, unclosed, notice)
    if window is not None and window >= earliest:
        moment, why = window, Why.POLICY
    else:
        moment, why = earliest, Why.SHORT_NOTICE if notice.short else Why.AFTER_TIER_BEFORE
    if moment >= notice.start:
        return PlannedOpening(tier, None, Why.NO_TIME)
    return PlannedOpening(tier, moment, why)


def time_of_tier(before: Tier, lead: timedelta, policy: CascadePolicy) -> timedelta:
    """How long a tier keeps the shift to itself, with `lead` left when it opened."""
    minutes = lead // timedelta(minutes=1)
    fitting = [step for step in policy.steps if step.lead_from_minutes <= minutes]
    step = max(fitting, key=lambda row: row.lead_from_minutes, default=LeadStep(0, 0, 0))
    if before in BANK_TIERS:
        return max(timedelta(minutes=step.bank_step_minutes), bank_floor(policy))
    return timedelta(minutes=max(step.agency_step_minutes, 0))


def bank_floor(policy: CascadePolicy) -> timedelta:
    """Least time a bank tier has a shift before the next tier. Never nothing."""
    return max(timedelta(minutes=policy.bank_floor_minutes), _SHORTEST_BANK_STEP)


def _window(tier: Tier, unclosed: frozenset[Tier], notice: _Notice) -> datetime | None:
    """The moment the policy's window for the tier opens; None = it follows the tier before."""
    opens = _windows(notice)
    if tier is not Tier.OWN_FALLBACK:
        return opens.get(tier)
    if opens[tier] > notice.authorised:
        return opens[tier]
    # Authorised inside the window: the exact grade keeps its share of what is left before the
    # next tier, or before the start where no other tier will see the shift.
    later = [opens[after] for after in (Tier.PARTNER, Tier.AGENCY_1) if after in unclosed]
    ahead = [moment for moment in later or [notice.start] if moment > notice.authorised]
    left = min(ahead, default=notice.authorised) - notice.authorised
    return notice.authorised + left * notice.policy.fallback_late_share_percent // 100


def _windows(notice: _Notice) -> dict[Tier, datetime]:
    policy = notice.policy
    days = {
        Tier.OWN_FALLBACK: policy.fallback_opens_days_before,
        Tier.PARTNER: policy.partner_opens_days_before,
        Tier.AGENCY_1: policy.agency_opens_days_before,
    }
    return {
        tier: notice.start - timedelta(days=before)
        for tier, before in days.items()
        if before is not None
    }


def agency_lock_at(starts_at: datetime, policy: CascadePolicy) -> datetime:
    """From this moment on the bank can no longer displace an agency booking."""
    return starts_at.astimezone(UTC) - timedelta(hours=policy.agency_lock_hours)


def opens_at(tier: Tier, openings: Sequence[PlannedOpening]) -> datetime | None:
    """When the tier opens by the current openings; None = closed, or not planned at all."""
    return next((opening.opens_at for opening in openings if opening.tier is tier), None)


def is_open(tier: Tier, openings: Sequence[PlannedOpening], now: datetime) -> bool:
    """Whether the tier sees the shift now."""
    at = opens_at(tier, openings)
    return at is not None and at <= now


def why_not_see(tier: Tier, openings: Sequence[PlannedOpening], now: datetime) -> list[Reason]:
    """Why the tier does not see the shift: `tier_closed` with its `why`, or `tier_not_open_yet`
    with the moment it opens."""
    opening = next((found for found in openings if found.tier is tier), None)
    if opening is None or opening.opens_at is None:
        why = opening.why if opening else "never_planned"
        text = CLOSED_TEXT.get(why, "The tier is closed.")
        return [Reason("tier_closed", {"tier": tier.value, "why": str(why)}, text=text)]
    if now < opening.opens_at:
        at = opening.opens_at.isoformat()
        return [
            Reason(
                "tier_not_open_yet",
                {"tier": tier.value, "opens_at": at},
                Cure("Wait until the tier opens.", at),
                text=f"It opens on {london(opening.opens_at):%d %B %Y at %H:%M}.",
            )
        ]
    return []


def why_tiers_before_first(
    tier: Tier, openings: Sequence[PlannedOpening], *, policy: CascadePolicy, now: datetime
) -> list[Reason]:
    """What still stands before the tier: `earlier_tier_first` for each tier before it that is not
    open, `bank_time_not_over` for each bank tier that has not had the shift for the floor of the
    bank step.

    A tier closed by rule stands before nobody. One closed only because its turn came too late
    must be opened before another tier is opened early, but does not hold up a break-glass.
    """
    reasons = []
    for before in tuple(Tier)[: tuple(Tier).index(tier)]:
        opened = opens_at(before, openings)
        if opened is None and _stands_aside(before, openings, tier):
            continue
        if opened is None or opened > now:
            reasons.append(
                Reason(
                    "earlier_tier_first",
                    {"tier": tier.value, "before": before.value},
                    Cure(f"Open {_NAMES[before]} first.", opened.isoformat() if opened else None),
                    text=f"{_NAMES[before].capitalize()} must see the shift first.",
                )
            )
        elif before in BANK_TIERS and now < opened + bank_floor(policy):
            until = (opened + bank_floor(policy)).isoformat()
            reasons.append(
                Reason(
                    "bank_time_not_over",
                    {"tier": tier.value, "before": before.value, "until": until},
                    Cure("Wait until the bank has had its time.", until),
                    text=f"{_NAMES[before].capitalize()} has not had the shift long enough.",
                )
            )
    return reasons


def _stands_aside(closed: Tier, openings: Sequence[PlannedOpening], tier: Tier) -> bool:
    why = next((opening.why for opening in openings if opening.tier is closed), None)
    if closed is Tier.OWN_BANK or why is None:
        return False
    return why != Why.NO_TIME or tier is Tier.OFF_FRAMEWORK
