"""The only reader of `bankhub/reference`: lists and national policy defaults that ship with us.

Each file is read once and its values are frozen; a mistake in one names the file and the field.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar

from bankhub.model.agreement_terms import Instrument
from bankhub.model.deployment_values import InstrumentReference, TaskReference
from bankhub.model.pay_policy import RateValue
from bankhub.model.policies import PolicyKind, PolicyVersion, read_values
from bankhub.model.rates import listed_rates
from bankhub.model.reference_values import (
    EsrCompetence,
    EsrOutside,
    RoleReference,
    SkillReference,
    StarterCode,
    StarterCodes,
    StarterSet,
    TrainingLength,
    TrainingSubject,
)
from bankhub.model.vocabulary import StaffGroup
from bankhub.model.work_policy import EligibilityPolicy, RequirementPolicy, WorkingTimePolicy

V = TypeVar("V")


@cache
def national_policies(kind: PolicyKind) -> tuple[PolicyVersion, ...]:
    """Every national version of one kind of policy, in the order of the file."""
    return tuple(
        PolicyVersion(
            kind=kind,
            values=MappingProxyType(version["values"]),
            from_on=version["from"],
            source=version["source"],
            illustrative=version["illustrative"],
            staff_group=StaffGroup(version["staff_group"]) if "staff_group" in version else None,
        )
        for version in read_file(kind.value)["version"]
    )


@cache
def national_rates() -> tuple[RateValue, ...]:
    """Every national rate of pay, by date; an organisation's own stand before them."""
    return listed_rates(read_file("pay_rates"))


@cache
def roles() -> Mapping[str, RoleReference]:
    """Role code → role."""
    return _by("code", _values(RoleReference, "roles", "role"))


@cache
def training_subjects() -> Mapping[str, TrainingSubject]:
    """Subject code → subject with its levels."""
    return _by("code", _values(TrainingSubject, "training_subjects", "subject"))


@cache
def training_lengths() -> Mapping[str, TrainingLength]:
    """Subject code → how long its session usually takes."""
    return _by("subject", _values(TrainingLength, "training_lengths", "length"))


@cache
def esr_competences() -> tuple[EsrCompetence, ...]:
    """What ESR calls the training subjects, in the order of the file."""
    return tuple(_values(EsrCompetence, "esr_competences", "competence"))


@cache
def esr_outside() -> tuple[EsrOutside, ...]:
    """What ESR files as core skills and is none of their subjects."""
    return tuple(_values(EsrOutside, "esr_competences", "outside"))


@cache
def skills() -> Mapping[str, SkillReference]:
    """Skill code → skill."""
    return _by("code", _values(SkillReference, "skills", "skill"))


@cache
def instruments() -> Mapping[Instrument, InstrumentReference]:
    """On what somebody works at a host."""
    found = _by("code", _values(InstrumentReference, "instruments", "instrument"))
    return MappingProxyType({Instrument(code): one for code, one in found.items()})


@cache
def deployment_tasks() -> Mapping[str, TaskReference]:
    """Task code → what is to be done on the way to a host or back."""
    return _by("code", _values(TaskReference, "instruments", "task"))


@cache
def starter_codes() -> Mapping[StarterSet, tuple[StarterCode, ...]]:
    """The shift codes an organisation may start with, by the set they belong to."""
    sets = _by("which", _values(StarterCodes, "shift_codes", "set"))
    return MappingProxyType({StarterSet(which): held.codes for which, held in sets.items()})


def eligibility_policy(
    working_time: WorkingTimePolicy, requirements: RequirementPolicy
) -> EligibilityPolicy:
    """Bundle the two policies in force with the reference lists the engine reads."""
    return EligibilityPolicy(
        working_time=working_time,
        requirements=requirements,
        roles=roles(),
        subject_titles=_subject_titles(),
        skill_titles=_skill_titles(),
    )


@cache
def _subject_titles() -> Mapping[str, str]:
    return MappingProxyType({code: entry.title for code, entry in training_subjects().items()})


@cache
def _skill_titles() -> Mapping[str, str]:
    return MappingProxyType({code: entry.title for code, entry in skills().items()})


def read_file(name: str) -> dict[str, Any]:
    """A file of `bankhub/reference` as it stands there."""
    path = files("bankhub").joinpath("reference", f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _values(into: type[V], name: str, table: str) -> list[V]:
    return [read_values(into, row) for row in read_file(name)[table]]


def _by(key: str, entries: Iterable[V]) -> Mapping[str, V]:
    found: dict[str, V] = {}
    for entry in entries:
        code = getattr(entry, key)
        if code in found:
            raise ValueError(f"{code} stands twice in a reference list")
        found[code] = entry
    return MappingProxyType(found)
