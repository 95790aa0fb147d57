"""Roster files through the browser or the API: kept, looked at, taken a few blocks at a time."""

from datetime import timedelta
from uuid import UUID

import pytest

from bankhub.actions.rosters import roster_files
from bankhub.imports import roster_run, roster_uploads
from bankhub.imports.roster import Told
from bankhub.model.rosters import RosterImport, RosterState, RosterUpload
from passport.actors import AccessRole
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound
from tests.support import build
from tests.support.build import NOW
from tests.support.rosters import Trust, counts, roster

BAD = {"reference": "B1", "notes": "NHS 943 476 5919"}


@pytest.fixture
def trust(database: Database) -> Trust:
    return Trust(database)


def receive(trust: Trust, content: bytes, told: Told | None = None) -> UUID:
    import_id, _ = roster_uploads.receive(
        trust.database, content, "roster.csv", told=told or Told(), by=trust.coordinator, now=NOW
    )
    return import_id


def go_on(trust: Trust, import_id: UUID, **options: bool) -> roster_run.Report:
    return roster_uploads.go_on(
        trust.database, import_id, by=trust.coordinator, now=NOW, **options
    )


def test_a_file_is_kept_and_looked_at_before_anything_is_taken(trust: Trust) -> None:
    import_id, looked = roster_uploads.receive(
        trust.database, roster({}, BAD), "roster.csv", told=Told(), by=trust.coordinator, now=NOW
    )
    assert counts(looked) == {"new": 1, "shifts": 1, "refused": 1}
    assert trust.shifts() == {}
    (kept,) = trust.rows(RosterImport)
    assert (kept.id, kept.state, kept.rows_total) == (import_id, RosterState.RECEIVED, 2)


def test_a_large_file_is_taken_by_repeated_requests(
    trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_run, "CHUNK", 10)
    monkeypatch.setattr(roster_uploads, "ROWS_AT_ONCE", 20)
    import_id = receive(trust, roster(*({"reference": f"A{n}"} for n in range(50))))
    steps = []
    while not steps or not steps[-1].done:
        steps.append(go_on(trust, import_id))
    assert [step.rows_done for step in steps] == [20, 40, 50]
    assert counts(steps[-1]) == {"new": 50, "shifts": 50}
    assert counts(go_on(trust, import_id)) == counts(steps[-1]), "done stays done"
    assert len(trust.rows(RosterImport)) == 1


def test_refused_rows_are_handed_back_until_the_file_is_forgotten(trust: Trust) -> None:
    import_id = receive(trust, roster({}, BAD))
    go_on(trust, import_id)
    back = "".join(roster_uploads.refused_csv(trust.database, import_id, by=trust.coordinator))
    assert back.count("\r\n") == 2
    assert '"3","This looks like an NHS number.' in back
    with trust.database.transaction() as session:
        assert roster_files.forget_uploads(session, received_before=NOW) == 0
        later = NOW + timedelta(days=7)
        assert roster_files.forget_uploads(session, received_before=later) == 1
    assert trust.rows(RosterUpload) == []
    with pytest.raises(NotFound):
        roster_uploads.refused_csv(trust.database, import_id, by=trust.coordinator)


def test_what_is_told_of_the_columns_and_the_period_holds_for_every_request(trust: Trust) -> None:
    first, last = NOW.date(), NOW.date() + timedelta(days=30)
    trust.send(roster({"reference": "A2"}))
    own = roster({}).replace(b"reference", b"kenn", 1)
    told = Told({"reference": "kenn"}, ["WARD7"], first, last)
    import_id = receive(trust, own, told)
    looked = roster_uploads.preview(trust.database, import_id, by=trust.coordinator, now=NOW)
    assert [shift.roster_reference for shift in looked.gone.shifts] == ["A2"]
    done = go_on(trust, import_id, withdraw_vanished=True)
    assert (done.counts["new"], done.counts["withdrawn"]) == (1, 1)
    assert roster_run.remembered_columns(trust.database, by=trust.coordinator) == {
        "reference": "kenn"
    }


def test_a_file_that_cannot_be_read_is_not_kept(trust: Trust) -> None:
    with pytest.raises(Invalid):
        receive(trust, b"PK\x03\x04")
    assert trust.rows(RosterImport) == []


def test_another_trusts_import_is_not_found_and_a_wards_is_forbidden(trust: Trust) -> None:
    import_id = receive(trust, roster({}))
    other = Trust(trust.database)
    for deed in (go_on, lambda who, one: receive_csv(who, one), read_imports):
        if deed is read_imports:
            assert read_imports(other, import_id) == []
            continue
        with pytest.raises(NotFound):
            deed(other, import_id)
    ward = build.an_actor(trust.trust, AccessRole.WARD_REQUESTER)
    with pytest.raises(Forbidden):
        roster_uploads.go_on(trust.database, import_id, by=ward, now=NOW)
    assert len(read_imports(trust, import_id)) == 1


def receive_csv(trust: Trust, import_id: UUID) -> str:
    return "".join(roster_uploads.refused_csv(trust.database, import_id, by=trust.coordinator))


def read_imports(trust: Trust, _import_id: UUID) -> list[RosterImport]:
    with trust.database.reading() as session:
        return list(roster_files.imports(session, by=trust.coordinator))
