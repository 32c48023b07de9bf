"""What is judged of an axis: its calls, taking packets in, handing them over, its list, its modern door."""

from __future__ import annotations

from vanthu.conformance.items.base import QCVN, RELAY, SAFE, STATUSES, VXP, group

_AXIS_CALLS = group(
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

_AXIS_SENDING = group(
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

_AXIS_HANDING = group(
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

_AXIS_LIST = group(
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

_AXIS_MODERN = group(
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
