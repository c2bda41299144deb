"""A virtual citizen ID card that answers APDUs like the real one."""
