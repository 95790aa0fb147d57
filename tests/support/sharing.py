"""Agreements that all parties signed, as rows: for tests of what an agreement permits.

    wsa = sharing.an_agreement(session, home, host)            # both ways, nurses of band 5
    sharing.an_agreement(session, sharing.party(home, "home"), sharing.party(host, "host"))
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.partners.agreements_in_force import bound_versions, rebuild_coverage
from bankhub.model.agreement_terms import DataCategory, Instrument
from bankhub.model.agreements import (
    Agreement,
    AgreementParty,
    AgreementState,
    AgreementVersion,
    VersionState,
)
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreements_in_force import InForce
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support.build_people import NOW, kept

_numbers = count(1)
NURSES = ({"staff_group": "nursing_midwifery", "grades": ["band_5"]},)


def party(organisation: Organisation, role: str = "both", *sites: str) -> Mapping[str, Any]:
    """A party's term."""
    return {"ods": organisation.ods_code, "role": role, "sites": list(sites)}


def terms(*parties: Organisation | Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """Terms as JSON: in force from the start of the year of `NOW` for 24 months."""
    return {
        "parties": [party(one) if isinstance(one, Organisation) else dict(one) for one in parties],
        "scope": [dict(one) for one in NURSES],
        "starts_on": "2026-01-01",
        "ends_on": "2027-12-31",
        "purpose": "To fill shifts with our own people.",
        "lawful_basis": "UK GDPR Article 6(1)(e)",
        "data_categories": [one.value for one in DataCategory],
        "recharge": {"basis": "actual_cost"},
        "home_warranties": ["identity", "right_to_work", "registration_and_qualifications", "dbs"],
        **fields,
    }


def an_agreement(
    session: Session,
    *parties: Organisation | Mapping[str, Any],
    signed_at: datetime = NOW - timedelta(days=30),
    reference: str | None = None,
    state: AgreementState = AgreementState.ACTIVE,
    now: datetime = NOW,
    **fields: Any,
) -> InForce:
    """Signed by all, with its coverage derived. `fields` replace terms."""
    said = terms(*parties, **fields)
    organisations = [_organisation(session, one["ods"]) for one in said["parties"]]
    lead = organisations[0]
    agreement = kept(
        session,
        Agreement(
            reference=reference or f"WSA-T{next(_numbers)}",
            title="Shared bank",
            lead_id=lead.id,
            state=state,
            made_at=signed_at,
        ),
        lead.id,
    )
    version = kept(session, _signed(agreement, said, signed_at), lead.id)
    for one in organisations:
        row = AgreementParty(
            agreement_id=agreement.id, organisation_id=one.id, joined_at=signed_at
        )
        kept(session, row, one.id)
    rebuild_coverage(session, agreement_id=agreement.id, now=now)
    return bound_versions(session, version_id=version.id)[0]


def _signed(agreement: Agreement, said: dict[str, Any], at: datetime) -> AgreementVersion:
    return AgreementVersion(
        agreement_id=agreement.id,
        number=1,
        state=VersionState.SIGNED,
        terms=said,
        text="The text.",
        text_hash="0" * 64,
        made_at=at,
        out_at=at,
        signed_at=at,
    )


def standing(session: Session, one: InForce, organisation: Organisation) -> AgreementParty:
    """That party's row, to suspend it or let it leave; then `changed`."""
    return session.scalars(
        sa.select(AgreementParty).where(
            AgreementParty.agreement_id == one.agreement_id,
            AgreementParty.organisation_id == organisation.id,
        )
    ).one()


def changed(session: Session, one: InForce, *, now: datetime = NOW) -> InForce:
    """Derive the coverage again after rows were changed."""
    rebuild_coverage(session, agreement_id=one.agreement_id, now=now)
    return bound_versions(session, version_id=one.version_id)[0]


def a_clearance(
    session: Session,
    one: InForce,
    person: Person,
    host: Organisation,
    *,
    state: ClearanceState = ClearanceState.CLEARED,
    **fields: Any,
) -> Clearance:
    """The host's decision on a person of a partner, made at `NOW`: cleared for a year as an adult
    nurse of band 5."""
    row = Clearance(
        host_id=host.id,
        home_id=person.organisation_id,
        person_id=person.id,
        holder_id=person.holder_id,
        version_id=one.version_id,
        staff_group=fields.pop("staff_group", StaffGroup.NURSING_MIDWIFERY),
        role=fields.pop("role", "rn_adult"),
        grade=fields.pop("grade", Grade.BAND_5),
        instrument=fields.pop("instrument", Instrument.BANK_ASSIGNMENT),
        state=state,
        until_on=fields.pop(
            "until_on", date(2027, 9, 7) if state is ClearanceState.CLEARED else None
        ),
        items=fields.pop("items", []),
        shown_at=NOW,
        made_at=NOW,
        decided_at=NOW,
        decided_because="shown",
        **fields,
    )
    return kept(session, row, host.id)


def _organisation(session: Session, ods: str) -> Organisation:
    return session.scalars(sa.select(Organisation).where(Organisation.ods_code == ods)).one()
