"""May a cascade policy be used, and what would it have done to past shifts?

An organisation sets its own windows and steps, but not out of order, not without a bank step, and
not looser than the national closings in force (exemptions, grade bans). Before it saves, it sees
last week's shifts replayed under both policies. A replay changes nothing: shifts in flight keep
their openings. National closings hold for every organisation, also those that came into force
after it wrote its own policy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bankhub.model.cascade_policy import (
    AgencyBan,
    AgencyExemptions,
    CascadePolicy,
    CascadePreview,
    PastShift,
    PreviewedShift,
    PreviewTotals,
)
from bankhub.model.values import PlannedOpening
from bankhub.model.vocabulary import AGENCY_TIERS, FRAMEWORK_TIERS, StaffGroup
from bankhub.rules.cascade.bank_before_agency import opening_times
from passport.errors import Reason

Check = tuple[bool, str, str]
"""Whether it holds, the code and the sentence where it does not."""


def why_not_use(policy: CascadePolicy, *, national: CascadePolicy) -> list[Reason]:
    """What is wrong with an organisation's policy, all at once; [] = it can be used.

    `national` is the default in force for the same staff group on the same day.
    """
    checks = (
        *_window_checks(policy),
        *_step_checks(policy, national),
        *_agency_checks(policy),
        *_national_checks(policy, national),
    )
    return [Reason(code, text=text) for holds, code, text in checks if not holds]


def with_national_closings(policy: CascadePolicy, *, national: CascadePolicy) -> CascadePolicy:
    """An organisation's policy with the national closings and bank floor of the day on top."""
    needs = (*policy.agency_needs_exemption, *national.agency_needs_exemption)
    return replace(
        policy,
        bank_floor_minutes=max(policy.bank_floor_minutes, national.bank_floor_minutes),
        agency_needs_exemption=tuple(dict.fromkeys(needs)),
        agency_bans=tuple(dict.fromkeys((*policy.agency_bans, *national.agency_bans))),
    )


def _window_checks(policy: CascadePolicy) -> tuple[Check, ...]:
    windows = [
        days
        for days in (
            policy.fallback_opens_days_before,
            policy.partner_opens_days_before,
            policy.agency_opens_days_before,
        )
        if days is not None
    ]
    return (
        (
            windows == sorted(windows, reverse=True) and windows[-1] > 0,
            "policy_windows",
            "The fallback grade opens first, then partners, then agencies, fewer days before.",
        ),
        (
            0 <= policy.fallback_late_share_percent <= 100,
            "policy_share",
            "The share is between 0 and 100 percent.",
        ),
    )


def _step_checks(policy: CascadePolicy, national: CascadePolicy) -> tuple[Check, ...]:
    leads = [step.lead_from_minutes for step in policy.steps]
    floor = max(1, national.bank_floor_minutes)
    return (
        (
            policy.bank_floor_minutes >= floor,
            "policy_bank_floor",
            f"The bank keeps every shift for at least {floor} minutes.",
        ),
        (
            sorted(set(leads)) == sorted(leads) and min(leads, default=-1) == 0,
            "policy_steps",
            "The steps name each lead once, the first from 0 minutes.",
        ),
        (
            all(
                step.bank_step_minutes >= policy.bank_floor_minutes
                and step.agency_step_minutes >= 0
                for step in policy.steps
            ),
            "policy_step_length",
            "No bank step is shorter than the floor, no agency step below 0.",
        ),
        (
            policy.short_notice_under_hours >= 0,
            "policy_short_notice",
            "Short notice is a number of hours from 0.",
        ),
    )


def _agency_checks(policy: CascadePolicy) -> tuple[Check, ...]:
    return (
        (
            0 <= policy.agency_tiers <= len(FRAMEWORK_TIERS),
            "policy_agency_tiers",
            f"There are 0 to {len(FRAMEWORK_TIERS)} framework tiers.",
        ),
        (
            policy.agency_lock_hours >= 0,
            "policy_agency_lock",
            "The agency lock is a number of hours from 0.",
        ),
        (
            min(policy.break_glass_hours, policy.break_glass_review_days) > 0,
            "policy_break_glass",
            "A break-glass holds for at least an hour and is reviewed within days.",
        ),
        (
            all(
                _is_day(ban.from_on) and (ban.until_on is None or _is_day(ban.until_on))
                for ban in policy.agency_bans
            ),
            "policy_ban_dates",
            "The days of an agency ban are written as 2027-04-01.",
        ),
    )


