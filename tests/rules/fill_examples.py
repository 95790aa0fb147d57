"""Shift histories for the tests of the fill figures: single ones, and random ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from bankhub.model.fill_policy import FillPolicy
from bankhub.model.fill_values import BookingHistory, CountedShift, ShiftHistory
from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import national_policies
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import (
    LIVE_BOOKING,
    BookingState,
    Grade,
    RequestReason,
    StaffGroup,
    Tier,
)
from bankhub.rules.figures.fill_rate import count

POLICY = read_values(FillPolicy, national_policies(PolicyKind.FILL)[0].values)
START = datetime(2026, 10, 14, 6, 30, tzinfo=UTC)
"""Wednesday 07:30 in London."""
H = timedelta(hours=1)
D = timedelta(days=1)
NOW = START + 2 * D
ENDED_STATES = (
    BookingState.CANCELLED_WORKER,
    BookingState.CANCELLED_WARD,
    BookingState.DISPLACED,
    BookingState.DID_NOT_ATTEND,
)
NEVER_HELD = (BookingState.OFFERED, BookingState.APPLIED, BookingState.DECLINED)


def shift(starts_at: datetime = START, hours: float = 12.5) -> ShiftFacts:
    """A long day with an hour's break."""
    return ShiftFacts(
        id=UUID(int=1),
        organisation_id=UUID(int=2),
        site_id=UUID(int=3),
        unit_id=UUID(int=4),
        staff_group=StaffGroup.NURSING_MIDWIFERY,
        role="rn_adult",
        grade=Grade.BAND_5,
        starts_at=starts_at,
        ends_at=starts_at + hours * H,
        unpaid_break_minutes=60,
    )


def booking(
    state: BookingState = BookingState.WORKED,
    tier: Tier = Tier.OWN_BANK,
    *,
    number: int = 1,
    made: timedelta = -20 * D,
    ended: timedelta | None = None,
    need_gone: bool = False,
) -> BookingHistory:
    """A booking; `made` and `ended` are measured from the start of the shift."""
    return BookingHistory(
        id=UUID(int=number),
        tier=tier,
        state=state,
        made_at=None if state in NEVER_HELD else START + made,
        ended_at=None if ended is None else START + ended,
        need_gone=need_gone,
    )


def history(
    *bookings: BookingHistory,
    created: timedelta = -50 * D,
    authorised: timedelta | None = -49 * D,
    withdrawn: timedelta | None = None,
    need_ended: bool = False,
) -> ShiftHistory:
    """A shift; the moments are measured from its start."""
    return ShiftHistory(
        shift=shift(),
        created_at=START + created,
        authorised_at=None if authorised is None else START + authorised,
        withdrawn_at=None if withdrawn is None else START + withdrawn,
        need_ended=need_ended,
        bookings=bookings,
    )


def counted(given_history: ShiftHistory, now: datetime = NOW) -> CountedShift:
    """Counted under the national policy."""
    return count(given_history, POLICY, now)


SPAN = st.integers(-60 * 24, 3 * 24).map(lambda hours: hours * H)
STARTS = st.integers(0, 9 * 7 * 24).map(
    # nine weeks around the October change, and the March week
    lambda hours: datetime(2026, 10, 1, tzinfo=UTC) + hours * H
) | st.integers(0, 8 * 24).map(lambda hours: datetime(2027, 3, 22, tzinfo=UTC) + hours * H)


@st.composite
def random_bookings(draw: st.DrawFn, starts_at: datetime) -> tuple[BookingHistory, ...]:
    """Bookings one after the other, at most one live, as the place allows."""
    states = draw(st.lists(st.sampled_from((*ENDED_STATES, *NEVER_HELD)), max_size=4))
    if draw(st.booleans()):
        states.append(draw(st.sampled_from(LIVE_BOOKING)))
    made = []
    for number, state in enumerate(states):
        moments = sorted((starts_at + draw(SPAN), starts_at + draw(SPAN)))
        made.append(
            BookingHistory(
                id=UUID(int=number),
                tier=draw(st.sampled_from(Tier)),
                state=state,
                made_at=None if state in NEVER_HELD else moments[0],
                ended_at=moments[1] if state in ENDED_STATES else None,
                need_gone=draw(st.booleans()),
            )
        )
    return tuple(made)


@st.composite
def random_history(draw: st.DrawFn) -> ShiftHistory:
    """Anything that can be on record of a shift, and some things that should not be."""
    starts_at = draw(STARTS)
    facts = replace(
        shift(starts_at, draw(st.sampled_from((6.0, 7.5, 12.5)))),
        id=UUID(int=draw(st.integers(1, 10**9))),
        organisation_id=UUID(int=draw(st.integers(1, 3))),
        site_id=UUID(int=draw(st.integers(1, 3))),
        unit_id=UUID(int=draw(st.integers(1, 3))),
        staff_group=draw(st.sampled_from(StaffGroup)),
        grade=draw(st.sampled_from((Grade.BAND_2, Grade.BAND_5))),
        reason=draw(st.sampled_from((RequestReason.VACANCY, RequestReason.OTHER))),
    )
    created, authorised = sorted((starts_at + draw(SPAN), starts_at + draw(SPAN)))
    return ShiftHistory(
        shift=facts,
        created_at=created,
        authorised_at=draw(st.just(authorised) | st.none()),
        withdrawn_at=draw(st.none() | SPAN.map(lambda span: starts_at + span)),
        need_ended=draw(st.booleans()),
        bookings=draw(random_bookings(starts_at)),
    )


HISTORIES = st.lists(random_history(), max_size=25)
