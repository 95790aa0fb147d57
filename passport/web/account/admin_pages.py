"""People and roles: who may do what in the organisation, for its bank managers and HR."""

import csv
import io
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from passport.actions.access import accounts, delegations, roles
from passport.actions.permission import demand
from passport.actors import AccessRole
from passport.errors import Invalid, Refused
from passport.london import london_day
from passport.rules.permissions import PERMISSIONS, Deed, why_not
from passport.sealing import vault_of
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.account.role_words import ROLE_HINTS, ROLE_WORDS, role_words
from passport.web.forms import FormState
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.parsing import choice_of, day_of, uuid_of
from passport.web.refusals import Answer, form_again

pages = Blueprint("admin", __name__, url_prefix="/people-and-roles")

Page = str | Answer | Response | Redirect

PAGE_SIZE = 50


def _may() -> dict[str, bool]:
    """What the actor may do here; decides which buttons are drawn, never whether a deed is done."""
    actor = current_actor()

    def may(deed: Deed) -> bool:
        reason = why_not(actor, deed, PERMISSIONS)
        return reason is None or reason.code == "step_up_needed"

    return {
        "invite": may(Deed.CREATE_ACCOUNT),
        "grant": may(Deed.GRANT_ROLE),
        "end": may(Deed.END_ACCOUNT),
        "delegate": may(Deed.DELEGATE),
        "export": may(Deed.EXPORT_INVITATIONS),
    }


def _role_choices() -> list[tuple[str, str, str]]:
    """Roles the actor may give, with what each is for."""
    given = list(ROLE_WORDS) if _may()["grant"] else [AccessRole.WORKER]
    return [(role.value, ROLE_WORDS[role], ROLE_HINTS[role]) for role in given]


@pages.get("")
def members() -> Page:
    """The accounts of the organisation, a page at a time, and its delegations."""
    by = current_actor()
    search, role = request.args.get("search", ""), request.args.get("role", "")
    wanted = AccessRole(role) if role in set(AccessRole) else None
    with db().reading() as session:
        found = roles.members(
            session,
            by=by,
            search=search,
            role=wanted,
            after=request.args.get("after", ""),
            limit=PAGE_SIZE + 1,
        )
        lent_out = delegations.made_by_organisation(session, by=by, now=real_now())
    shown = found[:PAGE_SIZE]
    after = shown[-1].email if len(found) > PAGE_SIZE else ""
    more = url_for("admin.members", search=search, role=role, after=after) if after else None
    return render_template(
        "passport/members.html",
        form=FormState({"search": search, "role": role}),
        members=shown,
        more=more,
        delegations=lent_out,
        role_words=role_words,
        role_options=[(one.value, words) for one, words in ROLE_WORDS.items()],
        may=_may(),
    )


@pages.route("/invite", methods=["GET", "POST"])
def invite() -> Page:
    """Invite someone in one role; more can be given afterwards."""
    demand(current_actor(), Deed.CREATE_ACCOUNT)
    context = {"role_choices": _role_choices()}
    if request.method == "GET":
        return render_template("passport/invite.html", form=FormState(), **context)
    try:
        return idempotency.deed(_invite)
    except (Invalid, Refused) as problem:
        return form_again("passport/invite.html", problem, **context)


def _invite(session: Any) -> Response:
    invited = accounts.invite(
        session,
        email=request.form.get("email", ""),
        role=choice_of(AccessRole, request.form.get("role"), "role"),
        vault=vault_of(lent().config),
        by=current_actor(),
        now=real_now(),
    )
    say("An e-mail is on its way.")
    return Response(
        status=303, headers={"Location": url_for("admin.member", account_id=invited.account_id)}
    )


@pages.get("/<account_id>")
def member(account_id: str) -> Page:
    """One person's roles here."""
    with db().reading() as session:
        found = roles.member(session, account_id=uuid_of(account_id), by=current_actor())
    return render_template(
        "passport/member.html",
        form=FormState(),
        member=found,
        role_options=[(value, words) for value, words, _ in _role_choices()],
        role_words=role_words,
        may=_may(),
    )


