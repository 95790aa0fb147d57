"""Can this be a person, as they were sent?

One name is enough for people who have one: it is the family name. A mobile number is kept in
international form; only its form is looked at.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from passport.rules.access.emails import why_not_email

LONGEST_NAME = 100
YOUNGEST_YEARS = 14
"""Below this age nobody may be employed, not even part-time (Children and Young Persons Act 1933
s18): the date was mistyped."""
OLDEST_YEARS = 110
_MOBILE = re.compile(r"\+[1-9][0-9]{7,14}")


def tidy_mobile(text: str) -> str:
    """`07700 900123` and `0044 7700 900123` → `+447700900123`; other text only loses blanks."""
    packed = re.sub(r"[\s().-]", "", text)
    if packed.startswith("00"):
        return f"+{packed[2:]}"
    return f"+44{packed[1:]}" if packed.startswith("0") else packed


def wrong_person(fields: Mapping[str, Any], today: date) -> dict[str, list[str]]:
    """Messages by field; only the fields given are looked at."""
    wrong: dict[str, list[str]] = {}
    for name, shortest in (("given_name", 0), ("family_name", 1)):
        value = fields.get(name)
        if value is not None and not shortest <= len(value) <= LONGEST_NAME:
            wrong[name] = [f"is missing or longer than {LONGEST_NAME} characters"]
    born = fields.get("date_of_birth")
    if born is not None and not YOUNGEST_YEARS <= _age(born, today) <= OLDEST_YEARS:
        wrong["date_of_birth"] = [f"{born} cannot be right"]
    email = fields.get("email")
    if email and why_not_email(email):
        wrong["email"] = [f"“{email}” is not an e-mail address"]
    mobile = fields.get("mobile")
    if mobile and not _MOBILE.fullmatch(mobile):
        wrong["mobile"] = [f"“{mobile}” is not a telephone number"]
    return wrong


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
