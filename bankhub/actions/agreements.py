"""Drafting workforce-sharing agreements: draft, review, send out, vary, let a party accede.

The lead party writes. Signing is in `agreement_signing`, suspending and ending in
`agreement_ends`, mergers in `agreement_succession`, the clock in `agreement_keeping`, reads in
`agreement_views`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model.agreements import Agreement, AgreementReview, AgreementVersion, ReviewArea
from passport.actors import Actor


def draft(
    session: Session, *, title: str, terms: Mapping[str, Any], by: Actor, now: datetime
) -> Agreement:
    """A new agreement, led by the actor's organisation, with a first draft. `terms`: as JSON has
    `AgreementTerms`. Raises `Invalid` naming every wrong field by its way: `parties[1].ods`."""
    raise NotImplementedError


def edit(
    session: Session,
    *,
    version_id: UUID,
    terms: Mapping[str, Any],
    title: str | None = None,
    change_note: str | None = None,
    by: Actor,
    now: datetime,
) -> AgreementVersion:
    """Change a draft. One in review is a draft again, and every area has to look again."""
    raise NotImplementedError


def send_to_review(
    session: Session, *, version_id: UUID, by: Actor, now: datetime
) -> AgreementVersion:
    """Show the draft to every party, and ask the areas to look. Raises `Refused` where contacts
    are missing."""
    raise NotImplementedError


def review(
    session: Session,
    *,
    version_id: UUID,
    area: ReviewArea,
    name: str,
    job_title: str,
    signed_off: bool,
    comment: str = "",
    by: Actor,
    now: datetime,
) -> AgreementReview:
    """A named person of an area signs the draft off, or sends it back with a comment."""
    raise NotImplementedError


def send_out(
    session: Session, *, version_id: UUID, by: Actor, now: datetime
) -> AgreementVersion:
    """Freeze the text with its hash and ask every party to sign. Raises `Refused` with every
    area that has not signed off."""
    raise NotImplementedError


def abandon(
    session: Session, *, version_id: UUID, by: Actor, now: datetime
) -> AgreementVersion:
    """Give up a version that is not signed by all."""
    raise NotImplementedError


def vary(
    session: Session,
    *,
    agreement_id: UUID,
    terms: Mapping[str, Any],
    change_note: str,
    by: Actor,
    now: datetime,
) -> AgreementVersion:
    """The next version as a draft; the one in force stays until all have signed."""
    raise NotImplementedError


def add_party(
    session: Session,
    *,
    agreement_id: UUID,
    party: Mapping[str, Any],
    contacts: list[Mapping[str, Any]],
    by: Actor,
    now: datetime,
) -> AgreementVersion:
    """Let a party accede: the next version as a draft, in words a deed of accession. `party`: as
    JSON has `PartyTerm`; `contacts`: its contacts."""
    raise NotImplementedError
