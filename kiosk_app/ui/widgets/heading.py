"""The lines above the body of a screen: the question, what to do, what is left."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.emptied import emptied
from kiosk_app.ui.widgets.notices import IconLabel
from kiosk_app.ui.widgets.text import DESCENT, Text

ICON_MORE_PX = 12  # what an icon beside the question is larger than its letters


class Heading(QVBoxLayout):
    """Question, lead and counter: on one line where the screen is wide, else on two."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._one_line = theme.landscape and theme.wide
        self._title = Text(theme, "h1")
        self._lead = Text(theme, "lead", colour="soft")
        self._below = Text(theme, "lead", colour="main")
        self._beside = Text(theme, "lead", colour="main")
        self._question = QHBoxLayout()
        self._question.setSpacing(theme.space.block)
        self._first = QHBoxLayout()
        self._first.setSpacing(theme.space.block)
        self.setSpacing(0)
        self.addLayout(self._first)
        if self._one_line:
            self._first.addLayout(self._question)
            self._first.addLayout(self._on_line(self._lead), 1)
            self._first.addLayout(self._on_line(self._beside))
            return
        self._first.addLayout(self._question, 1)
        self._first.addWidget(self._beside)
        second = QHBoxLayout()
        second.setSpacing(theme.space.block)
        second.addWidget(self._lead, 1)
        second.addStretch(0)
        second.addWidget(self._below)
        self.addLayout(second)

    def set_title(self, text: str, *, centred: bool, icon: str, colour: str) -> None:
        """Ask another question, with an icon before it where one is named."""
        self._title.set_text(text)
        self._title.set_colour(colour)
        self._title.setVisible(bool(text))
        for old in emptied(self._question):
            if old is not self._title:
                old.deleteLater()
        if centred:
            self._question.addStretch(1)
        if icon:
            px = self._theme.type.h1.px + ICON_MORE_PX
            self._question.addWidget(IconLabel(self._theme, icon, colour=colour, px=px, role="h1"))
        self._question.addWidget(self._title, 0 if centred else 1)
        if centred:
            self._question.addStretch(1)
        if self._one_line:
            self._first.setStretch(0, int(centred))
            self._first.setStretch(1, int(not centred))

    def words(self) -> tuple[str, str]:
        """Return question and lead."""
        return self._title.text(), self._lead.text()

    def set_lead(self, text: str) -> None:
        """Say what to do."""
        self._lead.set_text(text)
        self._lead.setVisible(bool(text))
        self._place_counter()

    def set_counter(self, text: str, *, done: bool) -> None:
        """Say what is left to do in red, or in green that nothing is."""
        for place in (self._below, self._beside):
            place.set_colour("ok" if done else "main")
            place.set_text(f"**{text}**" if text else "")
        self._place_counter()

    def counter(self) -> Text:
        """Return what is left, where it stands now: beside the question where there is no lead."""
        return self._beside if self._one_line or not self._lead.text() else self._below

    def _place_counter(self) -> None:
        seen = self.counter()
        for place in (self._below, self._beside):
            place.setVisible(place is seen and bool(place.text()))

    def _on_line(self, words: Text) -> QVBoxLayout:
        """Let smaller words stand on the same line as the question beside them."""
        kinds = self._theme.type
        place = QVBoxLayout()
        place.setContentsMargins(0, 0, 0, round(DESCENT * (kinds.h1.px - kinds.lead.px)))
        place.addWidget(words, 0, Qt.AlignmentFlag.AlignBottom)
        return place
