"""What each viewer may read of each reason: every code × every viewer."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankhub.rules.eligibility.disclosure import (
    NOT_AVAILABLE,
    NOT_ELIGIBLE,
    OVERRIDE_TABLE,
    WITHHELD,
    ShownReason,
    Viewer,
    may_lift,
    shown,
    shown_all,
)
from bankhub.rules.reason_codes import LEVELS, SOFT, Code, because
from passport.actors import AccessRole
from passport.errors import Cure, Level, Reason

OUTSIDE = (Viewer.WARD, Viewer.OTHER_ORGANISATION, Viewer.AGENCY)
OUTSIDE_SENTENCES = {
    "Not available at this time.",
    "Not eligible: ask the bank office.",
}

EVIDENCE_KEYS = (
    "act", "average_minutes", "awarded_on", "bodies", "body", "booking_id", "day_on", "days",
    "employer", "ends_at", "ends_on", "free_from_on", "good_until_on", "grade", "grades_held",
    "kind", "last_sick_on", "level", "limit_days", "limit_minutes", "number", "parts_held", "place",
    "replaced_days", "required_minutes", "rest_minutes", "role", "roles_held", "route", "rule",
    "run_ends_at", "run_from_on", "shift_minutes", "since_on", "skill", "starts_at", "starts_on",
    "subject", "title", "valid_until_on", "week_on", "weekends", "weeks", "window_from_at",
    "window_from_on", "worked_minutes", "workforce",
)  # fmt: skip
NUMBERS = itertools.count(1_234_567, 60 * 97)


def canary(code: str) -> tuple[Reason, set[str]]:
    """A reason whose every part is a canary, and the canaries as they would look when leaked."""
    evidence: dict[str, Any] = {}
    leaks = {"CANARY-text", "CANARY-act", "2031-01-01"}
    for index, key in enumerate(EVIDENCE_KEYS):
        if key.endswith("_minutes"):
            evidence[key] = next(NUMBERS)
            leaks |= {str(evidence[key]), f"{evidence[key] // 60} h"}
        elif key.endswith("_on"):
            evidence[key] = f"20{40 + index}-03-04"
            leaks |= {str(2040 + index)}
        elif key.endswith("_at"):
            evidence[key] = f"20{40 + index}-03-04T05:06:00+00:00"
            leaks |= {str(2040 + index)}
        else:
            evidence[key] = f"CANARY-{key}"
            leaks |= {f"CANARY-{key}"}
    level = LEVELS.get(Code(code), Level.HARD) if code in list(Code) else Level.HARD
    return Reason(code, evidence, Cure("CANARY-act", "2031-01-01"), level, "CANARY-text"), leaks


def leaked(what: ShownReason, leaks: set[str]) -> set[str]:
    """Which canaries can be read in it."""
    written = repr((what.code, what.text, what.cure))
    return {leak for leak in leaks if leak in written}


MAY_REACH_THE_OFFICE: dict[Code, set[str]] = {
    Code.POST_NOT_STARTED: {"starts_on"},
    Code.POST_ENDED: {"ends_on"},
    Code.SKILL_MISSING: {"title"},
    Code.REGISTRATION_MISSING: {"bodies"},
    Code.REGISTRATION_NOT_IN_FORCE: {"bodies"},
    Code.REGISTRATION_PART_NOT_KNOWN: {"bodies"},
    Code.TRAINING_MISSING: {"title"},
    Code.TRAINING_OUT_OF_DATE: {"title", "good_until_on"},
    Code.DAILY_REST: {"rest_minutes", "required_minutes"},
    Code.WEEKLY_REST: {"rest_minutes", "required_minutes"},
    Code.AVERAGE_HOURS: {"average_minutes", "limit_minutes"},
    Code.DOCTORS_AVERAGE_HOURS: {"average_minutes", "limit_minutes"},
    Code.NIGHT_AVERAGE: {"average_minutes", "limit_minutes"},
    Code.NIGHTS_IN_A_ROW: {"days"},
    Code.LONG_DAYS_IN_A_ROW: {"days"},
    Code.WEEKLY_CEILING: {"worked_minutes", "limit_minutes"},
    Code.DOCTORS_168_HOURS: {"worked_minutes", "limit_minutes"},
    Code.DOCTORS_SHIFT_LENGTH: {"limit_minutes"},
    Code.DOCTORS_LONG_SHIFTS: {"days"},
    Code.DOCTORS_LATE_EVENINGS: {"days"},
    Code.DOCTORS_NIGHTS_IN_A_ROW: {"days"},
    Code.DOCTORS_SHIFTS_IN_A_ROW: {"days"},
    Code.DOCTORS_REST_AFTER_NIGHTS: {"rest_minutes", "required_minutes"},
    Code.DOCTORS_REST_AFTER_RUN: {"kind", "rest_minutes", "required_minutes"},
    Code.DOCTORS_WEEKENDS: {"weekends"},
    Code.MAIN_JOB_NOT_KNOWN: {"since_on"},
}
"""All other codes reach the bank office without any evidence."""

CONFIDENTIAL = {
    Code.DO_NOT_BOOK, Code.REGISTRATION_SUSPENDED, Code.REGISTRATION_REMOVED,
    Code.REGISTRATION_CONDITIONS, Code.RIGHT_TO_WORK_MISSING, Code.RIGHT_TO_WORK_ENDS,
    Code.STUDENT_HOURS, Code.SUPPLEMENTARY_HOURS, Code.VISA_HOURS, Code.ON_LEAVE, Code.OFF_SICK,
    Code.SICKNESS_RETURN, Code.OVERLAP, Code.YOUNG_DAY, Code.YOUNG_WEEK,
}  # fmt: skip
"""Restriction, registration, immigration, health, other people's hours, age."""


