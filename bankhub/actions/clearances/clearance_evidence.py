"""What a clearance is decided from, read anew each time, and the decision.

Of the passport only what an agreement that permits the clearance shares is read; where none
permits it nothing is. What was read is not kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances.clearance_records import is_sponsored, looked_up
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.actions.settings.policies import PolicyBook, policy_book
from bankhub.model import reference
from bankhub.model.agreement_terms import CREDENTIAL_CATEGORY, EmployedBy, Instrument
from bankhub.model.clearance_values import (
    AskedClearance,
    Bypass,
    Decision,
    Evidence,
    HeldCredential,
    HostCheck,
    Place,
    SignedInduction,
    Supervision,
)
from bankhub.model.clearances import (
    Clearance,
    ClearanceBypass,
    ClearanceState,
    ClearanceSupervision,
    HostRegisterCheck,
    InductionSignature,
)
from bankhub.model.policies import PolicyKind
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import Grade
from bankhub.model.workers import BankPost, BookingRestriction
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.clearances.clearance import Later, decide, number_to_look_up, permits
from bankhub.rules.clearances.clearance_case import Case
from bankhub.rules.clearances.clearance_registration import latest_day, to_supervise
from bankhub.rules.london_time import last_london_day
from bankhub.rules.shift_times import london_day
from passport.model.credentials import Credential, CredentialState
from passport.model.facts import Fact, FactKind, FactValue
from passport.model.organisations import Organisation
from passport.model.people import Person

_HERE = (
    FactKind.TRAINING, FactKind.RIGHT_TO_WORK, FactKind.PERFORMERS_LIST, FactKind.INDEMNITY,
)  # fmt: skip
"""What an organisation's own record of the same human can add."""
_READ = (CredentialState.HELD, CredentialState.SUSPENDED, CredentialState.REVOKED)
"""Of what was ended only that it was."""
_ASKED = (PolicyKind.CLEARANCE, PolicyKind.REQUIREMENTS)
Facts = dict[UUID, list[FactValue]]


