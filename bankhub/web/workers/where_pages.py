"""“Where can I work?”: for the signed-in person, every host that an agreement opens to them, and
the same checklist that the host's desk reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, render_template
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_views, clearances
from bankhub.actions.clearances.clearance_views import WhereIMayWork
from bankhub.model.clearance_values import Place
from bankhub.web.clearances.clearance_words import because_words
from bankhub.web.shifts.office_parts import Page, done
from passport.actions.issuing import own_passport
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.lent import db, now
from passport.web.messages import say

pages = Blueprint("where", __name__, url_prefix="/where-can-i-work")


@dataclass(frozen=True, slots=True)
class Host:
    """One organisation and what the person may be there."""

    host: Place
    doers: dict[str, str]
    works: Sequence[WhereIMayWork]


@pages.get("")
def listed() -> Page:
    """Each organisation: cleared, or what is missing and whose act it is."""
    with db().reading() as session:
        found = clearance_views.own(session, by=current_actor(), now=now())
        to_take = own_passport.waiting(session, by=current_actor())
    return render_template(
        "bankhub/worker/where.html", places=list(_by_host(found)), to_take=to_take
    )


def _by_host(found: Sequence[WhereIMayWork]) -> Iterable[Host]:
    for host in dict.fromkeys(one.host for one in found):
        works = [one for one in found if one.host == host]
        yield Host(host, _doers(works[0].home, host), works)


@pages.get("/<uuid:clearance_id>")
def show(clearance_id: UUID) -> Page:
    """What one host decided, and why."""
    with db().reading() as session:
        found = clearance_views.own_one(session, clearance_id=clearance_id, by=current_actor())
    about = found.clearance
    return render_template(
        "bankhub/worker/clearance.html",
        found=found,
        doers=_doers(about.home, about.host),
        because=because_words(about.decided_because),
    )


@pages.post("/<uuid:clearance_id>/end")
def end(clearance_id: UUID) -> Page:
    """The person does not want to work there any more."""

    def work(session: Session) -> Response:
        clearances.end_own(session, clearance_id=clearance_id, by=current_actor(), now=now())
        say("Ended. They do not read your passport any more.", "info")
        return done("where.listed")

    return idempotency.deed(work)


def _doers(home: Place, host: Place) -> dict[str, str]:
    return {"worker": "You", "home": home.name, "host": host.name}
