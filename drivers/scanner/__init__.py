"""Document scanners and what turns their pictures into pages."""
