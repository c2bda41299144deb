"""One page of the form: what the card filled is locked, what is left is counted."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QWidget

from drivers.ports import Said
from kiosk_app.flow.events import (
    BackPressed,
    FieldAnswered,
    NextPressed,
    PlaceSearched,
)
from kiosk_app.flow.form_events import OtherCardAsked, RowAdded, RowOpened, RowRemoved
from kiosk_app.flow.steps import Step
from kiosk_app.i18n import _, language
from kiosk_app.ui.widgets import reading
from kiosk_app.ui.widgets.question import Question, structure
from kiosk_app.ui.widgets.rows import CardBar
from kiosk_app.ui.widgets.screen import Screen, ScreenContext
from kiosk_app.ui.widgets.text import Text
from kiosk_app.ui.widgets.ways import set_way_back, set_way_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QShowEvent

    from kiosk_app.flow.fill_view import FieldView, FillView

COLUMNS: Final = 2
TIGHT_PX: Final = 12
"""Between the rows on the wide, low screen: four of them stand on it without scrolling."""
SHORT_LETTERS: Final = 26
"""A locked answer no longer than this may share its row on the wide screen."""
NAMED: Final = 3
"""How many open questions the spoken line names."""


class FillScreen(Screen):
    """Questions of one page; answers go out as they are given, mistakes come back beside the field."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.FILL)
        self._page = self._prompt = ""
        self._layout_drawn: tuple[object, ...] = ()
        self._questions: dict[tuple[object, ...], Question] = {}
        self._seek = True
        self._sought = ""
        self._searching = ""
        self._counter = ""
        self._said: tuple[str, str] | None = None
        self._cards_shown: tuple[tuple[str, str, bool], ...] = ()
        self._bars: list[CardBar] = []
        self._bar_place = QGridLayout()
        self._bar_place.setSpacing(self.theme.space.rhythm * 2)
        self.frame.body.addLayout(self._bar_place)
        self._titles: dict[str, Text] = {}
        self._column = QWidget()
        self._grid = QGridLayout(self._column)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(self.theme.space.block)
        tight = self.theme.landscape and self.theme.wide
        self._grid.setVerticalSpacing(TIGHT_PX if tight else self.theme.space.block)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self.frame.body.addWidget(self._column)
        self.frame.body.addStretch(1)
        set_way_back(self.frame)
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))
        self.frame.right_pressed.connect(self._go_on)

    def show_view(self, view: FillView) -> None:
        """Draw the page; widgets of questions that stay are kept, with what is being typed in them."""
        if view.page != self._page:
            self._turn_to(view)
        self._show_cards(view.cards)
        self._show_fields(view.fields)
        for field in view.fields:
            places = view.places if field.spec.name == self._searching else None
            self._questions[structure(field)].show_view(field, places)
        self._show_words(view)
        self._go_to(view.focus)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Go to the mistake a screen built anew was asked for."""
        super().showEvent(event)
        name, self._sought = self._sought, ""
        QTimer.singleShot(0, self, partial(self._go_to, name))

    def said(self, prompt: str) -> tuple[Said, ...]:
        """Read the questions that are still open or wrong; what was answered is nobody's to hear."""
        first = Said(prompt=self._prompt or prompt, text=reading.sentence(self.frame.words()[:1]))
        asked = (said for question in self._questions.values() if (said := question.said()))
        return (first, *asked, *reading.ways(self.frame))

    def _turn_to(self, view: FillView) -> None:
        self._page = view.page
        self._prompt = view.audio
        self._searching = ""
        self._seek = True
        self.frame.close_pad()
        self.frame.scroll_to_top()
        self._drop(self._questions)
        self.frame.set_title(view.title)
        part = _("{procedure} · phần {n} trong {total}")
        set_way_on(self.frame, _("Xong người này") if view.row else _("Tiếp tục"))
        self.frame.set_lead(part.format(procedure=view.procedure, n=view.page_number, total=view.page_count))

    def _show_cards(self, cards: tuple[tuple[str, str, bool], ...]) -> None:
        """Invite to put in the cards of the others; a read one says so."""
        if cards == self._cards_shown:
            return
        self._cards_shown = cards
        for bar in self._bars:
            self._bar_place.removeWidget(bar)
            bar.hide()
            bar.deleteLater()
        self._bars = [CardBar(self.theme, role, words, read=read) for role, words, read in cards]
        columns = COLUMNS if self.theme.landscape and self.theme.wide else 1
        for index, bar in enumerate(self._bars):
            bar.pressed.connect(self._ask_card)
            self._bar_place.addWidget(bar, index // columns, index % columns)

    def _show_fields(self, fields: tuple[FieldView, ...]) -> None:
        keys = [structure(field) for field in fields]
        rows = self._rows(fields)
        drawn = (tuple(keys), tuple(rows))
        if drawn == self._layout_drawn:
            return
        self._layout_drawn = drawn
        self._drop([key for key in self._questions if key not in keys])
        for key, field in zip(keys, fields, strict=True):
            if key not in self._questions:
                self._questions[key] = self._ask(field)
        self._show_titles(fields, rows)
        for key, (row, column, span) in zip(keys, rows, strict=True):
            question = self._questions[key]
            self._grid.removeWidget(question)
            self._grid.addWidget(question, row, column, 1, span)
        self._order([self._questions[key] for key in keys])

    def _ask(self, field: FieldView) -> Question:
        question = Question(self.theme, field)
        question.answered.connect(self._answer)
        question.place_searched.connect(self._search)
        question.places_shown.connect(partial(self._reveal_later, question))
        question.place_picked.connect(self.frame.close_pad)
        question.row_added.connect(lambda name: self.act(RowAdded(name=name)))
        question.row_opened.connect(lambda index: self.act(RowOpened(index=index)))
        question.row_removed.connect(lambda name, index: self.act(RowRemoved(name=name, index=index)))
        question.card_asked.connect(self._ask_card)
        return question

    def _ask_card(self, role: str) -> None:
        self.frame.close_pad()
        self.act(OtherCardAsked(role=role))

    def _show_titles(self, fields: tuple[FieldView, ...], rows: list[tuple[int, int, int]]) -> None:
        """Put the title of each panel over its first question."""
        for title in self._titles.values():
            self._grid.removeWidget(title)
            title.hide()
            title.deleteLater()
        self._titles = {}
        for field, (row, _column, _span) in zip(fields, rows, strict=True):
            if field.spec.panel:
                words = field.spec.panel.in_language(language())
                title = self._titles[field.spec.name] = Text(self.theme, "h2", words)
                self._grid.addWidget(title, row - 1, 0, 1, COLUMNS)

    def _drop(self, keys: Sequence[tuple[object, ...]] | dict[tuple[object, ...], Question]) -> None:
        for key in tuple(keys):
            gone = self._questions.pop(key)
            self._grid.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
            self._layout_drawn = ()

    def _order(self, questions: list[Question]) -> None:
        """Let the Tab key follow the eye, also after a question came between two others."""
        stops = [
            part
            for question in questions
            for part in question.findChildren(QWidget)
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _rows(self, fields: tuple[FieldView, ...]) -> list[tuple[int, int, int]]:
        """Return row, column and columns taken of each field."""
        places: list[tuple[int, int, int]] = []
        row, index = 0, 0
        while index < len(fields):
            row += fields[index].spec.panel is not None  # the title stands on a row of its own
            pair = fields[index : index + COLUMNS]
            beside = all(self._is_half(field) for field in pair) and pair[-1].spec.panel is None
            if len(pair) == COLUMNS and beside:
                places += [(row, 0, 1), (row, 1, 1)]
                index += COLUMNS
            else:
                places.append((row, 0, COLUMNS))
                index += 1
            row += 1
        return places

    def _is_half(self, field: FieldView) -> bool:
        if not self.theme.wide:
            return False
        short = self.theme.landscape and field.locked and len(field.shown) <= SHORT_LETTERS
        return field.spec.half_width or short

    def _show_words(self, view: FillView) -> None:
        counter = _("Còn {n} ô").format(n=view.left) if view.left else _("Đã đủ")
        if counter != self._counter:
            self._counter = counter
            self.frame.set_counter(counter, done=not view.left)
        said = _said(view)
        if said != self._said and self.theme.wide:  # enlarged, the side has no room for it
            self._said = said
            self.frame.set_say(*said)

    def _go_to(self, name: str) -> None:
        if not (name and self._seek):
            return
        if not self.isVisible():
            self._sought = name  # a screen not yet shown cannot take the caret
            return
        self._seek = False  # the person now mends it; the next mistake waits for "Tiếp tục"
        for question in self._questions.values():
            if question.name == name:
                question.focus_input()
                self.frame.reveal(question)

    def _reveal_later(self, question: Question) -> None:
        # The layout needs a few turns of the event loop to make room for new rows.
        QTimer.singleShot(self.theme.motion.press, self, partial(self._reveal_parts, question))

    def _reveal_parts(self, question: Question) -> None:
        for part in question.worth_seeing():
            self.frame.reveal(part)

    def _answer(self, name: str, value: str | int | bool | list[str]) -> None:  # noqa: FBT001 - a signal's slot
        self._searching = ""
        self.act(FieldAnswered(name=name, value=value))

    def _search(self, text: str) -> None:
        asking = self.sender()
        if isinstance(asking, Question):
            self._searching = asking.name
        self.act(PlaceSearched(text=text))

    def _go_on(self) -> None:
        self._seek = True
        self.act(NextPressed())


def _said(view: FillView) -> tuple[str, str]:
    """Return what the side card says: what is still asked, and why some fields cannot be changed."""
    missing = [
        field.title.rstrip("?")
        for field in view.fields
        if field.spec.required and not field.locked and _is_open(field)
    ]
    more = ""
    if any(field.locked for field in view.fields):
        more = _("Các ô có dấu thẻ đã được điền sẵn và không sửa được ở đây.")
    if not missing:
        return _("Xin xem lại rồi bấm Tiếp tục."), more
    return _("Xin cho biết: {fields}.").format(fields=", ".join(missing[:NAMED])), more


def _is_open(field: FieldView) -> bool:
    return field.value is None or field.value in ("", [])
