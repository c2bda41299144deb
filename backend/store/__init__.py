"""What the backend keeps in its database: kiosks, dossiers, codes, look-ups."""
