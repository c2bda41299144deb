"""Devices, queue and line boiled down to words a technician can act on: likely cause, then what to do."""

from __future__ import annotations

from typing import Final

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.i18n import in_language, language, mark

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
    "card_authorities": mark("Chứng thư kiểm thẻ"),
    "backend_certificate": mark("Chứng thư máy chủ"),
    "kiosk_key": mark("Khóa của máy"),
    "backend": mark("Máy chủ của trung tâm"),
    "queue": mark("Kho hồ sơ"),
    "disk": mark("Ổ đĩa"),
    "clock": mark("Đồng hồ"),
}

_CAUSES: Final[dict[str, str]] = {
    "ok": mark("Đang làm việc."),
    "device.missing": mark("Không trả lời. Kiểm tra dây nguồn và dây USB."),
    "device.timeout": mark("Trả lời chậm. Tắt rồi bật lại thiết bị."),
    "device.busy": mark("Chương trình khác đang giữ thiết bị. Tắt chương trình đó, hoặc khởi động lại máy."),
    "device.forbidden": mark(
        "Chương trình này không được phép dùng thiết bị. "
        "Chạy lại bộ cài đặt rồi khởi động lại máy; còn vậy thì gọi kỹ thuật."
    ),
    "card.starting": mark("Đang nối với thiết bị. Một lát nữa sẽ rõ."),
    "card.no_reader": mark("Không thấy đầu đọc. Kiểm tra dây USB, rồi dịch vụ pcscd."),
    "card.no_service": mark("Dịch vụ pcscd không chạy. Khởi động lại máy."),
    "device.not_configured": mark("Chưa được cài đặt ở máy này. Ghi thiết bị vào tệp cấu hình."),
    "printer.not_configured": mark("Chưa được cài đặt ở máy này. Ghi thiết bị vào tệp cấu hình."),
    "device.bad_address": mark(
        "Địa chỉ thiết bị trong tệp cấu hình viết sai. Sửa document_scanner.source hoặc qr_scanner.source."
    ),
    "printer.misconfigured": mark(
        "Máy in phiếu ghi sai trong tệp cấu hình. Sửa ticket_printer.address và ticket_printer.profile."
    ),
    "printer.not_asked_yet": mark("Đang hỏi thiết bị lần đầu."),
    "printer.offline": mark("Máy in đang ngoại tuyến. Bấm nút FEED hoặc tắt rồi bật lại."),
    "printer.error": mark("Máy in báo lỗi. Tắt rồi bật lại; nếu còn lỗi, gọi kỹ thuật."),
    "qr.nothing_typed_yet": mark("Máy đọc mã kiểu bàn phím chưa gõ gì. Đưa một mã bất kỳ vào để thử."),
    "qr.misconfigured": mark("Máy đọc mã gửi sai bảng chữ. Quét mã cài đặt UTF-8 trong sổ tay."),
    "qr.suffix_missing": mark("Máy đọc mã không gửi dấu hết dòng. Quét mã cài đặt “suffix CR” trong sổ tay."),
    "qr.wrong_layout": mark("Bàn phím đang đặt tiếng Việt nên mã bị đổi chữ. Đặt lại bố cục English (US)."),
    "printer.paper_out": mark("Hết giấy. Lắp cuộn giấy 80 mm, mặt nhiệt quay ra ngoài."),
    "printer.paper_near_end": mark("Sắp hết giấy. Chuẩn bị cuộn mới."),
    "printer.cover_open": mark("Nắp đang mở. Đóng nắp đến khi nghe tiếng khóa."),
    "printer.cutter": mark("Dao cắt bị kẹt. Tắt máy in, mở nắp, gỡ giấy."),
    "printer.silent": mark("Nối được nhưng không trả lời. Tắt rồi bật lại máy in."),
    "printer.unreachable": mark("Không nối được. Kiểm tra dây nguồn và dây mạng máy in."),
    "a4.misconfigured": mark(
        "Hàng in A4 ghi sai trong tệp cấu hình. Sửa a4_printer.queue: tên hàng in, hoặc ipp://…"
    ),
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
    "part.not_seen": mark("Đang xem lần đầu. Một lát nữa sẽ rõ."),
    "part.look_failed": mark("Chương trình gặp lỗi khi hỏi phần này. Chép nhật ký gửi kỹ thuật."),
    "authorities.none": mark(
        "Chưa có chứng thư kiểm thẻ: thẻ vẫn đọc, cán bộ kiểm lại. Chép chứng thư vào card.csca_dir."
    ),
    "authorities.expired": mark(
        "Mọi chứng thư kiểm thẻ đã hết hạn: cán bộ kiểm thẻ. Xem giờ máy; xin bộ mới, chép vào card.csca_dir."
    ),
    "authorities.ending": mark("Chứng thư kiểm thẻ sắp hết hạn. Xin bộ mới và chép vào card.csca_dir."),
    "authorities.old": mark(
        "Chứng thư kiểm thẻ lâu không đổi: thẻ mới có thể không kiểm được. Xin bộ mới cho card.csca_dir."
    ),
    "authorities.damaged": mark(
        "Có tệp chứng thư kiểm thẻ hỏng hoặc không đáng tin. Chép lại từ nguồn, rồi khám lại."
    ),
    "authorities.unreadable": mark("Không đọc được thư mục chứng thư kiểm thẻ. Xem quyền của card.csca_dir."),
    "tls.none": mark("Đường tới máy chủ không dùng TLS. Chỉ dùng để thử ngay trên máy này."),
    "tls.not_seen": mark("Chưa tới được máy chủ để xem chứng thư. Kiểm tra đường mạng."),
    "tls.ending": mark("Chứng thư của máy chủ sắp hết hạn. Báo người quản trị máy chủ gia hạn."),
    "tls.expired": mark(
        "Chứng thư của máy chủ đã hết hạn, hồ sơ nằm chờ. Xem giờ của máy; báo người quản trị gia hạn."
    ),
    "tls.not_yet_valid": mark("Chứng thư của máy chủ chưa đến ngày dùng. Chỉnh giờ của máy này trước."),
    "tls.other_name": mark(
        "Chứng thư không mang tên máy chủ này. Xem backend.url; có thể mạng chen trang khác vào."
    ),
    "tls.untrusted": mark(
        "Chứng thư máy chủ do nơi lạ cấp. Có thể mạng chen vào giữa; báo người quản trị, đừng bỏ qua."
    ),
    "tls.refused": mark("Máy chủ không bắt tay TLS được. Xem backend.url và cổng; báo người quản trị."),
    "queue.not_enrolled": mark("Máy chưa được ghi danh. Xin mã ở máy chủ rồi chạy kiosk enrol."),
    "key.missing": mark("Mất khóa của máy. Xin mã ở máy chủ rồi chạy kiosk enrol lại."),
    "key.damaged": mark("Khóa của máy hỏng. Xin mã ở máy chủ rồi chạy kiosk enrol lại."),
    "key.open_to_others": mark("Người khác trên máy đọc được khóa. Đặt quyền 0600 cho keys/kiosk.key."),
    "key.rotation_unfinished": mark("Đổi khóa giữa chừng. Chạy lại kiosk enrol --rotate."),
    "key.old": mark("Khóa của máy đã cũ. Chạy kiosk enrol --rotate."),
    "backend.line": mark("Máy chủ không trả lời. Kiểm tra dây mạng, bộ phát mạng và địa chỉ backend.url."),
    "backend.portal": mark("Trang khác trả lời thay máy chủ. Đăng nhập mạng hoặc nhờ nhà mạng mở đường."),
    "backend.auth": mark("Máy chủ không nhận máy này: bị thu hồi hoặc chưa ghi danh. Chạy kiosk enrol."),
    "backend.clock": mark("Máy chủ từ chối vì giờ lệch. Chỉnh lại giờ."),
    "queue.locked": mark(
        "Không mở được kho hồ sơ: thiếu khóa hoặc kho hỏng. Xem docs/operations.md, queue.locked."
    ),
    "queue.full": mark("Kho không mở được vì hết chỗ. Dọn đĩa rồi khởi động lại."),
    "queue.paused_auth": mark(
        "Máy chủ không nhận máy này. Ghi danh lại bằng kiosk enrol; hồ sơ vẫn nằm chờ."
    ),
    "queue.paused_clock": mark("Ngừng gửi vì giờ sai. Chỉnh giờ; sau một phút máy tự gửi tiếp."),
    "queue.quarantined": mark("Có hồ sơ bị máy chủ từ chối. Xem kiosk queue list, rồi kiosk queue export."),
    "queue.old": mark("Có hồ sơ chờ hơn một ngày. Nối lại đường truyền, hoặc chép ra: kiosk queue export."),
    "queue.many": mark("Hơn 500 hồ sơ nằm chờ. Nối lại đường truyền, hoặc chép ra: kiosk queue export."),
    "disk.full": mark("Đĩa đầy: máy không nhận hồ sơ nữa. Dọn đĩa ngay."),
    "disk.no_scanning": mark("Đĩa gần đầy: máy thôi chụp giấy. Dọn đĩa ngay."),
    "disk.little_space": mark("Đĩa sắp đầy. Dọn đĩa: quá 90 % máy thôi chụp giấy."),
    "disk.unreadable": mark("Không xem được ổ đĩa. Khởi động lại máy; còn vậy thì sao chép kho và thay đĩa."),
    "clock.lost": mark("Đồng hồ mất giờ. Chỉnh giờ và thay pin trên bo mạch chủ."),
    "clock.skewed": mark("Giờ lệch so với máy chủ. Bật đồng bộ giờ: timedatectl set-ntp true."),
    "clock.not_compared": mark(
        "Chưa so được với giờ của máy chủ. Nhìn giờ trên màn hình; sai thì chỉnh lại."
    ),
    "simulated": mark("Thiết bị mô phỏng."),
}
_UNKNOWN_CAUSE: Final = mark("Chưa rõ nguyên nhân. Ghi lại mã bên cạnh và gọi kỹ thuật.")


def device_name(device: str, lang: str | None = None) -> str:
    """Return the device's name in a language, else in the one spoken now; an unknown one keeps its own."""
    return in_language(lang or language(), _DEVICES[device]) if device in _DEVICES else device


def describe(status: DeviceStatus, lang: str | None = None) -> tuple[str, str]:
    """Return the state in one or two words, and the likely cause with the next step.

    Args:
        status: What the device says of itself.
        lang: `vi` or `en`; None for the language spoken now.
    """
    spoken = lang or language()
    connecting = status.state is DeviceState.CONNECTING and status.cause == "ok"
    cause = _CAUSES.get("card.starting" if connecting else status.cause)
    if cause is None:
        cause = _CAUSES["ok"] if status.state is DeviceState.READY else _UNKNOWN_CAUSE
    return in_language(spoken, _WORDS[status.state]), in_language(spoken, cause)
