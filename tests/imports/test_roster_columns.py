"""Which column says what: our names, usual names, and the trust's own, told once."""

import pytest

from bankhub.imports import roster_run
from bankhub.imports.roster import Told
from bankhub.imports.roster_columns import OTHER_NAMES
from passport.db import Database
from passport.errors import Invalid
from tests.support.build import NOW
from tests.support.rosters import Trust, counts, roster

USUAL = (
    "Duty ID,Ward,Duty Date,Shift,Start Time,End Time,Job Role,Band,Booking Reason,Duty Status\n"
    "A1,WARD7,14/09/2026,LD,07:30,20:00,Registered nurse (adult),5,Acuity,Vacant\n"
)
OWN = USUAL.replace("Duty ID", "Kenn").replace("Ward,", "Station,")


@pytest.fixture
def trust(sqlite_database: Database) -> Trust:
    return Trust(sqlite_database)


def test_usual_headings_are_found(trust: Trust) -> None:
    assert counts(trust.send(USUAL.encode())) == {"new": 1, "shifts": 1}
    assert trust.shifts()["A1"].shift_code == "LD"


def test_what_is_told_once_is_remembered_for_the_next_file(trust: Trust) -> None:
    told = {"reference": "KENN", "unit": "station"}
    with pytest.raises(Invalid, match="file_columns"):
        trust.open(OWN.encode())
    trust.open(OWN.encode(), Told(columns=told))
    roster_run.remember_columns(trust.database, told, by=trust.coordinator, now=NOW)
    remembered = roster_run.remembered_columns(trust.database, by=trust.coordinator)
    assert remembered == told
    other = Trust(trust.database)
    assert roster_run.remembered_columns(other.database, by=other.coordinator) == {}


def test_what_is_told_goes_before_usual_names_and_frees_the_heading(trust: Trust) -> None:
    file = trust.open(
        USUAL.replace("Booking Reason", "Required").encode(), Told({"reason": "required"})
    )
    assert file.columns.heading_of["reason"] == "required"
    assert "people" not in file.columns.heading_of


WRONG = {
    "a field that there is not": ({"colour": "band"}, "There is no field colour"),
    "a heading that there is not": ({"notes": "remarks"}, "The file has no column remarks"),
    "one heading for two fields": ({"notes": "band", "grade": "band"}, "Mapped twice: band"),
}


@pytest.mark.parametrize(("told", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_mapping_is_refused_for(trust: Trust, told: dict[str, str], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        trust.open(USUAL.encode(), Told(columns=told))
    assert said in refused.value.detail


def test_no_usual_name_means_two_things() -> None:
    names = [name for field, others in OTHER_NAMES.items() for name in (field, *others)]
    assert len(names) == len(set(names))


def test_columns_nobody_reads_are_told(trust: Trust) -> None:
    file = trust.open(USUAL.replace("Band", "Favourite colour").encode())
    assert file.notes == ("Columns nobody reads: favourite_colour.",)


WORDS = {
    "AfC Band 5": ("grade", "BAND 5"), "a bare band": ("grade", "5"), "B5": ("grade", "B5"),
    "a role by title": ("role", "registered nurse (ADULT)"),
    "a status in capitals": ("status", "UNFILLED"),
    "an empty status": ("status", ""),
    "a reason in words": ("reason", "Short-term sickness"),
    "a break as a time": ("unpaid_break", "1:00"),
    "a time without a colon": ("start", "0730"),
    "a ward in small letters": ("unit", "ward7"),
}  # fmt: skip


@pytest.mark.parametrize(("field", "text"), WORDS.values(), ids=WORDS.keys())
def test_a_cell_may_say_it_as(trust: Trust, field: str, text: str) -> None:
    plain, said = roster({}), roster({"reference": "A2", field: text})
    assert trust.send(plain + said.split(b"\n", 1)[1]).refused == {}
    one, two = trust.shifts()["A1"], trust.shifts()["A2"]
    same = ("unit_id", "role", "grade", "reason", "starts_at", "unpaid_break_minutes", "state")
    assert [getattr(one, name) for name in same] == [getattr(two, name) for name in same]
