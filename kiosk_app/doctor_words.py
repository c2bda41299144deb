"""What the doctor found, in words: the likely cause, then what to do. In Vietnamese and English."""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.health import describe, device_name
from kiosk_app.i18n import in_language, language, mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    Measured = Mapping[str, float | str]

NOTHING: Final[Measured] = MappingProxyType({})
_PARTS: Final[dict[str, str]] = {
    "touch": mark("Màn hình chạm"),
    "sound": mark("Loa"),
}
_CAUSES: Final[dict[str, str]] = {
    "card.none": mark("Không thấy thẻ thử. Đưa thẻ vào khe, đầu có chip vào trước, rồi khám lại."),
    "card.removed": mark("Thẻ rời khe khi đang đọc. Kiểm tra khe và lò xo giữ thẻ."),
    "card.access_denied": mark("Chip không mở bằng mã đã cho. Dùng đúng thẻ thử."),
    "card.protocol": mark("Chip trả lời sai. Lau mặt chip và tiếp điểm của đầu đọc, rồi khám lại."),
    "scan.no_page": mark(
        "Chụp được mà không thấy tờ giấy nào. Lau ống kính, bật đèn, xem máy chụp có nhìn thẳng xuống bàn."
    ),
    "scan.two_papers": mark("Thấy hai tờ giấy. Để lại một tờ, rồi khám lại."),
    "scan.no_paper": mark("Máy quét không thấy giấy. Đặt giấy vào, đẩy hết cỡ, rồi khám lại."),
    "scan.jammed": mark("Giấy kẹt trong máy quét. Mở nắp, gỡ giấy, rồi khám lại."),
    "scan.cover_open": mark("Nắp máy quét đang mở. Đóng nắp, rồi khám lại."),
    "scan.failed": mark("Chụp dở dang rồi dừng. Cắm lại dây máy chụp, rồi khám lại."),
    "scan.unreadable": mark("Ảnh máy chụp gửi về bị hỏng. Cắm lại dây, thử cổng USB khác."),
    "page.cut_off": mark(
        "Giấy không nằm trọn trong ảnh. Đặt giấy giữa bàn, chỉnh máy chụp cho thấy cả tờ A4."
    ),
    "page.blurred": mark("Ảnh mờ. Lau ống kính, để yên tờ giấy, chỉnh nét của máy chụp."),
    "page.glare": mark("Giấy bị lóa. Dời đèn hoặc che bớt ánh sáng từ trên xuống."),
    "page.too_dark": mark("Ảnh tối. Bật đèn ở máy chụp hoặc đặt thêm đèn."),
    "page.shadow": mark("Có bóng trên giấy. Đặt đèn hai bên, đừng để người đứng che."),
    "page.covered": mark("Tay hoặc vật khác che giấy. Dọn bàn, rồi khám lại."),
    "page.too_small": mark("Giấy quá nhỏ trong ảnh. Hạ máy chụp xuống gần mặt bàn hơn."),
    "printer.unreadable": mark(
        "In được mà mã trên phiếu không đọc lại được. Xem phiếu: nhạt hay sọc thì lau đầu in, "
        "trắng thì lật cuộn giấy. Phiếu rõ thì khám máy đọc mã."
    ),
    "device.held": mark(
        "Kiosk đang chạy giữ thiết bị này nên không khám riêng được. Xem màn hình cán bộ của máy; "
        "muốn khám riêng thì dừng kiosk trước: systemctl stop kiosk."
    ),
    "qr.nothing_read": mark(
        "Mã đưa ra mà không đọc được. Lau mặt kính, kiểm tra đèn, bật quét QR trong sổ tay."
    ),
    "disk.slow": mark("Đĩa ghi quá chậm, có thể sắp hỏng. Sao chép kho hồ sơ và thay đĩa."),
    "queue.damaged": mark(
        "Kho hồ sơ có trang hỏng. Chạy kiosk queue export ra thẻ nhớ ngay, rồi gọi kỹ thuật."
    ),
    "queue.events_broken": mark("Nhật ký của kho bị sửa hoặc hỏng. Giữ nguyên máy và báo người quản trị."),
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
    "touch.missing": mark(
        "Không thấy màn hình chạm, cũng không có chuột. Cắm lại dây USB của màn hình; còn vậy thì thay dây."
    ),
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
    "dossier_min": mark("5 MB: {} phút"),
    "skew_s": "Δ {} s",
    "touched": mark("chạm được {}"),
    "offset_px": "Δ {} px",
    "now": "{}",
    "told": "{}",
    "tones": mark("{} tiếng"),
    "read_ms": "{} ms",
    "page_ms": "{} ms",
    "print_ms": "{} ms",
    "apdus": "{} APDU",
    "access": "{}",
    "sharpness": mark("độ nét {}"),
    "read_back": "{}",
    "exercised": "{}",
    "printed": "{}",
    "held_by": "{}",
    "error": "{}",
}
"""Measures worth a place on paper, and how they are written."""
_SAID: Final[dict[str, str]] = {
    "read_back:yes": mark("đọc lại đúng mã trên phiếu"),
    "read_back:no": mark("không đọc lại được mã trên phiếu"),
    "read_back:not tried": mark("chưa đọc lại phiếu"),
    "exercised:no": mark("chưa thử tận tay"),
    "printed:no": mark("chưa in tờ nào"),
    "exercised:card seen": mark("đã thấy thẻ"),
    "held_by:kiosk": mark("theo kiosk đang chạy"),
}
"""Measures that are words, not numbers: name and code as machines are told, and what people are told."""
RUNNING: Final = mark(
    "KIOSK ĐANG CHẠY trên cùng thư mục dữ liệu: thiết bị nó giữ thì không khám riêng được. "
    "Muốn khám từng thiết bị: systemctl stop kiosk, khám, rồi systemctl start kiosk."
)
"""Said in front of a report that was made beside a running kiosk."""


