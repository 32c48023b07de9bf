"""Everything that a conformance trial judges, in one table: ``docs/conformance.md`` lists exactly these.

Owns names, expectations and their sources. Refuses to judge: ``probes`` does for an axis, ``referee`` for software
that connects to one.
"""

from __future__ import annotations

from dataclasses import dataclass

QCVN = "QCVN 102:2016/BTTTT"
STATUSES = "QĐ 28/2018/QĐ-TTg"
VXP = "VXP"
SAFE = "VXP, vận hành"
ND30 = "NĐ 30/2020/NĐ-CP"


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


def _group(group: str, *rows: tuple[str, str, str, str]) -> tuple[Item, ...]:
    return tuple(Item(name, group, vi, en, source) for name, vi, en, source in rows)


_CALLS = _group(
    "calls",
    (
        "call-signed",
        "Mọi lời gọi đều có chữ ký HMAC-SHA256 đúng và phần đầu khớp nội dung đã ký",
        "every call carries a valid HMAC-SHA256 signature and headers that equal the signed text",
        VXP,
    ),
    (
        "call-clock",
        "Thời điểm trong lời gọi lệch không quá một ngày so với đồng hồ của trục",
        "the time stamp of every call is within one day of the axis' clock",
        VXP,
    ),
    (
        "call-hash",
        "hash-file của mọi gói tin gửi lên khớp nội dung (đủ số 0 hoặc kiểu SDK bỏ số 0)",
        "hash-file of every packet sent fits its bytes, padded or in the SDK's unpadded spelling",
        VXP,
    ),
    (
        "call-sender",
        "Mã đơn vị gửi trong lời gọi và trong gói tin đều thuộc hệ thống đang gọi",
        "the sender named in the call and in the packet belongs to the calling system",
        VXP,
    ),
    (
        "poll-both",
        "Hỏi cả danh sách văn bản (edoc) và danh sách trạng thái (status)",
        "asks for both lists, documents and statuses",
        VXP,
    ),
    (
        "agency-list",
        "Lấy danh mục cơ quan từ trục",
        "fetches the list of agencies from the axis",
        VXP,
    ),
)

RELAY = "RFC 9421, RFC 9530; docs/axis-api.md"
_MODERN = _group(
    "modern",
    (
        "modern-signed",
        "Mọi lời gọi cửa hiện đại có chữ ký thông điệp đúng, bao gồm đủ thành phần và mã băm nội dung, không dùng lại",
        "every call of the modern door carries a fresh message signature over all it must cover and the body's digest",
        RELAY,
    ),
    (
        "modern-key-once",
        "Mỗi gói tin một Idempotency-Key; gửi lại vẫn dùng khóa đó",
        "one Idempotency-Key per packet, the same when it is sent again",
        RELAY,
    ),
    (
        "modern-wait",
        "Chờ tin (/wait) kèm known của lần trả lời trước",
        "waits (/wait) with the state that it was told before",
        RELAY,
    ),
    (
        "modern-delta",
        "Lấy danh mục cơ quan từ phiên bản đã có, không lấy lại cả danh mục mỗi lần",
        "asks for the agency list from the version it has, not for all of it each time",
        RELAY,
    ),
)

