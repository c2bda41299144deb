"""Devices, queue and line boiled down to words a technician can act on: likely cause, then what to do."""

from __future__ import annotations

from typing import Final

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.i18n import _, mark

_WORDS: Final[dict[DeviceState, str]] = {
    DeviceState.ABSENT: mark("Không thấy"),
    DeviceState.CONNECTING: mark("Đang nối"),
    DeviceState.READY: mark("Tốt"),
    DeviceState.DEGRADED: mark("Cần chú ý"),
    DeviceState.BLOCKED: mark("Cần người giúp"),
    DeviceState.FAULT: mark("Hỏng"),
    DeviceState.DISABLED: mark("Đã tắt"),
}

_DEVICES: Final[dict[str, str]] = {
    "card_reader": mark("Đầu đọc thẻ"),
    "qr_scanner": mark("Máy đọc mã"),
    "document_scanner": mark("Máy chụp giấy"),
    "ticket_printer": mark("Máy in phiếu"),
    "a4_printer": mark("Máy in A4"),
}

_CAUSES: Final[dict[str, str]] = {
    "ok": mark("Đang làm việc."),
    "device.missing": mark("Không trả lời. Kiểm tra dây nguồn và dây USB."),
    "device.timeout": mark("Trả lời chậm. Tắt rồi bật lại thiết bị."),
    "device.busy": mark("Chương trình khác đang giữ thiết bị. Khởi động lại máy."),
    "card.no_reader": mark("Không thấy đầu đọc. Kiểm tra dây USB, rồi dịch vụ pcscd."),
    "card.no_service": mark("Dịch vụ pcscd không chạy. Khởi động lại máy."),
    "device.not_configured": mark("Chưa được cài đặt ở máy này. Ghi thiết bị vào tệp cấu hình."),
    "printer.not_configured": mark("Chưa được cài đặt ở máy này. Ghi thiết bị vào tệp cấu hình."),
    "printer.not_asked_yet": mark("Đang hỏi thiết bị lần đầu."),
    "printer.offline": mark("Máy in đang ngoại tuyến. Bấm nút FEED hoặc tắt rồi bật lại."),
    "printer.error": mark("Máy in báo lỗi. Tắt rồi bật lại; nếu còn lỗi, gọi kỹ thuật."),
    "qr.nothing_typed_yet": mark("Máy đọc mã kiểu bàn phím chưa gõ gì. Đưa một mã bất kỳ vào để thử."),
    "qr.misconfigured": mark("Máy đọc mã gửi sai bảng chữ. Quét mã cài đặt UTF-8 trong sổ tay."),
    "printer.paper_out": mark("Hết giấy. Lắp cuộn giấy 80 mm, mặt nhiệt quay ra ngoài."),
    "printer.paper_near_end": mark("Sắp hết giấy. Chuẩn bị cuộn mới."),
    "printer.cover_open": mark("Nắp đang mở. Đóng nắp đến khi nghe tiếng khóa."),
    "printer.cutter": mark("Dao cắt bị kẹt. Tắt máy in, mở nắp, gỡ giấy."),
    "printer.silent": mark("Nối được nhưng không trả lời. Tắt rồi bật lại máy in."),
    "printer.unreachable": mark("Không nối được. Kiểm tra dây nguồn và dây mạng máy in."),
    "a4.no_queue": mark("Không thấy hàng in CUPS. Kiểm tra dịch vụ cups và a4_printer.queue."),
    "a4.paper_out": mark("Hết giấy A4. Nạp giấy; máy in tiếp ngay, hoặc báo lại ở lệnh in sau."),
    "a4.paper_low": mark("Sắp hết giấy A4. Chuẩn bị giấy."),
    "a4.jam": mark("Kẹt giấy A4. Mở nắp, gỡ giấy theo chiều ra."),
    "a4.cover_open": mark("Nắp máy in A4 đang mở. Đóng nắp."),
    "a4.tray_missing": mark("Thiếu khay giấy. Đẩy khay vào hết."),
    "a4.toner_out": mark("Hết mực máy in A4. Thay hộp mực."),
    "a4.toner_low": mark("Sắp hết mực máy in A4. Chuẩn bị hộp mực."),
    "a4.output_full": mark("Khay ra đầy giấy. Lấy giấy ra."),
    "a4.offline": mark("Máy in A4 đang tắt hoặc mất dây. Bật máy, kiểm tra dây."),
    "a4.paused": mark("Hàng in đang dừng. Chạy cupsenable và cupsaccept cho hàng in này."),
    "simulated": mark("Thiết bị mô phỏng."),
}
_UNKNOWN_CAUSE: Final = mark("Chưa rõ nguyên nhân. Ghi lại mã bên cạnh và gọi kỹ thuật.")


def device_name(device: str) -> str:
    """Return the device's name in the language spoken now; an unknown one keeps its own."""
    return _(_DEVICES[device]) if device in _DEVICES else device


def describe(status: DeviceStatus) -> tuple[str, str]:
    """Return the state in one or two words, and the likely cause with the next step."""
    cause = _CAUSES.get(status.cause)
    if cause is None:
        cause = _CAUSES["ok"] if status.state is DeviceState.READY else _UNKNOWN_CAUSE
    return _(_WORDS[status.state]), _(cause)
