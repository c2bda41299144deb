"""Wire v1: what kiosks and phones may ask."""
