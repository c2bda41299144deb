"""What the audit log says, in the words of those who read it: the log itself keeps constant names."""

from __future__ import annotations

from typing import Final

from backend.web.case_page import PAPERS
from backend.web.counter_pages import PRIORITIES
from backend.web.progress_page import STATES

_DEEDS: Final = {
    "viewed": "xem hồ sơ",
    "recalled": "gọi lại",
    "done": "phục vụ xong",
    "no_show": "ghi vắng mặt",
    "disabled": "khóa tài khoản",
    "was refused": "đăng nhập sai",
    "signed in": "đăng nhập",
    "signed out": "đăng xuất",
    "announced a key": "báo khóa mới",
    "changed its key": "đổi khóa",
    "revoked": "thu hồi khóa",
    "made clerk": "thêm cán bộ tiếp nhận",
    "made technician": "thêm kỹ thuật viên",
    "made admin": "thêm quản trị",
    "priority none": "bỏ ưu tiên",
    **{f"priority {name}": f"ưu tiên: {shown.lower()}" for name, shown in PRIORITIES.items() if name},
    **{f"moved to {number}": f"chuyển sang: {shown[0]}" for number, shown in STATES.items()},
    **{f"opened {name}": f"mở: {shown.lower()}" for name, shown in PAPERS.items()},
}
_BEGINNINGS: Final = (
    ("called to ", "gọi đến quầy "),
    ("transferred to ", "chuyển sang loại "),
    ("opened ", "mở giấy tờ "),
)


def deed_words(did: str) -> str:
    """Return a deed of the audit log in Vietnamese; one this page does not know stays as it is.

    Args:
        did: As the log keeps it.
    """
    known = _DEEDS.get(did)
    if known is not None:
        return known
    for beginning, words in _BEGINNINGS:
        if did.startswith(beginning):
            return words + did.removeprefix(beginning)
    return did
