"""What may a partner's person see and work of a host's shifts?

Rule in plain English. A shift is open to the people of a partner where an agreement covers its
staff group, grade, site and first day, where it asks for no role or skill that the agreement
leaves out, and no earlier before its start than the agreement says. Somebody with a post of the
host's own bank that can be booked in the shift's role comes through that bank; anybody else
through a home organisation whose agreement covers the shift and whose post they hold in its role
and grade, one at which they are cleared before any other. Instead of the papers at home the host's
own clearance is asked: it has to be cleared, in the same role and grade, up to the last day of the
shift. Without one, everything that is missing is named with what clears it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearances import ClearanceState
from bankhub.model.values import ClearanceValue, PostFacts, ShiftFacts
from bankhub.model.vocabulary import Grade, StaffGroup, Tier
from bankhub.rules.agreements.agreements_in_force import EVERY_SKILL
from bankhub.rules.london_time import last_london_day
from bankhub.rules.reason_codes import Code, because
from bankhub.rules.shift_times import london_day
from bankhub.rules.wording import said_day
from passport.errors import Cure, Reason

_ABOUT_CLEARANCE = frozenset({Code.NOT_CLEARED.value, Code.CLEARANCE_ENDS.value})
_OWN_TIERS = frozenset({Tier.OWN_BANK, Tier.OWN_FALLBACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What an agreement lets a home organisation's people see of a host's shifts."""

    host_id: UUID
    partner_id: UUID
    staff_group: StaffGroup
    grade: Grade
    site_id: UUID | None = None
    from_on: date
    until_on: date | None = None
    lead_hours: int | None = None
    excluded_roles: frozenset[str] = frozenset()
    excluded_skills: frozenset[str] = frozenset()

    def covers(self, shift: ShiftFacts, now: datetime) -> bool:
        """Whether the shift is among them, at this moment."""
        day = london_day(shift.starts_at)
        return (
            (shift.organisation_id, shift.staff_group, shift.grade)
            == (self.host_id, self.staff_group, self.grade)
            and self.site_id in (None, shift.site_id)
            and self.from_on <= day
            and (self.until_on is None or day <= self.until_on)
            and self.covers_work(shift.role, shift.skills)
            and shift.starts_at <= self.seen_until(now, shift.starts_at)
        )

    def covers_work(self, role: str, skills: Collection[str]) -> bool:
        """Whether neither the role nor a skill is left out."""
        left_out = skills if EVERY_SKILL in self.excluded_skills else self.excluded_skills
        return role not in self.excluded_roles and set(left_out).isdisjoint(skills)

    def seen_until(self, now: datetime, latest: datetime) -> datetime:
        """No shift that starts later is seen now; `latest` where there is no such limit."""
        if self.lead_hours is None:
            return latest
        return min(latest, now + timedelta(hours=self.lead_hours))


def seen_through(
    shift: ShiftFacts,
    posts: Collection[PostFacts],
    *,
    tiers_open: Collection[Tier],
    coverage: Collection[Covered],
    clearances: Iterable[ClearanceValue],
    now: datetime,
) -> UUID | None:
    """The organisation through whose bank the shift is seen and booked: the host itself, or a
    partner; None = it is not theirs to see."""
    host_id = shift.organisation_id
    own = [] if _OWN_TIERS.isdisjoint(tiers_open) else [p for p in posts if _of(p, host_id)]
    if own and (not coverage or holds_role(shift, own)):
        return host_id
    if Tier.PARTNER in tiers_open:
        cleared = {
            one.home_id for one in clearances if _fits(one, shift) and _cleared_for(one, shift)
        }
        homes = {
            one.partner_id
            for one in coverage
            if one.covers(shift, now)
            and any(_of(p, one.partner_id) and _at_grade(p, shift) for p in posts)
        }
        if homes:
            return min(homes, key=lambda home_id: (home_id not in cleared, home_id))
    return host_id if own else None


def holds_role(shift: ShiftFacts, posts: Iterable[PostFacts]) -> bool:
    """Whether a post at the shift's own organisation is in force on its days and can be booked
    in its role, at whatever grade."""
    first, last = london_day(shift.starts_at), last_london_day(shift.ends_at)
    return any(
        _of(post, shift.organisation_id)
        and post.starts_on <= first
        and (post.ends_on is None or post.ends_on >= last)
        and shift.role in {role for role, _ in _work(post)}
        for post in posts
    )


def clearance_for(
    shift: ShiftFacts, clearances: Iterable[ClearanceValue], home_id: UUID
) -> ClearanceValue | None:
    """The host's clearance of somebody of this home organisation for such work."""
    return next((one for one in clearances if one.home_id == home_id and _fits(one, shift)), None)


def clearance_reasons(
    shift: ShiftFacts, clearances: Iterable[ClearanceValue], home_id: UUID
) -> Iterator[Reason]:
    """Why the host has not cleared somebody of this home organisation for the shift."""
    found = clearance_for(shift, clearances, home_id)
    if found is None:
        yield because(
            Code.NOT_CLEARED,
            "You are not cleared to work at this organisation yet.",
            {"item": None, "act": None},
            Cure("Show your passport to its bank office, at the desk or by the link it sends you"),
        )
    elif not _cleared_for(found, shift):
        yield from _what_is_missing(found)


def only_clearance(reasons: Collection[Reason]) -> bool:
    """Whether nothing but the host's clearance stands in the way."""
    return bool(reasons) and all(about_clearance(one) for one in reasons)


def about_clearance(reason: Reason) -> bool:
    """Whether the host's clearance clears it."""
    return reason.code in _ABOUT_CLEARANCE


def _what_is_missing(one: ClearanceValue) -> Iterator[Reason]:
    if one.instrument is not Instrument.BANK_ASSIGNMENT:
        yield because(
            Code.NOT_CLEARED,
            "You are not cleared for bank shifts at this organisation, but for other work there.",
            {"item": None, "agreement": one.named},
            Cure("Ask its bank office to clear you for bank shifts too"),
        )
        return
    if one.state is ClearanceState.CLEARED and one.until_on is not None:
        yield because(
            Code.CLEARANCE_ENDS,
            f"You are cleared to work at this organisation until {said_day(one.until_on)}, under "
            f"{one.named}.",
            {"until_on": one.until_on.isoformat(), "agreement": one.named},
            Cure("See on the page “Where can I work?” what ends then, and how to renew it"),
        )
        return
    for title, act in one.missing or (("Clearance", "Ask its bank office what is missing"),):
        yield because(
            Code.NOT_CLEARED,
            f"Needed before you can book at this organisation: {title}.",
            {"item": title, "agreement": one.named},
            Cure(act) if act else None,
        )


def _of(post: PostFacts, organisation_id: UUID) -> bool:
    return post.organisation_id == organisation_id


def _at_grade(post: PostFacts, shift: ShiftFacts) -> bool:
    return (shift.role, shift.grade) in _work(post)


def _work(post: PostFacts) -> frozenset[tuple[str, Grade]]:
    return post.entitlements | {(post.role, post.grade)}


def _fits(one: ClearanceValue, shift: ShiftFacts) -> bool:
    return (one.host_id, one.role, one.grade) == (shift.organisation_id, shift.role, shift.grade)


def _cleared_for(one: ClearanceValue, shift: ShiftFacts) -> bool:
    return (
        one.state is ClearanceState.CLEARED
        and one.instrument is Instrument.BANK_ASSIGNMENT
        and one.until_on is not None
        and one.until_on >= last_london_day(shift.ends_at)
    )
