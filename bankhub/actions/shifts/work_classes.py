"""Interning the classes by which shifts are searched: role, grade and skill set."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.workers import WorkClass
from passport.db import is_postgresql


def class_of(
    session: Session, staff_group: StaffGroup, role: str, grade: Grade, skills: Iterable[str]
) -> int:
    """The class's number, made on first sight. Two who make it at once get the same one."""
    named = joined_skills(skills)
    looked_up = sa.select(WorkClass.id).where(
        WorkClass.role == role, WorkClass.grade == grade, WorkClass.skills == named
    )
    found = session.scalar(looked_up)
    if found is not None:
        return found
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    session.execute(
        insert(WorkClass)
        .values(staff_group=staff_group, role=role, grade=grade, skills=named)
        .on_conflict_do_nothing()
    )
    return session.scalars(looked_up).one()


class Classes:
    """Classes already seen by one deed, so that each is looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: dict[tuple[str, Grade, frozenset[str]], int] = {}

    def of(
        self, staff_group: StaffGroup, role: str, grade: Grade, skills: frozenset[str]
    ) -> int:
        """As `class_of`."""
        key = (role, grade, skills)
        if key not in self._seen:
            self._seen[key] = class_of(self._session, staff_group, role, grade, skills)
        return self._seen[key]


def joined_skills(skills: Iterable[str]) -> str:
    """Skill codes as a class holds them: sorted, each once, joined by a comma."""
    return ",".join(sorted(set(skills)))
