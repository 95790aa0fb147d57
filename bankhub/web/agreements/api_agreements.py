"""The API of workforce-sharing agreements: what is agreed, who sees whom, and each step to it."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.agreements import (
    agreement_ends,
    agreement_signing,
    agreement_views,
    agreements,
)
from bankhub.actions.agreements.agreement_views import AgreementView
from bankhub.actions.agreements.who_sees_whom import matrix
from bankhub.model.agreements import Agreement, AgreementVersion, ReviewArea
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreement_states import ShownState
from bankhub.web.agreements.agreement_shapes import (
    AgreementShape,
    FileShape,
    ReviewShape,
    SignatureShape,
)
from bankhub.web.shapes import chosen, words
from passport.sealing import vault_of
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import lent, now, real_now

resource = Resource("agreement_api", "Workforce-sharing agreements")

LONGEST_NAME = 120
LONGEST_TEXT = 1_000


class AgreementRowShape(Answer):
    """An agreement of the organisation; `under_way` is the number of a version on its way."""

    id = fields.UUID(attribute="agreement.id")
    reference = fields.String(attribute="agreement.reference")
    title = fields.String(attribute="agreement.title")
    state = chosen(ShownState)
    number = fields.Integer()
    under_way = fields.Integer(allow_none=True)
    to_sign = fields.Boolean()
    parties = fields.List(fields.String())
    suspended = fields.List(fields.String())
    from_on = fields.Date(allow_none=True)
    until_on = fields.Date(allow_none=True)


class AgreementList(Answer):
    """The newest first."""

    agreements = fields.List(fields.Nested(AgreementRowShape))


@resource.read("/agreements", answer=AgreementList)
def list_agreements(session: Session) -> dict[str, Any]:
    """The agreements to which the organisation is a party."""
    return {"agreements": agreement_views.listed(session, by=current_actor(), now=now())}


class GradesShape(Answer):
    """A staff group and its grades."""

    staff_group = chosen(StaffGroup)
    grades = fields.List(chosen(Grade))


class SeenPairShape(Answer):
    """Bank staff of `home` see and book shifts of `host`; no sites = all of them."""

    home = fields.String()
    home_ods = fields.String()
    host = fields.String()
    host_ods = fields.String()
    scope = fields.List(fields.Nested(GradesShape))
    sites = fields.List(fields.String())
    excluded_roles = fields.List(fields.String())
    excluded_skills = fields.List(fields.String())
    lead_hours = fields.Integer(allow_none=True)
    from_on = fields.Date()
    until_on = fields.Date()
    agreement_id = fields.UUID()
    named = fields.String()


class MatrixShape(Answer):
    """Who is not here sees nothing."""

    pairs = fields.List(fields.Nested(SeenPairShape))


@resource.read("/agreements/who-sees-whom", answer=MatrixShape)
def who_sees_whom(session: Session) -> dict[str, Any]:
    """Whose staff see whose shifts today, under the organisation's agreements."""
    found = matrix(session, by=current_actor(), now=now())
    names = ("home", "home_ods", "host", "host_ods", "sites", "excluded_roles", "excluded_skills",
             "lead_hours", "from_on", "until_on", "agreement_id", "named")  # fmt: skip
    return {
        "pairs": [
            {name: getattr(one, name) for name in names}
            | {"scope": [{"staff_group": group, "grades": grades} for group, grades in one.scope]}
            for one in found
        ]
    }


@resource.read("/agreements/<uuid:agreement_id>", answer=AgreementShape)
def read_agreement(session: Session, agreement_id: UUID) -> AgreementView:
    """One agreement of the organisation."""
    return _view(session, agreement_id)


def _view(session: Session, agreement_id: UUID) -> AgreementView:
    return agreement_views.one(session, agreement_id=agreement_id, by=current_actor(), now=now())


