"""May a shift code stand for this?

A code is short enough for a cell of a rota. Start and end are London wall-clock times; an end that
is not after the start is on the next day. A GP's session says which part of the day it is, which
clinical system is used, and how many home visits belong to it; nothing in it identifies a patient.
"""

import re
from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from typing import Any

from bankhub.rules.shifts.patient_details import why_not_write

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+/ .\-]{0,11}")
LONGEST_NAME = 60
MOST_VISITS = 20
DETAILS = ("period", "clinical_system", "visits")


class Period(StrEnum):
    """Which part of a practice's day a session is."""

    AM = "am"
    PM = "pm"
    ON_DAY = "on_day"
    """On call for the day's urgent work."""


def wrong_code(code: str) -> dict[str, list[str]]:
    """What is wrong with the code itself."""
    if _CODE.fullmatch(code):
        return {}
    return {"code": ["Use 1 to 12 letters, digits, blanks, and + / . -"]}


def wrong_fields(fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with what it stands for: field → messages."""
    starts, ends = fields["starts"], fields["ends"]
    checks = (
        ("name", not 0 < len(fields["name"].strip()) <= LONGEST_NAME, "Give it a short name."),
        ("ends", starts == ends, "It must end at another time than it starts."),
        (
            "unpaid_break_minutes",
            not 0 <= fields["unpaid_break_minutes"] < wall_minutes(starts, ends),
            "The break must be shorter than the shift.",
        ),
    )
    wrong = {name: [message] for name, is_wrong, message in checks if is_wrong}
    return {**wrong, **wrong_details(fields["details"])}


def wrong_details(details: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with the details of a GP session."""
    period, system = details.get("period", Period.AM), details.get("clinical_system", "")
    visits = details.get("visits", 0)
    is_count = isinstance(visits, int) and not isinstance(visits, bool)
    checks = (
        ("details", bool(set(details) - set(DETAILS)), f"Use {', '.join(DETAILS)} only."),
        ("period", period not in list(Period), f"Choose one of {', '.join(Period)}."),
        (
            "clinical_system",
            not isinstance(system, str)
            or len(system) > LONGEST_NAME
            or bool(why_not_write("clinical_system", system)),
            "Give the name of the system.",
        ),
        (
            "visits",
            not is_count or not 0 <= visits <= MOST_VISITS,
            f"Ask for 0 to {MOST_VISITS} home visits.",
        ),
    )
    return {name: [message] for name, is_wrong, message in checks if is_wrong}


def wall_minutes(starts: time, ends: time) -> int:
    """Minutes from start to end on a clock that is not changed; the same time is a day later."""
    gone = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    return gone if gone > 0 else gone + 24 * 60
