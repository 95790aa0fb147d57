"""Can this be a site or a unit, as it was sent?

A site's code is its ODS site code where it has one; a practice or a care home without further
sites uses its own ODS code. A unit's code is the roster's.
"""

import re
from collections.abc import Mapping
from typing import Any

from passport.rules.people.organisation_entry import wrong_fields

SITE_CODE = re.compile(r"[A-Z0-9]{3,12}")
UNIT_CODE = re.compile(r"[A-Z0-9][A-Z0-9 ._/&-]{0,39}")


def wrong_site(code: str, fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """Messages by field; only the fields given are looked at."""
    wrong = wrong_fields(fields)
    if not SITE_CODE.fullmatch(code):
        wrong["site_code"] = [f"“{code}” is not a site code: 3 to 12 capital letters and digits"]
    for field, limit in (("latitude", 90), ("longitude", 180)):
        degrees = fields.get(field)
        if degrees is not None and not -limit <= degrees <= limit:
            wrong[field] = [f"{degrees} is not between -{limit} and {limit} degrees"]
    return wrong


def wrong_unit(code: str, fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """Messages by field; only the fields given are looked at."""
    wrong = wrong_fields(fields)
    if not UNIT_CODE.fullmatch(code):
        wrong["unit_code"] = [f"“{code}” is not a unit code: up to 40 capital letters, digits, -/."]
    for field, longest in (("cost_centre", 40), ("phone", 40)):
        if len(fields.get(field, "")) > longest:
            wrong[field] = [f"Use {longest} characters at most."]
    return wrong
