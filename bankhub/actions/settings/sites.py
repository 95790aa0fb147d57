"""Sites and units of an organisation: put on record, listed, edited."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.model.sites import Site, Unit
from bankhub.rules.permissions import Deed
from bankhub.rules.settings.site_entry import wrong_site, wrong_unit
from passport.actions.changes import Change, set_fields
from passport.actions.tenancy import own_organisation, within
from passport.actors import Actor
from passport.errors import Invalid, NotFound
from passport.events import record
from passport.rules.people.organisation_entry import tidy_postcode


class SiteFields(TypedDict, total=False):
    """What a source states of a site; what it does not state stays as it is."""

    name: str
    postcode: str
    latitude: float | None
    longitude: float | None
    opened_on: date | None
    closed_on: date | None


class UnitFields(TypedDict, total=False):
    """What a source or a form states of a unit."""

    name: str
    cost_centre: str
    phone: str
    instant_book: bool
    opened_on: date | None
    closed_on: date | None


def upsert_site(
    session: Session,
    *,
    organisation_id: UUID,
    code: str,
    fields: SiteFields,
    by: Actor,
    now: datetime,
) -> Change:
    """Add the organisation's site with this code, or change what differs. Raises `Invalid`."""
    demand(by, Deed.EDIT_UNITS)
    within(by, organisation_id)
    known = session.scalar(
        sa.select(Site).where(Site.organisation_id == organisation_id, Site.code == code)
    )
    values: dict[str, Any] = dict(fields)
    if "postcode" in fields:
        values["postcode"] = tidy_postcode(fields["postcode"])
    _refuse(wrong_site(code, _with_dates(known, values)), known, values)
    if known is None:
        known = Site(organisation_id=organisation_id, code=code, **values)
        session.add(known)
        session.flush()
        return _told(session, "site.added", known, {"code": code, "name": known.name}, by, now)
    return _told(session, "site.changed", known, set_fields(known, values), by, now)


def upsert_unit(
    session: Session,
    *,
    organisation_id: UUID,
    site_code: str,
    code: str,
    fields: UnitFields,
    by: Actor,
    now: datetime,
) -> Change:
    """Add the organisation's unit with this code, or change what differs (its site included).

    Raises `Invalid`, also where the organisation has no site with that code.
    """
    demand(by, Deed.EDIT_UNITS)
    within(by, organisation_id)
    site_id = session.scalar(
        sa.select(Site.id).where(Site.organisation_id == organisation_id, Site.code == site_code)
    )
    known = session.scalar(
        sa.select(Unit).where(Unit.organisation_id == organisation_id, Unit.code == code)
    )
    values: dict[str, Any] = dict(fields)
    _refuse(wrong_unit(code, _with_dates(known, values)), known, values)
    if site_id is None:
        message = f"{site_code} is not a site of this organisation: import it first"
        raise Invalid("unknown_site", "The unit's site is not known.", {"site_code": [message]})
    if known is None:
        known = Unit(organisation_id=organisation_id, site_id=site_id, code=code, **values)
        session.add(known)
        session.flush()
        return _told(session, "unit.added", known, {"code": code, "name": known.name}, by, now)
    changed = set_fields(known, {**values, "site_id": site_id})
    return _told(session, "unit.changed", known, changed, by, now)


def edit_unit(
    session: Session, *, unit_id: UUID, fields: UnitFields, by: Actor, now: datetime
) -> Unit:
    """Change a unit of the actor's organisation. Raises `NotFound` and `Invalid`."""
    demand(by, Deed.EDIT_UNITS)
    unit = unit_of(session, unit_id=unit_id, by=by)
    values: dict[str, Any] = dict(fields)
    _refuse(wrong_unit(unit.code, _with_dates(unit, values)), unit, values)
    _told(session, "unit.changed", unit, set_fields(unit, values), by, now)
    return unit


def unit_of(session: Session, *, unit_id: UUID, by: Actor) -> Unit:
    """A unit of the actor's organisation. Raises `NotFound`."""
    found = session.scalar(
        sa.select(Unit).where(Unit.id == unit_id, Unit.organisation_id == own_organisation(by))
    )
    if found is None:
        raise NotFound
    return found


def units(session: Session, *, by: Actor, on: date) -> list[tuple[Unit, Site]]:
    """The units of the actor's organisation that are open on a day, by site and name."""
    found = session.execute(
        sa.select(Unit, Site)
        .join(Site, Unit.site_id == Site.id)
        .where(Unit.organisation_id == own_organisation(by), _open(Unit, on), _open(Site, on))
        .order_by(Site.name, Unit.name)
    )
    return [(unit, site) for unit, site in found]


def sites(session: Session, *, by: Actor, on: date) -> list[Site]:
    """The sites of the actor's organisation that are open on a day, by name."""
    return list(
        session.scalars(
            sa.select(Site)
            .where(Site.organisation_id == own_organisation(by), _open(Site, on))
            .order_by(Site.name)
        )
    )


def _open(place: type[Site] | type[Unit], on: date) -> sa.ColumnElement[bool]:
    return sa.and_(
        sa.or_(place.opened_on.is_(None), place.opened_on <= on),
        sa.or_(place.closed_on.is_(None), place.closed_on >= on),
    )


def _with_dates(known: Site | Unit | None, values: Mapping[str, Any]) -> dict[str, Any]:
    if known is None:
        return dict(values)
    return {"opened_on": known.opened_on, "closed_on": known.closed_on, **values}


def _refuse(
    wrong: dict[str, list[str]], known: Site | Unit | None, values: Mapping[str, Any]
) -> None:
    if known is None and "name" not in values:
        wrong["name"] = ["is missing"]
    if wrong:
        raise Invalid("place_entry", "The site or unit cannot be right.", wrong)


def _told(
    session: Session,
    kind: str,
    place: Site | Unit,
    changed: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> Change:
    """Record what changed, if anything did."""
    if not changed:
        return Change.UNCHANGED
    record(
        session,
        kind,
        subject_id=place.id,
        organisation_id=place.organisation_id,
        by=by,
        now=now,
        changed=changed,
    )
    return Change.ADDED if kind.endswith(".added") else Change.CHANGED
