"""An agreement from its draft to the last signature, and who may see it meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreement_signing, agreement_views, agreements, who_sees_whom
from bankhub.actions.agreements.agreement_records import versions_of
from bankhub.model.agreements import (
    Agreement,
    AgreementParty,
    AgreementState,
    AgreementVersion,
    Coverage,
    VersionState,
)
from bankhub.rules.agreements.agreement_signature import hash_of
from bankhub.rules.agreements.agreement_states import ShownState, Step
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Problem, Refused
from passport.events import Event
from passport.model.organisations import Organisation, OrganisationKind
from tests.support import agreeing, build
from tests.support.build import NOW
from tests.support.issuing import VAULT

Trusts = tuple[Organisation, Organisation]


def trusts(session: Session) -> Trusts:
    return agreeing.a_trust(session, name="North"), agreeing.a_trust(session, name="South")


def coverage(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Coverage)) or 0


def view(session: Session, agreement: Agreement, of: Organisation) -> agreement_views.AgreementView:
    return agreement_views.one(
        session, agreement_id=agreement.id, by=agreeing.manager(of), now=NOW
    )


def test_signed_by_both_it_is_in_force_and_covers(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        version = agreeing.out(session, north, south)
        agreeing.signed(session, version, north)
        assert version.state is VersionState.OUT_FOR_SIGNATURE
        assert coverage(session) == 0
        agreeing.signed(session, version, south)
        assert (version.state, version.signed_at) == (VersionState.SIGNED, NOW)
        agreement = session.get_one(Agreement, version.agreement_id)
        assert agreement.state is AgreementState.ACTIVE
        assert coverage(session) == 2
        found = view(session, agreement, south)
        assert found.state is ShownState.ACTIVE
        assert [one.signed for one in found.parties] == [True, True]
        assert found.versions[0].in_force
        kinds = session.scalars(
            sa.select(Event.kind).where(Event.subject_id == agreement.id).order_by(Event.id)
        ).all()
        assert kinds[-3:] == ["agreement.signed", "agreement.signed", "agreement.completed"]


def test_references_are_counted(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        found = [agreeing.drafted(session, north, south)[0].reference for _ in range(3)]
        assert found == ["WSA-1", "WSA-2", "WSA-3"]


def test_a_draft_is_the_leads_alone(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        agreement, version = agreeing.drafted(session, north, south)
        assert view(session, agreement, north).state is ShownState.DRAFT
        with pytest.raises(NotFound):
            view(session, agreement, south)
        assert not agreement_views.listed(session, by=agreeing.manager(south), now=NOW)
        agreeing.reviewed(session, version, north)
        assert view(session, agreement, south).state is ShownState.IN_REVIEW
        assert len(agreement_views.listed(session, by=agreeing.manager(south), now=NOW)) == 1


def test_an_organisation_that_is_no_party_sees_nothing(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        third = agreeing.manager(agreeing.a_trust(session))
        agreement = agreeing.agreed(session, north, south)
        (version,) = versions_of(session, agreement.id)
        tries: tuple[Callable[[], Any], ...] = (
            lambda: agreement_views.one(session, agreement_id=agreement.id, by=third, now=NOW),
            lambda: agreement_views.document(session, version_id=version.id, by=third),
            lambda: agreement_signing.exported(session, version_id=version.id, by=third),
            lambda: agreements.abandon(session, version_id=version.id, by=third, now=NOW),
        )
        for deed in tries:
            with pytest.raises(NotFound):
                deed()
        assert not agreement_views.listed(session, by=third, now=NOW)
        assert not who_sees_whom.matrix(session, by=third, now=NOW)


def test_one_that_only_a_draft_named_is_forgotten_with_it(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        third = agreeing.a_trust(session)
        agreement, version = agreeing.drafted(session, north, south, third)
        agreements.edit(
            session, version_id=version.id, terms=agreeing.terms(north, south),
            by=agreeing.manager(north), now=NOW,
        )  # fmt: skip
        named = session.scalars(
            sa.select(AgreementParty.organisation_id).where(
                AgreementParty.agreement_id == agreement.id
            )
        )
        assert set(named) == {north.id, south.id}


def test_a_change_asks_every_area_again(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        _, version = agreeing.drafted(session, north, south)
        agreeing.reviewed(session, version, north)
        agreements.edit(
            session, version_id=version.id, terms=agreeing.terms(north, south, notice_days=30),
            by=agreeing.manager(north), now=NOW,
        )  # fmt: skip
        assert version.state is VersionState.DRAFT
        agreements.send_to_review(
            session, version_id=version.id, by=agreeing.manager(north), now=NOW
        )
        with pytest.raises(Refused) as refused:
            agreements.send_out(session, version_id=version.id, by=agreeing.manager(north), now=NOW)
        assert [one.code for one in refused.value.reasons] == ["review_missing"] * 5


def test_what_goes_out_is_frozen_with_its_hash(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        version = agreeing.out(session, north, south)
        assert version.text
        assert version.text_hash == hash_of(version.text)
        north.name = "Renamed NHS Trust"
        build.an_event(session, north.id)
        assert "North" in agreement_views.document(
            session, version_id=version.id, by=agreeing.manager(south)
        )
        version.text = version.text.replace("band 5", "band 9")
        with pytest.raises(Refused) as refused:
            agreeing.signed(session, version, south)
        assert refused.value.code == "text_changed"


def test_without_contacts_it_does_not_go_into_review(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        _, version = agreeing.drafted(session, north, south, contacts=agreeing.contacts(north))
        with pytest.raises(Refused) as refused:
            agreements.send_to_review(
                session, version_id=version.id, by=agreeing.manager(north), now=NOW
            )
        assert {one.code for one in refused.value.reasons} == {"contact_missing"}
        assert len(refused.value.reasons) == 4


def test_nobody_signs_twice_or_before_it_went_out(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        _, version = agreeing.drafted(session, north, south)
        with pytest.raises(Refused, match="wrong_state"):
            agreeing.signed(session, version, north)
        agreeing.sent_out(session, version, north)
        agreeing.signed(session, version, north)
        with pytest.raises(Refused, match="signed_already"):
            agreeing.signed(session, version, north)
        agreeing.signed(session, version, south)
        with pytest.raises(Refused, match="wrong_state"):
            agreeing.signed(session, version, south)


def test_without_a_key_nobody_signs(database: Database) -> None:
    with database.transaction() as session:
        north = agreeing.a_trust(session)
        home = build.an_organisation(session, kind=OrganisationKind.SOCIAL_CARE)
        version = agreeing.out(session, north, home)
        with pytest.raises(Refused, match="no_key"):
            agreeing.signed(session, version, home)


@pytest.mark.parametrize(
    ("role", "stepped_up", "code"),
    [
        (AccessRole.BANK_MANAGER, False, "step_up_needed"),
        (AccessRole.HR_OFFICER, True, "forbidden"),
        (AccessRole.WORKER, True, "forbidden"),
    ],
)
def test_signing_wants_the_role_and_the_second_factor(
    database: Database, role: AccessRole, stepped_up: bool, code: str
) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        version = agreeing.out(session, north, south)
        by = build.an_actor(north, role, stepped_up=stepped_up)
        with pytest.raises(Forbidden, match=code):
            agreement_signing.sign(
                session, version_id=version.id, name="A", job_title="B", authority="C",
                vault=VAULT, signed_at=NOW, by=by, now=NOW,
            )  # fmt: skip


def test_a_signatory_says_by_what_authority(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        version = agreeing.out(session, north, south)
        with pytest.raises(Invalid) as wrong:
            agreement_signing.sign(
                session, version_id=version.id, name="A\nB", job_title=" ", authority="",
                vault=VAULT, signed_at=NOW, by=agreeing.manager(north), now=NOW,
            )  # fmt: skip
        assert set(wrong.value.fields) == {"name", "job_title", "authority"}


def of_the_lead(version: AgreementVersion, by: Actor) -> dict[str, Callable[[Session], Any]]:
    """What the lead alone does."""
    common: dict[str, Any] = {"version_id": version.id, "by": by, "now": NOW}
    agreement: dict[str, Any] = {"agreement_id": version.agreement_id, "by": by, "now": NOW}
    return {
        "edit": lambda s: agreements.edit(s, terms=version.terms, **common),
        "send_to_review": lambda s: agreements.send_to_review(s, **common),
        "send_out": lambda s: agreements.send_out(s, **common),
        "abandon": lambda s: agreements.abandon(s, **common),
        "vary": lambda s: agreements.vary(s, terms=version.terms, change_note="x", **agreement),
        "add_party": lambda s: agreements.add_party(s, party={}, contacts=[], **agreement),
    }


LEADS = ("edit", "send_to_review", "send_out", "abandon", "vary", "add_party")


@pytest.mark.parametrize("deed", LEADS)
def test_a_party_that_does_not_lead_does_not_write(database: Database, deed: str) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        _, version = agreeing.drafted(session, north, south)
        agreeing.reviewed(session, version, north)
        with pytest.raises(Refused, match="not_the_lead"):
            of_the_lead(version, agreeing.manager(south))[deed](session)


@pytest.mark.parametrize("deed", LEADS)
def test_nothing_is_written_of_an_agreement_of_others(database: Database, deed: str) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        third = agreeing.manager(agreeing.a_trust(session))
        version = agreeing.out(session, north, south)
        with pytest.raises(NotFound):
            of_the_lead(version, third)[deed](session)


def test_what_a_page_offers_is_what_may_be_done(database: Database) -> None:
    """Every step that is offered works, every other is refused."""
    with database.transaction() as session:
        north, south = trusts(session)
        agreement, version = agreeing.drafted(session, north, south)
        assert view(session, agreement, north).versions[0].steps == (
            Step.EDIT, Step.SEND_TO_REVIEW, Step.ABANDON,
        )  # fmt: skip
        agreeing.reviewed(session, version, north)
        assert view(session, agreement, north).versions[0].steps == (
            Step.EDIT, Step.REVIEW, Step.SEND_OUT, Step.ABANDON,
        )  # fmt: skip
        assert view(session, agreement, south).versions[0].steps == (Step.REVIEW,)
        agreements.send_out(session, version_id=version.id, by=agreeing.manager(north), now=NOW)
        assert view(session, agreement, south).versions[0].steps == (Step.SIGN,)
        (row,) = agreement_views.listed(session, by=agreeing.manager(south), now=NOW)
        assert row.to_sign
        agreeing.signed(session, version, south)
        assert view(session, agreement, south).versions[0].steps == ()
        assert view(session, agreement, south).versions[0].unsigned == ("North",)


def test_a_text_over_its_term_is_not_signed(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        version = agreeing.out(session, north, south, ends_on="2026-12-31")
        with pytest.raises(Refused, match="agreement_ending"):
            agreeing.signed(session, version, north, now=NOW + timedelta(days=130))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"parties": []}, "parties"),
    ({"scope": [{"staff_group": "hca", "grades": ["consultant"]}]}, "scope[0].grades"),
    ({"purpose": "x\n5.1 Everything may be asked for."}, "purpose"),
    ({"data_categories": ["sickness"]}, "data_categories[0]"),
    ({"ends_on": "2029-01-01"}, "ends_on"),
    ({"surprise": 1}, "surprise"),
    ({"recharge": {"basis": "fixed_rate"}}, "recharge.rates_pence_per_hour"),
]


@pytest.mark.parametrize(("change", "field"), WRONG, ids=[one for _, one in WRONG])
def test_wrong_terms_are_named_by_field(
    database: Database, change: dict[str, Any], field: str
) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        terms = {**agreeing.terms(north, south), **change}
        with pytest.raises(Invalid) as wrong:
            agreements.draft(session, title="T", terms=terms, by=agreeing.manager(north), now=NOW)
        assert field in wrong.value.fields


def test_neither_an_agency_nor_a_closed_trust_is_a_party(database: Database) -> None:
    with database.transaction() as session:
        north = agreeing.a_trust(session)
        agency = build.an_organisation(session, kind=OrganisationKind.AGENCY)
        closed = build.an_organisation(session)
        closed.closed_on = NOW.date() - timedelta(days=1)
        build.an_event(session, closed.id)
        for other in (agency, closed):
            with pytest.raises(Problem) as wrong:
                agreeing.drafted(session, north, other)
            assert isinstance(wrong.value, Invalid)
            assert list(wrong.value.fields) == ["parties[1].ods"]
