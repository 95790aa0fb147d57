"""An organisation's keys: what signs, the next one, one in other hands; and whom it believes."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from passport.actions.permission import demand
from passport.actions.signing import keys
from passport.actions.tenancy import own_organisation
from passport.actions.trust import compromise, trust
from passport.errors import Invalid, Refused
from passport.model.keys import KeyPurpose, SigningKey
from passport.rules.permissions import PERMISSIONS, Deed, why_not
from passport.rules.tokens import x509_chain
from passport.rules.tokens.key_states import KeyState, key_state
from passport.sealing import vault_of
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.parsing import choice_of, day_of, uuid_of
from passport.web.refusals import Answer, form_again

pages = Blueprint("keys", __name__, url_prefix="/keys")

Page = str | Answer | Response | Redirect

PURPOSES = {
    KeyPurpose.ISSUER: "Passports, and lists of what was withdrawn",
    KeyPurpose.REQUEST: "Requests to show a passport",
}
STATES = {
    KeyState.WAITING: ("Known to verifiers, signs from its first day", "info"),
    KeyState.SIGNS: ("Signs", "good"),
    KeyState.RELIEVED: ("Relieved: what it signed counts", "plain"),
    KeyState.ENDED: ("Ended: what it signed counts", "plain"),
    KeyState.REVOKED: ("Withdrawn: nothing it signed counts", "bad"),
}


@pages.get("")
def show() -> Page:
    """The keys, the other installations believed, and what is still to be collected anew."""
    by, now = current_actor(), real_now()
    with db().reading() as session:
        found = keys.keys_of(session, by=by)
        brought = trust.brought(session, by=by)
        waiting = compromise.to_reissue(session, by=by) if _may(Deed.READ_PASSPORTS) else ()
    return render_template(
        "passport/keys.html",
        keys=[
            (one, PURPOSES[one.purpose], *STATES[_state(one, found, now)]) for one in found
        ],
        brought=[(one, x509_chain.fingerprint(one.root_pem)) for one in brought],
        waiting=waiting,
        may_manage=_may(Deed.MANAGE_KEYS),
    )


@pages.route("/rotate", methods=["GET", "POST"])
def rotate() -> Page:
    """Make the next key: known at once, signing once every verifier may know it."""
    by = current_actor()
    demand(by, Deed.MANAGE_KEYS)
    context = {"purposes": [(one.value, words) for one, words in PURPOSES.items()]}
    if request.method == "GET":
        return render_template("passport/key_rotate.html", form=FormState(), **context)
    try:
        purpose = choice_of(KeyPurpose, request.form.get("purpose"), "purpose")
        if purpose not in PURPOSES:
            raise Invalid("choice", fields={"purpose": ["Choose one of the list."]})
        with db().transaction() as session:
            keys.rotate(
                session,
                purpose,
                organisation_id=own_organisation(by),
                vault=vault_of(lent().config),
                base=lent().config.base_url,
                by=by,
                now=real_now(),
            )
    except (Invalid, Refused) as problem:
        return form_again("passport/key_rotate.html", problem, **context)
    say("The next key is made. It takes over on its first day.")
    return redirect(url_for("keys.show"), 303)


@pages.route("/<key_id>/replace", methods=["GET", "POST"])
def replace(key_id: str) -> Page:
    """Withdraw a key that may be in other hands; another takes its place at once."""
    by, now = current_actor(), real_now()
    demand(by, Deed.MANAGE_KEYS)
    with db().reading() as session:
        one = keys.one_of(session, key_id=uuid_of(key_id), by=by)
    context = {"key": one, "purpose": PURPOSES[one.purpose]}
    if request.method == "GET":
        start = {"since": f"{one.not_before:%Y-%m-%d}"}
        return render_template("passport/key_replace.html", form=FormState(start), **context)
    try:
        since = datetime.combine(day_of(request.form.get("since"), "since"), time(), UTC)
        with db().transaction() as session:
            compromise.replace_key(
                session,
                key_id=one.id,
                since=since,
                vault=vault_of(lent().config),
                base=lent().config.base_url,
                by=by,
                now=now,
            )
    except (Invalid, Refused) as problem:
        return form_again("passport/key_replace.html", problem, **context)
    say("The key is withdrawn, another signs, and the holders are told.")
    return redirect(url_for("keys.show"), 303)


def _state(one: SigningKey, found: Sequence[SigningKey], now: datetime) -> KeyState:
    return key_state(one, [other for other in found if other.purpose is one.purpose], now)


def _may(deed: Deed) -> bool:
    """Decides what is drawn, never whether a deed is done."""
    reason = why_not(current_actor(), deed, PERMISSIONS)
    return reason is None or reason.code == "step_up_needed"
