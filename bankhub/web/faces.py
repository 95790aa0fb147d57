"""The faces of the upper floor, in the order they are offered."""

from flask import Blueprint, Flask

from passport.web.api_base import Resource

PAGES: tuple[Blueprint, ...] = ()
RESOURCES: tuple[Resource, ...] = ()


def arrange(app: Flask) -> None:
    """What pages of this floor need beyond the ground floor's."""
