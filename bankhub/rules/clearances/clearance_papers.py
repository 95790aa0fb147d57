"""What of a passport is enough for a host: checks, employment, health, competence.

Rule in plain English. The home organisation employs the person at no lower a grade than asked for;
a returner is sponsored by it for a deployment, and the host checks their right to work itself.
The registration is decided beside this (`clearance_registration`). The right to work rests on the
home employer's warranty while it goes on employing; whoever becomes the employer checks afresh
(Immigration, Asylum and Nationality Act 2006 s15). A barred list was checked for the workforce of
the role (Safeguarding Vulnerable Groups Act 2006), the DBS certificate has the level of the role
and is not too old, and occupational health cleared the person for the kind of work.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bankhub.model.agreement_terms import EmployedBy
from bankhub.model.clearance_policy import OhGroup, OhRequirement, RoleClearance
from bankhub.model.clearance_values import Doer, Item
from bankhub.model.vocabulary import Grade
from bankhub.model.work_policy import DbsLevel, DbsRequirement, RoleRequirement, Workforce
from bankhub.rules.clearances.clearance_case import (
    NO_END,
    Came,
    Case,
    Lacks,
    Met,
    collect,
    day_of,
    latest,
)
from bankhub.rules.clearances.clearance_registration import registration_items
from bankhub.rules.eligibility.credentials_held import in_force
from bankhub.rules.london_time import add_months
from passport.model.facts import FactKind

_RIGHT_TO_WORK = "right_to_work_outcome"
_DBS_LEVELS = tuple(DbsLevel)
_WORKFORCES: Mapping[str, frozenset[Workforce]] = {
    "ADULT": frozenset({Workforce.ADULT}),
    "CHILD": frozenset({Workforce.CHILD}),
    "CHILD_AND_ADULT": frozenset({Workforce.ADULT, Workforce.CHILD}),
}
_OH_GROUPS = tuple(OhGroup)
_BANDS = tuple(grade for grade in Grade if grade.value.startswith("band_"))
_DOCTORS = (Grade.FY1, Grade.FY2, Grade.CORE_TRAINEE, Grade.HIGHER_TRAINEE)
_IN_ORDER = (_BANDS, _DOCTORS)


def paper_items(case: Case) -> Iterator[Item]:
    """Every check that the host asks for besides training."""
    yield case.item(
        "identity", "Identity", _identity(case), kind="identity", timing=case.policy.identity
    )
    if case.asked.sponsored:
        why = "A returner: sponsored for a deployment, and employed by nobody at present."
        yield case.item("employment", f"Sponsored by {case.asked.home.name}", Met(NO_END, why))
    else:
        yield case.item(
            "employment", f"Employment at {case.asked.home.name}", _employment(case),
            kind="employment_assignment",
        )  # fmt: skip
    yield from registration_items(case)
    if case.requirements.requirements.right_to_work:
        kind = _RIGHT_TO_WORK if _home_employs(case) and case.shares(_RIGHT_TO_WORK) else ""
        yield case.item("right_to_work", "Right to work", _right_to_work(case), kind=kind)
    extra = case.requirements.requirements.roles.get(case.asked.role, RoleRequirement())
    yield from _dbs_items(case, extra.dbs or case.requirements.requirements.dbs)
    if extra.performers_list:
        yield _on_list(case, "performers_list", "Performers List", FactKind.PERFORMERS_LIST)
    if extra.indemnity:
        yield _on_list(case, "indemnity", "Indemnity", FactKind.INDEMNITY)
    own = case.policy.roles.get(case.asked.role, RoleClearance())
    if oh := own.oh or case.policy.oh:
        yield case.item(
            "occupational_health", "Occupational health clearance", _occupational_health(case, oh),
            kind="oh_clearance", timing=oh.timing,
        )  # fmt: skip
    for code in own.competences:
        yield case.item(f"competence.{code}", code, _competence(case, code), kind="competence")


def _identity(case: Case) -> Came:
    if case.live("identity"):
        return Met(NO_END)
    return collect("No identity on the passport.", "identity")


def _employment(case: Case) -> Came:
    posts = [
        (day_of(one.claims, "ends_on") or NO_END, one.claims)
        for one in case.live("employment_assignment")
        if one.claims.get("employer_ods") == case.asked.home.ods
        and one.claims.get("assignment_status") == "ACTIVE"
        and (day_of(one.claims, "starts_on") or case.today) <= case.today
    ]
    current = [(until, claims) for until, claims in posts if until >= case.today]
    if not current:
        why = f"No employment at {case.asked.home.name} on the passport."
        return collect(why, "your employment")
    at_grade = [until for until, claims in current if _high_enough(claims, case.asked.grade)]
    if not at_grade:
        return Lacks(
            "Employed at a lower grade than asked for.",
            "Open a clearance at the grade they are employed at",
            Doer.HOST,
        )
    return Met(max(at_grade))


def _high_enough(claims: Mapping[str, Any], asked: Grade) -> bool:
    """A grade outside the order of the asked one says nothing; local ones never do."""
    band = str(claims.get("pay_band") or "").lower()
    held = Grade(band) if band in list(Grade) else None
    for order in _IN_ORDER:
        if asked in order and held in order:
            return order.index(held) >= order.index(asked)
    return True


def _right_to_work(case: Case) -> Came:
    if _home_employs(case):
        return _warranted_right(case)
    rights = [
        fact.valid_until or NO_END
        for fact in case.evidence.employer_facts
        if fact.kind is FactKind.RIGHT_TO_WORK
        and fact.checked_by_id is not None
        and in_force(fact, case.today, case.today)
    ]
    if rights:
        return Met(max(rights), "Checked by the organisation that employs them here.")
    return Lacks(
        "Whoever becomes the employer checks the right to work itself.",
        "Check the right to work and put it on their record here",
        Doer.HOST,
    )


def _home_employs(case: Case) -> bool:
    if case.asked.sponsored:
        return False
    terms, home = case.agreement.terms, case.asked.home
    codes = (home.ods, *case.agreement.codes_of(home.id))
    lead = terms.employed_by is EmployedBy.LEAD_EMPLOYER and terms.lead_employer_ods in codes
    return terms.employed_by is EmployedBy.HOME or lead


def _warranted_right(case: Case) -> Came:
    home = case.asked.home.name
    if not case.warranted("right_to_work"):
        return Lacks(
            f"{home} does not warrant the right to work in the agreement.",
            "Vary the agreement, or check the right to work for a bank post here",
            Doer.HOST,
        )
    why = f"Warranted by {home}, which goes on employing them."
    if not case.has(_RIGHT_TO_WORK):
        return Met(NO_END, why)
    ends = [
        until
        for one in case.live(_RIGHT_TO_WORK)
        if (until := day_of(one.claims, "valid_until") or NO_END) >= case.today
    ]
    if ends:
        return Met(max(ends), why)
    return collect("No right to work in force on the passport.", "your right to work outcome")


def _dbs_items(case: Case, required: DbsRequirement | None) -> Iterator[Item]:
    if required is None:
        return
    said = [one.claims for one in case.live("dbs_outcome")]
    if required.level is DbsLevel.ENHANCED_BARRED:
        until = _covering(
            [(_barred_lists(one), NO_END) for one in said], required.workforce, case.today
        )
        yield case.item("barred_list", "Barred list", _dbs_came(until), kind="dbs_outcome")
    least = _DBS_LEVELS.index(required.level)
    enough = [
        (_WORKFORCES.get(str(one.get("workforce")), frozenset()), _dbs_end(one, required))
        for one in said
        if str(one.get("level")).lower() in _DBS_LEVELS[least:]
    ]
    until = _covering(enough, required.workforce, case.today)
    yield case.item(
        "dbs", "DBS check", _dbs_came(until), kind="dbs_outcome", timing=case.policy.dbs
    )


def _dbs_came(until: date | None) -> Came:
    if until is not None:
        return Met(until)
    return Lacks(
        "No DBS check on the passport of the level, workforce and age that the role needs.",
        "Ask your employer for a DBS check of the right kind, and collect its outcome",
        Doer.HOME,
    )


def _barred_lists(said: Mapping[str, Any]) -> frozenset[Workforce]:
    lists = (
        (Workforce.ADULT, said.get("adults_barred_checked")),
        (Workforce.CHILD, said.get("childrens_barred_checked")),
    )
    return frozenset(workforce for workforce, checked in lists if checked is True)


def _dbs_end(said: Mapping[str, Any], required: DbsRequirement) -> date:
    issued = day_of(said, "issue_date")
    if required.max_age_months is None:
        return NO_END
    return add_months(issued, required.max_age_months) if issued else date.min


def _covering(
    checks: Sequence[tuple[frozenset[Workforce], date]], wanted: Workforce | None, today: date
) -> date | None:
    """Until when checks cover a workforce; two certificates, one for adults and one for children,
    cover both for as long as both last."""
    needed = {
        None: frozenset[Workforce](),
        Workforce.BOTH: frozenset({Workforce.ADULT, Workforce.CHILD}),
    }.get(wanted, frozenset({wanted}) if wanted else frozenset())
    good = [(covers, until) for covers, until in checks if until >= today]
    if not needed:
        return latest(until for _, until in good)
    ends = [latest(until for covers, until in good if one in covers) for one in needed]
    return None if None in ends else min(end for end in ends if end is not None)


def _occupational_health(case: Case, required: OhRequirement) -> Came:
    ends = [
        day_of(one.claims, "review_by") or NO_END
        for one in case.live("oh_clearance")
        if _cleared_for(one.claims, required.role_group)
    ]
    until = latest(ends)
    if until is not None and until >= case.today:
        return Met(until)
    return Lacks(
        "No occupational health clearance on the passport that is enough for the work.",
        "Ask your occupational health service for a clearance, and collect it",
        Doer.WORKER,
    )


def _cleared_for(said: Mapping[str, Any], wanted: OhGroup) -> bool:
    """Where occupational health wants to be asked first, an officer asks before anything else."""
    group = str(said.get("cleared_for_role_group")).lower()
    limits = said.get("placement_limits") or ()
    epp = wanted is OhGroup.CLINICAL_EPP
    return (
        said.get("outcome") in ("FIT", "FIT_WITH_ADJUSTMENTS")
        and group in _OH_GROUPS[_OH_GROUPS.index(wanted) :]
        and "ASK_OCCUPATIONAL_HEALTH_FIRST" not in limits
        and not (epp and "NO_EXPOSURE_PRONE_PROCEDURES" in limits)
        and (not epp or said.get("epp_clearance") == "EPP_CLEARED")
    )


def _competence(case: Case, code: str) -> Came:
    ends = [
        day_of(one.claims, "review_by") or NO_END
        for one in case.live("competence")
        if one.claims.get("code") == code
        and one.claims.get("supervision_level") in ("INDEPENDENT", "CAN_TEACH")
    ]
    until = latest(ends)
    if until is not None and until >= case.today:
        return Met(until)
    return collect("Not on the passport as assessed to work alone.", "the competence")


def _on_list(case: Case, code: str, title: str, kind: FactKind) -> Item:
    ends = [
        fact.valid_until or NO_END
        for fact in case.evidence.employer_facts
        if fact.kind is kind
        and fact.checked_by_id is not None
        and in_force(fact, case.today, case.today)
    ]
    until = latest(ends)
    came: Came = Met(until) if until is not None else Lacks(
        f"No {title} entry is on record here.", f"Check the {title} yourself", Doer.HOST
    )  # fmt: skip
    return case.item(code, title, came)
