"""One tap, one deed: requests sent twice act once and answer the same.

Clients send `Idempotency-Key` (API) or the hidden field `idempotency_key` (our own forms). The
key is claimed in the transaction of the deed, so a crash leaves neither or both.

    return idempotency.deed(lambda session: respond(shifts.post(session, ...)))
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Response, request
from sqlalchemy.orm import Session

from passport.actions.access import idempotency as keys
from passport.actions.access.idempotency import Answered
from passport.errors import Reason, Refused
from passport.web.access import asking
from passport.web.lent import db, real_now

REPLAYED = "Idempotent-Replay"
KEPT_HEADERS = ("Content-Type", "Location", "ETag")
PIECE = 1024 * 1024
_NOT_KEPT = "This was done. What was shown is answered once and not kept."
NOT_PART_OF_THE_DEED = frozenset({"csrf_token", "idempotency_key"})


@dataclass(slots=True)
class Claim:
    """The claim of one request. `replay` is the answer its earlier twin was given."""

    session: Session
    scope: str
    key: str
    replay: Response | None = None

    def keep(self, response: Response) -> Response:
        """Store the answer with the deed. Only answers of a deed that was done are kept."""
        if self.key and response.status_code < 400:
            headers = {
                name: response.headers[name] for name in KEPT_HEADERS if name in response.headers
            }
            answer = Answered(response.status_code, response.get_data(as_text=True), headers)
            keys.keep(self.session, scope=self.scope, key=self.key, answer=answer)
        return response


@contextmanager
def once(session: Session) -> Iterator[Claim]:
    """Claim this request's key in `session`; without a key, or a sign-in, the claim is empty.

    Raises `Invalid` where the key came with another request, `Refused` where a twin is at work.
    """
    who = asking()
    key = request.headers.get("Idempotency-Key", request.form.get("idempotency_key"))
    if who is None or key is None:
        yield Claim(session, "", "")
        return
    scope = f"account:{who.account_id}"
    earlier = keys.claim(session, scope=scope, key=key, fingerprint=fingerprint(), now=real_now())
    replay = None
    if earlier is not None:
        replay = Response(earlier.body, earlier.status, {**earlier.headers, REPLAYED: "true"})
    yield Claim(session, scope, key, replay)


def deed(work: Callable[[Session], Response]) -> Response:
    """Do `work` once for this request's key, in one transaction, and answer what it answers.

    Lock and serialisation failures are tried again, so `work` must do nothing outside `session`.
    What a refusal wants written down is, once the deed is undone.
    """

    def attempt(session: Session) -> Response:
        with once(session) as claim:
            return claim.replay or claim.keep(work(session))

    try:
        return db().attempt(attempt)
    except Refused as refused:
        if refused.note is not None:
            db().attempt(refused.note)
        raise


def deed_shown(work: Callable[[Session], Response]) -> Response:
    """The same for a deed whose answer says what somebody showed: it is answered once and not
    stored. Raises `Refused` (`answer_not_kept`) for the same key again."""

    def attempt(session: Session) -> Response:
        with once(session) as claim:
            if claim.replay is not None:
                raise Refused([Reason("answer_not_kept", text=_NOT_KEPT)])
            response = work(session)
            claim.keep(Response(status=response.status_code))
            return response

    return db().attempt(attempt)


def fingerprint() -> str:
    """What was asked for, as a hash: where it acts, method, address and body, files included."""
    who = asking()
    where = str(who.actor.organisation_id) if who else ""
    found = hashlib.sha256(f"{where} {request.method} {request.full_path}\n".encode())
    if request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded"):
        for name, values in sorted(request.form.lists()):
            if name not in NOT_PART_OF_THE_DEED:
                found.update(repr((name, values)).encode())
        for name, sent in sorted(request.files.items(multi=True), key=lambda item: item[0]):
            found.update(repr((name, sent.filename)).encode())
            while piece := sent.stream.read(PIECE):
                found.update(piece)
            sent.stream.seek(0)
    else:
        found.update(request.get_data())
    return found.hexdigest()
