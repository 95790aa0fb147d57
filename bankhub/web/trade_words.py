"""The trade's codes in words for screens: roles, grades, reasons, tiers."""

from collections.abc import Callable, Mapping
from typing import Any

from bankhub.model import reference
from bankhub.model.vocabulary import FillBucket, Grade, RequestReason, StaffGroup, Tier

GRADES = {
    Grade.FY1: "foundation doctor (FY1)",
    Grade.FY2: "foundation doctor (FY2)",
    Grade.CORE_TRAINEE: "core trainee (CT/ST1-2)",
    Grade.HIGHER_TRAINEE: "registrar (ST3+)",
    Grade.SAS: "specialty doctor",
    Grade.CONSULTANT: "consultant",
    Grade.GP: "GP",
}
STAFF_GROUPS = {
    StaffGroup.NURSING_MIDWIFERY: "Nursing and midwifery",
    StaffGroup.HCA: "Healthcare assistants and support",
    StaffGroup.AHP_STT: "Allied health, scientific and technical",
    StaffGroup.MEDICAL_DENTAL: "Medical and dental",
    StaffGroup.ADMIN_CLERICAL: "Administrative and clerical",
    StaffGroup.ESTATES_FACILITIES: "Estates and facilities",
}
REASONS = {
    RequestReason.SICKNESS_SHORT: "Sickness, short term",
    RequestReason.SICKNESS_LONG: "Sickness, long term",
    RequestReason.PARENTAL_LEAVE: "Maternity or parental leave",
    RequestReason.STUDY_LEAVE: "Study or mandatory training",
    RequestReason.ENHANCED_CARE: "Enhanced care (one to one)",
    RequestReason.ACUITY: "Acuity or dependency",
    RequestReason.EXTRA_CAPACITY: "Extra capacity or escalation beds",
    RequestReason.WINTER_PRESSURE: "Winter or system pressure",
    RequestReason.SUPERNUMERARY: "Supernumerary or induction cover",
    RequestReason.SPECIAL_LEAVE: "Compassionate or special leave",
    RequestReason.REDEPLOYED: "Staff redeployed elsewhere",
    RequestReason.NEW_SERVICE: "New service or project",
    RequestReason.WAITING_LIST: "Waiting-list initiative",
    RequestReason.ESCORT: "Escort or transfer",
    RequestReason.STRIKE_BACKFILL: "Cover for staff moved to cover strikers",
}
TIERS = {
    Tier.OWN_BANK: "Own bank",
    Tier.OWN_FALLBACK: "Own bank, fallback grade",
    Tier.PARTNER: "Partner banks",
    Tier.AGENCY_1: "Framework agency, tier 1",
    Tier.AGENCY_2: "Framework agency, tier 2",
    Tier.AGENCY_3: "Framework agency, tier 3",
    Tier.OFF_FRAMEWORK: "Off-framework",
}
BUCKETS = {
    FillBucket.OWN_BANK: "Own bank",
    FillBucket.PARTNER_BANK: "Partner bank",
    FillBucket.FRAMEWORK_AGENCY: "Framework agency",
    FillBucket.OFF_FRAMEWORK: "Off-framework",
    FillBucket.UNFILLED: "Unfilled",
}
TIME_TYPES = {
    "plain": "Plain time",
    "saturday_night": "Saturday and nights",
    "sunday_holiday": "Sunday and public holidays",
    "core": "Core hours",
    "unsocial": "Unsocial hours",
    "session": "Session",
    "holiday_pay": "Holiday pay",
}


def spoken(code: Any) -> str:
    """A code without words of its own: `annual_leave` as `Annual leave`."""
    text = str(code).replace("_", " ")
    return text[:1].upper() + text[1:]


def scope_words(scope: str) -> str:
    """A deed that a token may carry: `me.book` as `For yourself: book`."""
    area, _, deed = scope.partition(".")
    return f"{SCOPE_AREAS.get(area, spoken(area))}: {deed.replace('_', ' ')}"


SCOPE_AREAS = {"me": "For yourself", "ig": "Data protection", "check_ins": "Check-ins"}


def role_title(code: str) -> str:
    """The role's title, e.g. `Registered nurse (adult)`."""
    role = reference.roles().get(code)
    return role.title if role else spoken(code)


def grade_name(grade: Any) -> str:
    """`band 5`, `registrar (ST3+)`."""
    return GRADES.get(Grade(grade)) or str(grade).replace("_", " ")


def skill_title(code: str) -> str:
    """The skill's title."""
    skill = reference.skills().get(code)
    return skill.title if skill else spoken(code)



def _of(words: Mapping[Any, str]) -> Callable[[Any], str]:
    return lambda code: words.get(code) or spoken(code)


FILTERS: Mapping[str, Callable[..., str]] = {
    "role_title": role_title,
    "grade_name": grade_name,
    "skill_title": skill_title,
    "staff_group": _of(STAFF_GROUPS),
    "request_reason": _of(REASONS),
    "tier_name": _of(TIERS),
    "bucket": _of(BUCKETS),
    "time_type": _of(TIME_TYPES),
    "spoken": spoken,
}
