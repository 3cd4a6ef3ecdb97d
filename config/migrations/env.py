"""Alembic's door: runs the numbered migrations on the connection it is handed."""

from alembic import context

from config.database import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
