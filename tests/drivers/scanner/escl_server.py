"""A network scanner on 127.0.0.1: the other end of sane-airscan, so that real SANE software scans from it.

It has a glass plate and a feeder that scans both sides, and everything goes wrong that a test asks for.
Source: Mopria Alliance, eSCL Technical Specification 2.97: capabilities, status, scan jobs.
"""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

import cv2

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNITS: Final = 300
"""eSCL tells places in 300ths of an inch."""
SPACES: Final = {
    "scan": "http://schemas.hp.com/imaging/escl/2011/05/03",
    "pwg": "http://www.pwg.org/schemas/2010/12/sm",
}
INPUT = """
<scan:MinWidth>118</scan:MinWidth><scan:MaxWidth>2550</scan:MaxWidth>
<scan:MinHeight>118</scan:MinHeight><scan:MaxHeight>3508</scan:MaxHeight><scan:MaxScanRegions>1</scan:MaxScanRegions>
<scan:SettingProfiles><scan:SettingProfile>
<scan:ColorModes><scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes>
<scan:DocumentFormats><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat></scan:DocumentFormats>
<scan:SupportedResolutions><scan:DiscreteResolutions>
<scan:DiscreteResolution><scan:XResolution>200</scan:XResolution><scan:YResolution>200</scan:YResolution></scan:DiscreteResolution>
<scan:DiscreteResolution><scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:DiscreteResolution>
</scan:DiscreteResolutions></scan:SupportedResolutions>
</scan:SettingProfile></scan:SettingProfiles>
"""
ROOT = 'xmlns:scan="{scan}" xmlns:pwg="{pwg}"'.format(**SPACES)
CAPABILITIES = f"""<?xml version="1.0" encoding="UTF-8"?>
<scan:ScannerCapabilities {ROOT}><pwg:Version>2.6</pwg:Version><pwg:MakeAndModel>Loopback 1</pwg:MakeAndModel>
<scan:Platen><scan:PlatenInputCaps>{INPUT}</scan:PlatenInputCaps></scan:Platen>
<scan:Adf><scan:AdfSimplexInputCaps>{INPUT}</scan:AdfSimplexInputCaps>
<scan:AdfDuplexInputCaps>{INPUT}</scan:AdfDuplexInputCaps><scan:FeederCapacity>50</scan:FeederCapacity></scan:Adf>
</scan:ScannerCapabilities>"""
STATUS = f"""<?xml version="1.0" encoding="UTF-8"?>
<scan:ScannerStatus {ROOT}><pwg:Version>2.6</pwg:Version>
<pwg:State>{{state}}</pwg:State><scan:AdfState>{{adf}}</scan:AdfState></scan:ScannerStatus>"""


@dataclass(slots=True)
class Job:
    """One scan under way: sides still to come, at the resolution and in the colours asked for."""

    sides: list[NDArray[np.uint8]]
    dpi: int
    grey: bool
    sent: int = 0


