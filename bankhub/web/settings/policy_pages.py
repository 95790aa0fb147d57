"""Dated policy: what is in force and why, another version looked at before it is adopted, and
shifts in flight planned anew when somebody asks for it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from bankhub.actions.cascade import policy_views, replanning
from bankhub.actions.cascade.policy_views import PolicyInForce, PreviewedWeek
from bankhub.actions.permission import demand
from bankhub.actions.settings import policies
from bankhub.actions.settings.policies import VALUE_CLASSES
from bankhub.model.policies import PolicyKind
from bankhub.model.values import PlannedOpening
from bankhub.model.vocabulary import AGENCY_TIERS, StaffGroup
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.web.settings.policy_fields import form_values, sections, shown, values_from
from bankhub.web.settings.policy_words import KINDS, PLACE_OF_REASON, group_name
from bankhub.web.shifts.office_parts import may
from bankhub.web.trade_words import STAFF_GROUPS, role_title
from passport.errors import Invalid, Refused
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import choice_of, day_of
from passport.web.words import london_when, plural

pages = Blueprint("policy", __name__, url_prefix="/settings/policy")

MOST_REPLAYED = 50
"""Changed shifts that a preview lists one by one."""


@pages.get("")
def index() -> str:
    """Every policy in force, by kind and staff group."""
    with db().reading() as session:
        found = policy_views.policies_in_force(session, on=london_day(now()), by=current_actor())
    kinds = [
        (kind, words, [one for one in found if one.kind is kind]) for kind, words in KINDS.items()
    ]
    return render_template(
        "bankhub/manager/policies.html", kinds=kinds, group_name=group_name, may=may()
    )


def _in_force() -> PolicyInForce:
    """The version that the address names."""
    kind = choice_of(PolicyKind, request.args.get("kind"), "kind")
    group = request.args.get("staff_group")
    with db().reading() as session:
        return policy_views.policy_in_force(
            session,
            kind=kind,
            staff_group=choice_of(StaffGroup, group, "staff_group") if group else None,
            on=london_day(now()),
            by=current_actor(),
        )


def _address(one: PolicyInForce) -> dict[str, Any]:
    return {"kind": one.kind.value, "staff_group": one.staff_group or ""}


@pages.get("/version")
def version() -> str:
    """One policy to read: its values, where they come from, and what is to come."""
    one = _in_force()
    return render_template(
        "bankhub/manager/policy.html",
        one=one,
        title=KINDS[one.kind][0],
        about=KINDS[one.kind][1],
        group=group_name(one.staff_group),
        shown=shown(VALUE_CLASSES[one.kind], one.version.values),
        address=_address(one),
        may=may(),
    )


@pages.route("/edit", methods=["GET", "POST"])
@require_step_up
def edit() -> Response:
    """Another version. A cascade is looked at on last week's shifts before it can be adopted."""
    demand(current_actor(), Deed.EDIT_POLICY)
    one = _in_force()
    if request.method == "GET":
        start: dict[str, Any] = {"from_on": london_day(now()), "source": "", "for": "group"}
        typed = form_values(VALUE_CLASSES[one.kind], one.version.values)
        return make_response(_edit_page(one, FormState({**typed, **start})))
    try:
        values = values_from(VALUE_CLASSES[one.kind], request.form)
        digest = _digest(values)
        wants_look = one.kind is PolicyKind.CASCADE and (
            request.form.get("do") != "adopt" or request.form.get("previewed") != digest
        )
        return _preview(one, values, digest) if wants_look else _adopt(one, values)
    except (Invalid, Refused) as problem:
        form = FormState.kept(request.form, _on_fields(problem))
        return make_response(_edit_page(one, form), problem.status)


def _staff_group(one: PolicyInForce) -> StaffGroup | None:
    return None if request.form.get("for") == "all" else one.staff_group


