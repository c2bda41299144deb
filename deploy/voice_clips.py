"""Make the clips that call numbers on the display, with espeak-ng: run when a word changes, never on a kiosk.

    .venv/bin/python deploy/voice_clips.py [--out backend/web/voice] [--voice vi]

Needs `apt-get install espeak-ng` (1.51 made what is checked in). The same words give the same bytes. The
northern voice is taken: in the southern one the letters G and V sound alike.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import wave
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

ROOT: Final = Path(__file__).resolve().parents[1]
RATE: Final = 16_000
"""Samples a second of a clip, as `backend/web/call_sound.py` wants them."""
LOUDNESS: Final = 4_000
"""Mean power all clips are brought to, as far as their peaks allow."""
LOUDEST: Final = 30_000
"""Of 32,767: a little room, so that no loudspeaker clips."""
SILENCE: Final = 400
"""Samples quieter than this at both ends are cut."""
EDGE: Final = RATE // 50
"""Samples kept before and after, faded, so that nothing clicks."""
_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_LETTERS: Final = (
    *("a", "bê", "xê", "đê", "e", "ép", "giê", "hát", "i", "gi", "ca", "lờ", "mờ", "nờ", "o", "pê", "quy"),
    *("rờ", "sờ", "tê", "u", "vê", "vê kép", "ích", "i dài", "dét"),
)
WORDS: Final = {
    "moi-so": "mời số",
    "den-quay": "đến quầy",
    **dict(zip("0123456789", _DIGITS, strict=True)),
    **dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _LETTERS, strict=True)),
}
"""What each clip says: letters as they are read in Viet Nam."""


def said(words: str, voice: str) -> npt.NDArray[np.float64]:
    """Return words as espeak-ng speaks them, at the rate of a clip.

    Args:
        words: Vietnamese.
        voice: Of espeak-ng: `vi`, `vi-vn-x-central`, `vi-vn-x-south`.
    """
    done = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", "120", "-p", "45", "-g", "1", "--stdout", words],
        capture_output=True,
        check=True,
        timeout=30,
    )
    with wave.open(io.BytesIO(done.stdout)) as sound:
        rate = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float64)
    spectrum = np.fft.rfft(samples)
    count = len(samples) * RATE // rate
    slower: npt.NDArray[np.float64] = np.fft.irfft(spectrum[: count // 2 + 1], count)
    slower *= count / len(samples)
    return slower


def trimmed(samples: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
    """Return a clip without the silence around it, as loud as the others."""
    power = np.sqrt(np.mean(np.square(samples)))
    loud = samples * min(LOUDNESS / power, LOUDEST / np.abs(samples).max())
    heard = np.flatnonzero(np.abs(loud) > SILENCE)
    cut = loud[max(0, heard[0] - EDGE) : heard[-1] + EDGE]
    fade = np.linspace(0, 1, EDGE)
    cut[:EDGE] *= fade
    cut[-EDGE:] *= fade[::-1]
    clip: npt.NDArray[np.int16] = np.round(cut).astype("<i2")
    return clip


def main() -> int:
    """Write all clips; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=ROOT / "backend" / "web" / "voice")
    parser.add_argument("--voice", default="vi")
    args = parser.parse_args()
    if shutil.which("espeak-ng") is None:
        sys.stderr.write("voice_clips: espeak-ng is missing; run: apt-get install espeak-ng\n")
        return 1
    for name, words in WORDS.items():
        with wave.open(str(args.out / f"{name}.wav"), "wb") as clip:
            clip.setnchannels(1)
            clip.setsampwidth(2)
            clip.setframerate(RATE)
            clip.writeframes(trimmed(said(words, args.voice)).tobytes())
    size = sum((args.out / f"{name}.wav").stat().st_size for name in WORDS)
    sys.stdout.write(f"{len(WORDS)} clips, {size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
