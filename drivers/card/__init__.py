"""The chip of the citizen ID card: PC/SC, APDUs, secure channels, data groups and their proof."""
