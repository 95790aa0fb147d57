"""Workers, shifts and policies that the tests of the eligibility engine share."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import eligibility_policy, national_policies
from bankhub.model.values import BusyTime, PostFacts, ShiftFacts, WorkerFacts
from bankhub.model.vocabulary import Grade, HoursKind, StaffGroup
from bankhub.model.work_policy import EligibilityPolicy, RequirementPolicy, WorkingTimePolicy
from bankhub.rules.eligibility.eligibility import why_not
from passport.errors import Reason
from passport.model.facts import FactKind, FactValue

LONDON = ZoneInfo("Europe/London")
TRUST, SITE, UNIT = UUID(int=2), UUID(int=3), UUID(int=4)
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
MONDAY = date(2026, 10, 5)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
OCTOBER, MARCH = date(2026, 10, 24), date(2027, 3, 27)
"""Saturdays whose night the clocks change."""


def at(day: date, clock: str) -> datetime:
    """UTC moment of a London wall-clock time."""
    hour, minute = map(int, clock.split(":"))
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)
    return local.astimezone(UTC)


def span(day: date, clocks: str) -> tuple[datetime, datetime]:
    """`07:30-20:00` on a London day; an end not after the start is on the next day."""
    first, last = clocks.split("-")
    return at(day, first), at(day if last > first else day + DAY, last)


LONG_DAY, NIGHT, EARLY, LATE = "07:30-20:00", "19:30-08:00", "07:00-15:00", "13:30-21:30"


def shift(day: date = MONDAY, clocks: str = LONG_DAY, **change: Any) -> ShiftFacts:
    """A shift of a registered nurse, without a break unless told otherwise."""
    starts_at, ends_at = span(day, clocks)
    facts: dict[str, Any] = {
        "id": UUID(int=1),
        "organisation_id": TRUST,
        "site_id": SITE,
        "unit_id": UNIT,
        "staff_group": StaffGroup.NURSING_MIDWIFERY,
        "role": "rn_adult",
        "grade": Grade.BAND_5,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    return ShiftFacts(**{**facts, **change})


def busy(
    day: date, clocks: str = LONG_DAY, kind: HoursKind = HoursKind.BOOKING, minutes: int = -1
) -> BusyTime:
    """Work on the ledger; its minutes are the elapsed ones unless given."""
    starts_at, ends_at = span(day, clocks)
    elapsed = (ends_at - starts_at) // timedelta(minutes=1)
    return BusyTime(starts_at, ends_at, elapsed if minutes < 0 else minutes, kind)


def away(first: date, last: date, kind: HoursKind = HoursKind.LEAVE) -> BusyTime:
    """Whole days of leave or sickness."""
    return BusyTime(at(first, "00:00"), at(last + DAY, "00:00"), 0, kind, all_day=True)


def days_of_work(first: date, days: int, clocks: str = LONG_DAY, every: int = 1) -> list[BusyTime]:
    """The same work on every n-th day."""
    return [busy(first + n * DAY, clocks) for n in range(0, days, every)]


def fact(kind: FactKind, value: dict[str, Any] | None = None, **dates: Any) -> FactValue:
    """A fact the trust has checked."""
    return FactValue(kind, value or {}, **{"checked_by_id": TRUST, "checked_at": NOW, **dates})


def registration(status: str = "registered", **change: Any) -> FactValue:
    """An adult nurse's entry."""
    dates = {key: change.pop(key) for key in list(change) if key in _DATES}
    value = {"body": "NMC", "number": "01A2345N", "profession": "RNA", "status": status, **change}
    return fact(FactKind.REGISTRATION, value, **dates)


_DATES = {"valid_from", "valid_until", "checked_at", "checked_by_id", "source", "awarded_on"}


def training(policy: RequirementPolicy, role: str, on: date) -> list[FactValue]:
    """Every award the policy asks of the role."""
    extra = policy.roles.get(role)
    needed = [*policy.training, *(extra.training if extra else ())]
    return [
        fact(FactKind.TRAINING, {"subject": n.subject, "level": n.level}, awarded_on=on)
        for n in needed
    ]


def requirements(group: StaffGroup = StaffGroup.NURSING_MIDWIFERY) -> RequirementPolicy:
    """The shipped national requirements of a staff group."""
    versions = {v.staff_group: v for v in national_policies(PolicyKind.REQUIREMENTS)}
    return read_values(RequirementPolicy, versions[group].values)


