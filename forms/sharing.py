"""What definition files share: blocks of questions, and forms that serve a second procedure.

`{"x-use": "applicant"}` in a list stands for the items of `blocks/applicant.json`; `x-with` gives its
parameters, written `%name%` in the block. `"x-extends": "1.001193"` takes every top-level key that a file
does not have from another one. Both are gone before the file is decoded; an error found later is told where
the author wrote the wrong thing, not where it ended up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from forms.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BLOCKS = "blocks"
_USE, _WITH, _EXTENDS = "x-use", "x-with", "x-extends"
_MAX_DEPTH = 4  # blocks within blocks; deeper is a block that uses itself
_PARAMETER = re.compile(r"%([a-zA-Z]+)%")
_NAME = re.compile(r"^[a-z0-9][a-z0-9.-]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDocument:
    """A definition as JSON with all it shares put in its place."""

    content: dict[str, Any] = field(repr=False)
    origins: Mapping[str, tuple[str, str]] = field(repr=False)
    """Path in the content to file and path where that was written, for what was moved."""

    def where_written(self, error: DefinitionError) -> DefinitionError:
        """Return the error as of the place where the author wrote it."""
        path = error.path
        while path not in self.origins and "." in path:
            path = path[: max(path.rfind("."), path.rfind("["))]
        if path not in self.origins:
            return error
        file, start = self.origins[path]
        spot = start + error.path.removeprefix(path)
        return DefinitionError(file=file, path=spot, found=error.found, expected=error.expected)


def open_shared(document: Any, *, file: str, folder: Path) -> SharedDocument:
    """Put the shared parts of a definition in their places.

    Args:
        document: The definition as parsed JSON.
        file: Its name, for errors.
        folder: Where other definitions and `blocks/` are.

    Raises:
        DefinitionError: A block or form that is not there, a parameter too few or too many, an endless use.
    """
    if not isinstance(document, dict):
        raise DefinitionError(file=file, path="$", found=type(document).__name__, expected="an object")
    opener = _Opener(folder)
    own = {key: value for key, value in document.items() if key != _EXTENDS}
    if _EXTENDS in document:
        original = _name(document[_EXTENDS], file=file, path=f"$.{_EXTENDS}")
        base_file = f"{original}.json"
        base = _read(folder / base_file, file=file, path=f"$.{_EXTENDS}")
        if _EXTENDS in base:
            raise DefinitionError(
                file=file, path=f"$.{_EXTENDS}", found="a form that extends another", expected="its original"
            )
        for key in base.keys() - own.keys():
            opener.origins[f"$.{key}"] = (base_file, f"$.{key}")
            own[key] = opener.opened(base[key], _Spot(base_file, f"$.{key}"), f"$.{key}", {})
    content = {
        key: opener.opened(value, _Spot(file, f"$.{key}"), f"$.{key}", {}) if key in document else value
        for key, value in own.items()
    }
    return SharedDocument(content=content, origins=opener.origins)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where something is written."""

    file: str
    path: str
    depth: int = 0

    def at(self, step: str) -> _Spot:
        return _Spot(self.file, self.path + step, self.depth)


class _Opener:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.origins: dict[str, tuple[str, str]] = {}

    def opened(self, value: Any, spot: _Spot, path: str, given: Mapping[str, str]) -> Any:
        """Return a value with its blocks opened; `path` is where it ends up."""
        if isinstance(value, dict):
            return {k: self.opened(v, spot.at(f".{k}"), f"{path}.{k}", given) for k, v in value.items()}
        if isinstance(value, list):
            found: list[Any] = []
            for i, item in enumerate(value):
                self._add(item, spot.at(f"[{i}]"), path, found, given)
            return found
        return _filled(value, spot, given) if isinstance(value, str) else value

    def _add(self, item: Any, spot: _Spot, path: str, found: list[Any], given: Mapping[str, str]) -> None:
        """Add an item of a list, or the items of the block that it names."""
        if not isinstance(item, dict) or _USE not in item:
            end = f"{path}[{len(found)}]"
            self.origins[end] = (spot.file, spot.path)
            found.append(self.opened(item, spot, end, given))
            return
        if spot.depth >= _MAX_DEPTH:
            raise DefinitionError(
                file=spot.file, path=spot.path, found="a block within itself", expected="blocks that end"
            )
        filled = self.opened(item, spot, path, given)
        file, items, parameters = self._block(filled, spot)
        for i, inner in enumerate(items):
            self._add(inner, _Spot(file, f"$.items[{i}]", spot.depth + 1), path, found, parameters)

    def _block(self, item: dict[str, Any], spot: _Spot) -> tuple[str, list[Any], dict[str, str]]:
        unknown = item.keys() - {_USE, _WITH}
        if unknown:
            raise DefinitionError(
                file=spot.file,
                path=spot.path,
                found=f"unknown key {min(unknown)!r}",
                expected=f"{_USE} and {_WITH}",
            )
        name = _name(item[_USE], file=spot.file, path=f"{spot.path}.{_USE}")
        block = _read(self._folder / BLOCKS / f"{name}.json", file=spot.file, path=f"{spot.path}.{_USE}")
        given, wanted = item.get(_WITH, {}), set(block.get("parameters", ()))
        if not isinstance(given, dict) or given.keys() != wanted:
            told = ", ".join(sorted(given)) if isinstance(given, dict) else repr(given)
            expected = f"the parameters {', '.join(sorted(wanted)) or 'none'}"
            raise DefinitionError(
                file=spot.file, path=f"{spot.path}.{_WITH}", found=told or "none", expected=expected
            )
        return f"{BLOCKS}/{name}.json", list(block.get("items", ())), given


def _filled(text: str, spot: _Spot, given: Mapping[str, str]) -> str:
    for name in _PARAMETER.findall(text):
        if name not in given:
            raise DefinitionError(
                file=spot.file, path=spot.path, found=f"%{name}%", expected="a parameter of the block"
            )
    return _PARAMETER.sub(lambda found: given[found[1]], text)


def _name(value: Any, *, file: str, path: str) -> str:
    if isinstance(value, str) and _NAME.match(value):
        return value
    raise DefinitionError(file=file, path=path, found=repr(value), expected="the name of a file, no path")


def _read(source: Path, *, file: str, path: str) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(source.read_bytes())
    except OSError as e:
        raise DefinitionError(file=file, path=path, found=f"no {source.name}", expected="a file") from e
    except msgspec.DecodeError as e:
        raise DefinitionError(file=source.name, path="$", found=str(e), expected="JSON in UTF-8") from e
    if not isinstance(content, dict):
        raise DefinitionError(file=source.name, path="$", found="no object", expected="an object")
    return content
