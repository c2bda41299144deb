"""A network of its own with the real NetworkManager in it; run by test_real_networkmanager.py in `unshare`.

`python peer_network.py ROOT CHECKOUT` starts a bus and NetworkManager from the unpacked Debian packages below
ROOT, lets the kiosk's own code change the address of one end of a cable, and prints as JSON what it saw.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.wiring.network_manager import Interface, NetworkManager

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="signal"/><allow receive_type="method_return"/><allow receive_type="error"/>
</policy></busconfig>"""
MANAGER = """[main]
auth-polkit=false
plugins=keyfile
dns=none
rc-manager=unmanaged
[keyfile]
path=/run/nm/profiles
"""
PROFILES = Path("/run/nm/profiles")
PROFILE = """[connection]
id=mạng: LAN
uuid=7a6d1f1c-7b53-4a9e-8a51-0d1d5a7e0b11
type=ethernet
interface-name=eth9
[ipv4]
method=manual
address1=192.0.2.7/24,192.0.2.1
dns=192.0.2.1;
[ipv6]
method=disabled
"""
PASSWORD = "mat khau: d'8"
FOLDERS = ("/run/dbus", "/run/nm/profiles", "/run/nm/empty", "/var/lib/NetworkManager")


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=30).stdout


def prepare() -> None:
    """Lay a cable with two ends into this namespace, and the files of bus and manager."""
    run("mount", "-t", "sysfs", "-o", "ro", "none", "/sys")  # as in a container: udev is not waited for
    run("mount", "-t", "tmpfs", "none", "/run")
    for folder in FOLDERS:
        Path(folder).mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "none", FOLDERS[-1])
    Path("/run/nm/bus.conf").write_text(BUS, encoding="utf-8")
    Path("/run/nm/nm.conf").write_text(MANAGER, encoding="utf-8")
    profile = PROFILES / "lan.nmconnection"
    profile.write_text(PROFILE, encoding="utf-8")
    profile.chmod(0o600)
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "eth9", "type", "veth", "peer", "name", "peer9")
    run("ip", "addr", "add", "192.0.2.1/24", "dev", "peer9")
    run("ip", "link", "set", "peer9", "up")


def begin(root: Path, stack: ExitStack) -> None:
    """Start bus and manager; they end with the stack."""
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/run/dbus/system_bus_socket"
    os.environ["PATH"] = f"{root}/usr/bin:{os.environ['PATH']}"
    manager = [f"{root}/usr/sbin/NetworkManager", "-n", "--config", "/run/nm/nm.conf"]
    manager += ["--config-dir", "/run/nm/empty", "--state-file", "/run/nm/state"]
    for command in (["dbus-daemon", "--config-file=/run/nm/bus.conf", "--nofork"], manager):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        if command[0] == "dbus-daemon":
            until(Path("/run/dbus/system_bus_socket").exists)


def until(ready: Callable[[], bool], seconds: float = 20.0) -> None:
    """Look again and again; what never comes ends the run."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def address() -> str:
    told = json.loads(run("ip", "-json", "-4", "addr", "show", "dev", "eth9"))
    return ",".join(f"{one['local']}/{one['prefixlen']}" for link in told for one in link["addr_info"])


def kept() -> bool:
    return any("198.51.100.9/24" in path.read_text(encoding="utf-8") for path in PROFILES.iterdir())


def scenario(manager: NetworkManager) -> dict[str, object]:
    from kiosk_app.wiring.network_manager import Profile

    def cable() -> Interface | None:
        return next((one for one in manager.interfaces() if one.name == "eth9" and one.profile), None)

    until(manager.running)
    until(lambda: cable() is not None and address() == "192.0.2.7/24")
    lan = cable()
    assert lan is not None
    seen: dict[str, object] = {"interface": lan.name, "kind": lan.kind}
    before = manager.profile(lan)
    seen["before"] = [before.method, before.address, before.gateway, list(before.dns)]
    other = Profile(
        method="manual", address="198.51.100.9/24", gateway="198.51.100.1", dns=("198.51.100.1", "8.8.8.8")
    )
    trial = manager.begin(lan, other, back_s=60)
    seen["on_trial"], seen["on_disk_in_trial"] = address(), kept()
    manager.take_back(trial)
    until(lambda: address() == "192.0.2.7/24")
    seen["taken_back"] = [manager.profile(lan).address, kept()]
    manager.begin(lan, other, back_s=2)
    until(lambda: address() == "192.0.2.7/24")  # nobody said a word: its own clock did it
    seen["back_by_itself"] = [manager.profile(lan).address, kept()]
    trial = manager.begin(lan, other, back_s=2)
    manager.keep(trial)
    run("nmcli", "connection", "reload")
    end = time.monotonic() + 3
    until(lambda: time.monotonic() > end)  # longer than the way back would have taken
    after = manager.profile(lan)
    seen["kept"] = [address(), after.gateway, list(after.dns), kept()]
    return {**seen, **refusal(manager, lan), **radio()}


def refusal(manager: NetworkManager, lan: Interface) -> dict[str, object]:
    """Have a change refused, and make another one after it."""
    from kiosk_app.flow.technician_tools import NetworkRefusedError
    from kiosk_app.wiring.network_manager import Profile

    seen: dict[str, object] = {}
    try:
        manager.begin(lan, Profile(method="manual", address="300.1.1.1/24"), back_s=60)
    except NetworkRefusedError as error:
        seen["refused"] = error.detail
    seen["after_refusal"] = address()
    third = Profile(method="manual", address="203.0.113.5/24", gateway="203.0.113.1")
    trial = manager.begin(lan, third, back_s=60)
    seen["again"] = address()
    manager.take_back(trial)
    return seen


def radio() -> dict[str, object]:
    """Set the password of a radio network; the radio itself, which is not here, is taken for up."""
    from kiosk_app.wiring.network_manager import Interface, NetworkManager, Profile

    class Up(NetworkManager):
        def _ask(self, *words: str, limit_s: float = 15.0) -> str:
            return "" if "up" in words else super()._ask(*words, limit_s=limit_s)

    os.environ["HOME"] = "/run/nm/empty"
    manager, wanted = Up(), Profile(ssid="UBND: Sa Đéc", password=PASSWORD)
    trial = manager.begin(Interface(name="wlan9", kind="wifi", profile=""), wanted, back_s=60)
    in_trial = [PASSWORD in path.read_text(encoding="utf-8") for path in PROFILES.iterdir()]
    manager.keep(trial)
    on_disk = [PASSWORD in path.read_text(encoding="utf-8") for path in PROFILES.iterdir()]
    return {
        "password": [any(in_trial), any(on_disk), [path.name for path in Path("/run/nm/empty").iterdir()]]
    }


def main() -> None:
    root, checkout = Path(sys.argv[1]), sys.argv[2]
    sys.path.insert(0, checkout)
    prepare()
    from kiosk_app.wiring.network_manager import NetworkManager

    with ExitStack() as stack:
        begin(root, stack)
        print(json.dumps(scenario(NetworkManager())))


if __name__ == "__main__":
    main()
