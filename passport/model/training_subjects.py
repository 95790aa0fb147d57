"""Titles of the subjects of mandatory training that this floor knows by code.

The eleven subjects of the Core Skills Training Framework (England), resuscitation by whom it is
for, and the statutory training on learning disability and autism.
"""

from collections.abc import Mapping

SUBJECT_TITLES: Mapping[str, str] = {
    "CR": "Conflict resolution",
    "EDHR": "Equality, diversity and human rights",
    "FIRE": "Fire safety",
    "HSW": "Health, safety and welfare",
    "IG": "Information governance and data security",
    "IPC": "Infection prevention and control",
    "MH": "Moving and handling",
    "PREV": "Preventing radicalisation",
    "RESUS": "Resuscitation",
    "RESUS_ADULT": "Resuscitation of adults",
    "RESUS_CHILD": "Resuscitation of children",
    "RESUS_NEWBORN": "Resuscitation of newborns",
    "SGA": "Safeguarding adults",
    "SGC": "Safeguarding children",
    "OMMT": "Oliver McGowan training on learning disability and autism",
}
NOT_CSTF = frozenset({"OMMT"})
"""Subjects that have a framework of their own."""
