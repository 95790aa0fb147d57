"""Whatever is sent as terms: a mistake at its field, or terms that print, read back and hold."""

import copy
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import event, given, settings
from hypothesis import strategies as st

from bankhub.model.agreement_terms import AgreementTerms, DataCategory
from bankhub.model.policies import read_values
from bankhub.rules.agreements.agreement_document import clause_of, document, sections_of
from bankhub.rules.agreements.agreement_entry import why_not_review, wrong_terms
from bankhub.rules.agreements.agreement_states import last_honoured
from bankhub.rules.agreements.agreements_in_force import InForce, Party
from passport.events import canonical
from passport.frozen_values import frozen
from tests.rules.agreement_examples import HEADING, KNOWN, NAMES, NORTH, SOUTH, TERMS, TODAY

SENT = canonical(asdict(TERMS))
WORDS = st.one_of(
    st.text(max_size=20),
    st.sampled_from([
        NORTH, SOUTH, "both", "home", "host", "band_5", "band_6", "consultant", "hca", "identity",
        "nursing_midwifery", "fixed_rate", "bank_rate", "none_reciprocal", "rn_adult", "*",
        "2026-10-01", "2027-01-31", "2028-02-29", "9999-12-31", "0001-01-01", "deed", "mou",
        "joint", "exempt", "any_issuer", "5.1 Sickness may be asked for.", "a\u2028b", "a\x0bb",
        "\ud800", "",
    ]),
)  # fmt: skip
NUMBERS = st.one_of(st.integers(), st.integers(-1, 200))
LISTS = st.lists(
    st.sampled_from([
        "identity", "registration", "training", "competence", "cnst_host", "rn_adult", "dbs",
        "critical_care", "local_induction", "bank_assignment", "secondment", "band_5",
    ]),
    max_size=4,
)  # fmt: skip
ODD = st.one_of(
    st.none(), st.booleans(), NUMBERS, st.floats(), WORDS, LISTS,
    st.sampled_from([10**30, [], {}, [[]], [None], {"ods": NORTH}]),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every way into the terms."""
    if path:
        yield path
    if isinstance(value, (dict, list)):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in inside:
            yield from places(inner, (*path, name))


PLACES = sorted(places(SENT), key=str)


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    sent: Any = copy.deepcopy(SENT)
    inner = sent
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return dict(sent)


def like(path: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Something of the kind that stands there, or something odd."""
    inner: Any = SENT
    for step in path:
        inner = inner[step]
    kinds = {str: WORDS, int: NUMBERS, list: LISTS}
    return st.one_of(kinds.get(type(inner), ODD), kinds.get(type(inner), ODD), ODD)


CHANGES = st.sampled_from(PLACES).flatmap(lambda path: st.tuples(st.just(path), like(path)))


def in_force(terms: AgreementTerms) -> InForce:
    parties = tuple(
        Party(UUID(int=place + 1), one.ods, one.ods, one.role)
        for place, one in enumerate(terms.parties)
    )
    return InForce(
        UUID(int=1), UUID(int=2), "WSA-7", 1, "Bank", terms, terms.starts_on, terms.ends_on,
        parties,
    )  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=2))
def test_terms_are_wrong_by_field_or_they_hold(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    sent: dict[str, Any] = SENT
    for path, value in changes[:1]:
        sent = changed(path, value)
    for path, value in changes[1:]:
        if len(path) == 1:
            sent = {**sent, path[0]: value}
    terms, mistakes = frozen(AgreementTerms, sent)
    if terms is None:
        event("not read")
        assert mistakes
        return
    if wrong_terms(terms, KNOWN, lead=NORTH, today=TODAY):
        event("wrong")
        return
    event("right")
    holds(terms)


def holds(terms: AgreementTerms) -> None:
    """It prints every clause, is stored and read again, and its days can be counted."""
    text = document(terms, HEADING, NAMES)
    text.encode()
    _, sections = sections_of(text)
    assert len(sections) == 13
    assert sum(len(one.paragraphs) for one in sections) + 13 == sum(
        line[:1].isdigit() for line in text.partition("\n\n")[2].split("\n")
    )
    assert read_values(AgreementTerms, canonical(asdict(terms))) == terms
    permitted = {one for one in DataCategory if clause_of(terms, one)}
    assert permitted == set(terms.data_categories)
    why_not_review(terms, {})
    bound = in_force(terms)
    assert last_honoured([bound]) >= bound.until_on
    assert list(bound.pairs())
    assert bound.until_on - bound.from_on <= timedelta(days=732)
