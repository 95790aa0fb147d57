"""Each control alone is what refuses: with it switched off the same deed goes through."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.agreements import (
    agreement_ends,
    agreement_keeping,
    agreement_records,
    agreement_signing,
    agreement_views,
    agreements,
)
from bankhub.actions.agreements.agreement_records import versions_of
from bankhub.model.agreements import Agreement, AgreementVersion, ReviewArea
from passport.actors import Actor
from passport.db import Database
from passport.errors import Problem
from passport.model.organisations import Organisation
from tests.support import agreeing, build
from tests.support.build import NOW
from tests.support.issuing import VAULT


@dataclass
class Case:
    """Two parties, a third organisation that is none, an agreement in force and a draft."""

    session: Session
    north: Organisation
    south: Organisation
    third: Organisation
    agreement: Agreement
    draft: AgreementVersion

    def review(self, area: ReviewArea, name: str = "Ann Bell", by: Actor | None = None) -> None:
        agreements.review(
            self.session, version_id=self.draft.id, area=area, name=name, job_title="Head",
            signed_off=True, by=by or agreeing.office(self.north), now=NOW,
        )  # fmt: skip

    def step(self, deed: Callable[..., Any], of: Organisation | None = None) -> None:
        by = agreeing.manager(of or self.north)
        deed(self.session, version_id=self.draft.id, by=by, now=NOW)

    def terms(self, **fields: Any) -> dict[str, Any]:
        return agreeing.terms(self.north, self.south, **fields)


def a_case(session: Session) -> Case:
    north, south, third = (agreeing.a_trust(session) for _ in range(3))
    agreement = agreeing.agreed(session, north, south)
    _, draft = agreeing.drafted(session, north, south)
    return Case(session, north, south, third, agreement, draft)


def out_unreviewed(case: Case) -> None:
    case.step(agreements.send_to_review)
    case.step(agreements.send_out)


def one_reviewer_for_two(case: Case) -> None:
    case.step(agreements.send_to_review)
    case.review(ReviewArea.HR)
    case.review(ReviewArea.IG)


def governed_by_the_manager(case: Case) -> None:
    case.step(agreements.send_to_review)
    case.review(ReviewArea.IG, by=agreeing.manager(case.north))


def no_contacts(case: Case) -> None:
    agreements.edit(
        case.session, version_id=case.draft.id, terms=case.terms(contacts=[]),
        by=agreeing.manager(case.north), now=NOW,
    )  # fmt: skip
    case.step(agreements.send_to_review)


def out_as_the_other_party(case: Case) -> None:
    agreeing.reviewed(case.session, case.draft, case.north)
    case.step(agreements.abandon, case.south)


def signed_another_text(case: Case) -> None:
    version = agreeing.sent_out(case.session, case.draft, case.north)
    version.text = "Another text."
    agreeing.signed(case.session, version, case.north)


def signed_without_the_second_factor(case: Case) -> None:
    version = agreeing.sent_out(case.session, case.draft, case.north)
    agreement_signing.sign(
        case.session, version_id=version.id, name="A", job_title="B", authority="C", vault=VAULT,
        signed_at=NOW, by=build.an_actor(case.north), now=NOW,
    )  # fmt: skip


def two_versions_under_way(case: Case) -> None:
    for _ in range(2):
        agreements.vary(
            case.session, agreement_id=case.agreement.id, terms=case.terms(), change_note="x",
            by=agreeing.manager(case.north), now=NOW,
        )  # fmt: skip


def twenty_years(case: Case) -> None:
    agreements.draft(
        case.session, title="T", terms=case.terms(ends_on="2046-01-01"),
        by=agreeing.manager(case.north), now=NOW,
    )  # fmt: skip


def read_by_a_third(case: Case) -> None:
    (version,) = versions_of(case.session, case.agreement.id)
    agreement_views.document(
        case.session, version_id=version.id, by=agreeing.manager(case.third)
    )


def end(case: Case, agreement: Agreement, by: Organisation) -> None:
    agreement_ends.terminate(
        case.session, agreement_id=agreement.id, because="x", for_safety=True,
        by=agreeing.manager(by), now=NOW,
    )  # fmt: skip


def ended_by_one_of_three(case: Case) -> None:
    three = agreeing.agreed(case.session, case.north, case.south, case.third)
    end(case, three, case.third)


def ended_twice(case: Case) -> None:
    end(case, case.agreement, case.north)
    end(case, case.agreement, case.north)


def kept_by_a_manager(case: Case) -> None:
    agreement_keeping.keep(case.session, by=agreeing.manager(case.north), now=NOW)


def notice_twice(case: Case) -> None:
    for _ in range(2):
        agreement_ends.give_notice(
            case.session, agreement_id=case.agreement.id, by=agreeing.manager(case.south), now=NOW
        )


def withdrawn_without_notice(case: Case) -> None:
    agreement_ends.withdraw_notice(
        case.session, agreement_id=case.agreement.id, by=agreeing.manager(case.south), now=NOW
    )


def lifted_by_the_suspended(case: Case) -> None:
    by = agreeing.manager(case.north), agreeing.manager(case.south)
    agreement_ends.suspend_party(
        case.session, agreement_id=case.agreement.id, organisation_id=case.south.id, because="x",
        by=by[0], now=NOW,
    )  # fmt: skip
    agreement_ends.lift_suspension(
        case.session, agreement_id=case.agreement.id, organisation_id=case.south.id, by=by[1],
        now=NOW,
    )  # fmt: skip


def ended_by_who_has_left(case: Case) -> None:
    three = agreeing.agreed(case.session, case.north, case.south, case.third)
    by = agreeing.manager(case.north)
    agreement_ends.give_notice(case.session, agreement_id=three.id, by=by, now=NOW)
    agreement_ends.terminate(
        case.session, agreement_id=three.id, because="x", for_safety=True, by=by,
        now=NOW + timedelta(days=91),
    )  # fmt: skip


CONTROLS: list[tuple[Callable[[Case], None], Any, str, Any]] = [
    (out_unreviewed, agreements, "why_not_out", []),
    (one_reviewer_for_two, agreements, "why_not_review", []),
    (governed_by_the_manager, agreements, "why_not_area", []),
    (no_contacts, agreements, "why_incomplete", []),
    (out_as_the_other_party, agreements, "why_not_step", []),
    (signed_another_text, agreement_signing, "why_not_sign", []),
    (signed_without_the_second_factor, agreement_signing, "demand", None),
    (two_versions_under_way, agreements, "why_not_new_version", []),
    (twenty_years, agreement_records, "wrong_terms", {}),
    (read_by_a_third, agreement_records, "visible_to", True),
    (ended_by_one_of_three, agreement_ends, "why_not_terminate", []),
    (ended_twice, agreement_ends, "why_not_live", []),
    (notice_twice, agreement_ends, "why_not_notice", []),
    (withdrawn_without_notice, agreement_ends, "why_not_withdraw", []),
    (lifted_by_the_suspended, agreement_ends, "why_not_lift", []),
    (ended_by_who_has_left, agreement_ends, "why_not_party", []),
    (kept_by_a_manager, agreement_keeping, "demand", None),
]


@pytest.mark.parametrize(
    ("deed", "module", "control", "off"), CONTROLS, ids=[one[0].__name__ for one in CONTROLS]
)
def test_the_control_is_what_refuses(
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    deed: Callable[[Case], None],
    module: Any,
    control: str,
    off: Any,
) -> None:
    with sqlite_database.transaction() as session:
        case = a_case(session)
        with pytest.raises(Problem), session.begin_nested():
            deed(case)
        monkeypatch.setattr(module, control, lambda *_args, **_kw: off)
        for name in ("north", "south", "third"):
            session.refresh(getattr(case, name))
        if module is agreement_keeping:  # the round asks each part's permission
            succession = "bankhub.actions.agreements.agreement_succession"
            monkeypatch.setattr(f"{succession}.demand", lambda *_: None)
        deed(case)
