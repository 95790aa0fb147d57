"""Reading the agreements in force, and deriving from them who sees whose shifts.

Everybody who needs to know whether an agreement permits something reads it here; `Coverage` is
derived in the transaction that changes an agreement, and every night.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model.agreement_terms import AgreementTerms, PartyTerm
from bankhub.model.agreements import (
    Agreement,
    AgreementParty,
    AgreementVersion,
    Coverage,
    VersionState,
)
from bankhub.model.policies import read_values
from bankhub.model.sites import Site
from bankhub.rules.agreements.agreement_states import ends_with_leavers
from bankhub.rules.agreements.agreements_in_force import InForce, Party
from bankhub.rules.shift_times import london_day
from passport.db import new_id
from passport.model.organisations import Organisation

_BOUND = (VersionState.SIGNED, VersionState.SUPERSEDED)


def terms_of(version: AgreementVersion) -> AgreementTerms:
    """A version's terms as values. Raises `Invalid` for a draft that is not complete."""
    return read_values(AgreementTerms, version.terms)


def bound_versions(
    session: Session,
    *,
    organisation_id: UUID | None = None,
    agreement_id: UUID | None = None,
    version_id: UUID | None = None,
) -> list[InForce]:
    """Every version that all parties signed, past and to come, of agreements to which the
    organisation is a party where one is named; the earliest first."""
    wanted = sa.select(Agreement)
    if organisation_id is not None:
        mine = sa.select(AgreementParty.agreement_id).where(
            AgreementParty.organisation_id == organisation_id
        )
        wanted = wanted.where(Agreement.id.in_(mine))
    if agreement_id is not None:
        wanted = wanted.where(Agreement.id == agreement_id)
    if version_id is not None:
        its = sa.select(AgreementVersion.agreement_id).where(AgreementVersion.id == version_id)
        wanted = wanted.where(Agreement.id.in_(its))
    agreements = list(session.scalars(wanted.order_by(Agreement.reference)))
    versions = session.scalars(
        sa.select(AgreementVersion)
        .where(
            AgreementVersion.agreement_id.in_([one.id for one in agreements]),
            AgreementVersion.state.in_(_BOUND),
        )
        .order_by(AgreementVersion.number)
    )
    by_agreement: dict[UUID, list[AgreementVersion]] = defaultdict(list)
    for version in versions:
        by_agreement[version.agreement_id].append(version)
    read = _Reader(session, [one.id for one in agreements])
    found = [
        built
        for agreement in agreements
        for built in _in_order(agreement, by_agreement[agreement.id], read)
    ]
    return [one for one in found if version_id in (None, one.version_id)]


def in_force(session: Session, *, organisation_id: UUID, now: datetime) -> list[InForce]:
    """The versions in force today of agreements to which the organisation is a party."""
    today = london_day(now)
    found = bound_versions(session, organisation_id=organisation_id)
    return [one for one in found if one.on(today)]


def between(
    session: Session, *, home_id: UUID, host_id: UUID, now: datetime
) -> list[InForce]:
    """The versions in force today under which people of `home_id` may work at `host_id`."""
    today = london_day(now)
    return [
        one
        for one in in_force(session, organisation_id=host_id, now=now)
        if (pair := one.pair(home_id, host_id)) and pair.from_on <= today <= pair.until_on
    ]


def rebuild_coverage(session: Session, *, agreement_id: UUID | None = None, now: datetime) -> int:
    """Derive `Coverage` anew for one agreement, or for all; how many rows it has then. Days that
    are past are left out, days to come are in."""
    session.flush()
    doomed = sa.delete(Coverage)
    if agreement_id is not None:
        its = sa.select(AgreementVersion.id).where(AgreementVersion.agreement_id == agreement_id)
        doomed = doomed.where(Coverage.version_id.in_(its))
    session.execute(doomed)
    today = london_day(now)
    rows = [
        row
        for one in bound_versions(session, agreement_id=agreement_id)
        if one.until_on >= today and one.opens_shifts
        for row in coverage_rows(one)
    ]
    if rows:
        session.execute(sa.insert(Coverage), rows)
    return len(rows)


def coverage_rows(one: InForce) -> Iterator[dict[str, Any]]:
    """What a version in force lets each home see of each host, as rows of `Coverage`."""
    for pair in one.pairs():
        for scope in one.terms.scope:
            for grade in dict.fromkeys(scope.grades):
                for site_id in pair.host.site_ids or (None,):
                    yield {
                        "id": new_id(),
                        "host_id": pair.host.organisation_id,
                        "partner_id": pair.home.organisation_id,
                        "staff_group": scope.staff_group,
                        "grade": grade,
                        "site_id": site_id,
                        "from_on": pair.from_on,
                        "until_on": pair.until_on,
                        "version_id": one.version_id,
                        "lead_hours": one.terms.release_lead_hours,
                        "excluded_roles": list(one.terms.excluded_roles),
                        "excluded_skills": list(one.excluded_skills),
                    }


