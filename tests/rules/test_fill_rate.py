"""Where one shift stands in the fill figures: each edge as a sentence."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bankhub.model.fill_values import (
    ShiftHistory,
    Standing,
)
from bankhub.model.vocabulary import BookingState, FillBucket, Tier
from tests.rules.fill_examples import (
    NOW,
    START,
    D,
    H,
    booking,
    counted,
    history,
)

OWN, PARTNER, FRAMEWORK, OFF, UNFILLED = FillBucket
REQUESTED = Standing.REQUESTED
M = timedelta(minutes=1)


WORKER_LEFT_LATE = booking(BookingState.CANCELLED_WORKER, ended=-3 * H)
NEED_GONE = booking(BookingState.CANCELLED_WARD, ended=-30 * H, need_gone=True)

# history → standing, booked bucket, worked bucket
WHERE_IT_STANDS: dict[str, tuple[ShiftHistory, Standing, FillBucket, FillBucket]] = {
    "a shift worked by the own bank": (history(booking()), REQUESTED, OWN, OWN),
    "a confirmed booking is taken to be worked until someone says otherwise": (
        history(booking(BookingState.CONFIRMED)),
        REQUESTED,
        OWN,
        OWN,
    ),
    "the fallback grade is the own bank too": (
        history(booking(tier=Tier.OWN_FALLBACK)),
        REQUESTED,
        OWN,
        OWN,
    ),
    "a partner's worker": (history(booking(tier=Tier.PARTNER)), REQUESTED, PARTNER, PARTNER),
    "a framework agency": (
        history(booking(tier=Tier.AGENCY_3)),
        REQUESTED,
        FRAMEWORK,
        FRAMEWORK,
    ),
    "an off-framework agency": (history(booking(tier=Tier.OFF_FRAMEWORK)), REQUESTED, OFF, OFF),
    "nobody ever booked": (history(), REQUESTED, UNFILLED, UNFILLED),
    "only an application and a declined offer": (
        history(booking(BookingState.APPLIED), booking(BookingState.DECLINED, number=2)),
        REQUESTED,
        UNFILLED,
        UNFILLED,
    ),
    "never authorised is no demand": (
        history(authorised=None),
        Standing.NOT_AUTHORISED,
        UNFILLED,
        UNFILLED,
    ),
    "withdrawn a week ahead, never booked": (
        history(withdrawn=-7 * D),
        Standing.WITHDRAWN,
        UNFILLED,
        UNFILLED,
    ),
    "withdrawn a week ahead, with only an application": (
        history(booking(BookingState.APPLIED), withdrawn=-7 * D),
        Standing.WITHDRAWN,
        UNFILLED,
        UNFILLED,
    ),
    "withdrawn exactly 24 hours ahead is not late": (
        history(withdrawn=-24 * H),
        Standing.WITHDRAWN,
        UNFILLED,
        UNFILLED,
    ),
    "unfilled and withdrawn a minute inside 24 hours stays unfilled": (
        history(withdrawn=-24 * H + M),
        REQUESTED,
        UNFILLED,
        UNFILLED,
    ),
    "withdrawn inside 24 hours because the need ended": (
        history(withdrawn=-2 * H, need_ended=True),
        Standing.WITHDRAWN,
        UNFILLED,
        UNFILLED,
    ),
    "withdrawn at the start changes nothing, whatever was recorded": (
        history(withdrawn=0 * H, need_ended=True),
        REQUESTED,
        UNFILLED,
        UNFILLED,
    ),
    "withdrawn after the start does not take a worked shift out": (
        history(booking(), withdrawn=5 * H, need_ended=True),
        REQUESTED,
        OWN,
        OWN,
    ),
    "cancelled late by the worker and not refilled": (
        history(WORKER_LEFT_LATE),
        REQUESTED,
        UNFILLED,
        UNFILLED,
    ),
    "cancelled late by the worker and refilled by an agency": (
        history(WORKER_LEFT_LATE, booking(tier=Tier.AGENCY_1, number=2, made=-2 * H)),
        REQUESTED,
        FRAMEWORK,
        FRAMEWORK,
    ),
    "cancelled late by the worker, then pulled to hide it": (
        history(WORKER_LEFT_LATE, withdrawn=-2 * H),
        REQUESTED,
        UNFILLED,
        UNFILLED,
    ),
    "booked, lost, and pulled in good time": (
        history(booking(BookingState.CANCELLED_WORKER, ended=-9 * D), withdrawn=-8 * D),
        Standing.WITHDRAWN_AFTER_FILL,
        UNFILLED,
        UNFILLED,
    ),
    "cancelled by the ward with the need gone": (
        history(NEED_GONE, withdrawn=-30 * H),
        Standing.WITHDRAWN_AFTER_FILL,
        UNFILLED,
        UNFILLED,
    ),
    "cancelled by the ward with the need gone an hour before the start": (
        history(booking(BookingState.CANCELLED_WARD, ended=-H, need_gone=True)),
        Standing.WITHDRAWN_AFTER_FILL,
        UNFILLED,
        UNFILLED,
    ),
    "the need said to be gone at the start does not count": (
        history(booking(BookingState.CANCELLED_WARD, ended=0 * H, need_gone=True)),
        REQUESTED,
        UNFILLED,
        UNFILLED,
    ),
    "cancelled by the ward while the need stands": (
        history(booking(BookingState.CANCELLED_WARD, ended=-30 * H)),
        REQUESTED,
        UNFILLED,
        UNFILLED,
    ),
    "a worker's cancellation is not the ward's, whatever the mark says": (
        history(booking(BookingState.CANCELLED_WORKER, ended=-30 * H, need_gone=True)),
        REQUESTED,
        UNFILLED,
        UNFILLED,
    ),
    "the need came back: booked again, then lost": (
        history(
            NEED_GONE,
            booking(BookingState.CANCELLED_WORKER, number=2, made=-20 * H, ended=-5 * H),
        ),
        REQUESTED,
        UNFILLED,
        UNFILLED,
    ),
    "the need came back: booked again and worked": (
        history(NEED_GONE, booking(number=2, made=-20 * H, tier=Tier.PARTNER)),
        REQUESTED,
        PARTNER,
        PARTNER,
    ),
    "the later of two cancellations at one moment decides": (
        history(
            booking(BookingState.CANCELLED_WORKER, number=1, made=-9 * D, ended=-30 * H),
            booking(
                BookingState.CANCELLED_WARD,
                number=2,
                made=-8 * D,
                ended=-30 * H,
                need_gone=True,
            ),
        ),
        Standing.WITHDRAWN_AFTER_FILL,
        UNFILLED,
        UNFILLED,
    ),
    "displaced counts for the displacer": (
        history(
            booking(BookingState.DISPLACED, Tier.AGENCY_1, ended=-5 * D),
            booking(number=2, made=-5 * D),
        ),
        REQUESTED,
        OWN,
        OWN,
    ),
    "displaced, and the displacer did not stay": (
        history(
            booking(BookingState.DISPLACED, Tier.AGENCY_1, ended=-5 * D),
            booking(BookingState.CANCELLED_WORKER, number=2, made=-5 * D, ended=-H),
        ),
        REQUESTED,
        UNFILLED,
        UNFILLED,
    ),
    "did not attend is booked, and unfilled in worked fill": (
        history(booking(BookingState.DID_NOT_ATTEND, ended=H)),
        REQUESTED,
        OWN,
        UNFILLED,
    ),
    "did not attend, and an agency took over": (
        history(
            booking(BookingState.DID_NOT_ATTEND, ended=H),
            booking(tier=Tier.AGENCY_2, number=2, made=H),
        ),
        REQUESTED,
        FRAMEWORK,
        FRAMEWORK,
    ),
    "did not attend, and someone who had the place before took over": (
        history(
            booking(BookingState.DID_NOT_ATTEND, number=1, made=-2 * D, ended=H),
            booking(tier=Tier.PARTNER, number=2, made=-9 * D),
        ),
        REQUESTED,
        PARTNER,
        PARTNER,
    ),
    "created after the start is retrospective": (
        history(booking(), created=H, authorised=2 * H),
        Standing.RETROSPECTIVE,
        OWN,
        OWN,
    ),
    "created before but authorised at the start is retrospective": (
        history(booking(), created=-2 * D, authorised=0 * H),
        Standing.RETROSPECTIVE,
        OWN,
        OWN,
    ),
    "authorised a minute before the start is ordinary demand": (
        history(booking(), created=-2 * M, authorised=-M),
        REQUESTED,
        OWN,
        OWN,
    ),
}


@pytest.mark.parametrize(
    ("given_history", "standing", "bucket", "worked_bucket"),
    WHERE_IT_STANDS.values(),
    ids=WHERE_IT_STANDS.keys(),
)
def test_where_a_shift_stands(
    given_history: ShiftHistory,
    standing: Standing,
    bucket: FillBucket,
    worked_bucket: FillBucket,
) -> None:
    found = counted(given_history)
    assert (found.standing, found.bucket, found.worked_bucket) == (standing, bucket, worked_bucket)


# history, now → still open, awaiting sign-off, late withdrawal, late ward cancellations
BESIDE: dict[str, tuple[ShiftHistory, datetime, tuple[bool, bool, bool, int]]] = {
    "unfilled with the start ahead is still open": (
        history(),
        START - H,
        (True, False, False, 0),
    ),
    "unfilled at the start is not open any more": (history(), START, (False, False, False, 0)),
    "a filled shift ahead is not open, and awaits sign-off": (
        history(booking(BookingState.CONFIRMED)),
        START - H,
        (False, True, False, 0),
    ),
    "checked in still awaits sign-off": (
        history(booking(BookingState.CHECKED_IN)),
        START + H,
        (False, True, False, 0),
    ),
    "worked awaits nothing": (history(booking()), NOW, (False, False, False, 0)),
    "did not attend awaits nothing": (
        history(booking(BookingState.DID_NOT_ATTEND, ended=H)),
        NOW,
        (False, False, False, 0),
    ),
    "pulled late: not open, though unfilled and ahead": (
        history(withdrawn=-23 * H),
        START - 22 * H,
        (False, False, True, 0),
    ),
    "pulled late because the need ended is still a late withdrawal": (
        history(withdrawn=-23 * H, need_ended=True),
        NOW,
        (False, False, True, 0),
    ),
    "pulled in good time": (history(withdrawn=-24 * H), NOW, (False, False, False, 0)),
    "a draft pulled late is nobody's demand": (
        history(authorised=None, withdrawn=-H),
        NOW,
        (False, False, False, 0),
    ),
    "the ward cancelled a minute inside 24 hours": (
        history(booking(BookingState.CANCELLED_WARD, ended=-24 * H + M)),
        NOW,
        (False, False, False, 1),
    ),
    "the ward cancelled exactly 24 hours ahead": (
        history(booking(BookingState.CANCELLED_WARD, ended=-24 * H)),
        NOW,
        (False, False, False, 0),
    ),
    "the ward cancelled two workers late, one after the other": (
        history(
            booking(BookingState.CANCELLED_WARD, ended=-9 * H),
            booking(BookingState.CANCELLED_WARD, number=2, made=-8 * H, ended=-H, need_gone=True),
        ),
        NOW,
        (False, False, False, 2),
    ),
    "the worker cancelled late: not the ward": (
        history(WORKER_LEFT_LATE),
        NOW,
        (False, False, False, 0),
    ),
    "an application the ward undid late never held the place": (
        history(replace(booking(BookingState.CANCELLED_WARD, ended=-H), made_at=None)),
        NOW,
        (False, False, False, 0),
    ),
    "a retrospective shift is neither open nor awaiting": (
        history(booking(BookingState.CONFIRMED), created=H, authorised=H),
        NOW,
        (False, False, False, 0),
    ),
}


@pytest.mark.parametrize(("given_history", "now", "expected"), BESIDE.values(), ids=BESIDE.keys())
def test_what_stands_beside_it(
    given_history: ShiftHistory, now: datetime, expected: tuple[bool, bool, bool, int]
) -> None:
    found = counted(given_history, now)
    assert (
        found.still_open,
        found.awaiting_sign_off,
        found.late_withdrawal,
        found.late_ward_cancellations,
    ) == expected
