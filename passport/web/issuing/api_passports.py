"""Issuing by program: the same deeds as the pages of the issuing office."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from passport.actions.issuing import issue_overview, issuing, stated_credentials
from passport.actions.people.people import PAGE
from passport.actions.signing import credential_life
from passport.model.credential_types import Revocation, Suspension, Withdrawal
from passport.model.credentials import Credential, CredentialState
from passport.rules.credentials.credential_states import suspensions
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.issuing.issue_pages import sources
from passport.web.lent import real_now
from passport.web.parsing import uuid_of

resource = Resource("passports", "Staff passports: who has one, decide, suspend, revoke")
_STATE = validate.OneOf([*CredentialState])


class StaffQuery(Strict):
    """By the beginning of a name; `after` is the last person of the page before."""

    search = fields.String(load_default="", validate=validate.Length(max=100))
    after = fields.UUID(load_default=None)


class StaffPassportShape(Answer):
    """A member of staff, and how many of their credentials stand where."""

    person_id = fields.UUID(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    states = fields.Dict(keys=fields.String(validate=_STATE), values=fields.Integer())


class StaffPassportsShape(Answer):
    """A page of staff; `next` is `after` of the next page."""

    people = fields.List(fields.Nested(StaffPassportShape))
    next = fields.UUID(allow_none=True)


class IssuedCredentialShape(Answer):
    """A decision of the organisation, with what it asserts; a photo is left out."""

    id = fields.UUID(required=True)
    type = fields.String(required=True)
    version = fields.Integer(required=True)
    bundle_id = fields.UUID(required=True)
    state = fields.String(required=True, validate=_STATE)
    reasons = fields.List(fields.String())
    """Codes of why it is where it is; several where it is suspended for several."""
    claims = fields.Dict(keys=fields.String())
    decided_at = fields.AwareDateTime(required=True)
    accepted_at = fields.AwareDateTime(allow_none=True)
    changed_at = fields.AwareDateTime(required=True)


class NotIssuableShape(Answer):
    """What is on record and cannot be issued, with the codes of why."""

    type = fields.String(required=True)
    reasons = fields.List(fields.String())


class PassportShape(Answer):
    """Somebody's credentials, what could be issued now, and what could not."""

    person_id = fields.UUID(required=True)
    credentials = fields.List(fields.Nested(IssuedCredentialShape))
    issuable = fields.List(fields.String())
    not_issuable = fields.List(fields.Nested(NotIssuableShape))


class DecideShape(Strict):
    """Which types; all that can be made of the record where none are named."""

    types = fields.List(
        fields.String(validate=validate.Length(1, 60)), load_default=None,
        validate=validate.Length(1, 20),
    )  # fmt: skip


class StatedCredentialShape(Strict):
    """A type, and all that is asserted but for `provider` and `verifier`, which are this
    organisation."""

    type = fields.String(required=True, validate=validate.Length(1, 60))
    claims = fields.Dict(keys=fields.String(), required=True)


class DecidedShape(Answer):
    """The bundle that was decided, and what was left out of it."""

    bundle_id = fields.UUID(required=True)
    types = fields.List(fields.String())
    left_out = fields.List(fields.Nested(NotIssuableShape))


class WithdrawShape(Strict):
    """Why it is taken back before its holder accepted it."""

    reason = fields.String(required=True, validate=validate.OneOf([*Withdrawal]))


class SuspendShape(Strict):
    """Why it is held back, or no longer is."""

    reason = fields.String(required=True, validate=validate.OneOf([*Suspension]))


class RevokeShape(Strict):
    """Why it ends for good."""

    reason = fields.String(required=True, validate=validate.OneOf([*Revocation]))


@resource.read("/passports", query=StaffQuery, answer=StaffPassportsShape)
def list_passports(session: Session, query: Mapping[str, Any]) -> dict[str, Any]:
    """The organisation's people by family name, with how their credentials stand."""
    found = issue_overview.listed(
        session, by=current_actor(), name=query["search"], after=query["after"]
    )
    people = [
        {
            "person_id": one.person.id,
            "given_name": one.person.given_name,
            "family_name": one.person.family_name,
            "states": {state.value: count for state, count in one.states.items()},
        }
        for one in found
    ]
    return {"people": people, "next": found[-1].person.id if len(found) == PAGE else None}


