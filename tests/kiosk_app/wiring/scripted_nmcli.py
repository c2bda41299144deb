"""A `nmcli` and a `busctl` that keep a NetworkManager in a JSON file; words and codes as of version 1.42.

Put on PATH under both names by test_network.py. `NM_STATE` names the file.
"""

from __future__ import annotations

import copy
import json
import os
import sys
from pathlib import Path
from typing import Any

STATE = Path(os.environ["NM_STATE"])
State = dict[str, Any]
NEW = "f12fb588-c4f1-4c4d-9832-90915d597a3e"


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def stop(words: str, code: int) -> None:
    sys.stderr.write(f"Error: {words}\n")
    sys.exit(code)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:")


def bus(state: State, words: list[str]) -> None:
    method, values = words[5], words[7:]
    state["calls"].append([method, *values])
    if method == "CheckpointCreate":
        state["checkpoint"] = copy.deepcopy(state["profiles"])
        state["numbered"] += 1
        path = f"/org/freedesktop/NetworkManager/Checkpoint/{state['numbered']}"
        say(json.dumps({"type": "o", "data": [path]}))
    elif state.get("checkpoint") is None or state.get("expired"):
        sys.stderr.write(f"Call failed: checkpoint {values[0]} does not exist\n")
        sys.exit(1)
    elif method == "CheckpointRollback":
        state["profiles"], state["checkpoint"] = state["checkpoint"], None
        say(json.dumps({"type": "a{su}", "data": [{"/org/freedesktop/NetworkManager/Devices/2": 0}]}))
    elif method == "CheckpointDestroy":
        state["checkpoint"] = None


def show(state: State, words: list[str]) -> None:
    profile = state["profiles"].get(words[-1])
    if profile is None:
        stop(f"{words[-1]} - no such connection profile.", 10)
    for name in words[words.index("-f") + 1].split(","):
        if name in profile:
            say(f"{name}:{profile[name]}")


def change(state: State, words: list[str]) -> None:
    temporary = "--temporary" in words
    words = [word for word in words if word != "--temporary"]
    identity, pairs = words[2], words[3:]
    if identity not in state["profiles"]:
        stop(f"unknown connection '{identity}'.", 10)
    lay(state, identity, pairs)
    if not temporary:
        state["disk"] = copy.deepcopy(state["profiles"])


def lay(state: State, identity: str, pairs: list[str]) -> None:
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        if name == "ipv4.addresses" and value.startswith("300."):
            stop(f"failed to modify ipv4.addresses: invalid IP address: Invalid IPv4 address '{value}'.", 2)
        state["profiles"][identity][name] = value.replace(" ", ",") if name == "ipv4.dns" else value


def edit(state: State, words: list[str]) -> None:
    """The editor: says again what it reads, keeps it as a history in the home folder, and ends with 0."""
    profile, told = dict(state["profiles"][words[2]]), sys.stdin.read()
    history = Path(os.environ["HOME"]) / ".nmcli-history"
    if history.parent.is_dir():
        history.write_text(told, encoding="utf-8")
    for line in told.splitlines():
        say(f"nmcli> {line}")
        verb, _blank, rest = line.strip().partition(" ")
        if verb == "set":
            name, _blank, value = rest.partition(" ")
            profile[name] = value.strip()
        elif line == "save temporary":
            state["profiles"][words[2]] = profile


def add(state: State, words: list[str]) -> None:
    start = words.index("ipv4.method")
    state["profiles"][NEW] = {"save": words[words.index("save") + 1]}
    lay(state, NEW, words[start:])
    name = words[words.index("con-name") + 1]
    say(f"Connection '{name}' ({NEW}) successfully added.")


def bring_up(state: State, words: list[str]) -> None:
    state["up"] = words[words.index("up") + 1]
    if state["dead"]:
        stop("Connection activation failed: IP configuration could not be reserved", 4)
    say("Connection successfully activated")


def devices(state: State, _words: list[str]) -> None:
    for device in state["devices"]:
        say(":".join(escaped(value) for value in device))


ANSWERS = {
    "RUNNING general": lambda _state, _words: say("running"),
    "device status": devices,
    "connection show": show,
    "connection modify": change,
    "connection add": add,
    "connection edit": edit,
    "device wifi list": lambda state, _words: say("\n".join(state["air"])),
    "connection up": bring_up,
}


def nm(state: State, words: list[str]) -> None:
    state["calls"].append(words)
    if not state["running"]:
        stop("NetworkManager is not running.", 8)
    joined = " ".join(words)
    answer = next((answer for asked, answer in ANSWERS.items() if asked in joined), None)
    if answer is None:
        stop(f"argument '{joined}' not understood.", 2)
    else:
        answer(state, words)


def main() -> None:
    state = json.loads(STATE.read_text(encoding="utf-8"))
    try:
        (bus if Path(sys.argv[0]).name == "busctl" else nm)(state, sys.argv[1:])
    finally:
        STATE.write_text(json.dumps(state), encoding="utf-8")


if __name__ == "__main__":
    main()