@resource.read("/agreement-versions/<uuid:version_id>/file", answer=FileShape)
def read_file(session: Session, version_id: UUID) -> dict[str, Any]:
    """A version that went out, as a file; 409 where it has not."""
    return agreement_signing.exported(session, version_id=version_id, by=current_actor())


class DraftRequest(Strict):
    """A new agreement led by the organisation; `terms` as a version shows them."""

    title = words(required=True, most=LONGEST_NAME)
    terms = fields.Dict(keys=fields.String(), required=True)


@resource.deed("/agreements", body=DraftRequest, answer=AgreementShape)
def draft_agreement(session: Session, values: dict[str, Any]) -> AgreementView:
    """A first draft, which only the organisation sees."""
    made: Agreement = agreements.draft(session, **values, by=current_actor(), now=now())
    return _view(session, made.id)


class VaryRequest(Strict):
    """The next version, whole, and what changes in words."""

    terms = fields.Dict(keys=fields.String(), required=True)
    change_note = words(required=True, most=LONGEST_TEXT)


@resource.deed("/agreements/<uuid:agreement_id>/versions", body=VaryRequest, answer=AgreementShape)
def vary_agreement(session: Session, values: dict[str, Any], agreement_id: UUID) -> AgreementView:
    """Draft the next version; the one in force holds until every party has signed."""
    agreements.vary(session, agreement_id=agreement_id, **values, by=current_actor(), now=now())
    return _view(session, agreement_id)


class AccessionRequest(Strict):
    """Who joins, and whom to ring there."""

    party = fields.Dict(keys=fields.String(), required=True)
    contacts = fields.List(
        fields.Dict(keys=fields.String()), load_default=list, validate=validate.Length(max=8)
    )


@resource.deed(
    "/agreements/<uuid:agreement_id>/parties", body=AccessionRequest, answer=AgreementShape
)
def add_party(session: Session, values: dict[str, Any], agreement_id: UUID) -> AgreementView:
    """Let an organisation join: the next version is a deed of accession."""
    agreements.add_party(
        session, agreement_id=agreement_id, **values, by=current_actor(), now=now()
    )
    return _view(session, agreement_id)


class EditRequest(Strict):
    """The draft's terms anew."""

    terms = fields.Dict(keys=fields.String(), required=True)
    title = words(load_default=None, allow_none=True, most=LONGEST_NAME)
    change_note = words(load_default=None, allow_none=True, most=LONGEST_TEXT)


@resource.deed(
    "/agreement-versions/<uuid:version_id>/edit", body=EditRequest, answer=AgreementShape
)
def edit_version(session: Session, values: dict[str, Any], version_id: UUID) -> AgreementView:
    """Change a draft; whoever reviewed it looks again."""
    return _after(session, agreements.edit(session, version_id=version_id, **values, **_who()))


def _who() -> dict[str, Any]:
    return {"by": current_actor(), "now": now()}


def _after(session: Session, version: AgreementVersion) -> AgreementView:
    return _view(session, version.agreement_id)


@resource.deed("/agreement-versions/<uuid:version_id>/to-review", answer=AgreementShape)
def send_to_review(session: Session, version_id: UUID) -> AgreementView:
    """Show the draft to every party and ask the areas to look."""
    return _after(session, agreements.send_to_review(session, version_id=version_id, **_who()))


class ReviewRequest(Strict):
    """What a named person of an area says."""

    area = chosen(ReviewArea, required=True)
    name = words(required=True, most=LONGEST_NAME)
    job_title = words(required=True, most=LONGEST_NAME)
    signed_off = fields.Boolean(required=True)
    comment = words(load_default="", most=LONGEST_TEXT)


@resource.deed(
    "/agreement-versions/<uuid:version_id>/reviews", body=ReviewRequest, answer=ReviewShape
)
def review_version(session: Session, values: dict[str, Any], version_id: UUID) -> Any:
    """Sign a draft off for an area, or send it back."""
    return agreements.review(session, version_id=version_id, **values, **_who())


