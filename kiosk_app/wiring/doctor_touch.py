"""The doctor tries a touch screen: dead places, dead strips, axes that are turned, touches that are off.

`kiosk doctor --touch` shows the grid in a process of its own, because Qt ends one that finds no display;
the technician's screen shows the same grid in the kiosk's own window. Both are judged here.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from drivers.ports import DeviceState
from kiosk_app.flow.touch_grid import TouchTrial, grid, shape
from kiosk_app.wiring.findings import Finding, Measures, finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.flow.touch_grid import Felt, Point

    Turn = Callable[[Point], Point]

TRIAL_S: Final = 180.0
"""A whole grid with a person who waits at every spot takes half of it."""
TOLERANCE_PX: Final = 44
"""Half of the smallest button (ux/tokens.json: 88 pixels)."""
_TURNED_FROM: Final = 0.25
"""Median distance, in shares of the screen, from which touches are not merely off."""
_EXPLAINED: Final = 0.1
"""A turn explains touches when it brings them as near as that."""
_LEAST_FELT: Final = 4
_LEAST_SLOPE: Final = 0.2
"""Touches that all land on nearly one line are no scale that a matrix could mend."""
_DISPLAYS: Final = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_ROOT: Final = Path(__file__).resolve().parents[2]
_TURNS: Final[dict[str, tuple[Turn, str]]] = {
    "mirror_x": (lambda p: (1 - p[0], p[1]), "-1 0 1 0 1 0"),
    "mirror_y": (lambda p: (p[0], 1 - p[1]), "1 0 0 0 -1 1"),
    "turn_180": (lambda p: (1 - p[0], 1 - p[1]), "-1 0 1 0 -1 1"),
    "turn_right": (lambda p: (1 - p[1], p[0]), "0 1 0 -1 0 1"),
    "turn_left": (lambda p: (p[1], 1 - p[0]), "0 -1 1 1 0 0"),
    "swap": (lambda p: (p[1], p[0]), "0 1 0 1 0 0"),
    "swap_turned": (lambda p: (1 - p[1], 1 - p[0]), "0 -1 1 -1 0 1"),
}
"""How a panel may be mounted or wired: what it makes of a touch, and the calibration matrix that undoes it.

