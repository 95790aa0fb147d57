"""Are the codes in a fact ones we know, and does a registration number look like one?

A number's form is all that can be seen here: that it belongs to the person, and stands, is for
the regulator's own register. A form that has not been confirmed with the regulator is not held
against a number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from bankhub.model.reference_values import SkillReference, TrainingSubject
from passport.model.facts import FactKind, FactValue
from passport.model.registers import RegisterReference


def wrong_codes(
    facts: Iterable[FactValue],
    *,
    subjects: Mapping[str, TrainingSubject],
    skills: Mapping[str, SkillReference],
    registers: Mapping[str, RegisterReference],
) -> list[str]:
    """What in these facts is not on our reference lists, in sentences."""
    wrong: list[str] = []
    for fact in facts:
        if fact.kind is FactKind.TRAINING:
            wrong.extend(_wrong_training(fact, subjects))
        elif fact.kind is FactKind.SKILL and fact.value.get("code") not in skills:
            wrong.append(f"“{fact.value.get('code')}” is not a skill on the list")
        elif fact.kind is FactKind.REGISTRATION:
            wrong.extend(_wrong_registration(fact, registers))
    return wrong


def _wrong_training(fact: FactValue, subjects: Mapping[str, TrainingSubject]) -> Iterator[str]:
    subject = subjects.get(str(fact.value.get("subject")))
    level = fact.value.get("level") or 1
    if subject is None:
        yield f"“{fact.value.get('subject')}” is not a training subject on the list"
    elif level not in {known.level for known in subject.levels}:
        yield f"{subject.title} has no level {level}"


def _wrong_registration(
    fact: FactValue, registers: Mapping[str, RegisterReference]
) -> Iterator[str]:
    body, number = str(fact.value.get("body", "")).upper(), str(fact.value.get("number", ""))
    register = registers.get(body)
    if register is None:
        yield f"“{body}” is not a register: {', '.join(sorted(registers))}"
        return
    tidy = "".join(number.upper().split())
    form = None if register.illustrative else register.number_format
    if form and not re.fullmatch(form, tidy):
        example = f", such as {register.example}" if register.example else ""
        yield f"“{number}” is not a number of the {body} register{example}"
    part = fact.value.get("profession")
    if part and register.parts and part not in {known.code for known in register.parts}:
        parts = ", ".join(known.code for known in register.parts)
        yield f"“{part}” is not a part of the {body} register: {parts}"
