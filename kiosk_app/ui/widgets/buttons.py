"""Buttons with words: the primary action, the way back, answers, choices and the strip."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from kiosk_app.ui.icons import icon as picture
from kiosk_app.ui.theme import TextStyle, Theme
from kiosk_app.ui.widgets.pressable import Face, Pressable
from kiosk_app.ui.widgets.text import UNBOUND, Lettering, measure, word_width

MEDIUM = 600  # words on outlined buttons weigh less than on the primary one


class WordButton(Pressable):
    """Words, with an icon at one side, in the middle of a button."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        icon: str = "",
        icon_left: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        self.icon_name = icon
        self.icon_left = icon_left
        self._laid: dict[int, tuple[Lettering, bool]] = {}  # by width
        super().__init__(theme, text, parent)

    leaning = False  # whether icon and words stand at the left instead of in the middle

    def set_icon(self, name: str) -> None:
        """Show another icon, or none for an empty name."""
        self.icon_name = name
        self.remeasure()

    def style_(self) -> TextStyle:
        """Return the lettering of the words."""
        return self.theme.type.button

    def weight(self) -> int:
        """Return the weight of the words."""
        return MEDIUM

    def least_height(self) -> int:
        """Return the height in pixels with one line of words."""
        return self.theme.size.button

    def padding(self) -> int:
        """Return the space in pixels left and right of the content."""
        return self.theme.space.block

    def icon_px(self) -> int:
        """Return the size of the icon in pixels."""
        return round(self.style_().px * 1.1)

    def icon_colour(self, face: Face) -> str:
        """Return the colour of the icon."""
        return face.ink

    def widths(self) -> tuple[int, int]:
        """Return the least width and the width without any wrapping, in pixels."""
        pad = 2 * self.padding()
        words = measure(self.text(), self.style_(), weight=self.weight()).width()
        least = word_width(self.text(), self.style_(), weight=self.weight())
        return least + pad, words + pad + self._icon_room()

    def height_at(self, width: int) -> int:
        """Return the height in pixels the content needs at a width."""
        words, _with_icon = self._letter(width)
        content = words.height + self._reason_height(width) + 2 * self.theme.space.rhythm
        return max(self.least_height(), content + self.face().lip_px)

    def draw_content(self, painter: QPainter, area: QRect, face: Face) -> None:
        """Draw icon, words and, when disabled, the reason."""
        words, with_icon = self._letter(area.width())
        room = self._icon_room() if with_icon else 0
        reason = self._reason(area.width())
        high = words.height + (reason.height if reason else 0)
        top = words.top_in(area.top(), area.height(), below=high - words.height)
        left = area.left() + (area.width() - words.width - room) // 2
        if self.leaning:
            left = area.left() + self.theme.space.inside_tile
        if with_icon:
            side = left if self.icon_left else left + words.width + room - self.icon_px()
            y = area.top() + (area.height() - high) // 2 + (words.height - self.icon_px()) // 2
            painter.drawPixmap(side, y, picture(self.icon_name, self.icon_colour(face), self.icon_px()))
        x = left + room if self.icon_left else left
        words.draw(painter, x, top, face.ink, centred_in=words.width)
        if reason:
            inner = area.width() - 2 * self.padding()
            reason.draw(painter, area.left() + self.padding(), top + words.height, face.ink, centred_in=inner)

    def _icon_room(self) -> int:
        return self.icon_px() + self.theme.space.block if self.icon_name else 0

    def _letter(self, width: int) -> tuple[Lettering, bool]:
        """Lay the words out; an icon that would make them wrap is left away."""
        if width not in self._laid:
            pad, room = 2 * self.padding(), self._icon_room()
            inner = max(1, width - pad)
            least, natural = (wide - pad for wide in self.known_widths())
            natural -= room
            wraps_anyway = natural > inner and least <= inner - room
            keep = bool(self.icon_name) and (natural <= inner - room or wraps_anyway)
            words = Lettering(
                self.text(), self.style_(), inner - room if keep else inner, weight=self.weight()
            )
            self._laid[width] = words, keep
        return self._laid[width]

    def remeasure(self) -> None:
        """Forget the laid out words too."""
        self._laid.clear()
        super().remeasure()

    def _reason(self, width: int) -> Lettering | None:
        if self.isEnabled() or not self.reason:
            return None
        return Lettering(self.reason, self.theme.type.small, max(1, width - 2 * self.padding()))

    def _reason_height(self, width: int) -> int:
        reason = self._reason(width)
        return reason.height if reason else 0

    def disabled_face(self) -> Face:
        """Return the locked look."""
        colour, shape = self.theme.palette, self.theme.shape
        return Face(
            ground=colour.locked,
            ink=colour.soft,
            border=colour.line,
            border_px=shape.field_border,
            radius=shape.button,
        )


