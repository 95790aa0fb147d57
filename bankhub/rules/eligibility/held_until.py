"""Until when can a person's papers hold for a role? An upper bound, for searching.

Rule in plain English. A shift can only be worked while the post lasts, a registration on a
register that qualifies for the role stands, every required training was awarded recently enough,
a DBS check of the level is in force, the right to work lasts, and a GP is on the Performers List
and indemnified. The earliest of these ends is the last day worth looking at.

It is a bound and not a decision: `eligibility` is asked about each shift, and this is never
stricter than it. Where eligibility looks closer (when a fact begins, which of several checks is in
force on the day), this looks away.
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
    Workforce,
)
from bankhub.rules.eligibility.credentials_held import entries_that_may_qualify
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
        yield _latest_end(entries_that_may_qualify(proven, role.registers))
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
            yield _latest_end(fact for fact in proven if fact.kind is kind)


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
    in_force = _dbs_end(enough, required.workforce)
    if in_force is None or required.max_age_months is None:
        return in_force
    awarded = _latest(fact.awarded_on for fact in enough if fact.awarded_on is not None)
    return awarded and min(in_force, add_months(awarded, required.max_age_months))


def _dbs_end(checks: list[FactValue], workforce: Workforce | None) -> date | None:
    """Two certificates, one for adults and one for children, cover both as long as both last."""
    if workforce is None:
        return _latest_end(checks)
    ends = {
        one: _latest_end(fact for fact in checks if fact.value.get("workforce") in (one, "both"))
        for one in Workforce
    }
    if workforce is not Workforce.BOTH:
        return ends[workforce]
    adult, child = ends[Workforce.ADULT], ends[Workforce.CHILD]
    return min(adult, child) if adult and child else None


def _latest_end(facts: Iterable[FactValue]) -> date | None:
    return _latest(fact.valid_until or NO_END for fact in facts)


def _latest(days: Iterable[date]) -> date | None:
    return max(days, default=None)
