"""Can this deployment be, as it is proposed?

Rule in plain English. It says what the person will do at the host. It starts today or later, and
within two years. An instrument that must end has a last day, no longer away than that instrument
allows, and none ends after the agreement. The instrument is one that the agreement names; the role
and grade are within its scope and its exclusions; the site is one it covers. The person holds that
role at home; a returner has no post anywhere in the sponsor's bank, is sponsored by a trust or an
integrated care board, and is not placed on an instrument that needs an employer. A volunteer comes
on an instrument that is open to volunteers, never on paid assignments.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from bankhub.model.agreement_terms import Instrument
from bankhub.model.deployment_values import DeploymentWish, InstrumentReference
from bankhub.model.reference_values import RoleReference
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.eligibility.volunteers import is_voluntary
from bankhub.rules.london_time import add_months
from bankhub.rules.wording import said_day
from passport.errors import Cure, Reason
from passport.model.organisations import OrganisationKind

MONTHS_AHEAD = 24
LONGEST_TEXT = 2000
SPONSORS = frozenset({OrganisationKind.TRUST, OrganisationKind.ICB})


@dataclass(frozen=True, slots=True)
class Proposed:
    """Who would go where, as it is on record."""

    home_id: UUID
    home_kind: OrganisationKind
    host_id: UUID
    roles_at_home: frozenset[str]
    """Roles of the posts in force on the first day, with what they may be booked as."""
    site_id: UUID | None = None


Messages = Iterator[tuple[str, str]]


def wrong_wish(
    wish: DeploymentWish,
    who: Proposed,
    *,
    instruments: Mapping[Instrument, InstrumentReference],
    roles: Mapping[str, RoleReference],
    today: date,
) -> dict[str, list[str]]:
    """Messages by field; empty = it can be."""
    found: dict[str, list[str]] = {}
    role = roles.get(wish.role)
    if role is None:
        return {"role": ["Choose a role of the list."]}
    instrument = instruments[wish.instrument]
    for name, message in (
        *_texts(wish),
        *_days(wish, instrument, today),
        *_work(wish, role),
        *_person(wish, who, instrument, is_voluntary(wish.role, roles)),
    ):
        found.setdefault(name, []).append(message)
    return found


def _texts(wish: DeploymentWish) -> Messages:
    if not wish.duties.strip():
        yield "duties", "Say what the person will do there."
    for name, text in (("duties", wish.duties), ("supervision", wish.supervision)):
        if len(text) > LONGEST_TEXT:
            yield name, f"Use {LONGEST_TEXT} characters at most."


def _days(wish: DeploymentWish, instrument: InstrumentReference, today: date) -> Messages:
    if wish.starts_on < today:
        yield "starts_on", "Choose today or a day to come."
    if wish.starts_on > add_months(today, MONTHS_AHEAD):
        yield "starts_on", f"Choose a day within {MONTHS_AHEAD} months."
        return
    if wish.ends_on is None:
        if instrument.end_needed:
            yield "ends_on", f"{instrument.title}: needs a last day."
        return
    if wish.ends_on < wish.starts_on:
        yield "ends_on", "The last day is before the first."
    if instrument.most_months and wish.ends_on > add_months(wish.starts_on, instrument.most_months):
        yield "ends_on", f"{instrument.title}: {instrument.most_months} months at most."


def _work(wish: DeploymentWish, role: RoleReference) -> Messages:
    if wish.grade not in role.grades:
        yield "grade", "The role has no such grade."


def _person(
    wish: DeploymentWish, who: Proposed, instrument: InstrumentReference, unpaid: bool
) -> Messages:
    if wish.sponsored:
        if who.roles_at_home:
            yield "sponsored", "They hold a post here: they come from their employer."
        if who.home_kind not in SPONSORS:
            yield "sponsored", "A returner is sponsored by a trust or an integrated care board."
        if instrument.needs_employer:
            yield "instrument", f"{instrument.title}: needs an employer, and a returner has none."
    elif not who.roles_at_home:
        yield "sponsored", "They hold no post at home on the first day: propose them as a returner."
    elif wish.role not in who.roles_at_home:
        yield "role", "They do not hold this role at home."
    if unpaid and not instrument.volunteers:
        yield "instrument", f"{instrument.title}: not for volunteers."


def why_not_under(wish: DeploymentWish, who: Proposed, role: RoleReference, one: InForce) -> str:
    """Why one agreement does not permit it; empty = it does."""
    pair = one.pair(who.home_id, who.host_id)
    if pair is None or not pair.from_on <= wish.starts_on <= pair.until_on:
        return "does not hold between the two on the first day"
    if wish.instrument not in one.terms.instruments:
        return "does not name this instrument"
    permitted = one.covers(
        home_id=who.home_id,
        host_id=who.host_id,
        staff_group=role.staff_group,
        grade=wish.grade,
        day=wish.starts_on,
        site_id=who.site_id,
        role=wish.role,
    )
    if not permitted:
        return "does not cover this work at this place"
    if wish.ends_on is not None and wish.ends_on > one.terms.ends_on:
        return f"ends on {said_day(one.terms.ends_on)}"
    return ""


def agreement_for(
    wish: DeploymentWish, who: Proposed, role: RoleReference, bound: Collection[InForce]
) -> InForce | list[Reason]:
    """The agreement under which it can be, the first that permits it; or why none does."""
    said = {one: why_not_under(wish, who, role, one) for one in bound}
    fitting = [one for one, why in said.items() if not why]
    if fitting:
        return min(fitting, key=lambda one: (one.reference, -one.number))
    why = "; ".join(f"{one.named} {text}" for one, text in said.items())
    return [
        Reason(
            "no_agreement",
            {"agreements": [one.named for one in bound]},
            Cure("Ask the bank manager whether an agreement can be made or varied"),
            text="No agreement in force permits this."
            + (f" {why[:1].upper()}{why[1:]}." if why else ""),
        )
    ]
