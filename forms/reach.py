"""Pages and fields that nobody could ever see: conditions that no answer fulfils."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.expressions import Field, Literal, Operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from forms.expressions import Node
    from forms.questions import Question


def never_holds(nodes: tuple[Node, ...], questions: Mapping[str, Question]) -> str:
    """Return the reason why conditions can never hold together, empty where they can.

    Found are a choice that its list does not have, two values of one field at once, and a plain `false`.
    It is a check of writing mistakes and no solver: what it does not understand may hold.

    Args:
        nodes: All must hold: a page's condition and a field's own.
        questions: The fields by name.
    """
    wanted: dict[str, frozenset[str]] = {}
    for node in [part for whole in nodes for part in _all_of(whole)]:
        if isinstance(node, Literal) and not node.value:
            return "a condition that is always false"
        name, values = _one_of(node)
        if not name or name not in questions:
            continue
        choices = {choice.value for choice in questions[name].choices}
        if choices and not values & choices:
            return f"{{{name}}} is never {' or '.join(sorted(values))}"
        wanted[name] = wanted.get(name, values) & values
        if not wanted[name]:
            return f"{{{name}}} cannot be several values at once"
    return ""


def _all_of(node: Node) -> Iterator[Node]:
    if isinstance(node, Operation) and node.name == "and":
        for operand in node.operands:
            yield from _all_of(operand)
    else:
        yield node


def _one_of(node: Node) -> tuple[str, frozenset[str]]:
    """Return the field and the texts of which it must be one, no field where the node says something else."""
    if not isinstance(node, Operation) or node.name not in ("=", "anyof"):
        return "", frozenset()
    left, right = node.operands
    listed = right.operands if isinstance(right, Operation) and right.name == "[" else (right,)
    texts = [item.value for item in listed if isinstance(item, Literal) and isinstance(item.value, str)]
    if not isinstance(left, Field) or len(texts) != len(listed) or not texts:
        return "", frozenset()
    return left.name, frozenset(texts)
