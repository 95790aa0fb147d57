"""May a volunteer be on a paid shift?

Rule in plain English. Never. No shift is in the role of a volunteer, and a post as volunteer gives
nobody a place on a shift, whatever else stands on it: who volunteers is unpaid by agreement, and
work that is paid makes a worker of them (National Minimum Wage Act 1998 s44). Somebody who is a
volunteer here and also holds a bank post is booked through that post.
"""

from collections.abc import Iterator, Mapping

from bankhub.model.reference_values import RoleReference
from bankhub.model.values import PostFacts, ShiftFacts, WorkerFacts
from bankhub.model.work_policy import EligibilityPolicy
from bankhub.rules.reason_codes import Code, because
from passport.errors import Cure, Reason


def is_voluntary(role: str, roles: Mapping[str, RoleReference]) -> bool:
    """Whether the role is unpaid."""
    known = roles.get(role)
    return known is not None and known.volunteer


def volunteer_reasons(
    shift: ShiftFacts, worker: WorkerFacts, policy: EligibilityPolicy
) -> Iterator[Reason]:
    """The reason where only a volunteer's post, or a volunteer's shift, would make it work."""
    giving = [post for post in worker.posts if shift.role in _roles(post)]
    unpaid = [post for post in giving if is_voluntary(post.role, policy.roles)]
    if is_voluntary(shift.role, policy.roles) or (unpaid and len(unpaid) == len(giving)):
        yield because(
            Code.VOLUNTEERS_ONLY,
            "Volunteers are unpaid: this shift cannot be booked as a volunteer.",
            {"role": shift.role},
            Cure("Ask the bank office how to join the bank if you want paid work"),
        )


def _roles(post: PostFacts) -> set[str]:
    return {post.role, *(role for role, _ in post.entitlements)}
