"""Which columns of a roster file say what: our names, usual other names, and the trust's own.

All of them are written down in docs/import-roster.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from passport.errors import Invalid
from passport.imports.tables import Row, Table, normal_heading

OTHER_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "reference": (
            "ref",
            "duty_id",
            "duty_reference",
            "duty_number",
            "demand_id",
            "shift_id",
            "shift_reference",
            "roster_reference",
            "unique_id",
        ),
        "unit": (
            "unit_code",
            "ward",
            "ward_code",
            "owning_unit",
            "unit_short_name",
            "department_code",
            "location_code",
        ),
        "date": ("duty_date", "shift_date", "start_date", "date_from", "roster_date"),
        "end_date": ("date_to", "last_day", "duty_end_date", "shift_end_date"),
        "shift_code": ("shift", "duty_code", "shift_type", "code"),
        "start": ("start_time", "starts", "time_from", "from", "planned_start", "duty_start"),
        "end": ("end_time", "ends", "time_to", "to", "planned_end", "duty_end"),
        "repeated_hour": ("occurrence", "clock_change", "first_or_second"),
        "unpaid_break": ("break", "break_minutes", "rest_minutes", "unpaid_break_minutes"),
        "role": ("role_code", "job_role", "staff_type", "profession"),
        "grade": ("band", "grade_code", "pay_band", "grade_type"),
        "fallback_grade": ("fallback_band", "alternative_grade", "secondary_grade"),
        "skills": ("skill", "required_skills", "competencies"),
        "reason": ("request_reason", "reason_code", "booking_reason", "vacancy_reason"),
        "reason_text": ("reason_details", "reason_notes", "other_reason"),
        "post_number": ("post", "position_number", "position_id", "esr_position_number"),
        "review_date": ("review_on", "special_review_date"),
        "notes": ("note", "comments", "comment", "shift_notes"),
        "people": ("number_of_people", "headcount", "quantity", "number_required", "required"),
        "status": ("duty_status", "shift_status", "state", "fill_status"),
        "assignment_number": (
            "assignment",
            "assignment_no",
            "staff_number",
            "employee_number",
            "esr_number",
            "payroll_number",
        ),
    }
)
"""Our field → other headings that mean it."""

HANDED_BACK = ("refused_line", "refused_because")
"""Columns added to refused rows; they are passed over when those come again."""
_NEEDED = ("reference", "date")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each of our fields stands in a file."""

    heading_of: Mapping[str, str]
    """Our field → the file's normalised heading."""
    unused: tuple[str, ...]
    """Headings nobody reads."""

    @property
    def stated(self) -> frozenset[str]:
        """Our fields that the file has."""
        return frozenset(self.heading_of)

    def values(self, row: Row) -> dict[str, str]:
        """The row's cells by our fields."""
        return {field: row.values.get(name, "") for field, name in self.heading_of.items()}


def columns_of(
    table: Table, told: Mapping[str, str], remembered: Mapping[str, str] | None = None
) -> Columns:
    """Find our fields in a file.

    Raises `Invalid` for fields and headings that do not exist, and for missing columns.
    """
    found = found_in(table, told, remembered)
    _refuse_missing(found)
    used = {*found.values(), *HANDED_BACK}
    return Columns(found, tuple(heading for heading in table.fields if heading not in used))


def found_in(
    table: Table, told: Mapping[str, str], remembered: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Our field → the file's heading, as far as it is known. What is `told` goes before what is
    remembered, and that before usual names; a remembered heading may be missing today.

    Raises `Invalid` for fields and headings that do not exist.
    """
    said = {field: normal_heading(heading) for field, heading in told.items() if heading}
    _refuse_wrong(said, table)
    mapped = {f: normal_heading(h) for f, h in (remembered or {}).items() if f in OTHER_NAMES}
    found = dict(said)
    for field, heading in mapped.items():
        if heading in table.fields and heading not in found.values():
            found.setdefault(field, heading)
    for field, others in OTHER_NAMES.items():
        for heading in (field, *others):
            if field not in found and heading in table.fields and heading not in found.values():
                found[field] = heading
    return found


def _refuse_wrong(said: Mapping[str, str], table: Table) -> None:
    unknown = sorted(set(said) - set(OTHER_NAMES))
    if unknown:
        fields = ", ".join(OTHER_NAMES)
        raise Invalid("file_mapping", f"There is no field {', '.join(unknown)}: they are {fields}.")
    absent = sorted(heading for heading in said.values() if heading not in table.fields)
    if absent:
        raise Invalid("file_mapping", f"The file has no column {', '.join(absent)}.")
    headings = list(said.values())
    twice = sorted({heading for heading in headings if headings.count(heading) > 1})
    if twice:
        raise Invalid("file_mapping", f"Mapped twice: {', '.join(twice)}.")


def _refuse_missing(found: Mapping[str, str]) -> None:
    missing = [field for field in _NEEDED if field not in found]
    if "shift_code" not in found and not {"start", "end"} <= found.keys():
        missing.append("shift_code (or start and end)")
    if missing:
        first = missing[0].partition(" ")[0]
        raise Invalid(
            "file_columns",
            f"Columns are missing: {', '.join(missing)}. Where they have other headings, say so "
            f"once, e.g. --map {first}=HEADING; it is remembered.",
            {name.partition(" ")[0]: ["Choose the column that holds it."] for name in missing},
        )
