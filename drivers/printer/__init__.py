"""The ticket printer: a ticket becomes dots, dots become ESC/POS, and the printer says how it went."""
