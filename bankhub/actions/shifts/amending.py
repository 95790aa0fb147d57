"""Changing shifts that are loaded and locked: what would change, why not, and writing it.

One `Amender` serves many shifts of one organisation, so that a file of amendments reads the
organisation's policies once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.settings.pay import PayBook, pay_book
from bankhub.actions.settings.policies import PolicyBook, policy_book
from bankhub.actions.shifts import moving
from bankhub.actions.shifts.openings import exemptions_of, replace_openings
from bankhub.actions.shifts.shift_records import request_of, shift_columns
from bankhub.actions.shifts.work_classes import Classes
from bankhub.model.bookings import Booking
from bankhub.model.cascade_policy import AgencyExemptions
from bankhub.model.request_policy import RequestFacts
from bankhub.model.shifts import Shift
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import LIVE_BOOKING, ShiftState
from bankhub.rules.cascade import shift_states
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.errors import Reason
from passport.events import record

_OF_SHIFT = frozenset(spec.name for spec in fields(ShiftFacts))
REPLANNED = frozenset(
    {
        "site_id",
        "unit_id",
        "staff_group",
        "role",
        "grade",
        "fallback_grade",
        "skills",
        "starts_at",
        "ends_at",
        "reason",
    }
)
"""What decides who may see a shift and when; a change of it starts the cascade again."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A request as it is and as it would be."""

    before: RequestFacts
    after: RequestFacts

    @property
    def moves(self) -> bool:
        """Other times, or another break: whoever is booked works other hours."""
        was, new = self.before.shift, self.after.shift
        return (was.starts_at, was.ends_at, was.minutes) != (
            new.starts_at,
            new.ends_at,
            new.minutes,
        )


class Amender:
    """Amends shifts of one organisation."""

    def __init__(
        self,
        session: Session,
        *,
        policies: PolicyBook,
        pay: PayBook,
        exemptions: AgencyExemptions,
        classes: Classes,
    ) -> None:
        self.session = session
        self.policies, self.pay = policies, pay
        self.exemptions, self.classes = exemptions, classes

    def amendment(self, shift: Shift, changes: Mapping[str, Any]) -> Amendment:
        """`changes` has field names of `ShiftFacts` and `RequestFacts`."""
        before = request_of(shift)
        of_shift = {name: value for name, value in changes.items() if name in _OF_SHIFT}
        of_request = {name: value for name, value in changes.items() if name not in _OF_SHIFT}
        facts = replace(before.shift, **of_shift)
        estimate = self.pay.estimate(facts)
        pence = estimate.total_pence if estimate else None
        return Amendment(before, replace(before, shift=facts, estimate_pence=pence, **of_request))

    def why_not(
        self,
        amendment: Amendment,
        *,
        agreed_by_id: UUID | None,
        by: Actor,
        now: datetime,
        booked: Booking | None = None,
    ) -> list[Reason]:
        """What the state rules say of it, and for a move whether the booked worker can follow.

        `booked` is the shift's live booking with its worker locked; without it a filled shift is
        not moved.
        """
        after = amendment.after.shift
        reasons = shift_states.why_not_amend(
            amendment.before,
            amendment.after,
            by_id=by.account_id,
            agreed_by_id=agreed_by_id,
            policy=self.policies.requesting(after.staff_group, london_day(after.starts_at)),
            now=now,
        )
        reasons += self._why_not_by_the_back_door(amendment, now)
        if not amendment.moves or after.state is not ShiftState.FILLED:
            return reasons
        if booked is None:
            text = "Somebody is booked: change the times on the shift's own page."
            return [*reasons, Reason("booked_as_it_is", text=text)]
        return [*reasons, *moving.why_not_move(self.session, booked, after, self.policies, now)]

    def _why_not_by_the_back_door(self, amendment: Amendment, now: datetime) -> list[Reason]:
        was, new = amendment.before.shift, amendment.after.shift
        policy = self.policies.fill(london_day(was.starts_at))
        by_agency = sa.exists().where(
            Booking.shift_id == was.id,
            Booking.state.in_(LIVE_BOOKING),
            Booking.holder_id.is_(None),
        )
        strike = new.reason is not was.reason and was.state is ShiftState.FILLED
        holds = strike and bool(self.session.scalar(sa.select(by_agency)))
        return [
            *shift_states.why_not_postpone(was, new, policy, now),
            *shift_states.why_not_strike(was, new, agency_holds=holds),
        ]

    def write(self, shift: Shift, amendment: Amendment, *, by: Actor, now: datetime) -> None:
        """Another place, time, grade or reason brings new openings, planned from now: the bank
        has its time again before any agency, also should a booking be undone."""
        after = amendment.after
        changed = shift_states.changed_fields(amendment.before, after)
        columns = {
            **shift_columns(after.shift, self.classes),
            "reason_text": after.reason_text,
            "post_number": after.post_number,
            "review_on": after.review_on,
            "notes": after.notes,
            "cost_estimate_pence": after.estimate_pence,
        }
        for name, value in columns.items():
            if getattr(shift, name) != value:
                setattr(shift, name, value)
        shift.version += 1
        if changed & REPLANNED and shift.state in shift_states.AUTHORISED:
            self.session.flush()
            replace_openings(
                self.session,
                after.shift,
                policy=self.policies.cascade(shift.staff_group, london_day(shift.starts_at)),
                exemptions=self.exemptions,
                authorised_at=now,
                now=now,
            )
        record(
            self.session,
            "shift.amended",
            subject_id=shift.id,
            by=by,
            now=now,
            changed=sorted(changed),
            started_at=amendment.before.shift.starts_at,
        )


def amender(session: Session, organisation_id: UUID) -> Amender:
    """An amender for one organisation."""
    policies = policy_book(session, organisation_id)
    return Amender(
        session,
        policies=policies,
        pay=pay_book(session, organisation_id, policies),
        exemptions=exemptions_of(session, organisation_id),
        classes=Classes(session),
    )
