"""Policies in words: what each kind decides, what its numbers are called and counted in."""

from collections.abc import Mapping
from typing import Any

from bankhub.model.policies import PolicyKind
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.web.trade_words import STAFF_GROUPS, grade_name

KINDS: Mapping[PolicyKind, tuple[str, str]] = {
    PolicyKind.CASCADE: (
        "Bank before agency",
        "When own bank, fallback grade, partner banks and agencies see a shift.",
    ),
    PolicyKind.REQUESTING: (
        "Requesting",
        "Who must agree to a request, how long a shift may be, breaks, and notice to cancel.",
    ),
    PolicyKind.WORKING_TIME: (
        "Working time",
        "Rest, weekly averages, nights, young workers, local ceilings.",
    ),
    PolicyKind.REQUIREMENTS: (
        "Requirements",
        "Training, DBS and right to work that a booking needs.",
    ),
    PolicyKind.CLEARANCE: (
        "Clearance",
        "What partners' staff show before they book, what they do at arrival, local inductions.",
    ),
    PolicyKind.PAY: ("Pay", "Time types, enhancements, breaks and rounding of the estimate."),
    PolicyKind.FILL: ("Fill figures", "What counts as late, early, and too few to show."),
}
"""Title, and what it decides."""

LABELS: Mapping[str, str] = {
    "fallback_opens_days_before": "Own bank at the fallback grade opens",
    "fallback_late_share_percent": "Authorised later: share of the time the exact grade keeps",
    "partner_opens_days_before": "Partner banks open",
    "agency_opens_days_before": "Framework agencies open",
    "agency_tiers": "Framework agency tiers in use",
    "bank_floor_minutes": "Least time a bank tier has every shift",
    "short_notice_under_hours": "Short notice: authorised less than",
    "steps": "Steps",
    "lead_from_minutes": "From (time left before the start)",
    "bank_step_minutes": "A bank tier keeps it",
    "agency_step_minutes": "An agency tier keeps it",
    "agency_lock_hours": "An agency booking can no longer be displaced within",
    "partner_in_industrial_action": "Partner banks see cover for industrial action",
    "agency_needs_exemption": "Staff groups closed to agency without an exemption",
    "agency_bans": "Agency bans by grade",
    "from_on": "From",
    "until_on": "Until",
    "break_glass_reasons": "Reasons for a break-glass",
    "break_glass_hours": "A break-glass stays usable for up to",
    "break_glass_review_days": "A break-glass is reviewed within",
    "two_people_above_pence": "Two people needed above an estimate of",
    "two_people_above_minutes": "Two people needed above",
    "unknown_cost_needs_two_people": "Two people needed where the cost is not known",
    "retrospective_needs_two_people": "Two people needed for a retrospective request",
    "maximum_shift_minutes": "Longest shift",
    "unpaid_breaks": "Unpaid breaks",
    "worker_cancel_notice_hours": "A worker cancels alone up to",
    "check_in_opens_minutes": "Check-in opens",
    "late_withdrawal_hours": "A request is pulled late within",
    "late_ward_cancellation_hours": "The ward cancels late within",
    "released_early_days": "Released early means at least",
    "suppress_under": "Counts are hidden under",
    "dbs": "DBS check",
    "register_check_days": "A look at a professional register counts",
    "show_again_months": "The passport is shown again after",
    "bypass_days_max": "An item may be set aside for up to",
    "supervised_days_max": "Somebody with a restricted registration may work supervised for up to",
    "training_at_arrival": "Subjects that may be done at arrival",
    "oh": "Occupational health clearance",
    "role_group": "Cleared for at least",
    "timing": "Needed",
    "warranty_enough": "Items for which the home organisation's warranty is enough",
    "inductions": "Local inductions, signed at arrival",
    "scope": "Holds for",
    "valid_months": "Counts",
    "checklist": "Version of the checklist",
    "points": "What stands on the checklist",
}
HINTS: Mapping[str, str] = {
    "fallback_opens_days_before": "before the start",
    "partner_opens_days_before": "before the start; leave empty for no partner banks",
    "agency_opens_days_before": "before the start",
    "agency_tiers": "0 to 3",
    "short_notice_under_hours": "before the start: windows give way to the steps",
    "agency_lock_hours": "before the start",
    "check_in_opens_minutes": "before the start",
    "break_glass_reasons": "One on each line",
    "show_again_months": "leave empty for never",
    "supervised_days_max": "0 = never here",
    "training_at_arrival": "Subject codes, one on each line",
    "points": "One on each line, in the order in which they are gone through",
    "warranty_enough": "One on each line: occupational_health, dbs, training …",
    "from_on": "As 2027-04-01",
    "until_on": "As 2027-04-01, or empty for no end",
    "two_people_above_pence": "0 = always",
    "two_people_above_minutes": "of working time; 0 = always",
    "roles": "What single roles need beyond their staff group, as JSON",
    "enhancements": "By grade, in per cent, as JSON",
    "scheme_of_grade": "Grades paid by another scheme, as JSON",
}
UNITS: Mapping[str, str] = {
    "minutes": "minutes",
    "hours": "hours",
    "days": "days",
    "before": "days",
    "weeks": "weeks",
    "months": "months",
    "percent": "per cent",
    "pence": "pence",
    "week": "minutes",
    "points": "basis points",
}
"""Last word of a value's name → what it is counted in."""

OPTION_WORDS: Mapping[Any, str] = {
    **STAFF_GROUPS,
    **{grade: grade_name(grade)[:1].upper() + grade_name(grade)[1:] for grade in Grade},
}


def group_name(staff_group: StaffGroup | None) -> str:
    """The staff group a version is for."""
    return STAFF_GROUPS[staff_group] if staff_group else "All staff groups"


PLACE_OF_REASON: Mapping[str, str] = {
    "policy_windows": "fallback_opens_days_before",
    "policy_share": "fallback_late_share_percent",
    "policy_bank_floor": "bank_floor_minutes",
    "policy_steps": "steps[0].lead_from_minutes",
    "policy_step_length": "steps[0].bank_step_minutes",
    "policy_short_notice": "short_notice_under_hours",
    "policy_agency_tiers": "agency_tiers",
    "policy_agency_lock": "agency_lock_hours",
    "policy_break_glass": "break_glass_hours",
    "policy_ban_dates": "agency_bans[0].from_on",
    "policy_exemption_dropped": "agency_needs_exemption",
    "policy_ban_dropped": "agency_bans[0].from_on",
}
"""Code of a refusal → the field it is about."""
