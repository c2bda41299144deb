"""What the tests ask of SANE's own `test` backend."""

from __future__ import annotations

FEEDER = "Automatic Document Feeder"
SLOW = (
    "--read-delay=yes",
    "--read-delay-duration",
    "200000",
    "--read-limit=yes",
    "--read-limit-size",
    "4096",
)
"""A side takes minutes."""
