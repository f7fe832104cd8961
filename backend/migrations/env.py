"""How alembic reaches the database: with our own engine, so that SQLite is set as everywhere."""

from alembic import context

from backend.db import create_database
from backend.tables import METADATA


def migrate() -> None:
    """Run the revisions in one transaction."""
    engine = create_database(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


migrate()
