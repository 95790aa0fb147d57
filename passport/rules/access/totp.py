"""Does this code come from the person's authenticator app, now and for the first time?

A code lives 30 seconds; the one before is still taken, because typing and the network take time
(RFC 6238 5.2). A step that has been used, and every earlier one, never works again.
"""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
STEPS_BACK = 1


def step_of(moment: datetime) -> int:
    """The number of the 30-second step in which the moment lies."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """The step whose code this is; None where the code is wrong, too old or used."""
    typed = "".join(code.split())
    app = pyotp.TOTP(secret, interval=STEP_SECONDS)
    current = step_of(now)
    for step in range(current, current - STEPS_BACK - 1, -1):
        right = app.generate_otp(step)
        if hmac.compare_digest(right.encode(), typed.encode("utf-8", "surrogatepass")):
            return step if last_step is None or step > last_step else None
    return None
