"""The visit as plain Python: no Qt, no device, no clock of its own."""
