"""Several credentials, shown together: one verdict.

Rule in plain English. Each credential is judged by itself, and has to be what was asked for. The
worst finding decides. Whatever was shown beyond what was asked is not looked at and not kept.

All of it has to be one person's. One holder key under all of them proves that: only its holder can
sign with it. A wallet may keep a key for each credential, so that nobody can follow it around;
then it is one person's where this installation issued each of them and knows to whom, or where
their one issuer names one subject (`sub`) in each. Where that cannot be seen either, somebody has
to compare (amber). Where two are known to be two people's, it is refused (red): a colleague's
registration is worth nothing beside an own name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any
from uuid import UUID

from passport.model.credential_types import ClaimKind, credential_types
from passport.rules.credentials.credential_claims import disclosable
from passport.rules.verifying import dcql
from passport.rules.verifying.dcql import Query
from passport.rules.verifying.verdict import SHOW_AGAIN, Finding, Outcome, ShownFact, Verdict

COMPARE = "Compare the name on a photo ID with each of them, or ring the HR office that issued it."
LONGEST_PHOTO = 48 * 1024
_PHOTO = re.compile(r"data:image/(?:jpeg|png|webp);base64,[A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One presentation, judged by itself."""

    id: str
    """Of the credential in the query that it answers."""
    verdict: Verdict
    kind: str | None = None
    claims: Mapping[str, Any] | None = None
    """None where the presentation was not believed."""
    holder: str | None = None
    """Thumbprint of the key it is bound to."""
    person: UUID | tuple[str, str] | None = None
    """Whom it was issued to, where that was here; else its issuer and the subject it names."""

    @property
    def believed(self) -> bool:
        """Whether signature, binding and dates hold, whatever else there is to say."""
        return bool(self.verdict.checked)


def combined(query: Query, shown: Sequence[Shown]) -> Verdict:
    """The one verdict on all that was shown to a query."""
    asked = {one["id"]: one for one in query["credentials"]}
    reasons = {one: _why_unanswered(asked[one.id], one) for one in shown}
    good = [one for one, why in reasons.items() if one.believed and why is None]
    ids = [one.id for one in shown]
    findings = [(one.id, finding) for one in shown for finding in one.verdict.findings]
    findings += [(one.id, _not_as_asked(why)) for one, why in reasons.items() if why is not None]
    findings += [(name, MISSING) for name in dcql.unsatisfied(query, ids)]
    first = good[0].verdict if good else Verdict()
    return Verdict(
        findings=(*_of_each(findings), *_of_one_person(good)),
        facts=tuple(fact for one in good for fact in _asked_facts(asked[one.id], one)),
        name=next((one.verdict.name for one in good if _named(asked[one.id], one)), None),
        checked=first.checked,
        not_checked=(
            *first.not_checked,
            *(f"not shown: {_title(name)}" for name in dcql.not_shown(query, ids)),
        ),
    )


def answers_the_query(query: Query, shown: Sequence[Shown]) -> bool:
    """Whether it is an answer that the standard lets a verifier accept, whatever is thought of
    its content: each presentation holds and is what was asked for, and nothing required is left
    out."""
    asked = {one["id"]: one for one in query["credentials"]}
    return all(
        one.believed and _why_unanswered(asked[one.id], one) is None for one in shown
    ) and not dcql.unsatisfied(query, [one.id for one in shown])


def told(verdict: Verdict, photo: str | None = None) -> dict[str, Any]:
    """A verdict as JSON."""
    return {
        "outcome": verdict.outcome.name.lower(),
        "reasons": [
            {"code": one.code, "detail": one.detail, "act": one.act,
             "outcome": one.outcome.name.lower()}
            for one in verdict.findings
        ],
        "name": _storable(verdict.name) if verdict.name else None,
        "photo": photo,
        "facts": [
            {"kind": one.kind, "says": _storable(one.says), "by": one.by, "checked": one.checked}
            for one in verdict.facts
        ],
        "checked": list(verdict.checked),
        "not_checked": list(verdict.not_checked),
    }  # fmt: skip


