"""May the person work these hours, with everything else they work?

Rule in plain English. Every stretch on the Hours ledger counts, whoever recorded it: bookings at
any organisation, rostered duties of a main job, work declared by the person. The questions are
asked one by one (Working Time Regulations 1998, Immigration Rules, 2016 terms for doctors) and all
answers are given at once. What is not known is said: a main job whose roster is missing, older
than the bank allows, or does not reach over the shift; and a contract whose own limits are not
implemented here. `WorkerFacts.busy` must hold the longest reference period on both sides of the
shift, and must not hold a booking of the very shift.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from bankhub.model.values import MainJob, ShiftFacts, WorkerFacts
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.work_policy import EligibilityPolicy, WorkingTimePolicy
from bankhub.rules.eligibility.caps import ceilings, visa_caps, young_limits
from bankhub.rules.eligibility.credentials_held import in_force
from bankhub.rules.eligibility.doctors_limits import doctors_reasons
from bankhub.rules.eligibility.ledger import Ledger, Trial, stretch_of, trial_of
from bankhub.rules.eligibility.reference_windows import over_average, over_night_average
from bankhub.rules.eligibility.rest import (
    clashes,
    short_daily_rest,
    short_weekly_rest,
    short_young_weekly_rest,
    too_soon_after_sickness,
)
from bankhub.rules.london_time import age_on
from bankhub.rules.reason_codes import Code, because
from bankhub.rules.shift_times import london_day
from bankhub.rules.wording import said_day
from passport.errors import Cure, Reason
from passport.model.facts import FactKind

IN_TRAINING = "doctor_in_training"
TERMS_2016 = frozenset({"doctors_2016", IN_TRAINING})
"""Values of `PostFacts.terms` under which Schedule 3 of the 2016 terms holds."""

_TRAINING_GRADES = frozenset({Grade.FY1, Grade.FY2, Grade.CORE_TRAINEE, Grade.HIGHER_TRAINEE})
_OWN_CONTRACTS = frozenset({Grade.SAS, Grade.CONSULTANT})


def working_time_reasons(
    shift: ShiftFacts,
    worker: WorkerFacts,
    policy: EligibilityPolicy,
    now: datetime,
    ledger: Ledger | None = None,
) -> Iterator[Reason]:
    """Every limit on hours and rest the shift would break, and what could not be checked."""
    trial = trial_of(ledger or Ledger(worker.busy), stretch_of(shift))
    limits = policy.working_time
    yield from clashes(trial)
    yield from too_soon_after_sickness(trial, limits.sickness_return)
    yield from visa_caps(trial, worker, limits.visas)
    if age_on(trial.shift.first_day, worker.date_of_birth) < limits.young.under_age_years:
        yield from young_limits(trial, limits.young)
        yield from short_daily_rest(trial, limits.young.daily_rest_minutes, Code.YOUNG_DAILY_REST)
        yield from short_young_weekly_rest(trial, limits.young.weekly_rest_minutes)
    else:
        yield from short_daily_rest(trial, limits.rest.daily_rest_minutes, Code.DAILY_REST)
        yield from short_weekly_rest(trial, limits.rest)
    yield from _averages(trial, worker, limits)
    yield from ceilings(trial, limits.ceilings, limits.nights)
    if _terms(worker, trial.shift.first_day) & TERMS_2016:
        yield from doctors_reasons(trial, limits.doctors, limits.nights)
    yield from _other_contract(worker, trial.shift.first_day)
    yield from _main_job(trial, worker.main_job, policy, now)


def _averages(trial: Trial, worker: WorkerFacts, limits: WorkingTimePolicy) -> Iterator[Reason]:
    day = trial.shift.first_day
    terms, average = _terms(worker, day), limits.average
    training = IN_TRAINING in terms
    weeks = average.reference_weeks_in_training if training else average.reference_weeks
    if not _opted_out(worker, day, trial.shift.last_day):
        yield from over_average(
            trial,
            average,
            weeks=weeks,
            limit=average.limit_minutes_per_week,
            code=Code.AVERAGE_HOURS,
        )
    elif terms & TERMS_2016:
        yield from over_average(
            trial,
            average,
            weeks=weeks,
            limit=average.opted_out_doctors_minutes_per_week,
            code=Code.DOCTORS_AVERAGE_HOURS,
        )
    yield from over_night_average(trial, limits.nights, weeks)


def _opted_out(worker: WorkerFacts, first: date, last: date) -> bool:
    """The person's own agreement in writing is enough: nobody has to check it."""
    return any(
        fact.kind is FactKind.OPT_OUT and in_force(fact, first, last) for fact in worker.facts
    )


def _terms(worker: WorkerFacts, day: date) -> frozenset[str]:
    return frozenset(
        post.terms
        for post in worker.posts
        if post.starts_on <= day and (post.ends_on is None or post.ends_on >= day)
    )


def _other_contract(worker: WorkerFacts, day: date) -> Iterator[Reason]:
    """Doctors outside the 2016 terms have limits of their own, which are not implemented."""
    if _terms(worker, day) & TERMS_2016:
        yield because(
            Code.NOT_CHECKED,
            "On-call duties are not on record, so the limits on on-call were not checked.",
            {"rule": "doctors_on_call"},
        )
        return
    grades = {p.grade for p in worker.posts if p.staff_group is StaffGroup.MEDICAL_DENTAL}
    if grades & _TRAINING_GRADES:
        yield because(
            Code.NOT_CHECKED,
            "Your post does not say which doctors' terms it has, so the limits of the 2016 terms "
            "were not checked.",
            {"rule": "doctors_2016"},
            Cure("Ask the bank office to record the terms of your post"),
        )
    if grades & _OWN_CONTRACTS:
        yield because(
            Code.NOT_CHECKED,
            "The limits of consultants' and specialty doctors' own contracts were not checked.",
            {"rule": "consultant_and_sas_contract"},
        )


def _main_job(
    trial: Trial, job: MainJob | None, policy: EligibilityPolicy, now: datetime
) -> Iterator[Reason]:
    if job is None:
        return
    rest = timedelta(minutes=policy.working_time.rest.daily_rest_minutes)
    cure = Cure("Bring your main job's roster up to date, or declare your hours yourself")
    if job.known_until is None or job.as_at is None:
        yield because(
            Code.MAIN_JOB_NOT_KNOWN,
            "The hours of your main job are not on record, so they were not counted.",
            {"since_on": None},
            cure,
        )
        return
    if job.known_from is not None and london_day(trial.shift.starts_at - rest) < job.known_from:
        yield because(
            Code.MAIN_JOB_NOT_KNOWN,
            f"The hours of your main job are on record from {said_day(job.known_from)} only, so "
            "they were not counted.",
            {"since_on": None},
            cure,
        )
        return
    since = []
    if now - job.as_at > timedelta(days=policy.requirements.main_job_roster_max_age_days):
        since.append(london_day(job.as_at))
    if job.known_until < london_day(trial.shift.ends_at + rest):
        since.append(job.known_until + timedelta(days=1))
    if since:
        yield because(
            Code.MAIN_JOB_NOT_KNOWN,
            f"The hours of your main job are not known since {said_day(min(since))}.",
            {"since_on": min(since).isoformat()},
            cure,
        )
