"""The faces of the upper floor, in the order they are offered."""

from flask import Blueprint, Flask

from bankhub.web import (
    api_me,
    api_shifts,
    demo_clock,
    office_pages,
    trade_words,
    worker_pages,
)
from bankhub.web.frame import add_navigation
from passport.web.api_base import Resource

PAGES: tuple[Blueprint, ...] = (worker_pages.pages, *office_pages.PAGES, demo_clock.pages)
RESOURCES: tuple[Resource, ...] = (api_shifts.resource, api_me.resource)


def arrange(app: Flask) -> None:
    """What pages of this floor need beyond the ground floor's: words, and a way around."""
    app.jinja_env.filters.update(trade_words.FILTERS)
    add_navigation(app)
