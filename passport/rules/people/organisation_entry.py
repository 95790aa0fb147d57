"""Can this be an organisation, as it was sent?

Codes are those of the Organisation Data Service: 3 to 8 capital letters and digits, never
changed, never given to another body, only closed (NHS Data Dictionary, ORGANISATION CODE).
Nothing is read out of a code's form.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from passport.model.organisations import MembershipKind, OrganisationKind

ODS_CODE = re.compile(r"[A-Z0-9]{3,8}")
POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}")
LONGEST_NAME = 200
EARLIEST = date(1800, 1, 1)
LATEST = date(2200, 1, 1)

GROUP_KIND: Mapping[MembershipKind, OrganisationKind] = {
    MembershipKind.PCN: OrganisationKind.PCN,
    MembershipKind.ICS: OrganisationKind.ICB,
    MembershipKind.REGION: OrganisationKind.REGION,
}
"""What the group of a membership has to be; a successor may be anything."""


def tidy_postcode(text: str) -> str:
    """Capitals, with the one space before the last three characters."""
    packed = re.sub(r"\s+", "", text).upper()
    return f"{packed[:-3]} {packed[-3:]}" if len(packed) > 3 else packed


def wrong_code(code: str) -> list[str]:
    """What is wrong with an ODS code, if anything."""
    if ODS_CODE.fullmatch(code):
        return []
    return [f"“{code}” is not an ODS code: 3 to 8 capital letters and digits"]


def wrong_fields(fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """Messages by field for a name, postcode and dates; only the fields given are looked at."""
    wrong: dict[str, list[str]] = {}
    name = fields.get("name")
    if name is not None and not 1 <= len(name) <= LONGEST_NAME:
        wrong["name"] = [f"is missing or longer than {LONGEST_NAME} characters"]
    postcode = fields.get("postcode")
    if postcode and not POSTCODE.fullmatch(postcode):
        wrong["postcode"] = [f"“{postcode}” is not a postcode"]
    wrong.update(wrong_dates(fields.get("opened_on"), fields.get("closed_on")))
    return wrong


def wrong_dates(opened_on: date | None, closed_on: date | None) -> dict[str, list[str]]:
    """Messages by field for an opening and a closing day."""
    wrong: dict[str, list[str]] = {}
    for field, day in (("opened_on", opened_on), ("closed_on", closed_on)):
        if day is not None and not EARLIEST <= day <= LATEST:
            wrong[field] = [f"{day} cannot be right"]
    if not wrong and opened_on and closed_on and closed_on < opened_on:
        wrong["closed_on"] = [f"{closed_on} is before the opening on {opened_on}"]
    return wrong


def wrong_group(kind: MembershipKind, group: OrganisationKind) -> str | None:
    """Why an organisation of this kind cannot be the group of such a membership."""
    wanted = GROUP_KIND.get(kind)
    if wanted is None or wanted is group:
        return None
    return f"a membership of kind {kind} is in an organisation of kind {wanted}, not {group}"
