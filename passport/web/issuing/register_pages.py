"""Registers in the browser: files taken after a preview, who is due, what was found and changed."""

from collections.abc import Mapping
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as Redirect

from passport.actions.permission import demand
from passport.actions.registers import ends_soon, register_classes, register_lists
from passport.actions.tenancy import own_organisation
from passport.errors import Invalid
from passport.imports.register_files import FILES, file_made_at, open_register_file
from passport.imports.register_rounds import Round, RoundReport, digest_of, take_file
from passport.model.facts import FactKind
from passport.model.register_words import Status
from passport.model.registers import registers
from passport.rules.people.register_answers import Effect, effect_of
from passport.rules.permissions import PERMISSIONS, Deed, why_not
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, lent, now, real_now
from passport.web.messages import say
from passport.web.parsing import day_of
from passport.web.sent_files import SentFile, sent_file

pages = Blueprint("registers", __name__)

Page = str | Response | Redirect

SHOWN = 100
BECAUSE: Mapping[str, str] = {
    "other_person": "The register gives this number to somebody else",
    "name_differs": "Only part of the name agrees",
    "disputed": "Somebody else is on record with this number",
    "unknown": "The register uses words that are not known here",
    "older": "A later look is on record",
    "own_passport": "Nobody decides on their own passport",
    "slow": "The register took too long",
    "down": "The register did not answer",
    "not_understood": "The answer could not be understood",
    "changed": "Its standing changes",
    "same": "As before",
}
"""What a look came to, in words."""
COUNTED: Mapping[str, str] = {
    "same": "as before",
    "changed": "changed",
    "other_person": "of another person",
    "name_differs": "of a name that differs in part",
    "disputed": "on record for somebody else",
    "unknown": "in unknown words",
    "older": "older than the last look",
    "own_passport": "the officer’s own",
    "slow": "too slow",
    "down": "without an answer",
    "not_understood": "not understood",
}
"""The same after a number."""
CLASSES = tuple(one for one in Status if effect_of(one) in (Effect.STANDS, Effect.LIMITED))
KINDS = {
    FactKind.REGISTRATION: "Registration",
    FactKind.DBS: "DBS check",
    FactKind.RIGHT_TO_WORK: "Right to work",
}


def said(status: str) -> str:
    """A status in words."""
    return status.replace("_", " ").capitalize()


def _may(deed: Deed) -> bool:
    return why_not(current_actor(), deed, PERMISSIONS) is None


@pages.get("/registers")
def index() -> Page:
    """Every register with people on it, and the last rounds."""
    by = current_actor()
    with db().reading() as session:
        return render_template(
            "passport/registers/index.html",
            watched=register_lists.watched(session, by=by, now=real_now()),
            runs=register_lists.runs(session, by=by),
            fed=lent().config.register_bodies if lent().config.register_url else (),
            may_check=_may(Deed.CHECK_REGISTER),
            counted=COUNTED,
        )


@pages.get("/registers/due/<body>")
def due(body: str) -> Page:
    """Whose number has to be looked at."""
    with db().reading() as session:
        people = register_lists.due(session, body=body, by=current_actor(), now=real_now())
    return render_template(
        "passport/registers/due.html", body=body, people=people, title=registers()[body].title,
        readable=body in FILES, may_check=_may(Deed.CHECK_REGISTER),
    )  # fmt: skip


@pages.get("/registers/mismatches")
def mismatches() -> Page:
    """Looks that somebody has to go after."""
    with db().reading() as session:
        found = register_lists.mismatches(session, by=current_actor())
    return render_template(
        "passport/registers/mismatches.html", found=found, because=BECAUSE, said=said
    )


@pages.get("/registers/changes")
def changes() -> Page:
    """Standings that changed lately."""
    with db().reading() as session:
        found = register_lists.changes(session, by=current_actor(), now=now())
    return render_template("passport/registers/changes.html", found=found, said=said)


@pages.get("/registers/ending")
def ending() -> Page:
    """What ends soon."""
    with db().reading() as session:
        found = ends_soon.ending(session, by=current_actor(), now=now())
    return render_template("passport/registers/ending.html", found=found, kinds=KINDS)


@pages.get("/registers/relied-on")
def relied_on() -> Page:
    """Passports that were relied on here and changed; why is not told."""
    with db().reading() as session:
        found = register_lists.relied_on(session, by=current_actor(), now=now())
    return render_template("passport/registers/relied_on.html", found=found)


@pages.get("/my-registrations")
def own() -> Page:
    """What registers say of the signed-in person, and what was done about it."""
    by = current_actor()
    with db().reading() as session:
        return render_template(
            "passport/registers/own.html",
            entries=register_lists.own_entries(session, by=by),
            changes=register_lists.own_changes(session, by=by, now=now()),
            said=said,
        )


@pages.get("/registers/file")
def file() -> Page:
    """Choose a register file."""
    demand(current_actor(), Deed.CHECK_REGISTER)
    body = request.args.get("body", "")
    form = FormState({"body": body if body in FILES else "", "made_on": _today()})
    return _file_page(form)


