"""One clearance under decision: what the host may read of the passport, and how an item is made.

Rule in plain English. Of a passport the host reads what the agreement shares, as its issuer has it
now: what was suspended, ended or never collected does not count, and why is not said. What the
agreement does not share, or the passport does not show, may rest on the home organisation's
warranty where the host's policy says that this is enough. An item that is asked for at arrival is
due and bars nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bankhub.model.agreement_terms import CREDENTIAL_CATEGORY
from bankhub.model.clearance_policy import ClearancePolicy
from bankhub.model.clearance_values import (
    NOT_AVAILABLE,
    AskedClearance,
    Doer,
    Evidence,
    HeldCredential,
    Item,
    ItemState,
    Timing,
)
from bankhub.model.work_policy import EligibilityPolicy
from bankhub.rules.agreements.agreement_document import clause_of
from bankhub.rules.agreements.agreements_in_force import InForce

NO_END = date.max
WARRANTY_OF: Mapping[str, str] = {
    "identity": "identity",
    "right_to_work": "right_to_work",
    "dbs": "dbs",
    "occupational_health": "occupational_health",
    "training": "mandatory_training",
    "performers_list": "registration_and_qualifications",
    "indemnity": "cnsgp",
}
"""Item → the clause by which a party answers for it. A registration and a barred list are not
among them: the one is looked up by every employer, the other has to be shown."""

_ITEM_OF: Mapping[str, tuple[str, str]] = {
    "identity": ("identity", ""),
    "employment_assignment": ("employment", ""),
    "professional_registration": ("registration", ""),
    "right_to_work_outcome": ("right_to_work", ""),
    "dbs_outcome": ("dbs", ""),
    "oh_clearance": ("occupational_health", ""),
    "training_award": ("training", "subject_code"),
    "competence": ("competence", "code"),
}
"""Type of credential → the item that rests on it, with the claim that tells several apart."""


@dataclass(frozen=True, slots=True)
class Met:
    """It is there; `until` `NO_END` where no end is known."""

    until: date
    why: str = ""


@dataclass(frozen=True, slots=True)
class Lacks:
    """It is not there; what clears it, and whose act that is."""

    why: str
    act: str
    by: Doer


Came = Met | Lacks


@dataclass(frozen=True, slots=True)
class Case:
    """All that a decision reads."""

    asked: AskedClearance
    evidence: Evidence
    policy: ClearancePolicy
    requirements: EligibilityPolicy
    agreement: InForce
    today: date

    def shares(self, kind: str) -> bool:
        """Whether the agreement lets the host see that type of credential."""
        return CREDENTIAL_CATEGORY.get(kind) in self.agreement.terms.data_categories

    def live(self, kind: str) -> list[HeldCredential]:
        """What of a type is shared, held, and not held back or over."""
        return [
            one
            for one in self._held(kind)
            if not (one.suspended or one.ended)
            and (one.valid_until is None or one.valid_until >= self.today)
        ]

    def item(
        self,
        code: str,
        title: str,
        came: Came,
        *,
        kind: str = "",
        timing: Timing = Timing.BEFORE_BOOKING,
    ) -> Item:
        """The item, of a type of credential where it rests on one."""
        category = CREDENTIAL_CATEGORY.get(kind)
        shared = category is not None and self.shares(kind)
        clause = clause_of(self.agreement.terms, category) if category and shared else ""
        if isinstance(came, Lacks):
            came = self._otherwise(code, kind, came)
        if isinstance(came, Met):
            until = None if came.until == NO_END else came.until
            return Item(code, title, ItemState.MET, timing, until, came.why, clause=clause)
        state = ItemState.DUE if timing is Timing.AT_ARRIVAL else ItemState.MISSING
        return Item(code, title, state, timing, None, came.why, came.act, came.by, clause)

    def warranted(self, code: str) -> bool:
        """Whether a party answers for an item by a clause of the agreement."""
        terms = self.agreement.terms
        clause = WARRANTY_OF.get(code.partition(".")[0])
        return clause in (*terms.home_warranties, *terms.indemnity)

    def has(self, kind: str) -> bool:
        """Whether the passport has one that the agreement shares, or had: also one that is held
        back or was ended."""
        return any(True for _ in self._held(kind))

    def _held(self, kind: str) -> Iterator[HeldCredential]:
        if self.shares(kind):
            yield from (one for one in self.evidence.held if one.type == kind)

    def _otherwise(self, code: str, kind: str, came: Lacks) -> Came:
        """What stands in for something that was not shown, or why it is not."""
        if any(one.suspended for one in self._held(kind)) and not self.live(kind):
            return self.not_available()
        if code.partition(".")[0] in self.policy.warranty_enough and self.warranted(code):
            return Met(NO_END, f"Warranted by {self.asked.home.name} under the agreement.")
        if kind and not self.shares(kind):
            return Lacks(
                f"{self.agreement.named} does not share it.",
                "Vary the agreement, or ask for something else in the clearance policy",
                Doer.HOST,
            )
        return came

    def not_available(self) -> Lacks:
        """The home organisation holds something back; nobody outside is told why."""
        name = self.asked.home.name
        return Lacks(NOT_AVAILABLE, f"Contact the HR office of {name}", Doer.HOME)


def item_about(kind: str, claims: Mapping[str, Any]) -> str | None:
    """The code of the item that rests on a credential; None where none does."""
    item, told_apart_by = _ITEM_OF.get(kind, (None, ""))
    return f"{item}.{claims.get(told_apart_by)}" if told_apart_by else item


def collect(why: str, what: str) -> Lacks:
    """What the passport does not show, and the person's employer has to offer."""
    act = f"Collect {what} from your employer into your passport"
    return Lacks(why, act, Doer.WORKER)


def latest(days: Iterable[date]) -> date | None:
    """The last of several ends; None where there is none."""
    return max(days, default=None)


def day_of(claims: Mapping[str, Any], name: str) -> date | None:
    """A claim that is a day."""
    said = claims.get(name)
    return date.fromisoformat(str(said)[:10]) if said else None