def has_words(cause: str) -> bool:
    """Tell whether the doctor knows a cause by itself."""
    return cause in _CAUSES


def part_name(part: str, lang: str | None = None) -> str:
    """Return what a part is called in a language, else in the one spoken now."""
    return in_language(lang or language(), _PARTS[part]) if part in _PARTS else device_name(part, lang)


def explain(part: str, state: str, cause: str, measured: Measured = NOTHING, lang: str | None = None) -> str:
    """Return the likely cause and the next step.

    Args:
        part: What was looked at.
        state: A `DeviceState`.
        cause: Its code.
        measured: Figures that some sentences name.
        lang: `vi` or `en`; None for the language spoken now.
    """
    spoken = lang or language()
    known = "device.held" if cause == "device.busy" and "held_by" in measured else cause
    if known in _CAUSES:
        words = {"where": _where, "turn": _turn}
        said = {
            name: words[name](value, spoken) if name in words else value for name, value in measured.items()
        }
        return in_language(spoken, _CAUSES[known]).format_map(defaultdict(lambda: "?", said))
    return describe(DeviceStatus(device=part, state=DeviceState(state), cause=cause), spoken)[1]


def explain_in(lang: str, part: str, state: str, cause: str, measured: Measured = NOTHING) -> str:
    """Return the same in one language, whatever is spoken now; what is spoken now stays."""
    return explain(part, state, cause, measured, lang)


def _where(places: float | str, lang: str) -> str:
    """Return places of a screen in words, from codes such as `top_left,r2c1`."""
    return ", ".join(_place(code, lang) for code in str(places).split(",") if code)


def _turn(code: float | str, lang: str) -> str:
    return in_language(lang, _TURNS[str(code)])


def _place(code: str, lang: str) -> str:
    if code in _PLACES:
        return in_language(lang, _PLACES[code])
    row, _joint, column = code.removeprefix("r").partition("c")
    return in_language(lang, _SPOT).format(row=row, column=column)


def figures(measured: Measured, lang: str | None = None) -> str:
    """Return what was measured in one short line, in the language spoken now if none is given."""
    told = (
        _figure(name, pattern, measured[name], lang or language())
        for name, pattern in _MEASURES.items()
        if name in measured
    )
    return ", ".join(filter(None, told))


def _figure(name: str, pattern: str, value: float | str, lang: str) -> str:
    if value == "":
        return ""
    return in_language(lang, _SAID.get(f"{name}:{value}", pattern)).format(value)
