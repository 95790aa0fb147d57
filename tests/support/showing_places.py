"""A trust that issues and an employer who asks, in one installation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from passport.actions.signing import keys
from passport.actions.verifying import presented_answers, presented_checks, presenting
from passport.actions.verifying.ask_limits import AskLimits
from passport.actions.verifying.presented_answers import Answered
from passport.actions.verifying.presented_checks import Check
from passport.actors import Actor, operator
from passport.model.people import Person
from tests.support import issuing, showing
from tests.support.issuing import NOW, VAULT, WHERE
from tests.support.showing import Fetched, Wallet

SOON = NOW + timedelta(minutes=1)


@dataclass
class Place:
    """A trust that issues and an employer who asks, in one installation."""

    session: Session
    world: issuing.World
    nurse: Person
    wallet: Wallet
    employer: Actor
    root: str
    limits: AskLimits | None = None

    def ask(self, purpose: str = "bank_shift", **more: Any) -> presenting.Invitation:
        return presenting.ask(
            self.session,
            **{"purpose": purpose, "limits": self.limits, "by": self.employer, "now": NOW, **more},
            vault=VAULT, where=WHERE,
        )  # fmt: skip

    def fetch(self, asked: presenting.Invitation, **more: Any) -> Fetched:
        signed = presenting.request_object(
            self.session, request_id=asked.id, vault=VAULT, where=WHERE,
            **{"wallet_nonce": None, "limits": self.limits, "now": SOON, **more},
        )  # fmt: skip
        return showing.read_request(signed, root=self.root, uri=asked.uri, now=SOON)

    def send(self, asked: presenting.Invitation, form: Mapping[str, str], **more: Any) -> Answered:
        return presented_answers.take(
            self.session, request_id=asked.id, sent=form, vault=VAULT, where=WHERE,
            **{"limits": self.limits, "now": SOON, **more},
        )  # fmt: skip

    def look(self, asked: presenting.Invitation, **more: Any) -> Check:
        return presented_checks.look(
            self.session, request_id=asked.id, **{"by": self.employer, "now": SOON, **more}
        )

    def codes(self, asked: presenting.Invitation) -> set[str]:
        verdict = self.look(asked).verdict
        assert verdict is not None
        return {one["code"] for one in verdict["reasons"]}


def a_place(session: Session) -> Place:
    world = issuing.a_trust(session)
    nurse = issuing.a_holder(session, world)
    row, key = issuing.a_wallet(session, world, nurse)
    texts = issuing.collected(session, world, nurse, row, key)
    issuing.published(session)
    host = issuing.a_trust(session, ods_code="RXX", name="Elsewhere NHS Trust")
    return Place(
        session, world, nurse, Wallet([(text, key) for text in texts.values()], NOW),
        operator(host.id), keys.root_pem(session),
    )  # fmt: skip
