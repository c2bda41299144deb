"""The two ways out of a screen, named so that tests and the tour find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.i18n import _

if TYPE_CHECKING:
    from kiosk_app.ui.widgets.frame import ScreenFrame


def set_way_back(frame: ScreenFrame) -> None:
    """Put `Quay lại` at the left, named `back`."""
    frame.set_left(_("Quay lại"))
    if frame.left_button is not None:
        frame.left_button.setObjectName("back")


def set_way_on(
    frame: ScreenFrame, text: str, *, name: str = "primary", icon: str = "arrow-right", kind: str = "primary"
) -> None:
    """Put the action at the right.

    Args:
        frame: The screen.
        text: The words on the button.
        name: Its object name.
        icon: Name of an icon, empty for none.
        kind: `primary`, `secondary` or `equal`.
    """
    frame.set_right(text, icon=icon, kind=kind)
    if frame.right_button is not None:
        frame.right_button.setObjectName(name)
