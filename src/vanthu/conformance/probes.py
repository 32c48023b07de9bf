"""What an axis must do, each item tried by real calls: the checks behind ``vanthu conformance run``.

Every function is named after its item in ``items``, raises :class:`Wrong` when it sees something else, and returns a
sentence about what it saw. Refuses to know how a report looks.
"""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from vanthu.conformance import letters
from vanthu.conformance.trial import NotTried, Sent, Trial, Wrong, accepted, refused
from vanthu.conformance.wire import Reply
from vanthu.edxml import BusinessType, write
from vanthu.edxml.codes import StatusCode
from vanthu.vxp import signature, unpadded
from vanthu.vxp.headers import HASH_FILE, JSON_TYPE, PREFIX, SIGN_HASH, SIGN_KEYS, SIGN_TEXT
from vanthu.vxp.rows import text_of

Probe = Callable[[Trial], str]
PROBES: dict[str, Probe] = {}
LIST = "getAgenciesList"
EXPECT_SECONDS = 10.0


def probe(function: Probe) -> Probe:
    """Take a function in as the check of the item it is named after."""
    PROBES[function.__name__.replace("_", "-")] = function
    return function


# --- calls


@probe
def axis_hmac(trial: Trial) -> str:
    return refused(trial.one.wire.call(LIST, secret="khong-phai-khoa-nay"))  # noqa: S106 - wrong on purpose


@probe
def axis_stranger(trial: Trial) -> str:
    stranger = trial.one.wire.call(LIST, system_id="KHONG-CO-HE-THONG-NAY")
    wrong = trial.one.wire.call(LIST, secret="khong-phai-khoa-nay")  # noqa: S106 - wrong on purpose
    said = refused(stranger)
    if (stranger.http_status, stranger.told) != (wrong.http_status, wrong.told):
        raise Wrong(f"SystemId lạ được trả lời khác với chữ ký sai: {stranger.told} / {wrong.told}")
    return said


@probe
def axis_altered(trial: Trial) -> str:
    def spoil(headers: dict[str, str]) -> None:
        headers[PREFIX + "messagetype"] = "status"

    arguments = {"servicetype": "eDoc", "messagetype": "edoc"}
    return refused(trial.one.wire.call("getReceivedEdocList", arguments, spoil=spoil))


@probe
def axis_unsigned(trial: Trial) -> str:
    return refused(trial.one.wire.send(LIST, {"Content-Type": JSON_TYPE}))


@probe
def axis_old_time(trial: Trial) -> str:
    return refused(trial.one.wire.call(LIST, at=trial.days(-2)))


@probe
def axis_future_time(trial: Trial) -> str:
    return refused(trial.one.wire.call(LIST, at=trial.days(2)))


@probe
def axis_header_order(trial: Trial) -> str:
    def turned(headers: dict[str, str]) -> None:
        pairs = json.loads(headers[SIGN_TEXT])
        _sign_again(trial, headers, dict(reversed(pairs.items())))

    accepted(trial.one.wire.call("getAgenciesListQD20", {"level": "1"}, spoil=turned))
    return "nhận thứ tự đảo ngược"


@probe
def axis_sticky(trial: Trial) -> str:
    sent = trial.deliver()
    call = trial.other.wire.call
    left_over = {
        "docId": "mot-goi-khac",
        "docid": sent.received_id,
        "status": "done",
        "from": trial.other.code,
    }
    accepted(call("updateStatus", left_over, b"{}"))
    if sent.received_id in trial.ids(trial.other):
        raise Wrong("updateStatus lấy nhầm docId của lời gọi trước thay cho docid")
    return "bỏ qua tham số thừa, dùng đúng docid"


@probe
def axis_expect(trial: Trial) -> str:
    where = urlsplit(trial.one.wire.endpoint)
    if where.scheme not in ("http", "https") or not where.hostname:
        raise NotTried("cần địa chỉ http(s) thật")
    try:
        status = _with_expect(trial, where.scheme == "https", where.hostname, where.port, where.path)
    except OSError as error:
        raise NotTried(f"không mở được kết nối riêng: {type(error).__name__}") from None
    if " 200 " not in status and " 100 " not in status:
        raise Wrong(f"trả lời: {status}")
    return f"trả lời: {status}"


