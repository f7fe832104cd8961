"""How alembic reaches the database: with our own engine, so that SQLite is set as everywhere."""

from alembic import context

from backend.accounts import models as _accounts
from backend.db import Base, create_database
from backend.jobs import models as _jobs
from backend.messages import models as _messages
from backend.shares import models as _shares
from backend.uploads import models as _uploads
from backend.voices import models as _voices

# Importing them makes their tables known.
TABLES = (_accounts, _jobs, _messages, _shares, _uploads, _voices)


def migrate() -> None:
    """Run the revisions in one transaction."""
    engine = create_database(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


migrate()
