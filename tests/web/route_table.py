"""What each route is for: whose right it takes, and what the names in addresses stand for.

The walks read it. A route that is missing here fails a test until it is entered.
"""

from enum import Enum

from bankhub.rules import permissions as upper
from passport.rules import permissions as ground
from tests.support.callers import Route


class Anyone(Enum):
    """Routes that take no right."""

    VISITOR = "also without a sign-in"
    ACCOUNT = "everybody who is signed in, for their own account"


D, P = upper.Deed, ground.Deed
V, A = Anyone.VISITOR, Anyone.ACCOUNT

Right = Anyone | upper.Deed | ground.Deed

RIGHTS: dict[str, Right | tuple[Right, ...]] = {
    # the ground floor
    **dict.fromkeys(
        ("alive", "ready", "openapi", "first_page", "sign_in.show", "sign_in.enter",
         "sign_in.enter_demo", "sign_in.passkey_options", "sign_in.enter_by_passkey",
         "entry.invitation", "entry.accept", "entry.letter", "entry.forgotten", "entry.reset",
         "entry.set_anew", "wallet.show", "wallet.worker"), V,
    ),
    **dict.fromkeys(
        ("sign_in.second_factor_page", "sign_in.second_factor_options", "sign_in.give_passkey",
         "sign_in.sign_out", "account.overview", "account.choose_place", "account.switch",
         "account.confirm", "account.password", "account.end_one_session",
         "account.end_everywhere", "account.new_token", "account.revoke_token", "factors.show",
         "factors.start_app", "factors.confirm_app", "factors.passkey_options",
         "factors.add_passkey", "factors.new_codes", "factors.remove", "me.me",
         "holder.show", "holder.add", "holder.add_here", "holder.add_elsewhere", "holder.reject",
         "holder.freeze", "holder.freeze_all"), A,
    ),
    "phones.show": P.READ_PASSPORTS,
    "phones.freeze": P.ISSUE,
    **dict.fromkeys(("admin.members", "admin.member"), P.READ_ACCOUNTS),
    **dict.fromkeys(
        ("admin.invite", "admin.grant", "admin.invite_again"), P.CREATE_ACCOUNT
    ),
    "admin.end_role": P.GRANT_ROLE,
    **dict.fromkeys(("admin.end_sessions", "admin.leave"), P.END_ACCOUNT),
    "admin.letter": P.EXPORT_INVITATIONS,
    **dict.fromkeys(("admin.delegate", "admin.end_delegation"), P.DELEGATE),
    **dict.fromkeys(
        ("well_known.show_trust_list", "well_known.show_root", "well_known.show_status_lists",
         "well_known.show_status_list", "well_known.show_issuer", "well_known.show_type",
         "well_known.show_schema"), V,
    ),
    **dict.fromkeys(
        ("openid4vci.issuer_metadata", "openid4vci.issuer_metadata_below",
         "openid4vci.server_metadata", "openid4vci.server_metadata_below", "openid4vci.offer",
         "openid4vci.token", "openid4vci.nonce", "openid4vci.credential", "openid4vci.notify"), V,
    ),
    **dict.fromkeys(("openid4vp.request_object", "openid4vp.response"), V),
    **dict.fromkeys(
        ("ask.index", "ask.new", "ask.show", "ask.state", "ask.come_back", "ask.decide",
         "presentations.ask", "presentations.read"),
        P.ASK_TO_PRESENT,
    ),
    **dict.fromkeys(
        ("verify.show", "verify.worker", "verify.decoder", "verify.lists", "verify.me",
         "verify.enrol", "verify.take_verdicts", "verify.expected"), V,
    ),
    **dict.fromkeys(
        ("verdicts.decide", "verdicts.ask_code", "verdicts.look", "api_verdicts.check"), P.VERIFY
    ),
    **dict.fromkeys(
        ("verdicts.listed", "verdicts.devices", "api_verdicts.list_verdicts"), P.READ_VERDICTS
    ),
    "verdicts.limits": (P.READ_VERDICTS, P.SET_FRESHNESS),
    **dict.fromkeys(("verdicts.new_device", "verdicts.revoke_device"), P.ENROL_DEVICE),
    **dict.fromkeys(("verdicts.print_code", "verdicts.end_code"), P.ISSUE),
    **dict.fromkeys(
        ("registers.index", "registers.due", "registers.mismatches", "registers.changes"),
        P.READ_PASSPORTS,
    ),
    "registers.ending": P.READ_PEOPLE,
    "registers.relied_on": P.READ_VERDICTS,
    "registers.own": A,
    **dict.fromkeys(
        ("registers.file", "registers.check_file", "registers.take", "registers.choose_class",
         "registers.preview_class", "registers.end_class"), P.CHECK_REGISTER,
    ),
    **dict.fromkeys(
        ("issuing.listed", "issuing.person", "issuing.photo", "issuing.queue",
         "issue_batches.batches", "issue_batches.batch"), P.READ_PASSPORTS,
    ),
    **dict.fromkeys(
        ("issuing.issue", "issuing.add_photo", "issuing.died", "issue_deeds.change",
         "issue_deeds.check", "issue_deeds.answer_check", "issue_batches.draw",
         "issue_batches.checks", "issue_batches.batch_deed"), P.ISSUE,
    ),
    **dict.fromkeys(("passports.list_passports", "passports.read_passport"), P.READ_PASSPORTS),
    **dict.fromkeys(
        ("passports.decide_bundle", "passports.decide_credential",
         "passports.withdraw_credential",
         "passports.revoke_credential"), P.ISSUE,
    ),
    **dict.fromkeys(
        ("passports.suspend_credential", "passports.reinstate_credential"),
        (P.ISSUE, P.CHECK_REGISTER),
    ),
    "keys.show": P.READ_KEYS,
    **dict.fromkeys(("keys.rotate", "keys.replace"), P.MANAGE_KEYS),
    # the API
    **dict.fromkeys(("work.find_shifts", "work.one_shift", "work.my_bookings"), D.FIND_SHIFTS),
    **dict.fromkeys(("work.my_hours", "work.declare_hours", "work.remove_hours"), D.KEEP_OWN_HOURS),
    "work.book": D.BOOK_SELF,
    "work.cancel": D.BOOK_SELF,
    **dict.fromkeys(("work.accept", "work.decline"), D.ANSWER_APPLICATION),
    "shifts.post_shift": D.POST_SHIFT,
    "shifts.submit_shift": D.POST_SHIFT,
    **dict.fromkeys(("shifts.list_shifts", "shifts.read_shift"), D.READ_SHIFTS),
    **dict.fromkeys(("shifts.authorise_shift", "shifts.reject_shift"), D.AUTHORISE_SHIFT),
    "shifts.withdraw_shift": D.WITHDRAW_SHIFT,
    "shifts.open_early": D.OPEN_EARLY,
    "shifts.record_agency_fill": D.RECORD_AGENCY_FILL,
    "shifts.ask_break_glass": D.ASK_BREAK_GLASS,
    **dict.fromkeys(("shifts.grant_break_glass", "shifts.refuse_break_glass"), D.GRANT_BREAK_GLASS),
    "shifts.review_break_glass": D.REVIEW_BREAK_GLASS,
    "filling.list_candidates": D.SEE_CANDIDATES,
    "filling.look": D.SEE_CANDIDATES,
    "filling.record_contact": D.RECORD_CONTACT,
    "filling.assign": D.ASSIGN,
    **dict.fromkeys(("rosters.send_roster", "rosters.take_roster"), D.IMPORT_ROSTER),
    **dict.fromkeys(("fill_rate.fill_rate", "figures.show"), D.READ_FIGURES),
    **dict.fromkeys(("fill_rate.fill_rate_shifts", "figures.shifts"), D.DRILL_DOWN),
    "figures.download": D.EXPORT_FIGURES,
    **dict.fromkeys(("system.show", "system_view.read_system_view"), D.READ_SYSTEM_VIEW),
    **dict.fromkeys(
        ("agreements.listed", "agreements.show", "agreements.document", "agreements.file",
         "agreements.who_sees_whom", "agreement_api.list_agreements",
         "agreement_api.read_agreement", "agreement_api.read_file",
         "agreement_api.who_sees_whom"), D.READ_AGREEMENTS,
    ),
    **dict.fromkeys(
        ("agreement_drafts.new", "agreement_drafts.edit", "agreement_drafts.vary",
         "agreement_steps.accession", "agreement_steps.take_step",
         "agreement_api.draft_agreement", "agreement_api.vary_agreement",
         "agreement_api.add_party", "agreement_api.edit_version",
         "agreement_api.send_to_review", "agreement_api.send_out",
         "agreement_api.abandon_version"), D.DRAFT_AGREEMENT,
    ),
    **dict.fromkeys(
        ("agreement_steps.review", "agreement_api.review_version"), D.REVIEW_AGREEMENT
    ),
    **dict.fromkeys(("agreement_ends.sign", "agreement_api.sign_version"), D.SIGN_AGREEMENT),
    **dict.fromkeys(
        ("agreement_ends.suspend", "agreement_ends.lift", "agreement_ends.notice",
         "agreement_ends.withdraw", "agreement_api.withdraw_notice",
         "agreement_ends.terminate", "agreement_api.suspend_party",
         "agreement_api.lift_suspension", "agreement_api.give_notice",
         "agreement_api.terminate_agreement"), D.END_AGREEMENT,
    ),
    **dict.fromkeys(("policy.index", "policy.version"), D.READ_POLICY),
    **dict.fromkeys(("policy.edit", "policy.in_flight"), D.EDIT_POLICY),
    **dict.fromkeys(
        ("settings.index", "settings.rates", "settings.exemptions"), D.READ_POLICY
    ),
    "settings.units": D.READ_SHIFTS,
    "settings.unit": D.EDIT_UNITS,
    "shift_codes.index": D.READ_SHIFTS,
    **dict.fromkeys(
        ("shift_codes.new", "shift_codes.change", "shift_codes.remove", "shift_codes.adopt"),
        D.EDIT_UNITS,
    ),
    "settings.new_rate": D.EDIT_RATES,
    "settings.new_exemption": D.EDIT_POLICY,
    "settings.audit": P.READ_AUDIT,
    "bank_settings.list_policies": D.READ_POLICY,
    "bank_settings.adopt_policy": D.EDIT_POLICY,
    "bank_settings.list_units": D.READ_SHIFTS,
    "bank_settings.list_shift_codes": D.READ_SHIFTS,
    **dict.fromkeys(
        ("bank_settings.add_shift_code", "bank_settings.change_shift_code",
         "bank_settings.remove_shift_code"), D.EDIT_UNITS
    ),
    "bank_settings.list_rates": D.READ_POLICY,
    "bank_settings.add_rate": D.EDIT_RATES,
    # a worker's pages
    **dict.fromkeys(
        ("worker.home", "worker.find", "worker.shift", "worker.shifts", "worker.ask_cancel"),
        D.FIND_SHIFTS,
    ),
    **dict.fromkeys(("worker.book", "worker.cancel"), D.BOOK_SELF),
    **dict.fromkeys(
        ("own_check_in.show", "own_check_in.come", "own_check_in.sign_own",
         "check_ins.check_in_own", "check_ins.sign_own_induction"), D.CHECK_IN_SELF,
    ),
    **dict.fromkeys(
        ("check_in.listed", "check_in.one", "check_in.check_in", "check_ins.list_arrivals",
         "check_ins.check_in"), D.CHECK_IN,
    ),
    "check_in.blocked_ahead": D.READ_SHIFTS,
    **dict.fromkeys(("check_in.ask_lift", "check_in.lift"), D.OVERRIDE_SOFT_RULE),
    **dict.fromkeys(("check_in.sign", "check_ins.sign_induction"), D.SIGN_INDUCTION),
    **dict.fromkeys(
        ("recharges.show", "recharges.download", "check_ins.list_recharges"), D.READ_RECHARGES
    ),
    **dict.fromkeys(
        ("own_hours.show", "own_hours.declare", "own_hours.change", "own_hours.remove"),
        D.KEEP_OWN_HOURS,
    ),
    **dict.fromkeys(
        ("where.listed", "where.show", "where.end", "api_clearances.where_i_may_work",
         "api_clearances.end_own"), D.FIND_SHIFTS,
    ),
    # the clearance desk
    **dict.fromkeys(
        ("clearances.listed", "clearance.show", "api_clearances.list_clearances",
         "api_clearances.list_away", "api_clearances.read_clearance"), D.READ_CLEARANCES,
    ),
    **dict.fromkeys(
        ("clearances.scan", "clearances.clear", "clearances.turn_away",
         "clearance.check_register", "clearance.end", "api_clearances.scan",
         "api_clearances.clear", "api_clearances.check_register", "api_clearances.end"), D.CLEAR,
    ),
    **dict.fromkeys(("clearances.ask_online", "clearances.online"), P.ASK_TO_PRESENT),
    **dict.fromkeys(
        ("clearance.bypass", "bypasses.take_back", "api_clearances.ask_bypass",
         "api_clearances.end_bypass"), D.ASK_BYPASS,
    ),
    **dict.fromkeys(
        ("bypasses.grant", "bypasses.refuse", "api_clearances.grant_bypass",
         "api_clearances.refuse_bypass"), D.GRANT_BYPASS,
    ),
    **dict.fromkeys(
        ("supervision.ask", "supervisions.take_back", "api_supervision.ask_supervised",
         "api_supervision.end_supervised"), D.ASK_SUPERVISED,
    ),
    **dict.fromkeys(
        ("supervisions.grant", "supervisions.refuse", "api_supervision.grant_supervised",
         "api_supervision.refuse_supervised"), D.GRANT_SUPERVISED,
    ),
    # deployments
    **dict.fromkeys(
        ("deployments.listed", "deployments.show", "deployments.paper", "deployments.refuse",
         "deployments.end", "deployments.extend", "deployments.feedback",
         "deployments.competence",
         "api_deployments.list_deployments", "api_deployments.look_at_deployment"),
        D.READ_DEPLOYMENTS,
    ),
    **dict.fromkeys(
        ("deployments.choose", "deployments.propose", "api_deployments.propose_deployment",
         "POST deployments.extend", "api_deployment_extensions.extend_deployment"),
        D.PROPOSE_DEPLOYMENT,
    ),
    **dict.fromkeys(
        ("deployments.authorise", "deployments.accept", "deployments.hold", "deployments.lift",
         "deployments.tick", "POST deployments.refuse", "POST deployments.end",
         "POST deployments.feedback", "POST deployments.competence",
         "api_deployments.authorise_deployment", "api_deployments.accept_deployment",
         "api_deployments.refuse_deployment", "api_deployments.hold_deployment",
         "api_deployments.lift_deployment", "api_deployments.end_deployment",
         "api_deployments.tick_deployment_task", "api_deployments.give_deployment_feedback",
         "api_deployments.record_deployment_competence", "deployments.authorise_extension",
         "deployments.accept_extension", "deployments.refuse_extension",
         "api_deployment_extensions.authorise_deployment_extension",
         "api_deployment_extensions.accept_deployment_extension",
         "api_deployment_extensions.refuse_deployment_extension"), D.RUN_DEPLOYMENT,
    ),
    **dict.fromkeys(
        ("own_deployments.listed", "own_deployments.show", "own_deployments.paper",
         "own_deployments.agree", "own_deployments.decline", "own_deployments.accept",
         "own_deployments.hold", "own_deployments.lift", "own_deployments.end",
         "api_deployments.my_deployments", "api_deployments.my_deployment",
         "api_deployments.agree_to_deployment", "api_deployments.decline_deployment",
         "api_deployments.accept_own_deployment", "api_deployments.hold_own_deployment",
         "api_deployments.lift_own_deployment", "api_deployments.end_own_deployment",
         "own_deployments.agree_extension", "own_deployments.decline_extension",
         "own_deployments.accept_extension", "api_deployment_extensions.agree_to_extension",
         "api_deployment_extensions.decline_extension",
         "api_deployment_extensions.accept_own_extension"),
        D.OWN_DEPLOYMENT,
    ),
    # the personnel office's pages, and a person's own links
    **dict.fromkeys(("people.listed", "people.show"), P.READ_PEOPLE),
    **dict.fromkeys(
        ("people.new", "people.correct", "people.leave", "people.take_back"), P.EDIT_PERSON
    ),
    "people.invite": P.CREATE_ACCOUNT,
    "people.settle": P.ADD_FACT,
    **dict.fromkeys(
        ("people_posts.new", "people_posts.correct", "people_posts.end"), D.EDIT_POSTS
    ),
    **dict.fromkeys(("people_posts.restrict", "people_posts.lift"), D.RESTRICT),
    **dict.fromkeys(("people_facts.add", "people_facts.end"), P.ADD_FACT),
    **dict.fromkeys(
        ("people_import.start", "people_import.columns", "people_import.check",
         "people_import.take", "people_import.refused", "training_import.start",
         "training_import.check", "training_import.take", "training_import.refused"),
        P.IMPORT_PEOPLE,
    ),
    "invitations.show": P.CREATE_ACCOUNT,
    "invitations.letters": P.EXPORT_INVITATIONS,
    **dict.fromkeys(
        ("links.show", "links.ask", "links.confirm", "links.refuse", "links.undo"), A
    ),
    # information governance
    **dict.fromkeys(
        ("information.index", "information.data_flows", "information.data_flows_file",
         "information.record_of_processing", "information.record_of_processing_file",
         "information.privacy_notice", "information.impact_assessment", "information.retention",
         "information.tables", "information_governance.read_data_flows",
         "information_governance.read_record_of_processing",
         "information_governance.read_retention", "information_governance.read_tables",
         "information_governance.read_privacy_notice",
         "information_governance.read_impact_assessment"), D.READ_IG,
    ),
    **dict.fromkeys(
        ("subjects.show", "subjects.one_request", "subject_api.list_requests",
         "subject_api.read_request", "subject_api.read_held", "subject_api.find"),
        P.SEE_SUBJECTS,
    ),
    **dict.fromkeys(
        ("subjects.own", "subjects.own_file", "me.read_looks"), P.USE_OWN_ACCOUNT
    ),
    **dict.fromkeys(("subjects.download", "subject_api.make_file"), P.EXPORT_SUBJECT),
    **dict.fromkeys(("subjects.ask_erasure", "subject_api.ask_erasure"), P.ASK_ERASURE),
    **dict.fromkeys(
        ("subjects.answer", "subject_api.agree", "subject_api.refuse"), P.ERASE
    ),
    # the bank office's pages
    **dict.fromkeys(
        ("today.show", "today.find", "today.applications", "week.show", "week.day",
         "authorise.queue", "shift.show", "shift.act", "shift.cancel", "agency.fill",
         "agency.ask", "agency.break_glasses", "agency.answer", "agency.review"), D.READ_SHIFTS,
    ),
    **dict.fromkeys(
        ("post.new", "post.new_session", "post.change", "post.check", "post.post"), D.POST_SHIFT
    ),
    "amend.amend": D.AMEND_SHIFT,
    "POST shift.act withdraw": D.WITHDRAW_SHIFT,
    "POST shift.act reject": D.AUTHORISE_SHIFT,
    "POST shift.act open-early": D.OPEN_EARLY,
    "POST shift.cancel": D.CANCEL_BOOKING,
    "POST agency.fill": D.RECORD_AGENCY_FILL,
    "POST agency.ask": D.ASK_BREAK_GLASS,
    **dict.fromkeys(("agency.grant", "agency.refuse"), D.GRANT_BREAK_GLASS),
    "POST agency.review": D.REVIEW_BREAK_GLASS,
    **dict.fromkeys(
        ("repeat.pattern", "repeat.copy_week", "repeat.change", "repeat.check", "repeat.post"),
        D.POST_SHIFT,
    ),
    **dict.fromkeys(
        ("fill.show", "fill.assign", "fill.ask_override", "fill.look"), D.SEE_CANDIDATES
    ),
    "fill.call": D.RECORD_CONTACT,
    "fill.book": D.ASSIGN,
    "fill.override": (D.OVERRIDE_SOFT_RULE, D.ASSIGN),
    **dict.fromkeys(
        ("roster.show", "roster.send", "roster.look", "roster.columns", "roster.take",
         "roster.refused"), D.IMPORT_ROSTER,
    ),
    "demo.move": V,
    **dict.fromkeys(("today.accept", "today.decline"), D.ANSWER_APPLICATION),
    **dict.fromkeys(("authorise.authorise", "shift.authorise"), D.AUTHORISE_SHIFT),
    "shift.submit": D.POST_SHIFT,
}  # fmt: skip
"""Endpoint → the right it takes; with the method, and the closed choice in its address, in front
and behind where they differ."""

CAPABILITIES = {
    "token", "published_list", "issuer_ods", "type_name", "type_version", "offer_code", "desk_code",
    "code", "body", "request_key",
}  # fmt: skip
"""Names in addresses that are secrets (whoever holds one may use it, whoever they are), or of what
is published to everybody."""

UNKNOWN = {"handle": "0" * 20}
NOBODYS = "01990000-0000-7000-8000-000000000000"
"""An identifier that nothing has."""


def right_of(route: Route) -> Right | tuple[Right, ...] | None:
    """The right a route takes; None where the table does not say."""
    named = f"{route.method} {route.endpoint}"
    names = (f"{named} {route.choice}", named, route.endpoint)
    return next((RIGHTS[name] for name in names if name in RIGHTS), None)
