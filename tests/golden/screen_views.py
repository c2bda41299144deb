"""One fixed view of every screen, with invented people, for the golden pictures."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from drivers.ports import DeviceState, DeviceStatus
from forms.ports import FieldKind, FieldSpec, RowSpec, RowsSpec, Text
from kiosk_app.flow import sheet_view, staff_view, steps
from kiosk_app.flow.fill_view import FieldView, FillView
from kiosk_app.flow.steps import Notice, PaperState, Step, Tone, View
from offline_queue.ports import DossierProgress, QueueStatus
from tests.golden import technician_views
from tests.golden.picture_views import cards, copies, scans

NOW: Final = dt.datetime(2026, 11, 23, 9, 24, tzinfo=dt.timezone(dt.timedelta(hours=7)))
_CARD: Final = "Từ thẻ"


def _field(
    name: str,
    kind: FieldKind,
    title: str,
    *,
    shown: str = "",
    hint: str = "",
    locked: bool = False,
    half: bool = False,
    choices: tuple[tuple[str, str], ...] = (),
    value: str | None = None,
    problem: str = "",
) -> FieldView:
    spec = FieldSpec(
        name=name,
        kind=kind,
        title=Text(vi=title, en=title),
        required=True,
        half_width=half,
        sensitive=False,
        partial_date=False,
    )
    return FieldView(
        spec=spec,
        title=title,
        hint=hint,
        value=shown if value is None and shown else value,
        shown=shown,
        chip=_CARD if locked else "",
        locked=locked,
        problem=problem,
        choices=choices,
    )


def _tile(code: str, title: str, icon: str, subtitle: str, *, form: bool = True) -> steps.ProcedureTile:
    return steps.ProcedureTile(code=code, title=title, subtitle=subtitle, icon=icon, has_form=form)


CHOOSE: Final = steps.ChooseView(
    procedures=(
        _tile("1", "Cấp bản sao trích lục hộ tịch", "files", "Thẻ điền sẵn 67 %"),
        _tile("2", "Đăng ký khai sinh", "baby", "Thẻ điền sẵn 53 %"),
    )
)
FOUND: Final = steps.ChooseView(
    query="Chứng thực",
    procedures=(
        _tile(
            "3",
            "Chứng thực bản sao từ bản chính giấy tờ, văn bản do cơ quan, tổ chức có thẩm quyền của "
            "Việt Nam; cơ quan, tổ chức có thẩm quyền của nước ngoài cấp hoặc chứng nhận",
            "stamp",
            "Chứng thực",
            form=False,
        ),
        _tile("4", "Chứng thực chữ ký", "pen-line", "Chứng thực", form=False),
        _tile("5", "Chứng thực di chúc", "scroll-text", "Chứng thực", form=False),
    ),
)
PROCEDURE: Final = steps.ProcedureView(
    code="2",
    title="Đăng ký khai sinh",
    sector="Hộ tịch",
    time="Trong ngày. Nộp sau 15 giờ thì ngày làm việc tiếp theo.",
    fee="Miễn lệ phí nếu đúng hạn. “Miễn lệ phí cho người thuộc gia đình có công với cách mạng; "
    "người thuộc hộ nghèo; người khuyết tật.”",
    papers=(("Giấy chứng sinh", True), ("Văn bản ủy quyền (nếu nộp thay)", False)),
    legal="Luật Hộ tịch 2014, Điều 16",
    can_submit=True,
)
FILL: Final = FillView(
    page="applicant",
    page_number=1,
    page_count=3,
    title="Người đi khai",
    procedure="Đăng ký khai sinh",
    left=2,
    fields=(
        _field("name", FieldKind.NAME, "Họ, chữ đệm, tên", shown="NGUYỄN THỊ HƯƠNG", locked=True),
        _field("born", FieldKind.DATE, "Ngày sinh", shown="14/02/1994", locked=True, half=True),
        _field("sex", FieldKind.CHOICE, "Giới tính", shown="Nữ", locked=True, half=True),
        _field("id", FieldKind.ID_NUMBER, "Số định danh cá nhân", shown="087 ••• ••• 412", locked=True),
        _field(
            "relation",
            FieldKind.CHOICE,
            "Quan hệ với trẻ",
            shown="Mẹ",
            value="mother",
            choices=(("mother", "Mẹ"), ("father", "Cha"), ("other", "Người khác")),
        ),
        _field("phone", FieldKind.TEL, "Số điện thoại", hint="để báo khi có kết quả"),
    ),
)
FILL_WRONG: Final = FillView(
    page="child",
    page_number=2,
    page_count=3,
    title="Tên của trẻ",
    procedure="Đăng ký khai sinh",
    left=0,
    fields=(
        _field("child", FieldKind.NAME, "Họ, chữ đệm, tên", shown="NGUYỄN GIA BẢO"),
        _field(
            "child_born",
            FieldKind.DATE,
            "Ngày sinh của trẻ",
            value="2026-02-31",
            problem="Tháng 2 không có ngày 31. Xin chọn lại ngày.",
        ),
        _field(
            "child_nation",
            FieldKind.LIST,
            "Dân tộc",
            shown="Kinh",
            value="kinh",
            choices=(("kinh", "Kinh"), ("khmer", "Khơ-me")),
        ),
    ),
)
_ROWS: Final = RowsSpec(
    rows=(
        RowSpec(title=Text(vi="Người thứ 1", en="Person 1"), shown="TRẦN VĂN NAM", complete=True),
        RowSpec(title=Text(vi="Người thứ 2", en="Person 2"), shown="", complete=False),
    ),
    low=0,
    high=8,
    add=Text(vi="Thêm một người", en="Add a person"),
    remove=Text(vi="Bỏ người này", en="Take this person away"),
    next_card="thanhVien[2]",
)
_LISTED: Final = _field(
    "listed", FieldKind.ROWS, "Những người cùng thay đổi", hint="không có ai thì bấm Tiếp tục"
)
FILL_ROWS: Final = FillView(
    page="members",
    page_number=4,
    page_count=5,
    title="Người cùng thay đổi",
    procedure="Đăng ký thường trú",
    left=1,
    fields=(replace(_LISTED, spec=replace(_LISTED.spec, rows=_ROWS), value=2),),
)
_MOTHER: Final = _field("mother", FieldKind.NAME, "Họ, chữ đệm, tên mẹ", shown="NGUYỄN THỊ HƯƠNG")
_FATHER: Final = _field("father", FieldKind.NAME, "Họ, chữ đệm, tên cha")
FILL_CARDS: Final = FillView(
    page="parents",
    page_number=3,
    page_count=5,
    title="Mẹ và cha",
    procedure="Đăng ký khai sinh",
    left=2,
    cards=(
        ("mother", "Xin đặt thẻ của mẹ.", True),
        ("father", "Xin đặt thẻ của cha.", False),
    ),
    fields=(
        replace(_MOTHER, spec=replace(_MOTHER.spec, panel=Text(vi="Mẹ", en="Mother"))),
        replace(_FATHER, spec=replace(_FATHER.spec, panel=Text(vi="Cha", en="Father"))),
        _field(
            "wanted",
            FieldKind.CHOICES,
            "Giấy tờ cần thêm",
            choices=(("card", "Thẻ bảo hiểm y tế"), ("copy", "Bản sao"), ("none", "Giấy khác")),
        ),
    ),
)
REVIEW: Final = steps.ReviewView(
    procedure="Đăng ký khai sinh",
    fee="Miễn phí",
    consent="Tôi đồng ý để trung tâm dùng các thông tin và giấy tờ trên đây để giải quyết thủ tục này. "
    "Tôi có thể rút lại sự đồng ý bằng cách báo cho cán bộ.",
    blocks=(
        steps.ReviewBlock(
            name="applicant",
            title="Người đi khai",
            rows=(
                ("Họ, chữ đệm, tên", "NGUYỄN THỊ HƯƠNG"),
                ("Số định danh cá nhân", "087 ••• ••• 412"),
                ("Quan hệ với trẻ", "Mẹ"),
                ("Số điện thoại", "0919 555 ••8"),
            ),
        ),
        steps.ReviewBlock(
            name="child",
            title="Trẻ",
            rows=(("Họ, chữ đệm, tên", "NGUYỄN GIA BẢO"), ("Ngày sinh", "18/11/2026"), ("Giới tính", "Nam")),
        ),
        steps.ReviewBlock(name="papers", title="Giấy tờ", rows=(("Giấy chứng sinh", "1 trang"),)),
    ),
)
DONE: Final = steps.DoneView(
    number="K01-261123-0007",
    official_code="H20.17-261123-0007",
    paper=PaperState.OUT,
    will_send_later=False,
    lines=(
        ("files", "Mang bản chính giấy tờ đến quầy khi cán bộ gọi."),
        ("calendar-check", "Hẹn trả (dự kiến): **26/11/2026**"),
        ("phone", "Cần hỏi, xin gọi **1022**."),
    ),
    qr_text="https://kiosk.example/d/K01-261123-0007?t=abcdefghijklmnopqrstuv",
    card_in_slot=True,
)
DONE_ON_SCREEN: Final = replace(
    DONE,
    paper=PaperState.ON_SCREEN,
    official_code=None,
    will_send_later=True,
    card_in_slot=False,
    notice=Notice(
        tone=Tone.WARN,
        text="Máy in hết giấy hoặc đang mở nắp. Xin chụp hoặc ghi lại số trên màn hình; đã báo cán bộ.",
        code="printer.blocked",
    ),
)
DONE_PAY: Final = replace(
    DONE,
    card_in_slot=False,
    fee="8.000 đồng",
    pay_text="00020101021238570010A00000072701270006970405011312345678901230208QRIBFTTA"
    "5303704540480005802VN62220818H20 17 250901 000163049EE8",
)
RATE_WHY: Final = steps.RateView(
    phase=steps.RatePhase.WHY,
    reasons=(
        ("slow", "Phải chờ lâu"),
        ("unclear", "Lời hướng dẫn khó hiểu"),
        ("device", "Máy bị trục trặc"),
        ("other", "Lý do khác"),
    ),
)
_PROGRESS: Final = DossierProgress(
    code="H20.17-261123-0007",
    receipt_code="K01-261123-0007",
    state=5,
    since=dt.datetime(2026, 11, 24, 1, 20, tzinfo=dt.UTC),
    unit="Tư pháp – Hộ tịch",
    due=dt.date(2026, 11, 26),
    next_step="bring_papers",
)
LOOK_UP_FOUND: Final = steps.LookUpView(
    phase=steps.LookUpPhase.FOUND,
    progress=_PROGRESS,
    state_text="Cần bổ sung giấy tờ",
    state_tone=Tone.WARN,
    next_step="Xin mang đến Quầy 3, hoặc quét ngay tại máy này.",
    procedure="Xác nhận tình trạng hôn nhân",
)
SERVICES: Final = (
    ("A", "Hộ tịch: khai sinh, kết hôn, khai tử", "files"),
    ("B", "Chứng thực bản sao, chữ ký", "stamp"),
    ("C", "Cư trú, căn cước", "house"),
    ("D", "Việc khác, hỏi cán bộ", "message-circle"),
)
NUMBER: Final = steps.TakeNumberView(
    services=SERVICES, number="A015", service="Hộ tịch", waiting=4, paper=PaperState.OUT
)
STAFF: Final = staff_view.StaffView(
    devices=(
        DeviceStatus(device="card_reader", state=DeviceState.READY, detail="ACS ACR39U"),
        DeviceStatus(device="qr_scanner", state=DeviceState.READY),
        DeviceStatus(device="document_scanner", state=DeviceState.ABSENT, cause="device.missing"),
        DeviceStatus(device="ticket_printer", state=DeviceState.DEGRADED, cause="printer.paper_near_end"),
        DeviceStatus(device="a4_printer", state=DeviceState.READY),
        DeviceStatus(device="card_authorities", state=DeviceState.READY, detail="3 CSCA, 01/01/2045"),
        DeviceStatus(device="backend_certificate", state=DeviceState.READY, detail="30/06/2027"),
        DeviceStatus(device="kiosk_key", state=DeviceState.READY),
    ),
    queue=QueueStatus(
        ready=3,
        sending=0,
        stored=41,
        quarantined=0,
        paused=None,
        oldest_age_s=130,
        bytes=123456,
        clock_skew_s=0.4,
    ),
    line_trouble="",
    tools=True,
)
STAFF_CODE: Final = replace(
    STAFF,
    said=Notice(tone=Tone.INFO, text="Đưa máy đọc mã vào mã dưới đây trong 30 giây."),
    show_code="NGUYỄN THỊ HƯƠNG · Ẵm bồng, Ỷ lại, đường Ổ Gà · 3f8a21d7",
    busy=True,
)


UNAVAILABLE: Final = steps.UnavailableView(
    title="Hiện chưa làm được việc này",
    reason="Máy in A4 chưa được lắp ở máy này. Xin nhờ cán bộ tại quầy in miễn phí.",
)


def views() -> dict[str, tuple[Step, View]]:
    """Return every picture's name with its step and view."""
    return {
        "welcome": (Step.WELCOME, steps.WelcomeView(waiting=6, hotline="1022")),
        "choose": (Step.CHOOSE, CHOOSE),
        "choose-found": (Step.CHOOSE, FOUND),
        "procedure": (Step.PROCEDURE, PROCEDURE),
        "identify-qr": (Step.IDENTIFY_QR, steps.IdentifyQrView()),
        **cards(),
        "fill": (Step.FILL, FILL),
        "fill-wrong": (Step.FILL, FILL_WRONG),
        "fill-rows": (Step.FILL, FILL_ROWS),
        "fill-cards": (Step.FILL, FILL_CARDS),
        **scans(),
        **copies(),
        "review": (Step.REVIEW, REVIEW),
        "done": (Step.DONE, DONE),
        "done-on-screen": (Step.DONE, DONE_ON_SCREEN),
        "done-pay": (Step.DONE, DONE_PAY),
        "review-sheet": (Step.REVIEW, replace(REVIEW, sheet=sheet_view.SheetPhase.OFFERED)),
        "rate": (Step.RATE, steps.RateView()),
        "rate-why": (Step.RATE, RATE_WHY),
        "rate-thanks": (Step.RATE, steps.RateView(phase=steps.RatePhase.THANKS)),
        "look-up": (Step.LOOK_UP, steps.LookUpView(phase=steps.LookUpPhase.ASK)),
        "look-up-found": (Step.LOOK_UP, LOOK_UP_FOUND),
        "take-number": (Step.TAKE_NUMBER, steps.TakeNumberView(services=SERVICES)),
        "number": (Step.TAKE_NUMBER, NUMBER),
        "unavailable": (Step.UNAVAILABLE, UNAVAILABLE),
        "help": (Step.HELP, steps.HelpView(hotline="1022", called_at=NOW)),
        "staff-pin": (Step.STAFF_PIN, steps.StaffPinView(wrong=True, wait_s=30)),
        "staff": (Step.STAFF, STAFF),
        "staff-code": (Step.STAFF, STAFF_CODE),
        **technician_views.views(),
        "one-moment": (Step.ONE_MOMENT, steps.OneMomentView()),
    }
