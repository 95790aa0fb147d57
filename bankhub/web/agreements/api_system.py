"""The API of the system view: what shared staff came to, without personal data."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.agreements.system_view import system_view
from bankhub.actions.figures.fill_histories import FillQuestion
from bankhub.model.fill_values import Dimension
from bankhub.rules.agreements.system_view import SharedFill, minutes_avoided
from bankhub.rules.shift_times import london_day
from bankhub.web.figures.figures_query import WEEKS_SHOWN, monday_of
from bankhub.web.figures.figures_words import group_text, in_order
from bankhub.web.shapes import AmountShape, moment
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import now

resource = Resource("system_view", "What shared staff came to")

GROUPINGS = (Dimension.TRUST, Dimension.STAFF_GROUP, Dimension.WEEK)


class SystemQuery(Strict):
    """London weeks by any of their days; today's and the seven before it where none are given."""

    first = fields.Date(load_default=None, metadata={"description": "A day of the first week"})
    last = fields.Date(load_default=None, metadata={"description": "A day of the last week"})
    by = fields.String(
        load_default=Dimension.TRUST.value,
        validate=validate.OneOf([one.value for one in GROUPINGS]),
    )


class AgreementInForceShape(Answer):
    """An agreement as the system sees it."""

    reference = fields.String()
    version = fields.Integer(attribute="number")
    title = fields.String()
    until_on = fields.Date()
    parties = fields.List(fields.String())


class SharedShape(Answer):
    """null = suppressed for this reader, or nothing to divide by."""

    key = fields.String()
    name = fields.String()
    requested = fields.Nested(AmountShape, allow_none=True)
    by_partners = fields.Nested(AmountShape, allow_none=True)
    filled_share = fields.Float(allow_none=True)
    gained_share = fields.Float(allow_none=True)


class TrainingShape(Answer):
    """A subject that people did not do again; null = too few to show."""

    subject = fields.String()
    people = fields.Integer(allow_none=True)
    minutes = fields.Integer(allow_none=True)


class SystemShape(Answer):
    """Counts from one to `suppressed_under` less one are null."""

    first_week = fields.Date()
    last_week = fields.Date()
    as_of = moment()
    suppressed_under = fields.Integer(allow_none=True)
    agreements = fields.List(fields.Nested(AgreementInForceShape))
    lines = fields.List(fields.Nested(SharedShape))
    total = fields.Nested(SharedShape)
    people_cleared = fields.Integer(allow_none=True)
    median_days_to_cleared = fields.Float(allow_none=True)
    training_avoided = fields.List(fields.Nested(TrainingShape))
    training_minutes_avoided = fields.Integer(
        metadata={"description": "Over the subjects that are shown; lengths are illustrative"}
    )


@resource.read("/system-view", query=SystemQuery, answer=SystemShape)
def read_system_view(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Agreements in force, shared shifts, days to cleared, repeat training avoided."""
    last = monday_of(values["last"] or london_day(now()))
    first = monday_of(values["first"] or last - timedelta(weeks=WEEKS_SHOWN - 1))
    question = FillQuestion(first_week=first, last_week=last, by=(Dimension(values["by"]),))
    view = system_view(session, question=question, by=current_actor(), now=now())
    return {
        "first_week": question.first_week,
        "last_week": question.last_week,
        "as_of": view.table.as_of,
        "suppressed_under": view.table.suppressed_under,
        "agreements": [
            {
                "reference": one.reference,
                "number": one.number,
                "title": one.title,
                "until_on": one.until_on,
                "parties": [party.name for party in one.parties],
            }
            for one in view.agreements
        ],
        "lines": [
            _line(str(key[0]), group_text(view.table, key), view.lines[key])
            for key, _ in in_order(view.table)
        ],
        "total": _line("", "", view.total),
        "people_cleared": view.days.people,
        "median_days_to_cleared": view.days.median_days,
        "training_avoided": view.training,
        "training_minutes_avoided": minutes_avoided(view.training),
    }


def _line(key: str, name: str, shared: SharedFill) -> dict[str, Any]:
    return {"key": key, "name": name, **asdict(shared)}
