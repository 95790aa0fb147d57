"""A check of a passport, and the device that made it."""

from typing import Any
from uuid import UUID

from passport.model.presentations import Channel, VerdictRecord, WardDevice
from tests.support.build import NOW


def a_check(here: UUID, name: str) -> dict[str, Any]:
    """The rows by the names that addresses give them; every word of them holds `name`."""
    device = WardDevice(organisation_id=here, unit=f"Door of {name}", made_at=NOW, enrolled_at=NOW)
    verdict = VerdictRecord(
        organisation_id=here, unit=device.unit, channel=Channel.GATE, device_id=device.id,
        checker=f"Sister of {name}", purpose="admission", at=NOW, received_at=NOW,
        offline=False, outcome="amber", codes=["status_old"], kinds=["identity"],
    )  # fmt: skip
    return {"device_id": device, "verdict_id": verdict}
