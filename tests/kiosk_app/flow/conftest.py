"""The technician's door, walked through with scripted tools behind it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import Step
from tests.kiosk_app.flow.scripted_tools import DOOR, ScriptedTools


@pytest.fixture
def tools() -> ScriptedTools:
    return ScriptedTools()


@pytest.fixture
def walk(hall: Any, walker: Any, tools: ScriptedTools) -> Any:
    walked = walker(Session(dataclasses.replace(hall.services(), technician=tools)))
    walked.act(*DOOR)
    assert walked.session.step is Step.STAFF
    return walked
