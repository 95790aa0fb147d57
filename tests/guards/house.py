"""Reads the source of both floors and says where the house rules are broken.

Each check takes modules and returns sentences, one for each breach; the tests feed them the
project and planted samples.
"""

import ast
import graphlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 40

ROOMS = ("foundations", "model", "rules", "actions", "wiring", "faces", "app")
"""From left to right; a room imports to its left, and the same or a more left room downstairs."""

ROOM_OF = {
    "model": "model",
    "rules": "rules",
    "actions": "actions",
    "wiring": "wiring",
    "web": "faces",
    "imports": "faces",
    "cli": "faces",
    "worker": "faces",
    "demo": "faces",
    "app": "app",
}
"""First name under the floor -> room; any other module there is a foundation."""

CLOCKS = frozenset({"passport.app", "bankhub.app", "bankhub.cli.shared"})
"""The modules that may read the system's clock; everywhere else `now` is an argument."""

RULES_MAY_USE = frozenset({"passport.errors", "passport.actors"})
"""Foundations that hold the values rules speak in: `Reason`, `Actor`."""

FRAMEWORKS = frozenset(
    ("sqlalchemy", "alembic", "psycopg", "flask", "flask_smorest", "werkzeug", "marshmallow")
)
WEB_FRAMEWORKS = FRAMEWORKS - {"sqlalchemy", "alembic", "psycopg"}
SQL_VERBS = frozenset({"select", "insert", "update", "delete", "text"})
CLOCK_READS = frozenset(
    ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "func.now")
)


@dataclass(frozen=True)
class Module:
    """One source file, by its dotted name."""

    name: str
    text: str
    is_package: bool = False
    tree: ast.Module = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", ast.parse(self.text))

    @property
    def floor(self) -> str:
        return self.name.split(".")[0]

    @property
    def room(self) -> str:
        parts = self.name.split(".")
        if len(parts) == 1:
            return "app"  # a floor's public names
        return ROOM_OF.get(parts[1], "foundations")


@dataclass(frozen=True)
class Import:
    """One imported thing: `name` is empty where the module itself is imported."""

    line: int
    module: str
    name: str = ""


