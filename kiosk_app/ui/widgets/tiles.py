"""Tiles: the large things to choose from, as squares or as rows."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from kiosk_app.ui.icons import icon as picture
from kiosk_app.ui.theme import TextStyle, Theme
from kiosk_app.ui.widgets.pressable import Face, Pressable
from kiosk_app.ui.widgets.text import Lettering, lowered, measure, plain, word_width

BOLD = 700


class TileButton(Pressable):
    """A service to choose: icon or letter, title, one line that explains.

    Standing it is 364 high; as a row it lies across the page. Where the text is enlarged a standing
    tile becomes a row by itself, so that nothing is cut.
    """

    def __init__(
        self,
        theme: Theme,
        title: str,
        subtitle: str = "",
        *,
        icon: str = "",
        mark: str = "",
        trailing: tuple[str, str] = ("", ""),
        filled: bool = False,
        row: bool = False,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self.subtitle = subtitle
        self.icon_name = icon
        self._mark = mark
        self._trailing = trailing
        self._filled = filled
        self._compact = compact
        self._row = row or compact or not theme.wide
        super().__init__(theme, title, parent)

    def spoken(self) -> str:
        """Return what a screen reader says."""
        parts = (self._mark, self.text(), self.subtitle, " ".join(self._trailing).strip())
        return plain(". ".join(part for part in parts if part))

    def face(self) -> Face:
        """Return how the tile looks now."""
        colour, shape = self.theme.palette, self.theme.shape
        if not self.isEnabled():
            return Face(
                ground=colour.locked,
                ink=colour.soft,
                border=colour.line,
                border_px=shape.hairline,
                radius=shape.tile,
            )
        filled = self._filled
        return Face(
            ground=colour.main if filled else colour.card,
            ink=colour.on_main if filled else colour.ink,
            border=colour.main_dark if filled else colour.line,
            border_px=shape.hairline,
            lip=colour.main_dark if filled else colour.line,
            lip_px=shape.tile_lip,
            radius=shape.tile,
        )

    def widths(self) -> tuple[int, int]:
        """Return the least width and the width without any wrapping, in pixels."""
        frame = self._left() + self._pad() + self._trailing_width()
        least = word_width(self.text(), self._title_style(), weight=BOLD)
        title = measure(self.text(), self._title_style(), weight=BOLD).width()
        below = measure(self._below(), self._below_style()).width()
        return least + frame, max(title, below) + frame

    def height_at(self, width: int) -> int:
        """Return the height in pixels the content needs at a width."""
        title, below = self._words(width)
        words = title.height + (self._gap() + below.height if below else 0)
        lip = self.theme.shape.tile_lip
        if self._row:
            return max(self._least_row(), words + 2 * self.theme.space.block + lip)
        pad = self.theme.space.inside_tile
        return max(self.theme.size.tile, 2 * pad + self.theme.size.icon_box + words + lip)

    def draw_content(self, painter: QPainter, area: QRect, face: Face) -> None:
        """Draw icon or letter, title, explanation and what stands at the right."""
        title, below = self._words(area.width())
        words = title.height + (self._gap() + below.height if below else 0)
        if self._row:
            top = title.top_in(area.top(), area.height(), below=words - title.height)
            self._draw_sign(painter, area.left() + self._pad(), area.center().y() - self._box() // 2)
        else:
            pad = self.theme.space.inside_tile
            top = area.bottom() - pad + self.theme.space.rhythm - words
            self._draw_sign(painter, area.left() + pad, area.top() + pad)
        x = area.left() + self._left()
        title.draw(painter, x, top, face.ink)
        if below:
            soft = face.ink if self._filled or not self.isEnabled() else self.theme.palette.soft
            below.draw(painter, x, top + title.height + self._gap(), soft)
        self._draw_trailing(painter, area, face)

    def _gap(self) -> int:
        return 0 if self._row else self.theme.space.rhythm

    def _title_style(self) -> TextStyle:
        kinds = self.theme.type
        return kinds.lead if self._compact else kinds.tile

    def _below_style(self) -> TextStyle:
        return self.theme.type.hint

    def _below(self) -> str:
        return self.reason if self.reason and not self.isEnabled() else self.subtitle

    def _least_row(self) -> int:
        return self.theme.size.choice + self.theme.space.rhythm if self._compact else self.theme.size.row

    def _pad(self) -> int:
        return self.theme.space.block if self._compact else self.theme.space.inside_tile

    def _box(self) -> int:
        return self.theme.size.icon_box * 4 // 5 if self._compact else self.theme.size.icon_box

    def _left(self) -> int:
        if not self._row:
            return self.theme.space.inside_tile
        sign = self._box() + self.theme.space.block if self.icon_name or self._mark else 0
        return self._pad() + sign

    def _words(self, width: int) -> tuple[Lettering, Lettering | None]:
        inner = max(1, width - self._left() - self._pad() - self._trailing_width())
        title = Lettering(self.text(), self._title_style(), inner, weight=BOLD)
        below = Lettering(self._below(), self._below_style(), inner) if self._below() else None
        return title, below

    def _trailing_width(self) -> int:
        number, word = self._trailing
        if not number and not word:
            return 0
        wide = max(
            measure(number, self.theme.type.tile).width(), measure(word, self.theme.type.label).width()
        )
        return wide + self.theme.space.block

    def _draw_sign(self, painter: QPainter, x: int, y: int) -> None:
        box, colour = self._box(), self.theme.palette
        ink = colour.main if self.isEnabled() else colour.soft
        if self._mark:
            style = TextStyle(px=box * 4 // 5, weight=800)
            letter = Lettering(self._mark, style, box)
            letter.draw(painter, x, y + (box - letter.height) // 2 - lowered(style), ink, centred_in=box)
            return
        if not self.icon_name:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.tint))
        painter.drawRoundedRect(QRectF(x, y, box, box), self.theme.shape.button, self.theme.shape.button)
        px = box * 5 // 8
        shift = (box - px) // 2
        painter.drawPixmap(x + shift, y + shift, picture(self.icon_name, ink, px))

    def _draw_trailing(self, painter: QPainter, area: QRect, face: Face) -> None:
        number, word = self._trailing
        if not number and not word:
            return
        kinds = self.theme.type
        regular = TextStyle(px=kinds.label.px, weight=400)
        first = Lettering(number, kinds.tile, self._trailing_width())
        second = Lettering(word, regular, self._trailing_width())
        right = area.right() - self._pad()
        top = first.top_in(area.top(), area.height(), below=second.height)
        first.draw(painter, right - first.width, top, face.ink)
        second.draw(painter, right - second.width, top + first.height, self.theme.palette.soft)
