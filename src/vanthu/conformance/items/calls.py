"""What every trial of software that connects to an axis shows: its calls, over VXP and over the modern door."""

from __future__ import annotations

from vanthu.conformance.items.base import RELAY, VXP, group

CALLS = group(
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

MODERN = group(
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
