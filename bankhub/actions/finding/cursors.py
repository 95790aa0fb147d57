"""Cursors: where a page ended, as an opaque text that comes back with the next request."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from passport.errors import Invalid

_LONGEST = 600


def cursor_text(place: Sequence[Any]) -> str:
    """A place in a list as URL-safe text."""
    plain = json.dumps(list(place), default=_plain, separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def cursor_place(text: str, *kinds: type[Any], gaps: bool = False) -> list[Any]:
    """The place again, each part of its kind; with `gaps` a part may be None.

    Raises `Invalid` for anything else.
    """
    try:
        if len(text) > _LONGEST:
            raise ValueError
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        parts = json.loads(plain)
        if not isinstance(parts, list) or (None in parts and not gaps):
            raise ValueError
        return [
            None if part is None else _read(kind, part)
            for kind, part in zip(kinds, parts, strict=True)
        ]
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
        raise Invalid("cursor", "This is not a place in the list.") from error


def _plain(part: Any) -> str:
    return part.isoformat() if isinstance(part, (date, datetime)) else str(part)


def _read(kind: type[Any], part: Any) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise ValueError
        return moment
    if kind is date:
        return date.fromisoformat(part)
    if kind is UUID:
        return UUID(part)
    if kind in (int, bool) and type(part) is not kind:
        raise ValueError
    return kind(part)
