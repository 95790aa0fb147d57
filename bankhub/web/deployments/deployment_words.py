"""Deployments in words for screens: states, whose act is next, why one ended."""

from collections.abc import Mapping
from typing import Any

from bankhub.model import reference
from bankhub.model.agreement_terms import Instrument
from bankhub.model.deployment_values import Side
from bankhub.model.deployments import DeploymentState, ExtensionState
from bankhub.web.trade_words import spoken

S = DeploymentState

STATES: Mapping[DeploymentState, tuple[str, str, str]] = {
    S.PROPOSED: ("Proposed", "warn", "hollow"),
    S.AGREED: ("Agreed by the person", "warn", "half"),
    S.AUTHORISED: ("Authorised by home", "warn", "half"),
    S.CHECKED: ("Checked: to be accepted", "warn", "half"),
    S.LICENSED: ("Accepted by all three", "info", "half"),
    S.ACTIVE: ("Active", "good", "full"),
    S.ENDING: ("Ends soon", "good", "half"),
    S.RETURNED: ("Over: way back", "info", "half"),
    S.CLOSED: ("Closed", "plain", "full"),
    S.ON_HOLD: ("On hold", "warn", "hollow"),
    S.REFUSED: ("Not going ahead", "plain", "cross"),
    S.TERMINATED_EARLY: ("Ended early: way back", "bad", "cross"),
}
"""State → word, tone and mark of its tag."""

EXTENSIONS: Mapping[ExtensionState, tuple[str, str, str]] = {
    ExtensionState.PROPOSED: ("Proposed", "warn", "hollow"),
    ExtensionState.AGREED: ("Agreed by the person", "warn", "half"),
    ExtensionState.AUTHORISED: ("Authorised by home", "warn", "half"),
    ExtensionState.CHECKED: ("To be accepted", "warn", "half"),
    ExtensionState.ACCEPTED: ("Accepted by all three", "good", "full"),
    ExtensionState.REFUSED: ("Refused", "plain", "cross"),
    ExtensionState.LAPSED: ("Lapsed", "plain", "cross"),
}
"""State of an extension → word, tone and mark of its tag."""

REASONS: Mapping[str, str] = {
    "patient_safety": "Safety of patients or staff",
    "staffing": "Needed elsewhere",
    "own_wish": "The person’s own wish",
    "end_of_need": "The need has ended",
    "other_work": "Other work was found",
    "not_suitable": "Not suitable for this work",
    "not_said": "Not said here",
    "left_home": "Left the home organisation",
    "not_started_in_time": "Did not start in time",
    "party_suspended": "A party to the agreement is suspended",
    "held_by_home": "Held by the home organisation",
    "held_by_host": "Held by the host",
    "held_by_worker": "Held by the person",
}


def reason(code: str) -> str:
    """Why, in words; empty where nothing was said."""
    return REASONS.get(code) or (spoken(code) if code else "")


def instrument_options() -> list[tuple[str, str, str]]:
    """Instruments with what each is for."""
    return [(one.code.value, one.title, one.duties) for one in reference.instruments().values()]


def task_title(code: str) -> str:
    """What is to be done."""
    known = reference.deployment_tasks().get(code)
    return known.title if known else spoken(code)


def by_hand(code: str) -> bool:
    """Whether somebody ticks it off."""
    known = reference.deployment_tasks().get(code)
    return known is None or not known.by_itself


def holds_start(code: str) -> bool:
    """Whether the start waits for it."""
    known = reference.deployment_tasks().get(code)
    return known is not None and known.holds_start


def skill_titles(codes: Any) -> list[str]:
    """Competences by name."""
    skills = reference.skills()
    return [skills[code].title if code in skills else spoken(code) for code in codes]


def contract_name(instrument: Instrument) -> str:
    """What the three accept is called."""
    return reference.instruments()[instrument].contract


def words() -> dict[str, Any]:
    """What templates of deployments use."""
    return {
        "states": STATES,
        "extension_states": EXTENSIONS,
        "reason": reason,
        "task_title": task_title,
        "by_hand": by_hand,
        "holds_start": holds_start,
        "skill_titles": skill_titles,
        "contract": contract_name,
        "instrument_title": lambda code: reference.instruments()[code].title,
        "sides": {
            Side.WORKER: "the person",
            Side.HOME: "the home organisation",
            Side.HOST: "the host",
        },
    }
