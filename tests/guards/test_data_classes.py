"""Every column is classed, and every table about people says who answers for it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bankhub.model import tables  # noqa: F401  declares them all
from passport.db import Base
from passport.model.data_classes import Catalogue, DataClass, catalogue, read_catalogue
from passport.model.retention import all_rules
from tests.guards import data_classes

FOUND: Catalogue = catalogue("passport", "bankhub")
TABLES = list(Base.metadata.tables.values())

NOT_OF_ONE = {"person_link"}
"""Refers to two records: of nobody alone."""

GOOD = """
[ward]
about = "A ward"
controller = "own"
held_by = ["organisation_id"]
person = "person_id"
kept = "setting"
erasure = "delete"
[ward.columns]
key = ["id", "organisation_id", "person_id"]
setting = ["name"]
"""


def a_ward(*extra: str) -> sa.Table:
    names = ("id", "organisation_id", "person_id", "name", *extra)
    return sa.Table("ward", sa.MetaData(), *(sa.Column(name, sa.String) for name in names))


def test_every_column_of_every_table_is_classed() -> None:
    assert data_classes.differences(FOUND, TABLES) == []


def test_whatever_refers_to_a_person_is_about_people() -> None:
    assert set(data_classes.silent_on_people(FOUND, TABLES)) == NOT_OF_ONE


def test_a_column_that_nobody_classed_is_flagged() -> None:
    found = read_catalogue(GOOD, "bankhub")
    assert data_classes.differences(found, [a_ward()]) == []
    assert data_classes.differences(found, [a_ward("nickname")]) == ["ward.nickname is not classed"]
    other = sa.Table("bed", sa.MetaData(), sa.Column("id", sa.Integer))
    assert data_classes.differences(found, [a_ward(), other]) == ["bed is not classed"]
    assert data_classes.differences(found, []) == ["ward is no table"]


WRONG: dict[str, tuple[Callable[[str], str], str]] = {
    "no such class": (lambda text: text.replace("setting = [", "colour = ["), "colour"),
    "no such controller": (lambda text: text.replace('"own"', '"me"'), "no such controller"),
    "two classes": (lambda text: text.replace('["name"]', '["name", "id"]'), "two classes"),
    "silent on erasure": (
        lambda text: text.replace('erasure = "delete"\n', ""), "silent on erasure"),
    "kept without a reason": (lambda text: text.replace('"delete"', '"keep"'), "says why"),
    "an unknown word": (lambda text: text.replace("kept =", "held ="), "held"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_mistake_in_the_file_is_named(wrong: str) -> None:
    spoil, said = WRONG[wrong]
    with pytest.raises(ValueError, match=said) as raised:
        read_catalogue(spoil(GOOD), "bankhub")
    assert "ward" in str(raised.value)


SECRET_WORDS = ("_hash", "sealed_secret", "sealed_encryption_key", "csrf", "salt", "nonce")


def test_secrets_are_classed_as_such() -> None:
    loose = [
        f"{name}.{column}"
        for name, entry in FOUND.items()
        for column, kind in entry.columns.items()
        if column.endswith(SECRET_WORDS) and kind is not DataClass.SECRET
    ]
    assert set(loose) <= {
        "agreement_version.text_hash", "agreement_signature.text_hash", "deployment.licence_hash",
        "licence_acceptance.text_hash", "deployment_extension.paper_hash",
    }  # fmt: skip


def test_every_table_has_its_line_in_the_retention_schedule() -> None:
    codes = {rule.code for rule in all_rules()}
    assert {entry.kept for entry in FOUND.values()} == codes
    for rule in all_rules():
        for act in rule.acts:
            assert FOUND[act.table].kept == rule.code
            column, _, _ = act.since.partition(".")
            assert column in FOUND[act.table].columns
