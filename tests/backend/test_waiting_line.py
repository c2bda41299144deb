"""Numbers of many kiosks in one line: who is called, where, and how long it takes."""

from __future__ import annotations

import json
import re
import uuid
import wave
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from backend.api.access import proved
from backend.messages import canonical_json
from backend.store import line
from backend.web.call_sound import RATE, call_sound, spoken

if TYPE_CHECKING:
    from pathlib import Path


def _give(bench: Any, kiosk: Any, number: str) -> str:
    name = str(uuid.uuid4())
    ticket = {
        "id": name,
        "number": number,
        "series": number[0],
        "service": "Hộ tịch",
        "issued_at": bench.clock().isoformat(),
    }
    assert kiosk.send("POST", "/v1/tickets", json.dumps(ticket).encode()).status_code == 201
    bench.clock.forward(seconds=1)
    return name


def _called(bench: Any) -> list[tuple[str, str]]:
    return [(ticket.number, ticket.desk) for ticket in line.board(bench.services, "H20.17").called]


def test_first_come_first_called_but_those_with_priority_before(bench: Any) -> None:
    one, two = bench.kiosk(), bench.kiosk(name="Kiosk 2")
    for kiosk, number in ((one, "A001"), (two, "A201"), (one, "A002")):
        last = _give(bench, kiosk, number)
    clerk = bench.staff("clerk")
    assert clerk.post(f"/staff/counter/{last}/prefer", desk="3", priority="elderly").status_code == 303
    for _ in range(3):
        assert clerk.post("/staff/counter/next", desk="3").status_code == 303
        bench.clock.forward(minutes=1)
    assert _called(bench) == [("A201", "3")]
    page = clerk.get("/staff/counter?desk=3").text
    assert "A201" in page
    assert clerk.post("/staff/counter/next", desk="3").status_code == 303
    assert _called(bench) == []


def test_recall_no_show_done_and_transfer(sqlite_bench: Any) -> None:
    bench = sqlite_bench
    kiosk, clerk = bench.kiosk(), bench.staff("clerk")
    first, second = _give(bench, kiosk, "A001"), _give(bench, kiosk, "A002")
    clerk.post("/staff/counter/next", desk="1")
    clerk.post(f"/staff/counter/{first}/recall", desk="1")
    assert "gọi 2 lần" in clerk.get("/staff/counter?desk=1").text
    clerk.post(f"/staff/counter/{first}/no_show", desk="1")
    assert _called(bench) == []
    assert clerk.post(f"/staff/counter/{first}/done", desk="1").status_code == 409
    clerk.post(f"/staff/counter/{first}/recall", desk="1")
    assert _called(bench) == [("A001", "1")], "who comes late is called again"
    clerk.post(f"/staff/counter/{first}/transfer", desk="1", series="b")
    assert [ticket.number for ticket in line.waiting(bench.services, "H20.17")] == ["A001", "A002"]
    clerk.post("/staff/counter/next", desk="5", only="A")
    assert _called(bench) == [("A002", "5")]
    clerk.post(f"/staff/counter/{second}/done", desk="5")
    assert clerk.post(f"/staff/counter/{first}/transfer", series="?").status_code == 422
    assert clerk.post(f"/staff/counter/{first}/prefer", priority="rich").status_code == 422
    assert clerk.post(f"/staff/counter/{first}/dance").status_code == 404
    assert clerk.post(f"/staff/counter/{uuid.uuid4()}/recall").status_code == 404


def test_desks_that_call_at_once_call_different_people(bench: Any) -> None:
    kiosk = bench.kiosk()
    for number in range(1, 9):
        _give(bench, kiosk, f"A{number:03d}")
    clerks = [bench.staff("clerk") for _ in range(4)]

    def call(place: int) -> int:
        return int(clerks[place].post("/staff/counter/next", desk=str(place)).status_code)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(call, range(4))) == {303}
    called = _called(bench)
    assert len({number for number, _ in called}) == len({desk for _, desk in called}) == 4


