"""Every table of both floors in one import, for migrations and whole-schema checks."""

from bankhub.model import (
    bookings,
    figures,
    hours,
    policies,
    rates,
    rosters,
    shifts,
    sites,
    workers,
)
from passport import events
from passport.model import (
    accounts,
    collecting,
    credentials,
    facts,
    host_policies,
    keys,
    organisations,
    people,
    presentations,
    register_checks,
)

MODULES = (
    events,
    organisations,
    people,
    accounts,
    facts,
    keys,
    credentials,
    collecting,
    presentations,
    host_policies,
    register_checks,
    sites,
    workers,
    shifts,
    bookings,
    hours,
    policies,
    rates,
    rosters,
    figures,
)
