"""The kiosk: one citizen, one visit, one screen at a time."""
