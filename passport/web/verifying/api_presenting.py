"""Asking for a passport by program: the same deeds as the pages."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from passport.actions.verifying import presented_checks, presenting
from passport.actions.verifying.presented_checks import CheckState
from passport.sealing import vault_of
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import ask_limits, lent, real_now
from passport.web.parsing import uuid_of
from passport.web.verifying.openid4vp import where

resource = Resource("presentations", "Asking somebody to show their passport")


class WantedShape(Strict):
    """One credential type, and which of its claims."""

    type = fields.String(required=True, validate=validate.Length(1, 60))
    claims = fields.List(
        fields.String(validate=validate.Length(1, 60)), required=True,
        validate=validate.Length(max=40),
    )  # fmt: skip


class AskShape(Strict):
    """What for; without `credentials` all that the purpose allows is asked."""

    purpose = fields.String(required=True, validate=validate.Length(1, 60))
    agreement = fields.String(load_default=None, validate=validate.Length(1, 60))
    """Reference and version, e.g. `WSA-7 v3`; without it the widest that is in force."""
    response_mode = fields.String(
        load_default=presenting.ENCRYPTED, validate=validate.OneOf(presenting.RESPONSE_MODES)
    )
    by_link = fields.Boolean(load_default=False)
    """Sent to somebody who answers when they can: good for as long as the purpose says."""
    credentials = fields.List(
        fields.Nested(WantedShape), load_default=None, validate=validate.Length(1, 20)
    )


class PresentationFindingShape(Answer):
    """One thing that speaks against a plain yes."""

    code = fields.String(required=True)
    detail = fields.String(required=True)
    act = fields.String(required=True)
    outcome = fields.String(required=True)


class PresentedFactShape(Answer):
    """One fact, with who says so and when it was checked."""

    kind = fields.String(required=True)
    says = fields.String(required=True)
    by = fields.String(required=True)
    checked = fields.String(allow_none=True)


class CheckShape(Answer):
    """A request, and what came of it; `outcome` is null until it was answered."""

    id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf([*CheckState]))
    purpose = fields.String(required=True)
    basis = fields.String(required=True)
    agreement = fields.String(required=True)
    """Under which it was asked; empty where none is needed."""
    clauses = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    """Credential type → the clause that permits asking for it."""
    asked = fields.Dict(keys=fields.String(), required=True)
    """The DCQL query."""
    uri = fields.String(allow_none=True)
    """For a wallet, while it waits."""
    made_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    answered_at = fields.AwareDateTime(allow_none=True)
    error = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    reasons = fields.List(fields.Nested(PresentationFindingShape))
    facts = fields.List(fields.Nested(PresentedFactShape))
    checked = fields.List(fields.String())
    not_checked = fields.List(fields.String())
    kept_until = fields.AwareDateTime(allow_none=True)
    decision = fields.String(allow_none=True)


@resource.deed("/presentation-requests", body=AskShape, answer=CheckShape)
def ask(session: Session, body: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for a passport: nothing outside the purpose and the agreement it needs is signed."""
    wanted = body["credentials"]
    made = presenting.ask(
        session,
        purpose=body["purpose"],
        limits=ask_limits(),
        agreement=body["agreement"],
        only=None if wanted is None else {one["type"]: one["claims"] for one in wanted},
        response_mode=body["response_mode"],
        by_link=body["by_link"],
        vault=vault_of(lent().config),
        where=where(),
        by=current_actor(),
        now=real_now(),
    )
    return _told(session, made.id)


@resource.read("/presentation-requests/<request_id>", answer=CheckShape)
def read(session: Session, request_id: str) -> dict[str, Any]:
    """What came of a request."""
    return _told(session, uuid_of(request_id))


def _told(session: Session, request_id: UUID) -> dict[str, Any]:
    by, now = current_actor(), real_now()
    check = presented_checks.look(session, request_id=request_id, by=by, now=now)
    uri = None
    if check.state is CheckState.WAITING:
        uri = presented_checks.uri(
            session, request_id=request_id, vault=vault_of(lent().config), where=where(), by=by,
            now=now,
        )  # fmt: skip
    return {
        "id": check.id,
        "state": check.state.value,
        "purpose": check.purpose.code,
        "basis": check.purpose.basis,
        "agreement": check.agreement,
        "clauses": dict(check.clauses),
        "asked": check.asked,
        "uri": uri,
        "made_at": check.made_at,
        "expires_at": check.expires_at,
        "answered_at": check.answered_at,
        "error": check.failed_because,
        "kept_until": check.forget_at,
        "decision": check.decision,
        **presented_checks.said(check),
    }
