"""Clearances: may this person of a partner work here, until when, and what is missing.

The host keeps the decision and what each item came to, never the values that were shown: a
decision is made again from the passport's live credentials within what the agreement allows.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.agreement_terms import Instrument
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.db import Base, Json, new_id


class ClearanceState(StrEnum):
    """What the last decision was."""

    CLEARED = "cleared"
    """May be booked until `until_on`; items that are due at arrival may stand open."""
    NOT_CLEARED = "not_cleared"
    """Something that is needed before booking is missing, or ended."""
    ENDED = "ended"
    """Closed: by the host, by the person, or because the agreement was wound down."""


class Clearance(Base, kw_only=True):
    """One person of one home organisation, in one role and grade, at one host."""

    __tablename__ = "clearance"
    __recorded__ = True
    __table_args__ = (
        Index("ix_clearance_host", "host_id", "state"),
        Index("ix_clearance_holder", "holder_id"),
        Index("ix_clearance_person", "person_id"),
        Index(
            "uq_clearance_open",
            "host_id",
            "person_id",
            "role",
            "grade",
            unique=True,
            postgresql_where=text("state <> 'ended'"),
            sqlite_where=text("state <> 'ended'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    host_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    home_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    """The home organisation's record."""
    holder_id: Mapped[UUID]
    """The human, as bookings and hours have it."""
    version_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_version.id"))
    """Under which it was last decided."""
    staff_group: Mapped[StaffGroup]
    role: Mapped[str]
    grade: Mapped[Grade]
    instrument: Mapped[Instrument]
    state: Mapped[ClearanceState]
    until_on: Mapped[date | None] = mapped_column(default=None)
    """Last day on which everything needed before booking holds; None where not cleared. Of the
    agreement the wind-down counts, in which confirmed bookings are honoured: whether it lets a new
    one be made is asked of the agreement."""
    items: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    """`model.clearance_values.Item` as JSON."""
    shown_at: Mapped[datetime]
    """When the passport was last shown at the host."""
    verdict_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("verdict_record.id"), default=None
    )
    """That showing, as it is on record."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
    decided_at: Mapped[datetime]
    """When it was last decided, by somebody or by an event."""
    decided_because: Mapped[str]
    """`shown`, or the kind of event that made it be decided again."""
    cleared_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it was first cleared."""
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_because: Mapped[str] = mapped_column(default="")


class HostRegisterCheck(Base, kw_only=True):
    """The host's own look at a professional register for somebody it does not employ (NHS
    Employment Check Standards: every employer checks by itself)."""

    __tablename__ = "host_register_check"
    __recorded__ = True
    __table_args__ = (Index("ix_host_register_check", "host_id", "person_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    host_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    body: Mapped[str]
    number: Mapped[str]
    at: Mapped[datetime]
    status: Mapped[str]
    """Of the closed vocabulary (`model.register_words.Status`), lower case."""
    source: Mapped[str]
    """`register` (a service), `register_file`, or `by_hand` (an officer looked it up)."""
    valid_until: Mapped[date | None] = mapped_column(default=None)
    by_id: Mapped[UUID | None] = mapped_column(default=None)


class BypassEnd(StrEnum):
    """Why a bypass ended before its day."""

    TAKEN_BACK = "taken_back"
    ITEM_CHANGED = "item_changed"
    """Who issued it held the item back, ended it, or put something else in its place."""


class ClearanceBypass(Base, kw_only=True):
    """One item set aside for a time, by two people: as it stood when it was asked for. Never
    registration, right to work or a barred list."""

    __tablename__ = "clearance_bypass"
    __recorded__ = True
    __table_args__ = (Index("ix_clearance_bypass_clearance", "clearance_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    clearance_id: Mapped[UUID] = mapped_column(ForeignKey("clearance.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    item: Mapped[str]
    because: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[UUID | None] = mapped_column(default=None)
    until_on: Mapped[date]
    granted_at: Mapped[datetime | None] = mapped_column(default=None)
    granted_by_id: Mapped[UUID | None] = mapped_column(default=None)
    refused_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_because: Mapped[str] = mapped_column(default="")
    """A `BypassEnd`."""


class SupervisionGround(StrEnum):
    """What two people of a host found when they let somebody work supervised. There is no free
    text: why a regulator restricts somebody is never written down here."""

    RESTRICTION_READ = "restriction_read"
    FITS_ROLE = "fits_role"
    SUPERVISION_ARRANGED = "supervision_arranged"
    HOME_ASKED = "home_asked"
    REGULATOR_ASKED = "regulator_asked"


class ClearanceSupervision(Base, kw_only=True):
    """Somebody whose registration is restricted may work supervised, in the role of a clearance:
    asked by one person of the host, granted by another. About one number with one standing."""

    __tablename__ = "clearance_supervision"
    __recorded__ = True
    __table_args__ = (Index("ix_clearance_supervision_clearance", "clearance_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    clearance_id: Mapped[UUID] = mapped_column(ForeignKey("clearance.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    body: Mapped[str]
    number: Mapped[str]
    status: Mapped[str]
    """What the register said when it was decided; with another standing it falls."""
    grounds: Mapped[list[str]] = mapped_column(Json)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[UUID | None] = mapped_column(default=None)
    asked_by_name: Mapped[str] = mapped_column(default="")
    until_on: Mapped[date]
    """Last day; the restriction is reviewed on it, or later."""
    granted_at: Mapped[datetime | None] = mapped_column(default=None)
    granted_by_id: Mapped[UUID | None] = mapped_column(default=None)
    granted_by_name: Mapped[str] = mapped_column(default="")
    refused_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class InductionSignature(Base, kw_only=True):
    """A local induction: signed by the nurse in charge and by the worker."""

    __tablename__ = "induction_signature"
    __recorded__ = True
    __table_args__ = (
        Index("ix_induction_signature_holder", "holder_id", "host_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    host_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    holder_id: Mapped[UUID]
    item: Mapped[str]
    """Code of the clearance item, e.g. `induction.ward`."""
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"), default=None)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), default=None)
    """Where it holds: one unit, one site, or the whole organisation."""
    checklist: Mapped[str]
    """Version of the checklist that was gone through."""
    points: Mapped[list[str]] = mapped_column(Json, default_factory=list)
    """What stood on it: both sign what the first of them went through."""
    worker_at: Mapped[datetime | None] = mapped_column(default=None)
    in_charge_at: Mapped[datetime | None] = mapped_column(default=None)
    in_charge_name: Mapped[str] = mapped_column(default="")
    in_charge_by_id: Mapped[UUID | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)
    """Set when both have signed."""


class CheckIn(Base, kw_only=True):
    """Somebody came for a booked shift: asked again at its start whether they may work it."""

    __tablename__ = "check_in"
    __recorded__ = True

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(default=None)
    by_worker: Mapped[bool]
    outcome: Mapped[str]
    """`green`, or `amber` with something due."""
    due: Mapped[list[dict[str, Any]]] = mapped_column(Json, default_factory=list)
    """Items that stood open, each with the act that clears it."""
