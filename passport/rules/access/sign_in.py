"""How far has this person come in signing in, and for how long does it hold?

Whoever holds any role other than worker, anywhere, gives a second factor at every sign-in, and
until one is enrolled can only enrol. Workers are offered one, and are asked for it once they have
it. Only the seeded accounts of a demo are spared. A session of a worker on their own device
lasts longer than any other. Source: DTAC (multi-factor sign-in for every account type with more
than own data), OWASP ASVS 5.0 6.3.3, 7.3.1, 7.3.2, 7.5.1.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from passport.actors import AccessRole
from passport.model.access_policy import AccessPolicy, SessionLimits


class Standing(StrEnum):
    """How far a session has come."""

    COMPLETE = "complete"
    SECOND_FACTOR_NEEDED = "second_factor_needed"
    ENROLMENT_NEEDED = "enrolment_needed"


def is_privileged(roles: Collection[AccessRole]) -> bool:
    """Whether any of the roles reaches other people's data."""
    return any(role is not AccessRole.WORKER for role in roles)


def standing(
    *,
    roles_anywhere: Collection[AccessRole],
    has_factor: bool,
    factor_given: bool,
    waived: bool,
) -> Standing:
    """How far the session has come. `waived` is for the demo's seeded accounts alone."""
    if factor_given or waived:
        return Standing.COMPLETE
    if has_factor:
        return Standing.SECOND_FACTOR_NEEDED
    if is_privileged(roles_anywhere):
        return Standing.ENROLMENT_NEEDED
    return Standing.COMPLETE


def limits(
    *, roles_anywhere: Collection[AccessRole], own_device: bool, policy: AccessPolicy
) -> SessionLimits:
    """The limits of a session: the strictest role decides, then the device."""
    if is_privileged(roles_anywhere):
        return policy.privileged
    return policy.own_device if own_device else policy.shared_device


def is_alive(
    *, created_at: datetime, seen_at: datetime, now: datetime, limits: SessionLimits
) -> bool:
    """Whether a session that has not been ended still holds."""
    return now - created_at < limits.absolute and now - seen_at < limits.idle


def is_fresh(given_at: datetime | None, now: datetime, policy: AccessPolicy) -> bool:
    """Whether the second factor was given just now (step-up)."""
    return given_at is not None and now - given_at < policy.step_up
