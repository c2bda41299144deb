"""What the screen of the form shows: one page, its questions, whose cards would help."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forms.ports import FieldSpec, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One question with its answer and what is wrong with it."""

    spec: FieldSpec
    title: str
    hint: str
    value: str | int | bool | list[str] | None = field(repr=False)
    shown: str = field(repr=False)
    """The value as a person reads it, masked where sensitive."""
    chip: str = ""
    """`Từ thẻ` where the card filled it, else empty."""
    locked: bool = False
    problem: str = field(default="", repr=False)
    warning: str = field(default="", repr=False)
    choices: tuple[tuple[str, str], ...] = ()
    """Code and text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillView:
    """One page of the form."""

    page: str
    page_number: int
    page_count: int
    title: str
    procedure: str
    fields: tuple[FieldView, ...]
    left: int
    """Required answers still missing on this page."""
    focus: str = ""
    """Field to go to, after an error."""
    places: tuple[Place, ...] = ()
    """What was found for the letters typed into a place field."""
    cards: tuple[tuple[str, str, bool], ...] = ()
    """Other people's cards that would fill something here: role, invitation, whether it was read."""
    audio: str = ""
    """Name of the recorded prompt of the page, if there is one."""
    row: bool = False
    """This page is one row of a list; `Tiếp tục` leads back to the list."""
