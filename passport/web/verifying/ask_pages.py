"""Asking for a passport: an employer's pages. Choose what for, see what will be asked, show the
code, read what came of it, record what was done."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

import segno
from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from passport.actions.tenancy import own_organisation
from passport.actions.verifying import ask_limits, presented_answers, presented_checks, presenting
from passport.actions.verifying.presented_checks import Check, CheckState, Decision
from passport.errors import Invalid, NotFound, Refused
from passport.model.credential_types import Hiding, credential_types
from passport.model.purposes import AskedCredential
from passport.sealing import vault_of
from passport.web import idempotency
from passport.web.access import current_actor, signed_in
from passport.web.forms import FormState
from passport.web.lent import ask_limits as lent_limits
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.parsing import choice_of, uuid_of
from passport.web.refusals import Answer, form_again
from passport.web.verifying.openid4vp import where
from passport.web.words import london_when

pages = Blueprint("ask", __name__, url_prefix="/ask")

Page = str | Answer | Response | Redirect

DECISIONS = (
    (Decision.ADMITTED, "Admitted"),
    (Decision.SUPERVISED, "Admitted under supervision"),
    (Decision.TURNED_AWAY, "Turned away"),
)
NO_ANSWER = {
    "access_denied": "They, or their wallet, did not want to show this, or do not have it.",
    "vp_formats_not_supported": "Their wallet does not know this kind of passport.",
    "wallet_unavailable": "No wallet answered.",
    presented_answers.OTHER_SESSION: (
        "The answer came back to another browser than the one that asked, so it was thrown away."
    ),
}
OTHERWISE = "Their wallet could not answer the request."


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One credential that is asked for, in words."""

    title: str
    required: bool
    many: bool
    shown: Sequence[str]
    if_held: Sequence[str]
    always: Sequence[str]
    """Told with it whether asked for or not, beside who says so, how and when it was checked."""
    clause: str = ""
    """Of the agreement, that permits asking for it."""


@dataclass(frozen=True, slots=True)
class FactGroup:
    """One credential that was shown, in words."""

    title: str
    by: str
    when: str
    rows: list[tuple[str, str]]
    how: list[tuple[str, str]]
    """How it was checked: the same claims on every credential."""


@pages.get("")
def index() -> Page:
    """The purposes, and the checks that were made."""
    by, now = current_actor(), real_now()
    before = request.args.get("before")
    with db().reading() as session:
        found = presented_checks.past(
            session, before=uuid_of(before) if before else None, by=by, now=now
        )
    shown = found[: presented_checks.PAGE]
    more = len(found) > len(shown)
    return render_template(
        "passport/ask.html",
        purposes=presenting.purposes(by=by, now=now),
        checks=shown,
        older=url_for("ask.index", before=shown[-1].id) if more else None,
        decisions=dict(DECISIONS),
    )


@pages.route("/for/<code>", methods=["GET", "POST"])
def new(code: str) -> Page:
    """Exactly what will be asked and why, before anybody is."""
    try:
        purpose = presenting.purpose_of(code, by=current_actor(), now=real_now())
    except Invalid:
        raise NotFound from None
    with db().reading() as session:
        grounds = ask_limits.grounds_for(
            session, purpose, lent_limits(),
            organisation_id=own_organisation(current_actor()), now=real_now(),
        )  # fmt: skip
    named = request.values.get("agreement")
    ground = next((one for one in grounds if named in (None, one.named)), None)
    needs_one = purpose.agreement and lent_limits() is not None
    asked = ask_limits.permitted(purpose, ground) if ground else purpose.credentials
    context = {
        "purpose": purpose,
        "grounds": grounds,
        "ground": ground,
        "refused": needs_one and ground is None,
        "lines": [_line(one, ground.clauses if ground else {}) for one in asked],
        "left_out": [_title(one) for one in purpose.credentials if one not in asked],
    }
    if request.method == "GET":
        return render_template("passport/ask_for.html", form=FormState(), **context)
    try:
        return idempotency.deed(lambda session: _ask(session, code))
    except (Invalid, Refused) as problem:
        return form_again("passport/ask_for.html", problem, **context)


def _ask(session: Session, code: str) -> Response:
    same_device = request.form.get("device") == "this"
    made = presenting.ask(
        session,
        purpose=code,
        limits=lent_limits(),
        agreement=request.form.get("agreement") or None,
        session_hash=signed_in().session_hash if same_device else None,
        vault=vault_of(lent().config),
        where=where(),
        by=current_actor(),
        now=real_now(),
    )
    return Response(status=303, headers={"Location": url_for("ask.show", request_id=made.id)})


