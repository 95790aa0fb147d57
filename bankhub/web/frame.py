"""The way around the upper floor: navigation by what the actor may do, and the first page."""

from collections.abc import Callable
from dataclasses import replace

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from bankhub.rules.permissions import PERMISSIONS, Deed
from bankhub.web.demo_clock import shown_clock
from passport.actors import Actor
from passport.rules.permissions import why_not
from passport.web.access import asking, open_to_all
from passport.web.frame import ground_ways
from passport.web.places import sign_in_url
from passport.web.templating import Link, Shell, marked

WAYS: tuple[tuple[Deed, str, str, str], ...] = (
    (Deed.FIND_SHIFTS, "Home", "worker.home", "home"),
    (Deed.FIND_SHIFTS, "Find", "worker.find", "search"),
    (Deed.FIND_SHIFTS, "My shifts", "worker.shifts", "calendar"),
    (Deed.FIND_SHIFTS, "My hours", "own_hours.show", "clock"),
    (Deed.READ_SHIFTS, "Today", "today.show", "list"),
    (Deed.CHECK_IN, "Arrivals", "check_in.listed", "clock"),
    (Deed.READ_SHIFTS, "Week", "week.show", "week"),
    (Deed.POST_SHIFT, "Post", "post.new", "plus"),
    (Deed.IMPORT_ROSTER, "Roster", "roster.show", "upload"),
    (Deed.AUTHORISE_SHIFT, "Authorise", "authorise.queue", "tick"),
    (Deed.READ_POSTS, "People", "people.listed", "people"),
    (Deed.READ_CLEARANCES, "Clearances", "clearances.listed", "shield"),
    (Deed.READ_DEPLOYMENTS, "Deployments", "deployments.listed", "pin"),
    (Deed.REVIEW_BREAK_GLASS, "Break-glass", "agency.break_glasses", "shield"),
    (Deed.READ_FIGURES, "Fill rate", "figures.show", "chart"),
    (Deed.READ_AGREEMENTS, "Agreements", "agreements.listed", "agreement"),
    (Deed.READ_RECHARGES, "Recharges", "recharges.show", "pound"),
    (Deed.READ_SYSTEM_VIEW, "Sharing", "system.show", "network"),
    (Deed.READ_IG, "Data protection", "information.index", "info"),
    (Deed.READ_POLICY, "Settings", "settings.index", "gear"),
)
"""What opens the way, its words, where it leads, and its icon."""


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
    app.config["HOME_URL"] = "/"
    app.add_url_rule("/", "first_page", open_to_all(first_page))


def ways_of(actor: Actor) -> list[Link]:
    """The ways that are open to the actor, those of the ground floor last."""
    own = [
        Link(words, url_for(endpoint), icon)
        for deed, words, endpoint, icon in WAYS
        if why_not(actor, deed, PERMISSIONS) is None
    ]
    return [*own, *ground_ways(actor)]


def first_page() -> Response:
    """The first way that is open to whoever is asking; visitors sign in."""
    found = asking()
    if found is None:
        return redirect(sign_in_url(""), 303)
    ways = ways_of(found.actor)
    return redirect(ways[0].url if ways else url_for("account.overview"), 303)
