"""Line, queue, disk and clock in words a technician can act on. Staff are warned; citizens go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from kiosk_app.i18n import _, mark

if TYPE_CHECKING:
    from offline_queue.ports import QueueStatus

MINUTE_S: Final = 60
HOUR_S: Final = 3600
LONG_S: Final = 2 * HOUR_S
SKEW_S: Final = 120.0
"""As in `offline_queue.guards`: a token of ours lives a minute, a backend allows for two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWords:
    """One part of the kiosk on the technician's screen."""

    name: str
    level: Literal["ok", "warn", "bad"]
    word: str
    detail: str = ""


_LINE: Final[dict[str, tuple[str, str]]] = {
    "line": (
        mark("Mất đường truyền"),
        mark("Hồ sơ vẫn nhận và nằm chờ. Kiểm tra dây mạng và bộ phát mạng."),
    ),
    "portal": (
        mark("Bị trang khác chắn"),
        mark(
            "Mạng này trả lời bằng trang của nhà mạng, không phải máy chủ. Đăng nhập mạng, hoặc nhờ nhà mạng "
            "mở đường cho máy. Hồ sơ vẫn nhận và nằm chờ."
        ),
    ),
    "auth": (
        mark("Máy chủ không nhận máy này"),
        mark(
            "Máy đã bị thu hồi hoặc chưa ghi danh. Xin mã mới ở máy chủ, rồi chạy kiosk enrol. Hồ sơ nằm chờ."
        ),
    ),
    "clock": (
        mark("Giờ của máy sai"),
        mark("Máy chủ từ chối vì giờ lệch. Chỉnh lại giờ; sau một phút hồ sơ tự gửi tiếp."),
    ),
    "not_enrolled": (
        mark("Chưa nối với trung tâm"),
        mark("Máy chưa nhận hồ sơ được. Xin mã ở máy chủ, rồi chạy kiosk enrol."),
    ),
    "not_heard": (mark("Đang hỏi"), mark("Chưa có lời đáp đầu tiên của máy chủ.")),
}
_DISK: Final[dict[str, tuple[Literal["ok", "warn", "bad"], str, str]]] = {
    "well": ("ok", mark("Tốt"), ""),
    "warn": ("warn", mark("Sắp đầy"), mark("Đã dùng hơn 80 %. Dọn bớt; đến 90 % máy ngừng chụp giấy.")),
    "no_scanning": (
        "bad",
        mark("Gần đầy"),
        mark(
            "Máy không chụp giấy nữa, cán bộ nhận giấy tại quầy. Dọn đĩa ngay; đến 95 % máy ngừng nhận hồ sơ."
        ),
    ),
    "no_intake": ("bad", mark("Đầy"), mark("Máy chỉ còn lấy số và tra cứu. Dọn đĩa, hồ sơ tự nhận lại.")),
}
_WARNINGS: Final[dict[str, str]] = {
    "queue.old": mark("Có hồ sơ chờ gửi hơn một ngày."),
    "queue.many": mark("Hơn 500 hồ sơ đang chờ gửi."),
    "queue.disk": mark("Đĩa của máy sắp đầy."),
    "queue.clock": mark("Giờ của máy lệch quá hai phút."),
    "queue.quarantined": mark("Có hồ sơ máy chủ không nhận, cần người xem."),
}


def warning_text(code: str) -> str | None:
    """Return the sentence of a warning (`queue.old`, …) in the language spoken now, or None if it is none."""
    return _(_WARNINGS[code]) if code in _WARNINGS else None


def line_words(trouble: str) -> PartWords:
    """Return how the line to the backend is.

    Args:
        trouble: From `ProgressDesk.trouble`; empty while the backend answers.
    """
    name = _("Máy chủ của trung tâm")
    if not trouble:
        return PartWords(name=name, level="ok", word=_("Nối được"))
    word, detail = _LINE.get(trouble, _LINE["line"])
    return PartWords(
        name=name, level="warn" if trouble in {"line", "not_heard"} else "bad", word=_(word), detail=_(detail)
    )


def queue_words(queue: QueueStatus | None) -> PartWords:
    """Return how the queue is; None = it could not be opened."""
    name = _("Hàng chờ hồ sơ")
    if queue is None:
        broken = _("Máy không nhận hồ sơ được. Khởi động lại máy, rồi gọi kỹ thuật.")
        return PartWords(name=name, level="bad", word=_("Không mở được"), detail=broken)
    counts = _("{waiting} chờ gửi · lâu nhất {age} · {held} bị giữ lại").format(
        waiting=queue.ready + queue.sending, age=_age(queue.oldest_age_s), held=queue.quarantined
    )
    if queue.paused is not None:
        why = _(_LINE.get(queue.paused, _LINE["auth"])[1])
        return PartWords(name=name, level="bad", word=_("Đang ngừng gửi"), detail=f"{counts} · {why}")
    if queue.quarantined:
        step = _("Xem lý do bằng kiosk queue list; chép ra bằng kiosk queue export.")
        return PartWords(name=name, level="bad", word=_("Có hồ sơ bị giữ lại"), detail=f"{counts} · {step}")
    late = [_(_WARNINGS[f"queue.{code}"]) for code in ("old", "many") if code in queue.warnings]
    if late:
        step = _("Máy vẫn nhận hồ sơ. Nối lại đường truyền, hoặc chép ra bằng kiosk queue export.")
        return PartWords(
            name=name, level="warn", word=_("Chờ lâu"), detail=" ".join((f"{counts} ·", *late, step))
        )
    return PartWords(name=name, level="ok", word=_("Tốt"), detail=counts)


def disk_words(queue: QueueStatus) -> PartWords:
    """Return what the disk still allows."""
    level, word, detail = _DISK.get(queue.storage, _DISK["warn"])
    return PartWords(name=_("Đĩa"), level=level, word=_(word), detail=_(detail) if detail else "")


def clock_words(queue: QueueStatus) -> PartWords | None:
    """Return how far this clock is off, or None while the backend was never heard."""
    skew = queue.clock_skew_s
    if skew is None:
        return None
    if abs(skew) <= SKEW_S:
        return PartWords(name=_("Đồng hồ"), level="ok", word=_("Đúng"))
    way = (
        _("Nhanh {time} so với máy chủ. Chỉnh lại giờ.")
        if skew > 0
        else _("Chậm {time} so với máy chủ. Chỉnh lại giờ.")
    )
    return PartWords(
        name=_("Đồng hồ"), level="warn", word=_("Lệch giờ"), detail=way.format(time=_age(abs(skew)))
    )


def _age(seconds: float) -> str:
    if seconds < LONG_S:
        return _("{n} phút").format(n=round(seconds / MINUTE_S))
    if seconds < 2 * 24 * HOUR_S:
        return _("{n} giờ").format(n=round(seconds / HOUR_S))
    return _("{n} ngày").format(n=round(seconds / HOUR_S / 24))
