"""One row of a personnel file into what it says: a person, a bank post and facts.

An empty cell says nothing, and leaves what is on record.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from bankhub.actions.people.hr_rows import HrRow
from bankhub.actions.people.posts import PostFields
from bankhub.imports.hr_columns import Columns
from bankhub.model import reference
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.actions.people.people import PersonFields
from passport.errors import Invalid
from passport.imports.cells import CellProblem, Cells, read_date, read_hours, read_yes_no
from passport.imports.tables import Row
from passport.model.facts import FactKind, FactValue

_ESR_STAFF_GROUPS = {
    "nursing and midwifery registered": StaffGroup.NURSING_MIDWIFERY,
    "additional clinical services": StaffGroup.HCA,
    "allied health professionals": StaffGroup.AHP_STT,
    "add prof scientific and technic": StaffGroup.AHP_STT,
    "additional professional scientific and technical": StaffGroup.AHP_STT,
    "healthcare scientists": StaffGroup.AHP_STT,
    "medical and dental": StaffGroup.MEDICAL_DENTAL,
    "administrative and clerical": StaffGroup.ADMIN_CLERICAL,
    "estates and ancillary": StaffGroup.ESTATES_FACILITIES,
}
"""ESR's staff groups (NHS Data Dictionary) in our reporting groups."""
_WORDS = {
    "enhanced_with_barred_lists": "enhanced_barred",
    "enhanced_with_barred_list": "enhanced_barred",
    "adult_and_child": "both",
    "child_and_adult": "both",
    "registered_with_a_licence_to_practise": "registered",
}
"""What files call a code of ours."""
_CHECKS = {
    "manual": "MANUAL",
    "share_code": "HO_ONLINE_SHARE_CODE",
    "ho_online_share_code": "HO_ONLINE_SHARE_CODE",
    "idsp": "IDSP_IDVT",
    "idsp_idvt": "IDSP_IDVT",
}
"""How a right to work was checked."""


def hr_row(row: Row, columns: Columns) -> HrRow:
    """What the row says. Raises `Invalid` naming every cell that cannot be understood."""
    cells = Cells(columns.values(row))
    said = HrRow(
        assignment_number=cells.text("assignment_number").upper(),
        person=_person(cells),
        post=_post(cells),
        facts=tuple(_facts(cells, columns)),
        same_person_as=cells.text("same_person_as").upper(),
        another_human=bool(cells.read(read_yes_no, "another_human")),
    )
    if not said.assignment_number:
        cells.problems.append("assignment_number: is missing")
    if cells.problems:
        raise Invalid("hr_row", "; ".join(cells.problems))
    return said


def _person(cells: Cells) -> PersonFields:
    fields: PersonFields = {}
    if cells.text("name") and not cells.text("family_name"):
        family, comma, given = cells.text("name").partition(",")
        if not comma:
            cells.problems.append("name: write “Family name, given name”, or use two columns")
        fields["family_name"], fields["given_name"] = family, given
    if family_name := cells.text("family_name"):
        fields["family_name"] = family_name
    if given_name := cells.text("given_name"):
        fields["given_name"] = given_name
    born = cells.read(read_date, "date_of_birth")
    if born is not None:
        fields["date_of_birth"] = born
    elif not cells.text("date_of_birth"):
        cells.problems.append("date_of_birth: is missing")
    if email := cells.text("email"):
        fields["email"] = email
    if mobile := cells.text("mobile"):
        fields["mobile"] = mobile
    return fields


def _post(cells: Cells) -> PostFields:
    fields: PostFields = {}
    if role := cells.read(read_role, "role"):
        fields["role"] = role
        fields["staff_group"] = reference.roles()[role].staff_group
    if group := cells.read(_read_staff_group, "staff_group"):
        fields["staff_group"] = group
    if grade := cells.read(read_grade, "grade"):
        fields["grade"] = grade
    if pay_point := cells.text("pay_point"):
        fields["pay_point"] = pay_point
    if terms := cells.text("terms"):
        fields["terms"] = _code(terms)
    if pairs := cells.read(_read_entitlements, "entitlements"):
        fields["entitlements"] = pairs
    if starts_on := cells.read(read_date, "starts_on"):
        fields["starts_on"] = starts_on
    if ends_on := cells.read(read_date, "ends_on"):
        fields["ends_on"] = ends_on
    return fields


def _facts(cells: Cells, columns: Columns) -> Iterator[FactValue]:
    if cells.text("registration_number"):
        yield _registration(cells)
    for column, (subject, level) in columns.trainings.items():
        if awarded_on := cells.read(read_date, column):
            value = {"subject": subject, "level": level}
            yield FactValue(FactKind.TRAINING, value, awarded_on=awarded_on)
    for code in re.split(r"[;,\n]+", cells.text("skills")):
        if code.strip():
            yield FactValue(FactKind.SKILL, {"code": _code(code)})
    yield from _checks(cells)
    yield from _terms_of_work(cells)


