"""What a bank manager sets beside policy: units and rates as lists, and agency exemptions."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.settings import pay, sites
from bankhub.model import reference
from bankhub.model.pay_policy import RateValue
from bankhub.model.shifts import AgencyExemption
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import StaffGroup
from bankhub.rules.permissions import Deed
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Invalid
from passport.events import record

NO_REFERENCE = "Say where the approval is written down."
LONGEST_REFERENCE = 500


def units_listed(session: Session, *, on: date, by: Actor) -> list[tuple[Unit, Site]]:
    """The units of the actor's organisation that are open on a day, by site and name."""
    demand(by, Deed.READ_SHIFTS)
    return sites.units(session, by=by, on=on)


def rates_listed(session: Session, *, on: date, by: Actor) -> list[RateValue]:
    """The organisation's own rates, latest first, then the national ones that hold on a day or
    later and stand beneath them."""
    own = pay.own_rates(session, by=by)
    national = [
        rate for rate in reference.national_rates() if rate.until is None or on <= rate.until
    ]
    return [*own, *national]


def exempt(
    session: Session,
    *,
    staff_group: StaffGroup,
    from_on: date,
    until_on: date,
    reference: str,
    by: Actor,
    now: datetime,
) -> AgencyExemption:
    """Record that a staff group closed to agency may go to agency for shifts starting on these
    days, both included. Shifts in flight keep their openings. Raises `Invalid`."""
    demand(by, Deed.EDIT_POLICY)
    if wrong := _wrong(from_on, until_on, reference):
        raise Invalid("exemption_entry", fields=wrong)
    made = AgencyExemption(
        organisation_id=own_organisation(by),
        staff_group=staff_group,
        from_on=from_on,
        until_on=until_on,
        reference=reference.strip(),
        made_at=now,
        made_by_id=by.account_id,
    )
    session.add(made)
    record(
        session,
        "agency_exemption.made",
        subject_id=made.id,
        by=by,
        now=now,
        staff_group=staff_group,
        from_on=from_on,
        until_on=until_on,
    )
    return made


def _wrong(from_on: date, until_on: date, reference: str) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    if until_on < from_on:
        wrong["until_on"] = ["The last day must not be before the first."]
    if not reference.strip():
        wrong["reference"] = [NO_REFERENCE]
    elif len(reference) > LONGEST_REFERENCE:
        wrong["reference"] = [f"Use {LONGEST_REFERENCE} characters at most."]
    return wrong


def exemptions(session: Session, *, by: Actor) -> Sequence[AgencyExemption]:
    """The exemptions of the actor's organisation, the latest to end first."""
    demand(by, Deed.READ_POLICY)
    return session.scalars(
        sa.select(AgencyExemption)
        .where(AgencyExemption.organisation_id == own_organisation(by))
        .order_by(AgencyExemption.until_on.desc(), AgencyExemption.id)
    ).all()
