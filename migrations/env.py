"""Alembic for both floors: each has its own folder of versions and its own version table."""

from alembic import context

floor: str = context.config.attributes["floor"]
tables: frozenset[str] = context.config.attributes["tables"]
metadata = context.config.attributes["metadata"]
connection = context.config.attributes["connection"]


def include_object(item, name, kind, reflected, compare_to):  # type: ignore[no-untyped-def]
    """Only this floor's tables; PostgreSQL's exclusion constraints are not compared."""
    if kind == "table":
        return name in tables
    table = getattr(item, "table", None)
    return table is None or table.name in tables


def render_item(kind, item, autogen_context):  # type: ignore[no-untyped-def]
    """Write our column types as the plain ones beneath them."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=f"alembic_version_{floor}",
    include_object=include_object,
    render_item=render_item,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
