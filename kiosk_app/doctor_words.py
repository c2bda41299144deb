"""What the doctor found, in words: the likely cause, then what to do. In Vietnamese and English."""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.health import describe, device_name
from kiosk_app.i18n import in_language, language, mark, set_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    Measured = Mapping[str, float | str]

NOTHING: Final[Measured] = MappingProxyType({})
_PARTS: Final[dict[str, str]] = {
    "queue": mark("Kho hồ sơ"),
    "disk": mark("Ổ đĩa"),
    "clock": mark("Đồng hồ"),
    "backend": mark("Máy chủ của trung tâm"),
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
    "backend.not_asked": mark("Chưa hỏi máy chủ được. Sửa khóa của máy trước, rồi khám lại."),
    "backend.narrow": mark(
        "Đường lên máy chủ hẹp ({up_kbit_s} kbit/s): một hồ sơ 5 MB cần khoảng {dossier_min} phút. "
        "Hồ sơ vẫn gửi được; xin nhà mạng đường rộng hơn."
    ),
    "backend.cut": mark(
        "Máy chủ trả lời, nhưng đứt giữa chừng khi gửi nhiều. Kiểm tra sóng, dây mạng, bộ phát mạng."
    ),
    "backend.slow": mark("Máy chủ trả lời chậm. Kiểm tra sóng hoặc đổi đường mạng; hồ sơ vẫn gửi được."),
    "touch.none": mark("Không thấy màn hình chạm. Nếu máy có, kiểm tra dây USB của màn hình."),
    "touch.nothing": mark(
        "Chạm đâu cũng không nhận. Cắm lại dây USB của màn hình chạm, lau khô mặt kính, rồi khám lại."
    ),
    "touch.dead": mark(
        "Không nhận chạm: {where}. Lau mặt kính và khe viền; còn vậy thì tấm chạm hỏng: thay màn hình."
    ),
    "touch.strip": mark(
        "Cả dải không nhận chạm: {where}. Xem viền có đè lên mặt kính không; còn vậy thì thay tấm chạm."
    ),
    "touch.turned": mark(
        "Trục chạm bị {turn}. Đặt LIBINPUT_CALIBRATION_MATRIX={matrix} theo docs/operations.md, khám lại."
    ),
    "touch.offset": mark(
        "Chạm lệch đều {offset_px} điểm ảnh. "
        "Đặt LIBINPUT_CALIBRATION_MATRIX={matrix} theo docs/operations.md."
    ),
    "touch.uneven": mark(
        "Chạm lệch quá nửa nút ở: {where}. Lau mặt kính, bỏ miếng dán; còn vậy thì thay tấm chạm."
    ),
    "touch.left": mark("Chưa khám hết các ô. Khám lại và chạm từng ô sáng lên."),
    "touch.no_display": mark(
        "Ở đây không có màn hình để khám chạm. Khám ngay tại máy: màn hình kỹ thuật, nút “Thử chạm”."
    ),
    "sound.played": mark("Loa đã kêu {tones} tiếng. Nghe không đủ thì xem dây loa và nút âm lượng."),
    "sound.not_heard": mark(
        "Loa đã kêu {tones} tiếng mà người nghe đếm khác. Xem dây loa, nút âm lượng và ổ cắm tiếng."
    ),
    "sound.muted": mark("Âm lượng đang ở mức 0 hoặc bị tắt. Mở bằng lệnh alsamixer, rồi khám lại."),
    "sound.busy": mark("Chương trình khác đang giữ loa. Mở lại máy, rồi khám lại."),
    "sound.forbidden": mark("Người dùng này không được dùng loa. Thêm vào nhóm audio."),
    "sound.stuck": mark("Loa nhận tiếng mà không phát xong. Rút loa USB ra rồi cắm lại, hoặc mở lại máy."),
    "sound.refused": mark("Không phát được tiếng. Chạy aplay -l để xem máy thấy loa nào."),
    "sound.none": mark("Không thấy loa. Không bắt buộc."),
    "sound.no_player": mark("Máy không có chương trình phát tiếng. Không bắt buộc."),
    "doctor.too_slow": mark("Khám mãi không xong nên bỏ dở. Tắt rồi bật lại thiết bị này."),
    "doctor.look_failed": mark("Chương trình khám gặp lỗi ở phần này. Gửi báo cáo này cho kỹ thuật."),
}
_PLACES: Final[dict[str, str]] = {
    "top_left": mark("góc trên bên trái"),
    "top_right": mark("góc trên bên phải"),
    "bottom_left": mark("góc dưới bên trái"),
    "bottom_right": mark("góc dưới bên phải"),
    "top": mark("dải sát cạnh trên"),
    "bottom": mark("dải sát cạnh dưới"),
    "left": mark("dải sát cạnh trái"),
    "right": mark("dải sát cạnh phải"),
}
_TURNS: Final[dict[str, str]] = {
    "mirror_x": mark("lật trái phải"),
    "mirror_y": mark("lật trên dưới"),
    "turn_180": mark("xoay 180 độ"),
    "turn_right": mark("xoay 90 độ sang phải"),
    "turn_left": mark("xoay 90 độ sang trái"),
    "swap": mark("đổi chỗ ngang và dọc"),
    "swap_turned": mark("đổi chỗ ngang và dọc, rồi xoay 180 độ"),
}
_SPOT: Final = mark("ô hàng {row} cột {column}")
_MEASURES: Final[dict[str, str]] = {
    "fsync_ms": "fsync {} ms",
    "fsync_worst_ms": "({} ms)",
    "free_gib": "{} GiB",
    "answer_ms": "{} ms",
    "answer_worst_ms": "({} ms)",
    "up_kbit_s": "↑ {} kbit/s",
    "down_kbit_s": "↓ {} kbit/s",
    "dossier_min": "5 MB: {} min",
    "skew_s": "Δ {} s",
    "touched": "{} touched",
    "offset_px": "Δ {} px",
    "now": "{}",
    "told": "{}",
    "tones": "{} tones",
    "read_ms": "{} ms",
    "page_ms": "{} ms",
    "print_ms": "{} ms",
    "apdus": "{} APDU",
    "access": "{}",
    "sharpness": "sharpness {}",
    "read_back": "read back: {}",
    "error": "{}",
}
"""Measures worth a place on paper, and how they are written in any language."""