def working_time() -> WorkingTimePolicy:
    """The shipped national working-time policy now in force."""
    return read_values(WorkingTimePolicy, national_policies(PolicyKind.WORKING_TIME)[-1].values)


def policy(group: StaffGroup = StaffGroup.NURSING_MIDWIFERY, **change: Any) -> EligibilityPolicy:
    """The shipped policies, some parts of the working time replaced."""
    return eligibility_policy(replace(working_time(), **change), requirements(group))


NO_CEILINGS = replace(
    working_time().ceilings, minutes_per_week_max=None, long_days_in_a_row_max=None
)
OPEN = policy(ceilings=NO_CEILINGS, nights=replace(working_time().nights, nights_in_a_row_max=None))
"""The law alone: no ceiling of the bank's own."""


def post(**change: Any) -> PostFacts:
    """A band 5 nurse's post at the trust."""
    facts: dict[str, Any] = {
        "id": UUID(int=10),
        "organisation_id": TRUST,
        "staff_group": StaffGroup.NURSING_MIDWIFERY,
        "role": "rn_adult",
        "grade": Grade.BAND_5,
        "starts_on": date(2020, 1, 1),
    }
    return PostFacts(**{**facts, **change})


RIGHT_TO_WORK = fact(FactKind.RIGHT_TO_WORK, {"route": "unlimited"})
DBS = fact(FactKind.DBS, {"level": "enhanced_barred", "workforce": "both"})
OPT_OUT = FactValue(FactKind.OPT_OUT)


def proofs(role: str = "rn_adult", group: StaffGroup = StaffGroup.NURSING_MIDWIFERY) -> list[Any]:
    """Everything a worker of the role has to prove but the register."""
    return [*training(requirements(group), role, date(2026, 8, 1)), DBS, RIGHT_TO_WORK]


def worker(
    *facts: FactValue,
    work: Iterable[BusyTime] = (),
    without: Iterable[FactKind] = (),
    **change: Any,
) -> WorkerFacts:
    """A nurse with everything in order, plus some facts, less some kinds of fact."""
    held = [f for f in (registration(), *proofs()) if f.kind not in set(without)]
    values: dict[str, Any] = {
        "person_id": UUID(int=20),
        "date_of_birth": date(1990, 5, 5),
        "posts": (post(),),
        "facts": (*held, *facts),
        "busy": tuple(work),
    }
    return WorkerFacts(**{**values, **change})


def doctor(
    *facts: FactValue, work: Iterable[BusyTime] = (), terms: str = "doctors_2016", **change: Any
) -> WorkerFacts:
    """A registrar with everything in order."""
    held = [
        registration(body="GMC", number="1234567", profession=None),
        *proofs("doctor_registrar", StaffGroup.MEDICAL_DENTAL),
    ]
    values: dict[str, Any] = {
        "facts": (*held, *facts),
        "busy": tuple(work),
        "posts": (doctors_post(terms),),
        **change,
    }
    return replace(worker(), **values)


def doctors_post(terms: str, grade: Grade = Grade.HIGHER_TRAINEE) -> PostFacts:
    """A registrar's post."""
    return post(
        staff_group=StaffGroup.MEDICAL_DENTAL, role="doctor_registrar", grade=grade, terms=terms
    )


def doctors_shift(day: date = MONDAY, clocks: str = "09:00-17:00", **change: Any) -> ShiftFacts:
    """A registrar's shift."""
    return shift(
        day,
        clocks,
        staff_group=StaffGroup.MEDICAL_DENTAL,
        role="doctor_registrar",
        grade=Grade.HIGHER_TRAINEE,
        **change,
    )


def asked(
    one: ShiftFacts, who: WorkerFacts, rules: EligibilityPolicy | None = None, **more: Any
) -> list[Reason]:
    """What the engine says, by the shipped policy of the shift's group unless told otherwise."""
    return why_not(one, who, rules or policy(one.staff_group), more.pop("now", NOW), **more)


def codes(reasons: Iterable[Reason]) -> set[str]:
    """Codes of the reasons."""
    return {reason.code for reason in reasons}


def found(reasons: Iterable[Reason], code: str) -> Reason:
    """The one reason with the code."""
    (reason,) = [reason for reason in reasons if reason.code == code]
    return reason
