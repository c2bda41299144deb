"""Whole numbers as Vietnamese papers spell them: `năm mươi triệu`, `hai nghìn không trăm hai mươi sáu`."""

from __future__ import annotations

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_TEN, _HUNDRED, _THOUSAND = 10, 100, 1000
_FIVE = 5
_GROUPS = ("", "nghìn", "triệu", "tỷ", "nghìn tỷ")
GREATEST = _THOUSAND ** len(_GROUPS) - 1
"""The greatest number that can be spelled."""


def in_words(number: int) -> str:
    """Return a number in words, lower case.

    Args:
        number: 0 to `GREATEST`.

    Raises:
        ValueError: The number is outside.
    """
    if not 0 <= number <= GREATEST:
        raise ValueError(f"numbers from 0 to {GREATEST} are spelled; got one outside")
    if number == 0:
        return _DIGITS[0]
    words: list[str] = []
    for place in reversed(range(len(_GROUPS))):
        group = number // _THOUSAND**place % _THOUSAND
        if group:
            # After the first each group of three is read whole: 2.026, `hai nghìn không trăm hai mươi sáu`.
            words += [_group(group, whole=bool(words)), _GROUPS[place]]
    return " ".join(word for word in words if word)


def _group(number: int, *, whole: bool) -> str:
    hundreds, rest = divmod(number, _HUNDRED)
    words = f"{_DIGITS[hundreds]} trăm" if hundreds or whole else ""
    if not rest:
        return words
    if words and rest < _TEN:
        return f"{words} linh {_DIGITS[rest]}"
    return f"{words} {under_hundred(rest)}".strip()


def under_hundred(number: int) -> str:
    """Return a number below one hundred in words: `mười lăm`, `hai mươi mốt`."""
    tens, units = divmod(number, _TEN)
    if tens == 0:
        return _DIGITS[units]
    head = "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    if units == 0:
        return head
    if units == 1 and tens > 1:
        return f"{head} mốt"
    return f"{head} {'lăm' if units == _FIVE else _DIGITS[units]}"
