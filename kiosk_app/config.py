"""The kiosk's configuration: one TOML file, unknown keys refused.

Found by `--config`, `$KIOSK_CONFIG`, or `/etc/kiosk/kiosk.toml`; with none of them the built-in values hold,
which suit a demonstration on simulated devices. What a technician set on the screen lies beside the queue, in
`settings.toml` of the data folder, and counts over the file; only the keys of `SETTABLE` may stand there.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PATH = Path("/etc/kiosk/kiosk.toml")
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
LAST_PORT: Final = 65535
MASK: Final = "********"
_USERINFO: Final = re.compile(r"(?<=://)[^/].*@|^(?!sane:|camera:|folder:)[^/:@]+:[^/]*@", re.DOTALL)
"""User and password of an address, also of one that forgot its `http://`, up to the last `@` to be safe."""


class ConfigError(Exception):
    """The configuration is wrong. The message names the file, the key, what was found and what to do."""

    code = "config.invalid"


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One table of the configuration file."""


class Centre(Section, frozen=True):
    """The service centre this kiosk stands in."""

    unit_code: str = "H20.17"
    name: str = "Trung tâm Phục vụ hành chính công phường Sa Đéc"
    commune: str = "29905"
    kiosk_number: int = 1
    hotline: str = "1022"


class Backend(Section, frozen=True):
    """Where dossiers go; empty = none configured."""

    url: str = ""
    proxy: str = ""
    """Where requests go first, `http://host:port`; empty = straight. The environment's are ignored."""
    max_kbit_s: int = 0
    """Most that sending dossiers may take of the line, kbit/s; 0 = all of it."""


class CardSlot(Section, frozen=True):
    """The chip-card reader: part of its PC/SC name (empty = first) or `simulated:`; the CSCA certificates."""

    reader: str = ""
    csca_dir: str = "/etc/kiosk/csca"


class Counters(Section, frozen=True):
    """Where each kind of waiting number is served: `3` for counter 3, or words; empty = not on the slip."""

    a: str = ""
    """Civil status."""
    b: str = ""
    """Certified copies and signatures."""
    c: str = ""
    """Residence and identity cards."""
    d: str = ""
    """Anything else."""


class Certificates(Section, frozen=True):
    """When staff are told of what runs out, days."""

    authorities_warn_days: int = 90
    """Before the last authority whose cards are believed ends."""
    authorities_old_days: int = 730
    """Without a change in `card.csca_dir`; 0 = never."""
    backend_warn_days: int = 14
    """Before the certificate of the backend's TLS ends."""
    key_old_days: int = 1095
    """After this kiosk's key was made; 0 = never."""


class TicketPrinter(Section, frozen=True):
    """The ticket printer: `tcp://host:9100`, `serial:///dev/ttyS0?baud=115200`, `usb:///dev/usb/lp0`.

    What is not 0 or empty replaces what the profile says, so a model no table knows can be described here.
    """

    address: str = ""
    profile: str = "xprinter-xp80"
    dots: int = 0
    """Printable dots across."""
    dpi: int = 0
    strip_rows: int = 0
    """Rows in one raster command."""
    pause_ms: int = 0
    """Rest after each strip, milliseconds."""
    tail_rows: int = 0
    """Blank rows before the cut."""
    cut: str = ""
    """Bytes that cut, in hexadecimal, with those of a presenter if it has one; `none` where nothing cuts."""


class DocumentScanner(Section, frozen=True):
    """Where pictures of papers come from: `camera:0`, `sane:DEVICE`, `folder:PATH`, `simulated:`."""

    source: str = ""
    text_layer: bool = False
    """Lay the text that tesseract reads, invisible, over each page of the PDF; seconds a page."""
    flatten_curl: bool = True
    """Make pages flat that stand up from the desk: of bound books, of sheets that were folded."""


_EdgeWidth = Annotated[float, msgspec.Meta(ge=1, le=10)]
_Share = Annotated[float, msgspec.Meta(ge=0.0001, le=0.5)]
_Grey = Annotated[float, msgspec.Meta(ge=1, le=200)]
_Light = Annotated[float, msgspec.Meta(ge=0.01, le=0.99)]
_Dpi = Annotated[float, msgspec.Meta(ge=20, le=600)]


