"""What the ground floor puts around a page: who is signed in, where they act, and the way out.

The upper floor adds its navigation to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request, url_for

from passport.actions.access.asking import Asking
from passport.actors import AccessRole, Actor
from passport.rules.access.sign_in import Standing
from passport.rules.permissions import PERMISSIONS, Deed, Permission, why_not
from passport.web.messages import said
from passport.web.places import home_url
from passport.web.templating import Choice, Link, Shell, marked

MINE = "My work"
"""The heading of what is open only to somebody whose account stands for a person."""


@dataclass(frozen=True, slots=True)
class Way:
    """A place in the navigation, and the deed that opens it."""

    deed: str
    text: str
    endpoint: str
    icon: str
    section: str
    also: tuple[str, ...] = ()
    """Further addresses whose pages belong to it."""


WAYS = (
    Way(Deed.READ_PASSPORTS, "Passports", "issuing.listed", "passport", "Staff"),
    Way(Deed.CHECK_REGISTER, "Registers", "registers.index", "list", "Staff"),
    Way(Deed.VERIFY, "Check", "verify.show", "tick", "Ward door", also=("/desk", "/ward-devices")),
    Way(Deed.ASK_TO_PRESENT, "Ask", "ask.index", "person", "Ward door"),
    Way(Deed.READ_VERDICTS, "Checks made", "verdicts.listed", "list", "Ward door"),
    Way(Deed.READ_ACCOUNTS, "People and roles", "admin.members", "people", "Organisation"),
    Way(Deed.READ_KEYS, "Keys", "keys.show", "key", "Organisation"),
)


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
        who=f"{asking.account_id}/{here}",
        account_name=asking.display_name or asking.email,
        account_links=_links(asking),
        sign_out_url=url_for("sign_in.sign_out"),
        messages=said(),
    )


def ground_ways(actor: Actor) -> list[Link]:
    """The ways of the ground floor that are open to the actor."""
    carries = actor.person_id is not None and AccessRole.WORKER in actor.roles
    mine = Link(
        "My passport",
        url_for("holder.show"),
        "passport",
        section=MINE,
        also=(url_for("registers.own"),),
    )
    return [*([mine] if carries else []), *open_ways(WAYS, actor, PERMISSIONS)]


def open_ways(
    ways: Sequence[Way], actor: Actor, permissions: Mapping[str, Permission]
) -> list[Link]:
    """Links to the ways that are open to the actor."""
    return [
        Link(way.text, url_for(way.endpoint), way.icon, section=way.section, also=way.also)
        for way in ways
        if why_not(actor, way.deed, permissions) is None
    ]


def _links(asking: Asking) -> tuple[Link, ...]:
    links = [Link("Account and security", url_for("account.overview"))]
    if asking.actor.person_id is not None:
        links.insert(0, Link("My registrations", url_for("registers.own")))
        links.insert(0, Link("My passport", url_for("holder.show")))
    return tuple(links)
