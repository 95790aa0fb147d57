"""Random agreements, histories and clearances: nothing is seen, booked or offered beyond them.

Each case is played against the real actions; what should come of it is said here a second time, in
the words of the terms. Beside it stand mutants: one control switched off each, and the same cases
must be seen to go wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bankhub.actions.booking import bookings
from bankhub.actions.finding.candidates import candidates
from bankhub.actions.finding.search import find_shifts, one_shift
from bankhub.model.agreement_terms import DataCategory
from bankhub.model.agreements import Agreement
from bankhub.model.clearances import ClearanceState
from bankhub.model.search_values import Show
from bankhub.model.vocabulary import Grade, Tier
from bankhub.rules.agreements import agreements_in_force, partner_work
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.agreements.partner_work import Covered
from bankhub.rules.eligibility import eligibility
from bankhub.rules.shift_times import london_day
from passport.db import Database
from passport.errors import NotFound, Refused
from passport.model.facts import FactKind
from tests.support import build, sharing
from tests.support.build import NOW

TODAY = london_day(NOW)
HELD, NOT_HELD = "chemotherapy", "renal"
GRADES = (Grade.BAND_5, Grade.BAND_6)


@dataclass(frozen=True)
class Case:
    """Terms, what became of them, the host's decision, and one shift of the host."""

    roles: tuple[str, str] = ("home", "host")
    party: tuple[bool, bool] = (True, True)
    """Whether home and host are parties at all; a third trust stands in for who is not."""
    staff_group: str = "nursing_midwifery"
    grades: tuple[Grade, ...] = GRADES
    at_site: str | None = None
    """`covered`: the shift's site; `other`: another; None: all sites."""
    starts: int = -30
    lasts: int = 300
    lead: int | None = None
    left_out: tuple[str, ...] = ()
    """Roles and skills."""
    competence: bool = True
    bank_shifts: bool = True
    signed: int = -30
    ended: int | None = None
    suspended: tuple[bool, bool] = (False, False)
    leaves: tuple[int | None, int | None] = (None, None)
    state: ClearanceState | None = ClearanceState.CLEARED
    cleared_grade: Grade = Grade.BAND_5
    cleared_role: str = "rn_adult"
    cleared_days: int = 200
    cleared_for_bank: bool = True
    grade: Grade = Grade.BAND_5
    role: str = "rn_adult"
    skills: tuple[str, ...] = ()
    day: int = 10
    open: bool = True


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


def is_covered(case: Case) -> bool:
    """By the words of the terms."""
    begins = max(case.starts, case.signed)
    ends = [case.starts + case.lasts, case.ended, *case.leaves]
    skills = set(case.skills)
    return (
        all(case.party)
        and case.roles[0] != "host"
        and case.roles[1] != "home"
        and not any(case.suspended)
        and begins <= case.day <= min(end for end in ends if end is not None)
        and case.staff_group == "nursing_midwifery"
        and case.grade in case.grades
        and case.at_site != "other"
        and case.role not in case.left_out
        and not skills & set(case.left_out)
        and (case.competence or not skills)
        and case.bank_shifts
        and (case.lead is None or starts_at(case) - NOW <= timedelta(hours=case.lead))
    )


def is_seen(case: Case) -> bool:
    return case.open and case.role == "rn_adult" and is_covered(case)


def is_bookable(case: Case) -> bool:
    return (
        is_seen(case)
        and case.state is ClearanceState.CLEARED
        and case.cleared_for_bank
        and (case.cleared_role, case.cleared_grade) == (case.role, case.grade)
        and case.day + 1 <= case.cleared_days
        and set(case.skills) <= {HELD}
    )


def starts_at(case: Case) -> datetime:
    """A night shift: it ends on the day after."""
    return NOW + timedelta(days=case.day, hours=9, minutes=30)


