"""SD-JWT VC: a credential whose holder chooses what to show, and proves to be its holder.

Issued with `typ` `dc+sd-jwt` (SD-JWT VC, draft 19), processed and bound to the holder's key as
RFC 9901 §7 says. Reading and believing are two steps: `read` gives what a text claims to be, so
that the issuer's key can be found, and `SdJwt.check` says whether it holds.

Whether a key binding is needed is the caller's decision alone: with `audience` and `nonce` it must
be there and right, without them it counts for nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.rules.tokens import jws
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PrivateKey, PublicKey, from_jwk, public
from passport.rules.tokens.sd_jwt_processing import (
    MOST_DISCLOSURES,
    can_be_issued,
    digester,
    hide,
    process,
)

TYP, BINDING_TYP = "dc+sd-jwt", "kb+jwt"
NEVER_DISCLOSABLE = frozenset(
    ("iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status")
)
SKEW = timedelta(seconds=60)
"""By how much two clocks may differ."""
OLDEST_BINDING = timedelta(minutes=5)
"""How long a presentation may be under way."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a credential says of its subject, signed by the key it was checked with."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    """What the issuer left visible and the holder disclosed."""
    holder: PublicKey | None
    """The key in `cnf`."""
    bound_at: datetime | None
    """When the holder's key signed this presentation, where that was checked."""

    @property
    def bound(self) -> bool:
        """Whether the holder's key signed for this audience and nonce."""
        return self.bound_at is not None


@dataclass(frozen=True, slots=True)
class SdJwt:
    """A well-formed SD-JWT, not yet believed."""

    issued: jws.Jws
    issuer_claims: Mapping[str, Any]
    """What the issuer signed: digests, and the claims that are always visible."""
    disclosures: tuple[str, ...]
    binding: jws.Jws | None
    bound_text: str
    """What a key binding is about: everything up to and including the last tilde."""

    @property
    def header(self) -> Mapping[str, Any]:
        """The issuer's JOSE header."""
        return self.issued.header

    def check(
        self,
        key: PublicKey,
        *,
        now: datetime,
        audience: str | None,
        nonce: str | None,
        skew: timedelta = SKEW,
    ) -> Presented:
        """What it says, if the issuer's `key` signed it and it holds at `now`. Raises `BadToken`.

        `audience` and `nonce` ask for a key binding and come together (`ValueError` otherwise).
        """
        if (audience is None) != (nonce is None) or "" in (audience, nonce):
            raise ValueError("a key binding is checked by audience and nonce")
        self.issued.check(key)
        is_vc = self.header["typ"] == TYP
        never = NEVER_DISCLOSABLE if is_vc else frozenset[str]()
        claims = process(self.issuer_claims, self.disclosures, never=never).claims
        if is_vc and not _well_formed(claims):
            raise BadToken("bad_claim", "vct or another registered claim")
        _check_times(claims, now, skew)
        _check_audience(claims, audience)
        holder = holder_of(claims)
        bound_at = None
        if audience is not None:
            binding = self._binding(holder)
            if binding.get("aud") != audience:
                raise BadToken("wrong_audience")
            if binding.get("nonce") != nonce:
                raise BadToken("wrong_nonce")
            bound_at = _bound_at(binding, now, skew)
        return Presented(self.header, claims, holder, bound_at)

    def _binding(self, holder: PublicKey | None) -> dict[str, Any]:
        """The claims of the key binding, if `holder` made it for just this text."""
        if self.binding is None:
            raise BadToken("key_binding_missing")
        if holder is None:
            raise BadToken("holder_key_missing")
        if not holder.verifies(self.binding.signed, self.binding.signature):
            raise BadToken("wrong_holder", "the key binding is not signed with the holder's key")
        claims = self.binding.claims
        if claims.get("sd_hash") != digester(self.issuer_claims)(self.bound_text):
            raise BadToken("wrong_sd_hash")
        return claims


def read(text: object, *, typ: str = TYP) -> SdJwt:
    """The parts of an SD-JWT, with or without key binding. Another `typ` than `dc+sd-jwt` is plain
    RFC 9901, without the rules for credentials. Raises `BadToken`."""
    if not isinstance(text, str) or len(text) > jws.MOST_BYTES or "~" not in text:
        raise BadToken("not_a_token")
    issuer_signed, *disclosures, binding = text.split("~")
    issued = jws.read(issuer_signed, typ=typ, key_headers=frozenset({"x5c"}))
    return SdJwt(
        issued,
        issued.claims,
        tuple(disclosures),
        jws.read(binding, typ=BINDING_TYP) if binding else None,
        text.removesuffix(binding),
    )


