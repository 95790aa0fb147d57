"""Writes the table of cases that both verdict engines are held to.

    python -m tests.cases.make_verdicts

Each case carries the code that it must come to; one that the server's engine answers otherwise is
not written. Signatures are random, so another run writes other texts for the same cases.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from passport.model.freshness import freshness_on
from passport.rules.tokens import es256, status_list
from passport.rules.tokens.gate_facts import BODIES, STATUSES, SUBJECTS, Award, Dbs
from passport.rules.tokens.status_list import Status
from passport.rules.tokens.trust_list import Issuer, ListedKey, TrustList
from tests.rules import gate_examples as gate
from tests.rules import status_list_examples as lists
from tests.rules import test_gate_token as signed
from tests.rules import test_gate_token_facts as packed
from tests.rules import test_gate_token_form as form
from tests.rules import trust_list_examples as trusts
from tests.support.passports import EVERYTHING, FACE, LIST, NOW, World, facts, registration
from tests.support.verdict_table import FILE, answer

MOST_TEXT = 6_000
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)


def a_key(number: int) -> es256.PrivateKey:
    """Always the same key for a number."""
    return ec.derive_private_key(0xB0A7 * 10**40 + number, ec.SECP256R1())


WORLD = World(root=a_key(1), issuer=a_key(2), holder=a_key(3))
STRANGER, SUCCESSOR = a_key(4), a_key(5)


class Writing:
    """The table as it grows."""

    def __init__(self) -> None:
        policy = freshness_on(NOW.date()).policy
        tight = replace(policy, status_list_green=1, status_list_amber=2,
                        register_check={**policy.register_check, "register": 0})  # fmt: skip
        self.given: dict[str, Any] = {
            "trusts": {},
            "lists": {"fresh": WORLD.list_token()},
            "policies": {
                name: asdict(one) | {"register_check": dict(one.register_check)}
                for name, one in (("default", policy), ("tight", tight))
            },
        }
        self.trust("usual", WORLD.trust())
        self.cases: list[dict[str, Any]] = []

    def trust(self, name: str, given: TrustList) -> str:
        """A trust list under a name."""
        token = replace(given, iat=given.iat - 3 * DAY).token(WORLD.root)
        jwk = es256.public(WORLD.root).jwk
        self.given["trusts"][name] = {"token": token, "jwk": jwk}
        return name

    def status(self, name: str, token: str) -> dict[str, str]:
        """A status list under a name, at the usual address."""
        self.given["lists"][name] = token
        return {LIST: name}

    def gate(self, name: str, text: Any, code: str = "", **given: Any) -> None:
        """A code that is shown, and the finding it must come to; none is green."""
        now: datetime = given.pop("now", NOW)
        case = {
            "kind": "gate", "name": name, "text": text, "now": _ms(now), "trust": "usual",
            "policy": "default", "lists": {LIST: "fresh"}, "newest": {}, "challenge": None,
            "audience": None, "seen": [], **given,
        }  # fmt: skip
        codes = [one["code"] for one in self._add(case)["findings"]]
        if (code not in codes) if code else codes:
            raise SystemExit(f"{name}: {codes}, not {code or 'green'}")

    def read(self, kind: str, name: str, text: Any, now: datetime, **given: Any) -> None:
        """A list that is read, or refused with `code`."""
        code = given.pop("code", None)
        case = {"kind": kind, "name": name, "text": text, "now": _ms(now), **given}
        if self._add(case).get("refused") != code:
            raise SystemExit(f"{name}: {case['expect']}, not {code}")

    def _add(self, case: dict[str, Any]) -> dict[str, Any]:
        found = answer(case, self.given)
        case["expect"] = found
        self.cases.append(case)
        return found


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def shown(table: Writing) -> None:
    """What a phone shows: whose, when, to whom."""
    gate_, second = WORLD.gate(), int(NOW.timestamp())
    phone = es256.public(WORLD.holder).digest.hex()
    table.gate("everything holds", gate_)
    table.gate("no trust list", gate_, "cannot_confirm", trust=None)
    table.gate("an issuer nobody knows", World().gate(), "unknown_issuer")
    table.gate("no face", WORLD.gate(facts(face=None)), "check_photo_id")
    table.gate("a photo's hash in place of the face",
               WORLD.gate(facts(face=None, photo_hash=bytes(16))), "check_photo_id")  # fmt: skip
    for seconds, code in ((60, ""), (61, "too_old"), (3_600, "too_old"), (-30, ""),
                          (-31, "too_new"), (-86_400, "too_new")):  # fmt: skip
        table.gate(f"{seconds} s after it was shown", gate_, code, now=NOW + seconds * SECOND)
    table.gate("half a second too late", gate_, "too_old", now=NOW + 60.5 * SECOND)
    table.gate("shown here before", gate_, "seen_before", seen=[[phone, second]])
    table.gate("another second of the same phone", gate_, seen=[[phone, second - 15]])
    table.gate("the same second of another phone", gate_, seen=[["00" * 32, second]])
    table.gate("a phone it was not issued to", WORLD.gate(holder_key=STRANGER),
               "bad_holder_signature")  # fmt: skip
    answered = WORLD.gate(challenge="471100")
    table.gate("the answer to the challenge", answered, challenge="471100")
    table.gate("the answer to another challenge", answered, "wrong_challenge", challenge="471101")
    table.gate("no answer to the challenge", gate_, "challenge_missing", challenge="4711")
    table.gate("an answer nobody asked for", answered, "challenge_not_asked_for")
    mine = WORLD.gate(audience="RHQ")
    table.gate("made for this verifier", mine, audience=["RHQ", "dsp:gate"])
    table.gate("made for another verifier", mine, "wrong_audience", audience=["RX8"])
    table.gate("made for a verifier, shown to a gate", mine, "wrong_audience")
    old = WORLD.gate(issued_at=NOW - 7 * DAY)
    table.gate("after its seven days", old, "expired")
    ahead = WORLD.gate(issued_at=NOW + DAY)
    table.gate("issued tomorrow", ahead, "issued_in_the_future")


def trusted(table: Writing) -> None:
    """Whose word it is."""
    gate_ = WORLD.gate()
    for name, code, changes in (
        ("a key withdrawn before", "key_revoked", {"revoked_from": NOW - 2 * DAY}),
        ("a key withdrawn later", "", {"revoked_from": NOW + 2 * DAY}),
        ("a key not in force yet", "key_not_yet_in_force", {"not_before": NOW}),
        ("a key no longer in force", "key_no_longer_in_force", {"not_after": NOW - DAY}),
    ):
        table.gate(name, gate_, code, trust=table.trust(name, WORLD.trust(**changes)))
    for kind in sorted(EVERYTHING):
        world = replace(WORLD, asserts=EVERYTHING - {kind})
        name = f"not trusted on {kind}"
        table.gate(name, gate_, "type_not_allowed", trust=table.trust(name, world.trust()))
    plain = WORLD.trust()
    (usual,) = plain.issuers
    clash = Issuer("RX8", "Another trust", usual.keys, EVERYTHING)
    both = replace(plain, issuers=(clash, usual))
    table.gate("two issuers name one key", gate_, trust=table.trust("two issuers", both))
    alone = replace(plain, issuers=(clash,))
    table.gate("the key is another issuer's", gate_, "unknown_issuer",
               trust=table.trust("another issuer", alone))  # fmt: skip
    dates = {"not_before": NOW - 30 * DAY, "not_after": NOW + 300 * DAY}
    next_key = es256.public(SUCCESSOR)
    after = Issuer("RX8", "The trust after", (ListedKey(next_key.kid, next_key, **dates),),
                   EVERYTHING)  # fmt: skip
    merged = replace(plain, issuers=(replace(usual, successor="RX8"), after))
    by_next = WORLD.list_token(key=SUCCESSOR)
    table.gate("withdrawals told by the successor", gate_,
               trust=table.trust("merged", merged),
               lists=table.status("of the successor", by_next))  # fmt: skip
    apart = replace(plain, issuers=(usual, after))
    table.gate("withdrawals told by a neighbour", gate_, "status_bad_signature",
               trust=table.trust("apart", apart), lists={LIST: "of the successor"})  # fmt: skip
    late = WORLD.trust(revoked_from=NOW - 10 * SECOND)
    table.gate("withdrawals told by a key withdrawn since", gate_, "status_key_revoked",
               trust=table.trust("withdrawn since", late))  # fmt: skip


def withdrawals(table: Writing) -> None:
    """What the status list says, and how old its word is."""
    gate_ = WORLD.gate()
    for hours, code in ((0, ""), (24, ""), (24.01, "status_old"), (72, "status_old"),
                        (72.01, "cannot_confirm"), (167, "cannot_confirm"),
                        (168, "status_expired")):  # fmt: skip
        name = f"withdrawals of {hours} hours ago"
        token = WORLD.list_token(NOW - hours * HOUR)
        table.gate(name, gate_, code, lists=table.status(name, token))
    table.gate("withdrawals of 90 minutes ago, where an hour is allowed",
               WORLD.gate(now=NOW + 90 * 60 * SECOND),
               "status_old", policy="tight", now=NOW + 90 * 60 * SECOND)  # fmt: skip
    for status in Status:
        world = replace(WORLD, statuses=status_list.StatusList(size=64))
        world.statuses.set(world.idx, status)
        code = {Status.VALID: "", Status.INVALID: "revoked"}.get(status, "suspended")
        name = f"status {status.name.lower()}"
        table.gate(name, gate_, code, lists=table.status(name, world.list_token()))
    table.gate("no list", gate_, "cannot_confirm", lists={})
    table.gate("nowhere to be told", WORLD.gate(with_status=False), "no_status")
    table.gate("an index beyond the list", replace(WORLD, idx=64).gate(),
               "status_bad_status_index")  # fmt: skip
    table.gate("a list by a stranger", gate_, "status_bad_signature",
               lists=table.status("stranger", WORLD.list_token(key=STRANGER)))  # fmt: skip
    elsewhere = WORLD.statuses.token(WORLD.issuer, uri=f"{LIST}0", now=NOW)
    table.gate("the list of another address", gate_, "status_wrong_subject",
               lists=table.status("elsewhere", elsewhere))  # fmt: skip
    table.gate("a list that is none", gate_, "status_not_a_token",
               lists=table.status("none", "hello"))  # fmt: skip
    old = table.status("older", WORLD.list_token(NOW - 2 * HOUR))
    table.gate("an older list than was seen", gate_, "status_rolled_back", lists=old,
               newest={LIST: _ms(NOW - HOUR)})  # fmt: skip
    table.gate("the newest list", gate_, lists=old, newest={LIST: _ms(NOW - 2 * HOUR)})


def registrations(table: Writing) -> None:
    """Every status of a registration, every source, and how old the look is."""
    good = {"registered", "registered_with_licence"}
    ask = {"conditions", "interim_conditions", "undertakings", "warning", "caution", "provisional",
           "temporary_emergency"}  # fmt: skip
    for status in STATUSES:
        code = "" if status in good else (
            "registration_to_ask_about" if status in ask else "not_registered")  # fmt: skip
        table.gate(f"registration {status}",
                   WORLD.gate(facts(registration=registration(status=status))), code)  # fmt: skip
    for source, days, code in (
        ("register", 1, ""), ("register", 2, "registration_check_old"),
        ("register_file", 3, ""), ("register_file", 4, "registration_check_old"),
        ("by_hand", 1, ""), ("by_hand", 2, "registration_check_old"),
        ("hr_file", 0, ""), ("hr_file", 1, "registration_check_old"),
        ("register", -1, "registration_check_ahead"),
    ):  # fmt: skip
        said = registration(source=source, checked_on=NOW.date() - days * DAY)
        table.gate(f"looked at {days} days ago, {source}", WORLD.gate(facts(registration=said)),
                   code)  # fmt: skip
    yesterday = facts(registration=registration(checked_on=NOW.date() - DAY))
    table.gate("looked at yesterday, where today is wanted", WORLD.gate(yesterday),
               "registration_check_old", policy="tight")  # fmt: skip
    summer = datetime.fromisoformat("2026-07-01T23:30:00+00:00")
    said = registration(checked_on=summer.date() + DAY)
    table.given["lists"]["summer"] = WORLD.list_token(summer)
    trust = replace(WORLD.trust(not_before=summer - DAY), iat=summer, exp=summer + DAY)
    table.gate("after midnight in London, before it in Greenwich",
               WORLD.gate(facts(registration=said), issued_at=summer, now=summer), now=summer,
               lists={LIST: "summer"}, trust=table.trust("summer", trust))  # fmt: skip
    for body in BODIES:
        table.gate(f"of {body}", WORLD.gate(facts(registration=registration(body=body))))
    table.gate("none", WORLD.gate(facts(registration=None)))


def said(table: Writing) -> None:
    """Other facts, and names as people have them."""
    every = {name: Award(NOW.date() - at * DAY, 1 + at % 4) for at, name in enumerate(SUBJECTS)}
    table.gate("every subject, every level", WORLD.gate(facts(training=every)))
    table.gate("no training, no DBS", WORLD.gate(facts(training={}, dbs=None)))
    dbs = Dbs(level="standard", workforce="both", dated=NOW.date() - 4_000 * DAY)
    table.gate("an old standard DBS", WORLD.gate(facts(dbs=dbs)))
    table.gate("employed elsewhere", WORLD.gate(facts(employer="RX8")))
    for name in ("Ngọc Ánh Nguyễn", "مهر\u200cداد", "O’Connor-Smith", "王 秀英", "x" * 80):
        table.gate(f"the name {name[:20]}", WORLD.gate(facts(name=name)))
    table.gate("a face of odd length", WORLD.gate(facts(face=gate.webp(376, padding=1))))
    table.gate("a face of even length", WORLD.gate(facts(face=FACE)))


def tampered(table: Writing) -> None:
    """Everything that is no gate token, or not this one, by the tables of its own tests."""
    key = es256.public(gate.ISSUER)
    listed = ListedKey(key.kid, key, gate.NOW - 30 * DAY, gate.NOW + 300 * DAY)
    trust = replace(WORLD.trust(), iat=gate.NOW - HOUR, exp=gate.NOW + 30 * DAY,
                    issuers=(Issuer("RHQ", "The hospital", (listed,), EVERYTHING),))  # fmt: skip
    fresh = status_list.StatusList(size=1 << 20).token(gate.ISSUER, uri=gate.LIST, now=gate.NOW)
    table.given["lists"]["other"] = fresh
    known = {"trust": table.trust("other", trust), "lists": {gate.LIST: "other"}, "now": gate.NOW}
    for name, text, code in _tampered():
        if isinstance(text, str) and len(text) <= MOST_TEXT:
            table.gate(name, text, code, **known)
    for name, (text, given) in signed.FORMS.items():
        if {"now"} & given.keys():
            continue
        asked = {one: sorted({value} if isinstance(value, str) else value) if one == "audience"
                 else value for one, value in given.items()}  # fmt: skip
        code = "" if name == "with a face" else "check_photo_id"
        if name == "without a status list":
            code = "no_status"
        table.gate(name, text, code, **known, **asked)


def _tampered() -> Iterator[tuple[str, object, str]]:
    for name, (text, code) in {**form.CODES, **form.WHOLE}.items():
        yield name, text, code
    for name, (wrong, code) in form.BOTH.items():
        if wrong != {"bare": True}:
            yield f"{name}, outside", form.outer(**wrong), code
            yield f"{name}, inside", form.inner(**wrong), code
    yield "a number in a long spelling", form.outer(claims=b"\xa1\x06\x18\x00"), "bad_cbor"
    for name, make_wrong in signed.SIGNATURES.items():
        def by(key: es256.PrivateKey, make: Any = make_wrong) -> Any:
            return lambda message: make(message, key)

        yield f"signature {name}, issuer's", gate.forged(
            gate.issued(signature=by(gate.ISSUER))), "bad_signature"  # fmt: skip
        yield f"signature {name}, phone's", gate.forged(signature=by(gate.PHONE)), (
            "bad_holder_signature"
        )
    for name, changes in packed.NOT_READ.items():
        facts_ = gate.changed(packed.PACKED, changes)
        yield f"facts: {name}", gate.forged(gate.issued(claims={-65537: facts_})), "bad_facts"


def lists_read(table: Writing) -> None:
    """Status lists by the tables of their own tests."""
    about = {"uri": lists.URI, "jwk": lists.ISSUER.jwk, "at_least": None, "idx": 1}
    table.read("status_list", "a good list", lists.GOOD, lists.NOW, **about)
    table.read("status_list", "rolled back", lists.GOOD, lists.NOW, code="rolled_back",
               **about | {"at_least": _ms(lists.NOW)})  # fmt: skip
    padded = lists.GOOD[:-1] + chr(ord(lists.GOOD[-1]) + 1)
    table.read("status_list", "bits beyond the signature", padded, lists.NOW, code="bad_base64",
               **about)  # fmt: skip
    for idx in (8, -1, 2**53):
        table.read("status_list", f"index {idx}", lists.GOOD, lists.NOW, code="bad_status_index",
                   **about | {"idx": idx})  # fmt: skip
    vectors: dict[str, Any] = {**lists.SMALL, **lists.LARGE}
    for name, (bits, entries, *_, values) in vectors.items():
        token = lists.signed(lists.claims(status_list={"bits": bits, "lst": entries}))
        places = values.items() if isinstance(values, dict) else enumerate(values)
        for idx, _value in places:
            table.read("status_list", f"{name}, {idx}", token, lists.NOW, **about | {"idx": idx})
    for name, (text, code) in lists.REFUSED.items():
        if isinstance(text, str) and len(text) <= MOST_TEXT:
            table.read("status_list", name, text, lists.NOW, code=code, **about)


def trusts_read(table: Writing) -> None:
    """Trust lists by the tables of their own tests, but for what only a root can tell."""
    about = {"jwk": trusts.SIGNER.jwk, "at_least": 0}
    table.read("trust_list", "a good list", trusts.GOOD, trusts.NOW, **about)
    table.read("trust_list", "rolled back", trusts.GOOD, trusts.NOW, code="rolled_back",
               **about | {"at_least": 13})  # fmt: skip
    of_the_root = {"bad_chain", "wrong_purpose", "wrong_issuer", "wrong_subject"}
    for name, (text, code) in trusts.REFUSED.items():
        if isinstance(text, str) and len(text) <= MOST_TEXT and code not in of_the_root:
            table.read("trust_list", name, text, trusts.NOW, code=code, **about)


def main() -> None:
    """Write the file."""
    table = Writing()
    for part in (shown, trusted, withdrawals, registrations, said, tampered, lists_read,
                 trusts_read):  # fmt: skip
        part(table)
    names = [(one["kind"], one["name"]) for one in table.cases]
    if len(set(names)) != len(names):
        raise SystemExit("a name twice")
    text = json.dumps({**table.given, "cases": table.cases}, ensure_ascii=True, indent=0)
    FILE.write_text(text + "\n", "utf-8")
    sys.stdout.write(f"{len(names)} cases, {len(text) // 1024} KB\n")


if __name__ == "__main__":
    main()