@dataclass(slots=True)
class NetworkScanner:
    """What lies on and in the scanner, and what goes wrong. Pictures are of 300 dots an inch."""

    glass: NDArray[np.uint8]
    stack: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]] = field(default_factory=list)
    """Sheets in the feeder: front and back."""
    fault: str = ""
    """`ScannerAdfJam`, `ScannerAdfDoorOpen`, `Processing` (another computer scans), `off` or `silent`."""
    fault_after: int = 0
    """Sides that are sent before the fault."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    silence: threading.Event = field(default_factory=threading.Event)
    """Set when the scanner has fallen silent."""
    wake: threading.Event = field(default_factory=threading.Event)
    """Set to let the requests go that hang."""
    jobs: dict[str, Job] = field(default_factory=dict)

    def status(self) -> str:
        """Return the scanner's state as eSCL tells it."""
        state = "Processing" if self.fault == "Processing" else "Idle"
        adf = "ScannerAdfLoaded" if self.stack or self.jobs else "ScannerAdfEmpty"
        return STATUS.format(state=state, adf=self.fault if self.fault.startswith("ScannerAdf") else adf)

    def failing(self, sent: int) -> bool:
        """Tell whether the fault has come, after so many sides."""
        return bool(self.fault) and sent >= self.fault_after

    def begin(self, settings: bytes) -> str | None:
        """Take a job; None where there is nothing to scan, or it cannot be."""
        asked = ET.fromstring(settings)  # noqa: S314 - what sane-airscan on this machine writes
        told = {
            name: asked.findtext(f".//{name}", namespaces=SPACES)
            for name in ("pwg:InputSource", "scan:Duplex")
        }
        if self.failing(0):
            return None
        sides = [self.glass]
        if told["pwg:InputSource"] == "Feeder":
            both = told["scan:Duplex"] == "true"
            sides = [side for sheet in self.stack for side in sheet[: 1 + both]]
            self.stack = []
        if not sides:
            return None
        job = Job(
            sides=sides,
            dpi=int(asked.findtext(".//scan:XResolution", "0", SPACES)),
            grey=asked.findtext(".//scan:ColorMode", "", SPACES) == "Grayscale8",
        )
        name = f"/eSCL/ScanJobs/{len(self.jobs) + 1}"
        self.jobs[name] = job
        return name

    def next_side(self, name: str) -> bytes | None:
        """Return the next side as JPEG; None where there is none, or not any more."""
        job = self.jobs.get(name)
        if job is None or not job.sides or self.failing(job.sent):
            return None
        side, job.sides, job.sent = job.sides[0], job.sides[1:], job.sent + 1
        scale = job.dpi / UNITS
        scanned = cv2.resize(side, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if job.grey:
            scanned = cv2.cvtColor(scanned, cv2.COLOR_BGR2GRAY)
        return bytes(cv2.imencode(".jpg", scanned, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])


class EsclServer(ThreadingHTTPServer):
    """Serves one scanner on a free port of 127.0.0.1 until it is left or switched off."""

    daemon_threads = True

    def __init__(self, scanner: NetworkScanner) -> None:
        self.scanner = scanner
        super().__init__(("127.0.0.1", 0), EsclHandler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self.scanner.wake.set()
        self.switch_off()
        self._thread.join()

    def switch_off(self) -> None:
        """Stop listening, as a scanner does whose plug is pulled."""
        self.shutdown()
        self.server_close()


class EsclHandler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: EsclServer

    def do_GET(self) -> None:
        """Tell what the scanner can do and how it is, and give the next side."""
        scanner = self.server.scanner
        if self.path.endswith("/ScannerCapabilities"):
            self._answer(200, CAPABILITIES.encode(), "text/xml")
        elif self.path.endswith("/ScannerStatus"):
            self._answer(200, scanner.status().encode(), "text/xml")
        elif self.path.endswith("/NextDocument"):
            self._next(self.path.removesuffix("/NextDocument"))
        else:
            self._answer(404)

    def do_POST(self) -> None:
        """Take a job."""
        name = self.server.scanner.begin(self.rfile.read(int(self.headers["Content-Length"])))
        if name is None:
            self._answer(409)  # a 503 has airscan try again for 10 s before it says the same
        else:
            self._answer(201, location=f"http://127.0.0.1:{self.server.server_port}{name}")

    def do_DELETE(self) -> None:
        """Drop a job."""
        self.server.scanner.jobs.pop(self.path, None)
        self.server.scanner.cancelled.set()
        self._answer(200)

    def _next(self, name: str) -> None:
        scanner = self.server.scanner
        job = scanner.jobs.get(name)
        if job and scanner.failing(job.sent) and scanner.fault in {"off", "silent"}:
            self._fall_silent()
            return
        side = scanner.next_side(name)
        if side is None:
            self._answer(404 if job and not job.sides else 409)
        else:
            self._answer(200, side, "image/jpeg")

    def _fall_silent(self) -> None:
        scanner = self.server.scanner
        scanner.silence.set()
        if scanner.fault == "silent":
            scanner.wake.wait()
        else:
            self.server.switch_off()
        self.close_connection = True

    def _answer(self, status: int, body: bytes = b"", kind: str = "", *, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""
