"""The forms of this kiosk, built from its configuration."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from forms.catalogue import DEFINITIONS, Catalogue, load_blueprint, load_catalogue
from forms.document import TEMPLATES, DocumentError
from forms.errors import DefinitionError
from forms.json_schema import json_schema
from forms.province import read_province
from forms.receipt import Intake, render_receipt

if TYPE_CHECKING:
    from collections.abc import Callable

    from forms.ports import Procedure
    from kiosk_app.config import Config

PROVINCE_FILE = "province.json"


def local_today() -> dt.date:
    """Return the day at the kiosk."""
    return dt.datetime.now().astimezone().date()


def open_catalogue(config: Config, *, today: Callable[[], dt.date] = local_today) -> Catalogue:
    """Load all forms; what is heavy (places, search, Typst) is loaded at its first use.

    What the province decides (fees, days off) is read from `province.json` in the data folder, if there is
    one.

    Args:
        config: Tells the commune of the centre, whose province comes first in searches, and the data folder.
        today: Tells the day; asked again on each use.

    Raises:
        DefinitionError: A definition that ships with the kiosk, or the file of the province, is wrong.
    """
    province = read_province(Path(config.data_dir) / PROVINCE_FILE)
    return load_catalogue(today, commune=config.centre.commune, province=province)


def intake(config: Config, *, receipt_code: str) -> Intake:
    """Return what the receipt says of this centre, now."""
    return Intake(
        centre=config.centre.name,
        hotline=config.centre.hotline,
        received_at=dt.datetime.now().astimezone(),
        receipt_code=receipt_code,
    )


def shipped_definitions() -> tuple[Path, ...]:
    """Return the definition files that ship with the kiosk."""
    return tuple(sorted(DEFINITIONS.glob("*.json")))


def check_definition(path: Path) -> Procedure:
    """Check one definition file and that its template is there; return the procedure it serves.

    Raises:
        DefinitionError: The file is wrong; the message names the spot.
    """
    from forms.form import DefinedForm

    blueprint = load_blueprint(path)
    template = blueprint.definition.template
    if not (TEMPLATES / template).is_file():
        expected = f"a file in {TEMPLATES.name}/"
        raise DefinitionError(file=path.name, path="$.x-template", found=repr(template), expected=expected)
    return DefinedForm(blueprint, today=local_today).procedure


__all__ = [
    "Catalogue",
    "DocumentError",
    "check_definition",
    "intake",
    "json_schema",
    "local_today",
    "open_catalogue",
    "render_receipt",
    "shipped_definitions",
]
