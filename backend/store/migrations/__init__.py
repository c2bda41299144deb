"""Alembic: the schema, forward only."""
