"""My account: where I act, my sessions, password, tokens, and what is delegated to me."""

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

from passport.actions.access import (
    delegations,
    factors,
    passwords,
    second_factor,
    sessions,
    sign_in,
    tokens,
)
from passport.actions.access.own import demand_fresh
from passport.errors import Invalid, Refused
from passport.model.access_policy import ACCESS_POLICY
from passport.rules.permissions import PERMISSIONS, Deed, Permission
from passport.sealing import vault_of
from passport.web.access import (
    current_actor,
    end_session,
    open_while_entering,
    require_step_up,
    signed_in,
    start_session,
)
from passport.web.account.role_words import role_words
from passport.web.account.sign_in_pages import give_code
from passport.web.forms import FormState
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.parsing import number_of, uuid_of
from passport.web.places import next_url
from passport.web.refusals import Answer, form_again

pages = Blueprint("account", __name__, url_prefix="/account")

Page = str | Answer | Response | Redirect


@pages.get("")
def overview() -> Page:
    """Everything about one's own account on one page."""
    found, now = signed_in(), real_now()
    with db().reading() as session:
        context = {
            "sessions": sessions.own_sessions(
                session, token_hash=found.session_hash, by=found.actor, now=now
            ),
            "factors": factors.own_factors(session, by=found.actor),
            "codes_left": factors.codes_left(session, by=found.actor),
            "tokens": tokens.own_tokens(session, by=found.actor, now=now),
            "delegations": delegations.held_by_account(session, by=found.actor, now=now),
        }
    return render_template("passport/account.html", asking=found, role_words=role_words, **context)


@pages.get("/organisation")
@open_while_entering
def choose_place() -> Page:
    """Choose where to act, for people whose last place has ended."""
    return render_template("passport/choose_place.html", places=signed_in().places)


@pages.post("/organisation")
@open_while_entering
def switch() -> Page:
    """Act for another organisation from now on, in this session."""
    with db().transaction() as session:
        sign_in.act_for(
            session,
            session_hash=signed_in().session_hash,
            organisation_id=uuid_of(request.form.get("organisation")),
            now=real_now(),
        )
    return redirect(next_url("/"), 303)


@pages.route("/confirm", methods=["GET", "POST"])
@open_while_entering
def confirm() -> Page:
    """Prove once more who is there, then go back to what wanted it."""
    found = signed_in()
    back = request.values.get("next", "")
    if request.method == "GET" and found.actor.stepped_up:
        return redirect(next_url(back), 303)
    with db().reading() as session:
        has_factor = bool(factors.own_factors(session, by=found.actor))
    context: dict[str, Any] = {"next": back, "has_factor": has_factor}
    if request.method == "GET":
        return render_template("passport/confirm.html", form=FormState(), **context)
    try:
        opened = give_code() if has_factor else _give_password()
    except (Invalid, Refused) as problem:
        return form_again("passport/confirm.html", problem, **context)
    return start_session(make_response(redirect(next_url(back), 303)), opened)


def _give_password() -> sessions.Opened:
    with db().transaction() as session:
        opened = second_factor.confirm_password(
            session,
            session_hash=signed_in().session_hash,
            password=request.form.get("password", ""),
            vault=vault_of(lent().config),
            now=real_now(),
        )
    if opened is None:
        raise Invalid("password_wrong", fields={"password": ["This is not your password."]})
    return opened


@pages.route("/password", methods=["GET", "POST"])
def password() -> Page:
    """Change the password."""
    context = {"policy": ACCESS_POLICY.passwords}
    if request.method == "GET":
        return render_template("passport/password.html", form=FormState(), **context)
    try:
        _change_password()
    except (Invalid, Refused) as problem:
        return form_again("passport/password.html", problem, **context)
    say("Your password is changed. Your other sessions have ended.")
    return redirect(url_for("account.overview"), 303)


