"""How Alembic reaches the database: always through a connection that `store.database.migrate` opened."""

from alembic import context

from backend.store.models import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata)
with context.begin_transaction():
    context.run_migrations()
