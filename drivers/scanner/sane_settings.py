"""How one scanner is asked for pictures; kept apart from the scanning, which needs OpenCV."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.ports import PaperSource

DPI = 200
"""Dots an inch asked for. Source: Decree 30/2020, Appendix I."""
A4_MM = (210, 297)
FEEDERS = ("feeder", "adf", "duplex")
"""Words in the names that SANE's backends give to sources that draw sheets in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaneSettings:
    """How one scanner is asked for pictures."""

    device: str
    """SANE's name of it, as `scanimage -L` tells, such as `airscan:e0:Kiosk`."""
    dpi: int = DPI
    mode: str = "Color"
    """SANE's name of the colour mode: `Color` or `Gray`."""
    source: str = ""
    """SANE's name of the paper source, such as `Automatic Document Feeder` or `ADF Duplex`; empty takes the
    scanner's first."""
    options: tuple[str, ...] = ()
    """Further arguments for scanimage."""

    @property
    def paper_source(self) -> PaperSource:
        """Whether sheets are laid on the glass or drawn in from a stack."""
        drawn_in = any(word in self.source.lower() for word in FEEDERS)
        return PaperSource.FEEDER if drawn_in else PaperSource.FLATBED

    def command(self) -> list[str]:
        """Return the command that scans; what a batch needs is added to it."""
        width, height = A4_MM
        asked = ["scanimage", "--device-name", self.device, "--format=pnm"]
        asked += ["--source", self.source] if self.source else []  # first: it brings options of its own
        asked += ["--mode", self.mode, "--resolution", str(self.dpi), "-x", str(width), "-y", str(height)]
        return [*asked, *self.options]
