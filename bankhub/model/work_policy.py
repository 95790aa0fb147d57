"""Policy values of the eligibility engine: working time, and what a role needs to have proven.

National values come from `bankhub/reference/working_time.toml` and `requirements.toml`; an
organisation may hold its own versions (`model.policies`). `EligibilityPolicy` bundles the two
with the reference data the engine reads. Minutes are elapsed working minutes unless said
otherwise; weeks run Monday to Sunday, London time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bankhub.model.reference_values import RoleReference


@dataclass(frozen=True, slots=True)
class RestPolicy:
    """Rest between and beside work (Working Time Regulations 1998, regs 10, 11 and 21)."""

    daily_rest_minutes: int
    weekly_rest_minutes: int
    fortnightly_rest_minutes: int
    """One rest of this length, or two weekly rests, in a fortnight stand in for a week without."""


@dataclass(frozen=True, slots=True)
class AveragePolicy:
    """The 48-hour week (regs 4 and 5) and its contractual sister for doctors who opted out."""

    limit_minutes_per_week: int
    reference_weeks: int
    reference_weeks_in_training: int
    opted_out_doctors_minutes_per_week: int
    unknown_day_minutes: int
    """What one day that should replace a day of leave is taken to hold while it is not on
    record: only decides whether the answer must say that it is not certain."""


@dataclass(frozen=True, slots=True)
class NightPolicy:
    """Night work (regs 2 and 6), and the bank's own limit on nights in a row."""

    from_hour: int
    until_hour: int
    night_shift_minutes: int
    """A stretch with at least this much of the night is a night shift."""
    night_worker_share_percent: int
    """Whoever works nights on at least this share of their stretches is a night worker."""
    average_minutes_per_24_hours: int
    average_days_per_week: int
    nights_in_a_row_max: int | None


@dataclass(frozen=True, slots=True)
class YoungWorkerPolicy:
    """Workers below a given age (regs 5A, 6A, 10(2), 11(3)); no averaging, no opt-out."""

    under_age_years: int
    minutes_per_day_max: int
    minutes_per_week_max: int
    daily_rest_minutes: int
    weekly_rest_minutes: int
    no_work_from_hour: int
    no_work_until_hour: int


@dataclass(frozen=True, slots=True)
class CeilingPolicy:
    """Local ceilings; None = the bank sets none."""

    minutes_per_week_max: int | None
    long_day_over_minutes: int
    long_days_in_a_row_max: int | None


@dataclass(frozen=True, slots=True)
class SicknessReturnPolicy:
    """How soon after sickness a bank shift may be worked."""

    days_after: int
    """Whole London days after the last day of sickness; 0 = no rule."""
    cleared_by_worked_duty: bool
    """One rostered duty of the main job worked after the sickness clears the rule at once."""


@dataclass(frozen=True, slots=True)
class VisaPolicy:
    """Weekly caps of the Immigration Rules where the person's own record states none."""

    student_minutes_per_week: int
    supplementary_minutes_per_week: int


@dataclass(frozen=True, slots=True)
class DoctorsLimits:
    """Schedule 3 of the 2016 terms for doctors in training (England), by dated version."""

    window_hours: int
    minutes_in_window_max: int
    shift_minutes_max: int
    long_shift_over_minutes: int
    long_shifts_in_a_row_max: int
    late_evening_starts_before_hour: int
    late_evening_ends_after_hour: int
    late_evenings_in_a_row_max: int
    nights_in_a_row_max: int
    rest_after_nights_from_run: int
    """Shortest run of nights after which the longer rest is due."""
    rest_after_nights_minutes: int
    shifts_in_a_row_max: int
    rest_after_run_minutes: int
    """Rest after a full run of shifts, long shifts or late evenings."""
    weekend_weeks: int
    weekends_worked_max: int
    """At most so many worked weekends in any `weekend_weeks` weeks in a row."""


@dataclass(frozen=True, slots=True)
class WorkingTimePolicy:
    """Everything `rules.eligibility.working_time` measures against."""

    rest: RestPolicy
    average: AveragePolicy
    nights: NightPolicy
    young: YoungWorkerPolicy
    ceilings: CeilingPolicy
    sickness_return: SicknessReturnPolicy
    visas: VisaPolicy
    doctors: DoctorsLimits


class DbsLevel(StrEnum):
    """Levels of a Disclosure and Barring Service check, from the lowest up."""

    BASIC = "basic"
    STANDARD = "standard"
    ENHANCED = "enhanced"
    ENHANCED_BARRED = "enhanced_barred"


class Workforce(StrEnum):
    """Whom an enhanced check was made for."""

    ADULT = "adult"
    CHILD = "child"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class TrainingRequirement:
    """A subject that must have been awarded, at this level or above, within the months."""

    subject: str
    refresh_months: int | None = None
    """None = once is enough."""
    level: int = 1


@dataclass(frozen=True, slots=True)
class DbsRequirement:
    """The check a role needs."""

    level: DbsLevel
    workforce: Workforce | None = None
    max_age_months: int | None = None
    """None = no re-check: the certificate stands."""


@dataclass(frozen=True, slots=True)
class RoleRequirement:
    """What one role needs beyond its staff group. A subject named here replaces the group's."""

    training: tuple[TrainingRequirement, ...] = ()
    dbs: DbsRequirement | None = None
    performers_list: bool = False
    indemnity: bool = False


@dataclass(frozen=True, slots=True)
class RequirementPolicy:
    """What somebody of one staff group needs to have proven to be booked."""

    main_job_roster_max_age_days: int
    right_to_work: bool = True
    training: tuple[TrainingRequirement, ...] = ()
    dbs: DbsRequirement | None = None
    roles: Mapping[str, RoleRequirement] = field(default_factory=dict)
    """Role code → its own additions."""


@dataclass(frozen=True, slots=True)
class EligibilityPolicy:
    """All that `rules.eligibility.eligibility` needs besides the shift and the worker."""

    working_time: WorkingTimePolicy
    requirements: RequirementPolicy
    roles: Mapping[str, RoleReference]
    """Role code → what the role is, and which registers qualify for it."""
    subject_titles: Mapping[str, str] = field(default_factory=dict)
    skill_titles: Mapping[str, str] = field(default_factory=dict)