class Judge:
    """Decides clearances at a moment; agreements and policies are read once for each host."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now, self._today = session, now, london_day(now)
        self._bound: dict[UUID, list[InForce]] = {}
        self._books: dict[UUID, PolicyBook] = {}
        self._places: dict[UUID, Place] = {}

    def place(self, organisation_id: UUID) -> Place:
        """An organisation as items name it."""
        if organisation_id not in self._places:
            found = self._session.get_one(Organisation, organisation_id)
            self._places[organisation_id] = Place(found.id, found.ods_code, found.name)
        return self._places[organisation_id]

    def permitting(self, asked: AskedClearance) -> list[InForce]:
        """The versions under which this may be decided, those in force before those that are
        being wound down."""
        versions = self._versions(asked.host.id)
        found = [one for one in versions if permits(one, asked, self._today)]
        return sorted(found, key=lambda one: not self.in_force(one, asked))

    def wound_down(self, asked: AskedClearance) -> bool:
        """Whether every agreement between the two is over, its wind-down included. A suspended
        party may come back."""
        return not any(
            one.until_on + timedelta(days=one.terms.wind_down_days) >= self._today
            for one in self._versions(asked.host.id)
            if one.party(asked.home.id) and one.party(asked.host.id)
        )

    def shares(self, asked: AskedClearance, kind: str) -> bool:
        """Whether an agreement between the two, suspended or not, lets the host see that type of
        credential."""
        return any(
            CREDENTIAL_CATEGORY.get(kind) in one.terms.data_categories
            for one in self._versions(asked.host.id)
            if one.party(asked.home.id) and one.party(asked.host.id)
        )

    def _versions(self, host_id: UUID) -> list[InForce]:
        if host_id not in self._bound:
            self._bound[host_id] = bound_versions(self._session, organisation_id=host_id)
        return self._bound[host_id]

    def hosts_of(self, home_id: UUID) -> list[UUID]:
        """Where an agreement in force lets people of an organisation work."""
        bound = bound_versions(self._session, organisation_id=home_id)
        hosts = (
            pair.host.organisation_id
            for one in bound
            if one.on(self._today)
            for pair in one.pairs()
            if pair.home.organisation_id == home_id and self._today <= pair.until_on
        )
        return list(dict.fromkeys(hosts))

    def work_at(
        self, home_id: UUID, host_id: UUID, role: str, grade: Grade, *which: Instrument
    ) -> AskedClearance | None:
        """That work on the first of the instruments under which an agreement in force lets it be
        done; None where none does."""
        known = reference.roles().get(role)
        if known is None:
            return None
        for one in which or tuple(Instrument):
            asked = AskedClearance(
                self.place(home_id), self.place(host_id), known.staff_group, role, grade, one
            )
            if any(self.in_force(each, asked) for each in self.permitting(asked)):
                return asked
        return None

    def judge(
        self, asked: AskedClearance, person: Person, clearance: Clearance | None = None
    ) -> tuple[Decision, InForce | None]:
        """The best that an agreement gives, and which one; `clearance` is the one on record."""
        agreements = self.permitting(asked)
        if not agreements:
            return self._decide(asked, Evidence(), None), None
        asked = replace(asked, sponsored=is_sponsored(self._session, person, asked))
        facts = self._facts(person.holder_id, asked, agreements)
        common = self._evidence(asked, person, clearance, agreements)
        tried = [
            (self._decide(asked, self._under(common, asked, one, facts), one), one)
            for one in agreements
        ]
        return max(tried, key=lambda found: self._worth(found[0]))

    def number(self, asked: AskedClearance, person: Person) -> tuple[str, str] | None:
        """Register and number to look up, from the passport as it is now."""
        for agreement in self.permitting(asked):
            evidence = Evidence(held=self._held(person.id, [agreement]))
            found = number_to_look_up(self._case(asked, evidence, agreement))
            if found is not None:
                return found
        return None

    def to_supervise(
        self, asked: AskedClearance, person: Person, clearance: Clearance
    ) -> tuple[HostCheck, date] | None:
        """The host's look at the register that two people may decide about, and until when at
        most by the passport and the policy; None where there is nothing to decide."""
        for agreement in self.permitting(asked):
            evidence = self._evidence(asked, person, clearance, [agreement])
            case = self._case(asked, evidence, agreement)
            found = to_supervise(case)
            if found is not None and case.policy.supervised_days_max:
                most = self._today + timedelta(days=case.policy.supervised_days_max)
                return found, min(most, latest_day(case, self._today))
        return None

    def in_force(self, one: InForce, asked: AskedClearance) -> bool:
        """Whether a version is in force today for the two, and not being wound down."""
        pair = one.pair(asked.home.id, asked.host.id)
        return pair is not None and self._today <= pair.until_on

    def _worth(self, decision: Decision) -> tuple[bool, object, int]:
        """Cleared before not, for long before short, little missing before much."""
        until = decision.bookable_until or self._today
        cleared = decision.state is ClearanceState.CLEARED
        return cleared, until, -len(decision.missing())

    def _case(self, asked: AskedClearance, evidence: Evidence, agreement: InForce) -> Case:
        book = self._book(asked.host.id)
        return Case(
            asked,
            evidence,
            book.clearance(asked.staff_group, self._today),
            book.eligibility(asked.staff_group, self._today),
            agreement,
            self._today,
        )

    def _decide(
        self, asked: AskedClearance, evidence: Evidence, agreement: InForce | None
    ) -> Decision:
        book = self._book(asked.host.id)
        return decide(
            asked,
            evidence,
            policy=book.clearance(asked.staff_group, self._today),
            requirements=book.eligibility(asked.staff_group, self._today),
            agreement=agreement,
            today=self._today,
            later=self._later(asked),
        )

    def _later(self, asked: AskedClearance) -> list[Later]:
        """What the host has adopted for days that are still to come."""
        book, group = self._book(asked.host.id), asked.staff_group
        days = {
            one.from_on
            for kind in _ASKED
            for one in book.versions(kind)
            if one.from_on > self._today and one.staff_group in (None, group)
        }
        return [
            Later(day, book.clearance(group, day), book.eligibility(group, day))
            for day in sorted(days)
        ]

    def _book(self, host_id: UUID) -> PolicyBook:
        if host_id not in self._books:
            self._books[host_id] = policy_book(self._session, host_id)
        return self._books[host_id]

    def _evidence(
        self,
        asked: AskedClearance,
        person: Person,
        clearance: Clearance | None,
        agreements: Sequence[InForce],
    ) -> Evidence:
        return Evidence(
            held=self._held(person.id, agreements),
            host_checks=self._checks(asked.host.id, person.holder_id),
            inductions=self._inductions(asked.host.id, person.holder_id),
            bypasses=self._bypasses(clearance),
            supervisions=self._supervisions(clearance),
            shown_on=london_day(clearance.shown_at) if clearance else None,
            held_back=self._held_back(asked.home.id, person.id),
        )

    def _under(
        self, common: Evidence, asked: AskedClearance, agreement: InForce, facts: Facts
    ) -> Evidence:
        """The same with what host and employer have on record themselves."""
        employer_id = _employer(asked, agreement)
        return replace(
            common,
            host_facts=facts.get(asked.host.id, ()),
            employer_facts=facts.get(employer_id, ()) if employer_id else (),
        )

    def _held(
        self, person_id: UUID, agreements: Iterable[InForce]
    ) -> tuple[HeldCredential, ...]:
        shared = {one for each in agreements for one in each.terms.data_categories}
        types = sorted(kind for kind, of in CREDENTIAL_CATEGORY.items() if of in shared)
        rows = self._session.scalars(
            sa.select(Credential).where(
                Credential.person_id == person_id,
                Credential.type.in_(types),
                Credential.state.in_(_READ),
                Credential.accepted_at.is_not(None),
            )
        )
        return tuple(
            HeldCredential(
                row.type,
                {} if row.state is CredentialState.REVOKED else row.claims,
                last_london_day(row.valid_until) if row.valid_until else None,
                suspended=row.state is CredentialState.SUSPENDED,
                ended=row.state is CredentialState.REVOKED,
            )
            for row in rows
        )

    def _facts(
        self, holder_id: UUID, asked: AskedClearance, agreements: Iterable[InForce]
    ) -> Facts:
        of = {asked.host.id, *(_employer(asked, one) for one in agreements)} - {None}
        rows = self._session.execute(
            sa.select(Person.organisation_id, Fact)
            .join(Fact, Fact.person_id == Person.id)
            .where(
                Person.holder_id == holder_id,
                Person.organisation_id.in_(of),
                Person.left_at.is_(None),
                Fact.kind.in_(_HERE),
                Fact.superseded_by_id.is_(None),
            )
        )
        found: Facts = {}
        for organisation_id, fact in rows:
            value = FactValue(
                fact.kind, fact.value, fact.awarded_on, fact.valid_from, fact.valid_until,
                fact.source, fact.checked_at, fact.checked_by_id,
            )  # fmt: skip
            found.setdefault(organisation_id, []).append(value)
        return found

    def _checks(self, host_id: UUID, holder_id: UUID) -> tuple[HostCheck, ...]:
        rows = self._session.scalars(
            sa.select(HostRegisterCheck).where(looked_up(host_id, holder_id))
        )
        return tuple(
            HostCheck(one.body, one.number, one.at, one.status, one.valid_until) for one in rows
        )

    def _inductions(self, host_id: UUID, holder_id: UUID) -> tuple[SignedInduction, ...]:
        rows = self._session.execute(
            sa.select(InductionSignature, Unit.name, Site.name)
            .outerjoin(Unit, Unit.id == InductionSignature.unit_id)
            .outerjoin(Site, Site.id == InductionSignature.site_id)
            .where(
                InductionSignature.host_id == host_id,
                InductionSignature.holder_id == holder_id,
                InductionSignature.valid_until.is_not(None),
            )
        )
        return tuple(
            SignedInduction(one.item, one.valid_until, one.site_id, one.unit_id, unit or site or "")
            for one, unit, site in rows
        )

    def _bypasses(self, clearance: Clearance | None) -> tuple[Bypass, ...]:
        if clearance is None:
            return ()
        rows = self._session.scalars(
            sa.select(ClearanceBypass).where(
                ClearanceBypass.clearance_id == clearance.id,
                ClearanceBypass.granted_at.is_not(None),
                ClearanceBypass.ended_at.is_(None),
            )
        )
        return tuple(Bypass(one.item, one.until_on) for one in rows)

    def _supervisions(self, clearance: Clearance | None) -> tuple[Supervision, ...]:
        if clearance is None:
            return ()
        rows = self._session.scalars(
            sa.select(ClearanceSupervision).where(
                ClearanceSupervision.clearance_id == clearance.id,
                ClearanceSupervision.granted_at.is_not(None),
                ClearanceSupervision.ended_at.is_(None),
            )
        )
        return tuple(
            Supervision(one.body, one.number, one.status, london_day(one.asked_at), one.until_on)
            for one in rows
        )

    def _held_back(self, home_id: UUID, person_id: UUID) -> bool:
        """Whether the home organisation lets them be booked nowhere at its own."""
        now = self._now
        found = (
            sa.select(BookingRestriction.id)
            .join(BankPost, BankPost.id == BookingRestriction.bank_post_id)
            .where(
                BankPost.person_id == person_id,
                BookingRestriction.scope_id == home_id,
                BookingRestriction.from_at <= now,
                sa.or_(
                    BookingRestriction.until_at.is_(None), BookingRestriction.until_at > now
                ),
            )
        )
        return self._session.scalar(found.limit(1)) is not None


def _employer(asked: AskedClearance, agreement: InForce) -> UUID | None:
    """Who employs them for the work, where that is not the home organisation. A lead employer that
    is no party employs nobody."""
    terms = agreement.terms
    if asked.sponsored:
        return asked.host.id
    if terms.employed_by is EmployedBy.HOME:
        return None
    if terms.employed_by is EmployedBy.SECOND_POST:
        return asked.host.id
    lead = agreement.standing_for(terms.lead_employer_ods)
    return lead.organisation_id if lead else None
