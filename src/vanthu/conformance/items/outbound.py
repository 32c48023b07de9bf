"""What is judged of software that sends: letters, statuses both ways, refusals and faults while sending."""

from __future__ import annotations

from vanthu.conformance.items.base import QCVN, SAFE, STATUSES, group

SENDING = group(
    "sending",
    (
        "out-document",
        "Gửi văn bản đúng quy chuẩn edXML",
        "sends a document that keeps to the standard",
        QCVN,
    ),
    (
        "out-files",
        "Tệp đính kèm gửi đi đọc được, không hỏng",
        "the attachments that it sends can be read and are whole",
        QCVN,
    ),
    (
        "out-trace",
        "TraceHeader đầu tiên mang mã bên gửi",
        "the first TraceHeader names the sender",
        QCVN,
    ),
    (
        "out-reply",
        "Gửi văn bản phúc đáp dẫn đúng DocumentId đã nhận",
        "sends a reply that names the DocumentId it received",
        QCVN,
    ),
    (
        "out-recall",
        "Gửi gói thu hồi dẫn đúng văn bản đã gửi",
        "sends a recall of a document it sent",
        QCVN,
    ),
    (
        "out-update",
        "Gửi gói cập nhật dẫn đúng văn bản đã gửi",
        "sends an update of a document it sent",
        QCVN,
    ),
    (
        "out-replace",
        "Gửi gói thay thế dẫn đúng văn bản đã gửi",
        "sends a replacement of a document it sent",
        QCVN,
    ),
    (
        "out-take-back",
        "Gửi trạng thái 13 (lấy lại) có lý do, dẫn đúng văn bản đã gửi",
        "sends status 13 with a reason about a document it sent",
        STATUSES,
    ),
    (
        "out-no-secret",
        "Không gói tin nào mang dấu hiệu bí mật nhà nước",
        "no packet carries a mark of state secrecy",
        "Luật Bảo vệ bí mật nhà nước 2018",
    ),
)

CODES = {
    "01": ("Đã đến", "arrived"),
    "02": ("Từ chối tiếp nhận", "refused"),
    "03": ("Đã tiếp nhận", "taken in"),
    "04": ("Phân công xử lý", "assigned"),
    "05": ("Đang xử lý", "in progress"),
    "06": ("Hoàn thành", "completed"),
    "15": ("Đồng ý cập nhật, lấy lại", "change agreed"),
    "16": ("Từ chối cập nhật, lấy lại", "change refused"),
}
NEEDS_REASON = ("02", "13", "16")

REPORTS = group(
    "reports",
    *(
        (
            f"out-{code}",
            f"Gửi trạng thái {code} ({vi}) đúng DocumentId" + (", có lý do" if code in NEEDS_REASON else ""),
            f"sends status {code} ({en}) with exactly the DocumentId"
            + (" and a reason" if code in NEEDS_REASON else ""),
            STATUSES,
        )
        for code, (vi, en) in CODES.items()
    ),
)

ANSWERS = group(
    "answers",
    *(
        (
            f"in-{code}",
            f"Nhận trạng thái {code} ({vi}) và báo done",
            f"takes in status {code} ({en}) and acknowledges it",
            STATUSES,
        )
        for code, (vi, en) in CODES.items()
    ),
    (
        "in-mixed",
        "Trạng thái đến đảo thứ tự và lặp lại (06, 05, 01, 01, 03): nhận đủ, báo done",
        "statuses out of order and repeated (06, 05, 01, 01, 03): takes all and acknowledges",
        STATUSES,
    ),
    (
        "in-late",
        "Trạng thái đến muộn, mang thời điểm cũ: vẫn nhận và báo done",
        "a status that comes late with an earlier time: taken in and acknowledged",
        STATUSES,
    ),
)

PERMANENT = {
    "10": ("gói tin hỏng", "bad file"),
    "18": ("đơn vị nhận không tồn tại", "unknown receiver"),
    "19": ("đơn vị gửi chưa đăng ký", "unknown sender"),
    "21": ("lỗi xử lý tệp", "file could not be processed"),
    "22": ("sai định dạng edXML", "wrong edXML"),
    "23": ("đơn vị nhận bị khóa", "locked receiver"),
    "40": ("tham số không hợp lệ", "wrong argument"),
    "42": ("gói tin quá lớn", "too large"),
    "43": ("không được phép", "not allowed"),
    "50": ("gói tin chuyển vòng giữa các trục", "routing loop"),
}
"""Refusals that the same packet meets again: it must not be sent on and on."""

PASSING = {
    "15": ("sai thời điểm hoặc khóa", "wrong time or key"),
    "20": ("lỗi hệ thống trục", "the axis' own fault"),
    "44": ("vượt hạn mức, kèm Retry-After", "over the limit, with Retry-After"),
    "45": ("hàng chờ bên nhận đầy", "the recipient's queue is full"),
}
"""Refusals that go away: the same packet is sent again, under the same DocumentId."""

REFUSALS = group(
    "refusals",
    (
        "lost-receipt",
        "Trục đã nhận nhưng kết nối đứt trước khi trả lời: gửi lại cùng DocumentId, không tạo bản thứ hai",
        "the packet was accepted but the answer lost: sends again under the same DocumentId, no duplicate",
        SAFE,
    ),
    (
        "send-500",
        "sendEdoc trả HTTP 500: gửi lại cùng DocumentId",
        "HTTP 500: sends again under the same DocumentId",
        SAFE,
    ),
    (
        "send-503",
        "sendEdoc trả HTTP 503: gửi lại cùng DocumentId",
        "HTTP 503: sends again under the same DocumentId",
        SAFE,
    ),
    (
        "send-401",
        "sendEdoc trả HTTP 401 bằng văn bản thường: giữ lại và gửi lại cùng DocumentId",
        "401 in plain text: keeps the packet and sends it again under the same DocumentId",
        SAFE,
    ),
    (
        "send-slow",
        "sendEdoc trả lời chậm: chờ, hoặc gửi lại cùng DocumentId",
        "a slow answer: waits, or sends again under the same DocumentId",
        SAFE,
    ),
    *(
        (
            f"fail-{code}",
            f"FAIL mã {code} ({vi}): gửi lại sau, cùng DocumentId",
            f"FAIL {code} ({en}): sends again later under the same DocumentId",
            SAFE,
        )
        for code, (vi, en) in PASSING.items()
    ),
    *(
        (
            f"fail-{code}",
            f"FAIL mã {code} ({vi}): dừng và báo người dùng, không gửi lại mãi",
            f"FAIL {code} ({en}): stops and tells its user, does not send on and on",
            SAFE,
        )
        for code, (vi, en) in PERMANENT.items()
    ),
)
