"""Where the demo plays: Greater Manchester. Names and ODS codes are facts of the ODS (NHS England,
Open Government Licence v3.0), retyped; the care home, the units' sizes and all people are invented.
"""

from dataclasses import dataclass

from bankhub.model.vocabulary import StaffGroup
from passport.model.organisations import OrganisationKind as Kind


@dataclass(frozen=True, slots=True)
class DemoSite:
    """A site and the units the demo gives it."""

    code: str
    name: str
    postcode: str
    latitude: float
    longitude: float
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """An organisation of the demo. `workers` is how many bank posts it has."""

    code: str
    name: str
    kind: Kind
    sites: tuple[DemoSite, ...] = ()
    workers: int = 0
    pcn: str = ""


ICB = DemoOrganisation("QOP", "NHS Greater Manchester Integrated Care Board", Kind.ICB)
REGION = DemoOrganisation("Y62", "North West", Kind.REGION)
PCN = DemoOrganisation("U99971", "Tame Valley PCN", Kind.PCN)

_ACUTE = ("Emergency Department", "Acute Medical Unit", "Intensive Care Unit", "Theatres")
_WARDS = ("Ward A1 Older People", "Ward B3 Respiratory", "Ward C6 Surgical", "Ward D2 Stroke")

TRUSTS = (
    DemoOrganisation(
        "RWJ",
        "Stockport NHS Foundation Trust",
        Kind.TRUST,
        (
            DemoSite(
                "RWJ09", "Stepping Hill Hospital", "SK2 7JE", 53.3838, -2.1320, _ACUTE + _WARDS
            ),
        ),
        330,
    ),
    DemoOrganisation(
        "R0A",
        "Manchester University NHS Foundation Trust",
        Kind.TRUST,
        (
            DemoSite("R0A02", "Manchester Royal Infirmary", "M13 9WL", 53.4617, -2.2249, _ACUTE),
            DemoSite("R0A07", "Wythenshawe Hospital", "M23 9LT", 53.3889, -2.2918, _WARDS),
        ),
        330,
    ),
    DemoOrganisation(
        "RM3",
        "Northern Care Alliance NHS Foundation Trust",
        Kind.TRUST,
        (
            DemoSite("RM301", "Salford Royal", "M6 8HD", 53.4875, -2.3234, _ACUTE),
            DemoSite("RW603", "Royal Oldham Hospital", "OL1 2JH", 53.5533, -2.1218, _WARDS[:3]),
        ),
        280,
    ),
    DemoOrganisation(
        "RMP",
        "Tameside and Glossop Integrated Care NHS Foundation Trust",
        Kind.TRUST,
        (
            DemoSite(
                "RMP01",
                "Tameside General Hospital",
                "OL6 9RW",
                53.4915,
                -2.0714,
                _ACUTE[:2] + _WARDS[:3],
            ),
        ),
        220,
    ),
    DemoOrganisation(
        "RMC",
        "Bolton NHS Foundation Trust",
        Kind.TRUST,
        (
            DemoSite(
                "RMC01",
                "Royal Bolton Hospital",
                "BL4 0JR",
                53.5540,
                -2.4299,
                _ACUTE[:3] + _WARDS[:2],
            ),
        ),
        220,
    ),
)

PRACTICES = tuple(
    DemoOrganisation(
        code,
        name,
        Kind.GP_PRACTICE,
        (DemoSite(code, name, postcode, latitude, longitude, ("General practice",)),),
        workers,
        PCN.code,
    )
    for code, name, postcode, latitude, longitude, workers in (
        ("P88005", "Family Surgery", "SK5 6RN", 53.4459, -2.1570, 14),
        ("P88011", "Heaton Norris Medical Practice", "SK4 1JX", 53.4165, -2.1679, 14),
        ("P88018", "Park View Group Practice", "SK5 6ET", 53.4455, -2.1606, 14),
        ("P88043", "Brinnington Surgery", "SK5 8BS", 53.4277, -2.1324, 14),
        ("P88615", "Vernon Park Surgery", "SK1 2EX", 53.4185, -2.1427, 14),
    )
)

CARE_HOME = DemoOrganisation(
    "VDEM1",
    "Brindle Lodge (invented care home)",
    Kind.SOCIAL_CARE,
    (DemoSite("VDEM101", "Brindle Lodge", "", 53.4100, -2.1500, ("Residential floor",)),),
    50,
)

EVERYWHERE = (*TRUSTS, *PRACTICES, CARE_HOME)

GROUPS_OF = {
    Kind.TRUST: (
        StaffGroup.NURSING_MIDWIFERY,
        StaffGroup.HCA,
        StaffGroup.MEDICAL_DENTAL,
        StaffGroup.AHP_STT,
    ),
    Kind.GP_PRACTICE: (StaffGroup.MEDICAL_DENTAL, StaffGroup.NURSING_MIDWIFERY),
    Kind.SOCIAL_CARE: (StaffGroup.HCA,),
}
