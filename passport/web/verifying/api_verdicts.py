"""Checks over the API: what somebody shows goes in, the verdict comes out and is put on record."""

from datetime import datetime
from typing import Any

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from passport.actions.signing.signing import Where
from passport.actions.verifying import verdicts
from passport.model.presentations import VerdictRecord
from passport.rules.tokens.gate_token import PREFIX
from passport.web.access import current_actor, signed_in
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import lent, real_now

resource = Resource("api_verdicts", "Checking passports")

MOST_TEXT = 64 * 1024


class ShownShape(Strict):
    """What somebody shows."""

    text = fields.String(required=True, validate=validate.Length(1, MOST_TEXT))
    challenge = fields.String(
        allow_none=True, load_default=None, validate=validate.Regexp(r"[0-9]{4,6}\Z")
    )
    checker = fields.String(load_default="", validate=validate.Length(max=120))


class FindingShape(Answer):
    """One thing that speaks against a plain yes."""

    outcome = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    act = fields.String(required=True)


class FactShape(Answer):
    """One fact, with who says so and when it was checked."""

    kind = fields.String(required=True)
    says = fields.String(required=True)
    by = fields.String(required=True)
    checked = fields.String(required=True, allow_none=True)


class VerdictShape(Answer):
    """The verdict, and the record of it."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    outcome = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    issuer = fields.String(required=True, allow_none=True)
    findings = fields.List(fields.Nested(FindingShape), required=True)
    facts = fields.List(fields.Nested(FactShape), required=True)
    checked = fields.List(fields.String(), required=True)
    not_checked = fields.List(fields.String(), required=True)


class RecordShape(Answer):
    """A check on record; what was shown is not kept."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    channel = fields.String(required=True)
    unit = fields.String(required=True)
    checker = fields.String(required=True)
    offline = fields.Boolean(required=True)
    outcome = fields.String(required=True)
    codes = fields.List(fields.String(), required=True)
    kinds = fields.List(fields.String(), required=True)
    issuer = fields.String(required=True, allow_none=True)
    decision = fields.String(required=True, allow_none=True)


class RecordsShape(Answer):
    """Checks, the latest first."""

    verdicts = fields.List(fields.Nested(RecordShape), required=True)


class BeforeShape(Strict):
    """Where to go on."""

    before = fields.AwareDateTime(load_default=None, allow_none=True)


@resource.deed("/verdicts", body=ShownShape, answer=VerdictShape, shown=True)
def check(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The verdict on the text of a gate code (`SP1:…`) or an SD-JWT VC. It is put on record."""
    found = signed_in()
    text = values["text"].strip()
    kept, judged = verdicts.check(
        session,
        text=text.upper() if text[: len(PREFIX)].upper() == PREFIX else text,
        challenge=values["challenge"],
        checker=values["checker"] or found.display_name or found.email,
        where=Where.of(lent().config),
        by=found.actor,
        now=real_now(),
    )
    verdict = judged.verdict
    return {
        "id": kept.id,
        "at": kept.at,
        "outcome": kept.outcome,
        "name": verdict.name,
        "issuer": judged.issuer_ods,
        "findings": [
            {"outcome": one.outcome.name.lower(), "code": one.code, "detail": one.detail,
             "act": one.act}
            for one in verdict.findings
        ],
        "facts": [
            {"kind": one.kind, "says": one.says, "by": one.by, "checked": one.checked}
            for one in verdict.facts
        ],
        "checked": list(verdict.checked),
        "not_checked": list(verdict.not_checked),
    }  # fmt: skip


@resource.read("/verdicts", answer=RecordsShape, query=BeforeShape)
def list_verdicts(session: Session, values: dict[str, datetime | None]) -> dict[str, Any]:
    """The checks of the organisation, 50 at a time; `before` the last one's moment goes on."""
    found = verdicts.of_organisation(session, by=current_actor(), before=values["before"])
    return {"verdicts": [_told(one) for one in found]}


def _told(one: VerdictRecord) -> dict[str, Any]:
    return {
        "id": one.id, "at": one.at, "channel": one.channel.value, "unit": one.unit,
        "checker": one.checker, "offline": one.offline, "outcome": one.outcome,
        "codes": one.codes, "kinds": one.kinds, "issuer": one.issuer_ods,
        "decision": one.decision,
    }  # fmt: skip
