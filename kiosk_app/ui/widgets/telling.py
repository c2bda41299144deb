"""What to do now, said where the screen has room for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk_app.ui.theme import Theme
    from kiosk_app.ui.widgets.frame import ScreenFrame


def beside(theme: Theme) -> bool:
    """Tell whether the card beside the body has room for words: landscape at the normal text size."""
    return theme.landscape and theme.wide


def tell(frame: ScreenFrame, lead: str, more: str = "") -> None:
    """Say what to do: in the card beside the body where that has room, else under the title.

    Args:
        frame: The screen.
        lead: The one sentence.
        more: A second sentence for the card; without the card the screen shows it in its own place.
    """
    if beside(frame.theme):
        frame.set_say(lead, more)
    else:
        frame.set_lead(lead)
