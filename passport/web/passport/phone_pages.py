"""The phones of somebody who rings in: HR freezes a lost one for them."""

from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session

from passport.actions.issuing import wallets
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up
from passport.web.lent import db, real_now
from passport.web.messages import say

pages = Blueprint("phones", __name__, url_prefix="/passports")


@pages.get("/people/<uuid:person_id>/phones")
def show(person_id: UUID) -> str:
    """On which phones their passport of this organisation is."""
    with db().reading() as session:
        person, found = wallets.wallets_of(session, person_id=person_id, by=current_actor())
    return render_template("passport/issuing/phones.html", person=person, wallets=found)


@pages.post("/people/<uuid:person_id>/phones/<uuid:wallet_id>/freeze")
@require_step_up
def freeze(person_id: UUID, wallet_id: UUID) -> Response:
    """Freeze one of them."""

    def work(session: Session) -> Response:
        wallets.wallets_of(session, person_id=person_id, by=current_actor())
        wallets.freeze(session, wallet_id=wallet_id, by=current_actor(), now=real_now())
        say("Frozen, and they are told. They add their passport to the next phone themselves.")
        return make_response(redirect(url_for("phones.show", person_id=person_id), 303))

    return idempotency.deed(work)
