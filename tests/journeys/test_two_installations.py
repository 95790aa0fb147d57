"""Two installations, each with its database, address and server: what one issues is believed at the
other by its trust list, taken back there too, and no step back in time is taken."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any
from uuid import UUID

import httpx
import pytest
from click.testing import CliRunner, Result

from bankhub.app import create_app
from bankhub.cli.main import main
from bankhub.wiring import open_database
from bankhub.worker.jobs import Jobs
from passport.actions.signing import credential_life, keys, signing
from passport.actions.signing.signing import Where
from passport.actions.verifying import judging
from passport.actions.verifying.judging import Judged
from passport.actors import operator
from passport.app import wall_clock
from passport.config import Config
from passport.db import Database
from passport.events import record
from passport.model.credential_types import Revocation
from passport.model.credentials import Credential, CredentialState, StatusListRow
from passport.model.keys import KeyPurpose, PublishedTrustList
from passport.rules.tokens import es256, gate_token, sd_jwt
from passport.rules.tokens.es256 import PrivateKey
from passport.sealing import Vault, vault_of
from tests.support import issuing
from tests.support.live import free_port, serving


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  two machines and their worker


@dataclass
class Installation:
    """One installation: a trust, its nurse, and the worker's jobs."""

    config: Config
    database: Database
    ods: str
    key: PrivateKey = field(default_factory=es256.new_key)
    texts: dict[str, str] = field(default_factory=dict)
    cwt: bytes = b""
    organisation_id: UUID | None = None

    @property
    def base(self) -> str:
        return self.config.base_url

    @property
    def vault(self) -> Vault:
        return vault_of(self.config)

    @property
    def where(self) -> Where:
        return Where.of(self.config)

    @property
    def worker(self) -> Jobs:
        return Jobs.over(self.database, self.config, wall_clock, wall_clock)

    def issue(self) -> None:
        """Keys, a nurse with five credentials, and what her phone collected."""
        with self.database.transaction() as session:
            world = issuing.a_trust(
                session, ods_code=self.ods, name=f"Trust {self.ods}", vault=self.vault,
                base=self.base, now=now(),
            )  # fmt: skip
            self.organisation_id = world.id
            nurse = issuing.build.a_person(session, world.organisation)
            claims = issuing.claims_of(nurse, self.ods)
            claims["professional_registration"]["checked_at"] = now().isoformat()
            made = issuing.decided(session, world, nurse, claims)
            wallet, self.key = issuing.a_wallet(session, world, nurse)
            who = keys.signer(
                session, KeyPurpose.ISSUER, organisation_id=world.id, vault=self.vault, now=now()
            )
            holder = es256.public(self.key)
            more: dict[str, Any] = {"who": who, "where": self.where, "now": now()}
            for one in made:
                (self.texts[one.type],) = signing.sign_copies(
                    session, one, wallet=wallet, holders=[holder], **more
                )
                one.state = CredentialState.HELD
            session.flush()
            self.cwt = signing.sign_gate(
                session, wallet=wallet, holder=holder, vault=self.vault, **more
            )
        self.worker.publish()

    def shown(self) -> str:
        """The code on the nurse's phone now."""
        return gate_token.show(self.cwt, holder_key=self.key, now=now())

    def presented(self, kind: str, names: list[str]) -> str:
        return sd_jwt.present(
            self.texts[kind], names=names, holder_key=self.key, audience="me", nonce="n", now=now()
        )

    def at_the_door(self, text: str) -> list[str]:
        """The codes of the verdict here on a gate token."""
        with self.database.reading() as session:
            return _codes(
                judging.judge_gate(
                    session, text, organisation_id=None, where=self.where, now=now()
                )
            )

    def online(self, text: str) -> list[str]:
        """The codes of the verdict here on a credential that answers a request."""
        with self.database.reading() as session:
            judged = judging.judge_credential(
                session, text, organisation_id=None, audience="me", nonce="n", where=self.where,
                now=now(),
            )  # fmt: skip
            return _codes(judged)

    def run(self, *arguments: str, code: int = 0) -> Result:
        environment = {
            "BANKHUB_DATABASE_URL": self.config.database_url,
            "BANKHUB_SECRET_KEY": self.config.secret_key,
            "BANKHUB_MASTER_KEY": self.config.master_key,
            "BANKHUB_BASE_URL": self.base,
        }
        done = CliRunner().invoke(main, ["passport", *arguments], env=environment)
        assert done.exit_code == code, done.output
        return done


def _codes(judged: Judged) -> list[str]:
    return [one.code for one in judged.verdict.findings]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """URLs of empty databases by name."""
    if request.param == "postgresql":
        make: Any = request.getfixturevalue("fresh_postgres")
        template = request.getfixturevalue("postgres_template")
        return lambda _name: str(make(template=template))
    source: Path = request.getfixturevalue("sqlite_template")

    def copied(name: str) -> str:
        copyfile(source, tmp_path / f"{name}.sqlite3")
        return f"sqlite:///{tmp_path}/{name}.sqlite3"

    return copied


@pytest.fixture
def two(fresh: Callable[[str], str]) -> Iterator[tuple[Installation, Installation]]:
    """Two installations that are served."""
    with ExitStack() as stack:
        found = []
        for ods, digit in (("RWJ", "1"), ("RM3", "2")):
            port = free_port()
            config = Config(
                database_url=fresh(ods), secret_key=digit * 64, master_key=digit * 64,
                base_url=f"http://localhost:{port}",
            )  # fmt: skip
            database = open_database(config.database_url)
            stack.callback(database.engine.dispose)
            one = Installation(config, database, ods)
            one.issue()
            app = create_app(config)
            stack.callback(app.extensions["lent"].db.engine.dispose)
            stack.enter_context(serving(app, port))
            found.append(one)
        yield found[0], found[1]


