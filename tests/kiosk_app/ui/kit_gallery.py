"""Draws the parts of the kit as whole screens; run it to look at them: kit_gallery.py OUT."""

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QWidget

from kiosk_app.ui.app import apply_theme, make_application
from kiosk_app.ui.theme import Theme, theme
from kiosk_app.ui.widgets.big_number import BigNumber
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.dates import DateField
from kiosk_app.ui.widgets.drawing import CardDrawing, QrDrawing
from kiosk_app.ui.widgets.fields import Choice, ChoiceField, LockedField, TextField, YesNoField
from kiosk_app.ui.widgets.frame import Centre, ScreenFrame
from kiosk_app.ui.widgets.lists import ListField
from kiosk_app.ui.widgets.notices import Card, InfoCard, NoteBar, StatusRow
from kiosk_app.ui.widgets.preview import Preview
from kiosk_app.ui.widgets.progress import ProgressLine
from kiosk_app.ui.widgets.text import Text
from kiosk_app.ui.widgets.tiles import TileButton
from kiosk_app.ui.widgets.timeline import Stop, Timeline

STEPS = ("Chọn", "Thẻ", "Điền", "Giấy tờ", "Xem lại", "Nhận phiếu")
NOW = datetime(2026, 11, 23, 9, 24)  # noqa: DTZ001 - wall-clock time as the head shows it
CENTRE = Centre(name="Trung tâm Phục vụ hành chính công", place="Phường Sa Đéc")


def screen(
    look: Theme, *, step: int | None = None, title: str = "", lead: str = "", counter: str = ""
) -> ScreenFrame:
    """Return a screen as the pictures have it."""
    return ScreenFrame(
        look,
        centre=CENTRE,
        now=NOW,
        steps=STEPS if step is not None else (),
        step=step or 0,
        title=title,
        lead=lead,
        counter=counter,
    )


def welcome(look: Theme) -> ScreenFrame:
    """Picture 01."""
    made = screen(look, title="Hôm nay ông bà cần việc gì?", lead="Chạm vào một ô bên dưới.")
    made.body.addStretch(1)
    tiles = (
        ("Nộp hồ sơ", "Thẻ căn cước tự điền tờ khai", "file-plus", True),
        ("Lấy số thứ tự", "Chờ đến quầy, không cần khai gì", "ticket", False),
        ("Tra cứu hồ sơ", "Đưa mã trên giấy hẹn vào máy quét", "qr-code", False),
        ("Thủ tục, lệ phí", "Cần giấy tờ gì, bao lâu, bao nhiêu tiền", "book-open", False),
    )
    grid = QGridLayout()
    grid.setSpacing(look.space.block)
    columns = 4 if look.landscape and look.wide else 2 if look.wide else 1
    for index, (title, sub, icon, filled) in enumerate(tiles):
        grid.addWidget(
            TileButton(look, title, sub, icon=icon, filled=filled), index // columns, index % columns
        )
    for column in range(columns):
        grid.setColumnStretch(column, 1)
    made.body.addLayout(grid)
    row = QHBoxLayout()
    row.setSpacing(look.space.block)
    row.addWidget(SecondaryButton(look, "In, phô-tô miễn phí", icon="printer", tinted=True))
    row.addWidget(SecondaryButton(look, "Đánh giá phục vụ", icon="star", tinted=True))
    made.body.addLayout(row)
    told = "Đang chờ: **6 người** · khoảng **15 phút** · Đường dây nóng **1022**"
    made.body.addWidget(NoteBar(look, told, icon="users"))
    made.body.addSpacing(look.space.block)
    return made


