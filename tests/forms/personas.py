"""Three people, and answers that fill any form: what the card leaves open is made up, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.ports import Answer, FieldKind, Source
from forms.questions import RangeCheck

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forms.form import DefinedForm
    from forms.ports import Answers, FieldSpec
    from forms.questions import Question

SESSION = {"centre": "Trung tâm", "commune": "29905", "today": "2026-11-23"}

PERSONAS: Mapping[str, Mapping[str, str | None]] = {
    "a young mother": {
        "full_name": "Nguyễn Thị Hương",
        "birth_date": "1994-02-14",
        "sex": "female",
        "id_number": "087194000412",
        "nationality": "Việt Nam",
        "ethnicity": "Kinh",
        "residence": "Ấp Khánh Mỹ, Tân Khánh Trung, Lấp Vò, Đồng Tháp",
        "place_of_origin": "Tân Khánh Trung, Lấp Vò, Đồng Tháp",
        "issue_date": "2025-05-06",
    },
    "an old man who knows only his year": {
        "full_name": "Hồ Văn Tà Ôi Ăm",
        "birth_date": "1941",
        "sex": "male",
        "id_number": "045041000018",
        "nationality": "Việt Nam",
        "ethnicity": "Bru Vân Kiều",
        "issue_date": "2021-08-19",
    },
    "a man with a code only": {
        "full_name": "Giàng A Sùng",
        "birth_date": "1988-11-30",
        "sex": "male",
        "id_number": "012088004567",
        "residence": "Bản Tủa Sín Chải, Sìn Hồ, Lai Châu",
        "issue_date": None,
    },
}

_WORDS = {
    FieldKind.TEXT: "Số 12, ấp Tân Bình",
    FieldKind.COMMENT: "Theo giấy tờ kèm theo hồ sơ này, xin được xem xét giải quyết đúng quy định.",
    FieldKind.TEL: "0912345678",
    FieldKind.EMAIL: "nguoi.dan@vidu.vn",
    FieldKind.PLACE: "30184",
}
_SPECIAL = {"ndk.gioChet": "14:05", "nhanTien.soTaiKhoan": "1234567890123"}
_FAMILY = ("Trần Thị Mai", "Lê Văn Bảy", "Phạm Ngọc Ánh", "Lò Thị Ưởng", "Đặng Quốc Khánh", "Vàng A Phủ")


def fill(form: DefinedForm, persona: str, *, members: int = 0, source: Source = Source.CHIP) -> Answers:
    """Fill a form as a visit does: the card first, then field by field until nothing seen is open.

    Args:
        form: The form.
        persona: A key of `PERSONAS`.
        members: How many rows are listed in a repeating panel, as far as it allows.
        source: CHIP or QR.
    """
    answers = form.derive(form.autofill(PERSONAS[persona], source=source, session=SESSION))
    turn = tuple(PERSONAS).index(persona)
    for _ in range(40):
        pages = ([spec for spec in page.fields if _is_open(spec, answers)] for page in form.pages(answers))
        open_fields = next((page for page in pages if page), None)
        if open_fields is None:
            break
        # The first field that is open decides what the others of its page start with.
        made = {spec.name: answer_of(form, spec, turn, members) for spec in _first(open_fields)}
        answers = form.derive({**answers, **made})
    return answers


def _is_open(spec: FieldSpec, answers: Answers) -> bool:
    asks_for_rows = spec.kind is FieldKind.ROWS and answers[spec.name].source is Source.DEFAULT
    return spec.name not in answers or asks_for_rows


def _first(open_fields: Sequence[FieldSpec]) -> Sequence[FieldSpec]:
    deciding = [
        spec for spec in open_fields if spec.kind in (FieldKind.CHOICE, FieldKind.LIST, FieldKind.YES_NO)
    ]
    return deciding[:1] or open_fields


def answer_of(form: DefinedForm, spec: FieldSpec, turn: int, members: int = 0) -> Answer:
    """What a person types or touches for one field.

    Args:
        form: The form.
        spec: The field.
        turn: Which persona, from 0: they choose differently.
        members: How many rows are listed.
    """
    question = form.blueprint.questions[spec.name]
    place = form.field_names.index(spec.name)
    return Answer(value=_value(question, place, turn, members), source=Source.TYPED)


def _value(question: Question, place: int, turn: int, members: int) -> str | int | bool | list[str]:
    if question.name in _SPECIAL:
        return _SPECIAL[question.name]
    match question.kind:
        case FieldKind.YES_NO:
            return question.name == "camDoan" or turn != 1
        case FieldKind.CHOICE | FieldKind.LIST:
            return question.choices[(turn + place) % min(len(question.choices), 5)].value
        case FieldKind.NUMBER | FieldKind.ROWS:
            return _number(question, members)
        case FieldKind.CHOICES:
            return [choice.value for choice in question.choices[turn % 2 :: 2]]
        case _:
            return _written(question, place, turn)


def _number(question: Question, members: int) -> int:
    span = next(
        (check for check in question.checks if isinstance(check, RangeCheck)), RangeCheck(low=1, high=9)
    )
    return min(max(members if question.kind is FieldKind.ROWS else 2, span.low), span.high)


def _written(question: Question, place: int, turn: int) -> str:
    match question.kind:
        case FieldKind.NAME:
            return _FAMILY[(place + turn) % len(_FAMILY)]
        case FieldKind.ID_NUMBER:
            return f"087{place % 2 + 1}85{place:06d}"
        case FieldKind.DATE:
            # Later fields get later days: spans of time come out the right way round.
            return f"2026-{place // 28 + 1:02d}-{place % 28 + 1:02d}"
        case FieldKind.TEXT:
            return f"{_WORDS[FieldKind.TEXT]} {place}"[: question.max_length]
        case kind:
            return _WORDS[kind]
