"""What the room hears: each call once, to its end, in the voice that is shipped or the centre's own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import uuid
import wave
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from backend.settings import SHIPPED_VOICE, make_settings
from backend.web.call_sound import RATE, call_sound, seconds, spoken, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MOST_BYTES = 600_000
WATCH = b"""<!doctype html><meta charset="utf-8"><iframe src="/display/H20.17"></iframe><script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const sound = frame.contentDocument.querySelector("audio");
  const tell = what => fetch(`/told?what=${what}&at=${sound ? sound.currentTime : 0}`);
  if (!sound) return tell("silent");
  sound.onended = () => tell("ended");
  sound.onerror = () => tell("error");
};
</script>"""


def _call(bench: Any, *numbers: str) -> None:
    kiosk, clerk = bench.kiosk(), bench.staff("clerk")
    for number in numbers:
        ticket = {
            "id": str(uuid.uuid4()),
            "number": number,
            "series": number[0],
            "service": "Hộ tịch",
            "issued_at": bench.clock().isoformat(),
        }
        assert kiosk.send("POST", "/v1/tickets", json.dumps(ticket).encode()).status_code == 201
        bench.clock.forward(seconds=1)
    for place in range(len(numbers)):
        clerk.post("/staff/counter/next", desk=str(place + 1))
        bench.clock.forward(seconds=1)


def _again(page: str) -> tuple[int, str]:
    """Return after how many seconds a display asks again, and for what."""
    found = re.search(r'http-equiv="refresh" content="(\d+);url=([^"]+)"', page)
    assert found is not None
    return int(found[1]), found[2]


def test_the_shipped_voice_says_every_number_and_is_small() -> None:
    clips = {path.stem for path in SHIPPED_VOICE.glob("*.wav")}
    assert clips == {"moi-so", "den-quay", *LETTERS_AND_DIGITS}
    assert sum(path.stat().st_size for path in SHIPPED_VOICE.iterdir()) < MOST_BYTES
    spans = {}
    for name in clips:
        with wave.open(str(SHIPPED_VOICE / f"{name}.wav")) as clip:
            assert (clip.getnchannels(), clip.getsampwidth(), clip.getframerate()) == (1, 2, RATE)
            spans[name] = clip.getnframes() / RATE
            loudest = max(abs(value) for value in memoryview(clip.readframes(clip.getnframes())).cast("h"))
            assert 5_000 < loudest < 32_000, name
    assert all(0.1 < span < 1 for span in spans.values()), spans
    whole = seconds(call_sound(SHIPPED_VOICE, spoken("A015", "3")))
    tones = seconds(call_sound(None, []))
    said = ["moi-so", "A", "0", "1", "5", "den-quay", "3"]
    assert whole == pytest.approx(tones + sum(spans[word] for word in said) + (len(said) - 1) / 8, abs=0.01)


def test_the_command_line_ships_a_voice_takes_another_or_none(tmp_path: Path) -> None:
    shared = {"database": "sqlite:///x.db", "blobs": str(tmp_path)}
    assert make_settings(**shared).voice_dir == SHIPPED_VOICE
    assert make_settings(**shared, voice="off").voice_dir is None
    assert make_settings(**shared, voice=str(tmp_path)).voice_dir == tmp_path


def test_each_call_is_heard_once_and_to_its_end(sqlite_bench: Any) -> None:
    bench = sqlite_bench
    _call(bench, "A001", "A002")
    page = bench.client.get("/display/H20.17").text
    sound = bench.client.get(re.findall(r'<audio autoplay src="([^"]+)"', page)[0]).content
    assert sound == call_sound(SHIPPED_VOICE, words_of([("A001", "1"), ("A002", "2")]))
    wait_s, following = _again(page)
    assert wait_s > seconds(sound), "the page does not cut the voice off"
    later = bench.client.get(following).text
    assert "<audio" not in later, "heard once"
    assert _again(later) == (4, following)
    _call(bench, "B001")
    again = bench.client.get(following).text
    assert bench.client.get(re.findall(r'src="([^"]+)"', again)[0]).content == call_sound(
        SHIPPED_VOICE, words_of([("B001", "1")])
    )
    bench.clock.forward(minutes=5)
    assert "<audio" not in bench.client.get(following).text, "an old call is not said to an empty desk"


@contextmanager
def _beside(bench: Any) -> Iterator[tuple[str, list[str], threading.Event]]:
    """Serve the display and a page that watches it from one address, as one browser needs them."""
    told: list[str] = []
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            content, kind, more = WATCH, "text/html", {}
            if place.path == "/told":
                told.append(parse_qs(place.query)["what"][0])
                told.append(parse_qs(place.query)["at"][0])
                done.set()
            elif place.path.startswith("/display/"):
                answer = bench.client.get(self.path)
                content, kind = answer.content, answer.headers["content-type"]
                more = {"Content-Security-Policy": answer.headers.get("content-security-policy", "")}
            self.send_response(200)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/watch", told, done
        finally:
            server.shutdown()
            thread.join(10)


def test_a_real_browser_plays_a_call_to_its_end(sqlite_bench: Any, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    _call(sqlite_bench, "A015")
    length_s = seconds(call_sound(SHIPPED_VOICE, spoken("A015", "1")))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    flags += ["--autoplay-policy=no-user-gesture-required", f"--user-data-dir={tmp_path / 'profile'}"]
    flags.append("--remote-debugging-port=0")
    with _beside(sqlite_bench) as (url, told, done):
        browser = subprocess.Popen(
            [chromium, *flags, url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            assert done.wait(60), "the browser told nothing"
        finally:
            browser.terminate()
            browser.wait(20)
    assert told[0] == "ended"
    assert float(told[1]) == pytest.approx(length_s, abs=0.1)