def issue(
    claims: Mapping[str, Any],
    *,
    disclosable: Collection[str],
    key: PrivateKey,
    header: Mapping[str, Any],
    holder: PublicKey | None,
    decoys: int = 0,
) -> str:
    """A credential with those claims, the `disclosable` ones hidden among `decoys` other digests,
    bound to `holder`. `header` names the issuer's key (`kid`, `x5c`). `ValueError` for what no
    reader of the standard would accept."""
    if not header.keys() <= {"kid", "x5c"}:
        raise ValueError("a header may hold kid and x5c")
    if not can_be_issued(claims) or "cnf" in claims or not _well_formed(claims):
        raise ValueError("a claim has a name or shape that is not the issuer's to give")
    hidden = frozenset(disclosable)
    if NEVER_DISCLOSABLE & hidden or not hidden <= claims.keys():
        raise ValueError("a claim cannot be made disclosable")
    bound = {} if holder is None else {"cnf": {"jwk": holder.jwk}}
    payload, disclosures = hide({**claims, **bound}, hidden, decoys=decoys)
    text = "~".join((jws.write(payload, key, typ=TYP, **header), *disclosures, ""))
    if len(text) > jws.MOST_BYTES or len(disclosures) > MOST_DISCLOSURES:
        raise ValueError("more than a reader takes")
    return text


def present(
    text: object,
    *,
    names: Collection[str],
    holder_key: PrivateKey,
    audience: str,
    nonce: str,
    now: datetime,
) -> str:
    """The credential with the disclosures of those top-level claims, each whole, and of no others,
    bound to audience and nonce by the holder's key. Raises `BadToken`, also for a credential that
    comes with a key binding, has not those claims, or belongs to another key."""
    token = read(text)
    if token.binding is not None:
        raise BadToken("key_binding_not_expected")
    held = process(token.issuer_claims, token.disclosures, never=NEVER_DISCLOSABLE)
    if not set(names) <= set(held.claims):
        raise BadToken("claim_not_held")
    if holder_of(held.claims) != public(holder_key):
        raise BadToken("wrong_holder", "the credential belongs to another key")
    chosen = [one for one in token.disclosures if held.top_level[one] in names]
    shown = "~".join((token.bound_text.partition("~")[0], *chosen, ""))
    binding = {
        "iat": int(now.timestamp()),
        "aud": audience,
        "nonce": nonce,
        "sd_hash": digester(token.issuer_claims)(shown),
    }
    return shown + jws.write(binding, holder_key, typ=BINDING_TYP)


def holder_of(claims: Mapping[str, Any]) -> PublicKey | None:
    """The key in `cnf`, to which a credential is bound. Raises `BadToken`."""
    if "cnf" not in claims:
        return None
    confirmation = claims["cnf"]
    if not isinstance(confirmation, dict):
        raise BadToken("bad_key", "cnf is not an object")
    return from_jwk(confirmation["jwk"]) if "jwk" in confirmation else None


def _well_formed(claims: Mapping[str, Any]) -> bool:
    """Whether the claims that SD-JWT VC §2.2.2 gives a meaning have their shapes."""
    others = claims.get("aka_vcts", [])
    return (
        isinstance(others, list)
        and all(isinstance(vct, str) and vct for vct in (claims.get("vct"), *others))
        and all(isinstance(claims.get(name, ""), str) for name in ("iss", "vct#integrity"))
        and isinstance(claims.get("status", {}), dict)
    )


def _check_times(claims: Mapping[str, Any], now: datetime, skew: timedelta) -> None:
    """Expired counts from the second itself; what lies ahead may be another clock's present."""
    expires, starts, made = _time(claims, "exp"), _time(claims, "nbf"), _time(claims, "iat")
    moment = now.timestamp()
    if expires is not None and expires <= moment:
        raise BadToken("expired")
    ahead = moment + skew.total_seconds()
    if starts is not None and starts > ahead:
        raise BadToken("not_yet_valid")
    if made is not None and made > ahead:
        raise BadToken("made_in_the_future")


def _bound_at(claims: Mapping[str, Any], now: datetime, skew: timedelta) -> datetime:
    _check_times(claims, now, skew)
    at = _time(claims, "iat")
    if at is None:
        raise BadToken("bad_time", "the key binding does not say when it was made")
    if at < (now - OLDEST_BINDING).timestamp():
        raise BadToken("key_binding_too_old")
    return datetime.fromtimestamp(at, UTC)


def _time(claims: Mapping[str, Any], name: str) -> int | float | None:
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken("bad_time")
    return value


def _check_audience(claims: Mapping[str, Any], audience: str | None) -> None:
    if "aud" not in claims:
        return
    meant = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if audience is None or audience not in meant:
        raise BadToken("wrong_audience")
