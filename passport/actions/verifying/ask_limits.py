"""What the asker's agreements permit to be asked: told by the upper floor, where there is one.

A purpose may say that it is only asked for under a workforce-sharing agreement. Then nothing is
signed that no agreement in force permits, the request names the clause of each item, and what is
shown by people of an organisation that is no party is thrown away. Whose people they are is what
their employment says; other facts may have been issued by an earlier employer. The passport alone
knows no agreements; there the purpose alone decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from passport.errors import Cure, Reason, Refused
from passport.model.purposes import AskedCredential, Purpose
from passport.rules.verifying.verdict import ASK_HR, Finding, Outcome, Verdict

OUTSIDE = "not_of_agreement"
_WHOSE = ("employment_assignment", "identity")
"""Which credential says whose people somebody is: the first of these that is shown."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One agreement in force, as far as it permits the organisation to ask."""

    named: str
    """Reference and version, e.g. `WSA-7 v3`."""
    title: str
    clauses: Mapping[str, str]
    """Credential type → the clause that permits asking for it, e.g. `6.2`."""
    homes: frozenset[str]
    """ODS codes of those whose people may be asked."""


class AskLimits(Protocol):
    """What the upper floor lends as `app.extensions["ask_limits"]`."""

    def grounds(
        self, session: Session, *, organisation_id: UUID, now: datetime
    ) -> Sequence[Ground]:
        """The agreements under which the organisation may ask today."""


def grounds_for(
    session: Session,
    purpose: Purpose,
    limits: AskLimits | None,
    *,
    organisation_id: UUID,
    now: datetime,
) -> Sequence[Ground]:
    """Agreements that permit whatever the purpose cannot do without; the widest first."""
    if limits is None or not purpose.agreement:
        return ()
    needed = {one.type for one in purpose.credentials if one.required}
    found = [
        one
        for one in limits.grounds(session, organisation_id=organisation_id, now=now)
        if needed <= one.clauses.keys() and one.homes
    ]
    return sorted(found, key=lambda one: (-len(permitted(purpose, one)), one.named))


def permitted(purpose: Purpose, ground: Ground) -> tuple[AskedCredential, ...]:
    """Of what the purpose asks for, what the agreement permits."""
    return tuple(one for one in purpose.credentials if one.type in ground.clauses)


def ground_for(
    session: Session,
    purpose: Purpose,
    limits: AskLimits | None,
    *,
    named: str | None,
    organisation_id: UUID,
    now: datetime,
) -> Ground | None:
    """The agreement to ask under: the one named, else the widest. None where the purpose needs
    none. Raises `Refused` (`no_agreement`)."""
    if limits is None or not purpose.agreement:
        return None
    found = grounds_for(session, purpose, limits, organisation_id=organisation_id, now=now)
    chosen = [one for one in found if named in (None, one.named)]
    if not chosen:
        raise Refused([_no_agreement(purpose, named)])
    return chosen[0]


def demand_within(ground: Ground, asked: Sequence[AskedCredential]) -> None:
    """Raises `Refused` (`outside_agreement`) for a credential that no clause permits."""
    outside = [one.type for one in asked if one.type not in ground.clauses]
    if outside:
        words = f"{ground.named} does not permit asking for this."
        evidence = {"outside": outside, "agreement": ground.named}
        raise Refused([Reason("outside_agreement", evidence, text=words)])


def without_outsiders(
    verdict: Verdict, ground: Ground | None, issued: Sequence[tuple[str | None, str | None]]
) -> Verdict:
    """Red for somebody of an organisation that is no party. `issued`: type and issuer of what was
    shown; both None where it was not believed, which is red without this."""
    if ground is None:
        return verdict
    believed = [(kind, issuer) for kind, issuer in issued if issuer is not None]
    decisive = next((one for one in _WHOSE if any(kind == one for kind, _ in believed)), None)
    if all(issuer in ground.homes for kind, issuer in believed if decisive in (None, kind)):
        return verdict
    words = f"They are not of an organisation that {ground.named} covers."
    outside = Finding(Outcome.RED, OUTSIDE, words, ASK_HR)
    return replace(verdict, findings=(*verdict.findings, outside))


def _no_agreement(purpose: Purpose, named: str | None) -> Reason:
    who = f"{named} is not in force here, or does not permit" if named else (
        "No workforce-sharing agreement in force permits"
    )
    words = f"{who} asking for “{purpose.title}”."
    cure = Cure("Ask whoever keeps your organisation's agreements which one covers this")
    return Reason("no_agreement", {"purpose": purpose.code}, cure, text=words)
