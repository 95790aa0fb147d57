"""A bank whose nurses have ledgers of about forty stretches and shifts to book between them.

Nurse number w works every eighth day from twenty weeks ago to twenty weeks ahead; four days after
each duty lies a free shift for each of them: shift number i is for nurse i % nurses. So bookings
by number always succeed, and the rules have a real ledger to go through.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bankhub.model.hours import Hours
from bankhub.model.shifts import Opening, Shift
from bankhub.model.vocabulary import Tier
from bankhub.model.workers import BankPost, BookableAs
from bankhub.wiring import open_database
from benchmarks.copies import ACCOUNT, PERSON, POST, SHIFT, copy, quickly, settle, uid
from passport.actors import AccessRole
from passport.model.accounts import Account, ApiToken, RoleGrant
from passport.model.facts import Fact
from passport.model.people import Person
from passport.sealing import hash_secret
from tests.support import build

TOKEN = "bankhub_benchmark_"
DUTIES = 40


@dataclass(frozen=True)
class Templates:
    """The rows that are copied."""

    person: Person
    post: BankPost
    account: Account
    shift: Shift


def fill(url: str, *, nurses: int, shifts: int, now: datetime) -> None:
    """Make the bank."""
    database = open_database(url)
    with database.transaction() as session:
        made = _templates(session, now)
    with database.engine.begin() as connection:
        quickly(connection)
        _people(connection, made, nurses)
        _access(connection, made, nurses)
        _ledgers(connection, made, nurses)
        _shifts(connection, made, nurses, shifts)
    settle(database.engine)
    database.engine.dispose()


def _templates(session: sa.orm.Session, now: datetime) -> Templates:
    trust = build.an_organisation(session)
    ward = build.a_unit(session, build.a_site(session, trust))
    person, post = build.a_nurse(session, trust, papers=False)
    ends = (now + timedelta(days=600)).date()
    build.a_nurses_papers(
        session, person, until=ends, trained_on=(now - timedelta(days=60)).date()
    )
    account = build.an_account(session, person_id=person.id)
    grant = RoleGrant(
        account_id=account.id,
        organisation_id=trust.id,
        role=AccessRole.WORKER,
        granted_at=now,
    )
    token = ApiToken(
        account_id=account.id,
        organisation_id=trust.id,
        name="benchmark",
        token_hash=hash_secret(TOKEN),
        created_at=now,
        expires_at=now + timedelta(days=30),
    )
    session.add_all([grant, token])
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    build.busy_hours(session, person, midnight + timedelta(days=1, hours=7), hours=8)
    opened = now - timedelta(days=1)
    later = {Tier.PARTNER: now + timedelta(days=2), Tier.AGENCY_1: now + timedelta(days=9)}
    shift = build.a_shift(
        session,
        ward,
        starts_at=midnight + timedelta(days=5, hours=7),
        authorised_at=opened,
        openings={Tier.OWN_BANK: opened, **later},
    )
    build.rebuild(session)
    return Templates(person, post, account, shift)


def _people(connection: sa.Connection, made: Templates, nurses: int) -> None:
    g = f"generate_series(0, {nurses - 1}) g"
    person = uid(PERSON, "g")
    one = {"person": made.person.id}
    copy(
        connection, Person, where="t.id = :person", rows=g, **one,
        changes={"id": person, "holder_id": person, "family_name": "'Nurse ' || g"},
    )  # fmt: skip
    copy(
        connection, BankPost, where="t.person_id = :person", rows=g, **one,
        changes={"id": uid(POST, "g"), "person_id": person, "assignment_number": "'9' || g"},
    )  # fmt: skip
    copy(
        connection, Fact, where="t.person_id = :person", rows=g, **one,
        changes={"id": "gen_random_uuid()", "person_id": person},
    )  # fmt: skip
    copy(
        connection, BookableAs, where="t.person_id = :person", rows=g, **one,
        changes={"bank_post_id": uid(POST, "g"), "person_id": person, "holder_id": person},
    )  # fmt: skip


def _access(connection: sa.Connection, made: Templates, nurses: int) -> None:
    g = f"generate_series(0, {nurses - 1}) g"
    account = uid(ACCOUNT, "g")
    one = {"account": made.account.id}
    email = "'nurse' || g || '@example.org'"
    copy(
        connection, Account, where="t.id = :account", rows=g, **one,
        changes={"id": account, "email": email, "person_id": uid(PERSON, "g")},
    )  # fmt: skip
    fresh = {"id": "gen_random_uuid()", "account_id": account}
    copy(
        connection, RoleGrant, where="t.account_id = :account", rows=g, changes=fresh, **one
    )
    hashed = f"encode(sha256(convert_to('{TOKEN}' || g, 'UTF8')), 'hex')"
    copy(
        connection, ApiToken, where="t.account_id = :account", rows=g, **one,
        changes={**fresh, "token_hash": hashed},
    )  # fmt: skip


def _ledgers(connection: sa.Connection, made: Templates, nurses: int) -> None:
    half = DUTIES // 2
    days = "make_interval(days => 8 * c + g % 4)"
    copy(
        connection,
        Hours,
        where="t.person_id = :person",
        rows=f"generate_series(0, {nurses - 1}) g, generate_series(-{half}, {half - 1}) c",
        changes={
            "id": "gen_random_uuid()",
            "person_id": uid(PERSON, "g"),
            "holder_id": uid(PERSON, "g"),
            "starts_at": f"t.starts_at + {days}",
            "ends_at": f"t.ends_at + {days}",
            "rest_until": f"t.rest_until + {days}",
        },
        person=made.person.id,
    )


def _shifts(connection: sa.Connection, made: Templates, nurses: int, shifts: int) -> None:
    g = f"generate_series(0, {shifts - 1}) g"
    days = f"make_interval(days => 8 * (g / {nurses}) + (g % {nurses}) % 4)"
    copy(
        connection,
        Shift,
        where="t.id = :shift",
        rows=g,
        changes={
            "id": uid(SHIFT, "g"),
            "reference": "'B-' || g",
            "starts_at": f"t.starts_at + {days}",
            "ends_at": f"t.ends_at + {days}",
        },
        shift=made.shift.id,
    )
    copy(
        connection, Opening, where="t.shift_id = :shift", rows=g, shift=made.shift.id,
        changes={"id": "gen_random_uuid()", "shift_id": uid(SHIFT, "g")},
    )  # fmt: skip
