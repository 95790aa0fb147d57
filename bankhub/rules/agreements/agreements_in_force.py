"""What does an agreement in force permit?

Rule in plain English. A version is in force from its first day, but not before every party has
signed it, to its last day, to the day before the next signed version begins, or to the day on
which notice or a termination ends it, whichever comes first. Under it people of a party that may
be home work at another party that may be host, neither of them suspended, nor past the day it
leaves, at the host's covered sites, in the staff groups and grades of the scope, on shifts that do
not ask for an excluded role or skill; where no data on competence may be asked for, a skill cannot
be shown, and no shift that asks for one is open. Bookings that were confirmed while it was in force
are honoured for the wind-down days after it ended, unless it ended for safety or one of the two is
suspended; a shift that has begun is finished in any case.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from bankhub.model.agreement_terms import AgreementTerms, DataCategory, Instrument, PartyRole
from bankhub.model.vocabulary import Grade, StaffGroup

EVERY_SKILL = "*"


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation under the agreement, as it stands now."""

    organisation_id: UUID
    ods: str
    name: str
    role: PartyRole
    site_ids: tuple[UUID, ...] = ()
    """A host's covered sites; none = all of them."""
    suspended: bool = False
    leaves_on: date | None = None
    took_over: tuple[str, ...] = ()
    """ODS codes of those in whose place it stands, however far back."""

    @property
    def codes(self) -> tuple[str, ...]:
        """By which codes the terms may name it."""
        return (self.ods, *self.took_over)

    @property
    def may_be_home(self) -> bool:
        """Whether its people may work elsewhere."""
        return self.role in (PartyRole.HOME, PartyRole.BOTH) and not self.suspended

    @property
    def may_be_host(self) -> bool:
        """Whether people of others may work here."""
        return self.role in (PartyRole.HOST, PartyRole.BOTH) and not self.suspended


@dataclass(frozen=True, slots=True)
class CoveredPair:
    """Home and host under one version, for as long as both are parties."""

    home: Party
    host: Party
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True, eq=False)
class InForce:
    """A version that all parties signed, with the days on which it is in force."""

    agreement_id: UUID
    version_id: UUID
    reference: str
    number: int
    title: str
    terms: AgreementTerms
    from_on: date
    until_on: date
    parties: tuple[Party, ...]
    for_safety: bool = False

    @property
    def named(self) -> str:
        """As people and verdicts name it, e.g. `WSA-7 v3`."""
        return f"{self.reference} v{self.number}"

    @property
    def opens_shifts(self) -> bool:
        """Whether people may book shifts under it; else they come on other instruments only."""
        return Instrument.BANK_ASSIGNMENT in self.terms.instruments

    def on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.from_on <= day <= self.until_on

    def party(self, organisation_id: UUID) -> Party | None:
        """The party of that organisation."""
        return next((one for one in self.parties if one.organisation_id == organisation_id), None)

    def codes_of(self, organisation_id: UUID) -> tuple[str, ...]:
        """By which codes the terms may name an organisation."""
        found = self.party(organisation_id)
        return found.codes if found else ()

    def standing_for(self, ods: str) -> Party | None:
        """The party that the terms name so: itself, or who took over from it last."""
        named = [one for one in self.parties if ods in one.codes]
        return max(named, key=lambda one: one.codes.index(ods), default=None)

    def pairs(self) -> Iterator[CoveredPair]:
        """Every home with every host that is another organisation."""
        for home in self.parties:
            for host in self.parties:
                if home is host or not (home.may_be_home and host.may_be_host):
                    continue
                ends = [self.until_on, home.leaves_on, host.leaves_on]
                until_on = min(end for end in ends if end is not None)
                if self.from_on <= until_on:
                    yield CoveredPair(home, host, self.from_on, until_on)

    def pair(self, home_id: UUID, host_id: UUID) -> CoveredPair | None:
        """Those two, in those roles."""
        return next(
            (
                one
                for one in self.pairs()
                if (one.home.organisation_id, one.host.organisation_id) == (home_id, host_id)
            ),
            None,
        )

    def covers_work(self, staff_group: StaffGroup, grade: Grade) -> bool:
        """Whether somebody of that staff group and grade may work elsewhere."""
        return any(
            one.staff_group is staff_group and grade in one.grades for one in self.terms.scope
        )

    def covers(
        self,
        *,
        home_id: UUID,
        host_id: UUID,
        staff_group: StaffGroup,
        grade: Grade,
        day: date,
        site_id: UUID | None = None,
        role: str = "",
        skills: Collection[str] = (),
    ) -> bool:
        """Whether a shift of the host on that day is open to the home organisation's people."""
        pair = self.pair(home_id, host_id)
        return (
            pair is not None
            and pair.from_on <= day <= pair.until_on
            and self.covers_work(staff_group, grade)
            and (not pair.host.site_ids or site_id is None or site_id in pair.host.site_ids)
            and role not in self.terms.excluded_roles
            and not self._left_out(skills)
        )

    @property
    def excluded_skills(self) -> tuple[str, ...]:
        """Skills that no shift open to partners asks for."""
        if DataCategory.COMPETENCE not in self.terms.data_categories:
            return (EVERY_SKILL,)
        return self.terms.excluded_skills

    def _left_out(self, skills: Collection[str]) -> bool:
        excluded = self.excluded_skills
        return bool(skills) and (EVERY_SKILL in excluded or not set(skills).isdisjoint(excluded))

    def honoured_until(self, home_id: UUID, host_id: UUID) -> date | None:
        """The last day by whose end a shift that was booked in time has to be over for it to be
        begun; None where nothing is honoured. What has begun is finished in any case."""
        pair = self.pair(home_id, host_id)
        if pair is None:
            return None
        wind_down = 0 if self.for_safety else self.terms.wind_down_days
        return pair.until_on + timedelta(days=wind_down)
