"""What an item of a conformance trial is, the groups they stand in, and the texts that they follow from."""

from __future__ import annotations

from dataclasses import dataclass

QCVN = "QCVN 102:2016/BTTTT"
STATUSES = "QĐ 28/2018/QĐ-TTg"
VXP = "VXP"
SAFE = "VXP, vận hành"
ND30 = "NĐ 30/2020/NĐ-CP"
RELAY = "RFC 9421, RFC 9530; docs/axis-api.md"


@dataclass(frozen=True)
class Item:
    """One thing to be judged: a stable ``id``, what is expected in Vietnamese and in English, where that stands."""

    id: str
    group: str
    vi: str
    en: str
    source: str


GROUPS = {
    "calls": ("Lời gọi", "Calls"),
    "modern": ("Cửa hiện đại (/axis/v2)", "Modern door (/axis/v2)"),
    "receiving": ("Nhận văn bản", "Receiving"),
    "changes": ("Thu hồi, cập nhật, thay thế, lấy lại: bên nhận", "Changes of received documents"),
    "line": ("Sự cố đường truyền khi nhận", "Faults of the line while receiving"),
    "doubtful": ("Gói tin xấu", "Bad packets"),
    "sending": ("Gửi văn bản", "Sending"),
    "reports": ("Trạng thái gửi đi", "Statuses sent"),
    "answers": ("Trạng thái nhận về", "Statuses received"),
    "refusals": ("Sự cố khi gửi", "Faults while sending"),
    "axis-calls": ("Trục: lời gọi", "Axis: calls"),
    "axis-sending": ("Trục: nhận gói tin gửi lên", "Axis: taking packets in"),
    "axis-handing": ("Trục: giao gói tin", "Axis: handing packets over"),
    "axis-list": ("Trục: danh mục cơ quan", "Axis: list of agencies"),
    "axis-modern": ("Trục: cửa hiện đại (/axis/v2)", "Axis: modern door (/axis/v2)"),
}


def group(name: str, *rows: tuple[str, str, str, str]) -> tuple[Item, ...]:
    """Rows of id, Vietnamese, English and source as items of one group."""
    return tuple(Item(row_id, name, vi, en, source) for row_id, vi, en, source in rows)