@resource.read("/passports/<person_id>", answer=PassportShape)
def read_passport(session: Session, person_id: str) -> dict[str, Any]:
    """Everything issued to one person, and what could be issued now."""
    by, whom = current_actor(), uuid_of(person_id)
    found = issuing.preview(session, person_id=whom, sources=sources(), by=by, now=real_now())
    plan = found.plan()
    credentials = issue_overview.credentials_of(session, person_id=whom, by=by)
    return {
        "person_id": whom,
        "credentials": [_told(one) for one in credentials],
        "issuable": [one.made.type for one in plan.fresh],
        "not_issuable": _missed(plan.blocked),
    }


@resource.deed("/passports/<person_id>/bundles", body=DecideShape, answer=DecidedShape)
def decide_bundle(session: Session, body: Mapping[str, Any], person_id: str) -> dict[str, Any]:
    """Decide a bundle from what is on record. The holder accepts or turns down each of it."""
    decided = issuing.decide(
        session,
        person_id=uuid_of(person_id),
        types=body["types"],
        sources=sources(),
        by=current_actor(),
        now=real_now(),
    )
    return {
        "bundle_id": decided.bundle_id,
        "types": decided.types,
        "left_out": _missed(decided.left_out),
    }


@resource.deed(
    "/passports/<person_id>/credentials", body=StatedCredentialShape, answer=IssuedCredentialShape
)
def decide_credential(
    session: Session, body: Mapping[str, Any], person_id: str
) -> dict[str, Any]:
    """Decide one credential as stated: what no record is made into, such as a qualification."""
    made = stated_credentials.decide_stated(
        session,
        person_id=uuid_of(person_id),
        kind=body["type"],
        claims=body["claims"],
        by=current_actor(),
        now=real_now(),
    )
    return _told(made)


@resource.deed(
    "/credentials/<credential_id>/withdraw", body=WithdrawShape, answer=IssuedCredentialShape,
    status=200,
)  # fmt: skip
def withdraw_credential(
    session: Session, body: Mapping[str, Any], credential_id: str
) -> dict[str, Any]:
    """Take back what its holder has not accepted yet."""
    return _done(session, credential_life.withdraw, credential_id, Withdrawal(body["reason"]))


@resource.deed(
    "/credentials/<credential_id>/suspend", body=SuspendShape, answer=IssuedCredentialShape,
    status=200,
)  # fmt: skip
def suspend_credential(
    session: Session, body: Mapping[str, Any], credential_id: str
) -> dict[str, Any]:
    """Hold it back for a time; verifiers never learn why."""
    return _done(session, credential_life.suspend, credential_id, Suspension(body["reason"]))


@resource.deed(
    "/credentials/<credential_id>/reinstate", body=SuspendShape, answer=IssuedCredentialShape,
    status=200,
)  # fmt: skip
def reinstate_credential(
    session: Session, body: Mapping[str, Any], credential_id: str
) -> dict[str, Any]:
    """What it was held back for holds no longer."""
    return _done(session, credential_life.reinstate, credential_id, Suspension(body["reason"]))


@resource.deed(
    "/credentials/<credential_id>/revoke", body=RevokeShape, answer=IssuedCredentialShape,
    status=200,
)  # fmt: skip
def revoke_credential(
    session: Session, body: Mapping[str, Any], credential_id: str
) -> dict[str, Any]:
    """End it for good."""
    return _done(session, credential_life.revoke, credential_id, Revocation(body["reason"]))


def _done(
    session: Session, act: Callable[..., None], credential_id: str, reason: Any
) -> dict[str, Any]:
    which: UUID = uuid_of(credential_id)
    act(session, credential_id=which, reason=reason, by=current_actor(), now=real_now())
    found = issue_overview.credential_of(session, credential_id=which, by=current_actor())
    return _told(found)


def _told(one: Credential) -> dict[str, Any]:
    standing = suspensions(one.state, one.reason)
    return {
        "id": one.id,
        "type": one.type,
        "version": one.version,
        "bundle_id": one.bundle_id,
        "state": one.state.value,
        "reasons": sorted(standing) if standing else [one.reason] if one.reason else [],
        "claims": {name: said for name, said in one.claims.items() if name != "photo"},
        "decided_at": one.decided_at,
        "accepted_at": one.accepted_at,
        "changed_at": one.changed_at,
    }


def _missed(found: Any) -> list[dict[str, Any]]:
    return [
        {"type": one.type, "reasons": [reason.code for reason in one.reasons]} for one in found
    ]
