"""May this person work this shift, and if not, why not?

Rule in plain English. The shift has not started. The person holds a post at the organisation
whose shift it is, or at the home organisation through which an agreement shows it, that is in
force on every day of the shift and may be booked in its role at a grade that is open: the shift's
own, or the fallback grade once that tier has opened. Nobody has restricted the person from the
unit, the site or the organisation ("do not book"); a restriction on one post holds for all of
them, so that a second post is not a way round, nor is leaving and coming back from a partner. What
must be proven is proven (`credentials_held`); of a partner's person the host's clearance is asked
instead (`partner_work`), and only the skills of the shift are looked for in the papers at home. The
hours fit with everything else the person works (`working_time`). All reasons are given at once,
each with evidence, what clears it, and how firm it is (`reason_codes`); an empty list means yes.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from bankhub.model.values import PostFacts, ShiftFacts, WorkerFacts
from bankhub.model.vocabulary import Grade
from bankhub.model.work_policy import EligibilityPolicy
from bankhub.rules.agreements.partner_work import clearance_reasons
from bankhub.rules.eligibility.credentials_held import credential_reasons, skill_reasons
from bankhub.rules.eligibility.ledger import Ledger
from bankhub.rules.eligibility.volunteers import volunteer_reasons
from bankhub.rules.eligibility.working_time import working_time_reasons
from bankhub.rules.london_time import last_london_day
from bankhub.rules.reason_codes import Code, because
from bankhub.rules.shift_times import london_day
from bankhub.rules.wording import said_day, said_moment
from passport.errors import Cure, Level, Reason

_FIRMNESS = (Level.HARD, Level.SOFT, Level.NOTE)


def why_not(
    shift: ShiftFacts,
    worker: WorkerFacts,
    policy: EligibilityPolicy,
    now: datetime,
    *,
    grades_open: frozenset[Grade] | None = None,
    ledger: Ledger | None = None,
    home_id: UUID | None = None,
) -> list[Reason]:
    """Every reason why not, hard ones first.

    `grades_open`: the grades at which the shift may be booked now; None = its own only, empty =
    none (no tier is open).
    `ledger`: `Ledger(worker.busy)`, prepared once where many shifts are asked about.
    `home_id`: through whose bank the shift is seen (`partner_work.seen_through`); None = the
    host's own.
    """
    bank_id = home_id or shift.organisation_id
    grades = frozenset({shift.grade}) if grades_open is None else grades_open
    reasons = [
        *_started(shift, now),
        *_post(shift, worker, grades, bank_id),
        *_restricted(shift, worker),
        *volunteer_reasons(shift, worker, policy),
        *_proven(shift, worker, policy, bank_id),
        *working_time_reasons(shift, worker, policy, now, ledger),
    ]
    return sorted(reasons, key=lambda reason: _FIRMNESS.index(reason.level))


def blocking(reasons: Iterable[Reason], lifted: Collection[str] = ()) -> list[Reason]:
    """The reasons that stand in the way: all hard ones, and soft ones whose code is not lifted."""
    return [
        reason
        for reason in reasons
        if reason.level is Level.HARD or (reason.level is Level.SOFT and reason.code not in lifted)
    ]


def _started(shift: ShiftFacts, now: datetime) -> Iterator[Reason]:
    if now >= shift.starts_at:
        yield because(
            Code.ALREADY_STARTED,
            f"The shift started on {said_moment(shift.starts_at)}.",
            {"starts_at": shift.starts_at.isoformat()},
        )


def _post(
    shift: ShiftFacts,
    worker: WorkerFacts,
    grades_open: frozenset[Grade],
    bank_id: UUID,
) -> Iterator[Reason]:
    first, last = london_day(shift.starts_at), last_london_day(shift.ends_at)
    posts = [post for post in worker.posts if post.organisation_id == bank_id]
    current = [p for p in posts if _covers(p, first, last)]
    if not current:
        yield _no_post(posts, first)
        return
    held = {pair for post in current for pair in (*post.entitlements, (post.role, post.grade))}
    grades = {grade for role, grade in held if role == shift.role}
    if not grades:
        yield because(
            Code.ROLE_NOT_HELD,
            "Your posts at this bank do not include the role of this shift.",
            {"role": shift.role, "roles_held": sorted({role for role, _ in held})},
            Cure("Ask the bank office if you may be booked in this role"),
        )
    elif not grades & grades_open:
        yield _wrong_grade(shift, grades)


def _proven(
    shift: ShiftFacts, worker: WorkerFacts, policy: EligibilityPolicy, bank_id: UUID
) -> Iterator[Reason]:
    if bank_id == shift.organisation_id:
        yield from credential_reasons(shift, worker, policy)
        return
    yield from clearance_reasons(shift, worker.clearances, bank_id)
    yield from skill_reasons(shift, worker, policy)


def _wrong_grade(shift: ShiftFacts, grades: set[Grade]) -> Reason:
    evidence = {"grade": shift.grade.value, "grades_held": sorted(grades)}
    if grades & {shift.grade, shift.fallback_grade}:
        return because(
            Code.GRADE_NOT_OPEN_YET,
            "This shift is not open to your grade now.",
            evidence,
            Cure("Look again later: shifts that stay unfilled open to further grades"),
        )
    return because(
        Code.GRADE_NOT_HELD,
        "Your posts at this bank do not include the grade of this shift.",
        evidence,
        Cure("Ask the bank office if you may be booked at this grade"),
    )


def _covers(post: PostFacts, first: date, last: date) -> bool:
    return post.starts_on <= first and (post.ends_on is None or post.ends_on >= last)


def _no_post(posts: list[PostFacts], day: date) -> Reason:
    starting = [post.starts_on for post in posts if post.starts_on > day]
    ended = [post.ends_on for post in posts if post.ends_on is not None]
    if starting:
        return because(
            Code.POST_NOT_STARTED,
            f"Your post at this bank starts on {said_day(min(starting))}.",
            {"starts_on": min(starting).isoformat()},
            Cure("Choose a shift from then on", min(starting).isoformat()),
        )
    if ended:
        return because(
            Code.POST_ENDED,
            f"Your post at this bank ends on {said_day(max(ended))}.",
            {"ends_on": max(ended).isoformat()},
            Cure("Ask the bank office if your post can be extended"),
        )
    return because(
        Code.NO_POST,
        "You do not have a post at this bank.",
        {},
        Cure("Ask the bank office how to join"),
    )


def _restricted(shift: ShiftFacts, worker: WorkerFacts) -> Iterator[Reason]:
    places = {shift.unit_id, shift.site_id, shift.organisation_id}
    if worker.barred_from & places or any(p.restricted_units & places for p in worker.posts):
        yield because(
            Code.DO_NOT_BOOK,
            "You cannot be booked here at the moment. The bank office has to have told you why "
            "in writing, and you may answer.",
            {},
            Cure("Ask the bank office about the restriction and how to have it reviewed"),
        )
