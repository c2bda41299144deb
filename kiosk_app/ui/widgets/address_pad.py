"""The keyboard for what is no language: addresses, numbers of networks, passwords. Every key types itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.i18n import _
from kiosk_app.ui.widgets.keyboard import DIGITS, LETTERS, TypingPad
from kiosk_app.ui.widgets.pads import Key, Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from kiosk_app.ui.theme import Theme

PLAIN = "!#$%&*+=?_"
SHIFTED = "()[]{}<>|~"
MARKS = ":/.-@"
SHIFTED_MARKS = ";\\,^'"


class AddressPad(TypingPad):
    """Digits, Latin letters and the signs of addresses and passwords; no Telex, no capitals by itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shift = False
        self._faces: list[tuple[Key, str, str]] = []
        shift = Key(theme, "", icon="arrow-big-up", spoken=_("Chữ hoa"))
        shift.setCheckable(True)
        self._made("shift", self._toggle, shift)
        space = self._made("space", lambda: self._type(" ", " "), Key(theme, _("Dấu cách")))
        self.set_rows(
            [
                self._row(PLAIN, SHIFTED),
                self._row(DIGITS, DIGITS),
                self._row(LETTERS[0], LETTERS[0].upper()),
                [Slot(share=0.45), *self._row(LETTERS[1], LETTERS[1].upper()), Slot(share=0.45)],
                [
                    Slot(key=shift, share=1.5),
                    *self._row(LETTERS[2], LETTERS[2].upper()),
                    Slot(key=self._backspace_key(), share=1.5),
                ],
                [
                    *self._row(MARKS, SHIFTED_MARKS),
                    Slot(key=space, share=2.6),
                    Slot(key=self._done_key(), share=2.4),
                ],
            ]
        )

    def _row(self, plain: Sequence[str], shifted: Sequence[str]) -> list[Slot]:
        return [Slot(key=self._key(one, other)) for one, other in zip(plain, shifted, strict=True)]

    def _key(self, plain: str, shifted: str) -> Key:
        key = self._made(plain, lambda: self._type(plain, shifted), Key(self.theme, plain))
        self._faces.append((key, plain, shifted))
        return key

    def _type(self, plain: str, shifted: str) -> None:
        sign = shifted if self._shift else plain
        self._edit(lambda before: before + sign)

    def _toggle(self) -> None:
        self._shift = not self._shift
        self.keys["shift"].setChecked(self._shift)
        for key, plain, shifted in self._faces:
            key.set_text(shifted if self._shift else plain)
