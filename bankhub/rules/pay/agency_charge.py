"""What does an agency's shift come to?

The charge by the hour that was recorded, for the hours worked without the unpaid break, rounded to
the penny half up. It stands beside the bank's estimate, so that whoever books an agency reads what
the bank would have cost; the estimate is pay before on-costs, the charge excludes VAT.
"""


def charge_pence(rate_pence_per_hour: int, minutes: int) -> int:
    """The whole charge of a shift of so many working minutes."""
    return (rate_pence_per_hour * minutes + 30) // 60
