"""A real pcscd with a virtual reader, without systemd, for tests and demonstrations.

There can be only one pcscd a machine (its socket has a fixed name), so one that is already running is
never touched. Not for a kiosk in service: vpcd listens on every interface.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.errors import DeviceBusyError, DeviceMissingError, DeviceTimeoutError
from drivers.simulated.card.vpcd import PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

SOCKET = Path("/run/pcscd/pcscd.comm")
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SBIN = "/usr/sbin:/usr/bin:/sbin:/bin"
START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0
POLL_S = 0.02
LISTEN = "0A"
"""The state of a listening socket in `/proc/net/tcp`."""


def service_answers() -> bool:
    """Tell whether some pcscd listens on this machine."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(SOCKET)) == 0


def free_port() -> int:
    """Return a port for `run_pcscd` that nobody has, with the one after it.

    Below the range of passing connections, so that none of those takes it before pcscd does.
    """
    for port in secrets.SystemRandom().sample(range(20_000, 30_000, 2), k=50):
        if not {port, port + 1} & _taken():
            return port
    raise DeviceBusyError("No free port was found for a virtual reader; try again.")


def _taken(*, listening: bool = False) -> set[int]:
    """Return the local TCP ports in use, or only those somebody listens on. Source: proc(5)."""
    found = set()
    for table in ("tcp", "tcp6"):
        path = Path("/proc/net") / table
        for line in path.read_text(encoding="ascii").splitlines()[1:] if path.exists() else ():
            _number, local, _remote, state = line.split()[:4]
            if not listening or state == LISTEN:
                found.add(int(local.rpartition(":")[2], 16))
    return found


def missing_part() -> str | None:
    """Name what is missing to run pcscd with a virtual reader; None when everything is there."""
    if shutil.which("pcscd", path=SBIN) is None:
        return "pcscd is not installed (apt-get install pcscd)"
    return None if DRIVER.exists() else "the vpcd driver is not installed (apt-get install vsmartcard-vpcd)"


@contextlib.contextmanager
def run_pcscd(folder: Path, *, port: int | None = PORT) -> Iterator[subprocess.Popen[bytes]]:
    """Run pcscd with one virtual reader until the block ends; its log goes to `folder`/pcscd.log.

    Args:
        folder: Where its configuration and log go.
        port: Where the card connects; the reader's second slot takes the next port. None for no reader.

    Raises:
        DeviceMissingError: pcscd or the driver is not installed.
        DeviceBusyError: Another pcscd runs on this machine.
        DeviceTimeoutError: pcscd did not come up; its log says why.
    """
    missing = missing_part()
    if missing:
        raise DeviceMissingError(missing)
    if service_answers():
        raise DeviceBusyError("Another pcscd runs on this machine; stop it or use it.")
    configuration = folder / "reader.conf.d"
    configuration.mkdir(parents=True, exist_ok=True)
    if port is not None:
        (configuration / "vpcd").write_text(
            f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x{port:X}\n'
            f"LIBPATH {DRIVER}\nCHANNELID 0x{port:X}\n"
        )
    SOCKET.parent.mkdir(parents=True, exist_ok=True)
    program = shutil.which("pcscd", path=SBIN) or "pcscd"
    with (folder / "pcscd.log").open("ab") as output:
        process = subprocess.Popen(
            [program, "--foreground", "--config", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_up(process, port)
        yield process
    finally:
        _stop(process)


def _wait_until_up(process: subprocess.Popen[bytes], port: int | None) -> None:
    pause, deadline = threading.Event(), time.monotonic() + START_TIMEOUT_S
    while not service_answers() or (port is not None and port not in _taken(listening=True)):
        if process.poll() is not None or time.monotonic() > deadline:
            raise DeviceTimeoutError("pcscd did not come up; read pcscd.log in its folder.")
        pause.wait(POLL_S)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_TIMEOUT_S)
