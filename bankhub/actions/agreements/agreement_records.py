"""What every deed on an agreement shares: whose it is, its parties, what follows, who is told."""

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances.clearances import redecide_pairs
from bankhub.actions.partners.agreements_in_force import rebuild_coverage, terms_of
from bankhub.model import reference
from bankhub.model.agreement_reference import clauses
from bankhub.model.agreement_terms import AgreementTerms
from bankhub.model.agreements import Agreement, AgreementParty, AgreementVersion, VersionState
from bankhub.model.policies import read_values
from bankhub.model.sites import Site
from bankhub.rules.agreements.agreement_document import Heading, Names, acceding, document
from bankhub.rules.agreements.agreement_entry import Known, wrong_terms
from bankhub.rules.agreements.agreement_states import BOUND
from bankhub.rules.shift_times import london_day
from passport.actions.telling import tell_account, tell_officers
from passport.actions.tenancy import own_organisation
from passport.actors import AccessRole, Actor
from passport.errors import Invalid, NotFound, Reason, Refused
from passport.events import Tell, canonical, record
from passport.model.accounts import Account, RoleGrant
from passport.model.organisations import Organisation, OrganisationKind

NEVER_PARTIES = (OrganisationKind.AGENCY, OrganisationKind.REGION)


def agreement_of(
    session: Session, agreement_id: UUID, by: Actor, *, lock: bool = False
) -> Agreement:
    """An agreement to which the actor's organisation is a party. Raises `NotFound`."""
    here = own_organisation(by)
    found = session.get(
        Agreement, agreement_id, with_for_update=lock or None, populate_existing=lock
    )
    if found is None:
        raise NotFound
    if not any(visible_to(session, found, one, here) for one in versions_of(session, found.id)):
        raise NotFound
    return found


def version_of(
    session: Session, version_id: UUID, by: Actor, *, lock: bool = False
) -> tuple[Agreement, AgreementVersion]:
    """A version that the actor's organisation may see, with its agreement. Raises `NotFound`."""
    version = session.get(AgreementVersion, version_id)
    if version is None:
        raise NotFound
    agreement = agreement_of(session, version.agreement_id, by, lock=lock)
    if lock:
        session.refresh(version)
    if not visible_to(session, agreement, version, own_organisation(by)):
        raise NotFound
    return agreement, version


def visible_to(
    session: Session, agreement: Agreement, version: AgreementVersion, organisation_id: UUID
) -> bool:
    """A draft is the lead's alone; every other version is there for the parties it names, and
    for those that took over from one."""
    if organisation_id == agreement.lead_id:
        return True
    never_out = version.out_at is None and version.state is VersionState.ABANDONED
    if never_out or version.state is VersionState.DRAFT:
        return False
    stands_for = codes_of(session, agreement.id).get(organisation_id, ())
    return bool(set(stands_for) & {one["ods"] for one in version.terms["parties"]})


def codes_of(session: Session, agreement_id: UUID) -> dict[UUID, tuple[str, ...]]:
    """Party → the ODS codes it stands for: its own, and those of whom it took over from."""
    rows = session.execute(
        sa.select(AgreementParty.organisation_id, AgreementParty.succeeded_by_id)
        .add_columns(Organisation.ods_code)
        .join(Organisation, Organisation.id == AgreementParty.organisation_id)
        .where(AgreementParty.agreement_id == agreement_id)
        .order_by(Organisation.ods_code)
    ).all()
    follows = {one: after for one, after, _ in rows if after is not None}
    found: dict[UUID, list[str]] = {one: [] for one, _, _ in rows}
    for one, _, code in rows:
        end, seen = one, {one}
        while (after := follows.get(end)) is not None and after not in seen:
            end = after
            seen.add(end)
        found.setdefault(end, []).append(code)
        if end != one:
            found[one].append(code)
    return {one: tuple(codes) for one, codes in found.items()}


def versions_of(session: Session, agreement_id: UUID) -> Sequence[AgreementVersion]:
    """Every version, the first first."""
    return session.scalars(
        sa.select(AgreementVersion)
        .where(AgreementVersion.agreement_id == agreement_id)
        .order_by(AgreementVersion.number)
    ).all()


def parties_of(session: Session, agreement_id: UUID) -> list[tuple[AgreementParty, Organisation]]:
    """Every organisation that is or was a party, by its code."""
    rows = session.execute(
        sa.select(AgreementParty, Organisation)
        .join(Organisation, Organisation.id == AgreementParty.organisation_id)
        .where(AgreementParty.agreement_id == agreement_id)
        .order_by(Organisation.ods_code)
    )
    return [(party, organisation) for party, organisation in rows]


def read_terms(
    session: Session, values: Mapping[str, Any], *, lead_id: UUID, now: datetime
) -> AgreementTerms:
    """Terms as they were sent. Raises `Invalid` naming every wrong field."""
    terms = read_values(AgreementTerms, values)
    lead = session.get_one(Organisation, lead_id).ods_code
    wrong = wrong_terms(terms, _known(session, terms), lead=lead, today=london_day(now))
    if wrong:
        raise Invalid("agreement_terms", "These cannot be the terms of an agreement.", wrong)
    return terms


def stored(terms: AgreementTerms) -> dict[str, Any]:
    """Terms as a version keeps them."""
    return canonical(dataclasses.asdict(terms))


