"""Nothing of a citizen stays behind: not on the disk, not in logs, not in what Python still holds."""

from __future__ import annotations

import gc
import logging
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from drivers.card.secure_messaging import SecureChannel, SessionKeys
from drivers.ports import CanKey, CardReading, Portrait
from drivers.simulated.card.personas import PERSONAS
from kiosk_app import logs
from kiosk_app.flow import events
from kiosk_app.flow.session import Session
from kiosk_app.wiring.house import open_house

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kiosk_app.config import Config

HUONG = PERSONAS["huong"]
TYPED = "CANARY" + "TRẠM7731"


@pytest.fixture
def own_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of this test's own, for this process and its children."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def logged(config: Config) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers = []
    folder = config.data_dir / "logs"
    logs.configure(folder=folder, level=logging.DEBUG)
    yield folder
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level


def spellings(text: str) -> tuple[bytes, ...]:
    return (text.encode("utf-8"), text.encode("utf-16-le"), text.encode("unicode_escape"))


def traces(folders: tuple[Path, ...], secrets: tuple[str, ...]) -> list[str]:
    """Return the files that hold a secret, in any spelling."""
    needles = [spelling for secret in secrets for spelling in spellings(secret)]
    files = [
        path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()
    ]
    return [
        str(path)
        for path in files
        if any(needle in path.read_bytes() for needle in needles)
        or any(secret in path.name for secret in secrets)
    ]


def held_by_python(secret: str) -> list[str]:
    """Return the kinds of containers that still hold a string with the secret in it.

    The collector does not track a dict or tuple of plain strings by itself, so one level more is looked at.
    """
    gc.collect()
    found = []
    for container in gc.get_objects():
        if str(type(container).__module__).startswith(("_pytest", "pluggy")) or container is globals():
            continue
        for held in gc.get_referents(container):
            plain = gc.get_referents(held) if type(held) in {dict, tuple, list} else [held]
            found += [type(container).__name__ for one in plain if _tells(one, secret)]
    return found


def _tells(one: object, secret: str) -> bool:
    return isinstance(one, str) and secret in one and one is not secret


def alive_of_a_card() -> int:
    """Count what a read leaves: keys of the chip, its channel, the person, the portrait."""
    gc.collect()
    kinds = (SessionKeys, SecureChannel, CanKey, CardReading, Portrait)
    return sum(isinstance(held, kinds) for held in gc.get_objects())


def test_keys_and_portrait_end_with_the_visit(config: Config, visitor_at: Callable[..., Any]) -> None:
    house = open_house(config, simulate=True)
    try:
        visitor = visitor_at(house, Session(house.services))
        before = alive_of_a_card()
        visitor.choose("2.000635")
        visitor.identify()
        assert visitor.session.visit.identity.reading.holder.portrait is not None
        assert alive_of_a_card() > before
        visitor.walk.act(events.EndPressed())
        visitor.hands.take_card()
        visitor.walk.parked.clear()
        assert alive_of_a_card() == before
    finally:
        house.close()


def test_a_whole_visit_leaves_no_trace(
    config: Config, own_temp: Path, logged: Path, visitor_at: Callable[..., Any]
) -> None:
    house = open_house(config, simulate=True)
    try:
        visitor = visitor_at(house, Session(house.services))
        visitor.choose("2.000635")
        visitor.identify()
        visitor.walk.act(events.NextPressed(), events.NextPressed())
        typed = "".join(list(TYPED))
        visitor.walk.act(events.FieldAnswered(name="hoSo.coQuanDangKy", value=typed))
        del typed
        assert visitor.session.visit.filling.answers["hoSo.coQuanDangKy"].value == TYPED
        visitor.fill()
        visitor.scan()
        visitor.hand_in()
        visitor.wait_for_code()
        visitor.walk.act(events.EndPressed())
        visitor.walk.parked.clear()
        secrets = (HUONG.id_number, HUONG.full_name, HUONG.residence, TYPED)
        while_running = traces((config.data_dir, own_temp), secrets)
        assert while_running == []
        assert held_by_python(TYPED) == []
    finally:
        house.close()
    assert traces((config.data_dir, own_temp), secrets) == []
    assert (logged / "kiosk.log").stat().st_size > 0
    assert not list(own_temp.iterdir())


def test_the_search_for_traces_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0\0" + HUONG.full_name.encode("utf-16-le"))
    assert traces((tmp_path,), (HUONG.full_name,)) == [f"{tmp_path}/a.bin"]
    kept = [{"name": "".join(list(TYPED))}]
    assert held_by_python(TYPED)
    kept.clear()
    assert held_by_python(TYPED) == []
