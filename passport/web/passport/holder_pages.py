"""My passport: what waits for me, on which phones it is, and who looked at it."""

import io
from urllib.parse import quote
from uuid import UUID

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as Redirect

from passport.actions.issuing import offers, own_passport, wallets
from passport.actions.issuing.offers import Offered
from passport.actions.people import looks
from passport.actions.signing import credential_life
from passport.errors import Invalid, Refused
from passport.model.credential_types import HolderRejection
from passport.sealing import vault_of
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.parsing import choice_of, uuid_of
from passport.web.passport import holder_words as words
from passport.web.refusals import Answer, form_again

pages = Blueprint("holder", __name__, url_prefix="/my-passport")

Page = str | Answer | Redirect


@pages.get("")
def show() -> Page:
    """Everything about one's own passport on one page."""
    by = current_actor()
    with db().reading() as session:
        context = {
            "parts": own_passport.parts(session, by=by),
            "wallets": wallets.own_wallets(session, by=by),
            "looks": own_passport.looks(session, by=by),
            "readings": looks.own_looks(session, by=by),
        }
    return render_template("passport/my_passport.html", words=words, **context)


@pages.get("/<person_id>/add")
@require_step_up
def add(person_id: str) -> Page:
    """Put it on a phone: on this one, or on another."""
    with db().reading() as session:
        part = own_passport.own_part(session, person_id=uuid_of(person_id), by=current_actor())
    return render_template(
        "passport/add_to_phone.html", part=part, words=words, form=FormState()
    )


@pages.post("/<person_id>/here")
@require_step_up
def add_here(person_id: str) -> Page:
    """Open the wallet of this phone with an offer that ends within minutes. It stands behind the
    `#`, so that no server and no log sees it."""
    try:
        made = _offer(uuid_of(person_id), with_tx_code=False)
    except Refused as problem:
        return _not_offered(person_id, problem)
    return redirect(f"{url_for('wallet.show')}#offer={quote(made.link, safe='')}", 303)


@pages.post("/<person_id>/elsewhere")
@require_step_up
def add_elsewhere(person_id: str) -> Page:
    """A QR code for another phone's wallet, and the code that goes with it."""
    try:
        made = _offer(uuid_of(person_id), with_tx_code=True)
    except Refused as problem:
        return _not_offered(person_id, problem)
    return render_template(
        "passport/offer.html", made=made, qr=_qr(made.short_link), person_id=person_id
    )


def _offer(person_id: UUID, *, with_tx_code: bool) -> Offered:
    config = lent().config
    with db().transaction() as session:
        return offers.make(
            session,
            person_id=person_id,
            with_tx_code=with_tx_code,
            vault=vault_of(config),
            base=config.base_url,
            by=current_actor(),
            now=real_now(),
        )


def _not_offered(person_id: str, problem: Refused) -> Answer:
    with db().reading() as session:
        part = own_passport.own_part(session, person_id=uuid_of(person_id), by=current_actor())
    return form_again("passport/add_to_phone.html", problem, part=part, words=words)


@pages.route("/credentials/<credential_id>/reject", methods=["GET", "POST"])
def reject(credential_id: str) -> Page:
    """Turn one down, with a reason."""
    with db().reading() as session:
        found = own_passport.own_credential(
            session, credential_id=uuid_of(credential_id), by=current_actor()
        )
    context = {"credential": found, "words": words}
    if request.method == "GET":
        return render_template("passport/reject.html", form=FormState(), **context)
    try:
        reason = choice_of(HolderRejection, request.form.get("reason"), "reason")
        with db().transaction() as session:
            credential_life.reject(
                session, credential_id=found.id, reason=reason, by=current_actor(), now=real_now()
            )
    except (Invalid, Refused) as problem:
        return form_again("passport/reject.html", problem, **context)
    say("Turned down. Whoever issued it has been told, and will look into it.")
    return redirect(url_for("holder.show"), 303)


@pages.post("/wallets/<wallet_id>/freeze")
def freeze(wallet_id: str) -> Page:
    """A phone is lost: what it holds is worth nothing from now on."""
    with db().transaction() as session:
        wallets.freeze(
            session, wallet_id=uuid_of(wallet_id), by=current_actor(), now=real_now()
        )
    say("Frozen. What that phone holds is refused within seconds, wherever there is a network.")
    return redirect(url_for("holder.show") + "#phones", 303)


@pages.post("/freeze")
def freeze_all() -> Page:
    """All of them in one act."""
    with db().transaction() as session:
        count = wallets.freeze_all(session, by=current_actor(), now=real_now())
    if count:
        say("All frozen. When you have a phone again, add your passport to it from this page.")
    return redirect(url_for("holder.show") + "#phones", 303)


def _qr(link: str) -> Markup:
    """The QR code as SVG without inline styles; always black on white."""
    drawn = io.BytesIO()
    segno.make(link, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=False, scale=5, border=4, light="#fff", dark="#000"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704  drawn by segno