class _Reader:
    """Parties, organisations and sites of several agreements, read once."""

    def __init__(self, session: Session, agreement_ids: Sequence[UUID]) -> None:
        self.parties: dict[UUID, list[tuple[AgreementParty, Organisation]]] = defaultdict(list)
        rows = session.execute(
            sa.select(AgreementParty, Organisation)
            .join(Organisation, Organisation.id == AgreementParty.organisation_id)
            .where(AgreementParty.agreement_id.in_(agreement_ids))
            .order_by(Organisation.ods_code)
        )
        for party, organisation in rows:
            self.parties[party.agreement_id].append((party, organisation))
        hosts = {one.organisation_id for rows in self.parties.values() for one, _ in rows}
        self.sites = {
            (organisation_id, code): site_id
            for organisation_id, code, site_id in session.execute(
                sa.select(Site.organisation_id, Site.code, Site.id).where(
                    Site.organisation_id.in_(hosts)
                )
            )
        }


def _in_order(
    agreement: Agreement, versions: Sequence[AgreementVersion], read: _Reader
) -> Iterator[InForce]:
    begins = [_begins(version, terms_of(version)) for version in versions]
    ended = list(_ended(agreement, versions, read.parties[agreement.id]))
    for place, version in enumerate(versions):
        terms = terms_of(version)
        ends = [terms.ends_on, *ended]
        if later := begins[place + 1 :]:
            ends.append(min(later) - timedelta(days=1))
        yield InForce(
            agreement_id=agreement.id,
            version_id=version.id,
            reference=agreement.reference,
            number=version.number,
            title=agreement.title,
            terms=terms,
            from_on=begins[place],
            until_on=min(ends),
            parties=tuple(_parties(agreement.id, terms, read)),
            for_safety=agreement.for_safety,
        )


def _ended(
    agreement: Agreement,
    versions: Sequence[AgreementVersion],
    rows: Sequence[tuple[AgreementParty, Organisation]],
) -> Iterator[date]:
    """Last days of the whole: as the lead or a merger ended it, and with the last but one party."""
    if agreement.ends_on is not None:
        yield agreement.ends_on
    if versions:
        leaves = [one.leaves_on for one in live_parties(terms_of(versions[-1]), rows)]
        if (with_leavers := ends_with_leavers(leaves)) is not None:
            yield with_leavers


def live_parties(
    terms: AgreementTerms, rows: Sequence[tuple[AgreementParty, Organisation]]
) -> list[AgreementParty]:
    """Those that the terms name, or that took over from one, in the order of the terms; nobody
    who was succeeded."""
    named = _places(terms, rows)
    found = [
        party
        for party, organisation in rows
        if organisation.id in named and party.succeeded_by_id is None
    ]
    return sorted(found, key=lambda one: terms.parties.index(named[one.organisation_id]))


def in_turn(rows: Iterable[AgreementParty], start: AgreementParty) -> list[AgreementParty]:
    """A party, who took over from it, and from them in turn: the last one stands there now."""
    by_id = {one.organisation_id: one for one in rows}
    line, after = [start], start.succeeded_by_id
    while after in by_id and by_id[after] not in line:
        line.append(by_id[after])
        after = by_id[after].succeeded_by_id
    return line


def _begins(version: AgreementVersion, terms: AgreementTerms) -> date:
    """Not before every party signed."""
    if version.signed_at is None:
        return terms.starts_on
    return max(terms.starts_on, london_day(version.signed_at))


def _parties(agreement_id: UUID, terms: AgreementTerms, read: _Reader) -> Iterator[Party]:
    named = _places(terms, read.parties[agreement_id])
    for party, organisation in read.parties[agreement_id]:
        term = named.get(organisation.id)
        if term is None:
            continue
        line = in_turn([one for one, _ in read.parties[agreement_id]], party)
        yield Party(
            organisation_id=organisation.id,
            ods=organisation.ods_code,
            name=organisation.name,
            role=term.role,
            site_ids=_site_ids(organisation.id, term, read),
            suspended=any(one.suspended_at is not None for one in line),
            leaves_on=min((one.leaves_on for one in line if one.leaves_on), default=None),
            took_over=_took_over(organisation.id, read.parties[agreement_id]),
        )


def _took_over(
    organisation_id: UUID, rows: Sequence[tuple[AgreementParty, Organisation]]
) -> tuple[str, ...]:
    """Codes of those before an organisation, the nearest first."""
    line, codes = [organisation_id], []
    for after in line:
        for party, organisation in rows:
            if party.succeeded_by_id == after and organisation.id not in line:
                line.append(organisation.id)
                codes.append(organisation.ods_code)
    return tuple(codes)


def _places(
    terms: AgreementTerms, rows: Sequence[tuple[AgreementParty, Organisation]]
) -> dict[UUID, PartyTerm]:
    """Which term is whose: its own by code, else that of a party it took over from."""
    by_code = {one.ods: one for one in terms.parties}
    found = {one.id: by_code[one.ods_code] for _, one in rows if one.ods_code in by_code}
    parties = [party for party, _ in rows]
    for start in [one for one in parties if one.organisation_id in found]:
        for after in in_turn(parties, start):
            found.setdefault(after.organisation_id, found[start.organisation_id])
    return found


def _site_ids(organisation_id: UUID, term: PartyTerm, read: _Reader) -> tuple[UUID, ...]:
    """Sites by their codes. A code that is not on record covers nothing: never all."""
    if not term.sites:
        return ()
    found = tuple(
        site_id for code in term.sites if (site_id := read.sites.get((organisation_id, code)))
    )
    return found or (UUID(int=0),)