def name_parties(
    session: Session, agreement: Agreement, terms: AgreementTerms, now: datetime
) -> None:
    """A row for every organisation that the terms name; none for one that only a draft named."""
    named = {one.ods for one in terms.parties}
    bound = {
        one["ods"]
        for version in versions_of(session, agreement.id)
        if version.state is not VersionState.DRAFT
        for one in version.terms["parties"]
    }
    present: set[str] = set()
    for codes in codes_of(session, agreement.id).values():
        present.update(codes)
    rows = parties_of(session, agreement.id)
    successors = {party.succeeded_by_id for party, _ in rows}
    for party, organisation in rows:
        in_a_line = party.succeeded_by_id is not None or organisation.id in successors
        if organisation.ods_code not in named | bound and not in_a_line:
            session.delete(party)
    for organisation in organisations_by(session, named - present):
        session.add(
            AgreementParty(
                agreement_id=agreement.id, organisation_id=organisation.id, joined_at=now
            )
        )
    session.flush()


def organisations_by(session: Session, codes: Collection[str]) -> Sequence[Organisation]:
    """Organisations of those ODS codes."""
    return session.scalars(
        sa.select(Organisation)
        .where(Organisation.ods_code.in_(codes))
        .order_by(Organisation.ods_code)
    ).all()


def names_for(session: Session, terms: AgreementTerms) -> Names:
    """What the codes in those terms are called."""
    codes = {one.ods for one in terms.parties}
    found = organisations_by(session, codes)
    sites = session.execute(
        sa.select(Organisation.ods_code, Site.code, Site.name)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .where(Organisation.ods_code.in_(codes))
    )
    return Names(
        organisations={one.ods_code: one.name for one in found},
        sites={(ods, code): name for ods, code, name in sites},
        roles={code: one.title for code, one in reference.roles().items()},
        skills={code: one.title for code, one in reference.skills().items()},
        subjects={code: one.title for code, one in reference.training_subjects().items()},
        clauses=clauses(),
    )


def text_of(session: Session, agreement: Agreement, version: AgreementVersion) -> str:
    """The document of a version: as it went out, or as it would go out now."""
    if version.text is not None:
        return version.text
    terms = terms_of(version)
    before = [one for one in versions_of(session, agreement.id) if one.state in BOUND]
    heading = Heading(
        reference=agreement.reference,
        number=version.number,
        title=agreement.title,
        change_note=version.change_note,
        lead=session.get_one(Organisation, agreement.lead_id).ods_code,
        acceding=acceding(terms, terms_of(before[-1]) if before else None),
    )
    return document(terms, heading, names_for(session, terms))


def follow(
    session: Session, agreement: Agreement, kind: str, *, by: Actor, now: datetime,
    tell: Iterable[Tell] = (), **detail: Any,
) -> None:  # fmt: skip
    """The event of a change, and what derives from agreements derived anew: who sees whose
    shifts, and the clearances between the parties."""
    session.flush()
    record(session, kind, subject_id=agreement.id, by=by, now=now, tell=tell, **detail)
    rebuild_coverage(session, agreement_id=agreement.id, now=now)
    redecide_pairs(session, agreement_id=agreement.id, because=kind, by=by, now=now)


def tell_parties(
    session: Session, agreement: Agreement, template: str,
    roles: Collection[AccessRole] = (AccessRole.BANK_MANAGER,), *,
    only: Collection[UUID] | None = None, **context: Any,
) -> list[Tell]:  # fmt: skip
    """One letter to each account with such a role at every party that was not succeeded, or at
    those named."""
    told = {
        message.account_id: message
        for party, organisation in parties_of(session, agreement.id)
        if party.succeeded_by_id is None and (only is None or organisation.id in only)
        for role in roles
        for message in tell_officers(
            session, template, organisation.id, role, agreement=str(agreement.id),
            named=agreement.reference, title=agreement.title, **context,
        )
    }  # fmt: skip
    return list(told.values())


def tell_contacts(
    session: Session, agreement: Agreement, terms: AgreementTerms, template: str, **context: Any
) -> list[Tell]:
    """One letter to each of the contacts in the terms who has an account at their party."""
    named = {(one.ods, one.email.casefold()) for one in terms.contacts if one.email}
    accounts = session.execute(
        sa.select(Organisation.ods_code, Account.email, Account.id)
        .join(RoleGrant, RoleGrant.organisation_id == Organisation.id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            Organisation.ods_code.in_({ods for ods, _ in named}),
            sa.func.lower(Account.email).in_({email for _, email in named}),
            RoleGrant.ended_at.is_(None),
            Account.closed_at.is_(None),
        )
    )
    found = {account for ods, email, account in accounts if (ods, email.casefold()) in named}
    return [
        tell_account(
            template, one, agreement=str(agreement.id), named=agreement.reference,
            title=agreement.title, **context,
        )
        for one in sorted(found)
    ]  # fmt: skip


def refuse(reasons: Sequence[Reason]) -> None:
    """Raise `Refused` where there are reasons."""
    if reasons:
        raise Refused(reasons)


def _known(session: Session, terms: AgreementTerms) -> Known:
    codes = {one.ods for one in terms.parties}
    able = [one for one in organisations_by(session, codes) if one.kind not in NEVER_PARTIES]
    sites: dict[str, list[str]] = {}
    for ods, code in session.execute(
        sa.select(Organisation.ods_code, Site.code)
        .join(Site, Site.organisation_id == Organisation.id)
        .where(Organisation.ods_code.in_(codes))
    ):
        sites.setdefault(ods, []).append(code)
    return Known(
        organisations={one.ods_code: one.name for one in able if one.closed_on is None},
        sites=sites,
        roles=reference.roles().keys(),
        skills=reference.skills().keys(),
        subjects=reference.training_subjects().keys(),
        clauses={kind: its.keys() for kind, its in clauses().items()},
    )
