"""The first screen: four things a person may have come for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout

from kiosk_app.flow.events import CopyAsked, Went
from kiosk_app.flow.steps import Step
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.notices import NoteBar
from kiosk_app.ui.widgets.pressable import Face
from kiosk_app.ui.widgets.screen import Screen
from kiosk_app.ui.widgets.tiles import TileButton

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk_app.flow.steps import WelcomeView
    from kiosk_app.ui.theme import Theme
    from kiosk_app.ui.widgets.screen import ScreenContext


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tile:
    name: str
    title: str
    subtitle: str
    icon: str
    to: Step


def _tiles() -> tuple[_Tile, ...]:
    return (
        _Tile(
            name="submit",
            title=_("Nộp hồ sơ"),
            subtitle=_("Thẻ căn cước tự điền tờ khai"),
            icon="file-plus",
            to=Step.CHOOSE,
        ),
        _Tile(
            name="take_number",
            title=_("Lấy số thứ tự"),
            subtitle=_("Chờ đến quầy, không cần khai gì"),
            icon="ticket",
            to=Step.TAKE_NUMBER,
        ),
        _Tile(
            name="look_up",
            title=_("Tra cứu hồ sơ"),
            subtitle=_("Đưa mã trên giấy hẹn vào máy quét"),
            icon="qr-code",
            to=Step.LOOK_UP,
        ),
        _Tile(
            name="procedures",
            title=_("Thủ tục, lệ phí"),
            subtitle=_("Cần giấy tờ gì, bao lâu, bao nhiêu tiền"),
            icon="book-open",
            to=Step.PROCEDURE,
        ),
    )


class _ServiceTile(TileButton):
    """A tile that can look locked and say why, yet still be touched: the next screen offers another way."""

    def __init__(self, theme: Theme, tile: _Tile) -> None:
        self._blocked = False
        self._own_subtitle = tile.subtitle
        super().__init__(theme, tile.title, tile.subtitle, icon=tile.icon, filled=tile.name == "submit")
        self.setObjectName(f"tile-{tile.name}")

    def block(self, reason: str) -> None:
        """Lock the look and say why; an empty reason gives the tile back."""
        self._blocked = bool(reason)
        self.subtitle = reason or self._own_subtitle
        self.set_text(self.text())

    def face(self) -> Face:
        """Return the locked look while blocked."""
        if not self._blocked:
            return super().face()
        colour, shape = self.theme.palette, self.theme.shape
        return Face(
            ground=colour.locked,
            ink=colour.soft,
            border=colour.edge,
            border_px=shape.hairline,
            radius=shape.tile,
        )


class WelcomeScreen(Screen):
    """Tiles to start from, the free copies, and how long the line is."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.WELCOME)
        self.frame.set_title(_("Hôm nay ông bà cần việc gì?"))
        self.frame.set_lead(_("Chạm vào một ô bên dưới."))
        self.frame.take_whole_width()
        self._said: str | None = None
        self._blocked: Mapping[str, str] = {}
        self._tiles: dict[str, _ServiceTile] = {}
        self.frame.body.addStretch(1)
        self.frame.body.addLayout(self._grid())
        self._copy = SecondaryButton(self.theme, _("In, phô-tô miễn phí"), icon="printer", tinted=True)
        self._copy.setObjectName("tile-copy")
        self._copy.clicked.connect(lambda: self.act(CopyAsked()))
        self.frame.body.addWidget(self._copy)
        self._line = NoteBar(self.theme, "", icon="users")
        self._line.hide()
        self.frame.body.addWidget(self._line)
        if self.theme.landscape:
            self.frame.body.addStretch(1)
        else:
            self.frame.body.addSpacing(self.theme.space.block)  # no action bar keeps the strip away here

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(self.theme.space.block)
        columns = self._columns()
        for index, tile in enumerate(_tiles()):
            button = _ServiceTile(self.theme, tile)
            button.clicked.connect(lambda _checked=False, to=tile.to: self.act(Went(to=to)))
            grid.addWidget(button, index // columns, index % columns)
            self._tiles[tile.name] = button
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        return grid

    def _columns(self) -> int:
        if self.theme.landscape:
            return 4 if self.theme.wide else 2
        return 2 if self.theme.wide else 1

    def show_view(self, view: WelcomeView) -> None:
        """Show the line's length, and on each tile why it does not work now, if it does not."""
        words = _line_words(view.waiting, view.hotline)
        if words != self._said:
            self._said = words
            self._line.set_text(words)
            self._line.setVisible(bool(words))
        if view.blocked != self._blocked:
            self._blocked = dict(view.blocked)
            for name, button in self._tiles.items():
                button.block(self._blocked.get(name, ""))


def _line_words(waiting: int, hotline: str) -> str:
    """Return how many wait and whom to call; an empty line says nothing about waiting."""
    if waiting and hotline:
        sentence = _("Đang chờ: **{n} người** · Đường dây nóng **{hotline}**")
        return sentence.format(n=waiting, hotline=hotline)
    if waiting:
        return _("Đang chờ: **{n} người**").format(n=waiting)
    return _("Đường dây nóng **{hotline}**").format(hotline=hotline) if hotline else ""
