"""Is this password good enough?

Long rather than complicated: 12 characters or more, up to 128, of any kind, and never to be
changed without cause. Refused are passwords that a cracker's word lists reach soon (the offline
lists of leaked and common passwords, of names and words, and what people make of them by
repeating, reversing, numbering or swapping letters), the words of this service, and the person's
own e-mail address. Source: OWASP ASVS 5.0 section 6.2.
"""

from collections.abc import Iterable

from zxcvbn import matching, scoring

from passport.errors import Reason
from passport.model.access_policy import PasswordPolicy

_ESTIMATED_CHARACTERS = 72
"""The estimate's work grows with the square of the length; more characters only add guesses."""


def why_refused(password: str, *, email: str, policy: PasswordPolicy) -> list[Reason]:
    """Every reason against the password; empty = may be used."""
    reasons = []
    if len(password) < policy.min_length:
        reasons.append(
            Reason(
                "password_too_short",
                {"min_length": policy.min_length},
                text=f"Use {policy.min_length} characters or more.",
            )
        )
    if len(password) > policy.max_length:
        reasons.append(
            Reason(
                "password_too_long",
                {"max_length": policy.max_length},
                text=f"Use no more than {policy.max_length} characters.",
            )
        )
    if _holds_email(password, email):
        reasons.append(Reason("password_holds_email", text="Do not use your e-mail address in it."))
    if not reasons and _easy_to_guess(password, email, policy):
        reasons.append(
            Reason(
                "password_easy_to_guess",
                text=(
                    "This is on the lists that attackers try first, or close to one. Three or"
                    " four words that do not belong together work well."
                ),
            )
        )
    return reasons


_REST_WITHOUT_KNOWN_WORDS = 6
"""Letters and digits that must be left once the words of this service are taken out."""


def _easy_to_guess(password: str, email: str, policy: PasswordPolicy) -> bool:
    known = (*policy.context_words, *_parts(email))
    rest = password.lower()
    for word in policy.context_words:
        rest = rest.replace(word, "")
    left = sum(letter.isalnum() for letter in rest)
    only_known = len(rest) < len(password) and left < _REST_WITHOUT_KNOWN_WORDS
    return only_known or guesses(password, known) < policy.min_guesses


def guesses(password: str, known_words: Iterable[str] = ()) -> int:
    """How many guesses a cracker with word lists needs, estimated offline."""
    known = {word.lower(): rank for rank, word in enumerate(known_words, start=1)}
    lists = {**matching.RANKED_DICTIONARIES, "user_inputs": known}
    start = password[:_ESTIMATED_CHARACTERS]
    found = matching.omnimatch(start, lists)  # type: ignore[no-untyped-call]
    estimate = scoring.most_guessable_match_sequence(start, found)  # type: ignore[no-untyped-call]
    return int(estimate["guesses"])


def _parts(email: str) -> list[str]:
    name, _, host = email.lower().partition("@")
    return [part for part in (email.lower(), name, *name.split("."), host) if len(part) > 2]


def _holds_email(password: str, email: str) -> bool:
    name = email.lower().partition("@")[0]
    return len(name) > 3 and name in password.lower()
