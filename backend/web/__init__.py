"""Pages for people: what a phone sees after the QR of a receipt."""
