"""Rooms that grew are divided into areas: folders short enough to be read at a glance, where an
area asks another and is never asked back, directly or round a corner."""

import graphlib
from collections import Counter, defaultdict

from tests.guards.house import Module, all_names, imports

FOLDER_MODULES = 32


def area(name: str) -> tuple[str, str, str] | None:
    """Floor, room and area of a module by its dotted name; nothing for one that stands in its room
    itself, which every area may ask."""
    parts = name.split(".")
    return (parts[0], parts[1], parts[2]) if len(parts) > 3 else None


def rings_of_areas(modules: list[Module]) -> list[str]:
    """No two areas of a room import each other."""
    known = all_names(modules)
    asked: dict[tuple[str, str, str], set[tuple[str, str, str]]] = defaultdict(set)
    for module in modules:
        own = area(module.name)
        for found in imports(module, known):
            other = area(found.module)
            if own and other and other != own and other[:2] == own[:2]:
                asked[own].add(other)
    try:
        graphlib.TopologicalSorter(asked).prepare()
    except graphlib.CycleError as ring:
        return [f"ring of areas: {' -> '.join('.'.join(one) for one in ring.args[1])}"]
    return []


def crowded(modules: list[Module]) -> list[str]:
    """A folder holds no more modules than can be read at a glance."""
    held = Counter(module.name.rpartition(".")[0] for module in modules if not module.is_package)
    return [
        f"{folder} holds {count} modules, more than {FOLDER_MODULES}"
        for folder, count in held.items()
        if count > FOLDER_MODULES
    ]
