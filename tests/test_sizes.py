"""No module grows past 400 lines and no function past 40: the largest file is where a program rots first."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("kiosk_app", "drivers", "forms", "offline_queue", "backend", "benchmarks", "deploy", "tests")
MODULE_LINES = 400
FUNCTION_LINES = 40
"""With its signature and docstring."""


def modules() -> list[Path]:
    return [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]


def too_long(source: str, name: str) -> list[str]:
    lines = source.count("\n")
    found = [f"{name}: {lines} lines"] if lines > MODULE_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(f"{name}:{node.lineno}: {node.name} has {length} lines")
    return found


def test_no_module_and_no_function_is_too_long() -> None:
    read = modules()
    assert len(read) > 500, "the modules were not found"
    found = [row for path in read for row in too_long(path.read_text("utf-8"), str(path.relative_to(ROOT)))]
    assert not found, "split by meaning:\n" + "\n".join(found)


def test_a_long_function_and_a_long_module_are_seen() -> None:
    function = "def grown():\n" + "    x = 1\n" * FUNCTION_LINES
    assert too_long(function, "a.py") == ["a.py:1: grown has 41 lines"]
    assert too_long("x = 1\n" * (MODULE_LINES + 1), "b.py") == ["b.py: 401 lines"]
    assert not too_long(function.replace("    x = 1\n", "", 1), "c.py")
