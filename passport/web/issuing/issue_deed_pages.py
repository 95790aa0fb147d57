"""What an officer does with one credential or one identity check: each a short form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from sqlalchemy.orm import Session

from passport.actions.issuing import issue_overview
from passport.actions.people import identity_checks
from passport.actions.people.identity_checks import Seen
from passport.actions.signing import credential_life
from passport.errors import Invalid, NotFound, Refused
from passport.model.credential_types import Revocation, Suspension, Withdrawal
from passport.model.credentials import Credential
from passport.rules.credentials.credential_states import suspensions
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.issuing import issue_words
from passport.web.issuing.issue_pages import Page, issuers_only, person_again, to_person, whom
from passport.web.lent import db, real_now
from passport.web.messages import say
from passport.web.parsing import choice_of, day_of
from passport.web.refusals import form_again

pages = Blueprint("issue_deeds", __name__, url_prefix="/passports")


@dataclass(frozen=True, slots=True)
class Verb:
    """One deed on a credential: its words, its reasons, and the action that does it."""

    title: str
    button: str
    note: str
    done: str
    act: Callable[..., None]
    kinds: type[StrEnum] | None = None
    reasons: Mapping[Any, str] | None = None


VERBS: Mapping[str, Verb] = {
    "withdraw": Verb(
        "Withdraw it", "Withdraw", "The holder has not accepted it yet and no longer can.",
        "Withdrawn.", credential_life.withdraw, Withdrawal, issue_words.WITHDRAWALS,
    ),
    "suspend": Verb(
        "Suspend it", "Suspend",
        "Verifiers see within seconds that it is not valid for now. They never learn why.",
        "Suspended.", credential_life.suspend, Suspension, issue_words.SUSPENSIONS,
    ),
    "reinstate": Verb(
        "Reinstate it", "Reinstate", "It is good again once nothing else holds it back.",
        "Reinstated.", credential_life.reinstate, Suspension, issue_words.SUSPENSIONS,
    ),
    "revoke": Verb(
        "Revoke it", "Revoke", "It ends for good. For a time, suspend it instead.", "Revoked.",
        credential_life.revoke, Revocation, issue_words.REVOCATIONS,
    ),
    "resolve": Verb(
        "Looked into", "It was looked into",
        "Put the record right first where the holder is right; then issue it anew.",
        "Marked as looked into.", credential_life.resolve,
    ),
}  # fmt: skip


@pages.route(
    "/credentials/<uuid:credential_id>/<any(withdraw,suspend,reinstate,revoke,resolve):verb>",
    methods=["GET", "POST"],
)
@issuers_only
def change(credential_id: UUID, verb: str) -> Page:
    """One deed on one credential."""
    known = VERBS[verb]
    if request.method == "GET":
        context = _asked(credential_id, verb, known)
        return render_template("passport/issuing/change.html", form=FormState(), **context)
    try:
        return idempotency.deed(lambda session: _done(session, credential_id, known))
    except (Invalid, Refused) as problem:
        context = _asked(credential_id, verb, known)
        return form_again("passport/issuing/change.html", problem, **context)


def _done(session: Session, credential_id: UUID, verb: Verb) -> Response:
    given: dict[str, Any] = {}
    if verb.kinds is not None:
        given["reason"] = choice_of(verb.kinds, request.form.get("reason"), "reason")
    found = _credential(session, credential_id)
    verb.act(session, credential_id=credential_id, by=current_actor(), now=real_now(), **given)
    say(verb.done)
    return to_person(found.person_id)


def _asked(credential_id: UUID, name: str, verb: Verb) -> dict[str, Any]:
    with db().reading() as session:
        found = _credential(session, credential_id)
    reasons = dict(verb.reasons or {})
    if name == "reinstate":
        standing = suspensions(found.state, found.reason)
        reasons = {code: words for code, words in reasons.items() if code in standing}
    return {
        "credential": found,
        "verb": verb,
        "action": url_for("issue_deeds.change", credential_id=credential_id, verb=name),
        "reasons": [(code.value, words) for code, words in reasons.items()],
        "words": issue_words,
    }


def _credential(session: Session, credential_id: UUID) -> Credential:
    return issue_overview.credential_of(session, credential_id=credential_id, by=current_actor())


@pages.route("/people/<uuid:person_id>/identity", methods=["GET", "POST"])
@issuers_only
def check(person_id: UUID) -> Page:
    """The first officer says how they checked who somebody is."""
    template = "passport/issuing/identity.html"
    if request.method == "GET":
        return render_template(template, **whom(person_id), form=FormState())

    def work(session: Session) -> Response:
        seen = Seen(
            route=request.form.get("route", ""),
            checked_on=day_of(request.form.get("checked_on"), "checked_on"),
            documents=tuple(request.form.getlist("documents")),
            checked_by=request.form.get("checked_by", "").strip()[:100],
            gpg45_profile=request.form.get("gpg45_profile", "").strip().upper() or None,
        )
        identity_checks.begin(
            session, person_id=person_id, seen=seen, by=current_actor(), now=real_now()
        )
        say("On record. It counts once a second officer has agreed.")
        return to_person(person_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, **whom(person_id))


@pages.post("/people/<uuid:person_id>/identity/<uuid:check_id>")
@issuers_only
def answer_check(person_id: UUID, check_id: UUID) -> Page:
    """The second officer agrees, or says why not."""

    def work(session: Session) -> Response:
        by, at, said = current_actor(), real_now(), request.form.get("answer", "")
        known = identity_checks.checks_of(session, person_id=person_id, by=by)
        if check_id not in {one.id for one in known}:
            raise NotFound
        if said == "agree":
            identity_checks.agree(session, check_id=check_id, by=by, now=at)
            say("Agreed: the check counts.")
        elif said in issue_words.DISAGREEMENTS:
            identity_checks.disagree(session, check_id=check_id, because=said, by=by, now=at)
            say("The check counts for nothing.", "warn")
        else:
            raise Invalid("choice", fields={"answer": ["Choose one of the list."]})
        return to_person(person_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return person_again(person_id, problem)
