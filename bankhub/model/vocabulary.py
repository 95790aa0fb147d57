"""The trade's closed lists. Their values are stored, and spoken on the API."""

from enum import StrEnum


class StaffGroup(StrEnum):
    """The groups by which fill and agency use are reported (FOI and weekly-return grouping)."""

    NURSING_MIDWIFERY = "nursing_midwifery"
    HCA = "hca"
    AHP_STT = "ahp_stt"
    MEDICAL_DENTAL = "medical_dental"
    ADMIN_CLERICAL = "admin_clerical"
    ESTATES_FACILITIES = "estates_facilities"


class Grade(StrEnum):
    """Agenda for Change bands, medical grades and GP grades."""

    BAND_2 = "band_2"
    BAND_3 = "band_3"
    BAND_4 = "band_4"
    BAND_5 = "band_5"
    BAND_6 = "band_6"
    BAND_7 = "band_7"
    BAND_8A = "band_8a"
    BAND_8B = "band_8b"
    BAND_8C = "band_8c"
    BAND_8D = "band_8d"
    BAND_9 = "band_9"
    FY1 = "fy1"
    FY2 = "fy2"
    CORE_TRAINEE = "ct_st1_2"
    HIGHER_TRAINEE = "st3_plus"
    SAS = "sas"
    CONSULTANT = "consultant"
    GP = "gp"


class RequestReason(StrEnum):
    """Why cover is asked for (bank.md §2.9). The list is closed; `other` needs a text."""

    VACANCY = "vacancy"
    SICKNESS_SHORT = "sickness_short"
    SICKNESS_LONG = "sickness_long"
    ANNUAL_LEAVE = "annual_leave"
    PARENTAL_LEAVE = "parental_leave"
    STUDY_LEAVE = "study_leave"
    ENHANCED_CARE = "enhanced_care"
    ACUITY = "acuity"
    EXTRA_CAPACITY = "extra_capacity"
    WINTER_PRESSURE = "winter_pressure"
    SUPERNUMERARY = "supernumerary"
    SPECIAL_LEAVE = "special_leave"
    SUSPENSION = "suspension"
    REDEPLOYED = "redeployed"
    NEW_SERVICE = "new_service"
    WAITING_LIST = "waiting_list"
    ESCORT = "escort"
    OUTBREAK = "outbreak"
    INDUSTRIAL_ACTION = "industrial_action"
    STRIKE_BACKFILL = "strike_backfill"
    """Cover for staff who were moved to cover strikers: reg 7 Conduct Regulations counts it too."""
    ROSTER_ERROR = "roster_error"
    OTHER = "other"


class Tier(StrEnum):
    """Who sees a shift, in the order of the cascade (bank.md §2.2)."""

    OWN_BANK = "own_bank"
    OWN_FALLBACK = "own_fallback"
    PARTNER = "partner"
    AGENCY_1 = "agency_1"
    AGENCY_2 = "agency_2"
    AGENCY_3 = "agency_3"
    OFF_FRAMEWORK = "off_framework"


BANK_TIERS = (Tier.OWN_BANK, Tier.OWN_FALLBACK, Tier.PARTNER)
FRAMEWORK_TIERS = (Tier.AGENCY_1, Tier.AGENCY_2, Tier.AGENCY_3)
AGENCY_TIERS = (*FRAMEWORK_TIERS, Tier.OFF_FRAMEWORK)


class ShiftState(StrEnum):
    """Stored states of a shift. `unfilled` is an open shift whose start has passed: derived."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REJECTED = "rejected"
    OPEN = "open"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"


class BookingState(StrEnum):
    """States of a booking (bank.md §3)."""

    OFFERED = "offered"
    APPLIED = "applied"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    WORKED = "worked"
    DID_NOT_ATTEND = "did_not_attend"
    DECLINED = "declined"
    CANCELLED_WORKER = "cancelled_worker"
    CANCELLED_WARD = "cancelled_ward"
    DISPLACED = "displaced"


LIVE_BOOKING = (BookingState.CONFIRMED, BookingState.CHECKED_IN, BookingState.WORKED)
"""A booking in one of these holds the place. Used by the index, the exclusion and the rules."""


class HoursKind(StrEnum):
    """What a stretch of busy time is. Never where."""

    BOOKING = "booking"
    DUTY = "duty"
    LEAVE = "leave"
    SICKNESS = "sickness"
    DECLARED = "declared"


class FillBucket(StrEnum):
    """Each requested shift is in exactly one."""

    OWN_BANK = "own_bank"
    PARTNER_BANK = "partner_bank"
    FRAMEWORK_AGENCY = "framework_agency"
    OFF_FRAMEWORK = "off_framework"
    UNFILLED = "unfilled"
