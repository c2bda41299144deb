"""What the screen says for each code: what happened, then what to do. One table for all rooms."""

from __future__ import annotations

from typing import Final

from kiosk_app.flow.steps import Notice, Tone
from kiosk_app.i18n import _, in_language, mark

_SENTENCES: Final[dict[str, str]] = {
    # Codes
    "qr.unknown": mark("Máy chưa hiểu mã này. Xin đưa mã QR ở góc trên thẻ căn cước."),
    "qr.receipt_here": mark("Đây là mã trên giấy hẹn. Xin đưa mã QR trên thẻ căn cước."),
    "qr.card_here": mark("Đây là mã trên thẻ căn cước. Xin đưa mã QR trên giấy hẹn."),
    "qr.not_receipt": mark("Mã này không phải mã hồ sơ. Xin đưa mã QR trên giấy hẹn, hoặc gõ mã hồ sơ."),
    "qr.declaration_here": mark(
        "Đây là mã tờ khai. Xin đưa mã này ở màn hình chọn thủ tục; ở đây đưa mã trên thẻ."
    ),
    "qr.not_declaration": mark("Mã này không phải mã tờ khai làm sẵn. Xin chọn thủ tục ở dưới."),
    "qr.vneid": mark("Mã đăng nhập VNeID không có thông tin để điền. Xin đưa mã QR trên thẻ căn cước."),
    "declared.opened": mark("Tờ khai làm sẵn đã mở. Xin xem kỹ từng ô; máy chỉ gửi khi ông bà đồng ý."),
    "declared.unknown": mark("Tờ khai này không có trên máy. Xin chọn thủ tục ở dưới, hoặc lấy số."),
    "qr.damaged": mark("Máy đọc mã làm hỏng chữ nên máy chỉ dùng số. Xin đưa thẻ vào khe; đã báo cán bộ."),
    "qr.misconfigured": mark("Máy đọc mã đang cài sai nên đọc hỏng tên. Xin gọi cán bộ."),
    "can.digits": mark("Cần đúng 6 chữ số cuối của số định danh. Xin gõ lại."),
    # Card
    "card.no_reader": mark("Đầu đọc thẻ đang hỏng. Xin đi tiếp bằng cách gõ thông tin, hoặc gọi cán bộ."),
    "card.none": mark("Chưa thấy thẻ. Xin đưa thẻ vào khe, đầu có chip vào trước."),
    "card.removed": mark("Thẻ bị rút ra khi đang đọc. Xin đưa thẻ vào lại và để yên đến khi máy báo xong."),
    "card.access_denied": mark(
        "Mã vừa đưa không mở được thẻ này. Xin đưa lại mã QR của chính thẻ này, hoặc gõ 6 số."
    ),
    "card.not_id": mark("Thẻ này không phải thẻ căn cước. Xin đưa thẻ căn cước gắn chip."),
    "card.protocol": mark(
        "Chip trả lời sai. Xin lau mặt chip rồi đưa thẻ vào lại, hoặc gõ thông tin bằng tay."
    ),
    "card.mismatch": mark("Mã QR và thẻ trong khe là của hai người. Xin dùng mã và thẻ của cùng một người."),
    "card.untrusted": mark("Máy chưa kiểm được con dấu điện tử của thẻ. Cán bộ sẽ kiểm lại thẻ tại quầy."),
    "card.forged": mark("Dữ liệu trong chip không khớp con dấu điện tử nên máy không dùng. Xin gặp cán bộ."),
    "card.copied": mark("Chip này không chứng minh được là chip gốc nên máy không dùng. Xin gặp cán bộ."),
    "card.qr_differs": mark(
        "Mã QR in trên thẻ khác với chip. Máy dùng dữ liệu trong chip; cán bộ sẽ kiểm lại thẻ tại quầy."
    ),
    "card.expired": mark("Thẻ đã hết hạn. Ông bà vẫn khai được; xin hỏi cán bộ về việc đổi thẻ."),
    "card.doubtful": mark(
        "Vài thông tin trong thẻ không khớp nhau. Xin xem kỹ; cán bộ sẽ kiểm lại thẻ tại quầy."
    ),
    "card.failed": mark("Chưa đọc được thẻ. Xin rút thẻ ra rồi đưa vào lại."),
    # Paper
    "scan.no_page": mark("Chưa thấy tờ giấy. Xin đặt một tờ giấy phẳng vào khung, đủ bốn góc."),
    "scan.unreadable": mark("Ảnh không đọc được. Xin chụp lại."),
    "scan.failed": mark("Chưa chụp được giấy. Xin đặt giấy phẳng rồi chụp lại."),
    "scan.two_papers": mark("Có hai tờ giấy trong khung. Xin để lại một tờ rồi chụp."),
    "scan.mat_not_empty": mark("Trên bàn quét còn giấy hoặc tay. Xin dọn trống rồi chạm lại."),
    "scan.mat_dark": mark("Mặt bàn quét tối quá. Xin bật đèn rồi chạm lại."),
    "scan.mat_bright": mark("Mặt bàn quét bị lóa đèn. Xin giảm hoặc xoay đèn rồi chạm lại."),
    "scan.mat_changed": mark("Mặt bàn quét đổi giữa các lần chụp. Xin để yên bàn và đèn rồi chạm lại."),
    "scan.no_mat": mark("Máy quét này không nhìn mặt bàn nên không cần học."),
    "scan.jammed": mark("Giấy bị kẹt trong máy quét. Xin gọi cán bộ gỡ giấy."),
    "scan.no_paper": mark("Máy quét chưa có giấy. Xin đặt giấy vào rồi bấm lại."),
    "scan.cover_open": mark("Nắp máy quét đang mở. Xin đóng nắp rồi bấm lại."),
    "scan.sane": mark("Máy quét dừng giữa chừng. Xin đặt lại tất cả các tờ rồi bấm quét lại."),
    "scan.half_picture": mark("Máy quét dừng giữa chừng. Xin đặt lại tất cả các tờ rồi bấm quét lại."),
    "page.no_page": mark("Chưa thấy tờ giấy. Xin đặt một tờ giấy phẳng vào khung, đủ bốn góc."),
    "page.cut_off_left": mark("Giấy bị cắt ở mép trái. Xin dịch tờ giấy sang phải."),
    "page.cut_off_right": mark("Giấy bị cắt ở mép phải. Xin dịch tờ giấy sang trái."),
    "page.cut_off_top": mark("Giấy bị cắt ở mép trên. Xin kéo tờ giấy xuống."),
    "page.cut_off_bottom": mark("Giấy bị cắt ở mép dưới. Xin đẩy tờ giấy lên."),
    "page.blurred": mark("Chữ bị mờ. Xin để yên tờ giấy rồi chụp lại."),
    "page.glare": mark("Giấy bị lóa đèn. Xin nghiêng tờ giấy một chút rồi chụp lại."),
    "page.too_dark": mark("Ảnh tối quá. Xin không che đèn rồi chụp lại."),
    "page.shadow": mark("Có bóng tối trên giấy. Xin đứng lùi ra một chút rồi chụp lại."),
    "page.covered": mark("Ngón tay che mất chữ. Xin rút tay ra rồi chụp lại."),
    "page.too_small": mark("Tờ giấy nằm xa quá nên chữ nhỏ. Xin đặt giấy vào giữa khung."),
    "papers.missing": mark("Còn thiếu giấy tờ bắt buộc. Xin chụp đủ, hoặc gọi cán bộ."),
    "papers.no_camera": mark("Máy chụp giấy đang hỏng. Xin đi tiếp rồi đưa giấy tờ cho cán bộ tại quầy."),
    "papers.no_space": mark(
        "Máy gần đầy nên không chụp giấy. Xin đi tiếp rồi đưa giấy tờ cho cán bộ tại quầy."
    ),
    # Devices
    "device.missing": mark("Thiết bị này không trả lời. Xin gọi cán bộ hoặc chọn cách khác bên dưới."),
    "device.timeout": mark("Thiết bị trả lời chậm quá. Xin thử lại."),
    "device.busy": mark("Thiết bị đang bận. Xin chờ một chút rồi thử lại."),
    "device.forbidden": mark("Máy chưa được phép dùng thiết bị này. Xin gọi cán bộ hoặc chọn cách khác."),
    "driver.failed": mark("Thiết bị gặp lỗi. Xin thử lại hoặc gọi cán bộ."),
    # Printing
    "printer.blocked": mark(
        "Máy in hết giấy hoặc đang mở nắp. Xin chụp hoặc ghi lại số trên màn hình; đã báo cán bộ."
    ),
    "printer.failed": mark("Máy in chưa in được. Xin chụp hoặc ghi lại số trên màn hình; đã báo cán bộ."),
    "printer.not_configured": mark("Máy này không in phiếu. Xin chụp hoặc ghi lại số trên màn hình."),
    "printer.uncertain": mark(
        "Không rõ phiếu đã in đủ chưa. Xin chụp hoặc ghi lại số trên màn hình; đã báo cán bộ."
    ),
    # A4 sheets
    "a4.paper_out": mark("Máy in A4 hết giấy; đã báo cán bộ. Có giấy là máy in tiếp, xin chờ một chút."),
    "a4.jam": mark("Giấy bị kẹt trong máy in A4; đã báo cán bộ. Gỡ xong là máy in tiếp, xin chờ một chút."),
    "a4.waiting": mark("Máy in A4 cần người xem; đã báo cán bộ. Xin chờ một chút."),
    "a4.failed": mark("Máy in A4 chưa in được và đã hủy lệnh in. Xin nhờ cán bộ tại quầy in miễn phí."),
    # Technician
    "stick.none": mark("Không thấy thẻ nhớ USB (FAT32 hoặc exFAT). Cắm thẻ, chờ vài giây rồi bấm lại."),
    "stick.several": mark("Có hơn một thẻ nhớ USB. Chỉ để lại thẻ cần chép vào rồi bấm lại."),
    "stick.full": mark("Thẻ nhớ USB đầy. Xóa bớt hoặc cắm thẻ khác rồi bấm lại."),
    "stick.unwritable": mark(
        "Không ghi được vào thẻ nhớ USB: thẻ khóa ghi, hỏng hoặc đã rút ra. Cắm thẻ khác rồi bấm lại."
    ),
    "system.not_allowed": mark("Hệ thống không cho khởi động lại từ đây. Tắt rồi bật máy bằng nút nguồn."),
    "settings.not_kept": mark("Chưa ghi được thiết lập. Xem đĩa còn chỗ không rồi lưu lại."),
    "network.refused": mark(
        "Máy không nhận thiết lập mạng này, mạng vẫn như cũ. Xem lại dây, địa chỉ, mật khẩu."
    ),
    "technician.card_unproven": mark(
        "Chip của thẻ này không chứng minh được là chip gốc nên không dùng được. Xin dùng mã PIN."
    ),
    "technician.card_untrusted": mark(
        "Máy chưa có chứng thư để kiểm thẻ này. Xin dùng mã PIN, rồi chép bộ chứng thư vào card.csca_dir."
    ),
    "technician.card_unknown": mark("Thẻ này chưa được ghi ở máy. Xin dùng mã PIN, rồi ghi thẻ ở mục Thẻ."),
    "technician.no_reader": mark("Không thấy đầu đọc thẻ. Xin dùng mã PIN, rồi xem dây của đầu đọc."),
    "technician.card_enrolled": mark("Thẻ này đã có trong danh sách."),
    "technician.cards_damaged": mark(
        "Danh sách thẻ kỹ thuật bị hỏng. Vào bằng mã PIN, xóa tệp technician_cards.json rồi ghi lại thẻ."
    ),
    # What is wrong with a setting
    "setting.unit_code": mark("Mã đơn vị có dạng H20.17: chữ H, số của tỉnh, rồi các số cách bằng dấu chấm."),
    "setting.name": mark("Cần tên trung tâm như trên biển, từ 5 đến 120 chữ."),
    "setting.commune": mark("Không có xã, phường nào mang mã này. Mã có năm chữ số."),
    "setting.kiosk_number": mark("Số của máy là số nguyên từ 1 đến 99, mỗi máy trong trung tâm một số."),
    "setting.hotline": mark("Số điện thoại có từ 3 đến 15 chữ số."),
    "setting.address": mark("Địa chỉ có dạng 192.168.1.20/24; số sau dấu / là độ dài mạng."),
    "setting.gateway": mark("Cổng ra phải là một địa chỉ khác trong cùng mạng với máy."),
    "setting.dns": mark("Máy chủ tên miền là các địa chỉ IP cách nhau bằng dấu cách."),
    "setting.ssid": mark("Tên mạng Wi-Fi dài nhất 32 byte."),
    "setting.password": mark("Mật khẩu Wi-Fi có từ 8 đến 63 chữ không dấu; để trống nếu mạng không khóa."),
    "setting.url": mark("Địa chỉ máy chủ bắt đầu bằng https:// và không có dấu cách."),
    "setting.proxy": mark("Máy trung gian có dạng http://10.0.0.1:3128; để trống nếu không dùng."),
    # Queue and backend
    "queue.full": mark("Máy hết chỗ lưu nên chưa nhận được hồ sơ. Xin giữ giấy tờ và gặp cán bộ."),
    "queue.locked": mark("Kho hồ sơ của máy đang khóa. Xin giữ giấy tờ và gặp cán bộ."),
    "queue.not_enrolled": mark(
        "Máy này chưa được nối với trung tâm nên chưa nhận được hồ sơ. Xin gặp cán bộ."
    ),
    "queue.failed": mark("Chưa lưu được hồ sơ. Xin thử lại hoặc gặp cán bộ; những gì đã điền vẫn còn."),
    "backend.unreachable": mark("Đường truyền đang mất nên chưa tra được. Xin thử lại sau hoặc hỏi cán bộ."),
    "enrol.code": mark(
        "Mã ghi danh sai, đã dùng, hoặc đã quá 15 phút. Xin mã mới ở máy chủ rồi ghi danh lại."
    ),
    "enrol.address": mark(
        "Chưa có địa chỉ máy chủ dạng https://. Ghi địa chỉ ở trang Mạng, rồi ghi danh lại."
    ),
    "backend.refused": mark("Trung tâm dữ liệu đang từ chối máy này. Xin hỏi cán bộ tại quầy."),
    "dossier.unknown": mark("Không thấy hồ sơ có mã này. Xin xem lại mã trên giấy hẹn hoặc hỏi cán bộ."),
    "dossier.digits": mark("Cần mã hồ sơ và 4 chữ số cuối của số định danh. Xin gõ đủ."),
    # Forms
    "form.unknown_procedure": mark("Thủ tục này chưa có tờ khai trên máy. Xin lấy số và gặp cán bộ."),
    "form.failed": mark("Tờ khai này đang có lỗi. Xin lấy số và gặp cán bộ."),
    "form.page_wrong": mark("Còn ô cần sửa. Xin xem các ô có viền đỏ."),
    "consent.refused": mark(
        "Ông bà chưa đồng ý nên máy không gửi gì. Có thể sửa lại, lấy số, hoặc kết thúc."
    ),
    # What does not work now
    "copy.no_printer": mark("Máy in A4 đang không trả lời. Xin nhờ cán bộ tại quầy in miễn phí."),
    "copy.no_camera": mark("Máy chụp giấy đang hỏng nên chưa phô-tô được. Xin nhờ cán bộ tại quầy."),
    "copy.absent": mark("Máy in A4 chưa được lắp ở máy này. Xin nhờ cán bộ tại quầy in miễn phí."),
}


def sentence(code: str) -> str:
    """Return the sentence for a code in the language spoken now; an unknown code gets the general one."""
    return _(_marked(code))


def sentence_in(lang: str, code: str) -> str:
    """Return the sentence for a code in one language, whatever the visit speaks; for the command line."""
    return in_language(lang, _marked(code))


def _marked(code: str) -> str:
    return _SENTENCES.get(code, _SENTENCES["driver.failed"])


def notice(code: str, *, tone: Tone = Tone.ERROR) -> Notice:
    """Return a notice with the sentence for a code."""
    return Notice(tone=tone, text=sentence(code), code=code)


def codes() -> frozenset[str]:
    """Return every code that has a sentence of its own."""
    return frozenset(_SENTENCES)
