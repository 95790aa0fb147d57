"""What a wallet sends back to a request: taken once, judged, and forgotten in time.

An answer that is not one (another state, not readable, not encrypted as asked) changes nothing. The
first that is one ends the request, whatever comes of it: a presentation that does not hold is
told to the asker in red.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.signing.signing import Where
from passport.actions.verifying import ask_limits, judging, presenting
from passport.actions.verifying.ask_limits import AskLimits, Ground
from passport.actions.verifying.judging import Judged
from passport.actors import Actor, Via
from passport.errors import NotFound, Refused
from passport.events import record
from passport.model.accounts import Account
from passport.model.credentials import CredentialCopy, Wallet
from passport.model.people import Person
from passport.model.presentations import Channel, PresentationRequest, VerdictRecord
from passport.rules.permissions import Deed
from passport.rules.tokens import encrypted_answer, jws
from passport.rules.tokens.bad_token import BadToken
from passport.rules.verifying import dcql, presented
from passport.rules.verifying.presented import Shown
from passport.rules.verifying.verdict import Verdict
from passport.sealing import Vault, hash_secret, new_secret

WALLET_ERRORS = frozenset(
    ("access_denied", "invalid_request", "invalid_client", "invalid_scope",
     "vp_formats_not_supported", "invalid_request_uri_method", "invalid_transaction_data",
     "wallet_unavailable")
)  # fmt: skip
MOST_TEXT = encrypted_answer.MOST_BYTES
OTHER_ERROR, OTHER_SESSION = "other_error", "other_session"
OPERATOR = "Operator"


@dataclass(frozen=True, slots=True)
class Answered:
    """What the wallet is told: `error` is None where its answer was taken."""

    error: str | None = None
    description: str = ""
    response_code: str | None = None
    """Leads the browser that asked to what came of it (same device)."""


def take(
    session: Session,
    *,
    request_id: UUID,
    sent: Mapping[str, str],
    limits: AskLimits | None,
    vault: Vault,
    where: Where,
    now: datetime,
) -> Answered:
    """A wallet's answer: an error, or what it shows. Nothing is taken that the agreement does not
    permit any more. Raises `NotFound` for an unknown request."""
    made = session.get(PresentationRequest, request_id, with_for_update=True)
    if made is None:
        raise NotFound
    if presenting.is_over(made, now):
        return Answered("invalid_request", "The request was answered, or has run out.")
    try:
        said = _opened(made, sent, vault)
        if "error" in said:
            return _declined(session, made, said["error"], now)
        presentations = dcql.answers(made.asked, said.get("vp_token"))
        ground = presenting.still_permitted(session, made, limits, now)
    except Refused as problem:
        return Answered("invalid_request", problem.reasons[0].text)
    except BadToken as problem:
        words = f"{problem.code.replace('_', ' ')}{problem.detail and ': '}{problem.detail}"
        return Answered("invalid_request", words)
    return _judged(session, made, presentations, ground, vault, where, now)


def _opened(made: PresentationRequest, sent: Mapping[str, str], vault: Vault) -> dict[str, Any]:
    """The answer's parameters, which have to name the request's state. Raises `BadToken`."""
    if "response" in sent:
        if made.sealed_encryption_key is None:
            raise BadToken("encryption_not_asked_for")
        private = vault.unseal(
            made.sealed_encryption_key, belongs_to=presenting.key_name(made.id)
        )
        said = encrypted_answer.read(sent["response"], private)
    else:
        said = dict(sent)
        if made.sealed_encryption_key is not None and "error" not in said:
            raise BadToken("encryption_missing")
        if isinstance(said.get("vp_token"), str) and len(said["vp_token"]) <= MOST_TEXT:
            said["vp_token"] = jws.json_value(said["vp_token"].encode("utf-8", "surrogatepass"))
    state = said.get("state")
    if not isinstance(state, str) or not compare_digest(hash_secret(state), made.state_hash):
        raise BadToken("wrong_state")
    return said


def _declined(
    session: Session, made: PresentationRequest, error: object, now: datetime
) -> Answered:
    known = isinstance(error, str) and error in WALLET_ERRORS
    made.failed_because = str(error) if known else OTHER_ERROR
    record(
        session, "presentation.declined", subject_id=made.id, by=_by(made), now=now,
        organisation_id=made.organisation_id, because=made.failed_because,
    )  # fmt: skip
    return _end(made, now)


def _judged(
    session: Session,
    made: PresentationRequest,
    presentations: Mapping[str, list[str]],
    ground: Ground | None,
    vault: Vault,
    where: Where,
    now: datetime,
) -> Answered:
    audience = presenting.client_id(presenting.signer_of(session, made, vault))
    shown, issuers = [], []
    for name, texts in presentations.items():
        for text in texts:
            judged = judging.judge_credential(
                session, text, organisation_id=made.organisation_id, audience=audience,
                nonce=made.nonce, where=where, now=now,
            )  # fmt: skip
            issuers.append(judged.issuer_ods)
            shown.append(
                Shown(
                    name, judged.verdict, judged.kind,
                    judged.claims if judged.verdict.checked else None,
                    judged.holder_key, _person_of(session, judged),
                )
            )  # fmt: skip
    verdict = presented.combined(made.asked, shown)
    issued = [(one.kind, issuer) for one, issuer in zip(shown, issuers, strict=True)]
    verdict = ask_limits.without_outsiders(verdict, ground, issued)
    made.verdict = presented.told(verdict, presented.photo(made.asked, shown))
    made.forget_at = now + presenting.purpose_when_made(made).kept
    _write_record(session, made, verdict, shown, issuers, now)
    ended = _end(made, now)
    inside = all(one.code != ask_limits.OUTSIDE for one in verdict.findings)
    if inside and presented.answers_the_query(made.asked, shown):
        return ended
    # No browser is led back by a refusal: the asker is told at once, without whose it was.
    made.verdict, made.response_code_hash = presented.without_facts(made.verdict), None
    words = "A presentation does not hold, or does not answer the query."
    return Answered("invalid_request", words)


def _write_record(
    session: Session,
    made: PresentationRequest,
    verdict: Verdict,
    shown: list[Shown],
    issuers: list[str | None],
    now: datetime,
) -> None:
    """Who checked whom, without any value."""
    first = next((one for one in shown if one.kind == "identity"), shown[0])
    written = VerdictRecord(
        organisation_id=made.organisation_id,
        channel=Channel.ONLINE,
        request_id=made.id,
        checker=_checker(session, made),
        by_account_id=made.made_by_id,
        purpose=made.purpose,
        holder_key=first.holder,
        person_id=_record_of(session, first.holder),
        issuer_ods=issuers[shown.index(first)],
        at=now,
        received_at=now,
        offline=False,
        outcome=verdict.outcome.name.lower(),
        codes=list(dict.fromkeys(one.code for one in verdict.findings)),
        kinds=list(dict.fromkeys(one.kind for one in shown if one.kind)),
    )
    session.add(written)
    session.flush()
    record(
        session, "presentation.checked", subject_id=written.id, by=_by(made), now=now,
        organisation_id=made.organisation_id, request_id=made.id, outcome=written.outcome,
        codes=written.codes,
    )  # fmt: skip


def _end(made: PresentationRequest, now: datetime) -> Answered:
    made.answered_at = now
    made.sealed_encryption_key = None
    if made.session_hash is None:
        return Answered()
    code = new_secret()
    made.response_code_hash = hash_secret(code)
    return Answered(response_code=code)


def come_back(
    session: Session,
    *,
    request_id: UUID,
    response_code: str,
    session_hash: str,
    by: Actor,
    now: datetime,
) -> bool:
    """The wallet led a browser back: whether it is the one that asked. In any other the answer is
    thrown away, for somebody was made to answer another's request."""
    demand(by, Deed.ASK_TO_PRESENT)
    made = session.get(PresentationRequest, request_id, with_for_update=True)
    if made is None or made.organisation_id != by.organisation_id:
        raise NotFound
    if made.session_hash is None or made.response_code_hash is None:
        raise NotFound
    if not compare_digest(hash_secret(response_code), made.response_code_hash):
        raise NotFound
    made.response_code_hash = None
    same = compare_digest(session_hash, made.session_hash)
    if not same:
        made.failed_because, made.verdict, made.forget_at = OTHER_SESSION, None, None
        _spoil_record(session, made)
    record(
        session, "presentation.returned", subject_id=made.id, by=by, now=now, same_browser=same
    )
    return same