@pages.post("/<account_id>/roles")
def grant(account_id: str) -> Page:
    """Give a further role."""
    with db().transaction() as session:
        roles.grant(
            session,
            account_id=uuid_of(account_id),
            role=choice_of(AccessRole, request.form.get("role"), "role"),
            by=current_actor(),
            now=real_now(),
        )
    say("The role is given.")
    return redirect(url_for("admin.member", account_id=account_id), 303)


@pages.post("/<account_id>/roles/<grant_id>/end")
def end_role(account_id: str, grant_id: str) -> Page:
    """End a role."""
    with db().transaction() as session:
        roles.end(
            session,
            account_id=uuid_of(account_id),
            grant_id=uuid_of(grant_id),
            by=current_actor(),
            now=real_now(),
        )
    say("The role has ended.")
    return redirect(url_for("admin.members"), 303)


@pages.post("/<account_id>/invite-again")
def invite_again(account_id: str) -> Page:
    """Send the e-mail once more."""
    with db().transaction() as session:
        accounts.invite_again(
            session,
            account_id=uuid_of(account_id),
            vault=vault_of(lent().config),
            by=current_actor(),
            now=real_now(),
        )
    say("The e-mail is on its way again.")
    return redirect(url_for("admin.member", account_id=account_id), 303)


@pages.post("/<account_id>/sessions/end")
def end_sessions(account_id: str) -> Page:
    """Sign the person out everywhere."""
    with db().transaction() as session:
        accounts.end_sessions(
            session, account_id=uuid_of(account_id), by=current_actor(), now=real_now()
        )
    say("They are signed out everywhere.")
    return redirect(url_for("admin.member", account_id=account_id), 303)


@pages.post("/<account_id>/leave")
def leave(account_id: str) -> Page:
    """The person has left: everything of theirs here ends at once."""
    with db().transaction() as session:
        accounts.leave(session, account_id=uuid_of(account_id), by=current_actor(), now=real_now())
    say("Their roles, tokens and sessions here have ended.")
    return redirect(url_for("admin.members"), 303)


@pages.post("/<account_id>/letter")
def letter(account_id: str) -> Page:
    """A link to pass on in one's own letter, as a CSV file."""
    with db().transaction() as session:
        handed = accounts.hand_over(
            session,
            account_ids=[uuid_of(account_id)],
            vault=vault_of(lent().config),
            by=current_actor(),
            now=real_now(),
        )
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["email", "link"])
    for email, token in handed:
        lines.writerow([email, lent().config.base_url + url_for("entry.letter", token=token)])
    headers = {"Content-Disposition": 'attachment; filename="invitations.csv"'}
    return Response(text.getvalue(), mimetype="text/csv", headers=headers)


@pages.route("/delegate", methods=["GET", "POST"])
def delegate() -> Page:
    """Name a person of the network's bank office as second person, for a time."""
    demand(current_actor(), Deed.DELEGATE)
    context = {"role_choices": [c for c in _role_choices() if c[0] != AccessRole.WORKER]}
    if request.method == "GET":
        start = {"from_on": london_day(real_now()).isoformat()}
        return render_template("passport/delegate.html", form=FormState(start), **context)
    try:
        with db().transaction() as session:
            delegations.make(
                session,
                email=request.form.get("email", ""),
                role=choice_of(AccessRole, request.form.get("role"), "role"),
                from_on=day_of(request.form.get("from_on"), "from_on"),
                until_on=day_of(request.form.get("until_on"), "until_on"),
                by=current_actor(),
                now=real_now(),
            )
    except (Invalid, Refused) as problem:
        return form_again("passport/delegate.html", problem, **context)
    say("The delegation is on record, and the person is told.")
    return redirect(url_for("admin.members"), 303)


@pages.post("/delegations/<delegation_id>/end")
def end_delegation(delegation_id: str) -> Page:
    """End a delegation early."""
    with db().transaction() as session:
        delegations.end(
            session, delegation_id=uuid_of(delegation_id), by=current_actor(), now=real_now()
        )
    say("The delegation has ended.")
    return redirect(url_for("admin.members"), 303)