# --- sending


@probe
def axis_accept(trial: Trial) -> str:
    reply = accepted(trial.send(write(trial.letter(to=trial.other.code))))
    if not text_of(reply.said, "DocId"):
        raise Wrong(f"không có DocId: {reply.told}")
    return reply.told


@probe
def axis_repeat(trial: Trial) -> str:
    before = set(trial.ids(trial.other))
    sent = trial.deliver()
    again = trial.send(sent.body)
    count = len(trial.new_rows(sent.body, before))
    if count != 1:
        raise Wrong(f"bên nhận có {count} bản của cùng một gói tin")
    if not again.ok:
        return f"không tạo bản thứ hai; lần sau bị từ chối: {again.told}"
    if text_of(again.said, "DocId") != sent.doc_id:
        raise Wrong(f"lần sau nhận DocId khác: {text_of(again.said, 'DocId')} / {sent.doc_id}")
    return "cùng DocId, một bản ở bên nhận"


@probe
def axis_replay(trial: Trial) -> str:
    before = set(trial.ids(trial.other))
    kept: dict[str, str] = {}
    sent = trial.deliver(spoil=kept.update)
    again = trial.one.wire.send("sendEdoc", kept, sent.body)
    count = len(trial.new_rows(sent.body, before))
    if count != 1:
        raise Wrong(f"phát lại lời gọi tạo ra {count} bản")
    return f"một bản; lần phát lại được trả lời: {again.told}"


@probe
def axis_padded(trial: Trial) -> str:
    body = _with_zero_byte(trial)
    trial.deliver_bytes(body, claimed=hashlib.sha256(body).hexdigest())
    return "nhận hash-file đủ 64 ký tự"


@probe
def axis_unpadded(trial: Trial) -> str:
    body = _with_zero_byte(trial)
    claimed = unpadded(hashlib.sha256(body).digest())
    trial.deliver_bytes(body, claimed=claimed)
    return f"nhận hash-file {len(claimed)} ký tự"


@probe
def axis_crlf(trial: Trial) -> str:
    trial.deliver(tail=b"\r\n")
    return "giao đúng gói tin, không có CRLF thừa"


@probe
def axis_wrong_hash(trial: Trial) -> str:
    return refused(trial.send(write(trial.letter()), claimed=hashlib.sha256(b"khac").hexdigest()))


@probe
def axis_unknown_receiver(trial: Trial) -> str:
    reply = trial.send(write(trial.letter(to=trial.unknown_code)))
    said = refused(reply)
    if reply.http_status != 200:
        raise Wrong(f"từ chối bằng HTTP {reply.http_status}, không phải HTTP 200 và FAIL")
    return said


@probe
def axis_other_sender(trial: Trial) -> str:
    packet = replace(trial.letter(), sender=trial.other.organization)
    return refused(trial.send(write(packet), sender=trial.other.code))


@probe
def axis_from_mismatch(trial: Trial) -> str:
    packet = replace(trial.letter(), sender=replace(trial.one.organization, organ_id=trial.unknown_code))
    return refused(trial.send(write(packet)))


@probe
def axis_not_edxml(trial: Trial) -> str:
    return refused(trial.send(b"day khong phai XML"))


@probe
def axis_entities(trial: Trial) -> str:
    said = refused(trial.send(letters.entity_bomb(write(trial.letter()))))
    accepted(trial.one.wire.call(LIST))
    return said


@probe
def axis_too_large(trial: Trial) -> str:
    if not trial.too_large:
        raise NotTried("cần --too-large-mb lớn hơn giới hạn của trục")
    return refused(trial.send(b"<edXML>" + b" " * trial.too_large + b"</edXML>"))


