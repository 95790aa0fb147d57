"""Stating facts about a person with the codes of our reference lists."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model import reference
from bankhub.rules.eligibility.fact_codes import wrong_codes
from passport.actions.people.evidence import Evidence, add_facts
from passport.actors import Actor
from passport.errors import Invalid
from passport.model.facts import FactValue
from passport.model.registers import registers


def state_facts(
    session: Session,
    *,
    person_id: UUID,
    facts: Sequence[FactValue],
    source: str,
    by: Actor,
    now: datetime,
) -> Evidence:
    """Put facts on record that the actor's organisation has checked; see `add_facts`.

    Raises `Invalid` also for a subject, skill, register or number form that is not on our lists.
    """
    wrong = wrong_codes(
        facts,
        subjects=reference.training_subjects(),
        skills=reference.skills(),
        registers=registers(),
    )
    if wrong:
        raise Invalid("fact_codes", "; ".join(wrong), {"facts": wrong})
    return add_facts(
        session, person_id=person_id, entries=facts, source=source, by=by, now=now
    )
