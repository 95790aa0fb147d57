"""What a trust of `two_trusts` has as host: people of a hospice that shares staff with it, cleared
and not. The hospice's first nurse is also the trust's own, by her confirmation."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bankhub.model.clearance_values import Doer, Item, ItemState, Timing, item_json
from bankhub.model.clearances import (
    Clearance,
    ClearanceBypass,
    ClearanceState,
    ClearanceSupervision,
    HostRegisterCheck,
)
from bankhub.model.vocabulary import Grade
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.presentations import Channel, PresentationRequest, VerdictRecord
from tests.support import build, sharing
from tests.support.build_issued import ASKED_AT
from tests.support.build_people import NOW, kept

GRADES = ["band_5", "band_6", "band_7"]
_OPEN = (
    Item(
        "dbs", "DBS check", ItemState.MISSING, why="No DBS check on the passport.",
        act="Ask your employer for a DBS check", by=Doer.HOME, clause="6.2",
    ),
    Item(
        "induction.ward", "Local induction to the unit", ItemState.DUE, Timing.AT_ARRIVAL,
        act="Sign it on the ward",
    ),
)  # fmt: skip


def clearances_at(
    session: Session, host: Organisation, nurse: Person, name: str
) -> dict[str, list[Any]]:
    """By the name that addresses use: three clearances of the nurse's and one of somebody else's,
    with bypasses that somebody asked for and a showing that opens one."""
    hospice = build.an_organisation(session, name=f"{name} Hospice")
    scope = [{"staff_group": "nursing_midwifery", "grades": GRADES}]
    agreement = sharing.an_agreement(session, hospice, host, scope=scope)
    own, _ = build.a_nurse(session, hospice, holder=nurse, family_name=f"{name}wood")
    other, _ = build.a_nurse(session, hospice, family_name=f"{name}field")
    said = [item_json(one) for one in _OPEN]
    rows = [
        sharing.a_clearance(
            session, agreement, person, host, state=ClearanceState.NOT_CLEARED, items=said,
            grade=Grade(grade),
        )
        for person, grade in (*((own, grade) for grade in GRADES), (other, "band_5"))
    ]  # fmt: skip
    return {"clearance_id": rows, **_beside(session, host, rows[-1], name)}


def _beside(
    session: Session, host: Organisation, one: Clearance, name: str
) -> dict[str, list[Any]]:
    """What bears on a clearance, and what opens another."""
    asked = [
        ClearanceBypass(
            clearance_id=one.id, organisation_id=host.id, item="dbs",
            because=f"Because of {name}", asked_at=NOW, until_on=date(2026, 9, 20),
        )
        for _ in range(3)
    ]  # fmt: skip
    supervised = [
        ClearanceSupervision(
            clearance_id=one.id, organisation_id=host.id, body="NMC", number="99Z9999Z",
            status="conditions", grounds=["restriction_read"], asked_at=NOW,
            asked_by_name=f"Officer of {name}", until_on=date(2026, 9, 20),
        )
        for _ in range(3)
    ]  # fmt: skip
    check = HostRegisterCheck(
        host_id=host.id, person_id=one.person_id, body="NMC", number="99Z9999Z", at=NOW,
        status="registered", source="by_hand",
    )  # fmt: skip
    shown = VerdictRecord(
        organisation_id=host.id, channel=Channel.GATE, checker=f"Desk of {name}",
        purpose="bank_shift", person_id=one.person_id, at=NOW,
        received_at=NOW - timedelta(minutes=1), offline=False, outcome="green", codes=[],
        kinds=["identity"],
    )  # fmt: skip
    request = PresentationRequest(
        organisation_id=host.id, purpose="bank_shift", asked={"credentials": []},
        basis=f"Agreement of {name}", made_at=ASKED_AT, expires_at=ASKED_AT + timedelta(minutes=5),
        nonce=f"bank-{name}", state_hash=f"bank-{name}", response_mode="direct_post",
    )  # fmt: skip
    for row in (*asked, *supervised, check, shown, request):
        kept(session, row, host.id)
    return {
        "bypass_id": asked, "supervision_id": supervised, "verdict_id": [shown],
        "request_id": [request],
    }  # fmt: skip
