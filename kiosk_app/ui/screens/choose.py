"""Choose a procedure: the frequent ones as tiles, every other by a few letters."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QGridLayout, QWidget

from kiosk_app.flow.events import BackPressed, ProcedurePicked, Searched
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.i18n import _, mark
from kiosk_app.ui.widgets.buttons import ChoiceButton
from kiosk_app.ui.widgets.emptied import emptied
from kiosk_app.ui.widgets.fields import TextField
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.pressable import Face
from kiosk_app.ui.widgets.screen import Screen
from kiosk_app.ui.widgets.text import Text
from kiosk_app.ui.widgets.tiles import TileButton
from kiosk_app.ui.widgets.ways import set_way_back

if TYPE_CHECKING:
    from kiosk_app.flow.steps import ChooseView, ProcedureTile
    from kiosk_app.ui.theme import TextStyle
    from kiosk_app.ui.widgets.screen import ScreenContext

QUICK_WORDS: Final = (
    mark("Khai sinh"),
    mark("Kết hôn"),
    mark("Khai tử"),
    mark("Chứng thực"),
    mark("Tạm trú"),
    mark("Đất đai"),
    mark("Trợ cấp"),
    mark("Kinh doanh"),
)
"""What most people would type; touched instead of typed. Searched for in Vietnamese, as the law names it."""
QUICK_COLUMNS: Final = 4
TITLE_LETTERS: Final = 60
"""A few procedures are named by half a page; the next screen has the whole name."""


class _QuickWord(ChoiceButton):
    """A word to search for: smaller than an answer of a form."""

    def style_(self) -> TextStyle:
        """Return the lettering of the words."""
        return self.theme.type.body

    def least_height(self) -> int:
        """Return the height in pixels with one line of words."""
        return self.theme.size.small_button


class _CounterTile(TileButton):
    """A procedure of the counter: lighter than those the kiosk can take, and it says so in words."""

    def face(self) -> Face:
        """Return the lighter look."""
        colour, shape = self.theme.palette, self.theme.shape
        return Face(
            ground=colour.ground,
            ink=colour.soft,
            border=colour.line,
            border_px=shape.hairline,
            lip=colour.line,
            lip_px=shape.tile_lip,
            radius=shape.tile,
        )


class ChooseScreen(Screen):
    """A search box over tiles; nothing is confirmed here, so there is no red button."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.CHOOSE)
        self.frame.set_title(_("Ông bà cần làm thủ tục gì?"))
        self.frame.set_lead(_("Đã khai ở nhà? Đưa mã QR của tờ khai vào máy đọc mã."))
        self._said = NoticeSlot(self.theme)
        self._query = ""
        self._shown: tuple[ProcedureTile, ...] = ()
        self._made: dict[ProcedureTile, TileButton] = {}  # kept: letters come faster than tiles are built
        self._search = TextField(
            self.theme, "", placeholder=_("Gõ vài chữ, ví dụ: khai sinh"), icon="search", max_length=80
        )
        self._search.setObjectName("search")
        self._search.setAccessibleName(_("Tìm thủ tục"))
        self._search.value_changed.connect(self._ask)
        self._heading = Text(self.theme, "label", _("Nhiều người làm"))
        self._nothing = NoticeSlot(self.theme)
        self._tiles = QWidget()
        self._grid = QGridLayout(self._tiles)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(self.theme.space.block)
        for column in range(self._columns()):
            self._grid.setColumnStretch(column, 1)
        self._quick: dict[str, _QuickWord] = {}
        self._quick_place = self._quick_words()
        for part in (self._said, self._search, self._quick_place, self._heading, self._nothing, self._tiles):
            self.frame.body.addWidget(part)
        self.frame.body.addStretch(1)
        set_way_back(self.frame)
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))

    def _quick_words(self) -> QWidget:
        place = QWidget()
        grid = QGridLayout(place)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(self.theme.space.rhythm * 2)
        for index, word in enumerate(QUICK_WORDS):
            button = _QuickWord(self.theme, _(word))
            button.setObjectName(f"quick-{index}")
            button.clicked.connect(lambda _checked=False, wanted=word: self._ask_quickly(wanted))
            self._quick[word] = button
            grid.addWidget(button, index // QUICK_COLUMNS, index % QUICK_COLUMNS)
            grid.setColumnStretch(index % QUICK_COLUMNS, 1)
        return place

    def _ask_quickly(self, word: str) -> None:
        self.frame.close_pad()
        wanted = "" if self._query == word else word
        self._search.set_value(wanted)
        self._ask(wanted)

    def _columns(self) -> int:
        return 2 if self.theme.wide else 1

    def _ask(self, value: object) -> None:
        text = str(value)
        if text != self._query:
            self._query = text
            self.act(Searched(text=text))

    def show_view(self, view: ChooseView) -> None:
        """Show what fits the typed letters; the letters themselves stay as the person typed them."""
        if view.query and not self._query and not self._search.value():  # the screen was rebuilt
            self._query = view.query
            self._search.set_value(view.query)
        self._said.show_notice(view.notice)
        self._show_quick_words(view.query.strip())
        self._heading.set_text(self._words(view))
        self._heading.setVisible(bool(view.procedures))
        self._nothing.show_notice(None if view.procedures else _not_found(view.query))
        if view.procedures != self._shown:
            self._shown = view.procedures
            self._rebuild()

    def _show_quick_words(self, query: str) -> None:
        for word, button in self._quick.items():
            button.setChecked(word == query)
        # Someone who types, or reads large letters, needs the room for what was found.
        stays = query in QUICK_WORDS and not self.theme.landscape
        self._quick_place.setVisible(self.theme.wide and (stays or not query))

    def _words(self, view: ChooseView) -> str:
        if not view.query.strip():
            return _("Nhiều người làm")
        return _("Tìm thấy {n} thủ tục").format(n=len(view.procedures))

    def _rebuild(self) -> None:
        emptied(self._grid)
        for procedure, tile in self._made.items():
            tile.setVisible(procedure in self._shown)
        columns = self._columns()
        for index, procedure in enumerate(self._shown):
            tile = self._made.get(procedure) or self._tile(procedure)
            self._made[procedure] = tile
            self._grid.addWidget(tile, index // columns, index % columns)

    def _tile(self, procedure: ProcedureTile) -> TileButton:
        subtitle, kind = procedure.subtitle, TileButton
        if not procedure.has_form:
            subtitle = _("{sector} · tại quầy").format(sector=subtitle) if subtitle else _("Tại quầy")
            kind = _CounterTile
        title = shorten(procedure.title, TITLE_LETTERS, placeholder="…")
        button = kind(self.theme, title, subtitle, icon=procedure.icon, compact=True)
        button.setObjectName(f"procedure-{procedure.code}")
        button.clicked.connect(
            lambda _checked=False, code=procedure.code: self.act(ProcedurePicked(code=code))
        )
        return button


def _not_found(query: str) -> Notice:
    sentence = _("Không thấy thủ tục nào có chữ “{query}”. Xin gõ chữ khác hoặc gọi cán bộ.")
    return Notice(tone=Tone.WARN, text=sentence.format(query=query.strip()))
