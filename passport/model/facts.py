"""What is proven about a person: one table, written only through
`passport.actions.people.evidence`.

A fact says what was awarded or checked, by whom and when. Whether that is enough is for the
dated policy of whoever asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, Json, new_id


class FactKind(StrEnum):
    """Kinds of fact, with the keys of `value`."""

    REGISTRATION = "registration"
    """body, number, profession, status (registered, conditions, suspended, lapsed, removed,
    not_found). Read off a register (source `register` or `register_file`) also register_status
    (a status of `rules.people.register_answers`), register_part, practising_right, restrictions and
    annotations (as a credential says them), first_registered, revalidation_due; the entry's
    expiry is `valid_until`."""
    TRAINING = "training"
    """subject (code), level (1, 2, … or null). `awarded_on` counts; the host computes validity.
    From ESR also framework (CSTF, MAND, LOCAL), competency (as ESR names it), title where the
    subject is not on our list, and derived (true: `awarded_on` was counted back from an expiry).
    """
    SKILL = "skill"
    """code."""
    DBS = "dbs"
    """level (basic, standard, enhanced, enhanced_barred), workforce (adult, child, both)."""
    RIGHT_TO_WORK = "right_to_work"
    """route (unlimited, student, skilled_worker, limited), weekly_cap_hours, and for students
    vacations: [[from, to], …]."""
    OPT_OUT = "opt_out"
    """Working Time Regulations reg 5 agreement; withdrawn = `valid_until`."""
    PERFORMERS_LIST = "performers_list"
    """number."""
    INDEMNITY = "indemnity"
    """scheme."""
    MAIN_JOB = "main_job"
    """contracted_hours (a week, or null): the person has a main post elsewhere."""


class Fact(Base, kw_only=True):
    """One thing proven about one person, by one organisation."""

    __tablename__ = "fact"
    __recorded__ = True
    __table_args__ = (
        Index("ix_fact_person", "person_id", "kind"),
        Index("ix_fact_number", "kind", "lookup"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[FactKind]
    value: Mapped[dict[str, Any]] = mapped_column(Json)
    source: Mapped[str]
    """Where it comes from: `hr_file`, `by_hand`, `esr`, `register`, `register_file`, `passport`,
    `declared`."""
    checked_at: Mapped[datetime]
    checked_by_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisation.id"), default=None
    )
    """The organisation that vouches for it; None = declared by the person."""
    awarded_on: Mapped[date | None] = mapped_column(default=None)
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)
    """Last day on which it holds; None = no end known."""
    lookup: Mapped[str | None] = mapped_column(default=None)
    """What a fact is looked up by across people: a registration as `NMC:01A2345N`."""
    superseded_by_id: Mapped[UUID | None] = mapped_column(default=None)
    """The fact that replaced this one; a fact is never edited."""


@dataclass(frozen=True, slots=True)
class FactValue:
    """A fact as rules read it."""

    kind: FactKind
    value: Mapping[str, Any] = field(default_factory=dict)
    awarded_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    source: str = ""
    checked_at: datetime | None = None
    checked_by_id: UUID | None = None