def read(root: Path, *floors: str) -> list[Module]:
    """Every module of the named packages."""
    modules = []
    for path in sorted(path for floor in floors for path in (root / floor).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        modules.append(Module(name, path.read_text("utf-8"), is_package))
    return modules


def imports(module: Module, known: frozenset[str]) -> Iterator[Import]:
    """What the module imports, each resolved to a module of `known` where it is one."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                yield (
                    Import(node.lineno, whole)
                    if whole in known
                    else Import(node.lineno, source, alias.name)
                )


def all_names(modules: Iterable[Module]) -> frozenset[str]:
    return frozenset(module.name for module in modules)


def imports_to_the_right(modules: list[Module]) -> list[str]:
    """Rooms import to their left; passport never imports bankhub."""
    by_name = {module.name: module for module in modules}
    breaches: list[str] = []
    for module in modules:
        for found in imports(module, frozenset(by_name)):
            target = by_name.get(found.module)
            if target is None:
                continue
            where = f"{module.name}:{found.line} imports {found.module}"
            if module.floor == "passport" and target.floor == "bankhub":
                breaches.append(f"{where}: passport never asks bankhub")
            elif ROOMS.index(target.room) > ROOMS.index(module.room):
                breaches.append(f"{where}: {module.room} may not import {target.room}")
    return breaches


def rings(modules: list[Module]) -> list[str]:
    """No two modules import each other, directly or round a corner."""
    known = all_names(modules)
    graph = {
        module.name: {found.module for found in imports(module, known) if found.module in known}
        for module in modules
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as ring:
        return [f"import ring: {' -> '.join(ring.args[1])}"]
    return []


def mapped_classes(module: Module, inherited: frozenset[str] = frozenset({"Base"})) -> set[str]:
    """Names of the table classes a module defines."""
    found: set[str] = set()
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef):
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            if bases & (inherited | found):
                found.add(node.name)
    return found


def rules_that_reach_out(modules: list[Module]) -> list[str]:
    """Rules import rules, model values and `Reason` only: no framework, table or session."""
    known = all_names(modules)
    tables = {module.name: mapped_classes(module) for module in modules}
    breaches: list[str] = []
    for module in modules:
        if module.room != "rules":
            continue
        for found in imports(module, known):
            where = f"{module.name}:{found.line} imports {found.module} {found.name}".rstrip()
            if found.module.split(".")[0] in FRAMEWORKS:
                breaches.append(f"{where}: a framework in a rule")
            elif found.name in tables.get(found.module, set()):
                breaches.append(f"{where}: a table in a rule")
            elif not found.name and tables.get(found.module):
                breaches.append(f"{where}: a whole module with tables in a rule")
            elif _is_foundation(found.module, known) and found.module not in RULES_MAY_USE:
                breaches.append(f"{where}: a foundation other than {sorted(RULES_MAY_USE)}")
    return breaches


def _is_foundation(name: str, known: frozenset[str]) -> bool:
    return name in known and Module(name, "").room == "foundations"


def web_below_the_faces(modules: list[Module]) -> list[str]:
    """Model, rules and actions never see a request."""
    known = all_names(modules)
    return [
        f"{module.name}:{found.line} imports {found.module}: {module.room} never see a request"
        for module in modules
        if module.room in ("model", "rules", "actions")
        for found in imports(module, known)
        if found.module.split(".")[0] in WEB_FRAMEWORKS
    ]


def sql_in_faces(modules: list[Module]) -> list[str]:
    """Faces ask actions; only the demo, which builds a whole world at once, writes rows itself."""
    breaches: list[str] = []
    for module in modules:
        if module.room != "faces" or ".demo" in module.name:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
                verbs = {alias.name for alias in node.names} & SQL_VERBS
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                verbs = {node.attr} & SQL_VERBS if node.value.id in ("sa", "sqlalchemy") else set()
            else:
                continue
            breaches.extend(f"{module.name}:{node.lineno} builds SQL: {verb}" for verb in verbs)
    return breaches


def commits_in_actions(modules: list[Module]) -> list[str]:
    """The edge owns the transaction: actions never commit or roll back."""
    return [
        f"{module.name}:{node.lineno} calls {node.func.attr}()"
        for module in modules
        if module.room in ("rules", "actions")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("commit", "rollback")
    ]


def imports_inside_functions(modules: list[Module]) -> list[str]:
    """Imports stand at the top, where a reader and these checks see them; none is dynamic."""
    breaches: list[str] = []
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                breaches.extend(f"{module.name}:{n.lineno} imports in a function" for n in inner)
            elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
                breaches.append(f"{module.name}:{node.lineno} imports by name at run time")
    return sorted(set(breaches))


def _called(node: ast.Call) -> str:
    """The last name of what is called: `import_module` in `importlib.import_module(...)`."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def clock_reads(modules: list[Module]) -> list[str]:
    """Only the edges in `CLOCKS` read the clock or let the database read its own."""
    breaches: list[str] = []
    for module in modules:
        if module.name in CLOCKS:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute):
                owner = (
                    node.value.attr
                    if isinstance(node.value, ast.Attribute)
                    else (node.value.id if isinstance(node.value, ast.Name) else "")
                )
                if f"{owner}.{node.attr}" in CLOCK_READS:
                    breaches.append(f"{module.name}:{node.lineno} reads {owner}.{node.attr}")
    return breaches


def packages_with_code(modules: list[Module]) -> list[str]:
    """`__init__.py` holds a docstring only; `passport/__init__` may name what it offers."""
    breaches: list[str] = []
    for module in modules:
        extra = module.tree.body[1:] if module.is_package else []
        if module.name == "passport":
            extra = [n for n in extra if not isinstance(n, ast.ImportFrom | ast.Assign)]
        breaches.extend(f"{module.name}/__init__.py:{node.lineno} holds code" for node in extra)
    return breaches


def without_docstring(modules: list[Module]) -> list[str]:
    """Every module says what it is for."""
    return [f"{module.name} has no docstring" for module in modules if not _docstring(module)]


def _docstring(module: Module) -> str:
    return (ast.get_docstring(module.tree) or "").strip()


def too_long(modules: list[Module]) -> list[str]:
    """Files and functions stay short enough to be read at one go."""
    breaches: list[str] = []
    for module in modules:
        lines = len(module.text.splitlines())
        if lines > FILE_LINES:
            breaches.append(f"{module.name} has {lines} lines, more than {FILE_LINES}")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    breaches.append(
                        f"{module.name}:{node.lineno} {node.name} has {lines} lines,"
                        f" more than {FUNCTION_LINES}"
                    )
    return breaches


def one_door_to(library: str, door: str, modules: list[Module]) -> list[str]:
    """A library whose costs are kept in one module is imported there only."""
    known = all_names(modules)
    return [
        f"{module.name}:{found.line} imports {library}, which only {door} may"
        for module in modules
        if module.name != door
        for found in imports(module, known)
        if found.module.split(".")[0] == library
    ]
