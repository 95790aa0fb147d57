"""The way around the upper floor: navigation by what the actor may do, and the first page."""

from collections.abc import Callable
from dataclasses import replace

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from bankhub.rules.permissions import PERMISSIONS, Deed
from bankhub.web.demo_clock import shown_clock
from passport.actors import Actor
from passport.web.access import asking, open_to_all
from passport.web.frame import MINE, Way, ground_ways, open_ways
from passport.web.places import sign_in_url
from passport.web.templating import Link, Shell, marked

WAYS = (
    Way(Deed.FIND_SHIFTS, "Home", "worker.home", "home", MINE),
    Way(Deed.FIND_SHIFTS, "Find", "worker.find", "search", MINE, also=("/where-can-i-work",)),
    Way(Deed.FIND_SHIFTS, "My shifts", "worker.shifts", "calendar", MINE),
    Way(Deed.FIND_SHIFTS, "My hours", "own_hours.show", "clock", MINE),
    Way(Deed.READ_SHIFTS, "Today", "today.show", "list", "Shifts", also=("/office",)),
    Way(Deed.READ_SHIFTS, "Week", "week.show", "week", "Shifts", also=("/office/repeat",)),
    Way(Deed.POST_SHIFT, "Post", "post.new", "plus", "Shifts"),
    Way(Deed.IMPORT_ROSTER, "Roster", "roster.show", "upload", "Shifts"),
    Way(Deed.AUTHORISE_SHIFT, "Authorise", "authorise.queue", "tick", "Shifts"),
    Way(Deed.REVIEW_BREAK_GLASS, "Break-glass", "agency.break_glasses", "shield", "Shifts"),
    Way(Deed.CHECK_IN, "Arrivals", "check_in.listed", "clock", "Ward door"),
    Way(Deed.READ_POSTS, "People", "people.listed", "people", "Staff"),
    Way(Deed.READ_AGREEMENTS, "Agreements", "agreements.listed", "agreement", "Partners"),
    Way(Deed.READ_CLEARANCES, "Clearances", "clearances.listed", "shield", "Partners"),
    Way(Deed.READ_DEPLOYMENTS, "Deployments", "deployments.listed", "pin", "Partners"),
    Way(Deed.READ_RECHARGES, "Recharges", "recharges.show", "pound", "Partners"),
    Way(Deed.READ_FIGURES, "Fill rate", "figures.show", "chart", "Figures", also=("/figures",)),
    Way(Deed.READ_SYSTEM_VIEW, "Sharing", "system.show", "network", "Figures"),
    Way(Deed.READ_POLICY, "Settings", "settings.index", "gear", "Organisation"),
    Way(Deed.READ_IG, "Data protection", "information.index", "info", "Organisation"),
)


def add_navigation(app: Flask) -> None:
    """Put the upper floor's ways into the frame around each page, and a first page at `/`."""
    ground: Callable[[], Shell] = app.extensions["shell"]

    def frame() -> Shell:
        found = asking()
        shell = ground()
        if found is None or not shell.organisations:
            return shell
        ways = marked(ways_of(found.actor), request.path)
        return replace(shell, navigation=ways, demo=shown_clock())

    app.extensions["shell"] = frame
    app.config["HOME_URL"], app.config["OWN_DATA_URL"] = "/", "/account/data"
    app.add_url_rule("/", "first_page", open_to_all(first_page))


def ways_of(actor: Actor) -> list[Link]:
    """The ways that are open to the actor, those of the ground floor last."""
    ways = [way for way in WAYS if way.section != MINE or actor.person_id is not None]
    return [*open_ways(ways, actor, PERMISSIONS), *ground_ways(actor)]


def first_page() -> Response:
    """The first way that is open to whoever is asking; visitors sign in."""
    found = asking()
    if found is None:
        return redirect(sign_in_url(""), 303)
    ways = ways_of(found.actor)
    return redirect(ways[0].url if ways else url_for("account.overview"), 303)