def _national_checks(policy: CascadePolicy, national: CascadePolicy) -> tuple[Check, ...]:
    kept = set(national.agency_needs_exemption) <= set(policy.agency_needs_exemption)
    return (
        (
            kept,
            "policy_exemption_dropped",
            "Staff groups nationally closed to agency stay closed.",
        ),
        (
            all(
                any(_covers(own, ban) for own in policy.agency_bans) for ban in national.agency_bans
            ),
            "policy_ban_dropped",
            "A national agency ban of a grade stays in force.",
        ),
    )


def _covers(own: AgencyBan, national: AgencyBan) -> bool:
    ends_later = own.until_on is None or (
        national.until_on is not None and own.until_on >= national.until_on
    )
    return (
        set(national.grades) <= set(own.grades) and own.from_on <= national.from_on and ends_later
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def what_would_happen(
    past: Iterable[PastShift],
    *,
    old: Mapping[StaffGroup, CascadePolicy],
    new: Mapping[StaffGroup, CascadePolicy],
    exemptions: AgencyExemptions,
) -> CascadePreview:
    """Replay shifts under two policies per staff group.

    Each shift keeps the moment it was really filled: another cascade changes when agencies could
    have come in, not when bank staff answered. A shift an agency filled is never counted as filled
    before agency.
    """
    shifts = tuple(_replay(one, old, new, exemptions) for one in past)
    return CascadePreview(
        PreviewTotals(
            shifts=len(shifts),
            changed=sum(_moments(one.old) != _moments(one.new) for one in shifts),
            filled_before_agency_old=sum(one.filled_before_agency_old for one in shifts),
            filled_before_agency_new=sum(one.filled_before_agency_new for one in shifts),
            reached_agency_old=sum(one.reached_agency_old for one in shifts),
            reached_agency_new=sum(one.reached_agency_new for one in shifts),
        ),
        shifts,
    )


def _replay(
    past: PastShift,
    old: Mapping[StaffGroup, CascadePolicy],
    new: Mapping[StaffGroup, CascadePolicy],
    exemptions: AgencyExemptions,
) -> PreviewedShift:
    shift = past.shift
    before, after = (
        opening_times(
            authorised_at=past.authorised_at,
            starts_at=shift.starts_at,
            staff_group=shift.staff_group,
            grade=shift.grade,
            reason=shift.reason,
            has_fallback=shift.fallback_grade is not None,
            policy=policies[shift.staff_group],
            exemptions=exemptions,
        )
        for policies in (old, new)
    )
    return PreviewedShift(
        shift_id=shift.id,
        old=before,
        new=after,
        filled_before_agency_old=_filled_before_agency(past, before),
        filled_before_agency_new=_filled_before_agency(past, after),
        reached_agency_old=_reached_agency(past, before),
        reached_agency_new=_reached_agency(past, after),
    )


def _agency_opens(openings: Sequence[PlannedOpening]) -> datetime | None:
    moments = [o.opens_at for o in openings if o.tier in AGENCY_TIERS and o.opens_at is not None]
    return min(moments, default=None)


def _filled_before_agency(past: PastShift, openings: Sequence[PlannedOpening]) -> bool:
    opens = _agency_opens(openings)
    return (
        past.filled_at is not None
        and past.filled_by_bank
        and (opens is None or past.filled_at < opens)
    )


def _reached_agency(past: PastShift, openings: Sequence[PlannedOpening]) -> bool:
    opens = _agency_opens(openings)
    return opens is not None and (
        past.filled_at is None or not past.filled_by_bank or past.filled_at >= opens
    )


def _moments(openings: Sequence[PlannedOpening]) -> list[datetime | None]:
    return [opening.opens_at for opening in openings]
