"""What may happen to an agreement next, by whose hand, and where does it stand today?

    draft --send_to_review--> in_review --send_out--> out_for_signature --all sign--> signed
      ^                          |                            |                         |
      +----------edit------------+                            +--> abandoned     superseded

The rules in plain English:

1. The lead party drafts, edits, sends out, varies and abandons; every party named reviews and
   signs for itself, once, exactly the text that went out.
2. A version goes out when HR, IG, finance, clinical and staff side have each signed it off at the
   lead, by five different people, and no area of any party has sent it back. Each change of the
   draft asks all of them again. Where a role exists for an area, whoever has it speaks for the
   area: HR officer, IG lead, budget holder. For clinical and staff side there is none: whoever may
   review records what the person named has said.
3. Only one version is under way at a time, and none once notice for the whole agreement was given.
4. A party may suspend itself, the lead may suspend anybody; who suspended lifts, or who stands in
   their place: the lead of today, the party that took over. Where a suspended party merges into
   another, its people stay suspended until then. Any party may give notice for itself; where fewer
   than two would be left, the agreement ends with it.
5. The lead ends the whole agreement; so does any party of two. For safety it ends at once, and
   bookings ahead are not honoured.
   Whoever gave notice, or ended it by notice, may withdraw that up to its last day; what another
   gave stands. An end for safety, or because a merger left one party, cannot be withdrawn.
   Who has left has no say any more; where the lead has, the party that the terms name next leads,
   of those that are not suspended.
   It is a party again with a version that it signs with all others.
6. Expiry is by the clock: an agreement is over on the day after its last. The parties are warned
   60, 30 and 7 days before that, and reminded 60 and 7 days before the day by which the terms in
   force are to be reviewed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bankhub.model.agreements import AgreementState, ReviewArea, VersionState
from bankhub.rules.agreements.agreements_in_force import InForce
from passport.actors import AccessRole
from passport.errors import Cure, Reason

V = VersionState


class Step(StrEnum):
    """What can be done to a version."""

    EDIT = "edit"
    SEND_TO_REVIEW = "send_to_review"
    REVIEW = "review"
    SEND_OUT = "send_out"
    SIGN = "sign"
    ABANDON = "abandon"


@dataclass(frozen=True, slots=True)
class StepRule:
    """From which states a step leads where; whether it is the lead's alone."""

    states: tuple[VersionState, ...]
    leads_to: VersionState
    lead_only: bool = True


STEPS: Mapping[Step, StepRule] = {
    Step.EDIT: StepRule((V.DRAFT, V.IN_REVIEW), V.DRAFT),
    Step.SEND_TO_REVIEW: StepRule((V.DRAFT,), V.IN_REVIEW),
    Step.REVIEW: StepRule((V.IN_REVIEW,), V.IN_REVIEW, lead_only=False),
    Step.SEND_OUT: StepRule((V.IN_REVIEW,), V.OUT_FOR_SIGNATURE),
    Step.SIGN: StepRule((V.OUT_FOR_SIGNATURE,), V.OUT_FOR_SIGNATURE, lead_only=False),
    Step.ABANDON: StepRule((V.DRAFT, V.IN_REVIEW, V.OUT_FOR_SIGNATURE), V.ABANDONED),
}
UNDER_WAY = (V.DRAFT, V.IN_REVIEW, V.OUT_FOR_SIGNATURE)
BOUND = (V.SIGNED, V.SUPERSEDED)
"""Every party signed it."""
LIVE = (AgreementState.ACTIVE, AgreementState.NOTICE_GIVEN)


AREA_ROLES: Mapping[ReviewArea, AccessRole] = {
    ReviewArea.HR: AccessRole.HR_OFFICER,
    ReviewArea.IG: AccessRole.IG_LEAD,
    ReviewArea.FINANCE: AccessRole.BUDGET_HOLDER,
}
"""Who speaks for an area, where a role exists for it."""

WARN_DAYS = (60, 30, 7)
"""So many days before an agreement ends its parties are told."""
REVIEW_DAYS = (60, 7)
"""So many days before the parties have to review it they are reminded."""


class ShownState(StrEnum):
    """Where an agreement stands today."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    OUT_FOR_SIGNATURE = "out_for_signature"
    ABANDONED = "abandoned"
    SIGNED = "signed"
    """By all; its first day is ahead."""
    ACTIVE = "active"
    NOTICE_GIVEN = "notice_given"
    EXPIRED = "expired"
    TERMINATED = "terminated"
    WOUND_DOWN = "wound_down"


STANDING = (ShownState.SIGNED, ShownState.ACTIVE, ShownState.NOTICE_GIVEN)
"""Signed by all and not over."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An area's latest word on a version."""

    area: ReviewArea
    of_lead: bool
    signed_off: bool
    name: str