def fetched(url: str) -> str:
    answer = httpx.get(url, trust_env=False, timeout=60)
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def believed(
    two: tuple[Installation, Installation], tmp_path: Path
) -> tuple[Installation, Installation]:
    """B believes what A issues: the operator brought A's root, by another way than the network."""
    a, b = two
    assert b.at_the_door(a.shown()) == ["unknown_issuer"]
    root = tmp_path / "a_root.pem"
    root.write_text(fetched(f"{a.base}/passport/root.pem"))
    done = b.run("trust", "add", f"{a.base}/passport/trust-list", "--root", str(root))
    assert "Fetched: 1 trust lists, 1 status lists." in done.stdout
    return a, b


def test_what_one_issues_is_believed_at_the_other_by_its_list(
    believed: tuple[Installation, Installation],
) -> None:
    a, b = believed
    for issuer, door in ((a, a), (a, b), (b, b)):
        assert door.at_the_door(issuer.shown()) == ["check_photo_id"]
        assert door.online(issuer.presented("training_award", ["subject"])) == []
    assert a.at_the_door(b.shown()) == ["unknown_issuer"]
    assert a.online(b.presented("identity", [])) == ["unknown_issuer"]


def test_it_is_verified_with_files_alone(
    believed: tuple[Installation, Installation], tmp_path: Path
) -> None:
    a, b = believed
    with b.database.reading() as session:
        bundle = judging.offline_bundle(session, organisation_id=None, where=b.where, now=now())
    of_a = next(one for one in bundle["trust"] if one["sub"].startswith(a.base))
    kept = [one["token"] for one in bundle["statuses"] if one["uri"].startswith(a.base)]
    (tmp_path / "list.jwt").write_text(of_a["token"])
    (tmp_path / "status.jwt").write_text(kept[0])
    known = ("--root", str(tmp_path / "a_root.pem"), "--trust-list", str(tmp_path / "list.jwt"),
             "--status", str(tmp_path / "status.jwt"), "--json")  # fmt: skip

    def verify(text: str, *more: str, code: int) -> list[str]:
        (tmp_path / "shown.txt").write_text(text)
        done = b.run("verify", str(tmp_path / "shown.txt"), *known, *more, code=code)
        return [one["code"] for one in json.loads(done.stdout)["reasons"]]

    presented = a.presented("training_award", ["subject"])
    assert verify(presented, "--audience", "me", "--nonce", "n", code=0) == []
    assert verify(a.shown(), code=1) == ["check_photo_id"]
    assert verify(b.shown(), code=1) == ["unknown_issuer"]


def withdraw(one: Installation, kind: str) -> None:
    with one.database.transaction() as session:
        found = session.query(Credential).filter_by(type=kind).first()
        assert found
        credential_life.revoke(
            session, credential_id=found.id, reason=Revocation.PROVIDED_IN_ERROR,
            by=operator(one.organisation_id), now=now(),
        )  # fmt: skip
    one.worker.publish()


def test_what_is_taken_back_at_one_is_refused_at_the_other_once_it_has_fetched(
    believed: tuple[Installation, Installation],
) -> None:
    a, b = believed
    with a.database.reading() as session:
        before = session.query(StatusListRow).one().token
    withdraw(a, "training_award")
    shown = a.presented("training_award", ["subject"])
    assert a.online(shown) == ["revoked"]
    assert b.online(shown) == []
    assert b.worker.fetch_lists() == 1
    assert b.online(shown) == ["revoked"]
    assert b.online(a.presented("identity", [])) == []
    with a.database.transaction() as session:
        session.query(StatusListRow).one().token = before
    assert b.worker.fetch_lists() == 0
    assert b.online(shown) == ["revoked"]


def test_a_list_that_goes_back_is_refused(
    believed: tuple[Installation, Installation], caplog: pytest.LogCaptureFixture
) -> None:
    """A's key is stolen and marked; somebody then serves the list of the day before."""
    a, b = believed
    with a.database.transaction() as session:
        (own,) = keys_of(session, a)
        keys.revoke(
            session, key_id=own.id, since=own.not_before, by=operator(a.organisation_id), now=now()
        )
    a.worker.publish()
    assert b.at_the_door(a.shown()) == ["check_photo_id"]
    b.worker.fetch_lists()
    assert b.at_the_door(a.shown()) == ["key_revoked"]
    with a.database.transaction() as session:
        newest = session.query(PublishedTrustList).filter_by(version=2).one()
        session.delete(newest)
        record(session, "test.restored", subject_id=own.id, by=operator(), now=now())
    b.worker.fetch_lists()
    assert "rolled_back" in caplog.text
    assert b.at_the_door(a.shown()) == ["key_revoked"]
    (row,) = json.loads(b.run("trust", "list", "--json").stdout)
    assert row["version"] == 2


def keys_of(session: Any, one: Installation) -> list[keys.SigningKey]:
    found = keys.keys_of(session, by=operator(one.organisation_id))
    return [key for key in found if key.purpose is KeyPurpose.ISSUER]


def test_no_longer_believed_once_it_is_given_up(
    believed: tuple[Installation, Installation],
) -> None:
    a, b = believed
    b.run("trust", "remove", f"{a.base}/passport/trust-list")
    assert b.at_the_door(a.shown()) == ["unknown_issuer"]
    assert b.at_the_door(b.shown()) == ["check_photo_id"]
