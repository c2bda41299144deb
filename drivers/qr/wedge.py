"""A QR scanner that types like a keyboard: what it types is told from a person's typing by its pace.

A fallback, and a poor one: such scanners send key strokes of some keyboard layout, so letters with marks get
lost; a card's name is then refused as damaged and only its numbers are used (`card_text`). Under the
Vietnamese layout digits become letters: a burst of letters with marks and no digit is told as that.
Source: DEVICES.md 4: 4 to 6 ms between a scanner's strokes, 86 ms between a quick typist's.
"""

from __future__ import annotations

import threading
from string import digits

from drivers.errors import ScannerMisconfiguredError
from drivers.ports import DeviceState, DeviceStatus
from drivers.qr.framer import LONGEST_FRAME
from drivers.qr.inbox import CodeInbox

LEAST_SIGNS = 6
MEAN_GAP_S = 0.035
RESET_S = 0.3
"""After so long a silence the next stroke begins anew, seconds."""
_ENDS = frozenset("\r\n")


class WedgeCodeScanner:
    """Takes every key stroke of the kiosk and gives what came in a burst. Safe to use from two threads."""

    def __init__(self) -> None:
        self._inbox = CodeInbox()
        self._inbox.become(DeviceState.READY)
        self._lock = threading.Lock()
        self._signs: list[str] = []
        self._began_s = self._last_s = 0.0
        self._seen = False
        self._wrong_layout = False

    def key(self, sign: str, at_s: float) -> bool:
        """Take one stroke; tell whether it ended a code, so that nobody else takes it for Enter.

        Args:
            sign: What the key types, carriage return for Enter; strokes that type nothing are passed over.
            at_s: When, in seconds that only grow.
        """
        with self._lock:
            if at_s - self._last_s > RESET_S:
                self._signs.clear()
            self._last_s = at_s
            if sign not in _ENDS:
                if not self._signs:
                    self._began_s = at_s
                self._signs.append(sign)
                del self._signs[LONGEST_FRAME:]
                return False
            text, self._signs = "".join(self._signs), []
            quick = len(text) >= LEAST_SIGNS and (at_s - self._began_s) / len(text) < MEAN_GAP_S
            self._seen = self._seen or quick
        if quick:
            self._wrong_layout = not any(sign in digits for sign in text) and not text.isascii()
            self._inbox.put(ScannerMisconfiguredError() if self._wrong_layout else text)
        return quick

    def read(self, *, timeout_s: float) -> str | None:
        """Wait for the next code and return its text, or None when the time is over.

        Raises:
            ScannerMisconfiguredError: The keyboard's layout made letters of its digits.
        """
        return self._inbox.take(timeout_s=timeout_s)

    def flush(self) -> None:
        """Forget every code, and half a code, that came before now."""
        with self._lock:
            self._signs.clear()
        self._inbox.clear()

    def status(self) -> DeviceStatus:
        """Tell whether it has ever typed: a keyboard's cable cannot be asked."""
        if not self._seen:
            return DeviceStatus(device="qr_scanner", state=DeviceState.DEGRADED, cause="qr.nothing_typed_yet")
        if self._wrong_layout:
            return DeviceStatus(device="qr_scanner", state=DeviceState.DEGRADED, cause="qr.wrong_layout")
        return DeviceStatus(device="qr_scanner", state=self._inbox.state, detail="keyboard")

    def close(self) -> None:
        """Forget everything."""
        self.flush()
        self._inbox.become(DeviceState.DISABLED)
