"""What is printed is what is enforced: somebody who has the printed text alone says what is open,
what may be asked for, what is honoured and what is owed, and the software does the same."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.actions.partners.agreements_in_force import coverage_rows
from bankhub.model.agreement_reference import ClauseKind
from bankhub.model.agreement_terms import (
    AgreementTerms,
    DataCategory,
    Instrument,
    PartyRole,
    PartyTerm,
    ScopeTerm,
)
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreement_document import clause_of, document, sections_of
from bankhub.rules.agreements.agreement_words import STAFF_GROUPS, grade_words
from bankhub.rules.agreements.agreements_in_force import InForce, Party
from bankhub.rules.agreements.partner_work import Covered
from bankhub.rules.london_time import london
from tests.rules import work_examples
from tests.rules.agreement_examples import HEADING, KNOWN, NAMES, NORTH, SOUTH, terms

EAST = "RE3"
ORGANISATIONS = {code: UUID(int=place + 1) for place, code in enumerate((NORTH, SOUTH, EAST))}
SITES = {"RN101": UUID(int=11), "RS201": UUID(int=12), "RS202": UUID(int=13)}
GROUPS = {
    StaffGroup.NURSING_MIDWIFERY: (Grade.BAND_5, Grade.BAND_6),
    StaffGroup.HCA: (Grade.BAND_2, Grade.BAND_3),
    StaffGroup.MEDICAL_DENTAL: (Grade.FY1, Grade.CONSULTANT),
}
ROLES, SKILLS = ("rn_adult", "rn_child", "hca"), tuple(sorted(NAMES.skills)[:3])


class Printed:
    """The agreement as somebody understands it who has nothing but the paper."""

    def __init__(self, text: str) -> None:
        _, sections = sections_of(text)
        self.said = {one.title: [line for _, line in one.paragraphs] for one in sections}
        self.numbers = {line: number for one in sections for number, line in one.paragraphs}

    def open(self, home: str, host: str, shift: ShiftFacts, now: datetime) -> bool:
        """Whether the paper lets the home's people see the host's shift at that moment."""
        first, last = self.term()
        return (
            home != host
            and "its people work at others" in self.party(home)
            and "people of others work here" in self.party(host)
            and first <= london(shift.starts_at).date() <= last
            and self.at_site(host, shift.site_id)
            and shift.grade in self.grades(shift.staff_group)
            and self.opens_shifts()
            and shift.role not in self.never("by role: ", NAMES.roles)
            and not set(shift.skills) & self.never("asks for: ", NAMES.skills)
            and not (shift.skills and any("any skill" in one for one in self.said["Which shifts"]))
            and shift.starts_at - now <= self.lead()
        )

    def party(self, ods: str) -> str:
        return next(one for one in self.said["Parties"] if f"({ods}) is " in one)

    def at_site(self, host: str, site_id: UUID | None) -> bool:
        said = self.party(host)
        if "at all its sites" in said:
            return True
        named = said.partition(" is ")[2]
        return any(code in named for code, one in SITES.items() if one == site_id)

    def term(self) -> tuple[date, date]:
        days = re.findall(r"\d+ \w+ \d{4}", self.said["Term"][0])
        first, last = (datetime.strptime(one, "%d %B %Y").date() for one in days)  # noqa: DTZ007
        return first, last

    def grades(self, group: StaffGroup) -> set[Grade]:
        head = f"{STAFF_GROUPS[group]}: "
        lines = self.said["Who may work elsewhere"]
        said = next((one.removeprefix(head) for one in lines if one.startswith(head)), "")
        words = re.split(r", | and ", said.rstrip("."))
        return {one for one in Grade if grade_words(one) in words}

    def opens_shifts(self) -> bool:
        lines = self.said["Who may work elsewhere"]
        return any("bank shifts" in one for one in lines if one.startswith("They come on"))

    def never(self, after: str, titles: Mapping[str, str]) -> set[str]:
        said = next(one for one in self.said["Which shifts"] if after in one).partition(after)[2]
        found = set()
        for code, title in sorted(titles.items(), key=lambda one: -len(one[1])):
            if re.search(rf"(^|, | and ){re.escape(title)}(,| and |\.$)", said):
                found.add(code)
        return found

    def lead(self) -> timedelta:
        hours = re.search(r"no earlier than ([\d,]+) hour", self.said["Which shifts"][0])
        return timedelta(hours=int(hours[1].replace(",", ""))) if hours else timedelta.max

    def clauses(self) -> dict[DataCategory, str]:
        titles = {one.title: code for code, one in NAMES.clauses[ClauseKind.DATA_CATEGORY].items()}
        return {
            DataCategory(titles[line.partition(" may be asked for: ")[0]]): self.numbers[line]
            for line in self.said["Information"]
            if " may be asked for: " in line
        }

    def honoured(self) -> int:
        said = next(one for one in self.said["Suspending and ending"] if "are honoured for" in one)
        (days,) = re.findall(r"honoured for (\d+) day", said)
        return int(days)


def some(values: Sequence[Any], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    if not values:
        return st.just(())
    return st.lists(st.sampled_from(values), min_size=least, unique=True).map(tuple)


def rarely(draw: st.DrawFn) -> bool:
    """So that most cases fit the terms, and each thing alone is what does not."""
    return draw(st.integers(0, 9)) == 0


@st.composite
def parties(draw: st.DrawFn) -> tuple[PartyTerm, ...]:
    found = []
    for ods in (NORTH, SOUTH, *draw(some([EAST]))):
        role = draw(st.sampled_from(list(PartyRole))) if rarely(draw) else PartyRole.BOTH
        sites = () if role is PartyRole.HOME else draw(some(list(KNOWN.sites.get(ods, ()))))
        found.append(PartyTerm(ods, role, sites))
    return tuple(found)


@st.composite
def agreed(draw: st.DrawFn) -> AgreementTerms:
    """Terms of which each that is enforced differs."""
    groups = draw(some(list(GROUPS), 1))
    starts = date(2026, 10, 1) + timedelta(days=draw(st.integers(0, 60)))
    left_out = draw(some(list(DataCategory)))
    others = [one for one in Instrument if one is not Instrument.BANK_ASSIGNMENT]
    by_shift = () if draw(st.integers(0, 4)) == 0 else (Instrument.BANK_ASSIGNMENT,)
    return terms(
        parties=draw(parties()),
        scope=tuple(ScopeTerm(one, draw(some(GROUPS[one], 1))) for one in groups),
        starts_on=starts,
        ends_on=starts + timedelta(days=draw(st.integers(0, 60))),
        data_categories=tuple(one for one in DataCategory if one not in left_out),
        instruments=(*by_shift, *draw(some(others, 0 if by_shift else 1))),
        excluded_roles=draw(some(ROLES)),
        excluded_skills=draw(some(SKILLS)),
        release_lead_hours=draw(st.none() | st.integers(1, 2_000)),
        wind_down_days=draw(st.integers(0, 180)),
    )


Asked = tuple[str, str, ShiftFacts, datetime]


@st.composite
def agreed_and_asked(draw: st.DrawFn) -> tuple[AgreementTerms, list[Asked]]:
    said = draw(agreed())
    return said, [draw(shifts(said)) for _ in range(10)]


@st.composite
def shifts(draw: st.DrawFn, said: AgreementTerms) -> Asked:
    """Whose people ask for whose shift, which, and when: mostly as the terms would have it."""
    home, host = draw(st.sampled_from([(NORTH, SOUTH), (SOUTH, NORTH), (NORTH, EAST)]))
    scope = draw(st.sampled_from(said.scope))
    group, grades = scope.staff_group, scope.grades
    if rarely(draw):
        group = draw(st.sampled_from(list(GROUPS)))
        grades = GROUPS[group]
    covered = next((one.sites for one in said.parties if one.ods == host), ())
    its = KNOWN.sites.get(host, ())
    codes = its if draw(st.booleans()) else covered or its
    roles = [one for one in ROLES if one not in said.excluded_roles or rarely(draw)]
    skills = [one for one in SKILLS if one not in said.excluded_skills or rarely(draw)]
    lasts = (said.ends_on - said.starts_on).days
    outside = st.sampled_from([-1, lasts + 1])
    days = outside if rarely(draw) else st.integers(0, lasts)
    day = said.starts_on + timedelta(days=draw(days))
    starts_at = datetime.combine(day, time(draw(st.integers(0, 23))), UTC)
    asked = work_examples.shift(
        organisation_id=ORGANISATIONS[host], staff_group=group,
        site_id=SITES[draw(st.sampled_from(list(codes)))] if codes else UUID(int=19),
        grade=draw(st.sampled_from(grades)), role=draw(st.sampled_from(roles or ROLES)),
        skills=frozenset(draw(some(skills))), starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=12),
    )  # fmt: skip
    lead = said.release_lead_hours or 2_000
    ahead = draw(st.integers(1, 2_100) if rarely(draw) else st.integers(1, lead))
    return home, host, asked, starts_at - timedelta(hours=ahead)


def in_force(said: AgreementTerms) -> InForce:
    found = tuple(
        Party(ORGANISATIONS[one.ods], one.ods, one.ods, one.role,
              tuple(SITES[code] for code in one.sites))
        for one in said.parties
    )  # fmt: skip
    return InForce(
        UUID(int=1), UUID(int=2), "WSA-7", 1, "Bank", said, said.starts_on, said.ends_on, found
    )


def covered(one: InForce, home: str, shift: ShiftFacts, now: datetime) -> bool:
    """By the rows that are derived from it, as lists and bookings read them."""
    if not one.opens_shifts:
        return False
    rows = [
        Covered(
            **{name: row[name] for name in ("host_id", "partner_id", "staff_group", "grade",
                                            "site_id", "from_on", "until_on", "lead_hours")},
            excluded_roles=frozenset(row["excluded_roles"]),
            excluded_skills=frozenset(row["excluded_skills"]),
        )
        for row in coverage_rows(one)
    ]  # fmt: skip
    return any(r.partner_id == ORGANISATIONS[home] and r.covers(shift, now) for r in rows)


@settings(max_examples=80, deadline=None)
@given(case=agreed_and_asked())
def test_the_paper_and_the_software_open_the_same_shifts(
    case: tuple[AgreementTerms, list[Asked]]
) -> None:
    said, asked = case
    printed, one = Printed(document(said, HEADING, NAMES)), in_force(said)
    named = {party.ods for party in said.parties}
    for home, host, shift, now in asked:
        is_open = {home, host} <= named and printed.open(home, host, shift, now)
        assert covered(one, home, shift, now) is is_open
        enforced = one.opens_shifts and one.covers(
            home_id=ORGANISATIONS[home], host_id=ORGANISATIONS[host], day=london(shift.starts_at)
            .date(), staff_group=shift.staff_group, grade=shift.grade, site_id=shift.site_id,
            role=shift.role, skills=shift.skills,
        )  # fmt: skip
        assert (enforced and shift.starts_at - now <= printed.lead()) is is_open


@pytest.mark.parametrize(("days", "night"), [(0, False), (1, True), (28, True)])
def test_the_last_night_is_promised_where_it_is_honoured(days: int, night: bool) -> None:
    """One that begins on the last day ends on the day after it."""
    said = terms(wind_down_days=days)
    (pair, *_), one = list(in_force(said).pairs()), in_force(said)
    until = one.honoured_until(pair.home.organisation_id, pair.host.organisation_id)
    assert (until is not None and until > one.until_on) is night
    text = document(said, HEADING, NAMES)
    assert ("runs beyond midnight of the last day is neither booked nor begun" in text) is not night


@settings(max_examples=80, deadline=None)
@given(said=agreed())
def test_the_paper_and_the_software_ask_for_and_honour_the_same(said: AgreementTerms) -> None:
    printed, one = Printed(document(said, HEADING, NAMES)), in_force(said)
    enforced = {kind: clause for kind in DataCategory if (clause := clause_of(said, kind))}
    assert printed.clauses() == enforced
    assert set(enforced) == set(said.data_categories)
    for pair in one.pairs():
        until = one.honoured_until(pair.home.organisation_id, pair.host.organisation_id)
        assert until == printed.term()[1] + timedelta(days=printed.honoured())
