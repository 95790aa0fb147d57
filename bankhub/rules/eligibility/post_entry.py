"""Can this be a bank post, as it was sent?

A role is one of the reference list and belongs to one staff group. The usual grades of a role do
not bind: a bank may book somebody at another grade, but the grade must be of the role's own kind
(nobody is a band 5 consultant), and so for each further role and grade the post is entitled to.
A volunteer's post has no pay point, no terms and no further roles, and no other post is entitled to
volunteer: nobody comes to a paid shift through it (National Minimum Wage Act 1998 s44).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bankhub.model.reference_values import RoleReference
from bankhub.model.vocabulary import Grade
from bankhub.rules.eligibility.volunteers import is_voluntary
from bankhub.rules.wording import said_day

ASSIGNMENT_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9/._-]{0,29}")
TERMS = frozenset({"", "doctors_2016", "doctor_in_training"})
MOST_ENTITLEMENTS = 20
_PAID = {
    "pay_point": "a volunteer is not paid",
    "entitlements": "a volunteer cannot be booked for paid work through this post",
    "terms": "a volunteer has no terms of service",
}


def wrong_post(
    fields: Mapping[str, Any], roles: Mapping[str, RoleReference]
) -> dict[str, list[str]]:
    """Messages by field for a whole post: role, staff group, grade, entitlements, dates, terms."""
    wrong: dict[str, list[str]] = {}
    number = fields["assignment_number"]
    if not ASSIGNMENT_NUMBER.fullmatch(number):
        wrong["assignment_number"] = [f"“{number}” is not an assignment number"]
    if messages := _wrong_pair(fields["role"], fields["grade"], roles):
        wrong["role"] = messages
    elif roles[fields["role"]].staff_group is not fields["staff_group"]:
        group = roles[fields["role"]].staff_group
        wrong["staff_group"] = [f"{fields['role']} belongs to {group}"]
    if messages := _wrong_entitlements(fields["entitlements"], roles):
        wrong["entitlements"] = messages
    if fields["terms"] not in TERMS:
        wrong["terms"] = [f"“{fields['terms']}” is none of {', '.join(sorted(TERMS - {''}))}"]
    if message := _wrong_dates(fields["starts_on"], fields["ends_on"]):
        wrong["ends_on"] = [message]
    if is_voluntary(fields["role"], roles):
        for name, message in _PAID.items():
            if fields.get(name):
                wrong.setdefault(name, []).append(message)
    return wrong


def _wrong_pair(role: str, grade: Grade, roles: Mapping[str, RoleReference]) -> list[str]:
    known = roles.get(role)
    if known is None:
        return [f"“{role}” is not a role of the reference list"]
    if _of_bands(grade) not in {_of_bands(usual) for usual in known.grades}:
        return [f"{grade} is not a grade of the role {role}"]
    return []


def _of_bands(grade: Grade) -> bool:
    return grade.value.startswith("band_")


def _wrong_entitlements(
    pairs: Iterable[Iterable[str]], roles: Mapping[str, RoleReference]
) -> list[str]:
    listed = [tuple(pair) for pair in pairs]
    if len(listed) > MOST_ENTITLEMENTS:
        return [f"more than {MOST_ENTITLEMENTS}"]
    wrong: list[str] = []
    for role, grade in listed:
        if grade not in list(Grade):
            wrong.append(f"“{grade}” is not a grade")
        elif is_voluntary(role, roles):
            wrong.append("a paid post cannot be booked as a volunteer")
        else:
            wrong.extend(_wrong_pair(role, Grade(grade), roles))
    return wrong


def _wrong_dates(starts_on: date, ends_on: date | None) -> str | None:
    if ends_on is not None and ends_on < starts_on:
        return f"{said_day(ends_on)} is before the start on {said_day(starts_on)}"
    return None