Source: libinput, "Touchscreen calibration": two rows of three, applied to shares of the screen.
"""


def on_display() -> Finding:
    """Show the grid on the display of this session and judge what was felt."""
    if not any(os.environ.get(name) for name in _DISPLAYS):
        return finding("touch", DeviceState.DISABLED, "touch.no_display")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "kiosk_app.wiring.touch_trial"],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            timeout=TRIAL_S,
            check=True,
        )
        return judge(msgspec.json.decode(done.stdout, type=TouchTrial))
    except subprocess.TimeoutExpired:
        return finding("touch", DeviceState.FAULT, "doctor.too_slow", {"limit_s": TRIAL_S})
    except (subprocess.CalledProcessError, msgspec.MsgspecError) as error:
        return finding("touch", DeviceState.DISABLED, "touch.no_display", {"error": type(error).__name__})


def judge(trial: TouchTrial) -> Finding:
    """Name what a tried grid shows; the most telling cause first."""
    felt = [one for one in trial.felt if one.at is not None]
    width, height = trial.size_px
    whole = grid(landscape=width > height)
    measured: Measures = {"touched": f"{len(felt)}/{len(whole)}"}
    if not felt:
        return finding("touch", DeviceState.FAULT, "touch.nothing", measured)
    turn = _turn(felt)
    if turn:
        measured |= {"turn": turn, "matrix": _TURNS[turn][1]}
        return finding("touch", DeviceState.FAULT, "touch.turned", measured)
    missed = [one for one in trial.felt if one.at is None]
    if missed:
        cause, where = _dead(trial, missed)
        return finding("touch", DeviceState.FAULT, cause, measured | {"where": where})
    if len(trial.felt) < len(whole):
        return finding("touch", DeviceState.DEGRADED, "touch.left", measured)
    return _judge_aim(felt, trial, measured)


def _turn(felt: list[Felt]) -> str:
    """Return which turn explains where the touches were felt, empty where none is needed."""
    if len(felt) < _LEAST_FELT or _distance(felt, lambda point: point) < _TURNED_FROM:
        return ""
    best = min(_TURNS, key=lambda name: _distance(felt, _TURNS[name][0]))
    return best if _distance(felt, _TURNS[best][0]) < _EXPLAINED else ""


def _distance(felt: list[Felt], turn: Turn) -> float:
    return statistics.median(math.dist(turn(one.spot.at), one.at) for one in felt if one.at is not None)


def _dead(trial: TouchTrial, missed: list[Felt]) -> tuple[str, str]:
    """Return the cause and the codes of the places that felt nothing: whole edges, else single spots."""
    rows, columns = shape(landscape=trial.size_px[0] > trial.size_px[1])
    gone = {(one.spot.row, one.spot.column) for one in missed}
    edges = {
        "top": {(0, column) for column in range(columns)},
        "bottom": {(rows - 1, column) for column in range(columns)},
        "left": {(row, 0) for row in range(rows)},
        "right": {(row, columns - 1) for row in range(rows)},
    }
    strips = [name for name, spots in edges.items() if spots <= gone]
    if strips:
        return "touch.strip", ",".join(strips)
    return "touch.dead", ",".join(_spot(row, column, rows, columns) for row, column in sorted(gone))


def _spot(row: int, column: int, rows: int, columns: int) -> str:
    vertical = {0: "top", rows - 1: "bottom"}.get(row)
    horizontal = {0: "left", columns - 1: "right"}.get(column)
    return f"{vertical}_{horizontal}" if vertical and horizontal else f"r{row + 1}c{column + 1}"


def _judge_aim(felt: list[Felt], trial: TouchTrial, measured: Measures) -> Finding:
    """Tell touches that are all off alike, which a matrix mends, from a panel that is bad in places."""
    width, height = trial.size_px
    worst = max(_off_px(one, trial) for one in felt)
    measured["offset_px"] = round(worst)
    if worst <= TOLERANCE_PX:
        return finding("touch", DeviceState.READY, measured=measured)
    x, y = _axis(felt, 0), _axis(felt, 1)
    left_px = max(
        math.hypot(
            (x.slope * one.spot.at[0] + x.intercept - one.at[0]) * width,
            (y.slope * one.spot.at[1] + y.intercept - one.at[1]) * height,
        )
        for one in felt
        if one.at is not None
    )
    if left_px <= TOLERANCE_PX:
        numbers = (1 / x.slope, 0, -x.intercept / x.slope, 0, 1 / y.slope, -y.intercept / y.slope)
        measured["matrix"] = " ".join(f"{number:.4g}" for number in numbers)
        return finding("touch", DeviceState.FAULT, "touch.offset", measured)
    rows, columns = shape(landscape=width > height)
    off = [one.spot for one in felt if _off_px(one, trial) > TOLERANCE_PX]
    where = ",".join(_spot(spot.row, spot.column, rows, columns) for spot in off)
    return finding("touch", DeviceState.DEGRADED, "touch.uneven", measured | {"where": where})


def _off_px(one: Felt, trial: TouchTrial) -> float:
    if one.at is None:
        return math.inf
    width, height = trial.size_px
    return math.hypot((one.at[0] - one.spot.at[0]) * width, (one.at[1] - one.spot.at[1]) * height)


def _axis(felt: list[Felt], axis: int) -> statistics.LinearRegression:
    """Fit where touches were felt along one axis to where they were made."""
    landed = [one.at[axis] for one in felt if one.at is not None]
    fit = statistics.linear_regression([one.spot.at[axis] for one in felt], landed)
    if fit.slope > _LEAST_SLOPE:
        return fit
    return statistics.LinearRegression(slope=1.0, intercept=0.0)
