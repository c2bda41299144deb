"""How forms fail: a citizen's mistake is a `Problem`, never an exception; these are the makers' mistakes."""

from __future__ import annotations

from typing import ClassVar


class FormError(Exception):
    """A form could not be loaded or used."""

    code: ClassVar[str] = "form.failed"


class DefinitionError(FormError):
    """A definition file is wrong. The message names the file, the path in it, what was found and expected."""

    code = "form.definition"

    def __init__(self, *, file: str, path: str, found: str, expected: str) -> None:
        super().__init__(f"{file}: {path}: found {found}, expected {expected}")
        self.file = file
        self.path = path
        self.found = found
        self.expected = expected


class UnknownProcedureError(FormError):
    """No procedure has this code, or it has no form on this kiosk."""

    code = "form.unknown_procedure"


class UnknownFieldError(FormError):
    """An answer names a field the form does not have."""

    code = "form.unknown_field"
