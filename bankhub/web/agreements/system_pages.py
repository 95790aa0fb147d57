"""The system view: what shared staff came to, without personal data."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup

from bankhub.actions.agreements.system_view import SystemView, system_view
from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.fill_values import Dimension, FillUnit
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.agreements.system_view import SharedFill, TrainingAvoided, minutes_avoided
from bankhub.rules.permissions import Deed
from bankhub.web.figures.figures_query import Asked, asked_from
from bankhub.web.figures.figures_words import (
    DIMENSIONS,
    HIDDEN,
    amount_text,
    group_text,
    in_order,
    share_text,
)
from bankhub.web.trade_words import STAFF_GROUPS
from passport.errors import Invalid
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.words import london_date, minutes, plural

pages = Blueprint("system", __name__, url_prefix="/system")

GROUPINGS = (Dimension.TRUST, Dimension.STAFF_GROUP, Dimension.WEEK)


@pages.get("")
def show() -> Response:
    """Agreements in force, shared shifts, days to cleared, and repeat training avoided."""
    by, at = current_actor(), now()
    demand(by, Deed.READ_SYSTEM_VIEW)
    try:
        asked = _asked()
        with db().reading() as session:
            view = system_view(session, question=asked.question, by=by, now=at)
    except Invalid as problem:
        return make_response(_page(FormState.kept(request.args, problem)), 422)
    given = {name: asked.arguments[name] for name in ("from", "to")}
    return make_response(_page(FormState({**given, "by": asked.question.by[0].value}), view))


def _asked() -> Asked:
    asked = asked_from(request.args, now(), by=Dimension.TRUST)
    if len(asked.question.by) != 1 or asked.question.by[0] not in GROUPINGS:
        raise Invalid("system", fields={"by": ["Choose one of the list."]})
    return asked


def _page(form: FormState, view: SystemView | None = None) -> str:
    options = [(one.value, DIMENSIONS[one]) for one in GROUPINGS]
    shown = _shown(view) if view else {"view": None}
    return render_template("bankhub/manager/system.html", form=form, options=options, **shown)


def _shown(view: SystemView) -> dict[str, Any]:
    return {
        "view": view,
        "grouping": DIMENSIONS[view.table.question.by[0]],
        "rows": [
            [group_text(view.table, key), *_cells(view.lines[key])]
            for key, _ in in_order(view.table)
        ],
        "foot": ["All", *_cells(view.total)],
        "agreements": [_agreement(one) for one in view.agreements],
        "training": [_training(one) for one in view.training],
        "avoided": _avoided(view),
        "days": _days(view),
        "hours": _hours(view.total),
        "amount": lambda amount: amount_text(amount, FillUnit.SHIFTS),
        "share": share_text,
    }


def _cells(line: SharedFill) -> list[str]:
    return [
        amount_text(line.requested, FillUnit.SHIFTS),
        amount_text(line.by_partners, FillUnit.SHIFTS),
        _hours(line),
        share_text(line.filled_share),
        share_text(line.gained_share),
    ]


def _hours(line: SharedFill) -> str:
    return amount_text(line.by_partners, FillUnit.HOURS)


def _agreement(one: InForce) -> list[Any]:
    parties = Markup("<br>").join(party.name for party in one.parties)
    groups = dict.fromkeys(STAFF_GROUPS[scope.staff_group] for scope in one.terms.scope)
    named = Markup("{} <span class='muted'>{}</span>").format(one.title, one.named)
    return [named, parties, ", ".join(groups), london_date(one.until_on)]


def _training(one: TrainingAvoided) -> list[str]:
    subject = reference.training_subjects().get(one.subject)
    title = subject.title if subject else one.subject
    if one.people is None or one.minutes is None:
        return [title, HIDDEN, HIDDEN]
    return [title, f"{one.people:,}", minutes(one.minutes)]


def _avoided(view: SystemView) -> str:
    if not view.training:
        return "none"
    least = "at least " if any(one.people is None for one in view.training) else ""
    return least + minutes(minutes_avoided(view.training))


def _days(view: SystemView) -> tuple[str, str]:
    """The figure, and what stands beneath it."""
    days = view.days
    if days.people is None:
        return HIDDEN, "too few people"
    if days.median_days is None:
        return "–", "nobody was cleared"
    return f"{days.median_days:g}", f"median of {plural(days.people, 'person', 'people')}"
