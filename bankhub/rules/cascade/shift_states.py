"""What may happen to a shift next, by whose deed, and what must be on record first?

    draft --submit--> submitted --authorise--> open --fill--> filled
                          |                     ^               |
                          +--reject--> rejected +----reopen-----+
    draft, submitted, open --withdraw--> withdrawn

`unfilled` is not stored: it is an open shift whose start has passed. The rules in plain English:

1. Somebody other than the requester authorises above the organisation's threshold of cost or
   hours and, where its policy says so, when the cost is not known or the request came after the
   start. A threshold of 0 always asks for two people.
2. Nothing is withdrawn after its start: what was asked for and not filled counts as unfilled.
3. A vacancy names its post, enhanced care the day of its review, `other` says what it is, and no
   text holds patient details.
4. A filled shift keeps its place and grade. Once authorised, an amendment that costs more needs
   two people again, cover for industrial action stays that, and after the start only what
   explains the request can change. What an agency holds cannot become such cover.
5. What nobody is booked on is not moved out of the hours in which a withdrawal counts as late:
   it would leave the figures by the back door. That a need ended is the bank office's to record.

Two-person control follows the standing financial instructions of NHS bodies: nobody authorises
their own request. The rest is the practice of bank offices, and the promise that the fill figures
cannot be gamed. What exceeds one person's rights is decided by `rules.permissions`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from bankhub.model.fill_policy import FillPolicy
from bankhub.model.request_policy import RequestFacts, RequestPolicy
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import RequestReason, ShiftState
from bankhub.rules.cascade.bank_before_agency import STRIKE_REASONS
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day, why_not_this_long
from bankhub.rules.shifts.patient_details import why_not_write
from passport.errors import Cure, Reason

S = ShiftState


class Step(StrEnum):
    """What can be done to a shift."""

    SUBMIT = "submit"
    AUTHORISE = "authorise"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    AMEND = "amend"
    FILL = "fill"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class StepRule:
    """From which states a step leads where, and the deeds that take it."""

    before: tuple[ShiftState, ...]
    after: ShiftState | None
    """None = the state stays."""
    deeds: tuple[Deed, ...]
    """Who may: the roles that `rules.permissions` gives these deeds."""


STEPS: Mapping[Step, StepRule] = {
    Step.SUBMIT: StepRule((S.DRAFT,), S.SUBMITTED, (Deed.POST_SHIFT, Deed.IMPORT_ROSTER)),
    Step.AUTHORISE: StepRule((S.SUBMITTED,), S.OPEN, (Deed.AUTHORISE_SHIFT,)),
    Step.REJECT: StepRule((S.SUBMITTED,), S.REJECTED, (Deed.AUTHORISE_SHIFT,)),
    Step.WITHDRAW: StepRule((S.DRAFT, S.SUBMITTED, S.OPEN), S.WITHDRAWN, (Deed.WITHDRAW_SHIFT,)),
    Step.AMEND: StepRule(
        (S.DRAFT, S.SUBMITTED, S.OPEN, S.FILLED), None, (Deed.AMEND_SHIFT, Deed.IMPORT_ROSTER)
    ),
    Step.FILL: StepRule(
        (S.OPEN,),
        S.FILLED,
        (Deed.BOOK_SELF, Deed.ASSIGN, Deed.ANSWER_APPLICATION, Deed.RECORD_AGENCY_FILL),
    ),
    Step.REOPEN: StepRule((S.FILLED,), S.OPEN, (Deed.BOOK_SELF, Deed.CANCEL_BOOKING)),
}

AUTHORISED = (S.OPEN, S.FILLED)
"""States of a shift that was authorised and is wanted."""

_PLACE = ("site_id", "unit_id", "staff_group", "role", "grade", "fallback_grade", "skills")
_TIMES = ("starts_at", "ends_at", "unpaid_break_minutes")
FARTHEST = timedelta(days=731)
"""Nobody asks for cover further ahead: a later day is a slip of the keyboard."""
_EXPLAINS = frozenset({"reason", "reason_text", "post_number", "review_on", "notes"})


def why_not_step(step: Step, state: ShiftState) -> list[Reason]:
    """`wrong_state` when the step does not lead on from the state."""
    if state in STEPS[step].before:
        return []
    return [
        Reason(
            "wrong_state",
            {"step": step.value, "state": state.value},
            text=f"A shift that is {state.value} cannot be changed this way ({step.value}).",
        )
    ]


def is_unfilled(shift: ShiftFacts, now: datetime) -> bool:
    """Open, and its start has passed."""
    return shift.state is S.OPEN and shift.starts_at <= now


def is_retrospective(request: RequestFacts) -> bool:
    """Entered when the shift had started: flagged, and counted apart."""
    return request.created_at >= request.shift.starts_at


def needs_two_people(request: RequestFacts, policy: RequestPolicy) -> bool:
    """Whether the authoriser must be somebody other than the requester."""
    if 0 in (policy.two_people_above_pence, policy.two_people_above_minutes):
        return True
    if is_retrospective(request) and policy.retrospective_needs_two_people:
        return True
    if request.shift.minutes > policy.two_people_above_minutes:
        return True
    if request.estimate_pence is None:
        return policy.unknown_cost_needs_two_people
    return request.estimate_pence > policy.two_people_above_pence


def why_not_describe(
    request: RequestFacts, *, policy: RequestPolicy, now: datetime
) -> list[Reason]:
    """What the request lacks or may not say, all at once."""
    shift = request.shift
    elapsed = (shift.ends_at - shift.starts_at) // timedelta(minutes=1)
    wrong = (
        *_lacking(request, now),
        (
            shift.starts_at > now + FARTHEST,
            "too_far_ahead",
            "The shift is more than two years ahead: check the year.",
        ),
        (elapsed <= 0, "ends_before_start", "The shift ends before it starts."),
        (
            not 0 <= shift.unpaid_break_minutes < max(elapsed, 1),
            "break_too_long",
            "The unpaid break must be shorter than the shift.",
        ),
    )
    return [
        *(Reason(code, text=text) for is_so, code, text in wrong if is_so),
        *why_not_this_long(elapsed, policy),
        *why_not_write("notes", request.notes),
        *why_not_write("reason_text", request.reason_text),
    ]


def _lacking(request: RequestFacts, now: datetime) -> tuple[tuple[bool, str, str], ...]:
    """What each reason of the closed list wants beside it."""
    reason = request.shift.reason
    return (
        (
            reason is RequestReason.VACANCY and not request.post_number.strip(),
            "post_number_missing",
            "A vacancy needs its post number.",
        ),
        (
            reason is RequestReason.OTHER and not request.reason_text.strip(),
            "reason_text_missing",
            "Say in a few words why cover is needed.",
        ),
        (
            reason is RequestReason.ENHANCED_CARE and request.review_on is None,
            "review_date_missing",
            "Enhanced care needs the day on which it is reviewed.",
        ),
        (
            request.review_on is not None and request.review_on < london_day(now),
            "review_date_past",
            "The day of the review has passed.",
        ),
    )


def why_not_submit(request: RequestFacts, *, policy: RequestPolicy, now: datetime) -> list[Reason]:
    """Why the draft cannot be handed in."""
    return [
        *why_not_step(Step.SUBMIT, request.shift.state),
        *why_not_describe(request, policy=policy, now=now),
    ]


def why_not_authorise(
    request: RequestFacts, *, authoriser_id: UUID | None, policy: RequestPolicy, now: datetime
) -> list[Reason]:
    """Why this person cannot allow the spend. Ids are of accounts or of people, both alike."""
    reasons = [
        *why_not_step(Step.AUTHORISE, request.shift.state),
        *why_not_describe(request, policy=policy, now=now),
    ]
    alone = authoriser_id is None or authoriser_id == request.requested_by_id
    if alone and needs_two_people(request, policy):
        reasons.append(_second_person_needed())
    return reasons


def why_not_reject(request: RequestFacts, *, because: str) -> list[Reason]:
    """Why the request cannot be turned down: its state, or no words for the requester."""
    return [*why_not_step(Step.REJECT, request.shift.state), *_why_not_because(because)]


def why_not_withdraw(request: RequestFacts, *, because: str, now: datetime) -> list[Reason]:
    """Why the request cannot be pulled: its state, its start has passed, or no reason given."""
    shift = request.shift
    reasons = [*why_not_step(Step.WITHDRAW, shift.state), *_why_not_because(because)]
    if shift.state is S.FILLED:
        reasons.append(
            Reason(
                "booking_stands",
                cure=Cure("Cancel the booking first, so that the worker is told."),
                text="Somebody is booked on the shift.",
            )
        )
    if shift.state is not S.DRAFT and now >= shift.starts_at:
        reasons.append(
            Reason(
                "shift_started",
                {"starts_at": shift.starts_at.isoformat()},
                text="The start has passed: the shift stays in the figures.",
            )
        )
    return reasons


def changed_fields(before: RequestFacts, after: RequestFacts) -> frozenset[str]:
    """Names of what an amendment would change; never the state."""
    shift = {*_PLACE, *_TIMES, "reason", "organisation_id"}
    return frozenset(
        {name for name in shift if getattr(before.shift, name) != getattr(after.shift, name)}
        | {name for name in _EXPLAINS - {"reason"} if getattr(before, name) != getattr(after, name)}
    )


def why_not_amend(
    before: RequestFacts,
    after: RequestFacts,
    *,
    by_id: UUID | None,
    agreed_by_id: UUID | None = None,
    policy: RequestPolicy,
    now: datetime,
) -> list[Reason]:
    """Why the request cannot be changed so.

    `agreed_by_id` is the second person who allowed an amendment that costs more. Whether a booked
    worker can still work an amended shift is asked of the eligibility rules, not here; changed
    times, reason or grade of an open shift call for new openings.
    """
    state, changed = before.shift.state, changed_fields(before, after)
    if reasons := why_not_step(Step.AMEND, state):
        return reasons
    fixed = {"organisation_id"} & changed
    if state is S.FILLED:
        fixed |= changed & set(_PLACE)
    if state in AUTHORISED and now >= before.shift.starts_at:
        fixed |= changed - _EXPLAINS
    if fixed:
        reasons.append(
            Reason(
                "fixed_by_now",
                {"fields": sorted(fixed), "state": state.value},
                text="This can no longer be changed: " + ", ".join(sorted(fixed)) + ".",
            )
        )
    if state in AUTHORISED:
        reasons += _why_not_once_authorised(before, after, changed, now)
        alone = agreed_by_id is None or by_id == agreed_by_id
        if alone and _costs_more(before, after) and needs_two_people(after, policy):
            reasons.append(_second_person_needed())
    return reasons + why_not_describe(after, policy=policy, now=now)


def _why_not_once_authorised(
    before: RequestFacts, after: RequestFacts, changed: frozenset[str], now: datetime
) -> list[Reason]:
    reasons = []
    if before.shift.reason in STRIKE_REASONS and after.shift.reason not in STRIKE_REASONS:
        reasons.append(
            Reason(
                "strike_reason_stays",
                cure=Cure("If it was entered wrongly, withdraw the shift and ask again."),
                text="Cover for industrial action cannot be renamed once it is authorised.",
            )
        )
    if "starts_at" in changed and after.shift.starts_at <= now:
        reasons.append(Reason("start_in_the_past", text="The shift cannot be moved into the past."))
    return reasons


def why_not_postpone(
    before: ShiftFacts, after: ShiftFacts, policy: FillPolicy, now: datetime
) -> list[Reason]:
    """Why an open shift may not be moved so far: its withdrawal would count as late by now."""
    late = timedelta(hours=policy.late_withdrawal_hours)
    if before.state is not S.OPEN or before.starts_at - now >= late or after.starts_at - now < late:
        return []
    return [
        Reason(
            "too_late_to_postpone",
            {"hours": policy.late_withdrawal_hours},
            Cure("Withdraw it, and ask for the other time as a new shift."),
            text=f"It starts within {policy.late_withdrawal_hours} hours and nobody is booked: "
            "it stays in the figures where it is.",
        )
    ]


def why_not_strike(before: ShiftFacts, after: ShiftFacts, *, agency_holds: bool) -> list[Reason]:
    """Why a filled shift may not become cover for industrial action."""
    becomes = after.reason in STRIKE_REASONS and before.reason not in STRIKE_REASONS
    if not (becomes and agency_holds):
        return []
    return [
        Reason(
            "agency_in_strike",
            cure=Cure("Cancel the agency's booking first."),
            text="An agency worker is booked, and no agency may cover industrial action.",
        )
    ]


def _costs_more(before: RequestFacts, after: RequestFacts) -> bool:
    if after.shift.minutes > before.shift.minutes:
        return True
    if after.estimate_pence is None or before.estimate_pence is None:
        return before.estimate_pence is not None
    return after.estimate_pence > before.estimate_pence


def _second_person_needed() -> Reason:
    return Reason(
        "second_person_needed",
        cure=Cure("Ask somebody else who may authorise."),
        text="Somebody other than the one who asked must authorise this.",
    )


def _why_not_because(because: str) -> list[Reason]:
    if not because.strip():
        return [Reason("reason_missing", cure=Cure("Say why."), text="A reason is needed.")]
    return why_not_write("because", because)