_RECEIVING = _group(
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

_CHANGES = _group(
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

_LINE = _group(
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

_DOUBTFUL = _group(
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

_SENDING = _group(
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

_CODES = {
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

_REPORTS = _group(
    "reports",
    *(
        (
            f"out-{code}",
            f"Gửi trạng thái {code} ({vi}) đúng DocumentId" + (", có lý do" if code in NEEDS_REASON else ""),
            f"sends status {code} ({en}) with exactly the DocumentId"
            + (" and a reason" if code in NEEDS_REASON else ""),
            STATUSES,
        )
        for code, (vi, en) in _CODES.items()
    ),
)

_ANSWERS = _group(
    "answers",
    *(
        (
            f"in-{code}",
            f"Nhận trạng thái {code} ({vi}) và báo done",
            f"takes in status {code} ({en}) and acknowledges it",
            STATUSES,
        )
        for code, (vi, en) in _CODES.items()
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

_REFUSALS = _group(
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

SERVE = (
    *_CALLS,
    *_MODERN,
    *_RECEIVING,
    *_CHANGES,
    *_LINE,
    *_DOUBTFUL,
    *_SENDING,
    *_REPORTS,
    *_ANSWERS,
    *_REFUSALS,
)
"""What ``serve`` judges of software that connects to an axis."""

_AXIS_CALLS = _group(
    "axis-calls",
    (
        "axis-hmac",
        "Lời gọi có chữ ký sai bị từ chối",
        "a call with a wrong signature is refused",
        VXP,
    ),
    (
        "axis-stranger",
        "SystemId lạ bị từ chối, với cùng câu trả lời như chữ ký sai",
        "an unknown system id is refused with the same answer as a wrong signature",
        SAFE,
    ),
    (
        "axis-altered",
        "Tham số bị đổi sau khi ký bị từ chối",
        "an argument changed after signing is refused",
        VXP,
    ),
    (
        "axis-unsigned",
        "Lời gọi thiếu phần đầu đã ký bị từ chối bằng câu trả lời, không phải lỗi HTTP 5xx",
        "a call without the signed headers is refused with an answer, not an error of the server",
        VXP,
    ),
    (
        "axis-old-time",
        "Thời điểm cũ hai ngày bị từ chối",
        "a time stamp two days old is refused",
        VXP,
    ),
    (
        "axis-future-time",
        "Thời điểm sớm hai ngày bị từ chối",
        "a time stamp two days ahead is refused",
        VXP,
    ),
    (
        "axis-header-order",
        "Thứ tự tên trong phần đã ký tùy ý, như SDK Java gửi",
        "the signed names may stand in any order, as the Java SDK sends them",
        VXP,
    ),
    (
        "axis-sticky",
        "Tham số thừa của lời gọi trước (thói quen của SDK) được bỏ qua; docId và docid phân biệt",
        "arguments left over from an earlier call are let pass; docId and docid are told apart",
        VXP,
    ),
    (
        "axis-expect",
        "Lời gọi với Expect: 100-continue được trả lời",
        "a call with Expect: 100-continue is answered",
        VXP,
    ),
)

_AXIS_SENDING = _group(
    "axis-sending",
    (
        "axis-accept",
        "sendEdoc nhận gói đúng: OK, ErrorCode 0, có DocId",
        "sendEdoc takes a good packet: OK, ErrorCode 0, a DocId",
        VXP,
    ),
    (
        "axis-repeat",
        "Gửi lại cùng gói: không tạo bản thứ hai, trả lại DocId đầu tiên",
        "the same packet again: no second delivery, the first DocId",
        SAFE,
    ),
    (
        "axis-replay",
        "Phát lại nguyên vẹn một lời gọi cũ không tạo thêm gói tin",
        "a recorded call played again makes no second delivery",
        SAFE,
    ),
    (
        "axis-padded",
        "hash-file đủ số 0 được nhận",
        "a padded hash-file is taken",
        VXP,
    ),
    (
        "axis-unpadded",
        "hash-file bỏ số 0 (kiểu SDK Java) được nhận",
        "the Java SDK's unpadded hash-file is taken",
        VXP,
    ),
    (
        "axis-crlf",
        "CRLF thừa sau gói tin (kiểu SDK Java) được bỏ qua",
        "the CRLF that the Java SDK adds after the packet is left out",
        VXP,
    ),
    (
        "axis-wrong-hash",
        "hash-file không khớp nội dung bị từ chối",
        "a hash-file that does not fit the body is refused",
        VXP,
    ),
    (
        "axis-unknown-receiver",
        "Mã bên nhận không tồn tại bị từ chối, HTTP 200 và FAIL",
        "an unknown receiver is refused with HTTP 200 and FAIL",
        VXP,
    ),
    (
        "axis-other-sender",
        "Gửi dưới mã của hệ thống khác bị từ chối",
        "sending as an agency of another system is refused",
        VXP,
    ),
    (
        "axis-from-mismatch",
        "From trong gói khác mã đã đăng ký bị từ chối",
        "a packet whose From is not the caller's is refused",
        VXP,
    ),
    (
        "axis-not-edxml",
        "Nội dung không phải edXML bị từ chối",
        "a body that is no edXML is refused",
        VXP,
    ),
    (
        "axis-entities",
        "Gói có DOCTYPE bị từ chối, trục vẫn chạy",
        "a packet with a DOCTYPE is refused and the axis lives on",
        "OWASP XXE",
    ),
    (
        "axis-too-large",
        "Gói vượt giới hạn bị từ chối bằng câu trả lời, không đứt kết nối",
        "a packet over the limit is refused with an answer",
        SAFE,
    ),
    (
        "axis-changes",
        "Gói thu hồi, cập nhật cùng DocumentId được chuyển, không bị coi là trùng",
        "a recall and an update under the same DocumentId are carried, not taken for repetitions",
        QCVN,
    ),
)

_AXIS_HANDING = _group(
    "axis-handing",
    (
        "axis-listed",
        "Gói tin hiện trong danh sách của đúng bên nhận, đủ docId, from, to, messageType, status",
        "the packet is listed for its recipient with docId, from, to, messageType and status",
        VXP,
    ),
    (
        "axis-only-theirs",
        "Gói tin không hiện ở hệ thống khác; hệ thống khác không tải, không báo nhận được",
        "nobody but its recipient lists, downloads or acknowledges a packet",
        SAFE,
    ),
    (
        "axis-until-done",
        "Gói tin hiện lại ở mỗi lần hỏi cho đến khi báo done hoặc fail",
        "a packet is listed again until done or fail",
        VXP,
    ),
    (
        "axis-processing",
        "Báo processing: gói vẫn còn trong danh sách",
        "after processing the packet is still listed",
        VXP,
    ),
    (
        "axis-done",
        "Báo done: gói rời danh sách; báo lại done không lỗi",
        "after done it is gone from the list; done again is no error",
        VXP,
    ),
    (
        "axis-fail",
        "Báo fail kèm mô tả: gói rời danh sách, bên gửi thấy trạng thái fail",
        "after fail it is gone from the list and the sender sees it",
        VXP,
    ),
    (
        "axis-same-bytes",
        "Nội dung giao đúng từng byte như nội dung gửi",
        "what is handed over is byte for byte what was sent",
        SAFE,
    ),
    (
        "axis-both-downloads",
        "getEdoc và downloadEdoc cho cùng nội dung",
        "getEdoc and downloadEdoc give the same bytes",
        VXP,
    ),
    (
        "axis-counts",
        "countReceiveEdoc và countReceiveStatus khớp với danh sách",
        "the two counts agree with the lists",
        VXP,
    ),
    (
        "axis-status",
        "Gói trạng thái được chuyển theo ResponseFor/OrganId, chỉ hiện ở danh sách status",
        "a status goes where ResponseFor/OrganId points, into the list of statuses only",
        QCVN,
    ),
    (
        "axis-all-statuses",
        "Mọi mã trạng thái 01–06, 13, 15, 16 và mã lạ đều được chuyển",
        "every status code (01–06, 13, 15, 16, and an unknown one) is carried",
        STATUSES,
    ),
    (
        "axis-sent-list",
        "getSentEdocList cho bên gửi thấy từng bên nhận và trạng thái; hệ thống khác không thấy",
        "getSentEdocList shows the sender each recipient and its state, and nobody else",
        VXP,
    ),
    (
        "axis-unknown-id",
        "Tải docId không tồn tại bị từ chối bằng câu trả lời",
        "an unknown docId is refused with an answer",
        VXP,
    ),
)

_AXIS_LIST = _group(
    "axis-list",
    (
        "axis-agencies",
        "getAgenciesList có mã của hai hệ thống thử, mỗi dòng có code và name",
        "getAgenciesList holds the codes under trial, each row with code and name",
        VXP,
    ),
    (
        "axis-agencies-qd20",
        "getAgenciesListQD20 trả danh sách theo cấp",
        "getAgenciesListQD20 answers the agencies of a level",
        VXP,
    ),
    (
        "axis-units",
        "getSynchronizeUnit trả danh sách có version và deleted",
        "getSynchronizeUnit answers rows with version and deleted",
        VXP,
    ),
    (
        "axis-register",
        "registerAgency thêm cơ quan dưới mã của mình, deleteAgency bỏ đi; mã của hệ thống khác bị từ chối",
        "registerAgency adds an agency below one's own, deleteAgency takes it off; another system's code is refused",
        VXP,
    ),
)

_AXIS_MODERN = _group(
    "axis-modern",
    (
        "relay-unsigned",
        "Lời gọi không có chữ ký thông điệp, hoặc ký bằng khóa lạ, bị từ chối (401)",
        "a call without a message signature, or by an unknown key, is refused (401)",
        RELAY,
    ),
    (
        "relay-altered",
        "Đường dẫn bị sửa sau khi ký bị từ chối",
        "a path changed after signing is refused",
        RELAY,
    ),
    ("relay-old", "Chữ ký đã hết hạn bị từ chối", "an expired signature is refused", RELAY),
    ("relay-replay", "Phát lại lời gọi đã ký bị từ chối", "a signed call played again is refused", RELAY),
    (
        "relay-digest",
        "Nội dung khác Content-Digest bị từ chối, không có gói tin nào được nhận",
        "a body that is not that of Content-Digest is refused and nothing accepted",
        RELAY,
    ),
    (
        "relay-same-key",
        "Cùng Idempotency-Key, cùng nội dung: cùng câu trả lời, một bản ở bên nhận",
        "the same Idempotency-Key and body: the same answer, one packet at the recipient",
        RELAY,
    ),
    (
        "relay-other-body",
        "Cùng Idempotency-Key, nội dung khác: bị từ chối",
        "the same Idempotency-Key with another body is refused",
        RELAY,
    ),
    (
        "relay-range",
        "Tải tiếp từ giữa gói tin (Range): đúng phần còn lại, Repr-Digest của cả gói",
        "a download goes on in the middle (Range): the rest, with Repr-Digest of the whole",
        RELAY,
    ),
    (
        "relay-state",
        "Báo done qua cửa hiện đại: gói rời danh sách của cả hai cửa, bên gửi thấy done",
        "done over the modern door: gone from the lists of both doors, and the sender sees it",
        RELAY,
    ),
    (
        "relay-only-theirs",
        "Hệ thống khác không tải, không báo nhận được gói tin (404)",
        "another system neither downloads nor acknowledges a packet (404)",
        RELAY,
    ),
    (
        "relay-wait",
        "Chờ tin trả lời ngay khi có gói tin chưa biết; đã biết thì chờ hết thời gian",
        "a wait answers at once when something new waits, and takes its time for what is known",
        RELAY,
    ),
    (
        "relay-delta",
        "Danh mục từ phiên bản mới nhất không có gì thêm; từ 0 có đủ",
        "the agency list from its last version on is empty, from 0 whole",
        RELAY,
    ),
)

RUN = (*_AXIS_CALLS, *_AXIS_SENDING, *_AXIS_HANDING, *_AXIS_LIST, *_AXIS_MODERN)
"""What ``run`` judges of an axis."""
