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
from passport.model import accounts, facts, organisations, people

MODULES = (
    events,
    organisations,
    people,
    accounts,
    facts,
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
