"""The on-screen keyboard and the digit pad; both type into the field that has the focus."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from kiosk_app.i18n import _
from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets import telex
from kiosk_app.ui.widgets.pads import REPEAT_DELAY_MS, REPEAT_MS, Key, KeyRows, Slot
from kiosk_app.ui.widgets.telex import Method

MARKED = "ăâđêôơư"
TONE_KEYS = "áàảãạ"
DIGITS = "1234567890"
LETTERS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
METHOD_NAMES = {Method.TELEX: "Telex", Method.VNI: "VNI", Method.DIRECT: "Abc"}
_ORDER = (Method.TELEX, Method.VNI, Method.DIRECT)


class TypingPad(KeyRows):
    """Keys that type into a line of text."""

    finished = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._line: QLineEdit | None = None
        self.keys: dict[str, Key] = {}

    def feed(self, line: QLineEdit | None) -> None:
        """Type into this line from now on, or into none."""
        self._line = line

    def press(self, name: str) -> None:
        """Press a key by its name: a character, or shift, space, backspace, method, done."""
        self.keys[name].click()

    def _edit(self, change: Callable[[str], str]) -> None:
        """Change what stands before the cursor; too long a text is left as it was."""
        line = self._line
        if line is None or line.isReadOnly():
            return
        if line.hasSelectedText():
            line.del_()
        at, text = line.cursorPosition(), line.text()
        before = change(text[:at])
        if len(before) + len(text) - at > line.maxLength():
            return
        line.setText(before + text[at:])
        line.setCursorPosition(len(before))

    def _backspace(self) -> None:
        line = self._line
        if line is not None and not line.isReadOnly():
            line.backspace()

    def _made(self, name: str, act: Callable[[], None], key: Key) -> Key:
        key.clicked.connect(act)
        self.keys[name] = key
        return key

    def _backspace_key(self) -> Key:
        key = Key(self.theme, "", icon="delete", spoken=_("Xóa một chữ"))
        key.setAutoRepeat(True)
        key.setAutoRepeatDelay(REPEAT_DELAY_MS)
        key.setAutoRepeatInterval(REPEAT_MS)
        return self._made("backspace", self._backspace, key)

    def _done_key(self) -> Key:
        return self._made("done", self.finished.emit, Key(self.theme, _("Xong"), kind="done"))


class DigitPad(TypingPad):
    """Ten digits, for numbers only."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        rows = [[Slot(key=self._digit(one)) for one in row] for row in ("123", "456", "789")]
        last = [self._backspace_key(), self._digit("0"), self._done_key()]
        self.set_rows([*rows, [Slot(key=key) for key in last]])

    def _digit(self, one: str) -> Key:
        def act() -> None:
            self._edit(lambda before: before + one)

        return self._made(one, act, Key(self.theme, one))


class Keyboard(TypingPad):
    """Vietnamese letters, tones, digits and QWERTY; reads Telex, VNI or the letters as they are.

    Args:
        numbers: Whether the row of digits is shown.
    """

    def __init__(self, theme: Theme, *, numbers: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._method = Method.TELEX
        self._shift = False
        self._names = False
        self._letters: dict[str, Key] = {}
        rows = [self._marked_row()]
        if numbers:
            rows.append([Slot(key=self._letter(one)) for one in DIGITS])
        rows.append([Slot(key=self._letter(one)) for one in LETTERS[0]])
        middle = [Slot(key=self._letter(one)) for one in LETTERS[1]]
        rows.append([Slot(share=0.45), *middle, Slot(share=0.45)])
        rows.append(self._shift_row())
        rows.append(self._space_row())
        self.set_rows(rows)

    @property
    def method(self) -> Method:
        """How letters are read now."""
        return self._method

    def feed(self, line: QLineEdit | None, *, names: bool = False) -> None:
        """Type into this line from now on.

        Args:
            line: The line, or None for none.
            names: Whether every word begins with a capital.
        """
        super().feed(line)
        self._names = names
        self._auto_shift()

    def set_method(self, method: Method) -> None:
        """Read letters as Telex, VNI or as they are."""
        self._method = method
        self.keys["method"].set_text(METHOD_NAMES[method])

    def _marked_row(self) -> list[Slot]:
        marked = [Slot(key=self._letter(one, kind="mark")) for one in MARKED]
        tones = [Slot(key=self._tone(number, look)) for number, look in enumerate(TONE_KEYS, 1)]
        return [*marked, Slot(share=0.2), *tones]

    def _shift_row(self) -> list[Slot]:
        shift = Key(self.theme, "", icon="arrow-big-up", spoken=_("Chữ hoa"))
        shift.setCheckable(True)
        self._made("shift", self._toggle_shift, shift)
        letters = [Slot(key=self._letter(one)) for one in LETTERS[2]]
        return [Slot(key=shift, share=1.5), *letters, Slot(key=self._backspace_key(), share=1.5)]

    def _space_row(self) -> list[Slot]:
        method = Key(self.theme, METHOD_NAMES[self._method], spoken=_("Kiểu gõ"))
        self._made("method", self._next_method, method)
        space = self._made("space", self._space, Key(self.theme, _("Dấu cách")))
        marks = {one: Slot(key=self._letter(one)) for one in ",./"}
        return [
            Slot(key=method, share=1.8),
            marks[","],
            Slot(key=space, share=3.2),
            marks["."],
            marks["/"],
            Slot(key=self._done_key(), share=2.4),
        ]

    def _letter(self, one: str, *, kind: str = "plain") -> Key:
        key = Key(self.theme, one, kind=kind)
        if one.isalpha():
            self._letters[one] = key

        def act() -> None:
            typed = one.upper() if self._shift else one
            method = Method.DIRECT if one in MARKED else self._method
            self._edit(lambda before: telex.press(before, typed, method=method))
            self._auto_shift()

        return self._made(one, act, key)

    def _tone(self, number: int, look: str) -> Key:
        names = (_("dấu sắc"), _("dấu huyền"), _("dấu hỏi"), _("dấu ngã"), _("dấu nặng"))

        def act() -> None:
            self._edit(lambda before: telex.tone(before, number))

        return self._made(look, act, Key(self.theme, look, spoken=names[number - 1], kind="mark"))

    def _space(self) -> None:
        self._edit(lambda before: before + " ")
        self._auto_shift()

    def _next_method(self) -> None:
        self.set_method(_ORDER[(_ORDER.index(self._method) + 1) % len(_ORDER)])

    def _toggle_shift(self) -> None:
        self._set_shift(up=not self._shift)

    def _auto_shift(self) -> None:
        if self._line is None:
            return
        before = self._line.text()[: self._line.cursorPosition()]
        self._set_shift(up=self._names and (not before or before.endswith(" ")))

    def _set_shift(self, *, up: bool) -> None:
        self.keys["shift"].setChecked(up)
        if up == self._shift:
            return
        self._shift = up
        for one, key in self._letters.items():
            key.set_text(one.upper() if up else one)
