"""Which of the worker's own filters hide this shift?

A filter that hides something says so, and can be undone alone: so every filter that hides the
shift is named, not only the first.
"""

from bankhub.model.search_values import Filter, ShiftFilters
from bankhub.model.values import ShiftFacts


def hiding(
    shift: ShiftFacts, shift_code: str, distance_km: float | None, filters: ShiftFilters
) -> frozenset[Filter]:
    """The filters that hide the shift; an unknown distance hides nothing."""
    asked = {
        Filter.SITE: (filters.site_id, shift.site_id),
        Filter.UNIT: (filters.unit_id, shift.unit_id),
        Filter.ROLE: (filters.role, shift.role),
        Filter.CODE: (filters.shift_code, shift_code),
    }
    found = {name for name, (wanted, is_) in asked.items() if wanted not in (None, is_)}
    if filters.within_km is not None and distance_km is not None:
        found |= {Filter.DISTANCE} if distance_km > filters.within_km else set()
    return frozenset(found)
