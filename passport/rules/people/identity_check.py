"""Can this be a check of who somebody is, as an officer says it was made?

Rule in plain English. Seen in person: the kinds of documents are named, two at least of which one
has a photo (NHS Employers identity standard: two with a photo and one of the address, or one and
two). By an identity service: its name and the profile it reached. By another NHS credential:
nothing more. The check was made on a day that has come, of somebody who was born.
"""

import re
from collections.abc import Iterable
from datetime import date

ROUTES = ("FACE_TO_FACE", "IDSP", "NHS_CREDENTIAL")
WITH_PHOTO = ("PASSPORT", "DRIVING_LICENCE", "EVISA", "IDENTITY_CARD")
OTHERS = ("UTILITY_BILL", "BANK_STATEMENT", "COUNCIL_TAX", "BIRTH_CERTIFICATE", "NAME_CHANGE")
LEAST = 3
_PROFILE = re.compile(r"[LMHV][1-3][A-E]", re.ASCII)


def wrong_check(
    route: str,
    documents: Iterable[str],
    checked_on: date,
    checked_by: str,
    profile: str | None,
    *,
    born: date,
    today: date,
) -> dict[str, list[str]]:
    """Messages by field; empty = it can be right."""
    wrong: dict[str, list[str]] = {}
    kinds = set(documents)
    if route not in ROUTES:
        wrong["route"] = ["is missing"]
    if kinds - {*WITH_PHOTO, *OTHERS}:
        wrong["documents"] = ["are kinds that are not on the list"]
    elif route == "FACE_TO_FACE" and (len(kinds) < LEAST or not kinds & set(WITH_PHOTO)):
        wrong["documents"] = [f"are {LEAST} at least, of which one has a photo"]
    if route == "IDSP" and not _PROFILE.fullmatch(profile or ""):
        wrong["gpg45_profile"] = ["is missing, such as M1A"]
    if route == "IDSP" and not checked_by.strip():
        wrong["checked_by"] = ["is missing: which service checked"]
    if not born < checked_on <= today:
        wrong["checked_on"] = ["is not a day on which they can have been seen"]
    return wrong
