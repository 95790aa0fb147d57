"""How far is one site from another? In a straight line, over the surface of the earth.

Not the way by road: the screen says so. Home addresses are not kept, so distances are always
from a site the worker names.
"""

from math import asin, cos, radians, sin, sqrt

Coordinates = tuple[float, float]
"""Latitude and longitude in degrees (WGS 84)."""

_EARTH_KM = 6371.0
"""Mean radius."""


def straight_line_km(one: Coordinates | None, other: Coordinates | None) -> float | None:
    """Kilometres between two places; None where one of them is not known."""
    if one is None or other is None:
        return None
    (north, east), (south, west) = ((radians(lat), radians(lon)) for lat, lon in (one, other))
    across = sin((north - south) / 2) ** 2
    across += cos(north) * cos(south) * sin((east - west) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(across)))