def _change_password() -> None:
    found = signed_in()
    with db().transaction() as session:
        changed = passwords.change(
            session,
            password=request.form.get("password", ""),
            new_password=request.form.get("new_password", ""),
            session_hash=found.session_hash,
            vault=vault_of(lent().config),
            by=found.actor,
            now=real_now(),
        )
    if not changed:
        raise Invalid("password_wrong", fields={"password": ["This is not your password."]})


@pages.post("/sessions/<handle>/end")
def end_one_session(handle: str) -> Page:
    """End one session, after a fresh proof."""
    by = current_actor()
    demand_fresh(by)
    with db().transaction() as session:
        sessions.end_own(session, handle=handle, by=by, now=real_now())
    say("That session has ended.")
    return redirect(url_for("account.overview"), 303)


@pages.post("/sessions/end")
def end_everywhere() -> Page:
    """End every session, this one too."""
    by = current_actor()
    demand_fresh(by)
    with db().transaction() as session:
        sessions.end_everywhere(session, by=by, now=real_now())
    say("You are signed out everywhere.")
    return end_session(make_response(redirect(url_for("sign_in.show"), 303)))


SCOPE_WORDS: Mapping[str, str] = {
    Deed.USE_OWN_ACCOUNT: "Your own account: read",
    Deed.READ_PEOPLE: "People: read",
    Deed.EDIT_PERSON: "People: change",
    Deed.ADD_FACT: "People: add evidence",
    Deed.IMPORT_PEOPLE: "People: import",
    Deed.READ_PASSPORTS: "Passports: read",
    Deed.ISSUE: "Passports: issue, hold back, end",
    Deed.VERIFY: "Passports: check what is shown",
    Deed.ASK_TO_PRESENT: "Passports: ask for one",
    Deed.READ_VERDICTS: "Checks of passports: read",
    Deed.SEE_SUBJECTS: "Requests for data: read",
    Deed.EXPORT_SUBJECT: "Requests for data: make a person's file",
    Deed.ASK_ERASURE: "Requests for data: ask for erasure",
    Deed.ERASE: "Requests for data: agree to an erasure",
}
"""Of deeds that the API offers; the upper floor adds its own as `TOKEN_SCOPES`."""


def known_scopes() -> dict[str, str]:
    """Deeds that a token of the actor can be limited to, with their words."""
    upper: Mapping[str, tuple[str, Permission]] = current_app.config.get("TOKEN_SCOPES", {})
    own = {deed: (said, PERMISSIONS[deed]) for deed, said in SCOPE_WORDS.items()}
    roles = current_actor().roles
    return {
        deed: said for deed, (said, needs) in {**own, **upper}.items() if roles & needs.roles
    }


@pages.route("/tokens", methods=["GET", "POST"])
@require_step_up
def new_token() -> Page:
    """Make an API token; it is shown once, on the answer to this form."""
    context = {"scopes": known_scopes(), "days": ACCESS_POLICY.token_days}
    if request.method == "GET":
        form = FormState({"days": ACCESS_POLICY.token_days})
        return render_template("passport/new_token.html", form=form, **context)
    try:
        with db().transaction() as session:
            token = tokens.make(
                session,
                name=request.form.get("name", ""),
                scopes=request.form.getlist("scopes"),
                known_scopes=known_scopes(),
                by=current_actor(),
                now=real_now(),
                days=_days(request.form.get("days")),
            )
    except Invalid as problem:
        return form_again("passport/new_token.html", problem, **context)
    return render_template("passport/token_made.html", token=token)


def _days(typed: str | None) -> int:
    """What is no number is no number of days either, and is refused with the other mistakes."""
    try:
        return number_of(typed, "days")
    except Invalid:
        return 0


@pages.post("/tokens/<token_id>/revoke")
def revoke_token(token_id: str) -> Page:
    """Revoke a token; it stops working at once."""
    with db().transaction() as session:
        tokens.revoke(session, token_id=uuid_of(token_id), by=current_actor(), now=real_now())
    say("The token no longer works.")
    return redirect(url_for("account.overview"), 303)
