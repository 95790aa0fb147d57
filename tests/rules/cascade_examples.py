"""Policies, shifts and moments that the tests of the cascade share."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bankhub.model.cascade_policy import AgencyExemptions, CascadePolicy
from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import national_policies
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import Grade, RequestReason, StaffGroup, Tier
from bankhub.rules.cascade.bank_before_agency import opening_times

START = datetime(2026, 12, 7, 7, 30, tzinfo=UTC)
NONE_ON_RECORD = AgencyExemptions()
D, H, M = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BANKS = (Tier.OWN_BANK, Tier.OWN_FALLBACK, Tier.PARTNER)
FRAMEWORK = (Tier.AGENCY_1, Tier.AGENCY_2, Tier.AGENCY_3)


def national(staff_group: StaffGroup | None = None) -> CascadePolicy:
    """The shipped default: of the group where it has one, else of all staff."""
    versions = {v.staff_group: v for v in national_policies(PolicyKind.CASCADE)}
    return read_values(CascadePolicy, versions.get(staff_group, versions[None]).values)


def shift(**change: Any) -> ShiftFacts:
    """A registered nurse's long day with a fallback grade."""
    facts: dict[str, Any] = {
        "id": UUID(int=1),
        "organisation_id": UUID(int=2),
        "site_id": UUID(int=3),
        "unit_id": UUID(int=4),
        "staff_group": StaffGroup.NURSING_MIDWIFERY,
        "role": "rn_adult",
        "grade": Grade.BAND_6,
        "fallback_grade": Grade.BAND_5,
        "starts_at": START,
        "ends_at": START + 12 * H,
        "unpaid_break_minutes": 60,
        "reason": RequestReason.SICKNESS_SHORT,
    }
    return ShiftFacts(**{**facts, **change})


def plan(
    authorised_at: datetime,
    one: ShiftFacts | None = None,
    policy: CascadePolicy | None = None,
    exemptions: AgencyExemptions = NONE_ON_RECORD,
) -> tuple[PlannedOpening, ...]:
    """The openings of a shift, by the national default unless told otherwise."""
    one = one or shift()
    return opening_times(
        authorised_at=authorised_at,
        starts_at=one.starts_at,
        staff_group=one.staff_group,
        grade=one.grade,
        reason=one.reason,
        has_fallback=one.fallback_grade is not None,
        policy=policy or national(one.staff_group),
        exemptions=exemptions,
    )
