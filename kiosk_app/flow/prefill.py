"""From the identity to the first answers of a form, field by field, each with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.ports import HOLDER_FIELDS
from forms.ports import Answer, Source

if TYPE_CHECKING:
    import datetime as dt

    from drivers.ports import IdCard
    from forms.ports import Answers, Form
    from kiosk_app.flow.services import CentreInfo


def card_values(card: IdCard) -> dict[str, str | None]:
    """Return what the card says, by the field names of `kiosk card read`."""
    return {name: getattr(card, name) for name in HOLDER_FIELDS}


def session_values(centre: CentreInfo, today: dt.date) -> dict[str, str]:
    """Return what the place and the day give to a form."""
    return {"centre": centre.name, "commune": centre.commune, "today": today.isoformat()}


def first_answers(
    form: Form, *, chip: IdCard | None, qr: IdCard | None, centre: CentreInfo, today: dt.date
) -> Answers:
    """Fill what can be filled: the chip goes before the code, derived values never over either.

    Args:
        form: The form of the visit.
        chip: The person as the chip says; None when it was not read.
        qr: The person as the code says; None when there was none.
        centre: The place, for the address line of the form.
        today: The kiosk's date.
    """
    session = session_values(centre, today)
    answers: dict[str, Answer] = {}
    for card, source in ((qr, Source.QR), (chip, Source.CHIP)):
        if card is not None:
            answers.update(form.autofill(card_values(card), source=source, session=session))
    if not answers:
        answers.update(form.autofill({}, source=Source.SESSION, session=session))
    return form.derive(answers)
