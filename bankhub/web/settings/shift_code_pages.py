"""Settings of a bank: its own shift codes (E, L, LD, N…), used by rosters, patterns and posting."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.shifts import shift_codes
from bankhub.actions.shifts.shift_codes import CodeFields
from bankhub.model.reference_values import StarterSet
from bankhub.model.shifts import ShiftCode
from bankhub.rules.permissions import Deed
from bankhub.rules.shifts.shift_code_entry import LONGEST_NAME, wrong_code
from bankhub.web.moments import time_of
from bankhub.web.shifts.draft_forms import PERIODS, SYSTEMS, Reading
from bankhub.web.shifts.office_parts import may
from passport.errors import Invalid
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import number_of

pages = Blueprint("shift_codes", __name__, url_prefix="/settings/shift-codes")

STARTERS = {
    StarterSet.TRUST: "Add the usual codes of wards",
    StarterSet.GP_PRACTICE: "Add the usual sessions of a practice",
}
FORM = "bankhub/manager/shift_code.html"
CODE = "shift_code"
"""The form's name for a code: a field called `code` holds a one-time code, never shown again."""


@pages.get("")
def index() -> str:
    """The organisation's codes, and the usual ones that it has not taken."""
    by = current_actor()
    with db().reading() as session:
        found = shift_codes.shift_codes(session, by=by)
        starters = shift_codes.starters(session, by=by)
    offered = [
        (which.value, words, ", ".join(one.code for one in starters[which]))
        for which, words in STARTERS.items()
        if which in starters
    ]
    return render_template(
        "bankhub/manager/shift_codes.html",
        codes=found, offered=offered, periods=PERIODS, may=may(),
    )  # fmt: skip


@pages.route("/new", methods=["GET", "POST"])
def new() -> Response:
    """One more code."""
    demand(current_actor(), Deed.EDIT_UNITS)
    if request.method == "GET":
        return _page(FormState())

    def work(session: Session) -> Response:
        typed = request.form.get(CODE, "").strip()
        added = shift_codes.add_shift_code(
            session, code=typed, fields=_typed(typed), by=current_actor(), now=now()
        )
        return _done(f"{added.code} added.")

    return _tried(work)


@pages.route("/<uuid:code_id>", methods=["GET", "POST"])
def change(code_id: UUID) -> Response:
    """What a code stands for from now on."""
    demand(current_actor(), Deed.EDIT_UNITS)
    with db().reading() as session:
        held = shift_codes.shift_code_of(session, code_id=code_id, by=current_actor())
    if request.method == "GET":
        return _page(FormState(_as_typed(held)), held)

    def work(session: Session) -> Response:
        changed = shift_codes.change_shift_code(
            session, code_id=code_id, fields=_typed(), by=current_actor(), now=now()
        )
        return _done(f"{changed.code} saved. Shifts already posted keep their times.")

    return _tried(work, held)


@pages.post("/<uuid:code_id>/remove")
def remove(code_id: UUID) -> Response:
    """Forget a code."""

    def work(session: Session) -> Response:
        gone = shift_codes.remove_shift_code(
            session, code_id=code_id, by=current_actor(), now=now()
        )
        return _done(f"{gone.code} removed. Shifts already posted keep its name and times.")

    return idempotency.deed(work)


@pages.post("/starters/<any(trust, gp_practice):which>")
def adopt(which: str) -> Response:
    """Take the usual codes that are not there yet."""

    def work(session: Session) -> Response:
        added = shift_codes.adopt_starter_codes(
            session, which=StarterSet(which), by=current_actor(), now=now()
        )
        said = f"Added: {', '.join(added)}. Check their times: they are examples."
        return _done(said if added else "All of them are there already.")

    return idempotency.deed(work)


def _typed(code: str | None = None) -> CodeFields:
    """What the form says; what is wrong with a new `code` is said with the rest."""
    reading = Reading(request.form)
    for message in wrong_code(code).get("code", ()) if code is not None else ():
        reading.wrong(CODE, message)
    starts = reading.read("starts", time_of, "Enter when it starts, for example 07:30.")
    ends = reading.read("ends", time_of, "Enter when it ends, for example 20:00.")
    pause = reading.optional("unpaid_break_minutes", number_of)
    visits = reading.optional("visits", number_of)
    details: dict[str, Any] = {
        name: typed
        for name in ("period", "clinical_system")
        if (typed := request.form.get(name, ""))
    }
    name = reading.needed("name", LONGEST_NAME, "Give it a short name, for example Long day.")
    reading.finish()
    if starts is None or ends is None:
        raise Invalid("request")
    return {
        "name": name,
        "starts": starts,
        "ends": ends,
        "unpaid_break_minutes": pause or 0,
        "details": details | ({"visits": visits} if visits else {}),
    }


def _as_typed(held: ShiftCode) -> dict[str, Any]:
    return {
        "name": held.name,
        "starts": held.starts,
        "ends": held.ends,
        "unpaid_break_minutes": str(held.unpaid_break_minutes),
        **{name: str(value) for name, value in held.details.items()},
    }


def _done(said: str) -> Response:
    say(said)
    return make_response(redirect(url_for("shift_codes.index"), 303))


def _tried(work: Any, held: ShiftCode | None = None) -> Response:
    try:
        return idempotency.deed(work)
    except Invalid as problem:
        fields = {CODE if name == "code" else name: said for name, said in problem.fields.items()}
        said = Invalid(problem.code, problem.detail, fields)
        answer = _page(FormState.kept(request.form, said), held)
        answer.status_code = problem.status
        return answer


def _page(form: FormState, held: ShiftCode | None = None) -> Response:
    options = {"period": list(PERIODS.items()), "clinical_system": _systems(held)}
    return make_response(render_template(FORM, form=form, held=held, options=options))


def _systems(held: ShiftCode | None) -> list[tuple[str, str]]:
    """By their names, as a code keeps them; also one that was set elsewhere."""
    names = list(SYSTEMS.values())
    own = held.details.get("clinical_system", "") if held else ""
    return [(one, one) for one in dict.fromkeys([*names, own]) if one]
