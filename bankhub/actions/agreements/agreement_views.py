"""Reading agreements as a party to them: lists, one agreement, its text.

Everything is scoped to the actor's organisation: an agreement is there for its parties alone, and
a draft for its lead alone until it goes into review.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements.agreement_ends import may_lift, may_withdraw
from bankhub.actions.agreements.agreement_records import (
    agreement_of,
    codes_of,
    names_for,
    parties_of,
    text_of,
    version_of,
    versions_of,
    visible_to,
)
from bankhub.actions.agreements.agreement_signing import signatures_of
from bankhub.actions.partners.agreements_in_force import bound_versions, terms_of
from bankhub.actions.permission import demand
from bankhub.model.agreement_terms import AgreementTerms, PartyRole
from bankhub.model.agreements import (
    Agreement,
    AgreementParty,
    AgreementReview,
    AgreementSignature,
    AgreementVersion,
    VersionState,
)
from bankhub.rules.agreements.agreement_states import (
    LIVE,
    STANDING,
    UNDER_WAY,
    ShownState,
    Step,
    shown_state,
    why_not_new_version,
    why_not_party,
    why_not_step,
    why_not_terminate,
)
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.tenancy import own_organisation
from passport.actors import Actor


@dataclass(frozen=True, slots=True)
class PartyView:
    """A party as it stands today."""

    organisation_id: UUID
    ods: str
    name: str
    role: PartyRole
    sites: tuple[str, ...]
    """Names of the covered sites; none = all."""
    is_lead: bool
    signed: bool
    """The newest version that went out."""
    suspended_at: datetime | None
    suspended_because: str
    may_lift: bool
    """Whether the organisation that asks could lift the suspension."""
    leaves_on: date | None
    succeeded_by: str
    """Name of the organisation that took over; empty = none."""
    is_held_up: bool
    """Suspended, and neither it nor the agreement is over."""


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version with who looked at it, who signed, and what the actor's organisation may do."""

    version: AgreementVersion
    terms: AgreementTerms
    in_force: bool
    from_on: date | None
    until_on: date | None
    reviews: tuple[AgreementReview, ...]
    """The latest of each area and organisation."""
    signatures: tuple[AgreementSignature, ...]
    unsigned: tuple[str, ...]
    """Names of the parties that have not signed it."""
    steps: tuple[Step, ...]
    """What this organisation may do with it now, whoever it is that asks."""


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """An agreement in a list."""

    agreement: Agreement
    state: ShownState
    number: int
    """Of the version in force, else of the newest."""
    under_way: int | None
    """Of the version that is drafted, reviewed or being signed."""
    to_sign: bool
    """It waits for this organisation's signature."""
    parties: tuple[str, ...]
    suspended: tuple[str, ...]
    """Names of the parties for whom it is held up now."""
    from_on: date | None
    until_on: date | None


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One agreement."""

    agreement: Agreement
    state: ShownState
    is_lead: bool
    parties: tuple[PartyView, ...]
    versions: tuple[VersionView, ...]
    """The newest first."""
    until_on: date | None
    honoured_until: date | None
    """Last day by whose end shifts that were booked in time have to be over."""
    may_vary: bool
    may_end: bool
    """The whole agreement; every party may give notice for itself while it is live."""
    is_live: bool
    """Not over, and this organisation has not left it."""
    leaving: bool
    """This organisation gave notice for itself."""
    may_withdraw: bool
    """The notice that this organisation gave."""


def listed(session: Session, *, by: Actor, now: datetime) -> Sequence[AgreementRow]:
    """The agreements of the actor's organisation, the newest first."""
    demand(by, Deed.READ_AGREEMENTS)
    here = own_organisation(by)
    mine = sa.select(AgreementParty.agreement_id).where(AgreementParty.organisation_id == here)
    found = session.scalars(
        sa.select(Agreement)
        .where(Agreement.id.in_(mine))
        .order_by(Agreement.made_at.desc(), Agreement.reference.desc())
    ).all()
    rows = (_row(session, agreement, here, london_day(now)) for agreement in found)
    return [row for row in rows if row is not None]


def one(session: Session, *, agreement_id: UUID, by: Actor, now: datetime) -> AgreementView:
    """One agreement of the actor's organisation. Raises `NotFound` for any other."""
    demand(by, Deed.READ_AGREEMENTS)
    agreement = agreement_of(session, agreement_id, by)
    here = own_organisation(by)
    withdraws = may_withdraw(session, agreement, here, now)
    return _Reader(session, agreement, here, london_day(now)).view(may_withdraw=withdraws)


def document(session: Session, *, version_id: UUID, by: Actor) -> str:
    """The text of a version: as it went out, or as it would go out now."""
    demand(by, Deed.READ_AGREEMENTS)
    return text_of(session, *version_of(session, version_id, by))


def _row(
    session: Session, agreement: Agreement, here: UUID, today: date
) -> AgreementRow | None:
    read = _Reader(session, agreement, here, today)
    if not read.versions:
        return None
    newest = read.versions[-1]
    shown = next((one for one in reversed(read.bound) if one.on(today)), None)
    under_way = next((one.number for one in read.versions if one.state in UNDER_WAY), None)
    parties = read.parties()
    return AgreementRow(
        agreement=agreement,
        state=read.state,
        number=shown.number if shown else newest.number,
        under_way=under_way,
        to_sign=any(Step.SIGN in read.steps(one) for one in read.versions),
        parties=tuple(one.name for one in parties if not one.succeeded_by),
        suspended=tuple(one.name for one in parties if one.is_held_up),
        from_on=read.begins,
        until_on=read.ends,
    )


