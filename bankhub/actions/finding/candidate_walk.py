"""Walking through everybody who could work a shift, best first, each weighed by the rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.finding.candidate_pool import PoolKey, Ranked, Stage, read_pool
from bankhub.actions.finding.cursors import cursor_place, cursor_text
from bankhub.actions.finding.looking import SeenShift
from bankhub.actions.finding.worker_facts import load_workers
from bankhub.actions.partners.coverage_lookup import coverage_of
from bankhub.model.vocabulary import Tier
from bankhub.rules.cascade.bank_before_agency import is_open
from bankhub.rules.eligibility import eligibility
from bankhub.rules.eligibility.ledger import Ledger
from bankhub.rules.shift_times import london_day
from passport.errors import Reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the stage, where its pool began, and who was last."""

    stage: int
    pool: PoolKey | None
    position: int
    """How many of the pool were passed."""
    last_post: UUID | None

    def text(self) -> str:
        """As a cursor."""
        until, post = self.pool or (None, None)
        return cursor_text([self.stage, until, post, self.position, self.last_post])


def read_place(text: str) -> Place:
    stage, until, post, position, last = cursor_place(
        text, int, date, UUID, int, UUID, gaps=True
    )
    return Place(stage or 0, (until, post) if post else None, position or 0, last)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Somebody the rules were asked about."""

    stage: Stage
    one: Ranked
    reasons: Sequence[Reason]

    @property
    def is_barred(self) -> bool:
        """Whether a reason stands in the way."""
        return bool(eligibility.blocking(self.reasons))


class Walk:
    """Stage after stage, pool after pool, by rank, each person weighed by the rules."""

    def __init__(
        self,
        session: Session,
        seen: SeenShift,
        now: datetime,
        *,
        unavailable: bool,
        partners: bool = False,
    ) -> None:
        self._session, self._seen, self._now = session, seen, now
        self._free = not unavailable
        self._stages = [
            stage
            for stage in _stages(session, seen, now, unavailable=unavailable)
            if stage.tier is Tier.PARTNER or not partners
        ]

    def people(self, start: Place, chunk: int) -> Iterator[tuple[Place, Weighed]]:
        """Everybody behind `start`, and the place each stands at."""
        place = start
        while 0 <= place.stage < len(self._stages):
            stage = self._stages[place.stage]
            pool = read_pool(
                self._session,
                stage,
                self._seen.facts,
                after=place.pool,
                free=self._free,
                now=self._now,
            )
            for at in range(_position(pool.people, place), len(pool.people), chunk):
                some = pool.people[at : at + chunk]
                for passed, weighed in enumerate(self._weigh(stage, some), start=at + 1):
                    post = weighed.one.bank_post_id
                    yield Place(place.stage, place.pool, passed, post), weighed
            if pool.next is None:
                place = Place(place.stage + 1, None, 0, None)
            else:
                place = Place(place.stage, pool.next, 0, None)

    def _weigh(self, stage: Stage, some: Sequence[Ranked]) -> Iterator[Weighed]:
        facts = self._seen.facts
        home = stage.organisation_id
        workers = load_workers(
            self._session,
            holder_ids=[one.holder_id for one in some],
            organisation_id=home,
            starts_at=facts.starts_at,
            ends_at=facts.ends_at,
            now=self._now,
            host_id=facts.organisation_id if stage.tier is Tier.PARTNER else None,
        )
        policy = self._seen.policies.eligibility(facts.staff_group, london_day(facts.starts_at))
        grades = self._seen.grades_open(self._now, home)
        for one in some:
            worker = workers.get(one.holder_id)
            if worker is None:
                continue
            reasons = eligibility.why_not(
                facts,
                worker.facts,
                policy,
                self._now,
                grades_open=grades,
                ledger=Ledger(worker.facts.busy),
                home_id=home,
            )
            yield Weighed(stage, one, reasons)


def _position(people: Sequence[Ranked], passed: Place) -> int:
    """Behind the last one shown; they may have left the pool since."""
    for number, one in enumerate(people, start=1):
        if one.bank_post_id == passed.last_post:
            return number
    return max(0, min(passed.position, len(people)))


def _stages(
    session: Session, seen: SeenShift, now: datetime, *, unavailable: bool
) -> Iterator[Stage]:
    """The banks in the order of the cascade; for who may be booked only the tiers open now, and
    none where the place is not free."""
    facts = seen.facts
    if not (unavailable or seen.place_is_free(now)):
        return
    own = [(Tier.OWN_BANK, facts.grade), (Tier.OWN_FALLBACK, facts.fallback_grade)]
    for tier, grade in own:
        if grade is not None and (unavailable or is_open(tier, seen.openings, now)):
            yield Stage(tier, facts.organisation_id, grade)
    if unavailable or not is_open(Tier.PARTNER, seen.openings, now):
        return
    covered = (one for one in coverage_of(session, facts) if one.covers(facts, now))
    for partner_id in sorted({one.partner_id for one in covered}):
        yield Stage(Tier.PARTNER, partner_id, facts.grade)
