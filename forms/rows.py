"""The rows of repeating panels: counted, added, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.errors import UnknownFieldError
from forms.ports import Answer, Source

if TYPE_CHECKING:
    from forms.answers import Raw
    from forms.blueprint import Blueprint, Repeat
    from forms.ports import Answers

_NOTE = "card."


def counted(repeat: Repeat, answers: Answers) -> int:
    """Return how many rows there are."""
    answer = answers.get(repeat.count_field)
    value: Raw = answer.value if answer else repeat.low
    return min(value, repeat.high) if isinstance(value, int) else repeat.low


def repeat_named(form: Blueprint, name: str) -> Repeat:
    """Return the repeating panel whose rows a field counts.

    Raises:
        UnknownFieldError: There is none.
    """
    for repeat in form.repeats.values():
        if repeat.count_field == name:
            return repeat
    raise UnknownFieldError(f"form {form.file} has no repeating panel counted by {name!r}")


def repeat_of_row(form: Blueprint, row: str) -> tuple[Repeat | None, int]:
    """Return the repeating panel and the index of a row, `thanhVien[0]`; None and -1 for any other name."""
    for repeat in form.repeats.values():
        for index in range(repeat.high):
            if repeat.row(index) == row:
                return repeat, index
    return None, -1


def with_row(form: Blueprint, answers: Answers, name: str) -> Answers:
    """Return the answers with one more row; a full panel stays as it is.

    Args:
        form: The form.
        answers: All answers so far.
        name: The field that counts the rows.

    Raises:
        UnknownFieldError: It counts none.
    """
    repeat = repeat_named(form, name)
    return _with_count(answers, name, min(counted(repeat, answers) + 1, repeat.high))


def without_row(form: Blueprint, answers: Answers, name: str, index: int) -> Answers:
    """Return the answers without one row; the later ones move up, each with all that was told of it.

    Args:
        form: The form.
        answers: All answers so far.
        name: The field that counts the rows.
        index: The row, from 0; one that is not there changes nothing, as does the last that must stay.

    Raises:
        UnknownFieldError: The name counts no rows.
    """
    repeat = repeat_named(form, name)
    count = counted(repeat, answers)
    if not 0 <= index < count or count <= repeat.low:
        return answers
    moved: dict[str, Answer] = {}
    for told, answer in answers.items():
        at, rest = _row_at(repeat, told)
        if at == index:
            continue
        moved[_renamed(repeat, told, at - 1, rest) if at > index else told] = answer
    return _with_count(moved, name, count - 1)


def _with_count(answers: Answers, name: str, count: int) -> Answers:
    return {**answers, name: Answer(value=count, source=Source.TYPED)}


def _row_at(repeat: Repeat, name: str) -> tuple[int, str]:
    """Return the row an answer or a note from a card belongs to, and the name within it; -1 for none."""
    bare = name.removeprefix(_NOTE)
    for index in range(repeat.high):
        start = f"{repeat.row(index)}."
        if bare.startswith(start):
            return index, bare.removeprefix(start)
    return -1, ""


def _renamed(repeat: Repeat, name: str, index: int, rest: str) -> str:
    note = _NOTE if name.startswith(_NOTE) else ""
    return f"{note}{repeat.row(index)}.{rest}"
