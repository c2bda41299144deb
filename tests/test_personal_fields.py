"""No dataclass shows a person: each field that may hold one is left out of `repr`, `str`, and so of logs."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from typing import Any

import pytest

import drivers
import forms
import kiosk_app
import offline_queue
from drivers.ports import HOLDER_FIELDS, CanKey, CodeKind, CodePayload, IdCard, MrzKey, Portrait
from forms.ports import Answer, Source
from kiosk_app.flow import events

CANARY = "NGUYỄN THỊ CANARY 087194000412"
PERSONAL = {
    *HOLDER_FIELDS,
    *("holder", "reading", "card", "qr_card", "portrait", "rgb", "jpeg", "page_jpeg", "bgr", "frame"),
    *("answers", "shown", "greeting", "typed", "digits", "pin", "can", "mrz", "token", "id_tail"),
    *("tracking_url", "qr_text", "receipt_url"),
}
"""Names under which personal data travels."""
NOT_A_PERSON = {
    ("kiosk_app.flow.services", "Services", "card"): "a device",
    ("kiosk_app.config", "Config", "card"): "a section of the configuration",
    ("kiosk_app.ui.theme", "Shape", "card"): "a radius",
    ("kiosk_app.ui.theme", "Palette", "card"): "a colour",
}


def every_dataclass() -> list[type[Any]]:
    found: dict[str, type[Any]] = {}
    for package in (drivers, forms, kiosk_app, offline_queue):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".__main__" in module.name or module.name.endswith(("worker", "paper_worker")):
                continue
            loaded = importlib.import_module(module.name)
            for name, value in vars(loaded).items():
                if isinstance(value, type) and dataclasses.is_dataclass(value):
                    found[f"{value.__module__}.{name}"] = value
    return list(found.values())


def test_every_field_that_may_hold_a_person_is_hidden() -> None:
    classes = every_dataclass()
    assert len(classes) > 100
    told = [
        f"{kind.__module__}.{kind.__name__}.{one.name}"
        for kind in classes
        for one in dataclasses.fields(kind)
        if one.name in PERSONAL
        and one.repr
        and (kind.__module__, kind.__name__, one.name) not in NOT_A_PERSON
    ]
    assert told == []


@pytest.mark.parametrize(
    "value",
    [
        IdCard(id_number=CANARY, full_name=CANARY, residence=CANARY, mother_name=CANARY),
        CanKey(can=CANARY),
        MrzKey(lines=(CANARY, CANARY, CANARY)),
        Portrait(width=1, height=1, rgb=CANARY.encode()),
        CodePayload(kind=CodeKind.OTHER, text=CANARY, fields={"name": CANARY}),
        Answer(value=CANARY, source=Source.TYPED),
        events.FieldAnswered(name="nyc.hoTen", value=CANARY),
        events.CodeSeen(text=CANARY),
        events.CanTyped(digits=CANARY),
        events.PinTyped(pin=CANARY),
        events.DossierAsked(code=CANARY, id_tail=CANARY),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_holds_a_person_does_not_tell(value: object) -> None:
    assert "CANARY" not in repr(value)
    assert "CANARY" not in str(value)
    assert "CANARY" not in f"{value!r} {value}"
