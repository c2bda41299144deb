"""Typing Vietnamese: Telex, VNI and direct tone keys work on the last syllable.

Pure: text in, text out. Tones stand where the old style has them: hòa, thúy, but hoàn, quý, giá.
"""

import unicodedata
from enum import StrEnum

TONES = "sfrxj"  # acute, grave, hook, tilde, dot: Telex keys, VNI 1 to 5
_VOWELS = {
    "a": "aáàảãạ",
    "ă": "ăắằẳẵặ",
    "â": "âấầẩẫậ",
    "e": "eéèẻẽẹ",
    "ê": "êếềểễệ",
    "i": "iíìỉĩị",
    "o": "oóòỏõọ",
    "ô": "ôốồổỗộ",
    "ơ": "ơớờởỡợ",
    "u": "uúùủũụ",
    "ư": "ưứừửữự",
    "y": "yýỳỷỹỵ",
}
_PLAIN = {form: (vowel, tone) for vowel, forms in _VOWELS.items() for tone, form in enumerate(forms)}
_CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
_HORN = {"o": "ơ", "u": "ư"}
_BREVE = {"a": "ă"}
_UNMARKED = {"ă": "a", "â": "a", "ê": "e", "ô": "o", "ơ": "o", "ư": "u"}
_OPEN_UO = ("h", "kh", "th")  # thuở, huơ: only the o takes the horn while the syllable is open
_AFTER_BARE_O = ("a", "e")  # there is no ôa and no ôe: the second o of ngoeo is a letter
_THREE = 3


class Method(StrEnum):
    """How letters become Vietnamese ones."""

    TELEX = "telex"
    VNI = "vni"
    DIRECT = "direct"


def press(text: str, key: str, *, method: Method) -> str:
    """Return the text before the cursor after a key was pressed.

    Args:
        text: What stands before the cursor.
        key: One letter, digit or other character.
        method: How keys are read; DIRECT only adds them.
    """
    text = unicodedata.normalize("NFC", text)
    if method is not Method.DIRECT:
        changed = (_telex if method is Method.TELEX else _vni)(text, key)
        if changed is not None:
            return changed
    return _settle(text + key)


def tone(text: str, mark: int) -> str:
    """Return the text with the tone of its last syllable set, or taken away if it already has it.

    Args:
        text: What stands before the cursor.
        mark: 1 acute, 2 grave, 3 hook, 4 tilde, 5 dot; 0 takes any tone away.
    """
    head, syllable = _split(unicodedata.normalize("NFC", text))
    letters, now = _strip_tone(syllable)
    return head + _put_tone(letters, 0 if mark == now else mark)


def _telex(text: str, key: str) -> str | None:
    low = key.lower()
    if low in TONES:
        return _tone_key(text, key, TONES.index(low) + 1)
    if low == "z":
        return _tone_key(text, key, 0)
    if low == "w":
        return _lone_w(text, key) or _shape_key(text, key, _HORN | _BREVE)
    if low == "d":
        return _dash_key(text, key)
    if low in _CIRCUMFLEX:
        return _shape_key(text, key, {low: _CIRCUMFLEX[low]})
    return None


def _lone_w(text: str, key: str) -> str | None:
    """Take w for ư where there is no vowel to shape: tw is tư; ww is the letter itself (Y Wang)."""
    head, syllable = _split(text)
    if syllable.lower() == "ư":
        return head + _like("w", syllable)
    vowels = any(letter.lower() in _PLAIN for letter in syllable)
    return None if vowels else text + _like("ư", key)


def _vni(text: str, key: str) -> str | None:
    if key in "012345":
        return _tone_key(text, key, int(key))
    shapes = {"6": _CIRCUMFLEX, "7": _HORN, "8": _BREVE}.get(key)
    if shapes is not None:
        return _shape_key(text, key, shapes)
    return _dash_key(text, key) if key == "9" else None


def _tone_key(text: str, key: str, mark: int) -> str | None:
    head, syllable = _split(text)
    letters, now = _strip_tone(syllable)
    if _tone_place(letters) is None or (mark == 0 and now == 0):
        return None
    if mark == now:
        return head + letters + key  # the same key twice: the letter itself was meant
    return head + _put_tone(letters, mark)


def _shape_key(text: str, key: str, shapes: dict[str, str]) -> str | None:
    head, syllable = _split(text)
    letters, mark = _strip_tone(syllable)
    start, end = _cluster(letters)
    group = letters[start:end]
    undone = _undo(group, key, shapes)
    if undone is not None:
        return head + _put_tone(letters[:start] + undone + letters[end:], mark) + key
    opens = letters[:start].lower() in _OPEN_UO and group.lower() == "uo" and end == len(letters)
    shaped = _shaped(group, shapes, opens=opens)
    if shaped is None:
        return None
    return head + _put_tone(letters[:start] + shaped + letters[end:], mark)