@probe
def axis_changes(trial: Trial) -> str:
    first = trial.deliver()
    assert first.packet is not None
    for kind in (BusinessType.RECALL, BusinessType.UPDATE):
        change = letters.changed(first.packet, kind, "Thử nghiệm")
        before = set(trial.ids(trial.other))
        body = write(change)
        accepted(trial.send(body))
        if not trial.new_rows(body, before):
            raise Wrong(f"gói loại {kind.value} ({kind.label}) không tới bên nhận, có thể bị coi là trùng")
    return "gói loại 1 và 2 cùng DocumentId đều tới bên nhận"


# --- handing over


@probe
def axis_listed(trial: Trial) -> str:
    row = trial.deliver().row
    missing = [name for name in ("docId", "from", "to", "messageType", "status") if not text_of(row, name)]
    if missing:
        raise Wrong(f"dòng danh sách thiếu {', '.join(missing)}")
    if text_of(row, "from") != trial.one.code or trial.other.code not in text_of(row, "to"):
        raise Wrong(f"from {text_of(row, 'from')}, to {text_of(row, 'to')}")
    return f"from {text_of(row, 'from')}, to {text_of(row, 'to')}, status {text_of(row, 'status')}"


@probe
def axis_only_theirs(trial: Trial) -> str:
    sent = trial.deliver()
    if sent.received_id in trial.ids(trial.one):
        raise Wrong("gói tin hiện cả trong danh sách của bên gửi")
    asked = {"docId": sent.received_id, "filePath": "store"}
    for operation, verb in (("getEdoc", "POST"), ("downloadEdoc", "GET")):
        reply = trial.one.wire.call(operation, asked, verb=verb)
        if sent.body in reply.content or text_of(reply.said, "data"):
            raise Wrong(f"hệ thống khác tải được gói tin bằng {operation}")
    trial.acknowledge(trial.one, sent.received_id, "done")
    _waits(trial, sent, "hệ thống khác báo done được thay cho bên nhận")
    return "hệ thống khác không thấy, không tải, không báo nhận được"


@probe
def axis_until_done(trial: Trial) -> str:
    sent = trial.deliver()
    for _ in range(2):
        _waits(trial, sent, "gói tin chưa báo nhận đã rời danh sách")
    trial.download(trial.other, sent.received_id)
    _waits(trial, sent, "gói tin rời danh sách khi mới tải, chưa báo nhận")
    return "hiện lại ở ba lần hỏi, cả sau khi tải"


@probe
def axis_processing(trial: Trial) -> str:
    sent = trial.deliver()
    accepted(trial.acknowledge(trial.other, sent.received_id, "processing"))
    _waits(trial, sent, "gói tin rời danh sách sau khi báo processing")
    return "còn trong danh sách"


@probe
def axis_done(trial: Trial) -> str:
    sent = trial.deliver()
    _ended(trial, sent, "done")
    accepted(trial.acknowledge(trial.other, sent.received_id, "done"))
    return "rời danh sách; báo done lần nữa được nhận"


@probe
def axis_fail(trial: Trial) -> str:
    sent = trial.deliver()
    _ended(trial, sent, "fail", "Thu nghiem: khong doc duoc")
    states = [text_of(row, "receiveStatus") for row in trial.sent_rows(trial.one, sent.doc_id)]
    if "fail" not in [state.lower() for state in states]:
        raise Wrong(f"bên gửi thấy trạng thái {', '.join(states) or 'không có gì'}")
    return "rời danh sách, bên gửi thấy fail"


@probe
def axis_same_bytes(trial: Trial) -> str:
    packet = trial.letter(
        subject=f"Thử nghiệm dấu tiếng Việt: Đặng Thị Hằng, ẵ ỹ Ữ {trial.clock():%H%M%S%f}",
        files=(("phụ lục số 1.bin", bytes(range(256)) * 300),),
    )
    sent = trial.deliver(packet)
    reply = trial.other.wire.call(
        "downloadEdoc", {"docId": sent.received_id, "filePath": "store"}, verb="GET"
    )
    told = reply.headers.get(HASH_FILE, "").lower()
    if told and told != hashlib.sha256(sent.body).hexdigest():
        raise Wrong("hash-file của downloadEdoc không khớp nội dung")
    return f"{len(sent.body)} byte đúng như đã gửi"


