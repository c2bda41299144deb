"""The card in the slot: put in, being read, read, or not read and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from drivers.ports import Said
from kiosk_app.flow.events import BackPressed, CardSkipped, NextPressed
from kiosk_app.flow.steps import CardPhase, Notice, Step
from kiosk_app.i18n import _
from kiosk_app.ui.widgets import reading
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.drawing import CardDrawing
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import InfoCard
from kiosk_app.ui.widgets.progress import ProgressLine
from kiosk_app.ui.widgets.screen import Screen
from kiosk_app.ui.widgets.telling import beside, tell
from kiosk_app.ui.widgets.text import Text
from kiosk_app.ui.widgets.ways import set_way_back, set_way_on

if TYPE_CHECKING:
    from drivers.ports import Portrait
    from kiosk_app.flow.steps import IdentifyCardView
    from kiosk_app.ui.theme import Theme
    from kiosk_app.ui.widgets.screen import ScreenContext


class IdentifyCardScreen(Screen):
    """One card that shows the slot, then the progress, then the person; going on is red only at the end."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.IDENTIFY_CARD)
        self._phase: CardPhase | None = None
        self._headed = ("", "")
        self._greeted = False
        self._notice = NoticeSlot(self.theme)
        self._slot = self._build_slot()
        self._person = _PersonCard(self.theme)
        self._proof = NoticeSlot(self.theme)
        self._without = Text(
            self.theme, "body", _("Không có thẻ? Chạm “Không dùng thẻ” để khai tay."), colour="soft"
        )
        self._skip = SecondaryButton(self.theme, _("Không dùng thẻ"), small=beside(self.theme))
        self._skip.clicked.connect(lambda: self.act(CardSkipped()))
        self.frame.body.addWidget(self._notice)
        self.frame.body.addWidget(self._slot, 1)
        self.frame.body.addWidget(self._person)
        self.frame.body.addWidget(self._proof)
        self._gap = self.frame.body.count()
        self.frame.body.addStretch(0)
        place = self.frame.body
        if beside(self.theme):
            place = self.frame.side
            place.addSpacing(self.theme.space.rhythm)
        for part in (self._without, self._skip):
            place.addWidget(part)
        set_way_back(self.frame)
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))
        self.frame.right_pressed.connect(self._right)

    def _build_slot(self) -> InfoCard:
        card = InfoCard(self.theme)
        self._drawing = CardDrawing(self.theme, _("Hình: thẻ đi vào khe đọc"))
        if not self.theme.wide:
            self._drawing.setMaximumHeight(self.theme.size.tile)  # large words need the room
        self._progress = ProgressLine(self.theme)
        card.body.addWidget(self._drawing, 1)
        card.body.addWidget(self._progress)
        return card

    def show_view(self, view: IdentifyCardView) -> None:
        """Show the phase; while reading only the share moves."""
        if view.phase is not self._phase:
            self._turn(view)
        self._greeted = bool(view.greeting)
        head = _head(view)
        if head != self._headed:
            self._headed = head
            self.frame.set_title(head[0])
            tell(self.frame, head[1])
        if view.phase is CardPhase.READING:
            self._progress.set_progress(view.share, _("Đang đọc thẻ…"))
        self._notice.show_notice(view.notice)
        self._person.show_view(view)
        proof = Notice(tone=view.proof_tone, text=view.proof) if view.proof else None
        self._proof.show_notice(proof if view.phase is CardPhase.READ else None)

    def said(self, prompt: str) -> tuple[Said, ...]:
        """Leave out the citizen's name: the hall would hear it."""
        words = self.frame.words()[1:] if self._greeted else self.frame.words()
        first = Said(prompt=prompt, text=reading.sentence(words))
        return (first, *reading.notices(self.frame), *reading.ways(self.frame))

    def _turn(self, view: IdentifyCardView) -> None:
        self._phase = view.phase
        read, failed = view.phase is CardPhase.READ, view.phase is CardPhase.FAILED
        self._slot.setVisible(not read)
        self.frame.body.setStretch(
            self._gap, 1 if read else 0
        )  # the person's card is no taller than its words
        self._person.setVisible(read)
        self._progress.setVisible(view.phase is CardPhase.READING)
        self._without.setVisible(view.phase is CardPhase.INSERT)
        self._skip.setVisible(failed)
        self._skip.setObjectName("skip-card" if failed else "")
        self._set_right(view.phase)
        self._drawing.turn(outward=view.phase is CardPhase.REMOVE)
        if view.phase in {CardPhase.INSERT, CardPhase.REMOVE}:
            self._drawing.start()
        else:
            self._drawing.stop()
            self._drawing.set_phase(0.0 if failed else 1.0)

    def _set_right(self, phase: CardPhase) -> None:
        if phase is CardPhase.READ:
            set_way_on(self.frame, _("Tiếp tục"))
        elif phase is CardPhase.FAILED:
            set_way_on(self.frame, _("Thử lại"), icon="rotate-ccw")
        else:
            set_way_on(self.frame, _("Không dùng thẻ"), name="skip-card", kind="secondary", icon="")

    def _right(self) -> None:
        if self._phase in {CardPhase.READ, CardPhase.FAILED}:
            self.act(NextPressed())
        else:
            self.act(CardSkipped())


