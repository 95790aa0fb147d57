"""The API of what a bank is run by: policy versions, units, shift codes and rates."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.cascade import policy_views
from bankhub.actions.settings import pay, policies, settings
from bankhub.actions.shifts import shift_codes
from bankhub.actions.shifts.shift_codes import CodeFields
from bankhub.model.pay_policy import TimeType
from bankhub.model.policies import PolicyKind
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.shift_times import london_day
from bankhub.rules.shifts.shift_code_entry import LONGEST_NAME, MOST_VISITS, Period
from bankhub.web.shapes import chosen, words
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import now

resource = Resource("bank_settings", "Policy, units, shift codes and rates")


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


class GpSession(Strict):
    """Of a code for a GP's session: part of the day, clinical system, most home visits."""

    period = chosen(Period)
    clinical_system = words(most=LONGEST_NAME)
    visits = fields.Integer(strict=True, validate=validate.Range(0, MOST_VISITS))


class CodeTimesRequest(Strict):
    """What a code stands for from now on: London wall clock, an end not after the start is on the
    next day; the unpaid break in minutes."""

    name = words(required=True, most=LONGEST_NAME)
    starts = fields.Time(format="%H:%M", required=True)
    ends = fields.Time(format="%H:%M", required=True)
    unpaid_break_minutes = fields.Integer(
        strict=True, load_default=0, validate=validate.Range(0, 1439)
    )
    details = fields.Nested(GpSession, load_default=dict)


class ShiftCodeRequest(CodeTimesRequest):
    """A code to add."""

    code = words(required=True, most=12)


class ShiftCodeShape(Answer):
    """A shift code of the organisation."""

    id = fields.UUID()
    code = fields.String()
    name = fields.String()
    starts = fields.Time(format="%H:%M")
    ends = fields.Time(format="%H:%M")
    unpaid_break_minutes = fields.Integer()
    details = fields.Dict(keys=fields.String())


class ShiftCodeList(Answer):
    """The organisation's shift codes, by code."""

    shift_codes = fields.List(fields.Nested(ShiftCodeShape))


CODES = "/shift-codes"


@resource.read(CODES, answer=ShiftCodeList)
def list_shift_codes(session: Session) -> dict[str, Any]:
    """What the organisation's rotas call a shift."""
    return {"shift_codes": shift_codes.shift_codes(session, by=current_actor())}


@resource.deed(CODES, body=ShiftCodeRequest, answer=ShiftCodeShape)
def add_shift_code(session: Session, values: dict[str, Any]) -> Any:
    """Add a shift code; `LD` and `ld` are the same."""
    return shift_codes.add_shift_code(
        session, code=values["code"], fields=_code_fields(values), by=current_actor(), now=now()
    )


def _code_fields(values: dict[str, Any]) -> CodeFields:
    return {
        "name": values["name"],
        "starts": values["starts"],
        "ends": values["ends"],
        "unpaid_break_minutes": values["unpaid_break_minutes"],
        "details": values["details"],
    }


@resource.deed(
    f"{CODES}/<uuid:code_id>", body=CodeTimesRequest, answer=ShiftCodeShape, status=200
)
def change_shift_code(session: Session, values: dict[str, Any], code_id: UUID) -> Any:
    """Change what a code stands for; shifts already posted keep their times."""
    return shift_codes.change_shift_code(
        session, code_id=code_id, fields=_code_fields(values), by=current_actor(), now=now()
    )


@resource.deed(f"{CODES}/<uuid:code_id>/remove", answer=ShiftCodeShape, status=200)
def remove_shift_code(session: Session, code_id: UUID) -> Any:
    """Forget a code; shifts already posted keep its name and times."""
    return shift_codes.remove_shift_code(
        session, code_id=code_id, by=current_actor(), now=now()
    )


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