def _digest(values: Mapping[str, Any]) -> str:
    """What was looked at, so that nothing else is adopted by mistake."""
    told = json.dumps([values, request.form.get("for")], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _preview(one: PolicyInForce, values: Mapping[str, Any], digest: str) -> Response:
    day_of(request.form.get("from_on"), "from_on")
    with db().reading() as session:
        week = policy_views.preview_cascade(
            session, staff_group=_staff_group(one), values=values, by=current_actor(), now=now()
        )
    form = FormState.kept(request.form)
    return make_response(_edit_page(one, form, week=week, digest=digest))


def _adopt(one: PolicyInForce, values: Mapping[str, Any]) -> Response:
    by, at = current_actor(), now()

    def work(session: Session) -> Response:
        policies.adopt(
            session,
            kind=one.kind,
            staff_group=_staff_group(one),
            from_on=day_of(request.form.get("from_on"), "from_on"),
            values=values,
            source=request.form.get("source", "").strip(),
            by=by,
            now=at,
        )
        say("Adopted. Shifts in flight keep their openings: nothing has been moved.")
        return make_response(redirect(url_for("policy.version", **_address(one)), 303))

    return idempotency.deed(work)


def _edit_page(
    one: PolicyInForce,
    form: FormState,
    *,
    week: PreviewedWeek | None = None,
    digest: str = "",
) -> str:
    into = VALUE_CLASSES[one.kind]
    rows = _rows_typed() or one.version.values
    return render_template(
        "bankhub/manager/policy_edit.html",
        one=one,
        form=form,
        title=KINDS[one.kind][0],
        group=group_name(one.staff_group),
        sections=sections(into, rows),
        address=_address(one),
        week=week,
        replayed=_replayed(week) if week else [],
        digest=digest or request.form.get("previewed", ""),
        looks_first=one.kind is PolicyKind.CASCADE,
    )


def _rows_typed() -> dict[str, Any]:
    """As many rows of each list as were sent, so that none is lost when the form is shown again."""
    found: dict[str, Any] = {}
    for key in request.form:
        name, bracket, rest = key.partition("[")
        place = rest.partition("]")[0]
        if bracket and place.isdigit() and len(place) < 4 and request.form[key].strip():
            found[name] = [{}] * max(len(found.get(name, ())), int(place) + 1)
    return found


def _on_fields(problem: Invalid | Refused) -> Invalid:
    """A refusal as messages on the fields it is about."""
    if isinstance(problem, Invalid):
        return problem
    fields: dict[str, list[str]] = {}
    for reason in problem.reasons:
        place = PLACE_OF_REASON.get(reason.code, "because")
        fields.setdefault(place, []).append(reason.text or reason.code)
    return Invalid(problem.code, "", fields)


def _replayed(week: PreviewedWeek) -> list[list[str]]:
    """The first shifts for which something would have been otherwise."""
    found = []
    for one in week.preview.shifts:
        old, new = _agency_opens(one.old), _agency_opens(one.new)
        if [o.opens_at for o in one.old] == [o.opens_at for o in one.new]:
            continue
        reference, role, starts_at = week.references[one.shift_id]
        reached = (one.reached_agency_old, one.reached_agency_new)
        found.append(
            [
                reference,
                role_title(role),
                london_when(starts_at),
                old,
                new,
                " → ".join("yes" if it else "no" for it in reached),
            ]
        )
        if len(found) == MOST_REPLAYED:
            break
    return found


def _agency_opens(openings: tuple[PlannedOpening, ...]) -> str:
    moments = [o.opens_at for o in openings if o.tier in AGENCY_TIERS and o.opens_at is not None]
    return london_when(min(moments)) if moments else "never"


@pages.route("/in-flight", methods=["GET", "POST"])
@require_step_up
def in_flight() -> Response:
    """Plan open shifts anew under the policy in force: named, reasoned, on record."""
    demand(current_actor(), Deed.EDIT_POLICY)
    if request.method == "GET":
        return make_response(_in_flight_page(FormState(request.args.to_dict())))
    by, at = current_actor(), now()

    def work(session: Session) -> Response:
        group = request.form.get("staff_group")
        moved = replanning.plan_anew(
            session,
            staff_group=choice_of(StaffGroup, group, "staff_group") if group else None,
            because=request.form.get("because", ""),
            by=by,
            now=at,
        )
        say(f"Done: {plural(moved, 'shift')} planned anew. All others stay as they were.")
        return make_response(redirect(url_for("policy.index"), 303))

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        form = FormState.kept(request.form, _on_fields(problem))
        return make_response(_in_flight_page(form), 422)


def _in_flight_page(form: FormState) -> str:
    options = [(one.value, words) for one, words in STAFF_GROUPS.items()]
    return render_template("bankhub/manager/in_flight.html", form=form, options=options)
