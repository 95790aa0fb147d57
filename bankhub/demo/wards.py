"""What the demo's units ask for: slots by kind of unit, with how often each needs cover."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from bankhub.model.vocabulary import Grade

WEEKS_BACK, WEEKS_AHEAD = 8, 6


@dataclass(frozen=True, slots=True)
class Slot:
    """A shift that a unit may need on a day, and the chance that it does."""

    code: str
    starts: time
    ends: time
    role: str
    grade: Grade
    chance: float
    fallback: Grade | None = None
    unpaid_break_minutes: int = 60
    instant: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)


LONG_DAY = (time(7, 30), time(20, 0))
NIGHT = (time(19, 30), time(8, 0))

WARD = (
    Slot("LD", *LONG_DAY, "rn_adult", Grade.BAND_5, 0.5),
    Slot("N", *NIGHT, "rn_adult", Grade.BAND_5, 0.5),
    Slot("LD", *LONG_DAY, "hca", Grade.BAND_2, 0.35),
    Slot("N", *NIGHT, "hca", Grade.BAND_3, 0.35, Grade.BAND_2),
)
ACUTE = (
    *WARD,
    Slot("N", *NIGHT, "rn_adult", Grade.BAND_6, 0.25, Grade.BAND_5),
    Slot("LD", time(8), time(20, 30), "doctor_core", Grade.CORE_TRAINEE, 0.2, instant=False),
    Slot("N", time(20), time(8, 30), "doctor_registrar", Grade.HIGHER_TRAINEE, 0.15, instant=False),
)
THEATRES = (
    Slot("LD", *LONG_DAY, "odp", Grade.BAND_5, 0.5),
    Slot("E", time(7), time(15), "rn_adult", Grade.BAND_5, 0.4, unpaid_break_minutes=30),
)
PRACTICE = (
    Slot(
        "AM",
        time(8, 30),
        time(12, 40),
        "gp",
        Grade.GP,
        0.2,
        unpaid_break_minutes=0,
        instant=False,
        details={"period": "am", "clinical_system": "EMIS Web", "visits": 2},
    ),
    Slot(
        "PM",
        time(14),
        time(18, 10),
        "gp",
        Grade.GP,
        0.2,
        unpaid_break_minutes=0,
        details={"period": "pm", "clinical_system": "EMIS Web", "visits": 0},
    ),
)
CARE_HOME = (
    Slot("LD", time(8), time(20), "care_worker", Grade.BAND_2, 0.5),
    Slot("N", time(20), time(8), "care_worker", Grade.BAND_2, 0.4),
)


def slots_of(unit_name: str) -> tuple[Slot, ...]:
    """The slots of a unit, by what its name says it is."""
    kinds = {"Theatres": THEATRES, "General practice": PRACTICE, "Residential floor": CARE_HOME}
    if unit_name in kinds:
        return kinds[unit_name]
    return WARD if unit_name.startswith("Ward") else ACUTE
