"""The lists and national policies that ship: readable, consistent, with a source."""

import re
from datetime import date

import pytest

from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import (
    _by,
    eligibility_policy,
    national_policies,
    roles,
    skills,
    training_subjects,
)
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.work_policy import RequirementPolicy, WorkingTimePolicy
from passport.model.registers import registers
from tests.rules.work_examples import requirements, working_time

GROUPS = list(StaffGroup)


@pytest.mark.parametrize("kind", list(PolicyKind))
def test_every_kind_of_policy_has_national_versions_with_a_source(kind: PolicyKind) -> None:
    versions = national_policies(kind)
    assert versions
    for version in versions:
        assert version.kind is kind
        assert version.source
        assert isinstance(version.from_on, date)
        assert isinstance(version.illustrative, bool)
        assert version.organisation_id is None
    assert len({(v.from_on, v.staff_group) for v in versions}) == len(versions)


def test_working_time_can_be_read_and_the_law_is_the_law() -> None:
    for version in national_policies(PolicyKind.WORKING_TIME):
        read = read_values(WorkingTimePolicy, version.values)
        assert read.average.limit_minutes_per_week == 48 * 60
        assert (read.average.reference_weeks, read.average.reference_weeks_in_training) == (17, 26)
        assert read.average.opted_out_doctors_minutes_per_week == 56 * 60
        assert read.rest.daily_rest_minutes == 11 * 60
        assert read.young.minutes_per_week_max == 40 * 60
        assert read.doctors.minutes_in_window_max == 72 * 60
        assert read.visas.student_minutes_per_week == 20 * 60


def test_requirements_name_known_subjects_at_known_levels_and_known_roles() -> None:
    for version in national_policies(PolicyKind.REQUIREMENTS):
        read = read_values(RequirementPolicy, version.values)
        lists = [read.training, *(role.training for role in read.roles.values())]
        for needed in (item for items in lists for item in items):
            levels = {level.level for level in training_subjects()[needed.subject].levels}
            assert needed.level in levels
        for code in read.roles:
            assert roles()[code].staff_group is version.staff_group


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_needs_the_oliver_mcgowan_training_and_the_core_subjects(
    group: StaffGroup,
) -> None:
    subjects = {item.subject for item in requirements(group).training}
    assert subjects >= {"OMMT", "FIRE", "IG", "IPC", "MH", "EDHR", "HSW", "PREV", "SGA", "SGC"}


def test_gps_need_the_performers_list_and_indemnity_and_nobody_else_does() -> None:
    asked = {
        code
        for group in GROUPS
        for code, role in requirements(group).roles.items()
        if role.performers_list or role.indemnity
    }
    assert asked == {"gp"}


def test_eleven_core_subjects_and_oliver_mcgowan() -> None:
    families = {code.split("_")[0] for code in training_subjects()}
    assert len(families - {"OMMT"}) == 11
    assert {level.level for level in training_subjects()["OMMT"].levels} == {1, 2}


def test_roles_cover_every_staff_group_and_name_registers_and_parts_that_exist() -> None:
    assert {role.staff_group for role in roles().values()} == set(GROUPS)
    for code, role in roles().items():
        assert role.code == code
        assert role.title
        assert role.grades
        assert role.source
        for register in role.registers:
            parts = {part.code for part in registers()[register.body].parts}
            assert set(register.parts) <= parts


def test_every_grade_in_use_has_a_role() -> None:
    graded = {grade for role in roles().values() for grade in role.grades}
    rare = {Grade.BAND_8B, Grade.BAND_8C, Grade.BAND_8D, Grade.BAND_9}
    assert graded == set(Grade) - rare


def test_registers_accept_their_own_example_and_refuse_nonsense() -> None:
    for register in registers().values():
        if register.number_format is None:
            assert register.illustrative
            continue
        assert re.fullmatch(register.number_format, register.example), register.body
        for wrong in ("", "X", register.example + "0000000", f" {register.example}"):
            assert not re.fullmatch(register.number_format, wrong), (register.body, wrong)


def test_a_registers_search_is_a_dated_address_of_the_regulator_with_a_source() -> None:
    found = {body: one.search for body, one in registers().items() if one.search}
    assert {"NMC", "GMC", "HCPC"} <= set(found)
    for body, search in found.items():
        assert re.fullmatch(r"https://[a-z.-]+\.(uk|org)(/[A-Za-z/-]*)?", search.address), body
        assert isinstance(search.as_of, date)
        assert search.source


def test_skills_have_titles() -> None:
    assert all(skill.title for skill in skills().values())
    assert "emis_web" in skills()


def test_lists_are_read_once() -> None:
    assert roles() is roles()
    assert national_policies(PolicyKind.REQUIREMENTS) is national_policies(PolicyKind.REQUIREMENTS)


def test_the_engine_gets_the_lists_with_the_two_policies() -> None:
    bundle = eligibility_policy(working_time(), requirements())
    assert bundle.roles is roles()
    assert bundle.subject_titles["FIRE"] == "Fire safety"
    assert bundle.skill_titles["renal"] == "Renal and dialysis"


def test_a_code_that_stands_twice_is_refused() -> None:
    twice = [*roles().values(), next(iter(roles().values()))]
    with pytest.raises(ValueError, match="stands twice"):
        _by("code", twice)