class Trusts:
    """A nurse at home who may be booked at two grades, a host and a third trust."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.home, self.host, self.third = (build.an_organisation(session) for _ in range(3))
            self.site = build.a_site(session, self.host)
            self.ward = build.a_unit(session, self.site)
            self.nurse, _ = build.a_nurse(
                session, self.home, entitlements=[("rn_adult", Grade.BAND_6)]
            )
            build.a_fact(session, self.nurse, FactKind.SKILL, {"code": HELD})

    def play(self, session: Session, case: Case) -> Any:
        """The agreement and what became of it, the decision, and the shift."""
        wsa = self._agreement(session, case)
        if case.state is not None:
            sharing.a_clearance(
                session, wsa, self.nurse, self.host, state=case.state, role=case.cleared_role,
                grade=case.cleared_grade, until_on=day(case.cleared_days),
                instrument="bank_assignment" if case.cleared_for_bank else "licence_to_attend",
            )  # fmt: skip
        opens: dict[Tier, datetime | None] = {Tier.OWN_BANK: NOW - timedelta(days=1)}
        opens[Tier.PARTNER] = NOW - timedelta(hours=1) if case.open else None
        return build.a_shift(
            session, self.ward, starts_at=starts_at(case), role=case.role, grade=case.grade,
            skills=case.skills, openings=opens,
        )  # fmt: skip

    def _agreement(self, session: Session, case: Case) -> InForce:
        named = {None: (), "covered": (self.site.code,), "other": ("GONE",)}[case.at_site]
        home, host = (
            one if is_party else self.third
            for one, is_party in zip((self.home, self.host), case.party, strict=True)
        )
        parties = [
            sharing.party(home, case.roles[0]),
            *([] if home is host else [sharing.party(host, case.roles[1], *named)]),
        ]
        categories = {*DataCategory} - (set() if case.competence else {DataCategory.COMPETENCE})
        wsa = sharing.an_agreement(
            session,
            *parties,
            scope=[{"staff_group": case.staff_group, "grades": list(case.grades)}],
            starts_on=str(day(case.starts)),
            ends_on=str(day(case.starts + case.lasts)),
            release_lead_hours=case.lead,
            excluded_roles=[one for one in case.left_out if one == "rn_adult"],
            excluded_skills=[one for one in case.left_out if one != "rn_adult"],
            data_categories=sorted(categories),
            instruments=["bank_assignment" if case.bank_shifts else "licence_to_attend"],
            signed_at=NOW + timedelta(days=case.signed),
        )
        if case.ended is not None:
            session.get_one(Agreement, wsa.agreement_id).ends_on = day(case.ended)
        for one, is_suspended, leaves in zip(
            dict.fromkeys((home, host)), case.suspended, case.leaves, strict=False
        ):
            party = sharing.standing(session, wsa, one)
            party.suspended_at = NOW if is_suspended else None
            party.leaves_on = day(leaves) if leaves is not None else None
        return sharing.changed(session, wsa)

    def check(self, case: Case) -> None:
        """What is shown, listed, offered and booked, against the words of the terms."""
        seen, bookable = is_seen(case), is_bookable(case)
        by, office = build.as_worker(self.nurse), build.an_actor(self.host)
        with self.database.transaction() as session:
            shift = self.play(session, case)
            for show in Show:
                page = find_shifts(session, by=by, now=NOW, show=show)
                listed = {one.shift.id: one.bookable for one in page.shifts}
                wanted = seen if show is Show.ALL else bookable
                if show is Show.IN_REACH and seen and set(case.skills) <= {HELD}:
                    wanted = True
                assert listed == ({shift.id: bookable} if wanted else {}), show
            try:
                one = one_shift(session, shift_id=shift.id, by=by, now=NOW)
                assert (seen, one.bookable) == (True, bookable)
            except NotFound:
                assert not seen
            people = candidates(session, shift_id=shift.id, by=office, now=NOW).people
            offered = [one.person_id for one in people if one.tier is Tier.PARTNER]
            assert offered == ([self.nurse.id] if bookable else [])
            try:
                booked = bookings.book(session, shift_id=shift.id, by=by, now=NOW)
                assert (bookable, booked.tier) == (True, Tier.PARTNER)
            except NotFound:
                assert not seen
            except Refused:
                assert seen
                assert not bookable
            session.rollback()


@pytest.fixture
def trusts(database: Database) -> Trusts:
    return Trusts(database)


ROLES = ("home", "host", "both")
TRIED: dict[str, tuple[Any, ...]] = {
    "roles": tuple((one, other) for one in ROLES for other in ROLES),
    "party": ((False, True), (True, False)),
    "staff_group": ("hca",),
    "grades": ((Grade.BAND_5,), (Grade.BAND_6,)),
    "at_site": ("covered", "other"),
    "starts": (0, 9, 10, 11),
    "lasts": (0, 39, 40, 41),
    "lead": (24, 240, 249, 250, 1000),
    "left_out": (("rn_adult",), (HELD,), (NOT_HELD,)),
    "competence": (False,),
    "bank_shifts": (False,),
    "signed": (0, 10, 11),
    "ended": (-1, 9, 10, 11),
    "suspended": ((True, False), (False, True)),
    "leaves": ((9, None), (10, None), (None, 9), (None, 10)),
    "state": (*ClearanceState, None),
    "cleared_grade": (Grade.BAND_6,),
    "cleared_role": ("rn_child",),
    "cleared_days": (9, 10, 11),
    "cleared_for_bank": (False,),
    "grade": (Grade.BAND_6,),
    "role": ("rn_child",),
    "skills": ((HELD,), (NOT_HELD,)),
    "day": (1, 30),
    "open": (False,),
}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case in order with up to four things changed: often only one stands in the way."""
    names = draw(st.lists(st.sampled_from(sorted(TRIED)), max_size=4, unique=True))
    return Case(**{name: draw(st.sampled_from(TRIED[name])) for name in names})


