"""Which columns of a personnel file say what: our names, usual other names, and the bank's own.

All of them are written down in docs/import-people.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bankhub.model import reference
from passport.errors import Invalid
from passport.imports.tables import Row, Table, normal_heading

TRAINING = "training:"

_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "assignment_number": ("bank_assignment_number", "assignment", "employee_number"),
    "given_name": ("first_name", "forename", "forenames", "given_names"),
    "family_name": ("last_name", "surname"),
    "name": ("full_name", "employee_name"),
    "date_of_birth": ("dob", "birth_date"),
    "email": ("e_mail", "email_address", "e_mail_address"),
    "mobile": ("mobile_number", "mobile_phone", "telephone", "phone"),
    "staff_group": (),
    "role": ("job_role",),
    "grade": ("band", "pay_band"),
    "pay_point": ("spine_point", "pay_step"),
    "entitlements": (),
    "terms": (),
    "starts_on": ("start_date", "post_start"),
    "ends_on": ("end_date", "post_end"),
    "same_person_as": (),
    "another_human": (),
    "registration_body": ("professional_body", "regulator"),
    "registration_number": ("professional_registration_number", "pin"),
    "registration_part": (),
    "registration_status": (),
    "registration_expiry": ("registration_expires", "registration_until"),
    "skills": (),
    "dbs_level": (),
    "dbs_workforce": (),
    "dbs_date": ("dbs_issued",),
    "right_to_work": ("right_to_work_route",),
    "right_to_work_check": (),
    "right_to_work_until": ("visa_expiry",),
    "weekly_cap_hours": (),
    "vacations": (),
    "opt_out": ("wtr_opt_out", "wtd_opt_out"),
    "opt_out_from": (),
    "opt_out_until": (),
    "main_job_hours": ("contracted_hours",),
    "performers_list_number": (),
    "indemnity_scheme": (),
    "indemnity_until": (),
}
"""Our field → other headings that mean it."""

FIELDS = tuple(_OTHER_NAMES)
"""Every field of ours but training, in the order in which they are offered."""

_NEEDED = ("assignment_number", "date_of_birth", "role", "grade")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each of our fields stands in a file."""

    heading_of: Mapping[str, str]
    """Our field → the file's normalised heading."""
    trainings: Mapping[str, tuple[str, int]]
    """Field `training:…` → subject code and level."""
    unused: tuple[str, ...]
    """Headings nobody reads."""

    def values(self, row: Row) -> dict[str, str]:
        """The row's cells by our fields."""
        return {field: row.values.get(name, "") for field, name in self.heading_of.items()}


def columns_of(table: Table, mapping: Mapping[str, str]) -> Columns:
    """Find our fields in a file; `mapping` (our field → its heading) goes before usual names.

    Raises `Invalid` for missing columns, headings the mapping names in vain, and training columns
    that are no subject's.
    """
    found = columns_so_far(table, mapping)
    _refuse_missing(found.heading_of)
    return found


def columns_so_far(table: Table, mapping: Mapping[str, str]) -> Columns:
    """The same for a file of which something may still be missing."""
    mapped = {normal_heading(field): normal_heading(heading) for field, heading in mapping.items()}
    _refuse_wrong_mapping(mapped, table)
    taken = set(mapped.values())
    found = {field: heading for field, heading in mapped.items() if heading in table.fields}
    for field, others in _OTHER_NAMES.items():
        for heading in (field, *others):
            if field not in found and heading in table.fields and heading not in taken:
                found[field] = heading
    trainings = {**_trainings(mapped)}
    for heading in table.fields:
        if heading.startswith(TRAINING) and heading not in taken:
            found[heading] = heading
            trainings |= _trainings([heading])
    used = set(found.values())
    return Columns(found, trainings, tuple(h for h in table.fields if h not in used))


def _refuse_wrong_mapping(mapped: Mapping[str, str], table: Table) -> None:
    fields = {**_OTHER_NAMES}
    unknown = [f for f in mapped if f not in fields and not f.startswith(TRAINING)]
    if unknown:
        raise Invalid("file_mapping", f"There is no field {', '.join(sorted(unknown))}.")
    twice = {heading for heading in mapped.values() if list(mapped.values()).count(heading) > 1}
    if twice:
        raise Invalid("file_mapping", f"Mapped twice: {', '.join(sorted(twice))}.")


def _refuse_missing(found: Mapping[str, str]) -> None:
    missing = [field for field in _NEEDED if field not in found]
    if "family_name" not in found and "name" not in found:
        missing.append("family_name")
    if missing:
        raise Invalid(
            "file_columns",
            f"Columns are missing: {', '.join(missing)}. Where they have other headings, say so "
            f"once, e.g. --map {missing[0]}=HEADING; it is remembered.",
        )


def _trainings(headings: Iterable[str]) -> dict[str, tuple[str, int]]:
    known = {code.casefold(): code for code in reference.training_subjects()}
    known |= {
        normal_heading(subject.title): code
        for code, subject in reference.training_subjects().items()
    }
    found: dict[str, tuple[str, int]] = {}
    for heading in headings:
        if not heading.startswith(TRAINING):
            continue
        name, _, level = heading.removeprefix(TRAINING).partition(":")
        if name not in known or not (level or "1").isdigit():
            subjects = ", ".join(sorted(known.values()))
            raise Invalid(
                "file_training",
                f"The column {heading} is no training subject’s: {TRAINING}CODE or "
                f"{TRAINING}CODE:LEVEL with one of {subjects}.",
            )
        found[heading] = (known[name], int(level or 1))
    return found
