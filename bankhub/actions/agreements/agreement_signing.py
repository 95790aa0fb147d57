"""Signing agreements with the party's issuer key, and handing out what was signed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements.agreement_records import (
    follow,
    names_for,
    parties_of,
    refuse,
    tell_parties,
    version_of,
    versions_of,
)
from bankhub.actions.partners.agreements_in_force import live_parties, terms_of
from bankhub.actions.permission import demand
from bankhub.model.agreements import (
    Agreement,
    AgreementSignature,
    AgreementState,
    AgreementVersion,
    VersionState,
)
from bankhub.rules.agreements.agreement_entry import LONGEST_NAME, one_line
from bankhub.rules.agreements.agreement_signature import Said, hash_of, signed
from bankhub.rules.agreements.agreement_states import (
    Step,
    why_not_party,
    why_not_sign,
    why_not_step,
)
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.signing import keys
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.db import new_id
from passport.errors import Invalid
from passport.events import record
from passport.model.keys import KeyPurpose
from passport.model.organisations import Organisation
from passport.sealing import Vault

FORMAT = "workforce-sharing-agreement/1"


def sign(
    session: Session,
    *,
    version_id: UUID,
    name: str,
    job_title: str,
    authority: str,
    vault: Vault,
    signed_at: datetime,
    by: Actor,
    now: datetime,
) -> AgreementSignature:
    """Sign for the actor's organisation exactly the text that went out. `signed_at`: the wall's
    moment, which keys are judged by. With the last party's the version is signed by all. Raises
    `Refused` (`no_key`) where the organisation has no issuer key in force."""
    demand(by, Deed.SIGN_AGREEMENT)
    _refuse_texts(name=name, job_title=job_title, authority=authority)
    agreement, version = version_of(session, version_id, by, lock=True)
    here = session.get_one(Organisation, own_organisation(by))
    _refuse_signing(session, agreement, version, here, now)
    who = keys.signer(
        session, KeyPurpose.ISSUER, organisation_id=here.id, vault=vault, now=signed_at
    )
    said = Said(
        agreement=agreement.reference, version=version.number, ods=here.ods_code,
        parties=tuple(one["ods"] for one in version.terms["parties"]),
        text_hash=version.text_hash or "", name=name.strip(), job_title=job_title.strip(),
        authority=authority.strip(), at=signed_at,
    )  # fmt: skip
    made = _kept(session, version, here, said, signed(said, who.key, who.kid), who.kid, by, now)
    record(
        session, "agreement.signed", subject_id=agreement.id, by=by, now=now,
        version=version.number, ods=said.ods, text_hash=said.text_hash, kid=who.kid,
    )  # fmt: skip
    if set(said.parties) == _signed_by(session, version.id):
        _complete(session, agreement, version, by, now)
    return made


def exported(session: Session, *, version_id: UUID, by: Actor) -> dict[str, Any]:
    """The text and every signature, as a file that is checked with the trust list alone."""
    demand(by, Deed.READ_AGREEMENTS)
    agreement, version = version_of(session, version_id, by)
    refuse(why_not_sign(went_out=version.text is not None))
    names = names_for(session, terms_of(version)).organisations
    return {
        "format": FORMAT,
        "agreement": agreement.reference,
        "version": version.number,
        "title": agreement.title,
        "text": version.text,
        "text_sha256": version.text_hash,
        "parties": [
            {"ods": one["ods"], "name": names.get(one["ods"], one["ods"])}
            for one in version.terms["parties"]
        ],
        "signatures": [one.token for one in signatures_of(session, version.id)],
    }


def signatures_of(session: Session, version_id: UUID) -> Sequence[AgreementSignature]:
    """The signatures of a version, the first first."""
    return session.scalars(
        sa.select(AgreementSignature)
        .where(AgreementSignature.version_id == version_id)
        .order_by(AgreementSignature.at, AgreementSignature.id)
    ).all()


def _refuse_texts(**texts: str) -> None:
    wrong = {
        name: [message]
        for name, text in texts.items()
        if (message := one_line(text, LONGEST_NAME))
    }
    if wrong:
        raise Invalid("agreement_signature", "Say who signs, and by what authority.", wrong)


def _refuse_signing(
    session: Session,
    agreement: Agreement,
    version: AgreementVersion,
    here: Organisation,
    now: datetime,
) -> None:
    refuse(why_not_step(Step.SIGN, version.state, is_lead=agreement.lead_id == here.id))
    terms = terms_of(version)
    refuse(
        why_not_sign(
            went_out=version.text is not None,
            named=here.ods_code in [one.ods for one in terms.parties],
            signed=here.ods_code in _signed_by(session, version.id),
            unchanged=hash_of(version.text or "") == version.text_hash,
            over=terms.ends_on < london_day(now)
            or agreement.state not in (AgreementState.PROPOSED, AgreementState.ACTIVE),
        )
    )


def _kept(
    session: Session,
    version: AgreementVersion,
    here: Organisation,
    said: Said,
    token: str,
    kid: str,
    by: Actor,
    now: datetime,
) -> AgreementSignature:
    made = AgreementSignature(
        id=new_id(), version_id=version.id, organisation_id=here.id, name=said.name,
        job_title=said.job_title, authority=said.authority, at=now, by_id=by.account_id,
        text_hash=said.text_hash, kid=kid, token=token,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _signed_by(session: Session, version_id: UUID) -> set[str]:
    codes = session.scalars(
        sa.select(Organisation.ods_code)
        .join(AgreementSignature, AgreementSignature.organisation_id == Organisation.id)
        .where(AgreementSignature.version_id == version_id)
    )
    return set(codes)


def _complete(
    session: Session, agreement: Agreement, version: AgreementVersion, by: Actor, now: datetime
) -> None:
    """Every party has signed: the version binds, the one before it is superseded."""
    for earlier in versions_of(session, agreement.id):
        if earlier.state is VersionState.SIGNED:
            earlier.state, earlier.ended_at = VersionState.SUPERSEDED, now
    version.state, version.signed_at = VersionState.SIGNED, now
    agreement.state = AgreementState.ACTIVE
    for party in live_parties(terms_of(version), parties_of(session, agreement.id)):
        if why_not_party(party.leaves_on, london_day(now)):  # it had left, and joins again
            party.notice_given_at, party.leaves_on = None, None
    session.flush()
    follow(
        session, agreement, "agreement.completed", by=by, now=now, version=version.number,
        tell=tell_parties(
            session, agreement, "agreement_signed", version=version.number,
            starts_on=str(version.terms["starts_on"]),
        ),
    )  # fmt: skip
