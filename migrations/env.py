"""Alembic for both floors: each has its own folder of versions and its own version table."""

from alembic import context

settings = context.config.attributes
tables = settings["tables"]


def include_object(item, name, kind, reflected, compare_to):
    """Only this floor's tables. What only PostgreSQL has is written by hand and not compared."""
    if kind == "table":
        return name in tables
    table = getattr(item, "table", None)
    return table is None or table.name in tables


def render_item(kind, item, autogen_context):
    """Write our column types as the plain ones beneath them."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "JSON":
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    if kind == "type" and type(item).__name__ == "Enum":
        return f"sa.String(length={item.length})"
    return False


context.configure(
    connection=settings["connection"],
    target_metadata=settings["metadata"],
    version_table=f"alembic_version_{settings['floor']}",
    include_object=include_object,
    render_item=render_item,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
