"""Checks of passports on record: by whom, for whom to read, and how old a check may be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from passport.actions.verifying import freshness, judging, verdicts, ward_devices
from passport.actions.verifying.verdicts import Checked
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.model.presentations import Channel
from passport.rules.tokens import es256, gate_token
from tests.support import build, issuing
from tests.support.issuing import NOW, WHERE

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
R = AccessRole


def an_actor(world: issuing.World, *roles: AccessRole) -> Actor:
    return Actor(account_id=None, organisation_id=world.id, roles=frozenset(roles),
                 stepped_up=True)  # fmt: skip


def checked(**changes: Any) -> Checked:
    plain: dict[str, Any] = {
        "id": uuid4(), "at": NOW - 60 * SECOND, "outcome": "green", "codes": [],
        "kinds": ["identity"], "checker": "Sister Adams, ward manager", "offline": True,
    }  # fmt: skip
    return Checked(**plain | changes)


def test_a_check_is_kept_once_and_its_first_decision_stands(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        by = an_actor(world, R.VERIFIER)
        one = checked()
        kept = verdicts.keep(session, checked=one, by=by, now=NOW)
        assert (kept.decision, kept.offline, kept.at) == (None, True, one.at)
        verdicts.keep(session, checked=replace(one, decision="admitted"), by=by, now=NOW)
        verdicts.keep(session, checked=replace(one, decision="turned_away"), by=by, now=NOW)
        (found,) = verdicts.of_organisation(session, by=by)
        assert (found.decision, found.decided_by) == ("admitted", "Sister Adams, ward manager")
        with pytest.raises(Refused):
            verdicts.decide(session, verdict_id=found.id, decision="supervised", by=by,
                            checker="x", now=NOW)  # fmt: skip


WRONG: dict[str, dict[str, Any]] = {
    "nobody checked": {"checker": " "},
    "a name with a line's end": {"checker": "A\nB"},
    "no outcome": {"outcome": "blue"},
    "no decision": {"decision": "perhaps"},
    "31 days ago": {"at": NOW - timedelta(days=31)},
    "tomorrow": {"at": NOW + timedelta(days=1)},
    "41 codes": {"codes": ["revoked"] * 41},
    "a code that is a story": {"codes": ["x" * 65]},
    "a kind that is a name": {"kinds": ["Adaeze Ökafor"]},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_check_that_cannot_be_is_refused(name: str, sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        world = issuing.a_trust(session)
        with pytest.raises(Invalid):
            verdicts.keep(session, checked=checked(**WRONG[name]), by=an_actor(world, R.VERIFIER),
                          now=NOW)  # fmt: skip


def test_another_organisation_neither_reads_nor_decides(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        other = issuing.a_trust(session, ods_code="RX8", name="Another trust")
        kept = verdicts.keep(session, checked=checked(), by=an_actor(world, R.VERIFIER), now=NOW)
        stranger = an_actor(other, R.VERIFIER)
        assert verdicts.of_organisation(session, by=stranger) == []
        with pytest.raises(NotFound):
            verdicts.one(session, verdict_id=kept.id, by=stranger)
        with pytest.raises(NotFound):
            verdicts.keep(session, checked=checked(id=kept.id), by=stranger, now=NOW)
        with pytest.raises(NotFound):
            verdicts.decide(session, verdict_id=kept.id, decision="admitted", by=stranger,
                            checker="x", now=NOW)  # fmt: skip


def test_only_who_may_verify_keeps_checks(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        world = issuing.a_trust(session)
        by = an_actor(world, R.WORKER, R.AUDITOR, R.WARD_REQUESTER)
        with pytest.raises(Forbidden):
            verdicts.keep(session, checked=checked(), by=by, now=NOW)
        with pytest.raises(Forbidden):
            verdicts.check(session, text="x", challenge=None, checker="x", where=WHERE, by=by,
                           now=NOW)  # fmt: skip


def shown(session: Session, world: issuing.World) -> tuple[str, Any]:
    nurse = issuing.a_holder(session, world)
    wallet, key = issuing.a_wallet(session, world, nurse)
    issuing.collected(session, world, nurse, wallet, key)
    cwt = issuing.a_gate(session, world, wallet, key)
    wallet.gate_key = es256.public(key).kid
    issuing.published(session)
    return gate_token.show(cwt, holder_key=key, now=NOW), nurse


def test_a_look_is_filed_under_whose_passport_it_was(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        text, nurse = shown(session, world)
        kept, judged = verdicts.check(session, text=text, challenge=None, checker="Gate A",
                                      where=WHERE, by=an_actor(world, R.VERIFIER),
                                      now=NOW)  # fmt: skip
        assert judged.verdict.name == f"{nurse.given_name} {nurse.family_name}"
        assert (kept.channel, kept.person_id, kept.outcome) == (Channel.API, nurse.id, "amber")
        assert verdicts.holder_behind(session, judged.holder_key) == nurse.holder_id


def test_a_program_is_shown_a_code_once(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        text, _ = shown(session, world)
        codes = [
            verdicts.check(session, text=text, challenge=None, checker="Gate", where=WHERE,
                           by=an_actor(world, R.VERIFIER), now=NOW)[0].codes
            for _ in range(2)
        ]  # fmt: skip
        assert "seen_before" not in codes[0]
        assert codes[1] == ["seen_before"]


def test_a_device_is_enrolled_once_and_revoked(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        manager = an_actor(world, R.BANK_MANAGER)
        device, code = ward_devices.invite(session, unit="Ward 7", unit_id=None, by=manager,
                                           now=NOW)  # fmt: skip
        spoken = f"{code[:5].lower()} {code[5:]}"
        _, token = ward_devices.enrol(session, code=spoken, now=NOW + 14 * 60 * SECOND)
        with pytest.raises(Invalid):
            ward_devices.enrol(session, code=code, now=NOW + 14 * 60 * SECOND)
        known = ward_devices.by_token(session, token=token)
        assert known is not None
        kept = verdicts.keep(session, checked=checked(), by=known.actor, device=known.device,
                             now=NOW)  # fmt: skip
        assert (kept.unit, kept.device_id) == ("Ward 7", device.id)
        with pytest.raises(Forbidden):
            verdicts.of_organisation(session, by=known.actor)
        with pytest.raises(NotFound):
            verdicts.keep(session, checked=checked(id=kept.id),
                          by=an_actor(world, R.VERIFIER), now=NOW)  # fmt: skip
        ward_devices.revoke(session, device_id=device.id, by=manager, now=NOW)
        assert ward_devices.by_token(session, token=token) is None
        with pytest.raises(NotFound):
            ward_devices.revoke(session, device_id=device.id, by=manager, now=NOW)
        assert ward_devices.devices(session, by=manager) == []


def test_a_code_for_a_device_does_not_last(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        manager = an_actor(world, R.BANK_MANAGER)
        stays, old = ward_devices.invite(session, unit="A", unit_id=None, by=manager, now=NOW)
        gone, code = ward_devices.invite(session, unit="B", unit_id=None, by=manager, now=NOW)
        ward_devices.revoke(session, device_id=gone.id, by=manager, now=NOW)
        for typed, at in ((old, NOW + 15 * 60 * SECOND), (code, NOW), ("", NOW)):
            with pytest.raises(Invalid):
                ward_devices.enrol(session, code=typed, now=at)
        other = an_actor(issuing.a_trust(session, ods_code="RX8"), R.BANK_MANAGER)
        with pytest.raises(NotFound):
            ward_devices.revoke(session, device_id=stays.id, by=other, now=NOW)
        for by in (an_actor(world, R.VERIFIER), replace(manager, stepped_up=False)):
            with pytest.raises(Forbidden):
                ward_devices.invite(session, unit="C", unit_id=None, by=by, now=NOW)
        with pytest.raises(Invalid):
            ward_devices.invite(session, unit=" ", unit_id=None, by=manager, now=NOW)


HOURS = {"status_list_green": 12, "status_list_amber": 24, "training_record": 100}


def tighten(session: Session, world: issuing.World, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "from_on": NOW.date(), "hours": HOURS, "register_check": {"register": 12},
        "by": an_actor(world, R.BANK_MANAGER), "now": NOW, **changes,
    }  # fmt: skip
    return freshness.tighten(session, **given)


def test_a_host_tightens_and_never_widens(database: Database) -> None:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        default = freshness.policy_of(session, organisation_id=None, now=NOW)
        tighten(session, world)
        tighten(session, world, from_on=NOW.date() + timedelta(days=3),
                hours=HOURS | {"status_list_green": 2})  # fmt: skip
        own = freshness.policy_of(session, organisation_id=world.id, now=NOW)
        assert (own.status_list_green, own.status_list_amber) == (12, 24)
        assert (own.of_register("register"), own.of_register("register_file")) == (12, 72)
        later = freshness.policy_of(session, organisation_id=world.id, now=NOW + 72 * HOUR)
        assert later.status_list_green == 2
        assert judging.policy_for(session, organisation_id=world.id, now=NOW) == own
        other = build.an_organisation(session, ods_code="RX8")
        assert freshness.policy_of(session, organisation_id=other.id, now=NOW) == default


WIDE: dict[str, Callable[[], dict[str, Any]]] = {
    "green beyond the default": lambda: {"hours": HOURS | {"status_list_green": 25,
                                                           "status_list_amber": 72}},
    "amber beyond the default": lambda: {"hours": HOURS | {"status_list_amber": 73}},
    "training beyond the default": lambda: {"hours": HOURS | {"training_record": 169}},
    "a register beyond the default": lambda: {"register_check": {"register": 25}},
    "a register nobody knows": lambda: {"register_check": {"hearsay": 1}},
    "less than nothing": lambda: {"hours": HOURS | {"status_list_green": -1}},
    "green beyond amber": lambda: {"hours": HOURS | {"status_list_amber": 11}},
    "yesterday": lambda: {"from_on": NOW.date() - timedelta(days=1)},
}  # fmt: skip


@pytest.mark.parametrize("name", WIDE)
def test_a_limit_is_refused(name: str, sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        world = issuing.a_trust(session)
        with pytest.raises(Invalid):
            tighten(session, world, **WIDE[name]())
        with pytest.raises(Forbidden):
            tighten(session, world, by=an_actor(world, R.HR_OFFICER, R.VERIFIER))
