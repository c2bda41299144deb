"""What the card process does, run in this process over a scripted PC/SC with a virtual card behind it."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

import pytest
from smartcard import scard as real

from drivers.card import pcsc, wire, worker
from drivers.ports import AccessKey, CanKey, Verdict
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.personas import HUONG

if TYPE_CHECKING:
    from pathlib import Path


class PcscWithCard:
    """A PC/SC of one reader whose card is an object in this process; None for an empty slot."""

    def __init__(self, card: VirtualCard | None, *, readers: tuple[str, ...] = ("Reader 00",)) -> None:
        self._card = card
        self._readers = readers

    def __getattr__(self, name: str) -> Any:
        constant = getattr(real, name)
        return (lambda *_args: 0) if callable(constant) else constant

    def SCardEstablishContext(self, _scope: int) -> tuple[int, int]:  # noqa: N802 - the name PC/SC gives it
        return 0, 1

    def SCardListReaders(self, *_args: object) -> tuple[int, list[str]]:  # noqa: N802 - the same
        return (0, list(self._readers)) if self._readers else (0x8010002E, [])

    def SCardGetStatusChange(self, *_args: object) -> tuple[int, list[tuple[str, int, list[int]]]]:  # noqa: N802
        state = real.SCARD_STATE_PRESENT if self._card else real.SCARD_STATE_EMPTY
        return 0, [(name, state, []) for name in self._readers]

    def SCardConnect(self, *_args: object) -> tuple[int, int, int]:  # noqa: N802 - the same
        return 0, 7, 2

    def SCardStatus(self, _handle: int) -> tuple[int, str, int, int, list[int]]:  # noqa: N802 - the same
        assert self._card is not None
        return 0, "Reader 00", 0, 2, list(self._card.atr)

    def SCardControl(self, *_args: object) -> tuple[int, list[int]]:  # noqa: N802 - the same
        return 0x80100016, []

    def SCardReconnect(self, *_args: object) -> tuple[int, int]:  # noqa: N802 - the same
        assert self._card is not None
        self._card.reset()
        return 0, 2

    def SCardTransmit(self, _handle: int, _protocol: int, apdu: list[int]) -> tuple[int, list[int]]:  # noqa: N802
        assert self._card is not None
        answer = self._card.answer(bytes(apdu))
        return 0, list(answer) if isinstance(answer, bytes) else []


class Pipe(io.BytesIO):
    """Where the worker writes; says when the first report of presence has come."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def write(self, data: Any) -> int:
        count = super().write(data)
        self.written.set()
        return count


def asked(access: AccessKey | None, *, reader: str = "", probe: bool = False) -> io.BytesIO:
    stream = io.BytesIO()
    wire.write(stream, wire.ReadRequest.build(access, reader=reader, timeout_s=20.0, probe=probe))
    stream.seek(0)
    return stream


def watching_ends() -> None:
    """Wait for the thread that watches the readers; it looks up twice a second."""
    watchers = [thread for thread in threading.enumerate() if thread.name == "card-watch"]
    for thread in watchers:
        thread.join(10.0)
    assert not any(thread.is_alive() for thread in watchers)


def events_of(requests: io.BytesIO, folder: Path | None) -> list[wire.Event]:
    """Serve requests to their end and return everything the worker said."""
    pipe = Pipe()
    worker.serve(requests, pipe, folder)
    assert pipe.written.wait(10.0)
    watching_ends()
    pipe.seek(0)
    found = []
    while (event := wire.read_event(pipe)) is not None:
        found.append(event)
    return [event for event in found if event.kind != wire.PRESENCE]


@pytest.fixture
def slot(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(card: VirtualCard | None, **how: Any) -> None:
        monkeypatch.setattr(pcsc, "scard", PcscWithCard(card, **how))

    return put


def test_a_read_tells_progress_then_the_person_then_everything(slot: Any, csca_folder: Path) -> None:
    slot(VirtualCard(HUONG))
    events = events_of(asked(CanKey(can=HUONG.can)), csca_folder)
    kinds = [event.kind for event in events]
    assert (kinds[0], kinds[-1], kinds.count(wire.KNOWN)) == (wire.PROGRESS, wire.DONE, 1)
    early, last = events[kinds.index(wire.KNOWN)].reading, events[-1].reading
    assert early is not None
    assert last is not None
    assert (early.holder.full_name, early.holder.portrait) == (HUONG.full_name, None)
    assert last.holder.portrait is not None
    assert last.proof.passive_auth is Verdict.VALID
    shares = [event.share for event in events if event.kind == wire.PROGRESS]
    assert shares == sorted(shares)


def test_without_a_folder_nobody_is_believed(slot: Any) -> None:
    slot(VirtualCard(HUONG))
    reading = events_of(asked(CanKey(can=HUONG.can)), None)[-1].reading
    assert reading is not None
    assert reading.proof.passive_auth_reason == "no_authorities_configured"


def test_a_probe_is_answered_with_a_report(slot: Any, csca_folder: Path) -> None:
    slot(VirtualCard(HUONG))
    [event] = events_of(asked(CanKey(can=HUONG.can), probe=True), csca_folder)
    assert (event.kind, event.reading) == (wire.DONE, None)
    assert event.report is not None
    assert event.report["inside"]["cipher"] == "AES-128"


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        (Faults(removed_at_apdu=20), "card.removed"),
        (Faults(bad_mac=True), "card.protocol"),
    ],
)
def test_a_failure_is_the_last_word(slot: Any, csca_folder: Path, faults: Faults, code: str) -> None:
    slot(VirtualCard(HUONG, faults))
    last = events_of(asked(CanKey(can=HUONG.can)), csca_folder)[-1]
    assert (last.kind, last.code) == (wire.FAILED, code)


@pytest.mark.parametrize(
    ("card", "how", "reader", "code"),
    [
        (None, {}, "", "card.none"),
        (None, {"readers": ()}, "", "device.missing"),
        (VirtualCard(HUONG), {}, "another", "device.missing"),
    ],
    ids=["empty", "no reader", "other reader"],
)
def test_what_is_not_there_is_said(
    slot: Any, card: VirtualCard | None, how: dict[str, Any], *, reader: str, code: str
) -> None:
    slot(card, **how)
    [event] = events_of(asked(CanKey(can=HUONG.can), reader=reader), None)
    assert (event.kind, event.code) == (wire.FAILED, code)


def test_a_read_without_a_key_is_refused(slot: Any) -> None:
    slot(VirtualCard(HUONG, NO_FAULTS))
    [event] = events_of(asked(None), None)
    assert event.code == "card.access_denied"


def test_a_kiosk_that_is_gone_ends_the_watching(slot: Any) -> None:
    class Broken(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise BrokenPipeError

    slot(None)
    worker.serve(io.BytesIO(), Broken(), None)
    watching_ends()
