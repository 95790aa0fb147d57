"""NumericDate claims (RFC 7519 §2): seconds since 1970, as moments."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.rules.tokens.bad_token import BadToken

SKEW = timedelta(seconds=60)
"""How far ahead another machine's clock may be."""
_LATEST = 253_402_300_799


def moment(value: object) -> datetime:
    """The moment, to the second or finer. Raises `BadToken` (`bad_time`)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise BadToken("bad_time", "not a number of seconds since 1970")
    return datetime.fromtimestamp(value, UTC)


def seconds(at: datetime) -> int:
    """A moment as a claim, to the second."""
    return int(at.timestamp())


def issued_and_ends(
    claims: Mapping[str, Any], *, now: datetime, skew: timedelta = SKEW
) -> tuple[datetime, datetime | None]:
    """`iat`, which has to be there, and `exp`. Raises `BadToken` where the token was issued or
    begins (`nbf`) in the future, or has expired: at its `exp` it has."""
    if "iat" not in claims:
        raise BadToken("claim_missing", "iat")
    issued = moment(claims["iat"])
    ends = moment(claims["exp"]) if "exp" in claims else None
    begins = moment(claims["nbf"]) if "nbf" in claims else issued
    if issued > now + skew:
        raise BadToken("made_in_the_future")
    if begins > now + skew:
        raise BadToken("not_yet_valid")
    if ends is not None and ends <= now:
        raise BadToken("expired")
    return issued, ends
