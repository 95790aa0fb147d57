"""Clauses that agreements name by code, and what an agreement of a kind usually says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any

from bankhub.model.policies import read_values
from bankhub.model.reference import read_file


class ClauseKind(StrEnum):
    """What a clause is about."""

    HOME_WARRANTY = "home_warranty"
    HOST_WARRANTY = "host_warranty"
    INDEMNITY = "indemnity"
    DATA_CATEGORY = "data_category"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause in words."""

    code: str
    kind: ClauseKind
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class AgreementTemplate:
    """A draft to begin from; parties, days and contacts are added."""

    code: str
    title: str
    about: str
    months: int
    terms: Mapping[str, Any]


@cache
def clauses() -> Mapping[ClauseKind, Mapping[str, Clause]]:
    """Kind → code → clause, in the order of the file."""
    found: dict[ClauseKind, dict[str, Clause]] = {kind: {} for kind in ClauseKind}
    for row in read_file("agreement_clauses")["clause"]:
        one = read_values(Clause, row)
        if one.code in found[one.kind]:
            raise ValueError(f"{one.kind} {one.code} stands twice in agreement_clauses.toml")
        found[one.kind][one.code] = one
    return MappingProxyType({kind: MappingProxyType(its) for kind, its in found.items()})


@cache
def agreement_templates() -> Mapping[str, AgreementTemplate]:
    """Code → template, in the order of the file."""
    rows = read_file("agreement_templates")["template"]
    return MappingProxyType({row["code"]: AgreementTemplate(**row) for row in rows})
