"""What a citizen reads when something is amiss: the fix in plain words, what was typed kept.

`{title}` is the field, `{typed}` what was typed as people read it. Vietnamese first, English beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.ports import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTENCES: Mapping[str, Text] = {
    "required": Text(
        vi="Ô “{title}” còn trống. Xin điền vào.", en="“{title}” is still empty. Please fill it in."
    ),
    "required_choice": Text(
        vi="“{title}” chưa chọn. Xin chọn một mục.", en="“{title}” is not chosen yet. Please choose one."
    ),
    "date_format": Text(
        vi="{title} “{typed}” chưa đúng cách viết. Xin viết ngày/tháng/năm, ví dụ 14/02/1994.",
        en="{title} “{typed}” is not written as a date. Please write day/month/year, such as 14/02/1994.",
    ),
    "date_unknown": Text(
        vi="{title} {typed} không có trong lịch. Xin kiểm tra lại ngày.",
        en="{title} {typed} is not in the calendar. Please check the day.",
    ),
    "date_partial": Text(
        vi="{title} {typed} chưa đủ. Xin điền cả ngày, tháng và năm.",
        en="{title} {typed} is not complete. Please give the day, the month and the year.",
    ),
    "date_future": Text(
        vi="{title} {typed} chưa tới. Xin kiểm tra lại năm.",
        en="{title} {typed} has not come yet. Please check the year.",
    ),
    "date_old": Text(
        vi="{title} {typed} quá xa. Xin kiểm tra lại năm.",
        en="{title} {typed} is too long ago. Please check the year.",
    ),
    "id_number": Text(
        vi="{title} phải có đúng 12 chữ số, ở đây có {count}. Xin xem lại trên thẻ.",
        en="{title} must have exactly 12 digits; there are {count} here. Please look at the card again.",
    ),
    "id_number_old": Text(
        vi="Đây là số chứng minh nhân dân 9 số, hết giá trị từ 01/01/2025. Xin nhập số định danh 12 số.",
        en="This is a nine-digit number of an old card, no longer valid. Please enter the twelve-digit one.",
    ),
    "id_prefix": Text(
        vi="Ba số đầu của {title} không phải mã một tỉnh. Xin xem lại; nếu đúng, cứ tiếp tục.",
        en="The first three digits of {title} are no province's code. Please check; if right, go on.",
    ),
    "id_sex": Text(
        vi="{title} không khớp với giới tính đã chọn. Xin xem lại; nếu đúng, cứ tiếp tục.",
        en="{title} does not fit the sex chosen. Please check; if right, go on.",
    ),
    "id_year": Text(
        vi="{title} không khớp với năm sinh. Xin xem lại; nếu đúng, cứ tiếp tục.",
        en="{title} does not fit the year of birth. Please check; if right, go on.",
    ),
    "tel": Text(
        vi="Số điện thoại “{typed}” chưa đúng. Xin nhập 10 chữ số, bắt đầu bằng số 0.",
        en="The telephone number “{typed}” is not right. Please enter 10 digits that begin with 0.",
    ),
    "email": Text(
        vi="Thư điện tử “{typed}” chưa đúng. Ví dụ: huong@vidu.vn.",
        en="The e-mail address “{typed}” is not right. For example: huong@vidu.vn.",
    ),
    "name": Text(
        vi="{title} chỉ gồm chữ cái. Xin bỏ số và dấu khác trong “{typed}”.",
        en="{title} holds letters only. Please take digits and other signs out of “{typed}”.",
    ),
    "number": Text(
        vi="{title} “{typed}” không phải là số. Xin nhập bằng chữ số.",
        en="{title} “{typed}” is not a number. Please use digits.",
    ),
    "number_range": Text(
        vi="{title} phải từ {low} đến {high}. Xin nhập lại.",
        en="{title} must be from {low} to {high}. Please enter it again.",
    ),
    "too_long": Text(
        vi="{title} dài quá {count} chữ. Xin viết ngắn lại.",
        en="{title} is longer than {count} letters. Please make it shorter.",
    ),
    "card_sex": Text(
        vi="Thẻ này không phải thẻ đang cần. Xin rút ra. {title}",
        en="This is not the card asked for. Please take it out. {title}",
    ),
    "card_twice": Text(
        vi="Thẻ này đã dùng cho người khác trong tờ khai. Xin đặt thẻ còn lại.",
        en="This card has been used for another person of this form. Please put in the other one.",
    ),
    "row_twice": Text(
        vi="{title} này trùng với {typed}. Xin xem lại.",
        en="{title}: the same as of {typed}. Please check.",
    ),
    "not_in_list": Text(
        vi="{title} “{typed}” không có trong danh sách. Xin chọn một mục có sẵn.",
        en="{title} “{typed}” is not in the list. Please choose one that is.",
    ),
}


def sentence(code: str, title: Text, **words: object) -> Text:
    """Return the sentence of a problem.

    Args:
        code: A key of `SENTENCES`.
        title: The field, in both languages.
        words: What the sentence names besides: `typed`, `count`, `low`, `high`; a `Text` in each language.
    """
    text = SENTENCES[code]
    told = {
        lang: {
            name: word.in_language(lang) if isinstance(word, Text) else word for name, word in words.items()
        }
        for lang in ("vi", "en")
    }
    return Text(
        vi=text.vi.format(title=title.vi, **told["vi"]), en=text.en.format(title=title.en, **told["en"])
    )
