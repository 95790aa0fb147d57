"""For how long checks count at an organisation: the default, or less where it wants less."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Invalid
from passport.events import record
from passport.model.freshness import FreshnessPolicy, freshness_on
from passport.model.host_policies import HostPolicy
from passport.model.organisations import Organisation
from passport.rules.permissions import Deed

LONDON = ZoneInfo("Europe/London")
LONGEST_CONTACT = 120
NUMBERS = ("status_list_green", "status_list_amber", "training_record")


def policy_of(
    session: Session, *, organisation_id: UUID | None, now: datetime
) -> FreshnessPolicy:
    """The limits in force there now; the default for nobody in particular."""
    day = now.astimezone(LONDON).date()
    default = freshness_on(day).policy
    if organisation_id is None:
        return default
    found = session.scalar(
        sa.select(HostPolicy)
        .where(HostPolicy.organisation_id == organisation_id, HostPolicy.from_on <= day)
        .order_by(HostPolicy.from_on.desc())
        .limit(1)
    )
    return _tighter(default, found) if found else default


def contacts(session: Session, *, now: datetime) -> Mapping[str, str]:
    """Whom to ring at each organisation that says so, by ODS code."""
    rows = session.execute(
        sa.select(Organisation.ods_code, HostPolicy.contact)
        .join(HostPolicy, HostPolicy.organisation_id == Organisation.id)
        .where(HostPolicy.from_on <= now.astimezone(LONDON).date())
        .order_by(HostPolicy.from_on)
    )
    return {ods: contact for ods, contact in rows if contact}


def policies(session: Session, *, by: Actor) -> Sequence[HostPolicy]:
    """What the actor's organisation has set, the latest first."""
    demand(by, Deed.READ_VERDICTS)
    return session.scalars(
        sa.select(HostPolicy)
        .where(HostPolicy.organisation_id == own_organisation(by))
        .order_by(HostPolicy.from_on.desc())
    ).all()


def tighten(
    session: Session,
    *,
    from_on: date,
    hours: Mapping[str, int],
    register_check: Mapping[str, int],
    contact: str = "",
    by: Actor,
    now: datetime,
) -> HostPolicy:
    """Set the organisation's limits from a day on, today at the earliest. Raises `Invalid` where
    one is wider than the default of that day."""
    demand(by, Deed.SET_FRESHNESS)
    organisation_id = own_organisation(by)
    _refuse_wrong(from_on, hours, register_check, contact, now)
    found = _on_day(session, organisation_id, from_on, hours, now)
    for name in NUMBERS:
        setattr(found, name, hours[name])
    found.register_check, found.contact = dict(register_check), contact.strip()
    found.made_at, found.made_by_id = now, by.account_id
    session.flush()
    record(
        session, "freshness.set", subject_id=found.id, by=by, now=now, from_on=from_on,
        hours=dict(hours), register_check=dict(register_check),
    )  # fmt: skip
    return found


def _on_day(
    session: Session, organisation_id: UUID, from_on: date, hours: Mapping[str, int], now: datetime
) -> HostPolicy:
    """What was set for that day before, locked, or a new row."""
    of_day = HostPolicy.organisation_id == organisation_id, HostPolicy.from_on == from_on
    found = session.scalar(sa.select(HostPolicy).where(*of_day).with_for_update())
    if found is None:
        found = HostPolicy(
            organisation_id=organisation_id,
            from_on=from_on,
            status_list_green=hours["status_list_green"],
            status_list_amber=hours["status_list_amber"],
            training_record=hours["training_record"],
            register_check={},
            made_at=now,
        )
        session.add(found)
    return found


def _refuse_wrong(
    from_on: date,
    hours: Mapping[str, int],
    register_check: Mapping[str, int],
    contact: str,
    now: datetime,
) -> None:
    default = freshness_on(from_on).policy
    wrong: dict[str, list[str]] = {}
    if from_on < now.astimezone(LONDON).date():
        wrong["from_on"] = ["Choose today or a later day: what was judged stays as it was judged."]
    if len(contact) > LONGEST_CONTACT or not contact.isprintable():
        wrong["contact"] = [f"At most {LONGEST_CONTACT} letters, on one line."]
    limits = {name: getattr(default, name) for name in NUMBERS}
    given = dict(hours) | {f"register_{name}": one for name, one in register_check.items()}
    limits |= {f"register_{name}": one for name, one in default.register_check.items()}
    for name, value in given.items():
        if name not in limits:
            wrong[name] = ["There is no such limit."]
        elif not 0 <= value <= limits[name]:
            wrong[name] = [f"Choose 0 to {limits[name]} hours: the default may only be tightened."]
    if not wrong and hours["status_list_green"] > hours["status_list_amber"]:
        wrong["status_list_amber"] = ["This cannot be shorter than the time for green."]
    if wrong:
        raise Invalid("freshness", fields=wrong)


def _tighter(default: FreshnessPolicy, own: HostPolicy) -> FreshnessPolicy:
    """Never wider than the default, also where that was tightened since."""
    names = {one.name for one in fields(FreshnessPolicy)} - {"register_check"}
    register = {
        source: min(limit, own.register_check.get(source, limit))
        for source, limit in default.register_check.items()
    }
    return FreshnessPolicy(
        **{name: min(getattr(default, name), getattr(own, name)) for name in names},
        register_check=register,
    )
