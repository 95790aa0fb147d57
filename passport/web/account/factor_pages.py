"""Setting up and removing second factors: authenticator app, passkeys, recovery codes.

Part of signing in for whoever needs one and has none, so these pages answer before the sign-in
is complete; every change wants a proof given within the last minutes.
"""

import io

import segno
from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from markupsafe import Markup
from werkzeug.wrappers import Response as Redirect

from passport.actions.access import factors
from passport.actions.access.factors import Enrolled
from passport.actions.access.own import demand_fresh
from passport.errors import Invalid
from passport.sealing import Vault, vault_of
from passport.web.access import open_while_entering, signed_in, start_session
from passport.web.account.sign_in_pages import credential_sent, party
from passport.web.forms import FormState
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.parsing import uuid_of
from passport.web.places import home_url
from passport.web.refusals import Answer, form_again

pages = Blueprint("factors", __name__, url_prefix="/account/second-factor")

Page = str | Answer | Response | Redirect


def _vault() -> Vault:
    return vault_of(lent().config)


@pages.get("")
@open_while_entering
def show() -> Page:
    """The factors in force, and the ways to add one."""
    found = signed_in()
    with db().reading() as session:
        context = {
            "factors": factors.own_factors(session, by=found.actor),
            "codes_left": factors.codes_left(session, by=found.actor),
        }
    return render_template(
        "passport/second_factors.html",
        standing=found.standing.value,
        go_on=url_for("factors.show") if context["factors"] else home_url(),
        **context,
    )


@pages.post("/app")
@open_while_entering
def start_app() -> Page:
    """Show the secret for an authenticator app, as QR code and as text."""
    found = signed_in()
    demand_fresh(found.actor)
    with db().transaction() as session:
        started = factors.start_totp(session, vault=_vault(), by=found.actor, now=real_now())
    return render_template(
        "passport/authenticator.html", form=FormState(), started=started, qr=_qr(started.uri)
    )


@pages.post("/app/<factor_id>")
@open_while_entering
def confirm_app(factor_id: str) -> Page:
    """Put the app into force by its first code."""
    found = signed_in()
    try:
        with db().transaction() as session:
            enrolled = factors.confirm_totp(
                session,
                factor_id=uuid_of(factor_id),
                code=request.form.get("code", ""),
                session_hash=found.session_hash,
                vault=_vault(),
                by=found.actor,
                now=real_now(),
            )
    except Invalid as problem:
        with db().reading() as session:
            started = factors.started_totp(
                session, factor_id=uuid_of(factor_id), vault=_vault(), by=found.actor
            )
        qr = _qr(started.uri)
        return form_again("passport/authenticator.html", problem, started=started, qr=qr)
    say("Your authenticator app is set up.")
    return start_session(_after(enrolled), enrolled.opened)


@pages.post("/passkey/options")
@open_while_entering
def passkey_options() -> Response:
    """What the browser needs to make a passkey."""
    found = signed_in()
    with db().transaction() as session:
        options = factors.passkey_options(
            session,
            session_hash=found.session_hash,
            party=party(),
            by=found.actor,
            now=real_now(),
        )
    return jsonify(options)


@pages.post("/passkey")
@open_while_entering
def add_passkey() -> Response:
    """Put the passkey into force; recovery codes come with the first factor."""
    found, sent = signed_in(), credential_sent()
    with db().transaction() as session:
        enrolled = factors.add_passkey(
            session,
            credential=sent["credential"],
            name=sent.get("name", ""),
            session_hash=found.session_hash,
            party=party(),
            vault=_vault(),
            by=found.actor,
            now=real_now(),
        )
    answer = jsonify(next=url_for("factors.show"), recovery_codes=list(enrolled.recovery_codes))
    return start_session(answer, enrolled.opened)


def _after(enrolled: Enrolled) -> Response:
    """Recovery codes, once, after the first factor; else back to the list."""
    if enrolled.recovery_codes:
        codes = enrolled.recovery_codes
        page = render_template("passport/recovery_codes.html", codes=codes, go_on=home_url())
        return make_response(page)
    return make_response(redirect(url_for("factors.show"), 303))


@pages.post("/recovery-codes")
def new_codes() -> Page:
    """New recovery codes, shown once."""
    found = signed_in()
    with db().transaction() as session:
        codes = factors.new_recovery_codes(session, vault=_vault(), by=found.actor, now=real_now())
    return render_template(
        "passport/recovery_codes.html", codes=codes, go_on=url_for("account.overview")
    )


@pages.post("/<factor_id>/remove")
def remove(factor_id: str) -> Page:
    """Remove a factor."""
    found = signed_in()
    with db().transaction() as session:
        factors.remove(
            session,
            factor_id=uuid_of(factor_id),
            session_hash=found.session_hash,
            by=found.actor,
            now=real_now(),
        )
    say("Removed. Your other sessions have ended.")
    return redirect(url_for("factors.show"), 303)


def _qr(uri: str) -> Markup:
    """The QR code as SVG without inline styles; always black on white."""
    drawn = io.BytesIO()
    segno.make(uri, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=False, scale=4, border=4, light="#fff", dark="#000"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704  made of digits by segno