def part_name(part: str) -> str:
    """Return what a part is called in the language spoken now."""
    return in_language(language(), _PARTS[part]) if part in _PARTS else device_name(part)


def explain(part: str, state: str, cause: str, measured: Measured = NOTHING) -> str:
    """Return the likely cause and the next step in the language spoken now.

    Args:
        part: What was looked at.
        state: A `DeviceState`.
        cause: Its code.
        measured: Figures that some sentences name.
    """
    if cause in _CAUSES:
        words = {"where": _where, "turn": _turn}
        said = {name: words[name](value) if name in words else value for name, value in measured.items()}
        return in_language(language(), _CAUSES[cause]).format_map(defaultdict(lambda: "?", said))
    return describe(DeviceStatus(device=part, state=DeviceState(state), cause=cause))[1]


def explain_in(lang: str, part: str, state: str, cause: str, measured: Measured = NOTHING) -> str:
    """Return the same in one language, whatever is spoken now."""
    before = language()
    set_language(lang)
    try:
        return explain(part, state, cause, measured)
    finally:
        set_language(before)


def _where(places: float | str) -> str:
    """Return places of a screen in words, from codes such as `top_left,r2c1`."""
    return ", ".join(_place(code) for code in str(places).split(",") if code)


def _turn(code: float | str) -> str:
    return in_language(language(), _TURNS[str(code)])


def _place(code: str) -> str:
    if code in _PLACES:
        return in_language(language(), _PLACES[code])
    row, _joint, column = code.removeprefix("r").partition("c")
    return in_language(language(), _SPOT).format(row=row, column=column)


def figures(measured: Measured) -> str:
    """Return what was measured in one short line; empty where nothing was."""
    return ", ".join(
        pattern.format(measured[name])
        for name, pattern in _MEASURES.items()
        if measured.get(name) not in {None, ""}
    )
