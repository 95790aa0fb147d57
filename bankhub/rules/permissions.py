"""Who may do what on the upper floor: one table (actors and rights of bank.md §3)."""

from collections.abc import Mapping
from enum import StrEnum

from passport.actors import AccessRole, Actor, Via
from passport.rules.permissions import Permission, permit

R = AccessRole


class Deed(StrEnum):
    """Deeds of the upper floor. The names are also the scopes of API tokens."""

    POST_SHIFT = "shifts.post"
    READ_SHIFTS = "shifts.read"
    AMEND_SHIFT = "shifts.amend"
    WITHDRAW_SHIFT = "shifts.withdraw"
    AUTHORISE_SHIFT = "shifts.authorise"
    IMPORT_ROSTER = "shifts.import"
    OPEN_EARLY = "shifts.open_early"
    SEE_CANDIDATES = "candidates.read"
    RECORD_CONTACT = "contacts.record"
    FIND_SHIFTS = "me.shifts"
    BOOK_SELF = "me.book"
    KEEP_OWN_HOURS = "me.hours"
    ASSIGN = "bookings.assign"
    ANSWER_APPLICATION = "bookings.answer"
    CANCEL_BOOKING = "bookings.cancel"
    OVERRIDE_SOFT_RULE = "bookings.override"
    RECORD_AGENCY_FILL = "agency.record"
    ASK_BREAK_GLASS = "break_glass.ask"
    GRANT_BREAK_GLASS = "break_glass.grant"
    REVIEW_BREAK_GLASS = "break_glass.review"
    READ_FIGURES = "figures.read"
    DRILL_DOWN = "figures.drill_down"
    EXPORT_FIGURES = "figures.export"
    EDIT_POLICY = "policy.edit"
    READ_POLICY = "policy.read"
    EDIT_UNITS = "units.edit"
    EDIT_RATES = "rates.edit"
    RESTRICT = "restrictions.make"
    READ_POSTS = "posts.read"
    EDIT_POSTS = "posts.edit"
    READ_AGREEMENTS = "agreements.read"
    DRAFT_AGREEMENT = "agreements.draft"
    REVIEW_AGREEMENT = "agreements.review"
    SIGN_AGREEMENT = "agreements.sign"
    END_AGREEMENT = "agreements.end"
    """Suspend a party, give notice, terminate."""
    KEEP_AGREEMENTS = "agreements.keep"
    """Expire, remind, wind down: by the clock."""
    READ_CLEARANCES = "clearances.read"
    CLEAR = "clearances.decide"
    ASK_BYPASS = "clearances.ask_bypass"
    GRANT_BYPASS = "clearances.grant_bypass"
    ASK_SUPERVISED = "clearances.ask_supervised"
    GRANT_SUPERVISED = "clearances.grant_supervised"
    KEEP_CLEARANCES = "clearances.keep"
    """Decide again by the clock."""
    CHECK_IN = "check_ins.record"
    CHECK_IN_SELF = "me.check_in"
    SIGN_INDUCTION = "inductions.sign"
    READ_DEPLOYMENTS = "deployments.read"
    PROPOSE_DEPLOYMENT = "deployments.propose"
    RUN_DEPLOYMENT = "deployments.run"
    """Authorise as home, accept as host, tick tasks off, end."""
    OWN_DEPLOYMENT = "me.deployments"
    READ_RECHARGES = "recharges.read"
    READ_SYSTEM_VIEW = "system.read"
    READ_IG = "ig.read"
    """Data-flow map, record of processing, privacy notice, DPIA, retention."""


_OFFICE = (R.ROTA_COORDINATOR, R.BANK_MANAGER)
_WARD = (R.WARD_REQUESTER, R.BUDGET_HOLDER)

