"""Builds the voice of the kiosk: real where this machine can speak, simulated in a demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from drivers.ports import Speaker
    from kiosk_app.config import Config

SHIPPED: Final = Path(__file__).resolve().parents[2] / "assets" / "audio"
CENTRES_OWN: Final = "audio"
"""Folder of the centre's own clips, in the data folder."""


def open_speaker(config: Config, *, simulate: bool) -> Speaker | None:
    """Return what reads aloud; None where it is switched off or this machine can say nothing.

    Args:
        config: `voice` tells the accent and the language pack.
        simulate: Whether a speaker that nobody hears stands in.
    """
    if not config.voice.enabled:
        return None
    if simulate:
        from drivers.simulated.speaker import SimulatedSpeaker

        return SimulatedSpeaker()
    from drivers.speaker import LocalSpeaker

    folders = (config.data_dir / CENTRES_OWN, SHIPPED)
    speaker = LocalSpeaker(folders, {"vi": config.voice.accent, "en": "en"}, pack=config.voice.pack)
    return speaker if speaker.ready() else None
