"""The API of what a bank is run by: policy versions, units and rates."""

from typing import Any

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.cascade import policy_views
from bankhub.actions.settings import pay, policies, settings
from bankhub.model.pay_policy import TimeType
from bankhub.model.policies import PolicyKind
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.shift_times import london_day
from bankhub.web.shapes import chosen, words
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import now

resource = Resource("bank_settings", "Policy, units and rates of the organisation")


class PoliciesQuery(Strict):
    """On which day; today where none is given."""

    on = fields.Date(load_default=None)


class PolicyShape(Answer):
    """A version: `national` until the organisation adopts its own."""

    kind = chosen(PolicyKind)
    staff_group = chosen(StaffGroup, allow_none=True)
    from_on = fields.Date()
    source = fields.String()
    illustrative = fields.Boolean()
    national = fields.Boolean()
    values = fields.Dict(keys=fields.String())


class PolicyList(Answer):
    """The versions in force for each kind and staff group; null staff group = all."""

    on = fields.Date()
    policies = fields.List(fields.Nested(PolicyShape))


@resource.read("/policies", query=PoliciesQuery, answer=PolicyList)
def list_policies(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The policies that hold on a day."""
    on = values["on"] or london_day(now())
    found = policy_views.policies_in_force(session, on=on, by=current_actor())
    return {"on": on, "policies": [_policy(one) for one in found]}


def _policy(one: policy_views.PolicyInForce) -> dict[str, Any]:
    version = one.version
    return {
        "kind": one.kind,
        "staff_group": one.staff_group,
        "from_on": version.from_on,
        "source": version.source,
        "illustrative": version.illustrative,
        "national": version.organisation_id is None,
        "values": dict(version.values),
    }


class PolicyRequest(Strict):
    """A version to adopt, whole."""

    kind = chosen(PolicyKind, required=True)
    staff_group = chosen(StaffGroup, allow_none=True, load_default=None)
    from_on = fields.Date(required=True)
    source = words(required=True, most=500)
    values = fields.Dict(keys=fields.String(), required=True)


class AdoptedShape(Answer):
    """The version that was adopted. Shifts in flight keep their openings."""

    id = fields.UUID()
    kind = chosen(PolicyKind)
    staff_group = chosen(StaffGroup, allow_none=True)
    from_on = fields.Date()
    source = fields.String()


@resource.deed("/policies", body=PolicyRequest, answer=AdoptedShape)
def adopt_policy(session: Session, values: dict[str, Any]) -> Any:
    """Adopt a version for the organisation; refused where it would put an agency before a bank."""
    return policies.adopt(session, by=current_actor(), now=now(), **values)


class UnitShape(Answer):
    """A unit and its site."""

    id = fields.UUID()
    code = fields.String()
    name = fields.String()
    cost_centre = fields.String()
    phone = fields.String()
    instant_book = fields.Boolean()
    site_id = fields.UUID()
    site_code = fields.String()
    site_name = fields.String()


class UnitList(Answer):
    """The organisation's open units."""

    units = fields.List(fields.Nested(UnitShape))


@resource.read("/units", answer=UnitList)
def list_units(session: Session) -> dict[str, Any]:
    """The units of the organisation that are open today."""
    found = settings.units_listed(session, by=current_actor(), on=london_day(now()))
    return {
        "units": [
            {
                "id": unit.id,
                "code": unit.code,
                "name": unit.name,
                "cost_centre": unit.cost_centre,
                "phone": unit.phone,
                "instant_book": unit.instant_book,
                "site_id": site.id,
                "site_code": site.code,
                "site_name": site.name,
            }
            for unit, site in found
        ]
    }


class RateShape(Answer):
    """A rate from a day on; own ones stand before national ones."""

    staff_group = chosen(StaffGroup, allow_none=True)
    grade = chosen(Grade)
    time_type = chosen(TimeType)
    pence_per_hour = fields.Integer()
    session_pence = fields.Integer(allow_none=True)
    from_on = fields.Date()
    until = fields.Date(allow_none=True)
    own = fields.Boolean()
    illustrative = fields.Boolean()
    source = fields.String()


class RateList(Answer):
    """Own rates first, then the national list that stands beneath them."""

    rates = fields.List(fields.Nested(RateShape))


@resource.read("/rates", answer=RateList)
def list_rates(session: Session) -> dict[str, Any]:
    """The rates the organisation pays by."""
    return {"rates": settings.rates_listed(session, on=london_day(now()), by=current_actor())}


class RateRequest(Strict):
    """A rate to add."""

    staff_group = chosen(StaffGroup, allow_none=True, load_default=None)
    grade = chosen(Grade, required=True)
    time_type = chosen(TimeType, required=True)
    pence_per_hour = fields.Integer(
        strict=True, required=True, validate=validate.Range(1, 9_999_999)
    )
    from_on = fields.Date(required=True)
    source = words(required=True, most=500)


class AddedRateShape(Answer):
    """The rate that was added."""

    id = fields.UUID()
    staff_group = chosen(StaffGroup, allow_none=True)
    grade = chosen(Grade)
    time_type = chosen(TimeType)
    pence_per_hour = fields.Integer()
    from_on = fields.Date()
    source = fields.String()


@resource.deed("/rates", body=RateRequest, answer=AddedRateShape)
def add_rate(session: Session, values: dict[str, Any]) -> Any:
    """Add a rate from a day on; earlier ones stay for earlier days."""
    return pay.set_rate(session, by=current_actor(), now=now(), **values)
