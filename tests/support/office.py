"""A bank office with a shift to fill, for tests of whom it finds."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bankhub.actions.finding import candidates
from bankhub.actions.finding.candidates import CandidatePage
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import BookingState
from bankhub.model.workers import BankPost
from passport.actors import AccessRole, Actor
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW

BEGINS = NOW + timedelta(days=10, hours=-2, minutes=-30)
"""Start of the shift that people are looked for: Thursday 17 September 2026."""


@dataclass
class Office:
    """A bank office with a shift to fill."""

    session: Session
    trust: Organisation
    unit: Unit
    shift: Shift
    me: Actor

    def nurse(self, name: str, **fields: Any) -> tuple[Person, BankPost]:
        fields = {"family_name": "Shah", **fields}
        return build.a_nurse(self.session, self.trust, given_name=name, **fields)

    def page(self, **asked: Any) -> CandidatePage:
        build.rebuild(self.session)
        asked = {"shift_id": self.shift.id, "by": self.me, "now": NOW, **asked}
        return candidates.candidates(self.session, **asked)

    def names(self, **asked: Any) -> list[str]:
        return [(one.name or "-").split()[0] for one in self.page(**asked).people]

    def worked(self, person: Person, post: BankPost, ago: timedelta, **fields: Any) -> None:
        unit = fields.pop("unit", self.unit)
        past = build.a_shift(self.session, unit, starts_at=NOW - ago, **fields)
        build.a_booking(self.session, past, person, post, state=BookingState.WORKED)


def an_office(session: Session) -> Office:
    """One trust, one ward, one shift of band 5 and the rota desk."""
    trust = build.an_organisation(session)
    unit = build.a_unit(session, build.a_site(session, trust))
    account = build.an_account(session, display_name="Rota Desk")
    shift = build.a_shift(session, unit, starts_at=BEGINS)
    me = build.an_actor(trust, AccessRole.ROTA_COORDINATOR, account=account)
    return Office(session, trust, unit, shift, me)