class PageQuality(Section, frozen=True):
    """When a scanned page is warned of and when it must be taken again; docs/scanning.md tells the units.

    A value that would let every page pass, or none, is refused: so is `nan`, and a warning after the refusal.
    """

    blurred_warn: _EdgeWidth = 3.5
    blurred_refuse: _EdgeWidth = 4.5
    glare_warn: _Share = 0.003
    glare_refuse: _Share = 0.01
    dark_warn: _Grey = 30.0
    dark_refuse: _Grey = 11.0
    shadow_warn: _Light = 0.3
    shadow_refuse: _Light = 0.19
    covered_warn: _Share = 0.003
    covered_refuse: _Share = 0.05
    small_warn: _Dpi = 170.0
    small_refuse: _Dpi = 85.0

    def __post_init__(self) -> None:
        """Raise ValueError, which names the keys, where a page would be refused before it is warned of."""
        more_is_worse = (
            ("blurred", self.blurred_warn, self.blurred_refuse),
            ("glare", self.glare_warn, self.glare_refuse),
            ("covered", self.covered_warn, self.covered_refuse),
            ("dark", -self.dark_warn, -self.dark_refuse),
            ("shadow", -self.shadow_warn, -self.shadow_refuse),
            ("small", -self.small_warn, -self.small_refuse),
        )
        for name, warn, refuse in more_is_worse:
            if warn > refuse:
                raise ValueError(
                    f"{name}_warn = {abs(warn)} must warn before {name}_refuse = {abs(refuse)} refuses"
                )


class QrScanner(Section, frozen=True):
    """Where codes come from: `serial:///dev/ttyACM0`, `camera:0`, `folder:PATH`, `simulated:`."""

    source: str = ""


class A4Printer(Section, frozen=True):
    """Forms and copies: a CUPS queue (`A4`), `ipp://host:631/printers/A4`, `simulated:`; empty = none."""

    queue: str = ""
    copy_sheets: int = 10
    """Sheets of photocopies that one visit gets free."""


class Payment(Section, frozen=True):
    """The account that fees may be transferred to, shown as VietQR; empty = cash at the counter only."""

    bank: str = ""
    """The bank's number with NAPAS (BIN), six digits: 970405 is Agribank."""
    account: str = ""


class Session(Section, frozen=True):
    """How long a visit may rest: seconds to the question, seconds from the question to the wipe."""

    idle_s: int = 60
    goodbye_s: int = 30
    done_s: int = 20
    """Seconds the last screen stays when nobody touches it."""


class Voice(Section, frozen=True):
    """Reading aloud: recorded clips of the release and of `audio` in the data folder, else espeak-ng."""

    enabled: bool = True
    accent: str = "vi"
    """Voice of espeak-ng for Vietnamese: `vi` (north), `vi-vn-x-central`, `vi-vn-x-south`."""
    pack: str = ""
    """Clips in this language (ISO 639-3, such as `hmn`) come before those in Vietnamese; empty = none."""


class Staff(Section, frozen=True):
    """The technician's door: a hash made by `kiosk config --hash-pin`; empty = the door stays shut."""

    pin_hash: str = ""


class Config(Section, frozen=True):
    """Everything a kiosk can be told."""

    data_dir: Path = Path("/var/lib/kiosk")
    centre: Centre = msgspec.field(default_factory=Centre)
    counters: Counters = msgspec.field(default_factory=Counters)
    backend: Backend = msgspec.field(default_factory=Backend)
    card: CardSlot = msgspec.field(default_factory=CardSlot)
    certificates: Certificates = msgspec.field(default_factory=Certificates)
    ticket_printer: TicketPrinter = msgspec.field(default_factory=TicketPrinter)
    document_scanner: DocumentScanner = msgspec.field(default_factory=DocumentScanner)
    page_quality: PageQuality = msgspec.field(default_factory=PageQuality)
    qr_scanner: QrScanner = msgspec.field(default_factory=QrScanner)
    a4_printer: A4Printer = msgspec.field(default_factory=A4Printer)
    payment: Payment = msgspec.field(default_factory=Payment)
    session: Session = msgspec.field(default_factory=Session)
    voice: Voice = msgspec.field(default_factory=Voice)
    staff: Staff = msgspec.field(default_factory=Staff)


SETTINGS: Final = "settings.toml"
SETTABLE: Final = {
    "centre": frozenset(Centre.__struct_fields__),
    "backend": frozenset({"url", "proxy"}),
}
"""What may be set on the technician's screen. Nothing there opens the kiosk: not the PIN, not the folder."""


