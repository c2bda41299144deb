"""What a technician sets on the screen: checked field by field, kept beside the queue in `settings.toml`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk_app.config import SETTINGS, ConfigError, read_settings, to_toml, with_settings
from kiosk_app.flow.technician_tools import SettingsNotKeptError
from offline_queue.keyfiles import write_durably

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kiosk_app.config import Config

UNIT: Final = re.compile(r"[A-Z]\d{2}(\.\d{1,3}){1,4}")
"""Source: QĐ 20/2020/QĐ-TTg, codes of units: the province's `Hnn`, then the levels below it."""
NAME_LETTERS: Final = (5, 120)
MOST_KIOSKS: Final = 99
"""Receipt codes have two digits for the kiosk."""
PHONE_DIGITS: Final = (3, 15)


class Settings:
    """Implements `kiosk_app.flow.technician_tools.CentreDesk`.

    Args:
        config: The effective configuration this kiosk was started with.
    """

    def __init__(self, config: Config) -> None:
        self._config = config

    def current(self) -> Config:
        """Return the configuration of the next start.

        Raises:
            SettingsNotKeptError: What was set before cannot be read.
        """
        try:
            return with_settings(self._config)
        except ConfigError as error:
            raise SettingsNotKeptError(str(error)) from error

    def centre(self) -> dict[str, str]:
        """Return the centre's settings by name."""
        centre = msgspec.structs.asdict(self.current().centre)
        return {name: str(value) for name, value in centre.items()}

    def save_centre(self, values: Mapping[str, str]) -> dict[str, str]:
        """Keep the centre's settings, or name those that are wrong, each with a code.

        Raises:
            SettingsNotKeptError: They could not be written.
        """
        problems = {name: f"setting.{name}" for name, fits in _CENTRE.items() if not fits(values[name])}
        if not problems:
            kept = {name: values[name] for name in _CENTRE}
            self._keep("centre", {**kept, "kiosk_number": int(values["kiosk_number"])})
        return problems

    def save_backend(self, *, url: str, proxy: str) -> None:
        """Keep the backend's address and the proxy before it.

        Raises:
            SettingsNotKeptError: They could not be written.
        """
        self._keep("backend", {"url": url, "proxy": proxy})

    def _keep(self, section: str, entries: Mapping[str, str | int | float]) -> None:
        """Write the section, and the other as it was set before: in one piece or not at all."""
        folder = self._config.data_dir
        try:
            kept = {**read_settings(folder), section: entries}
            write_durably(folder / SETTINGS, (_HEAD + to_toml(kept)).encode("utf-8"))
        except (OSError, ConfigError) as error:
            raise SettingsNotKeptError(detail=type(error).__name__) from error


_HEAD: Final = (
    "# Set on the technician's screen; counts over kiosk.toml. Delete this file to go back to that.\n"
)


def is_unit_code(text: str) -> bool:
    """Tell whether a text is a unit's code such as `H20.17`."""
    return UNIT.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Tell whether a text can stand on a sign and a slip."""
    least, most = NAME_LETTERS
    return least <= len(text) <= most and text.isprintable()


def is_commune(text: str) -> bool:
    """Tell whether a commune has this code."""
    from forms.code_lists import places

    return text in places()


def is_kiosk_number(text: str) -> bool:
    """Tell whether a text is a kiosk's number."""
    return text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_KIOSKS


def is_phone(text: str) -> bool:
    """Tell whether a text is a telephone number, written with spaces and dots or without."""
    least, most = PHONE_DIGITS
    digits = re.sub(r"[ .]", "", text.removeprefix("+"))
    return digits.isascii() and digits.isdigit() and least <= len(digits) <= most


_CENTRE: Final[dict[str, Callable[[str], bool]]] = {
    "unit_code": is_unit_code,
    "name": is_name,
    "commune": is_commune,
    "kiosk_number": is_kiosk_number,
    "hotline": is_phone,
}
