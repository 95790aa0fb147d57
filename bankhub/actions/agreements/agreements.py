"""Drafting workforce-sharing agreements: draft, review, send out, vary, let a party accede.

The lead party writes. Signing is in `agreement_signing`, suspending and ending in
`agreement_ends`, mergers in `agreement_succession`, the clock in `agreement_keeping`, reads in
`agreement_views`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements.agreement_records import (
    agreement_of,
    follow,
    name_parties,
    names_for,
    read_terms,
    refuse,
    stored,
    tell_parties,
    text_of,
    version_of,
    versions_of,
)
from bankhub.actions.partners.agreements_in_force import terms_of
from bankhub.actions.permission import demand
from bankhub.model.agreement_terms import AgreementTerms
from bankhub.model.agreements import (
    Agreement,
    AgreementReview,
    AgreementVersion,
    ReviewArea,
    VersionState,
)
from bankhub.rules.agreements.agreement_entry import LONGEST_NAME, LONGEST_TEXT, one_line
from bankhub.rules.agreements.agreement_entry import why_not_review as why_incomplete
from bankhub.rules.agreements.agreement_signature import hash_of
from bankhub.rules.agreements.agreement_states import (
    BOUND,
    Looked,
    Step,
    why_not_area,
    why_not_new_version,
    why_not_out,
    why_not_review,
    why_not_step,
)
from bankhub.rules.permissions import Deed
from passport.actions.tenancy import own_organisation
from passport.actors import AccessRole, Actor
from passport.db import is_postgresql, new_id
from passport.errors import Invalid
from passport.events import record

LONGEST_COMMENT = 1_000
REVIEWERS = (
    AccessRole.HR_OFFICER,
    AccessRole.IG_LEAD,
    AccessRole.BUDGET_HOLDER,
    AccessRole.EXECUTIVE_ON_CALL,
    AccessRole.BANK_MANAGER,
)
SIGNATORIES = (AccessRole.BANK_MANAGER, AccessRole.EXECUTIVE_ON_CALL)
_LONGEST = {"change_note": LONGEST_TEXT}
_NUMBERING = 0x57534121
_NUMBERED = re.compile(r"WSA-(\d+)")


def draft(
    session: Session, *, title: str, terms: Mapping[str, Any], by: Actor, now: datetime
) -> Agreement:
    """A new agreement, led by the actor's organisation, with a first draft. `terms`: as JSON has
    `AgreementTerms`. Raises `Invalid` naming every wrong field by its way: `parties[1].ods`."""
    demand(by, Deed.DRAFT_AGREEMENT)
    lead_id = own_organisation(by)
    _refuse_texts(title=title)
    found = read_terms(session, terms, lead_id=lead_id, now=now)
    agreement = Agreement(
        id=new_id(),
        reference=_next_reference(session),
        title=title.strip(),
        lead_id=lead_id,
        made_at=now,
        made_by_id=by.account_id,
    )
    session.add(agreement)
    session.flush()
    _add_version(session, agreement, 1, found, "", by, now)
    record(
        session, "agreement.drafted", subject_id=agreement.id, by=by, now=now,
        reference=agreement.reference, version=1,
    )  # fmt: skip
    return agreement


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
    agreement, version = _step(session, version_id, Step.EDIT, Deed.DRAFT_AGREEMENT, by)
    _refuse_texts(title=title, change_note=change_note or None)
    found = read_terms(session, terms, lead_id=agreement.lead_id, now=now)
    if title is not None:
        agreement.title = title.strip()
    if change_note is not None:
        version.change_note = change_note.strip()
    version.terms, version.state = stored(found), VersionState.DRAFT
    _replace_reviews(_latest(session, version_id), now)
    session.flush()
    name_parties(session, agreement, found, now)
    record(
        session, "agreement.edited", subject_id=agreement.id, by=by, now=now,
        version=version.number,
    )  # fmt: skip
    return version


def send_to_review(
    session: Session, *, version_id: UUID, by: Actor, now: datetime
) -> AgreementVersion:
    """Show the draft to every party, and ask the areas to look. Raises `Refused` where contacts
    are missing."""
    agreement, version = _step(session, version_id, Step.SEND_TO_REVIEW, Deed.DRAFT_AGREEMENT, by)
    terms = terms_of(version)
    read_terms(session, version.terms, lead_id=agreement.lead_id, now=now)
    refuse(why_incomplete(terms, names_for(session, terms).organisations))
    version.state = VersionState.IN_REVIEW
    session.flush()
    record(
        session, "agreement.in_review", subject_id=agreement.id, by=by, now=now,
        version=version.number,
        tell=tell_parties(session, agreement, "agreement_to_review", REVIEWERS),
    )  # fmt: skip
    return version


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
    """A named person of an area signs the draft off, or sends it back with a comment. Recorded by
    somebody who speaks for the area, where a role exists for it."""
    agreement, version = _step(session, version_id, Step.REVIEW, Deed.REVIEW_AGREEMENT, by)
    refuse(why_not_area(area, by.roles))
    here = own_organisation(by)
    _refuse_texts(name=name, job_title=job_title)
    if not signed_off and not comment.strip():
        _invalid({"comment": ["Say what has to change."]})
    if len(comment) > LONGEST_COMMENT:
        _invalid({"comment": [f"Use {LONGEST_COMMENT:,} characters at most."]})
    latest = _latest(session, version_id)
    ours = [one for one in latest if one.organisation_id == here]
    if signed_off:
        refuse(why_not_review(name, area, [_looked(one, agreement) for one in ours]))
    _replace_reviews([one for one in ours if one.area is area], now)
    made = AgreementReview(
        id=new_id(), version_id=version_id, organisation_id=here, area=area, name=name.strip(),
        job_title=job_title.strip(), signed_off=signed_off, comment=comment.strip(), at=now,
        by_id=by.account_id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(
        session, "agreement.reviewed", subject_id=agreement.id, by=by, now=now,
        version=version.number, area=area.value, signed_off=signed_off,
    )  # fmt: skip
    return made


def send_out(
    session: Session, *, version_id: UUID, by: Actor, now: datetime
) -> AgreementVersion:
    """Freeze the text with its hash and ask every party to sign. Raises `Refused` with every
    area that has not signed off."""
    agreement, version = _step(session, version_id, Step.SEND_OUT, Deed.DRAFT_AGREEMENT, by)
    read_terms(session, version.terms, lead_id=agreement.lead_id, now=now)
    refuse(why_not_out([_looked(one, agreement) for one in _latest(session, version_id)]))
    version.text = text_of(session, agreement, version)
    version.text_hash = hash_of(version.text)
    version.state, version.out_at = VersionState.OUT_FOR_SIGNATURE, now
    session.flush()
    record(
        session, "agreement.sent_out", subject_id=agreement.id, by=by, now=now,
        version=version.number, text_hash=version.text_hash,
        tell=tell_parties(session, agreement, "agreement_to_sign", SIGNATORIES),
    )  # fmt: skip
    return version


def abandon(
    session: Session, *, version_id: UUID, by: Actor, now: datetime
) -> AgreementVersion:
    """Give up a version that is not signed by all."""
    agreement, version = _step(session, version_id, Step.ABANDON, Deed.DRAFT_AGREEMENT, by)
    shown = version.state is not VersionState.DRAFT
    version.state, version.ended_at = VersionState.ABANDONED, now
    tell = tell_parties(session, agreement, "agreement_abandoned") if shown else []
    follow(
        session, agreement, "agreement.abandoned", by=by, now=now, tell=tell,
        version=version.number,
    )  # fmt: skip
    return version


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
    agreement, versions = _to_vary(session, agreement_id, by)
    _refuse_texts(change_note=change_note)
    found = read_terms(session, terms, lead_id=agreement.lead_id, now=now)
    number = versions[-1].number + 1
    version = _add_version(session, agreement, number, found, change_note.strip(), by, now)
    record(
        session, "agreement.varied", subject_id=agreement.id, by=by, now=now, version=number
    )
    return version


def add_party(
    session: Session,
    *,
    agreement_id: UUID,
    party: Mapping[str, Any],
    contacts: Sequence[Mapping[str, Any]],
    by: Actor,
    now: datetime,
) -> AgreementVersion:
    """Let a party accede: the next version as a draft, in words a deed of accession. `party`: as
    JSON has `PartyTerm`; `contacts`: its contacts."""
    _, versions = _to_vary(session, agreement_id, by)
    before = next((v for v in reversed(versions) if v.state in BOUND), versions[-1]).terms
    terms = {
        **before,
        "parties": [*before["parties"], party],
        "contacts": [*before.get("contacts", ()), *contacts],
    }
    return vary(
        session, agreement_id=agreement_id, terms=terms, by=by, now=now,
        change_note=f"{str(party.get('ods', ''))[:8]} becomes a party.",
    )  # fmt: skip


def _to_vary(
    session: Session, agreement_id: UUID, by: Actor
) -> tuple[Agreement, Sequence[AgreementVersion]]:
    demand(by, Deed.DRAFT_AGREEMENT)
    agreement = agreement_of(session, agreement_id, by, lock=True)
    is_lead = agreement.lead_id == by.organisation_id
    versions = versions_of(session, agreement_id)
    refuse(why_not_step(Step.EDIT, VersionState.DRAFT, is_lead=is_lead))
    refuse(why_not_new_version(agreement.state, [one.state for one in versions]))
    return agreement, versions


def _step(
    session: Session, version_id: UUID, step: Step, deed: Deed, by: Actor
) -> tuple[Agreement, AgreementVersion]:
    """The agreement, locked, and its version, where the actor may take the step."""
    demand(by, deed)
    agreement, version = version_of(session, version_id, by, lock=True)
    is_lead = agreement.lead_id == by.organisation_id
    refuse(why_not_step(step, version.state, is_lead=is_lead))
    return agreement, version


def _add_version(
    session: Session,
    agreement: Agreement,
    number: int,
    terms: AgreementTerms,
    change_note: str,
    by: Actor,
    now: datetime,
) -> AgreementVersion:
    version = AgreementVersion(
        id=new_id(), agreement_id=agreement.id, number=number, terms=stored(terms),
        change_note=change_note, made_at=now, made_by_id=by.account_id,
    )  # fmt: skip
    session.add(version)
    session.flush()
    name_parties(session, agreement, terms, now)
    return version


def _next_reference(session: Session) -> str:
    """The next number. Of two drafts at one moment one waits for the other."""
    if is_postgresql(session):
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_NUMBERING)))
    taken = session.scalars(sa.select(Agreement.reference))
    numbers = [int(found[1]) for one in taken if (found := _NUMBERED.fullmatch(one))]
    return f"WSA-{max(numbers, default=0) + 1}"


def _latest(session: Session, version_id: UUID) -> Sequence[AgreementReview]:
    return session.scalars(
        sa.select(AgreementReview)
        .where(AgreementReview.version_id == version_id, AgreementReview.replaced_at.is_(None))
        .order_by(AgreementReview.at)
    ).all()


def _looked(one: AgreementReview, agreement: Agreement) -> Looked:
    of_lead = one.organisation_id == agreement.lead_id
    return Looked(one.area, of_lead, one.signed_off, one.name)


def _replace_reviews(reviews: Sequence[AgreementReview], now: datetime) -> None:
    for one in reviews:
        one.replaced_at = now


def _refuse_texts(**texts: str | None) -> None:
    wrong = {
        name: [message]
        for name, text in texts.items()
        if text is not None
        and (message := one_line(text, _LONGEST.get(name, LONGEST_NAME)))
    }
    if wrong:
        _invalid(wrong)


def _invalid(wrong: dict[str, list[str]]) -> None:
    raise Invalid("agreement_entry", "This cannot be right.", wrong)
