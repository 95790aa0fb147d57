"""Which dated policy holds: the organisation's own, else the national default."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.cascade_policy import CascadePolicy
from bankhub.model.clearance_policy import ClearancePolicy
from bankhub.model.fill_policy import FillPolicy
from bankhub.model.pay_policy import PayPolicy
from bankhub.model.policies import DatedPolicy, PolicyKind, PolicyVersion, read_values
from bankhub.model.request_policy import RequestPolicy
from bankhub.model.vocabulary import StaffGroup
from bankhub.model.work_policy import EligibilityPolicy, RequirementPolicy, WorkingTimePolicy
from bankhub.rules.cascade.cascade_preview import why_not_use, with_national_closings
from bankhub.rules.permissions import Deed
from bankhub.rules.settings.policy_entry import wrong_entry, wrong_numbers
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.batch import Prepared
from passport.errors import Invalid, NotFound, Refused
from passport.events import record

V = TypeVar("V")

VALUE_CLASSES: Mapping[PolicyKind, type[Any]] = {
    PolicyKind.CASCADE: CascadePolicy,
    PolicyKind.WORKING_TIME: WorkingTimePolicy,
    PolicyKind.REQUIREMENTS: RequirementPolicy,
    PolicyKind.REQUESTING: RequestPolicy,
    PolicyKind.PAY: PayPolicy,
    PolicyKind.CLEARANCE: ClearancePolicy,
    PolicyKind.FILL: FillPolicy,
}

OWN_VERSIONS = Prepared(
    sa.select(
        DatedPolicy.id,
        DatedPolicy.kind,
        DatedPolicy.staff_group,
        DatedPolicy.from_on,
        DatedPolicy.values,
        DatedPolicy.source,
        DatedPolicy.organisation_id,
    )
    .where(DatedPolicy.organisation_id == sa.bindparam("organisation_id"))
    .order_by(DatedPolicy.from_on, DatedPolicy.made_at, DatedPolicy.id)
)


class PolicyBook:
    """Every policy that can hold for one organisation: its own versions over the national ones."""

    def __init__(self, own: Iterable[PolicyVersion] = ()) -> None:
        self._versions: dict[PolicyKind, list[PolicyVersion]] = defaultdict(list)
        for version in own:
            self._versions[version.kind].append(version)
        self._picked: dict[tuple[PolicyKind, StaffGroup | None, date], PolicyVersion] = {}

    @property
    def own(self) -> tuple[PolicyVersion, ...]:
        """The organisation's own versions."""
        return tuple(version for held in self._versions.values() for version in held)

    def versions(self, kind: PolicyKind) -> tuple[PolicyVersion, ...]:
        """All versions of one kind: national first, then the organisation's own, by date."""
        return (*reference.national_policies(kind), *self._versions.get(kind, ()))

    def pick(self, kind: PolicyKind, staff_group: StaffGroup | None, on: date) -> PolicyVersion:
        """The version that holds on a day.

        The organisation's own beats the national one, one for the staff group beats one for
        all, and the later beats the earlier. Raises `NotFound` where none holds yet.
        """
        holding = [
            version
            for version in self.versions(kind)
            if version.from_on <= on and version.staff_group in (None, staff_group)
        ]
        if not holding:
            raise NotFound("no_policy")
        ranked = [
            (v.organisation_id is not None, v.staff_group is not None, v.from_on, place)
            for place, v in enumerate(holding)
        ]
        return holding[ranked.index(max(ranked))]

    def read(self, into: type[V], kind: PolicyKind, staff_group: StaffGroup | None, on: date) -> V:
        """The policy that holds, as its value class."""
        key = (kind, staff_group, on)
        if key not in self._picked:
            self._picked[key] = self.pick(kind, staff_group, on)
        return cast(V, _parsed(cast(Any, into), self._picked[key]))

    def cascade(self, staff_group: StaffGroup, on: date) -> CascadePolicy:
        """When tiers open; the national closings and bank floor of the day hold on top of the
        organisation's own version, also those that came after it."""
        own = self.read(CascadePolicy, PolicyKind.CASCADE, staff_group, on)
        return with_national_closings(own, national=national_cascade(staff_group, on))

    def requesting(self, staff_group: StaffGroup | None, on: date) -> RequestPolicy:
        """How shifts are asked for and cancelled."""
        return self.read(RequestPolicy, PolicyKind.REQUESTING, staff_group, on)

    def pay(self, staff_group: StaffGroup, on: date) -> PayPolicy:
        """Time types and rounding."""
        return self.read(PayPolicy, PolicyKind.PAY, staff_group, on)

    def fill(self, on: date) -> FillPolicy:
        """What counts as late, early, small."""
        return self.read(FillPolicy, PolicyKind.FILL, None, on)

    def clearance(self, staff_group: StaffGroup, on: date) -> ClearancePolicy:
        """What is asked of partners' people."""
        return self.read(ClearancePolicy, PolicyKind.CLEARANCE, staff_group, on)

    def daily_rest_minutes(self, on: date) -> int:
        """The rest that belongs to a stretch of work, whoever works it."""
        policy = self.read(WorkingTimePolicy, PolicyKind.WORKING_TIME, None, on)
        return policy.rest.daily_rest_minutes

    def eligibility(self, staff_group: StaffGroup, on: date) -> EligibilityPolicy:
        """Working time and requirements, with the reference lists."""
        return reference.eligibility_policy(
            self.read(WorkingTimePolicy, PolicyKind.WORKING_TIME, staff_group, on),
            self.read(RequirementPolicy, PolicyKind.REQUIREMENTS, staff_group, on),
        )


