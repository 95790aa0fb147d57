"""Words of clearances: whose act clears an item, why it was decided, what a register says."""

from collections.abc import Mapping

from bankhub.actions.clearances.clearance_views import Checklist
from bankhub.model.clearances import SupervisionGround
from passport.model.register_words import Status

REGISTER_WORDS: Mapping[str, str] = {
    Status.REGISTERED: "Registered",
    Status.REGISTERED_WITH_LICENCE: "Registered with a licence to practise",
    Status.REGISTERED_NO_LICENCE: "Registered without a licence to practise",
    Status.PROVISIONAL: "Provisionally registered",
    Status.CONDITIONS: "Registered with conditions",
    Status.INTERIM_CONDITIONS: "Interim conditions",
    Status.UNDERTAKINGS: "Registered with undertakings",
    Status.WARNING: "Registered, with a warning",
    Status.CAUTION: "Registered, with a caution",
    Status.SUSPENDED: "Suspended",
    Status.INTERIM_SUSPENDED: "Suspended for the time being",
    Status.LAPSED: "Lapsed",
    Status.VOLUNTARILY_REMOVED: "Removed at their own wish",
    Status.STRUCK_OFF: "Struck off",
    Status.ADMIN_ERASED: "Erased for administrative reasons",
    Status.TEMPORARY_EMERGENCY: "On a temporary emergency register",
    Status.NOT_FOUND: "Not on the register",
}
GROUNDS: Mapping[SupervisionGround, str] = {
    SupervisionGround.RESTRICTION_READ: "I have read the restriction at the register",
    SupervisionGround.FITS_ROLE: "The role can be worked within it here",
    SupervisionGround.SUPERVISION_ARRANGED: "A registrant supervises on every shift",
    SupervisionGround.HOME_ASKED: "Their employer was asked, and agrees",
    SupervisionGround.REGULATOR_ASKED: "The regulator was asked, and has nothing against it",
}
BECAUSE = {
    "shown": "because they showed their passport",
    "register.checked": "because the register was looked at",
    "supervision.granted": "because two people decided",
    "supervision.ended": "because a decision was taken back",
    "day.passed": "because a day has passed",
    "fact.added": "because of a new fact on their record",
    "policy.adopted": "because the host’s policy changed",
    "person.linked": "because they confirmed another record as theirs",
    "person.unlinked": "because they no longer confirm another record as theirs",
}


def usual_status(body: str) -> Status:
    """What the register says of most people who may practise: its one-tap answer."""
    return Status.REGISTERED_WITH_LICENCE if body == "GMC" else Status.REGISTERED


def because_words(code: str) -> str:
    """Why it was decided when it was: by somebody, or by an event of that kind."""
    kind, _, deed = code.replace("_", " ").partition(".")
    return BECAUSE.get(code) or f"because of a change: {kind} {deed}".strip()


def doers_of(found: Checklist) -> dict[str, str]:
    """Whose act clears an item, in words for an office of the host or of the home organisation."""
    about = found.clearance
    return {
        "worker": "Tell them",
        "home": about.home.name if found.mine else "You",
        "host": "You" if found.mine else about.host.name,
    }
