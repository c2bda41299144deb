"""How it was: three faces, one touch; or "skip", and nothing is asked twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt

from kiosk_app.flow.events import EndPressed, Rated, ReasonGiven
from kiosk_app.flow.steps import RatePhase, Step
from kiosk_app.i18n import _, mark
from kiosk_app.ui.widgets.columns import in_a_row, in_columns
from kiosk_app.ui.widgets.round_icon import RoundIcon
from kiosk_app.ui.widgets.screen import Screen
from kiosk_app.ui.widgets.telling import tell
from kiosk_app.ui.widgets.text import Text
from kiosk_app.ui.widgets.tiles import TileButton
from kiosk_app.ui.widgets.ways import set_way_on

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from kiosk_app.flow.steps import RateView
    from kiosk_app.ui.widgets.screen import ScreenContext

_FACES: Final = (
    (3, "smile", mark("Rất hài lòng")),
    (2, "meh", mark("Hài lòng")),
    (1, "frown", mark("Không hài lòng")),
)
_AIR: Final = {RatePhase.ASK: (1, 1), RatePhase.WHY: (0, 1), RatePhase.THANKS: (2, 3)}
"""Shares of the free height above and below what stands there."""


class RateScreen(Screen):
    """Asked after the slip is out; whoever touches nothing is not asked again."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.RATE)
        self._shown: RateView | None = None
        self._parts: list[QWidget] = []
        self.frame.body.addStretch(0)
        self.frame.body.addStretch(1)
        self.frame.right_pressed.connect(lambda: self.act(EndPressed()))

    def show_view(self, view: RateView) -> None:
        """Draw the phase; drawn anew only when it changed."""
        if view == self._shown:
            return
        self._shown = view
        for part in self._parts:
            self.frame.body.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts = []
        above, below = _AIR[view.phase]
        self.frame.body.setStretch(0, above)
        self.frame.body.setStretch(1, below)
        draw = {
            RatePhase.ASK: self._ask,
            RatePhase.WHY: lambda: self._why(view),
            RatePhase.THANKS: self._thank,
        }
        draw[view.phase]()

    def _ask(self) -> None:
        self.frame.set_title(_("Hôm nay ông bà hài lòng không?"))
        tell(self.frame, _("Chạm một khuôn mặt. Máy không ghi tên ông bà."))
        set_way_on(self.frame, _("Bỏ qua"), kind="secondary", icon="")
        faces: list[QWidget] = []
        for score, icon, words in _FACES:
            face = TileButton(self.theme, _(words), icon=icon)
            face.setObjectName(f"rate-{score}")
            face.clicked.connect(lambda _checked=False, one=score: self.act(Rated(score=one)))
            faces.append(face)
        self._put(in_a_row(self.theme, faces))

    def _why(self, view: RateView) -> None:
        self.frame.set_title(_("Xin lỗi ông bà. Điều gì chưa tốt?"))
        tell(self.frame, _("Chạm một lý do, hoặc bỏ qua."))
        set_way_on(self.frame, _("Bỏ qua"), kind="secondary", icon="")
        rows: list[QWidget] = []
        for code, words in view.reasons:
            row = TileButton(self.theme, words, row=True)
            row.setObjectName(f"reason-{code}")
            row.clicked.connect(lambda _checked=False, one=code: self.act(ReasonGiven(reason=one)))
            rows.append(row)
        self._put(in_columns(self.theme, rows))

    def _thank(self) -> None:
        self.frame.set_title("")
        tell(self.frame, "")
        set_way_on(self.frame, _("Xong"), icon="check")
        sign = RoundIcon(self.theme, "heart-handshake")
        self.frame.body.insertWidget(1, sign, 0, Qt.AlignmentFlag.AlignHCenter)
        self._parts.append(sign)
        self._put(Text(self.theme, "h1", _("Cảm ơn ông bà"), centred=True))
        below = _("Ý kiến này giúp trung tâm phục vụ tốt hơn.")
        self._put(Text(self.theme, "lead", below, colour="soft", centred=True))

    def _put(self, part: QWidget) -> None:
        self.frame.body.insertWidget(1 + len(self._parts), part)
        self._parts.append(part)
