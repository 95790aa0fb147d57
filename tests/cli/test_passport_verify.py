"""`bankhub passport verify`: with files alone, no server and no network."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bankhub.cli.passport import group
from passport.rules.tokens import es256
from passport.rules.tokens.es256 import base64url
from passport.rules.tokens.status_list import Status
from passport.rules.tokens.x509_chain import TRUST_LIST_SIGNING, make_leaf, make_root
from tests.support.passports import BASE, NOW, World

AT = ("--at", NOW.isoformat())


class Files:
    """A world as files, and the command over them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.world = folder, World()
        signer = es256.new_key()
        root = make_root("Root of the collaborative", self.world.root, now=NOW)
        leaf = make_leaf(
            "Trust list",
            es256.public(signer),
            root=root,
            root_key=self.world.root,
            now=NOW,
            uri=BASE,
            purposes=(TRUST_LIST_SIGNING,),
        )
        chain = [_base64(leaf)]
        self.write("root.pem", root)
        self.write("trust.jwt", self.world.trust().token(signer, x5c=chain))
        self.status()

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text + "\n")
        return str(path)

    def status(self) -> None:
        """The status list as it is now."""
        self.write("status.jwt", self.world.list_token())

    def verify(self, text: str, *options: str, lists: bool = True) -> Result:
        known = ("--root", self.path("root.pem"), "--trust-list", self.path("trust.jwt"))
        status = ("--status", self.path("status.jwt"))
        arguments = ["verify", self.write("shown.txt", text), *options, *AT]
        return CliRunner().invoke(group, [*arguments, *(known + status if lists else ())])

    def path(self, name: str) -> str:
        return str(self.folder / name)


def _base64(der: bytes) -> str:
    text = base64url(der).replace("-", "+").replace("_", "/")
    return text + "=" * (-len(text) % 4)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def told(done: Result) -> Any:
    return json.loads(done.stdout)


def test_a_code_of_a_phone_is_believed(files: Files) -> None:
    done = files.verify(files.world.gate(), "--json")
    assert (done.exit_code, told(done)["outcome"]) == (0, "green")
    assert told(done)["reasons"] == []
    assert {"kind", "says", "by", "checked"} == set(told(done)["facts"][0])
    plain = files.verify(files.world.gate())
    assert plain.stdout.startswith("GREEN\nAdaeze Okafor\n")


def test_not_any_more_once_it_is_withdrawn(files: Files) -> None:
    files.world.statuses.set(files.world.idx, Status.INVALID)
    files.status()
    done = files.verify(files.world.gate(), "--json")
    assert (done.exit_code, told(done)["outcome"]) == (1, "red")
    assert [one["code"] for one in told(done)["reasons"]] == ["revoked"]


def test_a_credential_answers_its_request(files: Files) -> None:
    text = files.world.presented()
    right = files.verify(text, "--audience", "x509_hash:b", "--nonce", "n-1", "--json")
    assert (right.exit_code, told(right)["outcome"]) == (0, "green")
    wrong = files.verify(text, "--audience", "x509_hash:b", "--nonce", "n-2", "--json")
    assert (wrong.exit_code, told(wrong)["reasons"][0]["code"]) == (1, "wrong_nonce")


def test_the_holder_answers_digits(files: Files) -> None:
    text = files.world.gate(challenge="4711")
    assert files.verify(text, "--challenge", "4711").exit_code == 0
    assert files.verify(text, "--challenge", "4712").exit_code == 1


def test_with_no_lists_nothing_is_confirmed(files: Files) -> None:
    done = files.verify(files.world.gate(), "--json", lists=False)
    assert (done.exit_code, told(done)["reasons"][0]["code"]) == (1, "cannot_confirm")


def test_a_list_of_another_root_is_not_believed(files: Files) -> None:
    files.write("root.pem", make_root("Another", es256.new_key(), now=NOW))
    done = files.verify(files.world.gate(), "--json")
    assert (done.exit_code, "unknown root" in done.stderr) == (2, True)


USAGE = {
    "a nonce without an audience": ("presented", ("--nonce", "n-1"), "belong together"),
    "a moment that is none": ("gate", ("--at", "noon"), "no ISO moment"),
    "a moment without its offset": ("gate", ("--at", "2026-11-22T07:30:00"), "needs its offset"),
    "a file that is not there": ("gate", ("--status", "/nowhere"), "does not exist"),
}


@pytest.mark.parametrize("name", USAGE)
def test_it_has_to_be_asked_rightly(files: Files, name: str) -> None:
    shown, options, said = USAGE[name]
    path = files.write("shown.txt", getattr(files.world, shown)())
    known = ["--root", files.path("root.pem"), "--trust-list", files.path("trust.jwt")]
    done = CliRunner().invoke(group, ["verify", path, *known, *options])
    assert (done.exit_code, said in done.stderr) == (2, True)


def test_a_trust_list_needs_its_root(files: Files) -> None:
    path = files.write("shown.txt", files.world.gate())
    done = CliRunner().invoke(group, ["verify", path, "--trust-list", files.path("trust.jwt")])
    assert (done.exit_code, "--root" in done.stderr) == (2, True)


@pytest.mark.parametrize("text", ["", "SP1:", "~", "a.b.c~", "\udcff", "x" * 100_000])
def test_what_is_no_passport_is_refused_in_words(files: Files, text: str) -> None:
    path = files.folder / "shown.txt"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    done = CliRunner().invoke(group, ["verify", str(path), "--json", *AT])
    assert (done.exit_code, told(done)["outcome"]) == (1, "red")
