"""What is heard when a number is called: two soft tones, then the words, from clips joined one to the other.

The clips shipped in `voice/` are synthetic and sound so (`voice/README.md`). A centre may put recordings in
their place, in the accent its citizens speak (`--voice DIR`), or have the tones alone (`--voice off`).
"""

from __future__ import annotations

import io
import logging
import math
import struct
import wave
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

RATE: Final = 16_000
"""Samples a second of every clip: 16-bit, one channel."""
INVITE, TO_DESK = "moi-so", "den-quay"
MOST_CALLS: Final = 3
"""Called in one breath; whoever was called before them stands on the display."""
_TONES_HZ: Final = (660, 523)
_PAUSE: Final = b"\0\0" * (RATE // 8)


def words_of(calls: Sequence[tuple[str, str]]) -> list[str]:
    """Return the names of the clips that say some calls, the last ones of them.

    Args:
        calls: Number and desk, in the order they were called.
    """
    return [word for number, desk in calls[-MOST_CALLS:] for word in spoken(number, desk)]


def spoken(number: str, desk: str) -> list[str]:
    """Return the names of the clips that say a call: `moi-so`, each letter and digit, `den-quay`, the desk.

    Args:
        number: `A015`.
        desk: `3`.
    """
    return [INVITE, *_signs(number), TO_DESK, *_signs(desk)]


def _signs(text: str) -> list[str]:
    return [sign for sign in text.upper() if sign.isascii() and sign.isalnum()]


def call_sound(folder: Path | None, words: Sequence[str]) -> bytes:
    """Return a call as one WAV file.

    Args:
        folder: Of clips `<word>.wav`, 16 kHz, 16-bit, one channel; None where the centre has none.
        words: Names of clips; when one is missing, nothing is said, because half a number misleads.
    """
    clips = [_clip(folder, word) for word in words] if folder is not None else []
    said = b"" if None in clips else _PAUSE.join(clip for clip in clips if clip is not None)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(_chime() + _PAUSE + said)
    return buffer.getvalue()


def seconds(sound: bytes) -> float:
    """Return how long a sound of `call_sound` lasts."""
    return len(sound) / (2 * RATE)


def _clip(folder: Path, word: str) -> bytes | None:
    path = folder / f"{word}.wav"
    try:
        with wave.open(str(path), "rb") as clip:
            if (clip.getnchannels(), clip.getsampwidth(), clip.getframerate()) != (1, 2, RATE):
                log.warning("voice.format", extra={"reason": word})
                return None
            return clip.readframes(clip.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        log.warning("voice.missing", extra={"reason": word, "cause": type(error).__name__})
        return None


@cache
def _chime() -> bytes:
    count = RATE // 2
    return b"".join(
        struct.pack("<h", int(9000 * math.exp(-4 * n / count) * math.sin(math.tau * tone_hz * n / RATE)))
        for tone_hz in _TONES_HZ
        for n in range(count)
    )
