"""What an agency's shift comes to, to the penny."""

import pytest

from bankhub.rules.pay.agency_charge import charge_pence


@pytest.mark.parametrize(
    ("rate", "minutes", "pence"),
    [(3150, 690, 36225), (4850, 450, 36375), (1, 30, 1), (1, 29, 0), (2233, 61, 2270)],
)
def test_the_rate_by_the_minute_half_up(rate: int, minutes: int, pence: int) -> None:
    assert charge_pence(rate, minutes) == pence