def _undo(group: str, key: str, shapes: dict[str, str]) -> str | None:
    """Take a shape away that the same key has just made: aaa means aa."""
    made = set(shapes.values())
    if not key or not any(letter.lower() in made for letter in group):
        return None
    if "ơ" in made and any(half in group.lower() for half in ("ưo", "uơ")):
        return None  # half of ươ: the key makes the other half
    return "".join(_like(_UNMARKED[x.lower()], x) if x.lower() in made else x for x in group)


def _shaped(group: str, shapes: dict[str, str], *, opens: bool) -> str | None:
    low = group.lower()
    if "o" in shapes and shapes["o"] == "ơ" and (at := _find_uo(low)) >= 0:
        first = group[at] if opens else _like("ư", group[at])
        return group[:at] + first + _like("ơ", group[at + 1]) + group[at + 2 :]
    for index in _shape_order(low, shapes):
        if shapes[low[index]] == "ô" and low[index + 1 : index + 2] in _AFTER_BARE_O:
            return None
        return group[:index] + _like(shapes[low[index]], group[index]) + group[index + 1 :]
    if "o" not in shapes and "a" not in shapes and "e" not in shapes:
        return None
    return _reshaped(group, shapes)


def _shape_order(low: str, shapes: dict[str, str]) -> list[int]:
    """Where a shape may go, the likeliest vowel first: the u of ưa and ưu, otherwise the last."""
    if low in ("ua", "uu", "ui") and shapes.get("u"):
        return [0]
    return [index for index in range(len(low) - 1, -1, -1) if low[index] in shapes]


def _reshaped(group: str, shapes: dict[str, str]) -> str | None:
    """Change one shape into another: â with w becomes ă."""
    for index in range(len(group) - 1, -1, -1):
        bare = _UNMARKED.get(group[index].lower())
        if bare is not None and bare in shapes:
            return group[:index] + _like(shapes[bare], group[index]) + group[index + 1 :]
    return None


def _find_uo(low: str) -> int:
    found = [low.find(pair) for pair in ("uo", "ưo", "uô")]
    return max(found)


def _dash_key(text: str, key: str) -> str | None:
    head, syllable = _split(text)
    if syllable[:1].lower() == "đ":
        return head + _like("d", syllable[0]) + syllable[1:] + key
    if syllable[:1].lower() == "d":
        return head + _like("đ", syllable[0]) + syllable[1:]
    return None


def _settle(text: str) -> str:
    """Move the tone where the syllable, now longer, wants it: hòa + n is hoàn."""
    head, syllable = _split(text)
    letters, mark = _strip_tone(syllable)
    low = letters.lower()
    at = low.find("uơ")
    if 0 <= at < len(low) - 2 and low[:at] != "q":
        letters = letters[:at] + _like("ư", letters[at]) + letters[at + 1 :]
    elif not mark:
        return text
    return head + _put_tone(letters, mark)


def _split(text: str) -> tuple[str, str]:
    at = len(text)
    while at > 0 and text[at - 1].isalpha():
        at -= 1
    return text[:at], text[at:]


def _strip_tone(syllable: str) -> tuple[str, int]:
    letters, mark = [], 0
    for letter in syllable:
        vowel, found = _PLAIN.get(letter.lower(), (letter, 0))
        letters.append(_like(vowel, letter) if found else letter)
        mark = found or mark
    return "".join(letters), mark


def _put_tone(letters: str, mark: int) -> str:
    place = _tone_place(letters)
    if place is None or not mark:
        return letters
    toned = _VOWELS[letters[place].lower()][mark]
    return letters[:place] + _like(toned, letters[place]) + letters[place + 1 :]


def _cluster(letters: str) -> tuple[int, int]:
    """Find the vowels of a syllable; the u of qu and the i of gi belong to the consonant."""
    low = letters.lower()
    start = next((i for i, letter in enumerate(low) if letter in _VOWELS), len(low))
    if low[:2] in ("qu", "gi") and len(low) > 2 and low[2] in _VOWELS:  # noqa: PLR2004 - two letters
        start = 2
    end = start
    while end < len(low) and low[end] in _VOWELS:
        end += 1
    return start, end


def _tone_place(letters: str) -> int | None:
    start, end = _cluster(letters)
    group = letters[start:end].lower()
    if not group:
        return None
    marked = [i for i, letter in enumerate(group) if letter in _UNMARKED]
    if marked:
        return start + marked[-1]
    if len(group) >= _THREE or end < len(letters):
        return start + min(1, len(group) - 1)
    return start


def _like(letter: str, model: str) -> str:
    return letter.upper() if model.isupper() else letter