def _storable(text: str) -> str:
    """Without what no database keeps in a text."""
    return text.replace("\0", "\ufffd")


def without_facts(said: Mapping[str, Any]) -> dict[str, Any]:
    """A verdict as JSON that tells nothing of whose passport it was."""
    return {**said, "name": None, "photo": None, "facts": []}


def without_values(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of it once the purpose no longer allows more: not a sentence, only codes."""
    reasons = [{**one, "detail": "", "act": ""} for one in said["reasons"]]
    return {**without_facts(said), "reasons": reasons}


def photo(query: Query, shown: Sequence[Shown]) -> str | None:
    """The photo of the identity that was shown, where it was asked for."""
    asked = {one["id"]: dcql.asked_names(one) for one in query["credentials"]}
    for one in shown:
        found = (one.claims or {}).get("photo")
        if one.kind == "identity" and "photo" in asked[one.id] and isinstance(found, str):
            fits = len(found) <= LONGEST_PHOTO and _PHOTO.fullmatch(found)
            return found if fits else None
    return None


def _why_unanswered(asked: Query, shown: Shown) -> str | None:
    if shown.claims is None or not shown.believed:
        return None
    return dcql.why_unanswered(asked, shown.claims)


MISSING = Finding(
    Outcome.RED, "credential_missing", "Not shown, and needed for this purpose.", SHOW_AGAIN
)
_NOT_AS_ASKED = {
    "wrong_credential_type": "Another kind of credential was shown in its place.",
    "claim_not_shown": "Something that was asked for was left out.",
    "wrong_value": "It says something else than was asked for.",
}


def _not_as_asked(why: str) -> Finding:
    return Finding(Outcome.RED, why, _NOT_AS_ASKED[why], SHOW_AGAIN)


def _of_each(findings: Sequence[tuple[str, Finding]]) -> Iterator[Finding]:
    """Each finding once, with all the credentials that it is about."""
    titles: dict[Finding, dict[str, None]] = {}
    for name, finding in findings:
        titles.setdefault(finding, {})[_title(name)] = None
    for finding, about in titles.items():
        yield replace(finding, detail=f"{', '.join(about)}: {finding.detail}")


def _of_one_person(shown: Sequence[Shown]) -> Iterator[Finding]:
    if len(shown) < 2 or len({one.holder for one in shown}) == 1:
        return
    people = {one.person for one in shown}
    if any(_are_two(one, other) for one, other in combinations(people, 2)):
        words = "What was shown belongs to more than one person."
        yield Finding(Outcome.RED, "different_people", words, SHOW_AGAIN)
    elif None in people or len(people) > 1:
        words = "That all of it belongs to one person is not proven."
        yield Finding(Outcome.AMBER, "one_person_not_proven", words, COMPARE)


def _are_two(one: object, other: object) -> bool:
    """Whether two different marks stand for two people: an issuer gives each of its people one,
    and what is on record here and what another issuer says cannot be compared."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return bool(one[0] == other[0])
    return isinstance(one, UUID) and isinstance(other, UUID)


def _named(asked: Query, shown: Shown) -> bool:
    return bool(shown.verdict.name) and "legal_family_name" in dcql.asked_names(asked)


def _asked_facts(asked: Query, shown: Shown) -> list[ShownFact]:
    """The facts of a credential that were asked for, and then those that are always visible."""
    kind = credential_types().get(shown.kind or "")
    if kind is None:
        return []
    wanted = [one["path"][0] for one in asked.get("claims", ())]
    titles = {claim.name: claim.title for claim in kind.claims if claim.kind is not ClaimKind.IMAGE}
    always = [name for name in titles if name not in disclosable(kind)]
    order = [titles[name] for name in (*wanted, *always) if name in titles]
    told = ((fact.says.partition(": ")[0], fact) for fact in shown.verdict.facts)
    places = [(order.index(label), fact) for label, fact in told if label in order]
    return [fact for _place, fact in sorted(places, key=lambda one: one[0])]


def _title(name: str) -> str:
    kind = credential_types().get(name)
    return kind.title if kind else name
