"""The doctor plays something through the loudspeaker, and has whoever stands by count what was heard.

With nobody there a third of a second of silence is played: a card that is gone, held by another program or
stuck tells so without waking anybody. Source: aplay(1), amixer(1) of alsa-utils.
"""

from __future__ import annotations

import io
import math
import random
import re
import shutil
import struct
import subprocess
import time
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState
from kiosk_app.wiring.findings import Finding, Measures, finding

if TYPE_CHECKING:
    from collections.abc import Callable

RATE: Final = 48_000
"""Samples a second: what every sound card plays without converting."""
TONE_HZ, TONE_S, PAUSE_S = 880, 0.3, 0.4
LOUDNESS: Final = 9000
"""Amplitude of 32,767: heard in a hall, and no fright beside the kiosk."""
SLACK_S: Final = 5.0
"""A card that takes so much longer than the sound lasts is stuck."""
_CARD: Final = re.compile(r"^card \d+: \w+ \[([^\]]{1,60})", re.MULTILINE)
_LEVEL: Final = re.compile(r"\[(\d{1,3})%\].*?(\[off\])?$", re.MULTILINE)
_MIXERS: Final = ("Master", "Speaker", "PCM", "Headphone")
_REFUSALS: Final = (
    ("busy", DeviceState.BLOCKED, "sound.busy"),
    ("Permission denied", DeviceState.FAULT, "sound.forbidden"),
)
_CARDS: Final = Path("/proc/asound/cards")


def tones(count: int) -> bytes:
    """Return so many tones as a WAV file, 16 bit, one channel; none = a moment of silence."""
    silence = bytes(2 * int(RATE * PAUSE_S))
    tone = b"".join(
        struct.pack("<h", int(LOUDNESS * math.sin(math.tau * TONE_HZ * sample / RATE)))
        for sample in range(int(RATE * TONE_S))
    )
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(silence + (tone + silence) * count)
    return made.getvalue()


def sound(by_hand: Callable[[str], bool]) -> Finding:
    """Play through the default sound card; with somebody there, tones that are counted.

    Args:
        by_hand: Told `tones` before tones are played, and `tones:N` after it: whether so many were heard.
    """
    player = shutil.which("aplay")
    if player is None:
        return finding("sound", DeviceState.DISABLED, "sound.no_player")
    count = random.randint(2, 5) if by_hand("tones") else 0  # noqa: S311 - nothing secret is drawn
    began = time.monotonic()
    try:
        played = subprocess.run(
            [player, "-q", "-"],
            input=tones(count),
            capture_output=True,
            timeout=PAUSE_S + count * (TONE_S + PAUSE_S) + SLACK_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return finding("sound", DeviceState.FAULT, "sound.stuck")
    if played.returncode:
        return _refused(played.stderr.decode("utf-8", "replace"))
    measured: Measures = {"told": _card(player), "play_ms": round((time.monotonic() - began) * 1000)}
    if _silenced():
        return finding("sound", DeviceState.FAULT, "sound.muted", measured)
    return _counted(count, measured, by_hand)


def _counted(count: int, measured: Measures, by_hand: Callable[[str], bool]) -> Finding:
    """Ask whoever stands by, where somebody does, how many tones there were."""
    if not count:
        return finding("sound", DeviceState.READY, measured=measured)
    measured["tones"] = count
    if by_hand(f"tones:{count}"):
        return finding("sound", DeviceState.READY, "sound.played", measured)
    return finding("sound", DeviceState.FAULT, "sound.not_heard", measured)


def _refused(words: str) -> Finding:
    """Name why aplay could not play; its last line tells."""
    last = next(reversed(words.strip().splitlines()), "")
    for sign, state, cause in _REFUSALS:
        if sign in last:
            return finding("sound", state, cause)
    if "No such" in last:
        # alsa-lib says the same of a card that is not there and of one that this user may not open
        if _CARDS.is_file() and "[" in _CARDS.read_text(encoding="utf-8", errors="replace"):
            return finding("sound", DeviceState.FAULT, "sound.forbidden")
        return finding("sound", DeviceState.DISABLED, "sound.none")
    return finding("sound", DeviceState.FAULT, "sound.refused", {"error": last[-120:]})


def _card(player: str) -> str:
    """Return the name of the first sound card; empty where ALSA plays elsewhere than to a card."""
    found = _CARD.search(_told([player, "-l"]))
    return found[1] if found else ""


def _silenced() -> bool:
    """Tell whether the first mixer there is stands at nothing, or is switched off, on all channels."""
    mixer = shutil.which("amixer")
    for name in _MIXERS if mixer else ():
        levels = _LEVEL.findall(_told([str(mixer), "sget", name]))
        if levels:
            return all(level == "0" or off for level, off in levels)
    return False


def _told(command: list[str]) -> str:
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=SLACK_S, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return asked.stdout
