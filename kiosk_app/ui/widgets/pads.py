"""What lies under the fields while one is filled: rows of keys, and the screen that makes room."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.ui.icons import icon as picture
from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.pressable import Face, Pressable
from kiosk_app.ui.widgets.text import Lettering, measure

REPEAT_DELAY_MS = 500
REPEAT_MS = 90


class PadHost(QWidget):
    """A screen that can show a pad, or a page to choose from, for one of its fields."""

    def close_pad(self) -> None:
        """Take the pad away."""
        raise NotImplementedError

    def open_page(self, page: QWidget) -> None:
        """Show a page in place of the screen's middle until it is closed."""
        raise NotImplementedError

    def close_page(self) -> None:
        """Go back to the screen's own middle and delete the page."""
        raise NotImplementedError


def host_of(widget: QWidget) -> PadHost | None:
    """Return the screen a field lies on."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, PadHost):
        above = above.parentWidget()
    return above


class Key(Pressable):
    """One key; it never takes the focus from the field it types into."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        icon: str = "",
        spoken: str = "",
        kind: str = "plain",
        parent: QWidget | None = None,
    ) -> None:
        self._icon = icon
        self._spoken = spoken
        self._kind = kind
        super().__init__(theme, text, parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def spoken(self) -> str:
        """Return what a screen reader says."""
        return self._spoken or self.text()

    def face(self) -> Face:
        """Return how the key looks now: plain, mark (gold), done (black) or chosen."""
        colour, shape = self.theme.palette, self.theme.shape
        chosen = self.isChecked()
        ground = {"plain": colour.card, "mark": colour.gold_tint, "done": colour.ink}[self._kind]
        return Face(
            ground=colour.tint if chosen else ground,
            ink=colour.ground if self._kind == "done" else colour.on_tint if chosen else colour.ink,
            border=colour.main if chosen else colour.edge,
            border_px=shape.field_border if chosen else shape.hairline,
            lip=colour.main if chosen else colour.edge,
            lip_px=shape.key_lip,
            radius=shape.key,
        )

    def widths(self) -> tuple[int, int]:
        """Return the least and the natural width in pixels; rows decide the real one."""
        natural = measure(self.text(), self.theme.type.key).width() + 2 * self.theme.space.rhythm
        return min(natural, self.theme.size.key // 2), natural

    def height_at(self, width: int) -> int:
        """Return the height of every key in pixels."""
        del width
        return self.theme.size.key

    def draw_content(self, painter: QPainter, area: QRect, face: Face) -> None:
        """Draw the letter, the word or the icon, smaller where the word is long."""
        if self._icon:
            px = self.theme.size.icon
            x = area.left() + (area.width() - px) // 2
            painter.drawPixmap(x, area.top() + (area.height() - px) // 2, picture(self._icon, face.ink, px))
            return
        style = self.theme.type.key
        weight = 700 if self._kind == "done" else style.weight
        if len(self.text()) > 2:  # noqa: PLR2004 - a word, not a letter or a day
            style = self.theme.type.key_word
        words = Lettering(self.text(), style, max(1, area.width()), weight=weight)
        top = words.top_in(area.top(), area.height())
        words.draw(painter, area.left(), top, face.ink, centred_in=area.width())


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A key and how wide it is; a slot without a key is a gap."""

    key: Key | None = None
    share: float = 1.0


class KeyRows(QWidget):
    """Rows of keys on the locked ground, as wide as the place allows."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._rows: tuple[tuple[Slot, ...], ...] = ()
        self.setObjectName("pad")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_rows(self, rows: Sequence[Sequence[Slot]]) -> None:
        """Show other rows; keys no longer wanted are deleted by the caller."""
        self._rows = tuple(tuple(row) for row in rows)
        for row in self._rows:
            for slot in row:
                if slot.key is not None:
                    slot.key.setParent(self)
                    slot.key.show()
        self.updateGeometry()
        self._place()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height of the rows."""
        gap, count = self.theme.space.key_gap, len(self._rows)
        return QSize(400, count * self.theme.size.key + max(0, count - 1) * gap + 2 * self._edge())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same height."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Place the keys anew."""
        super().resizeEvent(event)
        self._place()

    def _edge(self) -> int:
        return self.theme.space.block - self.theme.space.grid

    def _place(self) -> None:
        gap, high = self.theme.space.key_gap, self.theme.size.key
        inner = self.width() - 2 * self.theme.space.block
        top = self._edge()
        for row in self._rows:
            shares = sum(slot.share for slot in row)
            unit = (inner - gap * (len(row) - 1)) / shares if shares else 0.0
            left = float(self.theme.space.block)
            for slot in row:
                wide = unit * slot.share
                if slot.key is not None:
                    slot.key.setGeometry(round(left), top, round(left + wide) - round(left), high)
                left += wide + gap
            top += high + gap
