from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.flow.machine import TRANSITIONS, Trigger, next_step
from kiosk_app.flow.steps import STEPPER, Step, stepper_position

FROM_ANYWHERE = {Step.WELCOME, Step.HELP, Step.ONE_MOMENT}


def test_every_screen_can_be_reached_from_the_first() -> None:
    reached, edge = set(FROM_ANYWHERE), set(FROM_ANYWHERE)
    while edge:
        edge = {to for (start, _trigger), to in TRANSITIONS.items() if start in edge} - reached
        reached |= edge
    assert set(Step) == reached


def test_every_screen_but_the_first_leads_back_to_it() -> None:
    for step in {start for start, _trigger in TRANSITIONS} - {Step.WELCOME, Step.HELP}:
        here, seen = step, set[Step]()
        while here is not Step.WELCOME and here not in seen:
            seen.add(here)
            here = next_step(here, Trigger.BACK) or Step.WELCOME
        assert here is Step.WELCOME, step


def test_the_stepper_never_goes_back_on_the_way_forward() -> None:
    forward = {Trigger.PICKED, Trigger.STARTED, Trigger.CODE_OK, Trigger.CARD_OK, Trigger.PAGES_DONE}
    for (start, trigger), to in TRANSITIONS.items():
        if trigger in forward:
            before, after = stepper_position(start), stepper_position(to)
            assert before is not None
            assert after is not None
            assert after >= before
    assert STEPPER[0][0] is Step.CHOOSE


@given(st.sampled_from(Step), st.sampled_from(Trigger))
def test_any_trigger_anywhere_is_answered_or_means_nothing(step: Step, trigger: Trigger) -> None:
    assert next_step(step, trigger) in {None, *Step}
