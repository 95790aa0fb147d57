"""Every reason the eligibility engine can give, and how firm it is.

Hard = law, visa, overlap, or nothing on record: nobody can lift it. Soft = a contract, guidance
or a local limit: a role may lift it, with a reason, on record. Note = does not block: something
was not checked, or is not known since a date.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from passport.errors import Cure, Level, Reason


class Code(StrEnum):
    """Stable codes; stored with overrides and spoken on the API."""

    ALREADY_STARTED = "already_started"
    NO_POST = "no_post"
    POST_NOT_STARTED = "post_not_started"
    POST_ENDED = "post_ended"
    ROLE_NOT_KNOWN = "role_not_known"
    VOLUNTEERS_ONLY = "volunteers_only"
    ROLE_NOT_HELD = "role_not_held"
    GRADE_NOT_HELD = "grade_not_held"
    GRADE_NOT_OPEN_YET = "grade_not_open_yet"
    SKILL_MISSING = "skill_missing"
    DO_NOT_BOOK = "do_not_book"
    NOT_CLEARED = "not_cleared"
    CLEARANCE_ENDS = "clearance_ends"

    REGISTRATION_MISSING = "registration_missing"
    REGISTRATION_NOT_IN_FORCE = "registration_not_in_force"
    REGISTRATION_SUSPENDED = "registration_suspended"
    REGISTRATION_REMOVED = "registration_removed"
    REGISTRATION_CONDITIONS = "registration_conditions"
    REGISTRATION_PART_NOT_KNOWN = "registration_part_not_known"
    TRAINING_MISSING = "training_missing"
    TRAINING_OUT_OF_DATE = "training_out_of_date"
    DBS_MISSING = "dbs_missing"
    DBS_LEVEL_TOO_LOW = "dbs_level_too_low"
    DBS_OTHER_WORKFORCE = "dbs_other_workforce"
    DBS_TOO_OLD = "dbs_too_old"
    PERFORMERS_LIST_MISSING = "performers_list_missing"
    PERFORMERS_LIST_ENDED = "performers_list_ended"
    INDEMNITY_MISSING = "indemnity_missing"
    INDEMNITY_ENDED = "indemnity_ended"

    RIGHT_TO_WORK_MISSING = "right_to_work_missing"
    RIGHT_TO_WORK_ENDS = "right_to_work_ends"
    STUDENT_HOURS = "student_hours"
    SUPPLEMENTARY_HOURS = "supplementary_hours"
    VISA_HOURS = "visa_hours"

    OVERLAP = "overlap"
    ON_LEAVE = "on_leave"
    OFF_SICK = "off_sick"
    SICKNESS_RETURN = "sickness_return"
    DAILY_REST = "daily_rest"
    WEEKLY_REST = "weekly_rest"
    AVERAGE_HOURS = "average_hours"
    DOCTORS_AVERAGE_HOURS = "doctors_average_hours"
    NIGHT_AVERAGE = "night_average"
    NIGHTS_IN_A_ROW = "nights_in_a_row"
    LONG_DAYS_IN_A_ROW = "long_days_in_a_row"
    WEEKLY_CEILING = "weekly_ceiling"

    YOUNG_DAY = "young_day"
    YOUNG_WEEK = "young_week"
    YOUNG_DAILY_REST = "young_daily_rest"
    YOUNG_WEEKLY_REST = "young_weekly_rest"
    YOUNG_NIGHT = "young_night"

    DOCTORS_168_HOURS = "doctors_168_hours"
    DOCTORS_SHIFT_LENGTH = "doctors_shift_length"
    DOCTORS_LONG_SHIFTS = "doctors_long_shifts"
    DOCTORS_LATE_EVENINGS = "doctors_late_evenings"
    DOCTORS_NIGHTS_IN_A_ROW = "doctors_nights_in_a_row"
    DOCTORS_REST_AFTER_NIGHTS = "doctors_rest_after_nights"
    DOCTORS_SHIFTS_IN_A_ROW = "doctors_shifts_in_a_row"
    DOCTORS_REST_AFTER_RUN = "doctors_rest_after_run"
    DOCTORS_WEEKENDS = "doctors_weekends"

    MAIN_JOB_NOT_KNOWN = "main_job_not_known"
    NOT_CHECKED = "not_checked"


SOFT = frozenset(
    {
        Code.SKILL_MISSING,
        Code.REGISTRATION_CONDITIONS,
        Code.TRAINING_MISSING,
        Code.TRAINING_OUT_OF_DATE,
        Code.DBS_TOO_OLD,
        Code.ON_LEAVE,
        Code.SICKNESS_RETURN,
        Code.DAILY_REST,
        Code.WEEKLY_REST,
        Code.DOCTORS_AVERAGE_HOURS,
        Code.NIGHTS_IN_A_ROW,
        Code.LONG_DAYS_IN_A_ROW,
        Code.WEEKLY_CEILING,
        Code.DOCTORS_168_HOURS,
        Code.DOCTORS_SHIFT_LENGTH,
        Code.DOCTORS_LONG_SHIFTS,
        Code.DOCTORS_LATE_EVENINGS,
        Code.DOCTORS_NIGHTS_IN_A_ROW,
        Code.DOCTORS_REST_AFTER_NIGHTS,
        Code.DOCTORS_SHIFTS_IN_A_ROW,
        Code.DOCTORS_REST_AFTER_RUN,
        Code.DOCTORS_WEEKENDS,
    }
)

ABOUT_REST = frozenset(
    {
        Code.DAILY_REST,
        Code.WEEKLY_REST,
        Code.DOCTORS_REST_AFTER_NIGHTS,
        Code.DOCTORS_REST_AFTER_RUN,
    }
)
"""Soft reasons that are lifted only with the compensatory rest named (WTR 1998, reg 24)."""

NOTES = frozenset({Code.REGISTRATION_PART_NOT_KNOWN, Code.MAIN_JOB_NOT_KNOWN, Code.NOT_CHECKED})

LEVELS: Mapping[Code, Level] = MappingProxyType(
    {
        code: Level.SOFT if code in SOFT else Level.NOTE if code in NOTES else Level.HARD
        for code in Code
    }
)


def because(
    code: Code, text: str, evidence: Mapping[str, Any] | None = None, cure: Cure | None = None
) -> Reason:
    """A reason with the level its code always has."""
    return Reason(code.value, evidence or {}, cure, LEVELS[code], text)
