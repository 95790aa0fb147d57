"""As which post, and at which grade, is this person booked?

The shift's own grade before the fallback grade; among posts of the host, the one held longest.
Asked only once `eligibility` has no objection.
"""

from bankhub.model.values import PostFacts, ShiftFacts, WorkerFacts
from bankhub.model.vocabulary import Grade, Tier
from bankhub.rules.london_time import last_london_day
from bankhub.rules.shift_times import london_day


def booked_as(
    shift: ShiftFacts, worker: WorkerFacts, grades_open: frozenset[Grade]
) -> tuple[PostFacts, Grade, Tier] | None:
    """The post, the grade and the tier of a booking; None where no post can be booked."""
    first, last = london_day(shift.starts_at), last_london_day(shift.ends_at)
    current = sorted(
        (
            post
            for post in worker.posts
            if post.organisation_id == shift.organisation_id
            and post.starts_on <= first
            and (post.ends_on is None or post.ends_on >= last)
        ),
        key=lambda post: (post.starts_on, post.id),
    )
    for grade, tier in ((shift.grade, Tier.OWN_BANK), (shift.fallback_grade, Tier.OWN_FALLBACK)):
        if grade is None or grade not in grades_open:
            continue
        for post in current:
            if (shift.role, grade) in post.entitlements | {(post.role, post.grade)}:
                return post, grade, tier
    return None
