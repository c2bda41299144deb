"""The machine itself: who it is, a status slip, enrolment, restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.flow.steps import Step
from kiosk_app.flow.technician_events import TechnicianAsked, TouchTried
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.bench_page import BenchPage
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.columns import in_a_row
from kiosk_app.ui.widgets.notices import InfoCard
from kiosk_app.ui.widgets.text import breakable
from kiosk_app.ui.widgets.touch_panel import TouchPanel

if TYPE_CHECKING:
    from kiosk_app.flow.technician_view import MachineFacts, TechMachineView
    from kiosk_app.flow.touch_grid import TouchTrial
    from kiosk_app.ui.widgets.screen import ScreenContext


class TechnicianMachineScreen(BenchPage):
    """A card that says who this is, the slip, the restarts, and the one-time code to join a backend."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.TECH_MACHINE, _("Máy này"))
        self._facts: InfoCard | None = None
        self._drawn: MachineFacts | None = None
        slip = self.small_button("print_status", _("In phiếu tình trạng"), icon="printer")
        touch = SecondaryButton(self.theme, _("Thử chạm"), icon="hand", small=True)
        touch.setObjectName("tech-touch")
        touch.clicked.connect(self._try_touch)
        sound = self.small_button("sound", _("Thử loa"), icon="volume-2")
        mat = self.small_button("learn_mat", _("Học mặt bàn quét"), icon="scan-line")
        restart = self.small_button("restart", _("Mở lại chương trình"), icon="rotate-ccw")
        reboot = self.small_button("reboot", _("Khởi động lại máy"), icon="power")
        self._code = self.text_field("enrol", _("Mã ghi danh của máy chủ"), typing="address")
        enrol = SecondaryButton(self.theme, _("Ghi danh máy này"), small=True)
        enrol.setObjectName("tech-enrol")
        enrol.clicked.connect(self._enrol)
        self._answering = (slip, touch, sound, mat, restart, reboot, enrol, self._code)
        self.put(
            in_a_row(self.theme, [slip, mat]),
            in_a_row(self.theme, [touch, sound]),
            in_a_row(self.theme, [restart, reboot]),
            self._code,
            enrol,
        )
        self.frame.body.addStretch(1)

    def show_view(self, view: TechMachineView) -> None:
        """Say who this is and what came of the last button."""
        self.say(view.said)
        for part in self._answering:
            part.setEnabled(not view.busy)
        if view.facts is None or view.facts == self._drawn:
            return
        self._drawn = view.facts
        if self._facts is not None:
            self.frame.body.removeWidget(self._facts)
            self._facts.hide()
            self._facts.deleteLater()
        self._facts = InfoCard(self.theme)
        self._facts.rows(
            [
                (_("Máy số"), f"{view.facts.kiosk_number} · {view.facts.unit_code}"),
                (_("Bản cài"), view.facts.version),
                (_("Máy chủ của trung tâm"), breakable(view.facts.backend) or _("Chưa ghi danh")),
            ]
        )
        self.frame.body.insertWidget(1, self._facts)

    def _try_touch(self) -> None:
        """Cover the whole screen with the touch grid until it was gone through."""
        panel = TouchPanel(self.theme, self)
        panel.setGeometry(self.rect())
        panel.tried.connect(lambda trial: self._tried(panel, trial))
        panel.show()

    def _tried(self, panel: TouchPanel, trial: TouchTrial) -> None:
        self.act(TouchTried(trial=trial))
        panel.deleteLater()

    def _enrol(self) -> None:
        code = self._code.value()
        if not code:
            self._code.focus_input()
            return
        self._code.set_value("")
        self.act(TechnicianAsked(what="enrol", text=code))
