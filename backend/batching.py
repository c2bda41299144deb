"""Questions of many requests, answered by one trip to the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backend.services import Refusal

A = TypeVar("A")
R = TypeVar("R")

MOST = 64
"""Questions in one trip: a transaction that holds locks stays short."""


class Batcher(Generic[A, R]):
    """Collects questions on the event loop and answers them in a thread, one batch after the other.

    A lone question is a batch of one and waits for nobody. When a batch fails, each of its questions is asked
    again alone: one that no database can hold spoils it for nobody else.

    Args:
        work: Answers questions, in their order; runs in a thread. An answer that is a `Refusal` is raised
            for its asker alone.
        most: Questions in one batch.
    """

    def __init__(self, work: Callable[[Sequence[A]], Sequence[R | Refusal]], *, most: int = MOST) -> None:
        self._work = work
        self._most = most
        self._waiting: list[tuple[A, asyncio.Future[R]]] = []
        self._alone = 0
        self._running: asyncio.Task[None] | None = None

    async def ask(self, question: A) -> R:
        """Return the answer to one question.

        Raises:
            Refusal: Meant for this question.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            count = 1 if self._alone else self._most
            self._alone = max(0, self._alone - 1)
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
            done = loop.run_in_executor(None, self._work, [question for question, _ in batch])
            await asyncio.wait([done])
            error = done.exception()
            if error is not None and len(batch) > 1:
                self._waiting, self._alone = batch + self._waiting, len(batch)
                continue
            answers = [error] * len(batch) if error is not None else done.result()
            for (_, future), answer in zip(batch, answers, strict=True):
                _settle(future, answer)


def _settle(future: asyncio.Future[R], answer: R | BaseException) -> None:
    if future.done():
        return  # the asker hung up; what was done stays done, and is the same when asked again
    if isinstance(answer, BaseException):
        future.set_exception(answer)
    else:
        future.set_result(answer)
