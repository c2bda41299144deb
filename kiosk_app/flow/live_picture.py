"""What is said while the paper is being laid, from where the camera sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk_app.flow.sentences import notice
from kiosk_app.flow.steps import Tone

if TYPE_CHECKING:
    from drivers.ports import Outline
    from kiosk_app.flow.steps import Notice, Preview

_SENTENCES: Final = {
    "two_papers": "scan.two_papers",
    **{f"cut_off_{side}": f"page.cut_off_{side}" for side in ("left", "right", "top", "bottom")},
}
"""The cause in an outline, and the sentence that is said of a picture taken so."""


def trouble(preview: Preview | None) -> Notice | None:
    """Return what a picture taken now would be refused for; an empty desk is none, a citizen comes to it."""
    if preview is None:
        return None
    outline: Outline = preview.glance.outline
    said = _SENTENCES.get(outline.cause)
    return notice(said, tone=Tone.WARN) if said else None