def _spoil_record(session: Session, made: PresentationRequest) -> None:
    for one in session.scalars(
        sa.select(VerdictRecord).where(VerdictRecord.request_id == made.id)
    ):
        one.outcome, one.codes = "red", [OTHER_SESSION]


def forget(session: Session, *, by: Actor, now: datetime) -> int:
    """Throw away the values that a purpose no longer allows, and the keys of requests that nobody
    answered; how many requests that was."""
    demand(by, Deed.FORGET)
    due = session.scalars(
        sa.select(PresentationRequest)
        .where(
            sa.or_(
                PresentationRequest.forget_at <= now,
                sa.and_(
                    PresentationRequest.sealed_encryption_key.is_not(None),
                    PresentationRequest.expires_at <= now,
                ),
            )
        )
        .order_by(PresentationRequest.id)
        .limit(500)
        .with_for_update(skip_locked=True)
    ).all()
    for made in due:
        if made.verdict is not None and made.forget_at is not None and made.forget_at <= now:
            made.verdict, made.forget_at = presented.without_values(made.verdict), None
        if made.expires_at <= now:
            made.sealed_encryption_key = None
        record(
            session, "presentation.forgotten", subject_id=made.id, by=by, now=now,
            organisation_id=made.organisation_id,
        )  # fmt: skip
    return len(due)


def _by(made: PresentationRequest) -> Actor:
    """A wallet acts, on the asker's invitation; nobody is signed in."""
    return Actor(None, made.organisation_id, via=Via.JOB)


def _checker(session: Session, made: PresentationRequest) -> str:
    if made.made_by_id is None:
        return OPERATOR
    account = session.get_one(Account, made.made_by_id)
    return account.display_name or account.email


def _record_of(session: Session, holder: str | None) -> UUID | None:
    """Whose record a credential of that key was issued on, where that was here."""
    found: UUID | None = session.scalar(
        sa.select(Wallet.person_id)
        .join(CredentialCopy, CredentialCopy.wallet_id == Wallet.id)
        .where(CredentialCopy.holder_key == holder)
        .limit(1)
    )
    return found


def _person_of(session: Session, judged: Judged) -> UUID | tuple[str, str] | None:
    """The human behind that record, two linked records being one; else whom its issuer names."""
    found = _record_of(session, judged.holder_key)
    if found is not None:
        return session.get_one(Person, found).holder_id
    issuer, subject = judged.issuer_ods, judged.claims.get("sub")
    return (issuer, subject) if issuer and isinstance(subject, str) else None