def why_not_step(step: Step, state: VersionState, *, is_lead: bool) -> list[Reason]:
    """Why this step cannot be taken; empty = it can."""
    rule = STEPS[step]
    if rule.lead_only and not is_lead:
        return [Reason("not_the_lead", text="The party that leads this agreement does that.")]
    if state not in rule.states:
        words = state.value.replace("_", " ")
        return [Reason("wrong_state", {"state": state.value}, text=f"This version is {words}.")]
    return []


def why_not_out(looked: Iterable[Looked]) -> list[Reason]:
    """Why a version in review cannot go out for signature."""
    latest = list(looked)
    done = {one.area for one in latest if one.of_lead and one.signed_off}
    reasons = [
        Reason(
            "review_missing",
            {"area": area.value},
            Cure(f"Ask {area_words(area)} to review the draft and sign it off."),
            text=f"{sentence(area_words(area))} has not signed the draft off.",
        )
        for area in ReviewArea
        if area not in done
    ]
    reasons += [
        Reason(
            "sent_back",
            {"area": one.area.value},
            Cure("Change the draft, or have the area look again."),
            text=f"{sentence(area_words(one.area))} sent the draft back.",
        )
        for one in latest
        if not one.signed_off
    ]
    return reasons


def areas_of(roles: Collection[AccessRole]) -> tuple[ReviewArea, ...]:
    """The areas for which somebody with those roles speaks, of those who may review at all."""
    return tuple(area for area in ReviewArea if AREA_ROLES.get(area) in (None, *roles))


def why_not_area(area: ReviewArea, roles: Collection[AccessRole]) -> list[Reason]:
    """Why somebody cannot say what an area thinks of a draft."""
    if area in areas_of(roles):
        return []
    role = AREA_ROLES[area].value.replace("_", " ")
    cure = Cure(f"Ask somebody with the role {role} to look and to record it.")
    text = f"For {area_words(area)} somebody with the role {role} speaks."
    return [Reason("not_of_area", {"area": area.value}, cure, text=text)]


def why_not_review(name: str, area: ReviewArea, looked: Iterable[Looked]) -> list[Reason]:
    """Five areas are five people: one name does not sign off for two of them."""
    same = name.casefold().split()
    if any(one.area is not area and one.name.casefold().split() == same for one in looked):
        text = "This person has signed off for another area: each area is another person."
        return [Reason("same_reviewer", text=text)]
    return []


def why_not_sign(
    *,
    went_out: bool,
    named: bool = True,
    signed: bool = False,
    unchanged: bool = True,
    over: bool = False,
) -> list[Reason]:
    """Why a party cannot sign the text; empty = it can."""
    checks = (
        ("not_out", not went_out, "This version has not gone out for signature."),
        ("not_named", not named, "The text does not name this organisation. Ask the lead for a"
         " version that does."),
        ("signed_already", signed, "This organisation has signed it."),
        ("text_changed", went_out and not unchanged, "The text is not the one that went out."),
        ("agreement_ending", over, "The agreement is ending or over."),
    )  # fmt: skip
    return [Reason(code, text=text) for code, holds, text in checks if holds]


def why_not_new_version(
    state: AgreementState, versions: Collection[VersionState]
) -> list[Reason]:
    """Why no further version can be drafted."""
    if any(one in UNDER_WAY for one in versions):
        text = "Another version is under way. Have it signed, or abandon it first."
        return [Reason("version_under_way", text=text)]
    if state not in (AgreementState.PROPOSED, AgreementState.ACTIVE):
        text = "The agreement is ending or over. Draft a new one."
        return [Reason("agreement_ending", text=text)]
    return []


def why_not_live(state: AgreementState) -> list[Reason]:
    """Why nothing can be suspended or ended: it is not in force, or over."""
    if state in LIVE:
        return []
    words = state.value.replace("_", " ")
    return [Reason("wrong_state", {"state": state.value}, text=f"The agreement is {words}.")]


def why_not_party(leaves_on: date | None, today: date) -> list[Reason]:
    """Why an organisation has no say any more: it has left."""
    if leaves_on is None or today <= leaves_on:
        return []
    return [Reason("party_left", text="This organisation has left the agreement.")]