def fill(look: Theme) -> ScreenFrame:
    """Picture 05 and 15."""
    made = screen(
        look, step=2, title="Người đi khai", lead="Đăng ký khai sinh · phần 1 trong 3", counter="Còn 2 ô"
    )
    made.set_say(
        "Xin cho biết quan hệ với trẻ và số điện thoại.",
        "Các ô có dấu thẻ đã được điền sẵn và không sửa được ở đây.",
    )
    made.body.addWidget(LockedField(look, "Họ, chữ đệm, tên", "NGUYỄN THỊ HƯƠNG"))
    row = QHBoxLayout() if look.wide else made.body
    row.setSpacing(look.space.block)
    row.addWidget(LockedField(look, "Ngày sinh", "14/02/1994"))
    row.addWidget(LockedField(look, "Giới tính", "Nữ"))
    if row is not made.body:
        made.body.addLayout(row)
    if not look.landscape:
        made.body.addWidget(LockedField(look, "Số định danh cá nhân", "087 ••• ••• 412"))
    kin = ChoiceField(
        look,
        "Quan hệ với trẻ",
        [Choice(value="m", text="Mẹ"), Choice(value="f", text="Cha"), Choice(value="o", text="Người khác")],
    )
    kin.set_value("m")
    made.body.addWidget(kin)
    phone = TextField(look, "Số điện thoại", hint="(để báo khi có kết quả)", typing="digits")
    phone.set_value("0919 5")
    made.body.addWidget(phone)
    made.body.addStretch(1)
    made.set_left("Quay lại")
    made.set_right("Tiếp tục")
    return made


def typing(look: Theme) -> ScreenFrame:
    """Picture 06."""
    made = screen(look, step=2, title="Tên của trẻ", counter="Còn 5 ô")
    name = TextField(look, "Họ, chữ đệm, tên", typing="name")
    name.set_value("Nguyễn Gia Bả")
    name.suggest(["Bảo", "Bách", "Bảo Anh", "Bảo Ngọc"] if look.wide else ["Bảo", "Bách"])
    made.body.addWidget(name)
    born = DateField(look, "Ngày sinh của trẻ")
    born.set_value("2026-02-31")
    born.set_error("Tháng 2 không có ngày 31. Xin chọn lại ngày.")
    made.body.addWidget(born)
    made.body.addStretch(1)
    made.set_left("Quay lại")
    made.set_right("Tiếp tục")
    name.input.setObjectName("focus_me")
    return made


def dating(look: Theme) -> ScreenFrame:
    """The date pad."""
    made = screen(look, step=2, title="Ngày sinh của trẻ", counter="Còn 4 ô")
    born = DateField(look, "Ngày sinh của trẻ")
    made.body.addWidget(born)
    made.body.addWidget(YesNoField(look, "Trẻ sinh tại bệnh viện?"))
    nations = [Choice(value=n, text=n) for n in ("Kinh", "Tày", "Thái", "Mường", "Khmer")]
    made.body.addWidget(ListField(look, "Dân tộc", nations))
    made.body.addStretch(1)
    made.set_left("Quay lại")
    made.set_right("Tiếp tục")
    born.box.setObjectName("focus_me")
    return made


def picking(look: Theme) -> ScreenFrame:
    """The page of a long list."""
    made = dating(look)
    field = made.findChild(ListField)
    if field is not None:
        field.open_page()
    return made


def card(look: Theme) -> ScreenFrame:
    """Picture 04."""
    made = screen(
        look,
        step=1,
        title="Chào ông NGUYỄN VĂN LONG",
        lead="Xin để yên thẻ trong khe. Máy đang đọc nốt ảnh và kiểm tra thẻ.",
    )
    box = Card(look)
    box.body.addWidget(CardDrawing(look, "Thẻ vào khe"), 1)
    line = ProgressLine(look)
    line.set_progress(0.72, "Đang đọc thẻ…")
    box.body.addWidget(line)
    made.body.addWidget(box, 1)
    made.body.addWidget(
        NoteBar(look, "**Thẻ thật.** Chữ ký số của Bộ Công an hợp lệ.", icon="shield-check", kind="ok")
    )
    made.body.addWidget(
        Text(look, "body", "Không có thẻ? Chạm “Quay lại” để nhập tay, hoặc gọi cán bộ.", colour="soft")
    )
    made.set_left("Quay lại")
    made.set_right("Xin chờ 2 giây", icon="loader")
    return made


