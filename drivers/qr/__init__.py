"""Codes: pictures and scanners to text, text to what it means."""
