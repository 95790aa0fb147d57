"""Weekly and daily caps: visas, the bank's own ceiling, and workers under 18.

Rule in plain English. A student visa holder may work 20 hours (10 below degree level: their own
record says) in any week from Monday to Sunday that has a day of term in it, all work together,
never averaged (Immigration Rules, Appendix Student). Somebody sponsored as a skilled worker may do
20 hours a week of other work beside the sponsored job (Appendix Skilled Worker): bookings and
declared work count, the sponsored job's roster does not. Any other weekly cap on record holds
likewise. Under 18: 8 hours a day, 40 a week, nothing from 22:00 to 06:00, no averaging, no opt-out
(Working Time Regulations 1998, regs 5A and 6A). A bank may set a ceiling for the week, and on
nights and long days in a row.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from bankhub.model.values import WorkerFacts
from bankhub.model.vocabulary import HoursKind
from bankhub.model.work_policy import CeilingPolicy, NightPolicy, VisaPolicy, YoungWorkerPolicy
from bankhub.rules.eligibility.credentials_held import in_force, proven
from bankhub.rules.eligibility.ledger import Stretch, Tally, Trial, nights_of
from bankhub.rules.eligibility.runs import DaysOf, runs_around
from bankhub.rules.london_time import days_through, monday_of
from bankhub.rules.reason_codes import Code, because
from bankhub.rules.shift_times import hours_text
from bankhub.rules.wording import said_day
from passport.errors import Cure, Reason
from passport.model.facts import FactKind, FactValue

_SUPPLEMENTARY = frozenset({HoursKind.BOOKING, HoursKind.DECLARED})
_WAIT = Cure("Choose a shift in another week, or give up hours in this one")


def visa_caps(trial: Trial, worker: WorkerFacts, policy: VisaPolicy) -> Iterator[Reason]:
    """Weekly caps of every right-to-work record in force on the shift; each kind is said once."""
    shift = trial.shift
    rights = [
        fact
        for fact in proven(worker, FactKind.RIGHT_TO_WORK)
        if in_force(fact, shift.first_day, shift.last_day)
    ]
    capped = {reason.code: reason for fact in rights for reason in _visa_cap(trial, fact, policy)}
    yield from capped.values()
    if any(fact.value.get("route") == "skilled_worker" for fact in rights):
        yield because(
            Code.NOT_CHECKED,
            "Whether this work is in an occupation your visa allows beside your sponsored job "
            "was not checked.",
            {"rule": "supplementary_occupation"},
        )


def _visa_cap(trial: Trial, fact: FactValue, policy: VisaPolicy) -> Iterator[Reason]:
    route, cap = fact.value.get("route"), _own_cap(fact)
    if route == "student":
        weeks = [week for week in _weeks(trial) if not _vacation(fact, week)]
        cap = policy.student_minutes_per_week if cap is None else cap
        yield from _over(trial.tally, weeks, cap, Code.STUDENT_HOURS)
    elif route == "skilled_worker":
        extra = trial.ledger.tally(_SUPPLEMENTARY).adding(trial.shift)
        cap = policy.supplementary_minutes_per_week if cap is None else cap
        yield from _over(extra, _weeks(trial), cap, Code.SUPPLEMENTARY_HOURS)
    elif cap is not None:
        yield from _over(trial.tally, _weeks(trial), cap, Code.VISA_HOURS)


_CAP_WORDS = {
    Code.STUDENT_HOURS: "your student visa allows in term",
    Code.SUPPLEMENTARY_HOURS: "your visa allows beside your sponsored job",
    Code.VISA_HOURS: "your right to work allows",
    Code.YOUNG_DAY: "the law allows under 18",
    Code.YOUNG_WEEK: "the law allows under 18",
    Code.WEEKLY_CEILING: "your bank allows",
}


def _over(tally: Tally, weeks: Iterable[date], cap: int, code: Code) -> Iterator[Reason]:
    over = [week for week in weeks if tally.minutes(week, 7) > cap]
    for week in over[:1]:
        worked = tally.minutes(week, 7)
        yield because(
            code,
            f"In the week from {said_day(week)} you would work {hours_text(worked)}; "
            f"{_CAP_WORDS[code]} {hours_text(cap)}.",
            {"week_on": week.isoformat(), "worked_minutes": worked, "limit_minutes": cap},
            _WAIT,
        )


def _weeks(trial: Trial) -> list[date]:
    return sorted({monday_of(trial.shift.first_day), monday_of(trial.shift.last_day)})


def _own_cap(fact: FactValue) -> int | None:
    hours = fact.value.get("weekly_cap_hours")
    return None if hours is None else round(hours * 60)


def _vacation(fact: FactValue, monday: date) -> bool:
    """Whole week out of term: one day of term makes it a term week."""
    periods = [
        (date.fromisoformat(first), date.fromisoformat(last))
        for first, last in fact.value.get("vacations") or ()
    ]
    week = days_through(monday, monday + timedelta(days=6))
    return all(any(first <= day <= last for first, last in periods) for day in week)


def young_limits(trial: Trial, policy: YoungWorkerPolicy) -> Iterator[Reason]:
    """Hours of the day and the week, and the night, of a worker below the age."""
    for day in days_through(trial.shift.first_day, trial.shift.last_day):
        worked = trial.tally.minutes(day, 1)
        if worked > policy.minutes_per_day_max:
            yield because(
                Code.YOUNG_DAY,
                f"On {said_day(day)} you would work {hours_text(worked)}; "
                f"{_CAP_WORDS[Code.YOUNG_DAY]} {hours_text(policy.minutes_per_day_max)}.",
                {"day_on": day.isoformat(), "worked_minutes": worked},
                Cure("Choose a shorter shift, or another day"),
            )
            break
    yield from _over(trial.tally, _weeks(trial), policy.minutes_per_week_max, Code.YOUNG_WEEK)
    if nights_of(trial.shift, policy.no_work_from_hour, policy.no_work_until_hour, 1):
        yield because(
            Code.YOUNG_NIGHT,
            f"Under {policy.under_age_years} the law allows no work from "
            f"{policy.no_work_from_hour}:00 to {policy.no_work_until_hour:02}:00.",
            {},
            Cure("Choose a shift by day"),
        )


def ceilings(trial: Trial, policy: CeilingPolicy, nights: NightPolicy) -> Iterator[Reason]:
    """The bank's own limits, where it sets any."""
    if policy.minutes_per_week_max is not None:
        yield from _over(
            trial.tally, _weeks(trial), policy.minutes_per_week_max, Code.WEEKLY_CEILING
        )

    def night(stretch: Stretch) -> Sequence[date]:
        return nights_of(stretch, nights.from_hour, nights.until_hour, nights.night_shift_minutes)

    def long_day(stretch: Stretch) -> Sequence[date]:
        long = stretch.elapsed_minutes > policy.long_day_over_minutes
        return [stretch.first_day] if long and not night(stretch) else []

    yield from _too_many(trial, night, nights.nights_in_a_row_max, Code.NIGHTS_IN_A_ROW)
    yield from _too_many(trial, long_day, policy.long_days_in_a_row_max, Code.LONG_DAYS_IN_A_ROW)


def _too_many(trial: Trial, days_of: DaysOf, most: int | None, code: Code) -> Iterator[Reason]:
    if most is None:
        return
    run = runs_around(trial, days_of, most).own
    if run is not None and run.days > most:
        words = "nights" if code is Code.NIGHTS_IN_A_ROW else "long days"
        yield because(
            code,
            f"You would work {run.days} {words} in a row from {said_day(run.first)}; your bank "
            f"allows {most}.",
            {"run_from_on": run.first.isoformat(), "days": run.days, "limit_days": most},
            Cure("Choose another date, or ask the bank office whether it can be booked"),
        )