def _checks(cells: Cells) -> Iterator[FactValue]:
    if cells.text("dbs_level"):
        yield FactValue(
            FactKind.DBS,
            _value(cells, level="dbs_level", workforce="dbs_workforce"),
            awarded_on=cells.read(read_date, "dbs_date"),
        )
    if cells.text("right_to_work"):
        yield _right_to_work(cells)
    if number := cells.text("performers_list_number"):
        yield FactValue(FactKind.PERFORMERS_LIST, {"number": number})
    if scheme := cells.text("indemnity_scheme"):
        until = cells.read(read_date, "indemnity_until")
        yield FactValue(FactKind.INDEMNITY, {"scheme": scheme}, valid_until=until)


def _terms_of_work(cells: Cells) -> Iterator[FactValue]:
    if cells.read(read_yes_no, "opt_out"):
        yield FactValue(
            FactKind.OPT_OUT,
            valid_from=cells.read(read_date, "opt_out_from"),
            valid_until=cells.read(read_date, "opt_out_until"),
        )
    if hours := cells.read(read_hours, "main_job_hours"):
        yield FactValue(FactKind.MAIN_JOB, {"contracted_hours": hours})


def _registration(cells: Cells) -> FactValue:
    body = cells.text("registration_body").upper()
    role = cells.read(read_role, "role")
    registers = reference.roles()[role].registers if role else ()
    if not body and len(registers) == 1:
        body = registers[0].body
    elif not body:
        cells.problems.append("registration_body: is missing")
    value: dict[str, Any] = {"body": body, "number": cells.text("registration_number")}
    if part := cells.text("registration_part").upper():
        value["profession"] = part
    value["status"] = _code(cells.text("registration_status") or "registered")
    return FactValue(
        FactKind.REGISTRATION, value, valid_until=cells.read(read_date, "registration_expiry")
    )


def _right_to_work(cells: Cells) -> FactValue:
    value = _value(cells, route="right_to_work")
    if checked := cells.text("right_to_work_check"):
        value["check_route"] = _CHECKS.get(_code(checked), checked)
    cap = cells.read(read_hours, "weekly_cap_hours")
    if cap is not None:
        value["weekly_cap_hours"] = cap
    if vacations := cells.read(_read_vacations, "vacations"):
        value["vacations"] = vacations
    until = cells.read(read_date, "right_to_work_until")
    return FactValue(FactKind.RIGHT_TO_WORK, value, valid_until=until)


def _value(cells: Cells, **columns: str) -> dict[str, Any]:
    return {key: _code(cells.text(column)) for key, column in columns.items() if cells.text(column)}


def _code(text: str) -> str:
    """`Enhanced with barred lists` → `enhanced_barred`; other words only in the form of a code."""
    code = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")
    return _WORDS.get(code, code)


def read_grade(text: str) -> Grade:
    """`band_6`, `Band 6`, `6`, `8a`, or the code of a medical grade."""
    code = _code(text)
    for guess in (code, f"band_{code}"):
        if guess in list(Grade):
            return Grade(guess)
    raise CellProblem(f"“{text}” is not a grade: {', '.join(Grade)}")


def read_role(text: str) -> str:
    """A role's code, or its title as it stands on the reference list."""
    roles = reference.roles()
    titles = {_code(role.title): code for code, role in roles.items()}
    code = _code(text)
    if code in roles:
        return code
    if code in titles:
        return titles[code]
    raise CellProblem(f"“{text}” is not a role of the reference list")


def _read_staff_group(text: str) -> StaffGroup:
    code = _code(text)
    if code in list(StaffGroup):
        return StaffGroup(code)
    words = " ".join(re.findall(r"[a-z]+", text.casefold()))
    if words in _ESR_STAFF_GROUPS:
        return _ESR_STAFF_GROUPS[words]
    raise CellProblem(f"“{text}” is not a staff group: {', '.join(StaffGroup)}")


def _read_entitlements(text: str) -> list[list[str]]:
    pairs = []
    for part in re.split(r"[;\n]+", text):
        role, colon, grade = part.partition(":")
        if not colon:
            raise CellProblem(f"“{part.strip()}” is not role:grade, such as rn_adult:band_5")
        pairs.append([read_role(role), read_grade(grade).value])
    return pairs


def _read_vacations(text: str) -> list[list[str]]:
    pairs = []
    for part in re.split(r"[;\n]+", text):
        first, slash, last = part.partition(" to ")
        days: list[date | None] = [read_date(first.strip()), read_date(last.strip())]
        if not slash or None in days:
            raise CellProblem(f"“{part.strip()}” is not FROM to TO")
        pairs.append([day.isoformat() for day in days if day])
    return pairs
