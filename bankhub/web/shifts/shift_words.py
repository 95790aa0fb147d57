"""A shift's cascade and history in words: who sees it since when and why, and what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bankhub.actions.shifts.shift_lists import ShiftStory
from bankhub.model.bookings import ContactAttempt
from bankhub.model.shifts import Opening
from bankhub.model.values import PlannedOpening
from bankhub.model.vocabulary import Tier
from bankhub.rules.cascade.bank_before_agency import CLOSED_TEXT, Why
from bankhub.web.trade_words import TIERS, spoken
from passport.events import Event, Notice
from passport.web.words import london_when

BECAUSE = {
    Why.AUTHORISED: "the own bank sees every shift as soon as it is authorised",
    Why.POLICY: "that is when the policy's window for this tier begins",
    Why.AFTER_TIER_BEFORE: "the tier before has the shift for its full time first",
    Why.SHORT_NOTICE: "the notice is short, so each tier's time is shorter",
    Why.OPENED_EARLY: "it was opened early",
}
ANSWERS = {
    "agreed": "agreed",
    "declined": "declined",
    "no_answer": "did not answer",
    "call_back": "asked to be called back",
}
FIELDS = {
    "starts_at": "start",
    "ends_at": "end",
    "unpaid_break_minutes": "unpaid break",
    "fallback_grade": "fallback grade",
    "reason_text": "explanation",
    "post_number": "post number",
    "review_on": "review day",
    "unit_id": "unit",
    "site_id": "site",
}
LETTERS = {
    "booking_confirmed": "told of the booking",
    "booking_cancelled": "told of the cancellation",
    "application_declined": "told that the application was declined",
}


@dataclass(frozen=True, slots=True)
class TierLine:
    """One tier of the cascade in words."""

    tier: Tier
    state: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a shift."""

    at: datetime
    text: str
    who: str = ""
    """Who did it."""
    because: str = ""
    """Their own words."""


def planned_lines(openings: Sequence[PlannedOpening], now: datetime, waits: bool) -> list[TierLine]:
    """When each tier would see a shift that is not yet authorised."""
    if not waits:
        return [_line(one.tier, one.opens_at, one.why, "", now) for one in openings]
    return [
        TierLine(
            one.tier,
            "Planned" if one.opens_at else "Closed",
            "plain",
            _planned_text(one) if one.opens_at else f": {CLOSED_TEXT.get(one.why, 'closed')}",
        )
        for one in openings
    ]


def _planned_text(one: PlannedOpening) -> str:
    if one.why == Why.AUTHORISED:
        return " as soon as it is authorised"
    when = london_when(one.opens_at) if one.opens_at else ""
    return f" from {when} if it is authorised now"


def tier_lines(
    openings: Sequence[Opening],
    names: Mapping[UUID | None, str],
    now: datetime,
    ended: datetime | None = None,
) -> list[TierLine]:
    """Who sees the shift, since when or from when, and why; who saw it, where that has `ended`."""
    lines = []
    for one in openings:
        early = ""
        if one.why == Why.OPENED_EARLY:
            early = f" by {names.get(one.made_by_id) or 'the operator'}: {one.reason_text}"
        line = _line(one.tier, one.opens_at, one.why, early, ended or now)
        lines.append(_in_the_past(line, one.opens_at) if ended and one.opens_at else line)
    return lines


def _in_the_past(line: TierLine, opens_at: datetime) -> TierLine:
    if line.state == "Open":
        return replace(line, state="Was open", tone="plain")
    text = f": it would have opened {london_when(opens_at)}."
    return TierLine(line.tier, "Never opened", "plain", text)


def _line(tier: Tier, opens_at: datetime | None, why: str, early: str, now: datetime) -> TierLine:
    if opens_at is None:
        said = CLOSED_TEXT.get(why, f"{spoken(why)}.")
        if why == Why.BREAK_GLASS_ONLY:
            said = "break-glass only."
        return TierLine(tier, "Closed", "plain", f": {said}")
    because = f"{BECAUSE.get(Why(why), spoken(why)) if why in set(Why) else spoken(why)}{early}"
    if opens_at <= now:
        return TierLine(tier, "Open", "good", f" since {london_when(opens_at)}: {because}.")
    return TierLine(
        tier, "Opens later", "info", f" opens {london_when(opens_at)}, because {because}."
    )


def accounts_in(story: ShiftStory) -> set[UUID]:
    """Everybody on record who did something about the shift."""
    shift = story.listed.shift
    found: set[UUID | None] = {shift.created_by_id, shift.authorised_by_id}
    found |= {event.by_account_id for event in story.events}
    found |= {one.made_by_id for one in (*story.openings, *story.replaced)}
    found |= {contact.by_id for contact, _ in story.contacts}
    return {one for one in found if one is not None}


