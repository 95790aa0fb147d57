"""Columns know their type as soon as their class exists, whatever was imported before."""

import subprocess
import sys

import pytest

STATEMENT = """
import sqlalchemy as sa
from {module} import {name}
bound = sa.select({name}.id).where({name}.{column} == sa.bindparam("wanted"))
print(type(bound.compile().binds["wanted"].type).__name__)
"""

FOREIGN_KEYS = {
    "a foreign key to a table that is not loaded": (
        ("bankhub.model.policies", "DatedPolicy", "organisation_id"),
        "Uuid",
    ),
    "a foreign key that may be empty": (
        ("passport.model.facts", "Fact", "checked_by_id"),
        "Uuid",
    ),
    "a foreign key to a number": (
        ("bankhub.model.shifts", "Shift", "fallback_class_id"),
        "Integer",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", FOREIGN_KEYS)
def test_a_statement_written_at_import_knows_the_type_of_its_parameters(case: str) -> None:
    (module, name, column), expected = FOREIGN_KEYS[case]
    code = STATEMENT.format(module=module, name=name, column=column)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == expected
