"""What an asker refuses (OpenID4VP 1.0 §8.6, §14; HAIP 1.0): each by its own check.

An answer that is none leaves the request waiting; one that does not hold ends it in red.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey

from passport.actions.verifying import presented_answers, presenting
from passport.actions.verifying.presented_answers import Answered
from passport.actions.verifying.presented_checks import CheckState
from passport.db import Database
from passport.errors import Invalid, NotFound, Refused
from passport.model.presentations import VerdictRecord
from passport.rules.tokens import es256, jws, sd_jwt
from passport.sealing import hash_secret
from tests.support import showing
from tests.support.issuing import NOW
from tests.support.showing import Fetched, Wallet
from tests.support.showing_places import SOON, Place, a_place

Form = dict[str, str]
Bend = Callable[[Place, Fetched], Form]


def _token(place: Place, request: Fetched) -> dict[str, Any]:
    return dict(place.wallet.presentations(request))


def _sent(place: Place, request: Fetched, **replaced: Any) -> Form:
    return place.wallet.form(request, **replaced)


NOT_AN_ANSWER: dict[str, Bend] = {
    "another state": lambda place, request: _sent(place, request, state="x" * 43),
    "no state": lambda place, request: _sent(place, request, state=None),
    "state of another kind": lambda place, request: _sent(place, request, state=["a"]),
    "no vp_token": lambda place, request: _sent(place, request, vp_token=None),
    "vp_token a list": lambda place, request: _sent(place, request, vp_token=["x"]),
    "vp_token one text": lambda place, request: _sent(place, request, vp_token="a~b~c"),
    "vp_token empty": lambda place, request: _sent(place, request, vp_token={}),
    "an id that was not asked for": lambda place, request: _sent(
        place, request, vp_token={**_token(place, request), "more": ["x"]}
    ),
    "a presentation outside a list": lambda place, request: _sent(
        place, request, vp_token={**_token(place, request), "identity": "x"}
    ),
    "an empty list": lambda place, request: _sent(
        place, request, vp_token={**_token(place, request), "identity": []}
    ),
    "an object for a presentation": lambda place, request: _sent(
        place, request, vp_token={**_token(place, request), "identity": [{"x": 1}]}
    ),
    "two where one was asked for": lambda place, request: _sent(
        place,
        request,
        vp_token={k: v * 2 for k, v in _token(place, request).items()},
    ),
    "more than anybody reads": lambda place, request: _sent(
        place,
        request,
        vp_token={**_token(place, request), "training_award": ["x"] * 65},
    ),
}


@pytest.mark.parametrize("mode", presenting.RESPONSE_MODES)
@pytest.mark.parametrize("bend", NOT_AN_ANSWER)
def test_what_is_no_answer_changes_nothing(
    sqlite_database: Database, mode: str, bend: str
) -> None:
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked = place.ask(response_mode=mode)
        request = place.fetch(asked)
        _leaves_it_waiting(place, asked, NOT_AN_ANSWER[bend](place, request))
        assert place.send(asked, place.wallet.form(request)) == Answered()


def _leaves_it_waiting(place: Place, asked: presenting.Invitation, form: Form) -> None:
    answered = place.send(asked, form)
    assert (answered.error, answered.response_code) == ("invalid_request", None)
    assert place.look(asked).state is CheckState.WAITING
    assert place.session.scalar(sa.select(sa.func.count(VerdictRecord.id))) == 0


def _said(place: Place, request: Fetched) -> dict[str, Any]:
    return {"state": request.claims["state"], "vp_token": place.wallet.presentations(request)}


def _to_other_key(place: Place, request: Fetched, kid: str | None = None) -> Form:
    key = ECKey.generate_key("P-256")
    told = request.claims["client_metadata"]["jwks"]["keys"][0]
    header = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": kid or told["kid"]}
    return {"response": jwe.encrypt_compact(header, json.dumps(_said(place, request)), key)}


def _header(**header: Any) -> Bend:
    return lambda place, request: {
        "response": showing.encrypted(request, _said(place, request), **header)
    }


def _with_secret(alg: str) -> Bend:
    def made(place: Place, request: Fetched) -> Form:
        told = request.claims["client_metadata"]["jwks"]["keys"][0]
        key = OctKey.import_key("0123456789abcdef")
        header = {"alg": alg, "enc": "A128GCM", "kid": told["kid"]}
        said = json.dumps(_said(place, request))
        registry = jwe.JWERegistry(algorithms=[alg, "A128GCM"])
        return {"response": jwe.encrypt_compact(header, said, key, registry=registry)}

    return made


NOT_OPENED: dict[str, Bend] = {
    "not encrypted": lambda place, request: {
        "state": str(request.claims["state"]),
        "vp_token": json.dumps(_token(place, request)),
    },
    "another kid": _header(kid="somebody-elses"),
    "no kid": _header(kid=""),
    "another key under our kid": lambda place, request: _to_other_key(place, request),
    "the key of another request": lambda place, request: {
        "response": showing.encrypted(place.fetch(place.ask()), _said(place, request))
    },
    "compressed": _header(zip="DEF"),
    "a wrapped key": _header(alg="ECDH-ES+A128KW"),
    "another cipher": _header(enc="A128CBC-HS256"),
    "a longer cipher that was not offered": _header(enc="A192GCM"),
    "a shared secret": _with_secret("dir"),
    "a password": _with_secret("PBES2-HS256+A128KW"),
    "a nested token": _header(cty="JWT"),
    "signed, not encrypted": lambda place, request: {
        "response": jws.write(_said(place, request), es256.new_key(), typ="JWT")
    },
    "not a token": lambda place, request: {"response": "x"},
    "parts of nothing": lambda place, request: {"response": "...."},
    "larger than anybody reads": lambda place, request: {
        "response": showing.encrypted(request, {**_said(place, request), "x": "x" * 1_100_000})
    },
    "a list": lambda place, request: {"response": showing.encrypted(request, [1])},
}


@pytest.mark.parametrize("bend", NOT_OPENED)
def test_what_is_not_encrypted_as_asked_changes_nothing(
    sqlite_database: Database, bend: str
) -> None:
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked = place.ask()
        request = place.fetch(asked)
        _leaves_it_waiting(place, asked, NOT_OPENED[bend](place, request))
        assert place.send(asked, place.wallet.form(request)) == Answered()


def test_an_encrypted_answer_to_a_plain_request_changes_nothing(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked = place.ask(response_mode="direct_post")
        request = place.fetch(asked)
        other = place.fetch(place.ask())
        form = {"response": showing.encrypted(other, _said(place, request))}
        _leaves_it_waiting(place, asked, form)


def _without(name: str) -> Bend:
    return lambda place, request: _sent(
        place,
        request,
        vp_token={k: v for k, v in _token(place, request).items() if k != name},
    )


def _bent(**bent: Any) -> Bend:
    return lambda place, request: place.wallet.but(**bent).form(request)


def _changed(change: Callable[[str], str]) -> Bend:
    return lambda place, request: _sent(
        place,
        request,
        vp_token={k: [change(one) for one in v] for k, v in _token(place, request).items()},
    )


def _instead(place: Place, request: Fetched) -> Form:
    token = _token(place, request)
    return _sent(place, request, vp_token={**token, "identity": token["employment_assignment"]})


def _flipped(text: str) -> str:
    middle = len(text.split(".")[2].split("~")[0]) // 2
    place = text.rindex(".", 0, text.index("~")) + middle
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


def _own_issuer(place: Place, request: Fetched) -> Form:
    """Everything written by the wallet itself."""
    mine, holder = es256.new_key(), es256.new_key()
    held = []
    for text, _key in place.wallet.held:
        token = sd_jwt.read(text)
        claims = sd_jwt.process(token.issuer_claims, token.disclosures, never=()).claims
        made = sd_jwt.issue(
            {k: v for k, v in claims.items() if k != "cnf"},
            disclosable=[],
            key=mine,
            header={"kid": token.header["kid"]},
            holder=es256.public(holder),
        )
        held.append((made, holder))
    return Wallet(held, NOW).form(request)


DOES_NOT_HOLD: dict[str, tuple[Bend, str]] = {
    "for somebody else": (_bent(audience="x509_hash:somebody-else"), "wrong_audience"),
    "for the client id cut short": (_bent(audience="x509_hash"), "wrong_audience"),
    "for a list": (_bent(audience=["x509_hash"]), "wrong_audience"),
    "another nonce": (_bent(nonce="n" * 43), "wrong_nonce"),
    "no key binding": (_changed(lambda text: text[: text.rindex("~") + 1]), "key_binding_missing"),
    "a broken signature": (_changed(_flipped), "bad_signature"),
    "a disclosure dropped after signing": (
        _changed(lambda text: "~".join((text.split("~")[0], *text.split("~")[2:]))),
        "wrong_sd_hash",
    ),
    "written by itself": (_own_issuer, "bad_signature"),
    "not a credential": (_changed(lambda _text: "x~"), "not_a_token"),
    "identity left out": (_without("identity"), "credential_missing"),
    "a claim left out": (_bent(leave_out=["date_of_birth"]), "claim_not_shown"),
    "another credential in its place": (_instead, "wrong_credential_type"),
    "shown yesterday": (
        lambda place, request: Wallet(place.wallet.held, NOW - timedelta(days=1)).form(request),
        "key_binding_too_old",
    ),
}


@pytest.mark.parametrize("bend", DOES_NOT_HOLD)
def test_what_does_not_hold_ends_the_request_in_red(
    sqlite_database: Database, bend: str
) -> None:
    make, code = DOES_NOT_HOLD[bend]
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked = place.ask()
        request = place.fetch(asked)
        assert place.send(asked, make(place, request)).error == "invalid_request"
        check = place.look(asked)
        assert check.verdict is not None
        assert (check.state, check.verdict["outcome"]) == (CheckState.ANSWERED, "red")
        assert code in place.codes(asked)
        assert (check.verdict["facts"], check.verdict["name"]) == ([], None)
        assert place.send(asked, place.wallet.form(request)).error == "invalid_request"
        assert place.look(asked).verdict == check.verdict


def test_an_answer_sent_again_or_elsewhere_is_refused(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked, other = place.ask(response_mode="direct_post"), place.ask(
            response_mode="direct_post"
        )
        request, elsewhere = place.fetch(asked), place.fetch(other)
        form = place.wallet.form(request)
        _leaves_it_waiting(place, other, form)
        assert place.send(asked, form) == Answered()
        assert place.send(asked, form).error == "invalid_request"
        swapped = {**form, "state": str(elsewhere.claims["state"])}
        assert place.send(other, swapped).error == "invalid_request"
        assert "wrong_nonce" in place.codes(other)


def test_a_request_that_is_over_is_neither_fetched_nor_answered(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked, late = place.ask(), place.ask()
        request, missed = place.fetch(asked), place.fetch(late)
        place.send(asked, place.wallet.form(request))
        with pytest.raises(Refused):
            place.fetch(asked)
        ends = late.expires_at
        assert place.fetch(late, now=ends - timedelta(seconds=1))
        with pytest.raises(Refused):
            place.fetch(late, now=ends)
        assert place.send(late, place.wallet.form(missed), now=ends).error == "invalid_request"
        assert place.look(late, now=ends).state is CheckState.EXPIRED


BROWSER, OTHER_BROWSER = hash_secret("one"), hash_secret("other")


def _came_back(place: Place, asked: presenting.Invitation, code: str, browser: str) -> bool:
    return presented_answers.come_back(
        place.session, request_id=asked.id, response_code=code, session_hash=browser,
        by=place.employer, now=SOON,
    )  # fmt: skip


def _answered_same_device(place: Place) -> tuple[presenting.Invitation, str]:
    asked = place.ask(session_hash=BROWSER)
    answered = place.send(asked, place.wallet.form(place.fetch(asked)))
    assert answered.error is None
    assert answered.response_code is not None
    return asked, answered.response_code


def test_on_one_device_the_answer_is_read_where_it_was_asked(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked, code = _answered_same_device(place)
        assert (place.look(asked).state, place.look(asked).verdict) == (CheckState.RETURNING, None)
        assert _came_back(place, asked, code, BROWSER)
        assert place.look(asked).state is CheckState.ANSWERED
        with pytest.raises(NotFound):
            _came_back(place, asked, code, BROWSER)


def test_in_another_browser_the_answer_is_thrown_away(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked, code = _answered_same_device(place)
        with pytest.raises(NotFound):
            _came_back(place, asked, "guessed", OTHER_BROWSER)
        assert not _came_back(place, asked, code, OTHER_BROWSER)
        check = place.look(asked)
        assert (check.state, check.failed_because) == (CheckState.DECLINED, "other_session")
        assert check.verdict is None
        assert session.scalars(sa.select(VerdictRecord)).one().codes == ["other_session"]
        with pytest.raises(NotFound):
            _came_back(place, asked, code, BROWSER)


def test_a_refusal_on_one_device_leads_nowhere_and_is_told_at_once(
    sqlite_database: Database,
) -> None:
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked = place.ask(session_hash=BROWSER)
        bad = place.send(asked, place.wallet.but(nonce="n" * 43).form(place.fetch(asked)))
        assert (bad.error, bad.response_code) == ("invalid_request", None)
        assert place.look(asked).state is CheckState.ANSWERED


def test_a_wallets_own_nonce_is_bounded(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        place = a_place(session)
        asked = place.ask()
        for nonce in ("", "n" * 513):
            with pytest.raises(Invalid):
                place.fetch(asked, wallet_nonce=nonce)
