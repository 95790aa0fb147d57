"""What an entry of a list means to the bank: a GP practice is also the site it works at."""

from datetime import datetime

from sqlalchemy.orm import Session

from bankhub.actions.settings.sites import SiteFields, UnitFields, upsert_site, upsert_unit
from passport.actions.changes import Change
from passport.actions.people.organisation_entries import OrganisationEntry, take_organisation
from passport.actions.people.organisations import by_ods
from passport.actors import Actor
from passport.errors import Invalid
from passport.model.organisations import Organisation, OrganisationKind


def take_listed(
    session: Session, *, entry: OrganisationEntry, place: SiteFields, by: Actor, now: datetime
) -> Change:
    """Put a listed organisation on record; a practice gets the site that shifts are worked at.

    `place` says where the organisation is. Raises `Invalid` and `Refused`.
    """
    change = take_organisation(session, entry=entry, by=by, now=now)
    organisation = organisation_by(session, entry.ods_code)
    if organisation.kind is not OrganisationKind.GP_PRACTICE:
        return change
    site = upsert_site(
        session,
        organisation_id=organisation.id,
        code=organisation.ods_code,
        fields={
            **place,
            "name": organisation.name,
            "postcode": organisation.postcode,
            "opened_on": organisation.opened_on,
            "closed_on": organisation.closed_on,
        },
        by=by,
        now=now,
    )
    return Change.CHANGED if {change, site} == {Change.UNCHANGED, Change.CHANGED} else change


def take_site(
    session: Session,
    *,
    organisation_code: str,
    code: str,
    fields: SiteFields,
    by: Actor,
    now: datetime,
) -> Change:
    """Put a listed site on record, its organisation named by code. Raises `Invalid`."""
    organisation = organisation_by(session, organisation_code)
    return upsert_site(
        session, organisation_id=organisation.id, code=code, fields=fields, by=by, now=now
    )


def take_unit(
    session: Session,
    *,
    organisation_code: str,
    site_code: str,
    code: str,
    fields: UnitFields,
    by: Actor,
    now: datetime,
) -> Change:
    """Put a listed unit on record, its organisation named by code. Raises `Invalid`."""
    organisation = organisation_by(session, organisation_code)
    return upsert_unit(
        session,
        organisation_id=organisation.id,
        site_code=site_code,
        code=code,
        fields=fields,
        by=by,
        now=now,
    )


def organisation_by(session: Session, ods_code: str) -> Organisation:
    """The organisation with this code. Raises `Invalid` (`unknown_organisation`)."""
    found = by_ods(session, ods_code)
    if found is None:
        message = f"“{ods_code}” is not on record: import the organisation first"
        raise Invalid("unknown_organisation", message, {"organisation_ods_code": [message]})
    return found
