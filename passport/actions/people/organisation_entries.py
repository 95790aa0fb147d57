"""One entry of a list of organisations, with the groups and successors it names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from passport.actions.changes import Change
from passport.actions.people.organisations import OrganisationFields, by_ods, join, upsert
from passport.actors import Actor
from passport.model.organisations import MembershipKind
from passport.rules.people.organisation_entry import GROUP_KIND, wrong_group


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """A group the organisation belongs to, or its successor."""

    kind: MembershipKind
    code: str
    name: str = ""
    """Where the list gives it, an unknown group can be added."""
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """One organisation as a list states it."""

    ods_code: str
    fields: OrganisationFields
    groups: tuple[GroupEntry, ...] = ()
    in_capitals: bool = False
    """The list shouts: our spelling of the same name and address is better and stays."""


def take_organisation(
    session: Session, *, entry: OrganisationEntry, by: Actor, now: datetime
) -> Change:
    """Put the organisation itself on record; its groups come once all of a list are there."""
    fields = entry.fields
    known = by_ods(session, entry.ods_code) if entry.in_capitals else None
    if known is not None and known.name.casefold() == fields.get("name", "").casefold():
        fields = {**fields, "name": known.name}
    if known is not None and known.address.casefold() == fields.get("address", "").casefold():
        fields = {**fields, "address": known.address}
    return upsert(session, ods_code=entry.ods_code, fields=fields, by=by, now=now)


def take_groups(
    session: Session, *, entry: OrganisationEntry, by: Actor, now: datetime
) -> Iterator[Change | str]:
    """Put the entry's memberships on record; a sentence for each that could not be."""
    for group in entry.groups:
        if message := _missing_group(session, group, by, now):
            yield message
            continue
        yield join(
            session,
            member_code=entry.ods_code,
            group_code=group.code,
            kind=group.kind,
            from_on=group.from_on,
            until_on=group.until_on,
            by=by,
            now=now,
        )


def _missing_group(session: Session, group: GroupEntry, by: Actor, now: datetime) -> str | None:
    """Add the group where it is unknown and can be; else say why it cannot be used."""
    known = by_ods(session, group.code)
    if known is not None:
        return wrong_group(group.kind, known.kind)
    kind = GROUP_KIND.get(group.kind)
    if kind is None or not group.name:
        return (
            f"{group.kind} {group.code} is not on record, so the membership was left out: "
            "import it and repeat"
        )
    upsert(
        session, ods_code=group.code, fields={"name": group.name, "kind": kind}, by=by, now=now
    )
    return None
