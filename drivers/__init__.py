"""Devices of the kiosk: what each promises (`ports`), how each fails (`errors`), and simulated ones."""
