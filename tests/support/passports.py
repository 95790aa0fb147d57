"""A small world of passports: a root, a trust list, an issuer, a holder, and status lists."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.model.freshness import freshness_on
from passport.rules.credentials.credential_claims import vct
from passport.rules.tokens import es256, sd_jwt
from passport.rules.tokens.gate_facts import Award, Dbs, GateFacts, Registration
from passport.rules.tokens.gate_token import StatusAt, issue_gate, show
from passport.rules.tokens.status_list import StatusList
from passport.rules.tokens.trust_list import Issuer, ListedKey, TrustList
from passport.rules.verifying.verdict import Known

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
BASE = "https://passport.example"
LIST = f"{BASE}/passport/status-lists/1"
EVERYTHING = frozenset(
    ("identity", "employment_assignment", "professional_registration", "dbs_outcome",
     "training_award")
)  # fmt: skip
FACE = (
    b"RIFF\x1e\x00\x00\x00WEBPVP8 \x12\x00\x00\x00" b"\x10\x00\x00\x9d\x01\x2a\x40\x00\x50\x00"
    b"\x00\x00\x00\x00\x00\x00\x00\x00"
)
"""Headers of a lossy WebP: what the token carries, never what a browser draws."""


def facts(**changes: Any) -> GateFacts:
    """A nurse's facts, with a face."""
    plain: dict[str, Any] = {
        "name": "Adaeze Okafor",
        "role": "Staff nurse",
        "employer": "RWJ",
        "registration": registration(),
        "dbs": Dbs(level="enhanced_barred", workforce="adult", dated=NOW.date()),
        "training": {"FIRE": Award(NOW.date() - timedelta(days=90))},
        "face": FACE,
    }
    return GateFacts(**plain | changes)


def registration(**changes: Any) -> Registration:
    """Looked up on the register this morning."""
    plain: dict[str, Any] = {
        "body": "NMC",
        "number": "01A2345N",
        "status": "registered",
        "checked_on": NOW.date(),
        "source": "register",
    }
    return Registration(**plain | changes)


@dataclass
class World:
    """Who issues, who holds, and what a verifier knows."""

    root: es256.PrivateKey = field(default_factory=es256.new_key)
    issuer: es256.PrivateKey = field(default_factory=es256.new_key)
    holder: es256.PrivateKey = field(default_factory=es256.new_key)
    statuses: StatusList = field(default_factory=lambda: StatusList(size=64))
    asserts: frozenset[str] = EVERYTHING
    idx: int = 5

    def trust(self, **key_changes: Any) -> TrustList:
        """The trust list, with changes to the issuer's key."""
        key = es256.public(self.issuer)
        dates = {"not_before": NOW - timedelta(days=30), "not_after": NOW + timedelta(days=300)}
        listed = ListedKey(**{"kid": key.kid, "key": key, **dates, **key_changes})
        return TrustList(
            iss=BASE,
            sub=f"{BASE}/passport/trust-list",
            iat=NOW - timedelta(hours=1),
            exp=NOW + timedelta(days=7),
            version=3,
            vct_base=BASE,
            status_prefixes=(f"{BASE}/passport/status-lists/",),
            issuers=(Issuer("RWJ", "Stockport NHS FT", (listed,), self.asserts),),
        )

    def list_token(self, at: datetime = NOW, key: es256.PrivateKey | None = None) -> str:
        """The status list as it was signed at a moment."""
        return self.statuses.token(key or self.issuer, uri=LIST, now=at)

    def known(self, *, list_at: datetime | None = NOW, **key_changes: Any) -> Known:
        """What a verifier knows, its status list fetched when it was signed."""
        return Known(
            trust=self.trust(**key_changes),
            policy=freshness_on(NOW.date()).policy,
            now=NOW,
            lists={LIST: self.list_token(list_at)} if list_at else {},
        )

    def gate(
        self,
        said: GateFacts | None = None,
        *,
        issued_at: datetime = NOW,
        with_status: bool = True,
        **shown: Any,
    ) -> str:
        """The text of the QR code that the holder shows at `NOW`."""
        cwt = issue_gate(
            said or facts(),
            key=self.issuer,
            ods="RWJ",
            holder=es256.public(self.holder),
            status=StatusAt(LIST, self.idx) if with_status else None,
            now=issued_at,
        )
        return show(cwt, **{"holder_key": self.holder, "now": NOW, **shown})

    def credential(self, kind: str = "professional_registration", **changes: Any) -> str:
        """A credential of that type, as issued."""
        claims = {
            "vct": vct(BASE, kind),
            "iat": int(NOW.timestamp()),
            "status": {"status_list": {"idx": self.idx, "uri": LIST}},
            "body": "NMC",
            "number": "01A2345N",
            "registration_status": "REGISTERED",
            "restrictions": [],
            "checked_at": NOW.isoformat(),
            "source": "REGISTER_API",
            **changes,
        }
        return sd_jwt.issue(
            claims,
            disclosable=["number"],
            key=self.issuer,
            header={"kid": es256.public(self.issuer).kid},
            holder=es256.public(self.holder),
        )

    def presented(
        self, *, audience: str = "x509_hash:b", nonce: str = "n-1", **changes: Any
    ) -> str:
        """The same, shown to a request."""
        return sd_jwt.present(
            self.credential(**changes),
            names=["number"],
            holder_key=self.holder,
            audience=audience,
            nonce=nonce,
            now=NOW,
        )
