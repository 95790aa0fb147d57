"""The SQL behind a search takes only what can be shown, in order, and reads little for it.

The rules ask again about every row: so these tests look at the rows themselves. Mutants seen to
fail here: without the open tier, without the organisation, without the agency's lock, without the
horizon of a full arm.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding import shift_probes
from bankhub.actions.finding.shift_probes import Arm, ArmKind, walk
from bankhub.model.shifts import Opening, Shift
from bankhub.model.sites import Unit
from bankhub.model.values import BusyTime
from bankhub.model.vocabulary import Grade, HoursKind, ShiftState, Tier
from passport.db import Database
from tests.support import build
from tests.support.build import NOW

K = ArmKind
UNTIL = NOW + timedelta(days=90)
LEFT = NOW - timedelta(hours=1)
SOON = NOW + timedelta(minutes=1)


@dataclass
class Ward:
    """One ward, and the arms that look at its organisation."""

    session: Session
    unit: Unit

    def shift(self, **fields: Any) -> Shift:
        return build.a_shift(self.session, fields.pop("unit", self.unit), **fields)

    def arm(self, kind: ArmKind, key: int | str, until: datetime = UNTIL) -> Arm:
        here = self.unit.organisation_id
        return Arm(kind, here, here, key, until)

    def walked(self, *arms: Arm) -> list[UUID]:
        return [
            row.facts.id
            for stretch in walk(self.session, arms, after=None, until=UNTIL, now=NOW)
            for row in stretch.rows
        ]


@pytest.fixture
def ward(database: Database) -> Iterator[Ward]:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        yield Ward(session, build.a_unit(session, build.a_site(session, trust)))


def held(until: datetime) -> dict[str, Any]:
    return {"state": ShiftState.FILLED, "agency_lock_at": until}


BAND_6_TO_5: dict[str, Any] = {"grade": Grade.BAND_6, "fallback_grade": Grade.BAND_5}

ROWS: dict[str, tuple[ArmKind, dict[str, Any], bool]] = {
    "class: open to the own bank": (K.CLASS, {}, True),
    "class: its tier opens in a minute": (K.CLASS, {"openings": {Tier.OWN_BANK: SOON}}, False),
    "class: its tier is closed": (K.CLASS, {"openings": {Tier.OWN_BANK: None}}, False),
    "class: open to partners only": (
        K.CLASS,
        {"openings": {Tier.OWN_BANK: None, Tier.PARTNER: LEFT}},
        False,
    ),
    "class: filled": (K.CLASS, {"state": ShiftState.FILLED}, False),
    "class: starts now": (K.CLASS, {"starts_at": NOW}, False),
    "class: starts when the search ends": (K.CLASS, {"starts_at": UNTIL}, False),
    "class: starts a minute before": (K.CLASS, {"starts_at": UNTIL - (SOON - NOW)}, True),
    "displaceable: held by an agency": (K.DISPLACEABLE, held(SOON), True),
    "displaceable: the lock has passed": (K.DISPLACEABLE, held(NOW), False),
    "displaceable: filled by the bank": (K.DISPLACEABLE, {"state": ShiftState.FILLED}, False),
    "displaceable: open": (K.DISPLACEABLE, {}, False),
    "displaceable: its tier is closed": (
        K.DISPLACEABLE,
        {**held(SOON), "openings": {Tier.OWN_BANK: None}},
        False,
    ),
    "fallback: open at the fallback grade": (K.FALLBACK, BAND_6_TO_5, True),
    "fallback: open to the own bank only": (
        K.FALLBACK,
        {**BAND_6_TO_5, "openings": {Tier.OWN_FALLBACK: SOON}},
        False,
    ),
    "fallback: the grade is its own": (K.FALLBACK, {}, False),
    "partner: open to partners": (K.PARTNER_CLASS, {"openings": {Tier.PARTNER: LEFT}}, True),
    "partner: open to the own bank only": (K.PARTNER_CLASS, {}, False),
    "role: open at any grade": (K.ROLE, {"grade": Grade.BAND_7}, True),
    "role: open at the fallback grade only": (
        K.ROLE,
        {**BAND_6_TO_5, "openings": {Tier.OWN_BANK: None}},
        True,
    ),
    "role: held by an agency": (K.ROLE, held(SOON), True),
    "role: held by an agency for good": (K.ROLE, held(NOW), False),
    "role: another role": (K.ROLE, {"role": "midwife"}, False),
    "role: withdrawn": (K.ROLE, {"state": ShiftState.WITHDRAWN}, False),
    "partner role: open to partners": (K.PARTNER_ROLE, {"openings": {Tier.PARTNER: LEFT}}, True),
    "partner role: open to the own bank only": (K.PARTNER_ROLE, {}, False),
}


def key_of(kind: ArmKind, shift: Shift) -> int | str:
    if kind in (K.ROLE, K.PARTNER_ROLE):
        return "rn_adult"
    return shift.fallback_class_id or -1 if kind is K.FALLBACK else shift.class_id


@pytest.mark.parametrize("case", ROWS)
def test_an_arm_takes_only_what_can_be_shown(ward: Ward, case: str) -> None:
    kind, fields, taken = ROWS[case]
    shift = ward.shift(**fields)
    assert ward.walked(ward.arm(kind, key_of(kind, shift))) == ([shift.id] if taken else [])


@pytest.mark.parametrize("kind", [K.CLASS, K.ROLE])
def test_an_arm_is_of_one_organisation(ward: Ward, kind: ArmKind) -> None:
    other = build.an_organisation(ward.session)
    ward.shift(unit=build.a_unit(ward.session, build.a_site(ward.session, other)))
    shift = ward.shift()
    assert ward.walked(ward.arm(kind, key_of(kind, shift))) == [shift.id]


def test_an_opening_that_was_replaced_counts_no_more(ward: Ward) -> None:
    shift = ward.shift()
    ward.session.execute(
        sa.update(Opening)
        .where(Opening.shift_id == shift.id, Opening.tier == Tier.OWN_BANK)
        .values(replaced_at=NOW)
    )
    assert ward.walked(ward.arm(K.CLASS, shift.class_id)) == []


def test_an_arm_ends_where_its_papers_end(ward: Ward) -> None:
    days = [ward.shift(starts_at=NOW + timedelta(days=day)) for day in (1, 20, 40)]
    arm = ward.arm(K.CLASS, days[0].class_id, until=days[2].starts_at)
    assert ward.walked(arm) == [days[0].id, days[1].id]


@pytest.mark.parametrize("most", [1, 2, 5, 1000])
@pytest.mark.parametrize("days", [1, 30])
def test_a_walk_meets_every_row_once_and_in_order(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, most: int, days: int
) -> None:
    monkeypatch.setattr(shift_probes, "FIRST_MOST", most)
    monkeypatch.setattr(shift_probes, "FIRST_WINDOW", timedelta(days=days))
    starts = [NOW + timedelta(hours=hour) for hour in (1, 1, 1, 1, 2, 3, 3, 50, 50, 900, 901)]
    dense = [ward.shift(starts_at=at) for at in starts]
    sparse = [ward.shift(starts_at=at, grade=Grade.BAND_6) for at in starts[::4]]
    arms = [ward.arm(K.CLASS, one.class_id) for one in (dense[0], sparse[0])]
    expected = sorted((one.starts_at, one.id) for one in (*dense, *sparse))
    assert ward.walked(*arms) == [shift_id for _, shift_id in expected]


def test_more_arms_than_one_statement_takes(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift_probes, "MOST_ARMS", 2)
    grades = (Grade.BAND_5, Grade.BAND_6, Grade.BAND_7, Grade.BAND_8A, Grade.BAND_8B)
    shifts = [ward.shift(grade=grade) for grade in grades]
    assert set(ward.walked(*(ward.arm(K.CLASS, one.class_id) for one in shifts))) == {
        one.id for one in shifts
    }


def test_two_arms_that_meet_one_shift_give_it_once(ward: Ward) -> None:
    shift = ward.shift(**BAND_6_TO_5)
    arms = (ward.arm(K.FALLBACK, shift.fallback_class_id or -1), ward.arm(K.CLASS, shift.class_id))
    assert ward.walked(*arms) == [shift.id]


def test_stretches_say_how_far_everything_was_seen(ward: Ward) -> None:
    ward.shift()
    arm = ward.arm(K.ROLE, "rn_adult")
    until = [s.until[0] for s in walk(ward.session, [arm], after=None, until=UNTIL, now=NOW)]
    assert all(earlier < later for earlier, later in pairwise(until))
    assert until[-1] == UNTIL


def test_a_walk_goes_on_behind_what_it_finds_somebody_busy_with(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift_probes, "FIRST_MOST", 1)
    monkeypatch.setattr(shift_probes, "MORE", 1)
    hours = (1, 1, 1, 5, 5, 5, 8, 8)
    shifts = [ward.shift(starts_at=NOW + timedelta(hours=hour)) for hour in hours]
    arm = ward.arm(K.CLASS, shifts[0].class_id)
    busy = [
        BusyTime(NOW + timedelta(hours=hour), NOW + timedelta(hours=8), 60, HoursKind.DUTY)
        for hour in (4, 5)
    ]
    met = [
        row.facts.starts_at
        for stretch in walk(ward.session, [arm], after=None, until=UNTIL, now=NOW, busy=busy)
        for row in stretch.rows
    ]
    assert met == [NOW + timedelta(hours=hour) for hour in (1, 1, 1, 5, 8, 8)]
