"""What kiosks sync to: one machine with SQLite and a folder, or PostgreSQL and an object store."""