def _head(view: IdentifyCardView) -> tuple[str, str]:
    """Return what the screen says of a phase: title and lead."""
    if view.phase is CardPhase.REMOVE:
        return _("Xin lấy thẻ đang ở trong khe ra"), view.whose
    if view.phase is CardPhase.INSERT:
        lead = _("Mặt có chip hướng lên, đầu có chip vào trước. Máy tự đọc, không cần chạm.")
        return view.whose or _("Đưa thẻ căn cước vào khe"), lead
    if view.phase is CardPhase.READING:
        title = view.greeting or _("Đang đọc thẻ căn cước")
        return title, _("Xin để yên thẻ trong khe đến khi máy báo xong.")
    if view.phase is CardPhase.READ:
        return view.greeting, _("Xin xem lại rồi chạm “Tiếp tục”.")
    return _("Chưa đọc được thẻ"), _("Xin làm theo lời nhắc rồi thử lại.")


class _PersonCard(QWidget):
    """What the chip said of its holder: the picture and a few masked lines."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[tuple[tuple[str, str], ...], Portrait | None] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._card: InfoCard | None = None

    def show_view(self, view: IdentifyCardView) -> None:
        """Draw picture and lines when they change; nothing before the card is read."""
        if view.phase is not CardPhase.READ or self._shown == (view.rows, view.portrait):
            return
        self._shown = (view.rows, view.portrait)
        if self._card is not None:
            self._column.removeWidget(self._card)
            self._card.hide()
            self._card.deleteLater()
        self._card = InfoCard(self._theme)
        beside = QHBoxLayout() if self._theme.wide else QVBoxLayout()
        beside.setSpacing(self._theme.space.inside_card)
        beside.addLayout(self._lines(view.rows), 1)
        if view.portrait is not None:  # the name and the lines first, also where they stand below each other
            place = 0 if self._theme.wide else 1
            beside.insertWidget(place, self._picture(view.portrait), 0, Qt.AlignmentFlag.AlignTop)
        self._card.body.addLayout(beside)
        self._column.addWidget(self._card)

    def _lines(self, rows: tuple[tuple[str, str], ...]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(self._theme.space.grid)
        for label, value in rows:
            column.addWidget(Text(self._theme, "label", label, colour="soft"))
            column.addWidget(Text(self._theme, "h2", value))
            column.addSpacing(self._theme.space.rhythm)
        column.addStretch(1)
        return column

    def _picture(self, portrait: Portrait) -> QLabel:
        image = QImage(
            portrait.rgb, portrait.width, portrait.height, portrait.width * 3, QImage.Format.Format_RGB888
        ).copy()  # Qt does not own the bytes, the copy does
        # Lower on a low screen, so that a warning and the proof stand beside it without scrolling.
        tall = (3 if beside(self._theme) else 4) * self._theme.size.icon_box
        shown = image.scaled(
            tall * 3 // 4,
            tall,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        label = QLabel()
        label.setObjectName("portrait")
        label.setPixmap(_rounded(shown, self._theme.shape.button))
        label.setFixedSize(shown.size())
        label.setAccessibleName(_("Ảnh trong chip của thẻ"))
        return label


def _rounded(image: QImage, radius_px: int) -> QPixmap:
    """Return a picture with the corners of the cards around it."""
    made = QPixmap(image.size())
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(image))
    painter.drawRoundedRect(made.rect(), radius_px, radius_px)
    painter.end()
    return made
