"""Which screen follows which: every transition of a visit in one table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from kiosk_app.flow.steps import Step


class Trigger(StrEnum):
    """What moves a visit on."""

    BACK = "back"
    SUBMIT = "submit"
    BROWSE = "browse"
    TAKE_NUMBER = "take_number"
    LOOK_UP = "look_up"
    MISSING = "missing"
    COPY = "copy"
    PICKED = "picked"
    DECLARED = "declared"
    STARTED = "started"
    CODE_OK = "code_ok"
    CARD_OK = "card_ok"
    NO_CARD = "no_card"
    OTHER_CARD = "other_card"
    PAGES_DONE = "pages_done"
    PAPERS_DONE = "papers_done"
    EDIT_FORM = "edit_form"
    EDIT_PAPERS = "edit_papers"
    HANDED_IN = "handed_in"
    RATE = "rate"
    STAFF_DOOR = "staff_door"
    STAFF_IN = "staff_in"
    HISTORY = "history"
    CENTRE = "centre"
    NETWORK = "network"
    CARDS = "cards"
    MACHINE = "machine"


TRANSITIONS: Final[dict[tuple[Step, Trigger], Step]] = {
    (Step.WELCOME, Trigger.SUBMIT): Step.CHOOSE,
    (Step.WELCOME, Trigger.BROWSE): Step.CHOOSE,
    (Step.WELCOME, Trigger.TAKE_NUMBER): Step.TAKE_NUMBER,
    (Step.WELCOME, Trigger.LOOK_UP): Step.LOOK_UP,
    (Step.WELCOME, Trigger.MISSING): Step.UNAVAILABLE,
    (Step.WELCOME, Trigger.COPY): Step.COPY,
    (Step.COPY, Trigger.BACK): Step.WELCOME,
    (Step.UNAVAILABLE, Trigger.TAKE_NUMBER): Step.TAKE_NUMBER,
    (Step.UNAVAILABLE, Trigger.BACK): Step.WELCOME,
    (Step.TAKE_NUMBER, Trigger.BACK): Step.WELCOME,
    (Step.LOOK_UP, Trigger.BACK): Step.WELCOME,
    (Step.LOOK_UP, Trigger.DECLARED): Step.PROCEDURE,
    (Step.CHOOSE, Trigger.DECLARED): Step.PROCEDURE,
    (Step.CHOOSE, Trigger.PICKED): Step.PROCEDURE,
    (Step.CHOOSE, Trigger.BACK): Step.WELCOME,
    (Step.PROCEDURE, Trigger.STARTED): Step.IDENTIFY_QR,
    (Step.PROCEDURE, Trigger.TAKE_NUMBER): Step.TAKE_NUMBER,
    (Step.PROCEDURE, Trigger.BACK): Step.CHOOSE,
    (Step.IDENTIFY_QR, Trigger.CODE_OK): Step.IDENTIFY_CARD,
    (Step.IDENTIFY_QR, Trigger.NO_CARD): Step.FILL,
    (Step.IDENTIFY_QR, Trigger.BACK): Step.PROCEDURE,
    (Step.IDENTIFY_CARD, Trigger.CARD_OK): Step.FILL,
    (Step.IDENTIFY_CARD, Trigger.NO_CARD): Step.FILL,
    (Step.IDENTIFY_CARD, Trigger.BACK): Step.IDENTIFY_QR,
    (Step.FILL, Trigger.PAGES_DONE): Step.SCAN,
    (Step.FILL, Trigger.OTHER_CARD): Step.IDENTIFY_QR,
    (Step.FILL, Trigger.BACK): Step.IDENTIFY_QR,
    (Step.SCAN, Trigger.PAPERS_DONE): Step.REVIEW,
    (Step.SCAN, Trigger.BACK): Step.FILL,
    (Step.REVIEW, Trigger.EDIT_FORM): Step.FILL,
    (Step.REVIEW, Trigger.EDIT_PAPERS): Step.SCAN,
    (Step.REVIEW, Trigger.HANDED_IN): Step.DONE,
    (Step.REVIEW, Trigger.BACK): Step.SCAN,
    (Step.DONE, Trigger.RATE): Step.RATE,
    (Step.HELP, Trigger.STAFF_DOOR): Step.STAFF_PIN,
    (Step.STAFF_PIN, Trigger.STAFF_IN): Step.STAFF,
    (Step.STAFF_PIN, Trigger.BACK): Step.WELCOME,
    (Step.STAFF, Trigger.BACK): Step.WELCOME,
    (Step.STAFF, Trigger.HISTORY): Step.TECH_HISTORY,
    (Step.STAFF, Trigger.CENTRE): Step.TECH_CENTRE,
    (Step.STAFF, Trigger.NETWORK): Step.TECH_NETWORK,
    (Step.STAFF, Trigger.CARDS): Step.TECH_CARDS,
    (Step.STAFF, Trigger.MACHINE): Step.TECH_MACHINE,
    (Step.TECH_HISTORY, Trigger.BACK): Step.STAFF,
    (Step.TECH_CENTRE, Trigger.BACK): Step.STAFF,
    (Step.TECH_NETWORK, Trigger.BACK): Step.STAFF,
    (Step.TECH_CARDS, Trigger.BACK): Step.STAFF,
    (Step.TECH_MACHINE, Trigger.BACK): Step.STAFF,
}
"""Steps reached from anywhere (WELCOME at the end, HELP, ONE_MOMENT) are not listed."""


def next_step(step: Step, trigger: Trigger) -> Step | None:
    """Return the step that follows, or None where the trigger means nothing (a late or double touch)."""
    return TRANSITIONS.get((step, trigger))