def code(look: Theme) -> ScreenFrame:
    """Picture 03."""
    made = screen(
        look,
        step=1,
        title="Cho máy xem mã trên thẻ",
        lead="Đưa mã vuông trên thẻ căn cước vào khung, cách một gang tay.",
    )
    made.body.addWidget(QrDrawing(look, "Mã vào khung"), 1)
    made.body.addWidget(NoteBar(look, "Thẻ mới: mã ở **mặt sau**. Máy tự nhận, không cần chạm."))
    made.set_left("Quay lại")
    made.set_right("Tôi không có thẻ", kind="secondary", icon="")
    return made


def scan(look: Theme) -> ScreenFrame:
    """Picture 07."""
    made = screen(look, step=3, title="Đặt giấy lên bàn quét", lead="Giấy chứng sinh · mặt trước")
    view = Preview(look)
    view.show_frame(bytes((63, 60, 58)) * (640 * 480), 640, 480)
    view.set_outline([(160, 40), (480, 60), (500, 440), (140, 430)], good=False)
    made.body.addWidget(view, 1)
    told = "**Giấy bị lóa ở góc trên bên phải.**\nXin nghiêng tờ giấy một chút."
    made.body.addWidget(NoteBar(look, told, icon="sun", kind="warn"))
    made.set_left("Quay lại")
    made.set_right("Chụp", icon="camera")
    return made


def review(look: Theme) -> ScreenFrame:
    """Picture 08."""
    made = screen(look, step=4, title="Xin xem lại")
    for title in ("Người đi khai", "Trẻ"):
        block = InfoCard(look, title, button="Sửa")
        block.rows(
            [
                ("Họ tên", "NGUYỄN THỊ HƯƠNG"),
                ("Số định danh", "087 ••• ••• 412"),
                ("Giới tính · dân tộc", "Nam · Kinh"),
                ("Nơi sinh", "Bệnh viện Đa khoa Sa Đéc"),
            ]
        )
        made.body.addWidget(block)
    told = (
        "Hồ sơ được niêm phong và chỉ cán bộ của trung tâm mở được. "
        "Máy này xóa mọi dữ liệu khi ông bà kết thúc."
    )
    made.body.addWidget(NoteBar(look, told, icon="shield-check"))
    made.body.addWidget(Text(look, "h2", "Ông bà đồng ý nộp hồ sơ này?"))
    made.body.addStretch(1)
    made.set_left("Không nộp", icon="x")
    made.set_right("Đồng ý nộp", icon="check", kind="equal")
    return made


def done(look: Theme) -> ScreenFrame:
    """Picture 09."""
    made = screen(look, step=5)
    made.set_title("Đã nhận hồ sơ", centred=True, icon="circle-check", colour="ok")
    made.body.addWidget(
        BigNumber(
            look,
            "Số thứ tự của ông",
            "A015",
            "Mời đến **Quầy 3** khi nghe gọi số",
            "Trước ông còn 4 người · khoảng 12 phút",
        )
    )
    lines = InfoCard(look)
    lines.add_line("receipt-text", "Lấy **phiếu** ở khe bên phải. Quét mã trên phiếu để xem hồ sơ đến đâu.")
    lines.add_line("printer", "Tờ khai đã in ở khay dưới: **xin ký tên** rồi đưa cán bộ.")
    lines.add_line("calendar-check", "Dự kiến có kết quả: **thứ Ba, 24/11/2026**")
    lines.add_line("id-card", "**Xin cầm lại thẻ căn cước.**")
    made.body.addWidget(lines)
    made.body.addStretch(1)
    made.set_left("Đánh giá", icon="star")
    made.set_right("Xong", icon="check")
    return made


def look_up(look: Theme) -> ScreenFrame:
    """Picture 10."""
    made = screen(look, title="Xác nhận tình trạng hôn nhân", lead="Hồ sơ H20.17-261123-0007")
    made.body.addWidget(NoteBar(look, "**Còn thiếu: Quyết định ly hôn.**", icon="file-warning", kind="warn"))
    box = Card(look)
    stops = (
        Stop(title="Đã tiếp nhận", detail="Thứ Hai 23/11, 09:41 · Bộ phận Một cửa", state="done"),
        Stop(title="Cần bổ sung giấy tờ", detail="Thứ Ba 24/11, 08:20", state="now"),
        Stop(title="Có kết quả", detail="Dự kiến thứ Năm 26/11"),
        Stop(title="Trả kết quả"),
    )
    box.body.addWidget(Timeline(look, stops))
    made.body.addWidget(box)
    made.body.addStretch(1)
    made.set_left("Quay lại")
    made.set_right("Quét giấy bổ sung", icon="scan-line")
    return made


