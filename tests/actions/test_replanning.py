"""Planning shifts in flight anew: on record, with a reason, own organisation only."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.cascade import replanning
from bankhub.actions.cascade.policy_views import policies_in_force, preview_cascade
from bankhub.actions.settings.policies import adopt
from bankhub.model.policies import DatedPolicy, PolicyKind
from bankhub.model.reference import national_policies
from bankhub.model.shifts import Opening, Shift
from bankhub.model.vocabulary import ShiftState, StaffGroup, Tier
from passport.actors import AccessRole as R
from passport.db import Database
from passport.errors import Forbidden, Invalid, Refused
from passport.events import Event
from tests.support import build
from tests.support.figures import Bank

NOW = build.NOW
NATIONAL = dict(national_policies(PolicyKind.CASCADE)[0].values)
AHEAD = NOW + timedelta(days=20)


@pytest.fixture
def bank(database: Database) -> Bank:
    return Bank(database)


def opens(bank: Bank, shift: Shift) -> dict[Tier, Any]:
    with bank.database.reading() as session:
        rows = session.scalars(
            sa.select(Opening).where(Opening.shift_id == shift.id, Opening.replaced_at.is_(None))
        )
        return {row.tier: row.opens_at for row in rows}


def planned(bank: Bank, **fields: Any) -> Shift:
    """A shift three weeks ahead with the national openings of the tiers that matter here."""
    starts_at = fields.pop("starts_at", AHEAD)
    return bank.shift(
        starts_at,
        authorised_at=NOW - timedelta(days=5),
        openings={
            Tier.PARTNER: starts_at - timedelta(days=14),
            Tier.AGENCY_1: starts_at - timedelta(days=7),
            Tier.AGENCY_2: starts_at - timedelta(days=6),
            Tier.AGENCY_3: starts_at - timedelta(days=5),
        },
        **fields,
    )


def adopted(bank: Bank, staff_group: StaffGroup | None = None, **change: Any) -> DatedPolicy:
    with bank.database.transaction() as session:
        return adopt(
            session,
            kind=PolicyKind.CASCADE,
            staff_group=staff_group,
            from_on=NOW.date(),
            values={**NATIONAL, **change},
            source="Board paper 12",
            by=bank.manager,
            now=NOW,
        )


def anew(bank: Bank, staff_group: StaffGroup | None = None, **fields: Any) -> int:
    asked = {"because": "New cascade agreed", "by": bank.manager, "now": NOW, **fields}
    with bank.database.transaction() as session:
        return replanning.plan_anew(session, staff_group=staff_group, **asked)


def test_adopting_moves_nothing_and_planning_anew_moves_what_is_open(bank: Bank) -> None:
    shift = planned(bank)
    adopted(bank, agency_opens_days_before=3)
    assert opens(bank, shift)[Tier.AGENCY_1] == AHEAD - timedelta(days=7)
    assert anew(bank) == 1
    assert opens(bank, shift)[Tier.AGENCY_1] == AHEAD - timedelta(days=3)
    assert opens(bank, shift)[Tier.PARTNER] == AHEAD - timedelta(days=14)
    assert anew(bank) == 0


def test_the_old_openings_the_reason_and_an_event_stay_on_record(bank: Bank) -> None:
    shift = planned(bank)
    adopted(bank, agency_opens_days_before=3)
    anew(bank, because="  Board decision 7 ")
    with bank.database.reading() as session:
        every = session.scalars(sa.select(Opening).where(Opening.shift_id == shift.id)).all()
        events = session.scalars(sa.select(Event).where(Event.kind == "shift.planned_anew")).all()
    old = [row for row in every if row.replaced_at == NOW]
    new = [row for row in every if row.reason_text == "Board decision 7"]
    assert {row.tier for row in old} == {row.tier for row in new}
    assert [event.subject_id for event in events] == [shift.id]
    assert events[0].organisation_id == bank.trust.id


LEFT_ALONE: dict[str, dict[str, Any]] = {
    "a filled shift": {"state": ShiftState.FILLED},
    "a draft": {"state": ShiftState.DRAFT},
    "a shift that has started": {"starts_at": NOW - timedelta(hours=1)},
    "a shift of another staff group": {
        "staff_group": StaffGroup.HCA, "role": "hca", "grade": "band_2",
    },
}  # fmt: skip


@pytest.mark.parametrize("fields", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_is_left_alone(bank: Bank, fields: dict[str, Any]) -> None:
    shift = planned(bank, **fields)
    before = opens(bank, shift)
    adopted(bank, agency_opens_days_before=2)
    assert anew(bank, StaffGroup.NURSING_MIDWIFERY) == 0
    assert opens(bank, shift) == before


def test_another_organisation_keeps_its_openings(bank: Bank) -> None:
    other = Bank(bank.database, "Elsewhere NHS Trust")
    theirs = planned(other)
    before = opens(other, theirs)
    adopted(bank, agency_opens_days_before=3)
    assert anew(bank) == 0
    assert opens(other, theirs) == before


def test_many_shifts_are_planned_page_by_page(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replanning, "PAGE", 2)
    for day in range(5):
        planned(bank, starts_at=AHEAD + timedelta(days=day))
    adopted(bank, agency_opens_days_before=3)
    assert anew(bank) == 5


@pytest.mark.parametrize("because", ["", "  ", "x" * 501], ids=["none", "blank", "too long"])
def test_a_written_reason_is_needed(bank: Bank, because: str) -> None:
    with pytest.raises(Refused):
        anew(bank, because=because)


def test_only_who_may_edit_policy_with_a_fresh_second_factor(bank: Bank) -> None:
    for by in (
        build.an_actor(bank.trust, R.ROTA_COORDINATOR, stepped_up=True),
        build.an_actor(bank.trust, R.BANK_MANAGER),
    ):
        with pytest.raises(Forbidden):
            anew(bank, by=by)


# Looking before adopting


def preview(bank: Bank, staff_group: StaffGroup | None = None, **change: Any) -> Any:
    with bank.database.reading() as session:
        return preview_cascade(
            session,
            staff_group=staff_group,
            values={**NATIONAL, **change},
            by=bank.manager,
            now=NOW,
        )


def test_last_weeks_shifts_are_replayed_and_nothing_is_changed(bank: Bank) -> None:
    last_week = NOW - timedelta(days=5)
    late = bank.shift(last_week, authorised_at=last_week - timedelta(days=30))
    bank.book(late, at=last_week - timedelta(days=6))
    bank.shift(last_week + timedelta(days=1), authorised_at=last_week - timedelta(days=30))
    bank.shift(NOW - timedelta(days=9))
    found = preview(bank, agency_opens_days_before=3).preview.totals
    assert (found.shifts, found.changed) == (2, 2)
    assert (found.filled_before_agency_old, found.filled_before_agency_new) == (0, 1)
    assert (found.reached_agency_old, found.reached_agency_new) == (2, 1)


def test_a_preview_for_one_staff_group_replays_only_its_shifts(bank: Bank) -> None:
    bank.shift(NOW - timedelta(days=5))
    assert preview(bank, StaffGroup.HCA).preview.totals.shifts == 0
    assert preview(bank, StaffGroup.NURSING_MIDWIFERY).preview.totals.shifts == 1


def test_a_cascade_that_may_not_be_adopted_is_not_previewed_either(bank: Bank) -> None:
    with pytest.raises(Refused):
        preview(bank, agency_opens_days_before=30)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no source": ({"source": " "}, "source"),
    "a day that has passed": ({"from_on": NOW.date() - timedelta(days=1)}, "from_on"),
    "a day far away": ({"from_on": NOW.date().replace(year=2050)}, "from_on"),
    "an amount below nothing": (
        {"kind": PolicyKind.FILL, "values": {
            "late_withdrawal_hours": -1, "late_ward_cancellation_hours": 24,
            "released_early_days": 42, "suppress_under": 5,
        }},
        "late_withdrawal_hours",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "field"), WRONG.values(), ids=WRONG)
def test_a_version_that_cannot_be_right_names_its_field(
    bank: Bank, change: dict[str, Any], field: str
) -> None:
    asked = {
        "kind": PolicyKind.CASCADE,
        "staff_group": None,
        "from_on": NOW.date(),
        "values": NATIONAL,
        "source": "Board paper",
        **change,
    }
    with pytest.raises(Invalid) as refused, bank.database.transaction() as session:
        adopt(session, **asked, by=bank.manager, now=NOW)
    assert list(refused.value.fields) == [field]


def test_in_force_is_own_over_national_and_says_what_is_to_come(bank: Bank) -> None:
    adopted(bank, StaffGroup.HCA, agency_opens_days_before=2)
    with bank.database.reading() as session:
        found = policies_in_force(session, on=NOW.date(), by=bank.manager)
    own = [one for one in found if one.version.organisation_id]
    assert [(one.kind, one.staff_group) for one in own] == [(PolicyKind.CASCADE, StaffGroup.HCA)]
    assert len(found) == 6 * len(StaffGroup) + 1