def why_not_suspend(*, suspended: bool, wanted: bool) -> list[Reason]:
    """Why a party cannot be suspended, or its suspension lifted."""
    if suspended is not wanted:
        return []
    text = "The party is suspended already." if wanted else "The party is not suspended."
    return [Reason("wrong_state", text=text)]


def why_not_lift(*, by_itself: bool, is_lead: bool, is_party: bool) -> list[Reason]:
    """Why somebody cannot lift a suspension: who suspended does. `by_itself`: the party did."""
    if is_party if by_itself else is_lead:
        return []
    who = "The party suspended itself" if by_itself else "The lead suspended the party"
    return [Reason("suspended_by_another", text=f"{who}, and lifts that.")]


def why_not_notice(*, given: bool) -> list[Reason]:
    """Why a party cannot give notice."""
    return [Reason("notice_given", text="Notice was given already.")] if given else []


def why_not_withdraw(
    last_days: Collection[date], *, today: date, until_on: date
) -> list[Reason]:
    """Why a party cannot withdraw its notice. `last_days`: those it named, for itself or for all;
    `until_on`: the last day of the agreement as it stands."""
    if not last_days:
        text = "This organisation has given no notice."
        return [Reason("no_notice", text=text)]
    if max(last_days) < today or until_on < today:
        cure = Cure("Ask the lead for a version that lets your organisation join again.")
        return [Reason("notice_over", cure=cure, text="The notice has taken effect.")]
    return []


def state_with_leavers(ends_on: date | None, leaves: Sequence[date | None]) -> AgreementState:
    """Of an agreement that is live: whether the whole of it ends by notice. `ends_on`: the day the
    lead ended it on, or a merger."""
    ends = ends_on is not None or ends_with_leavers(leaves) is not None
    return AgreementState.NOTICE_GIVEN if ends else AgreementState.ACTIVE


def why_not_terminate(*, is_lead: bool, parties: int) -> list[Reason]:
    """Why a party cannot end the whole agreement."""
    if is_lead or parties <= 2:
        return []
    cure = Cure("Give notice for your organisation, or suspend it.")
    text = "The lead ends an agreement of several parties."
    return [Reason("not_the_lead", cure=cure, text=text)]


def ends_with_leavers(leaves: Sequence[date | None]) -> date | None:
    """The last day on which two parties are left, where parties leave on those days."""
    last = sorted((one or date.max for one in leaves), reverse=True)
    if len(last) < 2:
        return None
    return None if last[1] == date.max else last[1]


def shown_state(
    state: AgreementState,
    *,
    newest: VersionState,
    begins: date | None,
    ends: date | None,
    today: date,
) -> ShownState:
    """Where it stands today. `begins` and `ends`: the first and last day of its signed versions."""
    if state is AgreementState.WOUND_DOWN:
        return ShownState.WOUND_DOWN
    if begins is None or ends is None:
        return ShownState(newest.value)
    if state in (AgreementState.TERMINATED, AgreementState.EXPIRED):
        return ShownState(state.value)
    if today > ends:
        given = state is AgreementState.NOTICE_GIVEN
        return ShownState.TERMINATED if given else ShownState.EXPIRED
    if state is AgreementState.NOTICE_GIVEN:
        return ShownState.NOTICE_GIVEN
    return ShownState.SIGNED if today < begins else ShownState.ACTIVE


def warning_step(days_left: int, steps: Iterable[int] = WARN_DAYS) -> int | None:
    """Which of the warnings is due so many days before a day; None = none yet, or over."""
    due = [step for step in steps if 0 <= days_left <= step]
    return min(due, default=None)


def last_honoured(bound: Iterable[InForce]) -> date:
    """The last day by whose end a shift has to be over to be begun under versions that ended."""
    return max(
        one.until_on + timedelta(days=0 if one.for_safety else one.terms.wind_down_days)
        for one in bound
    )


def area_words(area: ReviewArea) -> str:
    """A review area as it is spoken of."""
    return {
        ReviewArea.HR: "HR",
        ReviewArea.IG: "information governance",
        ReviewArea.FINANCE: "finance",
        ReviewArea.CLINICAL: "the clinical lead",
        ReviewArea.STAFF_SIDE: "staff side",
    }[area]


def sentence(words: str) -> str:
    """The words with the first letter of a sentence."""
    return words[:1].upper() + words[1:]