@pytest.mark.parametrize("viewer", OUTSIDE)
@pytest.mark.parametrize("code", [*Code, "a_code_of_tomorrow", ""])
def test_outsiders_read_one_of_two_sentences_and_nothing_leaks(code: str, viewer: Viewer) -> None:
    reason, leaks = canary(code)
    what = shown(reason, viewer)
    assert what.text in OUTSIDE_SENTENCES
    assert what in (NOT_AVAILABLE, NOT_ELIGIBLE)
    assert what.cure is None
    assert leaked(what, leaks) == set()


@pytest.mark.parametrize("code", [*Code, "a_code_of_tomorrow"])
def test_an_analyst_reads_nothing_about_people(code: str) -> None:
    reason, leaks = canary(code)
    assert shown(reason, Viewer.SYSTEM_ANALYST) == WITHHELD
    assert leaked(WITHHELD, leaks) == set()


@pytest.mark.parametrize("code", list(Code))
def test_the_own_bank_office_reads_only_the_evidence_its_work_needs(code: Code) -> None:
    reason, leaks = canary(code)
    what = shown(reason, Viewer.OWN_COORDINATOR)
    allowed = canaries_of(reason, MAY_REACH_THE_OFFICE.get(code, set()))
    assert leaked(what, leaks) <= allowed
    for key in MAY_REACH_THE_OFFICE.get(code, set()):
        assert leaked(what, canaries_of(reason, {key})), f"{key} was to be shown"
    assert what.level is LEVELS[code]
    assert what.text.endswith(".")


def canaries_of(reason: Reason, keys: set[str]) -> set[str]:
    """The canaries that belong to some keys of the evidence."""
    found: set[str] = set()
    for key in keys:
        value = reason.evidence[key]
        if key.endswith("_minutes"):
            found |= {f"{value // 60} h"}
        else:
            found |= {value[:4] if key.endswith(("_on", "_at")) else value}
    return found


@pytest.mark.parametrize("code", sorted(CONFIDENTIAL))
def test_confidential_matters_reach_the_office_without_their_detail(code: Code) -> None:
    what = shown(canary(code)[0], Viewer.OWN_COORDINATOR)
    words = f"{what.code} {what.text} {what.cure}".lower()
    for word in ("sick", "ill", "student", "visa", "suspend", "removed", "conditions", "leave",
                 "supplementary", "young", "under 18", "complaint"):  # fmt: skip
        assert word not in words