def load(path: Path | None = None) -> Config:
    """Read the configuration.

    Args:
        path: The file given on the command line; None looks at `$KIOSK_CONFIG`, then `/etc/kiosk/kiosk.toml`.

    Raises:
        ConfigError: The file is missing, is not TOML, or holds an unknown or wrong key.
    """
    named = path or (Path(os.environ["KIOSK_CONFIG"]) if os.environ.get("KIOSK_CONFIG") else None)
    chosen = named or DEFAULT_PATH
    if named is None and not chosen.exists():
        return with_settings(Config())
    try:
        with chosen.open("rb") as file:
            raw = tomllib.load(file)
    except OSError as error:
        raise ConfigError(
            f"{chosen}: cannot be read ({error.strerror}); give another file with --config"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{chosen}: not TOML: {error}") from error
    try:
        found = msgspec.convert(raw, Config, dec_hook=decode_value)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{chosen}: {error}; `kiosk config` prints every key with its value") from error
    _check_backend(found, chosen)
    return with_settings(found)


def with_settings(config: Config) -> Config:
    """Return the configuration with what was set on the technician's screen of this kiosk.

    Raises:
        ConfigError: The file of the settings cannot be read, or holds what may not be set there.
    """
    settings = read_settings(config.data_dir)
    if not settings:
        return config
    values: dict[str, dict[str, object]] = msgspec.to_builtins(config, enc_hook=str)
    for section, entries in settings.items():
        values[section].update(entries)
    path = config.data_dir / SETTINGS
    try:
        found = msgspec.convert(values, Config, dec_hook=decode_value)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}; delete the file, or mend it") from error
    _check_backend(found, path)
    return found


def read_settings(data_dir: Path) -> dict[str, dict[str, str | int | float]]:
    """Return what was set on the technician's screen, section by section; nothing where nothing was.

    Raises:
        ConfigError: The file cannot be read, or holds what may not be set there.
    """
    path = data_dir / SETTINGS
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}: cannot be read ({type(error).__name__}); delete it, or mend it"
        ) from error
    for section, entries in settings.items():
        if not isinstance(entries, dict) or not entries.keys() <= SETTABLE.get(section, frozenset()):
            raise ConfigError(f"{path}: {section} holds what cannot be set there; delete the file")
    return settings


def is_backend(text: str) -> bool:
    """Tell whether a text is a backend's address, or empty; without TLS only this machine itself is one."""
    host = _host(text)
    if not text or host is None:
        return not text
    scheme, name = host
    return scheme == "https" or (scheme == "http" and name in LOOPBACK)


def is_proxy(text: str) -> bool:
    """Tell whether a text is a proxy's address, or empty."""
    host = _host(text)
    return not text or (host is not None and host[0] == "http" and urlsplit(text).path in {"", "/"})


def _host(text: str) -> tuple[str, str] | None:
    """Return scheme and host of an address with nothing secret in it, or None."""
    try:
        parts = urlsplit(text)
        port = parts.port or 0
        (parts.hostname or "").encode("idna")  # as the resolver will: `gateway..example` is no name
    except ValueError:
        return None
    clean = text.isascii() and text.isprintable() and " " not in text and "@" not in parts.netloc
    if not clean or not parts.hostname or port > LAST_PORT or parts.query or parts.fragment:
        return None
    return parts.scheme, parts.hostname


def _check_backend(config: Config, path: Path) -> None:
    """Refuse an address that nothing can be sent to; user and password before the host are left aside.

    Raises:
        ConfigError: `backend.url` is none.
    """
    url = config.backend.url
    if not is_backend(_USERINFO.sub("", url)):
        shown = _USERINFO.sub(MASK + "@", url)
        raise ConfigError(f"{path}: backend.url is {shown!r}; write https://HOST, or leave it empty")


def to_toml(values: Mapping[str, Mapping[str, str | int | float] | str]) -> str:
    """Return sections and plain keys as TOML; a JSON string is a valid TOML basic string."""
    plain = {key: value for key, value in values.items() if isinstance(value, str)}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in plain.items()]
    for section, entries in values.items():
        if not isinstance(entries, str):
            lines += ["", f"[{section}]"]
            lines += [f"{name} = {json.dumps(entry, ensure_ascii=False)}" for name, entry in entries.items()]
    return "\n".join(lines).lstrip("\n") + "\n"


def decode_value(kind: type, value: object) -> object:
    """Turn a text of TOML or JSON into a path; for `msgspec.convert`."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(f"no decoder for {kind}")


def to_mapping(config: Config, *, mask_secrets: bool = True) -> dict[str, dict[str, str | int | float] | str]:
    """Return the effective values, section by section, with secrets masked: also those in addresses."""
    built: dict[str, dict[str, str | int | float] | str] = msgspec.to_builtins(config, enc_hook=str)
    if not mask_secrets:
        return built
    masked: dict[str, dict[str, str | int | float] | str] = {}
    for section, entries in built.items():
        masked[section] = _masked(entries) if isinstance(entries, dict) else entries
    staff = masked["staff"]
    if isinstance(staff, dict) and staff["pin_hash"]:
        staff["pin_hash"] = MASK
    return masked


def _masked(entries: Mapping[str, str | int | float]) -> dict[str, str | int | float]:
    return {
        name: _USERINFO.sub(MASK + "@", value) if isinstance(value, str) else value
        for name, value in entries.items()
    }
