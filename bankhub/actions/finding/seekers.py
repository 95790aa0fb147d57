"""One worker as somebody who looks for shifts: their banks, what they may be booked as, and
everything the rules need of them, read once for as many shifts as they are asked about."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.shift_probes import Arm, ArmKind
from bankhub.actions.finding.worker_facts import AROUND, BARRED, ONE_WORKER, LoadedWorker, assemble
from bankhub.actions.partners.clearance_lookup import CLEARANCES, clearance_value
from bankhub.actions.partners.coverage_lookup import COVERAGE, covered_of
from bankhub.actions.settings.policies import OWN_VERSIONS, PolicyBook, book_from_rows
from bankhub.model import reference
from bankhub.model.bookings import Booking
from bankhub.model.search_values import Show
from bankhub.model.sites import Site
from bankhub.model.values import ClearanceValue, PostFacts, ShiftFacts
from bankhub.model.vocabulary import LIVE_BOOKING, BookingState, Grade, StaffGroup, Tier
from bankhub.model.work_policy import EligibilityPolicy
from bankhub.model.workers import BookableAs, WorkClass
from bankhub.rules.agreements.partner_work import Covered, clearance_for, seen_through
from bankhub.rules.distance import Coordinates
from bankhub.rules.eligibility import eligibility
from bankhub.rules.eligibility.ledger import Ledger
from bankhub.rules.london_time import at_hour
from bankhub.rules.shift_times import london_day
from passport import batch
from passport.batch import Prepared
from passport.errors import Reason
from passport.model.facts import FactKind

_ANY = UUID(int=0)

HORIZON = timedelta(weeks=53)
"""How far ahead shifts are looked for."""

_BOOKABLE = Prepared(
    sa.select(
        BookableAs.organisation_id,
        BookableAs.role,
        BookableAs.grade,
        BookableAs.valid_until,
        WorkClass.id,
        WorkClass.skills,
    )
    .outerjoin(
        WorkClass, sa.and_(WorkClass.role == BookableAs.role, WorkClass.grade == BookableAs.grade)
    )
    .where(BookableAs.holder_id == sa.bindparam("holder_id"))
)
_STANDING_STATES = (BookingState.OFFERED, BookingState.APPLIED, *LIVE_BOOKING)
_OWN_BOOKINGS = Prepared(
    sa.select(Booking.shift_id, Booking.state).where(
        Booking.holder_id == sa.bindparam("holder_id"),
        Booking.starts_at > sa.bindparam("now"),
        Booking.state.in_([sa.literal_column(f"'{one.value}'") for one in _STANDING_STATES]),
    )
)
_SITES = Prepared(
    sa.select(Site.id, Site.latitude, Site.longitude).where(
        Site.organisation_id == sa.bindparam("organisation_id")
    )
)
_SHARED = (2,)
"""Place in `ONE_WORKER` of busy time: the same for every organisation."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of `BookableAs` with one class it fits; without a class nothing was ever posted."""

    organisation_id: UUID
    role: str
    grade: Grade
    valid_until: date | None
    class_id: int | None
    skills: frozenset[str]


Asked = tuple[ShiftFacts, frozenset[Tier], UUID, datetime]
"""A shift as the rules see it, through which tiers and bank, and when it was asked."""


