"""One agreement of each stage for a trust of the walks, with a partner that is nobody else's."""

from typing import Any

from sqlalchemy.orm import Session

from passport.model.organisations import Organisation
from tests.support import agreed, build
from tests.support.agreed import Agreed


def agreements_of(session: Session, trust: Organisation, name: str) -> dict[str, list[Any]]:
    """By the name that addresses use, in step: agreements, and the version of each."""
    partner = build.an_organisation(session, name=f"Partner of {name}")
    made: list[Agreed] = [
        stage(session, trust, partner, title=f"Agreement {place} of {name}")
        for place, stage in enumerate((agreed.in_force, agreed.drafted, _reviewed, _sent_out))
    ]
    return {
        "agreement_id": [one.agreement_id for one in made],
        "version_id": [one.version_id for one in made],
    }


def _reviewed(session: Session, *parties: Organisation, **said: Any) -> Agreed:
    made = agreed.drafted(session, *parties, **said)
    agreed.reviewed(session, made, parties[0])
    return made


def _sent_out(session: Session, *parties: Organisation, **said: Any) -> Agreed:
    made = agreed.drafted(session, *parties, **said)
    agreed.sent_out(session, made, parties[0])
    return made
