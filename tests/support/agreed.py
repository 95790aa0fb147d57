"""Agreements from the templates that ship, whole as a form would send them, for tests of pages."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreement_signing, agreements
from bankhub.actions.agreements.agreement_records import versions_of
from bankhub.model.agreement_reference import agreement_templates
from bankhub.model.agreements import AgreementVersion
from bankhub.web.agreements.agreement_form import field_values
from passport.model.organisations import Organisation
from tests.support import agreeing, build, issuing
from tests.support.access import VAULT
from tests.support.build import NOW
from tests.support.desk import Desk


@dataclass(frozen=True, slots=True)
class Agreed:
    """An agreement and its newest version."""

    agreement_id: UUID
    version_id: UUID


def terms_for(
    *parties: Organisation, template: str = "collaborative_bank", **changed: Any
) -> dict[str, Any]:
    """Whole terms between these organisations, from 1 September 2026 for a year."""
    return {
        **agreement_templates()[template].terms,
        "parties": [{"ods": one.ods_code, "role": "both", "sites": []} for one in parties],
        "contacts": agreeing.contacts(*parties),
        "starts_on": "2026-09-01",
        "ends_on": "2027-08-31",
        **changed,
    }


def drafted(
    session: Session, *parties: Organisation, title: str = "Collaborative bank", **terms: Any
) -> Agreed:
    """A first draft, led by the first of them."""
    by = agreeing.manager(parties[0])
    made = agreements.draft(
        session, title=title, terms=terms_for(*parties, **terms), by=by, now=NOW
    )
    return Agreed(made.id, newest(session, made.id))


def newest(session: Session, agreement_id: UUID) -> UUID:
    """The agreement's newest version."""
    return versions_of(session, agreement_id)[-1].id


def reviewed(session: Session, made: Agreed, lead: Organisation) -> None:
    """In review, and signed off by every area."""
    agreeing.reviewed(session, session.get_one(AgreementVersion, made.version_id), lead)


def sent_out(session: Session, made: Agreed, lead: Organisation) -> None:
    """Out for signature."""
    agreeing.sent_out(session, session.get_one(AgreementVersion, made.version_id), lead)


def in_force(session: Session, *parties: Organisation, **terms: Any) -> Agreed:
    """Signed by all, with keys that the app of a test can use."""
    made = drafted(session, *parties, **terms)
    sent_out(session, made, parties[0])
    for party in parties:
        issuing.keys_for(session, party, VAULT, NOW)
        agreement_signing.sign(
            session, version_id=made.version_id, name="Mo Chair", job_title="Chief executive",
            authority="Standing orders 7.2", vault=VAULT, signed_at=NOW,
            by=agreeing.manager(party), now=NOW,
        )  # fmt: skip
    return made


NEW = "/agreements/new?template=collaborative_bank"


def a_neighbour(desk: Desk) -> Organisation:
    """The trust next door."""

    def make(session: Session) -> Organisation:
        trust = build.an_organisation(session, ods_code="RT5", name="Thornbury NHS Trust")
        build.a_site(session, trust, name="Thornbury Hospital")
        return trust

    found: Organisation = desk.do(make)
    return found


def fields(desk: Desk, other: Organisation, **changed: Any) -> dict[str, Any]:
    """The form filled in for a collaborative bank of the two."""
    terms = terms_for(desk.trust, other)
    return {**field_values(terms), "title": "Collaborative bank", **changed}


def only(desk: Desk, table: Any) -> Any:
    """The one row there is."""
    return desk.do(lambda session: session.scalars(sa.select(table)).one())
