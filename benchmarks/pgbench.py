"""The writes of a booking as plain SQL, driven by pgbench: what the database alone can do.

Four statements in one transaction on the real tables with all their indexes, foreign keys and
constraints: read the shift, insert the booking, take the place, insert the event. No sign-in, no
rules, no hours, no notice.
"""

import re
import subprocess
import tempfile
from pathlib import Path

import sqlalchemy as sa

from benchmarks.copies import ACCOUNT, PERSON, POST, SHIFT, uid

CLIENTS = 16


def script(nurses: int, organisation_id: str) -> str:
    """The transaction of pgbench's client number `client_id`, once for each `n`."""
    shift, person = uid(SHIFT, ":i"), uid(PERSON, ":w")
    post, account = uid(POST, ":w"), uid(ACCOUNT, ":w")
    organisation = f"'{organisation_id}'::uuid"
    return f"""\\set n :n + 1
\\set i :base + :n * {CLIENTS} + :client_id
\\set w :i % {nurses}
BEGIN;
SELECT id, organisation_id, unit_id, staff_group, role, grade, starts_at, ends_at, state, version
 FROM shift WHERE id = {shift};
INSERT INTO booking (id, shift_id, organisation_id, person_id, holder_id, bank_post_id, tier, grade,
 state, starts_at, ends_at, made_at, made_by_id, confirmed_at, agreed_how, ended_because,
 need_ended, overrides, pay_estimate_pence)
 SELECT {uid("9", ":i")}, id, organisation_id, {person}, {person}, {post}, 'own_bank', grade,
 'confirmed', starts_at, ends_at, now(), {account}, now(), '', '', false, '[]', 22000
 FROM shift WHERE id = {shift};
UPDATE shift SET state = 'filled', version = version + 1
 WHERE id = {shift} AND state = 'open' AND version = 1;
INSERT INTO event (id, at, kind, subject_id, organisation_id, by_account_id, via, detail, salt)
 VALUES (gen_random_uuid(), now(), 'booking.made', {shift}, {organisation}, {account}, 'token',
 '{{"tier": "own_bank", "displaced": false, "overrides": [],
 "booking_id": "0190abcd-0000-7000-8000-000000000000", "starts_at": "2026-12-01 07:00:00+00:00"}}',
 md5(:i::text));
END;
"""


def run(program_folder: str, url: str, text: str, *, base: int, seconds: int) -> float:
    """Transactions a second of 16 clients with prepared statements, bookings from `base` on."""
    address = sa.make_url(url)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.sql"
        path.write_text(text)
        command = [
            f"{program_folder}/pgbench",
            "--no-vacuum",
            "--protocol=prepared",
            f"--client={CLIENTS}",
            "--jobs=1",
            f"--time={seconds}",
            f"--file={path}",
            "--define=n=-1",
            f"--define=base={base}",
            f"--host={address.host}",
            f"--port={address.port}",
            f"--username={address.username}",
            str(address.database),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = re.search(r"tps = ([0-9.]+) \(without", done.stdout)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    assert found, done.stdout
    assert failed is None or failed[1] == "0", done.stdout
    return float(found[1])