def devices(look: Theme) -> ScreenFrame:
    """Picture 13."""
    made = screen(look, title="Kiểm tra thiết bị", counter="Kiosk 1")
    rows = (
        ("Đầu đọc thẻ", "ok", "Sẵn sàng", "ACS ACR39U · đọc gần nhất 09:12"),
        ("Máy in phiếu", "warn", "Sắp hết giấy", "còn khoảng 40 phiếu · thay cuộn 80 mm"),
        ("Bàn quét", "bad", "Không thấy thiết bị", "từ 08:55 · kiểm tra dây USB và nguồn"),
    )
    for name, state, word, detail in rows:
        made.body.addWidget(StatusRow(look, name, state, word, detail, button="Thử"))
    made.body.addStretch(1)
    made.set_left("Thoát")
    made.set_right("Xuất gói chẩn đoán", icon="usb")
    return made


def numbers(look: Theme) -> ScreenFrame:
    """Picture 16."""
    made = screen(look, title="Lấy số cho việc gì?", lead="Phiếu in ra ngay. Không cần thẻ.")
    for mark, title, sub, count in (
        ("A", "Hộ tịch, chứng thực", "Quầy 1, 2, 3", "6"),
        ("B", "Cư trú, căn cước", "Quầy 4 · Công an", "2"),
    ):
        made.body.addWidget(TileButton(look, title, sub, mark=mark, trailing=(count, "đang chờ"), row=True))
    grid = QGridLayout()
    grid.setSpacing(look.space.block)
    for index, (word, icon) in enumerate((("Chứng thực bản sao", "stamp"), ("Khai sinh", "baby"))):
        tile = TileButton(look, word, icon=icon, compact=True)
        grid.addWidget(tile, *divmod(index, 2 if look.wide else 1))
    made.body.addLayout(grid)
    closed = TileButton(look, "Hộ kinh doanh", "Quầy 7", mark="E", row=True)
    closed.set_reason("Quầy đóng cửa đến 13:30.")
    closed.setEnabled(False)
    made.body.addWidget(closed)
    made.body.addStretch(1)
    made.set_left("Quay lại")
    return made


SCREENS: dict[str, Callable[[Theme], ScreenFrame]] = {
    "welcome": welcome,
    "fill": fill,
    "typing": typing,
    "dating": dating,
    "picking": picking,
    "card": card,
    "code": code,
    "scan": scan,
    "review": review,
    "done": done,
    "look_up": look_up,
    "devices": devices,
    "numbers": numbers,
}


def show(made: ScreenFrame) -> ScreenFrame:
    """Put a screen on the (offscreen) display at its size."""
    made.resize(*((1920, 1080) if made.theme.landscape else (1080, 1920)))
    made.show()
    made.activateWindow()
    wanted = made.findChild(QWidget, "focus_me")
    if wanted is not None and made.page is None:
        wanted.setFocus()
    for _round in range(3):
        QApplication.processEvents()
    return made


def main() -> None:
    """Write a PNG of every screen in the wanted theme."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--scale", type=int, default=100)
    parser.add_argument("--contrast", action="store_true")
    parser.add_argument("--landscape", action="store_true")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    app = make_application()
    look = theme(scale=asked.scale, contrast=asked.contrast, landscape=asked.landscape)
    apply_theme(app, look)
    asked.out.mkdir(parents=True, exist_ok=True)
    suffix = f"{asked.scale}{'c' if asked.contrast else ''}{'l' if asked.landscape else ''}"
    for name, make in SCREENS.items():
        if asked.only and name not in asked.only.split(","):
            continue
        made = show(make(look))
        made.grab().save(str(asked.out / f"{name}-{suffix}.png"))
        made.close()
        made.deleteLater()


if __name__ == "__main__":
    main()
