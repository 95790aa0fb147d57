"""Entering by a one-time link, and coming back after forgetting a password.

Opening a link changes nothing (mail scanners open links); sending its form does. An unknown, a
used and an expired link look the same.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from passport.actions.access import accounts, links, passwords, sign_in
from passport.errors import Invalid, NotFound, Refused
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import LinkPurpose
from passport.sealing import Vault, vault_of
from passport.web.access import open_to_all, start_session
from passport.web.account.devices import device_words
from passport.web.forms import FormState
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.places import home_url
from passport.web.refusals import Answer, form_again

pages = Blueprint("entry", __name__)

Page = str | Answer | Response | Redirect

POLICY = ACCESS_POLICY.passwords


def vault() -> Vault:
    """The vault of this installation."""
    return vault_of(lent().config)


def _followed(token: str, purpose: LinkPurpose) -> str | None:
    """The e-mail address of the link's account; None where the link does not work."""
    try:
        with db().reading() as session:
            return links.look(session, token, purpose, vault(), real_now()).email
    except NotFound:
        return None


def _dead_link() -> Answer:
    return render_template("passport/link_dead.html"), 404, {}


@pages.get("/invitation/<token>")
@open_to_all
def invitation(token: str) -> Page:
    """Choose a name and a password."""
    email = _followed(token, LinkPurpose.INVITE)
    if email is None:
        return _dead_link()
    return render_template("passport/invitation.html", form=FormState(), email=email, policy=POLICY)


@pages.post("/invitation/<token>")
@open_to_all
def accept(token: str) -> Page:
    """Enter: the account is set up and signed in."""
    email = _followed(token, LinkPurpose.INVITE)
    if email is None:
        return _dead_link()
    try:
        with db().transaction() as session:
            account = accounts.accept(
                session,
                token=token,
                display_name=request.form.get("display_name", ""),
                new_password=request.form.get("new_password", ""),
                vault=vault(),
                now=real_now(),
            )
            opened = sign_in.enter_invited(
                session,
                account=account,
                device=device_words(request.user_agent.string),
                own_device=request.form.get("own_device") == "yes",
                now=real_now(),
            )
    except Invalid as problem:
        return form_again("passport/invitation.html", problem, email=email, policy=POLICY)
    say("Welcome. Your account is ready.")
    return start_session(make_response(redirect(home_url(), 303)), opened)


@pages.route("/letter/<token>", methods=["GET", "POST"])
@open_to_all
def letter(token: str) -> Page:
    """A link that the organisation passed on: it has the real one mailed to the person."""
    email = _followed(token, LinkPurpose.HANDED)
    if email is None:
        return _dead_link()
    if request.method == "POST":
        with db().transaction() as session:
            accounts.answer_handed(session, token=token, vault=vault(), now=real_now())
        return render_template("passport/mail_sent.html", email=email)
    return render_template("passport/letter.html", email=email)


@pages.route("/forgotten", methods=["GET", "POST"])
@open_to_all
def forgotten() -> Page:
    """Ask for a link by mail. The answer is the same whether there is such an account or not."""
    if request.method == "GET":
        return render_template("passport/forgotten.html", form=FormState())
    email = request.form.get("email", "")
    try:
        with db().transaction() as session:
            passwords.ask_reset(
                session,
                email=email,
                address=request.remote_addr or "",
                vault=vault(),
                now=real_now(),
            )
    except Refused as problem:
        return form_again("passport/forgotten.html", problem)
    return render_template("passport/mail_sent.html", email=email)


@pages.get("/reset/<token>")
@open_to_all
def reset(token: str) -> Page:
    """Choose a new password."""
    email = _followed(token, LinkPurpose.RESET)
    if email is None:
        return _dead_link()
    return render_template("passport/reset.html", form=FormState(), email=email, policy=POLICY)


@pages.post("/reset/<token>")
@open_to_all
def set_anew(token: str) -> Page:
    """Set it. The person then signs in as always, second factor included."""
    email = _followed(token, LinkPurpose.RESET)
    if email is None:
        return _dead_link()
    try:
        with db().transaction() as session:
            passwords.reset(
                session,
                token=token,
                new_password=request.form.get("new_password", ""),
                vault=vault(),
                now=real_now(),
            )
    except Invalid as problem:
        return form_again("passport/reset.html", problem, email=email, policy=POLICY)
    say("Your password is changed. Sign in with it.")
    return redirect(url_for("sign_in.show"), 303)
