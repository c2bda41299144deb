"""What the doctor found, in words: the likely cause, then what to do. In Vietnamese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.health import describe, device_name
from kiosk_app.i18n import in_language, language, mark, set_language

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS: Final[dict[str, str]] = {
    "queue": mark("Kho hồ sơ"),
    "disk": mark("Ổ đĩa"),
    "clock": mark("Đồng hồ"),
    "backend": mark("Máy chủ của trung tâm"),
    "certificates": mark("Chứng thư kiểm thẻ"),
    "touch": mark("Màn hình chạm"),
    "sound": mark("Loa"),
}
_CAUSES: Final[dict[str, str]] = {
    "card.none": mark("Không thấy thẻ thử. Đưa thẻ vào khe, đầu có chip vào trước, rồi khám lại."),
    "card.removed": mark("Thẻ rời khe khi đang đọc. Kiểm tra khe và lò xo giữ thẻ."),
    "card.access_denied": mark("Chip không mở bằng mã đã cho. Dùng đúng thẻ thử."),
    "card.protocol": mark("Chip trả lời sai. Lau mặt chip và tiếp điểm của đầu đọc, rồi khám lại."),
    "qr.nothing_read": mark(
        "Mã đưa ra mà không đọc được. Lau mặt kính, kiểm tra đèn, bật quét QR trong sổ tay."
    ),
    "disk.full": mark("Đĩa đầy: máy không nhận hồ sơ nữa. Dọn đĩa ngay."),
    "disk.little_space": mark("Đĩa sắp đầy. Dọn đĩa: quá 90 % máy thôi chụp giấy."),
    "disk.slow": mark("Đĩa ghi quá chậm, có thể sắp hỏng. Sao chép kho hồ sơ và thay đĩa."),
    "clock.lost": mark("Đồng hồ mất giờ. Chỉnh giờ và thay pin trên bo mạch chủ."),
    "clock.skewed": mark("Giờ lệch so với máy chủ. Bật đồng bộ giờ: timedatectl set-ntp true."),
    "queue.locked": mark(
        "Không mở được kho hồ sơ: thiếu khóa hoặc kho hỏng. Xem docs/operations.md, queue.locked."
    ),
    "queue.full": mark("Kho không mở được vì hết chỗ. Dọn đĩa rồi khởi động lại."),
    "queue.not_enrolled": mark("Máy chưa được ghi danh. Xin mã ở máy chủ rồi chạy kiosk enrol."),
    "queue.damaged": mark(
        "Kho hồ sơ có trang hỏng. Chạy kiosk queue export ra thẻ nhớ ngay, rồi gọi kỹ thuật."
    ),
    "queue.events_broken": mark("Nhật ký của kho bị sửa hoặc hỏng. Giữ nguyên máy và báo người quản trị."),
    "queue.paused_auth": mark(
        "Máy chủ không nhận máy này. Ghi danh lại bằng kiosk enrol; hồ sơ vẫn nằm chờ."
    ),
    "queue.paused_clock": mark("Ngừng gửi vì giờ sai. Chỉnh giờ; sau một phút máy tự gửi tiếp."),
    "queue.quarantined": mark("Có hồ sơ bị máy chủ từ chối. Xem kiosk queue list, rồi kiosk queue export."),
    "backend.line": mark("Máy chủ không trả lời. Kiểm tra dây mạng, bộ phát mạng và địa chỉ backend.url."),
    "backend.portal": mark("Trang khác trả lời thay máy chủ. Đăng nhập mạng hoặc nhờ nhà mạng mở đường."),
    "backend.auth": mark("Máy chủ không nhận máy này: bị thu hồi hoặc chưa ghi danh. Chạy kiosk enrol."),
    "backend.clock": mark("Máy chủ từ chối vì giờ lệch. Chỉnh lại giờ."),
    "backend.slow": mark("Máy chủ trả lời chậm. Kiểm tra sóng hoặc đổi đường mạng; hồ sơ vẫn gửi được."),
    "certificates.none": mark(
        "Chưa có chứng thư kiểm thẻ: thẻ vẫn đọc, cán bộ kiểm lại. Chép chứng thư vào card.csca_dir."
    ),
    "certificates.ending": mark("Chứng thư kiểm thẻ sắp hết hạn. Xin bộ mới và chép vào card.csca_dir."),
    "touch.none": mark("Không thấy màn hình chạm. Nếu máy có, kiểm tra dây USB của màn hình."),
    "sound.none": mark("Không thấy loa. Không bắt buộc."),
    "sound.no_player": mark("Máy không có chương trình phát tiếng. Không bắt buộc."),
    "doctor.too_slow": mark("Khám mãi không xong nên bỏ dở. Tắt rồi bật lại thiết bị này."),
    "doctor.look_failed": mark("Chương trình khám gặp lỗi ở phần này. Gửi báo cáo này cho kỹ thuật."),
}
_MEASURES: Final[dict[str, str]] = {
    "fsync_ms": "fsync {} ms",
    "fsync_worst_ms": "({} ms)",
    "free_gib": "{} GiB",
    "answer_ms": "{} ms",
    "sending_kbit_s": "{} kbit/s",
    "skew_s": "Δ {} s",
    "now": "{}",
    "told": "{}",
    "read_ms": "{} ms",
    "page_ms": "{} ms",
    "print_ms": "{} ms",
    "apdus": "{} APDU",
    "access": "{}",
    "sharpness": "sharpness {}",
    "read_back": "read back: {}",
    "authorities": "{} CSCA",
    "error": "{}",
}
"""Measures worth a place on paper, and how they are written in any language."""


def part_name(part: str) -> str:
    """Return what a part is called in the language spoken now."""
    return in_language(language(), _PARTS[part]) if part in _PARTS else device_name(part)


def explain(part: str, state: str, cause: str) -> str:
    """Return the likely cause and the next step in the language spoken now."""
    if cause in _CAUSES:
        return in_language(language(), _CAUSES[cause])
    return describe(DeviceStatus(device=part, state=DeviceState(state), cause=cause))[1]


def explain_in(lang: str, part: str, state: str, cause: str) -> str:
    """Return the same in one language, whatever is spoken now."""
    before = language()
    set_language(lang)
    try:
        return explain(part, state, cause)
    finally:
        set_language(before)


def figures(measured: Mapping[str, float | str]) -> str:
    """Return what was measured in one short line; empty where nothing was."""
    return ", ".join(
        pattern.format(measured[name])
        for name, pattern in _MEASURES.items()
        if measured.get(name) not in {None, ""}
    )
