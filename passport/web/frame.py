"""What the ground floor puts around a page: who is signed in, where they act, and the way out.

The upper floor adds its navigation to it.
"""

from flask import request, url_for

from passport.actions.asking import Asking
from passport.actors import AccessRole, Actor
from passport.rules.permissions import PERMISSIONS, Deed, why_not
from passport.rules.sign_in import Standing
from passport.web.messages import said
from passport.web.places import home_url
from passport.web.templating import Choice, Link, Shell, marked

WAYS: tuple[tuple[Deed, str, str, str], ...] = (
    (Deed.READ_PASSPORTS, "Passports", "issuing.listed", "passport"),
    (Deed.CHECK_REGISTER, "Registers", "registers.index", "list"),
    (Deed.VERIFY, "Check", "verify.show", "tick"),
    (Deed.ASK_TO_PRESENT, "Ask", "ask.index", "person"),
)
"""What opens the way, its words, where it leads, and its icon."""


def ground_frame(asking: Asking | None) -> Shell:
    """The frame for whoever is asking."""
    if asking is None:
        on_sign_in = (request.endpoint or "").startswith("sign_in.")
        return Shell(
            home_url=home_url(),
            sign_in_url="" if on_sign_in else url_for("sign_in.show"),
            messages=said(),
        )
    if asking.standing is not Standing.COMPLETE:
        return Shell(
            home_url=home_url(),
            account_name=asking.display_name or asking.email,
            sign_out_url=url_for("sign_in.sign_out"),
            messages=said(),
        )
    here = asking.actor.organisation_id
    return Shell(
        home_url=home_url(),
        navigation=marked(ground_ways(asking.actor), request.path),
        organisations=tuple(
            Choice(
                str(place.organisation_id),
                place.name,
                place.ods_code,
                current=place.organisation_id == here,
            )
            for place in asking.places
        ),
        switch_url=url_for("account.switch"),
        account_name=asking.display_name or asking.email,
        account_links=_links(asking),
        sign_out_url=url_for("sign_in.sign_out"),
        messages=said(),
    )


def ground_ways(actor: Actor) -> list[Link]:
    """The ways of the ground floor that are open to the actor."""
    carries = actor.person_id is not None and AccessRole.WORKER in actor.roles
    own = [Link("My passport", url_for("holder.show"), "passport")] if carries else []
    return own + [
        Link(words, url_for(endpoint), icon)
        for deed, words, endpoint, icon in WAYS
        if why_not(actor, deed, PERMISSIONS) is None
    ]


def _links(asking: Asking) -> tuple[Link, ...]:
    links = [Link("Account and security", url_for("account.overview"))]
    if asking.actor.person_id is not None:
        links.insert(0, Link("My registrations", url_for("registers.own")))
        links.insert(0, Link("My passport", url_for("holder.show")))
    if why_not(asking.actor, Deed.READ_ACCOUNTS, PERMISSIONS) is None:
        links.append(Link("People and roles", url_for("admin.members")))
    if why_not(asking.actor, Deed.READ_KEYS, PERMISSIONS) is None:
        links.append(Link("Keys", url_for("keys.show")))
    if why_not(asking.actor, Deed.VERIFY, PERMISSIONS) is None:
        links.append(Link("Check a passport", url_for("verify.show")))
    if why_not(asking.actor, Deed.READ_VERDICTS, PERMISSIONS) is None:
        links.append(Link("Checks of passports", url_for("verdicts.listed")))
    return tuple(links)
