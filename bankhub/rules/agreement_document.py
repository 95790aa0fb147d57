"""An agreement's document: which clause permits what."""

from bankhub.model.agreement_terms import AgreementTerms, DataCategory

DATA_CLAUSE = 6


def clause_of(terms: AgreementTerms, category: DataCategory) -> str:
    """The number of the clause that permits asking for that category, e.g. `6.2`. Raises
    `ValueError` for one that the agreement does not permit."""
    return f"{DATA_CLAUSE}.{terms.data_categories.index(category) + 1}"
