"""A party of an agreement suspended, and what every page says of it until it is lifted."""

import re
from functools import partial

from bankhub.actions.agreements.agreement_succession import succeed
from passport.actors import operator
from passport.model.organisations import Organisation
from tests.support import build
from tests.support.desk import NOW, Desk, Staff
from tests.web.test_agreement_pages import desk, made, manager, other, theirs

__all__ = ["desk", "manager", "other", "theirs"]


def test_a_party_is_suspended_and_lifted(
    desk: Desk, other: Organisation, manager: Staff, theirs: Staff
) -> None:
    held = made(desk, desk.trust, other)
    where = f"/agreements/{held.agreement_id}"
    for said, field in (({"because": "Why"}, "organisation_id"),
                        ({"organisation_id": str(other.id)}, "because"),
                        ({"organisation_id": "x", "because": "y"}, "organisation_id")):  # fmt: skip
        refused = manager.fill(f"{where}/suspend", **said)
        assert refused.status_code == 422
        assert f'href="#{field}"' in refused.text
    done = manager.fill(
        f"{where}/suspend", organisation_id=str(other.id), because="Indemnity lapsed"
    )
    assert done.status_code == 303, done.text[:2000]
    assert "Indemnity lapsed" in theirs.get(where).text
    assert "Its staff see nothing of yours." in manager.get(
        "/agreements/who-sees-whom?ods=RT5"
    ).text
    assert "Lift the suspension" not in theirs.get(where).text
    for reader, can in ((manager, "You can lift it"), (theirs, "Whoever suspended it can lift")):
        for page in ("/agreements", "/agreements/who-sees-whom", where):
            said = reader.get(page).text
            assert re.search(rf"Suspended: {other.name}|{other.name} suspended", said)
        assert can in reader.get(where).text
    assert manager.fill(where, f"{where}/lift", organisation_id=str(other.id)).status_code == 303
    assert "Its staff see these shifts" in manager.get("/agreements/who-sees-whom?ods=RT5").text
    for page in ("/agreements", "/agreements/who-sees-whom", where):
        assert "uspended" not in manager.get(page).text


def test_a_suspension_of_a_party_that_merged_is_still_there_to_lift(
    desk: Desk, other: Organisation, manager: Staff
) -> None:
    third = desk.do(partial(build.an_organisation, ods_code="RT7", name="Marsh NHS Trust"))
    held = made(desk, desk.trust, other, third)
    where = f"/agreements/{held.agreement_id}"
    manager.fill(f"{where}/suspend", organisation_id=str(other.id), because="Indemnity lapsed")
    desk.do(
        lambda session: succeed(
            session, old_id=other.id, new_id=third.id, by=operator(), now=NOW
        )
    )
    page = manager.get(where).text
    assert "Now Marsh NHS Trust" in page
    assert "Indemnity lapsed" in page
    assert manager.fill(where, f"{where}/lift", organisation_id=str(other.id)).status_code == 303
    assert "Indemnity lapsed" not in manager.get(where).text
    assert str(other.id) not in manager.get(f"{where}/suspend").text