class _Reader:
    """One agreement as an organisation sees it on a day."""

    def __init__(
        self, session: Session, agreement: Agreement, here: UUID, today: date
    ) -> None:
        self.session, self.agreement, self.here, self.today = session, agreement, here, today
        self.is_lead = agreement.lead_id == here
        self.versions = [
            one
            for one in versions_of(session, agreement.id)
            if visible_to(session, agreement, one, here)
        ]
        self.bound = bound_versions(session, agreement_id=agreement.id)
        self.rows = parties_of(session, agreement.id)
        self.codes = codes_of(session, agreement.id)
        self.begins = min((one.from_on for one in self.bound), default=None)
        self.ends = max((one.until_on for one in self.bound), default=None)

    @property
    def state(self) -> ShownState:
        """Where it stands today."""
        return shown_state(
            self.agreement.state,
            newest=self.versions[-1].state,
            begins=self.begins,
            ends=self.ends,
            today=self.today,
        )

    def view(self, *, may_withdraw: bool) -> AgreementView:
        """All of it."""
        states = [one.state for one in versions_of(self.session, self.agreement.id)]
        parties = self.parties()
        standing = [
            one for one in parties
            if not one.succeeded_by and not why_not_party(one.leaves_on, self.today)
        ]  # fmt: skip
        own = next((one for one in standing if one.organisation_id == self.here), None)
        is_live = self.agreement.state in LIVE and own is not None
        return AgreementView(
            agreement=self.agreement,
            state=self.state,
            is_lead=self.is_lead,
            parties=tuple(parties),
            versions=tuple(self._version(one) for one in reversed(self.versions)),
            until_on=self.ends,
            honoured_until=self._honoured_until(),
            may_vary=self.is_lead and not why_not_new_version(self.agreement.state, states),
            may_end=is_live
            and not why_not_terminate(is_lead=self.is_lead, parties=len(standing)),
            is_live=is_live,
            leaving=own is not None and own.leaves_on is not None,
            may_withdraw=may_withdraw,
        )

    def parties(self) -> list[PartyView]:
        """Everybody who is or was a party, by the newest version that names them."""
        names = {organisation.id: organisation.name for _, organisation in self.rows}
        sent = [one for one in self._standing() if one.out_at is not None]
        signed = {one.organisation_id for one in self.signatures(sent[-1])} if sent else set()
        found = []
        for party, organisation in self.rows:
            term, version = self._term(self.codes[organisation.id])
            if term is None or version is None:
                continue
            sites = names_for(self.session, terms_of(version)).sites
            found.append(
                PartyView(
                    organisation_id=organisation.id,
                    ods=organisation.ods_code,
                    name=organisation.name,
                    role=PartyRole(term["role"]),
                    sites=tuple(sites.get((term["ods"], code), code) for code in term["sites"]),
                    is_lead=organisation.id == self.agreement.lead_id,
                    signed=organisation.id in signed,
                    suspended_at=party.suspended_at,
                    suspended_because=party.suspended_because,
                    may_lift=may_lift(self.session, self.agreement, party, self.here),
                    leaves_on=party.leaves_on,
                    succeeded_by=names.get(party.succeeded_by_id or party.id, ""),
                    is_held_up=party.suspended_at is not None
                    and self.state in STANDING
                    and not why_not_party(party.leaves_on, self.today),
                )
            )
        return found

    def signatures(self, version: AgreementVersion) -> Sequence[AgreementSignature]:
        """Those of a version."""
        return signatures_of(self.session, version.id)

    def steps(self, version: AgreementVersion) -> tuple[Step, ...]:
        """What the organisation may do with a version now."""
        named = {one["ods"] for one in version.terms["parties"]}
        ours = named & set(self.codes.get(self.here, ()))
        found = [
            step for step in Step if not why_not_step(step, version.state, is_lead=self.is_lead)
        ]
        if Step.SIGN in found:
            signed = {one.organisation_id for one in self.signatures(version)}
            if not ours or self.here in signed:
                found.remove(Step.SIGN)
        return tuple(found)

    def _version(self, version: AgreementVersion) -> VersionView:
        bound = next((one for one in self.bound if one.version_id == version.id), None)
        signatures = self.signatures(version)
        terms = terms_of(version)
        signed = {one.organisation_id for one in signatures}
        codes = {row.ods_code for _, row in self.rows if row.id in signed}
        names = names_for(self.session, terms).organisations
        unsigned = [one.ods for one in terms.parties if one.ods not in codes]
        return VersionView(
            version=version,
            terms=terms,
            in_force=bound is not None and bound.on(self.today),
            from_on=bound.from_on if bound else None,
            until_on=bound.until_on if bound else None,
            reviews=tuple(self._reviews(version)),
            signatures=tuple(signatures),
            unsigned=tuple(names.get(ods, ods) for ods in unsigned),
            steps=self.steps(version),
        )

    def _reviews(self, version: AgreementVersion) -> Sequence[AgreementReview]:
        return self.session.scalars(
            sa.select(AgreementReview)
            .where(
                AgreementReview.version_id == version.id, AgreementReview.replaced_at.is_(None)
            )
            .order_by(AgreementReview.organisation_id, AgreementReview.area)
        ).all()

    def _term(self, codes: Sequence[str]) -> tuple[Any, AgreementVersion | None]:
        for version in reversed(self._standing()):
            for term in version.terms["parties"]:
                if term["ods"] in codes:
                    return term, version
        return None, None

    def _standing(self) -> Sequence[AgreementVersion]:
        """Versions that were not given up; all of them where each was."""
        kept = [one for one in self.versions if one.state is not VersionState.ABANDONED]
        return kept or self.versions

    def _honoured_until(self) -> date | None:
        days = [
            until
            for one in self.bound
            for pair in one.pairs()
            if (until := one.honoured_until(pair.home.organisation_id, pair.host.organisation_id))
        ]
        return max(days, default=None)
