"""Signing in and out: password, passkey, second factor, and the demo's one click."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Redirect

from passport.actions.access import passkeys, second_factor, sessions, sign_in
from passport.actions.access.passkeys import RelyingParty
from passport.actions.access.sessions import Opened
from passport.errors import Invalid, Refused
from passport.rules.access.sign_in import Standing
from passport.sealing import vault_of
from passport.web import forgery
from passport.web.access import (
    asking,
    end_session,
    open_to_all,
    open_while_entering,
    signed_in,
    start_session,
)
from passport.web.account.devices import device_words
from passport.web.account.role_words import role_words
from passport.web.forms import FormState
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.parsing import uuid_of
from passport.web.places import next_url
from passport.web.refusals import Answer, form_again

pages = Blueprint("sign_in", __name__)

Page = str | Answer | Response | Redirect


def party() -> RelyingParty:
    """What passkeys are bound to here."""
    return RelyingParty.of(lent().config.base_url)


def device() -> str:
    """The browser that asks, in a few words."""
    return device_words(request.user_agent.string)


@pages.get("/sign-in")
@open_to_all
def show() -> Page:
    """The sign-in page; people who are signed in already go on."""
    found = asking()
    if found and found.standing is Standing.COMPLETE:
        return redirect(next_url(request.args.get("next")), 303)
    return render_template("passport/sign_in.html", form=FormState(), **_sign_in_context())


def _sign_in_context() -> dict[str, Any]:
    accounts: Sequence[sign_in.DemoAccount] = ()
    if lent().config.demo:
        with db().reading() as session:
            accounts = sign_in.demo_accounts(session)
    return {
        "next": request.values.get("next", ""),
        "demo_accounts": accounts,
        "role_words": role_words,
    }


@pages.post("/sign-in")
@open_to_all
def enter() -> Page:
    """E-mail and password: counted, checked outside any transaction, then a session opened."""
    vault = vault_of(lent().config)
    try:
        with db().transaction() as session:
            attempt = sign_in.begin(
                session,
                email=request.form.get("email", ""),
                address=request.remote_addr or "",
                vault=vault,
                now=real_now(),
            )
        opened = _enter_with(attempt, request.form.get("password", ""))
    except (Invalid, Refused) as problem:
        return form_again("passport/sign_in.html", problem, **_sign_in_context())
    return _go_on(opened)


def _enter_with(attempt: sign_in.Attempt, password: str) -> Opened:
    right = attempt.is_right(password)
    with db().transaction() as session:
        if right:
            return sign_in.enter(
                session,
                attempt=attempt,
                password=password,
                device=device(),
                own_device=request.form.get("own_device") == "yes",
                now=real_now(),
            )
        wrong = sign_in.fail(session, attempt=attempt, now=real_now())
    raise wrong


def _go_on(opened: Opened) -> Response:
    response = make_response(redirect(next_url(request.form.get("next")), 303))
    return start_session(response, opened)


@pages.post("/sign-in/demo")
@open_to_all
def enter_demo() -> Page:
    """One click, in the demo and for its seeded accounts only."""
    with db().transaction() as session:
        opened = sign_in.enter_demo(
            session,
            account_id=uuid_of(request.form.get("account")),
            demo=lent().config.demo,
            device=device(),
            now=real_now(),
        )
    return _go_on(opened)


@pages.post("/sign-in/passkey/options")
@open_to_all
def passkey_options() -> Response:
    """A challenge for whichever passkey the visitor's browser has."""
    return jsonify(
        passkeys.visitor_options(
            visitor=forgery.visitor(),
            vault=vault_of(lent().config),
            party=party(),
            now=real_now(),
        )
    )


@pages.post("/sign-in/passkey")
@open_to_all
def enter_by_passkey() -> Response:
    """Sign in by passkey alone: it has checked its holder, so it is both factors."""
    sent = credential_sent()
    with db().transaction() as session:
        account_id = passkeys.verify_for_visitor(
            session,
            visitor=forgery.visitor(),
            credential=sent["credential"],
            vault=vault_of(lent().config),
            party=party(),
            now=real_now(),
        )
        opened = sign_in.enter_by_passkey(
            session,
            account_id=account_id,
            device=device(),
            own_device=bool(sent.get("own_device")),
            now=real_now(),
        )
    return start_session(jsonify(next=next_url(sent.get("next"))), opened)


def credential_sent() -> dict[str, Any]:
    """What the passkey script sends: the credential and the words beside it."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("credential"), dict):
        raise Invalid("passkey_not_accepted", passkeys.NOT_ACCEPTED)
    texts = {name: sent[name] for name in ("next", "name") if isinstance(sent.get(name), str)}
    return {**texts, "credential": sent["credential"], "own_device": sent.get("own_device")}


@pages.route("/sign-in/second-factor", methods=["GET", "POST"])
@open_while_entering
def second_factor_page() -> Page:
    """A code of the app or a recovery code; a passkey where the browser can."""
    found = signed_in()
    if request.method == "GET":
        if found.standing is not Standing.SECOND_FACTOR_NEEDED:
            return redirect(next_url(request.args.get("next")), 303)
        return render_template("passport/second_factor.html", form=FormState(), **_factor_context())
    try:
        opened = give_code()
    except (Invalid, Refused) as problem:
        return form_again("passport/second_factor.html", problem, **_factor_context())
    return _go_on(opened)


def _factor_context() -> dict[str, Any]:
    return {"next": request.values.get("next", "")}


def give_code() -> Opened:
    """Give the typed code; raises `Invalid` where it is wrong (the guess stays counted)."""
    with db().transaction() as session:
        opened = second_factor.give_code(
            session,
            session_hash=signed_in().session_hash,
            code=request.form.get("code", ""),
            vault=vault_of(lent().config),
            now=real_now(),
        )
    if opened is None:
        message = "That code is not right, or was used before. Try the next one."
        raise Invalid("code_wrong", fields={"code": [message]})
    return opened


@pages.post("/sign-in/second-factor/passkey/options")
@open_while_entering
def second_factor_options() -> Response:
    """A challenge for one of the account's passkeys."""
    with db().transaction() as session:
        options = second_factor.passkey_options(
            session, session_hash=signed_in().session_hash, party=party(), now=real_now()
        )
    return jsonify(options)


@pages.post("/sign-in/second-factor/passkey")
@open_while_entering
def give_passkey() -> Response:
    """Give a passkey, at sign-in or for step-up."""
    sent = credential_sent()
    with db().transaction() as session:
        opened = second_factor.give_passkey(
            session,
            session_hash=signed_in().session_hash,
            credential=sent["credential"],
            party=party(),
            now=real_now(),
        )
    return start_session(jsonify(next=next_url(sent.get("next"))), opened)


@pages.post("/sign-out")
@open_while_entering
def sign_out() -> Page:
    """End this session."""
    found = signed_in()
    with db().transaction() as session:
        sessions.sign_out(session, token_hash=found.session_hash, by=found.actor, now=real_now())
    say("You are signed out.")
    return end_session(make_response(redirect(next_url("/sign-in"), 303)))