@probe
def axis_both_downloads(trial: Trial) -> str:
    sent = trial.deliver()
    if trial.get(trial.other, sent.received_id) != sent.body:
        raise Wrong("getEdoc cho nội dung khác với nội dung đã gửi")
    if trial.download(trial.other, sent.received_id) != sent.body:
        raise Wrong("downloadEdoc cho nội dung khác với nội dung đã gửi")
    return "hai cách tải cho cùng nội dung"


@probe
def axis_counts(trial: Trial) -> str:
    trial.deliver()
    told = []
    for operation, kind in (("countReceiveEdoc", "edoc"), ("countReceiveStatus", "status")):
        count = text_of(accepted(trial.other.wire.call(operation, body=b"{}")).said, "count") or "0"
        listed = len(trial.rows(trial.other, kind))
        if count != str(listed):
            raise Wrong(f"{operation} trả {count}, danh sách có {listed}")
        told.append(f"{kind} {count}")
    return ", ".join(told)


@probe
def axis_status(trial: Trial) -> str:
    sent = trial.deliver_bytes(_status(trial, StatusCode.ARRIVED.value), kind="status")
    if sent.received_id in trial.ids(trial.other, "edoc"):
        raise Wrong("gói trạng thái hiện cả trong danh sách văn bản")
    return "chỉ hiện trong danh sách status của đơn vị ghi trong ResponseFor"


@probe
def axis_all_statuses(trial: Trial) -> str:
    codes = [*(code.value for code in StatusCode), "07"]
    for code in codes:
        try:
            trial.deliver_bytes(_status(trial, code), kind="status")
        except Wrong as wrong:
            raise Wrong(f"mã {code}: {wrong}") from None
    return f"đã chuyển {', '.join(codes)}"


@probe
def axis_sent_list(trial: Trial) -> str:
    sent = trial.deliver()
    rows = trial.sent_rows(trial.one, sent.doc_id)
    if [text_of(row, "toCode") for row in rows] != [trial.other.code]:
        raise Wrong(f"danh sách đã gửi có {len(rows)} dòng, không đúng bên nhận")
    accepted(trial.acknowledge(trial.other, sent.received_id, "done"))
    states = [text_of(row, "receiveStatus") for row in trial.sent_rows(trial.one, sent.doc_id)]
    if states != ["done"]:
        raise Wrong(f"sau khi bên nhận báo done, bên gửi thấy {states}")
    if trial.sent_rows(trial.other, sent.doc_id):
        raise Wrong("hệ thống khác cũng thấy danh sách đã gửi này")
    return "một dòng cho bên nhận, trạng thái done; hệ thống khác không thấy"


@probe
def axis_unknown_id(trial: Trial) -> str:
    return refused(trial.one.wire.call("getEdoc", {"docId": "khong-co-goi-nay", "filePath": "store"}, b"{}"))


# --- the list of agencies


@probe
def axis_agencies(trial: Trial) -> str:
    rows = accepted(trial.one.wire.call(LIST)).rows
    return _holds(trial, [text_of(row, "code") for row in rows if text_of(row, "name")])


@probe
def axis_agencies_qd20(trial: Trial) -> str:
    level = str(len(trial.one.code.split(".")))
    rows = accepted(trial.one.wire.call("getAgenciesListQD20", {"level": level})).rows
    codes = [text_of(row, "code") for row in rows]
    if trial.one.code not in codes:
        raise Wrong(f"cấp {level} có {len(codes)} dòng, không có {trial.one.code}")
    return f"cấp {level}: {len(codes)} dòng"


@probe
def axis_units(trial: Trial) -> str:
    rows = accepted(trial.one.wire.call("getSynchronizeUnit")).rows
    plain = [row for row in rows if "version" not in row or "deleted" not in row]
    if plain:
        raise Wrong(f"{len(plain)} dòng không có version hoặc deleted")
    return _holds(trial, [text_of(row, "code") for row in rows])


