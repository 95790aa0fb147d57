"""Trusts with their banks, and open shifts that grow while the people stay the same.

Trust 0 is the one that is asked about: a bank of `posts` people. It and the next seven trusts are
parties of one agreement: their nurses see the others' shifts once those have opened to partners,
and all but one have cleared each of them. Every person works a rostered duty and a bank shift a
week, from sixteen weeks ago to eight ahead; every tenth is on leave for two weeks. Open shifts lie
in the eight weeks to come, over all trusts, units, roles and grades; each has opened to its own
bank, most of them also to the next tier, none to agencies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from bankhub.model.bookings import Booking
from bankhub.model.clearances import Clearance
from bankhub.model.hours import Hours
from bankhub.model.shifts import Opening, Shift
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import HoursKind, Tier
from bankhub.model.workers import BankPost, BookableAs
from bankhub.wiring import open_database
from benchmarks.copies import (
    ACCOUNT,
    PERSON,
    POST,
    SHIFT,
    UNIT,
    copy,
    quickly,
    settle,
    uid,
    uid_of,
)
from benchmarks.searching_templates import (
    HELD,
    TOKEN,
    WORKS,
    Size,
    Templates,
    coordinator,
    picked,
    templates,
)
from passport.model.accounts import Account, ApiToken, RoleGrant
from passport.model.facts import Fact
from passport.model.people import Person

SITES, UNITS, DAYS = 2, 60, 56
WEEKS_BACK, WEEKS_AHEAD = 16, 8
NURSES = 100
"""People of trust 0 who have an account."""

WORKED, BOOKING, SITE = "9", "a", "b"
OPENINGS = {Tier.OWN_BANK: "6", Tier.OWN_FALLBACK: "7", Tier.PARTNER: "7", Tier.AGENCY_1: "8"}
"""First digit of the identifiers. No shift has both tiers of one digit."""


@dataclass(frozen=True)
class Bank:
    """What is asked about."""

    nurses: Sequence[int]
    """Numbers of nurses with a token."""
    shifts: Sequence[UUID]
    """Open shifts of trust 0 for which it has people; the same whatever the number of shifts."""
    cookie: str
    """The session of a coordinator of trust 0."""


def fill(url: str, size: Size, now: datetime) -> Bank:
    """Make the banks and their shifts."""
    database = open_database(url)
    with database.transaction() as session:
        made = templates(session, size, now)
        cookie = coordinator(session, made.trusts[0], now)
    with database.engine.begin() as connection:
        quickly(connection)
        _places(connection, size, made)
        _people(connection, size, made)
        _clearances(connection, size, made)
        _access(connection, made)
        _ledgers(connection, size, made)
        _worked(connection, size, made)
        _shifts(connection, size, made)
    settle(database.engine)
    database.engine.dispose()
    held = {(work.role, work.grade) for _, work, _ in HELD}
    asked = [WORKS[number // size.trusts % len(WORKS)] for number in range(size.least)]
    return Bank(
        nurses=[number for number in range(min(NURSES, size.posts)) if number % 10 < 8],
        shifts=[
            uid_of(SHIFT, number)
            for number in range(0, size.least, size.trusts)
            if (asked[number].role, asked[number].grade) in held
        ],
        cookie=cookie,
    )


def _places(connection: sa.Connection, size: Size, made: Templates) -> None:
    copy(
        connection, Site, where="t.id = :site", site=made.site.id,
        rows=f"generate_series(0, {size.trusts * SITES - 1}) g",
        changes={
            "id": uid(SITE, "g"),
            "organisation_id": made.trust(f"g / {SITES}"),
            "code": "'S' || g",
        },
    )  # fmt: skip
    trust = f"(g / {UNITS})"
    copy(
        connection, Unit, where="t.id = :unit", unit=made.unit.id,
        rows=f"generate_series(0, {size.trusts * UNITS - 1}) g",
        changes={
            "id": uid(UNIT, "g"),
            "organisation_id": made.trust(trust),
            "site_id": uid(SITE, f"{trust} * {SITES} + g % {SITES}"),
            "code": "'U' || g",
            "name": "'Ward ' || g",
        },
    )  # fmt: skip


def _of_ten(size: Size, first: int, behind: int) -> str:
    """Numbers of the people who are such copies."""
    return (
        f"(SELECT n AS g FROM generate_series(0, {size.people - 1}) n "
        f"WHERE n % 10 >= {first} AND n % 10 < {behind}) numbers"
    )


def _people(connection: sa.Connection, size: Size, made: Templates) -> None:
    person, post = uid(PERSON, "g"), uid(POST, "g")
    trust = made.trust(size.trust_of_person)
    here = {"organisation_id": trust}
    changes: dict[type, dict[str, str]] = {
        Person: {"id": person, "holder_id": person, "family_name": "'Person ' || g", **here},
        BankPost: {"id": post, "person_id": person, "assignment_number": "'9' || g", **here},
        Fact: {"id": "gen_random_uuid()", "person_id": person, "checked_by_id": trust},
        BookableAs: {"bank_post_id": post, "person_id": person, "holder_id": person, **here},
    }
    for first, behind, template in made.people:
        for table, changed in changes.items():
            key = "t.id" if table is Person else "t.person_id"
            copy(
                connection, table, where=f"{key} = :person", person=template.id,
                rows=_of_ten(size, first, behind), changes=changed,
            )  # fmt: skip


def _clearances(connection: sa.Connection, size: Size, made: Templates) -> None:
    """The nurses of each partner at every other, but for one where they never showed themselves."""
    home, hosts = size.trust_of_person, f"generate_series(0, {made.partners - 1}) h"
    shown = f"{home} < {made.partners} AND {home} <> h AND g % {made.partners} <> h"
    for first, behind, template in made.people:
        copy(
            connection, Clearance, person=template.id,
            where=f"t.person_id = :person AND {shown}",
            rows=f"{_of_ten(size, first, behind)}, {hosts}",
            changes={
                "id": "gen_random_uuid()",
                "host_id": made.trust("h"),
                "home_id": made.trust(home),
                "person_id": uid(PERSON, "g"),
                "holder_id": uid(PERSON, "g"),
            },
        )  # fmt: skip


def _access(connection: sa.Connection, made: Templates) -> None:
    fresh = {"id": "gen_random_uuid()", "account_id": uid(ACCOUNT, "g")}
    hashed = f"encode(sha256(convert_to('{TOKEN}' || g, 'UTF8')), 'hex')"
    changes: dict[type, dict[str, str]] = {
        Account: {
            "id": uid(ACCOUNT, "g"),
            "email": "'nurse' || g || '@example.org'",
            "person_id": uid(PERSON, "g"),
        },
        RoleGrant: fresh,
        ApiToken: {**fresh, "token_hash": hashed},
    }
    for table, changed in changes.items():
        key = "t.id" if table is Account else "t.account_id"
        copy(
            connection, table, where=f"{key} = :account", account=made.account.id,
            rows=f"generate_series(0, {NURSES - 1}) g", changes=changed,
        )  # fmt: skip


_WEEKS = f"generate_series(-{WEEKS_BACK}, {WEEKS_AHEAD - 1}) c"
_NUMBER_WORKED = f"g * 64 + c + {WEEKS_BACK}"


def _ledgers(connection: sa.Connection, size: Size, made: Templates) -> None:
    """A duty and, four days later, a bank shift each week; for some a leave."""
    booked = {
        "kind": "'booking'",
        "booking_id": uid(BOOKING, _NUMBER_WORKED),
        "source": "'booking'",
    }
    person = uid(PERSON, "g")
    for first, behind, template in made.people:
        people = _of_ten(size, first, behind)
        on_leave = people.replace("WHERE", "WHERE n % 100 / 10 = 3 AND")
        weekly = f"{people}, {_WEEKS}"
        stretches: list[tuple[str, HoursKind, str, dict[str, str]]] = [
            (weekly, HoursKind.DUTY, "7 * c + g % 7", {}),
            (weekly, HoursKind.DUTY, "7 * c + g % 7 + 4", booked),
            (on_leave, HoursKind.LEAVE, "0", {}),
        ]
        for rows, kind, days, more in stretches:
            moved = {
                name: f"t.{name} + make_interval(days => {days})"
                for name in ("starts_at", "ends_at", "rest_until")
            }
            whose = {"id": "gen_random_uuid()", "person_id": person, "holder_id": person}
            copy(
                connection, Hours, where="t.person_id = :person AND t.kind = :kind",
                person=template.id, kind=kind.value, rows=rows,
                changes={**whose, **moved, **more},
            )  # fmt: skip


def _worked(connection: sa.Connection, size: Size, made: Templates) -> None:
    """The shifts and bookings behind the bank shifts of the ledgers."""
    everybody = f"generate_series(0, {size.people - 1}) g, {_WEEKS}"
    starts = "t.starts_at + make_interval(days => 7 * c + g % 7 + 3)"
    unit = f"{size.trust_of_person} * {UNITS} + g % {UNITS}"
    copy(
        connection, Shift, where="t.id = :shift", shift=made.shifts[0].id, rows=everybody,
        changes={
            "id": uid(WORKED, _NUMBER_WORKED),
            "organisation_id": made.trust(size.trust_of_person),
            "unit_id": uid(UNIT, unit),
            "site_id": uid(SITE, f"{size.trust_of_person} * {SITES} + g % {SITES}"),
            "reference": f"'W-' || {_NUMBER_WORKED}",
            "state": "'filled'",
            "starts_at": starts,
            "ends_at": f"{starts} + interval '8 hours'",
        },
    )  # fmt: skip
    _booked(connection, everybody)


def _booked(connection: sa.Connection, everybody: str) -> None:
    columns = {
        "id": uid(BOOKING, _NUMBER_WORKED),
        "shift_id": "s.id",
        "organisation_id": "s.organisation_id",
        "person_id": uid(PERSON, "g"),
        "holder_id": uid(PERSON, "g"),
        "bank_post_id": uid(POST, "g"),
        "tier": "'own_bank'",
        "grade": "s.grade",
        "state": "CASE WHEN c < 0 THEN 'worked' ELSE 'confirmed' END",
        "starts_at": "s.starts_at",
        "ends_at": "s.ends_at",
        "made_at": "s.authorised_at",
        "agreed_how": "''",
        "ended_because": "''",
        "need_ended": "false",
        "overrides": "'[]'::jsonb",
    }
    connection.execute(
        sa.text(
            f'INSERT INTO "{Booking.__tablename__}" ({", ".join(columns)}) '
            f"SELECT {', '.join(columns.values())} FROM {everybody}, shift s "
            f"WHERE s.id = {uid(WORKED, _NUMBER_WORKED)}"
        )
    )


def _shifts(connection: sa.Connection, size: Size, made: Templates) -> None:
    """Trust after trust gets the next; days and units are spread by a hash of the number."""
    numbers = f"generate_series(0, {size.shifts - 1}) g"
    template = picked([one.id for one in made.shifts], f"g / {size.trusts} % {len(WORKS)}")

    def spread(over: int, salt: int) -> str:
        return f"((hashint4(g + {salt}) & 2147483647) % {over})"

    days = f"make_interval(days => {spread(DAYS, 0)})"
    unit = spread(UNITS, 10_000_019)
    copy(
        connection, Shift, where=f"t.id = {template}", rows=numbers,
        changes={
            "id": uid(SHIFT, "g"),
            "organisation_id": made.trust(size.trust_of_shift),
            "unit_id": uid(UNIT, f"{size.trust_of_shift} * {UNITS} + {unit}"),
            "site_id": uid(SITE, f"{size.trust_of_shift} * {SITES} + {unit} % {SITES}"),
            "reference": "'B-' || g",
            "starts_at": f"t.starts_at + {days}",
            "ends_at": f"t.ends_at + {days}",
        },
    )  # fmt: skip
    posted = f"make_interval(days => {spread(10, 20_000_003)})"
    for tier, kind in OPENINGS.items():
        copy(
            connection, Opening, rows=numbers, tier=tier.value,
            where=f"t.shift_id = {template} AND t.tier = :tier AND t.opens_at IS NOT NULL",
            changes={
                "id": uid(kind, "g"),
                "shift_id": uid(SHIFT, "g"),
                "opens_at": f"t.opens_at - {posted}",
            },
        )  # fmt: skip