@pages.post("/registers/file/check")
def check_file() -> Page:
    """What taking the file would come to; nothing is changed."""
    return _run(dry_run=True)


@pages.post("/registers/file/take")
def take() -> Page:
    """The file is taken."""
    return _run(dry_run=False)


def _today() -> str:
    return real_now().date().isoformat()


def _file_page(form: FormState, status: int = 200) -> Response:
    options = [(body, f"{registers()[body].title} ({body})") for body in FILES]
    return make_response(
        render_template("passport/registers/file.html", form=form, options=options), status
    )


def _run(*, dry_run: bool) -> Page:
    try:
        sent, report = _taken(dry_run=dry_run)
    except Invalid as problem:
        return _file_page(FormState.kept(request.form, problem), problem.status)
    kept = {name: request.form.get(name, "") for name in ("body", "made_on")}
    return render_template(
        "passport/registers/report.html",
        sent=sent,
        report=report,
        kept=kept,
        dry_run=dry_run,
        lines=[one for one in report.taken if one.outcome != "same"][:SHOWN],
        because=BECAUSE,
        said=said,
    )


def _taken(*, dry_run: bool) -> tuple[SentFile, RoundReport]:
    by, moment = current_actor(), real_now()
    demand(by, Deed.CHECK_REGISTER)
    sent = sent_file()
    body = request.form.get("body", "")
    if body not in FILES:
        raise Invalid("register_file", fields={"body": ["Choose whose file it is."]})
    made_at = file_made_at(day_of(request.form.get("made_on"), "made_on"), moment)
    found = open_register_file(sent.source, body, as_at=made_at)
    about = (sent.name, digest_of(sent.source))
    believed = request.form.get("believed") == "yes"
    guests = current_app.extensions.get("register_guests")
    round_ = Round(own_organisation(by), body, by, moment, dry_run, about, believed, guests)
    return sent, take_file(db(), found, round_)


@pages.get("/registers/class")
def choose_class() -> Page:
    """A class of a register that is closed: which, and when."""
    demand(current_actor(), Deed.CHECK_REGISTER)
    return _class_page(FormState({"body": "NMC", "status": Status.TEMPORARY_EMERGENCY.value}))


@pages.post("/registers/class")
def preview_class() -> Page:
    """Who is in it; nothing is changed."""
    demand(current_actor(), Deed.CHECK_REGISTER)
    try:
        chosen = _chosen()
    except Invalid as problem:
        return _class_page(FormState.kept(request.form, problem), status=problem.status)
    return _class_page(FormState.kept(request.form), found=_in_class(chosen))


@pages.post("/registers/class/end")
def end_class() -> Page:
    """The class ends for everybody who was shown; the number is typed again to confirm."""
    by = current_actor()
    demand(by, Deed.CHECK_REGISTER)
    try:
        chosen = _chosen()
        found = _in_class(chosen)
        if request.form.get("people", "").strip() != str(len(found)):
            raise Invalid("class_end", fields={"people": [f"Enter {len(found)} to confirm."]})
    except Invalid as problem:
        form = FormState.kept(request.form, problem)
        again = None if {"body", "status", "on"} & set(problem.fields) else _in_class(_chosen())
        return _class_page(form, found=again, status=problem.status)
    ended = 0
    while some := db().attempt(
        lambda session: register_classes.end_class(
            session, **chosen, organisation_id=own_organisation(by), by=by, now=now()
        )
    ):
        ended += some
    say(f"{ended} ended.")
    return redirect(url_for("registers.changes"), 303)


def _chosen() -> dict[str, Any]:
    """The class that the form names. Raises `Invalid`."""
    body, status = request.form.get("body", ""), request.form.get("status", "")
    wrong: dict[str, list[str]] = {}
    if body not in registers():
        wrong["body"] = ["Choose a register."]
    if status not in CLASSES:
        wrong["status"] = ["Choose a class."]
    if wrong:
        raise Invalid("class_end", fields=wrong)
    return {"body": body, "status": Status(status), "on": day_of(request.form.get("on"), "on")}


def _in_class(chosen: Mapping[str, Any]) -> list[str]:
    """The names of those in the class whose entry is not on record as ended by that day."""
    by = current_actor()
    with db().reading() as session:
        found = register_classes.in_class(
            session, body=chosen["body"], status=chosen["status"],
            organisation_id=own_organisation(by), by=by, ending_after=chosen["on"],
        )  # fmt: skip
        return [f"{person.family_name}, {person.given_name}" for person, _, _ in found]


def _class_page(
    form: FormState, *, found: list[str] | None = None, status: int = 200
) -> Response:
    return make_response(
        render_template(
            "passport/registers/class.html",
            form=form,
            found=found,
            bodies=[(body, one.title) for body, one in registers().items()],
            classes=[(one.value, said(one.value)) for one in CLASSES],
            shown=SHOWN,
        ),
        status,
    )