@dataclass(frozen=True, slots=True)
class Seeker:
    """A worker with all that is asked of them, for every organisation they belong to."""

    holder_id: UUID
    standings: Sequence[Standing]
    coverage: Sequence[Covered]
    workers: Mapping[UUID, LoadedWorker]
    """By home organisation."""
    books: Mapping[UUID, PolicyBook]
    """By host."""
    sites: Mapping[UUID, Coordinates | None]
    sites_of: Mapping[UUID, Sequence[UUID]]
    """By organisation."""
    own_bookings: Mapping[UUID, BookingState]
    """By shift: applications and bookings of the worker that still stand."""
    ledger: Ledger
    posts: Sequence[PostFacts] = ()
    """Over every bank of theirs."""
    clearances: Sequence[ClearanceValue] = ()
    """At partners, where agreements cover any."""
    barred: frozenset[UUID] = frozenset()
    """Where they are not to be booked, whichever bank they come through."""
    _policies: dict[tuple[UUID, StaffGroup, date], EligibilityPolicy] = field(default_factory=dict)
    _answers: dict[Asked, list[Reason]] = field(default_factory=dict, init=False)

    def arms(self, show: Show, *, until: datetime, now: datetime) -> list[Arm]:
        """Where to look: by class for what can be booked, by role for every shift of theirs."""
        found = self._own_arms(show, until)
        partners = self._partner_arms(show, until, now) if self.coverage else ()
        return list(dict.fromkeys((*found, *partners)))

    def grades_open(self, shift: ShiftFacts, tiers: Iterable[Tier]) -> frozenset[Grade]:
        """Grades at which these open tiers let the shift be booked."""
        grades = {
            Tier.OWN_BANK: shift.grade,
            Tier.OWN_FALLBACK: shift.fallback_grade,
            Tier.PARTNER: shift.grade,
        }
        return frozenset(grade for tier in tiers if (grade := grades.get(tier)))

    def home_for(
        self, shift: ShiftFacts, tiers_open: Collection[Tier], now: datetime
    ) -> UUID | None:
        """The bank through which the worker sees the shift: the host's own before a partner."""
        return seen_through(
            shift,
            self.posts,
            tiers_open=tiers_open,
            coverage=self.coverage,
            clearances=self.clearances,
            now=now,
        )

    def clearance(self, shift: ShiftFacts, home_id: UUID) -> ClearanceValue | None:
        """What the host decided of the worker for such work."""
        return clearance_for(shift, self.clearances, home_id)

    def without(self, booking_id: UUID) -> "Seeker":
        """The same worker as if this booking's hours were not on the ledger."""
        workers = {}
        for home, loaded in self.workers.items():
            busy = tuple(one for one in loaded.facts.busy if one.booking_id != booking_id)
            workers[home] = replace(loaded, facts=replace(loaded.facts, busy=busy))
        busy = next((one.facts.busy for one in workers.values()), ())
        return replace(self, workers=workers, ledger=Ledger(busy))

    def why_not(
        self, shift: ShiftFacts, tiers_open: Iterable[Tier], home_id: UUID, now: datetime
    ) -> list[Reason]:
        """Every reason why not, notes included, as a member of `home_id`'s bank.

        Of shifts that the rules cannot tell apart one is asked about.
        """
        partner = home_id != shift.organisation_id
        tiers = frozenset(t for t in tiers_open if (t is Tier.PARTNER) == partner)
        asked = (self._told(shift), tiers, home_id, now)
        if asked not in self._answers:
            self._answers[asked] = self._asked(*asked)
        return list(self._answers[asked])

    def _told(self, shift: ShiftFacts) -> ShiftFacts:
        """What the rules are told of a shift: not which it is, and not where at its organisation
        unless the worker is restricted somewhere."""
        if self.barred or any(post.restricted_units for post in self.posts):
            return replace(shift, id=_ANY)
        return replace(shift, id=_ANY, site_id=_ANY, unit_id=_ANY)

    def _asked(
        self, shift: ShiftFacts, tiers: frozenset[Tier], home_id: UUID, now: datetime
    ) -> list[Reason]:
        host_id = shift.organisation_id
        worker = self.workers[home_id]
        if home_id != host_id:
            worker = worker.at_host(self.clearances, self.barred)
        return eligibility.why_not(
            shift,
            worker.facts,
            self._policy(host_id, shift.staff_group, london_day(shift.starts_at)),
            now,
            grades_open=self.grades_open(shift, tiers),
            ledger=self.ledger,
            home_id=home_id,
        )

    def _policy(self, host_id: UUID, group: StaffGroup, day: date) -> EligibilityPolicy:
        key = (host_id, group, day)
        if key not in self._policies:
            self._policies[key] = self.books[host_id].eligibility(group, day)
        return self._policies[key]

    def _own_arms(self, show: Show, until: datetime) -> Iterator[Arm]:
        for one in self.standings:
            home = one.organisation_id
            if show is Show.ALL:
                yield Arm(ArmKind.ROLE, home, home, one.role, until)
                continue
            if one.class_id is None or one.valid_until is None:
                continue
            if not one.skills <= self._skills(home):
                continue
            ends = _end_of(one.valid_until, until)
            for kind in (ArmKind.CLASS, ArmKind.FALLBACK, ArmKind.DISPLACEABLE):
                yield Arm(kind, home, home, one.class_id, ends)

    def _partner_arms(self, show: Show, until: datetime, now: datetime) -> Iterator[Arm]:
        """The papers at home do not count here, but for skills: the clearance does."""
        for one in self.standings:
            home = one.organisation_id
            for covered in self._covering(one):
                ends = covered.seen_until(now, until)
                if show is Show.ALL:
                    yield Arm(ArmKind.PARTNER_ROLE, home, covered.host_id, one.role, ends)
                    continue
                if one.class_id is None or not one.skills <= self._skills(home):
                    continue
                if show is Show.BOOKABLE:
                    cleared = self._cleared_until(one, covered.host_id)
                    if cleared is None:
                        continue
                    ends = _end_of(cleared, ends)
                yield Arm(ArmKind.PARTNER_CLASS, home, covered.host_id, one.class_id, ends)

    def _covering(self, one: Standing) -> Iterator[Covered]:
        role = reference.roles().get(one.role)
        for covered in self.coverage:
            if (
                role is not None
                and covered.partner_id == one.organisation_id
                and (covered.staff_group, covered.grade) == (role.staff_group, one.grade)
                and covered.covers_work(one.role, one.skills)
            ):
                yield covered

    def _cleared_until(self, one: Standing, host_id: UUID) -> date | None:
        work = (one.organisation_id, host_id, one.role, one.grade)
        found = (c for c in self.clearances if (c.home_id, c.host_id, c.role, c.grade) == work)
        return next((clearance.until_on for clearance in found), None)

    def _skills(self, home_id: UUID) -> frozenset[str]:
        facts = self.workers[home_id].facts.facts
        return frozenset(
            str(fact.value.get("code"))
            for fact in facts
            if fact.kind is FactKind.SKILL and fact.checked_by_id is not None
        )


