"""What an issuing organisation has of somebody: a credential, its check and batch, a wallet."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from passport.model.credentials import Bundle, Credential, IdentityCheck, IssueBatch, Wallet
from passport.model.presentations import PresentationRequest
from passport.model.subject_requests import SubjectRequest, SubjectRequestKind
from tests.support.build import NOW
from tests.support.issuing import PROVENANCE

ASKED_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
"""By then the purposes of asking are in force."""


def issued(here: UUID, nurse: UUID, other: UUID, name: str) -> dict[str, Any]:
    """The rows by the names that addresses give them; every word of them holds `name`. Credential
    and wallet are the `nurse`'s, check and batch are about the `other`."""
    bundle = Bundle(organisation_id=here, person_id=nurse, decided_at=NOW)
    return {
        "bundle_id": bundle,
        "credential_id": Credential(
            organisation_id=here, person_id=nurse, bundle_id=bundle.id, type="identity",
            version=1, decided_at=NOW, changed_at=NOW,
            claims={**PROVENANCE, "legal_family_name": f"{name}field",
                    "date_of_birth": "1990-05-17"},
        ),
        "check_id": IdentityCheck(
            organisation_id=here, person_id=other, route="IDSP", documents=[],
            gpg45_profile="M1A", checked_on=date(2026, 8, 3), checked_by=f"Service of {name}",
            first_at=NOW,
        ),
        "batch_id": IssueBatch(
            organisation_id=here, made_at=NOW, types=["identity"], people=[str(other)],
            sample={str(other): None},
        ),
        "wallet_id": Wallet(
            organisation_id=here, person_id=nurse, label=f"Phone of {name}", enrolled_at=NOW,
            seen_at=NOW,
        ),
        "request_id": PresentationRequest(
            organisation_id=here, purpose="ward_door", asked={"credentials": []},
            basis=f"Agreement of {name}",
            made_at=ASKED_AT, expires_at=ASKED_AT + timedelta(minutes=5), nonce=f"nonce-{name}",
            state_hash=f"state-{name}", response_mode="direct_post",
        ),
        "subject_request_id": SubjectRequest(
            organisation_id=here, person_id=other, kind=SubjectRequestKind.ERASURE, asked_at=NOW,
        ),
    }  # fmt: skip
