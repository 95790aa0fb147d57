"""Bodies and queries that the API's own document allows: one plain example for each operation."""

import io
from typing import Any

from tests.support.build import NOW
from tests.support.rosters import roster

MOMENTS = {
    "starts_at": "2026-09-20T07:00:00+01:00",
    "ends_at": "2026-09-20T15:00:00+01:00",
    "starts_from": "2026-09-01T00:00:00+01:00",
    "starts_before": "2026-10-01T00:00:00+01:00",
}
WORDS = {"role": "rn_adult", "reason": "sickness_short", "agreed_how": "phone", "tier": "agency_1",
         "framework": "RM6281", "item": "induction.ward", "starts": "07:00",
         "ends": "15:00"}  # fmt: skip


def example(schema: dict[str, Any], document: dict[str, Any], name: str = "") -> Any:
    """A value the schema allows: what is required or named in `WORDS`, ids that nobody has."""
    schema = resolved(schema, document)
    if "enum" in schema:
        if WORDS.get(name) in schema["enum"]:
            return WORDS[name]
        return next(one for one in schema["enum"] if one is not None)
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        every = schema.get("properties", {})
        needed = {*schema.get("required", ()), *(WORDS.keys() & every.keys())}
        return {one: example(every[one], document, one) for one in sorted(needed)}
    if kind == "string":
        return _text(schema, name)
    plain = {"integer": schema.get("minimum", 1), "number": 1.0, "boolean": False, "array": []}
    return plain[kind]


def _text(schema: dict[str, Any], name: str) -> str:
    by_format = {
        "uuid": "01990000-0000-7000-8000-000000000000",
        "date": NOW.date().isoformat(),
        "date-time": MOMENTS.get(name, MOMENTS["starts_at"]),
    }
    return by_format.get(schema.get("format", ""), WORDS.get(name, "words"))


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference."""
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def operation(document: dict[str, Any], rule: str, method: str) -> dict[str, Any]:
    """The document's operation for a rule of the url map (`<uuid:x>` is `{x}` there)."""
    path = rule
    for part in rule.split("/"):
        if part.startswith("<"):
            path = path.replace(part, "{" + part.strip("<>").rpartition(":")[2] + "}")
    found: dict[str, Any] = document["paths"][path][method.lower()]
    return found


def body_schema(found: dict[str, Any], document: dict[str, Any]) -> dict[str, Any] | None:
    """The JSON body's schema, references resolved; None where there is none."""
    content = found.get("requestBody", {}).get("content", {}).get("application/json")
    return resolved(content["schema"], document) if content else None


def request_parts(document: dict[str, Any], rule: str, method: str) -> dict[str, Any]:
    """Arguments for a test client: the smallest body and query the document allows."""
    found = operation(document, rule, method)
    parts: dict[str, Any] = {}
    schema = body_schema(found, document)
    if schema is not None:
        parts["json"] = example(schema, document)
    if "multipart/form-data" in found.get("requestBody", {}).get("content", {}):
        parts["data"] = {"roster": (io.BytesIO(roster({})), "roster.csv")}
    query = {
        one["name"]: example(one["schema"], document, one["name"])
        for one in found.get("parameters", ())
        if one.get("in") == "query" and one.get("required")
    }
    return {**parts, "query_string": query} if query else parts
