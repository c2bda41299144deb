"""A line that gives one answer, whatever is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offline_queue.transport import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping


class SaidLine:
    """Remembers what was asked of it: method, path, and the query."""

    def __init__(self, status: int, body: bytes) -> None:
        self.answer = Answer(status=status, body=body)
        self.places: list[tuple[str, str]] = []
        self.asked: list[dict[str, str]] = []

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        query: Mapping[str, str] | None = None,
        signed: bool = True,
    ) -> Answer:
        assert signed
        del body
        self.places.append((method, path))
        self.asked.append(dict(query or {}))
        return self.answer
