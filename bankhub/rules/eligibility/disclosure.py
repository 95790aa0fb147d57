"""What may a viewer read of a reason?

Rule in plain English. The person concerned reads everything. Their own bank office reads what its
work needs: other hours only as "hours elsewhere", absences, visas and suspensions only as far as
it has to act on them. A ward, another organisation and an agency read one of two sentences: "not
available at this time" or "not eligible: ask the bank office"; never a place, nor anything on
health, restriction, registration or immigration, and the code they see says no more than the
sentence. A system analyst reads nothing about people. A code without a row in the table is shown
to others as if it were the most confidential (UK GDPR Art 5(1)(c), Art 9; Caldicott principle 4).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bankhub.rules.reason_codes import SOFT, Code
from bankhub.rules.shift_times import hours_text
from bankhub.rules.wording import said_day, said_moment
from passport.actors import AccessRole
from passport.errors import Cure, Level, Reason


class Viewer(StrEnum):
    """Who looks."""

    SELF = "self"
    OWN_COORDINATOR = "own_coordinator"
    """The bank office of the organisation whose post the person holds."""
    HOST = "host"
    """The bank office where a partner's person would work: what it decided itself it reads."""
    WARD = "ward"
    OTHER_ORGANISATION = "other_organisation"
    AGENCY = "agency"
    SYSTEM_ANALYST = "system_analyst"


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason as one viewer may read it."""

    code: str
    text: str
    cure: Cure | None = None
    level: Level = Level.HARD


NOT_AVAILABLE = ShownReason("not_available", "Not available at this time.")
NOT_ELIGIBLE = ShownReason("not_eligible", "Not eligible: ask the bank office.")
WITHHELD = ShownReason("withheld", "Not shown.")


@dataclass(frozen=True, slots=True)
class _Row:
    """How one code is shown to others than the person concerned."""

    outside: ShownReason
    office: str
    """Sentence for the own bank office; `{key}` takes that one piece of evidence."""
    act: str = ""
    """What the office can do about it."""
    code: str | None = None
    """A broader code for the office where the exact one says too much."""


def _time(office: str, act: str = "", code: str | None = None) -> _Row:
    return _Row(NOT_AVAILABLE, office, act, code)


def _standing(office: str, act: str = "", code: str | None = None) -> _Row:
    return _Row(NOT_ELIGIBLE, office, act, code)


_REST = "Book only with compensatory rest, named and recorded"
_HR = "Refer to the HR officer"
_ABSENCE = _time("Not available: an absence is on record.", "Ask the person", "absence")
_REGISTRATION_HR = _standing(
    "The registration on record does not allow this shift.", _HR, "registration_not_in_order"
)
_RIGHT_TO_WORK = _standing(
    "No right-to-work check on record covers this shift.", _HR, "right_to_work_not_covered"
)
_HOURS_LIMIT = _time("A limit on this person's hours would be passed.", "", "hours_limit")

_ROWS: Mapping[str, _Row] = MappingProxyType(
    {
        Code.ALREADY_STARTED: _time("The shift has started."),
        Code.NO_POST: _standing("Holds no post at this bank."),
        Code.POST_NOT_STARTED: _standing("The post at this bank starts on {starts_on}."),
        Code.POST_ENDED: _standing("The post at this bank ends on {ends_on}.", "Extend the post"),
        Code.ROLE_NOT_KNOWN: _standing(
            "The shift's role is not on the list of roles.", "Correct the role of the shift"
        ),
        Code.VOLUNTEERS_ONLY: _standing("Volunteers are unpaid and cannot be booked."),
        Code.ROLE_NOT_HELD: _standing("May not be booked in this role.", "Change the post"),
        Code.GRADE_NOT_HELD: _standing("May not be booked at this grade.", "Change the post"),
        Code.GRADE_NOT_OPEN_YET: _standing("The shift is not open to this grade yet."),
        Code.SKILL_MISSING: _standing("Skill not on record: {title}.", "Check the skill"),
        Code.DO_NOT_BOOK: _standing("May not be booked here at present.", "Ask the bank manager"),
        Code.NOT_CLEARED: _standing("Not cleared to work here.", "Open the clearance"),
        Code.CLEARANCE_ENDS: _standing(
            "Cleared to work here until {until_on}.", "Open the clearance"
        ),
        Code.REGISTRATION_MISSING: _standing(
            "No qualifying registration is on record ({bodies}).", "Check the register"
        ),
        Code.REGISTRATION_NOT_IN_FORCE: _standing(
            "The registration on record does not cover this shift ({bodies}).",
            "Check the register",
        ),
        Code.REGISTRATION_SUSPENDED: _REGISTRATION_HR,
        Code.REGISTRATION_REMOVED: _REGISTRATION_HR,
        Code.REGISTRATION_CONDITIONS: _REGISTRATION_HR,
        Code.REGISTRATION_PART_NOT_KNOWN: _standing(
            "Which part of the register ({bodies}) is not on record.", "Check the register"
        ),
        Code.TRAINING_MISSING: _standing("Training not on record: {title}.", "Ask for the award"),
        Code.TRAINING_OUT_OF_DATE: _standing(
            "Training out of date since {good_until_on}: {title}.", "Ask for the new award"
        ),
        Code.DBS_MISSING: _standing("No DBS check is on record.", "Request a DBS check"),
        Code.DBS_LEVEL_TOO_LOW: _standing(
            "The DBS check on record is of a lower level than the role needs.",
            "Request a DBS check",
        ),
        Code.DBS_OTHER_WORKFORCE: _standing(
            "The DBS check on record is for another workforce.", "Request a DBS check"
        ),
        Code.DBS_TOO_OLD: _standing("The DBS check on record is too old.", "Request a DBS check"),
        Code.PERFORMERS_LIST_MISSING: _standing(
            "No entry on the Performers List is on record.", "Check the list"
        ),
        Code.PERFORMERS_LIST_ENDED: _standing(
            "The Performers List entry on record does not cover this date.", "Check the list"
        ),
        Code.INDEMNITY_MISSING: _standing("No indemnity is on record.", "Ask for the proof"),
        Code.INDEMNITY_ENDED: _standing(
            "The indemnity on record does not cover this date.", "Ask for the proof"
        ),
        Code.RIGHT_TO_WORK_MISSING: _RIGHT_TO_WORK,
        Code.RIGHT_TO_WORK_ENDS: _RIGHT_TO_WORK,
        Code.STUDENT_HOURS: _HOURS_LIMIT,
        Code.SUPPLEMENTARY_HOURS: _HOURS_LIMIT,
        Code.VISA_HOURS: _HOURS_LIMIT,
        Code.OVERLAP: _time("Has hours elsewhere at this time."),
        Code.ON_LEAVE: _ABSENCE,
        Code.OFF_SICK: _ABSENCE,
        Code.SICKNESS_RETURN: _ABSENCE,
        Code.DAILY_REST: _time(
            "Next to hours elsewhere the longest rest would be {rest_minutes}; "
            "{required_minutes} are required.",
            _REST,
        ),
        Code.WEEKLY_REST: _time(
            "With hours elsewhere the longest rest of the week would be {rest_minutes}; "
            "{required_minutes} are required.",
            _REST,
        ),
        Code.AVERAGE_HOURS: _time(
            "With hours elsewhere the average would be {average_minutes} a week; the limit is "
            "{limit_minutes}."
        ),
        Code.DOCTORS_AVERAGE_HOURS: _time(
            "With hours elsewhere the average would be {average_minutes} a week; the limit is "
            "{limit_minutes}."
        ),
        Code.NIGHT_AVERAGE: _time(
            "With hours elsewhere the night worker's average would be {average_minutes} in 24 "
            "hours; the limit is {limit_minutes}."
        ),
        Code.NIGHTS_IN_A_ROW: _time("Would be {days} nights in a row, hours elsewhere included."),
        Code.LONG_DAYS_IN_A_ROW: _time(
            "Would be {days} long days in a row, hours elsewhere included."
        ),
        Code.WEEKLY_CEILING: _time(
            "With hours elsewhere the week would hold {worked_minutes}; the bank allows "
            "{limit_minutes}."
        ),
        Code.YOUNG_DAY: _HOURS_LIMIT,
        Code.YOUNG_WEEK: _HOURS_LIMIT,
        Code.YOUNG_DAILY_REST: _time("Would not leave the rest the law requires for this person."),
        Code.YOUNG_WEEKLY_REST: _time("Would not leave the rest the law requires for this person."),
        Code.YOUNG_NIGHT: _time("The law allows no night work for this person."),
        Code.DOCTORS_168_HOURS: _time(
            "With hours elsewhere {worked_minutes} in 168 hours; the limit is {limit_minutes}."
        ),
        Code.DOCTORS_SHIFT_LENGTH: _time("The shift is longer than {limit_minutes}."),
        Code.DOCTORS_LONG_SHIFTS: _time(
            "Would be {days} long shifts in a row, hours elsewhere included."
        ),
        Code.DOCTORS_LATE_EVENINGS: _time(
            "Would be {days} long late evenings in a row, hours elsewhere included."
        ),
        Code.DOCTORS_NIGHTS_IN_A_ROW: _time(
            "Would be {days} nights in a row, hours elsewhere included."
        ),
        Code.DOCTORS_REST_AFTER_NIGHTS: _time(
            "After nights {required_minutes} of rest are due; it would be {rest_minutes}.", _REST
        ),
        Code.DOCTORS_SHIFTS_IN_A_ROW: _time(
            "Would be {days} shifts in a row, hours elsewhere included."
        ),
        Code.DOCTORS_REST_AFTER_RUN: _time(
            "After a full run of {kind} {required_minutes} of rest are due; it would be "
            "{rest_minutes}.",
            _REST,
        ),
        Code.DOCTORS_WEEKENDS: _time(
            "Would work {weekends} weekends within the period, hours elsewhere included."
        ),
        Code.MAIN_JOB_NOT_KNOWN: _time(
            "Main job not known since: {since_on}.", "Ask for the main job's roster"
        ),
        Code.NOT_CHECKED: _time("Not checked: some limits on this person's hours."),
    }
)


_DECIDED_BY_HOST = frozenset({Code.NOT_CLEARED.value, Code.CLEARANCE_ENDS.value})


def shown(reason: Reason, viewer: Viewer) -> ShownReason:
    """The reason as the viewer may read it. Never raises, whatever the reason holds."""
    if viewer is Viewer.SELF:
        text = reason.text or "You cannot book this shift: ask the bank office."
        return ShownReason(reason.code, text, reason.cure, reason.level)
    if viewer is Viewer.SYSTEM_ANALYST:
        return WITHHELD
    row = _ROWS.get(reason.code)
    if row is None:
        return NOT_ELIGIBLE
    decided_here = viewer is Viewer.HOST and reason.code in _DECIDED_BY_HOST
    if viewer is not Viewer.OWN_COORDINATOR and not decided_here:
        return row.outside
    return ShownReason(
        row.code or reason.code,
        row.office.format_map(_Said(reason.evidence)),
        Cure(row.act) if row.act else None,
        reason.level,
    )


def shown_all(reasons: Iterable[Reason], viewer: Viewer) -> list[ShownReason]:
    """All that the viewer may read, each sentence once; others never read notes."""
    inside = viewer in (Viewer.SELF, Viewer.OWN_COORDINATOR)
    return list(
        dict.fromkeys(
            shown(reason, viewer) for reason in reasons if inside or reason.level is not Level.NOTE
        )
    )


def office_code(code: str) -> str:
    """The code of a reason as the own bank office may read it, also once it was lifted."""
    return shown(Reason(code), Viewer.OWN_COORDINATOR).code


class _Said(dict[str, str]):
    """Evidence in words, by the ending of its key; what is missing or malformed is not said."""

    def __init__(self, evidence: Mapping[str, Any]) -> None:
        super().__init__({key: _in_words(key, value) for key, value in evidence.items()})

    def __missing__(self, key: str) -> str:
        return _UNKNOWN


_UNKNOWN = "not on record"


def _in_words(key: str, value: Any) -> str:
    try:
        if key.endswith("_minutes"):
            return hours_text(int(value))
        if key.endswith("_on"):
            return said_day(date.fromisoformat(value))
        if key.endswith("_at"):
            return said_moment(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return _UNKNOWN
    return _UNKNOWN if value is None else str(value)


_BANK_MANAGER = frozenset({AccessRole.BANK_MANAGER})

OVERRIDE_TABLE: Mapping[str, frozenset[AccessRole]] = MappingProxyType(
    {
        **{code.value: _BANK_MANAGER for code in SOFT},
        Code.DAILY_REST.value: _BANK_MANAGER | {AccessRole.ROTA_COORDINATOR},
        Code.WEEKLY_REST.value: _BANK_MANAGER | {AccessRole.ROTA_COORDINATOR},
        Code.ON_LEAVE.value: _BANK_MANAGER | {AccessRole.ROTA_COORDINATOR},
        Code.SKILL_MISSING.value: _BANK_MANAGER | {AccessRole.ROTA_COORDINATOR},
    }
)
"""Soft code → roles that may lift it, with a reason, on record. A code that is not here, every
hard one among them, can be lifted by nobody. Whether the actor may lift anything at all is the
permission table's."""


def may_lift(code: str, roles: Iterable[AccessRole]) -> bool:
    """Whether one of the roles may lift a reason with this code."""
    return not OVERRIDE_TABLE.get(code, frozenset()).isdisjoint(roles)
