"""“Is this also you?”: other banks' records that may be the person's own, for them alone."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template
from sqlalchemy.orm import Session

from bankhub.actions.people import holders
from bankhub.rules.eligibility.record_clashes import Clash
from bankhub.web.shifts.office_parts import Page, done
from passport.actions.people import linking
from passport.actions.people.linking import OpenLink
from passport.errors import NotFound, Reason, Refused
from passport.model.people import LinkState
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.lent import db, now
from passport.web.messages import say

pages = Blueprint("links", __name__, url_prefix="/my/records")


@pages.get("")
def show() -> Page:
    """What to ask, and what was linked. Looking puts new questions on record."""
    by = current_actor()
    with db().transaction() as session:
        found = linking.look_for_links(session, by=by, now=now())
    return render_template(
        "bankhub/links/list.html",
        asked=[one for one in found if one.state is LinkState.PROPOSED],
        linked=[one for one in found if one.state is LinkState.CONFIRMED],
        parted=[one for one in found if one.state is LinkState.UNDONE],
    )


def _one(session: Session, link_id: UUID) -> OpenLink:
    every = linking.links(session, by=current_actor())
    found = next((one for one in every if one.link_id == link_id), None)
    if found is None:
        raise NotFound
    return found


@pages.get("/<uuid:link_id>")
def ask(link_id: UUID) -> Page:
    """One record: is it theirs, and what would lie on top of each other?"""
    return _ask_page(link_id, ())


def _ask_page(link_id: UUID, reasons: tuple[Reason, ...]) -> str:
    clashes: list[Clash] = []
    with db().reading() as session:
        link = _one(session, link_id)
        if link.state is not LinkState.CONFIRMED:
            clashes = holders.clashes(session, link_id=link_id, by=current_actor(), now=now())
    return render_template(
        "bankhub/links/ask.html", link=link, clashes=clashes, reasons=reasons
    )


@pages.post("/<uuid:link_id>/confirm")
def confirm(link_id: UUID) -> Page:
    """They are one person's."""

    def work(session: Session) -> Response:
        state = linking.confirm(session, link_id=link_id, by=current_actor(), now=now())
        say(SAID[state], "good" if state is LinkState.CONFIRMED else "info")
        return done("links.show")

    try:
        return idempotency.deed(work)
    except Refused as refused:
        return make_response(_ask_page(link_id, refused.reasons), refused.status)


SAID = {
    LinkState.CONFIRMED: "Linked. Rest and weekly limits now count both, and neither bank is told.",
    LinkState.PROPOSED: "Noted. Somebody signs in for the other record already: sign in with that "
    "account and say the same there.",
}


@pages.post("/<uuid:link_id>/refuse")
def refuse(link_id: UUID) -> Page:
    """It is somebody else's; the question is not asked again."""

    def work(session: Session) -> Response:
        linking.refuse(session, link_id=link_id, by=current_actor(), now=now())
        say("Noted: that is somebody else. You are not asked again.")
        return done("links.show")

    return idempotency.deed(work)


@pages.post("/<uuid:link_id>/undo")
def undo(link_id: UUID) -> Page:
    """The records are parted again."""

    def work(session: Session) -> Response:
        linking.undo(session, link_id=link_id, by=current_actor(), now=now())
        say("The records are parted again.")
        return done("links.show")

    return idempotency.deed(work)