def seeker(session: Session, *, holder_id: UUID, now: datetime) -> Seeker:
    """Read the worker in two round trips. Somebody without a post gets an empty one."""
    whose = {"holder_id": holder_id, "now": now}
    bookable, covered, own = batch.run(
        session, (_BOOKABLE, whose), (COVERAGE, whose), (_OWN_BOOKINGS, whose)
    )
    coverage = [covered_of(row) for row in covered.rows]
    standings = [_standing(row) for row in bookable.rows]
    homes = list(dict.fromkeys(one.organisation_id for one in standings))
    hosts = list(dict.fromkeys([*homes, *(one.host_id for one in coverage)]))
    steps = dict(_steps(holder_id, homes, hosts, now))
    if coverage:
        steps[holder_id, _CLEARED] = (CLEARANCES, whose)
        steps[holder_id, _NOT_TO_BOOK] = (BARRED, whose)
    results = batch.run(session, *steps.values()) if steps else []
    rows = {name: result.rows for name, result in zip(steps, results, strict=True)}
    workers = _workers(holder_id, homes, rows)
    return Seeker(
        holder_id=holder_id,
        standings=[one for one in standings if one.organisation_id in workers],
        coverage=[one for one in coverage if one.partner_id in workers],
        workers=workers,
        books={host: book_from_rows(rows[host, _POLICIES]) for host in hosts},
        sites={one[0]: _where(one) for host in hosts for one in rows[host, _PLACES]},
        sites_of={host: [one[0] for one in rows[host, _PLACES]] for host in hosts},
        own_bookings={shift_id: BookingState(state) for shift_id, state in own.rows},
        ledger=Ledger(next((one.facts.busy for one in workers.values()), ())),
        posts=[post for one in workers.values() for post in one.facts.posts],
        clearances=[clearance_value(row) for row in rows.get((holder_id, _CLEARED), ())],
        barred=frozenset(place for _, place in rows.get((holder_id, _NOT_TO_BOOK), ())),
    )


_POLICIES, _PLACES, _CLEARED, _NOT_TO_BOOK = -1, -2, -3, -4
"""Names of the reads beside those of `ONE_WORKER`."""

Read = tuple[UUID, int]
"""An organisation, or the human, and what is read of it."""


def _steps(
    holder_id: UUID, homes: Sequence[UUID], hosts: Sequence[UUID], now: datetime
) -> Iterator[tuple[Read, batch.Step]]:
    for home in homes:
        values: dict[str, Any] = {
            "holder_id": holder_id,
            "organisation_id": home,
            "busy_from": now - AROUND,
            "busy_to": now + HORIZON + AROUND,
            "now": now,
        }
        for number, read in enumerate(ONE_WORKER):
            if home == homes[0] or number not in _SHARED:
                yield (home, number), (read, values)
    for host in hosts:
        yield (host, _POLICIES), (OWN_VERSIONS, {"organisation_id": host})
        yield (host, _PLACES), (_SITES, {"organisation_id": host})


def _workers(
    holder_id: UUID, homes: Sequence[UUID], rows: Mapping[Read, Sequence[Any]]
) -> dict[UUID, LoadedWorker]:
    loaded: dict[UUID, LoadedWorker] = {}
    for home in homes:
        found = (
            rows[homes[0] if number in _SHARED else home, number]
            for number in range(len(ONE_WORKER))
        )
        one = assemble(*found).get(holder_id)
        if one is not None:
            loaded[home] = one
    return loaded


def _standing(row: Sequence[Any]) -> Standing:
    organisation_id, role, grade, valid_until, class_id, skills = row
    named = frozenset(skills.split(",")) if skills else frozenset[str]()
    return Standing(organisation_id, role, Grade(grade), valid_until, class_id, named)


def _where(row: Sequence[Any]) -> Coordinates | None:
    _, latitude, longitude = row
    return None if latitude is None or longitude is None else (latitude, longitude)


def _end_of(last: date, latest: datetime) -> datetime:
    """The moment after the London day `last`; `latest` where that is later anyway."""
    return latest if last >= london_day(latest) else at_hour(last + timedelta(days=1))
