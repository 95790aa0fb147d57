"""The limits of access as dated values, each with where it comes from.

They bind every organisation of an installation alike, so they are not an organisation's own
policy. A change is a new value with a later `from_on`.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a new password has to be. There is no rule about kinds of characters, and no expiry."""

    min_length: int = 12
    max_length: int = 128
    min_guesses: int = 10**8
    """Guesses a cracker with word lists needs at least, as the offline estimate has it."""
    context_words: tuple[str, ...] = ("bankhub", "passport", "staffbank", "nhsbank", "password")
    """Words of this service: easy guesses here."""
    source: str = (
        "OWASP ASVS 5.0 6.2.1 (at least 8, 15 recommended; 12 because every role but worker has"
        " a second factor), 6.2.4, 6.2.5, 6.2.9-6.2.12"
    )


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a sign-in lives."""

    idle: timedelta
    absolute: timedelta
    source: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """A leaky bucket: `capacity` tries at once, then one more each `refill`."""

    capacity: int
    refill: timedelta


@dataclass(frozen=True, slots=True)
class Throttling:
    """Wrong guesses that are let through before the next has to wait.

    Nobody can lock a person out from afar: the small bucket is that of one account tried from one
    address, so the person's own address stays open until the account's large bucket is full, and
    a passkey is never held up by wrong passwords.
    """

    account_from_address: Bucket = Bucket(6, timedelta(minutes=1))
    account: Bucket = Bucket(40, timedelta(minutes=4))
    address: Bucket = Bucket(100, timedelta(seconds=5))
    """Large: a whole hospital may come from one address."""
    second_factor: Bucket = Bucket(8, timedelta(minutes=5))
    mail_to_account: Bucket = Bucket(3, timedelta(minutes=20))
    """Links sent to one e-mail address on request."""
    source: str = "OWASP ASVS 5.0 6.1.1, 6.3.1, 6.6.3; NIST SP 800-63B 5.2.2 (100 in a row)"


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Every limit of access that holds from a day on."""

    from_on: date
    passwords: PasswordPolicy = field(default_factory=PasswordPolicy)
    throttling: Throttling = field(default_factory=Throttling)
    own_device: SessionLimits = SessionLimits(
        idle=timedelta(days=30),
        absolute=timedelta(days=30),
        source="NIST SP 800-63B 4.1.3 (AAL1): bank workers on their own phone",
    )
    shared_device: SessionLimits = SessionLimits(
        idle=timedelta(minutes=30),
        absolute=timedelta(hours=12),
        source="NIST SP 800-63B 4.2.3: workers on a ward's computer",
    )
    privileged: SessionLimits = SessionLimits(
        idle=timedelta(minutes=30),
        absolute=timedelta(hours=12),
        source="NIST SP 800-63B 4.2.3 (AAL2): every role but worker, on any device",
    )
    step_up: timedelta = timedelta(minutes=5)
    """How long a second factor counts as given just now."""
    challenge: timedelta = timedelta(minutes=5)
    """How long a passkey challenge may be answered."""
    invitation: timedelta = timedelta(days=7)
    reset: timedelta = timedelta(hours=1)
    token_days: int = 90
    """An API token's life where nothing else is asked for."""
    longest_token_days: int = 366
    longest_delegation_days: int = 366
    recovery_codes: int = 10
    source: str = "OWASP ASVS 5.0 6.4.1, 6.5.5, 7.3.1, 7.3.2, 7.5.1"


ACCESS_POLICY = AccessPolicy(from_on=date(2026, 1, 1))
"""The policy in force."""