@resource.deed("/agreement-versions/<uuid:version_id>/send-out", answer=AgreementShape)
def send_out(session: Session, version_id: UUID) -> AgreementView:
    """Freeze the text and ask every party to sign; 409 with every area that has not signed off."""
    return _after(session, agreements.send_out(session, version_id=version_id, **_who()))


@resource.deed("/agreement-versions/<uuid:version_id>/abandon", answer=AgreementShape)
def abandon_version(session: Session, version_id: UUID) -> AgreementView:
    """Give up a version that is not signed by all."""
    return _after(session, agreements.abandon(session, version_id=version_id, **_who()))


class SignRequest(Strict):
    """Who signs, and by what authority."""

    name = words(required=True, most=LONGEST_NAME)
    job_title = words(required=True, most=LONGEST_NAME)
    authority = words(required=True, most=LONGEST_NAME)


@resource.deed(
    "/agreement-versions/<uuid:version_id>/signatures", body=SignRequest, answer=SignatureShape
)
def sign_version(session: Session, values: dict[str, Any], version_id: UUID) -> Any:
    """Sign for the organisation, with its key, exactly the text that went out."""
    return agreement_signing.sign(
        session,
        version_id=version_id,
        **values,
        vault=vault_of(lent().config),
        signed_at=real_now(),
        **_who(),
    )


class SuspendRequest(Strict):
    """Which party, and why: every party reads it."""

    organisation_id = fields.UUID(required=True)
    because = words(required=True, most=LONGEST_TEXT)


@resource.deed(
    "/agreements/<uuid:agreement_id>/suspensions", body=SuspendRequest, answer=AgreementShape
)
def suspend_party(session: Session, values: dict[str, Any], agreement_id: UUID) -> AgreementView:
    """Nothing starts at or from the party until it is lifted."""
    agreement_ends.suspend_party(session, agreement_id=agreement_id, **values, **_who())
    return _view(session, agreement_id)


class LiftRequest(Strict):
    """Which party."""

    organisation_id = fields.UUID(required=True)


@resource.deed(
    "/agreements/<uuid:agreement_id>/lift-suspension", body=LiftRequest, answer=AgreementShape
)
def lift_suspension(session: Session, values: dict[str, Any], agreement_id: UUID) -> AgreementView:
    """Take a suspension back."""
    agreement_ends.lift_suspension(session, agreement_id=agreement_id, **values, **_who())
    return _view(session, agreement_id)


class NoticeRequest(Strict):
    """The last day as a party; as soon as the notice allows where none is given."""

    leaves_on = fields.Date(load_default=None, allow_none=True)


@resource.deed("/agreements/<uuid:agreement_id>/notice", body=NoticeRequest, answer=AgreementShape)
def give_notice(session: Session, values: dict[str, Any], agreement_id: UUID) -> AgreementView:
    """Leave after the notice that the terms ask for, or later."""
    agreement_ends.give_notice(session, agreement_id=agreement_id, **values, **_who())
    return _view(session, agreement_id)


@resource.deed("/agreements/<uuid:agreement_id>/withdraw-notice", answer=AgreementShape)
def withdraw_notice(session: Session, agreement_id: UUID) -> AgreementView:
    """Stay: withdraw the notice that the organisation gave, up to its last day."""
    agreement_ends.withdraw_notice(session, agreement_id=agreement_id, **_who())
    return _view(session, agreement_id)


class TerminateRequest(Strict):
    """Why; for safety at once, else on notice."""

    because = words(required=True, most=LONGEST_TEXT)
    for_safety = fields.Boolean(required=True)
    ends_on = fields.Date(load_default=None, allow_none=True)


@resource.deed(
    "/agreements/<uuid:agreement_id>/terminate", body=TerminateRequest, answer=AgreementShape
)
def terminate_agreement(
    session: Session, values: dict[str, Any], agreement_id: UUID
) -> AgreementView:
    """End the whole agreement for every party."""
    agreement_ends.terminate(session, agreement_id=agreement_id, **values, **_who())
    return _view(session, agreement_id)
