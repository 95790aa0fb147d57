"""Agreements made through the deeds themselves: drafted, reviewed, sent out, signed.

    north, south = agreeing.a_trust(session), agreeing.a_trust(session)
    agreement = agreeing.agreed(session, north, south)             # signed by both at NOW
    version = agreeing.out(session, north, south)                  # gone out, signed by nobody

Every organisation has its keys; `manager(trust)` is its bank manager with the second factor given.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreement_signing, agreements
from bankhub.actions.agreements.agreement_records import versions_of
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.model.agreement_terms import ContactKind
from bankhub.model.agreements import (
    Agreement,
    AgreementSignature,
    AgreementVersion,
    ReviewArea,
)
from bankhub.rules.agreements.agreement_states import AREA_ROLES
from passport.actions.signing import keys
from passport.actors import AccessRole, Actor, operator
from passport.model.organisations import Organisation
from tests.support import build, sharing
from tests.support.build import NOW
from tests.support.issuing import BASE, VAULT

PEOPLE = ("Ann Bell", "Ben Cole", "Cat Dunn", "Dev Eyre", "Eve Finn")


def a_trust(session: Session, **fields: Any) -> Organisation:
    """An organisation with keys of its own."""
    made = build.an_organisation(session, **fields)
    keys.ensure_issuer(
        session, organisation_id=made.id, vault=VAULT, base=BASE, by=operator(made.id), now=NOW
    )
    return made


def manager(organisation: Organisation, **fields: Any) -> Actor:
    """Its bank manager, who gave the second factor just now."""
    return build.an_actor(organisation, AccessRole.BANK_MANAGER, stepped_up=True, **fields)


def office(organisation: Organisation) -> Actor:
    """Somebody who speaks for every area of it."""
    roles = (AccessRole.BANK_MANAGER, *AREA_ROLES.values())
    return build.an_actor(organisation, *roles, stepped_up=True)


def contacts(*organisations: Organisation) -> list[dict[str, str]]:
    """Somebody to ring about everything at each."""
    return [
        {
            "ods": one.ods_code, "kind": kind.value, "name": f"{kind.value} desk",
            "phone": "0161 496 0000", "email": "",
        }
        for one in organisations
        for kind in ContactKind
    ]  # fmt: skip


def terms(*parties: Organisation | Any, **fields: Any) -> dict[str, Any]:
    """Terms that may go into review: those of `sharing`, with contacts and cover."""
    organisations = [one for one in parties if isinstance(one, Organisation)]
    more = {"contacts": contacts(*organisations), "indemnity": ["cnst_host"]}
    return sharing.terms(*parties, **{**more, **fields})


def drafted(
    session: Session, lead: Organisation, *others: Organisation, now: datetime = NOW, **fields: Any
) -> tuple[Agreement, AgreementVersion]:
    """A draft that `lead` leads."""
    agreement = agreements.draft(
        session, title="Shared bank", terms=terms(lead, *others, **fields), by=manager(lead),
        now=now,
    )  # fmt: skip
    return agreement, versions_of(session, agreement.id)[0]


def reviewed(
    session: Session, version: AgreementVersion, lead: Organisation, now: datetime = NOW
) -> None:
    """Every area of the lead signs it off."""
    agreements.send_to_review(session, version_id=version.id, by=manager(lead), now=now)
    for area, name in zip(ReviewArea, PEOPLE, strict=True):
        agreements.review(
            session, version_id=version.id, area=area, name=name, job_title="Head",
            signed_off=True, by=office(lead), now=now,
        )  # fmt: skip


def sent_out(
    session: Session, version: AgreementVersion, lead: Organisation, now: datetime = NOW
) -> AgreementVersion:
    """Reviewed and gone out."""
    reviewed(session, version, lead, now)
    return agreements.send_out(session, version_id=version.id, by=manager(lead), now=now)


def out(
    session: Session, lead: Organisation, *others: Organisation, **fields: Any
) -> AgreementVersion:
    """A new agreement whose first version has gone out."""
    _, version = drafted(session, lead, *others, **fields)
    return sent_out(session, version, lead)


def signed(
    session: Session, version: AgreementVersion, *parties: Organisation, now: datetime = NOW
) -> list[AgreementSignature]:
    """Signed by these."""
    return [
        agreement_signing.sign(
            session, version_id=version.id, name="Mo Chair", job_title="Chief executive",
            authority="Standing orders 7.2", vault=VAULT, signed_at=now, by=manager(one), now=now,
        )
        for one in parties
    ]  # fmt: skip


def agreed(
    session: Session, lead: Organisation, *others: Organisation, **fields: Any
) -> Agreement:
    """In force, signed by all."""
    version = out(session, lead, *others, **fields)
    signed(session, version, lead, *others)
    return session.get_one(Agreement, version.agreement_id)


def last_day(session: Session, agreement: Agreement) -> date:
    """The last day in force, as it stands."""
    return max(one.until_on for one in bound_versions(session, agreement_id=agreement.id))


def varied(
    session: Session, agreement: Agreement, lead: Organisation, now: datetime = NOW, **fields: Any
) -> AgreementVersion:
    """The next version, with these terms changed, gone out."""
    before = versions_of(session, agreement.id)[-1].terms
    version = agreements.vary(
        session, agreement_id=agreement.id, terms={**before, **fields}, change_note="Varied.",
        by=manager(lead), now=now,
    )  # fmt: skip
    return sent_out(session, version, lead, now)
