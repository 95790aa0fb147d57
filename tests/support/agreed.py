"""Two trusts and what they agree, for tests of the pages and of what follows from an agreement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions import agreement_signing, agreements
from bankhub.model.agreement_reference import agreement_templates
from bankhub.model.agreement_terms import ContactKind
from bankhub.model.agreements import Agreement, AgreementVersion, ReviewArea
from passport.actors import AccessRole as R
from passport.actors import Actor
from passport.model.organisations import Organisation
from tests.support import build, issuing
from tests.support.access import VAULT

REVIEWERS = {
    ReviewArea.HR: "Hana Reed", ReviewArea.IG: "Ivo Grant", ReviewArea.FINANCE: "Fay Nolan",
    ReviewArea.CLINICAL: "Cleo Lindt", ReviewArea.STAFF_SIDE: "Sam Tiede",
}  # fmt: skip


def terms_for(*codes: str, template: str = "collaborative_bank", **changed: Any) -> dict[str, Any]:
    """Whole terms between these organisations, from 1 September 2026 for a year."""
    contacts = [
        {"ods": code, "kind": kind.value, "name": f"Office of {code}", "phone": "01632 960100"}
        for code in codes
        for kind in ContactKind
    ]
    return {
        **agreement_templates()[template].terms,
        "parties": [{"ods": code, "role": "both", "sites": []} for code in codes],
        "contacts": contacts,
        "starts_on": "2026-09-01",
        "ends_on": "2027-08-31",
        **changed,
    }


def acting(organisation: Organisation) -> Actor:
    """Somebody who may do everything with an agreement for the organisation."""
    roles = (R.BANK_MANAGER, R.EXECUTIVE_ON_CALL, R.HR_OFFICER)
    return build.an_actor(organisation, *roles, stepped_up=True)


@dataclass(frozen=True, slots=True)
class Agreed:
    """An agreement and its newest version."""

    agreement_id: UUID
    version_id: UUID


def drafted(
    session: Session, lead: Organisation, terms: Mapping[str, Any], now: datetime = build.NOW,
    title: str = "Collaborative bank",
) -> Agreed:
    """A first draft."""
    made = agreements.draft(session, title=title, terms=terms, by=acting(lead), now=now)
    return Agreed(made.id, newest(session, made.id))


def newest(session: Session, agreement_id: UUID) -> UUID:
    """The agreement's newest version."""
    found = session.scalars(
        sa.select(AgreementVersion.id)
        .where(AgreementVersion.agreement_id == agreement_id)
        .order_by(AgreementVersion.number.desc())
    ).first()
    assert found is not None
    return found


def reviewed(
    session: Session, lead: Organisation, version_id: UUID, now: datetime = build.NOW
) -> None:
    """Sent to review, and signed off by all five areas."""
    by = acting(lead)
    agreements.send_to_review(session, version_id=version_id, by=by, now=now)
    for area, name in REVIEWERS.items():
        agreements.review(
            session, version_id=version_id, area=area, name=name, job_title="Head",
            signed_off=True, by=by, now=now,
        )  # fmt: skip


def sent_out(
    session: Session, lead: Organisation, version_id: UUID, now: datetime = build.NOW
) -> None:
    """Reviewed, and out for signature."""
    reviewed(session, lead, version_id, now)
    agreements.send_out(session, version_id=version_id, by=acting(lead), now=now)


def signed(
    session: Session, version_id: UUID, *parties: Organisation, now: datetime = build.NOW
) -> None:
    """Signed by these, who have keys from now on."""
    for party in parties:
        issuing.keys_for(session, party, VAULT, now)
        agreement_signing.sign(
            session, version_id=version_id, name="Ada Moss", job_title="Chief executive",
            authority="Standing orders 4.1", vault=VAULT, signed_at=now,
            by=acting(party), now=now,
        )  # fmt: skip


def agreed(
    session: Session, *parties: Organisation, now: datetime = build.NOW,
    title: str = "Collaborative bank", **terms: Any,
) -> Agreed:
    """An agreement in force, led by the first of them."""
    said = terms_for(*(one.ods_code for one in parties), **terms)
    made = drafted(session, parties[0], said, now, title)
    sent_out(session, parties[0], made.version_id, now)
    signed(session, made.version_id, *parties, now=now)
    return made


def agreement_of(session: Session, made: Agreed) -> Agreement:
    """The row."""
    return session.get_one(Agreement, made.agreement_id)
