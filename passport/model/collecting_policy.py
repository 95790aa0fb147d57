"""The limits of collecting by OpenID4VCI as dated values, with their sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from passport.model.access_policy import Bucket


@dataclass(frozen=True, slots=True)
class CollectingPolicy:
    """How long codes, tokens and nonces live, and how much may be asked for."""

    from_on: date
    code_here: timedelta = timedelta(minutes=5)
    """An offer opened on the same device: its code needs no transaction code."""
    code_elsewhere: timedelta = timedelta(minutes=15)
    """An offer shown as a QR code, with a transaction code."""
    tx_code_digits: int = 6
    tx_code_tries: int = 5
    """Wrong transaction codes after which an offer is dead."""
    tx_codes_of_person: Bucket = field(default=Bucket(10, timedelta(minutes=30)))
    """Wrong transaction codes over all offers of one person."""
    token: timedelta = timedelta(minutes=5)
    refresh_idle: timedelta = timedelta(days=90)
    """A wallet that stays away longer is asked to collect anew."""
    answer_lost: timedelta = timedelta(days=7)
    """How long a wallet that never got an answer may ask again with the token it used. Own choice:
    as long as a gate token shows its holder without a network."""
    nonce: timedelta = timedelta(minutes=5)
    proof: timedelta = timedelta(minutes=5)
    """How far a proof's time may lie from ours, either way."""
    batch_size: int = 10
    requests_of_person: Bucket = field(default=Bucket(300, timedelta(seconds=30)))
    """Credential requests: each copy takes a place in a status list."""
    several: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {
                "training_award": 40,
                "competence": 10,
                "qualification": 10,
                "site_induction": 10,
                "licence_to_attend": 4,
                "employment_assignment": 4,
                "professional_registration": 4,
            }
        )
    )
    """Types of which a person holds several, and how many of them an offer can name one by one."""
    source: str = (
        "OpenID4VCI 1.0: a code is short lived and single use (4.1.1), a bearer token lives no"
        " longer than 5 minutes (13.10); RFC 9700 4.14.2; NIST SP 800-63B 5.2.2"
    )


COLLECTING_POLICY = CollectingPolicy(from_on=date(2026, 11, 1))
"""The policy in force."""
