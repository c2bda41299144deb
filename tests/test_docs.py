"""The documents stay honest: what they name exists, and tables that claim to be whole are."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import re
import shlex
import struct
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from backend import __main__ as backend_command
from kiosk_app import config as configuration
from kiosk_app.__main__ import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
OURS = (
    "README.md",
    "CHANGELOG.md",
    *(f"docs/{name}.md" for name in ("architecture", "benchmarks", "decisions", "operations", "security")),
)
PRODUCT = ("kiosk_app", "drivers", "forms", "offline_queue", "backend")
MOST_PICTURE_BYTES = 150_000
RUNTIME = ("out/tour/", "../shared/", "keys/", "logs/", "blobs.keys")
"""Made when the product runs, or outside this repository."""

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"[\w.][\w.-]*(/[\w.-]+)*/?")
_FILE_ENDINGS = (".py", ".md", ".json", ".sh", ".service", ".toml", ".txt", ".png")
_CODE = re.compile(r"[a-z_]+\.[a-z_]+")


@cache
def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def _spans(name: str) -> tuple[str, ...]:
    """Return what stands between single backticks, outside of fenced blocks."""
    return tuple(_SPAN.findall(_FENCE.sub("", _text(name))))


def _shell_lines(name: str) -> Iterator[str]:
    for kind, block in _FENCE.findall(_text(name)):
        if kind == "sh":
            yield from (line.split("#")[0].strip() for line in block.splitlines())


@cache
def _sources() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for room in PRODUCT for path in sorted((ROOT / room).rglob("*.py"))
    )


# --- commands ------------------------------------------------------------------------------------------


def _commands(name: str) -> list[str]:
    found = [*_spans(name), *_shell_lines(name)]
    # What a longer line runs, such as `sudo -u kiosk …/.venv/bin/kiosk queue status`, is the tail of it.
    tails = (re.search(r"(?:^|bin/)(kiosk(?:-backend)? [^&|]+)", text) for text in found)
    return [tail[1].replace("…", " ").strip() for tail in tails if tail and _is_command(tail[1])]


def _is_command(text: str) -> bool:
    return bool(re.match(r"kiosk(-backend)? +[a-z-]", text))


def _kiosk_parser(group: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"kiosk {group}")
    parser.add_argument("--config")
    importlib.import_module(f"kiosk_app.cli.{group}").add_arguments(parser)
    return parser


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _wrong(command: str) -> str | None:
    """Return what is wrong with a command, or None."""
    program, *words = shlex.split(command)
    if program == "kiosk" and words[0] != "--help":
        group = words.pop(0)
        if group not in GROUPS or not _written(group):
            return f"there is no kiosk {group}"
        parser = _kiosk_parser(group)
    else:
        parser = backend_command._parser() if program == "kiosk-backend" else argparse.ArgumentParser()
    inner = _subcommands(parser)
    if inner and words != ["--help"]:
        if not words or words[0] not in inner:
            return f"{command}: there is no such subcommand"
        parser = inner[words.pop(0)]
    asked = {word.partition("=")[0] for word in words if word.startswith("-")}
    unknown = asked - parser._option_string_actions.keys()
    return f"{command}: there is no option {', '.join(sorted(unknown))}" if unknown else None


def _written(group: str) -> bool:
    return importlib.util.find_spec(f"kiosk_app.cli.{group}") is not None


@pytest.mark.parametrize("name", OURS)
def test_every_command_named_exists(name: str) -> None:
    assert [wrong for command in _commands(name) if (wrong := _wrong(command))] == []


def test_a_command_that_does_not_exist_would_be_found() -> None:
    assert _wrong("kiosk dance") == "there is no kiosk dance"
    assert _wrong("kiosk queue dance") is not None
    assert _wrong("kiosk queue sync --twice") is not None
    assert _wrong("kiosk-backend serve --listen 127.0.0.1:0") is None
    assert len(_commands("README.md")) > 20
    assert len(_commands("docs/operations.md")) > 10


def test_the_overview_names_every_command() -> None:
    named = {tuple(shlex.split(command)[:3]) for command in _commands("README.md")}
    wanted: set[tuple[str, ...]] = set()
    for group in filter(_written, GROUPS):
        inner = _subcommands(_kiosk_parser(group))
        wanted |= {("kiosk", group, sub) for sub in inner} if inner else {("kiosk", group)}
    wanted |= {("kiosk-backend", sub) for sub in _subcommands(backend_command._parser())}
    missing = {words for words in wanted if not any(have[: len(words)] == words for have in named)}
    assert missing == set(), "add these to the table of commands in README.md"


@pytest.mark.parametrize("name", OURS)
def test_every_make_target_named_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text("Makefile"), re.MULTILINE))
    named = {text.split()[1] for text in (*_spans(name), *_shell_lines(name)) if text.startswith("make ")}
    assert {target for target in named if target[0] != "-"} <= targets


# --- configuration -------------------------------------------------------------------------------------


def _effective(kind: type[msgspec.Struct], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for field in msgspec.structs.fields(kind):
        name = f"{prefix}{field.name}"
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            found |= _effective(field.type, f"{name}.")
        else:
            value: Any = field.default
            found[name] = json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
    return found


def _documented() -> dict[str, str]:
    section = _text("README.md").partition("\n## Configuration\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([\w.]+)` \| `([^`]*)` \| (.+) \|$", section, re.MULTILINE)
    return {key: default for key, default, meaning in rows if meaning.strip()}


def test_the_configuration_table_is_the_configuration() -> None:
    assert _documented() == _effective(configuration.Config)


@pytest.mark.parametrize("name", OURS)
def test_every_key_named_in_a_section_exists(name: str) -> None:
    keys = _effective(configuration.Config)
    sections = {key.partition(".")[0] for key in keys if "." in key}
    named = {span for span in _spans(name) if _CODE.fullmatch(span) and span.partition(".")[0] in sections}
    assert {span for span in named if span not in keys and f'"{span}"' not in _sources()} == set()


# --- files, links, pictures ----------------------------------------------------------------------------


def _paths(name: str) -> set[str]:
    rooms = {path.name for path in ROOT.iterdir()}
    found = set()
    for span in _spans(name):
        if not _PATH.fullmatch(span) or span.startswith(RUNTIME):
            continue
        if span.split("/")[0] in rooms or ("/" in span and span.endswith(_FILE_ENDINGS)):
            found.add(span)
    return found


@pytest.mark.parametrize("name", OURS)
def test_every_path_named_exists(name: str) -> None:
    assert {path for path in _paths(name) if not (ROOT / path).exists()} == set()


def test_paths_are_found_at_all() -> None:
    assert len(_paths("docs/decisions.md")) > 8
    assert "kiosk_app/ui/tasks.py" in _paths("README.md")


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", OURS)
def test_every_link_resolves(name: str) -> None:
    broken = []
    for target in _LINK.findall(_text(name)):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        path = (ROOT / name).parent / file if file else ROOT / name
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            broken.append(target)
    assert broken == []


def test_every_document_is_linked_from_the_readme() -> None:
    linked = {target.partition("#")[0] for target in _LINK.findall(_text("README.md"))}
    assert {name for name in OURS if name != "README.md"} <= linked


def test_the_readme_shows_three_small_pictures() -> None:
    pictures = [target for target in _LINK.findall(_text("README.md")) if target.endswith(".png")]
    assert len(pictures) == 3
    for picture in pictures:
        data = (ROOT / picture).read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        assert len(data) <= MOST_PICTURE_BYTES, f"{picture}: save it with fewer colours"
        assert struct.unpack(">II", data[16:24]) == (540, 960)


# --- codes, versions, ports ----------------------------------------------------------------------------


def _error_codes() -> set[str]:
    found: set[str] = set()
    for module in ("drivers.errors", "forms.errors", "offline_queue.errors"):
        kinds = vars(importlib.import_module(module)).values()
        found |= {kind.code for kind in kinds if isinstance(kind, type) and hasattr(kind, "code")}
    return found


def test_the_technician_finds_every_error_code() -> None:
    section = _text("docs/operations.md").partition("\n### Codes\n")[2].partition("\n## ")[0]
    listed = set(_SPAN.findall(section))
    assert _error_codes() - listed == set(), "add these to the table of codes in docs/operations.md"


@pytest.mark.parametrize("name", ["README.md", "docs/operations.md"])
def test_every_event_and_code_named_is_in_the_source(name: str) -> None:
    known = _effective(configuration.Config)
    named = {
        span
        for span in _spans(name)
        if _CODE.fullmatch(span) and span not in known and not span.endswith((".py", ".md", ".json", ".toml"))
    }
    files = {"queue.key", "age.key", "escrow.key", "escrow.pub", "queue.db", "kiosk.service", "release.key"}
    assert {span for span in named - files if f'"{span}"' not in _sources()} == set()


@pytest.mark.parametrize(
    ("name", "sentence", "module", "constant"),
    [
        ("README.md", "the staff PIN is {}", "kiosk_app.wiring.house", "DEMO_PIN"),
        (
            "docs/architecture.md",
            "tombstones older than {} days",
            "offline_queue.retention",
            "TOMBSTONE_DAYS",
        ),
        (
            "docs/architecture.md",
            "queue tickets older than {} days",
            "offline_queue.retention",
            "TICKET_DAYS",
        ),
        ("docs/architecture.md", "events older than {} days", "offline_queue.retention", "EVENT_DAYS"),
        ("docs/decisions.md", "The slip waits {} s", "kiosk_app.flow.ending", "GRACE_S"),
        ("docs/decisions.md", "A JWT of {} s", "offline_queue.signing", "TOKEN_LIFE_S"),
        ("docs/security.md", "{} days after it", "offline_queue.retention", "TOMBSTONE_DAYS"),
    ],
)
def test_numbers_in_sentences_are_those_of_the_source(
    name: str, sentence: str, module: str, constant: str
) -> None:
    said = sentence.format(getattr(importlib.import_module(module), constant))
    assert said in _text(name), f"{name} should say: {said}"


def test_the_change_log_has_this_version() -> None:
    version = tomllib.loads(_text("pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## .*\b{re.escape(version)}\b", _text("CHANGELOG.md"), re.MULTILINE)


def test_the_printer_profiles_are_the_ones_listed() -> None:
    profiles = importlib.import_module("drivers.printer.profiles").PROFILES
    line = next(line for line in _text("README.md").splitlines() if line.startswith("Printer profiles:"))
    assert set(_SPAN.findall(line)) == set(profiles)


def test_the_unit_points_to_the_handbook() -> None:
    assert "docs/operations.md" in _text("kiosk.service")
    assert (ROOT / "docs/operations.md").exists()
