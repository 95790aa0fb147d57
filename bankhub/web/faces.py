"""The faces of the upper floor, in the order they are offered."""

from flask import Blueprint, Flask

from bankhub.web import api_me, api_shifts
from passport.web.api_base import Resource

PAGES: tuple[Blueprint, ...] = ()
RESOURCES: tuple[Resource, ...] = (api_shifts.resource, api_me.resource)


def arrange(app: Flask) -> None:
    """What pages of this floor need beyond the ground floor's."""
