"""What an agreement does not permit is not asked for, not signed, and not taken."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from passport.actions.verifying.ask_limits import Ground, without_outsiders
from passport.actions.verifying.presented_checks import CheckState
from passport.db import Database
from passport.errors import Refused
from passport.model.presentations import PresentationRequest
from passport.model.purposes import purposes_on
from passport.rules.verifying.verdict import Verdict
from tests.support.asking import Agreements, ground
from tests.support.issuing import NOW
from tests.support.showing_places import Place, a_place


def a_limited_place(session: Session, *found: Ground) -> Place:
    place = a_place(session)
    home = place.world.organisation.ods_code
    place.limits = Agreements([replace(one, homes=frozenset({home})) for one in found])
    return place


def asked_types(session: Session, request_id: UUID) -> set[str]:
    made = session.get_one(PresentationRequest, request_id)
    return {one["id"] for one in made.asked["credentials"]}


def code(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.reasons[0].code


def test_each_item_carries_the_clause_that_permits_it(database: Database) -> None:
    with database.transaction() as session:
        place = a_limited_place(session, ground())
        asked = place.ask()
        (told,) = place.fetch(asked).claims["verifier_info"]
        assert told["data"]["agreement"] == "WSA-7 v3"
        assert told["data"]["clauses"].keys() == asked_types(session, asked.id)
        assert told["data"]["clauses"]["identity"] == "6.1"


def test_what_the_agreement_does_not_permit_is_left_out(database: Database) -> None:
    with database.transaction() as session:
        place = a_limited_place(session, ground(without=["oh_clearance", "dbs_outcome"]))
        asked = place.ask()
        assert {"oh_clearance", "dbs_outcome"}.isdisjoint(asked_types(session, asked.id))


def test_asking_for_it_by_name_is_refused_before_it_is_signed(database: Database) -> None:
    with database.transaction() as session:
        place = a_limited_place(session, ground(without=["oh_clearance"]))
        with pytest.raises(Refused) as error:
            place.ask(only={"identity": ["legal_family_name"], "oh_clearance": ["cleared_on"]})
        assert code(error) == "outside_agreement"
        assert session.query(PresentationRequest).count() == 0


@pytest.mark.parametrize(
    "found",
    [
        pytest.param([], id="no agreement is in force"),
        pytest.param([ground(without=["identity"])], id="it does not permit what is needed"),
    ],
)
def test_without_an_agreement_nothing_is_asked(database: Database, found: list[Ground]) -> None:
    with database.transaction() as session:
        place = a_limited_place(session, *found)
        with pytest.raises(Refused) as error:
            place.ask()
        assert code(error) == "no_agreement"


def test_a_purpose_that_needs_no_agreement_is_asked_without(database: Database) -> None:
    with database.transaction() as session:
        place = a_limited_place(session)
        asked = place.ask("ward_door")
        assert session.get_one(PresentationRequest, asked.id).agreement == ""


def test_the_widest_agreement_is_taken_and_another_can_be_named(database: Database) -> None:
    with database.transaction() as session:
        place = a_limited_place(session, ground("A v1", without=["dbs_outcome"]), ground("B v1"))
        first, named = place.ask(), place.ask(agreement="A v1")
        assert session.get_one(PresentationRequest, first.id).agreement == "B v1"
        assert session.get_one(PresentationRequest, named.id).agreement == "A v1"
        with pytest.raises(Refused) as error:
            place.ask(agreement="C v1")
        assert code(error) == "no_agreement"


@pytest.mark.parametrize(
    "later",
    [
        pytest.param([], id="it ended"),
        pytest.param([ground(without=["dbs_outcome"])], id="it permits less"),
    ],
)
def test_an_agreement_that_changed_is_neither_signed_nor_answered(
    database: Database, later: list[Ground]
) -> None:
    with database.transaction() as session:
        place = a_limited_place(session, ground())
        asked = place.ask()
        form = place.wallet.form(place.fetch(asked))
        place.limits = Agreements(later)
        with pytest.raises(Refused):
            place.fetch(asked)
        assert place.send(asked, form).error == "invalid_request"
        assert place.look(asked).state is CheckState.WAITING


def test_people_of_an_organisation_that_is_no_party_are_not_read(database: Database) -> None:
    with database.transaction() as session:
        place = a_limited_place(session, ground())
        place.limits = Agreements([ground(homes="R0A")])
        asked = place.ask()
        assert place.send(asked, place.wallet.form(place.fetch(asked))).error is not None
        check = place.look(asked)
        assert check.verdict is not None
        assert (check.verdict["outcome"], check.verdict["facts"]) == ("red", [])
        assert "not_of_agreement" in place.codes(asked)


@pytest.mark.parametrize(
    ("issued", "inside"),
    [
        pytest.param({"employment_assignment": "RWJ", "identity": "RWJ"}, True, id="of a party"),
        pytest.param(
            {"employment_assignment": "RWJ", "identity": "RMC", "training_award": "RMC"}, True,
            id="of a party, with what an earlier employer issued",
        ),
        pytest.param(
            {"employment_assignment": "RMC", "identity": "RWJ", "training_award": "RWJ"}, False,
            id="of no party, with what a party issued",
        ),
        pytest.param({"identity": "RMC", "training_award": "RWJ"}, False, id="by identity"),
        pytest.param({"training_award": "RMC"}, False, id="with nothing that says whose"),
        pytest.param({None: None}, True, id="not believed: red without this"),
    ],
)  # fmt: skip
def test_whose_people_they_are_is_what_their_employment_says(
    issued: dict[str | None, str | None], inside: bool
) -> None:
    verdict = Verdict()
    found = without_outsiders(verdict, ground(), list(issued.items()))
    assert (found == verdict) is inside


def test_the_passport_alone_asks_by_the_purpose(database: Database) -> None:
    with database.transaction() as session:
        asked = a_place(session).ask()
        assert session.get_one(PresentationRequest, asked.id).clauses == {}


def test_a_purpose_knows_whether_it_needs_an_agreement() -> None:
    codes = {one.code for one in purposes_on(NOW.date()).values() if one.agreement}
    assert codes == {"bank_shift", "honorary_contract"}

