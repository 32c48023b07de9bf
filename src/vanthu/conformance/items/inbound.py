"""What is judged of software that receives: letters, changes of them, faults of the line, bad packets."""

from __future__ import annotations

from vanthu.conformance.items.base import ND30, QCVN, SAFE, STATUSES, group

RECEIVING = group(
    "receiving",
    (
        "done-after-whole",
        "Chỉ báo done sau khi đã tải trọn gói tin",
        "acknowledges done only after the whole packet was downloaded",
        SAFE,
    ),
    (
        "in-new",
        "Nhận văn bản mới có nhiều tệp đính kèm: tải, lưu, báo done",
        "takes in a new document with several attachments and acknowledges it",
        QCVN,
    ),
    (
        "in-arrived",
        "Báo trạng thái 01 cho văn bản đã nhận, đúng DocumentId",
        "reports 01 for a received document with exactly its DocumentId",
        STATUSES,
    ),
    (
        "in-reply",
        "Nhận văn bản phúc đáp (ResponseFor) cho văn bản mình đã gửi",
        "takes in a reply to a document it sent",
        QCVN,
    ),
    (
        "in-urgent",
        "Nhận văn bản hỏa tốc (Priority 3)",
        "takes in a document of highest urgency (Priority 3)",
        QCVN,
    ),
    (
        "in-many",
        "Danh sách rất dài: mọi gói tin đều được tải và báo done",
        "a very long list: every packet is fetched and acknowledged",
        SAFE,
    ),
)

CHANGES = group(
    "changes",
    (
        "in-update",
        "Nhận gói cập nhật (BussinessDocType 2) và trả lời 15 hoặc 16",
        "takes in an update (type 2) and answers 15 or 16",
        f"{QCVN}; {STATUSES}",
    ),
    (
        "in-recall",
        "Nhận gói thu hồi (BussinessDocType 1) và trả lời 15/16 (hoặc 03/02)",
        "takes in a recall (type 1) and answers 15 or 16 (03 or 02 in some systems)",
        f"{QCVN}; {STATUSES}",
    ),
    (
        "in-replace",
        "Nhận gói thay thế (BussinessDocType 3) như văn bản mới, báo 01",
        "takes in a replacement (type 3) like a new document and reports 01",
        QCVN,
    ),
    (
        "in-take-back",
        "Nhận trạng thái 13 (lấy lại) và trả lời 15 hoặc 16",
        "takes in status 13 (take back) and answers 15 or 16",
        STATUSES,
    ),
)

LINE = group(
    "line",
    (
        "list-500",
        "Danh sách trả HTTP 500: hỏi lại sau, không dừng",
        "the list answers HTTP 500: asks again later",
        SAFE,
    ),
    (
        "list-503",
        "Danh sách trả HTTP 503: hỏi lại sau, không dừng",
        "the list answers HTTP 503: asks again later",
        SAFE,
    ),
    (
        "list-401",
        "Danh sách trả HTTP 401 bằng văn bản thường: hỏi lại sau, không dừng",
        "the list answers 401 in plain text: asks again later",
        SAFE,
    ),
    (
        "list-fail",
        "Danh sách trả FAIL mã 20: hỏi lại sau, không dừng",
        "the list answers FAIL 20: asks again later",
        SAFE,
    ),
    (
        "list-clock",
        "Trục báo sai thời điểm (FAIL mã 15): gọi lại với thời điểm mới",
        "the axis refuses the call's time (FAIL 15): calls again with a new time stamp",
        SAFE,
    ),
    (
        "list-garbage",
        "Danh sách trả trang HTML thay cho JSON: hỏi lại sau, không dừng",
        "the list answers an HTML page instead of JSON: asks again later",
        SAFE,
    ),
    (
        "list-slow",
        "Danh sách trả lời chậm: vẫn tiếp tục hỏi",
        "the list answers slowly: goes on asking",
        SAFE,
    ),
    (
        "same-id-again",
        "Gói tin đã done lại hiện trong danh sách với docId cũ: báo done lại, không tạo văn bản thứ hai",
        "a packet that was acknowledged is listed again under its docId: acknowledges again, no second document",
        SAFE,
    ),
    (
        "other-id-again",
        "Cùng văn bản đến lần nữa với docId khác: báo done, không tạo văn bản thứ hai",
        "the same document comes again under another docId: acknowledges it, no second document",
        SAFE,
    ),
    (
        "ack-lost",
        "Mất kết nối khi đang báo done: báo lại, không tạo văn bản thứ hai",
        "the connection breaks during the acknowledgement: acknowledges again, no second document",
        SAFE,
    ),
    (
        "body-cut",
        "Kết nối đứt giữa lúc tải: không báo done, tải lại trọn gói",
        "the connection breaks during the download: no done, downloads again",
        SAFE,
    ),
    (
        "body-broken",
        "Nội dung tải về hỏng (không còn là XML): không báo done cho bản hỏng",
        "the downloaded bytes are damaged and no XML any more: no done for them",
        SAFE,
    ),
    (
        "body-other",
        "Nội dung tải về không khớp contentSha256 và hash-file: không báo done, tải lại",
        "the downloaded bytes do not fit contentSha256 and hash-file: no done, downloads again",
        SAFE,
    ),
)

DOUBTFUL = group(
    "doubtful",
    (
        "not-a-packet",
        "Nội dung không phải gói edXML: báo fail (hoặc done sau khi cách ly), không chặn gói sau",
        "the body is no edXML packet: acknowledged (fail, or done after quarantine), what follows is not blocked",
        SAFE,
    ),
    (
        "entity-bomb",
        "Gói có DOCTYPE và thực thể lồng nhau: từ chối, phần mềm vẫn chạy",
        "a packet with a DOCTYPE and nested entities: refused, the software lives on",
        "OWASP XXE",
    ),
    (
        "unknown-sender",
        "Bên gửi không có trong danh mục: vẫn báo done hoặc fail, không chặn gói sau",
        "a sender that is in no list: acknowledged, what follows is not blocked",
        SAFE,
    ),
    (
        "unknown-status",
        "Mã trạng thái lạ (07): vẫn báo done, không lỗi",
        "a status code nobody knows (07): acknowledged",
        STATUSES,
    ),
    (
        "orphan-status",
        "Trạng thái về văn bản không ai gửi: vẫn báo done",
        "a status about a document that nobody sent: acknowledged",
        SAFE,
    ),
    (
        "file-destroyed",
        "Tệp đính kèm đã hỏng từ trước: từ chối (02 có lý do hoặc fail), không tiếp nhận",
        "an attachment whose bytes were destroyed: refused with 02 or fail, not taken in",
        ND30,
    ),
    (
        "pdf-expired",
        "Chữ ký số ký sau khi chứng thư hết hạn: không tiếp nhận (02 có lý do)",
        "a PDF signed after its certificate expired: not taken in (02 with a reason)",
        f"{ND30}; NĐ 23/2025/NĐ-CP",
    ),
    (
        "pdf-unknown",
        "Chữ ký số của chứng thư tự cấp, ngoài hệ thống tin cậy: không tiếp nhận (02 có lý do)",
        "a PDF signed with a self-made certificate outside all trust: not taken in (02 with a reason)",
        f"{ND30}; NĐ 23/2025/NĐ-CP",
    ),
    (
        "pdf-altered",
        "PDF bị sửa sau khi ký: không tiếp nhận (02 có lý do)",
        "a PDF changed after it was signed: not taken in (02 with a reason)",
        f"{ND30}; NĐ 23/2025/NĐ-CP",
    ),
)
