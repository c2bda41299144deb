"""Where a dossier is: show the receipt, or type its code; then the state in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk_app.flow.events import BackPressed, DossierAsked, EndPressed, TypeInstead
from kiosk_app.flow.steps import LookUpPhase, LookUpView, Notice, Step, Tone
from kiosk_app.i18n import _, mark
from kiosk_app.ui.widgets.fields import TextField
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import Card
from kiosk_app.ui.widgets.receipt_drawing import ReceiptDrawing
from kiosk_app.ui.widgets.screen import Screen, ScreenContext
from kiosk_app.ui.widgets.telling import beside
from kiosk_app.ui.widgets.text import Text
from kiosk_app.ui.widgets.timeline import Stop, Timeline

if TYPE_CHECKING:
    import datetime as dt

    from offline_queue.ports import DossierProgress

CODE_LENGTH: Final = 40
TAIL_LENGTH: Final = 4
DAYS: Final = (
    mark("Thứ Hai"),
    mark("Thứ Ba"),
    mark("Thứ Tư"),
    mark("Thứ Năm"),
    mark("Thứ Sáu"),
    mark("Thứ Bảy"),
    mark("Chủ nhật"),
)
_SENT, _ACCEPTED, _REFUSED, _WORKING, _PAPERS, _MONEY = 1, 2, 3, 4, 5, 6
_WITHDRAWN, _STOPPED, _READY, _HANDED_OUT = 7, 8, 9, 10
_WAY: Final = (_SENT, _ACCEPTED, _WORKING, _READY, _HANDED_OUT)
_STOP_WORDS: Final[dict[int, str]] = {
    _SENT: mark("Đã nộp"),
    _ACCEPTED: mark("Đã tiếp nhận"),
    _WORKING: mark("Đang giải quyết"),
    _READY: mark("Có kết quả"),
    _HANDED_OUT: mark("Trả kết quả"),
}
_BEFORE: Final[dict[int, tuple[int, ...]]] = {
    _REFUSED: (_SENT,),
    _PAPERS: (_SENT, _ACCEPTED, _WORKING),
    _MONEY: (_SENT, _ACCEPTED, _WORKING),
    _WITHDRAWN: (_SENT,),
    _STOPPED: (_SENT, _ACCEPTED),
}
"""What was passed before a state that lies beside the straight way. Source: DOMAIN.md 2.3."""
_AFTER: Final[dict[int, tuple[int, ...]]] = {
    _PAPERS: (_READY, _HANDED_OUT),
    _MONEY: (_READY, _HANDED_OUT),
}


class LookUpScreen(Screen):
    """Asks for the receipt or the code, and tells what anybody holding the receipt may know."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.LOOK_UP)
        self._phase: LookUpPhase | None = None
        self._found: tuple[DossierProgress, str, Tone, str] | None = None
        self._notice = NoticeSlot(self.theme)
        self._drawing = ReceiptDrawing(self.theme)
        self._asking = self._make_asking()
        self._answer = QWidget()
        self._answer_column = _column(self._answer, self.theme.space.block)
        self._answer_parts: list[QWidget] = []
        self.frame.body.addWidget(self._drawing, 1)
        self.frame.body.addWidget(self._asking)
        self.frame.body.addWidget(self._notice)
        self.frame.body.addWidget(self._answer)
        self.frame.body.addStretch(0)  # the drawing takes all room while it is seen
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))
        self.frame.right_pressed.connect(self._press_right)

    def show_view(self, view: LookUpView) -> None:
        """Draw the phase; typed letters stay when a notice comes."""
        if view.phase is not self._phase:
            self._phase = view.phase
            self._show_phase(view.phase)
        notice = _notice(view)
        told_beside = beside(self.theme) and view.phase is LookUpPhase.FOUND and view.notice is None
        self._notice.show_notice(None if told_beside else notice)
        self.frame.set_say(*((view.state_text, view.next_step) if told_beside else ("", "")))
        if view.phase is LookUpPhase.FOUND and view.progress is not None:
            self._show_found(view, view.progress)

    def _make_asking(self) -> QWidget:
        asking = QWidget()
        column = _column(asking, self.theme.space.block)
        self._code = TextField(
            self.theme,
            _("Mã hồ sơ"),
            hint=_("in đậm trên giấy hẹn") if self.theme.wide else "",
            placeholder="K01-261123-0007",
            max_length=CODE_LENGTH,
        )
        self._code.setObjectName("dossier-code")
        self._tail = TextField(
            self.theme,
            _("4 chữ số cuối của số định danh"),
            hint=_("số trên thẻ căn cước của người nộp") if self.theme.wide else "",
            typing="digits",
            max_length=TAIL_LENGTH,
        )
        self._tail.setObjectName("id-tail")
        self._code.entered.connect(self._tail.focus_input)
        self._tail.entered.connect(self._ask)
        column.addWidget(self._code)
        column.addWidget(self._tail)
        return asking

    def _show_phase(self, phase: LookUpPhase) -> None:
        titles = {
            LookUpPhase.ASK: (
                _("Tra cứu hồ sơ"),
                _("Đưa mã vuông trên giấy hẹn vào khung, cách một gang tay."),
            ),
            LookUpPhase.TYPING: (_("Gõ mã hồ sơ"), ""),
            LookUpPhase.WORKING: (_("Đang tra cứu…"), _("Thường chỉ mất vài giây.")),
            LookUpPhase.FOUND: ("", ""),
        }
        title, lead = titles[phase]
        self.frame.set_title(title)
        self.frame.set_lead(lead)
        asking = phase is LookUpPhase.ASK
        self._drawing.setVisible(asking)
        if asking:
            self._drawing.start()
        self._asking.setVisible(phase is LookUpPhase.TYPING)
        self._answer.setVisible(phase is LookUpPhase.FOUND)
        self._set_actions(phase)

    def _set_actions(self, phase: LookUpPhase) -> None:
        self.frame.set_left(_("Quay lại"))
        if phase is LookUpPhase.ASK:
            self._set_right(_("Gõ mã hồ sơ"), "keyboard", "secondary", "type-instead")
        elif phase is LookUpPhase.TYPING:
            self._set_right(_("Tra cứu"), "search", "primary", "look-up-go")
        elif phase is LookUpPhase.FOUND:
            self._set_right(_("Xong"), "check", "primary", "primary")
        else:
            self.frame.set_right(None)
        if self.frame.left_button is not None:
            self.frame.left_button.setObjectName("back")

    def _set_right(self, text: str, icon: str, kind: str, name: str) -> None:
        self.frame.set_right(text, icon=icon, kind=kind)
        if self.frame.right_button is not None:
            self.frame.right_button.setObjectName(name)

    def _press_right(self) -> None:
        if self._phase is LookUpPhase.ASK:
            self.act(TypeInstead())
        elif self._phase is LookUpPhase.TYPING:
            self._ask()
        elif self._phase is LookUpPhase.FOUND:
            self.act(EndPressed())

    def _ask(self) -> None:
        code = str(self._code.value()).strip().upper()
        self.act(DossierAsked(code=code, id_tail=str(self._tail.value()).strip()))

    def _show_found(self, view: LookUpView, progress: DossierProgress) -> None:
        found = (progress, view.state_text, view.state_tone, view.procedure)
        if found == self._found:
            return
        self._found = found
        self.frame.set_title(view.procedure or _("Hồ sơ của ông bà"))
        self.frame.set_lead(_("Hồ sơ {code}").format(code=progress.code))
        for part in self._answer_parts:
            self._answer_column.removeWidget(part)
            part.hide()
            part.deleteLater()
        card = Card(self.theme)
        card.body.addWidget(Timeline(self.theme, self._stops(progress, view.state_text)))
        self._answer_parts = [card]
        if progress.due is not None:
            words = _("Ngày dự kiến có thể đổi; ngày trên giấy hẹn là ngày đúng.")
            self._answer_parts.append(Text(self.theme, "small", words, colour="soft"))
        for part in self._answer_parts:
            self._answer_column.addWidget(part)

    def _stops(self, progress: DossierProgress, state_text: str) -> list[Stop]:
        zone = self.context.now.tzinfo
        since = progress.since.astimezone(zone) if progress.since.tzinfo and zone else progress.since
        detail = _("{day}, {time}").format(day=spoken_day(since), time=f"{since:%H:%M}")
        if progress.unit:
            detail = f"{detail} · {progress.unit}"
        before, after = _around(progress.state)
        stops = [Stop(title=_(_STOP_WORDS[state]), state="done") for state in before]
        now = state_text or _(_STOP_WORDS.get(progress.state, _STOP_WORDS[_SENT]))
        ended = progress.state == _HANDED_OUT
        stops.append(Stop(title=now, detail=detail, state="done" if ended else "now"))
        for state in after:
            due = state == _READY and progress.due is not None
            expected = _("Dự kiến {day}").format(day=spoken_day(progress.due)) if due and progress.due else ""
            stops.append(Stop(title=_(_STOP_WORDS[state]), detail=expected))
        return stops


def spoken_day(day: dt.date) -> str:
    """Return a day as it is said: `Thứ Hai 23/11`."""
    return f"{_(DAYS[day.weekday()])} {day:%d/%m}"


def _around(state: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the stops passed before a state and those still to come."""
    if state in _BEFORE:
        return _BEFORE[state], _AFTER.get(state, ())
    reached = max(state, _SENT)  # 0, handed in here and not yet sent, stands where "sent" stands
    return tuple(stop for stop in _WAY if stop < reached), tuple(stop for stop in _WAY if stop > reached)


def _notice(view: LookUpView) -> Notice | None:
    if view.phase is not LookUpPhase.FOUND or view.notice is not None:
        return view.notice
    text = f"**{view.state_text}**"
    if view.next_step:
        text = f"{text}\n{view.next_step}"
    return Notice(tone=view.state_tone, text=text)


def _column(widget: QWidget, spacing_px: int) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing_px)
    return column
