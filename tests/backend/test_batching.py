"""Many questions, one trip: order, lone questions, and one that spoils it for nobody else."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from backend.batching import Batcher
from backend.services import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_questions_that_come_while_one_is_asked_go_together_and_each_gets_its_answer() -> None:
    trips: list[list[int]] = []
    begun, go_on = threading.Event(), threading.Event()

    def work(asked: Sequence[int]) -> list[int | Refusal]:
        trips.append(list(asked))
        begun.set()
        assert go_on.wait(10)
        return [number * 10 for number in asked]

    async def ask() -> list[int]:
        batcher: Batcher[int, int] = Batcher(work, most=3)
        first = asyncio.create_task(batcher.ask(0))
        assert await asyncio.to_thread(begun.wait, 10)
        others = [asyncio.create_task(batcher.ask(number)) for number in range(1, 6)]
        await asyncio.sleep(0)
        go_on.set()
        return list(await asyncio.gather(first, *others))

    assert asyncio.run(ask()) == [0, 10, 20, 30, 40, 50]
    assert trips == [[0], [1, 2, 3], [4, 5]]


def test_a_question_nobody_can_answer_spoils_it_for_nobody_else() -> None:
    def work(asked: Sequence[int]) -> list[int | Refusal]:
        if 2 in asked:
            raise ValueError("no database can hold this")
        return [Refusal(422, "odd", "odd") if number % 2 else number for number in asked]

    async def ask() -> list[int | BaseException]:
        batcher: Batcher[int, int] = Batcher(work)
        return await asyncio.gather(*(batcher.ask(number) for number in range(5)), return_exceptions=True)

    answers = asyncio.run(ask())
    assert [type(answer) for answer in answers] == [int, Refusal, ValueError, Refusal, int]


def test_an_asker_who_hangs_up_stops_nobody() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(asked: Sequence[str]) -> list[str | Refusal]:
        begun.set()
        assert go_on.wait(10)
        return list(asked)

    async def ask() -> str:
        batcher: Batcher[str, str] = Batcher(work)
        gone = asyncio.create_task(batcher.ask("gone"))
        assert await asyncio.to_thread(begun.wait, 10)
        gone.cancel()
        stays = asyncio.create_task(batcher.ask("stays"))
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await stays

    assert asyncio.run(ask()) == "stays"
