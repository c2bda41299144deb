"""A declaration made elsewhere, in a QR code: which procedure, and answers to begin its form with.

`KHAI1:<procedure>:<base64url of zlib of a JSON object>`; the object maps field names to a text, a whole
number, true or false, or a list of texts. No signature: whoever has a printer can make one, so it only fills
fields a citizen could type, which they see, correct and agree to; it never sends anything and never stands
over what the card says. Described in docs/operations.md.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    Value = str | int | bool | list[str]

PREFIX = "KHAI1:"
MOST_BYTES = 16 * 1024
"""Of the JSON, unpacked: a code holds 3 kB, so more is a bomb."""
MOST_FIELDS = 120
LONGEST_VALUE = 500
_SPACES = re.compile(r"\r\n|[\t\n\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
"""A line break, or a space that is no plain one: an answer has one line, so each becomes a plain space."""
_PROCEDURE = re.compile(r"\d\.\d{6}(?:\.[A-Z0-9.]{1,24})?")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]-]{0,79}")
_PARTS = 3


class NotADeclarationError(ValueError):
    """The text began like a declaration and is none; `reason` says why, for staff."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def looks_like_declaration(text: str) -> bool:
    """Tell whether a text begins like a declaration."""
    return text.startswith(PREFIX)


def make_declaration(procedure: str, answers: Mapping[str, Value]) -> str:
    """Return the text of a code, for whoever makes such codes."""
    packed = zlib.compress(json.dumps(answers, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return f"{PREFIX}{procedure}:{base64.urlsafe_b64encode(packed).rstrip(b'=').decode()}"


def parse_declaration(text: str) -> tuple[str, dict[str, Value]]:
    """Return the procedure's code and the answers, each text in one line.

    Raises:
        NotADeclarationError: It is damaged, too large, or holds what no answer is.
    """
    parts = text.split(":")
    if len(parts) != _PARTS or not _PROCEDURE.fullmatch(parts[1]):
        raise NotADeclarationError("declaration_malformed")
    try:
        packed = base64.urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4))
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(packed, MOST_BYTES)
        answers = json.loads(raw.decode("utf-8")) if unpacker.eof else None
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise NotADeclarationError("declaration_malformed") from error
    if answers is None:
        raise NotADeclarationError(
            "declaration_too_large" if unpacker.unconsumed_tail else "declaration_malformed"
        )
    if not isinstance(answers, dict) or len(answers) > MOST_FIELDS:
        raise NotADeclarationError("declaration_malformed")
    plain = {name: _plain(value) for name, value in answers.items()}
    if not all(_FIELD.fullmatch(name) and _is_answer(value) for name, value in plain.items()):
        raise NotADeclarationError("declaration_odd_value")
    return parts[1], cast("dict[str, Value]", plain)


def _plain(value: object) -> object:
    """Return a text, or a list of them, as a form's one line takes it."""
    return [_in_one_line(one) for one in value] if isinstance(value, list) else _in_one_line(value)


def _in_one_line(value: object) -> object:
    return _SPACES.sub(" ", value) if isinstance(value, str) else value


def _is_answer(value: object) -> bool:
    if isinstance(value, list):
        return len(value) <= MOST_FIELDS and all(isinstance(one, str) and _is_answer(one) for one in value)
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE and value.isprintable()
    return isinstance(value, int) and abs(value) < 10**12
