"""Where the parts of a passport are published. One place, because the addresses are signed."""

from uuid import UUID


def issuer(base: str, ods: str) -> str:
    """The identifier (`iss`) of an issuing organisation."""
    return f"{base}/passport/issuers/{ods}"


def trust_list(base: str) -> str:
    """The installation's signed trust list."""
    return f"{base}/passport/trust-list"


def status_lists(base: str) -> str:
    """What the addresses of all its status lists begin with."""
    return f"{base}/passport/status-lists/"


def status_list(base: str, list_id: UUID) -> str:
    """One status list."""
    return f"{status_lists(base)}{list_id.hex}"


def presentation_request(base: str, request_id: UUID) -> str:
    """Where a wallet fetches a request to present."""
    return f"{base}/passport/requests/{request_id}"


def presentation_response(base: str, request_id: UUID) -> str:
    """Where a wallet answers it."""
    return f"{base}/passport/responses/{request_id}"
