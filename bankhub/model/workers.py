"""Bank posts, what they may be booked as, and the interned classes that make search cheap."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.vocabulary import Grade, StaffGroup
from passport.db import Base, Json, new_id


class BankPost(Base, kw_only=True):
    """A person's membership of one organisation's bank. Several are possible."""

    __tablename__ = "bank_post"
    __recorded__ = True
    __table_args__ = (
        UniqueConstraint("organisation_id", "assignment_number"),
        Index("ix_bank_post_person", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    assignment_number: Mapped[str]
    staff_group: Mapped[StaffGroup]
    role: Mapped[str]
    grade: Mapped[Grade]
    pay_point: Mapped[str] = mapped_column(default="")
    entitlements: Mapped[list[list[str]]] = mapped_column(Json, default_factory=list)
    """Further [role, grade] pairs it may be booked as; its own is always one."""
    terms: Mapped[str] = mapped_column(default="")
    """`doctors_2016`, `doctor_in_training` or empty."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None] = mapped_column(default=None)


class BookingRestriction(Base, kw_only=True):
    """"Do not book": a post may not be booked at a unit, a site or the whole organisation."""

    __tablename__ = "booking_restriction"
    __recorded__ = True
    __table_args__ = (Index("ix_booking_restriction_post", "bank_post_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    bank_post_id: Mapped[UUID] = mapped_column(ForeignKey("bank_post.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    scope_id: Mapped[UUID]
    """Id of the unit, site or organisation."""
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None] = mapped_column(default=None)
    review_on: Mapped[date]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)


class WorkClass(Base, kw_only=True):
    """An interned necessary condition: role, grade and skill set of a shift."""

    __tablename__ = "work_class"
    __recorded__ = False
    __table_args__ = (UniqueConstraint("role", "grade", "skills"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    staff_group: Mapped[StaffGroup]
    role: Mapped[str]
    grade: Mapped[Grade]
    skills: Mapped[str]
    """Sorted skill codes joined by a comma."""


class BookableAs(Base, kw_only=True):
    """Derived: a post may be booked as (role, grade), on paper, until a day.

    Registration, training, DBS and right to work are in `valid_until`; search and candidate lists
    probe it by index. Rebuilt in the transaction that changes a fact or a post. Booking asks the
    rules again.
    """

    __tablename__ = "bookable_as"
    __recorded__ = False
    __table_args__ = (
        Index("ix_bookable_as_search", "organisation_id", "role", "grade", "valid_until"),
        Index("ix_bookable_as_holder", "holder_id"),
    )

    bank_post_id: Mapped[UUID] = mapped_column(ForeignKey("bank_post.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    grade: Mapped[Grade] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    person_id: Mapped[UUID]
    holder_id: Mapped[UUID]
    exact: Mapped[bool]
    """The post's own role and grade; False = by entitlement."""
    valid_until: Mapped[date | None]
    """Last day on which every necessary condition can hold; None = one is missing today."""


class ImportMapping(Base, kw_only=True):
    """How an organisation's file names its columns: mapped once, remembered."""

    __tablename__ = "import_mapping"
    __recorded__ = True

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    """`roster` or `people`."""
    columns: Mapped[dict[str, Any]] = mapped_column(Json)
    """Our field → their column heading."""
    updated_at: Mapped[datetime]
