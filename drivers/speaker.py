"""Reads aloud with two small programs of Debian: `ogg123` plays recorded clips, `espeak-ng` says the rest.

Both are processes of their own (GPL), given the words on standard input: a list of processes shows none.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from drivers.ports import Said

log = logging.getLogger(__name__)
WORDS_A_MINUTE: Final = 140
"""A little slower than people talk: the listener may be seventy."""
LONGEST_S: Final = 60.0
"""No sentence takes longer; a program that does has lost its loudspeaker."""
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class LocalSpeaker:
    """Plays clips and speaks on this machine's loudspeaker.

    Args:
        folders: Where clips are, `<folder>/<language>/<prompt>.ogg`; the first that has one wins.
        voices: Voice of espeak-ng by language; a language that is missing is not spoken.
        pack: A further language whose clips come before those in Vietnamese, such as `hmn`; empty = none.
        player: Path of the program that plays clips; None looks for `ogg123`.
        speech: Path of the program that speaks; None looks for `espeak-ng`.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        voices: Mapping[str, str],
        *,
        pack: str = "",
        player: str | None = None,
        speech: str | None = None,
    ) -> None:
        self._folders, self._voices, self._pack = tuple(folders), dict(voices), pack
        self._player = player or shutil.which("ogg123")
        self._speech = speech or shutil.which("espeak-ng")
        self._lock = threading.Lock()
        self._turn = 0
        self._process: subprocess.Popen[bytes] | None = None

    def ready(self) -> bool:
        """Tell whether there is a voice, or a clip and what plays it."""
        clips = any(clip for folder in self._folders for clip in folder.glob("*/*.ogg"))
        return bool(self._speech or (self._player and clips))

    def say(self, said: Sequence[Said], *, language: str) -> None:
        """Say one after the other; see `Speaker.say`."""
        self.hush()
        with self._lock:
            turn = self._turn
        for one in said:
            command = self._command(one, language)
            if command is not None and not self._play(command, one.text, turn):
                return

    def hush(self) -> None:
        """Fall silent at once."""
        with self._lock:
            self._turn += 1
            if self._process is not None:
                self._process.kill()

    def _command(self, one: Said, language: str) -> list[str] | None:
        """Return the program that says this: a clip, else a voice, else the Vietnamese clip."""
        packs = [self._pack] if self._pack and language == "vi" else []
        for spoken in (*packs, language):
            if clip := self._clip(one.prompt, spoken):
                return clip
        if self._speech and language in self._voices:
            voice = self._voices[language]
            return [self._speech, "-v", voice, "-s", str(WORDS_A_MINUTE), "--stdin"]
        return self._clip(one.prompt, "vi")

    def _clip(self, prompt: str, language: str) -> list[str] | None:
        if not self._player or not _NAME.fullmatch(prompt):
            return None
        paths = (folder / language / f"{prompt}.ogg" for folder in self._folders)
        clip = next((path for path in paths if path.is_file()), None)
        return [self._player, "-q", str(clip)] if clip else None

    def _play(self, command: list[str], words: str, turn: int) -> bool:
        """Run the program to its end; tell whether to go on, which a hush forbids."""
        with self._lock:
            if turn != self._turn:
                return False
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            except OSError as error:
                log.warning("speaker.not_started", extra={"cause": type(error).__name__})
                return False
            self._process = process
        with process:
            try:
                process.communicate(f"{words}\n".encode(), timeout=LONGEST_S)
            except subprocess.TimeoutExpired:
                process.kill()
                log.warning("speaker.timeout", extra={"delay_s": LONGEST_S})
        with self._lock:
            self._process = None
            return turn == self._turn
