"""What a member of staff reads when something was not done, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend.web import html

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

    from backend.services import Refusal

_SAID: Final = {
    "case.reason": "Xin ghi lý do: công dân sẽ hỏi.",
    "case.state": "Hồ sơ đã sang bước khác; có thể người khác vừa xử lý. Xin mở lại hồ sơ.",
    "case.due": "Ngày hẹn trả chưa đúng.",
    "case.sealed": "Hồ sơ này không mở được bằng khóa của máy chủ. Xin báo kỹ thuật viên.",
    "dossier.unknown": "Đơn vị không có hồ sơ này.",
    "document.unknown": "Hồ sơ không có giấy tờ này.",
    "staff.role": "Trang này dành cho cán bộ khác.",
    "staff.csrf": "Trang đã cũ. Xin quay lại, tải lại trang rồi làm lại.",
    "line.series": "Xin chọn loại số.",
    "line.priority": "Xin chọn diện ưu tiên.",
    "ticket.unknown": "Đơn vị không có số này.",
    "ticket.state": "Số này đã được xử lý rồi; có thể quầy khác vừa gọi.",
    "kiosk.unknown": "Không có kiosk này.",
    "asked.too_often": "Đã thử quá nhiều lần. Xin chờ một lát.",
    "store.unavailable": "Kho dữ liệu chưa trả lời. Chưa có gì thay đổi; xin thử lại sau.",
}
_OTHER: Final = "Chưa làm được. Xin quay lại và thử lại."


def refused_page(refusal: Refusal) -> HTMLResponse:
    """Return the page.

    Args:
        refusal: Why not.
    """
    said = _SAID.get(refusal.code, _OTHER)
    answer = html.page(
        "Chưa làm được",
        f'<h1>Chưa làm được</h1><p class="notice" role="alert">{said}</p>'
        '<p><a class="button" href="/staff">Về danh sách</a></p>',
        status=refusal.status,
    )
    if refusal.retry_after_s is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after_s)
    return answer