def national_cascade(staff_group: StaffGroup | None, on: date) -> CascadePolicy:
    """The national default in force."""
    return PolicyBook().read(CascadePolicy, PolicyKind.CASCADE, staff_group, on)


def policy_book(session: Session, organisation_id: UUID) -> PolicyBook:
    """The policies of one organisation."""
    rows = session.execute(OWN_VERSIONS.statement, {"organisation_id": organisation_id})
    return book_from_rows(rows)


def policy_books(session: Session, organisation_ids: Iterable[UUID]) -> dict[UUID, PolicyBook]:
    """The policies of several organisations in one query."""
    wanted = list(dict.fromkeys(organisation_ids))
    by_organisation: dict[UUID, list[PolicyVersion]] = {one: [] for one in wanted}
    rows = session.execute(
        sa.select(*OWN_VERSIONS.statement.selected_columns)  # type: ignore[attr-defined]
        .where(DatedPolicy.organisation_id.in_(wanted))
        .order_by(DatedPolicy.from_on, DatedPolicy.made_at, DatedPolicy.id)
    )
    for row in rows:
        by_organisation[row[-1]].append(_version(tuple(row)))
    return {one: PolicyBook(own) for one, own in by_organisation.items()}


def book_from_rows(rows: Iterable[Any]) -> PolicyBook:
    """A book from rows of `OWN_VERSIONS`."""
    return PolicyBook(_version(tuple(row)) for row in rows)


_seen: dict[UUID, PolicyVersion] = {}


def _version(row: tuple[Any, ...]) -> PolicyVersion:
    """Versions are never edited, so one that was read once is kept."""
    row_id, kind, staff_group, from_on, values, source, organisation_id = row
    if row_id not in _seen:
        if len(_seen) > 10_000:
            _seen.clear()
        _seen[row_id] = PolicyVersion(
            kind=PolicyKind(kind),
            values=values,
            from_on=from_on,
            source=source,
            illustrative=False,
            staff_group=StaffGroup(staff_group) if staff_group else None,
            organisation_id=organisation_id,
        )
    return _seen[row_id]


@lru_cache(maxsize=4096)
def _parsed(into: type[Any], version: PolicyVersion) -> Any:
    return read_values(into, version.values)


def _refuse_wrong(
    kind: PolicyKind, staff_group: StaffGroup | None, from_on: date, values: Mapping[str, Any]
) -> None:
    read = read_values(VALUE_CLASSES[kind], values)
    if wrong := wrong_numbers(values):
        raise Invalid("policy_values", "Some policy values cannot be used.", wrong)
    if isinstance(read, CascadePolicy):
        reasons = why_not_use(read, national=national_cascade(staff_group, from_on))
        if reasons:
            raise Refused(reasons)


def adopt(
    session: Session,
    *,
    kind: PolicyKind,
    staff_group: StaffGroup | None,
    from_on: date,
    values: Mapping[str, Any],
    source: str,
    by: Actor,
    now: datetime,
) -> DatedPolicy:
    """Add a version for the actor's organisation. Raises `Invalid` naming each wrong value, and
    `Refused` for a cascade that would put an agency before a bank.

    Shifts in flight keep the openings they were given: nothing is moved here.
    """
    demand(by, Deed.EDIT_POLICY)
    if by.organisation_id is None:
        raise NotFound
    if wrong := wrong_entry(source, from_on=from_on, today=london_day(now)):
        raise Invalid("policy_entry", "The version cannot be right.", wrong)
    _refuse_wrong(kind, staff_group, from_on, values)
    version = DatedPolicy(
        organisation_id=by.organisation_id,
        kind=kind,
        staff_group=staff_group,
        from_on=from_on,
        values=dict(values),
        source=source,
        made_at=now,
        made_by_id=by.account_id,
    )
    session.add(version)
    _tell_adopted(session, version, by, now)
    return version


def _tell_adopted(session: Session, version: DatedPolicy, by: Actor, now: datetime) -> None:
    record(
        session,
        "policy.adopted",
        subject_id=version.id,
        by=by,
        now=now,
        policy=version.kind.value,
        staff_group=version.staff_group,
        from_on=version.from_on,
        values=version.values,
    )
