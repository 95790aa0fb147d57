"""Throwing generated requests at the API and listing where an answer is not what its document says.

The document's own generator would ask for identifiers that nothing has and for words the trade
does not know; so the requests are aimed: where a field names a thing, the trust's own are among
the choices. The answers are held against the document as it is served.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from schemathesis import Config, openapi
from schemathesis.engine import events, from_schema

from tests.support.api_examples import MOMENTS, WORDS, resolved
from tests.support.callers import BASE
from tests.support.trust_keys import Trust
from tests.support.walks import document_of

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
SEED = 20260907
NOBODYS = "01990000-0000-7000-8000-000000000000"
LIKELY: dict[str, list[Any]] = {
    **{name: [moment] for name, moment in MOMENTS.items()},
    **{name: [word] for name, word in WORDS.items()},
    "from_on": ["2026-09-01", "2027-01-01"],
    "until_on": ["2026-10-01"],
    "first": ["2026-08-03"],
    "last": ["2026-09-07"],
    "since": ["2026-01-01T00:00:00+00:00"],
    "grade": ["band_5"],
}
"""What a caller would send, by the field's name."""


@dataclass
class Report:
    """What a run asked and what it found."""

    found: dict[str, str] = field(default_factory=dict)
    """Each distinct failure, with a request that shows it."""
    answers: dict[str, Counter[int]] = field(default_factory=dict)
    """How often each operation answered what."""

    def __str__(self) -> str:
        return "\n".join(f"{what}\n    {how}" for what, how in sorted(self.found.items()))


def fuzz(
    app: Flask, trust: Trust, *, only: str = "", phases: tuple[str, ...] = ("coverage", "fuzzing")
) -> Report:
    """Ask everything the document allows, and much that it does not, as the trust's insider."""
    schema = openapi.from_dict(aimed(document_of(app), trust), config=_config(trust, phases))
    schema.app = app
    report = Report()
    for event in from_schema(schema.include(path_regex=only) if only else schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _read(event.recorder, report)
        elif isinstance(event, events.NonFatalError):
            report.found[f"{event.label}: {event.value!r}"] = "no request"
        elif isinstance(event, events.FatalError):
            raise event.exception
    return report


def _config(trust: Trust, phases: tuple[str, ...]) -> Config:
    every = ("examples", "coverage", "fuzzing", "stateful")
    on: dict[str, dict[str, Any]] = {name: {"enabled": name in phases} for name in every}
    on["coverage"]["unexpected-methods"] = ["DELETE"]
    on["fuzzing"]["generation"] = {"mode": "positive"}
    return Config.from_dict({
        "seed": SEED,
        "workers": 1,
        "base-url": BASE,
        "continue-on-failure": True,
        "headers": {"Authorization": f"Bearer {trust.keys['insider'].token}"},
        "generation": {"max-examples": 12, "database": "none"},
        "phases": on,
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
    })  # fmt: skip


def _read(recorder: Any, report: Report) -> None:
    answers = report.answers.setdefault(recorder.label, Counter())
    answers.update(
        one.response.status_code for one in recorder.interactions.values() if one.response
    )
    for checks in recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                what = failure.message.partition("\n")[0]
                said = f"{recorder.label}: {check.name}: {what}"
                report.found.setdefault(said, check.failure_info.code_sample)


def aimed(document: dict[str, Any], trust: Trust) -> dict[str, Any]:
    """The document with the trust's own things among what may be sent."""
    for operations in document["paths"].values():
        for parameter in operations.get("parameters", ()):
            ids = [*trust.things[parameter["name"]], NOBODYS]
            parameter["schema"] = {"type": "string", "enum": ids}
        for operation in (one for one in operations.values() if isinstance(one, dict)):
            for parameter in operation.get("parameters", ()):
                _aim(parameter, "schema", parameter["name"], trust)
            for content in operation.get("requestBody", {}).get("content", {}).values():
                properties = resolved(content["schema"], document)["properties"]
                for name in properties:
                    _aim(properties, name, name, trust)
    return document


def _aim(holder: dict[str, Any], place: str, name: str, trust: Trust) -> None:
    likely = trust.things.get(name, LIKELY.get(name, ()))
    known = holder[place].get("enum")
    allowed = [one for one in likely if known is None or one in known]
    if allowed:
        holder[place] = {"enum": allowed}
