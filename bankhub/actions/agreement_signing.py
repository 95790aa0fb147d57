"""Signing agreements with the party's issuer key, and handing out what was signed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model.agreements import AgreementSignature
from passport.actions.signing import Where
from passport.actors import Actor
from passport.sealing import Vault


def sign(
    session: Session,
    *,
    version_id: UUID,
    name: str,
    job_title: str,
    authority: str,
    vault: Vault,
    where: Where,
    signed_at: datetime,
    by: Actor,
    now: datetime,
) -> AgreementSignature:
    """Sign for the actor's organisation exactly the text that went out. `signed_at`: the wall's
    moment, which keys are judged by. With the last party's the version is signed by all."""
    raise NotImplementedError


def exported(session: Session, *, version_id: UUID, by: Actor) -> dict[str, Any]:
    """The text and every signature, as a file that is checked with the trust list alone."""
    raise NotImplementedError
