"""How alembic reaches the database: with our own engine, so that SQLite is set as everywhere."""

from typing import Any

from alembic import context
from sqlalchemy import event

from backend.db import create_database
from backend.tables import METADATA


def migrate() -> None:
    """Run the revisions in one transaction."""
    engine = create_database(context.config.attributes["url"])
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _let_tables_be_replaced)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


def _let_tables_be_replaced(connection: Any, _record: Any) -> None:
    # SQLite changes a column by copying its table and dropping the old one. With foreign keys on,
    # dropping it deletes every row that cascades from it.
    connection.execute("PRAGMA foreign_keys=OFF")


migrate()
