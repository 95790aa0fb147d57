"""The verdict on a gate token: the code on a phone, read at a door that may have no network.

Every check is made offline, from the trust list and the status lists that the device holds. The
face comes with the token, signed by the issuer; without one a person has to be compared with a
photo ID, so such a verdict is never better than amber.
"""

from collections.abc import Collection, Iterable, Iterator, Set
from datetime import date, datetime
from zoneinfo import ZoneInfo

from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.gate_facts import GateFacts
from passport.rules.tokens.gate_token import GATE, Gate, GateToken, read
from passport.rules.tokens.trust_list import Candidate, TrustList, why_not_trusted
from passport.rules.verifying.registration_standing import registration_findings
from passport.rules.verifying.verdict import (
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
CHECKED = (
    "issuer's signature", "trust list", "holder's signature", "time shown", "withdrawals",
    "age of each check",
)  # fmt: skip
NOT_CHECKED = (
    "right to work", "occupational health", "local induction", "whether a shift is booked here",
)  # fmt: skip
CHECK_PHOTO = "Compare them with a photo ID."


def gate_verdict(
    text: object,
    known: Known,
    *,
    audience: str | Set[str] = GATE,
    challenge: str | None = None,
    seen: Collection[tuple[bytes, int]] = (),
) -> Verdict:
    """The verdict. `seen`: the `Gate.seen` of what was shown to this verifier in the last two
    minutes. Raises nothing."""
    try:
        token = read(text)
        if known.trust is None:
            return Verdict((no_trust_list(),))
        candidate, gate = _believed(token, known.trust, known.now, audience, challenge)
        if gate.seen in seen:
            raise BadToken("seen_before")
    except BadToken as problem:
        if problem.code == "unknown_issuer":
            return Verdict((unknown_issuer(),))
        return Verdict((refused(problem),))
    except LookupError as problem:
        return Verdict((not_trusted(str(problem.args[0])),))
    return _of_facts(gate, candidate, known)


def _believed(
    token: GateToken,
    trust: TrustList,
    now: datetime,
    audience: str | Set[str],
    challenge: str | None,
) -> tuple[Candidate, Gate]:
    """Whose key signed it, and what it says. Raises `BadToken`, and `LookupError` with the code
    where the key was not good when it was used."""
    named = [
        one for one in trust.by_short_kid(token.said.kid) if one.issuer.ods == token.said.ods
    ]
    if not named:
        raise BadToken("unknown_issuer")
    problem = BadToken("bad_signature")
    for one in named:
        try:
            gate = token.check(one.listed.key, now=now, audience=audience, challenge=challenge)
        except BadToken as again:
            problem = again if again.code != "bad_signature" else problem
            continue
        if against := one.listed.why_not(gate.issued_at):
            raise LookupError(against)
        return one, gate
    raise problem


def _of_facts(gate: Gate, candidate: Candidate, known: Known) -> Verdict:
    issuer = candidate.issuer
    by, today = f"{issuer.name} ({issuer.ods})", known.now.astimezone(LONDON).date()
    findings: list[Finding] = []
    shown: list[ShownFact] = []
    for kind, fact, against in _groups(gate.facts, by, today, known):
        if why := why_not_trusted(issuer, candidate.listed.key, kind, gate.issued_at):
            findings.append(may_not_say(kind) if why == "type_not_allowed" else not_trusted(why))
            continue
        shown += fact
        findings += against
    status = gate.status
    findings += status_findings(
        status.uri if status else None, status.idx if status else 0, issuer.ods, known
    )
    if gate.facts.face is None:
        words = "It carries no face that the issuer signed."
        findings.append(Finding(Outcome.AMBER, "check_photo_id", words, CHECK_PHOTO))
    named = "identity" in {fact.kind for fact in shown}
    return Verdict(
        findings=tuple(dict.fromkeys(findings)),
        facts=tuple(shown),
        name=gate.facts.name if named else None,
        face=gate.facts.face if named else None,
        checked=CHECKED,
        not_checked=NOT_CHECKED,
    )


Group = tuple[str, list[ShownFact], list[Finding]]


def _groups(facts: GateFacts, by: str, today: date, known: Known) -> Iterator[Group]:
    """Kind of credential, what it says, and what speaks against it."""
    yield "identity", [ShownFact("identity", facts.name, by)], []
    job = f"{facts.role}, {facts.employer}"
    yield "employment_assignment", [ShownFact("employment_assignment", job, by)], []
    for group in (_registration, _dbs, _training):
        yield from group(facts, by, today, known)


def _registration(facts: GateFacts, by: str, today: date, known: Known) -> Iterable[Group]:
    if entry := facts.registration:
        says = f"{entry.body} {entry.number}: {entry.status.replace('_', ' ')}"
        fact = ShownFact("professional_registration", says, by, entry.checked_on.isoformat())
        against = registration_findings(
            entry.status, entry.source, entry.checked_on, today=today, policy=known.policy
        )
        yield "professional_registration", [fact], list(against)


def _dbs(facts: GateFacts, by: str, today: date, known: Known) -> Iterable[Group]:
    if dbs := facts.dbs:
        says = f"DBS {dbs.level.replace('_', ' ')}, workforce {dbs.workforce}"
        yield "dbs_outcome", [ShownFact("dbs_outcome", says, by, dbs.dated.isoformat())], []


def _training(facts: GateFacts, by: str, today: date, known: Known) -> Iterable[Group]:
    awards = [
        ShownFact("training_award", f"{subject}, level {award.level}", by,
                  award.awarded_on.isoformat())
        for subject, award in facts.training.items()
    ]  # fmt: skip
    if awards:
        yield "training_award", awards, []
