"""May this person of a partner work here, until when, and what is missing?

Rule in plain English. An agreement in force has to cover the home organisation, the host, the
staff group, the grade, the role and the instrument; where none does, nothing of the passport is
read. Then everything the host's policy asks for before booking has to be met: whoever has it is
cleared until the first of it ends. In the wind-down after an agreement's last day the clearance
stands, so that bookings which were confirmed in time are honoured. What is asked for at arrival
never blocks a booking. What the host has adopted for a later day bounds what is cleared today, as
shifts are booked ahead. Two people of the host may set an item aside for a time, but never identity
or employment, registration, right to work or a barred list (NHS Employment Check Standards), and
nothing that the home organisation holds back; whether a restricted registration may be worked on
under supervision is another decision (`clearance_registration`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bankhub.model.agreement_terms import DataCategory
from bankhub.model.clearance_policy import ClearancePolicy
from bankhub.model.clearance_values import (
    AGREEMENT,
    NOT_AVAILABLE,
    AskedClearance,
    Decision,
    Doer,
    Evidence,
    HeldCredential,
    Item,
    ItemState,
    Timing,
    bookable_until,
)
from bankhub.model.clearances import ClearanceState
from bankhub.model.work_policy import EligibilityPolicy
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.clearances.clearance_case import NO_END, Case, Lacks, Met
from bankhub.rules.clearances.clearance_papers import paper_items
from bankhub.rules.clearances.clearance_registration import number_to_look_up
from bankhub.rules.clearances.clearance_training import induction_items, training_items
from bankhub.rules.london_time import add_months

__all__ = [
    "NEVER_BYPASSED",
    "Decision",
    "Doer",
    "HeldCredential",
    "Item",
    "ItemState",
    "Later",
    "Timing",
    "bookable_until",
    "decide",
    "may_bypass",
    "number_to_look_up",
    "permits",
]

NEVER_BYPASSED = frozenset(
    {AGREEMENT, "availability", "employment", "identity", "registration", "right_to_work",
     "barred_list"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Later:
    """What the host asks for from a day that is still to come."""

    from_on: date
    policy: ClearancePolicy
    requirements: EligibilityPolicy


def may_bypass(item: Item) -> bool:
    """Whether two people may set the item aside: nothing that the home organisation holds back, as
    they cannot know what that would be."""
    never = item.code in NEVER_BYPASSED or item.why == NOT_AVAILABLE
    return not never and item.state is ItemState.MISSING


def permits(agreement: InForce, asked: AskedClearance, today: date) -> bool:
    """Whether an agreement lets this be decided: in force, or winding down, and covering it."""
    return _barred_by(agreement, asked, today) is None


def decide(
    asked: AskedClearance,
    evidence: Evidence,
    *,
    policy: ClearancePolicy,
    requirements: EligibilityPolicy,
    agreement: InForce | None,
    today: date,
    later: Sequence[Later] = (),
) -> Decision:
    """The decision, with every item that the host's policy asks for; `later` is what it will ask
    for from days that are still to come."""
    why = _barred_by(agreement, asked, today)
    if agreement is None or why is not None:
        act = f"Agree with {asked.home.name} on a new version, or end the clearance"
        item = Item(
            AGREEMENT, "Agreement", ItemState.MISSING, why=why or "", act=act, by=Doer.HOST
        )
        return Decision(ClearanceState.NOT_CLEARED, None, (item,))
    case = Case(asked, evidence, policy, requirements, agreement, today)
    items = tuple(_bypassed(case, one) for one in _items(case))
    if any(one.state is ItemState.MISSING for one in items):
        return Decision(ClearanceState.NOT_CLEARED, None, items)
    until = _until(case, items)
    bounds = [bound for one in later if (bound := _from_then(case, one, until))]
    if bounds:
        until, told = min(bounds, key=lambda bound: bound[0])
        items = (*items, told)
    return Decision(ClearanceState.CLEARED, until, items)


def _from_then(case: Case, step: Later, until: date) -> tuple[date, Item] | None:
    """Until when a policy that was adopted for later leaves somebody cleared, and why; None where
    it takes nothing away."""
    then = replace(case, policy=step.policy, requirements=step.requirements)
    items = tuple(_bypassed(then, one) for one in _items(then))
    missing = [one.title for one in items if one.state is ItemState.MISSING]
    before = step.from_on - timedelta(days=1)
    holds = before if missing else max(before, _until(then, items))
    if holds >= until:
        return None
    asks = f"also asks for: {', '.join(missing)}" if missing else "asks for something sooner again"
    why = f"From {step.from_on:%-d %B %Y} it {asks}."
    title = f"What {case.asked.host.name} asks for"
    return holds, Item("policy", title, ItemState.MET, until_on=holds, why=why)


def _barred_by(agreement: InForce | None, asked: AskedClearance, today: date) -> str | None:
    """Why an agreement does not permit it; None where it does."""
    if agreement is None:
        return f"No agreement in force covers people of {asked.home.name} here."
    honoured = agreement.honoured_until(asked.home.id, asked.host.id)
    if honoured is None:
        return f"{agreement.named} is suspended for one of the two organisations."
    if not agreement.from_on <= today <= honoured:
        return f"{agreement.named} is not in force."
    terms = agreement.terms
    if not agreement.covers_work(asked.staff_group, asked.grade):
        return f"{agreement.named} does not cover this staff group and grade."
    if asked.role in terms.excluded_roles:
        return f"{agreement.named} leaves this role out."
    if asked.instrument not in terms.instruments:
        return f"{agreement.named} does not let them work on this instrument."
    return None


def _items(case: Case) -> Iterator[Item]:
    yield _agreement(case)
    tells = DataCategory.RESTRICTION_FLAG in case.agreement.terms.data_categories
    if tells and case.evidence.held_back:
        yield case.item("availability", "Availability", case.not_available())
    yield from paper_items(case)
    yield from training_items(case)
    yield from _shown(case)
    yield from induction_items(case)


def _agreement(case: Case) -> Item:
    pair = case.agreement.pair(case.asked.home.id, case.asked.host.id)
    last = pair.until_on if pair else case.today
    if case.today <= last:
        return Item(AGREEMENT, "Agreement", ItemState.MET, until_on=last, why=case.agreement.named)
    until = case.agreement.honoured_until(case.asked.home.id, case.asked.host.id)
    why = f"{case.agreement.named} has ended: bookings confirmed before are honoured."
    return Item(AGREEMENT, "Agreement", ItemState.MET, until_on=until, why=why)


def _shown(case: Case) -> Iterator[Item]:
    months, shown_on = case.policy.show_again_months, case.evidence.shown_on
    if months is None:
        return
    until = add_months(shown_on, months) if shown_on else None
    if until is not None and until >= case.today:
        yield case.item("passport_shown", "Passport shown", Met(until))
        return
    act = f"Show your passport at {case.asked.host.name}"
    why = "Shown too long ago." if shown_on else "Not shown here yet."
    came = Lacks(why, act, Doer.WORKER)
    yield case.item("passport_shown", "Passport shown", came)


def _bypassed(case: Case, item: Item) -> Item:
    if not may_bypass(item):
        return item
    ends = [
        one.until_on
        for one in case.evidence.bypasses
        if one.item == item.code and one.until_on >= case.today
    ]
    if not ends:
        return item
    return replace(item, state=ItemState.BYPASSED, until_on=max(ends))


def _until(case: Case, items: tuple[Item, ...]) -> date:
    honoured = case.agreement.honoured_until(case.asked.home.id, case.asked.host.id)
    ends = [
        one.until_on or NO_END
        for one in items
        if one.timing is Timing.BEFORE_BOOKING and one.code != AGREEMENT
    ]
    return min([honoured or case.today, *ends])