@pytest.mark.parametrize(
    "together",
    [
        pytest.param({Code.ON_LEAVE, Code.OFF_SICK, Code.SICKNESS_RETURN}, id="sickness or leave"),
        pytest.param(
            {Code.STUDENT_HOURS, Code.SUPPLEMENTARY_HOURS, Code.VISA_HOURS, Code.YOUNG_WEEK},
            id="a visa or youth",
        ),
        pytest.param(
            {
                Code.REGISTRATION_SUSPENDED,
                Code.REGISTRATION_REMOVED,
                Code.REGISTRATION_CONDITIONS,
            },
            id="what became of a registration",
        ),
    ],
)
def test_the_office_cannot_tell_apart(together: set[Code]) -> None:
    looks = {
        (what.code, what.text, what.cure)
        for what in (shown(canary(code)[0], Viewer.OWN_COORDINATOR) for code in together)
    }
    assert len(looks) == 1


def test_an_unknown_code_fails_closed() -> None:
    reason, _ = canary("a_code_of_tomorrow")
    for viewer in (*OUTSIDE, Viewer.OWN_COORDINATOR):
        assert shown(reason, viewer) == NOT_ELIGIBLE


@pytest.mark.parametrize("code", [*Code, "a_code_of_tomorrow"])
def test_the_person_reads_everything(code: str) -> None:
    reason, _ = canary(code)
    what = shown(reason, Viewer.SELF)
    assert (what.code, what.text, what.cure, what.level) == (
        reason.code,
        "CANARY-text",
        reason.cure,
        reason.level,
    )


def test_a_reason_without_a_sentence_still_says_something() -> None:
    assert shown(Reason("x"), Viewer.SELF).text


@given(
    code=st.sampled_from(list(Code)),
    viewer=st.sampled_from(OUTSIDE),
    evidence=st.dictionaries(
        st.sampled_from(EVIDENCE_KEYS), st.none() | st.integers() | st.text() | st.lists(st.text())
    ),
    text=st.text(),
)
def test_what_outsiders_read_depends_on_the_code_alone(
    code: Code, viewer: Viewer, evidence: dict[str, Any], text: str
) -> None:
    bare = shown(Reason(code), viewer)
    full = Reason(code, evidence, Cure(text, text), Level.SOFT, text)
    assert shown(full, viewer) == bare
    assert shown(full, Viewer.OWN_COORDINATOR).text  # malformed evidence never raises


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(None, "not on record", id="nothing"),
        pytest.param("soon", "not on record", id="no date"),
        pytest.param("2026-10-04", "Sun 4 October 2026", id="a date"),
    ],
)
def test_dates_are_said_in_words(value: str | None, said: str) -> None:
    note = because(Code.MAIN_JOB_NOT_KNOWN, "x", {"since_on": value})
    assert shown(note, Viewer.OWN_COORDINATOR).text == f"Main job not known since: {said}."


@pytest.mark.parametrize("viewer", [Viewer.SELF, Viewer.OWN_COORDINATOR])
def test_notes_reach_the_person_and_their_bank_office(viewer: Viewer) -> None:
    reasons = [because(Code.NOT_CHECKED, "x"), because(Code.OVERLAP, "y")]
    assert len(shown_all(reasons, viewer)) == 2


@pytest.mark.parametrize("viewer", [*OUTSIDE, Viewer.SYSTEM_ANALYST])
def test_others_cannot_count_reasons_and_read_no_notes(viewer: Viewer) -> None:
    one = [because(Code.OVERLAP, "x")]
    many = [*one, because(Code.OFF_SICK, "y"), because(Code.MAIN_JOB_NOT_KNOWN, "z")]
    assert shown_all(one, viewer) == shown_all(many, viewer)
    assert shown_all([because(Code.NOT_CHECKED, "z")], viewer) == []


@pytest.mark.parametrize("code", list(Code))
def test_soft_codes_have_a_role_that_may_lift_them_and_no_other_code_has(code: Code) -> None:
    assert (code in OVERRIDE_TABLE) == (code in SOFT)
    assert may_lift(code, list(AccessRole)) == (LEVELS[code] is Level.SOFT)
    assert not may_lift(code, [])
    assert not may_lift(code, [AccessRole.WORKER, AccessRole.WARD_REQUESTER])


def test_an_unknown_code_can_be_lifted_by_nobody() -> None:
    assert not may_lift("a_code_of_tomorrow", list(AccessRole))