PERMISSIONS: Mapping[str, Permission] = {
    Deed.POST_SHIFT: permit(R.WARD_REQUESTER, *_OFFICE),
    Deed.READ_SHIFTS: permit(*_WARD, *_OFFICE, R.EXECUTIVE_ON_CALL, R.AUDITOR),
    Deed.AMEND_SHIFT: permit(R.WARD_REQUESTER, *_OFFICE),
    Deed.WITHDRAW_SHIFT: permit(R.WARD_REQUESTER, *_OFFICE),
    Deed.AUTHORISE_SHIFT: permit(R.BUDGET_HOLDER, R.BANK_MANAGER),
    Deed.IMPORT_ROSTER: permit(*_OFFICE),
    Deed.OPEN_EARLY: permit(R.BANK_MANAGER, R.ROTA_COORDINATOR),
    Deed.SEE_CANDIDATES: permit(*_OFFICE),
    Deed.RECORD_CONTACT: permit(*_OFFICE),
    Deed.FIND_SHIFTS: permit(R.WORKER),
    Deed.BOOK_SELF: permit(R.WORKER),
    Deed.KEEP_OWN_HOURS: permit(R.WORKER),
    Deed.ASSIGN: permit(*_OFFICE),
    Deed.ANSWER_APPLICATION: permit(R.WARD_REQUESTER, *_OFFICE),
    Deed.CANCEL_BOOKING: permit(*_OFFICE),
    Deed.OVERRIDE_SOFT_RULE: permit(R.BANK_MANAGER, step_up=True),
    Deed.RECORD_AGENCY_FILL: permit(*_OFFICE),
    Deed.ASK_BREAK_GLASS: permit(*_OFFICE),
    Deed.GRANT_BREAK_GLASS: permit(R.EXECUTIVE_ON_CALL, step_up=True),
    Deed.REVIEW_BREAK_GLASS: permit(R.BANK_MANAGER, R.EXECUTIVE_ON_CALL),
    Deed.READ_FIGURES: permit(
        *_OFFICE, R.BUDGET_HOLDER, R.EXECUTIVE_ON_CALL, R.AUDITOR, R.SYSTEM_ANALYST
    ),
    Deed.DRILL_DOWN: permit(*_OFFICE, R.BUDGET_HOLDER, R.AUDITOR),
    Deed.EXPORT_FIGURES: permit(*_OFFICE, R.AUDITOR, R.SYSTEM_ANALYST, step_up=True),
    Deed.EDIT_POLICY: permit(R.BANK_MANAGER, step_up=True),
    Deed.READ_POLICY: permit(*_OFFICE, R.AUDITOR, R.EXECUTIVE_ON_CALL),
    Deed.EDIT_UNITS: permit(R.BANK_MANAGER),
    Deed.EDIT_RATES: permit(R.BANK_MANAGER, step_up=True),
    Deed.RESTRICT: permit(R.BANK_MANAGER),
    Deed.READ_POSTS: permit(*_OFFICE, R.HR_OFFICER, R.AUDITOR),
    Deed.EDIT_POSTS: permit(R.HR_OFFICER, R.BANK_MANAGER),
    Deed.READ_AGREEMENTS: permit(
        *_OFFICE, R.HR_OFFICER, R.BUDGET_HOLDER, R.EXECUTIVE_ON_CALL, R.AUDITOR, R.IG_LEAD
    ),
    Deed.DRAFT_AGREEMENT: permit(R.BANK_MANAGER),
    Deed.REVIEW_AGREEMENT: permit(
        R.BANK_MANAGER, R.HR_OFFICER, R.BUDGET_HOLDER, R.EXECUTIVE_ON_CALL, R.IG_LEAD
    ),
    Deed.SIGN_AGREEMENT: permit(R.BANK_MANAGER, R.EXECUTIVE_ON_CALL, step_up=True),
    Deed.END_AGREEMENT: permit(R.BANK_MANAGER, R.EXECUTIVE_ON_CALL, step_up=True),
    Deed.KEEP_AGREEMENTS: permit(jobs=True),
    Deed.READ_CLEARANCES: permit(
        *_OFFICE, R.HR_OFFICER, R.VERIFIER, R.EXECUTIVE_ON_CALL, R.AUDITOR
    ),
    Deed.CLEAR: permit(R.HR_OFFICER, R.BANK_MANAGER, R.VERIFIER),
    Deed.ASK_BYPASS: permit(R.HR_OFFICER, R.BANK_MANAGER),
    Deed.GRANT_BYPASS: permit(R.HR_OFFICER, R.BANK_MANAGER, R.EXECUTIVE_ON_CALL, step_up=True),
    Deed.ASK_SUPERVISED: permit(R.HR_OFFICER, R.BANK_MANAGER),
    Deed.GRANT_SUPERVISED: permit(R.HR_OFFICER, R.BANK_MANAGER, step_up=True),
    Deed.KEEP_CLEARANCES: permit(jobs=True),
    Deed.CHECK_IN: permit(*_WARD, *_OFFICE),
    Deed.CHECK_IN_SELF: permit(R.WORKER),
    Deed.SIGN_INDUCTION: permit(*_WARD, *_OFFICE),
    Deed.READ_DEPLOYMENTS: permit(*_OFFICE, R.HR_OFFICER, R.AUDITOR),
    Deed.PROPOSE_DEPLOYMENT: permit(*_OFFICE, R.HR_OFFICER),
    Deed.RUN_DEPLOYMENT: permit(R.HR_OFFICER, R.BANK_MANAGER),
    Deed.OWN_DEPLOYMENT: permit(R.WORKER),
    Deed.READ_RECHARGES: permit(R.BANK_MANAGER, R.BUDGET_HOLDER, R.AUDITOR),
    Deed.READ_SYSTEM_VIEW: permit(R.SYSTEM_ANALYST, R.BANK_MANAGER, R.AUDITOR),
    Deed.READ_IG: permit(R.IG_LEAD, R.BANK_MANAGER, R.HR_OFFICER, R.AUDITOR),
}


def sees_small_counts(actor: Actor) -> bool:
    """Whether figures are shown to the actor as they are. To a system analyst small counts are
    suppressed, unless another role in the same organisation reads figures too."""
    exact = PERMISSIONS[Deed.READ_FIGURES].roles - {R.SYSTEM_ANALYST}
    return actor.via is Via.OPERATOR or bool(actor.roles & exact)


def may_say_need_ended(actor: Actor) -> bool:
    """Whether the actor may record that a need ended, which takes a late withdrawal out of the
    unfilled: the bank office, never the ward that asked."""
    return actor.via is Via.OPERATOR or bool(actor.roles & frozenset(_OFFICE))


def reads_the_register(actor: Actor) -> bool:
    """Whether the actor reads what a register says of partners' people, and what two people
    decided about a restriction: who looks numbers up or audits, never the rota."""
    looks_up = PERMISSIONS[Deed.CLEAR].roles | {R.AUDITOR}
    return actor.via is Via.OPERATOR or bool(actor.roles & looks_up)