def test_the_display_shows_numbers_chimes_and_estimates(sqlite_bench: Any) -> None:
    bench = sqlite_bench
    kiosk, clerk = bench.kiosk(), bench.staff("clerk")
    for number in range(1, 8):
        _give(bench, kiosk, f"A{number:03d}")
    quiet = bench.client.get("/display/H20.17").text
    assert "<audio" not in quiet
    assert "Trung tâm Sa Đéc" in quiet
    for _ in range(6):
        clerk.post("/staff/counter/next", desk="2")
        bench.clock.forward(minutes=4)
    clerk.post("/staff/counter/next", desk="2")
    loud = bench.client.get("/display/H20.17").text
    assert "<td>A007</td><td>2</td>" in loud
    assert "/display/H20.17/call.wav" in loud
    assert "about" not in loud, "nobody waits"
    _give(bench, kiosk, "A008")
    assert re.search(r"about 8 min", bench.client.get("/display/H20.17").text), "two times four minutes"
    sound = bench.client.get("/display/H20.17/call.wav")
    assert (sound.content[:4], sound.headers["content-type"]) == (b"RIFF", "audio/wav")


def _clip(path: Path, samples: int, *, rate: int = RATE) -> None:
    with wave.open(str(path), "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(rate)
        clip.writeframes(b"\1\0" * samples)


def test_a_call_is_said_whole_in_the_centres_voice_or_not_at_all(tmp_path: Path) -> None:
    words = spoken("A15", "2b")
    assert words == ["moi-so", "A", "1", "5", "den-quay", "2", "B"]
    tones = len(call_sound(None, words))
    for word in words:
        _clip(tmp_path / f"{word}.wav", 1000)
    said = call_sound(tmp_path, words)
    assert len(said) == tones + 2 * (7 * 1000 + 6 * RATE // 8)
    (tmp_path / "5.wav").unlink()
    assert len(call_sound(tmp_path, words)) == tones, "half a number misleads"
    _clip(tmp_path / "5.wav", 1000, rate=8000)
    assert len(call_sound(tmp_path, words)) == tones
    (tmp_path / "5.wav").write_bytes(b"RIFF")
    assert len(call_sound(tmp_path, words)) == tones


def test_a_kiosk_is_told_how_many_wait_in_its_centre(sqlite_bench: Any) -> None:
    bench = sqlite_bench
    one, two, elsewhere = bench.kiosk(), bench.kiosk(name="Kiosk 2"), bench.kiosk(unit="H20.99")
    for kiosk, number in ((one, "A001"), (two, "A201"), (two, "A202")):
        _give(bench, kiosk, number)
    bench.staff("clerk").post("/staff/counter/next", desk="1")
    beat = b'{"nonce":"0123456789abcdef"}'
    told = [kiosk.send("POST", "/v1/heartbeat", beat).json() for kiosk in (one, two, elsewhere)]
    assert [answer["waiting"] for answer in told] == [2, 2, 0]
    assert told[0]["wait_s"] > 0 == told[2]["wait_s"]
    said = {name: told[0][name] for name in ("nonce", "server_time", "waiting", "wait_s")}
    assert proved(one.enrolled["verify_key"], told[0]["waiting_signature"], canonical_json(said))
    assert not proved(
        one.enrolled["verify_key"], told[0]["waiting_signature"], canonical_json({**said, "waiting": 1})
    )


def test_yesterdays_numbers_are_not_called(sqlite_bench: Any) -> None:
    bench = sqlite_bench
    kiosk = bench.kiosk()
    _give(bench, kiosk, "A001")
    bench.clock.forward(days=1)
    assert line.board(bench.services, "H20.17").waiting == 0
    bench.staff("clerk").post("/staff/counter/next", desk="1")
    assert _called(bench) == []
