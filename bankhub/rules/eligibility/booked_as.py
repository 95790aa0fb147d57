"""As which post, and at which grade, is this person booked?

The shift's own grade before the fallback grade; among posts of the bank through which it is seen,
the one held longest. A partner's person is booked at the shift's own grade, through the partner
tier. Asked only once `eligibility` has no objection.
"""

from uuid import UUID

from bankhub.model.values import PostFacts, ShiftFacts, WorkerFacts
from bankhub.model.vocabulary import Grade, Tier
from bankhub.rules.london_time import last_london_day
from bankhub.rules.shift_times import london_day


def booked_as(
    shift: ShiftFacts,
    worker: WorkerFacts,
    grades_open: frozenset[Grade],
    home_id: UUID | None = None,
) -> tuple[PostFacts, Grade, Tier] | None:
    """The post, the grade and the tier of a booking; None where no post can be booked.
    `home_id`: through whose bank; None = the host's own."""
    bank_id = home_id or shift.organisation_id
    first, last = london_day(shift.starts_at), last_london_day(shift.ends_at)
    current = sorted(
        (
            post
            for post in worker.posts
            if post.organisation_id == bank_id
            and post.starts_on <= first
            and (post.ends_on is None or post.ends_on >= last)
        ),
        key=lambda post: (post.starts_on, post.id),
    )
    ways = [(shift.grade, Tier.OWN_BANK), (shift.fallback_grade, Tier.OWN_FALLBACK)]
    if bank_id != shift.organisation_id:
        ways = [(shift.grade, Tier.PARTNER)]
    for grade, tier in ways:
        if grade is None or grade not in grades_open:
            continue
        for post in current:
            if (shift.role, grade) in post.entitlements | {(post.role, post.grade)}:
                return post, grade, tier
    return None