def history(
    story: ShiftStory,
    names: Mapping[UUID | None, str],
    letters: Mapping[tuple[str, UUID], Notice],
) -> list[Happened]:
    """Everything that happened, the latest first: who asked, who was told, who declined."""
    people = {str(booking.id): name for booking, name in story.bookings}
    found = [
        Happened(
            event.at,
            _event_text(event, people),
            names.get(event.by_account_id) or _without_account(event.via),
            _because(event, story),
        )
        for event in story.events
        if event.kind != "candidate.contacted"
    ]
    found += [_contact(contact, name, names) for contact, name in story.contacts]
    found += [
        Happened(one.announced_at, f"{TIERS[one.tier]}: people who asked for mail were told")
        for one in (*story.openings, *story.replaced)
        if one.announced_at is not None
    ]
    found += [
        Happened(letter.due_at, f"{people.get(str(booking_id)) or 'The worker'} was "
                 f"{LETTERS[template]}" + ("" if letter.sent_at else " (e-mail on its way)"))
        for (template, booking_id), letter in letters.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.at)[::-1]


def _without_account(via: str) -> str:
    return {"job": "the system", "operator": "the operator"}.get(via, "")


def _contact(contact: ContactAttempt, name: str, names: Mapping[UUID | None, str]) -> Happened:
    answer = ANSWERS.get(contact.answer) or spoken(contact.answer).lower()
    caller = f" by {names[contact.by_id]}" if names.get(contact.by_id) else ""
    return Happened(contact.at, f"{name} was called{caller} and {answer}")


def _event_text(event: Event, people: Mapping[str, str]) -> str:
    detail = event.detail
    person = people.get(str(detail.get("booking_id"))) or "an agency worker"
    texts = {
        "shift.posted": _posted(detail),
        "shift.submitted": "Handed in",
        "shift.authorised": "Authorised: the spend is allowed",
        "shift.rejected": "Not authorised",
        "shift.withdrawn": "Withdrawn" + (", the need ended" if detail.get("need_ended") else ""),
        "shift.amended": f"Changed: {_fields(detail)}",
        "shift.opened_early": f"{_tier(detail)} opened early",
        "booking.made": f"{person} was booked{_extras(detail)}",
        "booking.applied": f"{person} applied",
        "booking.declined": f"{person}'s application was declined",
        "booking.application_withdrawn": f"{person} took the application back",
        "booking.moved": f"{person}'s booking moved with the shift",
        "booking.checked_in": f"{person} was checked in{_amber(detail)}",
        "booking.check_in_refused": f"{person} was not let start",
        "booking.cancelled": f"{person}'s booking was cancelled {_by_whom(detail)}",
        "agency.filled": f"Filled by {_tier(detail).lower()}",
        "break_glass.asked": f"Break-glass asked: {spoken(detail.get('reason', '')).lower()}",
        "break_glass.granted": "Break-glass granted",
        "break_glass.refused": "Break-glass refused",
        "break_glass.reviewed": "Break-glass reviewed",
    }
    return texts.get(event.kind) or spoken(event.kind.replace(".", " "))


def _posted(detail: Mapping[str, Any]) -> str:
    state = {
        "draft": "Kept as a draft",
        "submitted": "Asked for; waits to be authorised",
        "open": "Asked for and authorised at once, below the threshold for a second person",
    }.get(str(detail.get("state")), "Asked for")
    return f"{state} (after the start)" if detail.get("retrospective") else state


def _fields(detail: Mapping[str, Any]) -> str:
    changed = detail.get("changed") or []
    return ", ".join(FIELDS.get(one) or spoken(one).lower() for one in changed) or "nothing"


def _tier(detail: Mapping[str, Any]) -> str:
    tier = str(detail.get("tier", ""))
    return TIERS[Tier(tier)] if tier in set(Tier) else spoken(tier)


def _extras(detail: Mapping[str, Any]) -> str:
    over = ", with an override on record" if detail.get("overrides") else ""
    return (", in place of the agency worker" if detail.get("displaced") else "") + over


def _amber(detail: Mapping[str, Any]) -> str:
    return ", with something still to do" if detail.get("due") else ""


def _by_whom(detail: Mapping[str, Any]) -> str:
    whose = "worker" if detail.get("state") == "cancelled_worker" else "ward"
    return f"for the {whose}" + ("; the need ended" if detail.get("need_ended") else "")


def _because(event: Event, story: ShiftStory) -> str:
    """The words given with the deed; they stand on the rows, not in the event."""
    shift = story.listed.shift
    if event.kind in ("shift.withdrawn", "shift.rejected"):
        return shift.withdrawn_because
    booking = next(
        (one for one, _ in story.bookings if str(one.id) == event.detail.get("booking_id")), None
    )
    if booking is not None and event.kind in ("booking.cancelled", "booking.declined"):
        return booking.ended_because
    if booking is not None and event.kind == "booking.made" and booking.agreed_how:
        return f"agreed: {spoken(booking.agreed_how).lower()}"
    if event.kind == "shift.opened_early":
        rows = (*story.openings, *story.replaced)
        return next((r.reason_text for r in rows if r.made_at == event.at and r.reason_text), "")
    return ""
