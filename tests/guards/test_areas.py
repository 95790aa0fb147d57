"""The areas of a room: no ring among them, and no folder too long to read."""

from pathlib import Path

from tests.guards import house
from tests.guards.areas import FOLDER_MODULES, crowded, rings_of_areas
from tests.guards.house import Module

MODULES = house.read(Path(__file__).resolve().parents[2], "passport", "bankhub")

BOOKING = Module("bankhub.actions.booking.taking", "from bankhub.actions.finding import looking")


def test_no_two_areas_of_a_room_ask_each_other() -> None:
    assert rings_of_areas(MODULES) == []


def test_every_folder_can_be_read_at_a_glance() -> None:
    assert crowded(MODULES) == []


def test_areas_that_ask_each_other_through_different_modules_are_flagged() -> None:
    finding = [
        Module("bankhub.actions.finding.looking", ""),
        Module("bankhub.actions.finding.search", "from bankhub.actions.booking import taking"),
    ]
    assert len(rings_of_areas([BOOKING, *finding])) == 1


def test_an_area_may_ask_another_and_what_stands_in_the_room_itself() -> None:
    others = [
        Module("bankhub.actions.finding.looking", "from bankhub.actions.permission import demand"),
        Module("bankhub.actions.permission", ""),
    ]
    assert rings_of_areas([BOOKING, *others]) == []


def test_one_module_more_than_a_folder_holds_is_flagged() -> None:
    many = [Module(f"bankhub.rules.rule_{number}", "") for number in range(FOLDER_MODULES + 1)]
    assert len(crowded(many)) == 1
    assert crowded(many[1:]) == []