@probe
def axis_register(trial: Trial) -> str:
    if not trial.register:
        raise NotTried("cần --register: mục này thêm rồi bỏ một cơ quan trong danh mục của trục")
    code = f"{trial.one.code}.{trial.mark}"
    accepted(_register(trial, code, trial.one.code))
    try:
        if code not in _listed_codes(trial):
            raise Wrong(f"{code} không hiện trong danh mục sau registerAgency")
        refused(_register(trial, f"{trial.other.code}.{trial.mark}", trial.other.code))
    finally:
        deleted = trial.one.wire.call("deleteAgency", {"AgencyCode": code}, b"{}")
    accepted(deleted)
    if code in _listed_codes(trial):
        raise Wrong(f"{code} vẫn trong danh mục sau deleteAgency")
    return f"đã thêm và bỏ {code}; không thêm được dưới {trial.other.code}"


def _waits(trial: Trial, sent: Sent, otherwise: str) -> None:
    """The packet is in its recipient's list; raises :class:`Wrong` with what else was seen."""
    if sent.received_id not in trial.ids(trial.other):
        raise Wrong(otherwise)


def _ended(trial: Trial, sent: Sent, state: str, description: str = "") -> None:
    """The recipient reports a final state, and the packet is gone from its list."""
    accepted(trial.acknowledge(trial.other, sent.received_id, state, description))
    if sent.received_id in trial.ids(trial.other):
        raise Wrong(f"gói tin vẫn trong danh sách sau khi báo {state}")


def _register(trial: Trial, code: str, parent: str) -> Reply:
    row = {"id": "", "pcode": parent, "code": code, "name": "Cơ quan thử nghiệm kết nối"}
    row |= {"mail": "", "mobile": "", "fax": ""}
    return trial.one.wire.call("registerAgency", body=json.dumps(row, ensure_ascii=False).encode())


def _listed_codes(trial: Trial) -> list[str]:
    return [text_of(row, "code") for row in accepted(trial.one.wire.call(LIST)).rows]


def _holds(trial: Trial, codes: list[str]) -> str:
    wanted = [side.code for side in trial.sides]
    missing = [code for code in wanted if code not in codes]
    if missing:
        raise Wrong(f"{len(codes)} dòng, không có {', '.join(missing)}")
    return f"{len(codes)} dòng, có {', '.join(wanted)}"


def _status(trial: Trial, code: str) -> bytes:
    packet = trial.letter()
    told = letters.about(packet, trial.other.code)
    return letters.status(trial.one.organization, told, code, trial.clock(), "Thử nghiệm kết nối")


def _with_zero_byte(trial: Trial) -> bytes:
    """A packet whose hash has a byte below 16, so that its two spellings differ."""
    while True:
        body = write(trial.letter())
        digest = hashlib.sha256(body).digest()
        if unpadded(digest) != digest.hex():
            return body


def _sign_again(trial: Trial, headers: dict[str, str], pairs: dict[str, str]) -> None:
    text = json.dumps(pairs, separators=(",", ":"))
    headers[SIGN_TEXT] = text
    headers[SIGN_KEYS] = ";".join(name.removeprefix(PREFIX) for name in pairs)
    headers[SIGN_HASH] = signature(trial.one.wire.secret, text.encode())


def _with_expect(trial: Trial, secure: bool, host: str, port: int | None, base: str) -> str:
    """The first line of the answer to a call that waits for "100 Continue" before its body."""
    headers = trial.one.wire.headers({}) | {
        "Host": host if port is None else f"{host}:{port}",
        "Expect": "100-continue",
        "Content-Length": "2",
        "Connection": "close",
    }
    head = f"POST {base}/{LIST} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
    with socket.create_connection((host, port or (443 if secure else 80)), EXPECT_SECONDS) as plain:
        line = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
        line.settimeout(EXPECT_SECONDS)
        line.sendall(head.encode("latin-1"))
        first = line.recv(4096).split(b"\r\n", 1)[0].decode("latin-1")
        if " 100 " not in first:
            return first
        line.sendall(b"{}")
        return line.recv(4096).split(b"\r\n", 1)[0].decode("latin-1")
