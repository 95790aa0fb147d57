"""What the API answers about one agreement: its parties, versions, reviews and signatures."""

from marshmallow import fields

from bankhub.model.agreement_terms import PartyRole
from bankhub.model.agreements import ReviewArea, VersionState
from bankhub.rules.agreements.agreement_states import ShownState, Step
from bankhub.web.shapes import chosen, moment
from passport.web.api_base import Answer


class PartyShape(Answer):
    """A party as it stands today."""

    organisation_id = fields.UUID()
    ods = fields.String()
    name = fields.String()
    role = chosen(PartyRole)
    sites = fields.List(fields.String())
    is_lead = fields.Boolean()
    signed = fields.Boolean()
    suspended_at = moment(allow_none=True)
    leaves_on = fields.Date(allow_none=True)
    succeeded_by = fields.String()


class ReviewShape(Answer):
    """What an area said of a draft."""

    area = chosen(ReviewArea)
    name = fields.String()
    job_title = fields.String()
    signed_off = fields.Boolean()
    comment = fields.String()
    at = moment()


class SignatureShape(Answer):
    """A party's signature: `token` is a JWS by its issuer key."""

    organisation_id = fields.UUID()
    name = fields.String()
    job_title = fields.String()
    authority = fields.String()
    at = moment()
    text_hash = fields.String()
    kid = fields.String()
    token = fields.String()


class VersionShape(Answer):
    """A version: its terms, who signed, and what the organisation may do with it now."""

    id = fields.UUID(attribute="version.id")
    number = fields.Integer(attribute="version.number")
    state = chosen(VersionState, attribute="version.state")
    change_note = fields.String(attribute="version.change_note")
    text_hash = fields.String(attribute="version.text_hash", allow_none=True)
    terms = fields.Dict(attribute="version.terms", keys=fields.String())
    in_force = fields.Boolean()
    from_on = fields.Date(allow_none=True)
    until_on = fields.Date(allow_none=True)
    reviews = fields.List(fields.Nested(ReviewShape))
    signatures = fields.List(fields.Nested(SignatureShape))
    unsigned = fields.List(fields.String())
    steps = fields.List(chosen(Step))


class AgreementShape(Answer):
    """One agreement with its parties and versions, the newest first."""

    id = fields.UUID(attribute="agreement.id")
    reference = fields.String(attribute="agreement.reference")
    title = fields.String(attribute="agreement.title")
    state = chosen(ShownState)
    is_lead = fields.Boolean()
    until_on = fields.Date(allow_none=True)
    honoured_until = fields.Date(allow_none=True)
    may_withdraw = fields.Boolean()
    parties = fields.List(fields.Nested(PartyShape))
    versions = fields.List(fields.Nested(VersionShape))


class FileShape(Answer):
    """The text and every signature, to be checked with the trust list alone."""

    format = fields.String()
    agreement = fields.String()
    version = fields.Integer()
    title = fields.String()
    text = fields.String()
    text_sha256 = fields.String()
    parties = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))
    signatures = fields.List(fields.String())
