"""Which training and which local inductions does a host ask of a partner's person?

Rule in plain English. An award counts by the host's refresh period, whatever anybody printed on
it, if it was made by a party of the agreement, or by anybody on the trust list where the agreement
says so; in a subject of which the agreement lets the host want its own award, only that counts.
Local inductions are asked for at arrival and never before: the first shift on a ward is where they
are signed, by whoever is in charge and by the worker.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from bankhub.model.clearance_policy import InductionRequirement
from bankhub.model.clearance_values import Doer, Item, ItemState, SignedInduction, Timing
from bankhub.model.work_policy import RoleRequirement, TrainingRequirement
from bankhub.rules.clearances.clearance_case import NO_END, Came, Case, Lacks, Met, day_of, latest
from bankhub.rules.london_time import add_months
from passport.model.facts import FactKind


def training_items(case: Case) -> Iterator[Item]:
    """Every subject the host's requirements name for the role."""
    wanted = case.requirements.requirements
    extra = wanted.roles.get(case.asked.role, RoleRequirement())
    needed = {item.subject: item for item in (*wanted.training, *extra.training)}
    for one in needed.values():
        title = case.requirements.subject_titles.get(one.subject, one.subject)
        if one.level > 1:
            title = f"{title}, level {one.level}"
        at_arrival = one.subject in case.policy.training_at_arrival
        yield case.item(
            f"training.{one.subject}",
            title,
            _training(case, one, title),
            kind="training_award",
            timing=Timing.AT_ARRIVAL if at_arrival else case.policy.training,
        )


def induction_items(case: Case) -> Iterator[Item]:
    """Every local induction of the host: met where it was signed somewhere it holds."""
    for one in case.policy.inductions:
        signed = _in_force(one, case.evidence.inductions, case.today)
        yield _induction(one, max(signed, key=_end, default=None))


def _training(case: Case, wanted: TrainingRequirement, title: str) -> Came:
    own_because = _exception(case, wanted.subject)
    awarded = [*_awards_here(case, wanted)]
    if own_because is None:
        awarded += _awards(case, wanted)
    last = latest(day for day in awarded if day <= case.today)
    act = f"Complete {title} and collect the award into your passport"
    if own_because is not None and last is None:
        act = f"Complete {title} at {case.asked.host.name}"
        return Lacks(f"{case.asked.host.name} wants its own: {own_because}", act, Doer.WORKER)
    if last is None:
        return Lacks("No award that counts here.", act, Doer.WORKER)
    if wanted.refresh_months is None:
        return Met(NO_END)
    until = add_months(last, wanted.refresh_months)
    if until < case.today:
        return Lacks(f"Out of date here since {until:%-d %B %Y}.", act, Doer.WORKER)
    return Met(until)


def _exception(case: Case, subject: str) -> str | None:
    """Why the host wants its own award in a subject; None where it does not."""
    return next(
        (
            one.reason
            for one in case.agreement.terms.training.exceptions
            if one.subject == subject and one.host_ods in _host_codes(case)
        ),
        None,
    )


def _awards(case: Case, wanted: TrainingRequirement) -> Iterator[date]:
    """Awards on the passport whose maker the agreement recognises."""
    for one in case.live("training_award"):
        said = one.claims
        if said.get("subject_code") == wanted.subject and _level(said.get("level")) >= wanted.level:
            day = day_of(said, "awarded_on")
            if day is not None and _recognised(case, str(said.get("awarding_organisation"))):
                yield day


def _awards_here(case: Case, wanted: TrainingRequirement) -> Iterator[date]:
    """The host's own, on its record or on the passport."""
    for fact in case.evidence.host_facts:
        if (
            fact.kind is FactKind.TRAINING
            and fact.checked_by_id is not None
            and fact.value.get("subject") == wanted.subject
            and _level(fact.value.get("level")) >= wanted.level
            and fact.awarded_on is not None
        ):
            yield fact.awarded_on
    for one in case.live("training_award"):
        said = one.claims
        if (
            said.get("awarding_organisation") in _host_codes(case)
            and said.get("subject_code") == wanted.subject
            and _level(said.get("level")) >= wanted.level
            and (day := day_of(said, "awarded_on"))
        ):
            yield day


def _host_codes(case: Case) -> tuple[str, ...]:
    """The host's, and those of whom it took over from."""
    return (case.asked.host.ods, *case.agreement.codes_of(case.asked.host.id))


def _level(said: object) -> int:
    return int(str(said)) if str(said).isdecimal() else 1


def _recognised(case: Case, ods: str) -> bool:
    if case.agreement.terms.training.recognise == "any_issuer":
        return True
    return any(ods in party.codes for party in case.agreement.parties)


def _in_force(
    wanted: InductionRequirement, signed: Iterable[SignedInduction], on: date
) -> list[SignedInduction]:
    return [
        one
        for one in signed
        if one.item == f"induction.{wanted.code}"
        and (one.valid_until is None or one.valid_until >= on)
    ]


def _end(signed: SignedInduction) -> date:
    return signed.valid_until or NO_END


def _induction(wanted: InductionRequirement, signed: SignedInduction | None) -> Item:
    code = f"induction.{wanted.code}"
    if signed is not None:
        why = f"Signed for {signed.place}." if signed.place else ""
        return Item(
            code, wanted.title, ItemState.MET, Timing.AT_ARRIVAL, signed.valid_until, why
        )
    return Item(
        code,
        wanted.title,
        ItemState.DUE,
        Timing.AT_ARRIVAL,
        why="Signed at the start of the shift.",
        act="Go through it together on the ward, and both sign",
        by=Doer.HOST,
    )
