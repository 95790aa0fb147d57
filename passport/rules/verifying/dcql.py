"""What is asked for, and does what was shown answer it? (DCQL, OpenID4VP 1.0 §6 and §7)

Rule in plain English. A query names credentials by type and the claims wanted of each; where a
claim is wanted only if it is held, the combinations are listed, the fullest first. What comes back
is compared with the query by us, whatever the wallet did: only what was asked for, each of the
type, with the claims, with the values, as many as were wanted, and nothing that is required left
out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.sd_jwt import TYP

FORMAT = TYP
MOST_PRESENTATIONS = 64
"""In one answer."""
Query = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One credential of a query to be."""

    id: str
    vcts: tuple[str, ...]
    claims: tuple[str, ...] = ()
    if_held: tuple[str, ...] = ()
    required: bool = True
    many: bool = False
    values: Mapping[str, Sequence[str | int | bool]] | None = None
    """By claim: what its value has to be one of."""


def query(wanted: Sequence[Wanted]) -> dict[str, Any]:
    """The query that asks for just that."""
    asked: dict[str, Any] = {"credentials": [_credential(one) for one in wanted]}
    if not all(one.required for one in wanted):
        always = [one.id for one in wanted if one.required]
        sets: list[dict[str, Any]] = [{"options": [always]}] if always else []
        sets += [
            {"options": [[one.id]], "required": False} for one in wanted if not one.required
        ]
        asked["credential_sets"] = sets
    return asked


def _credential(wanted: Wanted) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "id": wanted.id, "format": FORMAT, "meta": {"vct_values": list(wanted.vcts)}
    }  # fmt: skip
    if wanted.many:
        asked["multiple"] = True
    names = (*wanted.claims, *wanted.if_held)
    if names:
        values = wanted.values or {}
        asked["claims"] = [
            {
                **({"id": name} if wanted.if_held else {}),
                "path": [name],
                **({"values": list(values[name])} if name in values else {}),
            }
            for name in names
        ]
    if wanted.if_held:
        asked["claim_sets"] = [
            [*wanted.claims, *held]
            for size in range(len(wanted.if_held), -1, -1)
            for held in combinations(wanted.if_held, size)
            if wanted.claims or held
        ]
    return asked


def answers(query: Query, vp_token: object) -> dict[str, list[str]]:
    """The presentations by the credential they answer. Raises `BadToken` (`bad_vp_token`) for
    anything but an object of arrays under the query's own names, one each unless more were asked
    for."""
    if not isinstance(vp_token, dict) or not vp_token:
        raise BadToken("bad_vp_token", "not an object of presentations by credential id")
    asked = {one["id"]: one for one in query["credentials"]}
    for name, shown in vp_token.items():
        if name not in asked:
            raise BadToken("bad_vp_token", "answers a credential that was not asked for")
        if not isinstance(shown, list) or not shown:
            raise BadToken("bad_vp_token", "not a list of presentations")
        if any(not isinstance(one, str) for one in shown):
            raise BadToken("bad_vp_token", "a presentation is not text")
        if len(shown) > 1 and not asked[name].get("multiple", False):
            raise BadToken("bad_vp_token", "more than one presentation where one was asked for")
    if sum(map(len, vp_token.values())) > MOST_PRESENTATIONS:
        raise BadToken("bad_vp_token", f"more than {MOST_PRESENTATIONS} presentations")
    return vp_token


def why_unanswered(asked: Query, claims: Mapping[str, Any]) -> str | None:
    """Why those claims do not answer one credential of a query: `wrong_credential_type`,
    `claim_not_shown` or `wrong_value`; None = they do."""
    types = asked["meta"].get("vct_values")
    if types is not None and not ({claims.get("vct"), *claims.get("aka_vcts", ())} & set(types)):
        return "wrong_credential_type"
    wanted = asked.get("claims", ())
    sets = asked.get("claim_sets")
    if sets is None:
        return _why_not_all(wanted, claims)
    by_id = {one["id"]: one for one in wanted}
    reasons = [_why_not_all([by_id[name] for name in one], claims) for one in sets]
    return None if None in reasons else reasons[-1]


def asked_names(asked: Query) -> frozenset[str]:
    """The claims at the top of a credential that its query speaks of."""
    return frozenset(one["path"][0] for one in asked.get("claims", ()))


def unsatisfied(query: Query, answered: Sequence[str]) -> list[str]:
    """Ids that had to be answered and were not; of alternatives, those of the first."""
    shown = set(answered)
    sets = query.get("credential_sets")
    if sets is None:
        return [one["id"] for one in query["credentials"] if one["id"] not in shown]
    missing: list[str] = []
    for one in sets:
        options = one["options"]
        if one.get("required", True) and not any(set(option) <= shown for option in options):
            missing += [name for name in options[0] if name not in shown]
    return list(dict.fromkeys(missing))


def not_shown(query: Query, answered: Sequence[str]) -> list[str]:
    """Ids that were asked for and, as was allowed, not answered."""
    missing = {*answered, *unsatisfied(query, answered)}
    return [one["id"] for one in query["credentials"] if one["id"] not in missing]


def _why_not_all(wanted: Sequence[Query], claims: Mapping[str, Any]) -> str | None:
    return next(filter(None, (_why_not(one, claims) for one in wanted)), None)


def _why_not(wanted: Query, claims: Mapping[str, Any]) -> str | None:
    found = select(claims, wanted["path"])
    if not found:
        return "claim_not_shown"
    values = wanted.get("values")
    if values is not None and not any(_same(one, value) for one in found for value in values):
        return "wrong_value"
    return None


def _same(one: object, other: object) -> bool:
    """Equal in type and value: 1, 1.0 and true are three things."""
    return type(one) is type(other) and one == other


def select(claims: Any, path: Sequence[str | int | None]) -> list[Any]:
    """What a claims path pointer selects (§7.1.1); nothing where the pointer does not fit."""
    selected = [claims]
    for step in path:
        following: list[Any] = []
        for element in selected:
            if isinstance(step, str):
                if not isinstance(element, Mapping):
                    return []
                following += [element[step]] if step in element else []
            elif not isinstance(element, list):
                return []
            elif step is None:
                following += element
            else:
                following += element[step : step + 1]
        selected = following
    return selected