@pages.get("/<request_id>")
def show(request_id: str) -> Page:
    """The code to scan while it waits; then what came of it."""
    found = uuid_of(request_id)
    with db().reading() as session:
        check = presented_checks.look(session, request_id=found, by=current_actor(), now=real_now())
        uri = _uri(session, found) if check.state is CheckState.WAITING else ""
    return render_template(
        "passport/ask_check.html",
        form=FormState(),
        check=check,
        state=check.state.value,
        uri=uri,
        code=segno.make(uri, error="m").svg_data_uri(scale=6, border=4) if uri else "",
        lines=[
            _line(one, check.clauses)
            for one in check.purpose.credentials
            if _was_asked(one, check)
        ],
        groups=_groups(check),
        no_answer=NO_ANSWER.get(check.failed_because or "", OTHERWISE),
        decisions=DECISIONS,
        decided=dict(DECISIONS).get(Decision(check.decision)) if check.decision else "",
    )


def _uri(session: Session, request_id: UUID) -> str:
    return presented_checks.uri(
        session,
        request_id=request_id,
        vault=vault_of(lent().config),
        where=where(),
        by=current_actor(),
        now=real_now(),
    )


@pages.get("/<request_id>/state")
def state(request_id: str) -> Page:
    """Where the request stands: the page that waits asks for this."""
    with db().reading() as session:
        check = presented_checks.look(
            session, request_id=uuid_of(request_id), by=current_actor(), now=real_now()
        )
    return jsonify(state=check.state.value)


@pages.get("/<request_id>/back")
def come_back(request_id: str) -> Page:
    """A wallet on this device leads back here."""
    with db().transaction() as session:
        presented_answers.come_back(
            session,
            request_id=uuid_of(request_id),
            response_code=request.args.get("response_code", ""),
            session_hash=signed_in().session_hash,
            by=current_actor(),
            now=real_now(),
        )
    return redirect(url_for("ask.show", request_id=request_id), 303)


@pages.post("/<request_id>/decision")
def decide(request_id: str) -> Page:
    """What was done with whoever was checked."""
    decision = choice_of(Decision, request.form.get("decision"), "decision")
    with db().transaction() as session:
        presented_checks.decide(
            session,
            request_id=uuid_of(request_id),
            decision=decision,
            by=current_actor(),
            now=real_now(),
        )
    say("What was done is on record.")
    return redirect(url_for("ask.show", request_id=request_id), 303)


def _title(asked: AskedCredential) -> str:
    return credential_types()[asked.type].title


def _line(asked: AskedCredential, clauses: Mapping[str, str]) -> AskedLine:
    kind = credential_types()[asked.type]
    titles = {claim.name: claim.title for claim in kind.claims}
    always = [claim.title for claim in kind.claims if claim.sd is Hiding.NEVER]
    return AskedLine(
        title=kind.title,
        required=asked.required,
        many=asked.many,
        shown=[titles[name] for name in asked.claims],
        if_held=[titles[name] for name in asked.if_held],
        always=[title for title in always if title not in _provenance()],
        clause=clauses.get(asked.type, ""),
    )


def _was_asked(asked: AskedCredential, check: Check) -> bool:
    return any(one["id"] == asked.type for one in check.asked["credentials"])


def _groups(check: Check) -> list[FactGroup]:
    """The facts of each credential, what was asked for first."""
    groups: dict[tuple[str, str, str], FactGroup] = {}
    for one in (check.verdict or {"facts": []})["facts"]:
        kind = credential_types().get(one["kind"])
        title = kind.title if kind else one["kind"]
        when = in_words(one["checked"] or "")
        group = groups.setdefault(
            (title, one["by"], when), FactGroup(title, one["by"], when, [], [])
        )
        label, _, value = one["says"].partition(": ")
        rows = group.how if label in _provenance() else group.rows
        if (label, in_words(value)) not in rows:
            rows.append((label, in_words(value)))
    return list(groups.values())


@cache
def _provenance() -> frozenset[str]:
    """Titles of the claims that every type has."""
    every = [{claim.title for claim in kind.claims} for kind in credential_types().values()]
    return frozenset(set.intersection(*every))


def in_words(value: str) -> str:
    """A day, a moment or a code as people read it; anything else as it is."""
    if re.fullmatch(r"[A-Z0-9]+(_[A-Z0-9]+)+|[A-Z]{5,}", value):
        return value.replace("_", " ").capitalize()
    if re.match(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return london_when(value)
        except ValueError:
            return value
    return value
