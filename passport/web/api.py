"""The ground floor's own endpoints: who the token stands for."""

from datetime import datetime
from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session

from passport.actions.issuing import own_passport
from passport.actions.people import looks
from passport.web.access import current_actor, signed_in
from passport.web.api_base import Answer, Resource, Strict

resource = Resource("me", "Who is asking")


class PlaceShape(Answer):
    """An organisation the account may act for."""

    id = fields.UUID(required=True)
    ods_code = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    delegated = fields.Boolean(required=True)


class MeShape(Answer):
    """The account, where it acts, and what it may be there."""

    account_id = fields.UUID(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    acting_for = fields.Nested(PlaceShape, allow_none=True)
    places = fields.List(fields.Nested(PlaceShape), required=True)
    scopes = fields.List(fields.String(), allow_none=True)
    stepped_up = fields.Boolean(required=True)


@resource.read("/me", answer=MeShape)
def me(_session: Session) -> dict[str, Any]:
    """Who is asking: the account, the organisation it acts for, its roles, the token's limits."""
    found = signed_in()
    scopes = found.actor.scopes
    shown = {
        place.organisation_id: {
            "id": place.organisation_id,
            "ods_code": place.ods_code,
            "name": place.name,
            "roles": sorted(place.roles),
            "delegated": place.delegated,
        }
        for place in found.places
    }
    here = found.actor.organisation_id
    only_here = found.actor.via == "token"
    return {
        "account_id": found.account_id,
        "email": found.email,
        "name": found.display_name,
        "acting_for": shown[here] if here else None,
        "places": [one for where, one in shown.items() if not only_here or where == here],
        "scopes": None if scopes is None else sorted(scopes),
        "stepped_up": found.actor.stepped_up,
    }


class BeforeLooks(Strict):
    """Where to go on."""

    before = fields.AwareDateTime(load_default=None, allow_none=True)


class ReadingShape(Answer):
    """Somebody of another organisation read something of the person."""

    at = fields.AwareDateTime()
    organisation = fields.String()
    ods = fields.String()
    what = fields.String()
    basis = fields.String(metadata={"description": "What allows it, e.g. an agreement's clause"})


class CheckedShape(Answer):
    """Somebody checked the person's passport."""

    at = fields.AwareDateTime()
    organisation = fields.String()
    unit = fields.String()
    checker = fields.String()
    purpose = fields.String()
    channel = fields.String()
    offline = fields.Boolean()
    outcome = fields.String()
    kinds = fields.List(fields.String())
    decision = fields.String(allow_none=True)


class LooksShape(Answer):
    """Both lists, the latest 200 of each first."""

    readings = fields.List(fields.Nested(ReadingShape))
    checks = fields.List(fields.Nested(CheckedShape))


@resource.read("/me/looks", answer=LooksShape, query=BeforeLooks)
def read_looks(session: Session, values: dict[str, datetime | None]) -> dict[str, Any]:
    """Who read something of the signed-in person, and who checked their passport."""
    by, before = current_actor(), values["before"]
    return {
        "readings": looks.own_looks(session, by=by, before=before),
        "checks": own_passport.looks(session, by=by, before=before),
    }
