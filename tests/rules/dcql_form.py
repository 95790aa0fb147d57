"""Is a DCQL query as OpenID4VP 1.0 §6 has it? Written from its text, for the queries we sign."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_ID = re.compile(r"[A-Za-z0-9_-]+")
Query = Mapping[str, Any]


def mistakes(query: object) -> Iterator[str]:
    """What in a query is not as the standard has it; nothing = it may be signed."""
    if not isinstance(query, Mapping) or not _list(query.get("credentials")):
        yield "credentials is not a list with entries"
        return
    ids = [one.get("id") if isinstance(one, Mapping) else None for one in query["credentials"]]
    for name in ids:
        if not isinstance(name, str) or not _ID.fullmatch(name) or ids.count(name) > 1:
            yield "an id is missing, not letters and digits, or stands twice"
    for one in query["credentials"]:
        if isinstance(one, Mapping):
            yield from _credential_mistakes(one)
    sets = query.get("credential_sets", [{"options": [[ids[0]]]}])
    if not _list(sets) or not all(_is_set(one, ids) for one in sets):
        yield "credential_sets does not name credentials of the query"


def _credential_mistakes(asked: Query) -> Iterator[str]:
    if asked.get("format") != "dc+sd-jwt":
        yield "a format is not dc+sd-jwt"
    meta = asked.get("meta")
    types = meta.get("vct_values") if isinstance(meta, Mapping) else None
    if not _list(types) or not all(isinstance(one, str) for one in types or ()):
        yield "meta names no types"
    if asked.get("require_cryptographic_holder_binding", True) is not True:
        yield "holder binding is always required"
    claims = asked.get("claims", [])
    if "claims" in asked and not _list(claims):
        yield "claims is empty"
    paths = [tuple(one["path"]) for one in claims if _list(one.get("path"))]
    if len(paths) < len(claims) or len(set(paths)) < len(paths):
        yield "a claim has no path, or one that stands twice"
    ids = {one.get("id") for one in claims}
    sets = asked.get("claim_sets", [[]])
    if "claim_sets" in asked and not (_list(sets) and all(_list(one) for one in sets)):
        yield "claim_sets is empty"
    elif any(name not in ids for one in sets for name in one):
        yield "claim_sets names a claim that is not there"


def _is_set(one: object, ids: Sequence[Any]) -> bool:
    options = one.get("options") if isinstance(one, Mapping) else None
    return _list(options) and all(
        _list(option) and set(option) <= set(ids) for option in options or ()
    )


def _list(value: object) -> bool:
    return isinstance(value, list) and bool(value)
