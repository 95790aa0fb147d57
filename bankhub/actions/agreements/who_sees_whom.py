"""Who can see whom today, under the agreements of the actor's organisation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.agreements.agreement_records import names_for
from bankhub.actions.partners.agreements_in_force import in_force
from bankhub.actions.permission import demand
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreement_document import Names
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.tenancy import own_organisation
from passport.actors import Actor


@dataclass(frozen=True, slots=True)
class SeenPair:
    """People of `home` may see and book shifts of `host`."""

    home: str
    home_ods: str
    host: str
    host_ods: str
    scope: tuple[tuple[StaffGroup, tuple[Grade, ...]], ...]
    sites: tuple[str, ...]
    """Names; none = all sites of the host."""
    excluded_roles: tuple[str, ...]
    excluded_skills: tuple[str, ...]
    lead_hours: int | None
    from_on: date
    until_on: date
    agreement_id: UUID
    named: str
    """E.g. `WSA-7 v3`."""


def matrix(session: Session, *, by: Actor, now: datetime) -> Sequence[SeenPair]:
    """Who can see whom today, under the agreements of the actor's organisation."""
    demand(by, Deed.READ_AGREEMENTS)
    today = london_day(now)
    found = [
        pair
        for one in in_force(session, organisation_id=own_organisation(by), now=now)
        if one.opens_shifts
        for pair in _pairs(one, names_for(session, one.terms), today)
    ]
    return sorted(found, key=lambda one: (one.host, one.home, one.named))


def _pairs(one: InForce, names: Names, today: date) -> Iterator[SeenPair]:
    sites = {term.ods: term.sites for term in one.terms.parties}
    for pair in one.pairs():
        if not pair.from_on <= today <= pair.until_on:
            continue
        yield SeenPair(
            home=pair.home.name,
            home_ods=pair.home.ods,
            host=pair.host.name,
            host_ods=pair.host.ods,
            scope=tuple((scope.staff_group, scope.grades) for scope in one.terms.scope),
            sites=tuple(
                names.sites.get((pair.host.ods, code), code)
                for code in sites.get(pair.host.ods, ())
            ),
            excluded_roles=one.terms.excluded_roles,
            excluded_skills=one.terms.excluded_skills,
            lead_hours=one.terms.release_lead_hours,
            from_on=pair.from_on,
            until_on=pair.until_on,
            agreement_id=one.agreement_id,
            named=one.named,
        )
