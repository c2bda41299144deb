"""Devices that behave and misbehave on script, speaking the bytes of the real ones."""
