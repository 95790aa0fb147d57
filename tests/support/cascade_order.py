"""Whether openings keep the bank before agencies, judged without the rule that planned them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from bankhub.model.values import PlannedOpening
from bankhub.model.vocabulary import AGENCY_TIERS, BANK_TIERS, Tier
from bankhub.rules.cascade.bank_before_agency import Why
from passport.errors import Reason


def check_order(openings: Sequence[PlannedOpening]) -> list[Reason]:
    """What is wrong with a set of current openings; [] = bank before agency holds.

    `opening_missing`, `own_bank_not_first`, `agency_before_bank`, `tiers_out_of_order`,
    `off_framework_opened`, `agency_open_in_strike`.
    """
    times = {opening.tier: opening.opens_at for opening in openings}
    whys = {opening.tier: opening.why for opening in openings}
    order = [(tier, moment) for tier in Tier if (moment := times.get(tier)) is not None]
    struck = any(whys.get(tier) == Why.STRIKE for tier in AGENCY_TIERS)
    reasons = [
        Reason("opening_missing", {"tier": tier.value}) for tier in Tier if tier not in times
    ]
    if not order or order[0][0] is not Tier.OWN_BANK:
        reasons.append(Reason("own_bank_not_first"))
    for (first, earlier), (then, later) in combinations(order, 2):
        if reason := _out_of_order(first, earlier, then, later):
            reasons.append(reason)
    for tier, _ in order:
        if tier is Tier.OFF_FRAMEWORK:
            reasons.append(Reason("off_framework_opened"))
        if struck and tier in AGENCY_TIERS:
            reasons.append(Reason("agency_open_in_strike", {"tier": tier.value}))
    return reasons


def _out_of_order(first: Tier, earlier: datetime, then: Tier, later: datetime) -> Reason | None:
    """Among agencies tiers may open together; a bank tier is strictly before what follows."""
    if earlier < later or (first in AGENCY_TIERS and earlier == later):
        return None
    evidence = {"tier": then.value, "before": first.value}
    if then in AGENCY_TIERS and first in BANK_TIERS:
        return Reason("agency_before_bank", evidence)
    code = "own_bank_not_first" if first is Tier.OWN_BANK else "tiers_out_of_order"
    return Reason(code, evidence)


def opened_early(
    openings: Sequence[PlannedOpening], tier: Tier, now: datetime
) -> tuple[PlannedOpening, ...]:
    """The openings once somebody has opened the tier."""
    early = PlannedOpening(tier, now, Why.OPENED_EARLY)
    return tuple(early if opening.tier is tier else opening for opening in openings)
