"""May what this person shows be believed, here and now?

Green: everything that was asked holds, and every check is fresh enough. Amber: somebody has to
look, and is told at what. Red: not believed, or not confirmed. The worst finding decides. Each
finding has a code, a sentence for whoever stands at the door, and the one thing to do; none says
why an employer or regulator acted. What was checked and what was not is named beside it.

The verdict says what is proven. Whether somebody may work a shift with it is for the host's policy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from passport.model.freshness import FreshnessPolicy
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.status_list import Status, Statuses, read_list
from passport.rules.tokens.trust_list import TrustList


class Outcome(IntEnum):
    """The worse, the higher."""

    GREEN = 0
    AMBER = 1
    RED = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that speaks against a plain yes."""

    outcome: Outcome
    code: str
    detail: str
    act: str
    """The one thing to do."""


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One fact, with who says so and when it was checked."""

    kind: str
    says: str
    by: str
    """Name and ODS code of the issuer."""
    checked: str | None = None
    """Day of the check, ISO; None = not said."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it."""

    findings: tuple[Finding, ...] = ()
    facts: tuple[ShownFact, ...] = ()
    name: str | None = None
    face: bytes | None = None
    """A WebP that the issuer signed."""
    checked: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The worst finding's; green without any."""
        return max((finding.outcome for finding in self.findings), default=Outcome.GREEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the verifier knows without asking anybody."""

    trust: TrustList | None
    policy: FreshnessPolicy
    now: datetime
    lists: Mapping[str, str] = field(default_factory=dict)
    """Status lists by the address they are published at, as they were fetched."""
    newest: Mapping[str, datetime] = field(default_factory=dict)
    """The `iat` of the newest list ever seen at an address."""


ASK_HR = "Ring the HR office of the organisation that issued it."
SHOW_AGAIN = "Ask them to show it again, live, on their own phone."
CONNECT = "Connect this device once, then check again."
_REFUSED: Mapping[str, tuple[str, str]] = {
    "too_old": ("It was shown too long ago: a copy, or the phone's clock is wrong.", SHOW_AGAIN),
    "too_new": ("The phone's clock is ahead of this device's.", SHOW_AGAIN),
    "expired": ("It has run out.", "Ask them to connect their phone and collect it again."),
    "seen_before": ("This very code was shown here already.", SHOW_AGAIN),
    "challenge_missing": ("It does not answer the digits on this screen.", SHOW_AGAIN),
    "wrong_challenge": ("It answers other digits than those on this screen.", SHOW_AGAIN),
    "key_binding_missing": ("Nothing proves that it was shown by its holder.", SHOW_AGAIN),
    "wrong_audience": ("It was made for somebody else.", SHOW_AGAIN),
    "wrong_nonce": ("It answers another request.", SHOW_AGAIN),
}
_OTHERWISE = ("It is not a passport that can be believed.", SHOW_AGAIN)


def refused(problem: BadToken) -> Finding:
    """A token that was not believed, as a finding."""
    words, act = _REFUSED.get(problem.code, _OTHERWISE)
    clocks = problem.detail if problem.code in ("too_old", "too_new") else ""
    return Finding(Outcome.RED, problem.code, f"{words} {clocks}".strip(), act)


def no_trust_list() -> Finding:
    """Nothing is known of who issues."""
    words = "This device knows no issuers: nothing can be confirmed."
    return Finding(Outcome.RED, "cannot_confirm", words, CONNECT)


def unknown_issuer() -> Finding:
    """The issuer is not on the trust list."""
    words = "Who issued it is not on the trust list."
    return Finding(Outcome.RED, "unknown_issuer", words, ASK_HR)


def not_trusted(code: str) -> Finding:
    """The issuer's key was not good when it was used."""
    words = "The key that signed it was not in force, or has been withdrawn."
    return Finding(Outcome.RED, code, words, ASK_HR)


def may_not_say(kind: str) -> Finding:
    """The issuer is not believed on this kind of fact."""
    words = f"The issuer is not trusted to say anything of {kind.replace('_', ' ')}."
    return Finding(Outcome.AMBER, "type_not_allowed", words, ASK_HR)


def status_findings(uri: str | None, idx: int, ods: str, known: Known) -> Iterable[Finding]:
    """What the status list says, and how old its word is. A suspension is told without a reason:
    it may be the employer's or the regulator's, and is nobody's at the door."""
    if known.trust is None:
        return
    if uri is None:
        words = "It names no place where a withdrawal would be told."
        yield Finding(Outcome.AMBER, "no_status", words, ASK_HR)
        return
    if uri not in known.lists:
        words = "Whether it was withdrawn is not known here."
        yield Finding(Outcome.RED, "cannot_confirm", words, CONNECT)
        return
    try:
        found = _list_at(uri, ods, known)
        status = found.at(idx)
    except BadToken as problem:
        words = "The list of withdrawals on this device cannot be used."
        yield Finding(Outcome.RED, f"status_{problem.code}", words, CONNECT)
        return
    yield from _of_status(status)
    yield from _of_age(found, known)


def _list_at(uri: str, ods: str, known: Known) -> Statuses:
    trust = known.trust
    if trust is None:
        raise BadToken("cannot_confirm")
    found = read_list(
        known.lists[uri],
        uri=uri,
        key=lambda _header: trust.status_keys(ods),
        now=known.now,
        at_least=known.newest.get(uri),
    )
    if against := trust.why_not_status(ods, found.signer, found.iat):
        raise BadToken(against)
    return found


def _of_status(status: Status) -> Iterable[Finding]:
    if status is Status.INVALID:
        words = "It has been withdrawn."
        yield Finding(Outcome.RED, "revoked", words, ASK_HR)
    elif status is not Status.VALID:
        words = "Not currently available."
        yield Finding(Outcome.RED, "suspended", words, ASK_HR)


def _of_age(found: Statuses, known: Known) -> Iterable[Finding]:
    age = known.now - found.iat
    if age <= timedelta(hours=known.policy.status_list_green):
        return
    hours = int(age / timedelta(hours=1))
    words = f"Withdrawals are known here only up to {hours} hours ago."
    if age <= timedelta(hours=known.policy.status_list_amber):
        yield Finding(Outcome.AMBER, "status_old", words, CONNECT)
    else:
        yield Finding(Outcome.RED, "cannot_confirm", words, CONNECT)
