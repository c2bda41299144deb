"""What is said when a screen is read aloud: what it asks and what can be touched, never what was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtWidgets import QWidget

from drivers.ports import Said
from kiosk_app.ui.widgets.big_number import BigNumber
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import InfoCard, NoteBar
from kiosk_app.ui.widgets.text import Text, plain
from kiosk_app.ui.widgets.tiles import TileButton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk_app.ui.widgets.frame import ScreenFrame

W = TypeVar("W", bound=QWidget)
TOLD_ROLES: Final = frozenset({"h1", "lead"})
"""Lettering of sentences that stand by themselves; smaller words explain, or are somebody's answers."""


def prompt_of(*parts: str) -> str:
    """Return the name of the recorded prompt for something the program names: `scan-judged`, `page-glare`."""
    return "-".join(part for part in parts if part).replace("_", "-").replace(".", "-")


def notices(frame: ScreenFrame) -> list[Said]:
    """Return the notices that are seen, those of the flow with their own prompts."""
    slots = _seen(frame, NoticeSlot)
    bars = [bar for bar in _seen(frame, NoteBar) if not any(slot.isAncestorOf(bar) for slot in slots)]
    told = [Said(prompt=prompt_of(slot.code()), text=slot.accessibleName()) for slot in slots]
    return told + [Said(text=bar.accessibleName()) for bar in bars]


def told(frame: ScreenFrame) -> list[Said]:
    """Return what the body tells in large letters, the big number, and the lines under it."""
    words = [
        part.text()
        for part in _seen_parts(frame, Text)
        if part.role in TOLD_ROLES and plain(part.text()) not in map(plain, frame.words())
    ]
    numbers = [number.accessibleName() for number in _seen(frame, BigNumber)]
    lines = [line.text() for card in _seen_parts(frame, InfoCard) for line in card.lines]
    return [Said(text=sentence([text])) for text in (*words, *numbers, *lines) if text]


def ways(frame: ScreenFrame) -> list[Said]:
    """Return what can be touched: the tiles in order, then the buttons that lead on and back."""
    tiles = [tile.spoken() for tile in _seen(frame, TileButton)]
    buttons = [button for button in (frame.right_button, frame.left_button) if button and button.isVisible()]
    return [Said(text=words) for words in (*tiles, *(button.spoken() for button in buttons)) if words]


def title(frame: ScreenFrame, prompt: str) -> Said:
    """Return the question of the screen and the sentence beside or under it."""
    return Said(prompt=prompt, text=sentence(frame.words()))


def sentence(words: Sequence[str]) -> str:
    """Return words as one text with a rest after each part."""
    parts = [plain(part).strip() for part in words]
    return " ".join(part if part[-1] in ".?!:…" else f"{part}." for part in parts if part)


def _seen_parts(frame: ScreenFrame, kind: type[W]) -> list[W]:
    return [part for part in frame.findChildren(kind) if part.isVisible()]


def _seen(frame: ScreenFrame, kind: type[W]) -> list[W]:
    return [part for part in _seen_parts(frame, kind) if part.accessibleName()]
