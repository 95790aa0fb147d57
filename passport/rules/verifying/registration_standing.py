"""What a registration's status, and the age of the look at the register, mean at a door.

Nobody works on a registration that lapsed, is suspended or was removed. Where a regulator set
conditions or gave a warning the person may work, but somebody who may know the conditions decides
how: the words at the door are the same for all of these, and say nothing of the reason
(passport.md §2.5, §4 case 5).
"""

from collections.abc import Iterable
from datetime import date, timedelta

from passport.model.freshness import FreshnessPolicy
from passport.rules.verifying.verdict import Finding, Outcome

GOOD = frozenset({"registered", "registered_with_licence"})
ASK = frozenset(
    {"conditions", "interim_conditions", "undertakings", "warning", "caution", "provisional",
     "temporary_emergency"}
)  # fmt: skip
"""May work, by somebody's leave. Every other status, also one that is not known, may not."""
RING_BANK = "Ring the bank office before they start."
LOOK_UP = "Look the number up on the register itself."


def registration_findings(
    status: str, source: str, checked_on: date, *, today: date, policy: FreshnessPolicy
) -> Iterable[Finding]:
    """What speaks against the registration. Days are London's; a check counts from its morning."""
    if status in ASK:
        words = "The registration is not a plain one."
        yield Finding(Outcome.AMBER, "registration_to_ask_about", words, RING_BANK)
    elif status not in GOOD:
        words = "Not registered to practise when last checked."
        yield Finding(Outcome.RED, "not_registered", words, RING_BANK)
    allowed = timedelta(hours=policy.of_register(source))
    if checked_on > today:
        words = "The day of the register check has not come."
        yield Finding(Outcome.RED, "registration_check_ahead", words, LOOK_UP)
    elif today - checked_on > allowed:
        words = f"The register was last looked at on {checked_on:%-d %B %Y}."
        yield Finding(Outcome.AMBER, "registration_check_old", words, LOOK_UP)
