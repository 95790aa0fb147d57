"""The verdict on a credential: an SD-JWT VC, shown online to a request or kept as a file.

Where it answers a request (`audience` and `nonce`) its holder's key has to have signed for just
that. A credential that comes without is only as good as whoever hands it over, so its verdict is
never better than amber.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from passport.model.credential_types import credential_types
from passport.rules.credentials.credential_claims import name_of_vct
from passport.rules.tokens import sd_jwt
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.numeric_dates import moment
from passport.rules.tokens.sd_jwt import Presented, SdJwt
from passport.rules.tokens.status_list import read_reference
from passport.rules.tokens.trust_list import Candidate, TrustList, why_not_trusted
from passport.rules.verifying.registration_standing import RING_BANK, registration_findings
from passport.rules.verifying.verdict import (
    ASK_HR,
    Finding,
    Known,
    Outcome,
    ShownFact,
    Verdict,
    may_not_say,
    no_trust_list,
    not_trusted,
    refused,
    status_findings,
    unknown_issuer,
)

LONDON = ZoneInfo("Europe/London")
REGISTRATION = "professional_registration"
CHECKED = ("issuer's signature", "trust list", "dates", "withdrawals", "age of each check")
BOUND = "holder's signature"
NOT_CHECKED = ("the person against a photo", "right to work at this employer", "local induction")
NEVER_SHOWN = frozenset(
    (*sd_jwt.NEVER_DISCLOSABLE, "sub", "iat", "photo")
)
"""Claims that stand on no line of a verdict."""


def credential_verdict(
    text: object, known: Known, *, audience: str | None = None, nonce: str | None = None
) -> Verdict:
    """The verdict. `audience` and `nonce` (both or neither) of the request it has to answer.
    Raises nothing."""
    try:
        token = sd_jwt.read(text)
        if known.trust is None:
            return Verdict((no_trust_list(),))
        if not _named(token, known.trust):
            raise BadToken("unknown_issuer")
        kind = name_of_vct(known.trust.vct_base, token.issuer_claims.get("vct"))
        if kind is None:
            raise BadToken("unknown_type")
        candidate, said = _believed(token, known, audience, nonce)
        findings = list(_findings(kind, candidate, said, known))
    except BadToken as problem:
        unknown = problem.code == "unknown_issuer"
        return Verdict((unknown_issuer() if unknown else refused(problem),))
    believed = not any(one.code == "type_not_allowed" for one in findings)
    return Verdict(
        findings=tuple(dict.fromkeys(findings)),
        facts=tuple(_facts(kind, candidate, said)) if believed else (),
        name=_name(said.claims) if believed and kind == "identity" else None,
        checked=(*CHECKED, BOUND) if said.bound else CHECKED,
        not_checked=NOT_CHECKED if said.bound else (BOUND, *NOT_CHECKED),
    )


def _believed(
    token: SdJwt, known: Known, audience: str | None, nonce: str | None
) -> tuple[Candidate, Presented]:
    problem = BadToken("unknown_issuer")
    for one in _named(token, known.trust):
        try:
            said = token.check(one.listed.key, now=known.now, audience=audience, nonce=nonce)
        except BadToken as again:
            problem = again
            if again.code == "bad_signature":
                continue
            raise
        if one.issuer.iss is not None and said.claims.get("iss", one.issuer.iss) != one.issuer.iss:
            problem = BadToken("wrong_issuer", "it names another issuer than its key's owner")
            continue
        return one, said
    raise problem


def _named(token: SdJwt, trust: TrustList | None) -> list[Candidate]:
    kid = token.header.get("kid")
    return trust.by_kid(kid) if trust is not None and isinstance(kid, str) else []


def _findings(
    kind: str, candidate: Candidate, said: Presented, known: Known
) -> Iterator[Finding]:
    issuer, claims = candidate.issuer, said.claims
    issued = moment(claims["iat"]) if "iat" in claims else known.now
    if why := why_not_trusted(issuer, candidate.listed.key, kind, issued):
        yield may_not_say(kind) if why == "type_not_allowed" else not_trusted(why)
    status = read_reference(claims["status"]) if "status" in claims else None
    uri, idx = (status.uri, status.idx) if status else (None, 0)
    yield from status_findings(uri, idx, issuer.ods, known)
    if not said.bound:
        words = "Nothing proves that whoever shows it is its holder."
        yield Finding(Outcome.AMBER, "holder_not_proven", words, "Compare them with a photo ID.")
    if kind == REGISTRATION:
        yield from _of_registration(claims, known)


def _of_registration(claims: Mapping[str, Any], known: Known) -> Iterable[Finding]:
    if claims.get("restrictions"):
        words = "The registration is not a plain one."
        yield Finding(Outcome.AMBER, "registration_to_ask_about", words, RING_BANK)
    checked = _day(claims.get("checked_at"))
    if checked is None:
        words = "It does not say when the register was looked at."
        yield Finding(Outcome.RED, "claim_missing", words, ASK_HR)
        return
    yield from registration_findings(
        str(claims.get("registration_status")).lower(),
        str(claims.get("source")).lower(),
        checked,
        today=known.now.astimezone(LONDON).date(),
        policy=known.policy,
    )


def _day(value: object) -> date | None:
    """The London day of an ISO moment or day."""
    try:
        at = datetime.fromisoformat(str(value))
        return at.astimezone(LONDON).date() if at.tzinfo else at.date()
    except (ValueError, OverflowError):
        return None


def _facts(kind: str, candidate: Candidate, said: Presented) -> Iterator[ShownFact]:
    titles = {claim.name: claim.title for claim in credential_types()[kind].claims}
    by = f"{candidate.issuer.name} ({candidate.issuer.ods})"
    checked = said.claims.get("last_refresh")
    for name, value in said.claims.items():
        if name in titles and name not in NEVER_SHOWN:
            day = checked if isinstance(checked, str) else None
            yield ShownFact(kind, f"{titles[name]}: {_plain(value)}", by, day)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(_plain, value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(_plain(one) for one in value.values())
    return {True: "yes", False: "no"}.get(value, str(value)) if type(value) is bool else str(value)


def _name(claims: Mapping[str, Any]) -> str | None:
    parts = (claims.get("legal_given_names"), claims.get("legal_family_name"))
    return " ".join(one for one in parts if isinstance(one, str)) or None
