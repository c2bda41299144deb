"""The simulated document camera behind the port `DocumentScanner`."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError, DeviceTimeoutError
from drivers.ports import DeviceState, DeviceStatus, never
from drivers.scanner.stopping import ASK_S, go_on
from drivers.simulated.scanner.desk import FRAME_PX, PREVIEW_PX, Pose, Scene, photograph
from drivers.simulated.scanner.hands import Hand
from drivers.simulated.scanner.papers import PAPERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from drivers.ports import Stop


class DeskFault(StrEnum):
    """What can go wrong on the desk or with the camera."""

    GLARE = "glare"
    BLURRED = "blurred"
    DARK = "dark"
    SHADOW = "shadow"
    HAND = "hand"
    CUT_OFF = "cut_off"
    NO_PAPER = "no_paper"
    TWO_PAPERS = "two_papers"
    SILENT = "silent"
    UNPLUGGED = "unplugged"


LAYINGS = (
    Pose(x=0.49, y=0.51, height=0.76, turn_deg=-3.0, lean=0.03),
    Pose(x=0.52, y=0.49, height=0.75, turn_deg=2.2, lean=-0.02),
    Pose(x=0.5, y=0.5, height=0.77, turn_deg=5.0, lean=0.04),
)
"""How the hand of a citizen lays one paper after the other."""


class SimulatedScanner:
    """A document camera over a desk on which a script lays papers. Safe to use from two threads."""

    def __init__(
        self,
        *,
        papers: tuple[str, ...] = ("birth_certificate", "residence"),
        seed: int = 1,
        shot_s: float = 0.0,
    ) -> None:
        self._papers = papers
        self._seed = seed
        self._shot_s = shot_s
        """How long a picture takes, seconds: the lamp of a flatbed travels for twenty."""
        self._lock = threading.Lock()
        self._count = 0
        self._paper: str | None = papers[0] if papers else None
        self._fault: DeskFault | None = None
        self._preview: NDArray[np.uint8] | None = None

    def lay(self, paper: str | None) -> None:
        """Put this paper (a name in `papers.PAPERS`) on the desk instead of the last; None clears it."""
        if paper is not None and paper not in PAPERS:
            raise ValueError(f"No paper is called {paper}; there are {', '.join(PAPERS)}.")
        with self._lock:
            self._paper = paper
            self._count += 1
            self._preview = None

    def next_paper(self) -> str:
        """Lay the next of the papers given at the start, beginning again after the last; return its name."""
        place = self._papers.index(self._paper) + 1 if self._paper in self._papers else 0
        name = self._papers[place % len(self._papers)]
        self.lay(name)
        return name

    def break_with(self, fault: DeskFault | None) -> None:
        """Make this go wrong from now on; None makes all well."""
        with self._lock:
            self._fault = fault
            self._preview = None

    def preview(self) -> NDArray[np.uint8] | None:
        """Return the desk as seen now, 540 × 720; None when the camera is unplugged or silent."""
        with self._lock:
            if self._fault in {DeskFault.UNPLUGGED, DeskFault.SILENT}:
                return None
            if self._preview is None:
                self._preview = self._photograph(PREVIEW_PX)
            return self._preview.copy()

    def capture(self, *, timeout_s: float, stop: Stop = never) -> NDArray[np.uint8]:
        """Take a picture of 2400 × 3200 pixels; the same laying gives the same picture.

        Raises:
            DeviceMissingError, DeviceTimeoutError: As the script says, or the picture takes longer than that.
            ScanError: It was stopped.
        """
        self._travel(timeout_s, stop)
        with self._lock:
            if self._fault is DeskFault.UNPLUGGED:
                raise DeviceMissingError
            if self._fault is DeskFault.SILENT:
                raise DeviceTimeoutError
            return self._photograph(FRAME_PX)

    def _travel(self, timeout_s: float, stop: Stop) -> None:
        """Let the lamp travel; whoever waits may end it."""
        go_on(stop)
        begun = time.monotonic()
        while (gone := time.monotonic() - begun) < self._shot_s:
            if gone >= timeout_s:
                raise DeviceTimeoutError
            time.sleep(min(ASK_S, self._shot_s - gone, timeout_s - gone))
            go_on(stop)

    def status(self) -> DeviceStatus:
        """Tell whether the script has unplugged the camera."""
        if self._fault is DeskFault.UNPLUGGED:
            return DeviceStatus(
                device="document_scanner", state=DeviceState.ABSENT, cause=DeviceMissingError.code
            )
        if self._fault is DeskFault.SILENT:
            return DeviceStatus(
                device="document_scanner", state=DeviceState.FAULT, cause=DeviceTimeoutError.code
            )
        return DeviceStatus(device="document_scanner", state=DeviceState.READY, detail="simulated")

    def close(self) -> None:
        """Forget the picture of the desk."""
        with self._lock:
            self._preview = None

    def _photograph(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        scene = self._scene()
        name = self._paper or "residence"
        sheets = tuple(PAPERS[name]() for _ in scene.poses)
        return photograph(scene, sheets, size)

    def _scene(self) -> Scene:
        pose = LAYINGS[self._count % len(LAYINGS)]
        plain = Scene(poses=(pose,), seed=self._seed + self._count)
        if self._paper is None or self._fault is DeskFault.NO_PAPER:
            return replace(plain, poses=())
        left, right = Pose(x=0.27, height=0.44, turn_deg=-2), Pose(x=0.73, height=0.44, turn_deg=3)
        hand = Hand(x=pose.x + 0.12, y=pose.y, from_deg=10)
        scenes = {
            DeskFault.TWO_PAPERS: replace(plain, poses=(left, right)),
            DeskFault.CUT_OFF: replace(plain, poses=(Pose(x=0.2, height=0.78),)),
            DeskFault.DARK: replace(plain, exposure=0.035),
            DeskFault.SHADOW: replace(plain, shadow=0.88),
            DeskFault.HAND: replace(plain, hands=(hand,)),
            DeskFault.BLURRED: replace(plain, blur_px=4.5),
            DeskFault.GLARE: replace(plain, glare=2),
        }
        return scenes.get(self._fault, plain) if self._fault else plain