class PrimaryButton(WordButton):
    """The one strong thing on a screen: what to do next."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        icon: str = "",
        icon_left: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, text, icon=icon, icon_left=icon_left, parent=parent)

    def weight(self) -> int:
        """Return the weight of the words."""
        return self.style_().weight

    def face(self) -> Face:
        """Return how the button looks now."""
        if not self.isEnabled():
            return self.disabled_face()
        colour, shape = self.theme.palette, self.theme.shape
        return Face(
            ground=colour.main,
            ink=colour.on_main,
            lip=colour.main_dark,
            lip_px=shape.button_lip,
            radius=shape.button,
        )


class SecondaryButton(WordButton):
    """An outlined button: the way back, or a small action inside a card."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        icon: str = "",
        icon_left: bool = True,
        small: bool = False,
        tinted: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self._small = small
        self._tinted = tinted
        self.leaning = tinted
        super().__init__(theme, text, icon=icon, icon_left=icon_left, parent=parent)

    def style_(self) -> TextStyle:
        """Return the lettering of the words."""
        kinds = self.theme.type
        return kinds.body if self._small or self._tinted else kinds.button

    def least_height(self) -> int:
        """Return the height in pixels with one line of words."""
        return self.theme.size.small_button if self._small else super().least_height()

    def icon_px(self) -> int:
        """Return the size of the icon in pixels."""
        return self.theme.size.icon_tile if self._tinted else super().icon_px()

    def icon_colour(self, face: Face) -> str:
        """Return the colour of the icon."""
        return self.theme.palette.main if self._tinted and self.isEnabled() else face.ink

    def face(self) -> Face:
        """Return how the button looks now."""
        if not self.isEnabled():
            return self.disabled_face()
        colour, shape = self.theme.palette, self.theme.shape
        return Face(
            ground=colour.card,
            ink=colour.ink,
            border=colour.edge,
            border_px=shape.field_border,
            radius=shape.button,
        )


class EqualButton(SecondaryButton):
    """One of two answers that weigh the same: consent is not nudged."""


class ChoiceButton(WordButton):
    """One of a few answers; the chosen one is tinted, framed and ticked."""

    def __init__(self, theme: Theme, text: str, *, parent: QWidget | None = None) -> None:
        super().__init__(theme, text, parent=parent)
        self.setCheckable(True)
        self.toggled.connect(self._tick)

    def style_(self) -> TextStyle:
        """Return the lettering of the words."""
        return self.theme.type.field

    def least_height(self) -> int:
        """Return the height in pixels with one line of words."""
        return self.theme.size.choice

    def face(self) -> Face:
        """Return how the button looks now."""
        if not self.isEnabled():
            return self.disabled_face()
        colour, shape = self.theme.palette, self.theme.shape
        chosen = self.isChecked()
        return Face(
            ground=colour.tint if chosen else colour.card,
            ink=colour.on_tint if chosen else colour.ink,
            border=colour.main if chosen else colour.edge,
            border_px=shape.active_border if chosen else shape.field_border,
            radius=shape.button,
        )

    def _tick(self) -> None:
        self.set_icon("check" if self.isChecked() else "")


class StripButton(Pressable):
    """One service of the strip: an icon over its word."""

    def __init__(
        self, theme: Theme, text: str, *, icon: str, strong: bool = False, parent: QWidget | None = None
    ) -> None:
        self.icon_name = icon
        self._strong = strong
        super().__init__(theme, text, parent)

    def _weight(self) -> int:
        return 700 if self._strong else self.theme.type.strip.weight

    def face(self) -> Face:
        """Return how the button looks now."""
        colour = self.theme.palette
        strong = colour.main if self._strong else colour.ink
        return Face(ground=colour.card, ink=strong if self.isEnabled() else colour.soft)

    def widths(self) -> tuple[int, int]:
        """Return the least width and the width without any wrapping, in pixels."""
        style = self.theme.type.strip
        words = measure(self.text(), style, weight=self._weight()).width()
        return words, words + self.theme.space.rhythm

    def height_at(self, width: int) -> int:
        """Return the height in pixels the content needs at a width."""
        del width
        return 88

    def draw_content(self, painter: QPainter, area: QRect, face: Face) -> None:
        """Draw icon and word."""
        px = self.theme.size.icon
        words = Lettering(self.text(), self.theme.type.strip, UNBOUND, weight=self._weight())
        top = area.top() + (area.height() - px - words.height) // 2
        left = area.left() + (area.width() - px) // 2
        painter.drawPixmap(left, top, picture(self.icon_name, face.ink, px))
        words.draw(painter, area.left(), top + px, face.ink, centred_in=area.width())
