"""Does the value of one claim have its form, and how does JSON Schema say the same?

Each kind of claim is described twice in this file, side by side: as a question to a value and as
a JSON Schema 2020-12, so that the two cannot drift apart. Text is what a person can read: no
control characters, nothing that turns or hides other characters, no blanks at the ends.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from passport.model.credential_types import Claim, ClaimKind, CredentialType

LONGEST_IMAGE = 40_000
_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
_BLANK = r" \u00a0\u3000"
_TEXT = f"[^{_UNSEEN}{_BLANK}](?:[^{_UNSEEN}]*[^{_UNSEEN}{_BLANK}])?"
_DAY = "(?:1[89]|2[01])[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_MONTH = "(?:1[89]|2[01])[0-9]{2}(?:-(?:0[1-9]|1[0-2]))?"
_MOMENT = f"{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
_IMAGE = (
    "data:image/(?:jpeg;base64,/9j/|webp;base64,UklG)"
    "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
)
_HOLDS_TEXT = frozenset({ClaimKind.TEXT, ClaimKind.CODE})


def wrong_value(claim: Claim, value: object) -> str | None:
    """Why this cannot be one value of the claim; a group's own claims are looked at elsewhere.

    The answer never repeats the value.
    """
    return _ASKED[claim.kind](claim, value)


def value_schema(claim: Claim, kind: CredentialType) -> dict[str, Any]:
    """JSON Schema of one value of the claim; a group's own claims are added elsewhere."""
    schema = _SCHEMAS[claim.kind](claim)
    if claim.kind in _HOLDS_TEXT and kind.shapes:
        schema["not"] = {"anyOf": [{"pattern": shape.pattern} for shape in kind.shapes]}
    return schema


def _fits(pattern: str, value: object, longest: int) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= longest
        and re.fullmatch(pattern, value) is not None
        and (value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value))
    )


def _text(claim: Claim, value: object) -> str | None:
    if _fits(_TEXT, value, claim.longest):
        return None
    return f"must be plain text of 1 to {claim.longest} characters, with no blanks at the ends"


def _code(claim: Claim, value: object) -> str | None:
    if _fits(claim.pattern, value, claim.longest):
        return None
    return f"does not have its form ({claim.help or claim.pattern})"


def _choice(claim: Claim, value: object) -> str | None:
    if isinstance(value, str) and value in claim.choices:
        return None
    return f"must be one of {', '.join(claim.choices)}"


def _is_day(value: object) -> bool:
    if not (isinstance(value, str) and _fits(_DAY, value, 10)):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _date(_claim: Claim, value: object) -> str | None:
    return None if _is_day(value) else "must be a day as YYYY-MM-DD"


def _partial_date(_claim: Claim, value: object) -> str | None:
    if _is_day(value) or _fits(_MONTH, value, 7):
        return None
    return "must be a year, month or day as YYYY, YYYY-MM or YYYY-MM-DD"


def _moment(_claim: Claim, value: object) -> str | None:
    if isinstance(value, str) and _fits(_MOMENT, value, 20):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return None
    return "must be a moment in UTC as YYYY-MM-DDThh:mm:ssZ"


def _flag(_claim: Claim, value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _image(_claim: Claim, value: object) -> str | None:
    if _fits(_IMAGE, value, LONGEST_IMAGE):
        return None
    return f"must be a JPEG or WebP as a data URL of at most {LONGEST_IMAGE} characters"


def _group(_claim: Claim, value: object) -> str | None:
    return None if isinstance(value, Mapping) else "must be a group of claims"


_ASKED: Mapping[ClaimKind, Callable[[Claim, object], str | None]] = {
    ClaimKind.TEXT: _text,
    ClaimKind.CODE: _code,
    ClaimKind.CHOICE: _choice,
    ClaimKind.DATE: _date,
    ClaimKind.PARTIAL_DATE: _partial_date,
    ClaimKind.MOMENT: _moment,
    ClaimKind.FLAG: _flag,
    ClaimKind.IMAGE: _image,
    ClaimKind.GROUP: _group,
}


def whole(pattern: str) -> str:
    """A pattern that the whole text has to fit, as JSON Schema writes it."""
    return f"^(?:{pattern})$"


_DAY_SCHEMA: Mapping[str, Any] = {"type": "string", "format": "date", "pattern": whole(_DAY)}
_SCHEMAS: Mapping[ClaimKind, Callable[[Claim], dict[str, Any]]] = {
    ClaimKind.TEXT: lambda claim: {
        "type": "string", "maxLength": claim.longest, "pattern": whole(_TEXT),
    },
    ClaimKind.CODE: lambda claim: {
        "type": "string", "maxLength": claim.longest, "pattern": whole(claim.pattern),
    },
    ClaimKind.CHOICE: lambda claim: {"type": "string", "enum": list(claim.choices)},
    ClaimKind.DATE: lambda _claim: dict(_DAY_SCHEMA),
    ClaimKind.PARTIAL_DATE: lambda _claim: {
        "anyOf": [dict(_DAY_SCHEMA), {"type": "string", "pattern": whole(_MONTH)}]
    },
    ClaimKind.MOMENT: lambda _claim: {
        "type": "string", "format": "date-time", "pattern": whole(_MOMENT),
    },
    ClaimKind.FLAG: lambda _claim: {"type": "boolean"},
    ClaimKind.IMAGE: lambda _claim: {
        "type": "string", "maxLength": LONGEST_IMAGE, "pattern": whole(_IMAGE),
    },
    ClaimKind.GROUP: lambda _claim: {"type": "object"},
}  # fmt: skip
