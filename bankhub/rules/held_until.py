"""Until when can a person's papers hold for a role? An upper bound, for searching.

Rule in plain English. A shift can only be worked while the post lasts, a registration on a
register that qualifies for the role stands, every required training was awarded recently enough,
a DBS check of the level is in force, the right to work lasts, and a GP is on the Performers List
and indemnified. The earliest of these ends is the last day worth looking at.

It is a bound and not a decision: `eligibility` is asked about each shift, and this is never
stricter than it. Where eligibility looks closer (the part of the register, the workforce of a
check, when a fact begins, what a suspension elsewhere means), this looks away.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from bankhub.model.reference_values import RoleReference
from bankhub.model.values import PostFacts
from bankhub.model.work_policy import (
    DbsLevel,
    DbsRequirement,
    EligibilityPolicy,
    RoleRequirement,
    TrainingRequirement,
)
from bankhub.rules.london_time import add_months
from passport.model.facts import FactKind, FactValue

NO_END = date.max
"""Nothing on record ends."""

_DBS_ORDER = tuple(DbsLevel)


def held_until(
    post: PostFacts,
    facts: Iterable[FactValue],
    *,
    role: str,
    policy: EligibilityPolicy,
    today: date,
) -> date | None:
    """The last London day from `today` on which the papers can hold for `role`.

    None where something the policy requires is missing or has ended; `NO_END` where nothing ends.
    `facts` are those of the organisation whose post it is.
    """
    known = policy.roles.get(role)
    if known is None:
        return None
    proven = [fact for fact in facts if fact.checked_by_id is not None]
    ends = [post.ends_on or NO_END, *_paper_ends(proven, known, policy)]
    if None in ends:
        return None
    last = min(end for end in ends if end is not None)
    return last if last >= today else None


def _paper_ends(
    proven: list[FactValue], role: RoleReference, policy: EligibilityPolicy
) -> Iterator[date | None]:
    """For each thing required: the last day on which it can hold; None = it is missing."""
    wanted = policy.requirements
    extra = wanted.roles.get(role.code, RoleRequirement())
    if role.registers:
        yield _registration(proven, {register.body.casefold() for register in role.registers})
    needed = {item.subject: item for item in (*wanted.training, *extra.training)}
    for item in needed.values():
        yield _training(proven, item)
    if required := extra.dbs or wanted.dbs:
        yield _dbs(proven, required)
    for kind, asked in (
        (FactKind.RIGHT_TO_WORK, wanted.right_to_work),
        (FactKind.PERFORMERS_LIST, extra.performers_list),
        (FactKind.INDEMNITY, extra.indemnity),
    ):
        if asked:
            yield _latest(fact.valid_until or NO_END for fact in proven if fact.kind is kind)


def _registration(proven: list[FactValue], bodies: set[str]) -> date | None:
    return _latest(
        fact.valid_until or NO_END
        for fact in proven
        if fact.kind is FactKind.REGISTRATION
        and fact.value.get("status") == "registered"
        and str(fact.value.get("body", "")).casefold() in bodies
    )


def _training(proven: list[FactValue], item: TrainingRequirement) -> date | None:
    awarded = _latest(
        fact.awarded_on
        for fact in proven
        if fact.kind is FactKind.TRAINING
        and fact.value.get("subject") == item.subject
        and (fact.value.get("level") or 1) >= item.level
        and fact.awarded_on is not None
    )
    if awarded is None or item.refresh_months is None:
        return awarded and NO_END
    return add_months(awarded, item.refresh_months)


def _dbs(proven: list[FactValue], required: DbsRequirement) -> date | None:
    enough = [
        fact
        for fact in proven
        if fact.kind is FactKind.DBS
        and fact.value.get("level") in _DBS_ORDER[_DBS_ORDER.index(required.level) :]
    ]
    in_force = _latest(fact.valid_until or NO_END for fact in enough)
    if in_force is None or required.max_age_months is None:
        return in_force
    awarded = _latest(fact.awarded_on for fact in enough if fact.awarded_on is not None)
    return awarded and min(in_force, add_months(awarded, required.max_age_months))


def _latest(days: Iterable[date]) -> date | None:
    return max(days, default=None)