FEW = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FEW
@given(case=cases())
def test_nothing_is_seen_offered_or_booked_beyond_the_terms(trusts: Trusts, case: Case) -> None:
    trusts.check(case)


ONE_THING: dict[str, dict[str, Any]] = {
    "nothing": {},
    "home may only be host": {"roles": ("host", "both")},
    "host may only be home": {"roles": ("both", "home")},
    "home is no party": {"party": (False, True)},
    "host is no party": {"party": (True, False)},
    "another staff group": {"staff_group": "hca"},
    "another grade": {"grades": (Grade.BAND_6,)},
    "another site": {"at_site": "other"},
    "not begun": {"starts": 11},
    "over": {"lasts": 39},
    "too early to see": {"lead": 249},
    "a role left out": {"left_out": ("rn_adult",)},
    "a skill left out": {"left_out": (HELD,), "skills": (HELD,)},
    "no data on competence": {"competence": False, "skills": (HELD,)},
    "no bank shifts": {"bank_shifts": False},
    "not signed yet": {"signed": 11},
    "ended": {"ended": 9},
    "home suspended": {"suspended": (True, False)},
    "host suspended": {"suspended": (False, True)},
    "home left": {"leaves": (9, None)},
    "host left": {"leaves": (None, 9)},
    "no clearance": {"state": None},
    "not cleared": {"state": ClearanceState.NOT_CLEARED},
    "clearance closed": {"state": ClearanceState.ENDED},
    "cleared at another grade": {"cleared_grade": Grade.BAND_6},
    "cleared in another role": {"cleared_role": "rn_child"},
    "cleared not to the morning after": {"cleared_days": 10},
    "cleared for other work": {"cleared_for_bank": False},
    "a skill not held": {"skills": (NOT_HELD,)},
    "the tier is closed": {"open": False},
}


@pytest.mark.parametrize("name", ONE_THING)
def test_each_thing_alone_stands_in_the_way(trusts: Trusts, name: str) -> None:
    case = Case(**ONE_THING[name])
    assert is_bookable(case) is (name == "nothing")
    trusts.check(case)


def blind_to(**usual: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """Coverage that is read as if these terms were the usual ones."""

    def switch_off(patch: pytest.MonkeyPatch) -> None:
        straight = Covered.covers
        patch.setattr(
            Covered, "covers", lambda self, *asked: straight(replace(self, **usual), *asked)
        )

    return switch_off


def always(target: Any, name: str, value: Any) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(target, name, value)


def everybody_may_be_both(patch: pytest.MonkeyPatch) -> None:
    for name in ("may_be_home", "may_be_host"):
        patch.setattr(agreements_in_force.Party, name, True)


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "parties, roles and suspension": everybody_may_be_both,
    "first day": blind_to(from_on=date.min),
    "last day": blind_to(until_on=None),
    "site": blind_to(site_id=None),
    "lead": blind_to(lead_hours=None),
    "left out": always(Covered, "covers_work", lambda *_: True),
    "bank shifts": always(InForce, "opens_shifts", True),
    "competence": always(InForce, "excluded_skills", ()),
    "clearance": always(eligibility, "clearance_reasons", lambda *_: ()),
    "clearance to the last day": always(
        partner_work, "_cleared_for", lambda one, _: one.state is ClearanceState.CLEARED
    ),
    "clearance in role and grade": always(
        partner_work, "_fits", lambda one, shift: one.host_id == shift.organisation_id
    ),
    "skills": always(eligibility, "skill_reasons", lambda *_: ()),
}


@pytest.mark.parametrize("control", MUTANTS)
def test_mutant_with_a_control_off_something_shows_beyond_the_terms(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, control: str
) -> None:
    trusts = Trusts(sqlite_database)
    MUTANTS[control](monkeypatch)
    with pytest.raises(AssertionError):
        for changed in ONE_THING.values():
            trusts.check(Case(**changed))
