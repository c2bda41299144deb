"""What happens while a form with several people is filled: rows come and go, others' cards are put in."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk_app.flow.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAdded(Event):
    """One more person is listed in the repeating panel that a field counts."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOpened(Event):
    """One of the listed people is to be filled or changed; rows are counted from 0."""

    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRemoved(Event):
    """One of the listed people was taken away; rows are counted from 0."""

    name: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCardAsked(Event):
    """Another person's card is to be put in: the father's, a member's of the household."""

    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCleared(Event):
    """Whether the last person's card was taken out within the turn."""

    empty: bool
